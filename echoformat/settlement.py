"""Settlement: what the rules alone make of each combination of rules that fires, worked out once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from echoformat.decision import Decision, RuleDecision
from echoformat.panel import Panel

if TYPE_CHECKING:
    from echoformat.judgement import Judge
    from echoformat.source_model import SourceJudge

MOST_REMEMBERED = 20_000


@dataclass(frozen=True, slots=True)
class Settled:
    """What the rules alone make of one combination.

    Attributes:
        decision: Their verdict; ``None`` where the model must be asked.
        parses: A parse is asked for before anything else is.
        ending: The declared ending of the verdict's format is there; ``None`` where none is declared.
    """

    decision: Decision | None
    parses: bool
    ending: bool | None


class Settlements(dict[tuple[int, ...], Settled]):
    """What the rules alone make of each combination of rules that fires, by the combination.

    A parse costs more than all patterns: only what they leave open is parsed.

    Args:
        panel: The detectors whose rules fire.
        decide: What follows from rules.
        judge: The model's; ``None`` for rules alone.
    """

    def __init__(self, panel: Panel, decide: RuleDecision, judge: Judge | SourceJudge | None) -> None:
        super().__init__()
        self._panel, self._decide, self._judge = panel, decide, judge

    def __reduce__(self) -> tuple[Any, ...]:
        return Settlements, (self._panel, self._decide, self._judge)

    def __missing__(self, fired: tuple[int, ...]) -> Settled:
        found = self.settle(fired)
        if len(self) < MOST_REMEMBERED:
            self[fired] = found
        return found

    def settle(self, fired: tuple[int, ...]) -> Settled:
        """What the rules alone make of one combination, worked out anew."""
        decision: Decision | None = self._decide(fired)
        if self._judge is not None and decision is not None:
            decision = self._judge.settled(decision)
        # Further detectors are asked about every text, so no one's verdict stands before they are heard.
        stands = decision is not None and self._judge is not None and not self._panel.others
        parses = self._panel.code_gate in fired and not stands
        return Settled(decision, parses, self.ending(decision, fired))

    def ending(self, decision: Decision | None, fired: Sequence[int]) -> bool | None:
        """Whether the declared ending of a decision's format is there; ``None`` where none is declared."""
        return None if decision is None else self._panel.ending(decision.format, fired)
