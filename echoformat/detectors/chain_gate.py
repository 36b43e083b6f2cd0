"""Where chains stand in a batch of texts: all of them looked up at once.

Places where a chain may stand (starts of texts and lines, last characters, rare signs, four rare bytes) are
found by passes over the packed batch; each names a few chains by the bytes around it, and only those are
compared place by place.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from echoformat.detectors.chain_checks import ChainChecks
from echoformat.detectors.chain_index import SLICE, Cells, Fours
from echoformat.detectors.chain_shares import WIDTH, Key, key_of
from echoformat.detectors.chains import Chain, Place
from echoformat.detectors.packed_texts import MARGIN, Ints, Packed, behind_words, line_firsts
from echoformat.detectors.projection import FOLD

# How many chains are compared together.
MOST_PAIRS = 1 << 18
# Chains by number, and where each begins in the packed texts.
Pairs = tuple[Ints, Ints]


@dataclass(frozen=True, slots=True)
class Hits:
    """Chains that stand in a batch.

    Attributes:
        packed: The batch.
        chain: Which chain, by number.
        where: Where its first character stands in the packed batch.
    """

    packed: Packed
    chain: Ints
    where: Ints

    @property
    def text(self) -> Ints:
        """Which text, by number."""
        return self.packed.text_of.take(self.where).astype(np.int64)

    @property
    def at(self) -> Ints:
        """Where in its text."""
        return self.where - self.packed.starts[self.text]


class ChainGate:
    """Finds where chains stand.

    Args:
        placed: Chains with their places.

    Example:
        >>> from echoformat.detectors.requirements import requirements
        >>> from echoformat.detectors.pattern_tree import tree
        >>> need = requirements(tree(r"^[ \\t]*ans = "))[0]
        >>> gate = ChainGate([(need.place, chain) for chain in need.chains])
        >>> hits = gate.hits([b"so", b"x" + b"\\n  ans = 3"])
        >>> hits.text.tolist(), hits.chain.tolist(), hits.at.tolist()
        ([1], [0], [4])
    """

    def __init__(self, placed: Sequence[tuple[Place, Chain]]) -> None:
        chains = [chain.masks for _, chain in placed]
        by_place = {place: [i for i, one in enumerate(placed) if one[0] is place] for place in Place}
        anywhere = by_place.pop(Place.ANYWHERE)
        self._cells = {place: Cells([(i, 1, chains[i]) for i in own]) for place, own in by_place.items()}
        keys = {i: key for i in anywhere if (key := key_of(chains[i]))}
        self._signs = Cells([(i, key.at, chains[i]) for i, key in keys.items() if not key.is_four])
        self._fours = Fours([(i, key.at, chains[i]) for i, key in keys.items() if key.is_four])
        self._is_sign = self._signs.centres().astype(np.uint8).tobytes()
        self._checks = ChainChecks(
            [(own, placed[i][0] is Place.LAST, _looked_up(keys.get(i))) for i, own in enumerate(chains)]
        )

    def hits(self, texts: Sequence[bytes]) -> Hits:
        """Where the chains stand in projected texts without NUL."""
        packed = Packed.of(texts)
        found, held, count = [], [], 0
        for pairs in self._pairs(packed):
            held.append(pairs)
            count += len(pairs[0])
            if count > MOST_PAIRS:
                found.append(self._checks.stand(packed, *_joined(held)))
                held, count = [], 0
        found.append(self._checks.stand(packed, *_joined(held)))
        return Hits(packed, *_joined(found))

    def _pairs(self, packed: Packed) -> Iterator[Pairs]:
        """Chains that may stand, with their places."""
        raw, lines = packed.bytes_, line_firsts(packed)
        opening = np.searchsorted(lines, packed.starts)
        opening = np.unique(lines[opening[opening < len(lines)]])
        yield self._cells[Place.START].pairs(raw, opening)
        yield self._cells[Place.LAST].pairs(raw, packed.lasts, -1)
        for some in _slices(lines):
            yield self._cells[Place.LINE].pairs(raw, some)
            yield self._cells[Place.WORD].pairs(raw, behind_words(packed, some))
        for some in _slices(np.flatnonzero(np.frombuffer(packed.raw.translate(self._is_sign), np.bool_))):
            yield self._signs.pairs(raw, some)
        inner = memoryview(packed.raw.translate(FOLD))[: -MARGIN + WIDTH - 1]
        for first in range(MARGIN, len(inner), SLICE):
            yield self._fours.pairs(inner, first)


def _looked_up(key: Key | None) -> frozenset[int]:
    """The places of a chain that its look-up compares."""
    if key is None:
        return frozenset(range(3))
    return frozenset() if key.is_four else frozenset(range(key.at - 1, key.at + 2))


def _joined(pairs: Sequence[Pairs]) -> Pairs:
    if not pairs:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    return np.concatenate([one for one, _ in pairs]), np.concatenate([one for _, one in pairs])


def _slices(places: Ints) -> list[Ints]:
    return [places[i : i + SLICE] for i in range(0, len(places), SLICE)] if len(places) else []
