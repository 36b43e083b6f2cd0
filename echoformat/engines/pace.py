"""Pace: how fast a long job goes, and how long it will still take."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

SAMPLES = 16
SAMPLE_BYTES = 1 << 16


@dataclass(frozen=True, slots=True)
class Pace:
    """The state of a job.

    Attributes:
        rows: Rows done, those of an earlier, interrupted run included.
        rows_per_second: Of this run.
        seconds_left: Estimate; ``None`` where the number of rows cannot be told.
    """

    rows: int
    rows_per_second: float
    seconds_left: float | None


Progress = Callable[[Pace], None]


class Stopwatch:
    """Times a job.

    Args:
        expected: Rows in all, where known.
        done: Rows done before it started.
    """

    def __init__(self, expected: int | None, done: int = 0) -> None:
        self._expected, self._before, self._start = expected, done, time.monotonic()
        self.rows = done

    def add(self, rows: int) -> Pace:
        """Some more rows are done."""
        self.rows += rows
        seconds = max(time.monotonic() - self._start, 1e-9)
        rate = (self.rows - self._before) / seconds
        known = self._expected is not None and rate > 0
        left = max(0.0, (self._expected or 0) - self.rows) / rate if known else None
        return Pace(self.rows, rate, left)


def expected_rows(paths: list[str]) -> int | None:
    """About how many rows some files hold, from a few samples; ``None`` where that cannot be told.

    Example:
        >>> expected_rows(["no/such/file.jsonl"]) is None
        True
    """
    counts = [_rows(Path(path)) for path in paths]
    known = [count for count in counts if count is not None]
    return sum(known) if known and len(known) == len(counts) else None


def _rows(path: Path) -> int | None:
    if not path.is_file():
        return None
    if path.suffix == ".parquet":
        return _parquet_rows(path)
    return _lines(path) if path.suffix in (".jsonl", ".ndjson") else None


def _parquet_rows(path: Path) -> int | None:
    try:
        import pyarrow.parquet as pq

        return int(pq.ParquetFile(path).metadata.num_rows)
    except (ImportError, OSError, ValueError):
        return None


def _lines(path: Path) -> int:
    """Lines of a file: counted where it is small, else from samples spread over it."""
    size = path.stat().st_size
    with path.open("rb") as file:
        if size <= SAMPLES * SAMPLE_BYTES:
            return sum(1 for _ in file)
        newlines = 0
        for i in range(SAMPLES):
            file.seek((size - SAMPLE_BYTES) * i // (SAMPLES - 1))
            newlines += file.read(SAMPLE_BYTES).count(b"\n")
    return max(1, size * newlines // (SAMPLES * SAMPLE_BYTES))
