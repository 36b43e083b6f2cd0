"""Label: the verdict on one completion, with its reason and evidence."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol


class Reason(StrEnum):
    """Why a label is what it is. The last four are the states of an unlabelled completion."""

    RULES = "rules"
    LEARNED = "learned"
    COMBINED = "combined"
    COMPAT = "compat"
    EMPTY = "empty"
    DEGENERATE = "degenerate"
    UNKNOWN = "unknown"
    AMBIGUOUS = "ambiguous"


REASONS: tuple[Reason, ...] = tuple(Reason)
UNLABELLED: tuple[Reason, ...] = (Reason.EMPTY, Reason.DEGENERATE, Reason.UNKNOWN, Reason.AMBIGUOUS)


class Status(StrEnum):
    """Whether the whole text could be looked at."""

    OK = "ok"
    MISSING = "missing"
    NOT_TEXT = "not_text"
    TRUNCATED_VIEW = "truncated_view"
    TIMEOUT = "timeout"
    CRASH = "crash"


STATUSES: tuple[Status, ...] = tuple(Status)


@dataclass(frozen=True, slots=True)
class Evidence:
    """One rule that fired.

    Attributes:
        format: The format it speaks for (or against, where the weight is negative).
        rule: Its name.
        detector: The technique: ``pattern``, ``syntax``, ``learned``, ``repetition``.
        start: First character of the span in the completion, from 0.
        end: One past its last character.
        weight: As declared.
    """

    format: str
    rule: str
    detector: str
    start: int
    end: int
    weight: float


@dataclass(frozen=True, slots=True)
class Versions:
    """What made a label: labels of different versions are not one series."""

    echoformat: str
    taxonomy: str
    rules: str
    model: str = ""

    def to_dict(self) -> dict[str, str]:
        """As a JSON-able mapping."""
        return {
            "echoformat": self.echoformat,
            "taxonomy": self.taxonomy,
            "rules": self.rules,
            "model": self.model,
        }


class Unread(Protocol):
    """What a label says at length, until someone reads it."""

    def evidence(self) -> tuple[Evidence, ...]:
        """The rules that fired for the candidates, by position."""
        ...

    def mixture(self) -> dict[str, float]:
        """Fractions of the characters by format."""
        ...


LATER = ("evidence", "mixture")


class _Reads:
    """A value that works out some of its fields when they are first read, and keeps them."""

    __slots__ = ("_unread",)

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """What is not there yet."""
            if name not in LATER:
                raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
            unread = self._unread
            # Another thread may have read the last of it in the meantime: then it is there now.
            if unread is None:
                return object.__getattribute__(self, name)
            object.__setattr__(self, name, getattr(unread, name)())
            if all(_is_there(self, other) for other in LATER):
                object.__setattr__(self, "_unread", None)
            return object.__getattribute__(self, name)


def _is_there(value: Any, name: str) -> bool:
    try:
        object.__getattribute__(value, name)
    except AttributeError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class Label(_Reads):
    """The verdict on one completion.

    What `classify` returns works out `evidence` and `mixture` when they are first read (or compared, printed,
    pickled), and holds the completion until then; the values are the same whenever that is.

    Attributes:
        format: Name of the format; ``None`` where there is none (then `reason` is the state).
        variant: The finer form within the format, ``None`` where not told apart.
        family: Medium of the format; ``None`` with the format.
        source: Source of the declared mixture that shows this format; ``None`` without a mixture.
        confidence: Probability that the verdict is right, 0 to 1.
        reason: What decided.
        evidence: The rules that fired for the candidates, by position.
        truncated: The completion looks cut off.
        candidates: Formats with evidence and their scores 0 to 1, best first.
        mixture: Fractions of the characters by format, where the completion switches; sums to at most 1.
        status: Whether the whole text could be looked at.
        versions: What made this label.
    """

    format: str | None
    variant: str | None
    family: str | None
    source: str | None
    confidence: float
    reason: Reason
    evidence: tuple[Evidence, ...] = ()
    truncated: bool = False
    candidates: tuple[tuple[str, float], ...] = ()
    mixture: dict[str, float] = field(default_factory=dict)
    status: Status = Status.OK
    versions: Versions | None = None

    @property
    def name(self) -> str:
        """The format, or the state where there is none.

        Example:
            >>> Label(None, None, None, None, 1.0, Reason.EMPTY).name
            'empty'
        """
        return self.format if self.format is not None else self.reason.value

    def to_dict(self) -> dict[str, Any]:
        """As a JSON-able mapping."""
        return {
            "format": self.format,
            "variant": self.variant,
            "family": self.family,
            "source": self.source,
            "confidence": round(self.confidence, 6),
            "reason": self.reason.value,
            "truncated": self.truncated,
            "status": self.status.value,
            "candidates": [[name, round(score, 6)] for name, score in self.candidates],
            "mixture": {name: round(part, 6) for name, part in self.mixture.items()},
            "evidence": [
                {
                    "format": item.format,
                    "rule": item.rule,
                    "detector": item.detector,
                    "start": item.start,
                    "end": item.end,
                    "weight": item.weight,
                }
                for item in self.evidence
            ],
            "versions": None if self.versions is None else self.versions.to_dict(),
        }


def read_later(label: Label, unread: Unread) -> Label:
    """A label just made, whose `evidence` and `mixture` are worked out when someone reads them."""
    for name in LATER:
        object.__delattr__(label, name)
    object.__setattr__(label, "_unread", unread)
    return label
