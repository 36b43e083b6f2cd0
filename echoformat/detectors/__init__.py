"""Techniques that find a format's rules in a completion, and the protocol they share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from echoformat.label import Status


@dataclass(frozen=True, slots=True)
class Rule:
    """One declared rule with the format it belongs to.

    Attributes:
        format: Name of the format; ``""`` for a gate that only tells whether to look closer.
        name: Name of the rule within it.
        detector: Technique that finds it.
        weight: As declared, -1 to 1.
        variant: As declared.
    """

    format: str
    name: str
    detector: str
    weight: float
    variant: str = ""


@dataclass(frozen=True, slots=True)
class Findings:
    """What a detector found in one completion.

    Attributes:
        fired: Indices into the detector's `rules`, ascending.
        status: Whether it could look at the whole text.
    """

    fired: tuple[int, ...]
    status: Status = Status.OK


NOTHING = Findings(())


class Detector(Protocol):
    """A technique. It says which of its rules fire; what follows from them is decided elsewhere."""

    @property
    def rules(self) -> Sequence[Rule]:
        """Every rule it knows, in the order that indices refer to."""
        ...

    def find(self, text: str) -> Findings:
        """The rules that fire on one view of a completion."""
        ...

    def span(self, rule: int, text: str) -> tuple[int, int]:
        """Where in the view a rule fires; only called for rules that fired on it."""
        ...
