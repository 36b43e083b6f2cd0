"""States of the lockstep scan: what may follow at a place, made when a text first asks for it and kept."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Sequence

import numpy as np

from echoformat.detectors.lockstep_groups import AFTER, Before, Classes, Group, Steps, followed
from echoformat.detectors.lockstep_program import Op, Program

# Rows that stand for no state. An entry that is not made yet leads to the first, which leads to itself; so
# does the second, where texts are over.
UNKNOWN, OVER = 0, 1
# One text needs a state a byte at most, and begins anew where they do not fit.
FEWEST_STATES = 512
# States that outgrow their memory and came oftener than one in so many steps of texts are crowded. The
# shelf's own come one in some hundred steps while all are new, one in some thousand later.
CROWDED = 500
# What makes a good part of some states differ crowds them.
SAMPLE, PART = 4096, 16
CELL = np.dtype(np.intp).itemsize
NONE: Steps = frozenset()

# By group, what stands before, steps that wait, patterns that match.
State = tuple[int, int, tuple[int, ...], tuple[int, ...]]


class Full(Exception):
    """The states of a scan outgrew their memory."""


class States:
    """The table of states of some groups of patterns; all groups share one.

    Args:
        program: Of all patterns.
        groups: What is walked together.
        columns: Where each pattern is marked.
        memory: What the table may take, in bytes; what is not walked through takes none.

    Attributes:
        classes: Of bytes.
        stride: Entries a row: one a class, and one for the end of a text.
        table: By state and class the place of the next state's row, flat.
        cells: The same, to be asked for one by one.
        resets: How often all states were thrown away.
        walked: Steps of texts since then.
        crowding: The patterns that made them crowded, by number.
    """

    def __init__(
        self, program: Program, groups: Sequence[Group], columns: Sequence[Sequence[int]], memory: int
    ) -> None:
        self._program, self.groups, self._columns = program, tuple(groups), columns
        sets = {arg for op, arg in zip(program.ops, program.args, strict=True) if op == Op.SET}
        self.classes = Classes(sets)
        accepted = {one: self.classes.of(one) for one in sets}
        self._accepts = [
            accepted[arg] if op == Op.SET else 0 for op, arg in zip(program.ops, program.args, strict=True)
        ]
        self._edges = frozenset(step for step, op in enumerate(program.ops) if op == Op.EDGE)
        self._afters = [AFTER[one] for one in self.classes.befores]
        for group in groups:
            group.settle(program, self.classes, self._accepts)
        self._outs: list[dict[int, tuple[Steps, Steps]]] = [{} for _ in Before]
        self._past: dict[tuple[int, int, int], tuple[Steps, Steps]] = {}
        self.stride = len(self.classes) + 1
        self._rows = max(memory // (CELL * self.stride), FEWEST_STATES)
        self.resets, self.walked = 0, 0
        self.crowding: set[int] = set()
        self._empty()

    def clear(self) -> None:
        """Throw all states away: no row that was told of holds any more."""
        if self.walked < CROWDED * len(self._known):
            self.crowding |= self._crowding()
        self.resets += 1
        self._empty()

    def _empty(self) -> None:
        self.walked = 0
        self.table = np.zeros(self._rows * self.stride, np.intp)
        self.cells = memoryview(self.table.data)
        self._numbers: dict[State, int] = {}
        self._known: dict[int, tuple[State, tuple[int, ...]]] = {}
        self._marks: dict[int, list[int]] = {}
        self._next, self._last = OVER + 1, self._rows
        self._close(OVER)

    def __len__(self) -> int:
        return len(self._known)

    @property
    def over(self) -> int:
        """The row of texts that are over."""
        return OVER * self.stride

    @property
    def first_match(self) -> int:
        """Rows from this one on are of states in which something matches."""
        return self._last * self.stride

    def entry(self, group: int) -> int:
        """The row in which a text begins."""
        matches = self.groups[group].start_matches[Before.START]
        return self.row((group, Before.START, (), tuple(sorted(matches))))

    def state(self, row: int) -> State:
        """What a row stands for where texts are not over."""
        return self._known[row // self.stride][0]

    def marks(self, number: int) -> list[int]:
        """The columns of what matches in a state that matches, by the number of its row."""
        if number not in self._marks:
            matches = self._known[number][0][3]
            self._marks[number] = [column for one in matches for column in self._columns[one]]
        return self._marks[number]

    def row(self, state: State) -> int:
        """The row of a state.

        Raises:
            Full: There is no room for it.
        """
        number = self._numbers.get(state)
        if number is None:
            number = self._numbers[state] = self._new(state)
        return number * self.stride

    def _new(self, state: State) -> int:
        group, before, steps, matches = state
        is_done = not steps and self.groups[group].from_start and before != Before.START
        is_over = is_done or before == Before.END
        if is_over and not matches:
            return OVER
        number = self._number(bool(matches))
        if is_over:
            self._close(number)
        self._known[number] = state, tuple(self._edges.intersection(steps))
        return number

    def _number(self, matches: bool) -> int:
        """What matches is counted from the end, so that one comparison tells it."""
        if self._next >= self._last:
            raise Full
        if matches:
            self._last -= 1
            return self._last
        self._next += 1
        return self._next - 1

    def _close(self, number: int) -> None:
        start = number * self.stride
        self.table[start : start + self.stride] = self.over

    def _crowding(self) -> set[int]:
        """The patterns by which many of the states differ, or else those by which most do."""
        states = list(self._known.values())
        sample = states[:: -(-len(states) // SAMPLE)]
        seen: dict[int, set[tuple[int, ...]]] = {}
        for (_, _, steps, _), _ in sample:
            own: dict[int, list[int]] = {}
            for step in steps:
                own.setdefault(bisect(self._program.begins, step) - 1, []).append(step)
            for pattern, part in own.items():
                seen.setdefault(pattern, set()).add(tuple(part))
        most = max(map(len, seen.values()), default=0)
        return {one for one, parts in seen.items() if len(parts) >= min(most / 2, len(sample) / PART)}

    def make(self, place: int) -> int:
        """Make the entry at a place of the table, and those that nothing tells from it.

        Raises:
            Full: There is no room for where it leads.
        """
        number, class_ = divmod(place, self.stride)
        (own, before, steps, _), edges = self._known[number]
        group = self.groups[own]
        next_, alike = group.befores[class_], group.alike[class_]
        begun, matches = group.begun.get((before, alike[0])) or self._begin(group, before, class_)
        past: set[int] = set()
        for edge in edges:
            waiting, more = self._beyond(edge, before, class_)
            past |= waiting
            matches |= more
        found = set(begun)
        if next_ != Before.END:
            bit, accepts, outs = 1 << class_, self._accepts, self._outs[next_]
            # An edge takes no byte.
            for step in (*steps, *past) if past else steps:
                if accepts[step] & bit:
                    waiting, more = outs.get(step) or self._out(step, next_)
                    found |= waiting
                    if more:
                        matches |= more
            # Not in place: that takes as long as there are starts.
            found = found - group.starts[next_]
        row = self.row((own, next_, tuple(sorted(found)), tuple(sorted(matches))))
        for other in alike:
            self.cells[place - class_ + other] = row
        return row

    def _begin(self, group: Group, before: int, class_: int) -> tuple[Steps, Steps]:
        """What begins at any place behind a byte of a class, and what matches there, worked out once."""
        next_ = group.befores[class_]
        steps, matches, found = set(group.starts[before]), NONE, set[int]()
        for edge in self._edges & group.starts[before]:
            waiting, more = self._beyond(edge, before, class_)
            steps |= waiting
            matches |= more
        if next_ != Before.END:
            matches |= group.start_matches[next_]
            for step in steps:
                if self._accepts[step] >> class_ & 1:
                    waiting, more = self._outs[next_].get(step) or self._out(step, next_)
                    found |= waiting
                    matches |= more
        known = group.begun[before, group.alike[class_][0]] = frozenset(found), matches
        return known

    def _beyond(self, edge: int, before: int, class_: int) -> tuple[Steps, Steps]:
        """What an edge leads to where it is known what follows."""
        key = edge, before, self._afters[class_]
        if key not in self._past:
            self._past[key] = followed(self._program, (edge,), before, self._afters[class_])
        return self._past[key]

    def _out(self, step: int, before: Before) -> tuple[Steps, Steps]:
        """What a step leads to once it has its byte; mostly to one that waits for the next."""
        out = self._program.outs[step]
        is_plain = self._program.ops[out] == Op.SET
        found = (frozenset((out,)), NONE) if is_plain else followed(self._program, (out,), before)
        self._outs[before][step] = found
        return found
