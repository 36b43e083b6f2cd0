"""Repetition: has a completion fallen into a loop, and where did the loop begin?"""

from __future__ import annotations

from dataclasses import dataclass

PROBE = 24
LEAST_REPEATS = 4
LEAST_LENGTH = 120
LONGEST_PERIOD = 800
WINDOW = LONGEST_PERIOD + PROBE
BLOCK = 2048


@dataclass(frozen=True, slots=True)
class Loop:
    """The text from character `start` on repeats a piece of `period` characters."""

    start: int
    period: int


def find_loop(text: str) -> Loop | None:
    r"""The loop that a text ends in, or ``None``.

    A loop is the same piece at least four times in a row, 120 characters or more in all, up to the end of
    the text (white space aside; the last round may be cut).

    Example:
        >>> find_loop("The answer is 4. " + "I am sure. " * 20).period
        11
        >>> find_loop("2 + 2 = 4, so the answer is 4.") is None
        True
    """
    if len(text) < LEAST_LENGTH:
        return None
    kept = text.rstrip()
    end = len(kept)
    probe = kept[-PROBE:]
    # Most texts end here: their last characters stand nowhere else near the end.
    if not probe or kept.find(probe, max(0, end - WINDOW), end - 1) < 0:
        return None
    return _verify(kept, probe)


def _verify(kept: str, probe: str) -> Loop | None:
    end = len(kept)
    at = kept.rfind(probe, max(0, end - WINDOW), end - 1)
    period = end - len(probe) - at
    if not 0 < period <= LONGEST_PERIOD:
        return None
    length = _periodic_length(kept, period)
    if length < max(LEAST_LENGTH, LEAST_REPEATS * period):
        return None
    return Loop(end - length, period)


def _periodic_length(kept: str, period: int) -> int:
    """How many characters at the end repeat with a period; whole blocks first, then single characters."""
    end = len(kept)
    start = end - period
    stride = period * max(1, BLOCK // period)
    while start >= stride and kept[start - stride : start] == kept[start - stride + period : start + period]:
        start -= stride
    while start > 0 and kept[start - 1] == kept[start - 1 + period]:
        start -= 1
    return end - start
