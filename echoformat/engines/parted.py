"""Labelling a log in worker processes that read it too: this one says who reads what, and keeps the order.

Strings sent through a pipe cost more than parsing them where they are used. So a worker is told which bytes
of which file to read, and sends back labels and columns without texts. What only the whole log shows (the
number of a sample, whether rewards are correctness) is added here, as for rows that this process reads.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from echoformat.completion_batch import CompletionBatch
from echoformat.engines.tasks import NotPlain, PartAnswer, PartTask
from echoformat.engines.workers import WorkerPool
from echoformat.label_batch import LabelBatch
from echoformat.rollouts.log import Opened, RolloutLog
from echoformat.rollouts.part import Part, lines_before, parts_of

Segment = tuple[CompletionBatch, LabelBatch]
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
        size: Rows of a batch.
        done: Rows at the start that are read but not labelled, and left out.
    """

    def __init__(self, log: RolloutLog, pool: WorkerPool, size: int, done: int) -> None:
        self._log, self._pool, self._size = log, pool, size
        self._left, self._read, self._parts = done, 0, 0

    def batches(self) -> Iterator[Segment]:
        """The rows in order with their labels, `size` at a time (the last batch may be shorter)."""
        rows, held = CompletionBatch(), list[LabelBatch]()
        for more, labels in self._segments():
            rows.extend(more)
            held.append(labels)
            while len(rows) >= self._size:
                whole = LabelBatch.concat(held)
                held = [whole.take(np.arange(self._size, len(whole)))]
                yield rows.cut(self._size), whole.take(np.arange(self._size))
        if len(rows):
            yield rows, LabelBatch.concat(held)

    def _segments(self) -> Iterator[Segment]:
        finisher, files = self._log.begun()
        queue = deque(files)
        while queue:
            yield from self._by_parts(queue)
            if queue:
                queue[0].begin()
                yield from self._whole(queue.popleft())
        finisher.close()

    def _whole(self, opened: Opened) -> Iterator[Segment]:
        """What is to be read of a file by this process: the workers are sent its texts."""
        return self._pool.label((batch, batch.texts) for batch in self._batches(opened))

    def _batches(self, opened: Opened) -> Iterator[CompletionBatch]:
        batch = CompletionBatch()
        for _ in opened.appended(batch, sources=False):
            while len(batch) >= self._size:
                yield from self._fresh(batch.cut(self._size))
        yield from self._fresh(batch)

    def _fresh(self, batch: CompletionBatch) -> Iterator[CompletionBatch]:
        """The batch without the rows that are done already, if any are left."""
        gone = min(self._left, len(batch))
        self._left -= gone
        batch.cut(gone)
        if len(batch):
            yield batch

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
            parts = parts_of(opened.file, opened.reader)
            if parts is None:
                return
            one = _InParts(opened, parts)
            while not one.is_odd() and (part := next(parts, None)) is not None:
                yield (one, part), PartTask(part, self._may_be_new())

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
        rows, labels = answer
        batch = CompletionBatch()
        opened.finisher.add(rows, batch)
        size = len(batch)
        self._read, self._parts = self._read + size, self._parts + 1
        for new in self._fresh(batch):
            if labels is None:
                again = self._pool.ask(PartTask(part))
                if isinstance(again, NotPlain):
                    raise RuntimeError(f"{part.facts['path']} changed while it was read")
                labels = again[1]
            yield new, labels if len(new) == size else labels.take(np.arange(size - len(new), size))

    def _here(self, opened: Opened, start: int, end: int) -> Iterator[Segment]:
        """A stretch that this process reads."""
        file = opened.file
        file.window = (start, end, lines_before(file.path, start))
        yield from self._whole(opened)
        file.window = None
