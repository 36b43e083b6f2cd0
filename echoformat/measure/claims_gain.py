"""Claims about what the gain in accuracy is made of."""

from __future__ import annotations

import numpy as np

from echoformat.errors import UsageError
from echoformat.measure.arrays import Floats
from echoformat.measure.decompose import Basis, Confounding, selection_fraction
from echoformat.measure.estimate import Estimate, over_replicates
from echoformat.measure.finding import ACCOUNTING, Finding, Verdict, above, number, undecided
from echoformat.measure.run_facts import RunFacts, accuracy_curve
from echoformat.measure.transition import TransitionState, gain_concentration

LONGEST_SHIFT = 2 / 3
UNSCORED = "no correctness in the log"


def coincides(facts: RunFacts) -> Finding:
    """C3: the accuracy gain is concentrated where the shares shift."""
    statement = "The accuracy gain is concentrated where the shares shift."
    move = facts.transition
    if facts.gain is None:
        return undecided("C3", statement, UNSCORED, "scored completions")
    if move.state is TransitionState.NONE or move.t10 is None or move.t90 is None:
        return undecided("C3", statement, "no transition of a format", "a run in which a share moves")
    if not facts.gain.excludes(0.0) or facts.gain.value < 0:
        return undecided("C3", statement, "no clear accuracy gain", "more problems at both ends of the run")
    steps = facts.run.steps
    if move.t90 - move.t10 > LONGEST_SHIFT * float(steps[-1] - steps[0]):
        return undecided("C3", statement, "the shift takes most of the log", "a longer log")
    concentration = _concentration(facts, move.t10, move.t90)
    return Finding(
        "C3",
        statement,
        above(concentration, 1.0),
        "gain between a tenth and nine tenths of the shift, over the fraction of time that took",
        concentration,
        "more completions a step, or a longer log",
        (ACCOUNTING, "any two curves that saturate early coincide; read it beside the selection component"),
    )


def _concentration(facts: RunFacts, t10: float, t90: float) -> Estimate:
    centres, curves = accuracy_curve(facts.run, facts.weights)
    start, end = max(t10, float(centres[0])), min(t90, float(centres[-1]))
    if not start < end:
        return Estimate(float("nan"))
    values = np.array([_one_concentration(curve, centres, start, end) for curve in curves])
    return over_replicates(float(values[0]), values[1:])


def _one_concentration(curve: Floats, centres: Floats, start: float, end: float) -> float:
    known = np.isfinite(curve)
    try:
        return gain_concentration(curve[known], centres[known], start, end).concentration
    except UsageError:
        return float("nan")


def within_format(facts: RunFacts) -> Finding:
    """C12: the winning format narrows inside, which counts of formats cannot show."""
    return undecided(
        "C12",
        "Beyond the choice of format, completions also become more alike within the winning format.",
        "counts of formats say nothing about it",
        "variants of the winner, or log-probabilities or entropies of the completions (see measure/within)",
    )


def selection_found(facts: RunFacts) -> Finding:
    """C3b: part of the gain is selection of formats."""
    statement = "Part of the accuracy gain came from selection between formats."
    paths = facts.confounding
    if paths is None:
        return undecided("C3b", statement, UNSCORED, "scored completions of two steps or more")
    split = paths.within
    # Both ends of the run hold more completions than the path's first window does.
    rose = facts.gain is not None and facts.gain.bounded and facts.gain.low > 0
    fraction = selection_fraction(split) if rose else None
    usable = rose and split.basis is not Basis.POOLED
    share = "" if fraction is None else f"; as a fraction of the gain{number(fraction)}"
    return Finding(
        "C3b",
        statement,
        above(split.selection, 0.0) if usable else Verdict.UNDECIDED,
        f"selection, {split.basis}, of a gain{number(split.gain)}{share}; selection alone",
        split.selection,
        _deciding(split.basis, rose),
        (ACCOUNTING, *_confounded(paths), *split.notes),
    )


def improvement_found(facts: RunFacts) -> Finding:
    """C3c: formats themselves got better."""
    statement = "The formats themselves became more accurate."
    paths = facts.confounding
    if paths is None:
        return undecided("C3c", statement, UNSCORED, "scored completions of two steps or more")
    split = paths.within
    pooled = split.basis is Basis.POOLED
    return Finding(
        "C3c",
        statement,
        Verdict.UNDECIDED if pooled else above(split.improvement, 0.0),
        f"improvement, {split.basis}",
        split.improvement,
        _deciding(split.basis, True),
        (ACCOUNTING, "what a dying format would have become is not observed", *_confounded(paths)),
    )


def _confounded(paths: Confounding) -> tuple[str, ...]:
    """Say so where pooling over problems would mislead."""
    if not paths.shift.excludes(0.0):
        return ()
    return (
        f"pooled over problems, selection would read {paths.pooled.selection.value:.3f} and improvement "
        f"{paths.pooled.improvement.value:.3f}: formats go with difficulty",
    )


def _deciding(basis: Basis, rose: bool) -> str:
    if not rose:
        return "a clear gain: more problems at both ends of the run"
    if basis is Basis.WITHIN:
        return "every format forced on every problem, at base and at the end"
    return "the same problems again and again (32 completions a problem and window), or forced formats"
