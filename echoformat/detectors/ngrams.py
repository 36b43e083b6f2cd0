"""What the trained detector sees of a completion: n-grams of its skeleton, its punctuation, its lengths.

Every feature is a small whole number, and so are the weights: sums of them are exact, so a score is the same
in any batch, in any order of summing and on any machine.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from echoformat.detectors.skeleton import symbols_of, window

if TYPE_CHECKING:
    from numpy.typing import NDArray

ORDERS = (1, 2, 3, 4, 5)
BUCKET_BITS = 16
# Odd multipliers, one an order, so that n-grams of two orders do not fall together.
MULTIPLIERS = (
    0x9E3779B97F4A7C15,
    0xBF58476D1CE4E5B9,
    0x94D049BB133111EB,
    0xD6E8FEB86659FD93,
    0xA0761D6478BD642F,
)
PAD = 8
COUNTED = [10, 32, *range(33, 48), *range(58, 65), *range(91, 97), *range(123, 127)]
HISTOGRAM_TOP = 31
DENSE_NAMES = (
    *(f"byte:{chr(code)!r}" for code in COUNTED),
    "digits",
    "capitals",
    "foreign",
    "length",
    "lines",
    "line length",
    "indented lines",
    "blank lines",
)


def buckets_of(symbols: NDArray[np.uint8]) -> NDArray[np.intp]:
    r"""The hash buckets of the n-grams that begin at each symbol: int [orders, symbols].

    Multiply-shift over the eight symbols that follow; an n-gram takes the first n of them.

    Example:
        >>> buckets_of(np.frombuffer(b"abab", dtype=np.uint8)).shape
        (5, 4)
    """
    padded = np.concatenate([symbols, np.zeros(PAD, dtype=np.uint8)])
    every = np.ndarray((len(symbols),), dtype="<u8", buffer=padded, strides=(1,))
    shift = np.uint64(64 - BUCKET_BITS)
    found = np.empty((len(ORDERS), len(symbols)), dtype=np.intp)
    for row, (order, multiplier) in enumerate(zip(ORDERS, MULTIPLIERS, strict=True)):
        found[row] = ((every << np.uint64(64 - 8 * order)) * np.uint64(multiplier)) >> shift
    return found


def dense_of(pieces: Sequence[bytes], lengths: Sequence[int]) -> NDArray[np.uint8]:
    """Punctuation and lengths of many windows: uint8 [texts, dense features], 0 to 31.

    Args:
        pieces: The windows.
        lengths: Characters of each whole view.
    """
    raw = np.frombuffer(b"".join(pieces), dtype=np.uint8)
    sizes = np.array([len(piece) for piece in pieces])
    owner = np.repeat(np.arange(len(pieces)), sizes)
    counts = np.bincount(owner * 256 + raw, minlength=256 * len(pieces)).reshape(-1, 256)
    total = np.maximum(sizes, 1)[:, None]
    grouped = np.stack(
        [counts[:, 48:58].sum(axis=1), counts[:, 65:91].sum(axis=1), counts[:, 128:].sum(axis=1)], axis=1
    )
    share = np.concatenate([counts[:, COUNTED], grouped], axis=1) / total
    histogram = np.rint(HISTOGRAM_TOP * np.sqrt(share))
    return np.concatenate([histogram, _lengths(raw, owner, counts, lengths)], axis=1).astype(np.uint8)


def _lengths(
    raw: NDArray[np.uint8], owner: NDArray[np.intp], counts: NDArray[np.intp], lengths: Sequence[int]
) -> NDArray[np.float64]:
    size = np.array(lengths, dtype=np.float64)
    newline = raw[:-1] == 10
    lines = counts[:, 10] + 1.0
    n = len(counts)
    indented = np.bincount(owner[1:][newline & (raw[1:] == 32)], minlength=n) / lines
    blank = np.bincount(owner[1:][newline & (raw[1:] == 10)], minlength=n) / lines
    seen = counts.sum(axis=1)
    columns = [2 * np.log2(1 + size), 3 * np.log2(lines), 3 * np.log2(1 + seen / lines)]
    levels = np.rint(np.stack([*columns, 15 * indented, 15 * blank], axis=1))
    return np.asarray(np.minimum(levels, HISTOGRAM_TOP))


def features_of(texts: Sequence[str], table: NDArray[np.int32], width: int) -> NDArray[np.uint8]:
    """The features of many views: uint8 [texts, dense features + kept n-grams].

    Args:
        texts: Views of completions.
        table: int32 [orders, buckets], the feature that a bucket stands for, `width` where it is dropped.
        width: How many n-gram features are kept; each is 1 where the n-gram occurs and 0 where not.
    """
    pieces = [window(text) for text in texts]
    symbols, begin = symbols_of(pieces)
    real = symbols != 0
    owner = np.repeat(np.arange(len(texts)), np.diff(begin))[real]
    present = np.zeros((len(texts), width + 1), dtype=np.uint8)
    for row, buckets in enumerate(buckets_of(symbols)):
        present[owner, table[row][buckets[real]]] = 1
    dense = dense_of(pieces, [len(text) for text in texts])
    return np.concatenate([dense, present[:, :width]], axis=1)
