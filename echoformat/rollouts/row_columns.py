"""RowColumns: what a log says of each row beside its text, as arrays: cheap to send, to cut and to write."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from echoformat.completion_batch import CompletionBatch
from echoformat.rollouts.coded import Coded

if TYPE_CHECKING:
    from numpy.typing import NDArray

NO_STEP = -(2**63)
"""The step of a row that has none."""
UNSAID = -1
"""Neither true nor false."""

_CODES = {None: UNSAID, False: 0, True: 1}
_TRUTHS = {UNSAID: None, 0: False, 1: True}


@dataclass(frozen=True, slots=True)
class RowColumns:
    """Columns of rows, all of one length.

    Attributes:
        runs: Run of each row.
        steps: int64 [n], `NO_STEP` where there is none; objects where a step is too large for that.
        splits: Split of each row.
        problems: Problem of each row.
        samples: int32 [n], the place among the completions of one problem at one step.
        rewards: float64 [n], NaN where there is none.
        corrects: int8 [n], 1, 0, or -1 where nothing is said.
        truncateds: int8 [n], likewise.

    Example:
        >>> batch = CompletionBatch(["4"], ["r"], [None], ["train"], ["p"], [0], [0.5], [True], [None], [3])
        >>> rows = RowColumns.of(batch)
        >>> len(rows), rows.runs.words(), rows.step_list(), rows.corrects.tolist(), rows.truncateds.tolist()
        (1, ['r'], [None], [1], [-1])
    """

    runs: Coded
    steps: NDArray[Any]
    splits: Coded
    problems: Coded
    samples: NDArray[np.int32]
    rewards: NDArray[np.float64]
    corrects: NDArray[np.int8]
    truncateds: NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.samples)

    @staticmethod
    def of(batch: CompletionBatch) -> RowColumns:
        """The columns of a batch."""
        return RowColumns(
            Coded.of(batch.runs),
            coded_steps(batch.steps),
            Coded.of(batch.splits),
            Coded.of(batch.problems),
            np.array(batch.samples, dtype=np.int32),
            coded_numbers(batch.rewards),
            coded_truths(batch.corrects),
            coded_truths(batch.truncateds),
        )

    @staticmethod
    def joined(parts: Sequence[RowColumns]) -> RowColumns:
        """Rows one behind the other."""
        return RowColumns(*(_joined([getattr(part, name) for part in parts]) for name in _NAMES))

    def cut(self, begin: int, end: int) -> RowColumns:
        """Some of the rows."""
        return RowColumns(*(_cut(getattr(self, name), begin, end) for name in _NAMES))

    def step_list(self) -> list[int | None]:
        """The step of each row."""
        return [None if step is None or step == NO_STEP else step for step in self.steps.tolist()]

    def reward_list(self) -> list[float | None]:
        """The reward of each row, ``None`` for what is no finite number."""
        return [reward if abs(reward) < np.inf else None for reward in self.rewards.tolist()]

    def correct_list(self) -> list[bool | None]:
        """Whether each row is correct."""
        return list(map(_TRUTHS.__getitem__, self.corrects.tolist()))


_NAMES = tuple(field.name for field in fields(RowColumns))


def _joined(columns: list[Any]) -> Any:
    return Coded.joined(columns) if isinstance(columns[0], Coded) else np.concatenate(columns)


def _cut(column: Any, begin: int, end: int) -> Any:
    return column.cut(begin, end) if isinstance(column, Coded) else column[begin:end]


def coded_steps(steps: list[int | None]) -> NDArray[Any]:
    """Steps as an array; of objects where one does not fit."""
    try:
        small: NDArray[np.int64] = _array(steps, NO_STEP, np.int64)
    except OverflowError:
        return np.array(steps, dtype=object)
    return small


def coded_numbers(values: list[float | None]) -> NDArray[np.float64]:
    """Numbers as an array, NaN where there is none."""
    numbers: NDArray[np.float64] = _array(values, np.nan, np.float64)
    return numbers


def coded_truths(values: list[bool | None]) -> NDArray[np.int8]:
    """What is true, false or not said, as 1, 0 and -1."""
    codes: NDArray[np.int8] = _array(values, UNSAID, np.int8, _CODES.__getitem__)
    return codes


def _array(values: list[Any], none: Any, kind: Any, read: Callable[[Any], Any] | None = None) -> Any:
    """Values as an array; one that stands in every row is converted once."""
    if values and values.count(values[0]) == len(values):
        value = none if values[0] is None else values[0]
        return np.full(len(values), value, dtype=kind)
    if read is not None:
        return np.fromiter(map(read, values), kind, len(values))
    if None in values:
        values = [none if value is None else value for value in values]
    return np.fromiter(values, kind, len(values))
