"""Rules' verdicts in columns: exactly those of each completion alone."""

from __future__ import annotations

import pickle

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from echoformat.decision import RuleDecision
from echoformat.detectors import Rule
from echoformat.format import Format, Pattern
from echoformat.label import REASONS
from echoformat.rule_columns import RuleColumns

WEIGHTS = (0.2, 0.5, 0.7, 0.9, 0.97, -0.3, -0.9, -1.0, 0.0)
SHELF = [
    Format(name, "other", "t", "https://example.org", (), outranks=outranks)
    for name, outranks in (("d", ()), ("b", ("a",)), ("a", ("c",)), ("c", ()))
]
NAMES = [f.name for f in SHELF]
RULES = [
    Rule(NAMES[i % 4], f"r{i}", "pattern", WEIGHTS[i % 9], ("", "x", "y")[i % 3] if i % 2 else "")
    for i in range(36)
] + [Rule("", "gate", "pattern", 0.0)]
DECIDE = RuleDecision(SHELF, RULES)
COLUMNS = RuleColumns(NAMES, RULES, DECIDE)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.frozensets(st.integers(0, len(RULES) - 1), max_size=9).map(sorted).map(tuple),
        min_size=1,
        max_size=6,
    )
)
def test_columns_say_what_each_completion_alone_is_told(combinations: list[tuple[int, ...]]) -> None:
    fired = np.zeros((len(combinations), len(RULES)), dtype=bool)
    for row, combination in enumerate(combinations):
        fired[row, list(combination)] = True
    said = COLUMNS(fired)
    every = np.arange(len(fired))
    evidence = COLUMNS.evidence(fired, every)
    assert COLUMNS.variant_codes(fired, said.codes, every).tolist() == said.variants.tolist()
    for row, combination in enumerate(combinations):
        alone = DECIDE(combination)
        code = said.codes[row]
        assert (NAMES[code] if code >= 0 else None) == alone.format
        assert REASONS[said.reasons[row]] == alone.reason
        assert said.confidence[row] == alone.confidence
        assert said.top[row] == (alone.candidates[0][1] if alone.candidates else 0.0)
        variant = said.variants[row]
        assert (COLUMNS.variants[variant] if variant >= 0 else None) == alone.variant
        sums = DECIDE.sums(combination)
        assert evidence[row].tolist() == [sums.get(name, 0.0) for name in NAMES]


def test_no_completions_no_verdicts() -> None:
    none = np.zeros((0, len(RULES)), dtype=bool)
    said = COLUMNS(none)
    assert COLUMNS.evidence(none, np.arange(0)).shape == (0, 4)
    assert len(said.codes) == len(COLUMNS.variant_codes(none, said.codes)) == 0


def test_equal_scores_are_ranked_by_name_wherever_they_stand_on_the_shelf() -> None:
    rules = [Rule("d", "r", "pattern", 0.9), Rule("c", "r", "pattern", 0.4)]
    columns = RuleColumns(NAMES, rules, RuleDecision(SHELF, rules))
    assert columns(np.array([[True, False], [True, True], [False, True]])).codes.tolist() == [0, 0, -1]


def test_a_copy_in_another_process_says_the_same() -> None:
    fired = np.zeros((1, len(RULES)), dtype=bool)
    fired[0, [0, 4, 8]] = True
    again = pickle.loads(pickle.dumps(COLUMNS))
    assert again(fired).confidence == COLUMNS(fired).confidence


def test_declared_patterns_reach_their_columns() -> None:
    mine = Format("mine", "other", "t", "https://example.org", (Pattern("p", "x", weight=0.9),))
    rules = [Rule("mine", "p", "pattern", 0.9)]
    columns = RuleColumns(["mine"], rules, RuleDecision([mine], rules))
    assert columns(np.array([[True]])).codes.tolist() == [0]
