"""Which patterns can match which texts at all: one vectorised look-up of every four bytes of a batch.

Each literal that a pattern needs is represented by its four rarest neighbouring bytes. All of them stand in
one table; the few places of a batch where the table answers are checked literal by literal.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from echoformat.detectors.literals import Needed

WIDTH = 4
MULTIPLIER = np.uint32(0x9E3779B1)
SHIFT = np.uint32(16)
# Letters of English prose, most frequent first: a window of later ones opens fewer patterns.
COMMON_BYTES = b" etaonisrhldcumfpgywbvk\n.,-_()0123456789xjqz"
COMMONNESS = {byte: 1.0 / (2 + rank) for rank, byte in enumerate(COMMON_BYTES)}


class LiteralGate:
    r"""Tells which patterns are worth trying on which texts.

    Args:
        needed: For each pattern, the literals of which it needs one; ``None`` opens it for every text.

    Example:
        >>> gate = LiteralGate([frozenset({"boxed{", "box("}), None, frozenset({"ans"})])
        >>> gate.open([b"\\boxed{4}", b"the answer", b""])
        [[0, 1], [1, 2], [1]]
    """

    def __init__(self, needed: Sequence[Needed]) -> None:
        self._always = [rule for rule, literals in enumerate(needed) if literals is None]
        rules: dict[bytes, list[int]] = {}
        for rule, literals in enumerate(needed):
            for literal in literals or ():
                rules.setdefault(literal.encode("utf-8").lower(), []).append(rule)
        self._short = [(literal, own) for literal, own in rules.items() if len(literal) < WIDTH]
        self._behind = _by_window((literal, own) for literal, own in rules.items() if len(literal) >= WIDTH)
        self._windows = np.array(sorted(self._behind), dtype="<u4")
        self._table = np.zeros(1 << 16, dtype=np.bool_)
        self._table[_hashed(self._windows)] = True

    def open(self, texts: Sequence[bytes]) -> list[list[int]]:
        """Indices of the patterns to try on each text, ascending."""
        lowered = [text.lower() for text in texts]
        opened = [set(self._always) for _ in texts]
        for text, window in self._found(lowered):
            for literal, rules in self._behind[window]:
                if not opened[text].issuperset(rules) and literal in lowered[text]:
                    opened[text].update(rules)
        for i, text_bytes in enumerate(lowered):
            opened[i].update(rule for literal, own in self._short if literal in text_bytes for rule in own)
        return [sorted(rules) for rules in opened]

    def _found(self, lowered: Sequence[bytes]) -> Iterable[tuple[int, int]]:
        """Each (text, window) that occurs, once."""
        joined = b"\0".join([*lowered, b"\0" * WIDTH])
        seen = np.ndarray((len(joined) - WIDTH + 1,), dtype="<u4", buffer=joined, strides=(1,))
        at = np.flatnonzero(self._table[_hashed(seen)])
        if not len(at) or not len(self._windows):
            return ()
        place = np.minimum(np.searchsorted(self._windows, seen[at]), len(self._windows) - 1)
        true = self._windows[place] == seen[at]
        ends = np.cumsum(np.fromiter(map(len, lowered), np.int64, len(lowered)) + 1)
        text = np.searchsorted(ends, at[true], side="right")
        keys = np.unique(text * len(self._windows) + place[true])
        texts, windows = np.divmod(keys, len(self._windows))
        return zip(texts.tolist(), self._windows[windows].tolist(), strict=True)


def _hashed(values: NDArray[np.uint32]) -> NDArray[np.uint32]:
    return (values * MULTIPLIER) >> SHIFT


def _by_window(
    literals: Iterable[tuple[bytes, list[int]]],
) -> dict[int, list[tuple[bytes, tuple[int, ...]]]]:
    behind: dict[int, list[tuple[bytes, tuple[int, ...]]]] = {}
    for literal, rules in literals:
        starts = range(len(literal) - WIDTH + 1)
        rarest = min((literal[i : i + WIDTH] for i in starts), key=_commonness)
        behind.setdefault(int.from_bytes(rarest, "little"), []).append((literal, tuple(rules)))
    return behind


def _commonness(window: bytes) -> float:
    product = 1.0
    for byte in window:
        product *= COMMONNESS.get(byte, 0.01)
    return product
