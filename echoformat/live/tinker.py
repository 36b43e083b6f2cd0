"""Tinker cookbook: ``return labelled(StepResult(...), response)`` at the end of an environment's ``step``."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

from echoformat.live.one_hot import OneHot


@cache
def _one_hot() -> OneHot:
    return OneHot()


def labelled(result: Any, completion: Any) -> Any:
    """The same step result, with one number a format among its metrics.

    The cookbook averages metrics over all steps of all trajectories: for environments of one turn that is the
    share, logged as ``env/all/echoformat/<format>``.

    Args:
        result: A `StepResult`.
        completion: The decoded action, or its message.
    """
    return replace(result, metrics=dict(result.metrics or {}) | _one_hot()(completion))
