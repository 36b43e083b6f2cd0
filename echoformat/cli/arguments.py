"""Arguments that several commands share, and what they stand for."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from textwrap import fill

from echoformat.classifier import Classifier
from echoformat.cli.exit_code import ExitCode
from echoformat.cli.mixture_file import read_mixture
from echoformat.cli.progress import progress
from echoformat.cli.say import say
from echoformat.compat import COMPAT_RULES
from echoformat.engines.local import LabelledRun, label_run
from echoformat.errors import UsageError, did_you_mean
from echoformat.mixture import STUDY_MIXTURES, Mixture
from echoformat.rollouts import Columns, RolloutLog, read_rollouts

MOST_REMARKS, WIDTH = 12, 79


def add_reading(parser: argparse.ArgumentParser, paths: str = "+") -> None:
    """PATH... and everything that says how a log is read."""
    parser.add_argument("paths", nargs=paths, metavar="PATH", help="files, directories, globs of rollouts")
    group = parser.add_argument_group(
        "reading", "by default readers look for themselves and say what they took"
    )
    for role in (field.name for field in fields(Columns) if field.name != "run"):
        group.add_argument(f"--{role}", metavar="COLUMN", help=f"column that holds the {role}")
    group.add_argument("--run-column", metavar="COLUMN", help="column that names the run")
    group.add_argument("--run", metavar="NAME", help="call everything that is read one run of this name")
    group.add_argument(
        "--step-from", metavar="path|line|file|REGEX", help="where the step stands, if in no column"
    )
    group.add_argument("--strict", action="store_true", help="stop at the first row that cannot be used")


def add_labelling(parser: argparse.ArgumentParser) -> None:
    """What decides on the labels."""
    group = parser.add_argument_group("labelling")
    names = ", ".join(STUDY_MIXTURES)
    group.add_argument("--mixture", metavar="FILE.toml|NAME", help=f"attribute to sources of: {names}")
    group.add_argument(
        "--model", metavar="FOLDER", help="a model of your own sources, written by `echoformat train`"
    )
    group.add_argument(
        "--compat", choices=sorted(COMPAT_RULES), help="use this published rule instead of ours"
    )
    group.add_argument(
        "--steps-per-epoch", type=_positive, metavar="N", help="steps in one pass over the problems"
    )


def add_json(parser: argparse.ArgumentParser) -> None:
    """--json."""
    parser.add_argument("--json", action="store_true", help="write the result as JSON to standard output")


def open_log(args: argparse.Namespace) -> RolloutLog:
    """The log that the arguments name."""
    given = {f.name: getattr(args, f.name) for f in fields(Columns) if f.name != "run"}
    columns = Columns(**given, run=args.run_column)
    return read_rollouts(
        args.paths, columns=columns, step_from=args.step_from, run=args.run, strict=args.strict
    )


def _positive(text: str) -> float:
    value = float(text)
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} must be above 0")
    return value


def the_mixture(args: argparse.Namespace) -> Mixture | None:
    """The mixture that --mixture names.

    Raises:
        UsageError: Neither a file nor a shipped mixture.
    """
    if args.mixture is None:
        return None
    if args.mixture in STUDY_MIXTURES:
        return STUDY_MIXTURES[args.mixture]
    if Path(args.mixture).is_file():
        return read_mixture(Path(args.mixture))
    raise UsageError(f"no mixture file {args.mixture!r}: {did_you_mean(args.mixture, STUDY_MIXTURES)}")


def the_classifier(args: argparse.Namespace) -> Classifier:
    """The classifier that the arguments describe."""
    if args.compat is not None and args.model is not None:
        raise UsageError("--compat takes a published rule, --model your own sources; give one of them")
    model = "builtin" if args.model is None else args.model
    return Classifier(mixture=the_mixture(args), compat=args.compat, model=model)


def labelled(args: argparse.Namespace, log: RolloutLog, also: Sequence[str] = ()) -> LabelledRun:
    """The log, labelled and counted, with progress on standard error."""
    classifier, pace = the_classifier(args), args.steps_per_epoch
    with progress("labelling") as tick:
        return label_run(log, classifier, steps_per_epoch=pace, also=also, progress=tick)


def say_reading(log: RolloutLog) -> None:
    """Say on standard error what was read and what was not."""
    lines = log.report.lines()
    for line in lines[:MOST_REMARKS]:
        say(fill(line, WIDTH, subsequent_indent="    ", break_long_words=False, break_on_hyphens=False))
    if len(lines) > MOST_REMARKS:
        say(f"... and {len(lines) - MOST_REMARKS} more remarks (echoformat doctor shows all)")


def code_of(log: RolloutLog) -> ExitCode:
    """UNREADABLE where rows or files were lost, else OK."""
    return ExitCode.UNREADABLE if log.report.faulty else ExitCode.OK
