"""Many patterns in a few linear scans with RE2's set automaton, planned by `scan_plan`.

Within a batch the automata take turns, not the texts: the states of one fit into the cache, of all do not.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from echoformat.detectors.automata import Automaton, Plan
from echoformat.detectors.dialect import asks_amid_characters, for_re2
from echoformat.text import Encoded, in_bytes

try:
    import re2
except ImportError:
    re2 = None

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from echoformat.detectors.scan_plan import Best

# An automaton that outgrows its budget is thrown away and rebuilt; RE2's default of 8 MB is too small for a
# hundred patterns, while a few of them never need more. All budgets together bound the memory of a process.
SET_MEMORY = 64 * 1024 * 1024
FEW_MEMORY = 8 * 1024 * 1024
FEW = 24
# The plan for the shelf of the package, made by `python -m benchmarks.scan_plan`.
SHIPPED = Path(__file__).parent.parent / "weights" / "scan_plan.json"
# Raise it when patterns are written for RE2, or planned, in another way.
PLAN_REVISION = 1
# What many texts hold, and what any text holds: a stand-in that matches it would open its patterns there.
COMMON = """Sam has 12 pens and gives 5 of them to a friend, so he has 12 - 5 = 7 left (not 8).

I think so: "First, we add 3.5 to $4; then it's done." The answer is 7.
"""
PLAIN = """Sam has many pens and gives some of them to a friend, so he has few left. Is that all?

No, there are more.
"""

Scan = Callable[[bytes], list[int] | None]
Takes = Callable[[str], bool]
Matches = Callable[[str, str], bool]
# For one text: by the numbers of an automaton the patterns that match, and bits for the automata that wake.
_Alone = tuple[Scan, tuple[tuple[int, ...], ...], tuple[int, ...]]
NONE: list[int] = []


class _Part:
    """One automaton, and the column that each of its numbers stands for."""

    __slots__ = ("_columns", "_places", "_scan")

    def __init__(self, scan: Scan, columns: Sequence[int]) -> None:
        self._scan, self._columns = scan, tuple(columns)
        self._places = np.array(columns, dtype=np.intp)

    def alone(self, patterns: Callable[[int], tuple[int, ...]], wakes: Callable[[int], int]) -> _Alone:
        """The automaton with what its numbers say of one text."""
        columns = self._columns
        return self._scan, tuple(map(patterns, columns)), tuple(map(wakes, columns))

    def mark(self, texts: Sequence[bytes], rows: NDArray[np.intp], hits: NDArray[np.bool_]) -> None:
        """Mark what matches some of the texts."""
        scan = self._scan
        found = [scan(text) or NONE for text in texts]
        counts = np.fromiter(map(len, found), np.intp, len(found))
        numbers = np.fromiter(chain.from_iterable(found), np.intp, int(counts.sum()))
        hits[np.repeat(rows, counts), self._places[numbers]] = True


@dataclass(frozen=True, slots=True, eq=False)
class _Waiting:
    """Automata for the texts where one of the stand-ins matched."""

    parts: tuple[_Part, ...]
    stand_ins: frozenset[int]
    places: NDArray[np.intp]


def available() -> bool:
    """Whether google-re2 is installed."""
    return re2 is not None


def takes(pattern: str) -> bool:
    """Whether RE2 compiles a declared pattern: then it matches in time linear in the text.

    Example:
        >>> takes(r"^ans = \\d+$"), takes(r"(?=ans)ans")
        (True, False)
    """
    if asks_amid_characters(pattern):
        return False
    try:
        _compiled(pattern)
    except re2.error:
        return False
    return True


def first_span(pattern: str, text: str) -> tuple[int, int]:
    """Where a declared pattern matches first, in characters; (0, 0) where it does not.

    Example:
        >>> first_span(r"^ans", "so ans = 3"), first_span("ans", "so ans = 3")
        ((0, 0), (3, 6))
    """
    found = _compiled(pattern).search(text)
    return found.span() if found else (0, 0)


class SetScan:
    """All patterns of a shelf that RE2 takes.

    Args:
        patterns: Declared patterns by index.

    Attributes:
        indices: Those that RE2 takes, and that are scanned for.
    """

    def __init__(self, patterns: Sequence[str]) -> None:
        self._width = len(patterns)
        plan = plan_for(patterns, takes, matches)
        self.indices = frozenset(i for same in plan.twins for i in same)
        self._columns = plan.width
        self._always = [part for one in plan.automata if not one.stand_ins for part in _parts(one)]
        self._waiting = [
            _Waiting(tuple(_parts(one)), frozenset(one.stand_ins), np.array(one.stand_ins))
            for one in plan.automata
            if one.stand_ins
        ]
        self._twins = {same[0]: tuple(same) for same in plan.twins}
        self._alone = [part.alone(self._patterns_of, self._wakes) for part in self._always]
        self._asleep = [
            [part.alone(self._patterns_of, self._wakes) for part in waiting.parts]
            for waiting in self._waiting
        ]
        pairs = [(first, other) for first, *others in plan.twins for other in others]
        self._first = np.array([first for first, _ in pairs], dtype=np.intp)
        self._other = np.array([other for _, other in pairs], dtype=np.intp)

    def find_one(self, text: bytes) -> tuple[int, ...]:
        """The patterns that match one text, ascending."""
        found: list[int] = []
        awake = 0
        for scan, patterns, wakes in self._alone:
            for number in scan(text) or NONE:
                found += patterns[number]
                awake |= wakes[number]
        for place, parts in enumerate(self._asleep):
            if awake >> place & 1:
                for scan, patterns, _ in parts:
                    for number in scan(text) or NONE:
                        found += patterns[number]
        return tuple(sorted(set(found)))

    def _patterns_of(self, column: int) -> tuple[int, ...]:
        """The patterns that a column says match; none where it is a stand-in's."""
        return self._twins.get(column, ())

    def _wakes(self, column: int) -> int:
        """Which waiting automata a column wakes, a bit each."""
        return sum(1 << place for place, one in enumerate(self._waiting) if column in one.stand_ins)

    def find(self, given: Sequence[Encoded]) -> NDArray[np.bool_]:
        """Which patterns match which texts: bool [texts, patterns]; best some thousand texts at a time."""
        texts = in_bytes(given)
        hits = np.zeros((len(texts), self._columns), dtype=np.bool_)
        every = np.arange(len(texts))
        for part in self._always:
            part.mark(texts, every, hits)
        for waiting in self._waiting:
            rows = np.flatnonzero(hits[:, waiting.places].any(axis=1))
            opened = [texts[row] for row in rows.tolist()]
            for part in waiting.parts if opened else ():
                part.mark(opened, rows, hits)
        hits[:, self._other] = hits[:, self._first]
        return hits[:, : self._width]


def _parts(automaton: Automaton) -> list[_Part]:
    """One automaton, or several where the budget does not hold all."""
    patterns, columns = automaton.patterns, automaton.columns
    make = re2.Set.MatchSet if automaton.from_start else re2.Set.SearchSet
    found = make(_options(FEW_MEMORY if len(patterns) <= FEW else SET_MEMORY))
    try:
        for pattern in patterns:
            found.Add(pattern)
        found.Compile()
    except re2.error:
        if len(patterns) == 1:
            raise
        middle = len(patterns) // 2
        halves = (slice(None, middle), slice(middle, None))
        return [
            part
            for half in halves
            for part in _parts(replace(automaton, columns=columns[half], patterns=patterns[half]))
        ]
    # The wrapper only encodes texts, which these are.
    scan = getattr(getattr(found, "_set", found), "Match", found.Match)
    return [_Part(scan, columns)]


def plan_for(patterns: Sequence[str], takes: Takes, matches: Matches) -> Plan:
    """How to scan for declared patterns: as shipped, or else worked out anew.

    Args:
        patterns: By index.
        takes: Whether the engine takes a pattern.
        matches: Whether a pattern it takes matches a text.
    """
    return shipped_plan(patterns) or _new_plan(patterns, takes, matches)


def _new_plan(patterns: Sequence[str], takes: Takes, matches: Matches) -> Plan:
    # What plans is a twentieth of a process's way to its first label, and plans for the shelf are shipped.
    from echoformat.detectors.scan_plan import plan_of

    return plan_of(patterns, takes, best_stand_in(takes, matches))


def shelf_key(patterns: Sequence[str]) -> str:
    """Names some patterns in their order: a plan that is shipped is for these alone.

    Example:
        >>> len(shelf_key(["a"])), shelf_key(["a", "b"]) == shelf_key(["b", "a"])
        (16, False)
    """
    data = json.dumps([PLAN_REVISION, *patterns]).encode()
    return hashlib.blake2b(data, digest_size=8).hexdigest()


def shipped_plan(patterns: Sequence[str], file: Path = SHIPPED) -> Plan | None:
    """The plan that was worked out beforehand, ``None`` where there is none for these patterns."""
    try:
        data = json.loads(file.read_bytes()).get(shelf_key(patterns))
    except (OSError, ValueError):
        return None
    return None if data is None else Plan.from_dict(data)


def ship_plans(shelves: Iterable[Sequence[str]], file: Path = SHIPPED) -> None:
    """Keep the plans for some lists of patterns, so that a new process need not work them out."""
    plans = {shelf_key(patterns): _new_plan(patterns, takes, matches).to_dict() for patterns in shelves}
    file.write_text(json.dumps(plans) + "\n", encoding="utf-8")


def best_stand_in(takes: Takes, matches: Matches) -> Best:
    """What finds the stand-in that says most of a pattern; one that any text matches says nothing."""

    from echoformat.detectors.literals import stand_ins

    def best(pattern: str) -> str | None:
        possible = [found for found in stand_ins(pattern) if takes(found)]
        telling = (found for sample in (COMMON, PLAIN) for found in possible if not matches(found, sample))
        return next(telling, None)

    return best


def matches(pattern: str, text: str) -> bool:
    """Whether a declared pattern that RE2 takes matches a text."""
    return _compiled(pattern).search(text) is not None


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> Any:
    """RE2's form of a declared pattern.

    Raises:
        re2.error: RE2 does not take it.
    """
    return re2.compile(for_re2(pattern), _options())


def _options(memory: int = FEW_MEMORY) -> Any:
    options = re2.Options()
    options.max_mem = memory
    options.log_errors = False
    return options
