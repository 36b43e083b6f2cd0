"""Shards of labels: columns written to parquet or JSONL files that appear whole or not at all."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from echoformat.engines.parquet_labels import parquet_writer, pyarrow
from echoformat.engines.shard_columns import SHARD_COLUMNS, Writer, plain_columns
from echoformat.errors import UsageError
from echoformat.label import Versions
from echoformat.label_batch import LabelBatch
from echoformat.rollouts.row_columns import RowColumns

KINDS = ("parquet", "jsonl")


@dataclass(frozen=True, slots=True)
class Shard:
    """One finished file of labels.

    Attributes:
        name: Its name in the folder.
        rows: How many labels it holds.
        sha256: Of its bytes.
    """

    name: str
    rows: int
    sha256: str


def checked_kind(kind: str) -> str:
    """The kind of a shard.

    Raises:
        UsageError: Neither parquet nor JSONL.
        MissingExtra: Parquet without pyarrow.
    """
    if kind not in KINDS:
        raise UsageError(f"kind={kind!r}: shards are written as parquet or jsonl")
    if kind == "parquet":
        pyarrow()
    return kind


@contextmanager
def shard_writer(path: Path, kind: str, versions: Versions) -> Iterator[Writer]:
    """What writes one shard; the file gets its name only when everything is in it and on the disk."""
    part = path.with_name(f".{path.name}.tmp")
    with rows_writer(part, kind, versions) as write:
        yield write
    with part.open("rb") as file:
        os.fsync(file.fileno())
    part.replace(path)


def rows_writer(path: Path, kind: str, versions: Versions) -> AbstractContextManager[Writer]:
    """What writes rows of labels to a file of a kind, as they come.

    Raises:
        MissingExtra: Parquet without pyarrow.
    """
    return (parquet_writer if kind == "parquet" else _jsonl)(path, versions)


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, as hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def join_shards(folder: Path, shards: Sequence[Shard], kind: str, target: Path) -> None:
    """Finished shards of one kind as one file, a part of a shard at a time."""
    (_join_parquet if kind == "parquet" else _join_jsonl)([folder / shard.name for shard in shards], target)


def _join_jsonl(paths: Sequence[Path], target: Path) -> None:
    with target.open("wb") as out:
        for i, path in enumerate(paths):
            with path.open("rb") as file:
                head = next(file)
                if i == 0:
                    out.write(head)
                shutil.copyfileobj(file, out, 1 << 20)


def _join_parquet(paths: Sequence[Path], target: Path) -> None:
    pyarrow()
    import pyarrow.parquet as pq

    with pq.ParquetWriter(target, pq.read_schema(paths[0]), compression="zstd") as out:
        for path in paths:
            shard = pq.ParquetFile(path)
            for group in range(shard.num_row_groups):
                out.write_table(shard.read_row_group(group))


@contextmanager
def _jsonl(path: Path, versions: Versions) -> Iterator[Writer]:
    head = {"echoformat_labels": versions.to_dict(), "columns": SHARD_COLUMNS}
    encode = json.JSONEncoder(allow_nan=False).encode
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(json.dumps(head) + "\n")

        def write(rows: RowColumns, labels: LabelBatch) -> None:
            columns = plain_columns(rows, labels)
            values = zip(*(columns[name] for name in SHARD_COLUMNS), strict=True)
            file.writelines(encode(dict(zip(SHARD_COLUMNS, row, strict=True))) + "\n" for row in values)

        yield write
