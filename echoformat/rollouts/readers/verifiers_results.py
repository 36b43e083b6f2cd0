"""verifiers 0.1 (``results.jsonl``) and prime-rl before July 2026 (``train_rollouts.jsonl``).

One row a rollout: ``prompt`` and ``completion`` as messages, ``reward``, a column for each function of
the rubric (verifiers) or ``metrics`` (prime-rl), ``example_id``, ``answer``. The step stands in a
folder's name.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from echoformat.completion import Completion
from echoformat.rollouts.columns import whole
from echoformat.rollouts.compose import composed, told
from echoformat.rollouts.file import LogFile
from echoformat.rollouts.opening import is_url
from echoformat.rollouts.steps import step_in_path

_PLAIN = ("num_turns", "total_tokens", "advantage")


class VerifiersResults:
    """Rows with ``example_id``, ``prompt``, ``completion`` and ``reward``."""

    name = "verifiers_results"
    title = "verifiers 0.1 results and older prime-rl rollouts"
    source = "https://github.com/PrimeIntellect-ai/verifiers"

    def sniff(self, file: LogFile) -> bool:
        """Those four columns, the completion as messages or text."""
        return {"example_id", "prompt", "completion", "reward"} <= file.keys

    def step_of_path(self, file: LogFile) -> int | None:
        """A folder's step, else that of the model's name in ``metadata.json`` beside the file."""
        step = step_in_path("/".join(file.parts))
        return _step_of_model(file) if step is None else step

    def read(self, file: LogFile) -> Iterator[Completion]:
        """Each row; numeric columns that are no timing are the rubric's."""
        file.read.columns.update({"completion": "completion", "prompt": "prompt", "example_id": "problem"})
        split = "eval" if "eval" in file.name or "evals" in file.folders else file.split
        for line, record in file.rows():
            if not isinstance(record, Mapping):
                file.bad_row("a row is not an object", line)
                continue
            usage = record.get("token_usage")
            yield composed(
                file,
                line,
                record.get("completion"),
                prompt=record.get("prompt"),
                reward=record.get("reward"),
                rewards=_rubric(record),
                problem=str(record.get("example_id", "")),
                split=split or ("train" if file.name.startswith("train") else ""),
                truncated=record.get("is_truncated")
                if isinstance(record.get("is_truncated"), bool)
                else None,
                tokens=whole(usage.get("completion_tokens")) if isinstance(usage, Mapping) else None,
                extras=told(record, "answer", "task", "error", "info"),
            )

    def chosen(self, files: Sequence[LogFile]) -> Mapping[str, str]:
        """Nothing is written twice."""
        return {}


def _rubric(record: Mapping[str, Any]) -> dict[str, Any]:
    metrics = record.get("metrics")
    columns = {
        name: value
        for name, value in record.items()
        if isinstance(value, float) and not name.endswith("_ms") and name not in _PLAIN
    }
    return {**columns, **(metrics if isinstance(metrics, Mapping) else {})}


def _step_of_model(file: LogFile) -> int | None:
    if is_url(file.path):
        return None
    try:
        metadata = json.loads(Path(file.path).with_name("metadata.json").read_text("utf-8", "replace"))
    except (OSError, ValueError, RecursionError):
        return None
    return step_in_path(str(metadata.get("model", ""))) if isinstance(metadata, dict) else None


READER = VerifiersResults()
