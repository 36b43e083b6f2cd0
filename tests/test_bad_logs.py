"""Logs as they come from full disks, killed writers and other people: what is lost is told."""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import json
import lzma
import os
import resource
import subprocess
import sys
import textwrap
import zipfile
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest

from echoformat.completion import Completion
from echoformat.errors import InputError, UsageError
from echoformat.rollouts import Columns, ReadReport, read_rollouts, shelf
from echoformat.rollouts import records as records_module


def row(number: int, **more: Any) -> dict[str, Any]:
    return {"step": 1, "prompt": "p", "response": f"row {number}", **more}


def lines(*rows: Any) -> bytes:
    return b"".join(one if isinstance(one, bytes) else json.dumps(one).encode() + b"\n" for one in rows)


def put(path: Path, data: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def read(path: Any, **arguments: Any) -> tuple[list[Completion], ReadReport]:
    log = read_rollouts(path, **arguments)
    return list(log), log.report


def texts(path: Any, **arguments: Any) -> list[str | None]:
    return [one.text for one in read(path, **arguments)[0]]


# 23: the last line is half-written


def test_half_written_last_line_is_told_and_no_fault(tmp_path: Path) -> None:
    whole = lines(row(0), row(1))
    log = put(tmp_path / "x.jsonl", whole + b'{"step": 1, "resp')
    rows, report = read(log)
    assert [one.text for one in rows] == ["row 0", "row 1"]
    assert not report.faulty
    assert [(tail.line, tail.offset) for tail in report.tails] == [(3, len(whole))]
    assert any(f"byte {len(whole)}" in said for said in report.lines())
    with pytest.raises(InputError, match="half-written"):
        read(log, strict=True)


# 26 to 30: numbers that are none, surrogates, foreign bytes


def test_nan_and_infinity_are_read(tmp_path: Path) -> None:
    log = put(
        tmp_path / "x.jsonl",
        lines(row(0, reward=float("nan")), row(1, reward=float("-inf")), row(2, reward=1)),
    )
    rows, report = read(log)
    assert [one.reward for one in rows] == [None, None, 1.0]
    assert not report.faulty


def test_lone_surrogates_are_kept(tmp_path: Path) -> None:
    rows, report = read(
        put(tmp_path / "x.jsonl", b'{"response": "a\\ud83d"}\n{"response": "b\xed\xa0\x80"}\n')
    )
    assert [one.text for one in rows] == ["a\ud83d", "b\ud800"]
    assert not report.faulty


def test_invalid_utf8_is_replaced_and_told(tmp_path: Path) -> None:
    rows, report = read(put(tmp_path / "x.jsonl", b'{"response": "a\xff"}\n' + lines(row(1))))
    assert [one.text for one in rows] == ["a\ufffd", "row 1"]
    assert any("invalid UTF-8" in note for note in report.notes) and not report.faulty


@pytest.mark.parametrize("nul", [b"\0" * 4096, b"\0" * 100 + b"\n" + b"\0" * 7], ids=["block", "blocks"])
def test_nul_tail_is_ignored_and_told(tmp_path: Path, nul: bytes) -> None:
    rows, report = read(put(tmp_path / "x.jsonl", lines(row(0)) + nul))
    assert [one.text for one in rows] == ["row 0"]
    assert "NUL" in report.tails[0].reason and not report.faulty


def test_nul_inside_a_text_stays(tmp_path: Path) -> None:
    assert texts(put(tmp_path / "x.jsonl", b'{"response": "a\\u0000b"}\n')) == ["a\0b"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("name", ["x.jsonl", "x.csv", "x.json"])
def test_byte_order_marks_and_utf16(tmp_path: Path, encoding: str, name: str) -> None:
    content = {
        "x.jsonl": lines(row(0), row(1)).decode(),
        "x.csv": "step,response\n1,row 0\n1,row 1\n",
        "x.json": json.dumps([row(0), row(1)]),
    }[name]
    if name == "x.csv" and encoding in ("utf-16-le", "utf-16-be"):
        pytest.skip("CSV without a mark does not show its encoding")
    assert texts(put(tmp_path / name, content.encode(encoding))) == ["row 0", "row 1"]


# 31: line ends


def test_blank_lines_crlf_and_missing_newline(tmp_path: Path) -> None:
    data = b"\n" + lines(row(0)).replace(b"\n", b"\r\n") + b"\n\r\n   \n" + lines(row(1)).rstrip()
    rows, report = read(put(tmp_path / "x.jsonl", data))
    assert [one.text for one in rows] == ["row 0", "row 1"]
    assert not report.faulty and not report.tails


# 32: the schema changes within the file


def test_mixed_shapes_are_read_row_by_row_and_counted(tmp_path: Path) -> None:
    chat = [{"role": "user", "content": "p"}, {"role": "assistant", "content": "row 1"}]
    log = put(
        tmp_path / "x.jsonl",
        lines(
            row(0),
            row(0, response=chat),
            row(0, response={"role": "assistant", "content": "row 2"}),
            {"output": "row 3"},
        ),
    )
    rows, report = read(log)
    assert [one.text for one in rows] == [f"row {i}" for i in range(4)]
    assert dict(report.shapes) == {"text": 2, "messages": 1, "message": 1}
    assert any("columns change" in note for note in report.notes)


def test_completions_that_are_no_text_are_kept_and_counted(tmp_path: Path) -> None:
    odd: list[Any] = ["row 0", None, 7, {"a": 1}, [], ""]
    rows, report = read(put(tmp_path / "x.jsonl", lines(*(row(0, response=one) for one in odd))))
    assert [one.text for one in rows] == ["row 0", None, None, None, None, ""]
    assert report.missing_text == 4
    assert not report.faulty


# 33: a column that is not there


def test_wrong_column_names_the_columns_and_the_closest(tmp_path: Path) -> None:
    log = put(tmp_path / "x.jsonl", lines(row(0)))
    with pytest.raises(
        UsageError, match=r"no column 'respons'.*did you mean 'response'\? Known: prompt, response, step"
    ):
        read_rollouts(log, columns=Columns(completion="respons"))


def test_no_completion_column_names_the_columns(tmp_path: Path) -> None:
    log = put(tmp_path / "x.jsonl", lines({"loss": 1.0, "epoch": 2}))
    with pytest.raises(UsageError, match=r"no column holds completions \(columns: epoch, loss\)"):
        read_rollouts(log)


def test_a_column_that_only_the_logs_of_a_folder_have(tmp_path: Path) -> None:
    put(tmp_path / "metrics.jsonl", lines({"loss": 1.0}))
    put(tmp_path / "x.jsonl", lines({"mine": "row 0"}))
    rows, report = read(tmp_path, columns=Columns(completion="mine"))
    assert [one.text for one in rows] == ["row 0"]
    assert report.passed_over[str(tmp_path / "metrics.jsonl")].startswith("has no column 'mine'")
    with pytest.raises(UsageError, match="did you mean 'mine'"):
        read_rollouts(tmp_path, columns=Columns(completion="mind"))


# 34: values that break parsers


def test_duplicate_keys_and_long_integers(tmp_path: Path) -> None:
    log = put(
        tmp_path / "x.jsonl", b'{"response": "a", "response": "b", "n": 123456789012345678901234567890}\n'
    )
    assert texts(log) == ["b"]


@pytest.mark.parametrize("depth", [1025, 20_000, 200_000])
def test_deep_json_is_one_bad_row(tmp_path: Path, depth: int) -> None:
    deep = b'{"response": ' + b"[" * depth + b"]" * depth + b"}\n"
    log = put(tmp_path / "x.jsonl", lines(row(0)) + deep + lines(row(1)))
    rows, report = read(log)
    assert [one.text for one in rows if one.text] == ["row 0", "row 1"]
    if len(rows) == 2:
        assert [(bad.line, bad.offset) for bad in report.bad_rows] == [(2, len(lines(row(0))))]
        assert report.faulty


def test_bad_rows_are_counted_with_their_place(tmp_path: Path) -> None:
    first = lines(row(0))
    rows, report = read(put(tmp_path / "x.jsonl", first + b"{broken}\n" + lines(row(1), [1, 2], row(2))))
    assert [one.text for one in rows] == ["row 0", "row 1", "row 2"]
    assert [(bad.line, bad.offset) for bad in report.bad_rows] == [(2, len(first)), (4, None)]
    assert sum(report.bad_row_reasons.values()) == 2 and report.faulty
    with pytest.raises(InputError, match=r"x\.jsonl:2 \(byte"):
        read(tmp_path / "x.jsonl", strict=True)


# 35: JSON that is not lines


@pytest.mark.parametrize(
    "data",
    [
        json.dumps([row(0), row(1)]).encode(),
        json.dumps([row(0), row(1)], indent=2).encode(),
        json.dumps(row(0), indent=2).encode() + b"\n" + json.dumps(row(1), indent=2).encode(),
        json.dumps(row(0)).encode() + json.dumps(row(1)).encode(),
        json.dumps(row(0)).encode() + b" " + json.dumps(row(1)).encode() + b"\n",
    ],
    ids=["array", "pretty array", "pretty objects", "concatenated", "two a line"],
)
@pytest.mark.parametrize("name", ["x.json", "x.jsonl"])
def test_arrays_pretty_and_concatenated_objects(tmp_path: Path, data: bytes, name: str) -> None:
    rows, report = read(put(tmp_path / name, data))
    assert [one.text for one in rows] == ["row 0", "row 1"]
    assert not report.faulty


def test_array_cut_short_keeps_the_rows_before(tmp_path: Path) -> None:
    data = json.dumps([row(i) for i in range(3)], indent=1).encode()
    rows, report = read(put(tmp_path / "x.json", data[:-30]))
    assert [one.text for one in rows] == ["row 0", "row 1"]
    assert report.faulty and "x.json" in next(iter(report.faulty_files))


# 36: files that are none


def test_zero_bytes(tmp_path: Path) -> None:
    empty = put(tmp_path / "x.parquet", b"")
    with pytest.raises(UsageError, match="is empty"):
        read_rollouts(empty)
    put(tmp_path / "y.jsonl", lines(row(0)))
    rows, report = read(tmp_path)
    assert [one.text for one in rows] == ["row 0"]
    assert report.faulty and report.passed_over[str(empty)] == "is empty"


def test_empty_directory_missing_path_and_unmatched_glob(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="directory is empty"):
        read_rollouts(tmp_path)
    put(tmp_path / "rollouts.jsonl", lines(row(0)))
    with pytest.raises(UsageError, match=r"does not exist; did you mean 'rollouts\.jsonl'"):
        read_rollouts(tmp_path / "rollout.jsonl")
    with pytest.raises(UsageError, match="matches no file"):
        read_rollouts(str(tmp_path / "*.parquet"))
    with pytest.raises(UsageError, match="at least one"):
        read_rollouts([])


def test_fifo_is_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "x.jsonl")
    with pytest.raises(UsageError, match="FIFO"):
        read_rollouts(tmp_path / "x.jsonl")


def test_broken_symlink_and_loop(tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").symlink_to(tmp_path / "gone")
    with pytest.raises(UsageError, match="cannot be read"):
        read_rollouts(tmp_path / "x.jsonl")
    put(tmp_path / "y.jsonl", lines(row(0)))
    (tmp_path / "again").symlink_to(tmp_path)
    assert texts(tmp_path) == ["row 0"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_no_permission(tmp_path: Path) -> None:
    put(tmp_path / "x.jsonl", lines(row(0))).chmod(0)
    with pytest.raises(UsageError, match="Permission denied"):
        read_rollouts(tmp_path / "x.jsonl")


def test_no_permission_by_a_refusing_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = put(tmp_path / "x.jsonl", lines(row(0)))

    def refuse(path: str) -> Any:
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr("echoformat.rollouts.opening.open_raw", refuse)
    with pytest.raises(UsageError, match="Permission denied"):
        read_rollouts(log)


# 37, 38: compressed files


def packed(data: bytes, kind: str) -> bytes:
    if kind == "zst":
        return bytes(pytest.importorskip("zstandard").ZstdCompressor().compress(data))
    return {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress}[kind](data)


MANY = lines(*(row(i) for i in range(5000)))


@pytest.mark.parametrize("kind", ["gz", "zst", "bz2", "xz"])
def test_compression_is_told_by_magic_bytes(tmp_path: Path, kind: str) -> None:
    assert len(texts(put(tmp_path / "x.jsonl", packed(MANY, kind)))) == 5000


@pytest.mark.parametrize("kind", ["gz", "bz2", "xz"])
def test_multi_member_files(tmp_path: Path, kind: str) -> None:
    data = packed(lines(row(0)), kind) + packed(lines(row(1)), kind)
    assert texts(put(tmp_path / f"x.jsonl.{kind}", data)) == ["row 0", "row 1"]


@pytest.mark.parametrize("kind", ["gz", "zst", "bz2", "xz"])
def test_cut_files_keep_the_rows_before_the_fault(tmp_path: Path, kind: str) -> None:
    noisy = lines(*(row(i, noise=os.urandom(200).hex()) for i in range(5000)))
    data = packed(noisy, kind)
    rows, report = read(put(tmp_path / "x.jsonl", data[: len(data) * 3 // 4]))
    assert [one.text for one in rows] == [f"row {i}" for i in range(len(rows))]
    assert len(rows) > 1000
    assert report.faulty or report.tails


def test_compressed_file_without_one_whole_block_says_so(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="end too early"):
        read_rollouts(put(tmp_path / "x.jsonl.bz2", bz2.compress(MANY)[:200]))


def test_flipped_bits_and_trailing_garbage(tmp_path: Path) -> None:
    noisy = lines(*(row(i, noise=os.urandom(40).hex()) for i in range(5000)))
    data = bytearray(gzip.compress(noisy))
    data[len(data) // 2] ^= 0xFF
    rows, report = read(put(tmp_path / "flip.jsonl.gz", bytes(data)))
    assert len(rows) > 1000 and rows[0].text == "row 0"
    assert report.faulty and "byte" in next(iter(report.faulty_files.values()))
    rows, report = read(put(tmp_path / "more.jsonl.gz", gzip.compress(lines(row(0))) + b"garbage"))
    assert [one.text for one in rows] == ["row 0"]
    assert "garbage" in next(iter(report.faulty_files.values()))


# Not `ru_maxrss` where it can be helped: on Linux that begins at what the parent held.
BOMB = """
import pathlib, resource, sys
from echoformat.rollouts import read_rollouts
log = read_rollouts(sys.argv[1])
rows = sum(1 for _ in log)
status = pathlib.Path("/proc/self/status")
if status.exists():
    peak = next(int(line.split()[1]) for line in status.read_text().splitlines() if "VmHWM" in line)
else:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(rows, log.report.faulty, peak // 1024)
"""


@pytest.mark.slow
@pytest.mark.parametrize("compressed", [True, False])
def test_one_huge_line_stops_at_the_cap_in_little_memory(tmp_path: Path, compressed: bool) -> None:
    size = 1 << 28
    log = tmp_path / "x.jsonl"
    with gzip.open(log, "wb", 1) if compressed else log.open("wb") as stream:
        stream.write(lines(row(0)) + b'{"response": "')
        for _ in range(size >> 20):
            stream.write(b"a" * (1 << 20))
        stream.write(b'"}\n' + lines(row(1)))
    done = subprocess.run(
        [sys.executable, "-c", BOMB, str(log)], capture_output=True, text=True, check=True, timeout=120
    )
    rows, faulty, megabytes = done.stdout.split()
    assert (rows, faulty) == ("2", "True")
    assert int(megabytes) < 500


# 39: wrong names


def test_magic_bytes_win_over_names(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    parquet.write_table(pyarrow.Table.from_pylist([row(0)]), tmp_path / "x.json")
    assert texts(tmp_path / "x.json") == ["row 0"]
    assert texts(put(tmp_path / "x.parquet", lines(row(1)))) == ["row 1"]
    assert texts(put(tmp_path / "y.jsonl", b"step,response\n1,row 2\n2,row 3\n")) == ["row 2", "row 3"]
    assert texts(put(tmp_path / "no_suffix", gzip.compress(lines(row(4))))) == ["row 4"]


# 40: parquet


def test_parquet_column_kinds(tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    kinds = {
        "dictionary": pa.array(["row 0", "row 0"]).dictionary_encode(),
        "large": pa.array(["row 0", "row 0"], pa.large_string()),
        "binary": pa.array([b"row 0", b"row 0"], pa.binary()),
        "messages": pa.array([[{"role": "assistant", "content": "row 0"}]] * 2),
    }
    for name, column in kinds.items():
        parquet.write_table(pa.table({"step": [1, 2], "response": column}), tmp_path / f"{name}.parquet")
        assert texts(tmp_path / f"{name}.parquet") == ["row 0", "row 0"], name
    parquet.write_table(pa.table({"response": pa.nulls(2)}), tmp_path / "null.parquet")
    assert texts(tmp_path / "null.parquet") == [None, None]


def test_parquet_without_rows_and_with_a_broken_footer(tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    good = tmp_path / "log" / "good.parquet"
    good.parent.mkdir()
    parquet.write_table(pa.table({"step": [1], "response": ["row 0"]}), good)
    put(tmp_path / "log" / "cut.parquet", good.read_bytes()[:-20])
    parquet.write_table(
        pa.table({"step": [1], "response": ["x"]}).slice(0, 0), tmp_path / "log" / "none.parquet"
    )
    rows, report = read(tmp_path / "log")
    assert [one.text for one in rows] == ["row 0"]
    assert report.faulty
    assert any("cut.parquet" in path for path in report.faulty_files)


def test_parquet_damaged_in_the_middle_names_the_row(tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    table = pa.table(
        {"step": [1] * 6000, "response": [f"row {i} {os.urandom(30).hex()}" for i in range(6000)]}
    )
    path = tmp_path / "x.parquet"
    parquet.write_table(table, path, row_group_size=2000, compression="gzip")
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 400] = os.urandom(400)
    rows, report = read(put(tmp_path / "y.parquet", bytes(data)))
    assert 1000 <= len(rows) < 6000
    assert report.faulty and "after row" in next(iter(report.faulty_files.values()))


# 41: names and numbers of files


def test_odd_file_names(tmp_path: Path) -> None:
    names = ["a b.jsonl", "a\nb.jsonl", "..jsonl.jsonl", "ä.jsonl", os.fsdecode(b"\xff.jsonl")]
    for index, name in enumerate(names):
        put(tmp_path / name, lines(row(index)))
    assert len(texts(tmp_path)) == len(names)


def test_many_small_files(tmp_path: Path) -> None:
    for step in range(300):
        put(tmp_path / f"{step}.jsonl", lines({"input": "p", "output": "x", "score": 0, "step": step}))
    assert [one.step for one in read(tmp_path)[0]] == list(range(300))


def test_hostile_names_are_shown_as_escapes(tmp_path: Path) -> None:
    name = "bad\x1b]52;c;x\x07\u202e"
    rows, report = read(put(tmp_path / f"{name}.jsonl", lines({"response": "row 0", f"{name} reward": 1.0})))
    assert [one.text for one in rows] == ["row 0"]
    assert all(line.isprintable() for line in report.lines())


def test_files_named_one_by_one_are_read_in_numeric_order(tmp_path: Path) -> None:
    paths = [put(tmp_path / f"{step}.jsonl", lines(row(step))) for step in (1, 10, 2)]
    assert texts(paths) == ["row 1", "row 2", "row 10"]
    paths = [put(tmp_path / f"step_{step}" / "x.jsonl", lines(row(step))) for step in (1, 10, 2)]
    assert texts(paths) == ["row 1", "row 2", "row 10"]


# 42: steps


def test_steps_of_all_kinds(tmp_path: Path) -> None:
    steps: list[Any] = [3, "step_10", 2.0, -1, "7", None, 2.5, "soon", True]
    rows, _ = read(put(tmp_path / "x.jsonl", lines(*(row(0, step=step) for step in steps))))
    assert [one.step for one in rows] == [3, 10, 2, -1, 7, None, None, None, None]


def test_two_files_of_one_step_are_both_read(tmp_path: Path) -> None:
    put(tmp_path / "a.jsonl", lines(row(0)))
    put(tmp_path / "b.jsonl", lines(row(1)))
    rows, _ = read(tmp_path)
    assert [(one.step, one.sample) for one in rows] == [(1, 0), (1, 1)]


# 45: the same file twice


def test_the_same_file_is_read_once(tmp_path: Path) -> None:
    log = put(tmp_path / "x.jsonl", lines(row(0)))
    rows, report = read([log, tmp_path, str(tmp_path / "*.jsonl")])
    assert [one.text for one in rows] == ["row 0"]
    assert any("read once" in note for note in report.notes)


# CSV


def test_csv_with_quotes_newlines_and_long_cells(tmp_path: Path) -> None:
    said = 'a "quoted" text,\nwith two lines' + "x" * 200_000
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerows([["step", "response", "reward"], [1, said, "0.5"], [2, "", ""], [3]])
    rows, report = read(put(tmp_path / "x.csv", out.getvalue().encode()))
    assert [(one.step, one.text, one.reward) for one in rows] == [
        (1, said, 0.5),
        (2, "", None),
        (3, None, None),
    ]
    assert report.missing_text == 1


def test_csv_with_messages_as_json(tmp_path: Path) -> None:
    out = io.StringIO()
    chat = json.dumps([{"role": "assistant", "content": "row 0"}])
    csv.writer(out).writerows([["step", "completion"], [1, chat]])
    assert texts(put(tmp_path / "x.csv", out.getvalue().encode())) == ["row 0"]


# torch zips


def torch_zip(path: Path, pickled: bytes) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("0/data.pkl", pickled)
    return path


def test_torch_zip_with_code_is_refused_and_nothing_runs(tmp_path: Path) -> None:
    proof = tmp_path / "ran"
    attack = b"cos\nsystem\n(S'touch " + str(proof).encode() + b"'\ntR."
    good = tmp_path / "good.jsonl"
    put(good, lines(row(0)))
    torch_zip(tmp_path / "0.pt", attack)
    rows, report = read(tmp_path)
    assert [one.text for one in rows] == ["row 0"]
    assert not proof.exists()
    assert "os.system" in next(iter(report.faulty_files.values()))


@pytest.mark.parametrize(
    "pickled", [b"", b"\x80\x02.", b"\x80\x02K\x01.", b"\x80\x02]q\x00h\x07.", b"garbage"]
)
def test_torch_zip_that_is_damaged(tmp_path: Path, pickled: bytes) -> None:
    rows, report = read(torch_zip(tmp_path / "0.pt", pickled))
    assert rows == [] and report.faulty


# readers that fail


class Failing:
    """A reader of somebody's package that breaks where it is told to."""

    name = "failing"
    title = "a reader of somebody's package"
    source = "https://example.org"

    def __init__(self, where: str) -> None:
        self.where = where

    def sniff(self, file: Any) -> bool:
        if self.where == "sniff":
            raise RuntimeError("boom")
        return True

    def read(self, file: Any) -> Any:
        yield Completion("before", step=1)
        sys.exit("boom")


@pytest.mark.parametrize("where", ["sniff", "read"])
def test_a_foreign_reader_that_fails_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    for room in ("shelf", "log"):
        brought = ((Failing(where),), ("reader x does not load",))
        monkeypatch.setattr(f"echoformat.rollouts.{room}.plugins", lambda brought=brought: brought)
    rows, report = read(put(tmp_path / "x.jsonl", lines(row(0))))
    assert [one.text for one in rows] == (["row 0"] if where == "sniff" else ["before"])
    assert any("boom" in said for said in (*report.notes, *report.faulty_files.values()))
    assert report.faulty is (where == "read")
    assert "reader x does not load" in report.notes


def test_readers_of_packages_are_found_and_broken_ones_named(monkeypatch: pytest.MonkeyPatch) -> None:
    points = [
        EntryPoint("good", "tests.test_bad_logs:GOOD", shelf.GROUP),
        EntryPoint("gone", "no_such_package:READER", shelf.GROUP),
        EntryPoint("odd", "json:loads", shelf.GROUP),
    ]
    monkeypatch.setattr(EntryPoint, "load", lambda point: GOOD if point.name == "good" else LOAD(point))
    monkeypatch.setattr(
        shelf, "entry_points", lambda group: [point for point in points if point.group == group]
    )
    shelf.plugins.cache_clear()
    try:
        found, wrong = shelf.plugins()
        monkeypatch.setenv("ECHOFORMAT_NO_PLUGINS", "1")
        shelf.plugins.cache_clear()
        assert shelf.plugins() == ((), ())
    finally:
        shelf.plugins.cache_clear()
    assert found == (GOOD,)
    assert len(wrong) == 2 and "no_such_package" in wrong[0] and "json:loads" in wrong[1]


GOOD = Failing("nowhere")
LOAD = EntryPoint.load


# without the extras


def test_plain_files_are_read_by_the_standard_library_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path / "a.jsonl", lines(row(0)))
    put(tmp_path / "b.jsonl.gz", gzip.compress(lines(row(1))))
    put(tmp_path / "c.csv", b"step,response\n1,row 2\n")
    script = """
    import sys
    for name in ("orjson", "pyarrow", "zstandard", "fsspec"):
        sys.modules[name] = None
    from echoformat.rollouts import read_rollouts
    print([row.text for row in read_rollouts(sys.argv[1])])
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script), str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "['row 0', 'row 1', 'row 2']"


def test_parquet_without_pyarrow_names_the_install_line(tmp_path: Path) -> None:
    put(tmp_path / "x.parquet", b"PAR1 and so on PAR1")
    script = """
    import sys
    sys.modules["pyarrow"] = None
    from echoformat.errors import MissingExtra
    from echoformat.rollouts import read_rollouts
    try:
        read_rollouts(sys.argv[1])
    except MissingExtra as error:
        print(error)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script), str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "pip install 'echoformat[io]'" in done.stdout


def test_both_parsers_read_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = put(tmp_path / "x.jsonl", lines(*(row(i, reward=i / 7, note="ä\u2028") for i in range(50))))
    first = read(log)[0]
    monkeypatch.setattr(records_module, "_fast_loads", json.loads)
    assert read(log)[0] == first


def test_memory_does_not_grow_with_the_rows(tmp_path: Path) -> None:
    log = tmp_path / "x.jsonl"
    with log.open("wb") as stream:
        for _ in range(40):
            stream.write(lines(*(row(i, response="x" * 1000) for i in range(1000))))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert sum(1 for _ in read_rollouts(log)) == 40_000
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 30 << 10
