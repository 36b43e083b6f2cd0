"""One decision: evidence adds up, rules that can be trusted stand, and a doubt is left open."""

from __future__ import annotations

import math

import numpy as np
import pytest

from echoformat.calibrating import Seen, calibrate, fit_head, thresholds, trust_of
from echoformat.classifier import Classifier
from echoformat.combination import Combination, Combiner, head
from echoformat.decision import MOST_EVIDENCE, RuleDecision, evidence_of, score_of
from echoformat.detectors import Rule
from echoformat.errors import ModelError
from echoformat.format import Format, Pattern
from echoformat.formats import all_formats
from echoformat.label import REASONS, Reason

A = Format("a", "other", "t", "https://x.org", (Pattern("x", "x", 0.9),), outranks=("b",))
B = Format("b", "other", "t", "https://x.org", (Pattern("y", "y", 0.9),))
C = Format("c", "other", "t", "https://x.org", (Pattern("z", "z", 0.6, variant="fine"),))
RULES = [
    Rule("a", "x", "pattern", 0.9),
    Rule("b", "y", "pattern", 0.9),
    Rule("c", "z", "pattern", 0.6, "fine"),
    Rule("c", "more", "pattern", 0.5),
    Rule("c", "never", "pattern", -1.0),
    Rule("", "gate", "pattern", 0.0),
    Rule("b", "against", "pattern", -0.6),
]


@pytest.fixture
def decide() -> RuleDecision:
    return RuleDecision([A, B, C], RULES)


@pytest.mark.parametrize("weight", [0.1, 0.5, 0.9, 0.99])
def test_evidence_and_score_undo_each_other(weight: float) -> None:
    assert score_of(evidence_of(weight)) == pytest.approx(weight)
    assert evidence_of(-weight) == -evidence_of(weight)


def test_independent_rules_multiply_doubt() -> None:
    assert score_of(evidence_of(0.6) + evidence_of(0.5)) == pytest.approx(1 - 0.4 * 0.5)
    assert evidence_of(0.0) == 0.0
    assert score_of(-math.inf) == 0.0


def test_nothing_fired_is_unknown(decide: RuleDecision) -> None:
    for fired in ((), (5,)):
        found = decide(fired)
        assert (found.format, found.reason, found.confidence) == (None, Reason.UNKNOWN, 1.0)


def test_the_one_that_outranks_wins(decide: RuleDecision) -> None:
    found = decide((0, 1))
    assert (found.format, found.reason) == ("a", Reason.RULES)
    assert dict(found.candidates)["b"] == pytest.approx(0.9)


def test_a_tie_is_ambiguous_with_its_candidates(decide: RuleDecision) -> None:
    found = decide((1, 2, 3, 4 - 1))
    assert found.reason is Reason.AMBIGUOUS
    assert {name for name, _ in found.candidates} == {"b", "c"}


def test_a_rule_can_speak_against_and_rule_out(decide: RuleDecision) -> None:
    assert decide((2, 3, 4)).format is None
    assert decide((1, 6)).candidates[0][1] < 0.9


def test_variants_are_named(decide: RuleDecision) -> None:
    assert decide((2, 3)).variant == "fine"


def test_order_of_formats_changes_nothing() -> None:
    first, second = RuleDecision([A, B, C], RULES), RuleDecision([C, B, A], RULES)
    for fired in ((0,), (1,), (0, 1), (1, 2), (2, 3), (0, 2)):
        assert first(fired) == second(fired)


def test_sums_are_capped_and_beaten_formats_keep_none(decide: RuleDecision) -> None:
    assert decide.sums((0, 1))["b"] == 0.0
    assert decide.sums((2, 3, 4))["c"] == -MOST_EVIDENCE


def _combination(names: int, **given: object) -> Combination:
    plain = {
        "trust": np.full(names, 0.99),
        "settles": np.ones(names),
        "worth": np.ones(names),
        "offset": np.zeros(names),
        "least": np.full(names, 0.4),
        "model_worth": np.ones(1),
        "correct": np.array([4.0, *[0.0] * 7]),
        "known": np.array([4.0, *[0.0] * 7]),
    }
    return Combination(**{**plain, **given})  # type: ignore[arg-type]


def test_evidence_and_scores_add_up() -> None:
    combiner = Combiner(_combination(2), ("a", "b"), ("a", "b"))
    found = combiner(np.array([[2.0, 0.0], [0.0, 0.0]]), np.array([[0.0, 1.0], [0.0, 1.0]]))
    assert found.winner.tolist() == [0, 1]
    np.testing.assert_allclose(found.probability.sum(axis=1), 1.0, atol=1e-4)
    assert found.probability[0, 0] == pytest.approx(1 / (1 + math.exp(-1)), abs=1e-4)


def test_a_format_without_weights_lives_on_its_rules() -> None:
    combiner = Combiner(_combination(2), ("a", "b"), ("a", "b", "mine"))
    silent = combiner(np.zeros((1, 3)), np.array([[0.0, 1.0]]))
    heard = combiner(np.array([[0.0, 0.0, 4.0]]), np.array([[0.0, 1.0]]))
    assert (silent.winner[0], heard.winner[0]) == (1, 2)


def test_a_format_off_the_shelf_can_win_and_is_unknown() -> None:
    shelf = [f for f in all_formats() if f.name != "short_answer"]
    text = "42"
    assert Classifier(model="builtin").classify(text).format == "short_answer"
    assert Classifier(shelf).classify(text).format is None


@pytest.mark.parametrize(
    "name", ["trust", "settles", "worth", "offset", "least", "correct", "known", "model_worth"]
)
def test_numbers_that_do_not_fit_are_refused(name: str) -> None:
    with pytest.raises(ModelError):
        _combination(2, **{name: np.ones(5)})
    with pytest.raises(ModelError):
        _combination(2, **{name: np.array([np.nan, 1.0])})


def _seen(count: int = 400) -> Seen:
    rng = np.random.default_rng(3)
    truth = rng.integers(0, 3, count)
    evidence = np.where(np.eye(3)[truth] > 0, rng.choice([0.0, 3.0], (count, 1)), 0.0)
    scores = np.eye(3)[truth] * 3 + rng.normal(size=(count, 3))
    verdict = np.where(evidence.max(axis=1) > 0, evidence.argmax(axis=1), -1)
    return Seen(truth, evidence, verdict, scores, np.ones(count))


def test_trust_is_how_often_the_verdict_is_right() -> None:
    seen = Seen(
        np.array([0, 0, 0, 1]), np.zeros((4, 2)), np.array([0, 0, 1, 1]), np.zeros((4, 2)), np.ones(4)
    )
    trust = trust_of(seen)
    assert trust[0] > 0.75 > trust[1] > 0.5


def test_calibrated_confidence_is_how_often_it_is_right() -> None:
    seen = _seen()
    combination = calibrate(seen, [], ["a", "b", "c"])
    found = Combiner(combination, ("a", "b", "c"), ("a", "b", "c"))(seen.evidence, seen.scores)
    right = found.winner == seen.truth
    assert right.mean() > 0.85
    asked = seen.verdict < 0
    assert found.correct[asked].mean() == pytest.approx(right[asked].mean(), abs=0.05)


def test_thresholds_let_the_true_ones_pass() -> None:
    probability = np.array([[0.9, 0.1]] * 95 + [[0.4, 0.6]] * 5)
    least = thresholds(probability, np.zeros(100, dtype=int))
    assert (probability[:, 0] >= least[0]).mean() >= 0.95


def test_a_head_learns_a_sign() -> None:
    inputs = np.stack([np.ones(200), np.linspace(-2, 2, 200), *np.zeros((6, 200))], axis=1)
    weights = fit_head(inputs, inputs[:, 1] > 0, np.ones(200))
    assert weights[1] > 1
    assert head(inputs, weights)[-1] > 0.9


def test_calibration_is_deterministic() -> None:
    first, second = (calibrate(_seen(), [], ["a", "b", "c"]).to_arrays() for _ in range(2))
    for name, value in first.items():
        np.testing.assert_array_equal(value, second[name])


INVENTED = {
    "arrows": "{a} pens --> +{b} --> {c} --> x2 ==> {d} !!\n",
    "signs": "\U0001f522 {a} \u2795 {b} \U0001f7f0 {c}\n\u2705 {d}\n",
    "brackets": "(solve (add {a} {b}) (mul _ 2) (answer {d}))\n",
    "stack": "{a} {b} + dup . 2 * .s ; => {d}\n",
    "ledger": "~ start ..... {a}\n~ found ..... {b}\n~~ {d}\n",
    "dialogue": "TEACHER> How many?\nPUPIL> {a} and {b}.\nTEACHER> So?\nPUPIL> {c}, twice, {d}.\n",
    "Haskell": "module Main where\n\ntotal :: Int -> Int\ntotal n = (n + {b}) * 2\nmain = print 3\n",
    "Lisp": "(defun total (n)\n  (* (+ n {b}) 2))\n(print (total {a}))\n",
}


@pytest.mark.parametrize("kind", INVENTED)
def test_a_format_that_nobody_declared_is_unknown(kind: str) -> None:
    texts = [INVENTED[kind].format(a=a, b=b, c=a + b, d=2 * (a + b)) for a in (3, 17, 240) for b in (2, 58)]
    names = Classifier().classify_batch(texts).label_names()
    assert names.count("unknown") >= len(names) - 1, names


def _mixed() -> list[str]:
    declared = [text for f in all_formats() for text in (*f.examples, *f.counterexamples)]
    invented = [kind.format(a=a, b=4, c=a + 4, d=8) for kind in INVENTED.values() for a in (3, 90)]
    cut = [text[: len(text) // part] for text in declared for part in (2, 4)]
    return [text for text in (*declared, *invented, *cut) if text.strip()]


def test_columns_say_what_decisions_say() -> None:
    texts = _mixed()
    classifier = Classifier()
    judge, fired = classifier._judge, [classifier._panel.patterns.find(text).fired for text in texts]
    assert judge is not None
    told = judge.weigh(texts, judge.evidence(fired)[:, : len(classifier.formats)])
    alone = [judge.decide([text], [rules])[0] for text, rules in zip(texts, fired, strict=True)]
    named = [classifier.formats[code].name if code >= 0 else None for code in told.codes]
    assert named == [one.format for one in alone]
    assert [REASONS[code] for code in told.reasons] == [one.reason for one in alone]
    assert told.confidence.tolist() == [one.confidence for one in alone]
    assert {one.reason for one in alone} == {
        Reason.COMBINED,
        Reason.LEARNED,
        Reason.UNKNOWN,
        Reason.AMBIGUOUS,
    }


def test_nothing_to_weigh() -> None:
    classifier = Classifier()
    assert classifier._judge is not None
    assert len(classifier._judge.weigh([], np.zeros((0, len(classifier.formats)))).codes) == 0


def test_one_completion_gets_the_numbers_that_it_gets_among_many() -> None:
    rng = np.random.default_rng(5)
    weights = {
        "correct": rng.normal(size=8),
        "known": rng.normal(size=8),
        "worth": rng.random(3),
        "least": np.full(3, 0.3),
    }
    combiner = Combiner(_combination(3, **weights), ("a", "b", "c"), ("c", "mine", "a"))
    evidence = rng.choice([0.0, 2.0, -1.5, 8.0], (200, 4))
    scores = rng.normal(size=(200, 3)) * 4
    many = combiner(evidence, scores)
    for row in range(200):
        one = combiner.one(evidence[row], scores[row])
        share = many.probability[row]
        assert one.shown == list(enumerate(share.tolist()))
        assert one.passing == np.flatnonzero(many.passing[row]).tolist()
        winner = int(many.winner[row])
        assert one[:4] == (winner, share[winner], many.correct[row], many.known[row])
        few = combiner.one(evidence[row], scores[row], 0.2)
        assert few == one._replace(shown=[pair for pair in one.shown if pair[1] >= 0.2])
