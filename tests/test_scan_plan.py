"""The plan behind the set scan: complete, shipped as worked out, and the same matches whoever asks."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from echoformat.detectors import set_scan
from echoformat.detectors.automata import Plan
from echoformat.detectors.literals import alternatives, crosses_lines
from echoformat.detectors.scan_plan import plan_of
from echoformat.detectors.set_scan import SetScan
from echoformat.formats import all_formats
from echoformat.panel import Panel

BEST = set_scan.best_stand_in(set_scan.takes, set_scan.matches)

PATTERNS = [
    r"\A\s*def \w+",
    r"^ans = [^\n]+\Z",
    r"\bnullptr\b|^using \w+;",
    r"[a-z,] \*\*[^*\n]+\*\*",
    r"<answer>[^<]*</answer>\s*\Z",
    r"(?s)\A.*?</think>",
    r"^ans = [^\n]+\Z",
    r"x(?=y)",
]
TEXTS = [
    "",
    "def f():\n    return 1\nans = 3 * 4",
    "using std;\nint *p = nullptr;\n",
    "so <answer> 4 </answer>\n",
    "well, **two words** and </think> so\nans = 5\nxy",
]


@pytest.fixture(scope="module")
def scan() -> SetScan:
    return SetScan(PATTERNS)


@pytest.mark.parametrize("kind", ["every", "seen whole"])
def test_the_shipped_plan_is_the_one_that_would_be_worked_out(kind: str) -> None:
    """Red after any change of a pattern: run `python -m benchmarks.scan_plan`."""
    detector = Panel(all_formats(), "re2", ()).patterns
    patterns = detector.regexes
    if kind != "every":
        patterns = [patterns[i] for i in detector.seen_whole]
    shipped = set_scan.shipped_plan(patterns)
    assert shipped is not None, "made for other patterns; run: python -m benchmarks.scan_plan"
    assert shipped == plan_of(patterns, set_scan.takes, BEST)


def test_a_plan_for_other_patterns_or_a_damaged_one_is_not_used(tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    set_scan.ship_plans([PATTERNS], file)
    assert set_scan.shipped_plan(PATTERNS, file) == plan_of(PATTERNS, set_scan.takes, BEST)
    assert set_scan.shipped_plan(PATTERNS[::-1], file) is None
    file.write_text("{")
    assert set_scan.shipped_plan(PATTERNS, file) is None
    assert set_scan.shipped_plan(PATTERNS, tmp_path / "missing.json") is None


def test_a_plan_survives_json() -> None:
    plan = plan_of(PATTERNS, set_scan.takes, BEST)
    assert Plan.from_dict(json.loads(json.dumps(plan.to_dict()))) == plan


def test_every_pattern_that_re2_takes_is_in_the_plan_once_for_all_its_twins() -> None:
    plan = plan_of(PATTERNS, set_scan.takes, BEST)
    assert plan.twins == ((0,), (1, 6), (2,), (3,), (4,), (5,))
    columns = {column for automaton in plan.automata for column in automaton.columns}
    assert {same[0] for same in plan.twins} <= columns
    assert columns == {same[0] for same in plan.twins} | set(range(len(PATTERNS), plan.width))


def test_what_waits_has_a_stand_in_that_is_scanned_always() -> None:
    plan = plan_of(Panel(all_formats(), "re2", ()).patterns.regexes, set_scan.takes, BEST)
    always = {c for automaton in plan.automata if not automaton.stand_ins for c in automaton.columns}
    waiting = [automaton for automaton in plan.automata if automaton.stand_ins]
    assert waiting
    assert {c for automaton in waiting for c in automaton.stand_ins} <= always


def test_one_text_and_many_texts_match_alike(scan: SetScan) -> None:
    data = [text.encode() for text in TEXTS]
    rows = [tuple(np.flatnonzero(row).tolist()) for row in scan.find(data)]
    assert rows == [scan.find_one(one) for one in data]
    assert rows == [(), (0, 1, 6), (2,), (4,), (3, 5)]
    assert scan.find([]).shape == (0, len(PATTERNS))


@pytest.mark.parametrize("size", [1, 2, 5])
def test_a_batch_of_any_size_matches_alike(scan: SetScan, size: int) -> None:
    data = [text.encode() for text in TEXTS * 3]
    parts = [scan.find(data[i : i + size]) for i in range(0, len(data), size)]
    assert np.array_equal(np.concatenate(parts), scan.find(data))


def test_alternatives_keep_the_flags_before_them() -> None:
    assert alternatives(r"(?i)ab|c[|]d|(?:e|f)") == (r"(?i)ab", r"(?i)c[|]d", r"(?i)(?:e|f)")
    assert alternatives(r"a|(?i)b") == (r"a|(?i)b",), "a flag in the middle reaches what follows"
    assert alternatives(r"(?=a|b)c") == (r"(?=a|b)c",)


def test_a_repeat_past_line_ends_is_told_from_one_within_a_line() -> None:
    assert crosses_lines(r"^1\. [\s\S]*2")
    assert crosses_lines(r"\A(?:[^`]|`[^`])*```")
    assert not crosses_lines(r"^a[^\n]*(?:\n[ \t]+[^\n]*)*b")
