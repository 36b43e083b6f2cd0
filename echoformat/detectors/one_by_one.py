"""Patterns found one by one with the `regex` package: the reference engine, and the fallback.

A look-up of a whole batch (`chain_gate`) tells which patterns can match which texts and where. Some it
decides; the others are tried there, each for itself.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import regex

from echoformat.detectors import Findings
from echoformat.detectors.dialect import for_regex
from echoformat.detectors.pattern_nodes import Node, NotUnderstood
from echoformat.detectors.pattern_parts import Part
from echoformat.detectors.pattern_plan import PatternPlan, Round
from echoformat.detectors.pattern_tree import tree
from echoformat.detectors.trial import Trial
from echoformat.errors import EchoformatWarning, UsageError
from echoformat.format import Pattern
from echoformat.label import Status

TIME_LIMIT_SECONDS = 0.25
MOST_TIMEOUTS_IN_A_ROW = 10
MOST_REMEMBERED = 100_000
# What a trial gets where those before it took all the time of their text.
LEAST_SECONDS = 1e-6
# Some hundred texts of average length: what is looked at of each byte then stays in the cache.
CHUNK_BYTES = 1 << 19


class OneByOne:
    """Some of a detector's patterns, searched one by one where they can match.

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
        self._twins = _twins(patterns, indices)
        self._parts = [
            part
            for rule, same in enumerate(self._twins)
            for part in Part.of(rule, _tree(patterns[same[0]][1].regex))
        ]
        self._plan = PatternPlan(self._parts)
        self._trials: dict[int, Trial] = {}
        self._found: dict[tuple[int, ...], Findings] = {}
        self._warned: set[int] = set()
        self.start()

    def start(self) -> None:
        """Forget how often rules ran out of time."""
        self._streak = [0] * len(self._twins)

    def _search(self, index: int) -> Any:
        if index not in self._compiled:
            name, pattern = self._patterns[index]
            self._compiled[index] = _compile(name, pattern)
        return self._compiled[index].search

    def find(self, texts: Sequence[bytes]) -> list[Findings]:
        """The rules that fire on each text, ascending."""
        return [found for chunk in _chunks(texts) for found in self._chunk(chunk)]

    def _chunk(self, data: Sequence[bytes]) -> list[Findings]:
        texts = [raw.decode("utf-8") for raw in data]
        plan = self._plan.of(texts, data)
        fired: list[list[int]] = [[] for _ in texts]
        for text, part in plan.decided:
            fired[text].append(self._parts[part].rule)
        late = self._try(texts, plan.rounds, fired)
        return [self._findings(tuple(own), text in late) for text, own in enumerate(fired)]

    def _findings(self, rules: tuple[int, ...], is_late: bool) -> Findings:
        """Findings are few and repeat; each is made once."""
        found = None if is_late else self._found.get(rules)
        if found is None:
            indices = tuple(sorted(index for rule in {*rules} for index in self._twins[rule]))
            found = Findings(indices, Status.TIMEOUT if is_late else Status.OK)
            if not is_late and len(self._found) < MOST_REMEMBERED:
                self._found[rules] = found
        return found

    def _try(self, texts: Sequence[str], rounds: Iterable[Round], fired: list[list[int]]) -> set[int]:
        """Add to what fires; texts on which a rule ran out of time."""
        late: set[int] = set()
        settled: dict[int, set[int]] = {}
        for one in rounds:
            trial = self._trials.get(one.part) or self._trial(one.part)
            done = settled.setdefault(trial.rule, set())
            found = (
                self._slow(trial, one, texts, done, late) if one.is_slow else _quick(trial, one, texts, done)
            )
            for text in found:
                fired[text].append(trial.rule)
        return late

    def _trial(self, number: int) -> Trial:
        part = self._parts[number]
        self._trials[number] = trial = Trial.of(part, self._compiled[self._twins[part.rule][0]])
        return trial

    def _slow(
        self, trial: Trial, one: Round, texts: Sequence[str], done: set[int], late: set[int]
    ) -> Iterator[int]:
        """Texts on which a part matches; those on which it runs out of time are late."""
        before, ends_at = -1, 0.0
        for text, at, end, low in zip(one.texts, one.at, one.ends, one.lows, strict=True):
            if text != before:
                before, ends_at = text, time.monotonic() + TIME_LIMIT_SECONDS
            if text not in done:
                answer = self._timed(trial, texts[text], (at, end, low), ends_at - time.monotonic())
                if answer is None:
                    late.add(text)
                if answer is not False:
                    done.add(text)
                if answer:
                    yield text

    def _timed(self, trial: Trial, text: str, where: tuple[int, int, int], seconds: float) -> bool | None:
        """Whether a rule fires; ``None`` where it ran out of time or was switched off for that."""
        if self._streak[trial.rule] >= MOST_TIMEOUTS_IN_A_ROW:
            return None
        try:
            found = trial.timed(text, *where, max(seconds, LEAST_SECONDS))
        except TimeoutError:
            self._late(trial.rule)
            return None
        self._streak[trial.rule] = 0
        return found

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
        try:
            found = self._search(rule)(text, timeout=TIME_LIMIT_SECONDS)
        except TimeoutError:
            found = None
        return found.span() if found else (0, 0)


def _quick(trial: Trial, one: Round, texts: Sequence[str], done: set[int]) -> list[int]:
    """Texts on which a part matches."""
    found = []
    first, second = trial.forth, trial.back
    firsts, seconds = zip(one.at, one.ends, strict=True), zip(one.lows, one.at, strict=True)
    if trial.is_back_first:
        first, second, firsts, seconds = second, first, seconds, firsts
    if second is None:
        for text, (low, high) in zip(one.texts, firsts, strict=True):
            if text not in done and first(texts[text], low, high):
                done.add(text)
                found.append(text)
        return found
    for text, (low, high), bounds in zip(one.texts, firsts, seconds, strict=True):
        if text not in done and first(texts[text], low, high) and second(texts[text], *bounds):
            done.add(text)
            found.append(text)
    return found


def _chunks(texts: Sequence[bytes]) -> Iterable[Sequence[bytes]]:
    """Texts in runs of not much more than `CHUNK_BYTES`."""
    first, size = 0, 0
    for last, text in enumerate(texts):
        size += len(text)
        if size >= CHUNK_BYTES:
            yield texts[first : last + 1]
            first, size = last + 1, 0
    if first < len(texts):
        yield texts[first:]


def _twins(patterns: Sequence[tuple[str, Pattern]], indices: Sequence[int]) -> list[tuple[int, ...]]:
    """Indices of equal patterns: formats share signs, and each is searched for once."""
    same: dict[str, list[int]] = {}
    for index in indices:
        same.setdefault(patterns[index][1].regex, []).append(index)
    return [tuple(own) for own in same.values()]


def _tree(pattern: str) -> Node | None:
    try:
        return tree(pattern)
    except NotUnderstood:
        return None


def _compile(name: str, pattern: Pattern) -> Any:
    try:
        return regex.compile(for_regex(pattern.regex))
    except regex.error as error:
        raise UsageError(f"format {name!r}, rule {pattern.name!r}: {error} in {pattern.regex!r}") from error
