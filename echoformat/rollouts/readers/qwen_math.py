"""Evaluation files of Qwen2.5-Math, simpleRL and ToRA: ``{split}_{prompt}_{n}_seed{s}_t{t}_s{a}_e{b}.jsonl``.

The completions are the list ``code``, prose included; ``score`` says for each whether it was right.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from echoformat.completion import Completion
from echoformat.rollouts.columns import cut_off
from echoformat.rollouts.compose import composed, item, told
from echoformat.rollouts.file import LogFile

_TEMPERATURE = re.compile(r"_t(\d+(?:\.\d+)?)(?:_|\.jsonl)")


class QwenMath:
    """``code`` as a list beside ``gt`` or ``pred``."""

    name = "qwen_math"
    title = "Qwen2.5-Math, simpleRL and ToRA evaluation files"
    source = "https://github.com/QwenLM/Qwen2.5-Math"

    def sniff(self, file: LogFile) -> bool:
        """Those columns."""
        return (
            "code" in file.keys and bool({"gt", "pred"} & file.keys) and isinstance(file.first["code"], list)
        )

    def read(self, file: LogFile) -> Iterator[Completion]:
        """Each completion of each problem."""
        found = _TEMPERATURE.search(file.name)
        if found:
            file.facts["decoding"] = "greedy" if float(found[1]) == 0 else "sampled"
        file.read.columns.update({"code": "completion", "question": "prompt", "score": "correct"})
        for line, record in file.rows():
            texts = record.get("code") if isinstance(record, Mapping) else None
            if not isinstance(texts, list):
                file.bad_row("no list of completions in this line", line)
                continue
            for index, text in enumerate(texts):
                score = item(record.get("score"), index)
                yield composed(
                    file,
                    line,
                    text,
                    prompt=record.get("question"),
                    reward=score,
                    rewards={"score": score},
                    correct=score,
                    split="eval",
                    truncated=cut_off(item(record.get("finish_reason"), index)),
                    extras={**told(record, "gt", "level", "idx"), "pred": item(record.get("pred"), index)},
                )


READER = QwenMath()
