"""Labelling in worker processes: order kept, memory bounded, and no row lost with a worker that dies."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import warnings
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Pipe, wait
from pathlib import Path
from types import TracebackType
from typing import Any, Generic, TypeVar

from echoformat.classifier import Classifier
from echoformat.engines.tasks import NotPlain, PartAnswer, PartTask
from echoformat.errors import EchoformatError, EchoformatWarning, UsageError
from echoformat.label import STATUSES, Status
from echoformat.label_batch import LabelBatch

# Batches under way for each worker: one in its hands, one behind it.
A_WORKER = 2
BATCH_TIMEOUT_SECONDS = 600.0
Row = TypeVar("Row")


@dataclass(slots=True)
class _Task(Generic[Row]):
    """One piece of work on its way: whose it is, what to do, and the answer once it is there."""

    row: Row
    work: Any
    answer: Any = None


@dataclass(slots=True)
class _Worker:
    process: subprocess.Popen[bytes]
    connection: Any
    tasks: deque[_Task[Any]] = field(default_factory=deque)
    since: float = 0.0


class WorkersUnavailable(EchoformatError):
    """No worker process can be started on this machine or by this program."""


class HeadStart:
    """Worker processes that begin while their classifier is still being made: what they import takes as long.

    Args:
        workers: How many; none is none. One that cannot be started is left for the pool to tell of.
    """

    def __init__(self, workers: int) -> None:
        self._begun: list[_Worker] = []
        with suppress(WorkersUnavailable):
            for _ in range(workers):
                self._begun.append(_begun())

    def __enter__(self) -> HeadStart:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for worker in self.taken(len(self._begun)):
            worker.connection.close()
            worker.process.kill()
            worker.process.wait()

    def taken(self, most: int) -> list[_Worker]:
        """Some of the processes, which are ended by whoever takes them."""
        begun, self._begun = self._begun[:most], self._begun[most:]
        return begun


class WorkerPool:
    r"""Labels batches in several processes, each with a classifier of its own.

    The workers are fresh interpreters that import nothing of the calling program: it needs no main guard,
    and nothing is forked. A worker that dies or hangs is replaced; its batch is halved until the one row
    that kills a worker stands alone, and that row is kept with status ``crash``.

    Args:
        classifier: What labels; sent to each worker once.
        workers: How many processes.
        timeout_seconds: A batch that takes longer counts as hung.
        ahead: Processes that have begun already.

    Raises:
        UsageError: Fewer than one worker.
        WorkersUnavailable: No process can be started here.

    Example:
        >>> with WorkerPool(Classifier(), 1) as pool:
        ...     [labels.label_names() for _, labels in pool.label([("a", ["ans = 3 * 12\n"])])]
        [['program_of_thought']]
    """

    def __init__(
        self,
        classifier: Classifier,
        workers: int,
        timeout_seconds: float = BATCH_TIMEOUT_SECONDS,
        ahead: HeadStart | None = None,
    ) -> None:
        if workers < 1:
            raise UsageError(f"workers={workers}: give 1 or more")
        self._classifier, self._timeout = classifier, timeout_seconds
        self.crashed = 0
        begun = [] if ahead is None else ahead.taken(workers)
        self._workers = [self._start(begun.pop() if begun else _begun()) for _ in range(workers)]
        for worker in self._workers:
            _await_ready(worker)

    def __enter__(self) -> WorkerPool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def pids(self) -> list[int]:
        """Process ids of the workers."""
        return [worker.process.pid for worker in self._workers]

    @property
    def size(self) -> int:
        """How many workers there are."""
        return len(self._workers)

    @property
    def most_under_way(self) -> int:
        """How many pieces of work are under way at most."""
        return A_WORKER * len(self._workers) + 2

    def close(self) -> None:
        """End the workers."""
        for worker in self._workers:
            worker.connection.close()
        for worker in self._workers:
            _end(worker.process)

    def _start(self, worker: _Worker) -> _Worker:
        try:
            worker.connection.send(self._classifier)
        except ConnectionError as error:
            raise WorkersUnavailable(_ended(worker.process)) from error
        return worker

    def _restart(self, worker: _Worker) -> None:
        worker.process.kill()
        _end(worker.process)
        worker.connection.close()
        fresh = self._start(_begun())
        worker.process, worker.connection, worker.tasks = fresh.process, fresh.connection, deque()
        _await_ready(worker)

    def label(self, batches: Iterable[tuple[Row, Sequence[Any]]]) -> Iterator[tuple[Row, LabelBatch]]:
        """Each batch with its labels, in the order given; a bounded number is under way at a time."""
        return self._answers(batches)

    def read(self, parts: Iterable[tuple[Row, PartTask]]) -> Iterator[tuple[Row, PartAnswer]]:
        """Each part as a worker read it, its labels beside it, in the order given."""
        return self._answers(parts)

    def ask(self, work: PartTask | Sequence[Any]) -> Any:
        """The answer to one part or one batch of texts, whatever else is under way."""
        task = _Task(None, work)
        self._hand_out(task)
        return self._awaited(task)

    def _answers(self, works: Iterable[tuple[Row, Any]]) -> Iterator[tuple[Row, Any]]:
        waiting: deque[_Task[Row]] = deque()
        for row, work in works:
            task = _Task(row, work)
            waiting.append(task)
            self._hand_out(task)
            while waiting and (waiting[0].answer is not None or len(waiting) >= self.most_under_way):
                yield waiting[0].row, self._awaited(waiting.popleft())
        while waiting:
            yield waiting[0].row, self._awaited(waiting.popleft())

    def _awaited(self, task: _Task[Any]) -> Any:
        while task.answer is None:
            self._receive()
        return task.answer

    def _hand_out(self, task: _Task[Any]) -> None:
        while True:
            worker = min(self._workers, key=lambda one: len(one.tasks))
            if len(worker.tasks) < A_WORKER:
                break
            self._receive()
        self._give(worker, task)

    def _give(self, worker: _Worker, task: _Task[Any]) -> None:
        if not worker.tasks:
            worker.since = time.monotonic()
        worker.tasks.append(task)
        try:
            worker.connection.send(task.work)
        except (BrokenPipeError, ConnectionError):
            self._replace(worker)

    def _receive(self) -> None:
        """Wait for any worker to answer, die, or run out of time."""
        busy = {worker.connection: worker for worker in self._workers if worker.tasks}
        ready = wait(list(busy), timeout=1.0)
        for connection in ready:
            worker = busy[connection]
            try:
                answer = _answer(worker)
            except (EOFError, ConnectionError):
                self._replace(worker)
                continue
            worker.tasks.popleft().answer = answer
            worker.since = time.monotonic()
        for worker in busy.values():
            if worker.tasks and time.monotonic() - worker.since > self._timeout:
                worker.process.kill()
                worker.process.wait()

    def _replace(self, worker: _Worker) -> None:
        """A worker died over the first of its tasks: find the row, and give the rest to a new one."""
        first, *others = worker.tasks
        self._restart(worker)
        is_part = isinstance(first.work, PartTask)
        first.answer = NotPlain() if is_part else self._by_halves(worker, first.work)
        for task in others:
            self._give(worker, task)

    def _by_halves(self, worker: _Worker, texts: Sequence[Any]) -> LabelBatch:
        labels = self._alone(worker, texts)
        if labels is not None:
            return labels
        if len(texts) == 1:
            self.crashed += 1
            return crashed_row(self._classifier, texts[0])
        half = len(texts) // 2
        return LabelBatch.concat([self._by_halves(worker, part) for part in (texts[:half], texts[half:])])

    def _alone(self, worker: _Worker, texts: Sequence[Any]) -> LabelBatch | None:
        """The labels of one batch with nothing else under way; ``None`` where it kills the worker."""
        try:
            worker.connection.send(texts)
            if worker.connection.poll(self._timeout):
                labels: LabelBatch = _answer(worker)
                return labels
        except (EOFError, ConnectionError):
            pass
        self._restart(worker)
        return None


def _begun() -> _Worker:
    """A process that waits for its classifier."""
    ours, theirs = Pipe()
    try:
        process = subprocess.Popen(
            [sys.executable, "-m", "echoformat.engines.worker", str(theirs.fileno())],
            pass_fds=(theirs.fileno(),),
            stdin=subprocess.DEVNULL,
            env=_environment(),
        )
    except (OSError, ValueError) as error:
        raise WorkersUnavailable(f"no worker process can be started: {error}") from error
    finally:
        theirs.close()
    return _Worker(process, ours)


def crashed_row(classifier: Classifier, text: Any) -> LabelBatch:
    """The label of a completion that ends whatever looks at it, and a warning about it."""
    size = f"a completion of {len(text)} characters" if isinstance(text, str) else "a completion"
    warnings.warn(
        f"{size} ended its worker process; it is kept, unlabelled, with status crash",
        EchoformatWarning,
        stacklevel=2,
    )
    # The row of something that is no text is the row of an unknown; only its status differs.
    unknown = classifier.classify_batch([b""])
    return replace(unknown, statuses=unknown.statuses * 0 + STATUSES.index(Status.CRASH))


def _environment() -> dict[str, str]:
    """The caller's, with its module path; a worker is one core, which numpy's threads would not know."""
    path = os.pathsep.join(part or str(Path.cwd()) for part in sys.path)
    return {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", **os.environ, "PYTHONPATH": path}


def _await_ready(worker: _Worker) -> None:
    try:
        worker.connection.recv()
    except (EOFError, ConnectionError) as error:
        raise WorkersUnavailable(_ended(worker.process)) from error


def _ended(process: subprocess.Popen[bytes]) -> str:
    return f"a worker process ended with code {process.wait()} while it started"


def _answer(worker: _Worker) -> Any:
    """What a worker sends; a defect in it is a defect here, not a crash of its row."""
    answer = worker.connection.recv()
    if isinstance(answer, str):
        raise RuntimeError(f"a worker failed:\n{answer}")
    return answer


def _end(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
