"""Labelling in this process: one pass over a log, from completions to a labelled run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from echoformat.classifier import Classifier
from echoformat.completion import Completion
from echoformat.engines.samples import Sample, SampleKeeper
from echoformat.label import Versions
from echoformat.label_batch import LabelBatch
from echoformat.mixture import Mixture
from echoformat.series import FormatSeries

BATCH_SIZE = 4096
# Columns of a log that say what a run was; kept once a run, for the page and the measures.
RUN_FACTS = ("kl_coef", "kl_coefficient", "beta", "algo", "algorithm", "model_size", "model_params", "seed")

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class LabelledRun:
    """A log, labelled and counted.

    Attributes:
        series: Completions by run, step, split, problem and format.
        by_source: The same by source of the declared mixture; ``None`` without one.
        samples: Some completions of each format from each part of a run, chosen by hash.
        versions: What made the labels.
        mixture: The declared mixture, if any.
    """

    series: FormatSeries
    by_source: FormatSeries | None
    samples: tuple[Sample, ...]
    versions: Versions
    mixture: Mixture | None = None


def label_batches(
    log: Iterable[Completion], classifier: Classifier, batch_size: int = BATCH_SIZE
) -> Iterator[tuple[list[Completion], LabelBatch]]:
    r"""Completions with their labels, a batch at a time, in the order of the log.

    Example:
        >>> rows = [Completion("ans = 3 * 12\n"), Completion("")]
        >>> [labels.label_names() for _, labels in label_batches(rows, Classifier(), 1)]
        [['program_of_thought'], ['empty']]
    """
    rows = iter(log)
    while batch := list(islice(rows, batch_size)):
        yield batch, classifier.classify_batch([row.text for row in batch])


def label_run(
    log: Iterable[Completion],
    classifier: Classifier,
    *,
    batch_size: int = BATCH_SIZE,
    steps_per_epoch: float | None = None,
    progress: Progress | None = None,
) -> LabelledRun:
    r"""Label every completion of a log and count the labels over its steps.

    Args:
        log: Completions, as `echoformat.read_rollouts` yields them.
        classifier: What labels them.
        batch_size: Completions labelled at once; the outcome does not depend on it.
        steps_per_epoch: Steps in one pass over the problems; taken from an `epoch` column where there is one.
        progress: Called with the number of completions after each batch.

    Example:
        >>> done = label_run([Completion("ans = 3 * 12\n", step=0, problem="p")], Classifier())
        >>> done.series.names, [sample.name for sample in done.samples]
        (('program_of_thought',), ['program_of_thought'])
    """
    facts, keeper, parts = _RunFacts(), SampleKeeper(), _Parts(classifier.mixture is not None)
    for batch, labels in label_batches(log, classifier, batch_size):
        facts.add(batch)
        keeper.add(batch, labels)
        parts.add(batch, labels)
        if progress is not None:
            progress(len(batch))
    series = parts.whole("format", classifier)
    pace = steps_per_epoch if steps_per_epoch is not None else facts.steps_per_epoch
    series = replace(series, metadata=facts.by_run or None, steps_per_epoch=pace)
    by_source = replace(parts.whole("source", classifier), steps_per_epoch=pace) if parts.sourced else None
    return LabelledRun(series, by_source, keeper.samples(classifier), classifier.versions, classifier.mixture)


def count_labels(batch: list[Completion], labels: LabelBatch, of: str = "format") -> FormatSeries:
    """The series of one batch."""
    return FormatSeries.from_labels(
        labels,
        steps=[row.step for row in batch],
        problems=[row.problem or row.source or f"#{i}" for i, row in enumerate(batch)],
        runs=[row.run for row in batch],
        splits=[row.split for row in batch],
        correct=[row.correct for row in batch],
        rewards=[row.reward for row in batch],
        of=of,
    )


class _Parts:
    """Series of batches, merged pairwise like binary digits: a cell is merged log(batches) times."""

    def __init__(self, sourced: bool) -> None:
        self.sourced = sourced
        self._stacks: dict[str, list[tuple[int, FormatSeries]]] = {"format": [], "source": []}

    def add(self, batch: list[Completion], labels: LabelBatch) -> None:
        for of in ("format", "source") if self.sourced else ("format",):
            stack = self._stacks[of]
            size, part = 1, count_labels(batch, labels, of)
            while stack and stack[-1][0] == size:
                part, size = stack.pop()[1].merge(part), size * 2
            stack.append((size, part))

    def whole(self, of: str, classifier: Classifier) -> FormatSeries:
        parts = [part for _, part in self._stacks[of]]
        if not parts:
            return FormatSeries.from_labels(classifier.classify_batch([]), of=of)
        return parts[0].merge(*parts[1:])


class _RunFacts:
    """What the log says about each run itself."""

    def __init__(self) -> None:
        self.by_run: dict[str, dict[str, Any]] = {}
        self._furthest = (0.0, 0)

    def add(self, batch: list[Completion]) -> None:
        for row in batch:
            if row.run not in self.by_run:
                self.by_run[row.run] = {key: row.extras[key] for key in RUN_FACTS if key in row.extras}
            epoch = row.extras.get("epoch")
            if isinstance(epoch, int | float) and row.step and epoch > self._furthest[0]:
                self._furthest = (float(epoch), row.step)

    @property
    def steps_per_epoch(self) -> float | None:
        epoch, step = self._furthest
        return step / epoch if epoch > 0 else None
