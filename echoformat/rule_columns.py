"""Rules' verdicts on many completions at once, each exactly what `RuleDecision` says of it alone.

A third or half of the completions of a new log show a combination of rules never seen before: the compiled
part works each out about as fast as it could be looked up. Without it sums over columns keep them cheap, and
`rule_memory` keeps what comes back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from echoformat.compiled_rules import compiled_rules
from echoformat.decision import LEAST_MARGIN, LEAST_SCORE, MOST_EVIDENCE, RuleDecision, evidence_of, score_of
from echoformat.detectors import Rule
from echoformat.label import REASONS, Reason

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from echoformat._native import Rules

NONE = -1
RULES, UNKNOWN, AMBIGUOUS = map(REASONS.index, (Reason.RULES, Reason.UNKNOWN, Reason.AMBIGUOUS))
LEAST_VOTE = 0.01
MOST_REMEMBERED = 100_000


@dataclass(frozen=True, slots=True)
class RuleVerdicts:
    """What rules alone say of `n` completions.

    Attributes:
        codes: int16 [n], index into the shelf, -1 for none.
        variants: int16 [n], index into `RuleColumns.variants`, -1 for none.
        reasons: uint8 [n], index into `echoformat.label.REASONS`.
        confidence: float64 [n], 0 to 1.
        top: float64 [n], the highest score of any format.
    """

    codes: NDArray[np.int16]
    variants: NDArray[np.int16]
    reasons: NDArray[np.uint8]
    confidence: NDArray[np.float64]
    top: NDArray[np.float64]


class _Scores(dict[float, float]):
    """`score_of` each sum of evidence: few differ, and numpy's own exponential may end in another digit."""

    def __missing__(self, total: float) -> float:
        score = score_of(total)
        if len(self) < MOST_REMEMBERED:
            self[total] = score
        return score


class RuleColumns:
    """Decides for many completions.

    Args:
        shelf: Names of the formats, in the order of codes.
        rules: Every rule of every detector, in the order of columns.
        decide: What follows from rules.
    """

    def __init__(self, shelf: Sequence[str], rules: Sequence[Rule], decide: RuleDecision) -> None:
        self._made_of = shelf, rules, decide
        place = {name: i for i, name in enumerate(shelf)}
        self._formats = np.array([place.get(rule.format, NONE) for rule in rules], dtype=np.intp)
        self._weights = np.array([evidence_of(rule.weight) for rule in rules])
        self._below = np.zeros((len(shelf), len(shelf)), dtype=np.float32)
        for name, beaten in decide.below.items():
            self._below[place[name], [place[other] for other in beaten if other in place]] = 1
        # Equal scores are ranked by name.
        self._by_name = np.array(sorted(place.values(), key=lambda i: shelf[i]), dtype=np.intp)
        self.variants = tuple(sorted({rule.variant for rule in rules if rule.variant}))
        known = {name: i for i, name in enumerate(self.variants)}
        self._finer = np.array([known.get(rule.variant, NONE) for rule in rules], dtype=np.intp)
        self._votes = np.maximum(self._weights, LEAST_VOTE)
        self._scores = _Scores()
        self._compiled = self._built()

    def _built(self) -> Rules | None:
        return compiled_rules(
            own=self._formats,
            weights=self._weights,
            finer=self._finer,
            votes=self._votes,
            by_name=np.argsort(self._by_name),
            below=self._below,
            variants=len(self.variants),
            least_score=LEAST_SCORE,
            least_margin=LEAST_MARGIN,
            most_evidence=MOST_EVIDENCE,
            reasons=(RULES, UNKNOWN, AMBIGUOUS),
        )

    @property
    def is_compiled(self) -> bool:
        """Whether the compiled part works them out: then it is idle to remember them."""
        return self._compiled is not None

    def __getstate__(self) -> dict[str, Any]:
        return {"made_of": self._made_of}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(*state["made_of"])  # type: ignore[misc]

    def __call__(self, fired: NDArray[np.bool_]) -> RuleVerdicts:
        """The verdicts.

        Args:
            fired: Which rules fired on which completions, [n, rules].
        """
        if self._compiled is not None:
            return _decided(self._compiled, fired)
        _, scores, beaten = self._weighed(fired)
        first, best, second = self._ranked(np.where((scores >= LEAST_SCORE) & ~beaten, scores, 0.0))
        top = scores.max(axis=1, initial=0.0)
        is_none, is_close = best == 0, best - second < LEAST_MARGIN
        codes = np.where(is_none | is_close, NONE, first).astype(np.int16)
        return RuleVerdicts(
            codes,
            self.variant_codes(fired, codes),
            np.where(is_none, UNKNOWN, np.where(is_close, AMBIGUOUS, RULES)).astype(np.uint8),
            np.where(is_none, 1 - top, np.where(is_close, 1 - (best - second), best * (1 - second / 2))),
            top,
        )

    def evidence(self, fired: NDArray[np.bool_], rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """Capped sums as `RuleDecision.sums` gives them: float64 [rows, formats].

        Args:
            fired: Which rules fired on which completions, [n, rules].
            rows: Of which of these.
        """
        if self._compiled is not None:
            sums = np.empty((len(rows), len(self._by_name)))
            self._compiled.evidence(np.ascontiguousarray(fired), np.ascontiguousarray(rows, np.int64), sums)
            return sums
        totals, _, beaten = self._weighed(fired[rows])
        return np.minimum(np.maximum(totals, -MOST_EVIDENCE), np.where(beaten, 0.0, MOST_EVIDENCE))

    def variant_codes(
        self, fired: NDArray[np.bool_], codes: NDArray[np.int16], rows: NDArray[np.int64] | None = None
    ) -> NDArray[np.int16]:
        """The finer form of each completion's format, as an index into `variants`, -1 for none.

        Args:
            fired: Which rules fired on which completions, [n, rules].
            codes: The formats, [rows].
            rows: Of which completions these are; of all where ``None``.
        """
        rows = np.ascontiguousarray(np.arange(len(fired)) if rows is None else rows, np.int64)
        found = np.full(len(codes), NONE, dtype=np.int16)
        if self._compiled is not None:
            self._compiled.variants(np.ascontiguousarray(fired), rows, np.ascontiguousarray(codes), found)
            return found
        voters = np.flatnonzero(self._finer != NONE)
        votes = fired[rows][:, voters] & (self._formats[voters] == codes[:, None])
        places = np.flatnonzero(votes)
        if len(places):
            voted, voter = np.divmod(places, len(voters))
            keys = voted * len(self.variants) + self._finer[voters[voter]]
            sums = np.bincount(keys, self._votes[voters[voter]], len(codes) * len(self.variants))
            found[voted] = sums.reshape(len(codes), -1)[voted].argmax(axis=1)
        return found

    def _weighed(
        self, fired: NDArray[np.bool_]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
        """Evidence for each format, its score, and whether another one outranks it: [n, formats] each."""
        totals = self._totals(fired)
        scores = self._scored(totals)
        beaten = ((scores >= LEAST_SCORE).astype(np.float32) @ self._below) > 0
        return totals, scores, beaten

    def _totals(self, fired: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Evidence for each format, added up in the order of rules: [n, formats]."""
        # Several times quicker than by two axes.
        rows, rules = np.divmod(np.flatnonzero(fired), fired.shape[1])
        formats = self._formats[rules]
        own = formats >= 0
        width = len(self._by_name)
        keys = rows[own] * width + formats[own]
        totals = np.bincount(keys, self._weights[rules[own]], len(fired) * width)
        return np.asarray(totals.reshape(len(fired), width), dtype=np.float64)

    def _scored(self, totals: NDArray[np.float64]) -> NDArray[np.float64]:
        """The score of each total."""
        flat = totals.ravel()
        scores = np.zeros_like(flat)
        places = np.flatnonzero(flat > 0)
        scores[places] = list(map(self._scores.__getitem__, flat[places].tolist()))
        return scores.reshape(totals.shape)

    def _ranked(
        self, left: NDArray[np.float64]
    ) -> tuple[NDArray[np.intp], NDArray[np.float64], NDArray[np.float64]]:
        """The format that scores best, its score and the second best."""
        sorted_left = left[:, self._by_name]
        rows = np.arange(len(left))
        first = sorted_left.argmax(axis=1)
        best = sorted_left[rows, first]
        sorted_left[rows, first] = 0.0
        return self._by_name[first], best, sorted_left.max(axis=1)


def _decided(compiled: Rules, fired: NDArray[np.bool_]) -> RuleVerdicts:
    """The verdicts, by the compiled part."""
    count = len(fired)
    codes, variants = np.empty(count, np.int16), np.empty(count, np.int16)
    said = RuleVerdicts(codes, variants, np.empty(count, np.uint8), np.empty(count), np.empty(count))
    compiled.decide(np.ascontiguousarray(fired), codes, variants, said.reasons, said.confidence, said.top)
    return said
