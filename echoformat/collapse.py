"""Collapse: which format dominates at the end of a run, whether it took over, when, and whether it kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from echoformat.measure.interval import Interval
from echoformat.measure.intervals import cluster_wilson
from echoformat.measure.onset import onset
from echoformat.measure.run_counts import RunCounts
from echoformat.measure.takeover import took_over
from echoformat.measure.transition import MIN_CHANGE, Transition, TransitionState, transitions
from echoformat.measure.window import end_rows
from echoformat.measure.winner import Outcome, winner


@dataclass(frozen=True, slots=True)
class Mover:
    """A format whose share moved beyond the drift of a run without selection."""

    format: str
    base_share: float
    share: float


@dataclass(frozen=True, slots=True)
class Collapse:
    """The verdict on one run.

    Attributes:
        dominant: Format with the largest share at the end; ``None`` where nothing is labelled.
        share: Its share at the end (`measure.window.end_rows`).
        low: Lower 95 % limit of it, clustered by problem.
        high: Upper 95 % limit.
        base_share: Its share at the start.
        outcome: ``won``, ``leading`` (rose, but not beyond doubt to the top), ``already dominant``, ``none``.
        winner: The dominant format where it won, led after a real transition, or was dominant all along.
        collapsed: It keeps at least `threshold` of the share from `onset` to the end.
        onset: First step of that stretch; ``None`` where there is no collapse.
        threshold: The share that a collapse keeps.
        transition: The dominant format's move: t10, t50, t90 in steps and epochs with intervals; its state is
            ``none`` where the move is too small to tell from drift.
        movers: Every format that moved so, largest move first.
    """

    dominant: str | None
    share: float
    low: float
    high: float
    base_share: float
    outcome: str
    winner: str | None
    collapsed: bool
    onset: int | None
    threshold: float
    transition: Transition | None
    movers: tuple[Mover, ...] = ()

    def sentence(self) -> str:
        """The verdict in words.

        Example:
            >>> find_collapse(RunCounts(np.array([0]), ("p",), ("empty",), np.ones((1, 1, 1), int),
            ...                         unlabelled=("empty",)), 0.8, 0).sentence()
            'No completion has a format.'
        """
        if self.dominant is None:
            return "No completion has a format."
        if self.outcome == Outcome.ALREADY_DOMINANT:
            return f"{self.dominant} was dominant from the start: {self._from_to()}.{self._kept()}"
        if self.winner is None:
            return f"No format took over. {self._lead()}"
        return f"{self.dominant} won: it rose {self._from_to()}{self._when()}.{self._kept()}"

    def _from_to(self) -> str:
        return (
            f"from {self.base_share:.0%} to {self.share:.0%} of the completions "
            f"(95 % interval {self.low:.0%} to {self.high:.0%})"
        )

    def _lead(self) -> str:
        others = [m for m in self.movers if m.format != self.dominant]
        moved = "; ".join(f"{m.format} went from {m.base_share:.0%} to {m.share:.0%}" for m in others)
        rest = f" Meanwhile {moved}." if moved else ""
        return f"{self.dominant} has the largest share at the end, {self._from_to()}.{rest}"

    def _when(self) -> str:
        t = self.transition
        if t is None or t.t50 is None:
            return ""
        inside = "" if t.t50_interval is None else _limits(t.t50_interval)
        epoch = "" if t.epoch is None else f", epoch {t.epoch:.2f}"
        early = t.state is TransitionState.LEFT_CENSORED
        return f", half of the way by step {t.t50:.1f}{inside}{epoch}" + (
            "; it may have begun before the log" if early else ""
        )

    def _kept(self) -> str:
        if self.onset is None:
            return f" It has not collapsed the others: no stretch up to the end keeps {self.threshold:.0%}."
        return (
            f" From step {self.onset} on it keeps at least {self.threshold:.0%}: the others have collapsed."
        )

    def to_dict(self) -> dict[str, Any]:
        """As a JSON-able mapping without NaN."""
        facts = {
            name: _plain(getattr(self, name))
            for name in self.__slots__
            if name not in ("transition", "movers")
        }
        return facts | {
            "transition": None if self.transition is None else _transition_dict(self.transition),
            "movers": [
                {"format": m.format, "base_share": _plain(m.base_share), "share": _plain(m.share)}
                for m in self.movers
            ],
            "sentence": self.sentence(),
        }


def _limits(interval: Interval) -> str:
    return f" ({interval.low:.1f} to {interval.high:.1f})"


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 9) if np.isfinite(value) else None
    return value


def _transition_dict(found: Transition) -> dict[str, Any]:
    limits = {
        f"{name}_interval": None if side is None else [_plain(side.low), _plain(side.high)]
        for name, side in (
            ("t10", found.t10_interval),
            ("t50", found.t50_interval),
            ("t90", found.t90_interval),
            ("epoch", found.epoch_interval),
        )
    }
    names = ("t10", "t50", "t90", "epoch", "base", "plateau", "settled")
    return {"state": found.state.value, **{n: _plain(getattr(found, n)) for n in names}, **limits}


def find_collapse(run: RunCounts, threshold: float = 0.8, replicates: int = 200) -> Collapse:
    """The verdict on one run's counts.

    Args:
        run: Its counts.
        threshold: Share that a collapse keeps, above 0.5.
        replicates: Bootstrap replicates, by problem, behind the intervals of the transition.
    """
    columns = np.flatnonzero(run.labelled)
    if not run.counts[:, :, columns].any():
        return Collapse(None, 0.0, 0.0, 1.0, 0.0, Outcome.NONE, None, False, None, threshold, None)
    first, last = _ends(run)
    column = int(columns[last[:, columns].sum(axis=0).argmax()])
    end = cluster_wilson(last, column)
    found = _transitions(run, column, replicates)
    won = winner(first, last, eligible=run.labelled)
    outcome, name = won.outcome, run.formats[column]
    taken = took_over(won, found[column])
    kept = onset(_shares(run.counts)[:, columns], run.steps, threshold)
    return Collapse(
        name,
        end.point,
        end.low,
        end.high,
        float(first[:, column].sum() / first.sum()),
        outcome,
        name if taken else None,
        kept is not None,
        None if kept is None else int(kept.step),
        threshold,
        found[column],
        _movers(run, found, first, last),
    )


def _ends(run: RunCounts) -> tuple[NDArray[Any], NDArray[Any]]:
    first, last = end_rows(run.counts)
    return run.counts[:first].sum(axis=0), run.counts[-last:].sum(axis=0)


def _transitions(run: RunCounts, dominant: int, replicates: int) -> dict[int, Transition]:
    """Transitions of the dominant format and of every one whose share spans enough to have moved at all."""
    span = np.ptp(_shares(run.counts), axis=0)
    only = tuple(i for i in range(len(run.formats)) if i == dominant or span[i] >= MIN_CHANGE)
    pace = run.steps_per_epoch
    found = transitions(run.counts, run.steps, steps_per_epoch=pace, replicates=replicates, only=only)
    return dict(zip(only, found, strict=True))


def _shares(counts: NDArray[Any]) -> NDArray[Any]:
    pooled = counts.sum(axis=1)
    return np.asarray(pooled / np.maximum(pooled.sum(axis=1, keepdims=True), 1))


def _movers(
    run: RunCounts, found: dict[int, Transition], first: NDArray[Any], last: NDArray[Any]
) -> tuple[Mover, ...]:
    before, after = first.sum(axis=0) / first.sum(), last.sum(axis=0) / last.sum()
    moved = [
        Mover(name, float(before[i]), float(after[i]))
        for i, name in enumerate(run.formats)
        if i in found and found[i].state is not TransitionState.NONE
    ]
    return tuple(sorted(moved, key=lambda m: -abs(m.share - m.base_share)))
