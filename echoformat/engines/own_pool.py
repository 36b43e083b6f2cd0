"""OwnPool: this process in the place of workers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Protocol, TypeVar

from echoformat.classifier import Classifier
from echoformat.engines.tasks import PartAnswer, PartLabeler, PartTask
from echoformat.label_batch import LabelBatch

Row = TypeVar("Row")


class Pool(Protocol):
    """What reads and labels parts of files, and labels texts, in the order given."""

    @property
    def most_under_way(self) -> int:
        """How many pieces of work are under way at most."""

    @property
    def size(self) -> int:
        """How many processes there are besides this one."""

    def label(self, batches: Iterable[tuple[Row, Sequence[Any]]]) -> Iterator[tuple[Row, LabelBatch]]:
        """Each batch with its labels."""

    def read(self, parts: Iterable[tuple[Row, PartTask]]) -> Iterator[tuple[Row, PartAnswer]]:
        """Each part as it was read, its labels beside it."""

    def ask(self, work: PartTask) -> PartAnswer:
        """The answer to one part."""


class OwnPool:
    r"""A pool without processes: what is asked is done when its answer is wanted.

    Args:
        classifier: What labels.

    Example:
        >>> [labels.label_names() for _, labels in OwnPool(Classifier()).label([("a", ["ans = 3 * 12\n"])])]
        [['program_of_thought']]
    """

    most_under_way = 1
    size = 0

    def __init__(self, classifier: Classifier) -> None:
        self._classifier, self._parts = classifier, PartLabeler(classifier)

    def label(self, batches: Iterable[tuple[Row, Sequence[Any]]]) -> Iterator[tuple[Row, LabelBatch]]:
        """Each batch with its labels."""
        return ((row, self._classifier.classify_batch(texts)) for row, texts in batches)

    def read(self, parts: Iterable[tuple[Row, PartTask]]) -> Iterator[tuple[Row, PartAnswer]]:
        """Each part, its labels beside it."""
        return ((row, self.ask(part)) for row, part in parts)

    def ask(self, work: PartTask) -> PartAnswer:
        """The answer to one part."""
        return self._parts.answer(work)
