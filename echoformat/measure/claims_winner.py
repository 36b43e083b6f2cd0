"""Claims about which format won and when."""

from __future__ import annotations

from echoformat.measure.estimate import Estimate
from echoformat.measure.finding import Finding, Verdict, above, undecided, yes_no
from echoformat.measure.intervals import cluster_wilson
from echoformat.measure.kl_optimum import excess_amplification
from echoformat.measure.run_facts import RunFacts
from echoformat.measure.transition import MIN_CHANGE, TransitionState
from echoformat.measure.winner import Outcome, rank_reversal, wrong_winner

COLLAPSE, EXPLAINED_LOGITS = 0.9, 0.5
DRIFT = "shares drift by up to .16 an epoch without selection, which no interval over problems shows"
NO_WINNER = "no format won, so there is no winner to judge"
MORE_BASE = "more completions of the base checkpoint, above all on problems where both formats occur"


def amplified(facts: RunFacts) -> Finding:
    """C1: training amplifies one format until it holds most completions."""
    verdict = Verdict.UNDECIDED
    if facts.winner.outcome is Outcome.WON:
        verdict = Verdict.SUPPORTED
    elif facts.rise.bounded and facts.rise.high < MIN_CHANGE:
        verdict = Verdict.CONTRADICTED
    already = facts.winner.outcome is Outcome.ALREADY_DOMINANT
    return Finding(
        "C1",
        "Training amplifies one format until it holds most of the completions.",
        Verdict.UNDECIDED if already else verdict,
        f"rise of the share of {facts.name(facts.riser)}",
        facts.rise,
        "a log that begins before the format dominated" if already else "more steps, or more problems a step",
        (DRIFT,),
    )


def collapsed(facts: RunFacts) -> Finding:
    """C1b: at the end one format holds nine tenths."""
    top = max(
        (i for i, ok in enumerate(facts.run.labelled) if ok), key=lambda i: facts.winner.final_shares[i]
    )
    found = cluster_wilson(facts.final, top)
    share = Estimate(found.point, low=found.low, high=found.high)
    return Finding(
        "C1b",
        "At the end one format holds nine tenths of the completions or more.",
        above(share, COLLAPSE),
        f"share of {facts.name(top)} at the end",
        share,
        "more problems at the end of the run, or more steps",
        (found.note,) if found.note else (),
    )


def early(facts: RunFacts) -> Finding:
    """C2: half of the shift happens within the first epoch."""
    move, statement = facts.transition, "Half of the shift happens within the first epoch."
    if facts.run.steps_per_epoch is None:
        return undecided("C2", statement, "no epoch", "the number of steps in an epoch")
    span = move.epoch_interval
    if move.state is TransitionState.NONE or move.epoch is None or span is None:
        return undecided("C2", statement, "no transition of a format", "a run in which a share moves")
    when = Estimate(move.epoch, low=span.low, high=span.high, level=span.level)
    verdict = Verdict.UNDECIDED
    if when.bounded and when.high <= 1:
        verdict = Verdict.SUPPORTED
    elif when.bounded and when.low > 1:
        verdict = Verdict.CONTRADICTED
    notes = ["the shift may have begun before the log"] if move.state is TransitionState.LEFT_CENSORED else []
    if not move.settled:
        notes.append("the share had not settled at the end; a longer log moves this date back")
    return Finding(
        "C2",
        statement,
        verdict,
        f"epoch by which {facts.name(facts.riser)} had done half of its move",
        when,
        "a longer log, or more completions a step",
        tuple(notes),
    )


def not_most_common(facts: RunFacts) -> Finding:
    """C6: the winner was not the most common format at base."""
    statement = "The format that won was not the most common one at base."
    if facts.won is None:
        return undecided("C6", statement, NO_WINNER, "a run with a winner")
    won, shares = facts.won, facts.winner.base_shares
    answer = None if facts.rivals is None else rank_reversal(facts.rivals, won)
    if facts.rivals is None:
        return undecided("C6", statement, "base shares without resamples", "scored completions")
    common = facts.rivals.most_common
    return Finding(
        "C6",
        statement,
        yes_no(answer),
        f"base share {shares[won]:.3f} of {facts.name(won)}; the most common was {facts.name(common)} with "
        f"{shares[common]:.3f}; probability that the winner was the most common",
        Estimate(facts.rivals.p_most_common[won]),
        "more problems at base",
    )


def not_most_pretrained(facts: RunFacts) -> Finding:
    """C6b: the winner was not the most common format of the pretraining mixture."""
    statement = "The format that won was not the most common one in the pretraining mixture."
    mixture = facts.run.pretraining
    if facts.won is None:
        return undecided("C6b", statement, NO_WINNER, "a run with a winner")
    if not mixture or facts.name(facts.won) not in mixture:
        return undecided(
            "C6b", statement, "no declared share of the winner", "the pretraining mixture by format"
        )
    own, largest = mixture[facts.name(facts.won)], max(mixture.values())
    shared = sum(share == largest for share in mixture.values()) > 1
    answer = None if own == largest and shared else own < largest
    figure = f"declared share {own:.3f} of {facts.name(facts.won)}, largest declared share {largest:.3f}"
    return Finding("C6b", statement, yes_no(answer), figure, None, "a mixture with one largest share")


def most_accurate(facts: RunFacts) -> Finding:
    """C8: the winner was the most accurate format at base (C7 is its failure)."""
    statement = "The format that won was the most accurate one at base."
    if facts.won is None:
        return undecided("C8", statement, NO_WINNER, "a run with a winner")
    table = facts.rivals
    if table is None or table.most_accurate is None:
        return undecided(
            "C8", statement, "no accuracies to compare", "ten scored base completions of two formats"
        )
    wrong = wrong_winner(table, facts.won)
    levels, best = table.compared_accuracies, table.most_accurate
    held = (
        "problems held constant"
        if table.within_problem
        else "pooled over problems, so difficulty may confound"
    )
    return Finding(
        "C8",
        statement,
        yes_no(None if wrong is None else not wrong),
        f"base accuracy {levels[facts.won]:.3f} of {facts.name(facts.won)}; the best was {facts.name(best)} "
        f"with {levels[best]:.3f} ({held}); probability that the winner was the most accurate",
        Estimate(table.p_most_accurate[facts.won]),
        MORE_BASE,
        () if wrong is not True else ("the wrong format won: see what the best one would have given",),
    )


def most_correct_mass(facts: RunFacts) -> Finding:
    """C8b: the winner had the most correct mass (share times accuracy) at base."""
    statement = "The format that won had the most correct completions at base."
    table = facts.rivals
    if facts.won is None or table is None or table.most_correct_mass is None:
        return undecided(
            "C8b", statement, NO_WINNER if facts.won is None else "nothing correct at base", MORE_BASE
        )
    first = table.p_most_correct_mass[facts.won]
    answer = True if first > 0.95 else False if first < 0.05 else None
    best = table.most_correct_mass
    return Finding(
        "C8b",
        statement,
        yes_no(answer),
        f"correct mass {table.correct_mass[facts.won]:.3f} of {facts.name(facts.won)}; the largest was "
        f"{table.correct_mass[best]:.3f} of {facts.name(best)}; probability that the winner had the most",
        Estimate(first),
        MORE_BASE,
    )


def beyond_objective(facts: RunFacts) -> Finding:
    """C13: the KL-regularised objective explains how far the winner was amplified."""
    statement = "The optimum of the KL-regularised objective explains how far the winner was amplified."
    beta = facts.run.kl_coefficient
    if facts.won is None or facts.run.correct is None or beta is None:
        lacking = NO_WINNER if facts.won is None else "no KL coefficient, or no correctness"
        return undecided("C13", statement, lacking, "a winner, a KL coefficient and scored completions")
    scored = facts.run.scored_counts[: facts.first].sum(axis=0)
    right = facts.run.correct[: facts.first].sum(axis=0)
    excess = excess_amplification(scored, right, facts.final, facts.won, beta, weights=facts.weights)
    verdict = Verdict.UNDECIDED
    if excess.excludes(0.0) and abs(excess.value) > EXPLAINED_LOGITS:
        verdict = Verdict.CONTRADICTED
    elif excess.bounded and max(abs(excess.low), abs(excess.high)) <= EXPLAINED_LOGITS:
        verdict = Verdict.SUPPORTED
    return Finding(
        "C13",
        statement,
        verdict,
        f"logit share of {facts.name(facts.won)} beyond the optimum at KL coefficient {beta:g}",
        excess,
        "runs at several KL coefficients",
        ("the coefficient is nominal: normalised advantages and per-token penalties rescale it",),
    )
