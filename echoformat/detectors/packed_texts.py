"""Projected texts side by side, and the places in them where a text, a line or a word begins or ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
# How far in front of the first text and behind the last one may be looked.
MARGIN = 32
BLANKS = b"\t\n\v\f\r "
MOST_BLANKS = 24
_LINE_ENDS = bytes(byte in b"\0\n" for byte in range(256))
_IS_BLANK = np.array([byte in BLANKS for byte in range(256)])
_FULL = bytes(byte not in b"\0" + BLANKS for byte in range(256))


_NO_WORD = bytes(not ((chr(byte).isalnum() and byte < 128) or byte == 95) for byte in range(256))


@dataclass(frozen=True, slots=True)
class Packed:
    """Projected texts side by side, a NUL between them and a margin of NULs on either side."""

    raw: bytes
    bytes_: NDArray[np.uint8]
    starts: Ints
    lengths: Ints
    lasts: Ints
    line_starts: Ints
    text_of: NDArray[np.int32]
    line_of: NDArray[np.int32]

    @classmethod
    def of(cls, texts: Sequence[bytes]) -> Packed:
        """Pack projected texts."""
        margin = bytes(MARGIN)
        raw = b"\0".join([margin, *texts, margin])
        lengths = np.fromiter(map(len, texts), np.int64, len(texts))
        starts = MARGIN + 1 + np.cumsum(lengths + 1) - lengths - 1
        lasts = starts - 1 + np.fromiter((len(text.rstrip(BLANKS)) for text in texts), np.int64, len(texts))
        is_end = np.frombuffer(raw.translate(_LINE_ENDS), np.int8)
        line_starts = np.flatnonzero(is_end)[MARGIN:-MARGIN] + 1
        bounds = np.concatenate(([0], line_starts, [len(raw)]))
        line_of = np.repeat(np.arange(-1, len(line_starts), dtype=np.int32), np.diff(bounds))
        text_of = np.repeat(
            np.arange(-1, len(texts) + 1, dtype=np.int32), [MARGIN + 1, *(lengths + 1), MARGIN]
        )
        return cls(raw, np.frombuffer(raw, np.uint8), starts, lengths, lasts, line_starts, text_of, line_of)

    @property
    def eights(self) -> NDArray[np.uint64]:
        """Each place's eight bytes, as one number."""
        return np.ndarray((len(self.raw) - 7,), dtype="<u8", buffer=self.raw, strides=(1,))

    def line_starts_at(self, where: Ints) -> Ints:
        """Where the line begins that a place stands in."""
        return self.line_starts.take(self.line_of.take(where))


def behind_words(packed: Packed, firsts: Ints) -> Ints:
    """The first byte behind the word that begins at each of these places."""
    outside = np.flatnonzero(np.frombuffer(packed.raw.translate(_NO_WORD), np.bool_))
    behind = outside[np.searchsorted(outside, firsts)]
    return behind[behind > firsts]


def line_firsts(packed: Packed) -> Ints:
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
