"""Calibrating: how rules and model combine, fitted on scores of models that had not seen the row's group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from echoformat.combination import Combination, Combiner, head_inputs
from echoformat.detectors.learned import log_softmax

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Part of a format's true completions that may fail its threshold.
MISSED = 0.05
LEAST_RANGE = (0.3, 0.5)
FEWEST_FOR_THRESHOLD = 30
PRIOR_VERDICTS = 4.0
WORTH_PENALTY = 0.004
OFFSET_PENALTY = 0.01
HEAD_PENALTY = 0.01
WEIGHT_FLOOR = 1e-9
LEAST_TRUST = 0.97
# Part of a format's decisive verdicts that may go to completions of formats left out.
MOST_FOREIGN = 0.1
FOREIGN_PART = 0.1


@dataclass(frozen=True, slots=True)
class Seen:
    """What rules and models said of `n` completions of known format.

    Attributes:
        truth: int [n], column of the format; -1 where none of the columns.
        evidence: [n, formats], capped sums of evidence.
        verdict: int [n], column of the rules' decisive verdict, -1 where they have none.
        scores: [n, formats], decision function of a model that had not seen the row's group.
        weights: [n], so that formats and repositories balance.
    """

    truth: NDArray[np.intp]
    evidence: NDArray[np.float64]
    verdict: NDArray[np.intp]
    scores: NDArray[np.float64]
    weights: NDArray[np.float64]

    def take(self, rows: NDArray[np.bool_]) -> Seen:
        """Some of the rows."""
        return Seen(
            self.truth[rows], self.evidence[rows], self.verdict[rows], self.scores[rows], self.weights[rows]
        )


def trust_of(seen: Seen) -> NDArray[np.float64]:
    """How often the rules' verdict for each format is right, drawn towards the mean of all: [formats]."""
    decisive = seen.verdict >= 0
    right = decisive & (seen.verdict == seen.truth)
    count = seen.evidence.shape[1]
    hits = np.bincount(seen.verdict[right], minlength=count)
    verdicts = np.bincount(seen.verdict[decisive], minlength=count)
    mean = right.sum() / max(decisive.sum(), 1)
    return np.asarray((hits + PRIOR_VERDICTS * mean) / (verdicts + PRIOR_VERDICTS))


def fit_worths(
    seen: Seen,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Worth of evidence and offset of each format, worth of the model: a penalised conditional logit."""
    from scipy.optimize import minimize

    known = seen.take(seen.truth >= 0)
    count = known.evidence.shape[1]
    log_model = log_softmax(known.scores)
    hot = np.eye(count)[known.truth]
    weights = (known.weights / known.weights.sum())[:, None]

    def loss(parameters: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        worth, offset, (shared, model) = parameters[:count], parameters[count:-2], parameters[-2:]
        logits = log_softmax(worth * known.evidence + model * log_model + offset)
        error = (np.exp(logits) - hot) * weights
        apart = worth - shared
        value = -(hot * logits * weights).sum()
        value += WORTH_PENALTY * (apart**2).sum() + OFFSET_PENALTY * (offset**2).sum()
        slope = np.concatenate(
            [
                (error * known.evidence).sum(axis=0) + 2 * WORTH_PENALTY * apart,
                error.sum(axis=0) + 2 * OFFSET_PENALTY * offset,
                [-2 * WORTH_PENALTY * apart.sum(), (error * log_model).sum()],
            ]
        )
        return float(value), slope

    start = np.concatenate([np.ones(count), np.zeros(count), [1.0, 1.0]])
    bounds = [(0.2, 6.0)] * count + [(-4.0, 4.0)] * count + [(0.2, 6.0), (0.1, 4.0)]
    found: NDArray[np.float64] = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds).x.round(4)
    return found[:count], found[count:-2], found[-1:]


def fit_head(
    inputs: NDArray[np.float64], target: NDArray[np.bool_], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Weights of a logistic head, penalised towards saying nothing."""
    from scipy.optimize import minimize

    sign = np.where(target, 1.0, -1.0)
    part = weights / max(weights.sum(), WEIGHT_FLOOR)
    spread = np.maximum(inputs.std(axis=0), 0.1)
    scaled = inputs / spread

    def loss(w: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        margin = sign * (scaled @ w)
        value = (part * np.logaddexp(0, -margin)).sum() + HEAD_PENALTY * (w[1:] ** 2).sum() / len(w)
        slope = -(part * sign / (1 + np.exp(np.clip(margin, -500, 500)))) @ scaled
        slope[1:] += 2 * HEAD_PENALTY * w[1:] / len(w)
        return float(value), slope

    found = minimize(loss, np.zeros(inputs.shape[1]), jac=True, method="L-BFGS-B").x
    return np.asarray((found / spread).round(5))


def thresholds(probability: NDArray[np.float64], truth: NDArray[np.intp]) -> NDArray[np.float64]:
    """The probability from which each format passes: its own 5 % quantile, kept within 0.3 to 0.5."""
    count = probability.shape[1]
    own = probability[np.arange(len(truth)), truth]
    pooled = float(np.quantile(own, MISSED)) if len(own) else LEAST_RANGE[0]
    found = [
        float(np.quantile(own[truth == c], MISSED)) if (truth == c).sum() >= FEWEST_FOR_THRESHOLD else pooled
        for c in range(count)
    ]
    return np.asarray(np.clip(np.array(found), *LEAST_RANGE).round(4))


def settles_of(seen: Seen, strangers: Sequence[Seen], trust: NDArray[np.float64]) -> NDArray[np.float64]:
    """1 for each format whose decisive verdict needs no second opinion, 0 for the others: [formats].

    It needs one where the verdict is wrong too often, or where too much of it goes to formats left out.
    """
    count = len(trust)
    own = _verdict_mass(seen.take(seen.verdict == seen.truth), count)
    foreign = np.zeros(count)
    for round_ in strangers:
        foreign += _verdict_mass(round_.take(round_.truth < 0), count)
    foreign_share = foreign / np.maximum(own + foreign, WEIGHT_FLOOR)
    return np.asarray(((trust >= LEAST_TRUST) & (foreign_share <= MOST_FOREIGN)).astype(np.float64))


def _verdict_mass(seen: Seen, count: int) -> NDArray[np.float64]:
    decisive = seen.verdict >= 0
    mass = np.bincount(seen.verdict[decisive], weights=seen.weights[decisive], minlength=count)
    return np.asarray(mass, dtype=np.float64)


def calibrate(seen: Seen, strangers: Sequence[Seen], names: Sequence[str]) -> Combination:
    """Fit the combination.

    Args:
        seen: Completions of the fitted formats.
        strangers: One item a round in which whole formats were left out: rows of formats kept
            (`truth` their column) and of formats left out (`truth` -1), columns of `seen` throughout, with
            scores of the formats left out at a value no other falls below.
        names: The fitted formats.
    """
    trust = trust_of(seen)
    settles = settles_of(seen, strangers, trust)
    worth, offset, model_worth = fit_worths(seen)
    unfit = np.zeros(8)
    least = np.full(len(names), LEAST_RANGE[0])
    draft = Combination(trust, settles, worth, offset, least, model_worth, unfit, unfit)
    asked = seen.take(~is_settled(seen.verdict, settles) & (seen.truth >= 0))
    probability, inputs, winner = _apply(draft, names, asked)
    foreign = _foreign_inputs(draft, names, strangers)
    correct = _fit_correct(inputs, winner == asked.truth, foreign)
    known = _fit_known(draft, names, strangers)
    least = thresholds(probability, asked.truth)
    return Combination(trust.round(5), settles, worth, offset, least, model_worth, correct, known)


def is_settled(verdict: NDArray[np.intp], settles: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether the rules' verdict stands without asking the model."""
    return np.asarray((verdict >= 0) & (np.append(settles, 0.0)[verdict] > 0))


def _apply(
    draft: Combination, names: Sequence[str], seen: Seen
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.intp]]:
    verdicts = Combiner(draft, names, names)(seen.evidence, seen.scores)
    log_model = log_softmax(seen.scores)
    probability, winner = verdicts.probability, verdicts.winner
    return probability, head_inputs(probability, winner, seen.evidence, log_model, seen.scores), winner


def _foreign_inputs(
    draft: Combination, names: Sequence[str], strangers: Sequence[Seen]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Head inputs and weights of the completions of left-out formats that reach the model."""
    parts = [
        round_.take((round_.truth < 0) & ~is_settled(round_.verdict, draft.settles)) for round_ in strangers
    ]
    inputs = [np.zeros((0, 8)), *(_apply(draft, names, part)[1] for part in parts if len(part.truth))]
    return np.concatenate(inputs), np.concatenate([np.zeros(0), *(part.weights for part in parts)])


def _fit_correct(
    inputs: NDArray[np.float64],
    right: NDArray[np.bool_],
    foreign: tuple[NDArray[np.float64], NDArray[np.float64]],
) -> NDArray[np.float64]:
    """The head for "the winner is right", where a small part of what comes shows a format left out."""
    strange, weights = foreign
    share = FOREIGN_PART * len(inputs) * weights / max(weights.sum(), WEIGHT_FLOOR)
    target = np.concatenate([right, np.zeros(len(strange), dtype=bool)])
    return fit_head(np.concatenate([inputs, strange]), target, np.concatenate([np.ones(len(inputs)), share]))


def _fit_known(draft: Combination, names: Sequence[str], strangers: Sequence[Seen]) -> NDArray[np.float64]:
    inputs, target, weights = [], [], []
    for round_ in strangers:
        asked = round_.take(~is_settled(round_.verdict, draft.settles))
        inputs.append(_apply(draft, names, asked)[1])
        target.append(asked.truth >= 0)
        weights.append(asked.weights)
    if not inputs:
        return np.array([4.0, *[0.0] * 7])
    known = np.concatenate(target)
    balanced = np.concatenate(weights)
    # As many known as unknown: the head ranks, the threshold decides.
    for side in (known, ~known):
        balanced[side] /= max(balanced[side].sum(), WEIGHT_FLOOR)
    return fit_head(np.concatenate(inputs), known, balanced)
