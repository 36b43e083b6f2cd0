"""Evaluation files of the study this project began with: ``eval_{task}_{n}.json`` of openrlhf-pretrain.

Called ``.json``, they are JSON lines, one problem a line with its completions; the last line holds
metrics. ``n`` is the number of completions: 1 was decoded greedily, more were sampled.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from echoformat.completion import Completion
from echoformat.rollouts.columns import number, truth
from echoformat.rollouts.file import LogFile
from echoformat.rollouts.texts import prompt_text, said

_NAME = re.compile(r"eval_.+_(\d+)\.jsonl?\Z")


class Zhao2025:
    """One problem a line, ``completions`` with ``output`` and ``acc``, and a last line of metrics."""

    name = "zhao2025"
    title = "openrlhf-pretrain evaluation files"
    source = "https://github.com/rosieyzh/openrlhf-pretrain"

    def sniff(self, file: LogFile) -> bool:
        """``completions`` holding ``output``."""
        first = file.first
        group = first.get("completions") if isinstance(first, Mapping) else None
        return (
            bool(group) and isinstance(group, list) and isinstance(group[0], Mapping) and "output" in group[0]
        )

    def read(self, file: LogFile) -> Iterator[Completion]:
        """Each completion of each problem."""
        self._decoding(file)
        file.read.columns.update(
            {"completions.output": "completion", "completions.acc": "correct", "question": "prompt"}
        )
        for line, record in file.rows():
            group = record.get("completions") if isinstance(record, Mapping) else None
            if isinstance(group, list):
                for member in group:
                    yield self._completion(file, line, record, member)
            elif not self._is_metrics(record):
                file.bad_row("no completions in this line", line)

    def _decoding(self, file: LogFile) -> None:
        found = _NAME.search(file.name)
        if found:
            file.facts["decoding"] = "greedy" if found[1] == "1" else "sampled"

    def _is_metrics(self, record: Any) -> bool:
        return isinstance(record, Mapping) and all(isinstance(v, int | float | None) for v in record.values())

    def _completion(self, file: LogFile, line: int, record: Mapping[str, Any], member: Any) -> Completion:
        member = member if isinstance(member, Mapping) else {"output": member}
        text, _, shape = said(member.get("output"))
        file.report.shapes[shape] += 1
        reward = number(member.get("acc"))
        return Completion(
            text,
            split="eval",
            prompt=prompt_text(record.get("question")),
            reward=reward,
            rewards={} if reward is None else {"acc": reward},
            correct=truth(member.get("acc")),
            extras={"answer": record["answer"]} if "answer" in record else {},
            source=f"{file.path}:{line}",
        )


READER = Zhao2025()
