"""Fitting the trained detector: which n-grams to keep, and a multinomial linear model over them.

An n-gram is kept for how much it tells of the format, and only where several groups (repositories, authors,
problems) show it: one that a single author uses would be learnt as that author. Every format weighs the same
whatever its rows, and within a format a group weighs as the square root of its rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from echoformat.detectors.learned import LearnedModel, quantise
from echoformat.detectors.ngrams import BUCKET_BITS, HISTOGRAM_TOP, ORDERS, buckets_of, dense_of
from echoformat.detectors.skeleton import symbols_of, window

if TYPE_CHECKING:
    from numpy.typing import NDArray

KEPT = 4000
FEWEST_GROUPS = 3
INVERSE_PENALTY = 0.02
ROUNDS = 100
TINY = 1e-6
BUCKETS = len(ORDERS) << BUCKET_BITS


def all_features(texts: Sequence[str]) -> tuple[Any, NDArray[np.uint8]]:
    """The n-gram buckets of some views (sparse float32 [texts, buckets], 0 or 1) and their dense features."""
    import scipy.sparse as sp

    blocks, dense = [], []
    for start in range(0, len(texts), 2000):
        chunk = texts[start : start + 2000]
        pieces = [window(text) for text in chunk]
        symbols, begin = symbols_of(pieces)
        columns = buckets_of(symbols) + (np.arange(len(ORDERS)) << BUCKET_BITS)[:, None]
        columns = columns[:, symbols != 0]
        owner = np.repeat(np.arange(len(chunk)), np.diff(begin))[symbols != 0]
        rows = np.tile(owner, len(ORDERS))
        ones = np.ones(columns.size, dtype=np.float32)
        block = sp.csr_matrix((ones, (rows, columns.ravel())), shape=(len(chunk), BUCKETS))
        block.sum_duplicates()
        block.data[:] = 1
        blocks.append(block)
        dense.append(dense_of(pieces, [len(text) for text in chunk]))
    return sp.vstack(blocks).tocsr(), np.concatenate(dense)


def balanced_weights(names: NDArray[Any], groups: NDArray[Any]) -> NDArray[np.float64]:
    """Weights of mean 1; each name sums to the same, a group within it to the square root of its rows.

    Example:
        >>> balanced_weights(np.array(["a", "a", "b"]), np.array(["x", "x", "y"])).tolist()
        [0.75, 0.75, 1.5]
    """
    pairs, index, sizes = np.unique(_pair(names, groups), return_inverse=True, return_counts=True)
    name_of_pair = np.array([pair.split("\0", 1)[0] for pair in pairs])
    _, name_index = np.unique(name_of_pair, return_inverse=True)
    roots = np.sqrt(sizes)
    share = roots / np.bincount(name_index, weights=roots)[name_index]
    weights = (share / sizes)[index]
    return np.asarray(weights * len(names) / weights.sum())


def _pair(names: NDArray[Any], groups: NDArray[Any]) -> NDArray[Any]:
    return np.array([f"{name}\0{group}" for name, group in zip(names, groups, strict=True)])


def select(
    ngrams: Any,
    names: NDArray[Any],
    groups: NDArray[Any],
    weights: NDArray[np.float64],
    kept: int = KEPT,
    fewest_groups: int = FEWEST_GROUPS,
) -> NDArray[np.int32]:
    """The buckets that tell most of the name, ascending, among those that enough groups show."""
    import scipy.sparse as sp

    rows = np.arange(len(names))
    _, name_index = np.unique(names, return_inverse=True)
    _, group_index = np.unique(groups, return_inverse=True)
    by_name = sp.csr_matrix((weights, (name_index, rows)))
    rate = (by_name @ ngrams).toarray() / np.asarray(by_name.sum(axis=1))
    mean = rate.mean(axis=0)
    gain = rate * np.log((rate + TINY) / (mean + TINY))
    gain += (1 - rate) * np.log((1 - rate + TINY) / (1 - mean + TINY))
    by_group = sp.csr_matrix((np.ones(len(rows), dtype=np.float32), (group_index, rows)))
    shown_by = np.asarray(((by_group @ ngrams) > 0).sum(axis=0)).ravel()
    worth = np.where(shown_by >= min(fewest_groups, group_index.max() + 1), gain.mean(axis=0), 0.0)
    best = np.argsort(-worth, kind="stable")[:kept]
    return np.sort(best[worth[best] > 0]).astype(np.int32)


def design_matrix(ngrams: Any, dense: NDArray[np.uint8], features: NDArray[np.int32]) -> Any:
    """What scikit-learn is fitted on: dense features scaled to 0..1, then kept n-grams (sparse float32)."""
    import scipy.sparse as sp

    scaled = sp.csr_matrix(dense.astype(np.float32) / HISTOGRAM_TOP)
    return sp.hstack([scaled, ngrams[:, features]]).tocsr()


def fit_linear(matrix: Any, names: NDArray[Any], weights: NDArray[np.float64], inverse_penalty: float) -> Any:
    """A fitted scikit-learn `LogisticRegression`, multinomial."""
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=inverse_penalty, max_iter=ROUNDS, tol=1e-3)
    return model.fit(matrix, names, sample_weight=weights)


def export(fitted: Any, features: NDArray[np.int32], dense_count: int) -> LearnedModel:
    """The weights of a fitted `LogisticRegression` as a model that numpy scores alone."""
    coefficients, bias = fitted.coef_.astype(np.float64), fitted.intercept_.astype(np.float64)
    if len(coefficients) == 1:
        coefficients = np.concatenate([-coefficients, coefficients]) / 2
        bias = np.concatenate([-bias, bias]) / 2
    coefficients = coefficients.T.copy()
    coefficients[:dense_count] /= HISTOGRAM_TOP
    weights, scale = quantise(coefficients)
    names = tuple(str(name) for name in fitted.classes_)
    return LearnedModel(names, features, weights, scale, bias.astype(np.float32))
