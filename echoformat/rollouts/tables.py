"""Rows out of tables: CSV with the standard library, parquet and Arrow through pyarrow."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Iterator
from typing import Any, BinaryIO

from echoformat.errors import MissingExtra

BATCH = 1024


def csv_rows(stream: BinaryIO, encoding: str, delimiter: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """The rows of a CSV file as ``(line, row)``; every value is text, missing cells are ``None``.

    Raises:
        csv.Error: The file breaks the rules of CSV from here on.
    """
    csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    name = "utf-8-sig" if encoding == "utf-8" else encoding
    text = io.TextIOWrapper(stream, encoding=name, errors="replace", newline="")
    reader = csv.DictReader(text, delimiter=delimiter)
    for row in reader:
        yield reader.line_num, row


def delimiter_of(head: str, path: str) -> str:
    """Tab, semicolon or comma, by the file's name and its first line.

    Example:
        >>> delimiter_of("step;completion;reward\\n", "rollouts.csv")
        ';'
    """
    first = head.split("\n", 1)[0]
    if ".tsv" in path.lower():
        return "\t"
    return max(",;\t", key=lambda mark: (first.count(mark), mark == ","))


def pyarrow() -> Any:
    """The pyarrow module, or the line that installs it."""
    try:
        import pyarrow as module
    except ImportError as error:
        raise MissingExtra("pyarrow", "io", "Reading parquet and Arrow files") from error
    return module


def parquet_batches(stream: BinaryIO, columns: list[str] | None = None) -> Iterator[Any]:
    """Record batches of a parquet file, one row group after the other."""
    pyarrow()
    from pyarrow import parquet

    yield from parquet.ParquetFile(stream).iter_batches(batch_size=BATCH, columns=columns)


def arrow_batches(stream: BinaryIO) -> Iterator[Any]:
    """Record batches of an Arrow file, of the stream or the file kind."""
    arrow = pyarrow()
    start = stream.read(6)
    stream.seek(0)
    if start == b"ARROW1":
        opened = arrow.ipc.open_file(stream)
        for index in range(opened.num_record_batches):
            yield from _small(opened.get_batch(index))
    else:
        for batch in arrow.ipc.open_stream(stream):
            yield from _small(batch)


def _small(batch: Any) -> Iterator[Any]:
    for start in range(0, batch.num_rows, BATCH):
        yield batch.slice(start, BATCH)


def table_rows(batches: Iterator[Any]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Rows of record batches as ``(row, values)``, counted from 1."""
    number = 0
    for batch in batches:
        for row in batch.to_pylist():
            number += 1
            yield number, row
