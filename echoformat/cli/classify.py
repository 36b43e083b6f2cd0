"""The format of one completion."""

from __future__ import annotations

import argparse

from echoformat.classifier import classify
from echoformat.cli.arguments import add_json
from echoformat.cli.exit_code import ExitCode
from echoformat.cli.say import show, show_json
from echoformat.cli.text_input import add_text, the_text
from echoformat.compat import COMPAT_RULES


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `echoformat classify`."""
    add_text(parser)
    parser.add_argument(
        "--compat", choices=sorted(COMPAT_RULES), help="use this published rule instead of ours"
    )
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Print the label."""
    label = classify(the_text(args), compat=args.compat)
    if args.json:
        show_json(label.to_dict())
        return ExitCode.OK
    finer = f" ({label.variant})" if label.variant else ""
    state = label.family or "unlabelled"
    cut = ", truncated" if label.truncated else ""
    show(f"{label.name}{finer}: {state}, confidence {label.confidence:.2f}, by {label.reason.value}{cut}")
    return ExitCode.OK
