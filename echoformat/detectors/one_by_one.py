"""Patterns found one by one with the `regex` package: the reference engine, and the fallback."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import regex

from echoformat.detectors import Findings
from echoformat.detectors.dialect import for_regex
from echoformat.detectors.literal_gate import LiteralGate
from echoformat.detectors.literals import has_alternatives, needed_literals
from echoformat.errors import EchoformatWarning, UsageError
from echoformat.format import Pattern
from echoformat.label import Status

TIME_LIMIT_SECONDS = 0.25
MOST_TIMEOUTS_IN_A_ROW = 10


class OneByOne:
    """Some of a detector's patterns, searched one by one where a literal they need occurs.

    Args:
        patterns: All of the detector's patterns with the name of their format.
        indices: Those to search for.

    Raises:
        UsageError: A pattern that does not compile.
    """

    def __init__(self, patterns: Sequence[tuple[str, Pattern]], indices: Sequence[int]) -> None:
        self._patterns, self.indices = patterns, tuple(indices)
        self._compiled: dict[int, Any] = {}
        for index in indices:
            self._search(index)
        self._tried = {i: self._compiled[i] for i in indices} | _without_retries(patterns, indices)
        self._gate = LiteralGate([needed_literals(patterns[i][1].regex) for i in indices])
        self._warned: set[int] = set()
        self.start()

    def start(self) -> None:
        """Forget how often rules ran out of time."""
        self._streak = dict.fromkeys(self.indices, 0)

    def _search(self, index: int) -> Any:
        if index not in self._compiled:
            name, pattern = self._patterns[index]
            self._compiled[index] = _compile(name, pattern)
        return self._compiled[index].search

    def find(self, texts: Sequence[bytes]) -> list[Findings]:
        """The rules that fire on each text, ascending."""
        opened = self._gate.open(texts)
        return [self._one(text, [self.indices[i] for i in rules]) for text, rules in zip(texts, opened)]

    def _one(self, data: bytes, rules: Sequence[int]) -> Findings:
        text = data.decode("utf-8") if rules else ""
        fired = [(rule, self._matches(rule, text)) for rule in rules]
        timed_out = any(answer is None for _, answer in fired)
        status = Status.TIMEOUT if timed_out else Status.OK
        return Findings(tuple(rule for rule, answer in fired if answer), status)

    def _matches(self, rule: int, text: str) -> bool | None:
        """Whether the rule fires; ``None`` where it ran out of time or was switched off for that."""
        if self._streak[rule] >= MOST_TIMEOUTS_IN_A_ROW:
            return None
        try:
            found = self._tried[rule].search(text, timeout=TIME_LIMIT_SECONDS) is not None
        except TimeoutError:
            self._late(rule)
            return None
        self._streak[rule] = 0
        return found

    def _late(self, rule: int) -> None:
        self._streak[rule] += 1
        if rule in self._warned:
            return
        self._warned.add(rule)
        format, pattern = self._patterns[rule]
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
        try:
            found = self._search(rule)(text, timeout=TIME_LIMIT_SECONDS)
        except TimeoutError:
            found = None
        return found.span() if found else (0, 0)


def _without_retries(patterns: Sequence[tuple[str, Pattern]], indices: Sequence[int]) -> dict[int, Any]:
    r"""Searches that tell no more than whether a pattern matches, for some that would try each start in turn.

    `\w[^\n]*x` matches behind any word character of a line; the first one of each line is enough.
    """
    quick = {}
    for index in indices:
        written = patterns[index][1].regex
        opening = next((sign for sign in (r"\w", r"\S") if written.startswith(sign + r"[^\n]*")), None)
        if opening is not None and not has_alternatives(written):
            rest = for_regex(written[len(opening) :]).removeprefix("(?ma)")
            first = for_regex(opening).removeprefix("(?ma)")
            quick[index] = regex.compile(rf"(?ma)^(?>[^\n]*?{first}){rest}")
    return quick


def _compile(name: str, pattern: Pattern) -> Any:
    try:
        return regex.compile(for_regex(pattern.regex))
    except regex.error as error:
        raise UsageError(f"format {name!r}, rule {pattern.name!r}: {error} in {pattern.regex!r}") from error
