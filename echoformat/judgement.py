"""Judgement: the rules' verdict where it can be trusted, else the combination of rules and model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from echoformat.combination import LEAST_KNOWN, Combiner, Verdicts
from echoformat.decision import Decision, RuleDecision
from echoformat.label import Reason
from echoformat.model import Model

if TYPE_CHECKING:
    from numpy.typing import NDArray

LEAST_TRUST = 0.97
LEAST_DECISIVE = 0.8
SHOWN = 0.01
CHUNK = 512


class Judge:
    """Decides with a model at hand.

    Args:
        rules: What the rules say.
        model: What the model says.
        shelf: Formats of the classifier.
    """

    def __init__(self, rules: RuleDecision, model: Model, shelf: Sequence[str]) -> None:
        self._rules = rules
        self.model_hash = model.hash
        self._shelf = len(shelf)
        self._detector = model.detector()
        self._combiner = Combiner(model.combination, model.weights.names, shelf)
        self._place = {name: i for i, name in enumerate(self._combiner.columns)}
        names = model.weights.names
        self._trust = dict(zip(names, model.combination.trust.tolist(), strict=True))

    def settled(self, decision: Decision) -> Decision | None:
        """The rules' verdict with the confidence it has earned; ``None`` where the model must be asked."""
        name = decision.format
        if name is None or decision.candidates[0][1] < LEAST_DECISIVE:
            return None
        trust = self._trust.get(name, decision.confidence)
        if trust < LEAST_TRUST and name in self._trust:
            return None
        return Decision(name, decision.variant, Reason.RULES, round(trust, 5), decision.candidates)

    def evidence(self, fired: Sequence[tuple[int, ...]]) -> NDArray[np.float64]:
        """Capped evidence of each completion for each column: [n, columns]."""
        found = np.zeros((len(fired), len(self._combiner.columns)))
        for row, combination in enumerate(fired):
            for name, total in self._rules.sums(combination).items():
                found[row, self._place[name]] = total
        return found

    def decide(self, texts: Sequence[str], fired: Sequence[tuple[int, ...]]) -> list[Decision]:
        """The combined decision on views whose rules did not settle it."""
        found: list[Decision] = []
        for start in range(0, len(texts), CHUNK):
            stop = start + CHUNK
            evidence = self.evidence(fired[start:stop])
            verdicts = self._combiner(evidence, self._detector.scores(texts[start:stop]))
            found += [self._one(verdicts, row, f, evidence[row]) for row, f in enumerate(fired[start:stop])]
        return found

    def _one(
        self, verdicts: Verdicts, row: int, fired: tuple[int, ...], evidence: NDArray[np.float64]
    ) -> Decision:
        winner = int(verdicts.winner[row])
        candidates = self._candidates(verdicts.probability[row])
        known, correct = float(verdicts.known[row]), float(verdicts.correct[row])
        if winner >= self._shelf or known < LEAST_KNOWN:
            doubt = 1 - known if winner < self._shelf else float(verdicts.probability[row, winner])
            return Decision(None, None, Reason.UNKNOWN, round(max(doubt, 1 - correct), 5), candidates)
        passing = verdicts.passing[row]
        if not passing.any():
            return Decision(None, None, Reason.UNKNOWN, round(1 - correct, 5), candidates)
        if passing.sum() > 1 or not passing[winner]:
            return Decision(None, None, Reason.AMBIGUOUS, round(1 - correct, 5), candidates)
        name = self._combiner.columns[winner]
        reason = Reason.COMBINED if evidence[winner] > 0 else Reason.LEARNED
        return Decision(name, self._rules.variant(name, fired), reason, correct, candidates)

    def _candidates(self, probability: NDArray[np.float64]) -> tuple[tuple[str, float], ...]:
        shown = np.flatnonzero(probability[: self._shelf] >= SHOWN).tolist()
        pairs = [(self._combiner.columns[i], float(probability[i])) for i in shown]
        return tuple(sorted(pairs, key=lambda item: (-item[1], item[0])))
