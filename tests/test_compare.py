"""Comparing runs: exact tests against worked cases and second routes, metadata, and the synthetic runs."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from golden_values import golden, synthetic_run
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from echoformat.errors import InputError, UsageError
from echoformat.measure.compare import (
    Decoding,
    RunMetadata,
    association_p,
    compare,
    comparison_sets,
    hit_rate,
    hit_rate_power,
    hits_needed,
    jonckheere,
    log_dose,
    minimum_p,
    page,
    read_run_metadata,
    response,
    run_metadata,
    run_outcome,
    slope,
    trend_power,
    winner_matrix,
)

CASES = golden("g5_winner")


def test_jonckheere_golden() -> None:
    case = CASES["jonckheere"]
    found = jonckheere(case["groups_by_decreasing_KL"])
    assert found.statistic == case["J"]
    assert found.p_value == pytest.approx(case["p"], abs=1e-12)
    assert found.exact


@pytest.mark.parametrize("name", CASES["jonckheere_min_p"])
def test_minimum_p_golden(name: str) -> None:
    levels, seeds = (int(word) for word in name.split() if word.isdigit())
    assert minimum_p([seeds] * levels) == pytest.approx(
        CASES["jonckheere_min_p"][name]["min_p_one_sided"], abs=1e-15
    )


@pytest.mark.parametrize("name", CASES["jonckheere_power_alpha05"])
def test_power_golden(name: str) -> None:
    rise, design = name.split(", ")
    levels, seeds = (int(word) for word in design.split() if word.isdigit())
    found = trend_power([seeds] * levels, float(rise.split()[1]))
    assert found == pytest.approx(CASES["jonckheere_power_alpha05"][name], abs=0.02)


@given(st.lists(st.lists(st.integers(0, 3), min_size=1, max_size=2), min_size=2, max_size=3))
@settings(max_examples=25, deadline=None)
def test_jonckheere_with_ties_agrees_with_permutation(groups: list[list[int]]) -> None:
    values, labels = np.concatenate(groups), np.repeat(np.arange(len(groups)), [len(g) for g in groups])

    def score(order: np.ndarray) -> float:
        pairs = [(i, j) for i in range(len(order)) for j in range(len(order)) if labels[i] < labels[j]]
        return sum((order[i] < order[j]) + (order[i] == order[j]) / 2 for i, j in pairs)

    by_hand = stats.permutation_test(
        (values,), score, permutation_type="pairings", alternative="greater", n_resamples=np.inf
    )
    found = jonckheere(groups)
    assert found.statistic == score(values)
    assert found.p_value == pytest.approx(by_hand.pvalue, abs=1e-9)
    assert found.p_value >= found.minimum_p - 1e-12


def test_many_tied_runs_are_drawn_at_random() -> None:
    found = jonckheere([[1, 1, 2, 2, 3], [1, 2, 2, 3, 3], [2, 3, 3, 3, 4]])
    assert not found.exact
    assert 0.001 < found.p_value < 0.1


def test_page_golden_and_second_route() -> None:
    assert page([[1, 2, 3]] * 3).p_value == pytest.approx(
        CASES["page_blocked_3seeds_3levels"]["p"], abs=1e-12
    )
    assert page([[1, 2, 3]] * 3).statistic == CASES["page_blocked_3seeds_3levels"]["L"]
    table = np.random.default_rng(1).normal(size=(4, 4))
    scipy_says = stats.page_trend_test(table, method="exact")
    assert page(table).statistic == scipy_says.statistic
    assert page(table).p_value == pytest.approx(scipy_says.pvalue, abs=1e-12)
    assert page([[1, 1, 2], [1, 2, 2]]).p_value == pytest.approx(1 / 9)
    with pytest.raises(UsageError, match="page needs"):
        page([[1.0]])


@pytest.mark.parametrize("row", CASES["hit_rate"]["table"], ids=lambda row: f"K{row['K']}-{row['runs']}")
def test_hit_rate_golden(row: dict) -> None:  # type: ignore[type-arg]
    runs, formats = row["runs"], row["K"]
    assert hits_needed(runs, formats) == row["min_hits_for_p<=.05"]
    assert hit_rate(runs, runs, formats).p_value == pytest.approx(row["p_if_all_hit"], abs=1e-12)
    power = hit_rate_power(runs, formats, 0.9)
    assert power == pytest.approx(row["power_if_true_hit_rate_.9"], abs=1e-9)


def test_hit_rate_example_golden() -> None:
    case, found = CASES["hit_rate"]["example_7_of_8_K3"], hit_rate(7, 8, 3)
    assert found.p_value == pytest.approx(case["p_one_sided"], abs=1e-12)
    assert (found.low, found.high) == pytest.approx(case["clopper_pearson"], abs=1e-9)
    with pytest.raises(UsageError, match="cannot be scored"):
        hit_rate(3, 2, 3)


def test_kl_sweep_golden() -> None:
    case = golden("g9_synthetic_runs")["kl_sweep"]
    values = [[x] for x in case["delta_logit_code_vs_nominal_.15"]]
    answer = response("delta-logit of code", case["kappa"], values, rises=False)
    assert answer.trend.p_value == pytest.approx(case["exact_one_sided_p"], abs=1e-12)
    assert answer.slope.high < 0
    assert answer.trend.p_value == answer.trend.minimum_p
    wrong_way = response("delta-logit of code", case["kappa"], values, rises=True)
    assert wrong_way.trend.p_value == 1.0


def test_doses_and_slopes() -> None:
    assert log_dose([0.1, 1.0]).tolist() == pytest.approx([-1.0, 0.0])
    assert math.isnan(slope([0, 1], [1.0, 2.0]).low)
    with pytest.raises(UsageError, match="log axis"):
        log_dose([0.0, 0.0])
    with pytest.raises(UsageError, match="two different doses"):
        slope([1, 1], [1.0, 2.0])


def test_association() -> None:
    p, least = association_p(["s"] * 2 + ["m"] * 3, ["a", "a", "b", "b", "b"])
    assert p == least == pytest.approx(0.1)
    assert association_p(["s", "m"], ["a", "a"])[0] == 1.0
    p, _ = association_p(["s"] * 9 + ["m"] * 9, ["a"] * 9 + ["b"] * 9)
    assert p < 0.001


def test_sets_differ_in_one_setting_alone() -> None:
    base = RunMetadata(kl_coefficient=0.0, parameters=100, mixture="u", algorithm="grpo", seed=0)
    runs = {
        "a": base,
        "a1": replace(base, seed=1),
        "b": replace(base, kl_coefficient=0.1),
        "c": replace(base, kl_coefficient=0.1, parameters=200),
        "d": replace(base, algorithm="ei"),
    }
    (kl,) = comparison_sets(runs, "kl_coefficient")
    assert kl.levels == (0.0, 0.1)
    assert kl.runs == (("a", "a1"), ("b",))
    (scale,) = comparison_sets(runs, "parameters")
    assert scale.runs == (("b",), ("c",))
    assert comparison_sets(runs, "mixture") == ()
    with pytest.raises(UsageError, match="did you mean 'mixture'"):
        comparison_sets(runs, "mixtures")


def test_compare_synthetic_runs() -> None:
    names = ("small_kl0", "small_kl_low", "small_kl_high")
    runs = {name: synthetic_run(name) for name in names}
    runs["large_kl0"] = synthetic_run("large_kl0")
    notes = {
        name: RunMetadata(kl_coefficient=kl, parameters=1, mixture="m")
        for name, kl in zip(names, (0.0, 0.02, 0.1), strict=True)
    }
    notes["large_kl0"] = RunMetadata(kl_coefficient=0.0, parameters=10, mixture="m")
    found = compare(runs, notes)
    ((group, moved, spread),) = found.kl
    assert group.runs == tuple((name,) for name in names)
    assert moved.figure == "delta-logit of code"
    assert moved.trend.minimum_p == pytest.approx(1 / 6)
    assert spread.values[2][0] == pytest.approx(1.577, abs=0.07)
    assert found.matrix.cells == ((("code",) * 3,), (("nl",),))
    # The three small runs share a base model.
    assert (found.rules["most_accurate"].hits, found.rules["most_accurate"].runs) == (2, 2)
    assert (found.rules["most_common"].hits, found.rules["most_common"].runs) == (1, 2)
    assert found.to_dict()["matrix"]["rows"] == (1, 10)
    short = run_outcome("x", runs["small_kl0"], until=8)
    assert short.last_step == 8
    assert short.delta_logit["code"] < found.outcomes[0].delta_logit["code"]
    with pytest.raises(UsageError, match="which is no run here"):
        compare(runs, {"small": RunMetadata()})
    with pytest.raises(UsageError, match="has no step up to -1"):
        run_outcome("x", runs["small_kl0"], until=-1)


def test_unscored_runs_and_unlabelled_columns() -> None:
    run = synthetic_run("small_kl0")
    bare = replace(run, correct=None, unlabelled=("nl",))
    found = run_outcome("bare", bare)
    assert found.rivals is None
    assert found.gain is None
    assert "nl" not in found.delta_logit
    assert winner_matrix([found], "kl_coefficient", "algorithm").cells == ((("code",),),)
    assert compare({"bare": bare}).rules == {}


def test_a_run_that_ends_without_formats_is_left_out() -> None:
    run = synthetic_run("small_kl0")
    gone = replace(run, unlabelled=("code",))
    found = compare(
        {"a": run, "b": replace(run, kl_coefficient=0.1), "gone": replace(gone, kl_coefficient=1.0)}
    )
    assert math.isnan(found.outcomes[2].effective_number)
    assert found.outcomes[2].winner_name is None
    assert found.kl == ()
    noted = replace(run, kl_coefficient=0.0)
    found = compare(
        {"a": noted, "b": replace(run, kl_coefficient=0.1), "gone": replace(gone, kl_coefficient=1.0)}
    )
    assert found.kl[0][0].levels == (0.0, 0.1)


def test_runs_toml(tmp_path: Path) -> None:
    path = tmp_path / "runs.toml"
    path.write_text(
        '[defaults]\nalgorithm = "grpo"\ndecoding = "sampled"\n'
        "[runs.a]\nkl_coef = 0\nparameters = 378816\nmixture = { tinygsm = 1, openmath1 = 1 }\nseed = 1\n"
        '[runs."b 0.1"]\nkl_coefficient = 0.1\nalgorithm = "ei"\nmixture = "uniform"\n'
    )
    runs = read_run_metadata(path)
    assert runs["a"].kl_coefficient == 0.0
    assert runs["a"].pretraining == {"openmath1": 0.5, "tinygsm": 0.5}
    assert runs["a"].decoding is Decoding.SAMPLED
    assert (runs["b 0.1"].algorithm, runs["b 0.1"].mixture) == ("ei", "uniform")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[runs.a]\nkl = 'high'\n", "kl_coefficient is 'high'"),
        ("[runs.a]\nparamters = 5\n", "did you mean 'parameters'"),
        ("[runs.a]\nseed = 1.5\n", "whole number"),
        ("[runs.a]\ndecoding = 'greedey'\n", "did you mean 'greedy'"),
        ("[runs.a]\nmixture = 3\n", "mixture is 3"),
        ("[runs.a]\nmixture = { a = 0 }\n", "table of formats and shares"),
        ("[runs]\na = 1\n", "make it a table"),
        ("[run.a]\nseed = 1\n", "did you mean 'runs'"),
        ("seed = \n", "is not TOML"),
        ("", "has no table"),
    ],
)
def test_runs_toml_mistakes(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "runs.toml"
    path.write_text(text)
    with pytest.raises(InputError, match=message) as caught:
        read_run_metadata(path)
    assert "runs.toml" in str(caught.value)


def test_metadata_from_columns() -> None:
    row = {"kl_coef": 0.3, "model_params": 137728, "algo": "grpo", "mixture": {"b": 0.3, "a": 0.7}, "seed": 0}
    found = run_metadata(row)
    assert (found.parameters, found.mixture) == (137728, "a 70% + b 30%")
