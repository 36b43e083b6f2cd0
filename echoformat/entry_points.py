"""Entry points of installed packages, looked for by file before anything slow is imported.

`importlib.metadata` with what it imports costs a process some 30 ms, more than a whole shelf of formats. Most
installations bring no entry point of ours, and whether one could is seen in the files that list them.
"""

from __future__ import annotations

import sys
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

MARK = b"[echoformat."
HOLDERS = (".dist-info", ".egg-info", "egg-info")


def entry_points(group: str) -> tuple[EntryPoint, ...]:
    """Entry points of a group of ours, in the order that `importlib.metadata` gives.

    Example:
        >>> entry_points("echoformat.of-nobody")
        ()
    """
    if not is_possible(tuple(sys.path)):
        return ()
    return tuple(import_module("importlib.metadata").entry_points(group=group))


@lru_cache(maxsize=4)
def is_possible(paths: tuple[str, ...]) -> bool:
    """Whether something on these paths may bring an entry point of ours; in doubt, yes.

    In doubt are archives, and any finder of modules that says where distributions are in its own way.
    """
    if any(hasattr(finder, "find_distributions") for finder in sys.meta_path if not _is_standard(finder)):
        return True
    return any(_may_bring(Path(path)) for path in paths)


def _is_standard(finder: object) -> bool:
    return getattr(finder, "__module__", "").startswith("_frozen_importlib")


def _may_bring(path: Path) -> bool:
    if not path.is_dir():
        return path.exists()
    holders = (child for child in path.iterdir() if child.name.lower().endswith(HOLDERS))
    return any(MARK in _content(holder / "entry_points.txt") for holder in holders)


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
