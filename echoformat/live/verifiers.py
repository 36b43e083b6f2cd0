"""verifiers and prime-rl: ``class MyTask(FormatMetrics, vf.Task)`` gives every trace one metric a format.

prime-rl averages metrics over a step, which is the share; its ``traces.jsonl`` is also followed, with no
code, by ``echoformat watch``.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from echoformat.live.one_hot import OneHot


@cache
def _one_hot() -> OneHot:
    return OneHot()


def completion_of(trace: Any) -> list[dict[str, Any]]:
    """The messages of a trace that the model sampled, as plain mappings."""
    sampled = [node.message for node in trace.nodes if node.sampled]
    return [message.model_dump() if hasattr(message, "model_dump") else message for message in sampled]


class FormatMetrics:
    """Mixin for a `verifiers` task, named before it; one metric a format, keys ``echoformat/<format>``."""

    async def echoformat(self, trace: Any) -> dict[str, float]:
        """One number a format, 1 for the format of what the model sampled."""
        return _one_hot()(completion_of(trace))

    # What the framework's own decorator sets; without it this file need not import the framework.
    echoformat.metric = True  # type: ignore[attr-defined]
    echoformat.metric_priority = 0  # type: ignore[attr-defined]


def format_metrics(completion: Any, **_: Any) -> dict[str, float]:
    """The same numbers of one completion, for a rubric of one's own."""
    return _one_hot()(completion)
