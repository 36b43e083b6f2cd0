"""TRL's completions parquet (GRPO, RLOO-like trainers with ``log_completions``).

Reward columns carry the names of the user's reward functions; rows of a group share their prompt.
Evaluation writes the same path at the same step, so a file may hold evaluation where training stood; no
column says so, but the trainer's log history does. With ``num_iterations`` above one, file k + 1 repeats
file k.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from echoformat.completion import Completion
from echoformat.rollouts.container import Container
from echoformat.rollouts.file import LogFile
from echoformat.rollouts.opening import is_url
from echoformat.rollouts.readers.generic import flat_rows

_NAME = re.compile(r"completions_(\d+)\.parquet\Z")


class Trl:
    """``completions/completions_{step:05d}.parquet``."""

    name = "trl"
    title = "TRL completions parquet"
    source = "https://github.com/huggingface/trl/blob/main/trl/trainer/grpo_trainer.py"

    def sniff(self, file: LogFile) -> bool:
        """A parquet of that name, or with TRL's columns."""
        if file.container is not Container.PARQUET:
            return False
        if not {"prompt", "completion"} <= file.keys:
            return False
        return bool(_NAME.search(file.name)) or {"step", "advantage"} <= file.keys

    def step_of_path(self, file: LogFile) -> int | None:
        """The number in the file's name."""
        found = _NAME.search(file.name)
        return int(found[1]) if found else None

    def read(self, file: LogFile) -> Iterator[Completion]:
        """Rows; the total reward is the sum of the reward functions' columns."""
        history = _history(file)
        split = "" if history is None else "eval" if self.step_of_path(file) in history else "train"
        if history is None:
            file.report.note(
                "TRL writes evaluation over training at the same step and no column says which a file holds; "
                "a trainer_state.json or log_history.json in the output folder would"
            )
        rows = list(file.rows())
        if self._repeats(file, rows):
            file.report.repeats[REPEATED] += len(rows)
            return
        for completion in flat_rows(file, iter(rows), all_numbers=True):
            completion.split = split
            yield completion

    def _repeats(self, file: LogFile, rows: Sequence[tuple[int, Any]]) -> bool:
        """Whether the file before it held the same rows; one file is one step, so its rows fit in memory."""
        key = "trl before " + file.path.rpartition("/")[0]
        before, now = file.shared.get(key), _digest(rows)
        file.shared[key] = now
        return bool(rows) and before == now


REPEATED = (
    "TRL logged the same generation again at the next step (num_iterations or steps_per_generation above 1)"
)


def _digest(rows: Sequence[tuple[int, Any]]) -> str:
    """A hash of rows without their step."""
    digest = hashlib.blake2b(digest_size=16)
    for _, row in rows:
        whole = repr([(name, value) for name, value in row.items() if name != "step"])
        digest.update(whole.encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def _history(file: LogFile) -> frozenset[int] | None:
    """Steps at which the trainer evaluated, by the log history beside the folder; ``None`` without one."""
    key = "trl history " + file.path.rpartition("/")[0]
    if key not in file.shared:
        file.shared[key] = None if is_url(file.path) else _evaluated(Path(file.path).parent.parent)
    known: frozenset[int] | None = file.shared[key]
    return known


def _evaluated(home: Path) -> frozenset[int] | None:
    logs = [
        home / "log_history.json",
        home / "trainer_state.json",
        *home.glob("checkpoint-*/trainer_state.json"),
    ]
    found = [steps for log in logs if (steps := _evaluations(log)) is not None]
    return frozenset().union(*found) if found else None


def _evaluations(log: Path) -> set[int] | None:
    try:
        history: Any = json.loads(log.read_text("utf-8", "replace"))
    except (OSError, ValueError, RecursionError):
        return None
    if isinstance(history, dict):
        history = history.get("log_history")
    entries = [entry for entry in history if isinstance(entry, dict)] if isinstance(history, list) else []
    steps = (entry.get("step") for entry in entries if any(str(key).startswith("eval_") for key in entry))
    return {step for step in steps if isinstance(step, int)}


READER = Trl()
