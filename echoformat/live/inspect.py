"""inspect_ai: a scorer that labels every sample, and a hook that counts whole evaluations.

``Task(..., scorer=[match(), formats()])`` puts the label beside the score, in the log; ``hook()`` once per
process counts every evaluation that runs in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from echoformat.classifier import default_classifier
from echoformat.errors import MissingExtra
from echoformat.label import UNLABELLED
from echoformat.live.emitters import emit
from echoformat.live.inputs import text_of
from echoformat.live.one_hot import OneHot
from echoformat.live.tracker import FormatTracker

STEP_KEYS = ("step", "global_step", "checkpoint")


@cache
def _scorer() -> Any:
    try:
        from inspect_ai.scorer import Score, Target, frequency, scorer
        from inspect_ai.solver import TaskState
    except ImportError as error:
        raise MissingExtra("inspect-ai", "dev", "echoformat.live.inspect.formats") from error
    shelf = [format.name for format in default_classifier().formats]
    names = [*shelf, *(state.value for state in UNLABELLED)]

    @scorer(metrics=[frequency(categories=names)], name="echoformat")  # type: ignore[untyped-decorator]
    def formats() -> Any:
        hot = OneHot()

        async def score(state: TaskState, target: Target) -> Score:
            label = hot.label(text_of(_message(state.output)))
            return Score(value=label or "unknown", answer=label)

        return score

    return formats


def formats() -> Any:
    """A scorer whose value is the label; its metric is each format's share.

    Raises:
        MissingExtra: inspect_ai is not installed.
    """
    return _scorer()()


def _message(output: Any) -> Any:
    """What a model's output said, as plain messages; ``None`` for an errored sample without choices."""
    choices = getattr(output, "choices", None)
    return [choices[0].message.model_dump()] if choices else None


@cache
def hook(tracker: FormatTracker | None = None) -> FormatTracker:
    """Count every sample of every evaluation that runs in this process from now on.

    The step is taken from the evaluation's metadata (``step``, ``global_step`` or ``checkpoint``), 0
    without it; the split is the task's name. Metrics go to the tracker run that is open, if any, when a
    task ends.

    Returns:
        What counts.

    Raises:
        MissingExtra: inspect_ai is not installed.
    """
    try:
        from inspect_ai.hooks import Hooks, SampleEnd, TaskEnd, TaskStart, hooks
    except ImportError as error:
        raise MissingExtra("inspect-ai", "dev", "echoformat.live.inspect.hook") from error
    counted = tracker if tracker is not None else FormatTracker(rank=0)
    listener = _Listener(counted)

    @hooks(name="echoformat", description="Counts the formats that completions are written in.")
    class FormatHooks(Hooks):  # type: ignore[misc]
        async def on_task_start(self, data: TaskStart) -> None:
            listener.begin(data.eval_id, data.spec)

        async def on_sample_end(self, data: SampleEnd) -> None:
            listener.see(data.eval_id, data.sample)

        async def on_task_end(self, data: TaskEnd) -> None:
            listener.end(data.eval_id)

    return counted


class _Listener:
    """Keeps step and split of each running evaluation and hands samples to the tracker."""

    def __init__(self, tracker: FormatTracker) -> None:
        self.tracker = tracker
        self._running: dict[str, tuple[int, str]] = {}

    def begin(self, eval_id: str, spec: Any) -> None:
        facts: Mapping[str, Any] = spec.metadata or {}
        found = [facts[key] for key in STEP_KEYS if isinstance(facts.get(key), int)]
        self._running[eval_id] = (found[0] if found else 0, str(spec.task))

    def see(self, eval_id: str, sample: Any) -> None:
        step, split = self._running.get(eval_id, (0, "eval"))
        try:
            rewards = [_correct(sample.scores or {})]
            completion = text_of(_message(sample.output))
            self.tracker.observe(step, [completion], rewards=rewards, problems=[str(sample.id)], split=split)
        except Exception as error:
            self.tracker.failed(error)

    def end(self, eval_id: str) -> None:
        if eval_id in self._running:
            step, split = self._running.pop(eval_id)
            emit(self.tracker.metrics(step, split), step)


def _correct(scores: Mapping[str, Any]) -> float | None:
    """1 or 0 by the first score that says so."""
    for name, score in scores.items():
        value = getattr(score, "value", None)
        if name != "echoformat" and value in ("C", "I", 0, 1, True, False):
            return float(value in ("C", 1))
    return None
