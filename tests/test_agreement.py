"""Label quality: golden agreement, calibration, abstention under shifted shares, segments."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score
from study_runs import GOLDEN_FOLDER

from echoformat.errors import UsageError
from echoformat.measure import agreement as measure

GOLDEN = json.loads((GOLDEN_FOLDER / "g8_labels.json").read_text())


@pytest.mark.parametrize("name", GOLDEN["agreement"])
def test_agreement_golden(name: str) -> None:
    case = GOLDEN["agreement"][name]
    found = measure.agreement_of_table(case["table"])
    assert found.percent == pytest.approx(case["percent_agreement"], abs=1e-9)
    assert found.kappa == pytest.approx(case["cohen_kappa"], abs=1e-9)
    assert found.alpha == pytest.approx(case["krippendorff_alpha"], abs=1e-9)
    assert found.ac1 == pytest.approx(case["gwet_AC1"], abs=1e-9)
    assert found.recall == pytest.approx(case["per_class_recall_of_rater2_vs_1"], abs=1e-9)


def test_krippendorff_with_gaps_golden() -> None:
    case = GOLDEN["krippendorff_missing"]
    ratings = np.array(case["ratings(coder x unit, nan missing)"], dtype=float)
    assert measure.krippendorff_alpha(ratings) == pytest.approx(case["alpha"], abs=1e-9)


def test_ece_golden() -> None:
    case = GOLDEN["ece"]
    assert measure.ece(case["conf"], case["correct"]) == pytest.approx(case["ece_10_equal_width"], abs=1e-9)


def test_novel_format_golden() -> None:
    case = GOLDEN["novel_format"]
    found = measure.novel_format(
        case["unknown"],
        case["n"],
        case["abstain_rate_known_formats"],
        detection=case["abstain_rate_on_novel(if estimable)"],
    )
    assert found.p_value == pytest.approx(case["p_value_exact_binomial"], rel=1e-9)
    assert found.share == pytest.approx(case["novel_share_point"], abs=1e-9)
    assert found.share_low == pytest.approx(case["novel_share_lower_bound_det=1"], abs=1e-9)
    assert found.alarm_count == case["count_needed_for_p<=1e-3"]


def test_segments_golden() -> None:
    case = GOLDEN["segments"]
    names = ["nl", "code"]
    characters = np.zeros((len(case["completions"]), 2))
    for row, completion in zip(characters, case["completions"], strict=True):
        for name, length in completion:
            row[names.index(name)] += length
    found = measure.segment_shares(characters)
    for index, name in enumerate(names):
        assert found.completions[index] == pytest.approx(case["share_mean_of_completions"][name], abs=1e-9)
        assert found.characters[index] == pytest.approx(case["share_chars_pooled"][name], abs=1e-9)
        assert found.majority[index] == pytest.approx(case["share_majority_label"][name], abs=1e-9)
    assert found.gini == pytest.approx(case["within_completion_gini_simpson"], abs=1e-9)
    assert found.hybrid == 0.5


def test_segmentation_golden() -> None:
    case = GOLDEN["segmentation_agreement"]
    pair = case["masses_a"], case["masses_b"]
    assert measure.window_difference(*pair) == pytest.approx(case["window_diff"])
    assert measure.boundary_similarity(*pair) == pytest.approx(case["boundary_similarity"])
    assert measure.boundary_similarity([5], [5]) == 1.0
    assert measure.window_difference([5, 5], [5, 5]) == 0.0


def cloud(draw: np.random.Generator, shares: list[float], size: int) -> tuple[np.ndarray, np.ndarray]:
    """Posteriors of three formats on a line, the first rare and hard; the prior is the base's."""
    true = draw.choice(3, size, p=shares)
    x = draw.normal(np.array([0.0, 1.5, 4.0])[true], 1.0)
    density = np.exp(-((x[:, None] - np.array([0.0, 1.5, 4.0])) ** 2) / 2) * np.array([0.05, 0.35, 0.60])
    return true, density / density.sum(axis=1, keepdims=True)


def test_class_thresholds_survive_shifted_shares_and_the_marginal_one_does_not() -> None:
    draw = np.random.default_rng(3)
    true, posteriors = cloud(draw, [0.05, 0.35, 0.60], 8000)
    own = measure.class_thresholds(posteriors, true)
    common = measure.marginal_threshold(posteriors, true)
    coverage = {}
    for name, shares in GOLDEN["conformal_prior_shift"]["priors"].items():
        labels, seen = cloud(draw, shares, 20_000)
        rows = np.arange(len(labels))
        coverage[name] = [
            measure.prediction_sets(seen, limit)[rows, labels].mean() for limit in (own, np.full(3, common))
        ]
    assert min(mondrian for mondrian, _ in coverage.values()) >= 0.88
    assert coverage["shift_code"][1] <= 0.60
    assert coverage["base"][1] >= 0.89


def test_selective_labels_abstain_where_sets_are_not_single() -> None:
    draw = np.random.default_rng(5)
    true, posteriors = cloud(draw, [1 / 3] * 3, 6000)
    labels = measure.selective_labels(posteriors, measure.class_thresholds(posteriors, true))
    certain = labels >= 0
    plain = posteriors.argmax(axis=1)
    assert 0.2 < certain.mean() < 1
    assert (labels[certain] == true[certain]).mean() > (plain == true).mean()


def test_temperature_mends_over_confidence() -> None:
    draw = np.random.default_rng(7)
    true, posteriors = cloud(draw, [0.05, 0.35, 0.60], 4000)
    sharp = measure.with_temperature(posteriors, 1 / 2.5)
    assert measure.temperature(sharp, true) == pytest.approx(2.5, rel=0.1)
    mended = measure.with_temperature(sharp, measure.temperature(sharp, true))

    def error(p: np.ndarray) -> float:
        return measure.ece(p.max(axis=1), p.argmax(axis=1) == true)

    assert error(mended) < 0.02 < error(sharp)
    assert measure.classwise_calibration_error(mended, true).max() < 0.03


def test_re_prior_calibrates_under_shifted_shares() -> None:
    draw = np.random.default_rng(8)
    true, posteriors = cloud(draw, [0.97, 0.02, 0.01], 6000)
    moved = measure.re_prior(posteriors, [0.05, 0.35, 0.60], [0.97, 0.02, 0.01])

    def error(p: np.ndarray) -> float:
        return measure.ece(p.max(axis=1), p.argmax(axis=1) == true)

    assert error(moved) < 0.02 < error(posteriors)


labels = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=2, max_size=60)


@given(labels)
def test_kappa_equals_scikit_learn_and_alpha_is_between(pairs: list[tuple[int, int]]) -> None:
    one, two = zip(*pairs, strict=True)
    found = measure.agreement(one, two, 4)
    if len({*one, *two}) > 1:
        assert found.kappa == pytest.approx(cohen_kappa_score(one, two), abs=1e-9)
        general = measure.krippendorff_alpha([one, two])
        assert found.alpha == pytest.approx(general, abs=1e-9)
    swapped = measure.agreement(two, one, 4)
    assert swapped.alpha == pytest.approx(found.alpha, nan_ok=True)
    assert swapped.recall == pytest.approx(found.precision, nan_ok=True)


@given(labels, st.permutations(range(4)))
def test_names_of_formats_do_not_matter(pairs: list[tuple[int, int]], order: list[int]) -> None:
    one, two = zip(*pairs, strict=True)
    plain = measure.agreement(one, two, 4)
    renamed = measure.agreement([order[i] for i in one], [order[i] for i in two], 4)
    assert renamed.kappa == pytest.approx(plain.kappa, nan_ok=True)
    assert renamed.ac1 == pytest.approx(plain.ac1, nan_ok=True)


def test_one_format_only_has_no_agreement_beyond_chance() -> None:
    found = measure.agreement([0, 0], [0, 0], 2)
    assert found.percent == 1.0 and np.isnan(found.kappa) and np.isnan(found.alpha)
    assert found.ac1 == 1.0
    assert np.isnan(measure.krippendorff_alpha([[0, -1], [-1, 0]]))


def test_mistakes_are_named() -> None:
    with pytest.raises(UsageError, match="same completions"):
        measure.agreement([0], [0, 1], 2)
    with pytest.raises(UsageError, match=r"\[0, 1\]"):
        measure.ece([1.2], [1])
    with pytest.raises(UsageError, match="alpha=2"):
        measure.class_thresholds([[0.5, 0.5]], [0], alpha=2)
    with pytest.raises(UsageError, match="cannot be"):
        measure.novel_format(5, 3, 0.1)
    with pytest.raises(UsageError, match="one text"):
        measure.window_difference([3, 3], [3])
    with pytest.raises(UsageError, match="positive"):
        measure.with_temperature([[0.5, 0.5]], 0)
