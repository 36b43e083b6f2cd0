"""Judgement: the rules' verdict where it can be trusted, else the combination of rules and model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from echoformat.combination import DIGITS, Combiner, Winners
from echoformat.decision import Decision, RuleDecision, best_first
from echoformat.label import REASONS, Reason
from echoformat.model import Model

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Below this the completion shows no format that anyone declared.
LEAST_KNOWN = 0.2
LEAST_DECISIVE = 0.8
# A label that the rules speak against, and that is likelier wrong than right, is none.
LEAST_CORRECT = 0.5
SHOWN = 0.01
MOST_REMEMBERED = 20_000


UNKNOWN, AMBIGUOUS, COMBINED, LEARNED = map(
    REASONS.index, (Reason.UNKNOWN, Reason.AMBIGUOUS, Reason.COMBINED, Reason.LEARNED)
)


@dataclass(frozen=True, slots=True)
class Conclusions:
    """Decisions on `n` completions as columns, without what spoke for them.

    Attributes:
        codes: int16 [n], index of the format on the shelf (of the source, in a mixture), -1 where none.
        reasons: uint8 [n], index into `echoformat.label.REASONS`.
        confidence: float64 [n], 0 to 1.
    """

    codes: NDArray[np.int16]
    reasons: NDArray[np.uint8]
    confidence: NDArray[np.float64]


class Judge:
    """Decides with a model at hand.

    Args:
        rules: What the rules say.
        model: What the model says.
        shelf: Formats of the classifier.
    """

    tells_sources: ClassVar[bool] = False

    def __init__(self, rules: RuleDecision, model: Model, shelf: Sequence[str]) -> None:
        self._rules = rules
        self.model_hash = model.hash
        self._shelf = len(shelf)
        self._detector = model.detector()
        self._combiner = Combiner(model.combination, model.weights.names, shelf)
        #: Formats of the shelf, then those that only the model knows.
        self.columns = self._combiner.columns
        self._memory: dict[tuple[int, ...], NDArray[np.float64]] = {}
        # Where among what rules say of each format a column finds its own; behind it for what only the model
        # knows.
        place = {name: i for i, name in enumerate(rules.names)}
        self._own = np.array([place.get(name, len(place)) for name in self.columns])
        names = model.weights.names
        fitted = model.combination
        self._trust = dict(zip(names, fitted.trust.tolist(), strict=True))
        self._asked = {
            name for name, settles in zip(names, fitted.settles.tolist(), strict=True) if not settles
        }
        trust = [self._trust.get(name) for name in shelf]
        # By code of the shelf; the last is that of no format.
        self._settles = np.array([*(name not in self._asked for name in shelf), False])
        self._trusted = np.array([*(np.nan if one is None else round(one, DIGITS) for one in trust), np.nan])

    def settled(self, decision: Decision) -> Decision | None:
        """The rules' verdict with the confidence it has earned; ``None`` where the model must be asked."""
        name = decision.format
        if name is None or name in self._asked or decision.candidates[0][1] < LEAST_DECISIVE:
            return None
        trust = self._trust.get(name, decision.confidence)
        return Decision(name, decision.variant, Reason.RULES, round(trust, 5), decision.candidates)

    def standing(self, codes: NDArray[np.int16], top: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Which of the rules' verdicts stand without asking the model.

        Args:
            codes: [n], index into the shelf, -1 for no verdict.
            top: [n], the highest score of any format.
        """
        return np.asarray(self._settles[codes] & (top >= LEAST_DECISIVE))

    def trusted(self, codes: NDArray[np.int16], confidence: NDArray[np.float64]) -> NDArray[np.float64]:
        """How sure verdicts that stand are: as sure as the fit found them, or else as their rules are."""
        trust = self._trusted[codes]
        for row in np.flatnonzero(np.isnan(trust)).tolist():
            trust[row] = round(float(confidence[row]), DIGITS)
        return np.asarray(trust)

    def evidence(self, fired: Sequence[tuple[int, ...]]) -> NDArray[np.float64]:
        """Capped evidence of each completion for each column: [n, columns]."""
        rows = [self._evidence_of(combination) for combination in fired]
        return np.stack(rows) if rows else np.zeros((0, len(self.columns)))

    def _evidence_of(self, fired: tuple[int, ...]) -> NDArray[np.float64]:
        # Completions repeat a few combinations of rules.
        known = self._memory.get(fired)
        if known is None:
            known = np.frombuffer(self._rules.row(fired)).take(self._own)
            if len(self._memory) < MOST_REMEMBERED:
                self._memory[fired] = known
        return known

    def decide(self, texts: Sequence[str], fired: Sequence[tuple[int, ...]]) -> list[Decision]:
        """The combined decision on views whose rules did not settle it."""
        return self.conclude(fired, self._detector.scores(texts))

    def weigh(
        self, texts: Sequence[str], evidence: NDArray[np.float64], encoded: Sequence[bytes] | None = None
    ) -> Conclusions:
        """What `decide` says, as columns, from what rules say of each format of the shelf.

        Args:
            texts: Views whose rules did not settle it.
            evidence: Capped sums, [texts, shelf].
            encoded: The views in UTF-8, where they are at hand.
        """
        # One after the other, not in turns: either fills a core's cache with its own tables.
        scores = self._detector.scores(texts, encoded)
        own = self._widened(evidence)
        return self._conclusions(self._combiner.winners(own, scores))

    def _widened(self, evidence: NDArray[np.float64]) -> NDArray[np.float64]:
        """With columns for what only the model knows, of which rules say nothing."""
        if len(self.columns) == self._shelf:
            return evidence
        every = np.zeros((len(evidence), len(self.columns)))
        every[:, : self._shelf] = evidence
        return every

    def _conclusions(self, found: Winners) -> Conclusions:
        """`_one` for each row."""
        winner, correct, own = found.winner, found.correct, found.own
        on_shelf = winner < self._shelf
        is_foreign = ~on_shelf | (found.known < LEAST_KNOWN)
        opposed = (own < 0) & (correct < LEAST_CORRECT)
        is_close = (found.passing > 1) | ~found.passes | opposed
        doubt = np.where(on_shelf, 1 - found.known, found.probability)
        doubt = np.where(is_foreign, np.maximum(doubt, 1 - correct), 1 - correct)
        is_unknown = is_foreign | (found.passing == 0)
        is_none = is_unknown | is_close
        reasons = np.where(is_close, AMBIGUOUS, np.where(own > 0, COMBINED, LEARNED))
        return Conclusions(
            np.where(is_none, -1, winner).astype(np.int16),
            np.where(is_unknown, UNKNOWN, reasons).astype(np.uint8),
            np.where(is_none, np.round(doubt, DIGITS), correct),
        )

    def probabilities(self, texts: Sequence[str], fired: Sequence[tuple[int, ...]]) -> NDArray[np.float64]:
        """How likely each format is, whether rules settle it or not: [n, columns]."""
        return self._combiner(self.evidence(fired), self._detector.scores(texts)).probability

    def likely(
        self, texts: Sequence[str], evidence: NDArray[np.float64], encoded: Sequence[bytes] | None = None
    ) -> NDArray[np.float64]:
        """`probabilities` from what rules say of each format of the shelf, [texts, shelf]."""
        return self._combiner(self._widened(evidence), self._detector.scores(texts, encoded)).probability

    def conclude(self, fired: Sequence[tuple[int, ...]], scores: NDArray[np.float64]) -> list[Decision]:
        """The combined decision from scores [n, model names] made elsewhere."""
        return [self._one(own, scores[row]) for row, own in enumerate(fired)]

    def _one(self, fired: tuple[int, ...], scores: NDArray[np.float64]) -> Decision:
        evidence = self._evidence_of(fired)
        winner, probability, correct, known, shown, passing = self._combiner.one(evidence, scores, SHOWN)
        candidates = self._candidates(shown)
        if winner >= self._shelf or known < LEAST_KNOWN:
            doubt = 1 - known if winner < self._shelf else probability
            return Decision(None, None, Reason.UNKNOWN, round(max(doubt, 1 - correct), DIGITS), candidates)
        if not passing:
            return Decision(None, None, Reason.UNKNOWN, round(1 - correct, DIGITS), candidates)
        own = float(evidence[winner])
        if passing != [winner] or (own < 0 and correct < LEAST_CORRECT):
            return Decision(None, None, Reason.AMBIGUOUS, round(1 - correct, DIGITS), candidates)
        name = self.columns[winner]
        reason = Reason.COMBINED if own > 0 else Reason.LEARNED
        return Decision(name, self._rules.variant(name, fired), reason, correct, candidates)

    def _candidates(self, shown: list[tuple[int, float]]) -> tuple[tuple[str, float], ...]:
        pairs = [(self.columns[i], share) for i, share in shown if i < self._shelf]
        return tuple(sorted(pairs, key=best_first))
