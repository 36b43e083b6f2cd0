"""Several runs of a report side by side: their settings and their outcomes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from echoformat.errors import InputError
from echoformat.measure.compare import Comparison, compare
from echoformat.measure.run_metadata import ALIASES, NAMES, RunMetadata, run_metadata
from echoformat.report.part import Part


def comparison_of(parts: Sequence[Part], given: Mapping[str, RunMetadata] | None = None) -> Comparison | None:
    """The runs that have completions, compared; ``None`` for fewer than two.

    Args:
        parts: Runs.
        given: Settings by title; what the log's own columns say fills in for the others.
    """
    whole = {part.title: part for part in parts if part.total and len(part.steps) > 1}
    if len(whole) < 2:
        return None
    settings = {title: (given or {}).get(title) or logged_settings(part) for title, part in whole.items()}
    return compare({title: part.stretched.series.run_counts() for title, part in whole.items()}, settings)


def logged_settings(part: Part) -> RunMetadata:
    """What the log's columns say of a run's settings; values of a wrong kind are left out.

    Example:
        >>> from echoformat.series import FormatSeries
        >>> facts = {"": {"kl_coef": 0.1, "seed": "a"}}
        >>> series = FormatSeries.from_counts([0], ["p"], ["x"], [1], metadata=facts)
        >>> logged_settings(Part("", "", series)).kl_coefficient
        0.1
    """
    facts = (part.series.metadata or {}).get(part.run, {})
    known: dict[str, Any] = {}
    for name, value in facts.items():
        if name in NAMES or name in ALIASES:
            try:
                run_metadata({name: value})
            except InputError:
                continue
            known[name] = value
    return run_metadata(known)
