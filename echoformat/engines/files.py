"""Label files of any size into shards: constant memory, order kept, resumed where a kill left off."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict, replace
from itertools import islice
from pathlib import Path
from typing import Any

from echoformat.classifier import Classifier
from echoformat.completion_batch import CompletionBatch
from echoformat.engines.manifest import NAME, Manifest, inputs_of
from echoformat.engines.own_pool import OwnPool, Pool
from echoformat.engines.pace import Progress, Stopwatch, expected_rows
from echoformat.engines.parted import PartedLog
from echoformat.engines.ray import RayPool
from echoformat.engines.shards import Shard, checked_kind, sha256_of, shard_writer
from echoformat.engines.workers import HeadStart, WorkerPool, WorkersUnavailable
from echoformat.errors import EchoformatWarning, UsageError, did_you_mean
from echoformat.label_batch import LabelBatch
from echoformat.rollouts import Columns, RolloutLog, read_rollouts
from echoformat.rollouts.row_columns import RowColumns

ENGINES = ("auto", "local", "processes", "ray")
BATCH_ROWS = 4096
SHARD_ROWS = 32 * BATCH_ROWS

Labelled = Iterator[tuple[RowColumns, LabelBatch]]


def label_files(
    paths: Any,
    out: str | Path,
    *,
    columns: Columns | None = None,
    step_from: str | None = None,
    run: str | None = None,
    strict: bool = False,
    classifier: Classifier | None = None,
    workers: int = 1,
    engine: str = "auto",
    shard_rows: int = SHARD_ROWS,
    kind: str = "parquet",
    resume: bool = True,
    progress: Progress | None = None,
) -> Manifest:
    r"""Label everything that `read_rollouts` reads into numbered shards and a manifest.

    Memory does not grow with the rows. A shard appears under its name only when it is whole; killed at any
    point and called again, the job goes on after the last finished shard, and the outcome is, byte for
    byte, that of an undisturbed one. One row a completion, in the order of the log.

    Args:
        paths: As for `read_rollouts`.
        out: Folder for the shards, made where needed.
        columns, step_from, run, strict: As for `read_rollouts`.
        classifier: What labels; by default the whole shelf.
        workers: Processes that label. The labels are the same for any number.
        engine: ``"local"`` labels in this process, ``"processes"`` in worker processes, ``"ray"`` on a Ray
            cluster, or one on this machine; ``"auto"`` is local for one worker, else processes.
        shard_rows: Rows of a shard; a multiple of 4096 where it is larger.
        kind: ``parquet`` or ``jsonl``.
        resume: Go on with what an earlier call left in `out`; ``False`` starts over.
        progress: Called with a `Pace` after each batch.

    Returns:
        The manifest: versions, inputs, shards with row counts and SHA-256, and what was read.

    Raises:
        UsageError: `out` holds the labels of another job; the errors of `read_rollouts`.
        MissingExtra: Parquet without pyarrow.

    Example:
        >>> import pathlib, tempfile
        >>> folder = pathlib.Path(tempfile.mkdtemp())
        >>> _ = (folder / "log.jsonl").write_text('{"step": 1, "completion": "ans = 3\\n"}\n')
        >>> done = label_files(folder / "log.jsonl", folder / "labels", kind="jsonl")
        >>> [(shard.name, shard.rows) for shard in done.shards]
        [('part-00000.jsonl', 1)]
    """
    with head_start(workers, engine) as ahead:
        log = read_rollouts(paths, columns=columns, step_from=step_from, run=run, strict=strict)
        read_as = {"columns": asdict(columns or Columns()), "step_from": step_from, "run": run}
        return label_log(
            log,
            out,
            read_as,
            classifier=classifier or Classifier(),
            workers=workers,
            engine=engine,
            shard_rows=shard_rows,
            kind=kind,
            resume=resume,
            progress=progress,
            ahead=ahead,
        )


def head_start(workers: int, engine: str) -> HeadStart:
    """The worker processes that such a job needs, begun.

    Raises:
        UsageError: An unknown engine, fewer than one worker, or more than the engine has.
    """
    return HeadStart(workers if _checked_engine(engine, workers) == "processes" else 0)


def label_log(
    log: RolloutLog,
    out: str | Path,
    read_as: dict[str, Any],
    *,
    classifier: Classifier,
    workers: int = 1,
    engine: str = "auto",
    shard_rows: int = SHARD_ROWS,
    kind: str = "parquet",
    resume: bool = True,
    progress: Progress | None = None,
    ahead: HeadStart | None = None,
) -> Manifest:
    """`label_files` for a log that is open already.

    Args:
        log: What to label.
        out: Folder for the shards.
        read_as: What the log was opened with, as far as it decides on rows; a resumed job must have the same.
        classifier, workers, engine, shard_rows, kind, resume, progress: As for `label_files`.
        ahead: From `head_start`, where a caller has more to do before it has a classifier.

    Raises:
        UsageError: As for `label_files`.
        MissingExtra: Parquet without pyarrow.
    """
    options = {
        **read_as,
        "kind": checked_kind(kind),
        "shard_rows": _checked_rows(shard_rows),
        "mixture": None if classifier.mixture is None else asdict(classifier.mixture),
    }
    chosen = _checked_engine(engine, workers)
    job = Manifest(classifier.versions, inputs_of(log.readers), _plain(options))
    state = _begin(Path(out), job, resume)
    if not state.complete:
        state = _Job(Path(out), log, classifier, state, progress).go(workers, chosen, ahead)
    return state


def _plain(options: dict[str, Any]) -> dict[str, Any]:
    """As JSON gives it back, so that a manifest read is equal to the one written."""
    return {
        key: _plain(value) if isinstance(value, dict) else list(value) if isinstance(value, tuple) else value
        for key, value in options.items()
    }


def _checked_rows(shard_rows: int) -> int:
    if shard_rows < 1:
        raise UsageError(f"shard_rows={shard_rows}: a shard holds at least one row")
    if shard_rows > BATCH_ROWS and shard_rows % BATCH_ROWS:
        raise UsageError(
            f"shard_rows={shard_rows}: above {BATCH_ROWS} it must be a multiple of it, "
            f"e.g. {shard_rows // BATCH_ROWS * BATCH_ROWS}"
        )
    return shard_rows


def _checked_engine(engine: str, workers: int) -> str:
    if engine not in ENGINES:
        raise UsageError(f"engine={engine!r}: {did_you_mean(engine, ENGINES)}")
    if workers < 1:
        raise UsageError(f"workers={workers}: give 1 or more")
    if engine == "local" and workers > 1:
        raise UsageError(f"workers={workers}: the local engine is one process; use engine='processes'")
    return ("local" if workers == 1 else "processes") if engine == "auto" else engine


def _begin(folder: Path, job: Manifest, resume: bool) -> Manifest:
    """Where to go on, with everything unfinished cleared away."""
    folder.mkdir(parents=True, exist_ok=True)
    old = Manifest.read_from(folder) if resume else None
    if old is not None:
        old.check_same_job(job, folder)
    elif resume and any(folder.glob("part-*")):
        raise UsageError(f"{folder} holds shards but no {NAME}; label into another folder or resume=False")
    state = job if old is None else old.sound(folder)
    kept = {shard.name for shard in state.shards}
    for path in (*folder.glob("part-*"), *folder.glob(".part-*.tmp")):
        if path.name not in kept:
            path.unlink()
    # What a loss of power can take of it is known again at the next start.
    state.write(folder, lasting=False)
    return state


class _Job:
    """One run over a log, from the first row that is in no shard yet."""

    def __init__(
        self,
        folder: Path,
        log: RolloutLog,
        classifier: Classifier,
        state: Manifest,
        progress: Progress | None,
    ) -> None:
        self._folder, self._log, self._classifier, self._state = folder, log, classifier, state
        expected = None if progress is None else expected_rows(list(log.readers))
        self._watch = Stopwatch(expected, state.rows)
        self._progress = progress
        self._kind: str = state.options["kind"]
        self._shard_rows: int = state.options["shard_rows"]

    def go(self, workers: int, engine: str, ahead: HeadStart | None) -> Manifest:
        with ExitStack() as stack:
            rows = _Rows(self._labelled(workers, engine, ahead, stack))
            # A log without rows gets an empty shard.
            while not rows.are_over() or not self._state.shards:
                self._write_shard(rows)
                if not rows.are_over():
                    self._state.write(self._folder)
        self._state = replace(self._state, complete=True, read=self._log.report.to_dict())
        self._state.write(self._folder)
        return self._state

    def _labelled(self, workers: int, engine: str, ahead: HeadStart | None, stack: ExitStack) -> Labelled:
        """What is left of the log; rows that are in shards are read again but not labelled."""
        if engine == "ray":
            cluster = stack.enter_context(RayPool(self._classifier, workers))
            labelled = cluster.label((batch, batch.texts) for batch in self._batches())
            return ((RowColumns.of(batch), labels) for batch, labels in labelled)
        return PartedLog(
            self._log, self._pool(workers, engine, ahead, stack), BATCH_ROWS, self._state.rows
        ).segments()

    def _pool(self, workers: int, engine: str, ahead: HeadStart | None, stack: ExitStack) -> Pool:
        if engine == "processes":
            try:
                return stack.enter_context(WorkerPool(self._classifier, workers, ahead=ahead))
            except WorkersUnavailable as error:
                warnings.warn(f"labelling in this process: {error}", EchoformatWarning, stacklevel=2)
        return OwnPool(self._classifier)

    def _batches(self) -> Iterator[CompletionBatch]:
        size = min(BATCH_ROWS, self._shard_rows)
        return islice(self._log.batches(size, sources=False), self._state.rows // size, None)

    def _write_shard(self, labelled: _Rows) -> None:
        path = self._folder / f"part-{len(self._state.shards):05}.{self._kind}"
        rows = 0
        with shard_writer(path, self._kind, self._classifier.versions) as write:
            for some, labels in labelled.taken(self._shard_rows):
                write(some, labels)
                rows += len(some)
                if self._progress is not None:
                    self._progress(self._watch.add(len(some)))
        self._state = self._state.with_shard(Shard(path.name, rows, sha256_of(path)))


class _Rows:
    """Labelled rows, taken as many at a time as a shard has."""

    def __init__(self, labelled: Labelled) -> None:
        self._labelled = labelled
        self._next = next(labelled, None)

    def are_over(self) -> bool:
        return self._next is None

    def taken(self, most: int) -> Labelled:
        """The next rows, in one or several pieces."""
        while most > 0 and self._next is not None:
            rows, labels = self._next
            size = len(rows)
            if size <= most:
                self._next = next(self._labelled, None)
            else:
                self._next = rows.cut(most, size), labels.cut(most, size)
                rows, labels = rows.cut(0, most), labels.cut(0, most)
            most -= len(rows)
            yield rows, labels
