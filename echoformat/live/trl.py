"""TRL: ``reward_funcs=[watch(accuracy_reward)]`` in GRPO, RLOO and whatever else hands over log functions."""

from __future__ import annotations

import functools
import inspect
import json
import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from echoformat.errors import MissingExtra
from echoformat.live.emitters import finite
from echoformat.live.inputs import as_list, prompt_ids
from echoformat.live.tally import PREFIX
from echoformat.live.tracker import FormatTracker

LABEL_COLUMN = "echoformat_label"
STATE_FILE = "echoformat.json"
logger = logging.getLogger("echoformat")


def watch(
    reward: Callable[..., Any] | None = None, *, tracker: FormatTracker | None = None, **settings: Any
) -> Callable[..., Any]:
    """The same reward function, which also has its completions labelled.

    Shares, entropy, accuracy and the alarm appear in the trainer's log history and its trackers under
    ``echoformat/``, averaged over processes by the trainer; every completion's label becomes the column
    ``echoformat_label`` of the completions parquet. Steps are those of the parquet files. Rewards pass
    through untouched, and whatever goes wrong with the labels does not reach the trainer.

    Args:
        reward: Synchronous or asynchronous reward function; its name is kept. ``None`` for a pure observer,
            for trainers whose rewards are models: it scores nothing.
        tracker: What counts; a new one by default.
        settings: For the new one, see `FormatTracker`.

    Returns:
        The function, with its tracker as the attribute ``tracker``.
    """
    watcher = _Watcher(tracker if tracker is not None else FormatTracker(**settings))
    inner = echoformat_observer if reward is None else reward
    call = _asynchronous(inner, watcher) if _is_async(inner) else _synchronous(inner, watcher)
    watched: Any = functools.wraps(inner)(call)
    watched.__name__ = getattr(inner, "__name__", type(inner).__name__)
    watched.tracker = watcher.tracker
    return call


def echoformat_observer(completions: Any, **_: Any) -> list[None]:
    """A reward function that scores nothing."""
    return [None] * len(completions)


def _is_async(reward: Any) -> bool:
    while isinstance(reward, functools.partial):
        reward = reward.func
    return inspect.iscoroutinefunction(reward) or inspect.iscoroutinefunction(getattr(reward, "__call__", 0))  # noqa: B004


def _synchronous(reward: Callable[..., Any], watcher: _Watcher) -> Callable[..., Any]:
    def watched(*args: Any, **kwargs: Any) -> Any:
        rewards = _kept(reward(*args, **kwargs))
        watcher.see(rewards, args, kwargs)
        return rewards

    return watched


def _asynchronous(reward: Callable[..., Any], watcher: _Watcher) -> Callable[..., Any]:
    async def watched(*args: Any, **kwargs: Any) -> Any:
        rewards = _kept(await reward(*args, **kwargs))
        watcher.see(rewards, args, kwargs)
        return rewards

    return watched


def _kept(rewards: Any) -> Any:
    """Rewards that can be read twice."""
    return rewards if hasattr(rewards, "__len__") else list(rewards)


class _Watcher:
    """Labels what a reward function was called with and hands the labels to the trainer's log functions."""

    def __init__(self, tracker: FormatTracker) -> None:
        self.tracker = tracker
        self._calls = 0

    def see(self, rewards: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
        """Take one call; never raises."""
        try:
            self._see(rewards, args, kwargs)
        except Exception as error:
            self.tracker.failed(error)

    def _see(self, rewards: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
        completions = kwargs["completions"] if "completions" in kwargs else args[min(1, len(args) - 1)]
        split, step = self._moment(kwargs)
        prompts = kwargs.get("prompts")
        scored = as_list(rewards)
        labels = self.tracker.observe(
            step,
            completions,
            rewards=None if all(reward is None for reward in scored) else scored,
            problems=None if prompts is None else prompt_ids(prompts),
            split=split,
        )
        # The trainer keeps the last rows of each column: a call that logs none would leave old labels there.
        if kwargs.get("log_extra") is not None:
            kwargs["log_extra"](LABEL_COLUMN, labels)
        if kwargs.get("log_metric") is not None:
            for key, value in finite(self.tracker.metrics(step, split, prefix=PREFIX)).items():
                kwargs["log_metric"](key, value)

    def _moment(self, kwargs: Mapping[str, Any]) -> tuple[str, int]:
        """Split and step as the trainer's own files have them: sampling for step n happens while at n - 1."""
        self._calls += 1
        trainer = getattr(kwargs.get("log_metric"), "__self__", None)
        training = bool(getattr(getattr(trainer, "model", None), "training", True))
        state = kwargs.get("trainer_state")
        at = self._calls - 1 if state is None else int(state.global_step)
        return ("train", at + 1) if training else ("eval", at)


def keep_state(watched: Any) -> Any:
    """A trainer callback that saves the tracker with every checkpoint and loads it on resuming.

    ``callbacks=[keep_state(reward)]``, with what `watch` returned.

    Raises:
        MissingExtra: transformers is not installed.
    """
    try:
        from transformers import TrainerCallback
    except ImportError as error:
        raise MissingExtra("transformers", "dev", "keep_state") from error
    tracker: FormatTracker = watched.tracker

    class StateKeeper(TrainerCallback):  # type: ignore[misc]
        def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            _guarded(tracker, lambda: _save(tracker, _checkpoint(args, state)))

        def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            if state.global_step > 0:
                _guarded(tracker, lambda: _load(tracker, _checkpoint(args, state)))

    return StateKeeper()


def _checkpoint(args: Any, state: Any) -> Path:
    return Path(args.output_dir) / f"checkpoint-{state.global_step}" / STATE_FILE


def _save(tracker: FormatTracker, path: Path) -> None:
    if not tracker.rank:
        path.write_text(json.dumps(tracker.state_dict()), encoding="utf-8")


def _load(tracker: FormatTracker, path: Path) -> None:
    if not tracker.rank and path.is_file():
        tracker.load_state_dict(json.loads(path.read_text(encoding="utf-8")))


def _guarded(tracker: FormatTracker, act: Callable[[], None]) -> None:
    try:
        act()
    except Exception as error:
        tracker.failed(error)
