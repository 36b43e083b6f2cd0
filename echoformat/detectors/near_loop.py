"""Near loops: a completion that says the same again and again with small changes, as numbers that grow."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from functools import cache
from types import ModuleType
from typing import Any

from echoformat.compiled import native
from echoformat.detectors.repetition import Loop

WINDOW = 4096
LEAST_LENGTH = 600
# Of its size; prose compresses to 0.23 or more, save one text in a thousand.
MOST_RATIO = 0.155
PROBES = (80, 140, 200)
PROBE_LENGTH = 14
LEAST_REPEATS = 4


def find_near_loop(text: str) -> Loop | None:
    r"""The place from which the end of a text nearly repeats itself, or ``None``.

    The last 4,096 characters compress below 0.155 of their size, and one piece of them comes back four times.

    Example:
        >>> find_near_loop("".join(f"{n}. Open the file in an editor.\n" for n in range(99))).period
        31
        >>> find_near_loop("Two pens cost 4. " * 10) is None
        True
    """
    if len(text) < LEAST_LENGTH or not _is_likely(text):
        return None
    return _near_loop(text.rstrip())


def _is_likely(text: str) -> bool:
    compiled = native()
    return compiled is None or bool(near_loop_signs(compiled).one(text.encode("utf-8", "replace")))


def _near_loop(kept: str) -> Loop | None:
    if len(kept) < LEAST_LENGTH:
        return None
    tail = kept[-WINDOW:]
    probe = _repeated_probe(tail)
    # Most texts end here: nothing near their end stands there four times.
    if not probe:
        return None
    if not _is_packed(tail):
        return None
    first = kept.find(probe)
    return Loop(first, max(1, kept.find(probe, first + 1) - first))


def _is_packed(tail: str) -> bool:
    """Whether zlib finds little in a tail."""
    data = tail.encode("utf-8", "replace")
    return len(zlib.compress(data, 6)) < MOST_RATIO * len(data)


def find_near_loops(texts: Sequence[str], rows: Iterable[int]) -> dict[int, Loop]:
    r"""The near loops of some rows of many texts, for the few that have one; each as `find_near_loop` says.

    Example:
        >>> listed = "".join(f"{n}. Open the file in an editor.\n" for n in range(99))
        >>> list(find_near_loops(["He has 4.", listed, listed], [0, 2]))
        [2]
    """
    found = ((row, _near_loop(texts[row].rstrip())) for row in rows)
    return {row: loop for row, loop in found if loop is not None}


def packed_rows(texts: Sequence[str], rows: Iterable[int]) -> list[int]:
    """Those of some rows that nearly loop, where the compiled look says of each that it may."""
    return [row for row in rows if _is_packed(texts[row].rstrip()[-WINDOW:])]


@cache
def near_loop_signs(compiled: ModuleType) -> Any:
    """The compiled look for near loops."""
    return compiled.Signs.of_near_loops(
        window=WINDOW,
        least_length=LEAST_LENGTH,
        probe_length=PROBE_LENGTH,
        least_repeats=LEAST_REPEATS,
        most_ratio=MOST_RATIO,
        probes=PROBES,
    )


def _repeated_probe(tail: str) -> str:
    for back in PROBES:
        probe = tail[-back : PROBE_LENGTH - back]
        if tail.count(probe) >= LEAST_REPEATS:
            return probe
    return ""
