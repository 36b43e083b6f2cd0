"""GSM8K's example model solutions: a row a problem, a column a model (``solution``, ``is_correct``)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from echoformat.completion import Completion
from echoformat.rollouts.compose import composed, told
from echoformat.rollouts.file import LogFile


class Gsm8kSolutions:
    """Each model is a run of its own."""

    name = "gsm8k_solutions"
    title = "GSM8K example model solutions"
    source = "https://github.com/openai/grade-school-math"

    def sniff(self, file: LogFile) -> bool:
        """Columns that hold a solution each."""
        return isinstance(file.first, Mapping) and bool(_models(file.first))

    def read(self, file: LogFile) -> Iterator[Completion]:
        """Each model's solution of each problem."""
        for line, record in file.rows():
            models = _models(record) if isinstance(record, Mapping) else {}
            if not models:
                file.bad_row("no model's solution in this line", line)
            for model, answer in models.items():
                file.read.columns[f"{model}.solution"] = "completion"
                yield composed(
                    file,
                    line,
                    answer["solution"],
                    prompt=record.get("question"),
                    correct=answer.get("is_correct"),
                    reward=answer.get("is_correct"),
                    run=model,
                    split="eval",
                    extras=told(record, "ground_truth"),
                )


def _models(record: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    return {
        name: v
        for name, v in record.items()
        if isinstance(v, Mapping) and {"solution", "is_correct"} <= set(v)
    }


READER = Gsm8kSolutions()
