"""FormatDiversityReward: off by default, its formulas, its schedule; it keeps a policy from collapsing."""

from __future__ import annotations

import logging
import math
import random
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from echoformat.errors import UsageError
from echoformat.live.reward import FormatDiversityReward, Schedule, entropy_bonus, inverse_share

SCRIPT, BOXED = "ans = 3 * 12\n", "The answer is \\boxed{36}."
GROUP = [SCRIPT, SCRIPT, SCRIPT, BOXED]
labels = st.lists(st.sampled_from(["tinygsm", "boxed_cot", "unknown", None]), max_size=40)


class Never:
    def classify_batch(self, texts: Any) -> Any:
        raise AssertionError("labelled although the weight is 0")


def test_off_by_default_it_labels_nothing() -> None:
    reward = FormatDiversityReward(classifier=Never())  # type: ignore[arg-type]
    assert reward(prompts=["a"] * 4, completions=GROUP) == [0.0] * 4
    assert reward.weights(GROUP, [0] * 4) == [1.0] * 4


def test_rare_formats_of_a_group_are_paid() -> None:
    reward = FormatDiversityReward(2.0)
    assert reward(prompts=["a"] * 4, completions=GROUP) == [0.5, 0.5, 0.5, 1.5]
    chat = [[{"role": "assistant", "content": text}] for text in GROUP]
    prompts = [[{"role": "user", "content": "6 * 6?"}]] * 4
    assert reward(prompts=prompts, completions=chat) == [0.5, 0.5, 0.5, 1.5]


def test_groups_do_not_see_each_other() -> None:
    reward = FormatDiversityReward(1.0)
    assert reward(prompts=["a", "a", "b", "b"], completions=[SCRIPT, SCRIPT, BOXED, BOXED]) == [0.0] * 4


def test_paid_only_where_right() -> None:
    reward = FormatDiversityReward(1.0, needs="solved")
    paid = reward(prompts=["a"] * 4, completions=GROUP, solved=[True, False, 1, 0])
    assert paid == [0.25, 0.0, 0.25, 0.0]


@given(labels, st.integers(1, 3))
def test_means_over_a_group_are_its_diversity(found: list[str | None], size: int) -> None:
    groups = [i % size for i in range(len(found))]
    rare, even = inverse_share(found, groups), entropy_bonus(found, groups)
    for group in set(groups):
        own = [i for i, g in enumerate(groups) if g == group and found[i] in ("tinygsm", "boxed_cot")]
        if not own:
            continue
        shares = [sum(found[i] == f for i in own) / len(own) for f in ("tinygsm", "boxed_cot")]
        assert sum(rare[i] for i in own) / len(own) == pytest.approx(1 - sum(q * q for q in shares))
        assert sum(even[i] for i in own) == pytest.approx(0, abs=1e-9)
    assert all(rare[i] == even[i] == 0 for i, f in enumerate(found) if f in ("unknown", None))


def test_weights_of_advantages_have_mean_one_and_are_never_negative() -> None:
    weights = FormatDiversityReward(50.0).weights(GROUP, [0] * 4)
    assert min(weights) == 0.0
    weights = FormatDiversityReward(0.5, "entropy").weights(GROUP * 2, [0] * 4 + [1] * 4)
    assert sum(weights) / 8 == pytest.approx(1.0) and weights[3] > weights[0]


def test_schedules() -> None:
    schedule = Schedule(1.0, 0.0, begin=10, until=20)
    assert [schedule.at(step) for step in (0, 10, 15, 20, 99)] == [1.0, 1.0, 0.5, 0.0, 0.0]
    reward = FormatDiversityReward(schedule)
    for step, first in ((0, 0.25), (15, 0.125), (30, 0.0)):
        state = SimpleNamespace(global_step=step)
        assert reward(prompts=["a"] * 4, completions=GROUP, trainer_state=state)[0] == first


def test_mistakes_are_told() -> None:
    with pytest.raises(UsageError, match="did you mean 'entropy'"):
        FormatDiversityReward(1.0, "entropie")
    with pytest.raises(UsageError, match="before it begins"):
        Schedule(1.0, 0.0, begin=5, until=1)


def test_a_failing_labeller_pays_nothing(caplog: pytest.LogCaptureFixture) -> None:
    class Failing:
        def classify_batch(self, texts: Any) -> Any:
            raise RuntimeError("no labels today")

    reward = FormatDiversityReward(1.0, classifier=Failing())  # type: ignore[arg-type]
    with caplog.at_level(logging.WARNING):
        assert reward(prompts=["a"] * 2, completions=[SCRIPT, BOXED]) == [0.0, 0.0]
        assert reward(prompts=["a"] * 2, completions=[SCRIPT, BOXED]) == [0.0, 0.0]
    assert len(caplog.records) == 1


def trained(reward: FormatDiversityReward, steps: int = 150, seed: int = 0) -> float:
    """Share of scripts after policy-gradient steps on a policy with one number, where scripts solve more."""
    dice, logit = random.Random(seed), 0.0
    for step in range(steps):
        share = 1 / (1 + math.exp(-logit))
        scripts = [dice.random() < share for _ in range(64)]
        texts = [SCRIPT if script else BOXED for script in scripts]
        groups = [i // 8 for i in range(64)]
        state = SimpleNamespace(global_step=step)
        paid = reward(prompts=[f"p{g}" for g in groups], completions=texts, trainer_state=state)
        solved = [dice.random() < (0.7 if script else 0.5) for script in scripts]
        total = [float(right) + bonus for right, bonus in zip(solved, paid, strict=True)]
        mean = [sum(total[8 * g : 8 * g + 8]) / 8 for g in range(8)]
        logit += sum(
            (total[i] - mean[groups[i]]) * ((1 - share) if scripts[i] else -share) for i in range(64)
        ) * (0.5 / 8)
    return 1 / (1 + math.exp(-logit))


@pytest.mark.parametrize("bonus", ["inverse_share", "entropy"])
def test_it_keeps_a_policy_from_collapsing(bonus: str) -> None:
    assert trained(FormatDiversityReward(0.0)) > 0.95
    assert 0.5 < trained(FormatDiversityReward(1.0, bonus)) < 0.9
