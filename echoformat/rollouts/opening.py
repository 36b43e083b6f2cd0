"""Bytes out of files: compression by magic bytes, and every byte before a fault.

The decompressors of the standard library are driven by hand: their file objects throw away what they had
already decompressed when a member turns out to be cut or damaged.
"""

from __future__ import annotations

import bz2
import codecs
import lzma
import stat
import zlib
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any, BinaryIO, cast

from echoformat.errors import MissingExtra, UsageError

# Lines of a piece are parsed together; a larger one would leave the processor's cache.
CHUNK = 1 << 17
_PACKED_CHUNK = 1 << 14


class Compression(StrEnum):
    """How a file is packed."""

    NONE = "none"
    GZIP = "gzip"
    ZSTD = "zstd"
    BZIP2 = "bzip2"
    XZ = "xz"


class BrokenStream(Exception):
    """The bytes end in a fault; all that came before it was delivered."""


_MAGIC = {
    b"\x1f\x8b": Compression.GZIP,
    b"\x28\xb5\x2f\xfd": Compression.ZSTD,
    b"BZh": Compression.BZIP2,
    b"\xfd7zXZ\x00": Compression.XZ,
}


def is_url(path: str) -> bool:
    """Whether a path names a remote file for fsspec (``s3://...``)."""
    scheme, found, _ = path.partition("://")
    return bool(found) and scheme.replace("+", "").isalnum()


def open_raw(path: str) -> BinaryIO:
    """Open a local file, or a remote one through the user's fsspec."""
    if is_url(path):
        return cast(BinaryIO, fsspec().open(path, "rb").open())
    mode = Path(path).stat().st_mode
    if not stat.S_ISREG(mode):
        raise UsageError(f"{path} is not a regular file ({_kind(mode)}); give a file, a directory or a glob")
    return Path(path).open("rb")


def fsspec() -> Any:
    """The fsspec module, or the line that installs it."""
    try:
        import fsspec as module
    except ImportError as error:
        raise MissingExtra("fsspec", "io", "Reading a remote path") from error
    return module


def compression_of(head: bytes) -> Compression:
    """Compression by magic bytes, whatever the file is called.

    Example:
        >>> compression_of(b"\\x1f\\x8b\\x08"), compression_of(b'{"step": 1}')
        (<Compression.GZIP: 'gzip'>, <Compression.NONE: 'none'>)
    """
    return next((kind for magic, kind in _MAGIC.items() if head.startswith(magic)), Compression.NONE)


def chunks(stream: BinaryIO, compression: Compression, size: int = CHUNK) -> Iterator[bytes]:
    """The decompressed bytes of a stream, in bounded pieces.

    Raises:
        BrokenStream: The stream is cut or damaged, after everything before that was yielded.
    """
    if compression is Compression.NONE:
        yield from iter(lambda: stream.read(size), b"")
    elif compression is Compression.ZSTD:
        yield from _unzstd(stream, size)
    elif compression is Compression.GZIP:
        yield from _gunzip(stream)
    else:
        yield from _unpack(
            stream, bz2.BZ2Decompressor if compression is Compression.BZIP2 else lzma.LZMADecompressor
        )


def _gunzip(stream: BinaryIO) -> Iterator[bytes]:
    unpacker, left, members, fresh = zlib.decompressobj(31), b"", 0, True
    while data := left or stream.read(_PACKED_CHUNK):
        try:
            out = unpacker.decompress(data)
        except zlib.error as error:
            if members and fresh:
                raise BrokenStream(f"garbage after {members} gzip members") from error
            raise BrokenStream(f"gzip data damaged: {error}") from error
        if out:
            yield out
        left, fresh = unpacker.unused_data, False
        if unpacker.eof:
            members += 1
            unpacker, left, fresh = zlib.decompressobj(31), left.lstrip(b"\0"), True
    if not fresh or not members:
        raise BrokenStream("gzip data end too early (file cut or still being written)")


def _unpack(stream: BinaryIO, make: Any) -> Iterator[bytes]:
    unpacker, data, fresh = make(), b"", True
    while True:
        if unpacker.eof:
            data, unpacker, fresh = unpacker.unused_data, make(), True
        elif not unpacker.needs_input:
            data = b""
        if unpacker.needs_input and not data and not (data := stream.read(_PACKED_CHUNK)):
            break
        try:
            out = unpacker.decompress(data, CHUNK)
        except (OSError, EOFError, lzma.LZMAError) as error:
            raise BrokenStream(f"compressed data damaged: {error}") from error
        data, fresh = b"", False
        if out:
            yield out
    if not fresh:
        raise BrokenStream("compressed data end too early (file cut or still being written)")


def _unzstd(stream: BinaryIO, size: int) -> Iterator[bytes]:
    zstandard = zstd()
    reader = zstandard.ZstdDecompressor().stream_reader(stream, read_across_frames=True)
    while True:
        try:
            out = reader.read(size)
        except zstandard.ZstdError as error:
            raise BrokenStream(f"zstd data damaged: {error}") from error
        if not out:
            return
        yield out


def zstd() -> Any:
    """The zstandard module, or the line that installs it."""
    try:
        import zstandard
    except ImportError as error:
        raise MissingExtra("zstandard", "io", "Reading zstd-compressed logs") from error
    return zstandard


def encoding_of(head: bytes) -> str:
    """``"utf-16"`` (or its little/big form without a mark) where the bytes say so, else ``"utf-8"``.

    Example:
        >>> encoding_of('{"a": 1}'.encode("utf-16")), encoding_of(b'{"a": 1}')
        ('utf-16', 'utf-8')
    """
    if head[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return "utf-16"
    if len(head) >= 4 and head[1::2][:8].count(0) == len(head[1::2][:8]) and head[0] in b'{["':
        return "utf-16-le"
    if len(head) >= 4 and head[0] == 0 and head[1] in b'{["':
        return "utf-16-be"
    return "utf-8"


def as_utf8(pieces: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    """The same text in UTF-8."""
    if encoding == "utf-8":
        yield from pieces
        return
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    for piece in pieces:
        yield decoder.decode(piece).encode("utf-8", "surrogatepass")


def _kind(mode: int) -> str:
    kinds = {stat.S_IFIFO: "a FIFO", stat.S_IFSOCK: "a socket", stat.S_IFDIR: "a directory"}
    return kinds.get(stat.S_IFMT(mode), "a device")


def same_file(path: str) -> tuple[Any, ...]:
    """What two names of one file share."""
    if is_url(path):
        return (path,)
    real = Path(path).stat()
    return (real.st_dev, real.st_ino)
