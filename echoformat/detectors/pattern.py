"""Patterns: every rule of every format found by one linear scan.

RE2 compiles all rules into one automaton and reports which of them match in a single pass, in time linear
in the text. Where google-re2 is absent, and for a user's pattern that RE2 refuses (look-around), the
`regex` package finds them one by one, under a time limit that is a crash guard and never a silent "no".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import regex

from echoformat.detectors import Findings, Rule
from echoformat.detectors.dialect import for_re2, for_regex
from echoformat.errors import UsageError
from echoformat.format import Format, Pattern
from echoformat.label import Status

try:
    import re2
except ImportError:
    re2 = None

# The automaton of a full shelf outgrows RE2's default budget and then falls back to a slow engine.
SET_MEMORY = 512 * 1024 * 1024
TIME_LIMIT_SECONDS = 0.25


class PatternDetector:
    """All pattern rules of some formats.

    Args:
        formats: Whose patterns to look for.
        gates: Patterns of no format, found in the same scan: they tell other detectors where to look.
        engine: ``"re2"``, ``"regex"``, or ``"auto"`` for RE2 where it is installed.

    Raises:
        UsageError: A pattern that neither engine takes, or an unknown engine.
    """

    def __init__(
        self, formats: Iterable[Format], gates: Sequence[Pattern] = (), engine: str = "auto"
    ) -> None:
        self.engine = _choose(engine)
        self._patterns = [(f.name, p) for f in formats for p in f.patterns] + [("", p) for p in gates]
        self._rules = tuple(Rule(name, p.name, "pattern", p.weight, p.variant) for name, p in self._patterns)
        self._build()

    @property
    def rules(self) -> Sequence[Rule]:
        """Every pattern rule, formats in the order given, gates last."""
        return self._rules

    def _build(self) -> None:
        self._set: Any = None
        self._set_ids: list[int] = []
        if self.engine == "re2":
            self._set, self._set_ids = _compile_set([p.regex for _, p in self._patterns])
        in_set = set(self._set_ids)
        self._slow = [(i, _compile(name, p)) for i, (name, p) in enumerate(self._patterns) if i not in in_set]

    def __getstate__(self) -> dict[str, Any]:
        return {"engine": self.engine, "_patterns": self._patterns, "_rules": self._rules}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._build()

    def find(self, text: str) -> Findings:
        """The rules that fire, ascending.

        Example:
            >>> from echoformat.format import Format, Pattern
            >>> shout = Format("shout", "other", "t", "https://x.org", (Pattern("loud", r"^[A-Z]+$"),))
            >>> PatternDetector([shout]).find("quiet\\nLOUD").fired
            (0,)
        """
        fired = [self._set_ids[i] for i in self._set.Match(text) or ()] if self._set is not None else []
        status = Status.OK
        for index, compiled in self._slow:
            try:
                if compiled.search(text, timeout=TIME_LIMIT_SECONDS):
                    fired.append(index)
            except TimeoutError:
                status = Status.TIMEOUT
        return Findings(tuple(sorted(fired)), status)

    def span(self, rule: int, text: str) -> tuple[int, int]:
        """Where a rule that fired matches first."""
        name, pattern = self._patterns[rule]
        try:
            found = _compile(name, pattern).search(text, timeout=TIME_LIMIT_SECONDS)
        except TimeoutError:
            found = None
        return found.span() if found else (0, 0)


def _choose(engine: str) -> str:
    if engine not in ("auto", "re2", "regex"):
        raise UsageError(f"pattern engine {engine!r}: choose auto, re2 or regex")
    if engine == "re2" and re2 is None:
        raise UsageError("pattern engine 're2' needs google-re2: pip install google-re2")
    return ("regex" if re2 is None else "re2") if engine == "auto" else engine


def _compile_set(patterns: Sequence[str]) -> tuple[Any, list[int]]:
    options = re2.Options()
    options.max_mem = SET_MEMORY
    options.log_errors = False
    found, ids = re2.Set.SearchSet(options), []
    for index, pattern in enumerate(patterns):
        try:
            found.Add(for_re2(pattern))
        except re2.error:
            continue
        ids.append(index)
    if not ids:
        return None, []
    found.Compile()
    return found, ids


def _compile(name: str, pattern: Pattern) -> Any:
    try:
        return regex.compile(for_regex(pattern.regex))
    except regex.error as error:
        raise UsageError(f"format {name!r}, rule {pattern.name!r}: {error} in {pattern.regex!r}") from error
