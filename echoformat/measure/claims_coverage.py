"""Claims about what the policy can no longer do."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from echoformat.measure.arrays import Floats
from echoformat.measure.coverage import lost_and_gained, pass_at_k, suppressed_only
from echoformat.measure.estimate import Estimate, over_problems
from echoformat.measure.finding import Finding, Verdict, number, undecided
from echoformat.measure.run_facts import RunFacts

Ends = tuple[NDArray[Any], NDArray[Any], NDArray[Any], NDArray[Any]]
MOST_K, FEWEST_PAIRED, HARDLY_EVER = 64, 20, 0.25
UNSCORED = "no correctness in the log"


def pass_at_k_falls(facts: RunFacts) -> Finding:
    """C4: pass@1 rises while pass@k falls."""
    statement = "Accuracy rises while pass@k, for many tries, falls."
    ends = _ends(facts)
    if ends is None or facts.gain is None:
        return undecided("C4", statement, UNSCORED, "scored completions")
    n0, c0, n1, c1 = ends
    k = _tries(n0, n1)
    if k < 2:
        return undecided(
            "C4", statement, "one completion a problem at an end", "several completions a problem"
        )
    change, paired = _change(pass_at_k(n0, c0, k), pass_at_k(n1, c1, k))
    rose, fell = facts.gain.excludes(0) and facts.gain.value > 0, change.excludes(0) and change.value < 0
    against = (change.excludes(0) and change.value > 0) or (facts.gain.excludes(0) and facts.gain.value < 0)
    verdict = Verdict.SUPPORTED if rose and fell else Verdict.CONTRADICTED if against else Verdict.UNDECIDED
    notes = () if paired else ("the two ends hold different problems",)
    return Finding(
        "C4",
        statement,
        verdict,
        f"accuracy gain{number(facts.gain)}; change of pass@{k}",
        change,
        f"more than {k} completions a problem at both ends: losses show at large k",
        (*notes, "training problems, not held-out ones, unless the log says otherwise"),
    )


def _ends(facts: RunFacts) -> Ends | None:
    """Scored and correct completions by problem, at base and at the end."""
    run = facts.run
    if run.correct is None:
        return None
    rows = slice(0, facts.first), slice(-facts.last, None)
    n0, c0, n1, c1 = (x[side].sum(axis=(0, 2)) for side in rows for x in (run.scored_counts, run.correct))
    return n0, c0, n1, c1


def _tries(n0: NDArray[Any], n1: NDArray[Any]) -> int:
    """Largest k that the typical problem allows at both ends."""
    sizes = [np.median(n[n > 0]) if n.any() else 0 for n in (n0, n1)]
    return int(min(MOST_K, *sizes))


def _change(base: Floats, end: Floats) -> tuple[Estimate, bool]:
    """Paired over problems where enough were sampled at both ends, else between two groups of problems."""
    both = np.isfinite(base) & np.isfinite(end)
    if both.sum() >= FEWEST_PAIRED:
        return over_problems((end - base)[both]), True
    before, after = (over_problems(x[np.isfinite(x)]) for x in (base, end))
    error = float(np.hypot(before.standard_error, after.standard_error))
    value = after.value - before.value
    return Estimate(value, error, value - 1.96 * error, value + 1.96 * error), False


def problems_are_lost(facts: RunFacts) -> Finding:
    """C4b: more problems are lost than chance loses."""
    statement = "Training loses problems: more stop being solved than chance and new solutions account for."
    ends = _ends(facts)
    if ends is None:
        return undecided("C4b", statement, UNSCORED, "scored completions")
    found = lost_and_gained(*ends)
    if found.problems < FEWEST_PAIRED:
        return undecided(
            "C4b",
            statement,
            f"only {found.problems} problems were sampled at both ends",
            "the same problems at base and at the end, 32 completions each",
        )
    sure = found.p_value < 0.05
    more = found.lost * found.null_gained > found.gained * found.null_lost
    verdict = Verdict.UNDECIDED if not sure else Verdict.SUPPORTED if more else Verdict.CONTRADICTED
    return Finding(
        "C4b",
        statement,
        verdict,
        f"{found.lost} lost and {found.gained} gained of {found.problems} problems, {found.null_lost:.1f} "
        f"and {found.null_gained:.1f} expected by chance (p = {found.p_value:.3g}); lost less gained",
        Estimate(float(found.net)),
        "32 completions a problem or more at both ends",
    )


def suppressed_alone(facts: RunFacts) -> Finding:
    """C4c: some problems are solved in the suppressed formats and hardly ever in the dominant one."""
    statement = "Some problems are solved in the suppressed formats and hardly ever in the dominant one."
    run, top = facts.run, facts.winner.index
    if run.correct is None:
        return undecided("C4c", statement, UNSCORED, "scored completions")
    if top is None:
        return undecided("C4c", statement, "no dominant format", "a run with a dominant format")
    found = suppressed_only(run.scored_counts.sum(axis=0), run.correct.sum(axis=0), top)
    p_value = float(stats.poisson.sf(found.naive - 1, found.by_chance)) if found.naive else 1.0
    sure = p_value < 0.05 and found.excess >= 1
    limit = "" if np.isnan(found.upper_limit) else f"; they may still reach {found.upper_limit:.3f} in it"
    return Finding(
        "C4c",
        statement,
        Verdict.SUPPORTED if sure and found.upper_limit <= HARDLY_EVER else Verdict.UNDECIDED,
        f"{found.naive} of {found.problems} problems without a success in {facts.name(top)}, "
        f"{found.by_chance:.1f} expected by chance (p = {p_value:.3g}){limit}; excess",
        Estimate(found.excess),
        f"completions with {facts.name(top)} forced on those problems",
        ("all steps are pooled, and 'never solved' is not 'cannot be solved'",),
    )
