"""AReaL: ``reward_fn = watch(my_reward, record="rollouts")``; the reward itself is left as it is."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

from echoformat.live.one_hot import OneHot
from echoformat.live.record import RolloutRecord


class WatchedReward:
    """A reward function that also records and labels its completions.

    AReaL calls rewards in worker processes, whose own statistics nobody collects: labels therefore go to the
    record. It is sent to the workers by pickling, so give it another name than the function it wraps. Where
    the run has ``dump_to_file`` on, ``echoformat watch`` on that folder needs no code at all.

    Args:
        reward_fn: ``(prompt, completions, prompt_ids, completion_ids, **data) -> float``.
        record: Folder or `RolloutRecord`.
        settings: See `OneHot`.
    """

    def __init__(
        self, reward_fn: Callable[..., Any], record: str | Path | RolloutRecord, **settings: Any
    ) -> None:
        self.reward_fn = reward_fn
        self.record = record if isinstance(record, RolloutRecord) else RolloutRecord(record)
        self.hot = OneHot(**settings)
        functools.update_wrapper(self, reward_fn, updated=())

    def __call__(
        self, prompt: str, completions: str, prompt_ids: Any = None, completion_ids: Any = None, **data: Any
    ) -> Any:
        """The function's own reward."""
        reward = self.reward_fn(prompt, completions, prompt_ids, completion_ids, **data)
        label = self.hot.label(completions)
        self.record.write(prompt=prompt, completion=completions, reward=reward, echoformat_label=label)
        return reward


def watch(
    reward_fn: Callable[..., Any], record: str | Path | RolloutRecord, **settings: Any
) -> WatchedReward:
    """The same reward function with a record; see `WatchedReward`."""
    return WatchedReward(reward_fn, record, **settings)
