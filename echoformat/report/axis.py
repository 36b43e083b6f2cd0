"""Axes of a picture: from figures to pixels, and where the ticks stand."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
STEPS_OF_A_TICK = (1, 2, 5, 10)


@dataclass(frozen=True, slots=True)
class Axis:
    """A straight or logarithmic map from figures to pixels.

    Attributes:
        low: Figure at `start`.
        high: Figure at `end`.
        start: First pixel.
        end: Last pixel; below `start` for an axis that points up.
        log: Map log(1 + figure - low), so that the first step has a place.
    """

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def __call__(self, values: Floats) -> Floats:
        """Pixels of figures.

        Example:
            >>> Axis(0, 10, 100, 200)(np.array([0.0, 5.0])).tolist()
            [100.0, 150.0]
        """
        width = self.high - self.low
        part = (values - self.low) / (width or 1.0)
        if self.log:
            part = np.log1p(values - self.low) / (math.log1p(width) or 1.0)
        return self.start + part * (self.end - self.start)

    def ticks(self, most: int) -> list[float]:
        """Round figures for at most about `most` ticks.

        Example:
            >>> Axis(0, 39, 0, 1).ticks(6), Axis(0.0, 1000, 0, 1, log=True).ticks(6)
            ([0.0, 10.0, 20.0, 30.0], [0.0, 1.0, 10.0, 100.0, 1000.0])
        """
        if self.high <= self.low:
            return [self.low]
        return self._log_ticks(most) if self.log else self._even_ticks(most)

    def _even_ticks(self, most: int) -> list[float]:
        rough = (self.high - self.low) / most
        size = 10.0 ** math.floor(math.log10(rough))
        gap = size * next(step for step in STEPS_OF_A_TICK if step * size >= rough * 0.999)
        first = math.ceil(self.low / gap - 1e-9)
        last = math.floor(self.high / gap + 1e-9)
        return [float(i * gap) for i in range(first, last + 1)]

    def _log_ticks(self, most: int) -> list[float]:
        decades = range(math.floor(math.log10(max(1.0, self.high - self.low))) + 1)
        factors = (1, 2, 5) if len(decades) * 3 <= most else (1,)
        offsets = [factor * 10.0**decade for decade in decades for factor in factors]
        return [self.low, *(self.low + offset for offset in offsets if offset <= self.high - self.low)]
