"""Label saved rollouts and write a report: which format won, when, and how sure."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path
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
from echoformat.cli.exit_code import ExitCode
from echoformat.cli.fail_on import Condition, parse_condition
from echoformat.cli.output import write_text
from echoformat.cli.say import colour_wanted, say, show, show_json
from echoformat.engines.local import LabelledRun
from echoformat.report.escape import visible
from echoformat.report.headline import headline
from echoformat.report.page import report_page
from echoformat.report.part import Part, parts_of
from echoformat.report.summary import summary_lines


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `echoformat report`."""
    add_reading(parser)
    add_labelling(parser)
    parser.add_argument("-o", "--output", type=Path, default=Path("report.html"), help="default: report.html")
    parser.add_argument(
        "--fail-on", metavar="CONDITION", help='exit 1 if met by any run, such as "dominant_share>0.95"'
    )
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Label, count, write the page, print the headline."""
    condition = None if args.fail_on is None else parse_condition(args.fail_on)
    log = open_log(args)
    done = labelled(args, log)
    write_text(args.output, report_page(done, log.report))
    if args.json:
        show_json({**summary_dict(done, args.output), "read": log.report.to_dict()})
    else:
        print_summary(done, args.output, colour_wanted())
    say_reading(log)
    if condition is not None and found(condition, parts_of(done.series)):
        return ExitCode.FINDING
    return code_of(log)


def found(condition: Condition, parts: Iterable[Part]) -> bool:
    """Whether any run meets the condition; says which."""
    met = [part for part in parts if part.total and condition.holds(part.figures)]
    for part in met:
        say(f"--fail-on: {part.title} meets {condition.text}")
    return bool(met)


def print_summary(done: LabelledRun, output: Path, colour: bool) -> None:
    """Write the headline of every run, and where the report is, to standard output."""
    for part in parts_of(done.series):
        lines = summary_lines(part)
        # Only our own escape codes may reach the terminal: names were made visible first.
        bold = f"\x1b[1m{visible(lines[1])}\x1b[0m" if colour else visible(lines[1])
        print("\n".join([visible(lines[0]), bold, *map(visible, lines[2:])]), end="\n\n")
    show(f"report: {output}")


def summary_dict(done: LabelledRun, output: Path) -> dict[str, Any]:
    """The same as a JSON-able mapping."""
    runs = []
    for part in parts_of(done.series):
        said = headline(part)
        verdict = {"headline": said.text, "details": list(said.details), "winner": said.winner}
        figures = {"collapse": part.collapse.to_dict(), "figures": dict(part.figures)}
        runs.append({"run": part.run, "split": part.split, **verdict, **figures})
    return {"report": str(output), "runs": runs, "versions": done.versions.to_dict()}
