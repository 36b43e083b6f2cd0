"""Sending metrics to the tracker that the loop already logs to.

No run is ever started, and no tracker is imported that the loop has not imported itself. W&B and trackio
get no
step: the numbers go out with the loop's own next log, on its own axis.
"""

from __future__ import annotations

import logging
import math
import sys
from collections.abc import Callable, Mapping
from typing import Any

logger = logging.getLogger("echoformat")
_told: set[str] = set()
Metrics = Mapping[str, float]


def finite(metrics: Metrics) -> dict[str, float]:
    """Without what is not known.

    Example:
        >>> finite({"a": 1.0, "b": float("nan")})
        {'a': 1.0}
    """
    return {key: value for key, value in metrics.items() if math.isfinite(value)}


def emit(metrics: Metrics, step: int | None = None) -> tuple[str, ...]:
    """Send to every tracker that has a run open in this process.

    Args:
        metrics: From `FormatTracker.update`.
        step: The loop's own step, for MLflow, whose points have no other axis.

    Returns:
        Names of the trackers that took them.
    """
    sent = {
        "wandb": to_wandb(metrics),
        "trackio": to_trackio(metrics),
        "mlflow": to_mlflow(metrics, step),
    }
    return tuple(name for name, taken in sent.items() if taken)


def to_wandb(metrics: Metrics) -> bool:
    """Add to the row that the loop's next `wandb.log` commits; ``False`` without a run."""
    wandb = sys.modules.get("wandb")
    if wandb is None or getattr(wandb, "run", None) is None or not metrics:
        return False
    return _send("wandb", lambda: wandb.log(finite(metrics), commit=False))


def to_trackio(metrics: Metrics) -> bool:
    """Log to the open trackio run; ``False`` without one."""
    trackio = sys.modules.get("trackio")
    context = sys.modules.get("trackio.context_vars")
    if trackio is None or context is None or context.current_run.get() is None or not metrics:
        return False
    return _send("trackio", lambda: trackio.log(finite(metrics)))


def to_mlflow(metrics: Metrics, step: int | None = None) -> bool:
    """Log to the active MLflow run; ``False`` without one."""
    mlflow = sys.modules.get("mlflow")
    if mlflow is None or not metrics:
        return False
    return _send("mlflow", lambda: _mlflow(mlflow, finite(metrics), step))


def _mlflow(mlflow: Any, metrics: Metrics, step: int | None) -> bool:
    if mlflow.active_run() is None:
        return False
    mlflow.log_metrics(dict(metrics), step=step)
    return True


def to_tensorboard(writer: Any, metrics: Metrics, step: int) -> bool:
    """Write scalars with a `SummaryWriter` (of torch or tensorboardX) at the loop's own step."""

    def write() -> None:
        for key, value in finite(metrics).items():
            writer.add_scalar(key, value, step)

    return _send("tensorboard", write)


def _send(name: str, act: Callable[[], Any]) -> bool:
    try:
        return act() is not False
    except Exception as error:
        if name not in _told:
            _told.add(name)
            logger.warning("echoformat could not log to %s; training goes on. %s", name, repr(error)[:500])
        return False
