"""Coded: a column of words as the different words and the place of each row's among them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from echoformat.compiled import native

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Coded:
    """Words of rows, each of them kept once.

    Attributes:
        names: The words; some may stand twice, or in no row.
        codes: int32 [rows], index into `names`.

    Example:
        >>> Coded.of(["b", "a", "b"])
        Coded(names=['b', 'a'], codes=array([0, 1, 0], dtype=int32))
    """

    names: list[str]
    codes: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.codes)

    @staticmethod
    def of(words: list[str]) -> Coded:
        """The words of some rows, named in the order in which they come."""
        compiled = native()
        names, codes = _coded(words) if compiled is None else compiled.coded(words)
        return Coded(names, np.frombuffer(codes, dtype=np.int32))

    @staticmethod
    def same(word: str, rows: int) -> Coded:
        """One word for all rows."""
        return Coded([word], np.zeros(rows, dtype=np.int32))

    @staticmethod
    def joined(parts: Sequence[Coded]) -> Coded:
        """Columns one behind the other, the names those of their rows, as they come.

        The outcome does not depend on where the parts were cut.

        Example:
            >>> parts = [Coded.of(["b", "a"]), Coded.of(["c", "b"]).cut(1, 2)]
            >>> Coded.joined(parts).names
            ['b', 'a']
        """
        place: dict[str, int] = {}
        named = [
            np.array([place.setdefault(name, len(place)) for name in part.names], dtype=np.int32)[part.codes]
            for part in parts
        ]
        return Coded(list(place), np.concatenate([_NO_CODES, *named])).narrowed()

    def narrowed(self) -> Coded:
        """The same without names of no row, in the order in which rows have them."""
        order, codes = narrowed(self.codes, len(self.names))
        return Coded([self.names[i] for i in order], codes)

    def cut(self, begin: int, end: int) -> Coded:
        """Some rows."""
        return Coded(self.names, self.codes[begin:end])

    def filled(self, word: str) -> Coded:
        """The same with a word where there is none."""
        return Coded([name or word for name in self.names], self.codes)

    def words(self) -> list[str]:
        """The word of each row."""
        return list(map(self.names.__getitem__, self.codes.tolist()))


def narrowed(codes: NDArray[np.int32], kinds: int) -> tuple[list[int], NDArray[np.int32]]:
    """Which codes rows have, as they come, and the rows' places among those.

    Example:
        >>> narrowed(np.array([7, 2, 7], dtype=np.int32), 9)
        ([7, 2], array([0, 1, 0], dtype=int32))
    """
    rows = len(codes)
    first = np.full(kinds, rows, dtype=np.int64)
    # Of what is written to one place several times, the last stays: the first row of each.
    first[codes[::-1]] = np.arange(rows - 1, -1, -1)
    order = np.argsort(first, kind="stable")[: np.count_nonzero(first < rows)]
    rank = np.zeros(kinds, dtype=np.int32)
    rank[order] = np.arange(len(order))
    return order.tolist(), rank[codes]


def _coded(words: list[str]) -> tuple[list[str], bytes]:
    """The different words as they come, and the int32 places of all."""
    place: dict[str, int] = {}
    codes = [place.setdefault(word, len(place)) for word in words]
    return list(place), np.array(codes, dtype=np.int32).tobytes()


_NO_CODES = np.zeros(0, dtype=np.int32)
