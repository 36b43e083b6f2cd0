"""ms-swift: ``orms["accuracy"] = watch(orms["accuracy"])`` in a file given by ``--external_plugins``."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from echoformat.live.emitters import emit
from echoformat.live.inputs import as_list
from echoformat.live.tracker import FormatTracker


def watch(orm: type[Any], *, tracker: FormatTracker | None = None, **settings: Any) -> type[Any]:
    """The same outcome reward model (a class), whose completions are labelled.

    Name, arguments, rewards and weight stay. ms-swift gives rewards no log function: the metrics go to the
    W&B, trackio or MLflow run that is open in the process (see `echoformat.live.emitters`), from rank 0
    only, over that rank's completions.

    Args:
        orm: Class with ``__call__(self, completions, **kwargs)``, plain or async.
        tracker: What counts; a new one by default, the attribute ``tracker`` of the class.
        settings: For the new one, see `FormatTracker`.
    """
    counted = tracker if tracker is not None else FormatTracker(**settings)
    call = _asynchronous if inspect.iscoroutinefunction(orm.__call__) else _synchronous
    body = {"tracker": counted, "__call__": call(orm, counted), "__doc__": orm.__doc__}
    return type(orm.__name__, (orm,), body | {"__module__": orm.__module__})


def _synchronous(orm: type[Any], tracker: FormatTracker) -> Any:
    def __call__(self: Any, completions: Any, **kwargs: Any) -> Any:
        rewards = orm.__call__(self, completions, **kwargs)
        _see(tracker, completions, rewards, kwargs)
        return rewards

    return __call__


def _asynchronous(orm: type[Any], tracker: FormatTracker) -> Any:
    async def __call__(self: Any, completions: Any, **kwargs: Any) -> Any:
        rewards = await orm.__call__(self, completions, **kwargs)
        _see(tracker, completions, rewards, kwargs)
        return rewards

    return __call__


def _see(tracker: FormatTracker, completions: Any, rewards: Any, kwargs: Mapping[str, Any]) -> None:
    try:
        state = kwargs.get("trainer_state")
        # Sampling for step n happens while the trainer is at n - 1.
        step = tracker.updates if state is None else int(state.global_step) + 1
        problems = _problems(kwargs, len(completions))
        emit(tracker.update(step, completions, rewards=as_list(rewards), problems=problems), step)
    except Exception as error:
        tracker.failed(error)


def _problems(kwargs: Mapping[str, Any], size: int) -> Any:
    """What tells problems apart among the dataset columns that rewards are given."""
    for name in ("prompt_id", "prompts", "prompt", "query", "question", "messages"):
        values = kwargs.get(name)
        if isinstance(values, list) and len(values) == size:
            return [_asked(value) for value in values]
    return None


def _asked(value: Any) -> Any:
    """Messages without the completion at their end."""
    if not isinstance(value, list):
        return value
    last = value[-1] if value else None
    return value[:-1] if isinstance(last, Mapping) and last.get("role") == "assistant" else value
