"""container_of(): what a file is, by its first bytes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import PurePosixPath

from echoformat.rollouts.records import decoded


class Container(StrEnum):
    """What a file is, by its bytes."""

    LINES = "JSON lines"
    DOCUMENT = "JSON"
    CSV = "CSV"
    PARQUET = "parquet"
    ARROW = "Arrow"
    TORCH = "torch zip"
    ZIP = "zip"
    EMPTY = "empty"
    UNKNOWN = "unknown"


def container_of(
    path: str, raw: bytes, head: bytes, text: str, members: Callable[[], Sequence[str]]
) -> Container:
    """What a file is; its name counts only where the bytes leave it open.

    Args:
        path: The file.
        raw: Its first bytes as they stand on disk.
        head: Its first bytes, decompressed.
        text: These as text, without byte order mark and leading space.
        members: Names of the members, for a zip.
    """
    if not raw or not head.strip(b"\0 \t\r\n"):
        return Container.EMPTY
    if raw.startswith(b"PAR1"):
        return Container.PARQUET
    if raw.startswith((b"ARROW1", b"\xff\xff\xff\xff")):
        return Container.ARROW
    if raw.startswith(b"PK\x03\x04"):
        torch = any(name.endswith("/data.pkl") for name in members())
        return Container.TORCH if torch else Container.ZIP
    return _text_container(path, text)


def _text_container(path: str, text: str) -> Container:
    if text[:1] == "[":
        return Container.DOCUMENT
    if text[:1] == "{":
        return Container.LINES if _first_line_whole(text) else Container.DOCUMENT
    suffixes = PurePosixPath(path.lower()).suffixes
    if {".csv", ".tsv"} & set(suffixes) or ("\0" not in text and _looks_like_table(text)):
        return Container.CSV
    return Container.LINES if ".jsonl" in suffixes else Container.UNKNOWN


def _first_line_whole(text: str) -> bool:
    """Whether the first line is a value of its own, or a broken one before a line that begins like one."""
    first, newline, rest = text.partition("\n")
    if not newline:
        return True
    try:
        list(decoded(first.strip("\0")))
    except (ValueError, RecursionError):
        return rest.lstrip()[:1] == "{"
    return True


def _looks_like_table(text: str) -> bool:
    first, newline, _ = text.partition("\n")
    names = [name.strip().strip('"') for name in first.replace(";", ",").replace("\t", ",").split(",")]
    return bool(newline) and len(names) > 1 and all(name.replace("_", "a").isalnum() for name in names)
