"""Many patterns in a few linear scans with RE2's set automaton.

One automaton of a whole shelf is slow: a pattern that waits through prose for its second half
(`^ans = [^\\n]+\\Z`) multiplies the states of all others, and every new text is met by new states. So:

* patterns without long repeats, and a stand-in for each with one, are scanned on every text, some hundred
  together;
* patterns that begin at the start of a text are scanned apart, from there on only: that scan mostly ends
  after a few characters;
* patterns with long repeats are scanned, a group at a time, only where a stand-in matched.

Within a batch the automata take turns, not the texts: the states of one fit into the cache, of all do not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from echoformat.detectors import Findings
from echoformat.detectors.dialect import for_re2
from echoformat.detectors.literals import begins_at_start, runs_on, stand_ins

try:
    import re2
except ImportError:
    re2 = None

# An automaton that outgrows its budget is thrown away and rebuilt; RE2's default of 8 MB is too small for a
# hundred patterns, while a few of them never need more. All budgets together bound the memory of a process.
SET_MEMORY = 64 * 1024 * 1024
FEW_MEMORY = 8 * 1024 * 1024
FEW = 24
MOST_REMEMBERED = 200_000
MOST_ALWAYS = 96
MOST_OF_LINES = 320
MOST_LONG = 8
MOST_BEHIND = 16
# What many texts hold, and what any text holds: a stand-in that matches it would open its patterns there.
COMMON = """Sam has 12 pens and gives 5 of them to a friend, so he has 12 - 5 = 7 left (not 8).

I think so: "First, we add 3.5 to $4; then it's done." The answer is 7.
"""
PLAIN = """Sam has many pens and gives some of them to a friend, so he has few left. Is that all?

No, there are more.
"""

Scan = Callable[[bytes], list[int] | None]


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """One automaton, and which pattern each of its numbers stands for."""

    scan: Scan
    ids: tuple[int, ...]

    def add(self, texts: Sequence[bytes], rows: Iterable[int], hits: list[list[int]]) -> None:
        """Add what matches some of the texts to their hits."""
        scan, ids = self.scan, self.ids
        for row in rows:
            found = scan(texts[row])
            if found:
                hits[row] += [ids[i] for i in found]


def available() -> bool:
    """Whether google-re2 is installed."""
    return re2 is not None


def takes(pattern: str) -> bool:
    """Whether RE2 compiles a declared pattern: then it matches in time linear in the text.

    Example:
        >>> takes(r"^ans = \\d+$"), takes(r"(?=ans)ans")
        (True, False)
    """
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
        groups: Patterns of one group are scanned together where they are not scanned always.

    Attributes:
        indices: Those that RE2 takes, and that are scanned for.
    """

    def __init__(self, patterns: Sequence[str], groups: Sequence[str]) -> None:
        self._twins = _twins(patterns)
        self.indices = frozenset(i for same in self._twins.values() for i in same)
        plan = _Plan(patterns, groups, self._twins)
        self._always = [
            *(part for some in plan.together() for part in _parts(some)),
            *_parts(plan.from_start, from_start=True),
            *(part for long in _runs(plan.always_long, MOST_LONG) for part in _parts(long)),
        ]
        self._parts_of = {
            group: tuple(part for some in _runs(own, MOST_BEHIND) for part in _parts(some))
            for group, own in plan.behind.items()
        }
        self._opens = plan.opens
        self._opened: dict[tuple[int, ...], tuple[tuple[int, ...], tuple[_Part, ...]]] = {}
        self._found: dict[tuple[int, ...], Findings] = {}

    def find(self, texts: Sequence[bytes]) -> list[Findings]:
        """The patterns that match each text, ascending; best some hundred texts at a time."""
        hits: list[list[int]] = [[] for _ in texts]
        for part in self._always:
            part.add(texts, range(len(texts)), hits)
        found: list[tuple[int, ...]] = []
        turns: dict[_Part, list[int]] = {}
        for row, key in enumerate(map(tuple, hits)):
            fired, parts = self._opened.get(key) or self._open(key)
            found.append(fired)
            for part in parts:
                turns.setdefault(part, []).append(row)
        more: list[list[int]] = [[] for _ in texts]
        for part, rows in turns.items():
            part.add(texts, rows, more)
        return [self._findings((*one, *other)) for one, other in zip(found, more, strict=True)]

    def _open(self, hits: tuple[int, ...]) -> tuple[tuple[int, ...], tuple[_Part, ...]]:
        """Patterns among the hits, and what the stand-ins among them ask to scan."""
        groups = sorted({group for i in hits for group in self._opens.get(i, ())})
        opened = (
            tuple(i for i in hits if i >= 0),
            tuple(part for group in groups for part in self._parts_of[group]),
        )
        if len(self._opened) < MOST_REMEMBERED:
            self._opened[hits] = opened
        return opened

    def _findings(self, hits: tuple[int, ...]) -> Findings:
        """Findings are few and repeat; each is made once."""
        found = self._found.get(hits)
        if found is None:
            found = Findings(tuple(sorted(twin for i in set(hits) for twin in self._twins[i])))
            if len(self._found) < MOST_REMEMBERED:
                self._found[hits] = found
        return found


def _parts(scanned: Sequence[tuple[int, str]], from_start: bool = False) -> list[_Part]:
    """One automaton, or several where the budget does not hold all."""
    if not scanned:
        return []
    make = re2.Set.MatchSet if from_start else re2.Set.SearchSet
    found = make(_options(FEW_MEMORY if len(scanned) <= FEW else SET_MEMORY))
    try:
        for _, pattern in scanned:
            found.Add(for_re2(pattern))
        found.Compile()
    except re2.error:
        half = len(scanned) // 2
        if not half:
            raise
        return [*_parts(scanned[:half], from_start), *_parts(scanned[half:], from_start)]
    return [_Part(found.Match, tuple(index for index, _ in scanned))]


def _twins(patterns: Sequence[str]) -> dict[int, list[int]]:
    """Patterns that RE2 takes, by the first of each: formats share signs, and each is scanned for once."""
    first: dict[str, int] = {}
    twins: dict[int, list[int]] = {}
    for index, pattern in enumerate(patterns):
        if pattern in first or takes(pattern):
            twins.setdefault(first.setdefault(pattern, index), []).append(index)
    return twins


class _Plan:
    """Which pattern is scanned when.

    Attributes:
        always: Scanned on every text: (index, pattern), a negative index for a stand-in.
        always_long: The same, patterns with long repeats for which nothing can stand in.
        from_start: Scanned on every text from its start on only.
        behind: Patterns of each group that wait for a stand-in.
        opens: Groups that the stand-in of a negative index opens.
    """

    def __init__(self, patterns: Sequence[str], groups: Sequence[str], taken: Iterable[int]) -> None:
        self.always: list[tuple[int, str]] = []
        self.always_long: list[tuple[int, str]] = []
        self.from_start: list[tuple[int, str]] = []
        self.behind: dict[str, list[tuple[int, str]]] = {}
        self.opens: dict[int, set[str]] = {}
        self._stand_ins: dict[str, int] = {}
        for index in taken:
            self._place(index, patterns[index], groups[index])

    def together(self) -> Iterable[Sequence[tuple[int, str]]]:
        """What is always scanned, in parts; patterns that begin a line sleep within it: many go together."""
        lines = [one for one in self.always if one[1].startswith("^")]
        others = [one for one in self.always if not one[1].startswith("^")]
        return (*_runs(lines, MOST_OF_LINES), *_runs(others, MOST_ALWAYS))

    def _place(self, index: int, pattern: str, group: str) -> None:
        stand_in = _best(pattern) if runs_on(pattern) else None
        if stand_in is not None:
            self._wait(index, pattern, stand_in, group)
        elif begins_at_start(pattern):
            self.from_start.append((index, pattern))
        else:
            (self.always_long if runs_on(pattern) else self.always).append((index, pattern))

    def _wait(self, index: int, pattern: str, stand_in: str, group: str) -> None:
        self.behind.setdefault(group, []).append((index, pattern))
        if stand_in not in self._stand_ins:
            self._stand_ins[stand_in] = -1 - index
            aside = self.from_start if begins_at_start(stand_in) else self.always
            aside.append((-1 - index, stand_in))
        self.opens.setdefault(self._stand_ins[stand_in], set()).add(group)


def _best(pattern: str) -> str | None:
    """The stand-in that says most; one that any text matches says nothing."""
    possible = {found: _compiled(found) for found in stand_ins(pattern) if takes(found)}
    telling = (
        found for sample in (COMMON, PLAIN) for found, one in possible.items() if not one.search(sample)
    )
    return next(telling, None)


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> Any:
    """RE2's form of a declared pattern.

    Raises:
        re2.error: RE2 does not take it.
    """
    return re2.compile(for_re2(pattern), _options())


def _runs(scanned: Sequence[tuple[int, str]], most: int) -> Iterable[Sequence[tuple[int, str]]]:
    return (scanned[i : i + most] for i in range(0, len(scanned), most))


def _options(memory: int = FEW_MEMORY) -> Any:
    options = re2.Options()
    options.max_mem = memory
    options.log_errors = False
    return options
