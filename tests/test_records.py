"""Rows out of bytes: however the bytes are cut into pieces, the rows and their offsets are the same."""

from __future__ import annotations

import json
import tempfile
from itertools import pairwise
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from echoformat.errors import UsageError
from echoformat.rollouts import read_rollouts
from echoformat.rollouts.records import Fields, JsonDocument, JsonRows, Lines

Fault = tuple[str, int, int]

# orjson reads whole numbers of more than 64 bits as floats; no column of a log holds such.
WHOLE = st.integers(-(1 << 63), (1 << 64) - 1)
JSON = st.recursive(
    st.none() | st.booleans() | WHOLE | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
OBJECTS = st.lists(st.dictionaries(st.text(), JSON, max_size=4), max_size=6)


def objects(values: list[Any] | Fields) -> list[Any]:
    return values.rows() if isinstance(values, Fields) else values


def pieces(data: bytes, cuts: list[int]) -> list[bytes]:
    places = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    return [data[a:b] for a, b in pairwise(places)]


@given(st.binary(max_size=200).map(lambda b: b.replace(b"a", b"\n")), st.lists(st.integers(0, 10_000)))
def test_lines_are_those_of_the_whole(data: bytes, cuts: list[int]) -> None:
    faults: list[Fault] = []
    lines = Lines(pieces(data, cuts), lambda *fault: faults.append(fault))
    got = [(lines.number, lines.offset, line) for line in lines]
    expected, at = [], 0
    for number, line in enumerate(data.split(b"\n"), 1):
        expected.append((number, at, line))
        at += len(line) + 1
    if not expected[-1][2]:
        expected.pop()
    assert got == expected and not faults
    assert lines.open_end is (bool(data) and not data.endswith(b"\n"))


@given(st.lists(st.integers(0, 30), min_size=1, max_size=8), st.lists(st.integers(0, 10_000)))
def test_rows_above_the_cap_are_told_and_stepped_over(sizes: list[int], cuts: list[int]) -> None:
    cap = 10
    data = b"".join(b"x" * size + b"\n" for size in sizes)
    faults: list[Fault] = []
    lines = Lines(pieces(data, cuts), lambda *fault: faults.append(fault), cap=cap)
    got: dict[int, bytes] = {}
    for line in lines:
        got[lines.number] = line
    for number, size in enumerate(sizes, 1):
        told = any(fault[1] == number for fault in faults)
        assert told is (number not in got)
        assert size > cap if told else got[number] == b"x" * size


@given(OBJECTS, st.lists(st.integers(0, 10_000)))
def test_json_lines_in_any_pieces(objects: list[Any], cuts: list[int]) -> None:
    data = b"".join(json.dumps(one).encode() + b"\n" for one in objects)
    faults: list[Fault] = []
    bad = lambda *fault: faults.append(fault)  # noqa: E731
    rows = JsonRows(Lines(pieces(data, cuts), bad), bad)
    assert list(rows) == list(enumerate(objects, 1)) and not faults and rows.tail is None


LINE = st.sampled_from(
    [
        b'{"a": 1}',
        b'{"a": "x"}\r',
        b'{"a": NaN}',
        b'{"a": 1} {"b": 2}',
        b"[1, 2]",
        b"7",
        b"",
        b" ",
        b'{"a":',
        b'{"a": "b',
        b"1}",
        b'{"a": "\xff"}',
        b'\xef\xbb\xbf{"a": 1}',
        b"\0",
    ]
)


@given(st.lists(LINE, max_size=8), st.booleans(), st.lists(st.integers(0, 10_000)), st.sampled_from([5, 100]))
def test_many_lines_at_once_are_the_lines_one_by_one(
    rows: list[bytes], ends: bool, cuts: list[int], cap: int
) -> None:
    data = b"\n".join(rows) + b"\n" * ends
    one: list[Fault] = []
    many: list[Fault] = []
    single = JsonRows(Lines(pieces(data, cuts), lambda *f: one.append(f), cap), lambda *f: one.append(f))
    expected = list(single)
    block = JsonRows(Lines(pieces(data, cuts), lambda *f: many.append(f), cap), lambda *f: many.append(f))
    chunks = [(list(lines), values) for lines, values in block.chunks()]
    got = [pair for lines, values in chunks for pair in zip(lines, objects(values), strict=True)]
    assert repr(got) == repr(expected)
    assert many == one
    assert (block.tail, block.mended) == (single.tail, single.mended)
    places = [(lines.number, lines.offset, lines.open_end) for lines in (block.lines, single.lines)]
    assert places[0] == places[1]


def test_lines_that_parse_only_together_are_read_one_by_one() -> None:
    """Newlines for commas can make one value of two lines; the count of values tells."""
    data = b'{"a": [1\n2]}\n{"b": 1}\n'
    faults: list[Fault] = []
    rows = JsonRows(Lines([data], lambda *fault: faults.append(fault)), lambda *fault: faults.append(fault))
    assert [value for _, values in rows.chunks() for value in objects(values)] == [2, {"b": 1}]
    assert [(line, offset) for _, line, offset in faults] == [(1, 0), (2, 9)]


@given(OBJECTS, st.lists(st.integers(0, 10_000)), st.sampled_from([None, 2]), st.booleans())
def test_json_documents_in_any_pieces(
    objects: list[Any], cuts: list[int], indent: int | None, array: bool
) -> None:
    texts = [json.dumps(one, indent=indent, ensure_ascii=False) for one in objects]
    text = f"[{','.join(texts)}]" if array else "".join(texts)
    data = text.encode("utf-8", "surrogatepass")
    document = JsonDocument(pieces(data, cuts))
    got = [value for _, value in document]
    if "\ufffd" not in json.dumps(got, ensure_ascii=False):
        assert got == objects
    assert document.fault is None


@settings(max_examples=60, deadline=None)
@given(
    st.binary(max_size=400)
    | st.tuples(OBJECTS, st.integers(0, 400), st.binary(max_size=8)).map(
        lambda made: (data := json.dumps(made[0]).encode())[: made[1]] + made[2] + data[made[1] :]
    ),
    st.sampled_from(
        [".jsonl", ".json", ".csv", ".parquet", ".pt", ".eval", ".jsonl.gz", ".arrow", ".jsonl.zst"]
    ),
    st.sampled_from(
        [b"", b"PAR1", b"PK\x03\x04", b"\x1f\x8b\x08\x00", b"ARROW1\0\0", b"\xff\xff\xff\xff", b"BZh9"]
    ),
)
def test_any_bytes_are_read_or_refused(data: bytes, suffix: str, magic: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"x{suffix}"
        path.write_bytes(magic + data)
        try:
            log = read_rollouts(path)
        except UsageError:
            return
        rows = list(log)
        assert log.report.rows == len(rows)
        json.dumps(log.report.to_dict())
