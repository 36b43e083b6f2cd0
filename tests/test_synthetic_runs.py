"""The five seeded runs, whose truth is known without sampling, read as a user's run would be."""

from __future__ import annotations

import pytest
from golden_values import SCENARIOS, golden, synthetic_run

from echoformat.measure.decompose import Basis, confounding, pooled_path, within_problem_path

TRUTH = golden("g9_synthetic_runs")["scenarios"]
WINDOWS = golden("g9b_path_windows")["scenarios"]
WITHIN = [name for name in SCENARIOS if name in WINDOWS]


@pytest.mark.parametrize("name", WITHIN)
@pytest.mark.parametrize("window", [4, None])
def test_within_problem_selection(name: str, window: int | None) -> None:
    run, band = synthetic_run(name), WINDOWS[name]["window_4"]
    path = within_problem_path(run.counts, run.correct, window)
    assert path.basis is Basis.WITHIN
    assert path.window == 4
    assert abs(path.selection.value - band["truth_same_windows"]) <= 2.5 * band["sd"]
    assert path.selection.low <= band["truth_same_windows"] <= path.selection.high


@pytest.mark.parametrize("name", SCENARIOS)
def test_single_checkpoint_windows(name: str) -> None:
    run, truth = synthetic_run(name), TRUTH[name]
    band = truth["sample_bands_40_seeds"]
    path = within_problem_path(run.counts, run.correct, 1)
    wanted = truth["csv_seed0_point_estimates"]["within_problem_path_selection_fill"]
    assert path.selection.value == pytest.approx(wanted, abs=1e-12)
    pooled = pooled_path(run.counts, run.correct, 1).selection.value
    assert abs(pooled - truth["pooled_path_selection"]) <= 2.5 * band["pooled_path_selection"]["sd"]
    gain = truth["acc_final"] - truth["acc_base"]
    assert abs(path.gain.value - gain) <= 2.5 * band["acc_gain"]["sd"]


def test_improvement_is_positive_although_the_pooled_one_is_negative() -> None:
    run = synthetic_run("small_kl0")
    within = within_problem_path(run.counts, run.correct)
    assert within.improvement.low > 0
    assert pooled_path(run.counts, run.correct, 1).improvement.value < 0
    assert confounding(run.counts, run.correct).shift.low > 0


def test_nothing_is_selected_without_an_advantage() -> None:
    run = synthetic_run("no_advantage")
    for window in (1, 4, 8, None):
        selection = within_problem_path(run.counts, run.correct, window).selection
        assert selection.low <= 0 <= selection.high
