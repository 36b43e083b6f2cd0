"""Tinker cookbook: ``return labelled(StepResult(...), response)`` at the end of an environment's ``step``."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from echoformat.live.one_hot import one_hot


def labelled(result: Any, completion: Any, formats: tuple[str, ...] | None = None) -> Any:
    """The same step result, with its format among its metrics.

    The cookbook averages metrics over all steps of all trajectories: for environments of one turn that is the
    share, logged as ``env/all/echoformat/...``.

    Args:
        result: A `StepResult`.
        completion: The decoded action, or its message.
        formats: Formats with a number of their own; without them there is one a family.
    """
    return replace(result, metrics=dict(result.metrics or {}) | one_hot(formats)(completion))
