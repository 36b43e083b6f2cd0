"""FormatDiversityReward: an optional reward term that counters collapse to one format. Off by default."""

from __future__ import annotations

import logging
import math
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from echoformat.classifier import Classifier, default_classifier
from echoformat.errors import UsageError, did_you_mean
from echoformat.live.inputs import as_list, prompt_ids, texts_of
from echoformat.live.tally import STATES

logger = logging.getLogger("echoformat")
Labels = Sequence[str | None]


class Bonus(StrEnum):
    """What a completion earns for its format being rare."""

    INVERSE_SHARE = "inverse_share"
    ENTROPY = "entropy"


@dataclass(frozen=True, slots=True)
class Schedule:
    """Weight over training steps: `start` up to step `begin`, then straight to `end` at step `until`.

    Example:
        >>> Schedule(0.2, 0.0, begin=100, until=300).at(200)
        0.1
        >>> Schedule(0.2).at(10**6)
        0.2
    """

    start: float
    end: float | None = None
    begin: int = 0
    until: int = 0

    def __post_init__(self) -> None:
        if self.until < self.begin:
            raise UsageError(f"schedule ends at step {self.until}, before it begins at {self.begin}")

    def at(self, step: int) -> float:
        """The weight at a step."""
        if self.end is None or step <= self.begin:
            return self.start
        if step >= self.until:
            return self.end
        part = (step - self.begin) / (self.until - self.begin)
        return self.start + part * (self.end - self.start)


def inverse_share(labels: Labels, groups: Sequence[Hashable]) -> list[float]:
    """Bonus 1 - q of each completion, q the share of its format within its group.

    0 where the whole group is of one format, near 1 for a lone format in a large group. The mean over a
    group is 1 - sum q^2, its Gini-Simpson index. A completion without a format earns 0 and counts in no
    share.

    Args:
        labels: Format or state of each completion, [n].
        groups: What each belongs to (its prompt), [n].

    Example:
        >>> inverse_share(["a", "a", "a", "b"], [0, 0, 0, 0])
        [0.25, 0.25, 0.25, 0.75]
    """
    return _by_group(labels, groups, lambda share, _: 1.0 - share)


def entropy_bonus(labels: Labels, groups: Sequence[Hashable]) -> list[float]:
    """Bonus ln(1/q) - H of each completion, nats: q the share of its format in its group, H its entropy.

    Its mean over every group is 0: rare formats earn what common ones pay. It is the direction in which the
    entropy of the shares grows fastest.

    Example:
        >>> [round(bonus, 3) for bonus in entropy_bonus(["a", "a", "a", "b"], [0, 0, 0, 0])]
        [-0.275, -0.275, -0.275, 0.824]
    """
    return _by_group(labels, groups, lambda share, entropy: math.log(1.0 / share) - entropy)


def _by_group(
    labels: Labels, groups: Sequence[Hashable], bonus: Callable[[float, float], float]
) -> list[float]:
    counts: dict[Hashable, Counter[str]] = {}
    for label, group in zip(labels, groups, strict=True):
        if label is not None and label not in STATES:
            counts.setdefault(group, Counter())[label] += 1
    tables = {group: _bonuses(found, bonus) for group, found in counts.items()}
    return [tables.get(group, {}).get(label or "", 0.0) for label, group in zip(labels, groups, strict=True)]


def _bonuses(counts: Counter[str], bonus: Callable[[float, float], float]) -> dict[str, float]:
    total = counts.total()
    shares = {label: n / total for label, n in counts.items()}
    entropy = math.fsum(share * math.log(1.0 / share) for share in shares.values())
    return {label: bonus(share, entropy) for label, share in shares.items()}


BONUSES: dict[Bonus, Callable[[Labels, Sequence[Hashable]], list[float]]] = {
    Bonus.INVERSE_SHARE: inverse_share,
    Bonus.ENTROPY: entropy_bonus,
}


class FormatDiversityReward:
    r"""A reward term for formats that are rare within their prompt's group.

    With weight 0, the default, it returns zeros and labels nothing. It rewards form, not answers: with
    `needs` it is paid only where another reward says the completion is right, so that a rare format earns
    nothing by being wrong. A labeller that fails pays 0 and is logged once; training goes on.

    In TRL: ``reward_funcs=[accuracy_reward, FormatDiversityReward(0.1)]``. In verl, whose reward function
    sees one completion at a time, weigh the advantages of the batch with `weights`, or pass whole groups to
    `bonuses` in a reward manager.

    Args:
        weight: What the bonus is multiplied with: a number or a `Schedule`.
        bonus: ``"inverse_share"`` (see `inverse_share`) or ``"entropy"`` (see `entropy_bonus`).
        needs: Name of the dataset column or keyword argument that holds, for each completion, whether it is
            right; the bonus is paid only there.
        classifier: What labels; the whole shelf by default.

    Raises:
        UsageError: An unknown bonus.

    Example:
        >>> reward = FormatDiversityReward(0.5)
        >>> texts = ["ans = 3 * 12\n", "ans = 36\n", "The answer is \\boxed{36}."]
        >>> [round(paid, 3) for paid in reward(prompts=["6 * 6?"] * 3, completions=texts)]
        [0.167, 0.167, 0.333]
        >>> FormatDiversityReward()(prompts=["6 * 6?"] * 3, completions=texts)
        [0.0, 0.0, 0.0]
    """

    __name__ = "format_diversity_reward"

    def __init__(
        self,
        weight: float | Schedule = 0.0,
        bonus: str = Bonus.INVERSE_SHARE,
        *,
        needs: str | None = None,
        classifier: Classifier | None = None,
    ) -> None:
        if bonus not in set(Bonus):
            raise UsageError(f"no bonus {bonus!r}: {did_you_mean(bonus, [one.value for one in Bonus])}")
        self.schedule = weight if isinstance(weight, Schedule) else Schedule(float(weight))
        self.bonus, self.needs, self._classifier = Bonus(bonus), needs, classifier
        self._told = False

    def __call__(
        self, prompts: Any, completions: Any, trainer_state: Any = None, **columns: Any
    ) -> list[float]:
        """Rewards as TRL and ms-swift ask for them, one a completion."""
        rows = as_list(completions)
        weight = self.schedule.at(0 if trainer_state is None else int(trainer_state.global_step))
        if not weight:
            return [0.0] * len(rows)
        right = None if self.needs is None else columns.get(self.needs)
        return [weight * bonus for bonus in self.bonuses(rows, prompt_ids(prompts), right)]

    def bonuses(
        self, completions: Iterable[Any], groups: Sequence[Hashable], right: Any = None
    ) -> list[float]:
        """The bonus of each completion, not yet weighted.

        Args:
            completions: Strings or messages, [n].
            groups: What each belongs to: prompt, ``uid``, [n].
            right: Whether each is right; the bonus is 0 where it is not.
        """
        rows = as_list(completions)
        try:
            classifier = self._classifier if self._classifier is not None else default_classifier()
            labels = classifier.classify_batch(texts_of(rows)).label_names()
            paid = BONUSES[self.bonus](labels, groups)
            return paid if right is None else [b if ok else 0.0 for b, ok in zip(paid, right, strict=True)]
        except Exception as error:
            if not self._told:
                self._told = True
                logger.warning("echoformat pays no bonus; training goes on. %s", repr(error)[:500])
            return [0.0] * len(rows)

    def weights(self, completions: Iterable[Any], groups: Sequence[Hashable], step: int = 0) -> list[float]:
        """Factors for advantages, mean 1 in every group: 1 + weight x (bonus - its mean in the group).

        Never below 0. With weight 0 every factor is 1.

        Example:
            >>> texts = ["ans = 3 * 12\\n", "ans = 36\\n", "The answer is \\\\boxed{36}."]
            >>> [round(w, 3) for w in FormatDiversityReward(1.0).weights(texts, [0, 0, 0])]
            [0.889, 0.889, 1.222]
        """
        rows = as_list(completions)
        weight = self.schedule.at(step)
        if not weight:
            return [1.0] * len(rows)
        paid = self.bonuses(rows, groups)
        sums: dict[Hashable, list[float]] = {}
        for bonus, group in zip(paid, groups, strict=True):
            sums.setdefault(group, []).append(bonus)
        means = {group: math.fsum(values) / len(values) for group, values in sums.items()}
        return [
            max(0.0, 1.0 + weight * (bonus - means[group])) for bonus, group in zip(paid, groups, strict=True)
        ]
