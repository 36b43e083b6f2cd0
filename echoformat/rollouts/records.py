"""JSON rows out of bytes: lines, arrays, pretty-printed and concatenated objects, each row on its own.

A row that cannot be read is counted with its place and the next one is tried; nothing is lost silently.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from operator import itemgetter
from typing import Any, NamedTuple

from echoformat.compiled import native
from echoformat.rollouts.opening import BrokenStream

_fast_loads: Callable[[bytes], Any] = json.loads
with suppress(ImportError):  # the extra `io` brings it; the standard library reads the same rows, slower
    from orjson import loads as _orjson_loads

    _fast_loads = _orjson_loads

ROW_CAP = 64 << 20
"""Bytes of one row; a longer one is a fault."""

Bad = Callable[[str, int, int], None]
"""Called with reason, line and byte offset."""


class LineBlock(NamedTuple):
    """Whole lines, the last without its newline: number and offset of the first, how many, their bytes."""

    number: int
    offset: int
    lines: int
    pieces: tuple[bytes | memoryview, ...]


class Records:
    """Rows of equal names, as they came: objects one by one.

    Attributes:
        names: Their columns, in order.
    """

    def __init__(self, names: tuple[str, ...], rows: list[dict[str, Any]]) -> None:
        self.names, self._rows = names, rows

    def __len__(self) -> int:
        return len(self._rows)

    def column(self, name: str) -> list[Any]:
        """The values of a column."""
        return list(map(itemgetter(name), self._rows))

    def rows(self) -> list[dict[str, Any]]:
        """The objects."""
        return self._rows


class Fields:
    """Rows of equal names, as columns: what `Records` are, without an object a row.

    Attributes:
        names: The columns, in order.

    Example:
        >>> Fields(("step", "text"), [[1, 2], ["a", "b"]]).rows()
        [{'step': 1, 'text': 'a'}, {'step': 2, 'text': 'b'}]
    """

    def __init__(self, names: tuple[str, ...], columns: list[list[Any]]) -> None:
        self.names, self._columns = names, columns

    def __len__(self) -> int:
        return len(self._columns[0])

    def column(self, name: str) -> list[Any]:
        """The values of a column."""
        return self._columns[self.names.index(name)]

    def rows(self) -> list[dict[str, Any]]:
        """The objects."""
        return [dict(zip(self.names, row)) for row in zip(*self._columns)]


class Lines:
    """The lines of a stream with their offsets; rows above the cap are reported and stepped over.

    Attributes:
        open_end: Whether the line just given had no newline behind it (it may be half-written).
        offset: Byte offset of the line just given.
        number: Its number, from 1.
        cut: The fault that ended the stream early, if one did.
    """

    def __init__(
        self, pieces: Iterable[bytes], bad: Bad, cap: int = ROW_CAP, start: int = 0, number: int = 0
    ) -> None:
        self._pieces, self._bad, self._cap = pieces, bad, cap
        self.open_end, self.offset, self.number = False, start, number
        self.cut: str | None = None

    def __iter__(self) -> Iterator[bytes]:
        for block in self.blocks():
            yield from self.split(block)

    def split(self, block: LineBlock) -> Iterator[bytes]:
        """The lines of a block one by one, each with its place told."""
        offset = block.offset
        for at, row in enumerate(b"".join(block.pieces).split(b"\n"), block.number):
            self.number, self.offset = at, offset
            offset += len(row) + 1
            yield row

    def blocks(self) -> Iterator[LineBlock]:
        """Whole lines as they come, many at a time; ``number`` and ``offset`` are those of the last."""
        held: list[bytes] = []
        length, dropping, number, start = 0, False, self.number + 1, self.offset
        for piece in self._whole():
            cut, begin = piece.rfind(b"\n"), 0
            if cut >= 0:
                if dropping:
                    begin = piece.index(b"\n") + 1
                    number, start, held, length = number + 1, start + length + begin, [], 0
                if begin <= cut:
                    lines = 1 + _newlines(piece, begin, cut)
                    self.number = number + lines - 1
                    last = piece.rfind(b"\n", begin, cut) + 1
                    self.offset = start + length + last - begin if last > begin else start
                    yield LineBlock(number, start, lines, (*held, memoryview(piece)[begin:cut]))
                    number, start = number + lines, start + length + cut - begin + 1
                held, length, dropping = [piece[cut + 1 :]], len(piece) - cut - 1, False
            else:
                held.append(piece)
                length += len(piece)
            if length > self._cap and not dropping:
                self._bad(f"row longer than {self._cap >> 20} MB", number, start)
                dropping = True
            if dropping:
                held = []
        if length and not dropping:
            self.number, self.offset, self.open_end = number, start, True
            yield LineBlock(number, start, 1, tuple(held))

    def _whole(self) -> Iterator[bytes]:
        try:
            yield from self._pieces
        except BrokenStream as fault:
            self.cut = str(fault)


class JsonRows:
    """The values of JSON lines as ``(line, value)``, with the odd ones told apart from the lost ones.

    orjson reads a line first. What it refuses (``NaN``, lone surrogates, invalid UTF-8, a byte order mark,
    two objects without a newline between them) goes to the standard library; what that refuses too is bad.

    Attributes:
        tail: Place and reason of a half-written or NUL tail, where there is one.
        mended: How many lines held invalid UTF-8 that was replaced.
    """

    def __init__(self, lines: Lines, bad: Bad) -> None:
        self.lines, self._bad = lines, bad
        self.tail: tuple[str, int, int] | None = None
        self.mended = 0

    def __iter__(self) -> Iterator[tuple[int, Any]]:
        for block in self.lines.blocks():
            yield from self._each(block)

    def chunks(self) -> Iterator[tuple[Sequence[int], list[Any] | Fields]]:
        """The same lines and values, as many at a time as came at once.

        The compiled part reads records that are alike into columns. What it leaves is parsed as one array,
        its newlines taken as commas: a third of the time goes into the calls. It is read line by line where
        that fails or does not give a value a line.
        """
        for block in self.lines.blocks():
            values = _fields(block) or _array(block)
            if values is None:
                yield from ((range(line, line + 1), [value]) for line, value in self._each(block))
            else:
                yield range(block.number, block.number + block.lines), values

    def _each(self, block: LineBlock) -> Iterator[tuple[int, Any]]:
        lines, loads = self.lines, _fast_loads
        for raw in lines.split(block):
            try:
                value = loads(raw)
            except (ValueError, RecursionError):
                for value in self._slow(raw):
                    yield lines.number, value
                continue
            yield lines.number, value

    def _slow(self, raw: bytes) -> Iterator[Any]:
        body = raw.removeprefix(codecs.BOM_UTF8).strip(b" \t\r\0")
        if not body:
            if b"\0" in raw:
                self.tail = ("NUL bytes ignored", self.lines.number, self.lines.offset)
            return
        try:
            yield from decoded(self._text(body))
        except RecursionError:
            self._bad("nested too deeply", self.lines.number, self.lines.offset)
        except ValueError as error:
            self._refuse(error)

    def _text(self, body: bytes) -> str:
        try:
            return body.decode("utf-8", "surrogatepass")
        except UnicodeDecodeError:
            self.mended += 1
            return body.decode("utf-8", "replace")

    def _refuse(self, error: ValueError) -> None:
        if self.lines.open_end:
            self.tail = ("last line is half-written", self.lines.number, self.lines.offset)
        else:
            reason = getattr(error, "msg", "cannot be read")
            self._bad(f"not JSON: {reason}", self.lines.number, self.lines.offset)


def _newlines(piece: bytes, begin: int, end: int) -> int:
    """How many there are; `bytes.count` looks at one byte at a time, `find` at many."""
    compiled = native()
    if compiled is not None:
        return int(compiled.newlines(piece, begin, end))
    count, at = 0, piece.find(b"\n", begin, end)
    while at >= 0:
        count, at = count + 1, piece.find(b"\n", at + 1, end)
    return count


def _fields(block: LineBlock) -> Fields | None:
    """The records of a block as columns, where there is one in each of its lines and all are alike."""
    compiled = native()
    found = None if compiled is None else compiled.fields(block.pieces, block.lines, _fast_loads)
    return None if found is None else Fields(*found)


def _array(block: LineBlock) -> list[Any] | None:
    """The values of a block, where there is one in each of its lines."""
    compiled = native()
    try:
        if compiled is not None:
            values: list[Any] = _fast_loads(compiled.json_array(block.pieces))
        else:
            values = _fast_loads(b"".join((b"[", *block.pieces, b"]")).replace(b"\n", b","))
    except (ValueError, RecursionError):
        return None
    return values if len(values) == block.lines else None


_DECODER = json.JSONDecoder(strict=False)
_SPACE = " \t\r\n"


def decoded(text: str) -> Iterator[Any]:
    """The JSON values that stand one behind the other in a text.

    Raises:
        ValueError: What stands there is no JSON; the values before it were yielded.

    Example:
        >>> list(decoded('{"a": NaN} {"b": 1}'))
        [{'a': nan}, {'b': 1}]
    """
    at = 0
    while at < len(text):
        value, at = _DECODER.raw_decode(text, at)
        yield value
        at = _skip(text, at, _SPACE)


def _skip(text: str, at: int, what: str) -> int:
    while at < len(text) and text[at] in what:
        at += 1
    return at


class JsonDocument:
    """The values of a JSON array, or of pretty-printed or concatenated objects, read piece by piece.

    Attributes:
        fault: Reason and byte offset of what ended the reading early, where something did.
    """

    def __init__(self, pieces: Iterable[bytes], cap: int = 1 << 30) -> None:
        self._pieces = iter(pieces)
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")("replace")
        self._text, self._at, self._before, self._cap, self._ended = "", 0, 0, cap, False
        self.fault: tuple[str, int] | None = None

    def __iter__(self) -> Iterator[tuple[int, Any]]:
        row = 0
        self._more()
        self._at = _skip(self._text, 0, _SPACE)
        array = self._text[self._at : self._at + 1] == "["
        self._at += array
        while self._next(array):
            try:
                value, self._at = self._value()
            except (ValueError, RecursionError) as error:
                self._fail(error)
                return
            row += 1
            yield row, value
        if array and self._text[self._at : self._at + 1] != "]" and self.fault is None:
            self.fault = ("array ends too early", self.offset)

    @property
    def offset(self) -> int:
        """Bytes (of the decompressed UTF-8 text) read so far."""
        return self._before + len(self._text[: self._at].encode("utf-8", "surrogatepass"))

    def _fail(self, error: Exception) -> None:
        deep = isinstance(error, RecursionError)
        reason = "nested too deeply" if deep else f"not JSON: {getattr(error, 'msg', error)}"
        self.fault = self.fault or (reason, self.offset)

    def _next(self, array: bool) -> bool:
        while True:
            self._at = _skip(self._text, self._at, _SPACE + ("," if array else "\0"))
            if self._at < len(self._text):
                return not (array and self._text[self._at] == "]")
            if not self._more():
                return False

    def _value(self) -> tuple[Any, int]:
        while True:
            try:
                return _DECODER.raw_decode(self._text, self._at)
            except ValueError:
                if not self._more():
                    raise

    def _more(self) -> bool:
        """Read as much again as is held, so that one large value is tried a logarithmic number of times."""
        if self._ended:
            return False
        self._before = self.offset
        held = [self._text[self._at :]]
        wanted, got = max(1, len(held[0])), 0
        self._at = 0
        while got < wanted and not self._ended:
            got += self._add(held)
        self._text = "".join(held)
        if len(self._text) > self._cap:
            raise ValueError(f"one value is longer than {self._cap >> 20} MB")
        return got > 0

    def _add(self, held: list[str]) -> int:
        try:
            piece = next(self._pieces, None)
        except BrokenStream as broken:
            self.fault, piece = (str(broken), self._before), None
        self._ended = piece is None
        text = self._decoder.decode(piece or b"", final=piece is None)
        held.append(text)
        return len(text)
