"""SkyRL: formats among an environment's metrics, and the record of training rollouts that SkyRL lacks.

``class MyEnv(FormatMetrics, BaseTextEnv)``, or `FormatTrajectoryLogger` in place of the trainer's logger.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from echoformat.errors import MissingExtra
from echoformat.live.emitters import finite
from echoformat.live.one_hot import one_hot
from echoformat.live.record import RolloutRecord
from echoformat.live.tally import PREFIX
from echoformat.live.tracker import FormatTracker


class FormatMetrics:
    """Mixin for a `BaseTextEnv`, named before it: the episode's actions, joined, are labelled.

    SkyRL averages the numbers over episodes: the mean is the share. The class attribute `formats` names the
    formats with a number of their own; without it there is one a family.
    """

    formats: tuple[str, ...] | None = None
    _actions: tuple[str, ...] = ()

    def step(self, action: Any) -> Any:
        """The environment's own step."""
        if isinstance(action, str):
            self._actions = (*self._actions, action)
        return super().step(action)  # type: ignore[misc]

    def get_metrics(self) -> dict[str, Any]:
        """The environment's own metrics, and the format of the episode."""
        return dict(super().get_metrics()) | one_hot(self.formats)("\n".join(self._actions))  # type: ignore[misc]

    @classmethod
    def aggregate_metrics(cls, metrics: list[dict[str, Any]]) -> dict[str, Any]:
        """The environment's own summary, and the shares beside it."""
        own = [{k: v for k, v in row.items() if not k.startswith(f"{PREFIX}/")} for row in metrics]
        ours = [{k: v for k, v in row.items() if k.startswith(f"{PREFIX}/")} for row in metrics]
        keys = dict.fromkeys(key for row in ours for key in row)
        shares = {key: sum(row.get(key, 0.0) for row in ours) / len(ours) for key in keys}
        return dict(super().aggregate_metrics(own)) | shares  # type: ignore[misc]


def see(
    tracker: FormatTracker, record: RolloutRecord | None, logger: Any, call: dict[str, Any]
) -> dict[str, float]:
    """Label what a trajectory logger was called with, and send the metrics to its tracker.

    Args:
        tracker: What counts.
        record: Where completions are appended, if anywhere.
        logger: SkyRL's `Tracking`.
        call: The keyword arguments of `TrajectoryLogger.log`.

    Returns:
        The metrics.
    """
    output, tokenizer = call["generator_output"], call["tokenizer"]
    step = int(call.get("global_step") or 0)
    split = "eval" if "eval" in str(call.get("wandb_key", "")) else "train"
    texts = [tokenizer.decode(ids) for ids in output["response_ids"]]
    rewards = [sum(r) if isinstance(r, list) else r for r in output.get("rewards") or [None] * len(texts)]
    prompts = call.get("prompts")
    labels = tracker.observe(step, texts, rewards=rewards, problems=prompts, split=split)
    if record is not None:
        for i, text in enumerate(texts):
            prompt = None if prompts is None else prompts[i]
            record.write(
                step=step, split=split, prompt=prompt, completion=text, reward=rewards[i], label=labels[i]
            )
    metrics = tracker.metrics(step, split)
    if logger is not None and not tracker.rank:
        logger.log(finite(metrics), step=step)
    return metrics


@cache
def _trajectory_logger() -> type[Any]:
    try:
        from skyrl.train.utils.trajectory_logging import (  # type: ignore[import-not-found]
            TrajectoryLogger,
        )
    except ImportError as error:
        raise MissingExtra("skyrl", "dev", "FormatTrajectoryLogger") from error

    class FormatTrajectoryLogger(TrajectoryLogger):  # type: ignore[misc]
        """SkyRL's logger, which also labels every rollout and, with `record`, appends it to a JSONL file."""

        record: RolloutRecord | None = None
        formats = FormatTracker(rank=0)

        def log(self, **call: Any) -> None:
            super().log(**call)
            try:
                see(self.formats, self.record, call.get("tracker"), call)
            except Exception as error:
                self.formats.failed(error)

    return FormatTrajectoryLogger


def __getattr__(name: str) -> Any:
    if name == "FormatTrajectoryLogger":
        return _trajectory_logger()
    raise AttributeError(f"module 'echoformat.live.skyrl' has no attribute {name!r}")
