"""Transitions: golden curves, the synthetic runs, the real miniature runs, and the states without one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from study_runs import FORMATS, GOLDEN_FOLDER, WINNERS, real, synthetic

from echoformat.errors import UsageError
from echoformat.measure import transition as measure
from echoformat.measure.arrays import shares_of
from echoformat.measure.transition import TransitionState

GOLDEN = json.loads((GOLDEN_FOLDER / "g4_transition.json").read_text())
RUNS = json.loads((GOLDEN_FOLDER / "g9_synthetic_runs.json").read_text())["scenarios"]


def test_logistic_golden() -> None:
    case = GOLDEN["logistic2"]
    fit = measure.logistic_fit(case["share"], case["steps"])
    assert fit.midpoint == pytest.approx(case["midpoint"], abs=1e-6)
    assert fit.rate == pytest.approx(case["rate_k"], abs=1e-6)
    assert fit.width == pytest.approx(case["width_10_90"], abs=1e-5)
    assert fit.midpoint / case["steps_per_epoch"] == pytest.approx(case["epoch_of_transition"], abs=1e-6)
    assert fit.inside
    falling = measure.logistic_fit(1 - np.array(case["share"]), case["steps"])
    assert (falling.midpoint, falling.rate) == pytest.approx((62.5, -0.14), abs=1e-6)


def test_logistic_with_asymptotes_golden() -> None:
    case = GOLDEN["logistic4"]
    steps = GOLDEN["logistic2"]["steps"]
    fit = measure.logistic_fit(case["share"], steps, asymptotes=True)
    wanted = [case[name] for name in ("midpoint", "rate_k", "lower", "upper", "width_10_90_of_range")]
    assert [fit.midpoint, fit.rate, fit.lower, fit.upper, fit.width] == pytest.approx(wanted, abs=1e-5)


def test_crossings_of_the_golden_curve() -> None:
    case = GOLDEN["logistic2"]
    found = measure.crossings(case["share"], case["steps"], steps_per_epoch=case["steps_per_epoch"])
    assert found.state is TransitionState.OBSERVED and found.settled
    # The crossings are linear between steps five apart; the curve bends most at its ends.
    assert found.t50 == pytest.approx(case["midpoint"], abs=0.01)
    assert found.epoch == pytest.approx(case["epoch_of_transition"], abs=1e-4)
    assert [found.t10, found.t90] == pytest.approx([case["t10"], case["t90"]], abs=0.5)


def test_crossing_half_the_share_is_not_half_the_move() -> None:
    case = GOLDEN["logistic4"]
    found = measure.crossings(case["share"], GOLDEN["logistic2"]["steps"])
    half_way = np.interp(0.5, case["share"], GOLDEN["logistic2"]["steps"])
    assert found.t50 == pytest.approx(case["midpoint"], abs=0.1)
    assert half_way == pytest.approx(case["t_cross_half_absolute"], abs=0.1)


def test_gain_concentration_golden() -> None:
    case, curve = GOLDEN["alignment"], GOLDEN["logistic2"]
    grid = measure.gain_concentration(case["accuracy"], curve["steps"], curve["t10"], curve["t90"])
    assert grid.total == pytest.approx(case["gain_total"], abs=1e-9)
    assert grid.inside == pytest.approx(case["gain_linear_interp_from_grid"], abs=1e-9)
    assert grid.time_fraction == pytest.approx(case["fraction_of_time_in_window"], abs=1e-9)
    fine = np.union1d(np.linspace(0, 200, 4001), [curve["t10"], curve["t90"]])
    accuracy = 0.1 + 0.3 / (1 + np.exp(-0.14 * (fine - 72.5))) + 0.0005 * fine
    exact = measure.gain_concentration(accuracy, fine, curve["t10"], curve["t90"])
    assert exact.inside == pytest.approx(case["gain_in_window"], abs=1e-9)
    assert exact.gain_fraction == pytest.approx(case["fraction_of_gain_in_window"], abs=1e-9)
    assert exact.concentration == pytest.approx(case["concentration_ratio"], abs=1e-8)


def test_lag_golden() -> None:
    case, curve = GOLDEN["alignment"], GOLDEN["logistic2"]
    found = measure.lag(curve["share"], case["accuracy"], curve["steps"])
    assert found.steps == case["true_lag_steps"]
    assert found.correlation == pytest.approx(case["xcorr_max"], abs=1e-6)
    assert measure.lag(case["accuracy"], curve["share"], curve["steps"]).steps == -case["true_lag_steps"]
    assert np.isnan(measure.lag(np.zeros(20), np.zeros(20), np.arange(20)).steps)


def test_regimes_golden() -> None:
    case = GOLDEN["changepoint"]
    assert list(measure.regime_ends(case["series"])) == case["pelt_l2"]
    ramp = np.array(GOLDEN["logistic2"]["share"])
    assert len(measure.regime_ends(ramp, noise=0.02)) > 2


@pytest.mark.parametrize("name", RUNS)
def test_synthetic_runs(name: str) -> None:
    truth, counts = RUNS[name], synthetic(name)
    found = measure.transitions(counts, np.arange(len(counts)), steps_per_epoch=20)
    if name == "no_advantage":
        assert all(each.state is TransitionState.NONE and each.t50 is None for each in found)
        return
    winner = found[FORMATS.index(truth["winner"])]
    band = truth["sample_bands_40_seeds"]["t50"]
    assert winner.t50 == pytest.approx(truth["crossing_isotonic"]["t50"], abs=2.5 * band["sd"])
    assert winner.move == max(each.move for each in found)
    assert winner.t50 is not None and winner.t50_interval is not None
    assert winner.t50_interval.low < winner.t50 < winner.t50_interval.high
    assert winner.epoch == pytest.approx(winner.t50 / 20)
    assert winner.epoch_interval is not None
    assert winner.epoch_interval.low == pytest.approx(winner.t50_interval.low / 20)


COLLAPSED = {"G_xs_kl0", "U_s_kl0", "U_s_kl0.001", "U_s_kl0.01", "U_s_kl0.1", "U_xs_kl0"}


@pytest.mark.parametrize("run", WINNERS)
def test_real_runs(run: str, shared: Path) -> None:
    counts = real(shared, run)
    steps = np.arange(len(counts))
    found = measure.transitions(counts, steps, steps_per_epoch=30)
    risen = [i for i, each in enumerate(found) if each.state is not TransitionState.NONE and each.move > 0]
    assert risen == ([] if WINNERS[run] is None else [WINNERS[run]])
    kept = measure.onset(shares_of(counts.sum(axis=1)), steps)
    assert (kept is not None) == (run in COLLAPSED)
    if kept is not None:
        assert kept.format_index == WINNERS[run]


@pytest.mark.parametrize("run", WINNERS)
def test_real_runs_from_their_logged_shares(run: str, shared: Path) -> None:
    curve = json.loads((shared / "ministudy" / f"{run}.summary.json").read_text())["curve"]
    steps = [point["step"] for point in curve]
    risen = []
    for index, name in enumerate(("tinygsm", "omi1", "omi2", "other")):
        found = measure.crossings([point["share"].get(name, 0.0) for point in curve], steps)
        if found.state is not TransitionState.NONE and found.move > 0:
            risen.append(index)
    assert risen == ([] if WINNERS[run] is None else [WINNERS[run]])


def test_few_completions_do_not_make_a_transition() -> None:
    """A flat share read from 16 problems of 8 a step, clustered: false transitions stay rare."""
    draw, false = np.random.default_rng(8), 0
    for _ in range(100):
        own = draw.beta(0.4 * 1.5, 0.6 * 1.5, size=(34, 16))
        counts = np.zeros((34, 480, 2), dtype=int)
        for step in range(34):
            hits = draw.binomial(8, own[step])
            counts[step, draw.choice(480, 16, replace=False)] = np.stack([hits, 8 - hits], axis=1)
        false += measure.transition(counts, np.arange(34), 0, replicates=50).state is not TransitionState.NONE
    assert false <= 3


def test_interval_covers_the_crossing() -> None:
    draw, hits, runs = np.random.default_rng(12), 0, 60
    steps = np.arange(40)
    share = 0.2 + 0.7 / (1 + np.exp(-0.4 * (steps - 18)))
    own_shift = draw.normal(0, 1, size=(runs, 120))
    for run in range(runs):
        odds = np.log(share / (1 - share))[:, None] + own_shift[run]
        n = draw.binomial(8, 1 / (1 + np.exp(-odds)))
        truth = measure.crossings((1 / (1 + np.exp(-(odds[:, :, None] * 1.0)))).mean(axis=(1, 2)), steps).t50
        found = measure.transition(np.stack([n, 8 - n], axis=2), steps, 0, replicates=100, seed=run)
        assert truth is not None and found.t50_interval is not None
        hits += found.t50_interval.low <= truth <= found.t50_interval.high
    assert hits >= 0.9 * runs


def test_states() -> None:
    steps = np.arange(20.0)
    late = 0.2 + 0.6 * (steps > 9)
    assert measure.crossings(late, steps).state is TransitionState.OBSERVED
    under_way = 0.2 + 0.6 * (1 - np.exp(-steps / 2))
    assert measure.crossings(under_way, steps).state is TransitionState.LEFT_CENSORED
    assert measure.crossings(np.full(20, 0.4), steps).state is TransitionState.NONE
    assert not measure.crossings(0.2 + 0.03 * steps, steps).settled
    falling = measure.crossings(1 - late, steps)
    assert falling.t50 == pytest.approx(9.5) and falling.move == pytest.approx(-0.6)
    assert measure.crossings([0.2, 0.9], [0, 1]).state is TransitionState.NONE
    small = measure.crossings(0.4 + 0.15 * (steps > 9), steps)
    assert small.state is TransitionState.NONE
    assert measure.crossings(0.4 + 0.15 * (steps > 9), steps, min_change=0.1).t50 == pytest.approx(9.5)


@pytest.mark.parametrize(
    "shares", [[0.2, 0.2, 0.8, 0.9, 0.9], [0.1, 0.9, 0.9], [0.1, 0.15, 0.3, 0.5, 0.7, 0.85, 0.9]]
)
def test_a_few_checkpoints_are_enough_for_a_sharp_switch(shares: list[float]) -> None:
    steps = range(len(shares))
    assert measure.crossings(shares, steps).state is not TransitionState.NONE
    counts = np.stack([np.array([[round(100 * q), 100 - round(100 * q)]] * 60) for q in shares])
    found = measure.transition(counts, steps, 0)
    assert found.state is not TransitionState.NONE and found.t50_interval is not None


def test_onset_of_a_short_log_is_literal() -> None:
    shares = [[q, 1 - q] for q in (0.9, 0.5, 0.9, 0.9, 0.9)]
    kept = measure.onset(shares, range(5))
    assert kept is not None and kept.step == 2.0


def test_onset() -> None:
    steps = np.arange(30)
    share = np.where(steps < 10, 0.5, 0.9)
    shares = np.stack([1 - share, share], axis=1)
    kept = measure.onset(shares, steps)
    assert kept is not None and (kept.step, kept.format_index) == (10.0, 1)
    unlucky = shares.copy()
    unlucky[20] = [0.22, 0.78]
    assert measure.onset(unlucky, steps, standard_error=0.03).step == 10.0  # type: ignore[union-attr]
    assert measure.onset(unlucky, steps, standard_error=0.0).step == 21.0  # type: ignore[union-attr]
    assert measure.onset(shares[:11], steps[:11]).step == 10.0  # type: ignore[union-attr]
    assert measure.onset(shares[:10], steps[:10]) is None
    assert measure.onset(np.full((5, 1), 1.0), np.arange(5)).step == 0.0  # type: ignore[union-attr]
    empty = np.full((5, 2), np.nan)
    assert measure.onset(empty, np.arange(5)) is None


def test_steps_without_completions_are_left_out() -> None:
    counts = synthetic("small_kl0")
    holes = np.zeros((2 * len(counts), *counts.shape[1:]), dtype=int)
    holes[::2] = counts
    plain = measure.transition(counts, 2 * np.arange(len(counts)), 0)
    gapped = measure.transition(holes, np.arange(len(holes)), 0)
    assert gapped.t50 == plain.t50 and gapped.t50_interval == plain.t50_interval


@given(
    arrays(
        np.int64,
        st.tuples(st.integers(1, 12), st.integers(1, 5), st.integers(1, 3)),
        elements=st.integers(0, 6),
    ),
    st.integers(0, 10),
)
def test_any_run_gives_an_answer_in_range(counts: np.ndarray, seed: int) -> None:
    steps = np.arange(len(counts))
    for found in measure.transitions(counts, steps, replicates=5, seed=seed):
        for at in (found.t10, found.t50, found.t90):
            assert at is None or 0 <= at <= steps[-1]
        if found.t10 is not None and found.t50 is not None and found.t90 is not None:
            assert found.t10 <= found.t50 <= found.t90
    order = np.random.default_rng(seed).permutation(counts.shape[2])
    mixed = measure.transitions(counts[:, :, order], steps, replicates=0)
    plain = measure.transitions(counts, steps, replicates=0)
    assert [each.t50 for each in mixed] == [plain[i].t50 for i in order]


def test_mistakes_are_named() -> None:
    with pytest.raises(UsageError, match="ascend"):
        measure.crossings([0.1, 0.2, 0.3], [0, 2, 1])
    with pytest.raises(UsageError, match="format_index=4"):
        measure.transition(np.ones((3, 2, 2), dtype=int), [0, 1, 2], 4)
    with pytest.raises(UsageError, match="threshold"):
        measure.onset([[0.5, 0.5]], [0], 0.5)
    with pytest.raises(UsageError, match="inside the steps"):
        measure.gain_concentration([0.1, 0.2], [0, 1], 0.5, 3)
    with pytest.raises(UsageError, match="needs 5 steps"):
        measure.logistic_fit([0.1, 0.2, 0.3], [0, 1, 2], asymptotes=True)


def test_result_is_plain_data() -> None:
    found: Any = measure.transition(synthetic("small_kl0"), np.arange(41), 0, replicates=20)
    assert isinstance(found.t50, float) and isinstance(found.settled, bool)
