"""The format of one completion, and every rule that fired."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from echoformat.classifier import Explanation, explain
from echoformat.cli.arguments import add_json
from echoformat.cli.exit_code import ExitCode
from echoformat.cli.say import show, show_json
from echoformat.cli.text_input import add_text, the_text
from echoformat.report.escape import visible

LONGEST_QUOTE = 40


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `echoformat explain`."""
    add_text(parser)
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Print the label, what each detector said, and the scores."""
    text = the_text(args)
    said = explain(text)
    if args.json:
        show_json(said.to_dict())
    else:
        show("\n".join(_lines(text, said)))
    return ExitCode.OK


def _lines(text: str, said: Explanation) -> Iterator[str]:
    label = said.label
    decided = f"by {label.reason.value}, status {label.status.value}"
    yield f"{label.name}  confidence {label.confidence:.2f}, {decided}"
    for detector, found in said.evidence.items():
        yield f"{detector}: {'nothing' if not found else ''}".rstrip()
        for one in found:
            quote = visible(text[one.start : one.end])
            shown = quote if len(quote) <= LONGEST_QUOTE else quote[: LONGEST_QUOTE - 1] + "…"
            yield f"  {one.format}.{one.rule}  {one.weight:+.2f}  {one.start}-{one.end}  {shown}"
    if said.scores:
        yield "scores: " + ", ".join(f"{name} {score:.2f}" for name, score in said.scores)
