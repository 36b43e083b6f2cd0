"""W&B tables: ``files/media/table/{key}_{step}_{hash}.table.json`` as ``{columns, data}``.

Tables of verl and OpenRLHF grow: each holds the rows of those before it, so only the longest is read.
verl's are wide (``input_1, output_1, score_1, input_2, ...``, one row a step).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from echoformat.completion import Completion
from echoformat.rollouts.columns import looked_up
from echoformat.rollouts.compose import a_list
from echoformat.rollouts.file import LogFile
from echoformat.rollouts.readers.generic import flat_rows

_KEY = re.compile(r"_\d+_[0-9a-f]+\.table\.json\Z")
_WIDE = re.compile(r"(input|output|score|gts|ground_truth)_(\d+)\Z")


class Wandb:
    """Tables with a column for completions."""

    name = "wandb"
    title = "W&B table exports"
    follows = False
    source = "https://docs.wandb.ai/guides/models/tables/"

    def sniff(self, file: LogFile) -> bool:
        """``columns`` and ``data`` with completions in them."""
        if not {"columns", "data"} <= file.keys or not isinstance(file.first["columns"], list):
            return False
        names = [name for name in file.first["columns"] if isinstance(name, str)]
        return "completion" in looked_up(names) or any(_WIDE.match(name) for name in names)

    def chosen(self, files: Sequence[LogFile]) -> Mapping[str, str]:
        """Pass over tables whose rows begin a longer one."""
        groups: dict[str, list[tuple[LogFile, list[Any]]]] = {}
        for file in files:
            if file.first is not None and isinstance(file.first.get("data"), list):
                groups.setdefault(_KEY.sub("", file.path), []).append((file, file.first["data"]))
        return {path: why for group in groups.values() for path, why in _outgrown(group)}

    def read(self, file: LogFile) -> Iterator[Completion]:
        """Rows; the total reward is the sum of the reward columns, as TRL's tables have them."""
        evaluated = "/val/" in file.path or "/eval/" in file.path
        if "text" in _columns(file.first):
            file.report.note(
                f"{file.path}: text holds prompt and completion together, special tokens included"
            )
        for completion in flat_rows(file, _rows(file), all_numbers=True):
            completion.split = "eval" if evaluated else completion.split
            yield completion


def _outgrown(group: list[tuple[LogFile, list[Any]]]) -> Iterator[tuple[str, str]]:
    by_length = sorted(group, key=lambda one: len(one[1]))
    for index, (file, rows) in enumerate(by_length):
        for longer, more in by_length[index + 1 :]:
            if more[: len(rows)] == rows:
                yield file.path, f"its rows stand in {longer.name} too (the table grows)"
                break


def _columns(page: Any) -> list[Any]:
    return a_list(page.get("columns")) if isinstance(page, Mapping) else []


def _rows(file: LogFile) -> Iterator[tuple[int, Any]]:
    for _, page in file.rows():
        names = [str(name) for name in _columns(page)]
        for row, values in enumerate(a_list(page.get("data")) if isinstance(page, Mapping) else [], 1):
            record = dict(zip(names, values)) if isinstance(values, list) else {}
            wide = [found for name in names if (found := _WIDE.match(name))]
            if wide:
                yield from ((row, one) for one in _narrow(record, {int(found[2]) for found in wide}))
            else:
                yield row, record


def _narrow(record: Mapping[str, Any], numbers: set[int]) -> Iterator[dict[str, Any]]:
    shared = {name: value for name, value in record.items() if not _WIDE.match(name)}
    for index in sorted(numbers):
        own = {name: record.get(f"{name}_{index}") for name in ("input", "output", "score")}
        yield {**shared, **own}


READER = Wandb()
