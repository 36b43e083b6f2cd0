"""Whether chains stand at given places: sixteen bytes compared at once, then what is left byte by byte."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from echoformat.detectors.chain_index import bits
from echoformat.detectors.packed_texts import Ints, Packed
from echoformat.detectors.projection import ANY

WIDE = 8
# Before which rounds chains with nothing left to compare are set aside.
STEPS = (0, 1, 2, 4, 7, 12)
# A chain's sets, whether it is read backwards, and places that are compared before.
Check = tuple[tuple[int, ...], bool, frozenset[int]]


class ChainChecks:
    """Compares chains with what stands at given places.

    Args:
        checks: The chains.

    Example:
        >>> packed = Packed.of([b"ab", b"cb"])
        >>> checks = ChainChecks([((ANY, 1 << ord("a"), 1 << ord("b")), False, frozenset())])
        >>> checks.stand(packed, np.array([0, 0]), packed.starts)[1] == packed.starts[:1]
        array([ True])
    """

    def __init__(self, checks: Sequence[Check]) -> None:
        self._told = np.zeros((2, len(checks)), np.uint64)
        self._value = np.zeros((2, len(checks)), np.uint64)
        left = [self._tell(i, *check) for i, check in enumerate(checks)]
        self._counts = np.array([len(own) for own in left], np.int64)
        self._rounds = max(map(len, left), default=0)
        self._rows = np.zeros((self._rounds, len(checks)), np.int64)
        self._offsets = np.zeros((self._rounds, len(checks)), np.int64)
        # Nothing left to compare: any byte does.
        numbers = {ANY: 0}
        for i, own in enumerate(left):
            for turn, (mask, offset) in enumerate(own):
                self._rows[turn, i] = 256 * numbers.setdefault(mask, len(numbers))
                self._offsets[turn, i] = offset
        self._table = bits(list(numbers)).ravel()

    def _tell(
        self, number: int, masks: tuple[int, ...], is_backwards: bool, before: frozenset[int]
    ) -> list[tuple[int, int]]:
        """Set what is told of a chain by bits; what is left of it: sets with how far on, rarest first."""
        left = []
        for place, mask in enumerate(masks):
            told, value = _told(mask)
            if is_backwards or place >= 2 * WIDE:
                if place not in before and mask != ANY:
                    left.append((mask, (1 - place) if is_backwards else place - 1))
                continue
            half, shift = divmod(place, WIDE)
            self._told[half, number] |= np.uint64(told << 8 * shift)
            self._value[half, number] |= np.uint64(value << 8 * shift)
            if place not in before and mask.bit_count() != 1 << (8 - told.bit_count()):
                left.append((mask, place - 1))
        return sorted(left, key=lambda one: one[0].bit_count())

    def stand(self, packed: Packed, chain: Ints, at: Ints) -> tuple[Ints, Ints]:
        """Those of some chains that stand where they may begin, with their places."""
        eights = packed.eights
        for half in range(2):
            seen = eights[at + (half * WIDE - 1)] & self._told[half].take(chain)
            kept = np.flatnonzero(seen == self._value[half].take(chain))
            chain, at = chain.take(kept), at.take(kept)
        whole = []
        for turn in range(self._rounds):
            if turn in STEPS:
                is_done = self._counts.take(chain) <= turn
                done, left = np.flatnonzero(is_done), np.flatnonzero(~is_done)
                whole.append((chain.take(done), at.take(done)))
                chain, at = chain.take(left), at.take(left)
            if not len(chain):
                break
            seen_byte = packed.bytes_.take(at + self._offsets[turn].take(chain))
            kept = np.flatnonzero(self._table.take(self._rows[turn].take(chain) + seen_byte))
            chain, at = chain.take(kept), at.take(kept)
        whole.append((chain, at))
        return np.concatenate([one for one, _ in whole]), np.concatenate([one for _, one in whole])


@lru_cache(maxsize=8192)
def _told(mask: int) -> tuple[int, int]:
    """Which bits all bytes of a set have in common, and what they are."""
    if mask == ANY:
        return 0, 0
    bytes_ = [byte for byte in range(256) if mask >> byte & 1]
    differ = 0
    for byte in bytes_:
        differ |= byte ^ bytes_[0]
    return 255 ^ differ, bytes_[0] & (255 ^ differ)
