"""NeMo-RL: ``class MyEnvironment(FormatMetrics, EnvironmentInterface)`` adds the shares to its metrics.

Name the mixin before ``@ray.remote`` turns the class into an actor. Where a loop does not call
``global_post_process_and_metrics``, follow its ``train_data_step*.jsonl`` with ``echoformat watch`` instead.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

from echoformat.live.emitters import finite
from echoformat.live.inputs import as_list
from echoformat.live.tally import PREFIX
from echoformat.live.tracker import FormatTracker


class FormatMetrics:
    """Mixin for an `EnvironmentInterface`, named before it.

    The hook is told no step: every batch counts as the next one. Completions are the assistant's turns of
    ``message_log``.
    """

    @cached_property
    def formats(self) -> FormatTracker:
        """What counts in this actor."""
        return FormatTracker(rank=0)

    def global_post_process_and_metrics(self, batch: Any) -> tuple[Any, dict[str, Any]]:
        """The environment's own answer, with ``echoformat/...`` among the metrics."""
        done, metrics = super().global_post_process_and_metrics(batch)  # type: ignore[misc]
        try:
            return done, dict(metrics) | self._measured(done)
        except Exception as error:
            self.formats.failed(error)
            return done, metrics

    def _measured(self, batch: Any) -> dict[str, float]:
        logs = batch["message_log"]
        rewards = next((batch[key] for key in ("total_reward", "rewards") if key in batch), None)
        step = self.formats.updates
        self.formats.observe(
            step,
            [_said(turns) for turns in logs],
            rewards=None if rewards is None else as_list(rewards),
            problems=[_asked(turns) for turns in logs],
        )
        return finite(self.formats.metrics(step, prefix=PREFIX))


def _said(turns: Any) -> str:
    return "".join(str(turn["content"]) for turn in turns if turn["role"] == "assistant")


def _asked(turns: Any) -> list[dict[str, str]]:
    asked = []
    for turn in turns:
        if turn["role"] == "assistant":
            break
        asked.append({"role": turn["role"], "content": str(turn["content"])})
    return asked
