"""Many patterns in a few linear scans by numpy alone: the plan of `set_scan`, where there is no RE2 and no C.

The automata are those of the compiled scan, made from the form that RE2 takes by the same rules of matching,
and find the same. One step of an automaton costs far too much in Python, but many texts can take it at once:
some thousand are walked side by side (`lockstep_walk`), and states are made when a text first asks for them
(`lockstep_states`). What is not taken here (look-around, Unicode classes) is searched for one by one.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from echoformat.detectors import set_scan
from echoformat.detectors.automata import Automaton, Plan, together
from echoformat.detectors.dialect import for_re2
from echoformat.detectors.lockstep_groups import Group
from echoformat.detectors.lockstep_nodes import Refused
from echoformat.detectors.lockstep_program import Program
from echoformat.detectors.lockstep_states import Full, States
from echoformat.detectors.lockstep_walk import Walk, columns_of
from echoformat.text import Encoded, in_bytes

if TYPE_CHECKING:
    from numpy.typing import NDArray

# What the table of states takes at most; the states themselves take about as much.
MANY_STATES, FEW_STATES = 64 * 1024 * 1024, 8 * 1024 * 1024
FEW = 24
# Texts walked at a time, and their bytes.
CHUNK, CHUNK_BYTES = 8192, 1 << 25


class LockstepScan:
    """All patterns of a shelf that are scanned for: `set_scan.SetScan` in numpy.

    Args:
        patterns: Declared patterns by index.

    Attributes:
        indices: Those that are taken, and that are scanned for. They become fewer where one turns out to need
            a new state for nearly every byte, which costs far more here than a search.

    Example:
        >>> scan = LockstepScan(["^ans", "b{2}"])
        >>> scan.find_one(b"abba"), scan.find([b"ans", b"bb"]).tolist()
        ((1,), [[True, False], [False, True]])
    """

    def __init__(self, patterns: Sequence[str]) -> None:
        self._width = len(patterns)
        self._plan = set_scan.plan_for(patterns, takes, _matches)
        # States are made while texts are walked: one thread at a time.
        self._lock = threading.Lock()
        self._make(frozenset())

    def _make(self, left_out: frozenset[int]) -> None:
        """Make all states anew, without some columns."""
        self._made = made = _Maker(self._plan, left_out)
        self._left = {i for same in self._plan.twins if same[0] in made.refused for i in same}
        self.indices = frozenset(i for same in self._plan.twins for i in same) - self._left
        few = len(made.columns) <= FEW
        self._states = States(made.program, made.groups, made.columns, FEW_STATES if few else MANY_STATES)
        numbers = range(len(made.groups))
        self._waiting = {i: list(made.stand_ins[i]) for i in numbers if made.stand_ins[i]}
        self._starting = [i for i in numbers if i not in self._waiting and made.groups[i].from_start]
        self._running = [i for i in numbers if i not in self._waiting and not made.groups[i].from_start]

    def find_one(self, text: bytes) -> tuple[int, ...]:
        """The patterns that match one text, ascending."""
        with self._lock:
            found = self._alone(text)
            self._relieve()
            return tuple(sorted(found & self.indices))

    def find(self, given: Sequence[Encoded]) -> NDArray[np.bool_]:
        """Which patterns match which texts: bool [texts, patterns]; best some thousand texts at a time."""
        texts = in_bytes(given)
        hits = np.zeros((len(texts), self._plan.width), np.bool_)
        with self._lock:
            for first, last in _chunks(texts):
                self._mark(texts[first:last], hits[first:last])
            hits[:, list(self._left)] = False
        return hits[:, : self._width]

    def states(self) -> tuple[int, int]:
        """How many states are kept, and how often all were thrown away."""
        return len(self._states), self._states.resets

    def _relieve(self) -> bool:
        """Leave out what needs new states wherever it is looked for; whether there was any."""
        crowding = {self._made.owners[number] for number in self._states.crowding}
        if crowding:
            self._make(frozenset(self._made.refused | crowding))
        return bool(crowding)

    def _alone(self, text: bytes) -> set[int]:
        classes = text.translate(self._states.classes.table) + bytes([len(self._states.classes)])
        found: set[int] = set()
        for group in (*self._running, *self._starting):
            found |= columns_of(self._states, group, classes)
        for group, stand_ins in self._waiting.items():
            if not found.isdisjoint(stand_ins):
                found |= columns_of(self._states, group, classes)
        return found

    def _mark(self, texts: Sequence[bytes], hits: NDArray[np.bool_]) -> None:
        """Mark what matches; texts whose states do not fit all at once are walked by fewer at a time."""
        if len(texts) == 1:
            hits[0, list(self._alone(texts[0]))] = True
        elif not self._fits(texts, hits):
            middle = len(texts) // 2
            self._mark(texts[:middle], hits[:middle])
            self._mark(texts[middle:], hits[middle:])

    def _fits(self, texts: Sequence[bytes], hits: NDArray[np.bool_]) -> bool:
        """Mark what matches, unless the states that some texts ask for outgrow their memory."""
        tries = 2
        while tries:
            try:
                self._walk(texts, hits)
            except Full:
                self._states.clear()
                tries -= not self._relieve()
            else:
                return True
        return False

    def _walk(self, texts: Sequence[bytes], hits: NDArray[np.bool_]) -> None:
        walk, every = Walk(self._states, texts), np.arange(len(texts))
        if self._running:
            walk.together(self._running)
        if self._starting:
            walk.apart(self._starting, [every] * len(self._starting))
        hits[walk.marked()] = True
        awake = {i: np.flatnonzero(hits[:, own].any(axis=1)) for i, own in self._waiting.items()}
        if awake:
            walk.apart(list(awake), list(awake.values()))
            hits[walk.marked()] = True


def takes(pattern: str) -> bool:
    r"""Whether a declared pattern can be scanned for here.

    Example:
        >>> takes(r"^ans = \d+$"), takes("(?=ans)ans")
        (True, False)
    """
    try:
        Program().add(for_re2(pattern))
    except Refused:
        return False
    return True


def _matches(pattern: str, text: str) -> bool:
    program = Program()
    group = Group((program.add(for_re2(pattern)),), False)
    states = States(program, [group], [(0,)], FEW_STATES)
    classes = text.encode().translate(states.classes.table) + bytes([len(states.classes)])
    return bool(columns_of(states, 0, classes))


class _Maker:
    """Groups of patterns, made of a plan.

    Attributes:
        program: Of all patterns.
        groups: One an automaton.
        stand_ins: Of each group the columns that it waits for; none where it is walked always.
        columns: Of each pattern those that it is marked in.
        owners: The column of the plan that each pattern is of.
        refused: Columns of which a pattern is not taken, or that are left out.
    """

    def __init__(self, plan: Plan, left_out: frozenset[int]) -> None:
        self.program = Program()
        self.groups: list[Group] = []
        self.stand_ins: list[tuple[int, ...]] = []
        self.columns: list[tuple[int, ...]] = []
        self.owners: list[int] = []
        self.refused: set[int] = set(left_out)
        self._twins = {same[0]: same for same in plan.twins}
        for automaton in together(plan.automata):
            firsts = tuple(self._firsts(automaton))
            # What waits for a stand-in that is not taken waits for nothing: stand-ins are scanned for first.
            lost = self.refused.intersection(automaton.stand_ins)
            if firsts:
                self.groups.append(Group(firsts, automaton.from_start))
                self.stand_ins.append(() if lost else automaton.stand_ins)

    def _firsts(self, automaton: Automaton) -> Iterator[int]:
        for column, pattern in zip(automaton.columns, automaton.patterns, strict=True):
            if column in self.refused:
                continue
            try:
                first = self.program.add(pattern)
            except Refused:
                self.refused.add(column)
                continue
            # A stand-in has a column of its own.
            self.columns.append(self._twins.get(column, (column,)))
            self.owners.append(column)
            yield first


def _chunks(texts: Sequence[bytes]) -> Iterator[tuple[int, int]]:
    """Where runs of texts begin and end that are walked at a time."""
    first, size = 0, 0
    for last, text in enumerate(texts, 1):
        size += len(text)
        if last - first == CHUNK or size > CHUNK_BYTES:
            yield first, last
            first, size = last, 0
    if first < len(texts):
        yield first, len(texts)
