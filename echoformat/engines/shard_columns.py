"""Columns of a file of labels: their names, and their values as JSON and CSV have them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from echoformat.label_batch import LabelBatch
from echoformat.rollouts.coded import Coded
from echoformat.rollouts.row_columns import RowColumns

if TYPE_CHECKING:
    from numpy.typing import NDArray

OF_ROW = ("run", "step", "split", "problem", "sample")
OF_LABEL = ("format", "variant", "family", "source", "confidence", "reason", "truncated", "status")
SHARD_COLUMNS = (*OF_ROW, *OF_LABEL, "reward", "correct")
CONFIDENCE_DIGITS = 6
Columns = dict[str, list[Any]]


class Writer(Protocol):
    """What takes the rows of one shard."""

    def __call__(self, rows: RowColumns, labels: LabelBatch) -> None:
        """Append some rows."""


def plain_columns(rows: RowColumns, labels: LabelBatch) -> Columns:
    """The columns of a file of labels as plain values; text that is not Unicode is mended."""
    said = labels.columns()
    said["confidence"] = [round(value, CONFIDENCE_DIGITS) for value in said["confidence"]]
    return {
        "run": clean(rows.runs).words(),
        "step": rows.step_list(),
        "split": clean(rows.splits).words(),
        "problem": clean(rows.problems).words(),
        "sample": rows.samples.tolist(),
        **{name: said[name] for name in OF_LABEL},
        "truncated": truncated(rows, labels).tolist(),
        "reward": rows.reward_list(),
        "correct": rows.correct_list(),
    }


def truncated(rows: RowColumns, labels: LabelBatch) -> NDArray[np.bool_]:
    """Cut off by the look of it, or because the log says so."""
    flags: NDArray[np.bool_] = labels.truncated | (rows.truncateds == 1)
    return flags


def clean(words: Coded) -> Coded:
    """The same words, lone surrogates replaced."""
    if "".join(words.names).isascii():
        return words
    mended = [word.encode("utf-8", "replace").decode() for word in words.names]
    return Coded.joined([Coded(mended, words.codes)])
