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
from typing import Any, Protocol

from echoformat.completion_batch import CompletionBatch
from echoformat.errors import MissingExtra, UsageError
from echoformat.label import Versions
from echoformat.label_batch import LabelBatch

OF_ROW = ("run", "step", "split", "problem", "sample")
OF_LABEL = ("format", "variant", "family", "source", "confidence", "reason", "truncated", "status")
SHARD_COLUMNS = (*OF_ROW, *OF_LABEL, "reward", "correct")
KINDS = ("parquet", "jsonl")
CONFIDENCE_DIGITS = 6
# Batches of one row group: what a page costs, however few rows are in it, is shared by more of them.
GROUP_BATCHES = 4
Columns = dict[str, list[Any]]
# Confidences hardly ever return.
_IN_DICTIONARIES = [name for name in SHARD_COLUMNS if name != "confidence"]
_OF_BATCH = ("runs", "steps", "splits", "problems", "samples", "rewards", "corrects", "truncateds")


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


class Writer(Protocol):
    """What takes the rows of one shard."""

    def __call__(self, batch: CompletionBatch, labels: LabelBatch) -> None:
        """Append the rows of a batch."""


def checked_kind(kind: str) -> str:
    """The kind of a shard.

    Raises:
        UsageError: Neither parquet nor JSONL.
        MissingExtra: Parquet without pyarrow.
    """
    if kind not in KINDS:
        raise UsageError(f"kind={kind!r}: shards are written as parquet or jsonl")
    if kind == "parquet":
        _pyarrow()
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
    return (_parquet if kind == "parquet" else _jsonl)(path, versions)


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
    _pyarrow()
    import pyarrow.parquet as pq

    with pq.ParquetWriter(target, pq.read_schema(paths[0]), compression="zstd") as out:
        for path in paths:
            shard = pq.ParquetFile(path)
            for group in range(shard.num_row_groups):
                out.write_table(shard.read_row_group(group))


def plain_columns(batch: CompletionBatch, labels: LabelBatch) -> Columns:
    """The columns of a file of labels as plain values; text that is not Unicode is mended."""
    said = labels.columns()
    said["confidence"] = [round(value, CONFIDENCE_DIGITS) for value in said["confidence"]]
    return {
        **_row_columns(batch),
        **{name: said[name] for name in OF_LABEL},
        "truncated": _truncated(batch, said["truncated"]),
        "reward": [finite(value) for value in batch.rewards],
        "correct": batch.corrects,
    }


def _row_columns(batch: CompletionBatch) -> Columns:
    return {
        "run": _clean(batch.runs),
        "step": batch.steps,
        "split": _clean(batch.splits),
        "problem": _clean(batch.problems),
        "sample": batch.samples,
    }


def _truncated(batch: CompletionBatch, seen: Sequence[bool]) -> list[bool]:
    """Cut off by the look of it, or because the log says so."""
    return [bool(flag or said) for flag, said in zip(seen, batch.truncateds, strict=True)]


def _clean(values: list[str]) -> list[str]:
    """The same texts, lone surrogates replaced."""
    if not values or (values[0].isascii() and values.count(values[0]) == len(values)):
        return values
    if "".join(values).isascii():
        return values
    return [value.encode("utf-8", "replace").decode() for value in values]


def finite(value: float | None) -> float | None:
    """A number that JSON and parquet readers take alike; ``None`` for infinities and NaN."""
    return value if value is not None and abs(value) < float("inf") else None


@contextmanager
def _jsonl(path: Path, versions: Versions) -> Iterator[Writer]:
    head = {"echoformat_labels": versions.to_dict(), "columns": SHARD_COLUMNS}
    encode = json.JSONEncoder(allow_nan=False).encode
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(json.dumps(head) + "\n")

        def write(batch: CompletionBatch, labels: LabelBatch) -> None:
            columns = plain_columns(batch, labels)
            rows = zip(*(columns[name] for name in SHARD_COLUMNS), strict=True)
            file.writelines(encode(dict(zip(SHARD_COLUMNS, row, strict=True))) + "\n" for row in rows)

        yield write


@contextmanager
def _parquet(path: Path, versions: Versions) -> Iterator[Writer]:
    pa = _pyarrow()
    import pyarrow.parquet as pq

    facts = {f"echoformat.{key}": value for key, value in versions.to_dict().items()}
    schema = pa.schema(arrow_fields(pa, SHARD_COLUMNS), metadata=facts)
    with pq.ParquetWriter(path, schema, compression="zstd", use_dictionary=_IN_DICTIONARIES) as file:
        rows, held = CompletionBatch(), list[LabelBatch]()

        def write(batch: CompletionBatch, labels: LabelBatch) -> None:
            rows.extend(batch, _OF_BATCH)
            held.append(labels)
            if len(held) == GROUP_BATCHES:
                flush()

        def flush() -> None:
            file.write_table(_table(pa, rows, LabelBatch.concat(held), schema))
            rows.clear()
            held.clear()

        yield write
        if held:
            flush()


def _table(pa: Any, batch: CompletionBatch, labels: LabelBatch, schema: Any) -> Any:
    """The columns; labels go from codes to the file without a Python object a row."""
    said = labels.to_arrow()
    columns = {name: _decoded(pa, said[name].chunk(0)) for name in OF_LABEL}
    for name, values in _row_columns(batch).items():
        columns[name] = _array(pa, values, schema.field(name).type)
    if any(batch.truncateds):
        columns["truncated"] = pa.array(_truncated(batch, said["truncated"].to_pylist()))
    columns["reward"] = _finite_array(pa, batch.rewards)
    columns["correct"] = _array(pa, batch.corrects, pa.bool_())
    return pa.Table.from_arrays([columns[name] for name in SHARD_COLUMNS], schema=schema)


def _decoded(pa: Any, codes: Any) -> Any:
    return codes.dictionary_decode() if pa.types.is_dictionary(codes.type) else codes


def _array(pa: Any, values: list[Any], kind: Any) -> Any:
    """Values as Arrow has them; one that stands in every row is converted once."""
    is_one = values.count(values[0]) == len(values)
    return pa.repeat(pa.scalar(values[0], type=kind), len(values)) if is_one else pa.array(values, type=kind)


def _finite_array(pa: Any, values: list[float | None]) -> Any:
    import pyarrow.compute as pc

    if values.count(None) == len(values):
        return pa.nulls(len(values), pa.float64())
    numbers = pa.array(values, type=pa.float64())
    return pc.if_else(pc.is_finite(numbers), numbers, None)


def arrow_fields(pa: Any, columns: Sequence[str]) -> list[tuple[str, Any]]:
    """Name and Arrow type of each column of a file of labels; text where nothing else is said."""
    kinds = {
        "step": pa.int64(),
        "sample": pa.int32(),
        "confidence": pa.float32(),
        "truncated": pa.bool_(),
        "reward": pa.float64(),
        "correct": pa.bool_(),
    }
    return [(name, kinds.get(name, pa.string())) for name in columns]


def _pyarrow() -> Any:
    try:
        import pyarrow
    except ImportError as error:
        raise MissingExtra("pyarrow", "io", "writing parquet") from error
    return pyarrow
