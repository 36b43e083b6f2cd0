"""slime: ``--custom-rollout-log-function-path echoformat.live.slime.log`` and the same for evaluation.

Both functions return ``False``: slime goes on to its own logging, with our metrics among its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from functools import cache
from typing import Any

from echoformat.live.emitters import emit, finite
from echoformat.live.tracker import FormatTracker


@cache
def tracker() -> FormatTracker:
    """What counts in this process."""
    return FormatTracker(rank=0)


def log(
    rollout_id: int, args: Any, samples: Sequence[Any], rollout_extra_metrics: Any, rollout_time: float
) -> bool:
    """Label the samples of a rollout and add the metrics to those slime logs."""
    return _log(rollout_id, samples, rollout_extra_metrics, "train", args)


def log_eval(
    rollout_id: int, args: Any, data: Mapping[str, Mapping[str, Any]], extra_metrics: Any = None
) -> bool:
    """Label the samples of an evaluation, each data set a split of its own."""
    for name, part in data.items():
        if part.get("samples") is not None:
            _log(rollout_id, part["samples"], extra_metrics, f"eval/{name}", args)
    return False


def _log(rollout_id: int, samples: Iterable[Any], extra: Any, split: str, args: Any) -> bool:
    try:
        rows = list(_flat(samples))
        key = getattr(args, "reward_key", None)
        metrics = tracker().update(
            rollout_id,
            [sample.response for sample in rows],
            rewards=[_reward(sample.reward, key) for sample in rows],
            problems=[_problem(sample) for sample in rows],
            split=split,
            truncated=[_truncated(sample) for sample in rows],
        )
        if isinstance(extra, MutableMapping):
            extra.update(finite(metrics))
        else:
            emit(metrics, rollout_id)
    except Exception as error:
        tracker().failed(error)
    return False


def _flat(samples: Iterable[Any]) -> Iterable[Any]:
    for sample in samples:
        if isinstance(sample, list | tuple):
            yield from _flat(sample)
        else:
            yield sample


def _reward(reward: Any, key: str | None) -> Any:
    if not isinstance(reward, Mapping):
        return reward
    return reward.get(key) if key else reward.get("score", reward.get("reward"))


def _problem(sample: Any) -> Any:
    group = getattr(sample, "group_index", None)
    return sample.prompt if group is None else f"group {group}"


def _truncated(sample: Any) -> bool | None:
    status = getattr(sample, "status", None)
    name = getattr(status, "value", status)
    return None if name is None else str(name).lower() == "truncated"
