"""Label a log: one row a completion, in the log's order, to a file."""

from __future__ import annotations

import argparse
from pathlib import Path

from echoformat.cli.arguments import (
    add_json,
    add_labelling,
    add_reading,
    code_of,
    open_log,
    say_reading,
    the_classifier,
)
from echoformat.cli.label_file import LABEL_COLUMNS, label_writer
from echoformat.cli.output import whole_file
from echoformat.cli.progress import progress
from echoformat.cli.say import say, show_json
from echoformat.engines.local import label_batches


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `echoformat label`."""
    add_reading(parser)
    add_labelling(parser)
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        required=True,
        metavar="FILE",
        help=".parquet, .jsonl or .csv; columns " + ", ".join(LABEL_COLUMNS),
    )
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Write the labels."""
    log, classifier = open_log(args), the_classifier(args)
    rows = 0
    kind = args.output.suffix
    with (
        whole_file(args.output) as part,
        progress("labelling") as tick,
        label_writer(part, kind, classifier.versions) as write,
    ):
        for batch, labels in label_batches(log, classifier):
            write(batch, labels)
            rows += len(batch)
            if tick is not None:
                tick(len(batch))
    if args.json:
        show_json({"labels": str(args.output), "rows": rows, "read": log.report.to_dict()})
    say_reading(log)
    say(f"wrote {rows} labels to {args.output}")
    return code_of(log)
