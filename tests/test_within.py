"""Within formats: golden splits, diversity over problems, and texts at equal numbers."""

from __future__ import annotations

import itertools
import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from study_runs import GOLDEN_FOLDER, synthetic

from echoformat.errors import UsageError
from echoformat.measure import within as measure

GOLDEN = json.loads((GOLDEN_FOLDER / "g6_within_between.json").read_text())
G9 = json.loads((GOLDEN_FOLDER / "g9_synthetic_runs.json").read_text())["scenarios"]


def test_chain_rule_golden() -> None:
    """Every text of the golden policy once, weighted by its probability: the split is exact."""
    case = GOLDEN["chain_rule"]
    chance = [q * p for q, inside in zip(case["q_format"], case["within"], strict=True) for p in inside]
    labels = [f for f, inside in enumerate(case["within"]) for _ in inside]
    found = measure.chain_rule(np.log(chance), labels, 3, weights=chance)
    assert found.total == pytest.approx(case["H_Y"], abs=1e-9)
    assert found.between == pytest.approx(case["H_F"], abs=1e-9)
    assert found.within == pytest.approx(case["H_Y_given_F"], abs=1e-9)
    assert found.per_format == pytest.approx(case["per_format_h"], abs=1e-9)
    assert found.shares @ found.per_format == pytest.approx(found.within)


def test_chain_rule_from_samples() -> None:
    case = GOLDEN["chain_rule"]
    chance = np.array(
        [q * p for q, inside in zip(case["q_format"], case["within"], strict=True) for p in inside]
    )
    labels = np.array([f for f, inside in enumerate(case["within"]) for _ in inside])
    drawn = np.random.default_rng(1).choice(len(chance), 200_000, p=chance)
    found = measure.chain_rule(np.log(chance[drawn]), labels[drawn], 4)
    assert found.within == pytest.approx(case["H_Y_given_F"], abs=0.01)
    assert math.isnan(found.per_format[3])


def test_entropy_shift_share_golden() -> None:
    case = GOLDEN["entropy_shift_share"]
    found = measure.entropy_shift_share(case["q0"], case["h0_nats_per_completion"], case["q1"], case["h1"])
    assert found.total == pytest.approx(case["delta_H_total"], abs=1e-9)
    assert found.between == pytest.approx(case["delta_between_H_F"], abs=1e-9)
    assert found.composition == pytest.approx(case["composition"], abs=1e-9)
    assert found.narrowing == pytest.approx(case["narrowing"], abs=1e-9)
    assert found.narrowing_fraction == pytest.approx(case["narrowing_fraction_of_total"], abs=1e-9)
    assert found.by_format.sum(axis=0) == pytest.approx([found.composition, found.narrowing])


def test_entropy_shift_share_of_tokens_and_of_a_format_that_dies() -> None:
    tokens = measure.entropy_shift_share([0.5, 0.5], [0.2, 0.6], [0.9, 0.1], [0.2, 0.6], token_entropy=True)
    assert (tokens.between, tokens.narrowing) == (0.0, 0.0)
    assert tokens.total == pytest.approx(-0.16)
    dead = measure.entropy_shift_share([0.5, 0.5], [20, 40], [1.0, 0.0], [20, math.nan])
    assert dead.narrowing == 0.0 and dead.composition == pytest.approx(-10)


@pytest.mark.parametrize("order", [1, 2])
def test_partition_golden(order: int) -> None:
    case = GOLDEN["alpha_beta_gamma"]
    found = measure.partition(case["per_prompt_shares"], order)
    wanted = [case[f"{name}_q{order}"] for name in ("alpha", "beta", "gamma")]
    assert [found.alpha, found.beta, found.gamma] == pytest.approx(wanted, abs=1e-9)
    if order == 1:
        assert found.information_nats == pytest.approx(case["mutual_information_nats"], abs=1e-9)


@pytest.mark.parametrize("name", GOLDEN["collapse_types"])
def test_collapse_types_golden(name: str) -> None:
    case = GOLDEN["collapse_types"][name]
    found = measure.partition(case["shares"])
    assert [found.alpha, found.beta, found.gamma] == pytest.approx(
        [case["alpha"], case["beta"], case["gamma"]], abs=1e-9
    )


def test_partition_unbiased_equals_the_pairs() -> None:
    counts = np.random.default_rng(2).integers(0, 5, (7, 3))
    found = measure.partition_unbiased(counts)
    kept = counts[counts.sum(axis=1) > 1]
    labels = [np.repeat(np.arange(3), row) for row in kept]
    inside = [np.mean([a != b for a, b in itertools.permutations(own, 2)]) for own in labels]
    across = [np.mean([a != b for a in one for b in two]) for one, two in itertools.combinations(labels, 2)]
    assert found.alpha.point == pytest.approx(np.mean(inside), abs=1e-12)
    assert found.gamma.point == pytest.approx(np.mean(across), abs=1e-12)


def test_partition_unbiased_has_no_bias_where_the_plugin_invents_specialisation() -> None:
    draw = np.random.default_rng(4)
    shares = np.array([0.6, 0.25, 0.15])
    found = [measure.partition_unbiased(draw.multinomial(8, shares, size=40)) for _ in range(300)]
    assert np.mean([each.alpha.point for each in found]) == pytest.approx(1 - (shares**2).sum(), abs=0.005)
    assert np.mean([each.numbers.beta for each in found]) == pytest.approx(1, abs=0.01)
    covered = [each.alpha.low <= 0.555 <= each.alpha.high for each in found]
    assert np.mean(covered) >= 0.92
    plugin = measure.partition(draw.multinomial(8, shares, size=4000) / 8)
    case = next(row for row in GOLDEN["fake_specialisation"] if row["G"] == 8)
    assert plugin.beta == pytest.approx(case["beta_q1_plugin"], abs=0.01)


def test_specialisation_and_its_null() -> None:
    draw = np.random.default_rng(6)
    alike = measure.specialisation(draw.multinomial(8, [0.6, 0.25, 0.15], size=200), seed=1)
    assert alike.p_value > 0.01 and alike.information_nats < 0.05 < alike.plugin_nats
    assert alike.null_nats == pytest.approx(alike.plugin_nats, abs=0.03)
    own = draw.dirichlet([0.6, 0.25, 0.15], size=200)
    apart = measure.specialisation(draw.multinomial(8, own), seed=1)
    assert apart.p_value < 0.01 and apart.partition.beta > 1.3 and 0 < apart.fraction < 1
    assert measure.specialisation([[3, 0], [5, 0]]).information_nats == 0.0


def test_synthetic_run_alpha() -> None:
    counts, truth = synthetic("small_kl0"), G9["small_kl0"]
    base, final = (measure.partition_unbiased(counts[step]).alpha for step in (0, -1))
    band = truth["sample_bands_40_seeds"].get("gini_alpha_q2_base", {"sd": 0.015})
    assert base.point == pytest.approx(truth["gini_alpha_q2_base"], abs=2.5 * band["sd"])
    assert final.point == pytest.approx(truth["gini_alpha_q2_final"], abs=1e-6)


def test_variant_entropy_sees_the_winner_narrow() -> None:
    draw = np.random.default_rng(9)
    wide = measure.variant_entropy(draw.multinomial(8, [0.4, 0.3, 0.3], size=100))
    narrow = measure.variant_entropy(draw.multinomial(8, [0.96, 0.02, 0.02], size=100))
    assert narrow.high < wide.low


def test_lexical_golden() -> None:
    case = GOLDEN["lexical"]
    texts = case["texts"]
    assert measure.distinct_n(texts, 1) == pytest.approx(case["distinct_1"], abs=1e-9)
    assert measure.distinct_n(texts, 2) == pytest.approx(case["distinct_2"], abs=1e-9)
    assert measure.compression_ratio(texts) == pytest.approx(case["zlib9_ratio"], abs=1e-9)
    assert measure.self_bleu(texts) == pytest.approx(case["self_bleu_sacrebleu"], abs=1e-9)


def test_vendi_golden() -> None:
    case = GOLDEN["vendi"]
    pair = measure.vendi_score([[1, 0.5], [0.5, 1]])
    assert pair == pytest.approx(case["two_items_similarity_0.5"], abs=1e-9)
    blocks = np.kron(np.eye(3), np.ones((4, 4)))
    assert measure.vendi_score(blocks) == pytest.approx(case["three_blocks_of_4"], abs=1e-9)


def test_text_diversity_is_measured_at_equal_numbers() -> None:
    draw = np.random.default_rng(3)
    words = [f"w{i}" for i in range(400)]
    varied = [" ".join(draw.choice(words, 30)) for _ in range(200)]
    same = ["the same few words again and again"] * 40
    few = ["one", "two"]
    labels = [0] * 200 + [1] * 40 + [2] * 2
    found = measure.text_diversity(varied + same + few, labels, 4, size=30)
    assert found.texts == 30
    assert found.distinct_2[0] > 0.9 > 0.1 > found.distinct_2[1]
    assert found.compression[1] > 5 * found.compression[0]
    assert found.self_bleu[1] == pytest.approx(100) and found.self_bleu[0] < 10
    assert np.isnan(found.distinct_1[2:]).all()
    again = measure.text_diversity(varied + same + few, labels, 4, size=30)
    assert again.self_bleu[0] == found.self_bleu[0]


def test_odd_texts() -> None:
    odd = ["", "\x00\ud800", "   ", "a" * 5000]
    assert 0 < measure.compression_ratio(odd) < 1000
    assert math.isnan(measure.distinct_n(["", " "], 1))
    assert math.isfinite(measure.self_bleu(odd))


counts_of_problems = arrays(
    np.int64, st.tuples(st.integers(2, 8), st.integers(1, 4)), elements=st.integers(0, 6)
).filter(lambda array: (array.sum(axis=1) > 1).sum() > 1)


@given(counts_of_problems, st.integers(0, 99))
def test_order_and_empty_formats_do_not_matter(counts: np.ndarray, seed: int) -> None:
    draw = np.random.default_rng(seed)
    mixed = counts[draw.permutation(len(counts))][:, draw.permutation(counts.shape[1])]
    one, other = (
        measure.partition_unbiased(counts),
        measure.partition_unbiased(np.pad(mixed, ((0, 2), (0, 1)))),
    )
    assert one.alpha.point == pytest.approx(other.alpha.point, abs=1e-12)
    assert one.gamma.point == pytest.approx(other.gamma.point, abs=1e-12)
    assert one.alpha.low == pytest.approx(other.alpha.low, abs=1e-9)
    assert -1e-12 <= one.alpha.point <= 1 and 0 <= one.alpha.low <= one.alpha.high <= 1
    found = measure.specialisation(counts, permutations=5)
    assert found.information_nats >= 0 and found.partition.beta >= 1 - 1e-9


@given(
    arrays(np.float64, 3, elements=st.floats(0.01, 1)),
    arrays(np.float64, 3, elements=st.floats(0.01, 1)),
    arrays(np.float64, (2, 3), elements=st.floats(0, 50)),
)
def test_shift_parts_add_up(q0: np.ndarray, q1: np.ndarray, h: np.ndarray) -> None:
    q0, q1 = q0 / q0.sum(), q1 / q1.sum()
    found = measure.entropy_shift_share(q0, h[0], q1, h[1])
    back = measure.entropy_shift_share(q1, h[1], q0, h[0])

    def entropy(q: np.ndarray) -> float:
        return float(-(q * np.log(q)).sum())

    assert found.total == pytest.approx(entropy(q1) - entropy(q0) + q1 @ h[1] - q0 @ h[0], abs=1e-9)
    assert (back.composition, back.narrowing) == pytest.approx(
        (-found.composition, -found.narrowing), abs=1e-9
    )


def test_mistakes_are_named() -> None:
    with pytest.raises(UsageError, match="at most 0"):
        measure.chain_rule([0.5], [0], 1)
    with pytest.raises(UsageError, match="format 1 has a share"):
        measure.entropy_shift_share([0.5, 0.5], [1, math.nan], [0.5, 0.5], [1, math.nan])
    with pytest.raises(UsageError, match="order=3"):
        measure.partition([[1.0]], 3)
    with pytest.raises(UsageError, match="two problems"):
        measure.partition_unbiased([[1, 0], [0, 1]])
    with pytest.raises(UsageError, match="whole completions"):
        measure.specialisation([[0.5, 0.5]])
    with pytest.raises(UsageError, match="compares texts"):
        measure.self_bleu(["one"])
    with pytest.raises(UsageError, match="symmetric"):
        measure.vendi_score([[1, 0.5], [0.1, 1]])
