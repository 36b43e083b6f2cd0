"""One decision from the rules that fired: which format, how sure, and why not where there is none.

A rule of weight w counts -ln(1 - w) for its format, as an independent witness who is right with
probability w; a negative weight counts against. The score of a format is 1 - exp(-sum), 0 to 1.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from echoformat.detectors import Rule
from echoformat.format import Format
from echoformat.label import Reason
from echoformat.ledger import Ledger

LEAST_SCORE = 0.5
# Two formats whose scores are nearer than this stay ambiguous.
LEAST_MARGIN = 0.15
SUREST = 0.999
MOST_EVIDENCE = 8.0


def evidence_of(weight: float) -> float:
    """What a rule of this weight adds to its format's evidence; -inf rules the format out.

    Example:
        >>> round(evidence_of(0.9), 3), round(evidence_of(-0.9), 3), evidence_of(-1.0)
        (2.303, -2.303, -inf)
    """
    if weight <= -1.0:
        return -math.inf
    size = -math.log1p(-min(abs(weight), SUREST))
    return math.copysign(size, weight) if weight else 0.0


def score_of(evidence: float) -> float:
    """The score, 0 to 1, of a sum of evidence.

    Example:
        >>> score_of(evidence_of(0.5) + evidence_of(0.5)), score_of(-3.0)
        (0.75, 0.0)
    """
    return -math.expm1(-max(evidence, 0.0))


@dataclass(frozen=True, slots=True)
class Decision:
    """What the rules say of one completion.

    Attributes:
        format: The winner, ``None`` where there is none.
        variant: The finer form its rules point to.
        reason: ``rules``, ``learned``, ``combined``, ``unknown`` or ``ambiguous``.
        confidence: 0 to 1.
        candidates: Every format with a score above 0, best first.
    """

    format: str | None
    variant: str | None
    reason: Reason
    confidence: float
    candidates: tuple[tuple[str, float], ...]


class RuleDecision:
    """Decides from fired rules; who asks about one combination often, remembers it.

    Args:
        formats: The shelf.
        rules: Every rule of every detector, in the order that indices refer to.
    """

    def __init__(self, formats: Sequence[Format], rules: Sequence[Rule]) -> None:
        self._rules = tuple(rules)
        self._evidence = tuple(evidence_of(rule.weight) for rule in rules)
        named = dict.fromkeys((*(f.name for f in formats), *(rule.format for rule in rules if rule.format)))
        #: Whose evidence `row` lists.
        self.names = tuple(named)
        self._place = place = {name: i for i, name in enumerate(named)}
        # Gates speak for no format, and count nothing: theirs is the last place.
        places = [place.get(rule.format, len(place)) for rule in rules]
        worth = [
            evidence if rule.format else 0.0 for rule, evidence in zip(rules, self._evidence, strict=True)
        ]
        self._ledger = Ledger(places, worth, len(place) + 1)
        self._last: tuple[object, array[float], dict[str, float]] = None, array("d"), {}
        # What tells the variants of a format apart, in the order of the rules: sums of floats depend on it.
        self._votes: dict[str, list[tuple[int, str, float]]] = {}
        for index, rule in enumerate(rules):
            if rule.variant:
                vote = index, rule.variant, max(self._evidence[index], 0.01)
                self._votes.setdefault(rule.format, []).append(vote)
        self.below = _outranked({f.name: f.outranks for f in formats})

    def sums(self, fired: tuple[int, ...]) -> dict[str, float]:
        """Capped evidence for each format that any fired rule speaks for or against.

        -8 to 8; a format that another one with evidence outranks keeps at most 0.
        """
        row = self.row(fired)
        return {name: row[self._place[name]] for name in self._spoken_of(fired)}

    def row(self, fired: tuple[int, ...]) -> array[float]:
        """`sums` of every format in the order of `names`, 0 where no fired rule speaks of it; and a 0."""
        totals, scores = self._added(fired)
        found = totals[:]
        if scores:
            beaten = self._beaten(scores)
            for name in scores:
                place = self._place[name]
                found[place] = 0.0 if name in beaten else min(found[place], MOST_EVIDENCE)
        if min(found) < -MOST_EVIDENCE:
            return array("d", [max(total, -MOST_EVIDENCE) for total in found])
        return found

    def __call__(self, fired: tuple[int, ...]) -> Decision:
        """The decision for one combination of rules."""
        # Most of what is spoken of is spoken against, and scores nothing.
        _, scores = self._added(fired)
        if not scores:
            return Decision(None, None, Reason.UNKNOWN, 1.0, ())
        if len(scores) == 1:
            # It beats nothing that has a score.
            alone = tuple(scores.items())
            return self._verdict(fired, alone if alone[0][1] >= LEAST_SCORE else (), alone)
        every = sorted(scores.items(), key=best_first)
        beaten = self._beaten(scores)
        ranked = [item for item in every if item[1] >= LEAST_SCORE and item[0] not in beaten]
        return self._verdict(fired, ranked, tuple(every))

    def _beaten(self, scores: Mapping[str, float]) -> set[str]:
        """Formats that another one, which stands on its own evidence, outranks."""
        found: set[str] = set()
        for name, score in scores.items():
            if score >= LEAST_SCORE:
                found.update(self.below.get(name, ()))
        return found

    def scores(self, fired: tuple[int, ...]) -> dict[str, float]:
        """Score of each format that any fired rule speaks for or against."""
        totals, _ = self._added(fired)
        return {name: score_of(totals[self._place[name]]) for name in self._spoken_of(fired)}

    def variant(self, name: str, fired: Sequence[int]) -> str | None:
        """The finer form of a format that the fired rules point to."""
        return self._variant(name, tuple(fired))

    def _spoken_of(self, fired: tuple[int, ...]) -> dict[str, None]:
        """The formats that any fired rule speaks for or against, in the order of the rules."""
        return dict.fromkeys(name for index in fired if (name := self._rules[index].format))

    def _added(self, fired: tuple[int, ...]) -> tuple[array[float], dict[str, float]]:
        """The total of each name, and the scores above 0; neither to be changed."""
        # Who asks for a verdict on a combination often asks for its evidence next.
        known, totals, scores = self._last
        if known is not fired:
            totals, positive = self._ledger(fired)
            # As `score_of`, of what is above 0.
            scores = {self.names[place]: -math.expm1(-totals[place]) for place in positive}
            self._last = fired, totals, scores
        return totals, scores

    def _verdict(
        self,
        fired: tuple[int, ...],
        ranked: Sequence[tuple[str, float]],
        every: tuple[tuple[str, float], ...],
    ) -> Decision:
        if not ranked:
            best = every[0][1] if every else 0.0
            return Decision(None, None, Reason.UNKNOWN, 1.0 - best, every)
        name, score = ranked[0]
        second = ranked[1][1] if len(ranked) > 1 else 0.0
        if score - second < LEAST_MARGIN:
            return Decision(None, None, Reason.AMBIGUOUS, 1.0 - (score - second), every)
        return Decision(name, self._variant(name, fired), Reason.RULES, score * (1.0 - second / 2), every)

    def _variant(self, name: str, fired: tuple[int, ...]) -> str | None:
        own = self._votes.get(name)
        if own is None:
            return None
        votes: dict[str, float] = {}
        told = set(fired)
        for index, variant, worth in own:
            if index in told:
                votes[variant] = votes.get(variant, 0.0) + worth
        return max(sorted(votes), key=lambda v: votes[v]) if votes else None


def best_first(item: tuple[str, float]) -> tuple[float, str]:
    """Sorts names with scores: by score, the highest first, then by name.

    Example:
        >>> sorted([("b", 0.5), ("c", 0.9), ("a", 0.5)], key=best_first)
        [('c', 0.9), ('a', 0.5), ('b', 0.5)]
    """
    return -item[1], item[0]


def _outranked(declared: Mapping[str, Sequence[str]]) -> dict[str, frozenset[str]]:
    """Everything each format outranks, directly or through another."""
    closed: dict[str, frozenset[str]] = {}
    for name in declared:
        seen: set[str] = set()
        waiting = list(declared[name])
        while waiting:
            below = waiting.pop()
            if below not in seen and below != name:
                seen.add(below)
                waiting.extend(declared.get(below, ()))
        closed[name] = frozenset(seen)
    return closed
