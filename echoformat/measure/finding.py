"""Finding: one claim of the study, held against one run, with no more certainty than its interval allows."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from echoformat.measure.estimate import Estimate

ACCOUNTING = "accounting, not causation"


class Verdict(StrEnum):
    """What the run says about a claim."""

    SUPPORTED = "supported"
    CONTRADICTED = "contradicted"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Finding:
    """A claim and what the run says about it.

    Attributes:
        claim: Short id, as the study's notes number it.
        statement: The claim in words.
        verdict: Supported, contradicted or undecided by this run.
        figure: What was measured, in words.
        estimate: The figure with its interval; ``None`` where there is no number to give.
        decides: What would decide it, or settle it better.
        caveats: What a reader must know before repeating it.
    """

    claim: str
    statement: str
    verdict: Verdict
    figure: str
    estimate: Estimate | None = None
    decides: str = ""
    caveats: tuple[str, ...] = ()

    def sentence(self) -> str:
        """The finding in one line.

        Example:
            >>> share = Estimate(0.9, 0.02, 0.86, 0.94)
            >>> Finding("C1", "One format wins.", Verdict.SUPPORTED, "its share", share).sentence()
            'C1 supported: One format wins. (its share 0.900, 95 % interval 0.860 to 0.940)'
        """
        return f"{self.claim} {self.verdict}: {self.statement} ({self.figure}{number(self.estimate)})"

    def to_dict(self) -> dict[str, Any]:
        """The fields by name."""
        return asdict(self)


def number(estimate: Estimate | None) -> str:
    """An estimate as words behind the name of its figure.

    Example:
        >>> number(Estimate(0.5)), number(None)
        (' 0.500', '')
    """
    if estimate is None or math.isnan(estimate.value):
        return ""
    if not estimate.bounded:
        return f" {estimate.value:.3f}"
    level = f"{100 * estimate.level:.0f} % interval"
    return f" {estimate.value:.3f}, {level} {estimate.low:.3f} to {estimate.high:.3f}"


def above(estimate: Estimate, point: float) -> Verdict:
    """Supported where the whole interval lies above ``point``, contradicted where it lies below.

    Example:
        >>> above(Estimate(0.3, 0.1, 0.1, 0.5), 0.0).value, above(Estimate(0.3), 0.0).value
        ('supported', 'undecided')
    """
    if not estimate.excludes(point):
        return Verdict.UNDECIDED
    return Verdict.SUPPORTED if estimate.value > point else Verdict.CONTRADICTED


def yes_no(answer: bool | None) -> Verdict:
    """Supported for yes, contradicted for no, undecided for ``None``.

    Example:
        >>> yes_no(None).value
        'undecided'
    """
    if answer is None:
        return Verdict.UNDECIDED
    return Verdict.SUPPORTED if answer else Verdict.CONTRADICTED


def undecided(claim: str, statement: str, lacking: str, decides: str) -> Finding:
    """A finding for a run that lacks what the claim needs.

    Args:
        claim: Its id.
        statement: The claim in words.
        lacking: What the run has not.
        decides: What would decide it.

    Example:
        >>> undecided("C2", "Half of the shift is early.", "no epoch", "steps in an epoch").verdict.value
        'undecided'
    """
    return Finding(claim, statement, Verdict.UNDECIDED, lacking, None, decides)
