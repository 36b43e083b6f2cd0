"""What to try where: for each text of a batch the patterns that can match, with their places.

Patterns are taken apart: each alternative at the top is a part of its own. A part is tried at the places that
its best requirement names; one of which nothing is known, on every text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from echoformat.detectors.chain_gate import ChainGate, Hits, Ints, Packed
from echoformat.detectors.pattern_nodes import in_one_line
from echoformat.detectors.pattern_parts import Part
from echoformat.detectors.projection import SHARED_BYTES, projected
from echoformat.detectors.requirements import Requirement, Way, at_start_only

# Blanks that stand in a line and are no space or tab.
ODD_BLANKS = (b"\v", b"\f", b"\r")
MOST_PLACES = 16
_SHARED = bytes(SHARED_BYTES)
WAYS = tuple(Way)
# A part, a place of a text to try it at, and how far it may reach: text, part, place, end, and where what
# stands in front may begin. A negative place asks for a search of the whole text.
Job = tuple[int, int, int, int, int]
EVERYWHERE = -1


@dataclass(frozen=True, slots=True)
class Plan:
    """What is known of a batch.

    Attributes:
        decided: Texts and parts that match for sure.
        jobs: What is left to try, by text, part and place.
    """

    decided: list[tuple[int, int]]
    jobs: list[Job]

    def renumbered(self, numbers: Sequence[int]) -> Plan:
        """The same of texts that have other numbers."""
        jobs = [(numbers[text], *rest) for text, *rest in self.jobs]
        return Plan([(numbers[text], part) for text, part in self.decided], jobs)  # type: ignore[arg-type]


class PatternPlan:
    """Plans the trials of the parts of some patterns.

    Args:
        parts: Those of one pattern side by side.

    Example:
        >>> from echoformat.detectors.pattern_tree import tree
        >>> parts = [*Part.of(0, tree(r"^ans = ")), *Part.of(1, tree(r"boxed[^\\n]*\\Z"))]
        >>> PatternPlan(parts).of(["ans = 3", "a boxed 3"], [b"ans = 3", b"a boxed 3"])
        Plan(decided=[(0, 0)], jobs=[(1, 1, 2, 9, 0)])
    """

    def __init__(self, parts: Sequence[Part]) -> None:
        self._count = len(parts)
        self._rule = np.array([part.rule for part in parts], np.int64)
        self._always = [
            (i, 0 if part.node is not None and at_start_only(part.node) else EVERYWHERE)
            for i, part in enumerate(parts)
            if part.need is None
        ]
        stays = np.array([_stays(part) for part in parts], np.bool_).reshape(-1, 2)
        self._back_in_line, self._forth_in_line = stays.T
        owned = [(i, part.need) for i, part in enumerate(parts) if part.need is not None]
        # Two more requirements at most; number 0 stands for none, which every text meets.
        self._more = np.zeros((2, self._count), np.int64)
        self._most = 1
        for i, part in enumerate(parts):
            for place, other in enumerate(part.others):
                self._more[place, i] = self._most
                owned.append((self._count + self._most, other))
                self._most += 1
        self._own(owned)

    def _own(self, owned: Sequence[tuple[int, Requirement]]) -> None:
        """Chains of whom."""
        chains = [(one, chain) for _, one in owned for chain in one.chains]
        self._owner = np.array([owner for owner, one in owned for _ in one.chains], np.int64)
        self._way = np.array([WAYS.index(one.way) for one, _ in chains], np.int64)
        self._decides = np.array([one.decides(chain) for one, chain in chains], np.bool_)
        self._is_sure = np.array([chain.is_sure for _, chain in chains], np.int64)
        self._gate = ChainGate([(one.place, chain) for one, chain in chains])

    def of(self, texts: Sequence[str], data: Sequence[bytes]) -> Plan:
        """What to try on some texts, given also in UTF-8."""
        seen = [raw if raw.isascii() else projected(text) for text, raw in zip(texts, data, strict=True)]
        clear = [i for i, raw in enumerate(seen) if b"\0" not in raw]
        plan = self._clear(clear, [seen[i] for i in clear]) if clear else Plan([], [])
        for text in clear:
            plan.jobs.extend((text, part, at, len(seen[text]), 0) for part, at in self._always)
        for text in sorted({*range(len(texts))} - {*clear}):
            plan.jobs.extend((text, part, EVERYWHERE, len(seen[text]), 0) for part in range(self._count))
        return plan

    def _clear(self, numbers: Sequence[int], seen: Sequence[bytes]) -> Plan:
        """What to try on texts without NUL."""
        hits = self._gate.hits(seen)
        owner, text = self._owner[hits.chain], hits.text
        met = np.zeros((self._most, len(seen)), np.bool_)
        met[0] = True
        is_more = owner >= self._count
        met[owner[is_more] - self._count, text[is_more]] = True
        main = np.flatnonzero(~is_more)
        chain, text, part, where = hits.chain[main], text[main], owner[main], hits.where[main]
        is_decided = self._decides[chain] & _trusted(seen)[text, self._is_sure[chain]]
        decided = np.zeros((len(seen), self._rule[-1] + 1 if self._count else 0), np.bool_)
        decided[text[is_decided], self._rule[part[is_decided]]] = True
        sure = _sorted_once(text[is_decided] * self._count + part[is_decided])
        is_open = met[self._more[0][part], text] & met[self._more[1][part], text]
        left = np.flatnonzero(is_open & ~decided[text, self._rule[part]])
        jobs = self._jobs(hits, text[left], part[left], self._way[chain[left]], where[left])
        plan = Plan([(key // self._count, key % self._count) for key in sure.tolist()], jobs)
        return plan if len(numbers) == numbers[-1] + 1 else plan.renumbered(numbers)

    def _jobs(self, hits: Hits, text: Ints, part: Ints, way: Ints, where: Ints) -> list[Job]:
        """Each text and part with its places in order; behind the first few, all of the text."""
        packed = hits.packed
        starts = packed.starts[text]
        line = packed.line_starts[np.searchsorted(packed.line_starts, where, side="right") - 1]
        at = np.choose(way, [where, starts, line, starts, where]) - starts
        keyed = _sorted_once((text * self._count + part) << 32 | at)
        keys, at = keyed >> 32, keyed & 0xFFFFFFFF
        rank = np.arange(len(keys)) - np.searchsorted(keys, keys)
        kept = np.flatnonzero(rank < MOST_PLACES)
        (text, part), at, is_last = (
            np.divmod(keys[kept], self._count),
            at[kept],
            rank[kept] == MOST_PLACES - 1,
        )
        low, end = self._bounds(packed, text, part, at)
        at = np.where(is_last, EVERYWHERE, at)
        return list(zip(*(column.tolist() for column in (text, part, at, end, low)), strict=True))

    def _bounds(self, packed: Packed, text: Ints, part: Ints, at: Ints) -> tuple[Ints, Ints]:
        """From where to where a trial may look: its line, or the text."""
        starts, low, end = packed.starts[text], np.zeros_like(at), packed.lengths[text]
        if len(at):
            line = np.searchsorted(packed.line_starts, starts + at, side="right")
            low = np.where(self._back_in_line[part], packed.line_starts[line - 1] - starts, low)
            is_short = self._forth_in_line[part] & (line < len(packed.line_starts))
            end = np.where(
                is_short, packed.line_starts[np.minimum(line, len(packed.line_starts) - 1)] - 1 - starts, end
            )
        return low, end


def _sorted_once(keys: Ints) -> Ints:
    keys.sort()
    return keys[np.flatnonzero(np.diff(keys, prepend=-1))]


def _stays(part: Part) -> tuple[bool, bool]:
    """Whether what is matched back, and forth, stays within the line of the place."""
    if part.need is None or part.need.way is Way.BACK or part.forth is None:
        return False, False
    return part.back is not None and in_one_line(part.back), in_one_line(part.forth)


def _trusted(seen: Sequence[bytes]) -> NDArray[np.bool_]:
    """For each text whether a chain decides there that is not sure, and one that is."""
    sure = [not any(blank in raw for blank in ODD_BLANKS) for raw in seen]
    unsure = [is_sure and not _holds_shared(raw) for is_sure, raw in zip(sure, seen, strict=True)]
    return np.array([unsure, sure], np.bool_).T


def _holds_shared(raw: bytes) -> bool:
    return not raw.isascii() and len(raw.translate(None, _SHARED)) < len(raw)
