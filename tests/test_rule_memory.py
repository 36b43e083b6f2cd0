"""Remembered verdicts are those worked out anew, whatever was seen before, and by however many threads."""

from __future__ import annotations

import pickle
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields

import numpy as np
import pytest
from numpy.typing import NDArray

from echoformat import rule_memory
from echoformat.decision import RuleDecision
from echoformat.detectors import Rule
from echoformat.format import Format, Pattern
from echoformat.rule_columns import RuleColumns, RuleVerdicts
from echoformat.rule_memory import RuleMemory

SHELF = [Format(name, "other", "t", "https://example.org", (Pattern("x", "x", 0.5),)) for name in "abc"]
NAMES = [format.name for format in SHELF]
RULES = [Rule(NAMES[i % 3], f"r{i}", "pattern", (0.3, 0.9, -0.4, 0.6)[i % 4]) for i in range(21)]
COLUMNS = RuleColumns(NAMES, RULES, RuleDecision(SHELF, RULES))


def _fired(seed: int, rows: int = 60) -> NDArray[np.bool_]:
    """Rows of which many return."""
    rng = np.random.default_rng(seed)
    return (rng.random((rows, len(RULES))) < 0.1) & (rng.random((rows, 1)) < 0.8)


def _same(one: RuleVerdicts, other: RuleVerdicts) -> bool:
    return all(
        getattr(one, f.name).dtype == getattr(other, f.name).dtype
        and np.array_equal(getattr(one, f.name), getattr(other, f.name))
        for f in fields(RuleVerdicts)
    )


class Counting(RuleColumns):
    """Counts the rows it is asked about."""

    asked = 0

    def __call__(self, fired: NDArray[np.bool_]) -> RuleVerdicts:
        self.asked += len(fired)
        return super().__call__(fired)


def test_as_worked_out_anew() -> None:
    memory = RuleMemory(COLUMNS)
    for seed in range(30):
        assert _same(memory(_fired(seed)), COLUMNS(_fired(seed)))
    assert _same(memory(_fired(0, rows=0)), COLUMNS(_fired(0, rows=0)))


def test_what_comes_back_is_not_worked_out_again() -> None:
    columns = Counting(NAMES, RULES, RuleDecision(SHELF, RULES))
    memory: RuleMemory[RuleVerdicts] = RuleMemory(columns)
    fired = _fired(1)
    memory(fired)
    assert columns.asked == len(np.unique(fired, axis=0)) < len(fired)
    memory(fired[::-1])
    assert columns.asked == len(np.unique(fired, axis=0))


def test_changing_what_it_said_changes_nothing_remembered() -> None:
    memory = RuleMemory(COLUMNS)
    fired = _fired(2)
    said = memory(fired)
    said.codes[:2] = 7
    said.confidence[:] = 9
    assert _same(memory(fired), COLUMNS(fired))


def test_it_forgets_before_it_grows_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rule_memory, "MOST_REMEMBERED", 50)
    monkeypatch.setattr(rule_memory, "FIRST_ROOM", 2)
    memory = RuleMemory(COLUMNS)
    for seed in range(40):
        assert _same(memory(_fired(seed)), COLUMNS(_fired(seed)))
        assert len(memory._known.places) <= 50 + 60


def test_threads_share_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rule_memory, "FIRST_ROOM", 1)
    monkeypatch.setattr(rule_memory, "MOST_REMEMBERED", 400)
    memory = RuleMemory(COLUMNS)
    with ThreadPoolExecutor(8) as pool:
        for seed, said in enumerate(pool.map(lambda seed: memory(_fired(seed)), range(200))):
            assert _same(said, COLUMNS(_fired(seed)))


def test_it_is_pickled_without_what_it_remembers() -> None:
    memory = RuleMemory(COLUMNS)
    size = len(pickle.dumps(memory))
    memory(_fired(3, rows=5000))
    assert len(pickle.dumps(memory)) - size < 5000
    assert _same(pickle.loads(pickle.dumps(memory))(_fired(4)), COLUMNS(_fired(4)))
