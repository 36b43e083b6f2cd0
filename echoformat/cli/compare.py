"""Runs side by side: who won where, and whether KL, scale, mixture or algorithm mattered."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from echoformat.cli.arguments import (
    add_json,
    add_labelling,
    add_reading,
    code_of,
    labelled,
    open_log,
    say_reading,
)
from echoformat.cli.findings import finding_lines
from echoformat.cli.say import show, show_json
from echoformat.errors import UsageError, did_you_mean
from echoformat.findings import findings_across
from echoformat.measure.compare import Comparison
from echoformat.measure.run_metadata import RunMetadata, read_run_metadata
from echoformat.measure.run_outcome import RunOutcome
from echoformat.report.comparison import comparison_of
from echoformat.report.headline import percent
from echoformat.report.part import Part, parts_of
from echoformat.report.plain import plain

SETTINGS = ("kl_coefficient", "parameters", "mixture", "algorithm")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `echoformat compare`."""
    add_reading(parser)
    add_labelling(parser)
    parser.add_argument(
        "--runs", type=Path, metavar="FILE.toml", help="settings of the runs: one table [runs.NAME] a run"
    )
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Print the comparison of the runs of a log."""
    given = {} if args.runs is None else read_run_metadata(args.runs)
    log = open_log(args)
    parts = parts_of(labelled(args, log).series)
    _check_names(given, parts)
    found = comparison_of(parts, given)
    if found is None:
        many = f"this log holds {len(parts)}"
        raise UsageError(f"compare needs two runs of two steps or more; {many}: use report for one")
    if args.json:
        across = plain(findings_across(found))
        show_json({"comparison": plain(found), "findings": across, "read": log.report.to_dict()})
    else:
        show("\n".join(_lines(found)))
    say_reading(log)
    return code_of(log)


def _check_names(given: Mapping[str, RunMetadata], parts: Sequence[Part]) -> None:
    titles = [part.title for part in parts]
    for name in given:
        if name not in titles:
            raise UsageError(f"--runs: no run {name!r} in this log: {did_you_mean(name, titles)}")


def _lines(found: Comparison) -> Iterator[str]:
    width = max(3, *(len(outcome.name) for outcome in found.outcomes))
    every = [outcome.metadata.to_dict() for outcome in found.outcomes]
    differing = [key for key in SETTINGS if len({str(one[key]) for one in every}) > 1]
    yield f"{'run':<{width}}  {'winner':<16} {'start':>6} {'end':>6} {'gain':>6}  settings that differ"
    yield from (_outcome(outcome, width, differing) for outcome in found.outcomes)
    yield ""
    for one in findings_across(found):
        yield from finding_lines(one)


def _outcome(one: RunOutcome, width: int, differing: Sequence[str]) -> str:
    name = one.winner_name or "none"
    ends = [shares.get(name) for shares in (one.base_shares, one.final_shares)]
    shown = " ".join(f"{'' if share is None else percent(share):>6}" for share in ends)
    gain = "" if one.gain is None else f"{one.gain.value:+.2f}"
    known = one.metadata.to_dict()
    settings = ", ".join(f"{key} {known[key]}" for key in differing if known[key] is not None)
    return f"{one.name:<{width}}  {name[:16]:<16} {shown} {gain:>6}  {settings}".rstrip()
