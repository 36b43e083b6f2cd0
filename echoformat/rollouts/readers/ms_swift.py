"""ms-swift's ``completions.jsonl`` (``--log_completions``): one line a logging step, every value a list.

Reward columns carry the names of the reward classes; ``step`` holds texts, Megatron's ``gen_step``
numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from echoformat.completion import Completion
from echoformat.rollouts.container import Container
from echoformat.rollouts.file import LogFile
from echoformat.rollouts.readers.generic import flat_rows

_STEPS = {"step", "gen_step", "global_step"}


class MsSwift:
    """Columns of one length."""

    name = "ms_swift"
    title = "ms-swift completions"
    source = "https://github.com/modelscope/ms-swift/blob/main/swift/rlhf_trainers/grpo_trainer.py"

    def sniff(self, file: LogFile) -> bool:
        """Lists of one length under ``prompt``, ``completion`` and a step."""
        if file.container is not Container.LINES or not {"prompt", "completion"} <= file.keys:
            return False
        columns = [file.first[name] for name in ("prompt", "completion", *(_STEPS & file.keys))]
        return len(columns) > 2 and all(isinstance(c, list) and len(c) == len(columns[0]) for c in columns)

    def read(self, file: LogFile) -> Iterator[Completion]:
        """The columns turned into rows; the total reward is the sum of the reward columns."""
        yield from flat_rows(file, _rows(file), all_numbers=True)


def _rows(file: LogFile) -> Iterator[tuple[int, Any]]:
    for line, record in file.rows():
        column = record.get("completion") if isinstance(record, Mapping) else None
        if not isinstance(column, list):
            file.bad_row("no list of completions in this line", line)
            continue
        whole = {name: v for name, v in record.items() if isinstance(v, list) and len(v) == len(column)}
        if len(whole) < len(record):
            file.report.note(f"{file.path}: columns of another length than the completions were left out")
        for values in zip(*whole.values()):
            yield line, dict(zip(whole, values))


READER = MsSwift()
