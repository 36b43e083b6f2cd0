"""The compiled rules say what their twin in Python says, to the last bit."""

from __future__ import annotations

import pickle
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from echoformat.classifier import Classifier
from echoformat.compiled import SWITCH, native
from echoformat.decision import RuleDecision
from echoformat.detectors import Rule
from echoformat.format import Format
from echoformat.rule_columns import RuleColumns

pytestmark = pytest.mark.skipif(native() is None, reason="the compiled part is not built")

WEIGHTS = (0.2, 0.5, 0.7, 0.9, 0.97, 1.0, -0.3, -0.9, -1.0, 0.0)
NAMES = ["d", "b", "a", "c", "zeta", "e"]
BELOW = {"b": ("a",), "a": ("c",), "e": ("zeta", "b")}
SHELF = [Format(n, "other", "t", "https://example.org", (), outranks=BELOW.get(n, ())) for n in NAMES]


def _rules(count: int) -> list[Rule]:
    """Gates, and rules of a format that is not on the shelf, among them."""
    named = [*NAMES, "elsewhere", ""]
    return [
        Rule(named[i * 5 % 8], f"r{i}", "pattern", WEIGHTS[i * 7 % 10], ("", "x", "y", "z")[i * 3 % 4])
        for i in range(count)
    ]


def _both(rules: list[Rule], monkeypatch: pytest.MonkeyPatch) -> tuple[RuleColumns, RuleColumns]:
    compiled = RuleColumns(NAMES, rules, RuleDecision(SHELF, rules))
    with monkeypatch.context() as patch:
        patch.setenv(SWITCH, "0")
        twin = RuleColumns(NAMES, rules, RuleDecision(SHELF, rules))
    assert compiled.is_compiled and not twin.is_compiled
    return compiled, twin


def _assert_same(compiled: RuleColumns, twin: RuleColumns, fired: NDArray[np.bool_]) -> None:
    one, other = compiled(fired), twin(fired)
    for field in fields(one):
        a, b = getattr(one, field.name), getattr(other, field.name)
        assert a.dtype == b.dtype and a.tobytes() == b.tobytes(), field.name
    rows = np.arange(len(fired))[::-2]
    assert compiled.evidence(fired, rows).tobytes() == twin.evidence(fired, rows).tobytes()
    codes = np.resize(np.arange(-1, len(NAMES), dtype=np.int16), len(rows))
    assert (
        compiled.variant_codes(fired, codes, rows).tolist() == twin.variant_codes(fired, codes, rows).tolist()
    )


@pytest.mark.parametrize("width", [1, 7, 8, 9, 15, 16, 17, 63, 64, 65, 129, 450])
@pytest.mark.parametrize("part", [0.0, 0.02, 0.3, 1.0])
def test_the_same_verdicts(width: int, part: float, monkeypatch: pytest.MonkeyPatch) -> None:
    fired = np.random.default_rng(width).random((200, width)) < part
    _assert_same(*_both(_rules(width), monkeypatch), fired)
    _assert_same(*_both(_rules(width), monkeypatch), fired[:0])


@settings(max_examples=200, deadline=None)
@given(st.lists(st.frozensets(st.integers(0, 39), max_size=12), min_size=1, max_size=9))
def test_the_same_of_few_rules(combinations: list[frozenset[int]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        both = _both(_rules(40), patch)
    fired = np.zeros((len(combinations), 40), dtype=np.bool_)
    for row, combination in enumerate(combinations):
        fired[row, list(combination)] = True
    _assert_same(*both, fired)


def test_the_same_of_the_shelf(monkeypatch: pytest.MonkeyPatch) -> None:
    classifier = Classifier()
    shelf = [format.name for format in classifier.formats]
    compiled = RuleColumns(shelf, classifier._rules, classifier._decide)
    monkeypatch.setenv(SWITCH, "0")
    twin = RuleColumns(shelf, classifier._rules, classifier._decide)
    rng = np.random.default_rng(7)
    for part in (0.005, 0.05, 0.3):
        _assert_same(compiled, twin, rng.random((500, len(classifier._rules))) < part)


def test_rows_side_by_side_or_not() -> None:
    rules = _rules(30)
    columns = RuleColumns(NAMES, rules, RuleDecision(SHELF, rules))
    fired = np.random.default_rng(1).random((40, 60)) < 0.2
    part = fired[:, ::2]
    assert columns(part).confidence.tolist() == columns(part.copy()).confidence.tolist()


def test_threads_share_it_and_it_travels() -> None:
    rules = _rules(100)
    columns = RuleColumns(NAMES, rules, RuleDecision(SHELF, rules))
    fired = np.random.default_rng(2).random((3000, 100)) < 0.1
    wanted = columns(fired).confidence.tobytes()
    with ThreadPoolExecutor(4) as pool:
        assert {said.confidence.tobytes() for said in pool.map(columns, [fired] * 8)} == {wanted}
    assert pickle.loads(pickle.dumps(columns))(fired).confidence.tobytes() == wanted


def _given(**changed: object) -> dict[str, object]:
    one, number = np.zeros(2, np.int32), np.zeros(2)
    return {
        "own": one, "weights": number, "finer": one, "votes": number, "by_name": np.zeros(1, np.int32),
        "below": np.zeros((1, 1), np.uint8), "variants": 1, "least_score": 0.5, "least_margin": 0.1,
        "most_evidence": 8.0, "reasons": (0, 1, 2), **changed,
    }  # fmt: skip


@pytest.mark.parametrize(
    "changed",
    [
        {"own": np.ones(2, np.int32)},
        {"own": np.full(2, -2, np.int32)},
        {"finer": np.ones(2, np.int32)},
        {"weights": np.zeros(3)},
        {"weights": np.zeros(2, np.float32)},
        {"votes": np.zeros(1)},
        {"by_name": np.zeros(0, np.int32)},
        {"below": np.zeros(2, np.uint8)},
        {"variants": -1},
        {"variants": 2**16},
    ],
)
def test_tables_that_do_not_fit_are_refused(changed: dict[str, object]) -> None:
    native().Rules(**_given())
    with pytest.raises(ValueError):
        native().Rules(**_given(**changed))


@pytest.mark.parametrize("width", [1, 15, 63, 64, 65, 200])
def test_narrow_registers_say_what_wide_ones_say(width: int) -> None:
    fired = np.random.default_rng(width).random((99, width)) < np.linspace(0, 1, 99)[:, None]
    given = _given(
        own=-(np.arange(width, dtype=np.int32) % 2),
        weights=np.linspace(-1, 3, width),
        finer=np.zeros(width, np.int32),
        votes=np.ones(width),
    )
    found = [np.empty((len(fired), 1)) for _ in range(2)]
    for plain, sums in enumerate(found):
        native().Rules(**given, plain=bool(plain)).evidence(fired, np.arange(len(fired)), sums)
    np.testing.assert_array_equal(*found)


def test_columns_that_do_not_fit_are_refused() -> None:
    rules = native().Rules(**_given())
    fired = np.ones((3, 2), np.bool_)
    wrong_rows = [np.array([3]), np.array([-1]), np.zeros(1, np.int32), np.zeros(1)]
    for rows in wrong_rows:
        with pytest.raises(ValueError):
            rules.evidence(fired, rows, np.empty((len(rows), 1)))
        with pytest.raises(ValueError):
            rules.variants(fired, rows, np.zeros(1, np.int16), np.zeros(1, np.int16))
    for flags in (fired[:, :1], np.ones(6, np.bool_), np.ones((3, 2))):
        with pytest.raises((ValueError, BufferError)):
            rules.evidence(flags, np.arange(1), np.empty((1, 1)))
    for out in (np.empty((2, 1)), np.empty((1, 1), np.float32), np.empty(0)):
        with pytest.raises(ValueError):
            rules.evidence(fired, np.arange(1), out)
    short = np.zeros(2, np.int16)
    with pytest.raises(ValueError):
        rules.decide(fired, short, short, np.zeros(3, np.uint8), np.zeros(3), np.zeros(3))
    with pytest.raises(TypeError):
        rules.evidence(fired, 1, np.empty((1, 1)))
    with pytest.raises(TypeError):
        rules.evidence(None, np.arange(1), np.empty((1, 1)))
