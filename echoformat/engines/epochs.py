"""Pace: how many steps one pass over the training problems takes, where a log tells."""

from __future__ import annotations

from collections.abc import Iterable

from echoformat.completion import Completion

LEAST_STEPS = 3
ROUNDING, DRIFT = 1.5, 0.05


class Pace:
    """Steps in an epoch: as given, else from an `epoch` column that grows in proportion to the step.

    Logs call other things epochs too (repetitions of a sample, passes counted from 0). A column that does
    not put every step where one pace puts it, within 1.5 steps or 5 %, says nothing.

    Example:
        >>> rows = [Completion("", step=s, extras={"epoch": s / 30}) for s in range(40)]
        >>> pace = Pace(None)
        >>> pace.add(rows)
        >>> round(pace.steps_per_epoch)
        30
    """

    def __init__(self, given: float | None) -> None:
        self._given = given
        self._epochs: dict[int, float] = {}
        self._means_else = False

    def add(self, rows: Iterable[Completion]) -> None:
        """Look at the rows' epochs."""
        if self._given is not None:
            return
        for row in rows:
            epoch = row.extras.get("epoch")
            if isinstance(epoch, int | float) and not isinstance(epoch, bool) and row.step is not None:
                seen = self._epochs.setdefault(row.step, float(epoch))
                self._means_else |= seen != epoch

    @property
    def steps_per_epoch(self) -> float | None:
        """The pace; ``None`` where the log does not tell."""
        if self._given is not None:
            return self._given
        last = max(self._epochs, default=0)
        if self._means_else or len(self._epochs) < LEAST_STEPS or not self._epochs[last] > 0 or last <= 0:
            return None
        pace = last / self._epochs[last]
        fits = all(
            abs(epoch * pace - step) <= max(ROUNDING, DRIFT * step) for step, epoch in self._epochs.items()
        )
        return pace if fits else None
