"""Files out of what a caller names: files, directories, globs, URLs; each once, in numeric order."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from glob import glob, has_magic
from pathlib import Path, PurePosixPath
from typing import Any

from echoformat.errors import UsageError, did_you_mean
from echoformat.rollouts.opening import fsspec, is_url, same_file
from echoformat.rollouts.report import ReadReport
from echoformat.rollouts.steps import SPLITS, STEP_IN_PATH

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
_EPOCH = re.compile(r"epoch[-_=]?\d+", re.IGNORECASE)
_SPLIT_AHEAD = re.compile(r"\A(?:train|eval|val|test)[-_]+", re.IGNORECASE)
_STAMP = re.compile(r"\A[\dT:._-]{8,}\Z|\A[0-9a-f]{8,}\Z|\A\d+\Z")


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


def as_paths(paths: Any) -> list[str]:
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
    for path in given:
        found = sorted(_expand(path, report), key=lambda one: numeric_key(one.path))
        for one in found:
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
        names = sorted(one.name for one in parent.iterdir())[:20]
    except OSError:
        names = []
    return f"{path} does not exist; {did_you_mean(Path(path).name, names)}"


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


def run_names(files: Sequence[Listed]) -> list[str]:
    """A run for each file: folders that differ in more than step, split and time stamps are different runs.

    Files of one folder are one run; so are the folders of one run's steps (``step_1/``, ``checkpoint-100/``).
    The name is the shortest end of the folder's path that tells the runs apart; with one run it is empty.

    Example:
        >>> run_names([Listed(p, (), True) for p in ("a/step_1/x.json", "a/step_2/x.json", "b/x.json")])
        ['a', 'a', 'b']
    """
    stems = [_without_steps(PurePosixPath(file.path.replace(os.sep, "/")).parts[:-1]) for file in files]
    kinds = list(dict.fromkeys(stems))
    if len(kinds) < 2:
        return [""] * len(files)
    names = _short_names(kinds)
    return [names[stem] for stem in stems]


def _without_steps(folders: Sequence[str]) -> tuple[str, ...]:
    bare = (_EPOCH.sub("", _SPLIT_AHEAD.sub("", STEP_IN_PATH.sub("", folder))) for folder in folders)
    return tuple(f for f in bare if f.strip("_-. ") and not _STAMP.match(f) and f.lower() not in _PLAIN)


_PLAIN = {*SPLITS, "all", "effective", "completions", "rollouts"}


def _short_names(kinds: Sequence[tuple[str, ...]]) -> dict[tuple[str, ...], str]:
    depth = 1
    while depth < max(map(len, kinds)) and len({kind[-depth:] for kind in kinds}) < len(kinds):
        depth += 1
    shared = 0
    tails = [kind[-depth:] for kind in kinds]
    while min(map(len, tails)) > 1 + shared and len({tail[-1 - shared] for tail in tails}) == 1:
        shared += 1
    return {kind: "/".join(tail[: len(tail) - shared]) for kind, tail in zip(kinds, tails, strict=True)}
