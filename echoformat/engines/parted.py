"""Labelling a log whose files are read in parts, by worker processes or by this one, in the log's order.

Strings sent through a pipe cost more than parsing them where they are used. So a worker is told which bytes
of which file to read, and sends back labels and columns of numbers without texts. What only the whole log
shows (the number of a sample, whether rewards are correctness) is added here, as for rows that this process
reads.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from echoformat.completion_batch import CompletionBatch
from echoformat.engines.own_pool import Pool
from echoformat.engines.tasks import NotPlain, PartAnswer, PartTask
from echoformat.label_batch import LabelBatch
from echoformat.rollouts.log import Opened, RolloutLog
from echoformat.rollouts.part import Part, lines_before, parts_of
from echoformat.rollouts.row_columns import RowColumns

Segment = tuple[RowColumns, LabelBatch]
# A file of which more parts than this, and more than a quarter, are not plain is read by this process.
ODD_PARTS = 3


@dataclass(slots=True)
class _InParts:
    """A file in parts: how many came, how many of them were not plain, where the last ended."""

    opened: Opened
    parts: Iterator[Part]
    seen: int = 0
    odd: int = 0
    end: int = 0

    def is_odd(self) -> bool:
        return self.odd > ODD_PARTS and self.odd * 4 > self.seen


class PartedLog:
    """A log read and labelled by a pool.

    Args:
        log: What to read.
        pool: Who reads and labels.
        size: Rows of a batch of what is not read in parts.
        done: Rows at the start that are read but not labelled, and left out.
    """

    def __init__(self, log: RolloutLog, pool: Pool, size: int, done: int) -> None:
        self._log, self._pool, self._size = log, pool, size
        self._left, self._read, self._parts = done, 0, 0

    def segments(self) -> Iterator[Segment]:
        """The rows in order with their labels, as many at a time as came at once."""
        finisher, files = self._log.begun()
        queue = deque(files)
        while queue:
            yield from self._by_parts(queue)
            yield from self._whole(self._batches(queue))
        finisher.close()

    def _whole(self, batches: Iterator[CompletionBatch]) -> Iterator[Segment]:
        """What this process reads: workers are sent the texts."""
        labelled = self._pool.label((batch, batch.texts) for batch in batches)
        return ((RowColumns.of(batch), labels) for batch, labels in labelled)

    def _batches(self, queue: deque[Opened]) -> Iterator[CompletionBatch]:
        """The file at the head of the queue; without workers also those behind it that are not in parts."""
        batch, is_first = CompletionBatch(), True
        while queue and (is_first or (self._pool.size == 0 and self._parts_of(queue[0]) is None)):
            queue[0].begin()
            yield from self._full(queue.popleft(), batch)
            is_first = False
        yield from self._fresh_batch(batch)

    def _full(self, opened: Opened, batch: CompletionBatch) -> Iterator[CompletionBatch]:
        """Batches of the size asked for; the last rows of a file stay in the one given."""
        for _ in opened.appended(batch, sources=False):
            while len(batch) >= self._size:
                yield from self._fresh_batch(batch.cut(self._size))

    def _fresh_batch(self, batch: CompletionBatch) -> Iterator[CompletionBatch]:
        """The batch without the rows that are done already, if any are left."""
        batch.cut(self._gone(len(batch)))
        if len(batch):
            yield batch

    def _gone(self, rows: int) -> int:
        """How many of the next rows are done already."""
        gone = min(self._left, rows)
        self._left -= gone
        return gone

    def _by_parts(self, queue: deque[Opened]) -> Iterator[Segment]:
        """The files at the head of the queue that can be read in parts, taken from it as their rows come."""
        current: _InParts | None = None
        for (one, part), answer in self._pool.read(self._tasks(list(queue))):
            if one is not current:
                yield from self._rest(current)
                queue.popleft().begin()
                current = one
            one.seen, one.end = one.seen + 1, part.end
            if isinstance(answer, NotPlain):
                one.odd += 1
                yield from self._here(one.opened, part.start, part.end)
            else:
                yield from self._added(one.opened, part, answer)
        yield from self._rest(current)

    def _tasks(self, files: list[Opened]) -> Iterator[tuple[tuple[_InParts, Part], PartTask]]:
        for opened in files:
            parts = self._parts_of(opened)
            if parts is None:
                return
            one = _InParts(opened, parts)
            while not one.is_odd() and (part := next(parts, None)) is not None:
                yield (one, part), PartTask(part, self._may_be_new())

    def _parts_of(self, opened: Opened) -> Iterator[Part] | None:
        return parts_of(opened.file, opened.reader, self._pool.size)

    def _rest(self, one: _InParts | None) -> Iterator[Segment]:
        """What is left of a file of which no more parts were asked for."""
        rest = 0 if one is None else max((part.end for part in one.parts), default=one.end)
        if one is not None and rest > one.end:
            yield from self._here(one.opened, one.end, rest)

    def _may_be_new(self) -> bool:
        """Whether a part that is asked for now is likely to hold rows that are not done yet."""
        rows = self._read / self._parts if self._parts else 0
        return self._left <= rows * self._pool.most_under_way

    def _added(self, opened: Opened, part: Part, answer: PartAnswer) -> Iterator[Segment]:
        assert not isinstance(answer, NotPlain)
        read, labels = answer
        rows = opened.finisher.of_part(read)
        size = len(rows)
        self._read, self._parts = self._read + size, self._parts + 1
        gone = self._gone(size)
        if gone == size:
            return
        if labels is None:
            again = self._pool.ask(PartTask(part))
            if isinstance(again, NotPlain) or again[1] is None:
                raise RuntimeError(f"{part.facts['path']} changed while it was read")
            labels = again[1]
        yield (rows.cut(gone, size), labels.cut(gone, size)) if gone else (rows, labels)

    def _here(self, opened: Opened, start: int, end: int) -> Iterator[Segment]:
        """A stretch that this process reads."""
        file = opened.file
        file.window = (start, end, lines_before(file.path, start))
        batch = CompletionBatch()
        yield from self._whole(chain(self._full(opened, batch), self._fresh_batch(batch)))
        file.window = None
