"""RolloutRecord: completions appended to JSONL by every process, for loops that keep none themselves."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Mapping
from itertools import count
from pathlib import Path
from typing import Any

from echoformat.live.inputs import rank_of_process

logger = logging.getLogger("echoformat")


class RolloutRecord:
    r"""One file a process (``rollouts_<rank>_<process id>.jsonl``), one line a completion, whole lines only.

    `echoformat.read_rollouts` and ``echoformat watch`` read the folder. It never raises: the first failure to
    write is logged. It can be sent to other processes; each writes its own file.

    Args:
        folder: Where to write; made if missing.
        completions_per_step: Completions this process scores per training step, where the hook is not told
            the step: line *n* is then given step *n* // this. Without it lines carry no step.

    Example:
        >>> import tempfile
        >>> record = RolloutRecord(tempfile.mkdtemp())
        >>> record.write(prompt="2+2?", completion="4", reward=1.0)
        >>> record.path.read_text()
        '{"prompt": "2+2?", "completion": "4", "reward": 1.0}\n'
    """

    def __init__(self, folder: str | Path, completions_per_step: int | None = None) -> None:
        self.folder, self.completions_per_step = Path(folder), completions_per_step
        # Reward functions are called from several threads; drawing from a counter is atomic.
        self._numbers = count()
        self._told = False

    def __reduce__(self) -> tuple[type[RolloutRecord], tuple[Path, int | None]]:
        return RolloutRecord, (self.folder, self.completions_per_step)

    @property
    def path(self) -> Path:
        """This process's file."""
        return self.folder / f"rollouts_{rank_of_process()}_{os.getpid()}.jsonl"

    def write(self, **row: Any) -> None:
        """Append one completion."""
        number = next(self._numbers)
        if self.completions_per_step:
            row = {"step": number // self.completions_per_step} | row
        try:
            self._append(json.dumps(_plain(row), allow_nan=False).encode() + b"\n")
        except Exception as error:
            if not self._told:
                self._told = True
                logger.warning("echoformat could not record a rollout; training goes on. %r", error)

    def _append(self, line: bytes) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        # One write on an append-only descriptor: threads of one process never interleave their lines.
        descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            os.write(descriptor, line)
        finally:
            os.close(descriptor)


def _plain(value: Any) -> Any:
    """A value as JSON knows it: tensors and arrays as numbers or lists, NaN and the rest as null or text."""
    if isinstance(value, str | bool | int) or value is None:
        return value
    if isinstance(value, float):
        return value if value - value == 0 else None
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if hasattr(value, "tolist"):
        return _plain(value.tolist())
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return str(value)
