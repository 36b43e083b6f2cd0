"""Coverage: worked cases, chance levels by simulation, and what must hold for any counts."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from golden_values import FORMATS, golden, synthetic_run
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from echoformat.errors import UsageError
from echoformat.measure.coverage import (
    benjamini_hochberg,
    expected_by_chance,
    least_base_correct,
    lost_and_gained,
    majority_at_k,
    pass_at_k,
    pass_at_k_path,
    problems_lost,
    reach,
    restored_coverage,
    suppressed_only,
    upper_limit,
)

CASES = golden("g7_coverage_loss")
TRUTH = golden("g9_synthetic_runs")["scenarios"]


@pytest.mark.parametrize("case", CASES["pass_at_k"], ids=lambda case: f"{case['n']}-{case['c']}-{case['k']}")
def test_pass_at_k_golden(case: dict) -> None:  # type: ignore[type-arg]
    assert float(pass_at_k(case["n"], case["c"], case["k"])) == pytest.approx(case["pass_at_k"], abs=1e-12)


def test_pass_at_k_large_and_short() -> None:
    n, c, k = 100_000, 37, 4096
    wanted = 1 - stats.hypergeom.pmf(0, n, c, k)
    assert float(pass_at_k(n, c, k)) == pytest.approx(wanted, abs=1e-12)
    assert math.isnan(float(pass_at_k(4, 2, 5)))
    assert float(pass_at_k(4, 0, 0)) == 0.0
    with pytest.raises(UsageError, match="k is -1"):
        pass_at_k(4, 2, -1)
    with pytest.raises(UsageError, match="more correct"):
        pass_at_k(4, 5, 1)


def test_reach_golden() -> None:
    case = CASES["pass_at_k_by_format"]
    pairs = case["counts"].values()
    split = reach([[n for n, _ in pairs]], [[c for _, c in pairs]], case["k"])
    assert split.solved.value == pytest.approx(case["pass_all"], abs=1e-12)
    for found, key in (
        ([x.value for x in split.reach], "reach_in_format_P(>=1 correct in f)"),
        ([x.value for x in split.exclusive], "exclusive_P(solved and every correct sample is in f)"),
        (list(split.credit), "shapley_credit"),
    ):
        assert found == pytest.approx(list(case[key].values()), abs=1e-12)
    forced = case["conditional_pass_at_k_if_all_k_samples_forced_in_f"].values()
    assert pass_at_k(*np.array(list(pairs)).T, case["k"]).tolist() == pytest.approx(list(forced), abs=1e-12)


def test_credit_is_an_even_share_of_every_solved_draw() -> None:
    """Brute force over all draws of three formats' completions."""
    counts, correct, k = np.array([3, 3, 2]), np.array([2, 1, 1]), 3
    marks = [
        f if i < c else -1 for f, (n, c) in enumerate(zip(counts, correct, strict=True)) for i in range(n)
    ]
    credit = np.zeros(3)
    draws = list(itertools.combinations(marks, k))
    for draw in draws:
        solving = {f for f in draw if f >= 0}
        for f in solving:
            credit[f] += 1 / len(solving) / len(draws)
    assert reach([counts], [correct], k).credit == pytest.approx(credit.tolist(), abs=1e-12)


def test_chance_levels_golden() -> None:
    lost, only = CASES["lost_under_no_change"], CASES["only_suppressed"]["null_same_p"]
    a, b = lost["prior"]
    found = expected_by_chance(a, b, lost["n_each"], lost["n_each"], lost["P"])
    assert found == pytest.approx(lost["expected_lost"], abs=1e-9)
    a, b = only["prior"]
    found = expected_by_chance(a, b, only["n_dom"], only["n_supp"], only["P"])
    assert found == pytest.approx(only["expected_naive_set_size"], abs=1e-9)
    for n, limit in CASES["only_suppressed"]["upper95_a_dom_when_0_of_n"].items():
        assert upper_limit(int(n)) == pytest.approx(limit, abs=1e-12)


def test_lost_by_chance_is_what_a_log_without_change_shows() -> None:
    case = CASES["lost_under_no_change"]
    rng = np.random.default_rng(8)
    accuracy = rng.beta(*case["prior"], size=(40, case["P"]))
    n = np.full(case["P"], case["n_each"])
    found = [lost_and_gained(n, rng.binomial(n, a), n, rng.binomial(n, a)) for a in accuracy]
    assert np.mean([x.null_lost for x in found]) == pytest.approx(case["expected_lost"], rel=0.03)
    assert np.mean([x.lost for x in found]) == pytest.approx(case["expected_lost"], rel=0.05)
    assert np.mean([x.p_value <= 0.05 for x in found]) < 0.15
    strict = [lost_and_gained(n, rng.binomial(n, a), n, rng.binomial(n, a), 2) for a in accuracy]
    assert np.mean([x.lost for x in strict]) == pytest.approx(case["mc_lost_if_base_needs_c>=2"], rel=0.1)


def test_sign_test_golden() -> None:
    base = [4] * 23 + [0] * 8
    end = [0] * 23 + [4] * 8
    found = lost_and_gained([8] * 31, base, [8] * 31, end)
    assert (found.lost, found.gained, found.net) == (23, 8, 15)
    assert found.p_value == pytest.approx(CASES["lost_under_no_change"]["sign_test_p_two_sided"], abs=1e-12)


def test_problems_lost_golden() -> None:
    case = CASES["per_problem_lost"]
    n = [case["n"]] * len(case["base_correct"])
    found = problems_lost(n, case["base_correct"], n, case["final_correct"])
    assert found.p_values == pytest.approx(case["fisher_one_sided_p"], abs=1e-12)
    assert found.adjusted == pytest.approx(case["bh_adjusted"], abs=1e-12)
    assert found.lost == tuple(np.flatnonzero(case["lost_at_fdr_0.05"]))
    wanted = case["min_base_correct_to_be_significant_alone(final 0 of 32, p<=.05)"]
    assert least_base_correct(case["n"]) == wanted
    assert least_base_correct(1) is None
    p = case["fisher_one_sided_p"]
    assert benjamini_hochberg(p) == pytest.approx(stats.false_discovery_control(p), abs=1e-12)


def test_split_sample_is_unbiased_where_the_naive_rate_is_zero() -> None:
    rng = np.random.default_rng(2)
    a, b = CASES["only_suppressed"]["null_same_p"]["prior"]
    fresh, truth, naive, chance = [], [], [], []
    for _ in range(60):
        accuracy = rng.beta(a, b, 400)
        counts = np.full((400, 2), 32)
        correct = rng.binomial(counts, accuracy[:, None])
        found = suppressed_only(counts, correct, 0)
        missed = (1 - accuracy) ** 16
        chosen = missed * (1 - missed)
        fresh.append(found.fresh_accuracy)
        truth.append((chosen * accuracy).sum() / chosen.sum())
        naive.append(found.naive)
        chance.append(found.by_chance)
    assert np.mean(fresh) == pytest.approx(np.mean(truth), rel=0.03)
    assert np.mean(truth) == pytest.approx(
        CASES["only_suppressed"]["split_sample"]["true_mean_a_dom_in_selected_set"], rel=0.05
    )
    assert np.mean(naive) == pytest.approx(np.mean(chance), rel=0.05)
    with pytest.raises(UsageError, match="dominant is 2"):
        suppressed_only([[1, 1]], [[0, 1]], 2)


@pytest.mark.parametrize("k", ["1", "8", "64", "256"])
def test_share_shift_golden(k: str) -> None:
    case = CASES["pass_at_k_share_shift"]
    view = restored_coverage(case["a_problem_by_format"], case["q_base"], case["q_final"], int(k))
    assert view.with_base_shares == pytest.approx(case["k"][k]["mean_base"], abs=1e-12)
    assert view.with_final_shares == pytest.approx(case["k"][k]["mean_final"], abs=1e-12)
    assert view.expected_samples == pytest.approx(case["expected_samples_to_solve_final"], abs=1e-9)
    with pytest.raises(UsageError, match="force the extinct"):
        restored_coverage([[0.5, math.nan]], [0.5, 0.5], [1.0, 0.0], 2)


@pytest.mark.parametrize("name", ["small_kl0", "small_kl_high", "large_kl0", "no_advantage"])
def test_synthetic_coverage(name: str) -> None:
    run, truth = synthetic_run(name), TRUTH[name]
    base = truth["pass@8_base_final"][0]
    path = pass_at_k_path(run.counts, run.correct, 8)
    error = max(math.sqrt(base * (1 - base) / 120), 0.01)
    for estimate, wanted in zip(
        (path.estimates[0], path.estimates[-1]), truth["pass@8_base_final"], strict=True
    ):
        assert estimate.value == pytest.approx(wanted, abs=2.5 * error)
    wide = pass_at_k_path(run.counts, run.correct, 64, window=8)
    assert wide.problems[-1] == 120
    assert wide.estimates[-1].value == pytest.approx(truth["pass@64_base_final"][1], abs=0.05)


def test_synthetic_problems_lost() -> None:
    run = synthetic_run("small_kl0")
    n, c = run.counts.sum(axis=2), run.correct.sum(axis=2)
    found = lost_and_gained(n[:4].sum(0), c[:4].sum(0), n[-4:].sum(0), c[-4:].sum(0))
    assert found.lost - found.null_lost > 5
    quiet = synthetic_run("no_advantage")
    n, c = quiet.counts.sum(axis=2), quiet.correct.sum(axis=2)
    null = lost_and_gained(n[:4].sum(0), c[:4].sum(0), n[-4:].sum(0), c[-4:].sum(0))
    assert null.p_value > 0.05


@pytest.mark.parametrize("name", ["small_kl0", "small_kl_low", "small_kl_high"])
def test_problems_that_only_prose_solves_are_found(name: str) -> None:
    run = synthetic_run(name)
    found = suppressed_only(run.counts.sum(axis=0), run.correct.sum(axis=0), FORMATS.index("code"))
    assert found.naive == 12
    assert found.excess == pytest.approx(12, abs=0.05)
    assert found.fresh_accuracy < 0.001


def test_majority_is_honest() -> None:
    trap = [["18"] + ["7"] * 63], [[True] + [False] * 63]
    assert majority_at_k(*trap).value == 0.0
    assert majority_at_k([["1", "2"]], [[True, False]]).value == 0.5
    assert majority_at_k([[None, None], ["3", None]], [[False, False], [True, False]]).value == 0.5
    assert math.isnan(majority_at_k([["1"]], [[True]], k=2).value)
    with pytest.raises(UsageError, match="same completions"):
        majority_at_k([["1"]], [[True, False]])


def test_majority_of_fewer_draws_agrees_with_enumeration() -> None:
    votes, good = ["a", "a", "a", "b", "b", "c", None], {"b"}
    exact = []
    for draw in itertools.combinations(votes, 4):
        tally = {x: draw.count(x) for x in set(draw) - {None}}
        top = [x for x, n in tally.items() if n == max(tally.values())]
        exact.append(sum(x in good for x in top) / len(top))
    found = majority_at_k([votes], [[x in good for x in votes]], k=4, draws=20_000)
    assert found.value == pytest.approx(float(np.mean(exact)), abs=0.015)


counted = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=4)


@given(st.lists(counted, min_size=1, max_size=4), st.integers(1, 6))
@settings(max_examples=60, deadline=None)
def test_reach_adds_up(table: list, k: int) -> None:  # type: ignore[type-arg]
    width = min(len(row) for row in table)
    counts = np.array([[a + b for a, b in row[:width]] for row in table])
    correct = np.array([[a for a, _ in row[:width]] for row in table])
    split = reach(counts, correct, k)
    turned = reach(counts[::-1, ::-1], correct[::-1, ::-1], k)
    if not split.problems:
        assert math.isnan(split.solved.value)
        return
    assert sum(split.credit) == pytest.approx(split.solved.value, abs=1e-9)
    assert turned.credit[::-1] == pytest.approx(split.credit, abs=1e-9)
    for part, alone in zip(split.exclusive, split.reach, strict=True):
        assert -1e-9 <= part.value <= alone.value + 1e-9
    wider = reach(np.pad(counts, ((0, 0), (0, 1))), np.pad(correct, ((0, 0), (0, 1))), k)
    assert wider.credit[-1] == 0
    assert wider.solved.value == pytest.approx(split.solved.value)
