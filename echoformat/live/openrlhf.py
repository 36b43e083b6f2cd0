"""OpenRLHF: ``reward_func = watch(reward_func, record="rollouts")`` in the ``--reward.remote_url`` file."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from echoformat.live.inputs import as_list
from echoformat.live.one_hot import OneHot
from echoformat.live.record import RolloutRecord


def watch(
    reward_func: Callable[..., Any],
    *,
    record: str | Path | RolloutRecord | None = None,
    **settings: Any,
) -> Callable[..., Any]:
    """The same reward function, with one number a format or family among its ``extra_logs``.

    OpenRLHF logs the mean over a step's samples, which is the share. It writes no completion to disk: with
    `record` every completion is appended to a JSONL file a process, the only record such a run leaves.

    Args:
        reward_func: ``(queries, prompts, labels, **kwargs)``; answers with rewards, or with a mapping of
            ``rewards``, ``scores``, ``extra_logs``.
        record: Folder, or a `RolloutRecord` (with `completions_per_step`, since the hook is told no step).
        settings: See `OneHot`.
    """
    hot = OneHot(**settings)
    kept = RolloutRecord(record) if isinstance(record, str | Path) else record

    @functools.wraps(reward_func)
    def watched(queries: Any, prompts: Any, labels: Any, **kwargs: Any) -> dict[str, Any]:
        result = reward_func(queries, prompts, labels, **kwargs)
        answer = dict(result) if isinstance(result, Mapping) else {"rewards": result, "scores": result}
        completions = [completion_of(query, prompt) for query, prompt in zip(queries, prompts, strict=False)]
        named = [hot.label(text) for text in completions]
        if kept is not None:
            _record(kept, prompts, completions, answer, named)
        rows = [hot.encode(name) for name in named]
        columns = {key: _column([row[key] for row in rows]) for key in hot.keys}
        answer["extra_logs"] = columns | dict(answer.get("extra_logs") or {})
        return answer

    return watched


def completion_of(query: str, prompt: str) -> str:
    """The part of a query that follows its prompt; the whole query where the prompt does not begin it.

    Example:
        >>> completion_of("2+2? 4", "2+2?")
        ' 4'
    """
    return query[len(prompt) :] if query.startswith(prompt) else query


def _column(values: list[float]) -> Any:
    """A number for the usual single sample a call; for more, a tensor where torch is there."""
    torch = sys.modules.get("torch")
    if len(values) == 1:
        return values[0]
    return values if torch is None else torch.tensor(values)


def _record(
    record: RolloutRecord, prompts: Any, completions: list[str], answer: Mapping[str, Any], named: list[Any]
) -> None:
    try:
        rewards = as_list(answer["rewards"])
    except (KeyError, TypeError):
        rewards = [None] * len(completions)
    rewards = rewards * len(completions) if len(rewards) == 1 else rewards
    for prompt, text, reward, label in zip(prompts, completions, rewards, named, strict=False):
        record.write(prompt=prompt, completion=text, reward=reward, echoformat_label=label)
