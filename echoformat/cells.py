"""Cells: labelled completions counted by run, step, split, problem and name; shards add up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from echoformat.errors import UsageError

Ints = NDArray[np.int64]
KEYS = ("run", "step", "split", "problem", "name")
SUMS = ("n", "scored", "correct", "rewarded", "reward")
DICTIONARIES = {"run": "runs", "split": "splits", "problem": "problems", "name": "names"}


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """A sparse table of counts; every array has one entry a cell, cells sorted by their keys.

    Attributes:
        runs, splits, problems, names: What the codes point to.
        run, split, problem, name: Codes.
        step: Training steps themselves.
        n: Completions in the cell, at least 1.
        scored: Those of them whose correctness is known.
        correct: Those of them that are correct.
        rewarded: Those whose reward is known.
        reward: Sum of these rewards.
    """

    runs: tuple[str, ...]
    splits: tuple[str, ...]
    problems: tuple[str, ...]
    names: tuple[str, ...]
    run: Ints
    step: Ints
    split: Ints
    problem: Ints
    name: Ints
    n: Ints
    scored: Ints
    correct: Ints
    rewarded: Ints
    reward: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.n)

    def where(self, mask: NDArray[np.bool_]) -> Cells:
        """The cells that a mask keeps; dictionaries stay."""
        return replace(self, **{column: getattr(self, column)[mask] for column in (*KEYS, *SUMS)})


def count_cells(
    runs: Sequence[str],
    steps: Ints,
    splits: Sequence[str],
    problems: Sequence[str],
    names: Sequence[str],
    correct: NDArray[np.float64] | None = None,
    rewards: NDArray[np.float64] | None = None,
    n: Ints | None = None,
) -> Cells:
    """Count rows; NaN in `correct` or `rewards` says that it is not known.

    A row stands for one completion, or for `n` of them: then `correct` counts the correct ones among them
    and `rewards` sums their rewards.

    Example:
        >>> cells = count_cells(["a", "a"], np.array([0, 0]), ["", ""], ["p", "p"], ["x", "x"])
        >>> len(cells), int(cells.n[0])
        (1, 2)
    """
    size = len(steps)
    right = np.full(size, np.nan) if correct is None else correct
    paid = np.full(size, np.nan) if rewards is None else rewards
    coded = {
        key: _encode(values)
        for key, values in zip(
            ("run", "split", "problem", "name"), (runs, splits, problems, names), strict=True
        )
    }
    keys = {key: codes for key, (_, codes) in coded.items()} | {"step": np.asarray(steps, dtype=np.int64)}
    size_of_row = np.ones(size, dtype=np.int64) if n is None else n
    sums = {
        "n": size_of_row,
        "scored": np.where(np.isnan(right), 0, size_of_row),
        "correct": np.nan_to_num(right).astype(np.int64),
        "rewarded": np.where(np.isnan(paid), 0, size_of_row),
        "reward": np.nan_to_num(paid, posinf=0.0, neginf=0.0),
    }
    return _group({DICTIONARIES[key]: words for key, (words, _) in coded.items()}, keys, sums)


def _encode(values: Sequence[str]) -> tuple[tuple[str, ...], Ints]:
    position: dict[str, int] = {}
    codes = np.fromiter((position.setdefault(v, len(position)) for v in values), np.int64, len(values))
    return tuple(position), codes


def merge_cells(parts: Sequence[Cells]) -> Cells:
    """Cells of shards added: the cells of the whole, whatever the order of the shards.

    Raises:
        UsageError: Nothing to merge.
    """
    if not parts:
        raise UsageError("no cells to merge")
    words: dict[str, tuple[str, ...]] = {}
    keys: dict[str, Any] = {"step": np.concatenate([part.step for part in parts])}
    for key, dictionary in DICTIONARIES.items():
        words[dictionary] = tuple(sorted({word for part in parts for word in getattr(part, dictionary)}))
        position = {word: i for i, word in enumerate(words[dictionary])}
        keys[key] = np.concatenate([_recode(part, key, dictionary, position) for part in parts])
    sums = {column: np.concatenate([getattr(part, column) for part in parts]) for column in SUMS}
    return _group(words, keys, sums)


def _recode(part: Cells, key: str, dictionary: str, position: dict[str, int]) -> Ints:
    table = np.array([position[word] for word in getattr(part, dictionary)], dtype=np.int64)
    codes: Ints = getattr(part, key)
    return table[codes] if len(codes) else codes


def _group(words: dict[str, Any], keys: dict[str, Any], sums: dict[str, Any]) -> Cells:
    if not len(keys["step"]):
        return Cells(**words, **keys, **sums)
    order = np.lexsort([keys[key] for key in reversed(KEYS)])
    ordered = {key: keys[key][order] for key in KEYS}
    change = np.zeros(len(order), dtype=bool)
    change[0] = True
    for values in ordered.values():
        change[1:] |= values[1:] != values[:-1]
    starts = np.flatnonzero(change)
    grouped: dict[str, Any] = {key: values[starts] for key, values in ordered.items()}
    added: dict[str, Any] = {
        column: np.add.reduceat(values[order], starts) for column, values in sums.items()
    }
    return Cells(**words, **grouped, **added)
