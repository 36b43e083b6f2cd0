"""Files of labels: one row a completion; the versions in parquet metadata or in a first JSONL record."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from echoformat.completion import Completion
from echoformat.engines.shards import (
    CONFIDENCE_DIGITS,
    OF_LABEL,
    OF_ROW,
    SHARD_COLUMNS,
    arrow_fields,
    finite,
)
from echoformat.errors import MissingExtra, UsageError
from echoformat.label import Versions
from echoformat.label_batch import LabelBatch
from echoformat.report.escape import csv_cell

LABEL_COLUMNS = SHARD_COLUMNS

Write = Callable[[list[Completion], LabelBatch], None]


def label_columns(batch: list[Completion], labels: LabelBatch) -> dict[str, list[Any]]:
    """The columns of a labels file for one batch; text that is not Unicode is mended."""
    said = labels.columns()
    said["confidence"] = [round(value, CONFIDENCE_DIGITS) for value in said["confidence"]]
    cut = zip(said["truncated"], batch, strict=True)
    return {
        **{name: [_clean(getattr(row, name)) for row in batch] for name in OF_ROW},
        **{name: said[name] for name in OF_LABEL},
        "truncated": [flag or bool(row.truncated) for flag, row in cut],
        "reward": [finite(row.reward) for row in batch],
        "correct": [row.correct for row in batch],
    }


def _clean(value: Any) -> Any:
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


def label_writer(path: Path, suffix: str, versions: Versions) -> AbstractContextManager[Write]:
    """What writes batches to a file of this suffix.

    Raises:
        UsageError: No such kind of file.
        MissingExtra: Parquet without pyarrow.
    """
    writers = {".parquet": _parquet, ".jsonl": _jsonl, ".csv": _csv}
    if suffix not in writers:
        raise UsageError(
            f"-o: cannot write {suffix or 'a file without a suffix'}; use .parquet, .jsonl or .csv"
        )
    return writers[suffix](path, versions)


@contextmanager
def _jsonl(path: Path, versions: Versions) -> Iterator[Write]:
    head = {"echoformat_labels": versions.to_dict(), "columns": LABEL_COLUMNS}
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(json.dumps(head) + "\n")

        def write(batch: list[Completion], labels: LabelBatch) -> None:
            columns = label_columns(batch, labels)
            for row in zip(*columns.values(), strict=True):
                file.write(json.dumps(dict(zip(columns, row, strict=True)), allow_nan=False) + "\n")

        yield write


@contextmanager
def _csv(path: Path, versions: Versions) -> Iterator[Write]:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([*LABEL_COLUMNS, "versions"])
        said = json.dumps(versions.to_dict())

        def write(batch: list[Completion], labels: LabelBatch) -> None:
            for row in zip(*label_columns(batch, labels).values(), strict=True):
                writer.writerow([*map(csv_cell, row), said])

        yield write


@contextmanager
def _parquet(path: Path, versions: Versions) -> Iterator[Write]:
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        raise MissingExtra("pyarrow", "io", "writing parquet") from error
    facts = {f"echoformat.{key}": value for key, value in versions.to_dict().items()}
    schema = pa.schema(arrow_fields(pa, LABEL_COLUMNS), metadata=facts)
    with pq.ParquetWriter(path, schema) as writer:

        def write(batch: list[Completion], labels: LabelBatch) -> None:
            writer.write_table(pa.table(label_columns(batch, labels), schema=schema))

        yield write
