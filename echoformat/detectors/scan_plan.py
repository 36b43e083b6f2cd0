"""Which pattern is scanned when: the plan behind the set scan.

One automaton of a whole shelf is slow: every pattern that waits in prose for its second half multiplies the
states of all others. Patterns that sleep at the same places share one automaton at little cost:

* those that begin at the start of a text: that scan mostly ends after a few characters;
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
    LINES = 1
    FIXED = 2
    CLASSES = 3


# So many go into one automaton; more get a second one, so that its states stay within the cache.
MOST = {Place.START: 128, Place.LINES: 400, Place.FIXED: 240, Place.CLASSES: 80}
MOST_WAITING = 24
# What waits is scanned with what needs like marks: of mathematics, of blocks, or words alone.
MARKS = ("\\$", "`<")
Best = Callable[[str], str | None]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Piece:
    """A pattern, or some alternatives of one, and the column of the result that it is reported in."""

    column: int
    pattern: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """Pieces that are scanned together on the texts where one of the stand-ins matched.

    Attributes:
        from_start: They begin at the start of a text.
        pieces: What is scanned.
        stand_ins: Columns of the stand-ins.
    """

    from_start: bool
    pieces: tuple[Piece, ...]
    stand_ins: tuple[int, ...]


_Wait = tuple[bool, Piece, int]


class ScanPlan:
    """Which of some patterns are scanned always, where, and which wait for what.

    Args:
        patterns: Declared patterns by column.
        best: The stand-in that says most of a pattern, ``None`` for none.

    Attributes:
        always: Pieces by the place where they wake.
        waiting: What waits.
        width: Columns of the result: those of the patterns, then those of the stand-ins.
    """

    def __init__(self, patterns: dict[int, str], first_free: int, best: Best) -> None:
        self.always: dict[Place, list[Piece]] = {place: [] for place in Place}
        self._wait: list[_Wait] = []
        self._stand_ins: dict[str, int] = {}
        self.width = first_free
        self._best = best
        for column, pattern in patterns.items():
            for place, waits, part in _parts(pattern):
                self._add(Piece(column, part), place, waits)

    @property
    def waiting(self) -> Iterable[Waiting]:
        """What waits, in bundles of pieces that need like literals and so open on the same texts."""
        for (from_start, *_), group in groupby(sorted(self._wait, key=_kind), key=_kind):
            for some in runs(list(group), MOST_WAITING):
                stand_ins = sorted({stand_in for _, _, stand_in in some})
                yield Waiting(from_start, tuple(piece for _, piece, _ in some), tuple(stand_ins))

    def together(self) -> Iterable[tuple[Place, Sequence[Piece]]]:
        """What is always scanned, by automaton."""
        for place, pieces in self.always.items():
            for some in runs(pieces, MOST[place]):
                yield place, some

    def _add(self, piece: Piece, place: Place, waits: bool) -> None:
        stand_in = self._best(piece.pattern) if waits else None
        if stand_in is None:
            self.always[place].append(piece)
            return
        self._wait.append((place is Place.START, piece, self._column(stand_in)))

    def _column(self, stand_in: str) -> int:
        if stand_in not in self._stand_ins:
            self._stand_ins[stand_in] = self.width
            for place, _, part in _parts(stand_in):
                self.always[place].append(Piece(self.width, part))
            self.width += 1
        return self._stand_ins[stand_in]


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
        return Place.START, crosses_lines(pattern)
    if pattern.startswith("^"):
        return Place.LINES, runs_on(pattern) and crosses_lines(pattern)
    return Place.FIXED if opens_fixed(pattern) else Place.CLASSES, runs_on(pattern)


def _kind(wait: _Wait) -> tuple[bool, int, bool]:
    from_start, piece, _ = wait
    needed = needed_literals(piece.pattern) or frozenset({""})
    marks = (i for i, some in enumerate(MARKS) if all(set(some) & set(one) for one in needed))
    return from_start, next(marks, len(MARKS)), crosses_lines(piece.pattern)
