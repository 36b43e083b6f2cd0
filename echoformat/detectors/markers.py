"""Which markers stand in many texts: one look at the byte that all of them begin with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

WORD = 8
LONGEST = 2 * WORD


def rows_with_markers(texts: Sequence[bytes], markers: Sequence[bytes]) -> list[set[int]]:
    r"""The rows of the texts that hold each of some markers.

    Args:
        texts: Texts in UTF-8.
        markers: 2 to 16 bytes each, without zeros, all with the same first byte.

    Example:
        >>> rows_with_markers([b"<a> and <b", b"", b"<b><a>"], [b"<a>", b"<b>"])
        [{0, 2}, {2}]
    """
    # Zeros keep the end of one text and the start of the next from making a marker.
    data = b"\0".join([*texts, bytes(LONGEST)])
    raw = np.frombuffer(data, dtype=np.uint8)
    places = np.flatnonzero(raw == markers[0][0])
    # The second byte tells most of them apart.
    places = places[np.isin(np.arange(256), [marker[1] for marker in markers])[raw[places + 1]]]
    words = np.ndarray((len(data) - WORD + 1,), dtype="<u8", buffer=data, strides=(1,))
    first, second = words[places], words[places + WORD]
    ends = np.cumsum([len(text) + 1 for text in texts])
    found = (_begins(first, marker[:WORD]) & _begins(second, marker[WORD:]) for marker in markers)
    return [set(np.searchsorted(ends, places[stands], "right").tolist()) for stands in found]


def _begins(words: NDArray[np.uint64], start: bytes) -> NDArray[np.bool_]:
    kept = np.uint64((1 << 8 * len(start)) - 1)
    return np.asarray((words & kept) == np.uint64(int.from_bytes(start, "little")))
