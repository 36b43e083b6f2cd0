"""The trained detector: a linear model over skeleton n-grams, fitted with scikit-learn.

The compiled part scores it, or numpy where there is none: the same whole numbers, so the same scores.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from echoformat.detectors import ngrams, skeleton
from echoformat.detectors.compiled_sums import compiled_sums
from echoformat.detectors.ngrams import (
    BLOCK,
    BUCKET_BITS,
    DENSE_NAMES,
    ORDERS,
    blocks_of,
    columns_of_one,
    dense_of,
    dense_of_one,
    held,
)
from echoformat.detectors.skeleton import pack, skeleton_of, window
from echoformat.errors import ModelError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from echoformat._native import Model

CHUNK = 256
LARGEST_WEIGHT = 1000
MOST_FORMATS = 4096
SHAPES = {"names": 1, "features": 1, "weights": 2, "scale": 1, "bias": 1}


def feature_version() -> str:
    """16 hex digits over everything that turns text into features: weights of another one do not fit.

    Example:
        >>> len(feature_version())
        16
    """
    facts = (
        skeleton.WORDS,
        (skeleton.HEAD, skeleton.TAIL),
        (ngrams.ORDERS, ngrams.BUCKET_BITS, ngrams.MULTIPLIERS, ngrams.COUNTED, ngrams.HISTOGRAM_TOP),
        1,
    )
    return hashlib.blake2b(repr(facts).encode(), digest_size=8).hexdigest()


@dataclass(frozen=True, slots=True)
class LearnedModel:
    """Weights of a multinomial linear model.

    Attributes:
        names: The formats it tells apart, one a column.
        features: int32 [kept], ``order index << 16 | bucket`` of each kept n-gram, ascending.
        weights: int16 [dense features + kept, formats].
        scale: float32 [formats], what one unit of a column is worth.
        bias: float32 [formats].

    Raises:
        ModelError: Arrays that do not fit each other, or numbers that are not finite.
    """

    names: tuple[str, ...]
    features: NDArray[np.int32]
    weights: NDArray[np.int16]
    scale: NDArray[np.float32]
    bias: NDArray[np.float32]

    def __post_init__(self) -> None:
        kept, count = len(self.features), len(self.names)
        if self.weights.shape != (len(DENSE_NAMES) + kept, count):
            raise ModelError(
                f"weights have shape {self.weights.shape}, not {(len(DENSE_NAMES) + kept, count)}"
            )
        if self.scale.shape != (count,) or self.bias.shape != (count,):
            raise ModelError(f"scale and bias must hold one number for each of the {count} formats")
        if not (np.isfinite(self.scale).all() and np.isfinite(self.bias).all()):
            raise ModelError("scale or bias holds NaN or infinity")
        if kept and not 0 <= self.features.min() <= self.features.max() < len(ORDERS) << BUCKET_BITS:
            raise ModelError("features point outside the hash table")

    def table(self) -> NDArray[Any]:
        """The row of each bucket's weights: [orders, buckets]; the number of rows where it has none."""
        # As narrow as it can be: it is looked up at random, so it should stay in the cache.
        kind = np.min_scalar_type(len(self.weights))
        flat = np.full(len(ORDERS) << BUCKET_BITS, len(self.weights), dtype=kind)
        flat[self.features] = np.arange(len(DENSE_NAMES), len(self.weights), dtype=kind)
        return flat.reshape(len(ORDERS), -1)

    @staticmethod
    def from_arrays(arrays: dict[str, NDArray[Any]]) -> LearnedModel:
        """The model in the arrays of a weights file.

        Raises:
            ModelError: An array is missing, of the wrong kind or shape, or of another feature version.
        """
        for name, dimensions in SHAPES.items():
            if name not in arrays or arrays[name].ndim != dimensions:
                raise ModelError(f"weights lack the array {name!r} with {dimensions} dimension(s)")
        found = "".join(str(part) for part in np.ravel(arrays.get("feature_version", "")))
        if found != feature_version():
            raise ModelError(
                f"weights were fitted on features {found or '(unknown)'}, this echoformat makes "
                f"{feature_version()}: train them again"
            )
        if arrays["weights"].dtype != np.int16 or arrays["features"].dtype != np.int32:
            raise ModelError("weights must be int16 and features int32")
        names = tuple(str(name) for name in arrays["names"].tolist())
        scale, bias = (arrays[name].astype(np.float32) for name in ("scale", "bias"))
        return LearnedModel(names, arrays["features"], arrays["weights"], scale, bias)

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """As the arrays of a weights file."""
        return {
            "names": np.array(self.names),
            "features": self.features,
            "weights": self.weights,
            "scale": self.scale,
            "bias": self.bias,
            "feature_version": np.array([feature_version()]),
        }


class LearnedDetector:
    """Scores completions with a model.

    Weights and features are whole numbers whose sums stay below 2**24, so float32 products are exact and a
    score does not depend on the batch around it.
    """

    def __init__(self, model: LearnedModel) -> None:
        self.model = model
        self._table = model.table()
        self._scale = model.scale.astype(np.float64)
        self._bias = model.bias.astype(np.float64)
        self._compiled = compiled_sums(self._table, model.weights)

    # What only the twin looks at is made when it is first asked.

    @cached_property
    def _weights(self) -> NDArray[np.float32]:
        """[rows + 1, formats], the last a row of zeros for buckets without a feature."""
        found = np.zeros((len(self.model.weights) + 1, len(self.model.names)), dtype=np.float32)
        found[:-1] = self.model.weights
        return found

    @cached_property
    def _places(self) -> NDArray[np.int32]:
        return (self._table.astype(np.int32) - len(DENSE_NAMES)) * BLOCK

    @cached_property
    def _ones(self) -> NDArray[np.float32]:
        return np.ones(len(self._weights), dtype=np.float32)

    def __getstate__(self) -> dict[str, Any]:
        return {"model": self.model}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(state["model"])  # type: ignore[misc]

    def scores(self, texts: Sequence[str], encoded: Sequence[bytes] | None = None) -> NDArray[np.float64]:
        """The decision function: float64 [texts, formats], higher for a likelier format.

        Args:
            texts: Views.
            encoded: The same in UTF-8, where it is at hand.
        """
        if self._compiled is not None:
            return self._summed(self._compiled, [*map(str.encode, texts)] if encoded is None else encoded)
        if len(texts) == 1:
            return self._score(texts[0])[None]
        found = np.empty((len(texts), len(self.model.names)))
        for start in range(0, len(texts), CHUNK):
            sums = self._sums(texts[start : start + CHUNK])
            found[start : start + CHUNK] = sums * self._scale + self._bias
        return found

    def _summed(self, compiled: Model, encoded: Sequence[bytes]) -> NDArray[np.float64]:
        """`scores`, by the compiled part."""
        found = np.empty((len(encoded), len(self.model.names)))
        compiled.sums(encoded, found)
        found *= self._scale
        found += self._bias
        return found

    def _sums(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Features times weights, [texts, formats]."""
        pieces = [window(text) for text in texts]
        dense = dense_of(pieces, [len(text) for text in texts]).astype(np.float32)
        own, rest = np.split(self._weights, [len(DENSE_NAMES)])
        sums = dense @ own
        for start, block in enumerate(blocks_of(pieces, self._places, len(rest))):
            columns = held(block)
            part = block.take(columns, axis=0).astype(np.float32).T @ rest.take(columns, axis=0)
            rows = sums[start * BLOCK : (start + 1) * BLOCK]
            rows += part[: len(rows)]
        return sums

    def _score(self, text: str) -> NDArray[np.float64]:
        """`scores` of one view, from the few rows of weights that count."""
        packed = pack([window(text)])
        symbols, _ = skeleton_of(packed)
        columns = columns_of_one(symbols, self._table, len(self._weights))
        sums = self._ones[: len(columns)] @ self._weights.take(columns, axis=0)
        sums += dense_of_one(packed, len(text)) @ self._weights[: len(DENSE_NAMES)]
        return np.asarray(sums * self._scale + self._bias)


def log_softmax(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Logarithm of the softmax over the last axis.

    Example:
        >>> np.exp(log_softmax(np.array([[0.0, 0.0]]))).tolist()
        [[0.5, 0.5]]
    """
    shifted = scores - scores.max(axis=-1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True)))


def quantise(coefficients: NDArray[np.float64]) -> tuple[NDArray[np.int16], NDArray[np.float32]]:
    """Whole-number weights and the worth of a unit, a column each: `weights * scale` is near `coefficients`.

    Example:
        >>> weights, scale = quantise(np.array([[1.0], [-0.5]]))
        >>> weights.tolist()
        [[1000], [-500]]
    """
    top = np.maximum(np.abs(coefficients).max(axis=0), 1e-12)
    scale = (top / LARGEST_WEIGHT).astype(np.float32)
    return np.rint(coefficients / scale).astype(np.int16), scale
