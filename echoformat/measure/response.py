"""How a figure of several runs answers to a numeric setting: an exact trend test, a slope, and the power."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from echoformat.errors import UsageError
from echoformat.measure.arrays import Floats
from echoformat.measure.estimate import Estimate
from echoformat.measure.trend import Trend, jonckheere, trend_power


def log_dose(levels: ArrayLike) -> Floats:
    """Levels on a log10 axis; 0 stands a decade below the smallest that is not: ``log10(x + x_min/10)``.

    Args:
        levels: Non-negative numbers.

    Raises:
        UsageError: A negative level, or nothing above 0.

    Example:
        >>> log_dose([0.0, 0.01, 0.1]).round(2).tolist()
        [-3.0, -1.96, -1.0]
    """
    x = np.asarray(levels, dtype=np.float64)
    if not (x >= 0).all() or not (x > 0).any():
        raise UsageError(f"levels are {x.tolist()}; a log axis needs numbers from 0 and one above it")
    return np.log10(x + (x[x > 0].min() / 10 if (x == 0).any() else 0.0))


def slope(x: ArrayLike, y: ArrayLike, level: float = 0.95) -> Estimate:
    """Least-squares slope of ``y`` on ``x`` with a t interval; no interval for fewer than three runs.

    Args:
        x: Dose of each run.
        y: Value of each run.
        level: Nominal coverage.

    Raises:
        UsageError: Fewer than two different doses.

    Example:
        >>> slope([0, 1, 2], [5.0, 3.0, 1.0]).value
        -2.0
    """
    dose, value = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    if len(np.unique(dose)) < 2:
        raise UsageError("a slope needs two different doses")
    found = stats.linregress(dose, value)
    if len(dose) < 3:
        return Estimate(float(found.slope), level=level)
    reach = float(stats.t.ppf(0.5 + level / 2, len(dose) - 2)) * float(found.stderr)
    rate = float(found.slope)
    return Estimate(rate, float(found.stderr), rate - reach, rate + reach, level)


@dataclass(frozen=True, slots=True)
class Response:
    """How a figure answers to a setting, over the runs of one comparison set.

    Attributes:
        figure: What was measured.
        rises: Whether the claim expects it to rise with the setting.
        levels: Values of the setting.
        values: The figure of the runs at each level.
        trend: Exact one-sided test in the expected direction.
        slope: Change of the figure per tenfold of the setting.
        power: Power of this design for one standard deviation a level, at 5 %.
    """

    figure: str
    rises: bool
    levels: tuple[float, ...]
    values: tuple[tuple[float, ...], ...]
    trend: Trend
    slope: Estimate
    power: float

    def to_dict(self) -> dict[str, Any]:
        """The fields by name."""
        return asdict(self)


def response(
    figure: str, levels: Sequence[float], values: Sequence[Sequence[float]], rises: bool
) -> Response:
    """Test and size how a figure of the runs answers to a numeric setting.

    Args:
        figure: What was measured, in words.
        levels: Values of the setting, ascending.
        values: The figure of the runs at each level.
        rises: Whether it is expected to rise with the setting; say so before looking.

    Raises:
        UsageError: As :func:`jonckheere` and :func:`log_dose`.

    Example:
        >>> answer = response("share", [0.0, 0.01, 0.1, 1.0], [[0.96], [0.93], [0.88], [0.32]], rises=False)
        >>> round(1 / answer.trend.p_value), answer.slope.value < 0
        (24, True)
    """
    ordered = list(values) if rises else list(values)[::-1]
    sizes = [len(group) for group in values]
    doses = np.repeat(log_dose(levels), sizes)
    pooled = np.concatenate([np.asarray(group, dtype=np.float64) for group in values])
    return Response(
        figure,
        rises,
        tuple(levels),
        tuple(tuple(group) for group in values),
        jonckheere(ordered),
        slope(doses, pooled),
        trend_power(sizes, 1.0, replicates=2000),
    )
