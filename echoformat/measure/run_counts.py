"""RunCounts: one run as arrays, the shape in which a series hands a run to the measures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from echoformat.errors import UsageError, did_you_mean
from echoformat.measure.arrays import Ints


@dataclass(frozen=True, slots=True, eq=False)
class RunCounts:
    """Completions of one run by step, problem and format.

    Attributes:
        steps: Training steps in ascending order, shape ``[steps]``.
        problems: Names of the problems.
        formats: Names of the columns, unlabelled ones included.
        counts: Completions, shape ``[steps, problems, formats]``; a problem that a step did not touch is a
            row of zeros.
        correct: Correct completions, same shape; ``None`` where the log holds no correctness.
        steps_per_epoch: Steps in one pass over the training problems, where known.
        pretraining: Declared share of each format in the pretraining mixture, where known.
        kl_coefficient: Nominal coefficient of the KL penalty, where known.
        unlabelled: Columns of ``formats`` that are no format; part of the counts, never a winner.
        scored: Completions of which correctness is known, same shape; ``None`` means all.

    Raises:
        UsageError: Shapes, names or counts that do not fit together.

    Example:
        >>> run = RunCounts(np.array([0, 1]), ("p",), ("a", "b"), np.ones((2, 1, 2), int), None)
        >>> run.labelled.tolist()
        [True, True]
    """

    steps: Ints
    problems: tuple[str, ...]
    formats: tuple[str, ...]
    counts: Ints
    correct: Ints | None = None
    steps_per_epoch: float | None = None
    pretraining: Mapping[str, float] | None = None
    kl_coefficient: float | None = None
    unlabelled: tuple[str, ...] = ()
    scored: Ints | None = None

    def __post_init__(self) -> None:
        shape = (len(self.steps), len(self.problems), len(self.formats))
        if self.counts.shape != shape:
            raise UsageError(f"counts has shape {self.counts.shape}; steps, problems, formats say {shape}")
        if np.any(np.diff(self.steps) <= 0):
            raise UsageError("steps must ascend without repeats; merge rows of one step first")
        check_counts(self.counts, self.correct, self.scored)
        for name in self.unlabelled:
            if name not in self.formats:
                raise UsageError(f"unlabelled column {name!r}: {did_you_mean(name, self.formats)}")

    @property
    def labelled(self) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """Which columns are formats, shape ``[formats]``."""
        return np.array([name not in self.unlabelled for name in self.formats], dtype=bool)

    @property
    def scored_counts(self) -> Ints:
        """Completions of which correctness is known, shape ``[steps, problems, formats]``."""
        return self.counts if self.scored is None else self.scored


def check_counts(
    counts: NDArray[Any], correct: NDArray[Any] | None = None, scored: NDArray[Any] | None = None
) -> None:
    """Refuse counts that cannot be counts.

    Args:
        counts: Completions, any shape.
        correct: Correct completions, same shape.
        scored: Completions with known correctness, same shape.

    Raises:
        UsageError: A negative count, shapes that differ, or more correct than completions.

    Example:
        >>> check_counts(np.array([2]), np.array([3]))
        Traceback (most recent call last):
        ...
        echoformat.errors.UsageError: 1 cell(s) hold more correct completions than completions...
    """
    if counts.size and counts.min() < 0:
        raise UsageError(f"counts hold a negative value ({counts.min()}); completions are counted from 0")
    whole = counts if scored is None else scored
    for name, part, of in (("scored", scored, counts), ("correct", correct, whole)):
        if part is None:
            continue
        if part.shape != counts.shape:
            raise UsageError(f"{name} has shape {part.shape} but counts has {counts.shape}")
        if np.any(part > of) or (part.size and part.min() < 0):
            bad = int(np.sum((part > of) | (part < 0)))
            raise UsageError(f"{bad} cell(s) hold more {name} completions than completions, or fewer than 0")
