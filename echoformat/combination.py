"""One decision where rules are silent or tie: evidence and model scores together, and when to abstain.

The probability of format f is the softmax of ``worth_f * evidence_f + model_worth * log p_f + offset_f``. Two
small logistic heads then say how likely the winner is right, and how likely the completion shows any format
that the model was fitted on. A format passes where its probability reaches its own threshold, set so that a
fixed part of the true ones pass (class-conditional conformal sets); one that passes alone is the label.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from echoformat.compiled import native
from echoformat.errors import ModelError

if TYPE_CHECKING:
    from types import ModuleType

    from numpy.typing import NDArray

DIGITS = 5
TENS = 10.0**DIGITS
HEAD_FEATURES = (
    "one",
    "log p",
    "log 1-p",
    "evidence",
    "rival evidence",
    "top score",
    "log sum",
    "log model p",
)
LEAST_REST = 1e-4
PER_NAME = ("trust", "settles", "worth", "offset", "least")


@dataclass(frozen=True, slots=True)
class Combination:
    """How evidence and scores become one probability.

    Attributes:
        trust: [names], how often the rules' own verdict for the format is right.
        settles: [names], 1 where that verdict stands without asking the model: it is nearly always right, and
            formats that nobody declared seldom earn it.
        worth: [names], what a unit of evidence for it counts.
        offset: [names].
        least: [names], the probability from which it passes.
        model_worth: [1], what a unit of the model's log probability counts.
        correct: [8], head for "the winner is right"; see `HEAD_FEATURES`.
        known: [8], head for "any fitted format".

    Raises:
        ModelError: Wrong lengths, or numbers that are not finite.
    """

    trust: NDArray[np.float64]
    settles: NDArray[np.float64]
    worth: NDArray[np.float64]
    offset: NDArray[np.float64]
    least: NDArray[np.float64]
    model_worth: NDArray[np.float64]
    correct: NDArray[np.float64]
    known: NDArray[np.float64]

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if value.ndim != 1 or not np.isfinite(value).all():
                raise ModelError(f"{field.name} must be one row of finite numbers")
        if len({len(getattr(self, name)) for name in PER_NAME}) != 1:
            raise ModelError(f"{', '.join(PER_NAME)} must hold one number for each format")
        if len(self.model_worth) != 1 or {len(self.correct), len(self.known)} != {len(HEAD_FEATURES)}:
            raise ModelError(f"model_worth must hold 1 number, correct and known {len(HEAD_FEATURES)}")

    @staticmethod
    def from_arrays(arrays: dict[str, NDArray[Any]]) -> Combination:
        """The combination in the arrays of a weights file.

        Raises:
            ModelError: An array is missing.
        """
        names = [field.name for field in fields(Combination)]
        missing = [name for name in names if name not in arrays]
        if missing:
            raise ModelError(f"weights lack the array(s) {', '.join(missing)}")
        return Combination(**{name: arrays[name].astype(np.float64) for name in names})

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """As the arrays of a weights file."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What the combination says of `n` completions.

    Attributes:
        probability: [n, columns], over the shelf's formats, then the model's others.
        winner: [n], the likeliest column.
        correct: [n], how likely that is right.
        known: [n], how likely it is any fitted format.
        passing: bool [n, columns].
    """

    probability: NDArray[np.float64]
    winner: NDArray[np.intp]
    correct: NDArray[np.float64]
    known: NDArray[np.float64]
    passing: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Winners:
    """What the combination says of the likeliest column of each of `n` completions.

    Attributes:
        winner: [n], the likeliest column.
        probability: [n], of that; rounded.
        own: [n], evidence for it.
        passing: [n], how many columns pass.
        passes: bool [n], whether it does.
        correct: [n], how likely it is right.
        known: [n], how likely it is any fitted format.
    """

    winner: NDArray[np.intp]
    probability: NDArray[np.float64]
    own: NDArray[np.float64]
    passing: NDArray[np.intp]
    passes: NDArray[np.bool_]
    correct: NDArray[np.float64]
    known: NDArray[np.float64]


class Verdict(NamedTuple):
    """What the combination says of one completion, as `Verdicts` does of many.

    Attributes:
        winner: The likeliest column.
        probability: Of the winner.
        correct: How likely that is right.
        known: How likely it is any fitted format.
        shown: The columns that are as likely as asked for, ascending, and how likely they are.
        passing: The columns that pass.
    """

    winner: int
    probability: float
    correct: float
    known: float
    shown: list[tuple[int, float]]
    passing: list[int]


class Combiner:
    """A combination laid over one shelf.

    Args:
        combination: Fitted numbers, one a name of the model.
        model_names: What the model tells apart.
        shelf: Formats of the classifier. One that the model does not know is judged by its rules; a name
            of the model that is not on the shelf can win, and then the completion is unknown.
    """

    def __init__(self, combination: Combination, model_names: Sequence[str], shelf: Sequence[str]) -> None:
        self.columns = (*shelf, *(name for name in model_names if name not in set(shelf)))
        place = {name: i for i, name in enumerate(model_names)}
        self._source = np.array([place.get(name, -1) for name in self.columns], dtype=np.int64)
        self._nearest, self._missing = np.maximum(self._source, 0), np.flatnonzero(self._source < 0)
        self._fitted = combination
        self._heads = combination.correct.tolist(), combination.known.tolist()
        self._model_worth = float(combination.model_worth[0])
        self._worth = self._spread(combination.worth, _median(combination.worth))
        self._offset = self._spread(combination.offset, 0.0)
        self._least = self._spread(combination.least, _median(combination.least))
        self._least_of = self._least.tolist()
        # Rounded to less than half a unit, what is below passes nowhere.
        self._lowest = min(self._least_of, default=0.0) - 1 / TENS
        self._absent = -np.log(len(model_names)) - 1.0

    def _spread(self, values: NDArray[np.float64], absent: float) -> NDArray[np.float64]:
        return np.asarray(np.append(values, absent)[self._source], dtype=np.float64)

    def __call__(self, evidence: NDArray[np.float64], scores: NDArray[np.float64]) -> Verdicts:
        """The verdicts.

        Args:
            evidence: [n, columns], capped sums of evidence.
            scores: [n, model names], the model's decision function.
        """
        top = largest(scores)
        shifted = scores - top[:, None]
        log_sum = log_sum_exp(shifted)
        log_model = self._lay_out(shifted, log_sum)
        logits = self._worth * evidence
        logits += self._fitted.model_worth[0] * log_model
        logits += self._offset
        logits -= largest(logits)[:, None]
        logits -= log_sum_exp(logits)[:, None]
        probability = np.exp(logits, out=logits)
        winner = probability.argmax(axis=1)
        inputs = _inputs(probability, winner, evidence, log_model, top, top + log_sum)
        shown = _rounded(probability)
        return Verdicts(
            shown,
            winner,
            head(inputs, self._fitted.correct),
            head(inputs, self._fitted.known),
            shown >= self._least,
        )

    def winners(self, evidence: NDArray[np.float64], scores: NDArray[np.float64]) -> Winners:
        """The verdicts, as far as they are on the likeliest column of each.

        Args:
            evidence: [n, columns], capped sums of evidence.
            scores: [n, model names], the model's decision function.
        """
        compiled = native()
        if compiled is not None:
            return self._found_by(compiled, np.ascontiguousarray(evidence), np.ascontiguousarray(scores))
        verdicts, rows = self(evidence, scores), np.arange(len(scores))
        winner = verdicts.winner
        return Winners(
            winner,
            verdicts.probability[rows, winner],
            evidence[rows, winner],
            np.count_nonzero(verdicts.passing, axis=1),
            verdicts.passing[rows, winner],
            verdicts.correct,
            verdicts.known,
        )

    def _found_by(
        self, compiled: ModuleType, evidence: NDArray[np.float64], scores: NDArray[np.float64]
    ) -> Winners:
        """`winners`: numpy takes exponentials and logarithms, the compiled part the steps between."""
        (rows, names), width = scores.shape, len(self.columns)
        sizes, top, shifted = (rows, names, width, self._absent), np.empty(rows), np.empty_like(scores)
        compiled.centred(rows, names, scores, shifted, top)
        log_sum = log_sum_exp(shifted)
        told = self._source, shifted, log_sum, evidence
        logits = np.empty((rows, width))
        compiled.weighed(*sizes, self._model_worth, *told, self._worth, self._offset, logits)
        logits -= log_sum_exp(logits)[:, None]
        probability = np.exp(logits, out=logits)
        found, counts = np.empty((4, rows)), np.empty((3, rows), np.int64)
        compiled.winners(*sizes, TENS, *told, probability, self._least, found, counts)
        (p, own, rival, learned), (winner, passing, passes) = found, counts
        inputs = _stacked(p, own, rival, top, top + log_sum, learned)
        heads = head(inputs, self._fitted.correct), head(inputs, self._fitted.known)
        return Winners(winner, _rounded(p), own, passing, passes.astype(np.bool_), *heads)

    def one(
        self,
        evidence: NDArray[np.float64],
        scores: NDArray[np.float64],
        least: float = 0.0,
    ) -> Verdict:
        """The verdict on one completion: the same numbers by fewer steps.

        Where a step is not one whose last bit numpy decides, a few floats of Python's are faster.

        Args:
            evidence: [columns].
            scores: [model names].
            least: How likely a column is that is shown.
        """
        top = float(np.maximum.reduce(scores))
        shifted = scores - top
        log_sum = np.log(np.add.reduce(np.exp(shifted)))
        shifted -= log_sum
        log_model = shifted.take(self._nearest)
        log_model[self._missing] = self._absent
        logits = self._worth * evidence
        logits += self._model_worth * log_model
        logits += self._offset
        logits -= np.maximum.reduce(logits)
        logits -= np.log(np.add.reduce(np.exp(logits)))
        every = np.exp(logits, out=logits)
        winner = int(every.argmax())
        p, own = float(every[winner]), float(evidence[winner])
        others = evidence.copy()
        others[winner] = 0.0
        logs = math.log(max(p, LEAST_REST)), math.log(max(1 - p, LEAST_REST))
        rival = float(np.maximum.reduce(others))
        inputs = *logs, own, rival, top, top + float(log_sum), float(log_model[winner])
        correct, known = _head_of_one(inputs, self._heads[0]), _head_of_one(inputs, self._heads[1])
        likely = (every >= min(self._lowest, least - 1 / TENS)).nonzero()[0]
        pairs = [(i, round(float(every[i]) * TENS) / TENS) for i in likely.tolist()]
        passing = [i for i, share in pairs if share >= self._least_of[i]]
        shown = [one for one in pairs if one[1] >= least]
        return Verdict(winner, round(p * TENS) / TENS, correct, known, shown, passing)

    def _lay_out(self, shifted: NDArray[np.float64], log_sum: NDArray[np.float64]) -> NDArray[np.float64]:
        """The model's log probabilities in the order of the columns."""
        count, names = shifted.shape
        padded = np.empty((count, names + 1))
        np.subtract(shifted, log_sum[:, None], out=padded[:, :-1])
        padded[:, -1] = self._absent
        return padded.take(self._source, axis=1)


def largest(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """The largest number of each row, as ``rows.max(axis=1)``: row beside row numpy compares several at once.

    Example:
        >>> largest(np.array([[1.0, 3.0], [2.0, 0.0]])).tolist()
        [3.0, 2.0]
    """
    return np.asarray(np.maximum.reduce(np.ascontiguousarray(rows.T), axis=0))


def log_sum_exp(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Logarithm of each row's sum of exponentials.

    Example:
        >>> log_sum_exp(np.zeros((2, 1))).tolist()
        [0.0, 0.0]
    """
    return np.asarray(np.log(np.add.reduce(np.exp(rows), axis=1)))


def _median(values: NDArray[np.float64]) -> float:
    """As `np.median`, which imports masked arrays: a quarter of what building a classifier costs."""
    middle = np.sort(values)
    return float((middle[(len(middle) - 1) // 2] + middle[len(middle) // 2]) / 2)


def head_inputs(
    probability: NDArray[np.float64],
    winner: NDArray[np.intp],
    evidence: NDArray[np.float64],
    log_model: NDArray[np.float64],
    scores: NDArray[np.float64],
) -> NDArray[np.float64]:
    """What both heads look at: [n, 8], named in `HEAD_FEATURES`."""
    top = largest(scores)
    log_sum = top + log_sum_exp(scores - top[:, None])
    return _inputs(probability, winner, evidence, log_model, top, log_sum)


def _inputs(
    probability: NDArray[np.float64],
    winner: NDArray[np.intp],
    evidence: NDArray[np.float64],
    log_model: NDArray[np.float64],
    top: NDArray[np.float64],
    log_sum: NDArray[np.float64],
) -> NDArray[np.float64]:
    rows = np.arange(len(winner))
    p = probability[rows, winner]
    own = evidence[rows, winner]
    others = evidence.copy()
    others[rows, winner] = 0.0
    return _stacked(p, own, largest(others), top, log_sum, log_model[rows, winner])


def _stacked(
    p: NDArray[np.float64], own: NDArray[np.float64], *rest: NDArray[np.float64]
) -> NDArray[np.float64]:
    """`HEAD_FEATURES`, from the probability of the winner and what needs no logarithm."""
    logs = np.log(np.maximum(p, LEAST_REST)), np.log(np.maximum(1 - p, LEAST_REST))
    return np.stack([np.ones(len(p)), *logs, own, *rest], axis=1)


def _rounded(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """`numpy.round` to `DIGITS` by the same steps, without its overhead."""
    found = values * TENS
    np.rint(found, out=found)
    found /= TENS
    return found


def _head_of_one(inputs: tuple[float, ...], weights: list[float]) -> float:
    """`head` of one row behind its first number, 1, added up in the order in which numpy adds eight."""
    b, c, d, e, f, g, h = inputs
    first, second, third, fourth, fifth, sixth, seventh, eighth = weights
    total = ((first + b * second) + (c * third + d * fourth)) + (
        (e * fifth + f * sixth) + (g * seventh + h * eighth)
    )
    share = 1 / (1 + math.exp(-min(max(total, -30.0), 30.0)))
    return round(share * TENS) / TENS


def head(inputs: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Logistic function of a weighted sum, rounded so that no machine's last bit shows.

    Example:
        >>> head(np.zeros((1, 8)), np.ones(8)).tolist()
        [0.5]
    """
    total = (inputs * weights).sum(axis=1)
    return np.asarray(np.round(1 / (1 + np.exp(-np.clip(total, -30, 30))), DIGITS), dtype=np.float64)
