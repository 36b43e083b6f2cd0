"""Ledger: what fired rules count for and against formats, added up, by the compiled part if there is one."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Any

from echoformat.compiled import native


class Ledger:
    """Adds up what rules count, each at its place.

    Args:
        places: Where each rule counts.
        worth: What it counts there.
        size: How many places there are.

    Example:
        >>> ledger = Ledger([0, 1, 0], [2.0, -1.0, 0.5], 2)
        >>> totals, positive = ledger((0, 1, 2))
        >>> totals.tolist(), positive
        ([2.5, -1.0], [0])
    """

    def __init__(self, places: Sequence[int], worth: Sequence[float], size: int) -> None:
        self._given = array("i", places), array("d", worth), size
        self._zeros = array("d", [0.0]) * size
        compiled = native()
        self._add = _adder(*self._given) if compiled is None else compiled.Ledger(*self._given).add

    def __reduce__(self) -> tuple[Any, ...]:
        return Ledger, self._given

    def __call__(self, fired: tuple[int, ...]) -> tuple[array[float], list[int]]:
        """The total of each place, and the places whose total is above 0, ascending."""
        totals = self._zeros[:]
        return totals, self._add(fired, totals)


def _adder(places: Sequence[int], worth: Sequence[float], size: int) -> Any:
    pairs = list(zip(places, worth, strict=True))
    if not all(0 <= place < size for place in places):
        raise ValueError(f"a rule counts at no place of {size}")

    def add(fired: tuple[int, ...], totals: array[float]) -> list[int]:
        for rule in fired:
            place, counts = pairs[rule]
            totals[place] += counts
        return [place for place, total in enumerate(totals) if total > 0]

    return add
