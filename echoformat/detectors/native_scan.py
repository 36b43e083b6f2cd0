"""Many patterns in a few linear scans by the compiled part: the plan of `set_scan`, walked faster.

The automata are made from the form that RE2 takes, by the same rules of matching, and find the same. A step
of RE2's waits for the one before it; here ten texts are walked side by side, and a batch crosses into C
once. What is not taken here and is by RE2 (Unicode classes, named groups) is left to `set_scan`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import compress
from typing import TYPE_CHECKING

import numpy as np

from echoformat.compiled import native
from echoformat.detectors import set_scan
from echoformat.detectors.automata import AT_ONCE, Automaton, Plan, together
from echoformat.detectors.dialect import for_re2
from echoformat.text import Encoded

if TYPE_CHECKING:
    from types import ModuleType

    from numpy.typing import NDArray

# What one automaton keeps of its states at most; what is not walked through takes no memory.
MANY_STATES, FEW_STATES = 32 * 1024 * 1024, 4 * 1024 * 1024
FEW = 24
# Patterns that need a rare mark have few states in any number.
MARKS_AT_ONCE = 256


def available() -> bool:
    """Whether the compiled part is there."""
    return native() is not None


class NativeScan:
    """All patterns of a shelf that are scanned for: `set_scan.SetScan`, compiled.

    Args:
        patterns: Declared patterns by index.
        at_once: So few patterns are looked for in one pass.

    Attributes:
        indices: Those that are taken, and that are scanned for.

    Example:
        >>> scan = NativeScan(["^ans", "b{2}"]) if available() else set_scan.SetScan(["^ans", "b{2}"])
        >>> scan.find_one(b"abba"), scan.find([b"ans", b"bb"]).tolist()
        ((1,), [[True, False], [False, True]])
    """

    def __init__(self, patterns: Sequence[str], at_once: int = AT_ONCE) -> None:
        module = native()
        assert module is not None
        self._width = len(patterns)
        plan, rest = _split(set_scan.plan_for(patterns, _is_taken, _matches), module)
        twins = {same[0]: tuple(same) for same in plan.twins}
        automata = [one for one in plan.automata if one.patterns]
        planned = [_planned(one, twins) for one in together(automata, at_once)]
        self._scan = module.Scan(self._width, plan.width, planned)
        self._rest = tuple(i for column in rest for i in twins[column])
        self._others = set_scan.SetScan([patterns[i] for i in self._rest]) if self._rest else None
        self.indices = frozenset(i for same in plan.twins for i in same)

    def find_one(self, text: bytes) -> tuple[int, ...]:
        """The patterns that match one text, ascending."""
        found = self._scan.find(text)
        if self._others is None:
            return tuple(found)
        return tuple(sorted([*found, *(self._rest[place] for place in self._others.find_one(text))]))

    def find(self, texts: Sequence[Encoded], more: int = 0) -> NDArray[np.bool_]:
        """Which patterns match which texts: bool [texts, patterns]; best some thousand texts at a time.

        `more` columns behind them are for the caller; nothing is marked there.
        """
        hits = np.empty((len(texts), self._width + more), dtype=np.bool_)
        hits[:, self._width :] = False
        self._scan.mark(texts, hits.view(np.uint8)[:, : self._width])
        if self._others is not None:
            hits[:, list(self._rest)] = self._others.find(texts)
        return hits

    def states(self) -> list[tuple[int, int]]:
        """Of each automaton the states that it keeps, and how often it threw them all away."""
        return [(states, resets) for states, resets in self._scan.states()]


def takes(pattern: str) -> bool:
    """Whether a declared pattern can be scanned for here.

    Example:
        >>> takes("^ans = ") == available()
        True
    """
    module = native()
    return module is not None and bool(module.takes(for_re2(pattern)))


def _is_taken(pattern: str) -> bool:
    return takes(pattern) or (set_scan.available() and set_scan.takes(pattern))


def _matches(pattern: str, text: str) -> bool:
    module = native()
    if module is None or not takes(pattern):
        return set_scan.matches(pattern, text)
    scan = module.Scan(1, 1, [(False, ((0,),), (for_re2(pattern),), (), FEW_STATES)])
    return bool(scan.find(text.encode()))


def _planned(
    one: Automaton, twins: Mapping[int, Sequence[int]]
) -> tuple[bool, Sequence[Sequence[int]], Sequence[str], Sequence[int], int]:
    memory = MANY_STATES if len(one.patterns) > FEW else FEW_STATES
    # A stand-in has a column of its own.
    columns = [twins.get(column, (column,)) for column in one.columns]
    return one.from_start, columns, one.patterns, one.stand_ins, memory


def _split(plan: Plan, module: ModuleType) -> tuple[Plan, list[int]]:
    """A plan without what is not taken here, and the columns of that."""
    taken = [[bool(module.takes(pattern)) for pattern in one.patterns] for one in plan.automata]
    if all(map(all, taken)):
        return plan, []
    own = {same[0] for same in plan.twins}
    rest = {
        column
        for one, kinds in zip(plan.automata, taken, strict=True)
        for column, kind in zip(one.columns, kinds, strict=True)
        if not kind and column in own
    }
    automata = tuple(_without(one, kinds, rest) for one, kinds in zip(plan.automata, taken, strict=True))
    return Plan(plan.width, automata, plan.twins), sorted(rest)


def _without(one: Automaton, taken: Sequence[bool], rest: set[int]) -> Automaton:
    kept = [kind and column not in rest for column, kind in zip(one.columns, taken, strict=True)]
    return Automaton(
        one.from_start,
        tuple(compress(one.columns, kept)),
        tuple(compress(one.patterns, kept)),
        one.stand_ins,
    )
