"""Repetition: has a completion fallen into a loop, and where did the loop begin?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import regex

PROBE = 24
LEAST_REPEATS = 4
LEAST_LENGTH = 120
LONGEST_PERIOD = 800
WINDOW = LONGEST_PERIOD + PROBE
BLOCK = 2048

# A loop that varies: near the end, words follow each other in a few ways only.
TAIL = 1600
LEAST_WORDS = 60
MOST_DISTINCT = 0.18
IN_A_ROW = 4
SHORT_PROBE = 10
# Tables, records and code repeat themselves by nature; they are told by their marks.
MARKS = '{}|<>=";[]_\\'
MOST_MARKS = 0.03
WORD = regex.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Loop:
    """The text from character `start` on repeats a piece of `period` characters; 0 where the piece varies."""

    start: int
    period: int


def find_loop(text: str) -> Loop | None:
    r"""The loop that a text ends in, or ``None``.

    A loop is the same piece at least four times in a row, 120 characters or more in all, up to the end of
    the text (white space aside; the last round may be cut). It is also a text whose last 1,600 characters
    are words in an order that hardly varies: fewer than 18 of 100 groups of four words differ, numbers
    aside, and the last of them stood there before.

    Example:
        >>> find_loop("The answer is 4. " + "I am sure. " * 20).period
        11
        >>> counted = "".join(f"Step {n} is to open the file and look again. " for n in range(40))
        >>> find_loop(counted).period
        0
        >>> find_loop("2 + 2 = 4, so the answer is 4.") is None
        True
    """
    if len(text) < LEAST_LENGTH:
        return None
    kept = text.rstrip()
    return _exact(kept) or _varied(kept)


def find_loops(texts: Sequence[str]) -> dict[int, Loop]:
    r"""The loops of many texts by row, for the few that end in one; each as `find_loop` says.

    Example:
        >>> find_loops(["2 + 2 = 4.", "The answer is 4. " + "I am sure. " * 20])
        {1: Loop(start=15, period=11)}
    """
    found = ((row, find_loop(text)) for row, text in enumerate(texts))
    return {row: loop for row, loop in found if loop is not None}


def _exact(kept: str) -> Loop | None:
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


def _varied(kept: str) -> Loop | None:
    tail = kept[-TAIL:]
    if not _may_vary(tail):
        return None
    groups = _groups(tail)
    if len(groups) < LEAST_WORDS - IN_A_ROW + 1 or len(set(groups)) > MOST_DISTINCT * len(groups):
        return None
    if not _goes_on(groups):
        return None
    return Loop(_first_of(kept, frozenset(groups)), 0)


def _goes_on(groups: Sequence[tuple[str, ...]]) -> bool:
    """Whether the last words, the very last perhaps cut, stood there before: a list that closes does not."""
    *opening, last = groups[-1]
    return any([*group[:-1]] == opening and group[-1].startswith(last) for group in groups[:-1])


def _may_vary(tail: str) -> bool:
    """Whether pieces of the tail return often enough to look closer; most texts end here."""
    middle = len(tail) // 2
    places = (middle, middle + SHORT_PROBE, len(tail) - 3 * SHORT_PROBE, len(tail) - SHORT_PROBE)
    returning = sum(tail.count(tail[at : at + SHORT_PROBE]) >= 3 for at in places)
    return returning >= 2 and sum(map(tail.count, MARKS)) <= MOST_MARKS * len(tail)


def _groups(text: str) -> list[tuple[str, ...]]:
    words = WORD.findall(text)
    return list(zip(*(words[i:] for i in range(IN_A_ROW)), strict=False))


def _first_of(kept: str, known: frozenset[tuple[str, ...]]) -> int:
    """Where the loop began: back by blocks while most of their words come in a known order."""
    start, step = max(0, len(kept) - TAIL), TAIL // 4
    while start > 0:
        groups = _groups(kept[max(0, start - step) : start])
        if sum(group in known for group in groups) < 0.7 * max(len(groups), 1):
            break
        start = max(0, start - step)
    return start
