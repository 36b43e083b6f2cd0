"""Known: what is remembered of a file that is followed, and how to see what became of it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

AT_ONCE = 8 << 20
"""Bytes of new lines that are read at once (one row may be longer)."""

MARK = 64
"""Bytes before the place where reading stopped that are kept, to see whether a file was written anew."""


@dataclass(slots=True)
class Known:
    """What is remembered of a file: how far it was read, and how to see that it is still the same."""

    inode: int = 0
    offset: int = 0
    lines: int = 0
    rows: int = 0
    size: int = 0
    changed: int = 0
    mark: str = ""
    run: str = ""

    def to_list(self) -> list[Any]:
        """Its values in their order, for JSON."""
        return [getattr(self, name) for name in self.__slots__]


def seen(status: os.stat_result) -> tuple[int, int, int]:
    """What changes when a file does: size, time, inode."""
    return status.st_size, status.st_mtime_ns, status.st_ino


def whole_lines(path: str, start: int, size: int) -> tuple[int, int]:
    """End of the last whole line in the next piece of a file, and how many lines that is."""
    end, lines = start, 0
    with Path(path).open("rb") as stream:
        stream.seek(start)
        at = start
        while at < size and (end == start or at - start < AT_ONCE):
            piece = stream.read(min(1 << 20, size - at))
            if not piece:
                break
            cut = piece.rfind(b"\n")
            if cut >= 0:
                end = at + cut + 1
            at += len(piece)
            lines += piece.count(b"\n")
    return end, lines


def mark_before(path: str, end: int) -> str:
    """The bytes before a place, to see later whether the file was written anew."""
    start = max(0, end - MARK)
    with Path(path).open("rb") as stream:
        stream.seek(start)
        return stream.read(end - start).hex()
