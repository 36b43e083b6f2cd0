"""Did the format on top take over? One answer for the verdict on a run and for runs compared."""

from __future__ import annotations

from typing import Any

from numpy.typing import ArrayLike, NDArray

from echoformat.measure.transition import Transition, TransitionState, transition
from echoformat.measure.winner import Outcome, Winner


def took_over(top: Winner, found: Transition) -> bool:
    """Whether the format on top won, was dominant all along, or leads after a real transition.

    Args:
        top: The format on top.
        found: The transition of its share.
    """
    if top.outcome in (Outcome.WON, Outcome.ALREADY_DOMINANT):
        return True
    return top.outcome is Outcome.LEADING and found.state is not TransitionState.NONE


def taker(top: Winner, counts: NDArray[Any], steps: ArrayLike) -> int | None:
    """Index of the format that took over, ``None`` where none did; see `took_over`.

    Args:
        top: The format on top.
        counts: Completions, shape ``[steps, problems, formats]``.
        steps: Training steps, ascending.

    Example:
        >>> import numpy as np
        >>> from echoformat.measure.winner import winner
        >>> rise = np.array([1, 1, 1, 3, 5, 7, 9, 9, 9, 9])
        >>> run = np.stack([np.stack([rise, 10 - rise], axis=1)] * 40, axis=1)
        >>> taker(winner(run[:2].sum(axis=0), run[-2:].sum(axis=0)), run, range(10))
        0
    """
    if top.index is None:
        return None
    if top.outcome is not Outcome.LEADING:
        return top.index
    return top.index if took_over(top, transition(counts, steps, top.index)) else None
