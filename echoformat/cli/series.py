"""Format shares over training steps, as a table, JSON or CSV."""

from __future__ import annotations

import argparse
import csv
import sys

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
from echoformat.report.escape import csv_cell
from echoformat.report.summary import step_table
from echoformat.series import COLUMNS, FormatSeries


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `echoformat series`."""
    add_reading(parser)
    add_labelling(parser)
    parser.add_argument("--of", choices=COLUMNS, default="format", help="what to count (default: format)")
    parser.add_argument("--csv", action="store_true", help="write one row a step and name as CSV")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Print the series of a log."""
    log = open_log(args)
    done = labelled(args, log, also=() if args.of == "format" else (args.of,))
    series = done.series if args.of == "format" else done.also[args.of]
    if args.json:
        show_json({**series.to_dict(), "read": log.report.to_dict()})
    elif args.csv:
        _write_csv(series)
    else:
        show("\n".join(step_table(series)))
    say_reading(log)
    return code_of(log)


def _write_csv(series: FormatSeries) -> None:
    writer = None
    for run_name, split, one in series.each():
        for row in one.rows():
            full = {"run": run_name, "split": split, **row}
            if writer is None:
                writer = csv.writer(sys.stdout, lineterminator="\n")
                writer.writerow(full)
            writer.writerow([csv_cell(value) for value in full.values()])
