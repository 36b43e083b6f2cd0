"""Labelling on Ray: batches on the actors of a cluster, and labels as a step of a Ray Data pipeline."""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from types import TracebackType
from typing import Any, TypeVar

from echoformat.classifier import Classifier
from echoformat.engines.batch_labeler import BatchLabeler
from echoformat.engines.workers import crashed_row
from echoformat.errors import MissingExtra, UsageError
from echoformat.label_batch import LabelBatch

BATCH_ROWS = 4096
# Batches under way for each actor: one in its hands, two behind it.
AN_ACTOR = 3
# A batch is tried again this often by Ray where its actor died, before it is taken apart.
RETRIES = 1
RESTART_SECONDS = 120
Row = TypeVar("Row")


def label_dataset(dataset: Any, labeler: BatchLabeler, *, workers: int, batch_rows: int = BATCH_ROWS) -> Any:
    """A `ray.data.Dataset` with label columns added, by long-lived actors that each build a classifier once.

    An actor that dies is started again and its batch done again, by Ray.

    Args:
        dataset: Any Ray dataset with the labeler's column.
        labeler: What adds the columns.
        workers: Actors; one a core is best.
        batch_rows: Rows labelled at once.

    Raises:
        MissingExtra: Ray is not installed.
        UsageError: Fewer than one worker.
    """
    _ray()
    import ray.data

    return dataset.map_batches(
        _Step,
        fn_constructor_args=(labeler,),
        batch_format="pyarrow",
        batch_size=batch_rows,
        compute=ray.data.ActorPoolStrategy(size=_checked(workers)),
    )


class _Step:
    """What one actor of a Ray Data pipeline holds."""

    def __init__(self, labeler: BatchLabeler) -> None:
        self._labeler = labeler

    def __call__(self, batch: Any) -> Any:
        return self._labeler(batch)


class RayPool:
    """Labels batches on Ray actors, in the order given; what `WorkerPool` is for one machine.

    An actor that dies is started again. A batch that ends its actor again and again is halved until the one
    row stands alone, and that row is kept with status ``crash``.

    Args:
        classifier: What labels; sent to each actor once.
        workers: How many actors, of one core each.

    Raises:
        MissingExtra: Ray is not installed.
        UsageError: Fewer than one worker.
    """

    def __init__(self, classifier: Classifier, workers: int) -> None:
        self._ray = _ray()
        self._classifier = classifier
        self._started = not self._ray.is_initialized()
        if self._started:
            self._ray.init(**_cluster(_checked(workers)))
        actor = self._ray.remote(num_cpus=1, max_restarts=-1, max_task_retries=RETRIES)(_Labeler)
        # Kept here, or an actor that is started again would find nothing to start from.
        self._held = self._ray.put(classifier)
        self._actors = [actor.remote(self._held) for _ in range(_checked(workers))]

    def __enter__(self) -> RayPool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def pids(self) -> list[int]:
        """Process ids of the actors."""
        return [int(pid) for pid in self._ray.get([actor.pid.remote() for actor in self._actors])]

    def close(self) -> None:
        """End the actors, and Ray itself where this pool started it."""
        for actor in self._actors:
            self._ray.kill(actor)
        if self._started:
            self._ray.shutdown()

    def label(self, batches: Iterable[tuple[Row, Sequence[Any]]]) -> Iterator[tuple[Row, LabelBatch]]:
        """Each batch with its labels, in the order given; a bounded number is under way at a time."""
        waiting: deque[tuple[Row, Sequence[Any], Any, int]] = deque()
        for number, (row, texts) in enumerate(batches):
            actor = number % len(self._actors)
            waiting.append((row, texts, self._actors[actor].label.remote(texts), actor))
            if len(waiting) >= AN_ACTOR * len(self._actors):
                yield self._finished(*waiting.popleft())
        while waiting:
            yield self._finished(*waiting.popleft())

    def _finished(self, row: Row, texts: Sequence[Any], answer: Any, actor: int) -> tuple[Row, LabelBatch]:
        labels = self._answer(answer)
        return row, self._by_halves(texts, actor) if labels is None else labels

    def _answer(self, answer: Any) -> LabelBatch | None:
        """The labels; ``None`` where the actor died over them, however often Ray tried."""
        from ray.exceptions import RayActorError

        try:
            labels: LabelBatch = self._ray.get(answer)
        except RayActorError:
            return None
        return labels

    def _by_halves(self, texts: Sequence[Any], actor: int) -> LabelBatch:
        self._await_restart(actor)
        labels = self._answer(self._actors[actor].label.remote(texts))
        if labels is not None:
            return labels
        if len(texts) == 1:
            return crashed_row(self._classifier, texts[0])
        half = len(texts) // 2
        return LabelBatch.concat([self._by_halves(part, actor) for part in (texts[:half], texts[half:])])

    def _await_restart(self, actor: int) -> None:
        """Wait until an actor answers again: what is asked while it starts fails for no fault of its own."""
        from ray.exceptions import RayActorError

        for _ in range(RESTART_SECONDS):
            try:
                self._ray.get(self._actors[actor].pid.remote())
                return
            except RayActorError:
                time.sleep(1.0)
        raise RuntimeError(f"a Ray actor did not come back within {RESTART_SECONDS} s")


class _Labeler:
    """What one actor holds."""

    def __init__(self, classifier: Classifier) -> None:
        self._classifier = classifier

    def label(self, texts: Sequence[Any]) -> LabelBatch:
        return self._classifier.classify_batch(texts)

    def pid(self) -> int:
        return os.getpid()


def _cluster(workers: int) -> dict[str, Any]:
    """How Ray is started where no cluster is at hand: this machine, quiet, nothing listening outside."""
    if "RAY_ADDRESS" in os.environ:
        return {"log_to_driver": False}
    return {"num_cpus": workers, "include_dashboard": False, "log_to_driver": False, "logging_level": "ERROR"}


def _checked(workers: int) -> int:
    if workers < 1:
        raise UsageError(f"workers={workers}: give 1 or more")
    return workers


def _ray() -> Any:
    try:
        import ray
    except ImportError as error:
        raise MissingExtra("ray", "ray", "labelling on Ray") from error
    return ray
