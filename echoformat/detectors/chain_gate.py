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

from echoformat.detectors.chain_shares import WIDTH, key_of
from echoformat.detectors.chains import LONGEST, Chain, Place
from echoformat.detectors.projection import ANY, FOLD, folded

Ints = NDArray[np.int64]
MARGIN = LONGEST + 8
MULTIPLIER = np.uint32(0x9E3779B1)
SHIFT = np.uint32(16)
MOST_PAIRS = 1 << 18
BLANKS = b"\t\n\v\f\r "
MOST_BLANKS = 24


@dataclass(frozen=True, slots=True)
class Packed:
    """Projected texts side by side, a NUL between them and a margin of NULs on either side."""

    raw: bytes
    bytes_: NDArray[np.uint8]
    starts: Ints
    lengths: Ints
    lasts: Ints
    line_starts: Ints

    @classmethod
    def of(cls, texts: Sequence[bytes]) -> Packed:
        """Pack projected texts."""
        margin = bytes(MARGIN)
        raw = b"\0".join([margin, *texts, margin])
        lengths = np.fromiter(map(len, texts), np.int64, len(texts))
        starts = MARGIN + 1 + np.cumsum(lengths + 1) - lengths - 1
        lasts = starts - 1 + np.fromiter((len(text.rstrip(BLANKS)) for text in texts), np.int64, len(texts))
        ends = np.flatnonzero(np.frombuffer(raw.translate(_LINE_ENDS), np.bool_))
        line_starts = ends[MARGIN : len(ends) - MARGIN] + 1
        return cls(raw, np.frombuffer(raw, np.uint8), starts, lengths, lasts, line_starts)


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
        return np.searchsorted(self.packed.starts, self.where, side="right") - 1

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
        by_place = {place: [i for i, one in enumerate(placed) if one[0] is place] for place in Place}
        anywhere = by_place.pop(Place.ANYWHERE)
        self._cells = {
            place: _Cells([(i, 1, chains[i].masks) for i in own]) for place, own in by_place.items()
        }
        keys = [(i, chains[i].masks, key_of(chains[i].masks)) for i in anywhere]
        self._signs = _Cells([(i, key.at, masks) for i, masks, key in keys if key and not key.is_four])
        self._fours = _Fours([(i, key.at, masks) for i, masks, key in keys if key and key.is_four])
        self._is_sign = self._signs.centres().astype(np.uint8).tobytes()

    def hits(self, texts: Sequence[bytes]) -> Hits:
        """Where the chains stand in projected texts without NUL."""
        packed = Packed.of(texts)
        lines = _line_firsts(packed)
        first = np.searchsorted(lines, packed.starts)
        first = lines[first[first < len(lines)]]
        found = [
            self._compared(packed, *self._cells[Place.START].pairs(packed.bytes_, np.unique(first)), 1),
            self._compared(packed, *self._cells[Place.LAST].pairs(packed.bytes_, packed.lasts, -1), -1),
        ]
        for some in _slices(lines):
            found.append(self._compared(packed, *self._cells[Place.LINE].pairs(packed.bytes_, some), 1))
            behind = _behind_words(packed, some)
            found.append(self._compared(packed, *self._cells[Place.WORD].pairs(packed.bytes_, behind), 1))
        for some in _slices(np.flatnonzero(np.frombuffer(packed.raw.translate(self._is_sign), np.bool_))):
            found.append(self._compared(packed, *self._signs.pairs(packed.bytes_, some), 1))
        found.append(self._compared(packed, *self._fours.pairs(packed), 1))
        chain = np.concatenate([one for one, _ in found])
        where = np.concatenate([one for _, one in found])
        return Hits(packed, chain, where)

    def _compared(self, packed: Packed, chain: Ints, at: Ints, sign: int) -> tuple[Ints, Ints]:
        """Those that stand there, compared place by place."""
        for place in range(LONGEST + 3):
            if not len(chain):
                break
            seen = packed.bytes_[at + sign * (place - 1)]
            kept = np.flatnonzero(self._table[self._rows[place][chain] + seen])
            if len(kept) < len(chain):
                chain, at = chain[kept], at[kept]
        return chain, at


def _slices(places: Ints) -> list[Ints]:
    return [places[i : i + MOST_PAIRS] for i in range(0, len(places), MOST_PAIRS)] if len(places) else []


def _rows(chains: Sequence[Chain]) -> tuple[Ints, NDArray[np.bool_]]:
    """For each place and chain where its set stands in a table of all sets."""
    numbers: dict[int, int] = {ANY: 0}
    rows = np.zeros((LONGEST + 3, len(chains)), np.int64)
    for i, chain in enumerate(chains):
        for place, mask in enumerate(chain.masks):
            rows[place, i] = numbers.setdefault(mask, len(numbers))
    return rows * 256, _bits(list(numbers)).ravel()


def _bits(masks: Sequence[int]) -> NDArray[np.bool_]:
    raw = b"".join(mask.to_bytes(32, "little") for mask in masks)
    return np.unpackbits(np.frombuffer(raw, np.uint8), bitorder="little").reshape(-1, 256).astype(np.bool_)


def _expanded(counts: Ints, firsts: Ints, at: Ints, chains: Ints) -> tuple[Ints, Ints]:
    """Each place with each of its chains."""
    ends = np.cumsum(counts)
    total = int(ends[-1]) if len(ends) else 0
    within = np.arange(total) + np.repeat(firsts - ends + counts, counts)
    return chains[within], np.repeat(at, counts)


class _Cells:
    """Chains by a byte and its two neighbours."""

    def __init__(self, chains: Sequence[tuple[int, int, tuple[int, ...]]]) -> None:
        padded = [(i, at, (*masks, ANY, ANY)) for i, at, masks in chains]
        self._numbers = np.array([i for i, _, _ in chains], np.int64)
        self._shift = np.array([at - 1 for _, at, _ in chains], np.int64)
        sides = [_bits([masks[at + by] for _, at, masks in padded]) for by in (-1, 0, 1)]
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
        cell = self._centre[raw[at]] * self._sizes[0] + self._before[raw[at - sign]]
        cell = cell * wide + self._behind[raw[at + sign]]
        counts = self._counts[cell]
        kept = np.flatnonzero(counts)
        chains, places = _expanded(counts[kept], self._firsts[cell[kept]], at[kept], self._members)
        return self._numbers[chains], places - self._shift[chains] * sign


def _classes(bits: NDArray[np.bool_]) -> tuple[Ints, NDArray[np.bool_]]:
    """Bytes that no set tells apart: their class by byte, and the sets by class."""
    if not len(bits):
        return np.zeros(256, np.int64), np.zeros((0, 1), np.bool_)
    distinct, number = np.unique(np.packbits(bits, axis=0), axis=1, return_inverse=True)
    unpacked = np.unpackbits(distinct, axis=0, count=len(bits)).astype(np.bool_)
    return number.ravel().astype(np.int64), unpacked


class _Fours:
    """Chains by four bytes in a row."""

    def __init__(self, chains: Sequence[tuple[int, int, tuple[int, ...]]]) -> None:
        by_four: dict[int, list[tuple[int, int]]] = {}
        for i, at, masks in chains:
            for four in _forms([folded(mask) for mask in masks[at : at + WIDTH]]):
                by_four.setdefault(four, []).append((i, at - 1))
        fours = sorted(by_four)
        self._values = np.array(fours, dtype="<u4")
        self._counts = np.array([len(by_four[four]) for four in fours], np.int64)
        self._firsts = np.cumsum(self._counts) - self._counts
        members = [member for four in fours for member in by_four[four]]
        self._numbers = np.array([i for i, _ in members], np.int64)
        self._shift = np.array([shift for _, shift in members], np.int64)
        self._table = np.zeros(1 << 16, dtype=np.bool_)
        self._table[_hashed(self._values)] = True

    def pairs(self, packed: Packed) -> tuple[Ints, Ints]:
        """Chains whose four bytes stand in a batch, each with where it begins."""
        raw = packed.raw.translate(FOLD)
        seen = np.ndarray((len(raw) - WIDTH + 1,), dtype="<u4", buffer=raw, strides=(1,))
        at = np.flatnonzero(self._table[_hashed(seen)])
        if not len(at) or not len(self._values):
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        place = np.minimum(np.searchsorted(self._values, seen[at]), len(self._values) - 1)
        true = np.flatnonzero(self._values[place] == seen[at])
        place, at = place[true], at[true]
        members = np.arange(len(self._numbers))
        chosen, at = _expanded(self._counts[place], self._firsts[place], at, members)
        return self._numbers[chosen], at - self._shift[chosen]


def _forms(masks: Sequence[int]) -> list[int]:
    """All numbers that four sets of bytes spell, the first byte lowest."""
    forms = [0]
    for place, mask in enumerate(masks):
        bytes_ = [byte for byte in range(256) if mask >> byte & 1]
        forms = [form | byte << 8 * place for form in forms for byte in bytes_]
    return forms


def _hashed(values: NDArray[np.uint32]) -> NDArray[np.uint32]:
    return (values * MULTIPLIER) >> SHIFT


_LINE_ENDS = bytes(byte in b"\0\n" for byte in range(256))
_IS_BLANK = np.array([byte in BLANKS for byte in range(256)])
_FULL = bytes(byte not in b"\0" + BLANKS for byte in range(256))


_NO_WORD = bytes(not ((chr(byte).isalnum() and byte < 128) or byte == 95) for byte in range(256))


def _behind_words(packed: Packed, firsts: Ints) -> Ints:
    """The first byte behind the word that begins at each of these places."""
    outside = np.flatnonzero(np.frombuffer(packed.raw.translate(_NO_WORD), np.bool_))
    behind = outside[np.searchsorted(outside, firsts)]
    return behind[behind > firsts]


def _line_firsts(packed: Packed) -> Ints:
    """The first character that is not blank of each line that has one."""
    raw = packed.bytes_
    done, left = [], packed.line_starts
    for _ in range(MOST_BLANKS):
        seen = raw[left]
        blank = _IS_BLANK[seen]
        done.append(left[~blank & (seen != 0)])
        left = left[blank & (seen != 10)] + 1
        if not len(left):
            break
    else:
        full = np.flatnonzero(np.frombuffer(packed.raw.translate(_FULL), np.bool_))
        place = np.searchsorted(full, left)
        done.append(full[place[place < len(full)]])
    return np.unique(np.concatenate(done))
