"""placed(): the step and the split that a file's path names."""

from __future__ import annotations

from collections.abc import Sequence

from echoformat.rollouts.file import LogFile
from echoformat.rollouts.reader import Reader
from echoformat.rollouts.steps import integer_part, split_in_path, step_in_path


def placed(taken: Sequence[tuple[LogFile, Reader]]) -> None:
    """Give each file the step and the split of its path."""
    shared = _shared_folders([file for file, _ in taken])
    pattern = taken[0][0].options.pattern()
    for file, reader in taken:
        own = getattr(reader, "step_of_path", None)
        if pattern is not None:
            found = pattern.search(file.path)
            file.step = int(found[1]) if found and (found[1] or "").isdecimal() else None
        elif file.options.step_from == "path":
            file.step = next(
                (s for s in (step_in_path(file.path), integer_part(file.path)) if s is not None), None
            )
        elif reader.name == "generic":
            file.step = step_in_path("/".join(_below(file, shared)))
        else:
            file.step = own(file) if own is not None else None
            file.step = step_in_path("/".join(file.parts)) if file.step is None else file.step
        file.split = _split(file, reader, shared)


def _split(file: LogFile, reader: Reader, shared: int) -> str:
    parts = _below(file, shared) if reader.name == "generic" else file.parts
    return split_in_path(parts)


def _shared_folders(files: Sequence[LogFile]) -> int:
    """How many leading folders all files stand in; they say nothing about which file is which."""
    folders = [file.folders for file in files]
    depth = 0
    while all(len(one) > depth and one[depth] == folders[0][depth] for one in folders):
        depth += 1
    return depth


def _below(file: LogFile, shared: int) -> tuple[str, ...]:
    """The parts of a path that tell files of one log apart: those below the folder that was named."""
    return (*file.folders[shared:], file.name) if file.named else file.parts[1:]
