"""Ledger: what a tracker has counted, as cells for the series and as tallies of the latest steps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from echoformat.cells import KEYS, SUMS, Cells
from echoformat.classifier import Classifier
from echoformat.label import STATUSES, Status, Versions
from echoformat.label_batch import LabelBatch
from echoformat.live.stack import SeriesStack
from echoformat.live.tally import NAN, Count, Tally
from echoformat.series import FormatSeries

MOST_OPEN = 8
"""Steps whose tallies are kept; rows that come later than that still count in the series."""

MISSING = STATUSES.index(Status.MISSING)
WORDS = ("runs", "splits", "problems", "names")
Problems = dict[str, dict[str, int]]


class Ledger:
    """Counts of one run.

    Args:
        run: Its name.
    """

    def __init__(self, run: str = "") -> None:
        self.run = run
        self._stack = SeriesStack()
        self._tallies: dict[tuple[int, str], Tally] = {}
        self._problems: dict[tuple[int, str], Problems] = {}

    def tally(self, step: int, split: str) -> Tally:
        """The tally of a step and split, an empty one where nothing was counted."""
        return self._tallies.get((step, split)) or Tally()

    def problems(self, step: int, split: str) -> Problems:
        """Completions of a step by problem and name."""
        return self._problems.get((step, split), {})

    def put(
        self,
        step: int,
        split: str,
        labels: LabelBatch,
        problems: Sequence[str],
        correct: Sequence[float] | None,
        rewards: Sequence[float] | None,
        truncated: Sequence[float] | None,
        completions: int,
    ) -> None:
        """Count labelled completions; `completions` of them were handed over, sampled or not."""
        size = len(labels)
        blank = [NAN] * size
        right, paid = correct or blank, rewards or blank
        self._stack.push(
            FormatSeries.from_labels(
                labels,
                [step] * size,
                problems,
                [self.run] * size,
                [split] * size,
                np.asarray(right),
                np.asarray(paid),
            )
        )
        kept = np.flatnonzero(labels.statuses != MISSING).tolist()
        names = labels.label_names()
        tally, groups = self._open(step, split)
        cut = _cut(labels, truncated)
        tally.put(
            [names[i] for i in kept],
            [right[i] for i in kept],
            [paid[i] for i in kept],
            sum(cut[i] for i in kept),
        )
        tally.completions += completions
        for i in kept:
            of_problem = groups.setdefault(problems[i], {})
            of_problem[names[i]] = of_problem.get(names[i], 0) + 1

    def _open(self, step: int, split: str) -> tuple[Tally, Problems]:
        key = (step, split)
        if key not in self._tallies and len(self._tallies) >= MOST_OPEN:
            oldest = next(iter(self._tallies))
            del self._tallies[oldest], self._problems[oldest]
        return self._tallies.setdefault(key, Tally()), self._problems.setdefault(key, {})

    def series(self, classifier: Classifier) -> FormatSeries:
        """All that was counted."""
        return (
            self._stack.whole()
            if len(self._stack)
            else FormatSeries.from_labels(classifier.classify_batch([]))
        )

    def steps(self, classifier: Classifier, split: str) -> Iterator[tuple[int, Problems]]:
        """Every step of a split, ascending, with its completions by problem and name."""
        whole = self.series(classifier)
        if split in whole.splits:
            yield from steps_of(whole.select(split=split))

    def merge(self, other: Ledger) -> None:
        """Add another's counts."""
        for part in other._stack.parts:
            self._stack.push(part)
        for (step, split), tally in other._tallies.items():
            own, groups = self._open(step, split)
            own.completions += tally.completions
            own.truncated += tally.truncated
            for name, count in tally.counts.items():
                own.counts.setdefault(name, Count()).add(count)
            for problem, names in other._problems[step, split].items():
                mine = groups.setdefault(problem, {})
                for name, n in names.items():
                    mine[name] = mine.get(name, 0) + n

    def state_dict(self, classifier: Classifier) -> dict[str, Any]:
        """Everything, JSON-able."""
        whole = self.series(classifier)
        cells = whole.cells
        return {
            "run": self.run,
            "words": {name: list(getattr(cells, name)) for name in WORDS},
            "columns": {name: getattr(cells, name).tolist() for name in (*KEYS, *SUMS)},
            "missing": whole.missing,
            "versions": [version.to_dict() for version in whole.versions],
            "open": [
                [step, split, _tally_state(tally), self._problems[step, split]]
                for (step, split), tally in self._tallies.items()
            ],
        }

    @classmethod
    def from_state_dict(cls, state: Mapping[str, Any]) -> Ledger:
        """A ledger that goes on from a saved state."""
        ledger = cls(state["run"])
        columns: dict[str, Any] = {
            name: np.array(state["columns"][name], dtype=np.float64 if name == "reward" else np.int64)
            for name in (*KEYS, *SUMS)
        }
        cells = Cells(**columns | {name: tuple(state["words"][name]) for name in WORDS})
        versions = tuple(Versions(**version) for version in state["versions"])
        series = replace(FormatSeries(cells), versions=versions, missing=int(state["missing"]))
        ledger._stack = SeriesStack(series)
        for step, split, tally, problems in state["open"]:
            ledger._tallies[step, split] = _tally(tally)
            ledger._problems[step, split] = problems
        return ledger


def steps_of(series: FormatSeries, after: int | None = None) -> Iterator[tuple[int, Problems]]:
    """Every step of a series, ascending, with its completions by problem and name.

    Args:
        series: Of one run and one split.
        after: Leave out this step and those before it.
    """
    cells = series.cells
    cells = cells if after is None else cells.where(cells.step > after)
    order = np.argsort(cells.step, kind="stable")
    steps, starts = np.unique(cells.step[order], return_index=True)
    for step, rows in zip(steps.tolist(), np.split(order, starts[1:]), strict=len(starts) > 0):
        problems: Problems = {}
        for i in rows.tolist():
            names = problems.setdefault(cells.problems[cells.problem[i]], {})
            name = cells.names[cells.name[i]]
            names[name] = names.get(name, 0) + int(cells.n[i])
        yield step, problems


def _cut(labels: LabelBatch, truncated: Sequence[float] | None) -> list[bool]:
    told = [bool(flag) for flag in labels.truncated]
    if truncated is None:
        return told
    return [flag if given != given else given > 0 for flag, given in zip(told, truncated, strict=True)]


def _tally_state(tally: Tally) -> dict[str, Any]:
    counts = {
        name: [count.n, count.scored, count.correct, count.rewarded, count.reward]
        for name, count in tally.counts.items()
    }
    return {"counts": counts, "completions": tally.completions, "truncated": tally.truncated}


def _tally(state: Mapping[str, Any]) -> Tally:
    counts = {name: Count(*values) for name, values in state["counts"].items()}
    return Tally(counts, state["completions"], state["truncated"])
