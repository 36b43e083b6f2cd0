"""Records read into columns by the compiled part are those that the twin reads one by one."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from echoformat.compiled import native
from echoformat.rollouts import flat_blocks, records, samples
from echoformat.rollouts.records import Fields, JsonRows, LineBlock, Lines

compiled = native()
pytestmark = pytest.mark.skipif(compiled is None, reason="the compiled part is not built")


def exact(value: Any) -> Any:
    """A value with its type, so that 1, 1.0 and True, or 0.0 and -0.0, are told apart."""
    if isinstance(value, dict):
        return [(name, exact(one)) for name, one in value.items()]
    if isinstance(value, list):
        return [exact(one) for one in value]
    return type(value).__name__, repr(value)


def block(data: bytes, *cuts: int) -> LineBlock:
    places = [0, *cuts, len(data)]
    pieces = tuple(data[a:b] for a, b in pairwise(places))
    return LineBlock(1, 0, data.count(b"\n") + 1, (*pieces[:-1], memoryview(pieces[-1])))


def read(data: bytes, *cuts: int) -> list[dict[str, Any]] | None:
    found = records._fields(block(data, *cuts))
    return None if found is None else found.rows()


def twin(data: bytes) -> list[Any] | None:
    try:
        return [records._fast_loads(line) for line in data.split(b"\n")]
    except (ValueError, RecursionError):
        return None


def rows_of(data: bytes, chunk: int) -> tuple[list[tuple[int, Any]], list[Any], Any]:
    """All that the reader says of some bytes: rows with their lines, faults, the tail."""
    faults: list[Any] = []
    pieces = [data[i : i + chunk] for i in range(0, len(data), chunk)]
    rows = JsonRows(Lines(pieces, lambda *fault: faults.append(fault)), lambda *fault: faults.append(fault))
    said: list[tuple[int, Any]] = []
    for lines, values in rows.chunks():
        said += zip(lines, values.rows() if isinstance(values, Fields) else values, strict=True)
    return [(line, exact(value)) for line, value in said], faults, (rows.tail, rows.mended)


VALUES = [
    "0",
    "-0",
    "-0.0",
    "0.5",
    "-0.5",
    "1",
    "-17",
    "01",
    "1.",
    ".5",
    "-",
    "--1",
    "+1",
    "1e3",
    "1E+2",
    "1.5e-7",
    "1e400",
    "123456789012345",
    "1234567890123456.7",
    "999999999999999999",
    "1234567890123456789",
    "-9223372036854775809",
    "18446744073709551616",
    "0.1",
    "3.141592653589793",
    "0.30000000000000004",
    "12345.6789",
    "1.2.3",
    "0x10",
    "true",
    "false",
    "null",
    "truex",
    "nul",
    "NaN",
    "Infinity",
    "-Infinity",
    "",
    '""',
    '"a"',
    '"\\n\\t\\r\\b\\f\\/\\\\\\""',
    '"\\u0041\\u00e9\\u20ac\\ud83d\\ude00"',
    '"\\u0000"',
    '"\\ud800"',
    '"\\ude00\\ud83d"',
    '"\\ud83d\\u0041"',
    '"\\u12"',
    '"\\uzzzz"',
    '"\\x"',
    '"\\',
    '"open',
    '"tab\tin it"',
    '"é€😀 and \\n more"',
    '"' + "x" * 15 + '\\n"',
    '"' + "x" * 16 + '"',
    '"' + "long and plain " * 99 + '"',
    "[]",
    "{}",
    '[1, [2, {"a": "]}"}], "\\\\"]',
    '{"b": [true, null]}',
    "[1",
    "[1}",
    '{"a"}',
    "[" * 2000 + "]" * 2000,
]


@pytest.mark.parametrize("value", VALUES)
def test_values(value: str) -> None:
    for line in (f'{{"step": 1, "v": {value}}}', f'{{"v":{value},"w":"x"}}', f' {{ "v" : {value} \t}} \r'):
        for rows in (
            [line],
            [line, line],
            ['{"step": 1, "v": 12}', line],
            [line, line.replace("1", "2"), line],
        ):
            data = "\n".join(rows).encode("utf-8", "surrogatepass")
            found = read(data)
            assert found is None or exact(found) == exact(twin(data)), rows


@pytest.mark.parametrize(
    "odd", ['\\"', "\\\\", "\\u20ac", "\\ud83d\\ude00", "\\u0041\\n", "é", "\x7f", "\\q", "\x01"]
)
def test_what_is_odd_at_any_place_of_a_string(odd: str) -> None:
    for before in range(70):
        for after in (0, 1, 15, 31, 32, 33):
            data = f'{{"v": "{"x" * before}{odd}{"y" * after}"}}'.encode()
            assert exact(read(data)) == exact(twin(data)) if twin(data) else read(data) is None


def test_most_values_are_taken() -> None:
    taken = [v for v in VALUES if read(f'{{"v": {v}}}'.encode()) is not None]
    readable = [v for v in VALUES if v and twin(f'{{"v": {v}}}'.encode()) is not None]
    assert taken == readable


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"[]",
        b"1",
        b'"a"',
        b'{"a": 1} {"a": 2}',
        b'{"a": 1},',
        b'{"a" 1}',
        b'{"a": 1,}',
        b'{"a": 1',
        b"{",
        b'{"a": 1}\n',
        b'\n{"a": 1}',
        b'{"a": 1}\n{"b": 1}',
        b'{"a": 1}\n{"a": 1, "b": 2}',
        b'{"a": 1, "b": 2}\n{"a": 1}',
        b'{"a": 1, "b": 2}\n{"b": 1, "a": 2}',
        b'{"a": 1, "a": 2}',
        b'{"\\u0061": 1}',
        '{"é": 1}'.encode(),
        b"{1: 2}",
        b'\xef\xbb\xbf{"a": 1}',
        b'{"a": "\xff"}',
        b'{"a": "\xed\xa0\x80"}',
        b'{"a": 1}\0',
        b"\0\0",
        b'{"a": "x\0y"}',
        b'{"a": [1}, "b": 2]}',
        b'{"a": "x',
        b'{"a": tru',
        b'{"a": 1}\n{"a": 1}x',
        b"{" * 3000,
        b"{" + b",".join(b'"k%d": 1' % i for i in range(300)) + b"}",
    ],
)
def test_what_is_not_plain_is_left_or_read_alike(data: bytes) -> None:
    found = read(data)
    assert found is None or exact(found) == exact(twin(data))


def test_rows_of_one_value_share_it_and_lists_are_each_their_own() -> None:
    found = read(b'{"t": "again", "l": [1]}\n{"t": "again", "l": [1]}')
    assert found is not None
    assert found[0]["t"] is found[1]["t"]
    assert found[0]["l"] is not found[1]["l"]


def test_a_number_that_goes_on_is_another_number() -> None:
    data = b'{"a": 1}\n{"a": 12}\n{"a": 12.5}\n{"a": 1}'
    assert exact(read(data)) == exact(twin(data))


def test_a_first_line_in_pieces() -> None:
    data = '{"a": "é\\n€", "b": 1.5}\n{"a": "z", "b": 2}'.encode()
    for first in range(len(data.split(b"\n")[0]) + 1):
        for second in range(first, len(data.split(b"\n")[0]) + 1):
            assert read(data, first, second) == twin(data)


def test_wrong_arguments() -> None:
    assert compiled is not None
    with pytest.raises(TypeError):
        compiled.fields([b"{}"], 1, json.loads)
    with pytest.raises(TypeError):
        compiled.fields(("{}",), 1, json.loads)
    with pytest.raises(TypeError):
        compiled.fields(("{}", b"{}"), 1, json.loads)
    with pytest.raises(ValueError):
        compiled.fields((), 1, json.loads)
    with pytest.raises(ValueError):
        compiled.fields((b"{}",), 0, json.loads)
    with pytest.raises(ZeroDivisionError):
        compiled.fields((b'{"a": [1]}',), 1, lambda _: 1 / 0)
    for rows in (1, 3):
        assert compiled.fields((b'{"a": 1}\n{"a": 1}',), rows, json.loads) is None


scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
nested = st.recursive(
    scalars, lambda some: st.lists(some, max_size=3) | st.dictionaries(st.text(), some, max_size=3)
)
some_rows = st.lists(st.tuples(st.text(), st.integers(-3, 3), nested), min_size=1, max_size=6)
json_like = st.text(alphabet='{}[]",:\\ untrefals0123-.eE\n\t', max_size=60).map(str.encode)


@given(some_rows, st.booleans(), st.integers(1, 90))
def test_any_rows(rows: list[Any], ascii_only: bool, chunk: int) -> None:
    lines = [json.dumps(dict(zip("abc", row, strict=True)), ensure_ascii=ascii_only) for row in rows]
    data = "\n".join(lines).encode("utf-8", "surrogatepass")
    found = read(data)
    assert found is None or exact(found) == exact(twin(data))
    with pytest.MonkeyPatch.context() as patch:
        said = rows_of(data, chunk)
        patch.setenv("ECHOFORMAT_NATIVE", "0")
        assert said == rows_of(data, chunk)


@pytest.mark.parametrize("odd", ['"', "\\", "\n", "\\" * 3, "é", "\0", "😀", '\\"', "\t\n" * 40])
def test_escapes_anywhere_in_a_long_text(odd: str) -> None:
    """Many bytes are looked at together: what is odd stands at each place of them."""
    texts = [
        "x" * before + odd + "y" * after for before in range(140) for after in (0, 1, 62, 63, 64, 65, 130)
    ]
    texts += ["z" * before + odd + "y" * (i % 17) + odd for i, before in enumerate(range(0, 300, 3))]
    for ascii_only in (True, False):
        lines = [json.dumps({"text": text, "n": 7}, ensure_ascii=ascii_only).encode() for text in texts]
        assert read(b"\n".join(lines)) == [{"text": text, "n": 7} for text in texts]
        for line, text in zip(lines, texts):
            assert read(line) == [{"text": text, "n": 7}]
            assert read(line[:-9]) is None
            assert read(line, len(line) // 2) == [{"text": text, "n": 7}]
            assert read(line[: len(line) // 2] + b"\n" + line[len(line) // 2 :]) is None


@given(st.binary(max_size=60) | json_like)
def test_any_bytes(data: bytes) -> None:
    for some in (data, b'{"a": "' + data + b'"}', b'{"a": ' + data + b"}"):
        with pytest.MonkeyPatch.context() as patch:
            said = rows_of(some, 16)
            patch.setenv("ECHOFORMAT_NATIVE", "0")
            assert said == rows_of(some, 16)


texts = (
    st.none()
    | st.text(max_size=4)
    | st.sampled_from(["[", "{", "[1]", '[{"role": "user"}]', "{}", "\0", "é["])
)


@given(st.lists(texts | st.integers() | st.binary(max_size=2), max_size=12))
def test_what_is_absent_and_what_may_be_a_list(values: list[Any]) -> None:
    assert compiled is not None
    count, rows = compiled.absent(values)
    expected, expected_rows = flat_blocks._absent(values)
    assert count == expected
    assert count < 0 or rows == expected_rows


@given(st.lists(st.sampled_from(["a", "b", "", "é"]), max_size=12), st.integers(0, 14), st.integers(0, 14))
def test_numbers_of_samples(problems: list[str], begin: int, end: int) -> None:
    counts, known = {"a": 3, "b": 1 << 70}, {"a": 3, "b": 1 << 40}
    ours = dict(known)
    with pytest.MonkeyPatch.context() as patch:
        found = samples._numbered(ours, problems, begin, end)
        patch.setenv("ECHOFORMAT_NATIVE", "0")
        assert found == samples._numbered(known, problems, begin, end)
    assert ours == known
    if "b" in problems[begin:end]:
        with pytest.raises(OverflowError):
            samples_compiled(counts, problems, begin, end)


def samples_compiled(counts: dict[str, int], problems: list[str], begin: int, end: int) -> list[int]:
    assert compiled is not None
    found: list[int] = compiled.numbered(counts, problems, begin, end)
    return found


def test_wrong_arguments_of_the_rows() -> None:
    assert compiled is not None
    for wrong in (("a",), None, "a"):
        with pytest.raises(TypeError):
            compiled.absent(wrong)
    with pytest.raises(TypeError):
        compiled.numbered({}, ("a",), 0, 1)
    with pytest.raises(TypeError):
        compiled.numbered({}, [[]], 0, 1)
    assert compiled.numbered({}, ["a", "a"], -5, 9) == [0, 1]
