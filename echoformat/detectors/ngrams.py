"""What the trained detector sees of a completion: n-grams of its skeleton, its punctuation, its lengths.

Every feature is a small whole number, and so are the weights: sums of them are exact, so a score is the same
in any batch, in any order of summing and on any machine.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import reduce
from math import log2
from typing import TYPE_CHECKING, Any

import numpy as np

from echoformat.detectors.skeleton import (
    CLEAN,
    CLOSE,
    FULL,
    MARKS,
    MARKS_A_WINDOW,
    ROOM,
    pack,
    symbols_of,
)

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


# One multiplication shifts an n-gram's own symbols to the top and mixes them.
SHIFTED = [
    np.uint64((multiplier << (64 - 8 * order)) & FULL)
    for order, multiplier in zip(ORDERS, MULTIPLIERS, strict=True)
]
SHIFTED_COLUMN = np.array(SHIFTED)[:, None]
TOP = np.uint64(64 - BUCKET_BITS)
ORDER_STARTS = (np.arange(len(ORDERS), dtype=np.uint64) << np.uint64(BUCKET_BITS))[:, None]
BLANKS = len(CLOSE) - 1
# Texts that are summed together: each takes only the rows of weights that any of them needs.
BLOCK = 32
# Classes of bytes: `COUNTED`, then these. What is not counted has all that are left, since adding to one
# again and again waits for itself.
DIGIT_CLASS, CAPITAL_CLASS, FOREIGN_CLASS = range(len(COUNTED), len(COUNTED) + 3)
HISTOGRAM = FOREIGN_CLASS + 1
CLASSES = 64
# A space and a newline that follow a newline: the classes 1 and 0 with every bit turned.
INDENT, BLANK_LINE = CLASSES - 2, CLASSES - 1


def _class_of(code: int) -> int:
    uncounted = HISTOGRAM + code % (INDENT - HISTOGRAM)
    if code in MARKS:
        return uncounted
    clean = CLEAN[code]
    if clean in COUNTED:
        return COUNTED.index(clean)
    groups = ((48, 58, DIGIT_CLASS), (65, 91, CAPITAL_CLASS), (128, 256, FOREIGN_CLASS))
    return next((name for start, stop, name in groups if start <= clean < stop), uncounted)


BYTE_CLASSES = bytes(map(_class_of, range(256)))
NEWLINE = BYTE_CLASSES[10:11]
NEWLINE_SPACE = NEWLINE + BYTE_CLASSES[32:33]


def buckets_of(symbols: NDArray[np.uint8]) -> NDArray[np.intp]:
    r"""The hash buckets of the n-grams that begin at each symbol: int [orders, symbols].

    Multiply-shift over the eight symbols that follow; an n-gram takes the first n of them.

    Example:
        >>> buckets_of(np.frombuffer(b"abab", dtype=np.uint8)).shape
        (5, 4)
    """
    return np.stack(list(_buckets(symbols)))


def _buckets(symbols: NDArray[np.uint8]) -> Iterator[NDArray[np.intp]]:
    padded = np.concatenate([symbols, np.zeros(PAD, dtype=np.uint8)])
    every = np.ndarray((len(symbols),), dtype="<u8", buffer=padded, strides=(1,))
    for multiplier in SHIFTED:
        found = every * multiplier
        found >>= TOP
        yield found.view(np.intp)


def dense_of(pieces: Sequence[bytes], lengths: Sequence[int]) -> NDArray[np.uint8]:
    """Punctuation and lengths of many windows: uint8 [texts, dense features], 0 to 31.

    Args:
        pieces: The windows.
        lengths: Characters of each whole view.
    """
    sizes = np.array([len(piece) + MARKS_A_WINDOW for piece in pieces])
    counts = _counts(pack(pieces), sizes)
    share = counts[:, :HISTOGRAM] / sizes[:, None]
    histogram = np.rint(HISTOGRAM_TOP * np.sqrt(share))
    return np.concatenate([histogram, _lengths(counts, sizes, lengths)], axis=1).astype(np.uint8)


def _counts(packed: bytes, sizes: NDArray[np.intp]) -> NDArray[np.intp]:
    """Bytes of each class in each window: [texts, classes]."""
    classes = np.frombuffer(bytearray(packed.translate(BYTE_CLASSES)), dtype=np.uint8)
    is_newline = classes == COUNTED.index(10)
    follows = is_newline[:-1] & (classes[1:] <= COUNTED.index(32))
    classes[1:] ^= follows * np.uint8(BLANK_LINE)
    keys = np.repeat(np.arange(0, len(sizes) * CLASSES, CLASSES), sizes)
    keys += classes[: len(keys)]
    counts = np.bincount(keys, minlength=len(sizes) * CLASSES).reshape(-1, CLASSES)
    counts[:, COUNTED.index(10)] += counts[:, BLANK_LINE]
    counts[:, COUNTED.index(32)] += counts[:, INDENT]
    return counts


def _lengths(
    counts: NDArray[np.intp], sizes: NDArray[np.intp], lengths: Sequence[int]
) -> NDArray[np.float64]:
    size = np.array(lengths, dtype=np.float64)
    lines = counts[:, COUNTED.index(10)] + 1.0
    columns = [2 * np.log2(1 + size), 3 * np.log2(lines), 3 * np.log2(1 + sizes / lines)]
    marks = [15 * (counts[:, INDENT] / lines), 15 * (counts[:, BLANK_LINE] / lines)]
    levels = np.rint(np.stack([*columns, *marks], axis=1))
    return np.asarray(np.minimum(levels, HISTOGRAM_TOP))


def blocks_of(pieces: Sequence[bytes], table: NDArray[Any], columns: int) -> NDArray[np.uint8]:
    """Which kept n-grams occur in which windows: uint8 [blocks, columns, `BLOCK`], 1 or 0.

    Args:
        pieces: The windows; number i stands at [i // BLOCK, :, i % BLOCK].
        table: [orders, buckets], `BLOCK` times the column of a bucket's feature, which is the last one where
            it is dropped.
        columns: Kept n-grams and one.
    """
    symbols, begin = symbols_of(pieces)
    number, block = np.arange(len(pieces)), columns * BLOCK
    blocks = -(-len(pieces) // BLOCK)
    # What begins at a blank behind a text is no n-gram: it goes to a block behind the last.
    starts = np.full((len(pieces), 2), blocks * block)
    starts[:, 0] = number // BLOCK * block + number % BLOCK
    sizes = np.full((len(pieces), 2), BLANKS)
    sizes[:, 0] = np.diff(begin) - BLANKS
    texts = np.repeat(starts.ravel(), sizes.ravel())
    flat = np.zeros((blocks + 1) * block, dtype=np.uint8)
    for places, buckets in zip(table, _buckets(symbols), strict=True):
        flat[places.take(buckets) + texts] = 1
    return flat.reshape(-1, columns, BLOCK)[:blocks]


def held(block: NDArray[np.uint8]) -> NDArray[np.intp]:
    """The columns of a block, ascending, that occur in any of its texts.

    Example:
        >>> held(np.eye(3, BLOCK, dtype=np.uint8)[[0, 2]] * [[1], [0]]).tolist()
        [0]
    """
    any_text: NDArray[np.uint64] = reduce(np.bitwise_or, block.view(np.uint64).T)
    return any_text.astype(np.bool_).nonzero()[0]


def columns_of_one(symbols: NDArray[np.uint8], table: NDArray[Any], width: int) -> NDArray[np.intp]:
    """The columns, ascending, of the kept n-grams that occur in one window.

    Args:
        symbols: The skeleton of the window.
        table: [orders, buckets], the column of a bucket's feature, the last one where it is dropped.
        width: The last column and one.
    """
    size = len(symbols) - BLANKS
    padded = np.zeros(len(symbols) + PAD, dtype=np.uint8)
    padded[: len(symbols)] = symbols
    every = np.ndarray((size,), dtype="<u8", buffer=padded, strides=(1,)).copy()
    buckets = every * SHIFTED_COLUMN
    buckets >>= TOP
    buckets += ORDER_STARTS
    seen = np.zeros(width, dtype=np.bool_)
    seen[table.take(buckets.view(np.intp)).astype(np.intp)] = True
    return seen[:-1].nonzero()[0]


def dense_of_one(packed: bytes, length: int) -> NDArray[np.float32]:
    """`dense_of` one packed window.

    Args:
        packed: The window.
        length: Characters of the whole view.
    """
    classes = packed.translate(BYTE_CLASSES)
    size = len(classes) - len(ROOM)
    counts = np.bincount(np.frombuffer(classes, dtype=np.uint8), minlength=CLASSES)
    found = np.empty(len(DENSE_NAMES), dtype=np.float32)
    found[:HISTOGRAM] = np.rint(HISTOGRAM_TOP * np.sqrt(counts[:HISTOGRAM] / size))
    # Marks stand before the first line and behind the last.
    parts = classes.split(NEWLINE)
    lines = len(parts)
    levels = (2 * log2(1 + length), 3 * log2(lines), 3 * log2(1 + size / lines))
    marks = 15 * (classes.count(NEWLINE_SPACE) / lines), 15 * (parts.count(b"") / lines)
    found[HISTOGRAM:] = [min(round(level), HISTOGRAM_TOP) for level in (*levels, *marks)]
    return found
