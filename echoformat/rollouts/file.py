"""LogFile: one file as a reader sees it; its first record tells what wrote it, rows have places."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from pathlib import PurePosixPath
from typing import Any, BinaryIO

from echoformat.errors import InputError, MissingExtra
from echoformat.rollouts import opening, tables
from echoformat.rollouts.container import Container, container_of
from echoformat.rollouts.opening import BrokenStream, Compression
from echoformat.rollouts.options import ReadOptions
from echoformat.rollouts.records import Fields, JsonDocument, JsonRows, Lines
from echoformat.rollouts.report import BadRow, FileRead, ReadReport
from echoformat.rollouts.streams import Bounded, Pieces

HEAD = 1 << 16
ROWS = 256


@dataclass
class LogFile:
    """One file of a log.

    Attributes:
        path: Where it is, as given.
        parts: Its path below what the caller named, that name included.
        run: The run that its rows belong to where they do not say.
        named: Whether the caller named this file, rather than a folder above it.
        step: Step that its path names, ``None`` where none does.
        split: Split that its path names, else ``""``.
        options: What the caller asked for.
        report: Where faults and findings go.
        shared: What a reader remembers from file to file of one log (never rows).
        facts: What the reader noted about this file (``decoding``, ``broken``).
        window: Part of a file of JSON lines to read: first byte, end, lines before; ``None`` for all.
        mended: Lines with invalid UTF-8 so far.
        plans: What columns are, by their names, as the first row that had them showed it.
    """

    path: str
    parts: tuple[str, ...]
    options: ReadOptions
    report: ReadReport
    run: str = ""
    named: bool = False
    step: int | None = None
    split: str = ""
    shared: dict[str, Any] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    window: tuple[int, int, int] | None = None
    plans: dict[tuple[str, ...], Any] = field(default_factory=dict)
    read: FileRead = field(init=False)
    mended: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self.read = FileRead(self.path, "")

    @property
    def name(self) -> str:
        """File name without its folders."""
        return self.parts[-1] if self.parts else PurePosixPath(self.path).name

    @property
    def folders(self) -> tuple[str, ...]:
        """Folders above the file, as far as the path that was given names them."""
        return PurePosixPath(self.path.replace("\\", "/")).parts[:-1]

    @cached_property
    def raw_head(self) -> bytes:
        """First bytes as they stand on disk."""
        with opening.open_raw(self.path) as stream:
            return stream.read(HEAD)

    @cached_property
    def compression(self) -> Compression:
        """By magic bytes."""
        return opening.compression_of(self.raw_head)

    @cached_property
    def head(self) -> bytes:
        """First bytes, decompressed (as far as they can be)."""
        if self.compression is Compression.NONE:
            return self.raw_head
        got = b""
        try:
            with self.open() as stream:
                for piece in opening.chunks(stream, self.compression, HEAD):
                    got += piece
                    if len(got) >= HEAD:
                        break
        except BrokenStream as fault:
            self.facts["broken"] = str(fault)
        return got[:HEAD]

    @cached_property
    def encoding(self) -> str:
        """UTF-8, or the UTF-16 that its first bytes show."""
        return opening.encoding_of(self.head)

    @cached_property
    def text_head(self) -> str:
        """First characters, without byte order mark and space."""
        return self.head.decode(self.encoding, "replace").lstrip("\ufeff \t\r\n")

    @cached_property
    def container(self) -> Container:
        """What the bytes are, whatever the file is called."""
        return container_of(self.path, self.raw_head, self.head, self.text_head, lambda: self.members)

    @cached_property
    def members(self) -> tuple[str, ...]:
        """Names in a zip; none where it is no zip or a broken one."""
        try:
            with self.open() as stream, zipfile.ZipFile(stream) as archive:
                return tuple(archive.namelist())
        except (zipfile.BadZipFile, OSError):
            return ()

    @cached_property
    def first(self) -> Any:
        """The first record: a mapping in every log that this library reads, ``None`` where there is none."""
        try:
            return next((value for _, value in self._values(ReadReport())), None)
        except (BrokenStream, MissingExtra, OSError, ValueError, csv.Error, ArithmeticError) as error:
            if isinstance(error, MissingExtra):
                raise
            return None

    @property
    def keys(self) -> frozenset[str]:
        """Names of the first record's columns."""
        return frozenset(self.first) if isinstance(self.first, Mapping) else frozenset()

    def open(self) -> BinaryIO:
        """The bytes as they stand on disk."""
        return opening.open_raw(self.path)

    def rows(self) -> Iterator[tuple[int, Any]]:
        """Every row as ``(line or row number, value)``; faults go to the report."""
        yield from self._values(self.report)

    def chunks(self) -> Iterator[tuple[Sequence[int], list[Any] | Fields]]:
        """The lines and values of ``rows``, many at a time."""
        if self.container is Container.LINES:
            yield from self._json_rows(JsonRows.chunks, self.report)
            return
        rows = self.rows()
        while some := list(islice(rows, ROWS)):
            yield [line for line, _ in some], [value for _, value in some]

    def bad_row(self, reason: str, line: int | None = None, offset: int | None = None) -> None:
        """Report a row that cannot be used; with ``strict`` that ends the reading.

        Raises:
            InputError: ``strict`` was asked for.
        """
        if self.options.strict:
            raise InputError(reason, path=self.path, line=line, offset=offset)
        self.report.bad_row(self.path, reason, line, offset)

    def bad_file(self, reason: str, line: int | None = None, offset: int | None = None) -> None:
        """Report that the rest of the file cannot be read; with ``strict`` that ends the reading.

        Raises:
            InputError: ``strict`` was asked for.
        """
        if self.options.strict:
            raise InputError(reason, path=self.path, line=line, offset=offset)
        self.report.bad_file(self.path, reason, line, offset)

    def _pieces(self, stream: BinaryIO) -> Iterator[bytes]:
        return opening.as_utf8(opening.chunks(stream, self.compression), self.encoding)

    def _values(self, report: ReadReport) -> Iterator[tuple[int, Any]]:
        quiet = report is not self.report
        if self.container is Container.LINES:
            yield from self._json_rows(iter, report)
        elif self.container is Container.DOCUMENT:
            yield from self._document(quiet)
        elif self.container is Container.CSV:
            yield from self._csv(quiet)
        elif self.container in (Container.PARQUET, Container.ARROW):
            yield from self._table(quiet)

    def _json_rows(self, read: Callable[[JsonRows], Iterator[Any]], report: ReadReport) -> Iterator[Any]:
        quiet = report is not self.report
        bad = _ignore if quiet else self.bad_row
        start, end, number = self.window or (0, 0, 0)
        with self.open() as stream:
            if self.window is not None:
                stream.seek(start)
                pieces = iter(Bounded(stream, end - start).piece, b"")
            else:
                pieces = self._pieces(stream)
            rows = JsonRows(Lines(pieces, bad, start=start, number=number), bad)
            yield from read(rows)
        if not quiet:
            self._ending(rows)

    def _ending(self, rows: JsonRows) -> None:
        if rows.mended:
            said = f"{self.path}: {{}} lines held invalid UTF-8; it was replaced by U+FFFD"
            before, self.mended = self.mended, self.mended + rows.mended
            self.report.note(said.format(self.mended), instead_of=said.format(before))
        if rows.tail:
            reason, line, offset = rows.tail
            self._tail(reason, line, offset)
        if rows.lines.cut:
            self.bad_file(rows.lines.cut, rows.lines.number or None, rows.lines.offset)

    def _tail(self, reason: str, line: int, offset: int) -> None:
        if self.options.strict and not reason.startswith("NUL"):
            raise InputError(reason, path=self.path, line=line, offset=offset)
        self.report.tails.append(BadRow(self.path, reason, line, offset))

    def _document(self, quiet: bool) -> Iterator[tuple[int, Any]]:
        with self.open() as stream:
            document = JsonDocument(self._pieces(stream))
            yield from document
        if document.fault and not quiet:
            reason, offset = document.fault
            self.bad_file(reason, offset=offset)

    def _csv(self, quiet: bool) -> Iterator[tuple[int, Any]]:
        line = 1
        try:
            with self.open() as stream:
                pieces = opening.chunks(stream, self.compression)
                whole = io.BufferedReader(Pieces(pieces), opening.CHUNK)
                for line, row in tables.csv_rows(
                    whole, self.encoding, tables.delimiter_of(self.text_head, self.path)
                ):
                    yield line, row
        except (csv.Error, BrokenStream) as error:
            if not quiet:
                self.bad_file(str(error), line)

    def _table(self, quiet: bool) -> Iterator[tuple[int, Any]]:
        return tables.table_rows(self.batches(quiet))

    def batches(self, quiet: bool = False) -> Iterator[Any]:
        """The record batches of a parquet or Arrow file, as far as they can be read."""
        number = 0
        errors = (OSError, tables.pyarrow().lib.ArrowException, ValueError)
        try:
            with self.open() as stream:
                read = tables.parquet_batches if self.container is Container.PARQUET else tables.arrow_batches
                for batch in read(stream):
                    yield batch
                    number += batch.num_rows
        except errors as error:
            if not quiet:
                self.bad_file(f"damaged after row {number}: {str(error).splitlines()[0]}", number or None)


def _ignore(reason: str, line: int | None = None, offset: int | None = None) -> None:
    """Sniffing tells nobody; the reading will."""
