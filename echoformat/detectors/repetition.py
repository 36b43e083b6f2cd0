"""Repetition: has a completion fallen into a loop, and where did the loop begin?"""

from __future__ import annotations

from dataclasses import dataclass

WINDOW = 4096
PROBE = 24
LEAST_REPEATS = 4
LEAST_LENGTH = 120
LONGEST_PERIOD = 800


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
    tail = text[-WINDOW:].rstrip()
    probe = tail[-PROBE:]
    if not probe or tail.count(probe) < 2:
        return None
    return _verify(text, tail, probe)


def _verify(text: str, tail: str, probe: str) -> Loop | None:
    at = tail.rfind(probe, 0, len(tail) - 1)
    period = len(tail) - len(probe) - at
    if not 0 < period <= LONGEST_PERIOD:
        return None
    end = len(text.rstrip())
    length = _periodic_length(text, end, period)
    if length < max(LEAST_LENGTH, LEAST_REPEATS * period):
        return None
    return Loop(end - length, period)


def _periodic_length(text: str, end: int, period: int) -> int:
    piece = text[end - period : end]
    start = end - period
    while start >= period and text[start - period : start] == piece:
        start -= period
    while start > 0 and text[start - 1] == text[start - 1 + period]:
        start -= 1
    return end - start
