"""FormatSeries: labels counted over training steps, with shares, accuracy and their intervals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from echoformat.cells import Cells, count_cells, merge_cells
from echoformat.collapse import Collapse, find_collapse
from echoformat.errors import MissingExtra, UsageError, did_you_mean
from echoformat.label import UNLABELLED, Versions
from echoformat.label_batch import LabelBatch
from echoformat.label_columns import (
    COLUMNS,
    check_lengths,
    column_names,
    kept_rows,
    numbers,
    pick,
    warn_of_mixed_versions,
    whole_steps,
)
from echoformat.measure.divergence import total_variation
from echoformat.measure.diversity import effective_number, entropy_nats
from echoformat.measure.interval import Intervals
from echoformat.measure.intervals import entropy_interval_run
from echoformat.measure.run_counts import RunCounts
from echoformat.measure.wilson import cluster_wilson_run
from echoformat.run_measures import RunMeasures

__all__ = ["COLUMNS", "FormatSeries", "column_names"]

Floats = NDArray[np.float64]
STATES = tuple(state.value for state in UNLABELLED)
# A run's dense counts [steps, problems, formats] beyond this many cells are pooled over steps.
MOST_DENSE_CELLS = 40_000_000


@dataclass(frozen=True, slots=True, eq=False)
class FormatSeries:
    """Completions counted by run, step, split, problem and format.

    Series of shards `merge` into the series of the whole. Methods that return arrays need one run and one
    split: take them with `select` or `each`.

    Attributes:
        cells: The counts.
        of: What is counted: ``format``, ``family``, ``variant`` or ``source``.
        versions: What made the labels; more than one warns of a detector upgrade inside the series.
        missing: Rows that held no completion; they are in no share.
        without_step: Rows left out because the log gives them no step while it gives one to others.
        steps_per_epoch: Steps in one pass over the training problems, where known.
        pretraining: Declared share of each name in the pretraining mixture, where known.
        metadata: Facts about each run (KL coefficient, size, mixture, algorithm, seed).
    """

    cells: Cells
    of: str = "format"
    versions: tuple[Versions, ...] = ()
    missing: int = 0
    without_step: int = 0
    steps_per_epoch: float | None = None
    pretraining: Mapping[str, float] | None = None
    metadata: Mapping[str, Mapping[str, Any]] | None = None

    @classmethod
    def from_labels(
        cls,
        labels: LabelBatch,
        steps: Sequence[int | None] | NDArray[Any] | None = None,
        problems: Sequence[str] | None = None,
        runs: Sequence[str] | None = None,
        splits: Sequence[str] | None = None,
        correct: Sequence[bool | None] | NDArray[Any] | None = None,
        rewards: Sequence[float | None] | NDArray[Any] | None = None,
        of: str = "format",
        **facts: Any,
    ) -> FormatSeries:
        r"""Count labels.

        Args:
            labels: One label a completion.
            steps: Training step of each; ``None`` in all of them puts every row at step 0.
            problems: Problem of each; without it every completion is a problem of its own.
            runs: Run of each.
            splits: Split of each.
            correct: Whether each was right, ``None`` where not known.
            rewards: Reward of each, ``None`` where not known.
            of: ``format``, ``family``, ``variant`` or ``source``.
            facts: `steps_per_epoch`, `pretraining`, `metadata`.

        Raises:
            UsageError: Columns of different lengths, an unknown `of`.

        Example:
            >>> from echoformat import classify_batch
            >>> labels = classify_batch(["ans = 3\n", "ans = 4\n", ""])
            >>> series = FormatSeries.from_labels(labels, steps=[0, 1, 1])
            >>> series.names, series.shares().tolist()
            (('program_of_thought', 'empty'), [[1.0, 0.0], [0.5, 0.5]])
        """
        size = len(labels)
        given = {"steps": steps, "problems": problems, "runs": runs, "splits": splits}
        check_lengths(size, given | {"correct": correct, "rewards": rewards})
        names = column_names(labels, of)
        kept, timed = kept_rows(labels, steps)
        rows = np.flatnonzero(kept & (timed >= 0 if timed is not None else True))
        at = np.zeros(size, dtype=np.int64) if timed is None else whole_steps(steps, timed)
        cells = count_cells(
            pick(runs or [""] * size, rows),
            at[rows],
            pick(splits or [""] * size, rows),
            pick(problems if problems is not None else [f"#{i}" for i in range(size)], rows),
            pick(names, rows),
            numbers(correct, rows),
            numbers(rewards, rows),
        )
        return cls(cells, of, (labels.versions,), int((~kept).sum()), int(kept.sum()) - len(rows), **facts)

    @classmethod
    def from_counts(
        cls,
        steps: Sequence[int],
        problems: Sequence[str],
        names: Sequence[str],
        n: ArrayLike,
        correct: ArrayLike | None = None,
        runs: Sequence[str] | None = None,
        **facts: Any,
    ) -> FormatSeries:
        """A series from rows that are counts already (labels of anyone's).

        Example:
            >>> FormatSeries.from_counts([0, 0], ["p", "p"], ["x", "y"], [3, 1]).shares().tolist()
            [[0.75, 0.25]]
        """
        counted = np.asarray(n, dtype=np.int64)
        right = None if correct is None else np.asarray(correct, dtype=np.float64)
        blank = [""] * len(counted)
        at = np.asarray(steps, dtype=np.int64)
        cells = count_cells(runs or blank, at, blank, problems, names, right, None, counted)
        return cls(cells.where(cells.n > 0), **facts)

    def merge(self, *others: FormatSeries) -> FormatSeries:
        """This series and others as one; counts add. Labels of different versions raise a loud warning.

        Raises:
            UsageError: They count different things.
        """
        every = (self, *others)
        if len({series.of for series in every}) > 1:
            raise UsageError("these series count different things: " + ", ".join(s.of for s in every))
        versions = tuple(dict.fromkeys(v for series in every for v in series.versions))
        warn_of_mixed_versions(versions)
        facts: dict[str, Any] = {}
        for series in every:
            facts.update(series.metadata or {})
        return replace(
            self,
            cells=merge_cells([series.cells for series in every]),
            versions=versions,
            missing=sum(series.missing for series in every),
            without_step=sum(series.without_step for series in every),
            metadata=facts or None,
        )

    @property
    def runs(self) -> tuple[str, ...]:
        """Runs with at least one completion, sorted."""
        return tuple(sorted(self.cells.runs[i] for i in np.unique(self.cells.run)))

    @property
    def splits(self) -> tuple[str, ...]:
        """Splits with at least one completion, sorted."""
        return tuple(sorted(self.cells.splits[i] for i in np.unique(self.cells.split)))

    def select(self, run: str | None = None, split: str | None = None) -> FormatSeries:
        """The part of one run, one split, or both.

        Raises:
            UsageError: No such run or split.
        """
        mask = np.ones(len(self.cells), dtype=bool)
        for value, known, words, codes in (
            (run, self.runs, self.cells.runs, self.cells.run),
            (split, self.splits, self.cells.splits, self.cells.split),
        ):
            if value is None:
                continue
            if value not in known:
                raise UsageError(f"no {value!r} in this series: {did_you_mean(value, known)}")
            mask &= codes == words.index(value)
        return replace(self, cells=self.cells.where(mask))

    def each(self) -> Iterator[tuple[str, str, FormatSeries]]:
        """Every (run, split) with its own series, in order."""
        for run in self.runs:
            one = self.select(run)
            for split in one.splits:
                yield run, split, one.select(split=split)

    def _single(self) -> Cells:
        if len(self.runs) > 1 or len(self.splits) > 1:
            raise UsageError(
                f"this series holds runs {list(self.runs)} and splits {list(self.splits)}; "
                "take one with select(run=..., split=...) or go through each()"
            )
        return self.cells

    @property
    def steps(self) -> NDArray[np.int64]:
        """Steps with at least one completion, ascending."""
        return np.unique(self._single().step)

    @property
    def names(self) -> tuple[str, ...]:
        """Columns: names that occur, sorted, then the states of unlabelled completions that occur."""
        present = {self.cells.names[i] for i in np.unique(self.cells.name)}
        return (*sorted(present - set(STATES)), *(state for state in STATES if state in present))

    @property
    def unlabelled(self) -> tuple[str, ...]:
        """Those of `names` that are states and no format."""
        return tuple(name for name in self.names if name in STATES)

    @property
    def labelled(self) -> tuple[str, ...]:
        """Those of `names` that are formats."""
        return tuple(name for name in self.names if name not in STATES)

    def _table(self, column: str) -> NDArray[Any]:
        cells = self._single()
        row = np.searchsorted(self.steps, cells.step)
        shape = (len(self.steps), len(self.names))
        table = np.zeros(shape, dtype=getattr(cells, column).dtype)
        np.add.at(table, (row, self._name_codes()), getattr(cells, column))
        return table

    def _name_codes(self) -> NDArray[np.int64]:
        position = {name: i for i, name in enumerate(self.names)}
        table = np.array([position.get(word, 0) for word in self.cells.names] or [0], dtype=np.int64)
        return table[self.cells.name]

    def counts(self) -> NDArray[np.int64]:
        """Completions, [steps, names]."""
        return self._table("n")

    def shares(self) -> Floats:
        """Fraction of a step's completions, [steps, names]; rows sum to 1, unlabelled included."""
        counts = self.counts()
        return np.asarray(counts / counts.sum(axis=1, keepdims=True))

    def local_counts(self) -> NDArray[np.int32]:
        """Completions, [steps, problems of that step, names]; problem slots differ from step to step."""
        cells = self._single()
        row = np.searchsorted(self.steps, cells.step)
        pair = row.astype(np.int64) * (len(cells.problems) + 1) + cells.problem
        distinct, slot = np.unique(pair, return_inverse=True)
        of_row = distinct // (len(cells.problems) + 1)
        first = np.searchsorted(of_row, np.arange(len(self.steps)))
        width = int(np.diff(np.append(first, len(distinct))).max(initial=0))
        cube = np.zeros((len(self.steps), width, len(self.names)), dtype=np.int32)
        np.add.at(cube, (row, slot - first[row], self._name_codes()), cells.n.astype(np.int32))
        return cube

    def share_intervals(self, level: float = 0.95) -> Intervals:
        """Intervals of all shares, arrays [steps, names], that cluster by problem."""
        return cluster_wilson_run(self.local_counts(), level=level)

    def pooled_counts(self) -> NDArray[np.int64]:
        """Completions with all states pooled into a last column, [steps, formats + 1]."""
        counts, formats = self.counts(), len(self.labelled)
        return np.concatenate([counts[:, :formats], counts[:, formats:].sum(1, keepdims=True)], axis=1)

    def entropy_nats(self) -> Floats:
        """Shannon entropy of each step's shares, nats, [steps]; the unlabelled are one more category.

        0 where all completions share one format, at most ln(formats + 1). Plug-in; `entropy_intervals`
        corrects its bias.
        """
        counts = self.pooled_counts()
        return np.asarray(entropy_nats(counts / counts.sum(axis=1, keepdims=True)))

    def entropy_intervals(self, level: float = 0.95) -> Intervals:
        """Bias-corrected entropy of each step with its interval, nats, arrays [steps]."""
        local, formats = self.local_counts(), len(self.labelled)
        pooled = np.concatenate([local[..., :formats], local[..., formats:].sum(2, keepdims=True)], axis=2)
        return entropy_interval_run(pooled, declared=formats + bool(self.unlabelled), level=level)

    def effective_number(self) -> Floats:
        """exp(entropy), [steps]: how many equally common formats would be as diverse."""
        counts = self.pooled_counts()
        return np.asarray(effective_number(counts / counts.sum(axis=1, keepdims=True)))

    def dominant_share(self) -> Floats:
        """Largest share of a format, [steps], 0 where nothing is labelled."""
        shares = self.shares()[:, : len(self.labelled)]
        return np.asarray(shares.max(axis=1, initial=0.0))

    def dominant_format(self) -> list[str | None]:
        """The format with the largest share at each step, ``None`` where nothing is labelled."""
        shares = self.shares()[:, : len(self.labelled)]
        return [self.labelled[int(row.argmax())] if row.size and row.max() > 0 else None for row in shares]

    def total_variation(self, reference: Mapping[str, float] | None = None) -> Floats:
        """Total variation distance, 0 to 1, [steps], from the first step's shares or a declared mixture.

        Args:
            reference: Share of each name, summing to 1; ``None`` for the first step.

        Raises:
            UsageError: The reference does not sum to 1.
        """
        shares, names = self.shares(), list(self.names)
        if reference is None:
            return np.asarray(total_variation(shares, np.broadcast_to(shares[0], shares.shape)))
        extra = [name for name in reference if name not in names]
        wide = np.pad(shares, ((0, 0), (0, len(extra))))
        base = np.array([float(reference.get(name, 0.0)) for name in [*names, *extra]])
        return np.asarray(total_variation(wide, np.broadcast_to(base, wide.shape)))

    def accuracy(self) -> Floats:
        """Fraction correct of the completions whose correctness is known, [steps], NaN where none is."""
        return _ratio(self._table("correct").sum(axis=1), self._table("scored").sum(axis=1))

    def accuracy_by_format(self) -> Floats:
        """Fraction correct by name, [steps, names], NaN where none is known."""
        return _ratio(self._table("correct"), self._table("scored"))

    def mean_reward(self) -> Floats:
        """Mean reward, [steps], NaN where none is known."""
        return _ratio(self._table("reward").sum(axis=1), self._table("rewarded").sum(axis=1))

    def mean_reward_by_format(self) -> Floats:
        """Mean reward by name, [steps, names], NaN where none is known."""
        return _ratio(self._table("reward"), self._table("rewarded"))

    def run_counts(self) -> RunCounts:
        """The dense arrays that measures take: [steps, problems, names].

        A run too large to be dense is pooled over neighbouring steps; the first step of each pool names it.
        """
        cells = self._single()
        problems, problem = self._problems_by_name()
        steps, names = self.steps, self.names
        fit = max(1, MOST_DENSE_CELLS // max(1, len(problems) * len(names)))
        pool = -(-len(steps) // fit)
        row = np.searchsorted(steps, cells.step) // pool
        shape = (-(-len(steps) // pool), len(problems), len(names))
        return RunCounts(
            steps=steps[::pool],
            problems=problems,
            formats=names,
            counts=self._dense(shape, row, problem, cells.n),
            correct=self._dense(shape, row, problem, cells.correct) if cells.scored.any() else None,
            steps_per_epoch=self.steps_per_epoch,
            pretraining=self.pretraining,
            kl_coefficient=self._kl_coefficient(),
            unlabelled=self.unlabelled,
            scored=(
                self._dense(shape, row, problem, cells.scored)
                if cells.scored.any() and (cells.scored != cells.n).any()
                else None
            ),
        )

    def _problems_by_name(self) -> tuple[tuple[str, ...], NDArray[np.intp]]:
        # By name and not by code, so that merged shards meet the same bootstrap as the whole.
        codes, inverse = np.unique(self.cells.problem, return_inverse=True)
        words = [self.cells.problems[code] for code in codes]
        order = sorted(range(len(words)), key=words.__getitem__)
        place = np.empty(len(order), dtype=np.intp)
        place[order] = np.arange(len(order))
        return tuple(words[i] for i in order), place[inverse]

    def _dense(self, shape: tuple[int, int, int], row: Any, problem: Any, values: Any) -> NDArray[Any]:
        cube = np.zeros(shape, dtype=np.int32)
        np.add.at(cube, (row, problem, self._name_codes()), values.astype(np.int32))
        return cube

    def _kl_coefficient(self) -> float | None:
        facts = (self.metadata or {}).get(self.runs[0] if self.runs else "", {})
        value = facts.get("kl_coef", facts.get("kl_coefficient"))
        return float(value) if isinstance(value, int | float) else None

    def collapse(self, threshold: float = 0.8, replicates: int = 200) -> Collapse:
        """Which format dominates at the end, whether and when it took over, or that none did.

        Args:
            threshold: Share that a collapse keeps from its onset on.
            replicates: Bootstrap replicates, by problem, behind the intervals.
        """
        return find_collapse(self.run_counts(), threshold, replicates)

    def measures(self) -> RunMeasures:
        """Every measure of this run as a method: decomposition, winner, rivals, coverage, and so on.

        Example:
            >>> series = FormatSeries.from_counts([0, 1], ["p", "p"], ["x", "y"], [3, 1], [1, 1])
            >>> series.measures().decomposition().within.gain.value
            0.6666666666666667
        """
        return RunMeasures(self.run_counts())

    def rows(self) -> Iterator[dict[str, Any]]:
        """One mapping a (step, name): count, share with interval, accuracy, mean reward."""
        shares = self.share_intervals()
        counts, right, paid = self.counts(), self.accuracy_by_format(), self.mean_reward_by_format()
        for i, step in enumerate(self.steps):
            for j, name in enumerate(self.names):
                yield {
                    "step": int(step),
                    self.of: name,
                    "count": int(counts[i, j]),
                    "share": _plain(shares.point[i, j]),
                    "share_low": _plain(shares.low[i, j]),
                    "share_high": _plain(shares.high[i, j]),
                    "accuracy": _plain(right[i, j]),
                    "mean_reward": _plain(paid[i, j]),
                }

    def table(self) -> list[dict[str, Any]]:
        """One mapping a step: completions, dominant format and share, entropy, distance, accuracy."""
        entropy, number = self.entropy_nats(), self.effective_number()
        share, leader, drift = self.dominant_share(), self.dominant_format(), self.total_variation()
        right, paid, counts = self.accuracy(), self.mean_reward(), self.counts().sum(axis=1)
        return [
            {
                "step": int(step),
                "completions": int(counts[i]),
                "dominant_format": leader[i],
                "dominant_share": _plain(share[i]),
                "entropy_nats": _plain(entropy[i]),
                "effective_number": _plain(number[i]),
                "total_variation": _plain(drift[i]),
                "accuracy": _plain(right[i]),
                "mean_reward": _plain(paid[i]),
            }
            for i, step in enumerate(self.steps)
        ]

    def to_dict(self) -> dict[str, Any]:
        """Everything above for every run and split, as a JSON-able mapping without NaN."""
        parts = [
            {
                "run": run,
                "split": split,
                "names": list(one.names),
                "unlabelled": list(one.unlabelled),
                "steps": one.table(),
                "shares": list(one.rows()),
                "collapse": one.collapse().to_dict(),
            }
            for run, split, one in self.each()
        ]
        return {
            "of": self.of,
            "versions": [version.to_dict() for version in self.versions],
            "missing": self.missing,
            "without_step": self.without_step,
            "series": parts,
        }

    def to_pandas(self) -> Any:
        """`rows()` of every run and split as a `pandas.DataFrame`.

        Raises:
            MissingExtra: pandas is not installed.
        """
        try:
            import pandas as pd
        except ImportError as error:
            raise MissingExtra("pandas", "dev", "FormatSeries.to_pandas") from error
        each = [{"run": run, "split": split, **row} for run, split, one in self.each() for row in one.rows()]
        return pd.DataFrame(each)


def _ratio(part: NDArray[Any], whole: NDArray[Any]) -> Floats:
    return np.asarray(np.where(whole > 0, part / np.maximum(whole, 1), np.nan), dtype=np.float64)


def _plain(value: Any) -> float | None:
    return round(float(value), 9) if np.isfinite(value) else None
