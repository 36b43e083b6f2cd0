"""Workers that read their own parts of a log: what is written is what one process writes, byte for byte."""

from __future__ import annotations

import json
import os
import random
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from echoformat.classifier import Classifier
from echoformat.engines import files, parted
from echoformat.engines.files import label_files
from echoformat.engines.manifest import Manifest
from echoformat.engines.own_pool import OwnPool
from echoformat.engines.parted import PartedLog
from echoformat.engines.workers import HeadStart, WorkerPool
from echoformat.errors import EchoformatWarning, InputError
from echoformat.label_batch import LabelBatch
from echoformat.rollouts import part as part_module
from echoformat.rollouts import read_rollouts

ROWS = 600
Line = dict[str, Any] | str | bytes


class Quick(Classifier):
    """The rules, and texts that end a worker."""

    def __init__(self) -> None:
        super().__init__(model=None)

    def classify_batch(self, texts: Any) -> LabelBatch:
        kept = list(texts)
        if "deadly" in kept:
            os._exit(3)
        return super().classify_batch(kept)


@pytest.fixture(scope="module")
def quick() -> Classifier:
    return Quick()


class Lasting(WorkerPool):
    """Workers for all of these tests: starting them takes longer than any."""

    def close(self) -> None:
        """Not yet."""


@pytest.fixture(scope="module")
def pool(quick: Classifier) -> Iterator[WorkerPool]:
    workers = Lasting(quick, 2)
    yield workers
    WorkerPool.close(workers)


@pytest.fixture(autouse=True)
def one_pool(pool: WorkerPool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "HeadStart", lambda _: HeadStart(0))
    monkeypatch.setattr(files, "WorkerPool", lambda *_, **__: pool)


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(part_module, "PART_BYTES", 4000)
    monkeypatch.setattr(part_module, "LEAST_PART_BYTES", 1000)


def _row(i: int, **more: Any) -> dict[str, Any]:
    said = {"step": i // 90, "prompt": f"p{i // 4 % 9}", "completion": f"ans = {i} * 3\n", "reward": i % 2}
    return {**said, **more}


def _plain() -> list[Line]:
    return [_row(i) for i in range(ROWS)]


def _with(changes: dict[int, Any]) -> list[Line]:
    """Plain rows of which some are others."""
    lines = _plain()
    for i, change in changes.items():
        lines[i] = change
    return lines


def _mixed_runs() -> list[Line]:
    chance = random.Random(3)
    return [_row(i, run=chance.choice("ab"), step=chance.randrange(3), split="val") for i in range(ROWS)]


def _changing() -> list[Line]:
    return [_row(i) if i < 300 else _row(i, finish_reason="length", kl=0.1) for i in range(ROWS)]


def _late_reward() -> list[Line]:
    return [_row(i, reward=0.5 if i == 417 else i % 2) for i in range(ROWS)]


LOGS: dict[str, list[Line]] = {
    "plain": _plain(),
    "one row": [_row(1)],
    "a bad line": _with({250: '{"step": 1, "completion": ', 251: "7"}),
    "bad lines everywhere": _with(dict.fromkeys(range(20, ROWS, 20), "{")),
    "odd from the start": _with({0: _row(0, completion=["a", "b"])}),
    "groups later on": _with({i: _row(i, completion=["a", "b"]) for i in range(200, ROWS, 3)}),
    "blank lines": _with(dict.fromkeys(range(100, 200), "")),
    "numbers that are none": _with({310: '{"step": 3, "prompt": "p", "completion": "x", "reward": NaN}'}),
    "no text": _with({i: _row(i, completion=None) for i in range(5, ROWS, 7)}),
    "JSON texts": _with({i: _row(i, completion='{"answer": 3}') for i in range(5, ROWS, 7)}),
    "messages": _with({300: _row(300, completion=[{"role": "assistant", "content": "4"}])}),
    "columns that change": _changing(),
    "columns that change twice": _with({300: _row(300, kl=1), 400: _row(400, kl=2)}),
    "a reward that is none": _late_reward(),
    "known and unknown answers": [_row(i, correct=None if i % 3 else True) for i in range(ROWS)],
    "rewards that are fractions": [_row(i, reward=i / 7) for i in range(ROWS)],
    "two runs in turn": _mixed_runs(),
    "ids of problems": [_row(i, problem_id=None if i % 5 else i // 8) for i in range(ROWS)],
    "a long line": _with({70: _row(70, completion="x" * 30_000)}),
    "wrong UTF-8": _with(
        dict.fromkeys((200, 500, 501), b'{"step": 1, "prompt": "p", "completion": "\xff", "reward": 1}')
    ),
    "columns in turn": _with({i: _row(i, kl=1) for i in range(0, ROWS, 2)}),
}


def _written(path: Path, lines: list[Line], tail: bytes = b"\n") -> Path:
    said = [line if isinstance(line, bytes) else _text(line).encode() for line in lines]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"\n".join(said) + tail)
    return path


def _text(line: Line) -> str:
    return line if isinstance(line, str) else json.dumps(line)


def _shards(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.glob("part-*"))}


def _both(log: Any, folder: Path, quick: Classifier, **more: Any) -> tuple[Manifest, Manifest]:
    """The manifests of a log read as a whole and of two workers, whose shards are found equal.

    One process that reads in parts finds the same.
    """
    options = {"classifier": quick, "kind": "jsonl", "shard_rows": 50, **more}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parted, "parts_of", lambda *_: None)
        one = label_files(log, folder / "one", **options)
    own = label_files(log, folder / "own", **options)
    two = label_files(log, folder / "two", workers=2, **options)
    assert _shards(folder / "two") == _shards(folder / "own") == _shards(folder / "one")
    assert own == one
    return one, two


@pytest.mark.parametrize("name", LOGS)
def test_workers_that_read_write_what_one_process_writes(
    name: str, quick: Classifier, tmp_path: Path
) -> None:
    one, two = _both(_written(tmp_path / "log.jsonl", LOGS[name]), tmp_path, quick)
    assert two == one
    assert one.rows >= min(ROWS // 2, len(LOGS[name]))


@pytest.mark.parametrize("tail", [b"", b"\n\n", b'\n{"step": 9, "comp', b"\0\0"])
@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf", b"\n\n"])
def test_starts_and_ends_of_files(start: bytes, tail: bytes, quick: Classifier, tmp_path: Path) -> None:
    log = _written(tmp_path / "log.jsonl", _plain(), tail)
    log.write_bytes(start + log.read_bytes())
    one, two = _both(log, tmp_path, quick)
    assert two == one and one.rows == ROWS


@pytest.mark.parametrize("step_from", ["line", "file", "path", r"(\d)\.jsonl"])
def test_logs_of_several_files(step_from: str, quick: Classifier, tmp_path: Path) -> None:
    logs: list[list[Line]] = [_plain(), [_row(2)], _late_reward(), _changing()]
    for i, lines in enumerate(logs):
        _written(tmp_path / "logs" / f"step_{i}.jsonl", lines)
    one, two = _both(tmp_path / "logs", tmp_path, quick, step_from=step_from)
    assert two == one and one.rows == 3 * ROWS + 1


def test_small_files_are_under_way_together(
    pool: WorkerPool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder with a file a step is no queue of one file behind the other."""
    for step in range(40):
        _written(tmp_path / "logs" / f"{step}.jsonl", [_row(i, step=step) for i in range(12)])
    asked: list[Any] = []
    read = pool.read

    def counted(parts: Iterator[Any]) -> Iterator[Any]:
        for part in parts:
            asked.append(part)
            yield part

    monkeypatch.setattr(pool, "read", lambda parts: read(counted(parts)))
    batches = PartedLog(read_rollouts(tmp_path / "logs"), pool, 12, 0).segments()
    ahead = [len(asked) - done for done, _ in enumerate(batches, 1)]
    assert len(asked) == len(ahead) == 40
    assert max(ahead) >= 4


def test_small_files_are_labelled_together_where_there_are_no_workers(
    quick: Classifier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder with a file a step is labelled in batches, not by files."""
    for step in range(40):
        rows: list[Line] = [_row(i, step=step) for i in range(300 if step == 7 else 3)]
        _written(tmp_path / "logs" / f"{step}.jsonl", rows)
    asked: list[int] = []
    pool = OwnPool(quick)
    label = pool.label

    def counted(batches: Any) -> Any:
        for batch, labels in label(batches):
            asked.append(len(labels))
            yield batch, labels

    monkeypatch.setattr(pool, "label", counted)
    log = read_rollouts(tmp_path / "logs")
    segments = list(PartedLog(log, pool, 50, 0).segments())
    assert asked == [21, 50, 46], "those before and those behind the large file"
    steps = [step for rows, _ in segments for step in rows.step_list()]
    assert steps == [step for step in range(40) for _ in range(300 if step == 7 else 3)]
    labels = LabelBatch.concat([labels for _, labels in segments]).columns()
    again = list(PartedLog(log, pool, 50, 100).segments())
    assert LabelBatch.concat([labels for _, labels in again]).columns() == {
        name: column[100:] for name, column in labels.items()
    }


def test_a_frameworks_own_files(quick: Classifier, tmp_path: Path) -> None:
    keys = {"input": "2+2?", "output": "it is 4", "score": 1.0, "gts": "4"}
    for step in (1, 2):
        lines: list[Line] = [{**keys, "step": step, "reward": float(i % 2)} for i in range(300)]
        _written(tmp_path / "val" / f"{step}.jsonl", lines)
    one, two = _both(tmp_path / "val", tmp_path, quick)
    assert two == one and one.rows == 600
    assert set(read_rollouts(tmp_path / "val").readers.values()) == {"verl"}


def test_texts_that_are_plain_do_not_come_here(
    pool: WorkerPool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[Any] = []
    monkeypatch.setattr(pool, "label", lambda batches: iter(map(sent.append, batches)))
    log = read_rollouts(_written(tmp_path / "log.jsonl", _plain()))
    assert sum(len(rows) for rows, _ in PartedLog(log, pool, 64, 0).segments()) == ROWS == log.report.rows
    assert not sent


def test_a_file_of_odd_rows_is_soon_read_in_one_go(
    pool: WorkerPool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []

    def counted(path: str, end: int) -> int:
        read.append(end)
        return part_module.lines_before(path, end)

    monkeypatch.setattr(parted, "lines_before", counted)
    odd = LOGS["groups later on"] * 5
    log = read_rollouts(_written(tmp_path / "log.jsonl", odd))
    rows = sum(len(batch) for batch, _ in PartedLog(log, pool, 64, 0).segments())
    assert rows == log.report.rows > 5 * ROWS
    assert len(read) < 20 < (tmp_path / "log.jsonl").stat().st_size / 4000 / 2


@pytest.mark.parametrize("kept", [0, 1, 7, 11])
@pytest.mark.parametrize(
    "name", ["plain", "bad lines everywhere", "groups later on", "a reward that is none"]
)
def test_workers_go_on_after_the_last_whole_shard(
    name: str, kept: int, quick: Classifier, tmp_path: Path
) -> None:
    log = _written(tmp_path / "log.jsonl", LOGS[name])
    one, _ = _both(log, tmp_path, quick)
    folder = tmp_path / "two"
    (folder / f"part-{kept:05}.jsonl").unlink(missing_ok=True)
    stamps = {path.name: path.stat().st_mtime_ns for path in folder.glob("part-*")}
    again = label_files(log, folder, classifier=quick, kind="jsonl", shard_rows=50, workers=2)
    assert again == one and _shards(folder) == _shards(tmp_path / "one")
    same = [name for name, stamp in stamps.items() if (folder / name).stat().st_mtime_ns == stamp]
    assert len(same) == min(kept, len(one.shards)), "what was done is not done again"


def test_a_row_that_ends_the_reading_worker_is_kept_and_marked(quick: Classifier, tmp_path: Path) -> None:
    log = _written(tmp_path / "log.jsonl", _with({333: _row(333, completion="deadly")}))
    options: dict[str, Any] = {"classifier": quick, "kind": "jsonl", "shard_rows": 50}
    with pytest.warns(EchoformatWarning, match="ended its worker"):
        label_files(log, tmp_path / "out", workers=2, **options)
    rows = [json.loads(line) for shard in _shards(tmp_path / "out").values() for line in shard.splitlines()]
    rows = [row for row in rows if "status" in row]
    assert [i for i, row in enumerate(rows) if row["status"] == "crash"] == [333]
    assert len(rows) == ROWS and {row["format"] for row in rows if row["status"] == "ok"}


def test_a_worker_killed_over_a_part_costs_nothing_but_time(quick: Classifier, tmp_path: Path) -> None:
    log = _written(tmp_path / "log.jsonl", _plain())
    labels = []

    def killing(pool: WorkerPool) -> Iterator[LabelBatch]:
        for i, (_, some) in enumerate(PartedLog(read_rollouts(log), pool, 50, 0).segments()):
            if i == 2:
                os.kill(pool.pids[0], signal.SIGKILL)
            yield some

    with WorkerPool(quick, 2) as pool:
        labels = list(killing(pool))
        assert pool.crashed == 0
    texts = [json.loads(_text(line))["completion"] for line in _plain()]
    assert LabelBatch.concat(labels).columns() == quick.classify_batch(texts).columns()


def test_strict_reading_raises_in_workers_too(quick: Classifier, tmp_path: Path) -> None:
    log = _written(tmp_path / "log.jsonl", LOGS["a bad line"])
    with pytest.raises(InputError, match=r"log\.jsonl:251"):
        label_files(log, tmp_path / "out", classifier=quick, strict=True, workers=2, kind="jsonl")
