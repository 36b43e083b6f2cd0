"""Labelling: names behind a classifier's codes, and the labels and rows made of decisions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from echoformat.decision import Decision
from echoformat.detectors.repetition import Loop
from echoformat.format import Format
from echoformat.label import REASONS, STATUSES, Label, Reason, Status, Versions

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from echoformat.compat import CompatRule
    from echoformat.label_batch import LabelBatch
    from echoformat.mixture import Mixture

# Code, variant, reason, confidence, truncated, status: an entry of `echoformat.label_batch.ROW`.
Row = tuple[int, int, int, float, bool, int]
EMPTY = REASONS.index(Reason.EMPTY)
UNKNOWN = REASONS.index(Reason.UNKNOWN)
DEGENERATE = REASONS.index(Reason.DEGENERATE)
COMPAT = REASONS.index(Reason.COMPAT)
BLANK: Row = (-1, -1, EMPTY, 1.0, False, 0)


@dataclass(frozen=True, slots=True)
class Look:
    """Everything seen on one completion before it becomes a label.

    Attributes:
        decision: What was decided.
        fired: Indices of the rules that fired.
        status: Whether the whole text could be looked at.
        truncated: It looks cut off.
        loop: The loop it ends in, where it does.
    """

    decision: Decision
    fired: tuple[int, ...]
    status: Status
    truncated: bool
    loop: Loop | None


class Labelling:
    """The dictionaries of names behind a classifier's codes, and labels made from them.

    Args:
        formats: The shelf.
        mixture: Sources to attribute formats to.
        compat: The published rule whose labels replace the shelf's.
        versions: What the labels are made by.
    """

    def __init__(
        self,
        formats: Sequence[Format],
        mixture: Mixture | None,
        compat: CompatRule | None,
        versions: Versions,
    ) -> None:
        self.mixture = mixture
        self.names = compat.labels if compat else tuple(f.name for f in formats)
        self.families = compat.families if compat else tuple(f.family for f in formats)
        self.variants = tuple(sorted({v for f in formats for v in f.variants}))
        self.sources = tuple(source.name for source in mixture.sources) if mixture else ()
        self._code = {name: i for i, name in enumerate(self.names)}
        self._variant_code = {name: i for i, name in enumerate(self.variants)}
        self.versions = versions

    def family(self, format: str | None) -> str | None:
        """The family of a format, ``None`` for none."""
        return None if format is None else self.families[self._code[format]]

    def label(
        self, format: str | None, variant: str | None, reason: Reason, confidence: float, **rest: Any
    ) -> Label:
        """A label with its names filled in."""
        mixture = self.mixture
        return Label(
            format,
            variant,
            self.family(format),
            None if mixture is None else mixture.source_of(format),
            confidence,
            reason,
            versions=self.versions,
            **rest,
        )

    def compat_label(self, rule: CompatRule, text: str) -> Label:
        """The label that a published rule gives."""
        return self.label(rule.label(text), None, Reason.COMPAT, 1.0)

    def degenerate(self, decision: Decision, status: Status) -> Label:
        """The label of a completion that fell into a loop."""
        return self.label(None, None, Reason.DEGENERATE, 1.0, candidates=decision.candidates, status=status)

    def variant_code(self, variant: str | None) -> int:
        """Code of a variant, -1 for none."""
        return -1 if variant is None else self._variant_code[variant]

    def row(self, look: Look, status: Status) -> Row:
        """The row of what was seen on a completion."""
        if look.loop is not None:
            return (-1, -1, DEGENERATE, 1.0, False, STATUSES.index(status))
        made = look.decision
        return (
            -1 if made.format is None else self._code[made.format],
            self.variant_code(made.variant),
            REASONS.index(made.reason),
            made.confidence,
            look.truncated,
            STATUSES.index(status),
        )

    def compat_row(self, rule: CompatRule, text: str) -> Row:
        """The row of the label that a published rule gives."""
        return (self._code[rule.label(text)], -1, COMPAT, 1.0, False, 0)

    def table(self, rows: NDArray[Any]) -> LabelBatch:
        """Rows as columns."""
        import numpy as np

        from echoformat.label_batch import LabelBatch

        names = ("codes", "variants", "reasons", "confidence", "truncated", "statuses")
        own = {name: np.ascontiguousarray(rows[name]) for name in names}
        sources = self._source_codes()[own["codes"]]
        return LabelBatch(
            self.names,
            self.families,
            self.variants,
            self.sources,
            sources=sources,
            versions=self.versions,
            **own,
        )

    def _source_codes(self) -> Any:
        import numpy as np

        found = [None if self.mixture is None else self.mixture.source_of(name) for name in self.names]
        codes = [-1 if source is None else self.sources.index(source) for source in found]
        return np.array([*codes, -1], dtype=np.int16)


def row_of(value: Any) -> Row:
    """The row of something that is not a text: missing, or of another kind."""
    # A column of a table may hold its own kind of nothing.
    missing = is_missing(value.as_py() if hasattr(value, "as_py") else value)
    status = Status.MISSING if missing else Status.NOT_TEXT
    return (-1, -1, EMPTY if missing else UNKNOWN, 1.0, False, STATUSES.index(status))


def is_missing(value: Any) -> bool:
    """Whether a value stands for no value: ``None``, NaN, NaT or pandas' NA.

    Example:
        >>> is_missing(None), is_missing(float("nan")), is_missing(0)
        (True, True, False)
    """
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(value, float) and value != value
