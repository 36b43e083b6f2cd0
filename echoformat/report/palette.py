"""Which format gets which colour: the same on a whole page, the most common formats first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from echoformat.report.part import Part

SLOTS = 8


def colour_slots(parts: Iterable[Part]) -> dict[str, int]:
    """A slot for each of the formats with the largest summed shares, so that a small run counts as much.

    Example:
        >>> from echoformat.series import FormatSeries
        >>> one = FormatSeries.from_counts([0, 0], ["p", "p"], ["x", "y"], [1, 3])
        >>> colour_slots([Part("", "", one)])
        {'y': 0, 'x': 1}
    """
    weight: Counter[str] = Counter()
    for part in parts:
        shares = part.counts.sum(axis=0) / max(1, part.total)
        labelled = part.series.labelled
        weight.update(dict(zip(labelled, shares[: len(labelled)].tolist(), strict=True)))
    ordered = sorted(weight, key=lambda name: (-weight[name], name))
    return {name: slot for slot, name in enumerate(ordered[:SLOTS])}
