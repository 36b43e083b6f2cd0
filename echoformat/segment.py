"""Segments: a completion as spans of one format each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

HYBRID_FAMILIES = ("hybrid", "agent", "structured")
LEAST_SEGMENT = 60


@dataclass(frozen=True, slots=True)
class Segment:
    """One span of a completion.

    Attributes:
        start: Its first character, from 0.
        end: One past its last.
        format: Its format, ``None`` where none could be told.
        share: Its part of the completion's characters, 0 to 1; shares of all segments sum to 1.
    """

    start: int
    end: int
    format: str | None
    share: float


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a completion with the format that it shows on its own."""

    start: int
    end: int
    format: str | None


def merge(spans: Sequence[Span], primary: str | None, part_of: Mapping[str, frozenset[str]]) -> list[Span]:
    """Join neighbouring spans of one format.

    Args:
        spans: Pieces in their order, without gaps.
        primary: Format of the completion as a whole; a short span, and one whose look is part of the
            primary's, counts as the primary's; so does what leads up to it without a format of its own.
        part_of: Formats that each format's look contains.

    Example:
        >>> spans = [Span(0, 90, "tinygsm"), Span(90, 100, None), Span(100, 300, "prose")]
        >>> [(s.start, s.end, s.format) for s in merge(spans, "tinygsm", {})]
        [(0, 100, 'tinygsm'), (100, 300, 'prose')]
    """
    inner = part_of.get(primary or "", frozenset())
    merged: list[Span] = []
    for span in spans:
        short = span.end - span.start < LEAST_SEGMENT
        leads = span.format is None and all(s.format in (None, primary) for s in merged)
        format = primary if short or leads or span.format in inner else span.format
        if merged and merged[-1].format == format:
            merged[-1] = Span(merged[-1].start, span.end, format)
        else:
            merged.append(Span(span.start, span.end, format))
    return merged


def mixture_of(segments: Sequence[Segment]) -> dict[str, float]:
    """Share of characters by format, largest first; what has no format is left out.

    Example:
        >>> mixture_of([Segment(0, 5, "json", 0.5), Segment(5, 10, None, 0.5)])
        {'json': 0.5}
    """
    shares: dict[str, float] = {}
    for segment in segments:
        if segment.format is not None:
            shares[segment.format] = shares.get(segment.format, 0.0) + segment.share
    return dict(sorted(shares.items(), key=lambda item: (-item[1], item[0])))
