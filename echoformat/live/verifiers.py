"""verifiers and prime-rl: ``class MyTask(FormatMetrics, vf.Task)`` measures the format of every trace.

prime-rl averages metrics over a step, which is the share; its ``traces.jsonl`` is also followed, with no
code, by ``echoformat watch``.
"""

from __future__ import annotations

from typing import Any

from echoformat.live.one_hot import one_hot


def completion_of(trace: Any) -> list[dict[str, Any]]:
    """The messages of a trace that the model sampled, as plain mappings."""
    sampled = [node.message for node in trace.nodes if node.sampled]
    return [message.model_dump() if hasattr(message, "model_dump") else message for message in sampled]


class FormatMetrics:
    """Mixin for a `verifiers` task, named before it.

    The class attribute `formats` names the formats with a metric of their own (``echoformat/<format>``);
    without it there is one a family.
    """

    formats: tuple[str, ...] | None = None

    async def echoformat(self, trace: Any) -> dict[str, float]:
        """1 for what the model sampled, 0 for the rest."""
        return one_hot(self.formats)(completion_of(trace))

    # What the framework's own decorator sets; without it this file need not import the framework.
    echoformat.metric = True  # type: ignore[attr-defined]
    echoformat.metric_priority = 0  # type: ignore[attr-defined]


def format_metrics(completion: Any, formats: tuple[str, ...] | None = None, **_: Any) -> dict[str, float]:
    """The same numbers of one completion, for a rubric of one's own."""
    return one_hot(formats)(completion)
