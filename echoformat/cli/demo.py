"""A report on two bundled RL runs, one of which switched formats."""

from __future__ import annotations

import argparse
from pathlib import Path

from echoformat.classifier import Classifier
from echoformat.cli.arguments import add_json
from echoformat.cli.exit_code import ExitCode
from echoformat.cli.output import write_text
from echoformat.cli.progress import progress
from echoformat.cli.report import print_summary, summary_dict
from echoformat.cli.say import colour_wanted, show_json
from echoformat.demo import demo_files
from echoformat.engines.local import label_run
from echoformat.mixture import STUDY_MIXTURES
from echoformat.report.page import report_page
from echoformat.rollouts import read_rollouts

MIXTURE = "tinygsm+openmath1+openmath2"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `echoformat demo`."""
    parser.add_argument("-o", "--output", type=Path, default=Path("report.html"), help="default: report.html")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Label the bundled runs and write their report."""
    log = read_rollouts(demo_files())
    with progress("labelling") as tick:
        done = label_run(log, Classifier(mixture=STUDY_MIXTURES[MIXTURE]), progress=tick)
    write_text(args.output, report_page(done, log.report))
    if args.json:
        show_json(summary_dict(done, args.output))
    else:
        print_summary(done, args.output, colour_wanted())
    return ExitCode.OK
