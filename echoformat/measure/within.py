"""More than entropy collapse? How much of a fall in diversity is between formats, and how much inside them.

The entropy split lives in `narrowing`, diversity over problems in `partition`, text measures per format in
`lexical`; their names are offered here too.
"""

from __future__ import annotations

from numpy.typing import ArrayLike

from echoformat.measure.interval import Interval
from echoformat.measure.intervals import entropy_interval
from echoformat.measure.lexical import (
    TextDiversity,
    compression_ratio,
    distinct_n,
    self_bleu,
    text_diversity,
    vendi_score,
)
from echoformat.measure.narrowing import ChainRule, EntropyShift, chain_rule, entropy_shift_share
from echoformat.measure.partition import (
    Partition,
    Specialisation,
    UnbiasedPartition,
    partition,
    partition_unbiased,
    specialisation,
)

__all__ = [
    "ChainRule",
    "EntropyShift",
    "Partition",
    "Specialisation",
    "TextDiversity",
    "UnbiasedPartition",
    "chain_rule",
    "compression_ratio",
    "distinct_n",
    "entropy_shift_share",
    "partition",
    "partition_unbiased",
    "self_bleu",
    "specialisation",
    "text_diversity",
    "variant_entropy",
    "vendi_score",
]


def variant_entropy(counts: ArrayLike, *, declared: int | None = None, level: float = 0.95) -> Interval:
    """Entropy of the variants inside one format, in nats: has the winner itself narrowed to one look?

    Args:
        counts: [problems, variants] completions of the winner by variant.
        declared: Number of declared variants; the number of columns without it.
        level: Nominal coverage.

    Raises:
        UsageError: No completion of the format.

    Example:
        >>> round(variant_entropy([[3, 1], [2, 2], [4, 0]]).point, 4)
        0.6199
    """
    return entropy_interval(counts, declared=declared, level=level)
