"""Claims that need several runs."""

from __future__ import annotations

from collections.abc import Iterator

from echoformat.measure.claims_mixture import mixture_gains
from echoformat.measure.compare import Comparison, ComparisonSet, Response
from echoformat.measure.estimate import Estimate
from echoformat.measure.finding import Finding, Verdict, above, undecided
from echoformat.measure.hit_rate import HitRate
from echoformat.measure.trend import association_p

SURE, NO_RUNS = 0.05, "no such runs"
KL_LESS = "A higher KL coefficient amplifies the winner less."
RULES = {
    "most_accurate": ("C8", "Over runs, the format most accurate at base wins more often than by guessing."),
    "most_common": ("C6", "Over runs, the format most common at base wins more often than by guessing."),
    "most_correct_mass": (
        "C8b",
        "Over runs, the format with most correct completions at base wins more often than by guessing.",
    ),
}


def across_runs(comparison: Comparison) -> tuple[Finding, ...]:
    """Hold the claims about several runs against a comparison.

    Args:
        comparison: Runs side by side.

    Returns:
        Findings on KL, scale, mixture, algorithm and the rules for naming the winner.
    """
    return (
        *_kl(comparison),
        *_winners_by(comparison, "parameters", "C9", "The scale of the model decides which format wins."),
        *_winners_by(comparison, "mixture", "C6c", "The pretraining mixture decides which format wins."),
        *mixture_gains(comparison),
        *_algorithms(comparison),
        *(_rule(rule, comparison.rules.get(rule)) for rule in RULES),
    )


def _kl(comparison: Comparison) -> Iterator[Finding]:
    for group, moved, spread in comparison.kl:
        yield _trend("C5", KL_LESS, group, moved)
        yield _trend("C5b", "A higher KL coefficient leaves more formats alive.", group, spread)
    if not comparison.kl:
        yield undecided("C5", KL_LESS, NO_RUNS, "runs that differ in KL alone")


def _trend(claim: str, statement: str, group: ComparisonSet, answer: Response) -> Finding:
    test = answer.trend
    verdict = Verdict.SUPPORTED if test.p_value <= SURE else Verdict.UNDECIDED
    against = answer.slope.excludes(0.0) and (answer.slope.value > 0) is not answer.rises
    if verdict is Verdict.UNDECIDED and against:
        verdict = Verdict.CONTRADICTED
    levels = " / ".join(
        f"{level:g}: {', '.join(f'{value:.2f}' for value in values)}"
        for level, values in zip(answer.levels, answer.values, strict=True)
    )
    return Finding(
        claim,
        statement,
        verdict,
        f"{answer.figure} by {group.varied} {levels}; exact trend p = {test.p_value:.4g} (smallest possible "
        f"{test.minimum_p:.4g}); slope per tenfold",
        answer.slope,
        f"more levels or seeds: power for one standard deviation a level is {answer.power:.2f}",
        ("each level is one trained model or few; intervals over problems do not cover that",),
    )


def _winners_by(comparison: Comparison, varied: str, claim: str, statement: str) -> Iterator[Finding]:
    found = [(group, levels) for group, levels in comparison.sets if group.varied == varied]
    for group, levels in found:
        pairs = [(str(at), run) for at, runs in zip(group.levels, levels, strict=True) for run in runs]
        names = [run.winner_name or "none" for _, run in pairs]
        p_value, least = association_p([at for at, _ in pairs], names)
        table = "; ".join(f"{at}: {name}" for (at, _), name in zip(pairs, names, strict=True))
        yield Finding(
            claim,
            statement,
            Verdict.SUPPORTED if p_value <= SURE else Verdict.UNDECIDED,
            f"winners by {varied} {table}; exact p = {p_value:.3g} (smallest possible {least:.3g})",
            None,
            "two levels of three seeds each, at least",
        )
    if not found:
        yield undecided(claim, statement, NO_RUNS, f"runs that differ in {varied} alone")


def _algorithms(comparison: Comparison) -> Iterator[Finding]:
    statement = "Expert iteration shifts the formats less than policy gradients do."
    found = [(g, levels) for g, levels in comparison.sets if g.varied == "algorithm" and "ei" in g.levels]
    for group, levels in found:
        spread = {
            str(at): [run.effective_number for run in runs]
            for at, runs in zip(group.levels, levels, strict=True)
        }
        enough = all(len(values) >= 3 for values in spread.values())
        milder = all(
            min(spread["ei"]) > max(values) for at, values in spread.items() if at not in ("ei", "shuffle")
        )
        shown = "; ".join(f"{at}: {', '.join(f'{x:.2f}' for x in values)}" for at, values in spread.items())
        yield Finding(
            "C10",
            statement,
            Verdict.SUPPORTED if enough and milder else Verdict.UNDECIDED,
            f"effective number of formats at the last common step, {shown}",
            None,
            "three seeds of each algorithm",
            ()
            if enough
            else (f"{'consistent' if milder else 'not consistent'} with the claim, on few runs",),
        )
    if not found:
        yield undecided("C10", statement, NO_RUNS, "a run by expert iteration beside one by policy gradients")


def _rule(rule: str, found: HitRate | None) -> Finding:
    claim, statement = RULES[rule]
    if found is None:
        return undecided(claim, statement, NO_RUNS, "runs with a winner and a sure favourite at base")
    rate = Estimate(found.hits / found.runs, low=found.low, high=found.high)
    verdict = Verdict.SUPPORTED if found.p_value <= SURE else Verdict.UNDECIDED
    if verdict is Verdict.UNDECIDED and above(rate, 0.5) is Verdict.CONTRADICTED:
        verdict = Verdict.CONTRADICTED
    needed = "no number" if found.needed is None else f"{found.needed}"
    return Finding(
        claim,
        statement,
        verdict,
        f"{found.hits} hits in {found.runs} base models, p = {found.p_value:.3g} against guessing; hit rate",
        rate,
        f"{needed} of {found.runs} hits would show it; more base models: other mixtures, scales, seeds",
        ("runs that share parameters and mixture share a base model and are counted as one",),
    )
