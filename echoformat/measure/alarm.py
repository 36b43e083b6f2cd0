"""CollapseAlarm: a small stateful watch over the shares that a training loop can carry and checkpoint."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from echoformat.errors import UsageError
from echoformat.measure.arrays import Floats, as_counts
from echoformat.measure.evidence import STAKES, e_process, log_mean, multinomial_e_value
from echoformat.measure.wilson import cluster_wilson

__all__ = ["CollapseAlarm", "e_process", "multinomial_e_value"]


class CollapseAlarm:
    """Rings when a format's share has risen above its base, or above an absolute cap, with few false alarms.

    For every format an e-CUSUM (see `evidence.e_process`) over the shares of the step's problems, against
    theta_0 = upper 97.5 % cluster Wilson limit of its base share + margin; a second one against `cap`. An
    alarm of one format needs evidence of K x `run_length`. On average at least `run_length` steps pass before
    a false rise, and as many before a false cap; the chance of one within n steps is at most n/`run_length`
    each, where the base share lies below theta_0. In simulation (`benchmarks/simulations.py alarm`: 64
    problems of 8 a step, base of 256): no false alarm in 400 runs of 200 steps, and the alarm 5 steps after a
    tenth of the move. Problems, not completions, are the independent pieces.

    The base is given, or taken from the first `warmup` problems of the run; until then no alarm can ring.

    Attributes:
        formats: Number of formats K.
        fired: Whether it has rung.
        fired_at: Step of the first alarm; `None` before.
        format_index: Format that rang first.
        kind: "rise" or "cap".
        steps: Updates seen.

    Example:
        >>> base = [[2, 6]] * 64
        >>> alarm = CollapseAlarm(2, base=base)
        >>> any(alarm.update(base) for _ in range(50))
        False
        >>> [alarm.update([[6, 2]] * 64) for _ in range(2)], alarm.fired_at, alarm.format_index
        ([True, True], 50, 0)
        >>> copy = CollapseAlarm.from_state_dict(alarm.state_dict())
        >>> copy.fired_at
        50
    """

    def __init__(
        self,
        formats: int,
        *,
        base: ArrayLike | None = None,
        run_length: float = 1000.0,
        margin: float = 0.04,
        cap: float = 0.9,
        warmup: int = 128,
    ) -> None:
        """Set it up.

        Args:
            formats: Number of formats (columns of every update).
            base: [problems, formats] counts at the base checkpoint.
            run_length: Mean steps to a false alarm, at least.
            margin: Rise above the base's upper limit that is no alarm yet.
            cap: Share above which a format has collapsed the run.
            warmup: Problems to learn the base from where none is given.

        Raises:
            UsageError: A setting out of range, or a base that does not fit.
        """
        if formats < 1 or run_length <= 1 or not 0 <= margin < 1 or not 0 < cap < 1 or warmup < 2:
            raise UsageError(
                f"formats={formats}, run_length={run_length}, margin={margin}, cap={cap}, warmup={warmup}: "
                "need formats >= 1, run_length > 1, margin in [0, 1), cap in (0, 1), warmup >= 2"
            )
        self.formats, self.run_length, self.margin, self.cap, self.warmup = (
            formats,
            run_length,
            margin,
            cap,
            warmup,
        )
        self.steps = 0
        self.fired_at: int | float | None = None
        self.format_index: int | None = None
        self.kind: str | None = None
        self._limits: list[float] | None = None
        self._seen: list[list[float]] = []
        self._log = {kind: np.zeros((formats, len(STAKES))) for kind in ("rise", "cap")}
        if base is not None:
            self._learn(self._rows(base))

    @property
    def fired(self) -> bool:
        """Whether it has rung."""
        return self.fired_at is not None

    @property
    def limits(self) -> tuple[float, ...] | None:
        """theta_0 of every format; `None` while the base is being learned."""
        return None if self._limits is None else tuple(self._limits)

    @property
    def evidence(self) -> dict[str, list[float]]:
        """Log evidence of every format for a rise and for the cap; an alarm needs ln(K run_length)."""
        return {kind: log_mean(log).tolist() for kind, log in self._log.items()}

    def false_alarm_bound(self, steps: int) -> float:
        """Largest chance of a false alarm within this many steps, both kinds together.

        Example:
            >>> CollapseAlarm(3, run_length=20_000).false_alarm_bound(200)
            0.02
        """
        return min(1.0, 2 * steps / self.run_length)

    def update(self, counts: ArrayLike, step: float | None = None) -> bool:
        """Take one step's completions and say whether the alarm has rung, now or before.

        Args:
            counts: [problems, formats] completions of each format, or shares of each problem; problems
            without
                completions are ignored.
            step: Number of the step for `fired_at`; counted from 0 without it.

        Raises:
            UsageError: Wrong shape.
        """
        rows = self._rows(counts)
        now = self.steps if step is None else step
        self.steps += 1
        if self._limits is None:
            self._warm(rows)
            return False
        if len(rows):
            self._bet(rows / rows.sum(axis=1, keepdims=True), now)
        return self.fired

    def _rows(self, counts: ArrayLike) -> Floats:
        rows = np.asarray(as_counts(counts, axes=2), dtype=np.float64)
        if rows.shape[1] != self.formats:
            raise UsageError(f"the alarm watches {self.formats} formats, got {rows.shape[1]} columns")
        return np.asarray(rows[rows.sum(axis=1) > 0])

    def _warm(self, rows: Floats) -> None:
        self._seen.extend(rows.tolist())
        if len(self._seen) >= self.warmup:
            self._learn(np.array(self._seen))
            self._seen = []

    def _learn(self, rows: Floats) -> None:
        if len(rows) < 2:
            raise UsageError(f"a base needs two problems with completions, got {len(rows)}")
        self._limits = [min(float(high) + self.margin, 1.0) for high in cluster_wilson(rows).high]

    def _bet(self, shares: Floats, now: float) -> None:
        assert self._limits is not None
        for kind, limits in (("rise", np.array(self._limits)), ("cap", np.full(self.formats, self.cap))):
            # A format that already holds everything at the base cannot rise.
            open_ = limits < 1
            self._log[kind][open_] = np.maximum(self._log[kind][open_], 0) + _gains(
                shares[:, open_], limits[open_]
            )
            rung = np.flatnonzero(log_mean(self._log[kind]) >= self._enough)
            if len(rung) and not self.fired:
                self.fired_at, self.format_index, self.kind = now, int(rung[0]), kind

    @property
    def _enough(self) -> float:
        return math.log(self.formats * self.run_length)

    def state_dict(self) -> dict[str, Any]:
        """Everything needed to go on later, as plain JSON values."""
        return {
            "version": 1,
            "settings": {name: getattr(self, name) for name in _SETTINGS},
            "steps": self.steps,
            "fired_at": self.fired_at,
            "format_index": self.format_index,
            "kind": self.kind,
            "limits": self._limits,
            "seen": self._seen,
            "log": {kind: log.tolist() for kind, log in self._log.items()},
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a saved state; the settings become those of the state.

        Raises:
            UsageError: Not a state of this version, or one whose arrays do not fit its settings.
        """
        missing = {"settings", "steps", "fired_at", "limits", "seen", "log"} - set(state)
        if state.get("version") != 1 or missing:
            raise UsageError(
                f"not a state of CollapseAlarm version 1; missing: {', '.join(sorted(missing)) or 'none'}"
            )
        fresh = type(self)(**{name: state["settings"][name] for name in _SETTINGS})
        log = {kind: np.array(state["log"][kind], dtype=np.float64) for kind in ("rise", "cap")}
        limits: Sequence[float] | None = state["limits"]
        if any(a.shape != (fresh.formats, len(STAKES)) for a in log.values()) or (
            limits is not None and len(limits) != fresh.formats
        ):
            raise UsageError(f"the saved evidence does not fit {fresh.formats} formats; the state is damaged")
        self.__dict__.update(fresh.__dict__)
        self.steps, self.fired_at = int(state["steps"]), state["fired_at"]
        self.format_index, self.kind = state.get("format_index"), state.get("kind")
        self._limits = None if limits is None else [float(limit) for limit in limits]
        self._seen, self._log = [list(map(float, row)) for row in state["seen"]], log

    @classmethod
    def from_state_dict(cls, state: Mapping[str, Any]) -> CollapseAlarm:
        """A new alarm that goes on from a saved state."""
        alarm = cls(1)
        alarm.load_state_dict(state)
        return alarm


def _gains(shares: Floats, limits: Floats) -> Floats:
    """Log gains [formats, stakes] of one step: `evidence.bet` for all formats at once."""
    stakes = np.array(STAKES) / limits[:, None]
    return np.asarray(np.log1p((shares - limits)[:, :, None] * stakes).sum(axis=0))


_SETTINGS = ("formats", "run_length", "margin", "cap", "warmup")
