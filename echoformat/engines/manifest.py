"""Manifest: what a folder of label shards was made from, and which shards are finished."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from echoformat.engines.shards import Shard, sha256_of
from echoformat.errors import UsageError
from echoformat.label import Versions

NAME = "manifest.json"
LAYOUT = 1


@dataclass(frozen=True, slots=True)
class Input:
    """One file that was read: its size and time of change say whether it is still the same."""

    path: str
    size: int | None
    mtime_ns: int | None


@dataclass(frozen=True, slots=True)
class Manifest:
    """The state of a labelling job, written anew after every shard.

    Attributes:
        versions: What the labels are made by.
        inputs: The files, in the order they are read.
        options: Everything else that decides which row goes where.
        shards: Finished shards, in order; each begins where the one before it ends.
        complete: Whether every row is in a shard.
        read: What was read and what was not; empty until complete.
    """

    versions: Versions
    inputs: tuple[Input, ...]
    options: dict[str, Any]
    shards: tuple[Shard, ...] = ()
    complete: bool = False
    read: dict[str, Any] | None = None

    @property
    def rows(self) -> int:
        """Labels in finished shards."""
        return sum(shard.rows for shard in self.shards)

    def with_shard(self, shard: Shard) -> Manifest:
        """With one more shard finished."""
        return replace(self, shards=(*self.shards, shard))

    def write(self, folder: Path, *, lasting: bool = True) -> None:
        """Write it to its place in one step.

        Args:
            folder: Where the shards are.
            lasting: Wait until it is on the disk.
        """
        said = {
            "layout": LAYOUT,
            "versions": self.versions.to_dict(),
            "inputs": [{"path": one.path, "size": one.size, "mtime_ns": one.mtime_ns} for one in self.inputs],
            "options": self.options,
            "shards": _with_offsets(self.shards),
            "complete": self.complete,
            "read": self.read,
            "rows": self.rows,
        }
        part = folder / f".{NAME}.tmp"
        with part.open("w", encoding="utf-8") as file:
            file.write(_written(said))
            if lasting:
                file.flush()
                os.fsync(file.fileno())
        part.replace(folder / NAME)

    @staticmethod
    def read_from(folder: Path) -> Manifest | None:
        """The manifest of a folder, ``None`` where it has none.

        Raises:
            UsageError: It cannot be read, or another version of echoformat laid it out.
        """
        path = folder / NAME
        if not path.is_file():
            return None
        try:
            said = json.loads(path.read_text(encoding="utf-8"))
            if said.get("layout") != LAYOUT:
                raise UsageError(f"{path}: layout {said.get('layout')!r}, this echoformat knows {LAYOUT}")
            return Manifest(
                Versions(**said["versions"]),
                tuple(Input(**one) for one in said["inputs"]),
                said["options"],
                tuple(Shard(one["name"], one["rows"], one["sha256"]) for one in said["shards"]),
                said["complete"],
                said["read"],
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            if isinstance(error, UsageError):
                raise
            raise UsageError(f"{path} is no manifest ({error}); label into another folder") from error

    def check_same_job(self, other: Manifest, folder: Path) -> None:
        """Refuse to go on with another job.

        Raises:
            UsageError: Other inputs, options or versions, with what differs.
        """
        differs = [
            name for name in ("versions", "inputs", "options") if getattr(self, name) != getattr(other, name)
        ]
        if differs:
            raise UsageError(
                f"{folder} holds labels of another job: {_difference(self, other, differs[0])}. Label into "
                "another folder, or start over with resume=False"
            )

    def sound(self, folder: Path) -> Manifest:
        """Without the shards from the first on that is missing or damaged."""
        for i, shard in enumerate(self.shards):
            path = folder / shard.name
            if not path.is_file() or sha256_of(path) != shard.sha256:
                return replace(self, shards=self.shards[:i], complete=False, read=None)
        return self


def inputs_of(paths: Iterable[str]) -> tuple[Input, ...]:
    """What identifies input files now; of a remote one its name alone."""
    return tuple(_input(path) for path in paths)


def _input(path: str) -> Input:
    if not Path(path).is_file():
        return Input(path, None, None)
    found = Path(path).stat()
    return Input(path, found.st_size, found.st_mtime_ns)


def _written(said: dict[str, Any]) -> str:
    """JSON with a line for each fact, and for each file of a list."""
    # Asked to indent, the standard library encodes in Python, and after every shard that would tell.
    encode = json.JSONEncoder(allow_nan=False).encode
    facts = (f" {encode(name)}: {_lines(value, encode)}" for name, value in said.items())
    return "{\n" + ",\n".join(facts) + "\n}\n"


def _lines(value: Any, encode: Callable[[Any], str]) -> str:
    if isinstance(value, list) and value:
        return "[\n  " + ",\n  ".join(map(encode, value)) + "\n ]"
    return encode(value)


def _with_offsets(shards: Sequence[Shard]) -> list[dict[str, Any]]:
    first, said = 0, []
    for shard in shards:
        said.append({"name": shard.name, "first_row": first, "rows": shard.rows, "sha256": shard.sha256})
        first += shard.rows
    return said


def _difference(old: Manifest, new: Manifest, name: str) -> str:
    if name == "inputs":
        known = {one.path: one for one in old.inputs}
        changed = [one.path for one in new.inputs if known.get(one.path) != one]
        gone = sorted(set(known) - {one.path for one in new.inputs})
        return f"inputs changed: {', '.join([*changed, *gone][:5])}"
    before, now = getattr(old, name), getattr(new, name)
    return f"{name} were {before}, are now {now}"
