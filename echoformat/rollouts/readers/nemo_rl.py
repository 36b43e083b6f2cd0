"""NeMo-RL's ``train_data_step{N}.jsonl`` and ``val_data_step{N}.jsonl``.

Every value is a list with one entry a sample of the batch line (usually one). In training ``content``
holds texts without roles, the prompt first, then the policy's and the environment's turns by turns; in
validation it holds messages. The step stands in the file's name only. Token ids and log-probabilities
are left where they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from echoformat.completion import Completion
from echoformat.rollouts.compose import composed, item
from echoformat.rollouts.container import Container
from echoformat.rollouts.file import LogFile
from echoformat.rollouts.texts import turns_of

_NAME = re.compile(r"(train|val)_data_step(\d+)")


class NemoRl:
    """``content`` and ``rewards``, both lists."""

    name = "nemo_rl"
    title = "NeMo-RL train and validation data"
    source = "https://github.com/NVIDIA-NeMo/RL/blob/main/nemo_rl/utils/logger.py"

    def sniff(self, file: LogFile) -> bool:
        """``content`` as a list of conversations beside a list of rewards."""
        if file.container is not Container.LINES or not {"content", "rewards"} <= file.keys:
            return False
        content = file.first["content"]
        return isinstance(content, list) and (not content or isinstance(content[0], list))

    def step_of_path(self, file: LogFile) -> int | None:
        """The number in the file's name."""
        found = _NAME.search(file.name)
        return int(found[2]) if found else None

    def read(self, file: LogFile) -> Iterator[Completion]:
        """Each conversation of each line."""
        found = _NAME.search(file.name)
        split = {"train": "train", "val": "eval"}.get(found[1], "") if found else ""
        file.read.columns.update({"content": "prompt and completion", "rewards": "reward"})
        for line, record in file.rows():
            content = record.get("content") if isinstance(record, Mapping) else None
            if not isinstance(content, list):
                file.bad_row("no content in this line", line)
                continue
            for index, talk in enumerate(content):
                prompt, text = _parted(talk)
                reward = item(record.get("rewards"), index)
                yield composed(file, line, text, prompt=prompt, reward=reward, split=split)


def _parted(talk: Any) -> tuple[Any, Any]:
    """Prompt and completion of a conversation, with or without roles."""
    if not isinstance(talk, list) or not talk:
        return None, None
    if all(isinstance(turn, str) for turn in talk):
        return talk[0], "\n".join(talk[1::2]) if len(talk) > 1 else None
    return turns_of(talk)


READER = NemoRl()
