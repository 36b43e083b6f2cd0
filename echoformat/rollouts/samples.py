"""SampleNumbers: the place of a completion among those of its problem at its step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from echoformat.compiled import native
from echoformat.rollouts.coded import Coded
from echoformat.rollouts.row_columns import NO_STEP

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_COUNTED = 1_000_000
"""Counters of samples by problem that are held at once; beyond it those of the oldest steps are forgotten."""

Place = tuple[str, int | None, str]
"""Run, step and split."""


class SampleNumbers:
    """Counts completions by run, step, split and problem, and keeps which steps hold which splits.

    Example:
        >>> numbers = SampleNumbers()
        >>> [numbers.next("", 1, "train", problem) for problem in ("a", "b", "a")]
        [0, 0, 1]
    """

    def __init__(self) -> None:
        self._counts: dict[Place, dict[str, int]] = {}
        self._splits: dict[tuple[str, int], set[str]] = {}

    def next(self, run: str, step: int | None, split: str, problem: str) -> int:
        """The number of the next completion."""
        counts = self._counters((run, step, split))
        number = counts.get(problem, 0)
        counts[problem] = number + 1
        return number

    def column(
        self, runs: Sequence[str], steps: Sequence[int | None], splits: Sequence[str], problems: list[str]
    ) -> list[int]:
        """``next`` for columns; rows of one step stand together, so its counters are looked up once."""
        numbers: list[int] = []
        columns = (steps, runs, splits)
        varying = [column for column in columns if column and column.count(column[0]) < len(column)]
        begin = 0
        while begin < len(steps):
            end = min((_end_of(column, begin) for column in varying), default=len(steps))
            numbers += _numbered(
                self._counters((runs[begin], steps[begin], splits[begin])), problems, begin, end
            )
            begin = end
        return numbers

    def of_codes(
        self, runs: Coded, steps: NDArray[np.int64], splits: Coded, problems: Coded
    ) -> NDArray[np.int32]:
        """``column`` for columns of codes, each problem named once."""
        rows, begin, numbers = len(steps), 0, [_NO_NUMBERS]
        for end in [*_changes(runs.codes, steps, splits.codes), rows] if rows else []:
            step = None if steps[begin] == NO_STEP else int(steps[begin])
            place = runs.names[runs.codes[begin]], step, splits.names[splits.codes[begin]]
            numbers.append(_numbers(self._counters(place), problems, begin, end))
            begin = end
        return np.concatenate(numbers)

    def eval_only_steps(self) -> list[int]:
        """Steps of which a run that also trained holds evaluation only."""
        trained = {run for (run, _), splits in self._splits.items() if splits - {"eval"}}
        only = {step for (run, step), splits in self._splits.items() if splits == {"eval"} and run in trained}
        return sorted(only)

    def _counters(self, place: Place) -> dict[str, int]:
        counts = self._counts.get(place)
        if counts is None:
            self._begin(place)
            counts = self._counts[place] = {}
        return counts

    def _begin(self, place: Place) -> None:
        run, step, split = place
        if step is not None:
            self._splits.setdefault((run, step), set()).add(split)
        held = sum(map(len, self._counts.values())) if len(self._counts) % 64 == 0 else 0
        while held > MOST_COUNTED and self._counts:
            held -= len(self._counts.pop(next(iter(self._counts))))


def _numbered(counts: dict[str, int], problems: list[str], begin: int, end: int) -> list[int]:
    """How often each of some problems was counted before it."""
    compiled = native()
    if compiled is not None:
        found: list[int] = compiled.numbered(counts, problems, begin, end)
        return found
    numbers = []
    for problem in problems[begin:end]:
        number = counts.get(problem, 0)
        counts[problem] = number + 1
        numbers.append(number)
    return numbers


def _numbers(counts: dict[str, int], problems: Coded, begin: int, end: int) -> NDArray[np.int32]:
    """`_numbered` for codes of problems."""
    compiled = native()
    if compiled is not None:
        found = compiled.numbers(counts, problems.names, problems.codes, begin, end)
        return np.frombuffer(found, dtype=np.int32)
    words = problems.cut(begin, end).words()
    return np.array(_numbered(counts, words, 0, len(words)), dtype=np.int32)


def _changes(*columns: NDArray[Any]) -> list[int]:
    """Rows that differ in some column from the row before."""
    differs = np.zeros(max(len(columns[0]) - 1, 0), dtype=np.bool_)
    for column in columns:
        differs |= column[1:] != column[:-1]
    rows: list[int] = (np.flatnonzero(differs) + 1).tolist()
    return rows


_NO_NUMBERS = np.zeros(0, dtype=np.int32)


def _end_of(column: Sequence[Any], begin: int) -> int:
    """Where the values that are equal to the one at a place end: by strides that grow and shrink."""
    value, end, stride = column[begin], begin + 1, 16
    while stride:
        piece = column[end : end + stride]
        if piece and piece.count(value) == len(piece):
            end, stride = end + len(piece), stride * 2
        else:
            stride //= 2
    return end
