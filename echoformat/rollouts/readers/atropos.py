"""Atropos: groups of trajectories, one group a line (``data_path_to_save_groups``).

There is no step; the order of the lines is the order of time (``step_from="line"``). Where ``messages``
is null only token ids are there, with masks of -100 over the prompt.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from echoformat.completion import Completion
from echoformat.rollouts.compose import composed, item
from echoformat.rollouts.container import Container
from echoformat.rollouts.file import LogFile
from echoformat.rollouts.texts import turns_of
from echoformat.rollouts.token_ids import WHY_PASSED, decoder_of


class Atropos:
    """``tokens``, ``masks`` and ``scores`` of a group."""

    name = "atropos"
    title = "Atropos groups"
    source = "https://github.com/NousResearch/atropos/blob/main/atroposlib/envs/base.py"

    def sniff(self, file: LogFile) -> bool:
        """Those columns."""
        return file.container is Container.LINES and {"tokens", "masks", "scores"} <= file.keys

    def chosen(self, files: Sequence[LogFile]) -> Mapping[str, str]:
        """Without messages and without a tokenizer there is no text."""
        blind = (file for file in files if file.options.tokenizer is None and not file.first.get("messages"))
        return {file.path: WHY_PASSED for file in blind}

    def read(self, file: LogFile) -> Iterator[Completion]:
        """Each member of each group."""
        decode = decoder_of(file.options.tokenizer) if file.options.tokenizer is not None else None
        file.read.columns.update({"messages": "prompt and completion", "scores": "reward"})
        file.report.note("Atropos logs no step; step_from='line' counts groups in the order they were made")
        for line, group in file.rows():
            scores = group.get("scores") if isinstance(group, Mapping) else None
            if not isinstance(scores, list):
                file.bad_row("no scores in this group", line)
                continue
            for index, score in enumerate(scores):
                prompt, text = _parted(group, index, decode)
                rewards = {"scores": score}
                yield composed(file, line, text, prompt=prompt, reward=score, rewards=rewards)


def _parted(group: Mapping[str, Any], index: int, decode: Any) -> tuple[Any, Any]:
    talk = item(group.get("messages"), index)
    if isinstance(talk, list):
        return turns_of(talk)
    tokens, masks = item(group.get("tokens"), index), item(group.get("masks"), index)
    if decode is None or not isinstance(tokens, list) or not isinstance(masks, list):
        return None, None
    own = [token for token, mask in zip(tokens, masks) if mask != -100]
    return decode(tokens[: len(tokens) - len(own)]), decode(own)


READER = Atropos()
