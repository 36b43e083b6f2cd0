"""Learn the sources of your own pretraining mixture from samples, and write a model directory.

SOURCES holds one folder or file a source, named after it (JSONL, JSON, parquet or CSV), with 50 texts or more
in each. The directory is what `--model` of the other commands, and `Classifier.load`, accept.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from echoformat.cli.arguments import add_json
from echoformat.cli.exit_code import ExitCode
from echoformat.cli.say import say, show, show_json
from echoformat.rollouts import Columns
from echoformat.source_files import MOST_ROWS, TrainReport, train_sources

WIDEST = 14


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `echoformat train`."""
    parser.add_argument("sources", metavar="SOURCES", help="a folder with one subfolder or file a source")
    parser.add_argument("-o", "--output", required=True, metavar="MODEL", help="the model directory to write")
    parser.add_argument("--completion", metavar="COLUMN", help="column that holds the text")
    parser.add_argument("--problem", metavar="COLUMN", help="column that keeps texts together when held out")
    parser.add_argument("--most-rows", type=int, default=MOST_ROWS, help=f"rows of each source ({MOST_ROWS})")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Train, then print how well held-out texts were told apart."""
    columns = Columns(completion=args.completion, problem=args.problem)
    report = train_sources(args.sources, args.output, columns, args.most_rows)
    if args.json:
        show_json(report.to_dict())
    else:
        show("\n".join(_lines(report)))
    say(f"model: {args.output} (use it with --model {args.output})")
    return ExitCode.OK


def _lines(report: TrainReport) -> Iterator[str]:
    yield f"held out: {report.accuracy:.1%} right, calibration error {report.calibration_error:.3f}"
    names = [name[:WIDEST] for name in report.sources]
    yield f"{'true, told as':{WIDEST}}" + "".join(f"{name:>{WIDEST + 1}}" for name in names)
    for name, row in zip(names, report.confusion.tolist(), strict=True):
        yield f"{name:{WIDEST}}" + "".join(f"{count:>{WIDEST + 1}}" for count in row)
    for name, count in report.skipped.items():
        if count:
            yield f"{name}: {count} rows without text left out"
