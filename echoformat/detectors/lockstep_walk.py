"""Texts on their way through states: one step of all of them at a time, or one text for itself.

A step of all is two numpy calls. What has to be made on the way, or matches, is seen to once a block of
steps: an entry that is not made yet leads to a row that leads to itself, and rows that match stand last.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.lib.stride_tricks import as_strided

from echoformat.detectors.lockstep_states import Full, States

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Places = NDArray[np.intp]

# A block holds so many steps of all texts together, so that it stays in a core's cache, ...
CELLS = 32_768
# ... and of each text between so many.
FEWEST, MOST = 8, 256
# So few are walked for themselves: a step of all costs as much as of these one by one.
FEW = 32
# From so few on, groups are walked side by side too.
NARROW = 1024
ALONE = 128


class Walk:
    """Some texts and what is found in them.

    Args:
        states: To walk through.
        texts: In UTF-8.
    """

    def __init__(self, states: States, texts: Sequence[bytes]) -> None:
        self._states = states
        self._lengths = np.fromiter(map(len, texts), np.intp, len(texts)) + 1
        self._ends = np.cumsum(self._lengths)
        packed = bytearray(b"\0".join([*texts, bytes(MOST)]).translate(states.classes.table))
        self._classes = np.frombuffer(packed, np.uint8)
        self._classes[self._ends - 1] = len(states.classes)
        self._found: list[tuple[Places, Places]] = []

    def together(self, groups: Sequence[int]) -> None:
        """Walk all texts through the states of some groups.

        Raises:
            Full: The states outgrew their memory.
        """
        order = np.argsort(-self._lengths, kind="stable")
        lengths, starts = -self._lengths[order], (self._ends - self._lengths)[order]
        rows = [self._entries(group, order) for group in groups]
        at, left = 0, len(order)
        while left >= NARROW:
            steps = _steps(left)
            classes = self._block(starts[:left] + at, steps)
            rows = [self._step(classes, own[:left], order) for own in rows]
            at += steps
            left = int(np.searchsorted(lengths, -at))
        texts = np.tile(order[:left], len(groups))
        self._apart(np.concatenate([own[:left] for own in rows]), texts, at)

    def apart(self, groups: Sequence[int], texts: Sequence[Places]) -> None:
        """Walk, for each of some groups, some of the texts.

        Raises:
            Full: The states outgrew their memory.
        """
        rows = [self._entries(group, own) for group, own in zip(groups, texts, strict=True)]
        self._apart(np.concatenate(rows), np.concatenate(texts), 0)

    def marked(self) -> tuple[Places, Places]:
        """Text and column of each match; it may stand there again."""
        texts = np.concatenate([np.zeros(0, np.intp), *(texts for texts, _ in self._found)])
        rows = np.concatenate([np.zeros(0, np.intp), *(rows for _, rows in self._found)])
        self._found = []
        first = self._states.first_match // self._states.stride
        numbers = rows // self._states.stride - first
        counts = np.zeros(numbers.max(initial=-1) + 1, np.intp)
        marks = {one: self._states.marks(first + one) for one in _distinct(numbers)}
        counts[list(marks)] = [len(own) for own in marks.values()]
        columns = np.array([column for own in marks.values() for column in own], np.intp)
        return _spread(texts, numbers, counts, columns)

    def _entries(self, group: int, texts: Places) -> Places:
        row = self._states.entry(group)
        rows = np.full(len(texts), row, np.intp)
        if row >= self._states.first_match:
            self._found.append((texts, rows))
        return rows

    def _block(self, starts: Places, steps: int) -> Places:
        """The classes of the bytes from some places on: [step, text]."""
        shape = len(self._classes) - steps + 1, steps
        windows: NDArray[np.uint8] = as_strided(self._classes, shape, (1, 1))[starts]
        return windows.T.astype(np.intp, order="C")

    def _apart(self, rows: Places, texts: Places, at: int) -> None:
        """Walk texts on from rows; those that are over drop out."""
        starts = (self._ends - self._lengths)[texts] + at
        while True:
            left = np.flatnonzero(rows != self._states.over)
            if len(left) < len(rows):
                rows, texts, starts = rows[left], texts[left], starts[left]
            if len(rows) < FEW:
                break
            steps = _steps(len(rows))
            rows = self._step(self._block(starts, steps), rows, texts)
            starts = starts + steps
        ends = self._ends[texts]
        for row, text, start, end in zip(rows.tolist(), texts, starts.tolist(), ends.tolist(), strict=True):
            own = np.array(list(matches(self._states, row, self._classes[start:end].tobytes())), np.intp)
            self._found.append((np.full(len(own), text), own))

    def _step(self, classes: Places, rows: Places, texts: Places) -> Places:
        """The rows behind a block of steps."""
        seen: Places = np.empty(classes.shape, np.intp)
        places = np.empty(len(rows), np.intp)
        take, row = self._states.table.take, rows
        for own, after in zip(classes, seen, strict=True):
            np.add(row, own, places)
            take(places, None, after, "clip")
            row = after
        self._make(classes, rows, seen)
        self._states.walked += seen.size
        hits = np.flatnonzero(seen.reshape(-1) >= self._states.first_match)
        if len(hits):
            self._found.append((texts[hits % len(rows)], seen.reshape(-1)[hits]))
        return np.array(seen[-1])

    def _make(self, classes: Places, rows: Places, seen: Places) -> None:
        """Go back to where an entry was not made yet, make it and walk on."""
        while len(lost := np.flatnonzero(seen[-1] == 0)) > FEW:
            own, part = classes[:, lost], seen[:, lost]
            at = (part == 0).argmax(axis=0)
            lanes = np.arange(len(lost))
            before = np.where(at > 0, part[at - 1, lanes], rows[lost])
            for place in _distinct(before + own[at, lanes]):
                if not self._states.cells[place]:
                    self._states.make(place)
            first = int(at.min())
            row = part[first - 1] if first else rows[lost]
            for step in range(first, len(part)):
                part[step] = row = self._states.table.take(row + own[step])
            seen[:, lost] = part
        for lane in lost.tolist():
            at = int((seen[:, lane] == 0).argmax())
            row = int(seen[at - 1, lane] if at else rows[lane])
            seen[at:, lane] = walked(self._states, row, classes[at:, lane].tolist())


def _steps(texts: int) -> int:
    return min(max(CELLS // texts, FEWEST), MOST)


def _distinct(numbers: Places) -> list[int]:
    found: list[int] = np.unique(numbers).tolist()
    return found


def _spread(texts: Places, numbers: Places, counts: Places, columns: Places) -> tuple[Places, Places]:
    """Each text as often as its number has columns, beside them; those of one number stand together."""
    firsts = np.cumsum(counts) - counts
    own = counts[numbers]
    behind = np.cumsum(own)
    places = np.arange(behind[-1] if len(behind) else 0) + np.repeat(firsts[numbers] - behind + own, own)
    return np.repeat(texts, own), columns[places]


def walked(states: States, row: int, classes: Sequence[int]) -> list[int]:
    """The rows behind each of some steps of one text.

    Raises:
        Full: There is no room for the states that it asks for.
    """
    cells, make, rows = states.cells, states.make, []
    states.walked += len(classes)
    for class_ in classes:
        row = cells[row + class_] or make(row + class_)
        rows.append(row)
    return rows


def matches(states: States, row: int, classes: bytes) -> Iterator[int]:
    """The rows of states that match on one text's way from a row on; some may come again.

    Raises:
        Full: There is no room for the states that it asks for.
    """
    for start in range(0, len(classes), ALONE):
        rows = walked(states, row, classes[start : start + ALONE])
        row = rows[-1]
        if max(rows) >= states.first_match:
            yield from {one for one in rows if one >= states.first_match}
        if row == states.over:
            return


def columns_of(states: States, group: int, classes: bytes) -> set[int]:
    """The columns of what matches one text, given in classes; where states do not fit they begin anew."""
    try:
        row = states.entry(group)
    except Full:
        states.clear()
        row = states.entry(group)
    found: set[int] = set()
    found.update(_marks(states, [row]))
    for start in range(0, len(classes), ALONE):
        part = classes[start : start + ALONE]
        try:
            rows = walked(states, row, part)
        except Full:
            state = states.state(row)
            states.clear()
            rows = walked(states, states.row(state), part)
        row = rows[-1]
        if max(rows) >= states.first_match:
            found.update(_marks(states, {*rows}))
        if row == states.over:
            break
    return found


def _marks(states: States, rows: Iterable[int]) -> Iterator[int]:
    for row in rows:
        if row >= states.first_match:
            yield from states.marks(row // states.stride)
