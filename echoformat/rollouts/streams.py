"""Streams over part of a file, and over pieces of bytes."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any, BinaryIO

from echoformat.rollouts import opening


class Bounded:
    """The next bytes of a stream, no more than so many."""

    def __init__(self, stream: BinaryIO, size: int) -> None:
        self._stream, self._left = stream, size

    def piece(self) -> bytes:
        """The next piece; empty at the end."""
        got = self._stream.read(min(opening.CHUNK, self._left))
        self._left -= len(got)
        return got


class Pieces(io.RawIOBase):
    """Pieces of bytes as a stream."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._given, self._left = pieces, b""

    def readable(self) -> bool:
        """Yes."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer from what is left."""
        while not self._left:
            piece = next(self._given, None)
            if piece is None:
                return 0
            self._left = piece
        size = min(len(buffer), len(self._left))
        buffer[:size] = self._left[:size]
        self._left = self._left[size:]
        return size
