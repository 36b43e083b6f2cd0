"""Every measure of each run: diversity, change by format, selection and improvement, rivals, coverage.

`echoformat findings` says what these figures mean for the study's claims; this prints the figures.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from echoformat.cli.arguments import (
    add_json,
    add_labelling,
    add_reading,
    code_of,
    labelled,
    open_log,
    say_reading,
)
from echoformat.cli.say import show, show_json
from echoformat.errors import UsageError
from echoformat.measure.estimate import Estimate
from echoformat.report.plain import plain
from echoformat.run_measures import RunMeasures
from echoformat.series import FormatSeries

PASS_AT = (1, 8, 64)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `echoformat measures`."""
    add_reading(parser)
    add_labelling(parser)
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Print the measures of every run."""
    log = open_log(args)
    parts = list(labelled(args, log).series.each())
    if args.json:
        runs = [{"run": r, "split": s, **measured(one.measures())} for r, s, one in parts]
        show_json({"runs": runs, "read": log.report.to_dict()})
    else:
        for name, split, one in parts:
            show("\n".join([" ".join(filter(None, (name, split))) or "run", *_lines(one), ""]))
    say_reading(log)
    return code_of(log)


def measured(run: RunMeasures) -> dict[str, Any]:
    """Every measure that this log has what it takes for, as JSON-able mappings; the others are null."""
    asked: dict[str, Callable[[], Any]] = {
        "share_change": run.share_change,
        "selection_coefficients": run.selection_coefficients,
        "winner": run.winner,
        "rivals": run.rivals,
        "decomposition": run.decomposition,
        "selection_fraction": run.selection_fraction,
        "kl_optimum": run.kl_optimum,
        "excess_amplification": run.excess_amplification,
        "lost_and_gained": run.lost_and_gained,
        "suppressed_only": run.suppressed_only,
        "partition": run.partition,
        "unlabelled_bounds": run.unlabelled_bounds,
        **{f"reach_{k}_{at}": partial(run.reach, k, at) for k in PASS_AT for at in ("base", "end")},
    }
    return {"formats": list(run.run.formats), **{name: plain(_or_none(ask)) for name, ask in asked.items()}}


def _or_none(ask: Callable[[], Any]) -> Any:
    try:
        return ask()
    except UsageError:
        return None


def _lines(series: FormatSeries) -> Iterator[str]:
    run = series.measures()
    yield from _diversity(series)
    yield from _change(run)
    yield from _gain(run)
    yield from _rivals(run)
    yield from _coverage(run)


def _diversity(series: FormatSeries) -> Iterator[str]:
    yield f"  {'diversity':26}{'first':>9}{'last':>9}"
    curves = {
        "entropy, nats": series.entropy_nats(),
        "effective number": series.effective_number(),
        "dominant share": series.dominant_share(),
        "total variation from first": series.total_variation(),
    }
    for name, curve in curves.items():
        yield f"    {name:24}{curve[0]:>9.3f}{curve[-1]:>9.3f}"


def _change(run: RunMeasures) -> Iterator[str]:
    change, slope = run.share_change(), run.selection_coefficients()
    base, final = run.base.sum(axis=0) / run.base.sum(), run.final.sum(axis=0) / run.final.sum()
    yield f"  {'share by format':26}{'start':>9}{'end':>9}{'change':>9}  95 % interval    slope of log ratio"
    for i, name in enumerate(run.run.formats):
        limits = f"{change.low[i]:+.3f} to {change.high[i]:+.3f}"
        yield (
            f"    {name[:24]:24}{base[i]:>9.3f}{final[i]:>9.3f}{change.point[i]:>+9.3f}  {limits:16}"
            f" {slope.value[i]:+.4f} a step"
        )


def _gain(run: RunMeasures) -> Iterator[str]:
    found = _or_none(run.decomposition)
    if found is None:
        yield "  selection and improvement: needs correctness and two steps"
        return
    within = found.within
    yield f"  gain in accuracy ({within.basis.value}, {within.problems} problems); accounting, not causation"
    lines = {"gain": within.gain, "selection": within.selection, "improvement": within.improvement}
    lines["pooled selection"] = found.pooled.selection
    lines["confounding shift"] = found.shift
    for name, estimate in lines.items():
        yield f"    {name:24}{_estimate(estimate)}"
    fraction = run.selection_fraction()
    yield f"    {'selection fraction':24}{'no clear gain' if fraction is None else _estimate(fraction)}"


def _estimate(estimate: Estimate) -> str:
    if not math.isfinite(estimate.low):
        return f"{estimate.value:>+9.3f}"
    return f"{estimate.value:>+9.3f}  {estimate.low:+.3f} to {estimate.high:+.3f}"


def _rivals(run: RunMeasures) -> Iterator[str]:
    table = _or_none(run.rivals)
    if table is None:
        return
    yield f"  {'rivals at the start':26}{'share':>9}{'accuracy':>9}   chance: commonest, best, most correct"
    for i, name in enumerate(run.run.formats):
        odds = (table.p_most_common[i], table.p_most_accurate[i], table.p_most_correct_mass[i])
        chances = "  ".join("  -  " if not math.isfinite(p) else f"{p:5.2f}" for p in odds)
        accuracy = "-" if not math.isfinite(table.accuracies[i]) else f"{table.accuracies[i]:.3f}"
        yield f"    {name[:24]:24}{table.shares[i]:>9.3f}{accuracy:>9}   {chances}"


def _coverage(run: RunMeasures) -> Iterator[str]:
    for k in PASS_AT:
        for at in ("base", "end"):
            found = _or_none(partial(run.reach, k, at))
            if found is not None and found.problems:
                yield f"  pass@{k:<3} at the {'start' if at == 'base' else 'end':6}{_estimate(found.solved)}"
    lost = _or_none(run.lost_and_gained)
    if lost is not None and lost.problems:
        by_chance = f"by chance {lost.null_lost:.1f} and {lost.null_gained:.1f}"
        yield f"  problems lost {lost.lost}, gained {lost.gained}, of {lost.problems} ({by_chance})"
