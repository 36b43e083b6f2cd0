"""Atropos: ``class MyEnv(FormatMetrics, BaseEnv)`` adds the shares to what the environment logs to W&B."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from echoformat.live.emitters import finite
from echoformat.live.inputs import text_of
from echoformat.live.tally import PREFIX
from echoformat.live.tracker import FormatTracker

IGNORED = -100
"""Mask of tokens that are prompt."""


class FormatMetrics:
    """Mixin for a `BaseEnv`, named before it.

    Every scored group is labelled; the step is the environment's own count. A group is one problem.
    """

    curr_step = 0
    _groups = 0

    @cached_property
    def formats(self) -> FormatTracker:
        """What counts in this environment."""
        return FormatTracker(rank=0)

    async def add_rollouts_for_wandb(self, scored_data: Any, item: Any = None) -> Any:
        """The environment's own record, and the labels."""
        try:
            for group in scored_data if isinstance(scored_data, list) else [scored_data]:
                self._see(group)
        except Exception as error:
            self.formats.failed(error)
        return await super().add_rollouts_for_wandb(scored_data, item)  # type: ignore[misc]

    def _see(self, group: Mapping[str, Any]) -> None:
        texts = completions_of(group, self.tokenizer)  # type: ignore[attr-defined]
        self._groups += 1
        problems = [f"group {self._groups}"] * len(texts)
        self.formats.observe(int(self.curr_step), texts, rewards=group["scores"], problems=problems)

    async def wandb_log(self, wandb_metrics: dict[str, Any] | None = None) -> Any:
        """The environment's own log, with ``echoformat/...`` in it."""
        metrics = dict(wandb_metrics or {})
        metrics |= finite(self.formats.metrics(int(self.curr_step), prefix=PREFIX))
        return await super().wandb_log(metrics)  # type: ignore[misc]


def completions_of(group: Mapping[str, Any], tokenizer: Any) -> list[str | None]:
    """Completions of a scored group: from its messages where kept, else decoded from the trained tokens."""
    messages = group.get("messages")
    if messages:
        return [text_of(turns) for turns in messages]
    return [
        tokenizer.decode([token for token, mask in zip(tokens, masks, strict=True) if mask != IGNORED])
        for tokens, masks in zip(group["tokens"], group["masks"], strict=True)
    ]
