"""Label columns as a series counts them: names, steps and numbers of the rows that count."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from echoformat.errors import EchoformatWarning, UsageError, did_you_mean
from echoformat.label import STATUSES, Status, Versions
from echoformat.label_batch import LabelBatch

Floats = NDArray[np.float64]
COLUMNS = ("format", "family", "variant", "source")


def warn_of_mixed_versions(versions: Sequence[Versions]) -> None:
    """Warn where labels of one series were made by different detectors.

    A detector upgrade inside a series looks exactly like a collapse.

    Warns:
        EchoformatWarning: More than one version.
    """
    if len(versions) > 1:
        made = "; ".join(
            " ".join(f"{k} {v}" for k, v in version.to_dict().items() if v) for version in versions
        )
        warnings.warn(
            f"labels of {len(versions)} versions in one series ({made}): a change of detector looks exactly "
            "like a collapse. Label all of it again with one version",
            EchoformatWarning,
            stacklevel=3,
        )


def column_names(labels: LabelBatch, of: str) -> list[str]:
    """What to count for each label: the value of a column, or the state where it has none.

    A format of the declared shelf that no source of the mixture shows is counted as ``unknown``.

    Raises:
        UsageError: No such column.
    """
    columns = {
        "format": labels.formats,
        "family": labels.family_list,
        "variant": labels.variant_list,
        "source": labels.source_list,
    }
    if of not in columns:
        raise UsageError(f"cannot count by {of!r}: {did_you_mean(of, COLUMNS)}")
    formats, states = labels.formats(), labels.reason_list()
    if of == "variant":
        return [
            (f"{format}/{value}" if value else format) if format else states[i]
            for i, (format, value) in enumerate(zip(formats, columns[of](), strict=True))
        ]
    outside = "unknown"
    return [
        value if value is not None else (states[i] if formats[i] is None else outside)
        for i, value in enumerate(columns[of]())
    ]


def check_lengths(size: int, columns: Mapping[str, Any]) -> None:
    """Refuse columns of another length than the labels.

    Raises:
        UsageError: One of them.
    """
    for name, values in columns.items():
        if values is not None and len(values) != size:
            raise UsageError(f"{name} has {len(values)} rows, the labels have {size}")


def kept_rows(labels: LabelBatch, steps: Any) -> tuple[NDArray[np.bool_], NDArray[np.int64] | None]:
    """Which rows hold a completion, and 0 or -1 for rows with and without a step; ``None``: none has one."""
    kept = np.asarray(labels.statuses != STATUSES.index(Status.MISSING))
    if steps is None or all(step is None for step in steps):
        return kept, None
    return kept, np.fromiter((0 if _is_step(step) else -1 for step in steps), np.int64, len(steps))


def _is_step(step: Any) -> bool:
    return step is not None and step == step


def whole_steps(steps: Any, timed: NDArray[np.int64]) -> NDArray[np.int64]:
    """Steps as whole numbers; 0 where a row has none."""
    return np.fromiter(
        (int(s) if ok >= 0 else 0 for s, ok in zip(steps, timed, strict=True)), np.int64, len(timed)
    )


def pick(values: Sequence[str], rows: NDArray[np.intp]) -> list[str]:
    """The values of some rows."""
    return [values[i] for i in rows.tolist()]


def numbers(values: Any, rows: NDArray[np.intp]) -> Floats | None:
    """The numbers of some rows, NaN where a row has none."""
    if values is None:
        return None
    every = np.array([np.nan if value is None else float(value) for value in values], dtype=np.float64)
    return every[rows]
