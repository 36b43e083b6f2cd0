"""Patterns: every rule of every format found by linear scans.

RE2 compiles many rules into one automaton and reports which of them match in a single pass, in time linear
in the text (`set_scan`). Where google-re2 is absent, and for a user's pattern that RE2 refuses
(look-around), the `regex` package finds them one by one (`one_by_one`), each only where a literal that it
needs occurs, under a time limit that is a crash guard and never a silent "no".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from echoformat.detectors import NOTHING, Findings, Rule, set_scan
from echoformat.detectors.one_by_one import OneByOne
from echoformat.detectors.set_scan import SetScan
from echoformat.errors import UsageError
from echoformat.format import Format, Pattern
from echoformat.label import Status

if TYPE_CHECKING:
    from numpy.typing import NDArray


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

    @property
    def regexes(self) -> list[str]:
        """Every pattern as it is declared, in the order of `rules`."""
        return [pattern.regex for _, pattern in self._patterns]

    @property
    def one_by_one(self) -> tuple[Rule, ...]:
        """Rules outside the set scan: all of them without RE2, else those that RE2 refuses."""
        return tuple(self._rules[i] for i in self._slow.indices)

    def _build(self) -> None:
        patterns = self.regexes
        self._set = SetScan(patterns) if self.engine == "re2" else None
        scanned = self._set.indices if self._set is not None else ()
        self._slow = OneByOne(self._patterns, [i for i in range(len(patterns)) if i not in scanned])

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
        self.start()
        data = text.encode("utf-8")
        fast = Findings(self._set.find_one(data)) if self._set is not None else NOTHING
        return _joined(fast, self._slow.find([data])[0]) if self._slow.indices else fast

    def start(self) -> None:
        """A batch begins: rules that were switched off for taking too long get another chance."""
        self._slow.start()

    def find_many(self, texts: Sequence[bytes]) -> list[Findings]:
        """The rules that fire on each text, given in UTF-8; best some hundred texts at a time."""
        fired, statuses = self.matrix(texts)
        rows = [tuple(np.flatnonzero(row).tolist()) for row in fired]
        return [Findings(row, status) for row, status in zip(rows, statuses, strict=True)]

    def matrix(self, texts: Sequence[bytes]) -> tuple[NDArray[np.bool_], list[Status]]:
        """Which rules fire on which texts, bool [texts, rules], and whether each text could be looked at.

        The texts are given in UTF-8; best some hundred at a time.
        """
        if self._set is None:
            fired = np.zeros((len(texts), len(self._rules)), dtype=np.bool_)
        else:
            fired = self._set.find(texts)
        return fired, self._mark_slow(texts, fired)

    def _mark_slow(self, texts: Sequence[bytes], fired: NDArray[np.bool_]) -> list[Status]:
        if not self._slow.indices:
            return [Status.OK] * len(texts)
        found = self._slow.find(texts)
        for row, one in enumerate(found):
            fired[row, list(one.fired)] = True
        return [one.status for one in found]

    def span(self, rule: int, text: str) -> tuple[int, int]:
        """Where a rule that fired matches first."""
        if self._set is not None and rule in self._set.indices:
            return set_scan.first_span(self._patterns[rule][1].regex, text)
        return self._slow.span(rule, text)


def _choose(engine: str) -> str:
    if engine not in ("auto", "re2", "regex"):
        raise UsageError(f"pattern engine {engine!r}: choose auto, re2 or regex")
    if engine == "re2" and not set_scan.available():
        raise UsageError("pattern engine 're2' needs google-re2: pip install google-re2")
    return ("re2" if set_scan.available() else "regex") if engine == "auto" else engine


def _joined(first: Findings, second: Findings) -> Findings:
    status = first.status if second.status is Status.OK else second.status
    return Findings(tuple(sorted((*first.fired, *second.fired))), status)
