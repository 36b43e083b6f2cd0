"""How much of a fall in entropy is between formats, and how much is formats becoming narrower."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from echoformat.errors import UsageError
from echoformat.measure.arrays import Floats, as_shares
from echoformat.measure.confusion import as_labels
from echoformat.measure.entropy import plugin_entropy


@dataclass(frozen=True, slots=True, eq=False)
class ChainRule:
    """Entropy of the text as entropy of the format plus entropy of the text given its format, in nats.

    Attributes:
        total: H(Y), from the log-probabilities.
        between: H(F), of the formats.
        within: H(Y|F) = H(Y) - H(F).
        per_format: [formats] entropy of the text inside each format; NaN where it has no completion.
        shares: [formats].
    """

    total: float
    between: float
    within: float
    per_format: Floats
    shares: Floats


def chain_rule(
    log_probs: ArrayLike, labels: ArrayLike, formats: int, *, weights: ArrayLike | None = None
) -> ChainRule:
    """Split the entropy of completions into that of their format and the rest: H(Y) = H(F) + H(Y|F).

    H(Y) = -mean ln pi(y|x); h_f = -mean over f of ln pi + ln q_f; H(Y|F) = sum q_f h_f. The label is a
    function of the text, so this is the chain rule; log-probabilities must be those of the sampling policy,
    at its temperature.

    Args:
        log_probs: [completions] log-probability of each whole completion.
        labels: [completions] format indices.
        formats: Number of declared formats.
        weights: [completions]; all alike without them.

    Raises:
        UsageError: Lists of different length, none at all, or a positive log-probability.

    Example:
        >>> found = chain_rule(np.log([0.5, 0.25, 0.25]), [0, 1, 1], 2, weights=[2, 1, 1])
        >>> round(found.total, 4), round(found.between, 4), round(found.within, 4)
        (1.0397, 0.6931, 0.3466)
    """
    logs, codes = np.asarray(log_probs, dtype=np.float64), as_labels(labels, formats)
    w = np.ones(len(logs)) if weights is None else np.asarray(weights, dtype=np.float64)
    if not (logs.shape == codes.shape == w.shape) or not len(logs):
        raise UsageError(f"one log-probability a label is needed, got {logs.shape} and {codes.shape}")
    if logs.max() > 1e-9:
        raise UsageError(f"log-probabilities are at most 0, got {logs.max()}; pass logs of whole completions")
    mass = np.bincount(codes, weights=w, minlength=formats)
    surprise = np.bincount(codes, weights=-w * logs, minlength=formats)
    q = mass / mass.sum()
    with np.errstate(divide="ignore", invalid="ignore"):
        inside = np.where(mass > 0, surprise / mass + np.log(q), np.nan)
    total, between = float(surprise.sum() / mass.sum()), float(plugin_entropy(q))
    return ChainRule(total, between, total - between, inside, q)


@dataclass(frozen=True, slots=True, eq=False)
class EntropyShift:
    """What a change of entropy is made of; the three parts add up to the change.

    Attributes:
        total: Change of the entropy, in the unit given.
        between: Change of H(F), the entropy of the formats; 0 for token entropies.
        composition: Mass moved to formats of lower or higher entropy.
        narrowing: Formats themselves became narrower (negative) or wider.
        by_format: [formats, 2] composition (centred on the mean entropy) and narrowing of each format.
    """

    total: float
    between: float
    composition: float
    narrowing: float
    by_format: Floats

    @property
    def narrowing_fraction(self) -> float:
        """Part of the change that is within formats; NaN without a change."""
        return self.narrowing / self.total if self.total else math.nan


def entropy_shift_share(
    shares_before: ArrayLike,
    entropies_before: ArrayLike,
    shares_after: ArrayLike,
    entropies_after: ArrayLike,
    *,
    token_entropy: bool = False,
) -> EntropyShift:
    """Split the change of the logged entropy: H(F), composition sum dq (h0+h1)/2, narrowing sum (q0+q1)/2 dh.

    Exact, symmetric, no residual. A format absent at one end takes its entropy from the other end, so that it
    adds no narrowing. With `token_entropy` the entropies are means per token, shares are of tokens, and H(F)
    drops out.

    Args:
        shares_before: [formats].
        entropies_before: [formats] mean entropy of completions (or tokens) of each format; NaN where absent.
        shares_after: [formats].
        entropies_after: [formats].
        token_entropy: Whether the entropies are per token.

    Raises:
        UsageError: Shapes that differ, or a format with a share and no entropy at either end.

    Example:
        >>> shift = entropy_shift_share([0.2, 0.3, 0.5], [20, 40, 60], [0.9, 0.06, 0.04], [19, 38, 57])
        >>> [round(part, 4) for part in (shift.total, shift.between, shift.composition, shift.narrowing)]
        [-24.9773, -0.6373, -22.62, -1.72]
    """
    q0, q1 = as_shares(shares_before), as_shares(shares_after)
    h0, h1 = (np.asarray(h, dtype=np.float64) for h in (entropies_before, entropies_after))
    if not (q0.shape == q1.shape == h0.shape == h1.shape and q0.ndim == 1):
        raise UsageError(f"one value a format is needed: {q0.shape}, {h0.shape}, {q1.shape}, {h1.shape}")
    before, after = np.where(np.isnan(h0), h1, h0), np.where(np.isnan(h1), h0, h1)
    unknown = np.isnan(before) & ((q0 > 0) | (q1 > 0))
    if unknown.any():
        raise UsageError(f"format {np.flatnonzero(unknown)[0]} has a share but no entropy at either end")
    before, after = np.nan_to_num(before), np.nan_to_num(after)
    middle = (before + after) / 2
    narrowing = (q0 + q1) / 2 * (after - before)
    composition = (q1 - q0) * middle
    between = 0.0 if token_entropy else float(plugin_entropy(q1) - plugin_entropy(q0))
    # Centred, or a format of low entropy that loses mass would seem to raise the entropy.
    centred = (q1 - q0) * (middle - ((q0 + q1) / 2) @ middle)
    total = between + float(composition.sum() + narrowing.sum())
    return EntropyShift(
        total,
        between,
        float(composition.sum()),
        float(narrowing.sum()),
        np.stack([centred, narrowing], axis=1),
    )
