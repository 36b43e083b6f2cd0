"""Many runs side by side: who won where, and whether KL, scale, mixture or algorithm made a difference."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from echoformat.errors import UsageError, did_you_mean
from echoformat.measure.hit_rate import HitRate, hit_rate, hit_rate_power, hits_needed
from echoformat.measure.response import Response, log_dose, response, slope
from echoformat.measure.run_counts import RunCounts
from echoformat.measure.run_metadata import Decoding, RunMetadata, read_run_metadata, run_metadata
from echoformat.measure.run_outcome import RunOutcome, run_outcome
from echoformat.measure.run_sets import (
    VARIED,
    ComparisonSet,
    WinnerMatrix,
    comparison_sets,
    rule_hits,
    winner_matrix,
)
from echoformat.measure.trend import Trend, association_p, jonckheere, minimum_p, page, trend_power

__all__ = [
    "Comparison",
    "ComparisonSet",
    "Decoding",
    "HitRate",
    "Response",
    "RunMetadata",
    "RunOutcome",
    "Trend",
    "WinnerMatrix",
    "association_p",
    "compare",
    "comparison_sets",
    "hit_rate",
    "hit_rate_power",
    "hits_needed",
    "jonckheere",
    "log_dose",
    "minimum_p",
    "page",
    "read_run_metadata",
    "response",
    "rule_hits",
    "run_metadata",
    "run_outcome",
    "slope",
    "trend_power",
    "winner_matrix",
]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Runs side by side.

    Attributes:
        outcomes: Summary of every run over all of its steps.
        kl: For every set of runs that differ in the KL coefficient: the set, the response of the amplified
            format's delta-logit (expected to fall) and of the effective number of formats (expected to rise),
            all read at the set's last common step.
        matrix: Winners by parameters and mixture.
        rules: Hit rate of every rule for naming the winner; absent where no run could be scored.
        sets: Sets of runs by every other setting, with the summaries at their last common step.
    """

    outcomes: tuple[RunOutcome, ...]
    kl: tuple[tuple[ComparisonSet, Response, Response], ...]
    matrix: WinnerMatrix
    rules: Mapping[str, HitRate]
    sets: tuple[tuple[ComparisonSet, tuple[tuple[RunOutcome, ...], ...]], ...]

    def to_dict(self) -> dict[str, Any]:
        """The fields by name."""
        return asdict(self)


def compare(runs: Mapping[str, RunCounts], metadata: Mapping[str, RunMetadata] | None = None) -> Comparison:
    """Compare runs over the settings in which they differ, each time at their last common step.

    Args:
        runs: Counts by name of the run.
        metadata: Settings by name; a run's own KL coefficient and pretraining mixture are used where they
            miss.

    Raises:
        UsageError: No run, or settings for a run that is not there.

    Example:
        >>> compare({})
        Traceback (most recent call last):
        ...
        echoformat.errors.UsageError: no run to compare...
    """
    if not runs:
        raise UsageError("no run to compare: give the counts of one run or more by name")
    given = dict(metadata or {})
    for name in given:
        if name not in runs:
            raise UsageError(f"settings for {name!r}, which is no run here: {did_you_mean(name, runs)}")
    settings = {name: _completed(run, given.get(name, RunMetadata())) for name, run in runs.items()}
    outcomes = tuple(run_outcome(name, run, settings[name]) for name, run in runs.items())
    # A run that ends without a single format has no shares to compare.
    alive = {o.name: settings[o.name] for o in outcomes if not math.isnan(o.effective_number)}
    kl = comparison_sets(alive, "kl_coefficient")
    others = [group for varied in VARIED[1:] for group in comparison_sets(alive, varied)]
    rules = {}
    for rule in ("most_accurate", "most_common", "most_correct_mass"):
        hits, formats = rule_hits(outcomes, rule)
        if formats:
            rules[rule] = hit_rate(hits, len(formats), formats)
    return Comparison(
        outcomes,
        tuple((group, *_kl_responses(_at_common_step(group, runs, settings), group)) for group in kl),
        winner_matrix(outcomes),
        rules,
        tuple((group, _at_common_step(group, runs, settings)) for group in others),
    )


def _completed(run: RunCounts, settings: RunMetadata) -> RunMetadata:
    """Settings with what the run itself knows."""
    values = settings.to_dict()
    own = run.pretraining if settings.pretraining is None else settings.pretraining
    beta = run.kl_coefficient if settings.kl_coefficient is None else settings.kl_coefficient
    return RunMetadata(**{**values, "kl_coefficient": beta, "pretraining": own})


def _at_common_step(
    group: ComparisonSet, runs: Mapping[str, RunCounts], settings: Mapping[str, RunMetadata]
) -> tuple[tuple[RunOutcome, ...], ...]:
    last = min(int(runs[name].steps[-1]) for names in group.runs for name in names)
    return tuple(
        tuple(run_outcome(name, runs[name], settings[name], until=last) for name in names)
        for names in group.runs
    )


def _kl_responses(
    outcomes: tuple[tuple[RunOutcome, ...], ...], group: ComparisonSet
) -> tuple[Response, Response]:
    """Delta-logit of the format amplified most over all runs of the set, and effective number of formats."""
    levels = [float(str(level)) for level in group.levels]
    every = [outcome for level in outcomes for outcome in level]
    names = sorted(set().union(*(outcome.delta_logit for outcome in every)))
    format = max(names, key=lambda name: sum(outcome.delta_logit.get(name, 0.0) for outcome in every))
    moved = [[outcome.delta_logit.get(format, 0.0) for outcome in level] for level in outcomes]
    spread = [[outcome.effective_number for outcome in level] for level in outcomes]
    return (
        response(f"delta-logit of {format}", levels, moved, rises=False),
        response("effective number of formats at the end", levels, spread, rises=True),
    )
