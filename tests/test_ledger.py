"""What fired rules count: the compiled part adds up to the last bit what the twin adds up."""

from __future__ import annotations

import pickle
from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from echoformat import decision
from echoformat.classifier import Classifier
from echoformat.compiled import SWITCH, native
from echoformat.formats import all_formats
from echoformat.ledger import Ledger

needs_compiled = pytest.mark.skipif(native() is None, reason="the compiled part is not built")
WORTH = st.one_of(st.floats(-9, 9), st.just(float("-inf")), st.just(0.0))


def twin_of(places, worth, size) -> Ledger:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(SWITCH, "0")
        assert native() is None
        return Ledger(places, worth, size)


@needs_compiled
@given(st.lists(st.tuples(st.integers(0, 6), WORTH), max_size=40), st.data())
def test_the_same_totals_to_the_last_bit(rules, data) -> None:
    places, worth = [place for place, _ in rules], [counts for _, counts in rules]
    fired = data.draw(st.lists(st.sampled_from(range(len(rules))), max_size=60) if rules else st.just([]))
    found, positive = Ledger(places, worth, 7)(tuple(fired))
    totals, above = twin_of(places, worth, 7)(tuple(fired))
    assert (found.tobytes(), positive) == (totals.tobytes(), above)


@needs_compiled
@pytest.mark.parametrize(
    ("given", "error"),
    [
        ((array("i", [0, 3]), array("d", [1.0, 1.0]), 3), ValueError),
        ((array("i", [-1]), array("d", [1.0]), 3), ValueError),
        ((array("i"), array("d"), -3), ValueError),
        ((array("i"), array("d"), 1 << 62), ValueError),
        ((array("i", [0]), array("d"), 1), ValueError),
        ((array("q", [0]), array("d", [1.0]), 1), TypeError),
        ((array("i", [0]), b"12345678", 1), TypeError),
        (([0], [1.0], 1), TypeError),
    ],
)
def test_tables_that_do_not_fit_are_refused(given, error) -> None:
    with pytest.raises(error):
        native().Ledger(*given)


@needs_compiled
@pytest.mark.parametrize(
    ("fired", "room", "error"),
    [
        ((2,), array("d", [0.0] * 3), IndexError),
        ((-1,), array("d", [0.0] * 3), IndexError),
        (("0",), array("d", [0.0] * 3), TypeError),
        ((1 << 80,), array("d", [0.0] * 3), OverflowError),
        ([0], array("d", [0.0] * 3), TypeError),
        ((0,), array("d", [0.0] * 2), ValueError),
        ((0,), array("f", [0.0] * 6), TypeError),
        ((0,), bytes(24), BufferError),
    ],
)
def test_what_is_no_rule_and_no_room_is_refused(fired, room, error) -> None:
    ledger = native().Ledger(array("i", [0, 1]), array("d", [1.0, 1.0]), 3)
    with pytest.raises(error):
        ledger.add(fired, room)


def test_a_place_outside_is_refused_by_either() -> None:
    for make in (Ledger, twin_of):
        with pytest.raises(ValueError, match="place"):
            make([4], [1.0], 3)


def test_it_travels() -> None:
    ledger = Ledger([0, 1, 0], [2.0, -1.0, 0.5], 2)
    again = pickle.loads(pickle.dumps(ledger))
    assert again((0, 1, 2)) == ledger((0, 1, 2)) == (array("d", [2.5, -1.0]), [0])


def test_each_combination_is_told_whatever_was_asked_before() -> None:
    texts = [text for f in all_formats() for text in f.examples]
    classifier = Classifier(model=None)
    rules, fresh = classifier._decide, []
    combinations = [classifier._pattern.find(text).fired for text in texts]
    for fired in combinations:
        alone = decision.RuleDecision(classifier.formats, classifier._rules)
        fresh.append((alone.row(fired), alone(fired), alone.sums(fired)))
    told = [(rules.row(fired), rules(fired), rules.sums(fired)) for fired in combinations]
    again = [(rules.row(fired), rules(fired), rules.sums(fired)) for fired in reversed(combinations)]
    assert told == fresh == again[::-1]
    assert all(tuple(row[:-1]) == tuple(sums.get(name, 0.0) for name in rules.names) for row, _, sums in told)
