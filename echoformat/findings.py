"""The study's claims, held against one run or against several: supported, contradicted or undecided.

Nothing here measures: every figure comes from `measure/`, and no verdict goes beyond its interval.
"""

from __future__ import annotations

from echoformat.measure.claims_coverage import pass_at_k_falls, problems_are_lost, suppressed_alone
from echoformat.measure.claims_gain import coincides, improvement_found, selection_found, within_format
from echoformat.measure.claims_runs import across_runs
from echoformat.measure.claims_winner import (
    amplified,
    beyond_objective,
    collapsed,
    early,
    most_accurate,
    most_correct_mass,
    not_most_common,
    not_most_pretrained,
)
from echoformat.measure.compare import Comparison
from echoformat.measure.finding import Finding, Verdict
from echoformat.measure.run_counts import RunCounts
from echoformat.measure.run_facts import run_facts

__all__ = ["Finding", "Verdict", "findings", "findings_across"]

CLAIMS = (
    amplified,
    collapsed,
    early,
    coincides,
    pass_at_k_falls,
    not_most_common,
    not_most_pretrained,
    most_accurate,
    most_correct_mass,
    within_format,
    beyond_objective,
    selection_found,
    improvement_found,
    problems_are_lost,
    suppressed_alone,
)


def findings(run: RunCounts, replicates: int = 200) -> tuple[Finding, ...]:
    """Hold every claim about a single run against this one.

    Args:
        run: Its counts.
        replicates: Resamples of problems behind the intervals.

    Returns:
        One finding a claim, in the order of the study; undecided where the log lacks what a claim needs.
        None where no completion has a format.

    Example:
        >>> import numpy as np
        >>> counts = np.array([[[3, 5]] * 60, [[8, 0]] * 60])
        >>> run = RunCounts(np.array([0, 9]), tuple(map(str, range(60))), ("code", "prose"), counts)
        >>> [str(finding.verdict) for finding in findings(run)[:2]]
        ['supported', 'supported']
    """
    if not run.counts[..., run.labelled].any():
        return ()
    facts = run_facts(run, replicates)
    return tuple(claim(facts) for claim in CLAIMS)


def findings_across(comparison: Comparison) -> tuple[Finding, ...]:
    """Hold the claims that need several runs against these.

    Args:
        comparison: From :func:`echoformat.measure.compare.compare`.

    Returns:
        One finding a claim and comparison set; undecided where too few runs differ in one setting alone.
    """
    return across_runs(comparison)
