"""Intervals: golden cases, coverage under clustering, and what they say when they cannot know."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from echoformat.errors import UsageError
from echoformat.measure import intervals

CASE = json.loads((Path(__file__).parent / "golden" / "g1c_two_targets.json").read_text())
BASE, FINAL = (
    np.array([[k, CASE["G"] - k] for k in CASE[name]]) for name in ("k_dominant_base", "k_dominant_final")
)

counts_of_problems = arrays(
    np.int64, st.tuples(st.integers(1, 10), st.integers(1, 5)), elements=st.integers(0, 8)
).filter(lambda array: array.sum() > 0)


def clustered(
    draw: np.random.Generator, shares: list[float], problems: int, group: int, icc: float
) -> np.ndarray:
    """Counts of one step whose problems differ: Dirichlet shares with the given intraclass correlation."""
    own = (
        draw.dirichlet(np.array(shares) * (1 - icc) / icc, size=problems)
        if icc
        else np.tile(shares, (problems, 1))
    )
    return draw.multinomial(group, own / own.sum(axis=1, keepdims=True))


def test_two_targets_golden() -> None:
    population = intervals.cluster_wilson(BASE)
    fixed = intervals.cluster_wilson(BASE, target="fixed")
    assert population.standard_error[0] == pytest.approx(CASE["se_population_of_prompts"], abs=1e-9)
    assert fixed.standard_error[0] == pytest.approx(CASE["se_fixed_prompts(sampling only)"], abs=1e-9)
    assert [population.low[0], population.high[0]] == pytest.approx(CASE["cluster_wilson_95"], abs=1e-9)
    assert intervals.design_effect(BASE)[0] == pytest.approx(CASE["design_effect"], abs=1e-9)
    assert intervals.intraclass_correlation(BASE)[0] == pytest.approx(CASE["icc_anova"], abs=1e-9)


def test_paired_change_golden() -> None:
    change = intervals.paired_change(BASE, FINAL)
    assert change.point[0] == pytest.approx(CASE["paired_change"], abs=1e-9)
    assert change.standard_error[0] == pytest.approx(CASE["paired_se"], abs=1e-9)
    both = [intervals.cluster_wilson(side).standard_error[0] for side in (BASE, FINAL)]
    assert math.hypot(*both) == pytest.approx(CASE["unpaired_se"], abs=1e-9)


def test_entropy_bound_golden() -> None:
    assert intervals.entropy_bound(0.95, 3) == pytest.approx(0.2332, abs=5e-5)


def iid_wilson(successes: int, total: int) -> tuple[float, float]:
    result = stats.binomtest(successes, total).proportion_ci(method="wilson")
    return result.low, result.high


def test_share_interval_covers_where_the_independent_one_does_not() -> None:
    draw, replicates = np.random.default_rng(20), 600
    ours = theirs = entropy_hits = 0
    truth = sum(p * math.log(1 / p) for p in (0.6, 0.25, 0.15))
    for _ in range(replicates):
        counts = clustered(draw, [0.6, 0.25, 0.15], 128, 8, 0.7)
        share = intervals.cluster_wilson(counts, 0)
        ours += share.low <= 0.6 <= share.high
        low, high = iid_wilson(int(counts[:, 0].sum()), int(counts.sum()))
        theirs += low <= 0.6 <= high
        entropy = intervals.entropy_interval(counts)
        entropy_hits += entropy.low <= truth <= entropy.high
    assert ours / replicates >= 0.92
    assert theirs / replicates <= 0.65
    assert entropy_hits / replicates >= 0.91


def test_fixed_target_covers_the_shares_of_these_very_problems() -> None:
    draw, hits = np.random.default_rng(7), 0
    own = draw.dirichlet(np.array([0.6, 0.4]) * 3 / 7, size=128)
    truth = own[:, 0].mean()
    for _ in range(400):
        share = intervals.cluster_wilson(draw.multinomial(8, own), 0, target="fixed")
        hits += share.low <= truth <= share.high
    assert hits / 400 >= 0.92


def test_entropy_jackknife_removes_the_bias_of_clusters() -> None:
    draw = np.random.default_rng(2)
    truth = sum(p * math.log(1 / p) for p in (0.6, 0.25, 0.15))
    runs = [clustered(draw, [0.6, 0.25, 0.15], 32, 8, 0.7) for _ in range(800)]
    plain = np.mean([stats.entropy(counts.sum(axis=0)) for counts in runs]) - truth
    corrected = np.mean([intervals.entropy_interval(counts).point for counts in runs]) - truth
    assert plain < -0.017
    assert abs(corrected) < 0.009


def test_unequal_completions_use_the_ratio_estimator() -> None:
    """The linearised error agrees with a bootstrap by problem of all its completions."""
    draw = np.random.default_rng(11)
    sizes = draw.integers(1, 30, 200)
    own = draw.beta(1.2, 0.8, 200)
    hits = draw.binomial(sizes, own)
    counts = np.stack([hits, sizes - hits], axis=1)
    weights = intervals.bootstrap_problems(200, 4000, seed=3)
    replicates = intervals.bootstrap_counts(counts[None], weights)[:, 0]
    spread = (replicates[:, 0] / replicates.sum(axis=1)).std()
    assert intervals.cluster_wilson(counts).standard_error[0] == pytest.approx(spread, rel=0.05)


def test_run_equals_step_by_step() -> None:
    draw = np.random.default_rng(1)
    run = draw.integers(0, 4, (5, 20, 3))
    run[:, ::3] = 0
    for target in ("population", "fixed"):
        whole = intervals.cluster_wilson_run(run, target=target)
        for number, step in enumerate(run):
            one = intervals.cluster_wilson(step[step.any(axis=1)], target=target)
            assert whole.low[number] == pytest.approx(one.low, abs=1e-12)
            assert whole.high[number] == pytest.approx(one.high, abs=1e-12)


def test_a_step_without_completions_is_nan() -> None:
    run = np.zeros((2, 3, 2), dtype=int)
    run[0] = [[4, 0], [2, 2], [1, 3]]
    result = intervals.cluster_wilson_run(run)
    assert (
        np.isfinite(result.low[0]).all() and np.isnan(result.low[1]).all() and np.isnan(result.high[1]).all()
    )


def test_all_problems_agree_counts_problems_not_completions() -> None:
    share = intervals.cluster_wilson([[100, 0]] * 30, 0)
    reference = stats.binomtest(30, 30).proportion_ci(method="wilson")
    assert share.low == pytest.approx(reference.low)
    assert share.high == 1.0 and not share.trustworthy and "problems" in share.note


def test_one_problem_says_it_cannot_know() -> None:
    share = intervals.cluster_wilson([[6, 2]], 0)
    assert (share.low, share.high, share.trustworthy) == (0.0, 1.0, False)
    assert not intervals.entropy_interval([[6, 2]]).trustworthy
    change = intervals.paired_change([[6, 2]], [[8, 0]])
    assert (change.low[0], change.high[0], bool(change.trustworthy[0])) == (-1.0, 1.0, False)


def test_one_completion_a_problem_is_the_binomial_case() -> None:
    counts = np.eye(2, dtype=int)[[0] * 70 + [1] * 30]
    share = intervals.cluster_wilson(counts, 0)
    low, high = iid_wilson(70, 100)
    assert [share.low, share.high] == pytest.approx([low, high], abs=0.005)
    assert not intervals.cluster_wilson(counts, 0, target="fixed").trustworthy


def test_warning_near_collapse_with_few_problems() -> None:
    near = [[8, 0]] * 30 + [[6, 2]] * 2
    assert not intervals.cluster_wilson(near, 0).trustworthy
    assert intervals.cluster_wilson(near * 2, 0).trustworthy
    assert not intervals.entropy_interval(near).trustworthy


def test_entropy_interval_with_one_format_seen_is_a_bound() -> None:
    seen = intervals.entropy_interval([[8, 0, 0]] * 100)
    share = intervals.cluster_wilson([[8, 0, 0]] * 100, 0)
    assert (seen.low, seen.point) == (0.0, 0.0)
    assert seen.high == pytest.approx(intervals.entropy_bound(share.low, 3))


def test_entropy_interval_is_capped() -> None:
    draw = np.random.default_rng(4)
    interval = intervals.entropy_interval(clustered(draw, [1 / 3] * 3, 16, 4, 0.5))
    assert interval.high <= math.log(3)
    wider = intervals.entropy_interval(clustered(draw, [1 / 3] * 3, 16, 4, 0.5), declared=5)
    assert wider.high <= math.log(5)


@given(counts_of_problems)
def test_limits_enclose_the_share_and_ignore_order(counts: np.ndarray) -> None:
    for target in ("population", "fixed"):
        one = intervals.cluster_wilson(counts, target=target)
        assert (one.low <= one.point + 1e-12).all() and (one.point <= one.high + 1e-12).all()
        assert (one.low >= 0).all() and (one.high <= 1).all()
        other = intervals.cluster_wilson(counts[::-1, ::-1], target=target)
        assert other.low[::-1] == pytest.approx(one.low, abs=1e-9)
        assert other.high[::-1] == pytest.approx(one.high, abs=1e-9)
    entropy = intervals.entropy_interval(counts)
    assert 0 <= entropy.low <= entropy.high + 1e-12 <= math.log(max(2, counts.shape[1])) + 1e-9


@given(counts_of_problems)
def test_problems_without_completions_and_empty_formats_change_nothing(counts: np.ndarray) -> None:
    padded = np.pad(counts, ((0, 3), (0, 1)))
    plain, wider = intervals.cluster_wilson(counts), intervals.cluster_wilson(padded)
    assert wider.low[:-1] == pytest.approx(plain.low, abs=1e-12)
    assert wider.high[:-1] == pytest.approx(plain.high, abs=1e-12)
    assert wider.point[-1] == 0


def test_duplicated_problems_narrow_the_interval_as_twice_the_problems_would() -> None:
    counts = clustered(np.random.default_rng(9), [0.5, 0.5], 60, 8, 0.4)
    once = intervals.cluster_wilson(counts)
    twice = intervals.cluster_wilson(np.concatenate([counts, counts]))
    assert twice.standard_error[0] == pytest.approx(once.standard_error[0] / math.sqrt(2), rel=0.01)


def test_bootstrap_weights() -> None:
    weights = intervals.bootstrap_problems(50, 300, seed=4)
    assert (weights.sum(axis=1) == 50).all() and (
        weights == intervals.bootstrap_problems(50, 300, seed=4)
    ).all()
    smooth = intervals.bootstrap_problems(50, 300, seed=4, bayesian=True)
    assert smooth.sum(axis=1) == pytest.approx(50) and (smooth > 0).all()


def test_percentile_interval_counts_the_undefined() -> None:
    interval = intervals.percentile_interval(1.0, [1.0, math.nan, 2.0, math.nan])
    assert not interval.trustworthy and "2 of 4" in interval.note
    assert not intervals.percentile_interval(1.0, [math.nan]).trustworthy


def test_mistakes_are_named() -> None:
    with pytest.raises(UsageError, match="problems, formats"):
        intervals.cluster_wilson([1, 2, 3])
    with pytest.raises(UsageError, match="target='sample'"):
        intervals.cluster_wilson([[1, 2]], target="sample")  # type: ignore[call-overload]
    with pytest.raises(UsageError, match="numbered 0 to 1"):
        intervals.cluster_wilson([[1, 2]], 5)
    with pytest.raises(UsageError, match="same problems"):
        intervals.paired_change([[1, 2]], [[1, 2], [3, 4]])
    with pytest.raises(UsageError, match="level=95"):
        intervals.cluster_wilson([[1, 2], [2, 1]], level=95)
    with pytest.raises(UsageError, match="no completion"):
        intervals.entropy_interval([[0, 0]])
