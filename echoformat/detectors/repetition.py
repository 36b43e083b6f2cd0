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
# So many words, each of one letter, with a space between: no loop of either kind is shorter.
LEAST_KEPT = min(LEAST_LENGTH, 2 * LEAST_WORDS - 1)
# Tables, records and code repeat themselves by nature; they are told by their marks.
MARKS = '{}|<>=";[]_\\'
MOST_MARKS = 0.03
WORD = regex.compile(r"[^\W\d_]+")
# What `WORD` finds in ASCII, by a table: white space for what is no letter.
LETTERS = bytes(code if code < 128 and chr(code).isalpha() else 32 for code in range(256))


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
    if len(kept) < LEAST_KEPT:
        return None
    # Most texts end here or in `_may_vary`: their last characters stand nowhere else near the end.
    returns = kept.find(kept[-SHORT_PROBE:], -TAIL, -1) >= 0
    exact = _exact(kept) if returns else None
    return exact or _varied(kept, returns)


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
    at = kept.rfind(kept[-PROBE:], max(0, end - WINDOW), end - 1)
    period = end - PROBE - at
    least = max(LEAST_LENGTH, LEAST_REPEATS * period)
    if at < 0 or period > LONGEST_PERIOD or least > end:
        return None
    # A repeating end is one that stands there again, a period before.
    if kept[end - least : end - period] != kept[end - least + period :]:
        return None
    return Loop(end - _periodic_length(kept, period), period)


def _periodic_length(kept: str, period: int) -> int:
    """How many characters at the end repeat with a period; blocks first, each a half of the last."""
    start = len(kept) - period
    stride = BLOCK
    while stride:
        while (
            start >= stride and kept[start - stride : start] == kept[start - stride + period : start + period]
        ):
            start -= stride
        stride //= 2
    return len(kept) - start


def _varied(kept: str, returns: bool) -> Loop | None:
    tail = kept[-TAIL:]
    if not (_may_vary(tail, returns) and _has_few_words(tail)):
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


def _may_vary(tail: str, returns: bool) -> bool:
    """Whether two of four pieces of the tail stand there three times; the last only where it `returns`."""
    end, middle = len(tail), len(tail) // 2
    last = returns and _is_frequent(tail, end - SHORT_PROBE)
    if _is_frequent(tail, end - 3 * SHORT_PROBE):
        enough = last or _is_frequent(tail, middle) or _is_frequent(tail, middle + SHORT_PROBE)
    else:
        first = _is_frequent(tail, middle)
        # Most texts end here, after three looks.
        enough = (first or last) and ((first and last) or _is_frequent(tail, middle + SHORT_PROBE))
    return enough and sum(map(tail.count, MARKS)) <= MOST_MARKS * end


def _is_frequent(tail: str, at: int) -> bool:
    return tail.count(tail[at : at + SHORT_PROBE]) >= 3


def _has_few_words(tail: str) -> bool:
    """Whether words are many and distinct ones few: groups are no fewer than these, but for three."""
    if not tail.isascii():
        return True
    words = tail.encode().translate(LETTERS).split()
    groups = len(words) - IN_A_ROW + 1
    return len(words) >= LEAST_WORDS and len(set(words)) - IN_A_ROW + 1 <= MOST_DISTINCT * groups


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
