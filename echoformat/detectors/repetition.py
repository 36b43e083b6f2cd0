"""Repetition: has a completion fallen into a loop, and where did the loop begin?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import compress
from types import ModuleType
from typing import Any

from echoformat.compiled import native
from echoformat.detectors.late_regex import LateRegex

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
LEAST_RETURNS = 3
# So many words, each of one letter, with a space between: no loop of either kind is shorter.
LEAST_KEPT = min(LEAST_LENGTH, 2 * LEAST_WORDS - 1)
# Tables, records and code repeat themselves by nature; they are told by their marks.
MARKS = b'{}|<>=";[]_\\'
MOST_MARKS = 0.03
WORD = LateRegex(r"[^\W\d_]+")
# What `WORD` finds in ASCII, by a table: white space for what is no letter.
LETTERS = bytes(code if code < 128 and chr(code).isalpha() else 32 for code in range(256))
# What the compiled signs say of a text that needs no second look, `LOOPS` in csrc/loops.c.
SURE = 2


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
    if len(text) < LEAST_LENGTH or not _is_likely(text):
        return None
    kept = text.rstrip()
    return _exact(kept) or _varied(kept)


def _is_likely(text: str) -> bool:
    compiled = native()
    if compiled is None:
        return _may_loop(text.rstrip())
    return bool(loop_signs(compiled).one(text.encode("utf-8", "surrogatepass")))


def looping_rows(texts: Sequence[str], signs: bytes) -> list[int]:
    """The rows of texts that end in a loop, from what `loop_signs` says of them; as `find_loop` says."""
    likely = compress(range(len(texts)), signs)
    return [row for row in likely if signs[row] == SURE or _looping_groups(texts[row].rstrip())]


@cache
def loop_signs(compiled: ModuleType) -> Any:
    """The compiled look for loops."""
    return compiled.Signs.of_loops(
        least_length=LEAST_LENGTH,
        least_kept=LEAST_KEPT,
        tail=TAIL,
        short_probe=SHORT_PROBE,
        least_returns=LEAST_RETURNS,
        probe=PROBE,
        window=WINDOW,
        longest_period=LONGEST_PERIOD,
        least_repeats=LEAST_REPEATS,
        least_words=LEAST_WORDS,
        in_a_row=IN_A_ROW,
        most_distinct=MOST_DISTINCT,
        most_marks=MOST_MARKS,
        marks=MARKS,
    )


def find_loops(texts: Sequence[str]) -> dict[int, Loop]:
    r"""The loops of many texts by row, for the few that end in one; each as `find_loop` says.

    Example:
        >>> find_loops(["2 + 2 = 4.", "The answer is 4. " + "I am sure. " * 20])
        {1: Loop(start=15, period=11)}
    """
    long = [(row, text.rstrip()) for row, text in enumerate(texts) if len(text) >= LEAST_LENGTH]
    likely = [(row, kept) for row, kept in long if _may_loop(kept)]
    found = ((row, _exact(kept) or _varied(kept)) for row, kept in likely)
    return {row: loop for row, loop in found if loop is not None}


def _may_loop(kept: str) -> bool:
    """Whether pieces of the end return often enough for either kind of loop; most texts end here."""
    end = len(kept)
    if end < LEAST_KEPT:
        return False
    start = max(0, end - TAIL)
    if kept.find(kept[-SHORT_PROBE:], start, end - 1) >= 0:
        return True
    # So there is no exact loop, and of the other three pieces that `_may_vary` looks at two must return.
    middle = start + (end - start) // 2
    before = kept.count(kept[-3 * SHORT_PROBE : -2 * SHORT_PROBE], start) >= LEAST_RETURNS
    first = kept.count(kept[middle : middle + SHORT_PROBE], start) >= LEAST_RETURNS
    if before is first:
        return before
    return kept.count(kept[middle + SHORT_PROBE : middle + 2 * SHORT_PROBE], start) >= LEAST_RETURNS


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


def _varied(kept: str) -> Loop | None:
    groups = _looping_groups(kept)
    return Loop(_first_of(kept, groups), 0) if groups else None


def _looping_groups(kept: str) -> frozenset[tuple[str, ...]]:
    """The groups of words at the end where they hardly vary and go on; else none."""
    none: frozenset[tuple[str, ...]] = frozenset()
    tail = kept[-TAIL:]
    if not _may_vary(tail):
        return none
    words = _words(tail)
    most = MOST_DISTINCT * (len(words) - IN_A_ROW + 1)
    # Groups are no fewer than words, but for three, and words are told much faster.
    if len(words) < LEAST_WORDS or len(set(words)) - IN_A_ROW + 1 > most:
        return none
    groups = _groups(words)
    known = frozenset(groups)
    return known if len(known) <= most and _goes_on(groups, known) else none


def _goes_on(groups: Sequence[tuple[str, ...]], known: frozenset[tuple[str, ...]]) -> bool:
    """Whether the last words, the very last perhaps cut, stood there before: a list that closes does not."""
    ending = groups[-1]
    if groups.index(ending) < len(groups) - 1:
        return True
    *opening, last = ending
    others = known - {ending}
    return any([*group[:-1]] == opening and group[-1].startswith(last) for group in others)


def _may_vary(tail: str) -> bool:
    """Whether two of four pieces of the tail return, and marks are few."""
    middle = len(tail) // 2
    places = (len(tail) - 3 * SHORT_PROBE, middle, len(tail) - SHORT_PROBE, middle + SHORT_PROBE)
    returning = (at for at in places if tail.count(tail[at : at + SHORT_PROBE]) >= LEAST_RETURNS)
    has_two = next(returning, None) is not None and next(returning, None) is not None
    return has_two and _marks(tail) <= MOST_MARKS * len(tail)


def _marks(text: str) -> int:
    data = text.encode("utf-8", "surrogatepass")
    return len(data) - len(data.translate(None, MARKS))


def _words(text: str) -> list[str]:
    if text.isascii():
        return text.encode().translate(LETTERS).decode().split()
    return list(WORD.findall(text))


def _groups(words: Sequence[str]) -> list[tuple[str, ...]]:
    return list(zip(*(words[i:] for i in range(IN_A_ROW)), strict=False))


def _first_of(kept: str, known: frozenset[tuple[str, ...]]) -> int:
    """Where the loop began: back by blocks while most of their words come in a known order."""
    start, step = max(0, len(kept) - TAIL), TAIL // 4
    while start > 0:
        groups = _groups(_words(kept[max(0, start - step) : start]))
        if sum(group in known for group in groups) < 0.7 * max(len(groups), 1):
            break
        start = max(0, start - step)
    return start
