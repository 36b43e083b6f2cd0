"""Watcher: follows a run that is being written, labels what is new, and knows when an alarm rings."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from echoformat.classifier import Classifier
from echoformat.completion import Completion
from echoformat.label_batch import LabelBatch
from echoformat.live.bell import Bell, Ring
from echoformat.live.label_store import LabelStore, clean, finite_or_none, problem_of_row, step_of
from echoformat.live.ledger import steps_of
from echoformat.live.stack import SeriesStack
from echoformat.rollouts.following import Following
from echoformat.series import FormatSeries

MOST_FORMATS = 16
"""Formats that the alarm watches by name; those with the fewest completions are heard as one."""


class Watcher:
    """Labels and counts of a followed path, exact through restarts.

    Args:
        path: The directory (or file) that the run writes.
        store: Where labels and place are kept.
        classifier: What labels.
        alarm: Settings of `echoformat.measure.alarm.CollapseAlarm`.
        reading: As for `Following`: `columns`, `step_from`, `reasoning`, `run`, `tokenizer`.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        store: LabelStore,
        classifier: Classifier,
        alarm: Mapping[str, Any] | None = None,
        **reading: Any,
    ) -> None:
        self.store, self.classifier = store, classifier
        self.following = Following(path, state=store.state, **reading)
        self.rings = store.rings()
        self._settings = dict(alarm or {})
        self._kept: dict[str, Any] | None = None
        self._polled = False
        self._bells: dict[tuple[str, str], tuple[Bell, int | None]] = {}
        self._stacks = {timed: SeriesStack() for timed in (True, False)}
        self._count_anew()

    def _count_anew(self) -> None:
        for timed in self._stacks:
            self._stacks[timed] = SeriesStack(self.store.series(timed))

    def poll(self, last: bool = False, progress: Callable[[int], None] | None = None) -> int:
        """Label what is new; how many completions that was.

        Args:
            last: The writer is done: a last line without a newline counts as whole.
            progress: Called with the number of completions after each piece.
        """
        new = 0
        for found in self.following.poll(last):
            labels = self.classifier.classify_batch([row.text for row in found.completions])
            self.store.add(
                found.path, found.completions, labels, self.following.state(), replaced=found.replaced
            )
            new += len(found.completions)
            if found.replaced:
                self._count_anew()
            else:
                self._count(found.completions, labels)
            if progress is not None:
                progress(len(found.completions))
        self._keep_state()
        # The first poll listens too: a watch may have been killed after it kept rows and before it listened.
        if new or not self._polled:
            self._listen()
        self._polled = True
        return new

    def _keep_state(self) -> None:
        """Keep the place where it moved although no row is new, as by a renamed file."""
        state = self.following.state()
        if state != self._kept:
            self.store.keep_state(state)
            self._kept = state

    def _count(self, completions: Sequence[Completion], labels: LabelBatch) -> None:
        steps = [step_of(row) for row in completions]
        for timed, stack in self._stacks.items():
            rows = [i for i, step in enumerate(steps) if (step is not None) == timed]
            if rows:
                stack.push(_counted([completions[i] for i in rows], labels.take(rows), timed))

    def series(self) -> FormatSeries:
        """All labels so far; rows without a step only where no row has one."""
        timed, untimed = self._stacks[True], self._stacks[False]
        if len(timed):
            return timed.whole()
        if len(untimed):
            return untimed.whole()
        return FormatSeries.from_labels(self.classifier.classify_batch([]))

    def _listen(self) -> None:
        """Let the alarms hear every step behind which a later one stands; evaluation is not heard."""
        if not len(self._stacks[True]):
            return
        for run, split, part in self.series().each():
            if split in ("train", "") and (run, split) not in self.rings:
                self._hear(run, split, part)

    def _hear(self, run: str, split: str, part: FormatSeries) -> None:
        names = _most_common(part)
        bell, heard = self._bells.get((run, split), (None, None))
        if bell is None or set(names) - set(bell.columns):
            # A format that was not there before has a column of its own from the first step on.
            bell, heard = Bell(self._settings), None
            bell.begin(names)
        finished = part.steps[:-1]
        for step, problems in steps_of(part, heard):
            if len(finished) and step <= finished[-1]:
                bell.hear(step, problems)
                heard = step
        self._bells[run, split] = (bell, heard)
        if bell.ring is not None:
            self.rings[run, split] = bell.ring
            self.store.keep_ring(run, split, bell.ring)

    def figures(self, run: str, split: str, part: FormatSeries, finished: bool) -> dict[str, float | None]:
        """Figures of a run's last step by name; ``None`` where not known.

        Args:
            run: The run.
            split: Its split.
            part: Its series.
            finished: Take the last step behind which a later one stands, if there is one.
        """
        at = -2 if finished and len(part.steps) > 1 else -1
        ring = self.rings.get((run, split))
        shares = part.shares()[at]
        found: dict[str, Any] = {
            "step": part.steps[at],
            "steps": len(part.steps),
            "completions": part.counts().sum(),
            "dominant_share": part.dominant_share()[at],
            "entropy_nats": part.entropy_nats()[at],
            "effective_number": part.effective_number()[at],
            "total_variation": part.total_variation()[at],
            "unlabelled_share": shares[len(part.labelled) :].sum(),
            "accuracy": part.accuracy()[at],
            "mean_reward": part.mean_reward()[at],
            "alarm": float(ring is not None),
            "alarm_step": None if ring is None else ring.step,
        }
        found |= {f"share.{name}": share for name, share in zip(part.names, shares, strict=True)}
        return {name: _known(value) for name, value in found.items()}

    def ring_of(self, run: str, split: str) -> Ring | None:
        """The alarm of a run, if it rang."""
        return self.rings.get((run, split))


def _known(value: Any) -> float | None:
    return float(value) if value is not None and np.isfinite(value) else None


def _counted(completions: Sequence[Completion], labels: LabelBatch, timed: bool) -> FormatSeries:
    return FormatSeries.from_labels(
        labels,
        steps=[step_of(row) for row in completions] if timed else None,
        problems=[problem_of_row(row) for row in completions],
        runs=[clean(row.run) for row in completions],
        splits=[clean(row.split) for row in completions],
        correct=[row.correct for row in completions],
        rewards=[finite_or_none(row.reward) for row in completions],
    )


def _most_common(part: FormatSeries) -> list[str]:
    totals = part.counts().sum(axis=0)[: len(part.labelled)]
    order = sorted(range(len(totals)), key=lambda i: (-totals[i], part.labelled[i]))
    return sorted(part.labelled[i] for i in order[:MOST_FORMATS])
