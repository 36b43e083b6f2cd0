"""Where chains stand in a batch of texts: all of them looked up at once.

Places where a chain may stand (starts of texts and lines, last characters, rare signs, four rare bytes) are
found by passes over the packed batch; each names a few chains by the bytes around it, and only those are
compared place by place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from echoformat.detectors.chain_index import SLICE, Cells, Fours, bits
from echoformat.detectors.chain_shares import WIDTH, key_of
from echoformat.detectors.chains import LONGEST, Chain, Place
from echoformat.detectors.packed_texts import MARGIN, Ints, Packed, behind_words, line_firsts
from echoformat.detectors.projection import ANY, FOLD

# Before which places chains that end there are set aside.
STEPS = (3, 4, 6, 9, 13, 18)


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
        chains = [chain for _, chain in placed]
        self._rows, self._table = _rows(chains)
        told = [_told(chain.masks) for chain in chains]
        self._told = np.array([mask for mask, _ in told], np.uint64)
        self._eight = np.array([value for _, value in told], np.uint64)
        self._lengths = np.array([len(chain.masks) for chain in chains], np.int64)
        by_place = {place: [i for i, one in enumerate(placed) if one[0] is place] for place in Place}
        anywhere = by_place.pop(Place.ANYWHERE)
        self._cells = {
            place: Cells([(i, 1, chains[i].masks) for i in own]) for place, own in by_place.items()
        }
        keys = [(i, chains[i].masks, key_of(chains[i].masks)) for i in anywhere]
        self._signs = Cells([(i, key.at, masks) for i, masks, key in keys if key and not key.is_four])
        self._fours = Fours([(i, key.at, masks) for i, masks, key in keys if key and key.is_four])
        self._is_sign = self._signs.centres().astype(np.uint8).tobytes()

    def hits(self, texts: Sequence[bytes]) -> Hits:
        """Where the chains stand in projected texts without NUL."""
        packed = Packed.of(texts)
        lines = line_firsts(packed)
        opening = np.searchsorted(lines, packed.starts)
        opening = lines[opening[opening < len(lines)]]
        found = [
            self._compared(
                packed, *self._cells[Place.START].pairs(packed.bytes_, np.unique(opening)), begin=3
            ),
            self._compared(
                packed, *self._cells[Place.LAST].pairs(packed.bytes_, packed.lasts, -1), -1, begin=3
            ),
        ]
        for some in _slices(lines):
            found.append(self._compared(packed, *self._cells[Place.LINE].pairs(packed.bytes_, some), begin=3))
            behind = behind_words(packed, some)
            found.append(
                self._compared(packed, *self._cells[Place.WORD].pairs(packed.bytes_, behind), begin=3)
            )
        for some in _slices(np.flatnonzero(np.frombuffer(packed.raw.translate(self._is_sign), np.bool_))):
            found.append(self._compared(packed, *self._signs.pairs(packed.bytes_, some)))
        inner = memoryview(packed.raw.translate(FOLD))[: -MARGIN + WIDTH - 1]
        pairs = [self._fours.pairs(inner, first) for first in range(MARGIN, len(inner), SLICE)]
        some_chains, at = (np.concatenate(column) for column in zip(*pairs, strict=True))
        found.append(self._compared(packed, some_chains, at))
        chain = np.concatenate([one for one, _ in found])
        where = np.concatenate([one for _, one in found])
        return Hits(packed, chain, where)

    def _compared(
        self, packed: Packed, chain: Ints, at: Ints, sign: int = 1, begin: int = 0
    ) -> tuple[Ints, Ints]:
        """Those that stand there: eight bytes compared at once, then place by place from one on."""
        if sign > 0:
            seen = packed.eights[at - 1] & self._told.take(chain)
            kept = np.flatnonzero(seen == self._eight.take(chain))
            chain, at = chain.take(kept), at.take(kept)
        whole = []
        for place in range(begin, LONGEST + 3):
            if place in STEPS:
                is_long = self._lengths.take(chain) > place
                short, long = np.flatnonzero(~is_long), np.flatnonzero(is_long)
                whole.append((chain.take(short), at.take(short)))
                chain, at = chain.take(long), at.take(long)
            if not len(chain):
                break
            seen = packed.bytes_.take(at + sign * (place - 1))
            kept = np.flatnonzero(self._table.take(self._rows[place].take(chain) + seen))
            if len(kept) < len(chain):
                chain, at = chain.take(kept), at.take(kept)
        whole.append((chain, at))
        return np.concatenate([one for one, _ in whole]), np.concatenate([one for _, one in whole])


def _slices(places: Ints) -> list[Ints]:
    return [places[i : i + SLICE] for i in range(0, len(places), SLICE)] if len(places) else []


def _rows(chains: Sequence[Chain]) -> tuple[Ints, NDArray[np.bool_]]:
    """For each place and chain where its set stands in a table of all sets."""
    numbers: dict[int, int] = {ANY: 0}
    rows = np.zeros((LONGEST + 3, len(chains)), np.int64)
    for i, chain in enumerate(chains):
        for place, mask in enumerate(chain.masks):
            rows[place, i] = numbers.setdefault(mask, len(numbers))
    return rows * 256, bits(list(numbers)).ravel()


def _told(masks: Sequence[int]) -> tuple[int, int]:
    """Which bits of a chain's first eight places are one, and what they are."""
    told = value = 0
    for place, mask in enumerate(masks[:8]):
        if mask != ANY:
            bytes_ = [byte for byte in range(256) if mask >> byte & 1]
            differ = 0
            for byte in bytes_:
                differ |= byte ^ bytes_[0]
            told |= (255 ^ differ) << 8 * place
            value |= (bytes_[0] & (255 ^ differ)) << 8 * place
    return told, value
