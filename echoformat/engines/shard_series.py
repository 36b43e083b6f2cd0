"""Shards of labels counted: the series of the whole from the partial counts of its shards."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from echoformat.cells import count_cells
from echoformat.engines.manifest import NAME, Manifest
from echoformat.errors import UsageError, did_you_mean
from echoformat.label import Status, Versions
from echoformat.series import COLUMNS, FormatSeries

AT_ONCE = 65_536


def series_of_shards(folder: str | Path, of: str = "format") -> FormatSeries:
    """The series of everything that `label_files` wrote into a folder, a part of a shard at a time.

    Args:
        folder: Where the shards are; the job need not be complete.
        of: ``format``, ``family``, ``variant`` or ``source``.

    Raises:
        UsageError: No manifest there, no finished shard, or an unknown `of`.
    """
    if of not in COLUMNS:
        raise UsageError(f"cannot count by {of!r}: {did_you_mean(of, COLUMNS)}")
    manifest = Manifest.read_from(Path(folder))
    if manifest is None or not manifest.shards:
        raise UsageError(f"{folder} has no finished shards ({NAME} tells of them)")
    parts = (
        _series(_with_problems(rows, f"{shard.name}#{i}"), of, manifest.versions)
        for shard in manifest.shards
        for i, rows in enumerate(_rows(Path(folder) / shard.name))
    )
    return _merged(parts)


def _with_problems(rows: dict[str, list[Any]], place: str) -> dict[str, list[Any]]:
    """Completions of no known problem are each a problem of their own."""
    problems = [problem or f"{place}#{i}" for i, problem in enumerate(rows["problem"])]
    return {**rows, "problem": problems}


def _merged(parts: Iterator[FormatSeries]) -> FormatSeries:
    """Pairwise like binary digits: a cell is merged log(parts) times."""
    stack: list[tuple[int, FormatSeries]] = []
    for part in parts:
        size = 1
        while stack and stack[-1][0] == size:
            part, size = stack.pop()[1].merge(part), size * 2
        stack.append((size, part))
    if not stack:
        raise UsageError("the shards hold no rows: there is nothing to count")
    return stack[0][1].merge(*(part for _, part in stack[1:]))


def _series(rows: dict[str, list[Any]], of: str, versions: Versions) -> FormatSeries:
    """Counted as `FormatSeries.from_labels` counts."""
    present = [i for i, status in enumerate(rows["status"]) if status != Status.MISSING]
    timed = [i for i in present if rows["step"][i] is not None]
    kept = timed or present
    at = [rows["step"][i] or 0 for i in kept]
    pick = {key: [rows[key][i] for i in kept] for key in ("run", "split", "problem")}
    cells = count_cells(
        pick["run"],
        np.array(at, dtype=np.int64),
        pick["split"],
        pick["problem"],
        [_name(rows, i, of) for i in kept],
        _numbers(rows["correct"], kept),
        _numbers(rows["reward"], kept),
    )
    missing = len(rows["status"]) - len(present)
    return FormatSeries(cells, of, (versions,), missing, len(present) - len(kept))


def _name(rows: dict[str, list[Any]], i: int, of: str) -> str:
    format, value = rows["format"][i], rows[of][i]
    if format is None:
        return str(rows["reason"][i])
    if of == "variant":
        return f"{format}/{value}" if value else str(format)
    return str(value) if value is not None else "unknown"


def _numbers(values: list[Any], kept: list[int]) -> Any:
    return np.array([np.nan if values[i] is None else float(values[i]) for i in kept], dtype=np.float64)


def _rows(path: Path) -> Iterator[dict[str, list[Any]]]:
    if path.suffix == ".parquet":
        import pyarrow.parquet as pq

        for batch in pq.ParquetFile(path).iter_batches(AT_ONCE):
            yield {name: batch.column(name).to_pylist() for name in batch.schema.names}
        return
    with path.open(encoding="utf-8") as file:
        names = json.loads(next(file))["columns"]
        rows = [json.loads(line) for line in file]
    yield {name: [row[name] for row in rows] for name in names}
