"""Patterns searched for one by one with the `regex` package: what no scan takes, and the reference.

A search is under a time limit, since one that goes back over its choices may take for ever.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import regex

from echoformat.detectors import Findings
from echoformat.detectors.dialect import for_regex
from echoformat.errors import EchoformatWarning, UsageError
from echoformat.format import Pattern
from echoformat.label import Status

TIME_LIMIT_SECONDS = 0.25
MOST_TIMEOUTS_IN_A_ROW = 10


class OneByOne:
    """Some of a detector's patterns, each searched for in each text.

    Args:
        patterns: All of the detector's patterns with the name of their format.
        indices: Those to search for.

    Raises:
        UsageError: A pattern that does not compile.
    """

    def __init__(self, patterns: Sequence[tuple[str, Pattern]], indices: Sequence[int]) -> None:
        self._patterns, self.indices = patterns, tuple(indices)
        self._compiled = {index: _compile(*patterns[index]) for index in indices}
        self._twins = _twins(patterns, indices)
        self._warned: set[int] = set()
        self.start()

    def start(self) -> None:
        """Forget how often rules ran out of time."""
        self._streak = [0] * len(self._twins)

    def find(self, texts: Sequence[bytes]) -> list[Findings]:
        """The rules that fire on each text, ascending."""
        return [self._one(raw.decode("utf-8")) for raw in texts]

    def _one(self, text: str) -> Findings:
        fired: list[int] = []
        status = Status.OK
        for rule, same in enumerate(self._twins):
            found = self._matches(rule, text)
            if found is None:
                status = Status.TIMEOUT
            elif found:
                fired += same
        return Findings(tuple(sorted(fired)), status)

    def _matches(self, rule: int, text: str) -> bool | None:
        """Whether a rule fires; ``None`` where it ran out of time or was switched off for that."""
        if self._streak[rule] >= MOST_TIMEOUTS_IN_A_ROW:
            return None
        try:
            found = self._compiled[self._twins[rule][0]].search(text, timeout=TIME_LIMIT_SECONDS)
        except TimeoutError:
            self._late(rule)
            return None
        self._streak[rule] = 0
        return found is not None

    def _late(self, rule: int) -> None:
        self._streak[rule] += 1
        if rule in self._warned:
            return
        self._warned.add(rule)
        format, pattern = self._patterns[self._twins[rule][0]]
        warnings.warn(
            f"rule {pattern.name!r} of format {format or '(gate)'!r} took over {TIME_LIMIT_SECONDS} s on a "
            f"completion, which is labelled without it (status timeout); after {MOST_TIMEOUTS_IN_A_ROW} in a "
            f"row the rule is off for the rest of the batch. Rewrite it so that RE2 takes it: "
            f"no look-around, no back-reference, no nested repetition",
            EchoformatWarning,
            stacklevel=2,
        )

    def span(self, rule: int, text: str) -> tuple[int, int]:
        """Where any of the detector's patterns matches first; (0, 0) where that takes too long."""
        if rule not in self._compiled:
            self._compiled[rule] = _compile(*self._patterns[rule])
        try:
            found = self._compiled[rule].search(text, timeout=TIME_LIMIT_SECONDS)
        except TimeoutError:
            found = None
        return found.span() if found else (0, 0)


def _twins(patterns: Sequence[tuple[str, Pattern]], indices: Sequence[int]) -> list[tuple[int, ...]]:
    """Indices of equal patterns: formats share signs, and each is searched for once."""
    same: dict[str, list[int]] = {}
    for index in indices:
        same.setdefault(patterns[index][1].regex, []).append(index)
    return [tuple(own) for own in same.values()]


def _compile(name: str, pattern: Pattern) -> Any:
    try:
        return regex.compile(for_regex(pattern.regex))
    except regex.error as error:
        raise UsageError(f"format {name!r}, rule {pattern.name!r}: {error} in {pattern.regex!r}") from error
