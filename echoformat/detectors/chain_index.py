"""Chains by what stands around a place: which of many may stand there, for many places at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from echoformat.detectors.chain_shares import WIDTH
from echoformat.detectors.packed_texts import Ints
from echoformat.detectors.projection import ANY, folded

MULTIPLIER = np.uint32(0x9E3779B1)
HASH_BITS = 16
SHIFT = np.uint32(32 - HASH_BITS)
# What is looked at together stays in the cache.
SLICE = 1 << 16
# A chain's number, the place of its key, and its sets.
Keyed = tuple[int, int, tuple[int, ...]]


class Cells:
    """Chains by a byte and its two neighbours."""

    def __init__(self, chains: Sequence[Keyed]) -> None:
        padded = [(i, at, (*masks, ANY, ANY)) for i, at, masks in chains]
        self._numbers = np.array([i for i, _, _ in chains], np.int64)
        self._shift = np.array([at - 1 for _, at, _ in chains], np.int64)
        sides = [bits([masks[at + by] for _, at, masks in padded]) for by in (-1, 0, 1)]
        (self._before, before), (self._centre, centre), (self._behind, behind) = map(_classes, sides)
        self._sizes = (before.shape[1], centre.shape[1], behind.shape[1])
        counts, members = [], []
        for one in range(centre.shape[1]):
            own = np.flatnonzero(centre[:, one])
            both = before[own].T[:, None, :] & behind[own].T[None, :, :]
            counts.append(both.sum(axis=2).ravel())
            members.append(own[np.nonzero(both)[2]])
        self._counts = np.concatenate(counts)
        self._firsts = np.cumsum(self._counts) - self._counts
        self._members = np.concatenate(members)

    def centres(self) -> NDArray[np.bool_]:
        """Bytes that are some chain's."""
        per_class = self._counts.reshape(self._sizes[1], -1).sum(axis=1)
        return np.asarray(per_class[self._centre] > 0)

    def pairs(self, raw: NDArray[np.uint8], at: Ints, sign: int = 1) -> tuple[Ints, Ints]:
        """Chains that may stand around these places, each with where it begins."""
        _, _, wide = self._sizes
        cell = self._centre.take(raw.take(at)) * self._sizes[0] + self._before.take(raw.take(at - sign))
        cell = cell * wide + self._behind.take(raw.take(at + sign))
        counts = self._counts.take(cell)
        kept = np.flatnonzero(counts)
        firsts = self._firsts.take(cell.take(kept))
        chains, places = _expanded(counts.take(kept), firsts, at.take(kept), self._members)
        return self._numbers.take(chains), places - self._shift.take(chains) * sign


def _classes(sets: NDArray[np.bool_]) -> tuple[Ints, NDArray[np.bool_]]:
    """Bytes that no set tells apart: their class by byte, and the sets by class."""
    if not len(sets):
        return np.zeros(256, np.int64), np.zeros((0, 1), np.bool_)
    distinct, number = np.unique(np.packbits(sets, axis=0), axis=1, return_inverse=True)
    unpacked = np.unpackbits(distinct, axis=0, count=len(sets)).astype(np.bool_)
    return number.ravel().astype(np.int64), unpacked


class Fours:
    """Chains by four bytes in a row."""

    def __init__(self, chains: Sequence[Keyed]) -> None:
        by_slot: dict[int, list[tuple[int, int]]] = {}
        for i, at, masks in chains:
            forms = np.array(_forms([folded(mask) for mask in masks[at : at + WIDTH]]), np.uint32)
            for slot in np.unique(_hashed(forms)).tolist():
                by_slot.setdefault(slot, []).append((i, at - 1))
        members = [member for slot in sorted(by_slot) for member in by_slot[slot]]
        self._counts = np.zeros(1 << HASH_BITS, np.int64)
        self._counts[sorted(by_slot)] = [len(by_slot[slot]) for slot in sorted(by_slot)]
        self._firsts = np.cumsum(self._counts) - self._counts
        self._numbers = np.array([i for i, _ in members], np.int64)
        self._shift = np.array([shift for _, shift in members], np.int64)
        self._members = np.arange(len(members))
        self._table = self._counts > 0

    def pairs(self, folded_: memoryview, first: int) -> tuple[Ints, Ints]:
        """Chains whose four bytes stand in a slice of a folded batch, each with where it begins."""
        if not len(self._members) or len(folded_) - first < WIDTH:
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        count = min(SLICE, len(folded_) - first - WIDTH + 1)
        seen = np.ndarray((count,), dtype="<u4", buffer=folded_, strides=(1,), offset=first)
        hashed = _hashed(seen)
        at = np.flatnonzero(self._table.take(hashed))
        slot = hashed.take(at)
        chosen, at = _expanded(self._counts.take(slot), self._firsts.take(slot), at + first, self._members)
        return self._numbers.take(chosen), at - self._shift.take(chosen)


def _forms(masks: Sequence[int]) -> list[int]:
    """All numbers that four sets of bytes spell, the first byte lowest."""
    forms = [0]
    for place, mask in enumerate(masks):
        bytes_ = [byte for byte in range(256) if mask >> byte & 1]
        forms = [form | byte << 8 * place for form in forms for byte in bytes_]
    return forms


def _hashed(values: NDArray[np.uint32]) -> NDArray[np.uint32]:
    return (values * MULTIPLIER) >> SHIFT


def _expanded(counts: Ints, firsts: Ints, at: Ints, chains: Ints) -> tuple[Ints, Ints]:
    """Each place with each of its chains."""
    ends = np.cumsum(counts)
    total = int(ends[-1]) if len(ends) else 0
    within = np.arange(total) + np.repeat(firsts - ends + counts, counts)
    return chains.take(within), np.repeat(at, counts)


def bits(masks: Sequence[int]) -> NDArray[np.bool_]:
    """A row for each set, a column for each byte."""
    raw = b"".join(mask.to_bytes(32, "little") for mask in masks)
    return np.unpackbits(np.frombuffer(raw, np.uint8), bitorder="little").reshape(-1, 256).astype(np.bool_)
