"""Which pattern is scanned when: the plan behind the set scan.

One automaton of a whole shelf is slow: every pattern that waits in prose for its second half multiplies the
states of all others. Patterns that sleep at the same places share one automaton at little cost:

* those that begin at the start of a text: that scan mostly ends after a few characters; those among them that
  count far stand apart, since each count is a state of its own, times all states of the others;
* those that begin a line: between line ends they sleep;
* those that begin with certain characters;
* those that begin with a class of characters, which hardly ever sleep.

Patterns whose repeats run on (in prose for those that do not begin a line, past line ends for all) wait: a
stand-in without that repeat is scanned in their place, and opens a second scan of all that wait with them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import groupby
from typing import TypeVar

from echoformat.detectors.automata import Automaton, Plan
from echoformat.detectors.dialect import for_re2
from echoformat.detectors.late_regex import LateRegex
from echoformat.detectors.literals import (
    alternatives,
    begins_at_start,
    crosses_lines,
    needed_literals,
    opens_fixed,
    runs_on,
)


class Place(IntEnum):
    """Where patterns of one automaton wake."""

    START = 0
    COUNTED = 1
    LINES = 2
    FIXED = 3
    CLASSES = 4


# So many go into one automaton; more get a second one, so that its states stay within the cache.
MOST = {Place.START: 384, Place.COUNTED: 48, Place.LINES: 1200, Place.FIXED: 720, Place.CLASSES: 240}
MOST_WAITING = 48
FEW = 60
FROM_START = frozenset({Place.START, Place.COUNTED})
COUNT, FAR = LateRegex(r"\{\d*,?(\d+)\}"), 5
# What waits is scanned with what needs like marks: of mathematics, of blocks, or words alone.
MARKS = ("\\$", "`<")
Best = Callable[[str], str | None]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Piece:
    """A pattern, or some alternatives of one, and the column of the result that it is reported in."""

    column: int
    pattern: str


def plan_of(patterns: Sequence[str], takes: Callable[[str], bool], best: Best) -> Plan:
    """How to scan for declared patterns.

    Args:
        patterns: By index.
        takes: Whether RE2 takes a pattern.
        best: The stand-in that says most of a pattern, ``None`` for none.
    """
    twins: dict[str, list[int]] = {}
    for index, pattern in enumerate(patterns):
        if pattern in twins or takes(pattern):
            twins.setdefault(pattern, []).append(index)
    sorter = _Sorter(len(patterns), best)
    for pattern, same in twins.items():
        sorter.sort(same[0], pattern)
    return Plan(sorter.width, (*sorter.always(), *sorter.waiting()), tuple(map(tuple, twins.values())))


_Wait = tuple[bool, Piece, int]


class _Sorter:
    """Sorts patterns by where they wake, and puts aside those that wait."""

    def __init__(self, width: int, best: Best) -> None:
        self.width, self._best = width, best
        self._always: dict[Place, list[Piece]] = {place: [] for place in Place}
        self._wait: list[_Wait] = []
        self._stand_ins: dict[str, int] = {}

    def sort(self, column: int, pattern: str) -> None:
        """Take a pattern in."""
        for place, waits, part in _parts(pattern):
            stand_in = self._best(part) if waits else None
            if stand_in is None:
                self._always[place].append(Piece(column, part))
            else:
                self._wait.append((place in FROM_START, Piece(column, part), self._column(stand_in)))

    def _column(self, stand_in: str) -> int:
        if stand_in not in self._stand_ins:
            self._stand_ins[stand_in] = self.width
            for place, _, part in _parts(stand_in):
                self._always[place].append(Piece(self.width, part))
            self.width += 1
        return self._stand_ins[stand_in]

    def always(self) -> Iterable[Automaton]:
        """What is scanned always."""
        for place, pieces in self._together().items():
            for some in runs(pieces, MOST[place]):
                yield _automaton(place in FROM_START, some)

    def _together(self) -> dict[Place, list[Piece]]:
        """Pieces by place; where they are few, all that may stand anywhere in one."""
        anywhere = [place for place in Place if place not in FROM_START]
        every = [piece for place in anywhere for piece in self._always[place]]
        if len(every) > FEW:
            return self._always
        return {**self._always, **{place: [] for place in anywhere}, Place.CLASSES: every}

    def waiting(self) -> Iterable[Automaton]:
        """What waits, together with what needs like literals and so opens on the same texts."""
        for (from_start, *_), group in groupby(sorted(self._wait, key=_kind), key=_kind):
            for some in runs(list(group), MOST_WAITING):
                stand_ins = sorted({stand_in for _, _, stand_in in some})
                yield _automaton(from_start, [piece for _, piece, _ in some], tuple(stand_ins))


def _automaton(from_start: bool, pieces: Sequence[Piece], stand_ins: tuple[int, ...] = ()) -> Automaton:
    columns, patterns = zip(*((piece.column, for_re2(piece.pattern)) for piece in pieces), strict=True)
    return Automaton(from_start, columns, patterns, stand_ins)


def runs(pieces: Sequence[T], most: int) -> Iterable[Sequence[T]]:
    """Runs of at most so many, of nearly one size."""
    count = -(-len(pieces) // most) if pieces else 0
    return (pieces[i * len(pieces) // count : (i + 1) * len(pieces) // count] for i in range(count))


def _parts(pattern: str) -> Iterable[tuple[Place, bool, str]]:
    """The alternatives of a pattern, those of one place together, and whether they wait."""
    found: dict[tuple[Place, bool], list[str]] = {}
    for one in alternatives(pattern):
        found.setdefault(_where(one), []).append(one)
    if len(found) == 1:
        (place, waits) = next(iter(found))
        yield place, waits, pattern
        return
    for (place, waits), parts in found.items():
        for part in parts:
            yield place, waits, part


def _where(pattern: str) -> tuple[Place, bool]:
    if begins_at_start(pattern):
        counts = (int(found[1]) for found in COUNT.finditer(pattern))
        return Place.COUNTED if max(counts, default=0) > FAR else Place.START, crosses_lines(pattern)
    if pattern.startswith("^"):
        return Place.LINES, runs_on(pattern) and crosses_lines(pattern)
    return Place.FIXED if opens_fixed(pattern) else Place.CLASSES, runs_on(pattern)


def _kind(wait: _Wait) -> tuple[bool, int, bool]:
    from_start, piece, _ = wait
    needed = needed_literals(piece.pattern) or frozenset({""})
    marks = (i for i, some in enumerate(MARKS) if all(set(some) & set(one) for one in needed))
    return from_start, next(marks, len(MARKS)), crosses_lines(piece.pattern)
