"""verl: a reward function whose labels become columns of the rollout dump and ``val-aux/`` metrics.

In your reward file ``compute_score = watch(compute_score)``; or, with no code, in the configuration
``reward.custom_reward_function.path=pkg://echoformat.live.verl`` and ``name=compute_score``, which scores
as verl does by default; or ``reward.reward_manager.source=importlib``,
``reward_manager.name=FormatRewardManager``, ``reward_manager.module.path=pkg://echoformat.live.verl``,
which keeps the reward function that is configured.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any

from echoformat.errors import MissingExtra
from echoformat.live.one_hot import OneHot
from echoformat.live.record import RolloutRecord

LABEL_KEY = "echoformat_label"


def watch(
    compute_score: Callable[..., Any],
    *,
    record: RolloutRecord | None = None,
    **settings: Any,
) -> Callable[..., Any]:
    """The same reward function, whose answer also says in which format the completion is.

    The answer becomes a mapping: ``score`` (and the function's own extras, which win), the label as
    ``echoformat_label``, and one number a format or family, ``echoformat/...``, whose mean is the share. A
    function that answers with a bare number keeps verl's ``acc``.

    Args:
        compute_score: ``(data_source, solution_str, ground_truth, extra_info=None, **kwargs)``, plain or
            async.
        record: Also append every completion to this record.
        settings: See `OneHot`.
    """
    hot = OneHot(**settings)
    watched = _asynchronous if _is_async(compute_score) else _synchronous
    return functools.wraps(compute_score)(watched(compute_score, hot, record))


def _is_async(function: Callable[..., Any]) -> bool:
    while isinstance(function, functools.partial):
        function = function.func
    return inspect.iscoroutinefunction(function)


def _synchronous(score: Callable[..., Any], hot: OneHot, record: RolloutRecord | None) -> Callable[..., Any]:
    def watched(*args: Any, **kwargs: Any) -> Any:
        return _answer(score(*args, **kwargs), args, kwargs, hot, record)

    return watched


def _asynchronous(score: Callable[..., Any], hot: OneHot, record: RolloutRecord | None) -> Callable[..., Any]:
    async def watched(*args: Any, **kwargs: Any) -> Any:
        return _answer(await score(*args, **kwargs), args, kwargs, hot, record)

    return watched


def _answer(
    result: Any,
    args: tuple[Any, ...],
    kwargs: Mapping[str, Any],
    hot: OneHot,
    record: RolloutRecord | None,
) -> Any:
    text = kwargs["solution_str"] if "solution_str" in kwargs else args[1] if len(args) > 1 else None
    own = dict(result) if isinstance(result, Mapping) else {"score": result, "acc": result}
    label = hot.label(text)
    if record is not None:
        record.write(completion=text, reward=own.get("score"), echoformat_label=label)
    # Every answer must have the same keys: verl stacks them into columns.
    return {LABEL_KEY: label or "", **hot.encode(label), **own}


def compute_score(
    data_source: Any, solution_str: str, ground_truth: Any, extra_info: Any = None, **kwargs: Any
) -> Any:
    """verl's default score, with the label.

    Raises:
        MissingExtra: verl is not installed.
    """
    score = watch(_default_score())
    return score(data_source, solution_str, ground_truth, extra_info, **kwargs)


@functools.cache
def _default_score() -> Callable[..., Any]:
    try:
        from verl.utils.reward_score import default_compute_score  # type: ignore[import-not-found]
    except ImportError as error:
        raise MissingExtra("verl", "dev", "echoformat.live.verl.compute_score") from error
    found: Callable[..., Any] = default_compute_score
    return found


@functools.cache
def _reward_manager() -> type[Any]:
    try:
        from verl.experimental.reward_loop.reward_manager.naive import (  # type: ignore[import-not-found]
            NaiveRewardManager,
        )
    except ImportError as error:
        raise MissingExtra("verl", "dev", "FormatRewardManager") from error

    class FormatRewardManager(NaiveRewardManager):  # type: ignore[misc]
        """verl's own reward manager around a watched reward function."""

        def __init__(self, config: Any, tokenizer: Any, compute_score: Any = None, **rest: Any) -> None:
            scored = watch(_default_score() if compute_score is None else compute_score)
            super().__init__(config, tokenizer, scored, **rest)

    return FormatRewardManager


def __getattr__(name: str) -> Any:
    if name == "FormatRewardManager":
        return _reward_manager()
    raise AttributeError(f"module 'echoformat.live.verl' has no attribute {name!r}")
