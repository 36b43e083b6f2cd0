"""Labelling in this process: one pass over a log, from completions to a labelled run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from echoformat.classifier import Classifier
from echoformat.completion import Completion
from echoformat.engines.epochs import Pace
from echoformat.engines.samples import Sample, SampleKeeper
from echoformat.label import Versions
from echoformat.label_batch import LabelBatch
from echoformat.mixture import Mixture
from echoformat.series import FormatSeries

BATCH_SIZE = 4096

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class LabelledRun:
    """A log, labelled and counted.

    Attributes:
        series: Completions by run, step, split, problem and format.
        also: The same by ``source`` (with a declared mixture), ``family`` or ``variant``, where asked for.
        samples: Some completions of each format from each part of a run, chosen by hash.
        versions: What made the labels.
        mixture: The declared mixture, if any.
    """

    series: FormatSeries
    also: Mapping[str, FormatSeries]
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
    also: Sequence[str] = (),
    progress: Progress | None = None,
) -> LabelledRun:
    r"""Label every completion of a log and count the labels over its steps.

    Args:
        log: Completions, as `echoformat.read_rollouts` yields them.
        classifier: What labels them.
        batch_size: Completions labelled at once; the outcome does not depend on it.
        steps_per_epoch: Steps in one pass over the problems; taken from an `epoch` column where there is one.
        also: What to count besides formats: ``family``, ``variant``, ``source``. A mixture adds ``source``.
        progress: Called with the number of completions after each batch.

    Example:
        >>> done = label_run([Completion("ans = 3 * 12\n", step=0, problem="p")], Classifier())
        >>> done.series.names, [sample.name for sample in done.samples]
        (('program_of_thought',), ['program_of_thought'])
    """
    counted = dict.fromkeys(("format", *also, *(("source",) if classifier.mixture else ())))
    pace, keeper, parts = Pace(steps_per_epoch), SampleKeeper(), _Parts(tuple(counted))
    for batch, labels in label_batches(log, classifier, batch_size):
        pace.add(batch)
        keeper.add(batch, labels)
        parts.add(batch, labels)
        if progress is not None:
            progress(len(batch))
    known = getattr(log, "metadata", None) or None
    facts: dict[str, Any] = {"steps_per_epoch": pace.steps_per_epoch, "metadata": known}
    series = {of: replace(parts.whole(of, classifier), **facts) for of in counted}
    main = replace(series.pop("format"), pretraining=_pretraining(classifier.mixture))
    return LabelledRun(main, series, keeper.samples(classifier), classifier.versions, classifier.mixture)


def _pretraining(mixture: Mixture | None) -> dict[str, float] | None:
    """Declared share of each format, where every source of the mixture shows itself in one format alone."""
    if mixture is None or any(len(source.formats) != 1 for source in mixture.sources):
        return None
    proportions = mixture.proportions()
    return {source.formats[0]: proportions[source.name] for source in mixture.sources}


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

    def __init__(self, counted: tuple[str, ...]) -> None:
        self._stacks: dict[str, list[tuple[int, FormatSeries]]] = {of: [] for of in counted}

    def add(self, batch: list[Completion], labels: LabelBatch) -> None:
        for of, stack in self._stacks.items():
            size, part = 1, count_labels(batch, labels, of)
            while stack and stack[-1][0] == size:
                part, size = stack.pop()[1].merge(part), size * 2
            stack.append((size, part))

    def whole(self, of: str, classifier: Classifier) -> FormatSeries:
        parts = [part for _, part in self._stacks[of]]
        if not parts:
            return FormatSeries.from_labels(classifier.classify_batch([]), of=of)
        return parts[0].merge(*parts[1:])
