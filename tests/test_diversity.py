"""Diversity against golden values, against each other, and at their limits."""

from __future__ import annotations

import itertools
import json
import math
from decimal import Decimal, localcontext
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from echoformat.errors import UsageError
from echoformat.measure import diversity, entropy

GOLDEN = json.loads((Path(__file__).parent / "golden" / "g1_diversity.json").read_text())
SMALL = json.loads((Path(__file__).parent / "golden" / "g6_within_between.json").read_text())[
    "small_G_bias_exact"
]

COUNTED = {
    "gini_simpson_unbiased": diversity.gini_simpson_unbiased,
    "miller_madow": diversity.miller_madow,
    "chao_wang_jost": diversity.chao_wang_jost,
    "chao_shen": diversity.chao_shen,
    "grassberger_2003": diversity.grassberger,
    "zhang_2012": diversity.zhang,
}
SHARED = {
    "H_nats": diversity.entropy_nats,
    "H_bits": diversity.entropy_bits,
    "D0": lambda q: diversity.hill(q, 0),
    "D1": diversity.effective_number,
    "D2": lambda q: diversity.hill(q, 2),
    "Dinf": lambda q: diversity.hill(q, math.inf),
    "dominant_share_BP": diversity.dominant_share,
    "HHI": diversity.hhi,
}

counts_of_problems = arrays(
    np.int64, st.tuples(st.integers(1, 12), st.integers(1, 6)), elements=st.integers(0, 9)
).filter(lambda array: array.sum() > 0)


@pytest.mark.parametrize("name", GOLDEN["cases"])
@pytest.mark.parametrize("measure", SHARED)
def test_shares_golden(name: str, measure: str) -> None:
    case = GOLDEN["cases"][name]
    value = SHARED[measure](diversity.shares_of(case["counts"]))
    assert float(value) == pytest.approx(case[measure], abs=1e-9)
    assert math.copysign(1, value) == 1


@pytest.mark.parametrize("name", GOLDEN["cases"])
@pytest.mark.parametrize("measure", COUNTED)
def test_counts_golden(name: str, measure: str) -> None:
    case = GOLDEN["cases"][name]
    assert float(COUNTED[measure](case["counts"])) == pytest.approx(case[measure], abs=1e-9)


@pytest.mark.parametrize("name", GOLDEN["cases"])
def test_normalised_golden(name: str) -> None:
    case = GOLDEN["cases"][name]
    value = diversity.normalised_entropy(diversity.shares_of(case["counts"]), declared=case["K_declared"])
    assert float(value) == pytest.approx(case["H_norm"], abs=1e-9)


def test_divergence_golden() -> None:
    case = GOLDEN["divergence"]
    base, now = case["p_base"], case["p_now"]
    assert diversity.kl_divergence(now, base) == pytest.approx(case["KL_now_base_nats"], abs=1e-9)
    assert diversity.kl_divergence(base, now) == pytest.approx(case["KL_base_now_nats"], abs=1e-9)
    assert diversity.jensen_shannon(base, now) == pytest.approx(case["JS_nats"], abs=1e-9)
    assert diversity.total_variation(base, now) == pytest.approx(case["TV"], abs=1e-9)
    assert diversity.clr_drift(base, now) == pytest.approx(case["clr_drift"], abs=1e-9)
    assert diversity.aitchison_distance(base, now) == pytest.approx(case["aitchison_distance"], abs=1e-9)
    zero = case["zero_case"]
    assert diversity.kl_divergence(zero["p_now"], base) == pytest.approx(zero["KL_now_base_nats"], abs=1e-9)
    assert diversity.kl_divergence(base, zero["p_now"]) == math.inf
    assert diversity.jensen_shannon(zero["p_now"], base) == pytest.approx(zero["JS_nats"], abs=1e-9)
    assert diversity.total_variation(zero["p_now"], base) == pytest.approx(zero["TV"], abs=1e-9)


def test_delta_logit_golden() -> None:
    case = GOLDEN["haldane_anscombe"]
    change = diversity.delta_logit(case["n0"], case["n1"])
    assert change.value == pytest.approx(case["delta_logit"], abs=1e-9)
    assert change.variance == pytest.approx(case["var_delta"], abs=1e-9)
    inflated = diversity.delta_logit(case["n0"], case["n1"], design_effect=3.1)
    assert inflated.variance == pytest.approx(3.1 * change.variance)


@pytest.mark.parametrize("model", ["selection_coefficient_discrete", "selection_coefficient_npg"])
def test_selection_golden(model: str) -> None:
    case = GOLDEN[model]
    path = np.array(case["trajectory"])
    fit = diversity.selection_coefficients(path, np.arange(len(path)))
    assert fit.value == pytest.approx([*case["s_vs_last"], 0.0], abs=1e-9)
    assert fit.standard_error == pytest.approx(0.0, abs=1e-9)
    assert fit.reference == 2 and fit.used == (9, 9, 9)


def test_entropy_path_and_efficacy() -> None:
    discrete = GOLDEN["selection_coefficient_discrete"]
    assert diversity.entropy_nats(discrete["trajectory"]) == pytest.approx(discrete["entropy_path"], abs=1e-9)
    gradient = GOLDEN["selection_coefficient_npg"]
    efficacy = diversity.selection_efficacy([*gradient["s_vs_last"], 0.0], gradient["a"])
    assert efficacy.slope == pytest.approx(gradient["eta"], abs=1e-9)


def test_selection_from_counts_recovers_the_rate() -> None:
    draw = np.random.default_rng(5)
    steps = np.arange(40)
    odds = 0.25 * np.exp(0.12 * steps)
    now = draw.binomial(400, odds / (1 + odds))
    fit = diversity.selection_coefficients(np.stack([now, 400 - now], axis=1), steps, pseudo_count=0.5)
    assert abs(fit.value[0] - 0.12) < 4 * fit.standard_error[0]
    assert fit.standard_error[0] < 0.005


@pytest.mark.parametrize("row", SMALL, ids=lambda row: f"{row['p'][0]}-{row['G']}")
def test_small_sample_bias_by_enumeration(row: dict[str, Any]) -> None:
    """Every count table of G completions, weighted by its chance: the exact bias of each estimator."""
    group, p = row["G"], np.array(row["p"])
    tables = np.array([(a, b, group - a - b) for a in range(group + 1) for b in range(group + 1 - a)])
    log_chance = math.lgamma(group + 1) - np.array([sum(math.lgamma(n + 1) for n in t) for t in tables])
    chance = np.exp(log_chance + tables @ np.log(p))
    assert chance.sum() == pytest.approx(1)
    measures = {
        "plugin": lambda n: entropy.plugin_entropy(diversity.shares_of(n)),
        "miller_madow": diversity.miller_madow,
        "grassberger03": diversity.grassberger,
        "zhang": diversity.zhang,
        "chao_wang_jost": diversity.chao_wang_jost,
        "chao_shen": diversity.chao_shen,
    }
    for name, measure in measures.items():
        assert chance @ measure(tables) - row["H_true"] == pytest.approx(row["bias"][name], abs=1e-9), name
    unbiased = chance @ diversity.gini_simpson_unbiased(tables)
    assert unbiased == pytest.approx(row["gini_simpson_true"], abs=1e-12)


@pytest.mark.parametrize(
    ("n", "once", "twice"), [(8, 2, 1), (50, 7, 3), (400, 40, 9), (1000, 2, 0), (300, 1, 1)]
)
def test_the_unseen_part_in_sixty_digits(n: int, once: int, twice: int) -> None:
    counts = [1] * once + [2] * twice
    counts.append(n - sum(counts))
    with localcontext() as context:
        context.prec = 60
        share = Decimal(2 * twice) / ((n - 1) * once + 2 * twice)
        if not twice:
            share = Decimal(2) / ((n - 1) * (once - 1) + 2)
        rest = 1 - share
        tail = -share.ln() - sum(rest**r / r for r in range(1, n))
        wanted = Decimal(once) / n * rest ** (1 - n) * tail
    found = diversity.chao_wang_jost(counts) - diversity.zhang(counts)
    assert float(found) == pytest.approx(float(wanted), rel=1e-10, abs=1e-14)


def test_jackknife_equals_the_loop() -> None:
    counts = np.random.default_rng(3).integers(0, 5, (30, 4))
    total = counts.sum(axis=0)
    whole = float(diversity.entropy_nats(total / total.sum()))
    left = [total - row for row in counts if row.any()]
    without = np.array([float(diversity.entropy_nats(rest / rest.sum())) for rest in left])
    problems = len(left)
    value, variance, used = entropy.jackknife(counts)
    assert used == problems
    assert value == pytest.approx(problems * whole - (problems - 1) * without.mean(), abs=1e-12)
    assert variance == pytest.approx((problems - 1) / problems * ((without - without.mean()) ** 2).sum())


@given(counts_of_problems, st.randoms())
def test_order_does_not_matter(counts: np.ndarray, random: object) -> None:
    formats = np.random.default_rng(random.randrange(2**32)).permutation(counts.shape[1])  # type: ignore[attr-defined]
    problems = np.random.default_rng(1).permutation(counts.shape[0])
    mixed = counts[problems][:, formats]
    plain, other = counts.sum(axis=0), mixed.sum(axis=0)
    for measure in (*COUNTED.values(),):
        assert measure(plain) == pytest.approx(measure(other), abs=1e-9, nan_ok=True)
    assert diversity.jackknife_entropy(counts) == pytest.approx(diversity.jackknife_entropy(mixed), abs=1e-9)


@given(counts_of_problems)
def test_a_format_without_completions_changes_nothing(counts: np.ndarray) -> None:
    wider = np.concatenate([counts, np.zeros((len(counts), 1), dtype=np.int64)], axis=1)
    for measure in COUNTED.values():
        one, other = measure(counts.sum(axis=0)), measure(wider.sum(axis=0))
        assert one == pytest.approx(other, abs=1e-12, nan_ok=True)
    assert diversity.jackknife_entropy(counts) == pytest.approx(diversity.jackknife_entropy(wider), abs=1e-12)


@given(counts_of_problems)
def test_duplicated_logs_keep_shares_and_entropy(counts: np.ndarray) -> None:
    once = diversity.shares_of(counts.sum(axis=0))
    twice = diversity.shares_of(np.concatenate([counts, counts]).sum(axis=0))
    assert once == pytest.approx(twice, abs=1e-15)
    assert diversity.entropy_nats(once) == pytest.approx(diversity.entropy_nats(twice), abs=1e-15)


@given(counts_of_problems)
def test_bounds_and_order_of_hill_numbers(counts: np.ndarray) -> None:
    shares = diversity.shares_of(counts.sum(axis=0))
    numbers = [float(diversity.hill(shares, q)) for q in (0, 0.5, 1, 2, 5, math.inf)]
    assert all(a >= b - 1e-9 for a, b in itertools.pairwise(numbers))
    assert numbers[-1] >= 1 - 1e-9 and numbers[0] <= counts.shape[1]
    assert 0 <= float(diversity.entropy_nats(shares)) <= math.log(counts.shape[1]) + 1e-12
    assert float(diversity.jensen_shannon(shares, shares)) == 0
    assert float(diversity.kl_divergence(shares, shares)) == 0


def test_all_mass_on_one_and_all_equal() -> None:
    assert str(float(diversity.entropy_nats([0.0, 1.0]))) == "0.0"
    assert str(float(diversity.zhang([7, 0]))) == "0.0"
    assert float(diversity.effective_number(np.full(5, 0.2))) == pytest.approx(5)
    assert float(diversity.normalised_entropy([1.0])) == 0
    assert float(diversity.jackknife_entropy([[8, 0], [8, 0]])) == 0


def test_one_problem_and_one_completion_a_problem() -> None:
    assert float(diversity.jackknife_entropy([[3, 1]])) == pytest.approx(
        float(diversity.entropy_nats([0.75, 0.25]))
    )
    singles = np.eye(3, dtype=np.int64)[[0, 0, 0, 1, 1, 2]]
    assert math.isfinite(float(diversity.jackknife_entropy(singles)))
    assert math.isnan(float(diversity.gini_simpson_unbiased([1, 0])))


def test_empty_rows_are_ignored_or_nan() -> None:
    run = np.array([[[4, 0], [0, 0], [1, 3]], [[0, 0], [0, 0], [0, 0]]])
    full = np.array([[4, 0], [1, 3]])
    by_step = diversity.jackknife_entropy(run)
    assert by_step[0] == pytest.approx(float(diversity.jackknife_entropy(full)))
    assert math.isnan(by_step[1])
    assert np.isnan(diversity.entropy_nats(diversity.shares_of(run.sum(axis=1)))[1])


def test_mistakes_are_named() -> None:
    with pytest.raises(UsageError, match="sum to one"):
        diversity.entropy_nats([0.5, 0.6])
    with pytest.raises(UsageError, match="not negative"):
        diversity.zhang([-1, 3])
    with pytest.raises(UsageError, match="same formats"):
        diversity.total_variation([1.0], [0.5, 0.5])
    with pytest.raises(UsageError, match="above 0"):
        diversity.clr_drift([1.0, 0.0], [0.5, 0.5])
    with pytest.raises(UsageError, match="declared=2"):
        diversity.normalised_entropy([0.5, 0.25, 0.25], declared=2)
    with pytest.raises(UsageError, match="reference=7"):
        diversity.selection_coefficients([[0.5, 0.5]], [0], reference=7)
