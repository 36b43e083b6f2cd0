"""What to try where: for each text of a batch the patterns that can match, with their places.

Patterns are taken apart: each alternative at the top is a part of its own. A part is tried at the places that
its best requirement names; one of which nothing is known, on every text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from echoformat.detectors.chain_gate import ChainGate, Hits
from echoformat.detectors.packed_texts import Ints, Packed
from echoformat.detectors.pattern_nodes import in_one_line
from echoformat.detectors.pattern_parts import Part
from echoformat.detectors.projection import SHARED_BYTES, projected
from echoformat.detectors.requirements import Requirement, Way, at_start_only

# Blanks that stand in a line and are no space or tab.
ODD_BLANKS = (b"\v", b"\f", b"\r")
# At how many places of a text a part is tried before all of the text is searched; with something in front to
# be matched back, a search goes over much in vain.
MOST_PLACES, MOST_PLACES_BACK = 16, 256
_SHARED = bytes(SHARED_BYTES)
NUL_ALIKE = "\u2400"
WAYS = tuple(Way)
START, LINE, BACK = map(WAYS.index, (Way.START, Way.LINE, Way.BACK))
EVERYWHERE = -1


@dataclass(frozen=True, slots=True)
class Round:
    """Where one part is to be tried.

    Attributes:
        part: The part, by number.
        texts: In which texts, ascending.
        at: At which place of each; negative for a search of the whole text.
        ends: How far a trial may look.
        lows: From where what stands in front may begin.
        is_slow: Whether they need a clock.
    """

    part: int
    texts: Sequence[int]
    at: Sequence[int]
    ends: Sequence[int]
    lows: Sequence[int]
    is_slow: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """What is known of a batch.

    Attributes:
        decided: Texts and parts that match for sure.
        rounds: What is left to try, by part.
    """

    decided: list[tuple[int, int]]
    rounds: list[Round]


class PatternPlan:
    """Plans the trials of the parts of some patterns.

    Args:
        parts: Those of one pattern side by side.

    Example:
        >>> from echoformat.detectors.pattern_tree import tree
        >>> parts = [*Part.of(0, tree(r"^ans = ")), *Part.of(1, tree(r"boxed[^\\n]*\\Z"))]
        >>> PatternPlan(parts).of(["ans = 3", "a boxed 3"], [b"ans = 3", b"a boxed 3"])
        Plan(decided=[(0, 0)], rounds=[Round(part=1, texts=[1], at=[2], ends=[9], lows=[0], is_slow=False)])
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
        lengths = np.array([part.lengths for part in parts], np.int64).reshape(-1, 2)
        self._in_forth, self._in_back = lengths.T
        has_back = np.array([part.back is not None for part in parts], np.bool_)
        self._most_places = np.where(has_back, MOST_PLACES_BACK, MOST_PLACES)
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
        seen = _projected(texts, data)
        clear = [i for i, raw in enumerate(seen) if b"\0" not in raw]
        plan = self._clear(clear, [seen[i] for i in clear]) if clear else Plan([], [])
        ends = [len(raw) for raw in seen]
        odd = sorted({*range(len(texts))} - {*clear})
        for part, at in self._always:
            plan.rounds.extend(self._everywhere(part, clear, ends, at))
        for part in range(self._count) if odd else ():
            plan.rounds.extend(self._everywhere(part, odd, ends, EVERYWHERE))
        return plan

    def _everywhere(
        self, part: int, texts: Sequence[int], lengths: Sequence[int], at: int
    ) -> Iterator[Round]:
        """One place of each text, which may be all of it."""
        most = -1 if at < 0 else self._in_forth[part]
        for is_slow in (False, True):
            own = [text for text in texts if (lengths[text] > most) == is_slow]
            if own:
                ends = [lengths[text] for text in own]
                yield Round(part, own, [at] * len(own), ends, [0] * len(own), is_slow)

    def _clear(self, numbers: Sequence[int], seen: Sequence[bytes]) -> Plan:
        """What to try on texts without NUL."""
        hits = self._gate.hits(seen)
        owner, text = self._owner.take(hits.chain), hits.text
        met = np.zeros((self._most, len(seen)), np.bool_)
        met[0] = True
        is_more = owner >= self._count
        met[owner[is_more] - self._count, text[is_more]] = True
        main = np.flatnonzero(~is_more)
        chain, text, part, where = (column.take(main) for column in (hits.chain, text, owner, hits.where))
        is_decided = self._decides[chain] & _trusted(seen)[text, self._is_sure[chain]]
        decided = np.zeros((len(seen), self._rule[-1] + 1 if self._count else 0), np.bool_)
        decided[text[is_decided], self._rule[part[is_decided]]] = True
        sure = _sorted_once(text[is_decided] * self._count + part[is_decided])
        is_open = met[self._more[0][part], text] & met[self._more[1][part], text]
        left = np.flatnonzero(is_open & ~decided[text, self._rule[part]])
        rounds = self._rounds(
            numbers,
            hits,
            text.take(left),
            part.take(left),
            self._way.take(chain.take(left)),
            where.take(left),
        )
        sure_text, sure_part = np.divmod(sure, self._count)
        names = np.array(numbers, np.int64)
        return Plan(list(zip(names[sure_text].tolist(), sure_part.tolist(), strict=True)), rounds)

    def _rounds(
        self, numbers: Sequence[int], hits: Hits, text: Ints, part: Ints, way: Ints, where: Ints
    ) -> list[Round]:
        """Each part with its texts and places in order; behind a text's first few places, all of it."""
        packed = hits.packed
        at = where - packed.starts[text]
        at[(way == START) | (way == BACK)] = 0
        of_line = np.flatnonzero(way == LINE)
        at[of_line] = packed.line_starts_at(where[of_line]) - packed.starts[text[of_line]]
        keyed = _sorted_once((part * len(numbers) + text) << 32 | at)
        keys, at = keyed >> 32, keyed & 0xFFFFFFFF
        rank = np.arange(len(keys)) - _first_of_run(keys)
        most = self._most_places.take(keys // len(numbers))
        kept = np.flatnonzero(rank < most)
        part, text = np.divmod(keys[kept], len(numbers))
        low, end = self._bounds(packed, text, part, at[kept])
        at = np.where(rank[kept] == most[kept] - 1, EVERYWHERE, at[kept])
        slow = (at < 0) | (end - at > self._in_forth[part]) | (at - low > self._in_back[part])
        columns = (part, np.array(numbers, np.int64)[text], at, end, low)
        return [
            Round(*one, is_slow)
            for is_slow in (False, True)
            for one in _runs([column[slow == is_slow] for column in columns])
        ]

    def _bounds(self, packed: Packed, text: Ints, part: Ints, at: Ints) -> tuple[Ints, Ints]:
        """From where to where a trial may look: its line, or the text."""
        starts = packed.starts[text]
        where = starts + at
        low = np.where(self._back_in_line[part], packed.line_starts_at(where) - starts, 0)
        next_line = np.append(packed.line_starts, 0)[packed.line_of.take(where) + 1] - 1 - starts
        is_short = self._forth_in_line[part] & (next_line >= 0)
        return low, np.where(is_short, next_line, packed.lengths[text])


def _runs(columns: Sequence[Ints]) -> Iterator[tuple[int, list[int], list[int], list[int], list[int]]]:
    """Columns taken apart where the first one changes."""
    begins = np.flatnonzero(np.diff(columns[0], prepend=-1)).tolist()
    own = columns[0][begins].tolist()
    text, at, end, low = (column.tolist() for column in columns[1:])
    for one, (first, last) in zip(own, pairwise([*begins, len(text)]), strict=True):
        yield one, text[first:last], at[first:last], end[first:last], low[first:last]


def _sorted_once(keys: Ints) -> Ints:
    keys.sort()
    return keys[np.flatnonzero(np.diff(keys, prepend=-1))]


def _first_of_run(keys: Ints) -> Ints:
    """Where the run of equal keys begins that each stands in."""
    begins = np.flatnonzero(np.diff(keys, prepend=-1))
    return np.repeat(begins, np.diff(begins, append=len(keys)))


def _stays(part: Part) -> tuple[bool, bool]:
    """Whether what is matched back, and forth, stays within the line of the place."""
    if part.need is None or part.need.way is Way.BACK or part.forth is None:
        return False, False
    return part.back is not None and in_one_line(part.back), in_one_line(part.forth)


def _projected(texts: Sequence[str], data: Sequence[bytes]) -> list[bytes]:
    """Projected texts; an ASCII one is as it was."""
    seen = list(data)
    odd = [i for i, raw in enumerate(data) if not raw.isascii()]
    if odd:
        # A text may hold what would separate them.
        own = [texts[i].replace("\0", NUL_ALIKE) for i in odd]
        for i, raw in zip(odd, projected("\0".join(own)).split(b"\0"), strict=True):
            seen[i] = raw if NUL_ALIKE not in texts[i] and "\0" not in texts[i] else projected(texts[i])
    return seen


def _trusted(seen: Sequence[bytes]) -> NDArray[np.bool_]:
    """For each text whether a chain decides there that is not sure, and one that is."""
    sure = [not any(blank in raw for blank in ODD_BLANKS) for raw in seen]
    unsure = [is_sure and not _holds_shared(raw) for is_sure, raw in zip(sure, seen, strict=True)]
    return np.array([unsure, sure], np.bool_).T


def _holds_shared(raw: bytes) -> bool:
    return not raw.isascii() and len(raw.translate(None, _SHARED)) < len(raw)
