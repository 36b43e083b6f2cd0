"""Progress of long work on standard error: a bar where one can be drawn, a line every few seconds else."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from echoformat.cli.say import say

SECONDS_BETWEEN_LINES = 5.0


@contextmanager
def progress(what: str, unit: str = "completions") -> Iterator[Callable[[int], None] | None]:
    """A function to call with the number of units done since the last call; ``None`` off a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    try:
        from tqdm import tqdm
    except ImportError:
        yield _Lines(what, unit)
        return
    with tqdm(desc=what, unit=f" {unit}", file=sys.stderr, leave=False, mininterval=0.5) as bar:
        yield lambda done: _advance(bar.update, done)


def _advance(update: Callable[[int], object], done: int) -> None:
    update(done)


class _Lines:
    """Says how far the work is, at most every five seconds."""

    def __init__(self, what: str, unit: str) -> None:
        self._what, self._unit, self._done, self._said = what, unit, 0, time.monotonic()

    def __call__(self, done: int) -> None:
        self._done += done
        if time.monotonic() - self._said >= SECONDS_BETWEEN_LINES:
            self._said = time.monotonic()
            say(f"{self._what}: {self._done} {self._unit}")
