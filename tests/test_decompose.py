"""Selection and improvement: worked cases, confounding by simulation, and what must hold for any counts."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from golden_values import golden
from hypothesis import given, settings
from hypothesis import strategies as st

from echoformat.errors import UsageError
from echoformat.measure.confusion import ConfusionMatrix
from echoformat.measure.decompose import (
    Basis,
    adjusted_path,
    confounding,
    correct_joint,
    forced_split,
    pooled_path,
    price,
    selection_fraction,
    three_fold,
    two_fold,
    within_problem_path,
)

CASES = golden("g3_decomposition")
END = CASES["endpoint"]
ENDPOINTS = (END["q0"], END["a0"], END["q1"], END["a1"])


def test_two_fold_golden() -> None:
    split = two_fold(*ENDPOINTS)
    wanted = END["two_fold_midpoint_shapley"]
    assert split.selection == pytest.approx(wanted["selection"], abs=1e-12)
    assert split.improvement == pytest.approx(wanted["improvement"], abs=1e-12)
    assert split.gain == pytest.approx(END["gain"], abs=1e-12)
    assert split.selection_by_format == pytest.approx(END["per_format_selection_centred"], abs=1e-12)
    assert split.improvement_by_format == pytest.approx(END["per_format_improvement"], abs=1e-12)
    assert split.selection / split.gain == pytest.approx(END["selection_fraction_of_gain"], abs=1e-12)


def test_three_fold_and_price_golden() -> None:
    assert three_fold(*ENDPOINTS).to_dict() == pytest.approx(END["three_fold"], abs=1e-12)
    parts, wanted = price(*ENDPOINTS), END["price"]
    assert parts.covariance == pytest.approx(wanted["covariance_selection"], abs=1e-12)
    assert parts.transmission == pytest.approx(wanted["transmission"], abs=1e-12)


def test_path_of_checkpoints_golden() -> None:
    points = CASES["path"]["checkpoints"]
    moves = [two_fold(a["q"], a["a"], b["q"], b["a"]) for a, b in pairwise(points)]
    for move, wanted in zip(moves, CASES["path"]["steps"], strict=True):
        assert (move.selection, move.improvement) == pytest.approx(tuple(wanted.values()), abs=1e-12)
    assert sum(move.selection for move in moves) == pytest.approx(0.203, abs=1e-12)


@pytest.mark.parametrize(
    ("windows", "key"), [(1, "endpoint_T1"), (10, "midpoint_sum_T10"), (1000, "midpoint_sum_T1000")]
)
def test_continuous_path_golden(windows: int, key: str) -> None:
    """Shares follow a logistic while the better format's lead grows from .1 to .4."""
    case = CASES["continuous_path"]
    time = np.linspace(0, 1, windows + 1)
    share = 1 / (1 + np.exp(-case["k"] * (time - case["t_mid"])))
    points = [([q, 1 - q], [0.3 + 0.3 * t, 0.2]) for q, t in zip(share, time, strict=True)]
    moves = [two_fold(*a, *b) for a, b in pairwise(points)]
    assert sum(move.selection for move in moves) == pytest.approx(case[key], abs=1e-12)
    assert sum(move.gain for move in moves) == pytest.approx(case["gain"], abs=1e-12)


def test_entry_and_exit_golden() -> None:
    case = CASES["entry_exit"]
    accuracies = ([math.nan if x is None else x for x in case[key]] for key in ("a0", "a1"))
    a0, a1 = accuracies
    split = two_fold(case["q0"], a0, case["q1"], a1)
    assert (split.selection, split.improvement) == pytest.approx(
        (case["selection"], case["improvement"]), abs=1e-12
    )
    lines = tuple(case["selection_split_centred"].values())
    assert split.selection_by_format == pytest.approx(lines, abs=1e-12)
    with pytest.raises(UsageError, match="enters from share 0"):
        price(case["q0"], a0, case["q1"], a1)


def test_simpson_golden() -> None:
    case = CASES["simpson"]
    scale = 10_000
    counts, correct = (np.zeros((2, 2, 2)) for _ in range(2))
    for j, stratum in enumerate(case["strata"]):
        for t in (0, 1):
            counts[t, j] = np.array(stratum[f"q{t}"]) * scale
            correct[t, j] = counts[t, j] * stratum[f"a{t}"]
    counts, correct = counts.round().astype(int), correct.round().astype(int)
    pooled, within = pooled_path(counts, correct, 1), within_problem_path(counts, correct, 1)
    assert pooled.selection.value == pytest.approx(case["pooled_selection"], abs=1e-12)
    assert pooled.improvement.value == pytest.approx(case["pooled_improvement"], abs=1e-12)
    assert within.selection.value == pytest.approx(0.0, abs=1e-12)
    assert adjusted_path(counts, correct, 1).selection.value == pytest.approx(0.0, abs=1e-9)
    assert confounding(counts, correct, 1).shift.value == pytest.approx(case["pooled_selection"], abs=1e-12)


def test_per_problem_golden() -> None:
    case = CASES["per_problem"]
    counts, correct = (
        np.array([[problem[f"{key}{t}"] for problem in case["problems"]] for t in (0, 1)]) for key in "nc"
    )
    within, pooled = within_problem_path(counts, correct, 1), pooled_path(counts, correct, 1)
    assert within.basis is Basis.WITHIN
    for split, wanted in ((within, case["within_problem"]), (pooled, case["pooled"])):
        assert split.selection.value == pytest.approx(wanted["selection"], abs=1e-12)
        assert split.improvement.value == pytest.approx(wanted["improvement"], abs=1e-12)
        assert split.gain.value == pytest.approx(case["gain"], abs=1e-12)
    assert confounding(counts, correct, 1).shift.value == pytest.approx(case["confounding_shift"], abs=1e-12)


def test_label_noise_golden() -> None:
    case, scale = CASES["misclassified"], 1_000_000
    confusion = ConfusionMatrix.of([[0.95, 0.025, 0.025], [0.025, 0.95, 0.025], [0.025, 0.025, 0.95]])
    observed = np.array([case["q0_obs"], case["q1_obs"]]) * scale
    right = observed * np.array([case["a0_obs"], case["a1_obs"]])
    fixed = correct_joint(observed, right, confusion)
    n, c = fixed.counts, fixed.correct
    assert n / scale == pytest.approx(np.array([END["q0"], END["q1"]]), abs=1e-12)
    assert c / n == pytest.approx(np.array([END["a0"], END["a1"]]), abs=1e-12)
    noisy = pooled_path(observed[:, None], right[:, None], 1)
    clean = pooled_path(observed[:, None], right[:, None], 1, confusion=confusion)
    assert noisy.selection.value == pytest.approx(case["selection_obs"], abs=1e-12)
    assert clean.selection.value == pytest.approx(case["selection_true"], abs=1e-12)


def _confounded(
    rng: np.random.Generator, confusing: float, size: int
) -> tuple[np.ndarray, np.ndarray, float]:
    """Two checkpoints of 128 problems: format choice goes with difficulty by ``confusing``."""
    difficulty = rng.normal(0, 1.5, 128)
    logistic = lambda x: 1 / (1 + np.exp(-x))  # noqa: E731
    shares = np.stack([logistic(level - confusing * difficulty) for level in (-1.0, 2.5)])
    shares = np.stack([shares, 1 - shares], axis=2)
    accuracy = np.stack(
        [[logistic(-difficulty + side + 0.4 * t) for side in (0.3, -0.3)] for t in (0, 1)]
    ).transpose(0, 2, 1)
    first = rng.binomial(size, shares[..., 0])
    counts = np.stack([first, size - first], axis=2)
    truth = ((shares[1] - shares[0]) * accuracy.mean(axis=0)).sum(axis=1).mean()
    return counts, rng.binomial(counts, accuracy), float(truth)


def test_adjusted_path_removes_confounding() -> None:
    rng = np.random.default_rng(11)
    adjusted, pooled, weights = [], [], np.ones((2, 128))
    for _ in range(60):
        counts, correct, truth = _confounded(rng, 0.8, 8)
        adjusted.append(adjusted_path(counts, correct, 1, weights=weights).selection.value - truth)
        pooled.append(pooled_path(counts, correct, 1, weights=weights).selection.value - truth)
    assert abs(np.mean(adjusted)) < 0.01
    assert np.mean(pooled) > 0.1


def test_falls_back_where_problems_do_not_return() -> None:
    rng = np.random.default_rng(5)
    counts = np.zeros((12, 96, 2), dtype=np.int64)
    for step in range(12):
        rows = slice(8 * step, 8 * step + 8)
        counts[step, rows, 0] = rng.integers(1, 8, 8)
        counts[step, rows, 1] = 8 - counts[step, rows, 0]
    correct = rng.binomial(counts, 0.5)
    split = within_problem_path(counts, correct)
    assert split.basis is Basis.ADJUSTED
    single = np.zeros_like(counts)
    single[..., 0] = counts[..., 0] > 3
    single[..., 1] = (counts[..., 1] > 0) & (single[..., 0] == 0)
    fallback = within_problem_path(single, np.minimum(correct, single))
    assert fallback.basis is Basis.POOLED
    assert "hold difficulty constant" in fallback.notes[0]


def test_strata_lie_between_pooled_and_within() -> None:
    counts, correct, truth = _confounded(np.random.default_rng(3), 0.8, 64)
    ease = correct.sum(axis=(0, 2)) / counts.sum(axis=(0, 2))
    strata = np.digitize(ease, np.quantile(ease, [0.2, 0.4, 0.6, 0.8]))
    pooled = pooled_path(counts, correct, 1).selection.value
    stratified = pooled_path(counts, correct, 1, strata=strata)
    assert stratified.basis is Basis.STRATIFIED
    assert abs(stratified.selection.value - truth) < abs(pooled - truth)
    with pytest.raises(UsageError, match="one stratum for each"):
        pooled_path(counts, correct, 1, strata=strata[:5])


def test_fraction_only_with_a_clear_gain() -> None:
    counts, correct, _ = _confounded(np.random.default_rng(3), 0.0, 64)
    fraction = selection_fraction(within_problem_path(counts, correct, 1))
    assert fraction is not None
    assert fraction.low < 0.5 < fraction.high
    still = np.stack([counts[0], counts[0]]), np.stack([correct[0], correct[0]])
    assert selection_fraction(within_problem_path(*still, 1)) is None


def test_forced_accuracies() -> None:
    split = forced_split([END["q0"]], [END["q1"]], END["a0"], END["a1"])
    assert split.selection == pytest.approx(two_fold(*ENDPOINTS).selection, abs=1e-12)
    with pytest.raises(UsageError, match="forced accuracies"):
        forced_split([[0.5, 0.5]], [[1.0, 0.0]], [math.nan, 0.2], [0.8, 0.2])


@pytest.mark.parametrize(
    ("counts", "correct", "window", "message"),
    [
        (np.ones((1, 2, 2)), np.ones((1, 2, 2)), 1, "at least two steps"),
        (np.ones((2, 2, 2)), 2 * np.ones((2, 2, 2)), 1, "more correct completions"),
        (np.ones((2, 2, 2)), np.ones((2, 2, 3)), 1, "correct has shape"),
        (np.ones((2, 2, 2)), np.ones((2, 2, 2)), 3, "window is 3"),
    ],
)
def test_callers_mistakes(counts: np.ndarray, correct: np.ndarray, window: int, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        within_problem_path(counts.astype(int), correct.astype(int), window)


@st.composite
def runs(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """Counts of a small run, with empty cells, extinct formats and problems that stay away."""
    shape = tuple(draw(st.integers(low, 4)) for low in (2, 1, 1))
    size = math.prod(shape)
    counts = np.array(draw(st.lists(st.integers(0, 6), min_size=size, max_size=size))).reshape(shape)
    parts = np.array(draw(st.lists(st.floats(0, 1), min_size=size, max_size=size))).reshape(shape)
    return counts, np.floor(counts * parts).astype(int)


def _figures(counts: np.ndarray, correct: np.ndarray) -> np.ndarray:
    paths = [path(counts, correct, 1, weights=np.ones((2, counts.shape[1]))) for path in PATHS]
    return np.array([[x.selection.value, x.improvement.value, x.gain.value] for x in paths])


PATHS = (within_problem_path, pooled_path, adjusted_path)


@given(runs())
@settings(max_examples=60, deadline=None)
def test_parts_add_up_and_order_does_not_matter(run: tuple[np.ndarray, np.ndarray]) -> None:
    counts, correct = run
    figures = _figures(counts, correct)
    np.testing.assert_allclose(figures[:, 0] + figures[:, 1], figures[:, 2], atol=1e-9)
    for move in (lambda x: x[:, ::-1], lambda x: x[..., ::-1], lambda x: 3 * x):
        np.testing.assert_allclose(_figures(move(counts), move(correct)), figures, atol=1e-6)
    wider = [np.concatenate([x, np.zeros_like(x[..., :1])], axis=2) for x in run]
    np.testing.assert_allclose(_figures(*wider), figures, atol=1e-6)


@given(runs(), st.integers(0, 3))
@settings(max_examples=30, deadline=None)
def test_two_shards_are_the_whole(run: tuple[np.ndarray, np.ndarray], seed: int) -> None:
    counts, correct = run
    rng = np.random.default_rng(seed)
    right, wrong = rng.binomial(correct, 0.5), rng.binomial(counts - correct, 0.5)
    part, rest = right + wrong, counts - right - wrong
    np.testing.assert_allclose(
        _figures(part + rest, right + (correct - right)), _figures(counts, correct), atol=0
    )


@pytest.mark.parametrize("path", PATHS)
def test_limiting_cases(path) -> None:  # type: ignore[no-untyped-def]
    rng = np.random.default_rng(0)
    same = np.full((4, 6, 3), 5)
    right = rng.binomial(same, 0.4)
    assert path(same, right, 1).selection.value == pytest.approx(0.0, abs=1e-9)
    one = np.zeros((4, 6, 3), int)
    one[..., 1] = 5
    assert path(one, np.minimum(right, one), 1).selection.value == pytest.approx(0.0, abs=1e-9)
    alone = path(same[:, :1], right[:, :1], 1)
    assert math.isnan(alone.selection.low)
    assert set(alone.to_dict()) >= {"basis", "selection", "improvement", "gain"}


def test_a_training_log_gets_the_adjusted_path() -> None:
    """Windows of 32 completions a problem span epochs there, and swallow a transition at the start."""
    rng = np.random.default_rng(9)
    ease, steps, problems = rng.normal(0, 1.5, 96), 96, 96
    time = np.linspace(0, 1, steps)[:, None]
    first = 1 / (1 + np.exp(-(-1.5 + 0.8 * ease + 5 * (1 - np.exp(-6 * time)))))
    shares = np.stack([first, 1 - first], axis=2)
    accuracy = 1 / (1 + np.exp(-(ease[None, :, None] + 0.6 * time[..., None] + np.array([0.4, -0.4]))))
    truth = (np.diff(shares, axis=0) * (accuracy[1:] + accuracy[:-1]) / 2).sum(axis=(0, 2)).mean()
    counts = np.zeros((steps, problems, 2), dtype=np.int64)
    for step in range(steps):
        rows = (np.arange(24) + 24 * step) % problems
        drawn = rng.binomial(16, first[step, rows])
        counts[step, rows] = np.stack([drawn, 16 - drawn], axis=1)
    correct = rng.binomial(counts, accuracy)
    found = within_problem_path(counts, correct)
    assert found.basis is Basis.ADJUSTED
    assert found.selection.low <= truth <= found.selection.high
    coarse = within_problem_path(counts, correct, 16)
    assert coarse.selection.value < 0.75 * truth
    assert "what moved inside it is not counted" in coarse.notes[-1]
