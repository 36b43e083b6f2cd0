"""Files of labels: one row a completion; the versions in parquet metadata or in a first JSONL record."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from echoformat.engines.shard_columns import SHARD_COLUMNS, Writer, plain_columns
from echoformat.engines.shards import rows_writer
from echoformat.errors import UsageError
from echoformat.label import Versions
from echoformat.label_batch import LabelBatch
from echoformat.report.escape import csv_cell
from echoformat.rollouts.row_columns import RowColumns

LABEL_COLUMNS = SHARD_COLUMNS


def label_writer(path: Path, suffix: str, versions: Versions) -> AbstractContextManager[Writer]:
    """What writes batches to a file of this suffix.

    Raises:
        UsageError: No such kind of file.
        MissingExtra: Parquet without pyarrow.
    """
    if suffix not in (".parquet", ".jsonl", ".csv"):
        raise UsageError(
            f"-o: cannot write {suffix or 'a file without a suffix'}; use .parquet, .jsonl or .csv"
        )
    if suffix == ".csv":
        return _csv(path, versions)
    return rows_writer(path, suffix.removeprefix("."), versions)


@contextmanager
def _csv(path: Path, versions: Versions) -> Iterator[Writer]:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([*LABEL_COLUMNS, "versions"])
        said = json.dumps(versions.to_dict())

        def write(rows: RowColumns, labels: LabelBatch) -> None:
            columns = plain_columns(rows, labels)
            for row in zip(*(columns[name] for name in LABEL_COLUMNS), strict=True):
                writer.writerow([*map(csv_cell, row), said])

        yield write
