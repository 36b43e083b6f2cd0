"""Patterns: every rule of every format found by linear scans.

Many rules become a few automata, which tell in one pass each which of them match, in time linear in the text:
by the compiled part (`native_scan`), by RE2 (`set_scan`), or where neither is there in numpy (`lockstep`). A
user's pattern that none of them takes (look-around) is searched for by the `regex` package (`one_by_one`),
under a time limit that is a crash guard and never a silent "no".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from echoformat.detectors import Findings, Rule, native_scan, set_scan
from echoformat.detectors.automata import AT_ONCE
from echoformat.detectors.ends import ends_of, ends_of_many, seen_whole
from echoformat.detectors.native_scan import MARKS_AT_ONCE, NativeScan
from echoformat.detectors.set_scan import SetScan
from echoformat.errors import UsageError
from echoformat.format import Format, Pattern
from echoformat.label import Status
from echoformat.text import Encoded, in_bytes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from echoformat.detectors.lockstep import LockstepScan
    from echoformat.detectors.one_by_one import OneByOne

    Scan = NativeScan | SetScan | LockstepScan

ENGINES = ("auto", "native", "re2", "numpy", "regex")


class PatternDetector:
    """All pattern rules of some formats.

    Args:
        formats: Whose patterns to look for.
        gates: Patterns of no format, found in the same scan: they tell other detectors where to look.
        engine: ``"native"`` (the compiled part), ``"re2"``, ``"numpy"``, ``"auto"`` for the first of them
            that is there, or ``"regex"``: each pattern by itself, which the others are held against.

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
    def seen_whole(self) -> list[int]:
        """The rules that are looked for in the whole of a long text; any other at its ends only.

        A gate is asked about what it names, so one that names a mark is among them.
        """
        sure = ((i, p if name else replace(p, weight=1.0)) for i, (name, p) in enumerate(self._patterns))
        return [i for i, pattern in sure if seen_whole(pattern)]

    @property
    def one_by_one(self) -> tuple[Rule, ...]:
        """Rules outside the scan: those that it refuses, and all of them with the engine ``"regex"``."""
        return tuple(self._rules[i] for i in self._every.left)

    def _build(self) -> None:
        self._every = _Search(self._patterns, range(len(self._patterns)), self.engine)

    @cached_property
    def _whole(self) -> _Search:
        return _Search(self._patterns, self.seen_whole, self.engine, MARKS_AT_ONCE)

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
        cut = ends_of(data)
        found = self._every.one(cut)
        if len(cut) == len(data):
            return found
        whole = self._whole
        return _joined(Findings(tuple(whole.others(found.fired)), found.status), whole.one(data))

    def start(self) -> None:
        """A batch begins: rules that were switched off for taking too long get another chance."""
        self._every.start()
        if "_whole" in self.__dict__:
            self._whole.start()

    def find_many(self, texts: Sequence[bytes]) -> list[Findings]:
        """The rules that fire on each text, given in UTF-8; best some thousand texts at a time."""
        fired, statuses = self.matrix(texts)
        rows = [tuple(np.flatnonzero(row).tolist()) for row in fired]
        return [Findings(row, status) for row, status in zip(rows, statuses, strict=True)]

    def matrix(self, texts: Sequence[Encoded], more: int = 0) -> tuple[NDArray[np.bool_], list[Status]]:
        """Which rules fire on which texts, bool [texts, rules], and whether each text could be looked at.

        The texts are given in UTF-8; best some thousand at a time. So many `more` columns stand behind, for
        rules of others, with nothing marked.
        """
        cut, long = ends_of_many(texts)
        fired, statuses = self._every.mark(cut, more)
        if long:
            found, again = self._whole.mark([texts[row] for row in long])
            fired[np.array(long)[:, None], self._whole.columns] = found
            for row, status in zip(long, again, strict=True):
                statuses[row] = status if statuses[row] is Status.OK else statuses[row]
        return fired, statuses

    def span(self, rule: int, text: str) -> tuple[int, int]:
        """Where a rule that fired matches first."""
        return self._every.span(rule, text)


class _Search:
    """Some of a detector's patterns: scanned for together where the engine takes them, else one by one.

    Attributes:
        left: Indices of those outside the set.
        columns: Indices of all.
    """

    def __init__(
        self,
        patterns: Sequence[tuple[str, Pattern]],
        indices: Sequence[int],
        engine: str,
        at_once: int = AT_ONCE,
    ) -> None:
        self._patterns, self._indices = patterns, tuple(indices)
        self.columns = np.array(indices, dtype=np.intp)
        self._place = {rule: place for place, rule in enumerate(self._indices)}
        self._set = _scan(engine, [patterns[i][1].regex for i in indices], at_once)
        self._leave()

    def _leave(self) -> None:
        """Leave to a search one by one what is not scanned for."""
        self._taken = self._set.indices if self._set is not None else frozenset()
        self.left = tuple(i for place, i in enumerate(self._indices) if place not in self._taken)
        self._slow = _one_by_one(self._patterns, self.left) if self.left else None

    def _see_left(self) -> None:
        """A scan may have given some patterns up."""
        if self._set is not None and self._set.indices is not self._taken:
            self._leave()

    def start(self) -> None:
        """A batch begins: rules that were switched off for taking too long get another chance."""
        if self._slow is not None:
            self._slow.start()

    def span(self, rule: int, text: str) -> tuple[int, int]:
        """Where one of its rules matches first."""
        if self._slow is not None and rule in self.left:
            return self._slow.span(rule, text)
        if set_scan.available():
            return set_scan.first_span(self._patterns[rule][1].regex, text)
        return _one_by_one(self._patterns, [rule]).span(rule, text)

    def others(self, fired: Iterable[int]) -> Iterable[int]:
        """The rules among some that are not its own."""
        own = set(self._indices)
        return (rule for rule in fired if rule not in own)

    def one(self, text: bytes) -> Findings:
        """Its rules that fire on one text."""
        places = self._set.find_one(text) if self._set is not None else ()
        self._see_left()
        fast = Findings(tuple(self._indices[place] for place in places))
        return fast if self._slow is None else _joined(fast, self._slow.find([text])[0])

    def mark(self, texts: Sequence[Encoded], more: int = 0) -> tuple[NDArray[np.bool_], list[Status]]:
        """Which of its rules fire on which texts, a column each, and whether each text could be looked at."""
        found = self._scanned(texts, more)
        self._see_left()
        if self._slow is None:
            return found, [Status.OK] * len(texts)
        slow = self._slow.find(in_bytes(texts))
        for row, one in enumerate(slow):
            found[row, [self._place[rule] for rule in one.fired]] = True
        return found, [one.status for one in slow]

    def _scanned(self, texts: Sequence[Encoded], more: int) -> NDArray[np.bool_]:
        """What is scanned for, and columns of nothing behind it."""
        if isinstance(self._set, NativeScan):
            # A table of a batch is larger than a core's cache: it is not made twice.
            return self._set.find(texts, more)
        found = np.zeros((len(texts), len(self._indices) + more), dtype=np.bool_)
        if self._set is not None:
            found[:, : len(self._indices)] = self._set.find(texts)
        return found


def _scan(engine: str, patterns: Sequence[str], at_once: int) -> Scan | None:
    """What scans for all of some patterns; ``None`` where each is looked for by itself."""
    if engine == "native":
        return NativeScan(patterns, at_once)
    if engine == "re2":
        return SetScan(patterns)
    if engine == "regex":
        return None
    # Seldom needed, and no part of a process's way to its first label then.
    from echoformat.detectors.lockstep import LockstepScan

    return LockstepScan(patterns)


def _one_by_one(patterns: Sequence[tuple[str, Pattern]], left: Sequence[int]) -> OneByOne:
    # A tenth of a process's way to its first label, and seldom needed where RE2 is.
    from echoformat.detectors.one_by_one import OneByOne

    return OneByOne(patterns, left)


def _choose(engine: str) -> str:
    if engine not in ENGINES:
        raise UsageError(f"pattern engine {engine!r}: choose {', '.join(ENGINES[:-1])} or {ENGINES[-1]}")
    if engine == "re2" and not set_scan.available():
        raise UsageError(f"pattern engine {engine!r} needs google-re2: pip install google-re2")
    if engine == "native" and not native_scan.available():
        raise UsageError("pattern engine 'native' is not built: a C compiler is needed when installing")
    if engine != "auto":
        return engine
    if native_scan.available():
        return "native"
    return "re2" if set_scan.available() else "numpy"


def _joined(first: Findings, second: Findings) -> Findings:
    status = first.status if second.status is Status.OK else second.status
    return Findings(tuple(sorted((*first.fired, *second.fired))), status)
