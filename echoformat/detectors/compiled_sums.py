"""Sums of the trained detector by the compiled part, `echoformat/csrc/model.c`, given its twin's tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from echoformat.compiled import native
from echoformat.detectors import ngrams, skeleton

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from echoformat._native import Model

# From there on single precision, which the twin adds up in, would round.
INEXACT = 2**24
MOST_ROWS = 1 << ngrams.BUCKET_BITS


def compiled_sums(table: NDArray[Any], weights: NDArray[np.int16]) -> Model | None:
    """The model as the compiled part knows it; ``None`` where there is none, or it would add up otherwise.

    Args:
        table: [orders, buckets], the row of each bucket's weights; the number of rows where it has none.
        weights: [dense features + kept n-grams, formats].
    """
    built = native()
    dense = len(ngrams.DENSE_NAMES)
    kept = len(weights) - dense
    if built is None or kept >= MOST_ROWS or not weights.shape[1] or _largest_sum(weights) >= INEXACT:
        return None
    rows = table.astype(np.int32) - (dense - 1)
    rows[table == len(weights)] = 0
    model: Model = built.Model(
        classes=ngrams.BYTE_CLASSES,
        traits=skeleton.TRAITS,
        symbols=skeleton.SYMBOLS,
        marks=skeleton.OPENED + skeleton.CLOSED + skeleton.CUT,
        shapes=skeleton.SHAPES,
        word_keys=skeleton.WORD_KEYS,
        word_codes=skeleton.WORD_CODES,
        factors=np.array(ngrams.SHIFTED),
        rows=rows.astype(np.uint16),
        weights=np.ascontiguousarray(weights),
        word_factor=skeleton.MULTIPLIER,
        counted=ngrams.HISTOGRAM,
        kept=kept,
        formats=weights.shape[1],
    )
    return model


def _largest_sum(weights: NDArray[np.int16]) -> int:
    size = np.abs(weights.astype(np.int64))
    dense = len(ngrams.DENSE_NAMES)
    most = ngrams.HISTOGRAM_TOP * size[:dense].sum(axis=0) + size[dense:].sum(axis=0)
    return int(most.max(initial=0))
