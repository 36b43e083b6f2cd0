"""Long jobs: whole shards or none, nothing lost or done twice over a kill, workers that may die."""

from __future__ import annotations

import json
import os
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from echoformat.classifier import Classifier
from echoformat.cli import main
from echoformat.completion import Completion
from echoformat.completion_batch import CompletionBatch
from echoformat.engines import files, parquet_labels, shards
from echoformat.engines.files import label_files
from echoformat.engines.local import label_run
from echoformat.engines.manifest import Manifest
from echoformat.engines.pace import Pace, expected_rows
from echoformat.engines.shard_series import series_of_shards
from echoformat.engines.workers import HeadStart, WorkerPool, WorkersUnavailable
from echoformat.errors import EchoformatWarning, UsageError
from echoformat.formats import all_formats
from echoformat.label_batch import LabelBatch
from echoformat.rollouts import Columns, RolloutLog, read_rollouts
from echoformat.rollouts.options import ReadOptions
from echoformat.rollouts.report import ReadReport
from echoformat.rollouts.row_columns import RowColumns

ROOT = Path(__file__).resolve().parent.parent
TEXTS = [text for f in all_formats() for text in (*f.examples, *f.counterexamples)]


@pytest.fixture(scope="module")
def rules() -> Classifier:
    return Classifier(model=None)


def _rows(count: int) -> Iterator[dict[str, Any]]:
    for i in range(count):
        text: Any = None if i % 41 == 7 else f"{TEXTS[i % len(TEXTS)]}{i // len(TEXTS)}\n"
        reward = float(i % 3 == 0)
        yield {"step": i // 50, "prompt": f"p{i % 9}", "completion": text, "reward": reward}


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("log") / "run.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in _rows(1000)), encoding="utf-8")
    return path


def _written(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.glob("part-*"))}


def _records(folder: Path) -> list[dict[str, Any]]:
    lines = (line for path in sorted(folder.glob("part-*.jsonl")) for line in path.read_text().splitlines())
    return [row for row in map(json.loads, lines) if "echoformat_labels" not in row]


@pytest.fixture(scope="module")
def undisturbed(log: Path, rules: Classifier, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("undisturbed")
    label_files(log, folder, classifier=rules, shard_rows=64, kind="jsonl")
    return folder


def test_every_row_is_labelled_once_in_its_place(log: Path, undisturbed: Path, rules: Classifier) -> None:
    rows = _records(undisturbed)
    texts = [row["completion"] for row in _rows(1000)]
    labels = rules.classify_batch(texts).columns()
    assert [row["step"] for row in rows] == [i // 50 for i in range(1000)]
    for name in ("format", "variant", "family", "reason", "status"):
        assert [row[name] for row in rows] == labels[name]
    assert [row["reward"] for row in rows] == [row["reward"] for row in _rows(1000)]
    assert sum(row["status"] == "missing" for row in rows) == len([t for t in texts if t is None])


def test_the_manifest_tells_what_was_done(log: Path, undisturbed: Path, rules: Classifier) -> None:
    said = json.loads((undisturbed / "manifest.json").read_text())
    assert said["complete"] and said["rows"] == 1000
    assert said["versions"] == rules.versions.to_dict()
    assert [shard["rows"] for shard in said["shards"]] == [64] * 15 + [40]
    assert [shard["first_row"] for shard in said["shards"]] == [64 * i for i in range(16)]
    stat = log.stat()
    assert said["inputs"] == [{"path": str(log), "size": stat.st_size, "mtime_ns": stat.st_mtime_ns}]
    for shard in said["shards"]:
        assert shards.sha256_of(undisturbed / shard["name"]) == shard["sha256"]
    head = json.loads((undisturbed / "part-00003.jsonl").read_text().splitlines()[0])
    assert head["echoformat_labels"] == rules.versions.to_dict()


def test_parquet_shards_say_the_same(log: Path, undisturbed: Path, rules: Classifier, tmp_path: Path) -> None:
    pq = pytest.importorskip("pyarrow.parquet")
    label_files(log, tmp_path, classifier=rules, shard_rows=250)
    table = pq.read_table(tmp_path / "part-00000.parquet")
    assert table.schema.metadata[b"echoformat.rules"].decode() == rules.versions.rules
    rows = [row for i in range(4) for row in pq.read_table(tmp_path / f"part-{i:05}.parquet").to_pylist()]
    other = _records(undisturbed)
    sure, as_sure = ([row.pop("confidence") for row in written] for written in (rows, other))
    assert sure == pytest.approx(as_sure, abs=1e-6)
    assert rows == other


def test_both_kinds_of_shards_hold_the_same_rewards_and_texts(
    rules: Classifier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pq = pytest.importorskip("pyarrow.parquet")
    monkeypatch.setattr(parquet_labels, "GROUP_ROWS", 20)
    rewards = [1.5, None, float("inf"), float("nan"), -0.0, 7]
    runs = ["a", "a", "b\ud800", "", "ä", "a"]
    rows = [
        Completion("x", run, 1, "", "p", reward=reward) for run, reward in zip(runs, rewards, strict=True)
    ]
    batch, labels = RowColumns.of(CompletionBatch.of(rows)), rules.classify_batch(["x"] * 6)
    for kind in ("parquet", "jsonl"):
        with shards.shard_writer(tmp_path / f"part-0.{kind}", kind, rules.versions) as write:
            for _ in range(6):
                write(batch, labels)
    table = pq.read_table(tmp_path / "part-0.parquet").to_pydict()
    records = _records(tmp_path)
    assert table["reward"] == [1.5, None, None, None, 0.0, 7.0] * 6 == [row["reward"] for row in records]
    assert table["run"] == ["a", "a", "b?", "", "ä", "a"] * 6 == [row["run"] for row in records]
    assert pq.ParquetFile(tmp_path / "part-0.parquet").num_row_groups == 2


@pytest.mark.parametrize("of", ["format", "family", "variant"])
def test_series_of_shards_is_the_series_of_the_log(
    log: Path, undisturbed: Path, rules: Classifier, of: str
) -> None:
    found = series_of_shards(undisturbed, of)
    done = label_run(read_rollouts(log), rules, also=(of,) if of != "format" else ())
    whole = done.series if of == "format" else done.also[of]
    assert found.names == whole.names
    assert (found.counts() == whole.counts()).all()
    assert found.missing == whole.missing
    assert found.table() == whole.table()


KILLED = """
import sys, time
from echoformat.classifier import Classifier
from echoformat.engines.files import label_files
label_files(sys.argv[1], sys.argv[2], classifier=Classifier(model=None), shard_rows=64, kind="jsonl",
            workers=int(sys.argv[3]), progress=lambda pace: time.sleep(0.05))
"""


def _kill_after(log: Path, folder: Path, finished: int, workers: int) -> None:
    job = subprocess.Popen([sys.executable, "-c", KILLED, str(log), str(folder), str(workers)], cwd=ROOT)
    give_up = time.monotonic() + 120
    while job.poll() is None and len(list(folder.glob("part-*"))) < finished:
        assert time.monotonic() < give_up
        time.sleep(0.005)
    job.send_signal(signal.SIGKILL)
    assert job.wait() == -signal.SIGKILL


@pytest.mark.parametrize("workers", [1, 2])
def test_killed_twice_the_outcome_is_that_of_an_undisturbed_run(
    log: Path, undisturbed: Path, rules: Classifier, tmp_path: Path, workers: int
) -> None:
    for finished in (3, 8):
        _kill_after(log, tmp_path, finished, workers)
        state = Manifest.read_from(tmp_path)
        assert state is not None and not state.complete
        assert finished - 1 <= len(state.shards) < 16
    before = {path.name: path.stat().st_mtime_ns for path in tmp_path.glob("part-*")}
    kept = [shard.name for shard in state.shards]
    done = label_files(log, tmp_path, classifier=rules, shard_rows=64, kind="jsonl")
    assert _written(tmp_path) == _written(undisturbed)
    assert done.rows == 1000 and done.complete
    assert not list(tmp_path.glob(".*.tmp"))
    assert all((tmp_path / name).stat().st_mtime_ns == before[name] for name in kept), "not done twice"


def test_a_job_that_is_done_is_not_done_again(log: Path, rules: Classifier, tmp_path: Path) -> None:
    first = label_files(log, tmp_path, classifier=rules, shard_rows=500, kind="jsonl")
    stamps = {path.name: path.stat().st_mtime_ns for path in tmp_path.glob("part-*")}
    assert label_files(log, tmp_path, classifier=rules, shard_rows=500, kind="jsonl") == first
    assert stamps == {path.name: path.stat().st_mtime_ns for path in tmp_path.glob("part-*")}
    label_files(log, tmp_path, classifier=rules, shard_rows=500, kind="jsonl", resume=False)
    assert stamps != {path.name: path.stat().st_mtime_ns for path in tmp_path.glob("part-*")}


def test_a_damaged_shard_and_all_after_it_are_made_again(
    log: Path, undisturbed: Path, rules: Classifier, tmp_path: Path
) -> None:
    label_files(log, tmp_path, classifier=rules, shard_rows=64, kind="jsonl")
    (tmp_path / "part-00002.jsonl").write_bytes(b"{}")
    (tmp_path / "part-00009.jsonl").unlink()
    label_files(log, tmp_path, classifier=rules, shard_rows=64, kind="jsonl")
    assert _written(tmp_path) == _written(undisturbed)


def test_a_full_disk_leaves_no_half_shard(
    log: Path, undisturbed: Path, rules: Classifier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced = []

    def full(number: int) -> None:
        synced.append(number)
        if len(synced) > 6:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        label_files(log, tmp_path, classifier=rules, shard_rows=64, kind="jsonl")
    for path in tmp_path.glob("part-*"):
        assert path.read_bytes() == (undisturbed / path.name).read_bytes()
    monkeypatch.undo()
    label_files(log, tmp_path, classifier=rules, shard_rows=64, kind="jsonl")
    assert _written(tmp_path) == _written(undisturbed)


def test_other_inputs_options_or_versions_are_refused(log: Path, rules: Classifier, tmp_path: Path) -> None:
    source = tmp_path / "log.jsonl"
    source.write_bytes(log.read_bytes())
    out = tmp_path / "out"
    label_files(source, out, classifier=rules, kind="jsonl")
    with pytest.raises(UsageError, match="options were"):
        label_files(source, out, classifier=rules, kind="jsonl", run="other")
    with pytest.raises(UsageError, match="versions were"):
        label_files(source, out, classifier=Classifier(compat="spurious"), kind="jsonl")
    with source.open("a") as file:
        file.write('{"step": 99, "prompt": "p", "completion": "x", "reward": 0.0}\n')
    with pytest.raises(UsageError, match=r"inputs changed.*log\.jsonl"):
        label_files(source, out, classifier=rules, kind="jsonl")
    assert label_files(source, out, classifier=rules, kind="jsonl", resume=False).rows == 1001


def test_what_is_no_folder_of_shards_is_left_alone(log: Path, rules: Classifier, tmp_path: Path) -> None:
    (tmp_path / "part-00000.jsonl").write_text("mine")
    with pytest.raises(UsageError, match="no manifest"):
        label_files(log, tmp_path, classifier=rules)
    (tmp_path / "manifest.json").write_text("[]")
    with pytest.raises(UsageError, match="manifest"):
        label_files(log, tmp_path, classifier=rules)
    assert (tmp_path / "part-00000.jsonl").read_text() == "mine"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"shard_rows": 0}, "at least one row"),
        ({"shard_rows": 5000}, "4096"),
        ({"kind": "xml"}, "parquet or jsonl"),
        ({"workers": 0}, "workers=0"),
    ],
)
def test_wrong_arguments_say_what_is_right(
    log: Path, rules: Classifier, tmp_path: Path, wrong: dict[str, Any], said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        label_files(log, tmp_path / "out", classifier=rules, **wrong)


def test_columns_are_named_as_for_reading(rules: Classifier, tmp_path: Path) -> None:
    (tmp_path / "odd.jsonl").write_text('{"said": "ans = 3\\n", "at": 4}\n')
    label_files(
        tmp_path / "odd.jsonl",
        tmp_path / "out",
        columns=Columns(completion="said", step="at"),
        classifier=rules,
        kind="jsonl",
    )
    assert [(row["format"], row["step"]) for row in _records(tmp_path / "out")] == [("program_of_thought", 4)]


def test_progress_tells_rows_rate_and_time_left(log: Path, rules: Classifier, tmp_path: Path) -> None:
    said: list[Pace] = []
    label_files(log, tmp_path, classifier=rules, shard_rows=100, kind="jsonl", progress=said.append)
    assert [pace.rows for pace in said] == list(range(100, 1001, 100))
    assert all(pace.rows_per_second > 0 for pace in said)
    assert said[0].seconds_left is not None and said[-1].seconds_left == 0


def test_rows_of_a_large_file_are_estimated_from_samples(tmp_path: Path) -> None:
    path = tmp_path / "large.jsonl"
    path.write_text("".join(json.dumps({"completion": "x" * (i % 200)}) + "\n" for i in range(40_000)))
    assert expected_rows([str(path)]) == pytest.approx(40_000, rel=0.05)
    assert expected_rows([str(path), "http://example.org/log"]) is None


# Worker processes


class Deadly(Classifier):
    """A classifier that dies of some texts, as a parser with a defect in C would."""

    def classify_batch(self, texts: Any) -> LabelBatch:
        kept = list(texts)
        if "deadly" in kept:
            os._exit(3)
        if "endless" in kept:
            time.sleep(60)
        if "wrong" in kept:
            raise ZeroDivisionError("a defect")
        return super().classify_batch(kept)


def _batches(count: int = 12, size: int = 25) -> list[tuple[int, list[Any]]]:
    return [(i, [TEXTS[(i * size + j) % len(TEXTS)] for j in range(size)]) for i in range(count)]


def _same(found: LabelBatch, wanted: LabelBatch) -> None:
    assert found.columns() == wanted.columns()
    assert found.versions == wanted.versions


@pytest.mark.parametrize("workers", [1, 3])
def test_workers_label_as_one_process_does_and_in_order(rules: Classifier, workers: int) -> None:
    with WorkerPool(rules, workers) as pool:
        found = list(pool.label(iter(_batches())))
    assert [number for number, _ in found] == list(range(12))
    for (_, labels), (_, texts) in zip(found, _batches(), strict=True):
        _same(labels, rules.classify_batch(texts))


def test_shards_do_not_depend_on_the_number_of_workers(
    log: Path, undisturbed: Path, rules: Classifier, tmp_path: Path
) -> None:
    label_files(log, tmp_path, classifier=rules, shard_rows=64, kind="jsonl", workers=3)
    assert _written(tmp_path) == _written(undisturbed)


def test_a_killed_worker_costs_nothing_but_time(rules: Classifier) -> None:
    with WorkerPool(rules, 2) as pool:
        first = set(pool.pids)

        def batches() -> Iterator[tuple[int, list[Any]]]:
            for number, texts in _batches():
                if number == 5:
                    os.kill(pool.pids[0], signal.SIGKILL)
                yield number, texts

        found = list(pool.label(batches()))
        assert len(first & set(pool.pids)) == 1
        assert pool.crashed == 0
    for (_, labels), (_, texts) in zip(found, _batches(), strict=True):
        _same(labels, rules.classify_batch(texts))


@pytest.mark.parametrize("fatal", ["deadly", "endless"])
def test_a_row_that_ends_its_worker_is_kept_and_marked(rules: Classifier, fatal: str) -> None:
    batches = _batches(3, 3)
    batches[1][1][1] = fatal
    with (
        WorkerPool(Deadly(model=None), 2, timeout_seconds=1.5) as pool,
        pytest.warns(EchoformatWarning, match="ended its worker"),
    ):
        found = list(pool.label(iter(batches)))
        assert pool.crashed == 1
    statuses = [labels.columns()["status"] for _, labels in found]
    assert [(i, j) for i, row in enumerate(statuses) for j, s in enumerate(row) if s == "crash"] == [(1, 1)]
    batches[1][1][1] = TEXTS[0]
    for (_, labels), (_, texts) in zip(found, batches, strict=True):
        others = [j for j, status in enumerate(labels.columns()["status"]) if status != "crash"]
        _same(labels.take(others), rules.classify_batch(texts).take(others))


def test_a_defect_in_a_worker_is_heard(rules: Classifier) -> None:
    with (
        WorkerPool(Deadly(model=None), 1) as pool,
        pytest.raises(RuntimeError, match="ZeroDivisionError: a defect"),
    ):
        list(pool.label([(0, ["wrong"])]))


WITHOUT_GUARD = """
import sys
from echoformat.classifier import Classifier
from echoformat.engines.files import label_files
print(label_files(sys.argv[1], sys.argv[2], classifier=Classifier(model=None), shard_rows=64, kind="jsonl",
                  workers=2).rows)
"""


def test_a_script_without_a_main_guard_works(log: Path, undisturbed: Path, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(WITHOUT_GUARD)
    done = subprocess.run(
        [sys.executable, str(script), str(log), str(tmp_path / "out")],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        cwd=ROOT,
    )
    assert (done.returncode, done.stdout.strip()) == (0, "1000"), done.stderr
    assert _written(tmp_path / "out") == _written(undisturbed)


def test_where_no_process_can_be_started_this_one_labels(
    log: Path, undisturbed: Path, rules: Classifier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise WorkersUnavailable("not on this machine")

    monkeypatch.setattr(files, "WorkerPool", refuse)
    with pytest.warns(EchoformatWarning, match="in this process: not on this machine"):
        label_files(log, tmp_path, classifier=rules, shard_rows=64, kind="jsonl", workers=2)
    assert _written(tmp_path) == _written(undisturbed)


def test_a_worker_that_cannot_start_is_told_of(rules: Classifier, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(WorkersUnavailable, match="ended with code 1"):
        WorkerPool(rules, 1)


def test_a_head_start_that_nobody_takes_is_over(rules: Classifier) -> None:
    with HeadStart(2) as ahead:
        begun = ahead._begun
        assert [worker.process.poll() for worker in begun] == [None, None]
    assert all(worker.process.poll() is not None for worker in begun)
    with HeadStart(2) as ahead, WorkerPool(rules, 1, ahead=ahead) as pool:
        assert len(ahead._begun) == 1 and ahead._begun[0].process.pid not in pool.pids
        assert [labels.label_names() for _, labels in pool.label([(0, [""])])] == [["empty"]]


def test_workers_end_with_the_program(rules: Classifier) -> None:
    with WorkerPool(rules, 2) as pool:
        pids = pool.pids
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_a_classifier_goes_through_pickle(rules: Classifier) -> None:
    again = pickle.loads(pickle.dumps(rules))
    _same(again.classify_batch(TEXTS[:30]), rules.classify_batch(TEXTS[:30]))


def test_series_of_shards_needs_shards(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no finished shards"):
        series_of_shards(tmp_path)
    with pytest.raises(UsageError, match="did you mean 'format'"):
        series_of_shards(tmp_path, "fromat")


def test_completions_without_a_problem_are_each_their_own(rules: Classifier, tmp_path: Path) -> None:
    rows = "".join(json.dumps({"step": 0, "completion": "ans = 3\n"}) + "\n" for _ in range(4))
    (tmp_path / "log.jsonl").write_text(rows)
    label_files(tmp_path / "log.jsonl", tmp_path / "out", classifier=rules, kind="jsonl")
    series = series_of_shards(tmp_path / "out")
    assert len(set(series.cells.problem.tolist())) == 4
    assert Completion("").problem == ""


def test_a_log_without_rows_is_one_empty_shard(rules: Classifier, tmp_path: Path) -> None:
    empty = RolloutLog([], ReadOptions(Columns(), None, False, None, False), ReadReport(), None)
    done = files.label_log(empty, tmp_path / "out", {}, classifier=rules)
    assert [shard.rows for shard in done.shards] == [0]
    with pytest.raises(UsageError, match="no rows"):
        series_of_shards(tmp_path / "out")


def _one_row(folder: Path) -> Path:
    path = folder / "one.jsonl"
    path.write_text('{"step": 1, "completion": "ans = 3\\n"}\n')
    return path


# The command line


@pytest.mark.parametrize("kind", ["jsonl", "parquet"])
@pytest.mark.parametrize(
    "more", [["--workers", "2"], ["--engine", "local"], ["--resume", "--shard-rows", "100"]]
)
def test_label_in_shards_writes_the_file_of_one_pass(
    log: Path, tmp_path: Path, kind: str, more: list[str]
) -> None:
    whole, joined = tmp_path / f"whole.{kind}", tmp_path / f"joined.{kind}"
    assert main(["label", str(log), "-o", str(whole)]) == 0
    assert main(["label", str(log), "-o", str(joined), *more]) == 0
    if kind == "jsonl":
        assert joined.read_bytes() == whole.read_bytes()
    else:
        pq = pytest.importorskip("pyarrow.parquet")
        assert pq.read_table(joined).equals(pq.read_table(whole))
    assert not list(tmp_path.glob("*.parts"))


def test_label_into_a_folder_keeps_its_shards(log: Path, tmp_path: Path) -> None:
    assert main(["label", str(log), "-o", str(tmp_path / "labels"), "--shard-rows", "500"]) == 0
    assert sorted(p.name for p in (tmp_path / "labels").iterdir()) == [
        "manifest.json",
        "part-00000.parquet",
        "part-00001.parquet",
    ]
    assert series_of_shards(tmp_path / "labels").counts().sum() == 1000 - sum(
        row["completion"] is None for row in _rows(1000)
    )


def test_label_resumes_on_the_command_line(
    log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "labels.jsonl"
    command = ["label", str(log), "-o", str(out), "--resume", "--shard-rows", "100"]
    synced = []

    def stop(number: int) -> None:
        synced.append(number)
        if len(synced) > 5:
            raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", stop)
    assert main(command) == 130
    parts = sorted((tmp_path / "labels.jsonl.parts").glob("part-*"))
    assert parts and not out.exists()
    monkeypatch.undo()
    assert main(command) == 0
    assert len(out.read_text().splitlines()) == 1001


def test_label_in_shards_knows_no_csv(log: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["label", str(log), "-o", str(tmp_path / "x.csv"), "--workers", "2"]) == 2
    assert "parquet or .jsonl" in capsys.readouterr().err
