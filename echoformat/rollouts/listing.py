"""Files out of what a caller names: files, directories, globs, URLs; each once, in numeric order."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from glob import glob, has_magic
from itertools import groupby
from pathlib import Path, PurePosixPath
from typing import Any

from echoformat.errors import UsageError
from echoformat.rollouts.opening import fsspec, is_url, same_file
from echoformat.rollouts.report import ReadReport

LOG_SUFFIXES = (
    ".jsonl",
    ".jsonl-async",
    ".ndjson",
    ".json",
    ".csv",
    ".tsv",
    ".parquet",
    ".arrow",
    ".pt",
    ".eval",
)
PACKED = (".gz", ".zst", ".bz2", ".xz")

_DIGITS = re.compile(r"(\d+)")


@dataclass(slots=True)
class Listed:
    """A file found: its path, its path below what was named, and whether it was named itself."""

    path: str
    parts: tuple[str, ...]
    named: bool


def numeric_key(path: str) -> tuple[Any, ...]:
    """Sorts ``2.jsonl`` before ``10.jsonl``.

    Example:
        >>> sorted(["10.jsonl", "2.jsonl", "eval_2.pt"], key=numeric_key)
        ['2.jsonl', '10.jsonl', 'eval_2.pt']
    """
    pieces = _DIGITS.split(path)
    return tuple((0, int(p), "") if p.isdecimal() and len(p) < 4000 else (1, 0, p) for p in pieces if p)


Paths = str | os.PathLike[str] | Iterable[str | os.PathLike[str]]


def as_paths(paths: Paths) -> list[str]:
    """One path or several, as text.

    Raises:
        UsageError: None was given, or something that is no path.
    """
    if isinstance(paths, str | os.PathLike):
        paths = [paths]
    if not isinstance(paths, Iterable):
        raise UsageError(f"paths={paths!r}: give a path, or a list of paths")
    given = [os.fspath(path) if isinstance(path, os.PathLike) else path for path in paths]
    if not given or not all(isinstance(path, str) for path in given):
        raise UsageError(f"paths={paths!r}: give at least one file, directory or glob")
    return [str(path) for path in given]


def listed(given: Sequence[str], report: ReadReport) -> list[Listed]:
    """Every file that the paths name, each once; what is no log is told to the report.

    Raises:
        UsageError: A path does not exist, or a glob matches nothing.
    """
    seen: dict[Any, str] = {}
    kept = []
    for one in _in_order(given, report):
        try:
            key = same_file(one.path)
        except OSError as error:
            _unusable(one, error, report)
            continue
        if key in seen:
            report.note(f"{one.path} is the same file as {seen[key]} and is read once")
        else:
            seen[key] = one.path
            kept.append(one)
    return kept


def _in_order(given: Sequence[str], report: ReadReport) -> Iterator[Listed]:
    """Files in numeric order, below each folder and among files named one by one (by ``*`` in a shell)."""
    found = (one for path in given for one in sorted(_expand(path, report), key=_by_number))
    for _, group in groupby(found, key=_folder_of_named):
        together = list(group)
        yield from sorted(together, key=_by_number) if together[0].named else together


def _folder_of_named(one: Listed) -> str | None:
    """The folder of a file that was named itself, numbers aside: folders of steps stand in order too."""
    return _DIGITS.sub("0", str(PurePosixPath(one.path).parent)) if one.named else None


def _by_number(one: Listed) -> tuple[Any, ...]:
    return numeric_key(one.path)


def _unusable(one: Listed, error: OSError, report: ReadReport) -> None:
    if one.named:
        raise UsageError(f"{one.path} cannot be read: {error.strerror}") from error
    report.passed_over[one.path] = f"cannot be read: {error.strerror}"


def _expand(path: str, report: ReadReport) -> Iterator[Listed]:
    if is_url(path):
        yield from _remote(path, report)
    elif Path(path).is_dir():
        yield from _walk(path, report)
    elif os.path.lexists(path):
        yield Listed(path, PurePosixPath(path).parts[-6:], True)
    elif has_magic(path):
        yield from _globbed(path, report)
    else:
        raise UsageError(_missing(path))


def _globbed(pattern: str, report: ReadReport) -> Iterator[Listed]:
    matches = glob(pattern, recursive=True)  # noqa: PTH207 - patterns may be absolute
    if not matches:
        raise UsageError(f"{pattern} matches no file")
    for match in matches:
        if Path(match).is_dir():
            yield from _walk(match, report)
        else:
            yield Listed(match, PurePosixPath(match).parts[-6:], True)


def _missing(path: str) -> str:
    parent = Path(path).parent
    if not parent.is_dir():
        return f"{path} does not exist"
    try:
        names = [one.name for one in parent.iterdir()]
    except OSError:
        names = []
    near = difflib.get_close_matches(Path(path).name, names, n=1)
    return f"{path} does not exist" + (f"; did you mean {near[0]!r}?" if near else f"; {parent} does")


def _walk(top: str, report: ReadReport) -> Iterator[Listed]:
    base = Path(top)
    visited = set()
    for folder, below, names in os.walk(top, followlinks=True, onerror=lambda error: _denied(error, report)):
        real = os.path.realpath(folder)
        below[:] = sorted((d for d in below if not d.startswith(".")), key=numeric_key)
        if real in visited:
            below[:] = []
            continue
        visited.add(real)
        for name in names:
            path = str(Path(folder) / name)
            if _may_be_log(name):
                yield Listed(path, (base.name, *Path(path).relative_to(base).parts), False)
            else:
                report.passed_over[path] = (
                    "not the name of a log (" + (Path(name).suffix or "no suffix") + ")"
                )


def _denied(error: OSError, report: ReadReport) -> None:
    report.passed_over[str(error.filename)] = f"cannot be read: {error.strerror}"


def _may_be_log(name: str) -> bool:
    low = name.lower()
    for packed in PACKED:
        low = low.removesuffix(packed)
    return low.endswith(LOG_SUFFIXES) or (low != name.lower() and not name.startswith("."))


def _remote(url: str, report: ReadReport) -> Iterator[Listed]:
    system, path = fsspec().core.url_to_fs(url)
    found = system.glob(path) if has_magic(path) else [path]
    for one in found:
        for file in system.find(one) or [one]:
            full = system.unstrip_protocol(file)
            if file == one or _may_be_log(file):
                yield Listed(full, PurePosixPath(file).parts[-6:], file == one)
            else:
                report.passed_over[full] = "not the name of a log"
