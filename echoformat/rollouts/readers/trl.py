"""TRL's completions parquet (GRPO, RLOO-like trainers with ``log_completions``).

Reward columns carry the names of the user's reward functions; rows of a group share their prompt. Evaluation
writes the same path at the same step, so a file may hold evaluation where training stood; no column says so,
but the trainer's log history does. With ``num_iterations`` above one, file k + 1 repeats file k.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from echoformat.completion import Completion
from echoformat.rollouts.file import Container, LogFile
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
        own = {"prompt", "completion", "advantage"} <= file.keys
        return own and ("step" in file.keys or bool(_NAME.search(file.name)))

    def step_of_path(self, file: LogFile) -> int | None:
        """The number in the file's name."""
        found = _NAME.search(file.name)
        return int(found[1]) if found else None

    def read(self, file: LogFile) -> Iterator[Completion]:
        """Rows; the total reward is the sum of the reward functions' columns."""
        evaluated = self.step_of_path(file) in _evaluated_steps(file)
        if not evaluated:
            file.report.note(
                "TRL writes evaluation over training at the same step and no column says which a file holds; "
                "steps that trainer_state.json or log_history.json beside it name are evaluation"
            )
        rows = list(file.rows())
        if self._repeats(file, rows):
            file.report.repeats[REPEATED] += len(rows)
            return
        for completion in flat_rows(file, iter(rows), all_numbers=True):
            if evaluated:
                completion.split = "eval"
            yield completion

    def _repeats(self, file: LogFile, rows: Sequence[tuple[int, Any]]) -> bool:
        """Whether the file before it held the same rows; one file is one step, so its rows fit in memory."""
        folder = file.path.rpartition("/")[0]
        before, now = file.shared.get(("trl", folder)), hash(tuple(_but_step(row) for _, row in rows))
        file.shared["trl", folder] = now
        return bool(rows) and before == now


REPEATED = (
    "TRL logged the same generation again at the next step (num_iterations or steps_per_generation above 1)"
)


def _but_step(row: Mapping[str, Any]) -> str:
    return repr([(name, value) for name, value in row.items() if name != "step"])


def _evaluated_steps(file: LogFile) -> frozenset[int]:
    """Steps at which the trainer evaluated, as its log history beside the folder says."""
    if is_url(file.path):
        return frozenset()
    home = Path(file.path).parent.parent
    logs = [
        home / "log_history.json",
        home / "trainer_state.json",
        *sorted(home.glob("checkpoint-*/trainer_state.json")),
    ]
    return frozenset(step for log in logs for step in _evaluations(log))


def _evaluations(log: Path) -> Iterator[int]:
    try:
        history: Any = json.loads(log.read_text("utf-8", "replace"))
    except (OSError, ValueError, RecursionError):
        return
    if isinstance(history, dict):
        history = history.get("log_history")
    for entry in history if isinstance(history, list) else []:
        if (
            isinstance(entry, dict)
            and isinstance(entry.get("step"), int)
            and any(k.startswith("eval_") for k in entry)
        ):
            yield entry["step"]


READER = Trl()
