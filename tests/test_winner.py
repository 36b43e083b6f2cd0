"""Rivals, winners and optima: worked cases, the synthetic runs, and what must hold for any counts."""

from __future__ import annotations

import math

import numpy as np
import pytest
from golden_values import FORMATS, SCENARIOS, golden, synthetic_run
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize

from echoformat.errors import UsageError
from echoformat.measure.window import end_rows
from echoformat.measure.winner import (
    Outcome,
    beta_best,
    counterfactual,
    excess_amplification,
    expert_iteration,
    kl_optimum,
    overtaking_rounds,
    rank_reversal,
    rivals,
    winner,
    wrong_winner,
)

CASES = golden("g5_winner")
TRUTH = golden("g9_synthetic_runs")["scenarios"]


@pytest.mark.parametrize("row", CASES["kl_optimum"]["table"], ids=lambda row: str(row["beta"]))
def test_kl_optimum_golden(row: dict) -> None:  # type: ignore[type-arg]
    case = CASES["kl_optimum"]
    best = kl_optimum(case["q0"], case["a"], float(row["beta"]))
    assert best.shares == pytest.approx(row["q_star"], abs=1e-9)
    assert best.accuracies == pytest.approx(row["a_star"], abs=1e-9)
    assert best.accuracy == pytest.approx(row["accuracy"], abs=1e-9)
    assert best.entropy_nats == pytest.approx(row["H_nats"], abs=1e-9)
    assert best.selection == pytest.approx(row["selection_midpoint"], abs=1e-9)
    assert best.improvement == pytest.approx(row["improvement_midpoint"], abs=1e-9)


def test_kl_optimum_maximises_the_objective() -> None:
    q0, a, beta = np.array([0.2, 0.8]), np.array([0.7, 0.3]), 0.4
    base = np.concatenate([q0 * a, q0 * (1 - a)])

    def cost(x: np.ndarray) -> float:
        p = np.exp(x - np.logaddexp.reduce(x))
        return float(beta * (p * np.log(p / base)).sum() - p[:2].sum())

    p = np.exp(optimize.minimize(cost, np.zeros(4), tol=1e-12).x)
    p = p / p.sum()
    assert kl_optimum(q0, a, beta).shares == pytest.approx((p[:2] + p[2:]).tolist(), abs=1e-5)


def test_kl_optimum_limits() -> None:
    q0, a = [[0.2, 0.8], [0.6, 0.4]], [[0.7, 0.3], [0.0, 0.0]]
    assert kl_optimum(q0, a, math.inf).shares == pytest.approx((0.4, 0.6))
    zero = kl_optimum(q0, a, 0.0)
    assert zero.shares == pytest.approx(((0.14 / 0.38 + 0.6) / 2, (0.24 / 0.38 + 0.4) / 2))
    assert kl_optimum([0.5, 0.5], [0.4, 0.4], 1e-300).shares == pytest.approx((0.5, 0.5))
    with pytest.raises(UsageError, match="beta is -1"):
        kl_optimum([1.0], [0.5], -1)


@pytest.mark.parametrize("case", CASES["winner_rules"], ids=range(3))
def test_three_rules_golden(case: dict) -> None:  # type: ignore[type-arg]
    q0, a = np.array(case["q0"]), np.array(case["a"])
    counts = np.round(1000 * q0).astype(int)
    table = rivals([counts] * 2, [np.round(counts * a).astype(int)] * 2)
    assert table.most_common == case["most_common"]
    assert table.most_accurate == case["most_accurate"]
    assert table.most_correct_mass == case["most_correct_mass"]
    assert kl_optimum(q0, a, 0.0).shares == pytest.approx(case["kl0_limit"], abs=1e-9)
    assert overtaking_rounds(q0, a) == pytest.approx(case["rounds_until_most_accurate_overtakes"], abs=1e-9)


def test_overtaking_is_when_expert_iteration_overtakes() -> None:
    q0, a = [0.05, 0.25, 0.7], [0.5, 0.4, 0.3]
    rounds = math.ceil(overtaking_rounds(q0, a))
    before, after = expert_iteration(q0, a, rounds - 1), expert_iteration(q0, a, rounds)
    assert before[0] < before[2]
    assert after[0] > after[2]
    with pytest.raises(UsageError, match="keep nothing"):
        expert_iteration([1.0], [0.0], 1)


@pytest.mark.parametrize("key", ["p_best", "p_best_ambiguous"])
def test_beta_best_golden(key: str) -> None:
    case = CASES[key]
    found = beta_best(case["n"], case["correct"])
    assert found == pytest.approx(case["p_best_beta11"], abs=1e-9)
    assert found.sum() == pytest.approx(1.0, abs=1e-9)


@pytest.mark.parametrize("name", SCENARIOS)
def test_synthetic_rivals_and_winner(name: str) -> None:
    run, truth = synthetic_run(name), TRUTH[name]
    first, last = end_rows(run.counts)
    base, final = run.counts[:first].sum(0), run.counts[-last:].sum(0)
    right = run.correct[:first].sum(0)
    table, result = rivals(base, right), winner(base, final)
    assert FORMATS[table.most_common] == truth["most_common_base"]
    assert table.within_problem
    if name != "no_advantage":
        assert FORMATS[table.most_accurate] == truth["most_accurate_base"]
        assert result.outcome is Outcome.WON
        assert FORMATS[result.index] == truth["winner"]
        assert wrong_winner(table, result.index) is False
        assert rank_reversal(table, result.index) is (truth["winner"] != "nl")
    else:
        assert result.outcome is Outcome.NONE
        assert result.index is None
    sd = max(truth["sample_bands_40_seeds"]["dominant_final"]["sd"], 1e-3)
    assert max(result.final_shares) == pytest.approx(truth["dominant_final"], abs=2.5 * sd)


def test_holding_problems_constant_undoes_difficulty() -> None:
    """Format 0 is used on easy problems only; on any one problem both formats are equally good."""
    rng = np.random.default_rng(4)
    ease = rng.uniform(0.1, 0.9, 200)
    first = rng.binomial(16, ease)
    counts = np.stack([first, 16 - first], axis=1)
    correct = rng.binomial(counts, ease[:, None])
    table = rivals(counts, correct)
    assert table.accuracies[0] - table.accuracies[1] > 0.15
    assert abs(table.compared_accuracies[0] - table.compared_accuracies[1]) < 0.06


def test_unlabelled_and_rare_formats_are_not_ranked() -> None:
    counts = np.tile([[6, 4, 30]], (10, 1))
    correct = np.tile([[3, 1, 30]], (10, 1))
    table = rivals(counts, correct, eligible=[True, True, False], pretraining=[0.2, 0.7, math.nan])
    assert (table.most_common, table.most_accurate, table.most_pretrained) == (0, 0, 1)
    assert table.p_most_common[2] == 0
    result = winner(counts, counts, eligible=[True, True, False])
    assert result.outcome is Outcome.NONE
    rare = rivals([[1, 50]] * 5, [[1, 10]] * 5)
    assert rare.most_accurate is None
    assert wrong_winner(rare, 0) is None
    with pytest.raises(UsageError, match="nothing can be ranked"):
        rivals([[0, 3]], [[0, 1]], eligible=[True, False])


def test_outcomes() -> None:
    assert winner([[19, 1]] * 40, [[20, 0]] * 40).outcome is Outcome.ALREADY_DOMINANT
    assert winner([[10, 5, 5]] * 40, [[6, 5, 9]] * 40).outcome is Outcome.LEADING
    assert winner([[5, 5]] * 40, [[5, 5]] * 40).outcome is Outcome.NONE
    with pytest.raises(UsageError, match="same problems"):
        winner([[1, 1]], [[1, 1], [1, 1]])


def test_excess_over_the_optimum() -> None:
    base, right = [[5, 5]] * 100, [[4, 2]] * 100
    beyond = excess_amplification(base, right, [[10, 0]] * 100, 0, 0.1)
    at_optimum = excess_amplification(base, right, [[6, 3]] * 100, 0, 0.0)
    assert beyond.low > 1
    assert at_optimum.value == pytest.approx(0.0, abs=0.02)


def test_counterfactual() -> None:
    view = counterfactual([[5, 5]] * 9, [[4, 2]] * 9, [[1, 9]] * 9, [[1, 5]] * 9, 1, best=0)
    assert view.with_equal_improvement.value == pytest.approx(0.8 + 5 / 9 - 0.4)
    assert view.loss.value == pytest.approx(view.with_equal_improvement.value - 0.6)
    with pytest.raises(UsageError, match="widen"):
        counterfactual([[0, 5]] * 9, [[0, 2]] * 9, [[1, 9]] * 9, [[1, 5]] * 9, 1, best=0)


cells = st.tuples(st.integers(0, 8), st.floats(0, 1))
tables = st.integers(2, 4).flatmap(
    lambda width: st.lists(st.tuples(*[cells for _ in range(width)]), min_size=1, max_size=6)
)


@given(tables)
@settings(max_examples=60, deadline=None)
def test_rivals_do_not_depend_on_order_or_names(table: list) -> None:  # type: ignore[type-arg]
    counts = np.array([[n for n, _ in row] for row in table])
    correct = np.array([[int(n * x) for n, x in row] for row in table])
    if not counts.any():
        return
    weights = np.random.default_rng(1).multinomial(len(table), [1 / len(table)] * len(table), size=20)
    weights[weights @ counts.sum(axis=1) == 0] = 1
    whole = rivals(counts, correct, weights=weights)
    turned = rivals(counts[:, ::-1], correct[:, ::-1], weights=weights)
    moved = rivals(counts[::-1], correct[::-1], weights=weights[:, ::-1])
    assert turned.shares[::-1] == pytest.approx(whole.shares)
    assert moved.p_most_common == pytest.approx(whole.p_most_common)
    assert turned.p_most_common[::-1] == pytest.approx(whole.p_most_common)
    assert turned.compared_accuracies[::-1] == pytest.approx(whole.compared_accuracies, nan_ok=True, abs=1e-6)
    assert sum(whole.p_most_common) == pytest.approx(1.0)
    wider = rivals(np.pad(counts, ((0, 0), (0, 1))), np.pad(correct, ((0, 0), (0, 1))), weights=weights)
    assert wider.p_most_common[:-1] == pytest.approx(whole.p_most_common)
    assert wider.p_most_common[-1] == 0
