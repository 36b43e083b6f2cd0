"""run_names(): which run each file belongs to, by its folders."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from echoformat.rollouts.steps import SPLIT_FOLDER, STEP_IN_PATH

_EPOCH = re.compile(r"epoch[-_=]?\d+", re.IGNORECASE)
_SPLIT_AHEAD = re.compile(r"\A(?:train|eval|val|test)[-_]+(?=.*step[-_]?\d)", re.IGNORECASE)
_STAMP = re.compile(r"\A(?:\d[\dT:._+-]{7,}|[0-9a-f]{8,})\Z")
_NUMBER = re.compile(r"\A\d{1,7}\Z")
_PLAIN = {"all", "effective", "completions"}

Folders = tuple[str, ...]


def run_names(paths: Sequence[str]) -> list[str]:
    """A run for each file: folders that differ in more than step, split and time are different runs.

    Files of one folder are one run; so are the folders of one run's steps (``step_1/``, ``checkpoint-100/``).
    Folders that only a time stamp or a hash tells apart are different runs where they hold the same files of
    the same steps. A run is called by the folders that the runs do not share; with one run the name is empty.

    Example:
        >>> run_names(["a/step_1/x.json", "a/step_2/x.json", "b/step_1/x.json"])
        ['a', 'a', 'b']
        >>> run_names(["out/checkpoint-1/2025-01-01T00/x.json", "out/checkpoint-2/2025-01-02T00/x.json"])
        ['', '']
        >>> run_names(["out/2025-01-01T00/1.json", "out/2025-01-02T00/1.json"])
        ['2025-01-01T00', '2025-01-02T00']
    """
    pure = [PurePosixPath(path.replace("\\", "/")) for path in paths]
    kinds = [_without_steps(path.parts[:-1]) for path in pure]
    stamped = _told_by_stamps(pure, kinds)
    keys = [_with_stamps(path.parts[:-1]) if kind in stamped else kind for path, kind in zip(pure, kinds)]
    names = _names(list(dict.fromkeys(keys)))
    return [names[key] for key in keys]


def _told_by_stamps(pure: Sequence[PurePosixPath], kinds: Sequence[Folders]) -> set[Folders]:
    """Groups in which one file of one step stands under several stamps."""
    stamps: dict[tuple[Folders, Folders], Folders] = {}
    told = set()
    for path, kind in zip(pure, kinds):
        own = tuple(part for part in path.parts[:-1] if _STAMP.match(part))
        rest = tuple(part for part in path.parts if not _STAMP.match(part))
        if stamps.setdefault((kind, rest), own) != own:
            told.add(kind)
    return told


def _with_stamps(folders: Sequence[str]) -> Folders:
    return tuple(bare for folder in folders if (bare := _bare(folder)))


def _without_steps(folders: Sequence[str]) -> Folders:
    return tuple(bare for folder in folders if not _STAMP.match(folder) and (bare := _bare(folder)))


def _bare(folder: str) -> str:
    """A folder's name without step, epoch and split; empty where nothing else is left."""
    if folder.lower() in _PLAIN or _NUMBER.match(folder) or SPLIT_FOLDER.match(folder):
        return ""
    bare = _EPOCH.sub("", STEP_IN_PATH.sub("", _SPLIT_AHEAD.sub("", folder)))
    return bare.strip("_-. ") if bare != folder else folder


def _names(keys: Sequence[Folders]) -> dict[Folders, str]:
    if len(keys) < 2:
        return dict.fromkeys(keys, "")
    ahead = _shared(keys)
    rests = [key[ahead:] for key in keys]
    behind = _shared([rest[::-1] for rest in rests])
    behind = min(behind, min(map(len, rests)) - 1) if all(rests) else 0
    above = keys[0][ahead - 1] if ahead else "."
    return {key: "/".join(rest[: len(rest) - behind]) or above for key, rest in zip(keys, rests)}


def _shared(rows: Sequence[Folders]) -> int:
    depth = 0
    while all(len(row) > depth and row[depth] == rows[0][depth] for row in rows):
        depth += 1
    return depth
