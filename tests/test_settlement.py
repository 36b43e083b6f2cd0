"""What rules alone settle: the same for one completion as for many in columns; remembered within bounds."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from echoformat import settlement
from echoformat.classifier import Classifier
from echoformat.detectors import Findings, Rule
from echoformat.formats import all_formats
from echoformat.label import REASONS
from echoformat.rule_columns import RuleColumns
from echoformat.settlement import Settlements
from echoformat.standing import StandingColumns

OWN = [text for f in all_formats() for text in (*f.examples, *f.counterexamples)]


class Silent:
    """A technique of someone else's that finds nothing."""

    rules = (Rule("json", "never", "silent", 0.9),)

    def find(self, text: str) -> Findings:
        return Findings(())

    def span(self, rule: int, text: str) -> tuple[int, int]:
        return (0, 0)


def _classifier(kind: str) -> Classifier:
    if kind == "rules":
        return Classifier(model=None)
    return Classifier(detectors=[Silent()]) if kind == "others" else Classifier()


@pytest.mark.parametrize("kind", ["model", "rules", "others"])
def test_alone_as_in_columns(kind: str) -> None:
    classifier = _classifier(kind)
    panel, labelling = classifier._panel, classifier._labelling
    combinations = [classifier._pattern.find(text).fired for text in OWN]
    fired = np.zeros((len(combinations), len(panel.rules)), dtype=np.bool_)
    for row, combination in enumerate(combinations):
        fired[row, list(combination)] = True
    shelf = [format.name for format in classifier.formats]
    rules = RuleColumns(shelf, panel.rules, classifier._decide)
    said = StandingColumns(panel, rules, classifier._judge, labelling)(fired)
    asked = 0
    for row, combination in enumerate(combinations):
        alone = classifier._settlements[combination]
        assert (alone.parses, alone.decision is not None) == (said.parses[row], said.stands[row])
        asked += alone.decision is None
        if alone.decision is not None:
            code, variant = int(said.codes[row]), int(said.variants[row])
            assert alone.decision.format == (shelf[code] if code >= 0 else None)
            assert alone.decision.variant == (labelling.variants[variant] if variant >= 0 else None)
            assert alone.decision.reason == REASONS[said.reasons[row]]
            assert alone.decision.confidence == said.confidence[row]
    assert (asked > 0) == (kind != "rules")
    assert said.parses.any() and not said.parses.all()


def test_a_declared_ending_is_looked_for() -> None:
    classifier = Classifier()
    endings = {classifier._settlements[classifier._scan(text)[0]].ending for text in OWN}
    assert endings == {True, False, None}


def test_it_remembers_within_bounds_and_travels_light(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settlement, "MOST_REMEMBERED", 4)
    settlements = Classifier(model=None)._settlements
    combinations = [(), (0,), (1,), (2,), (3,), (0, 1), (0, 2)]
    first = [settlements[combination] for combination in combinations]
    assert len(settlements) == 4
    assert [settlements[combination] for combination in combinations] == first
    again: Settlements = pickle.loads(pickle.dumps(settlements))
    assert len(again) == 0
    assert [again[combination] for combination in combinations] == first
