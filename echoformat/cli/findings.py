"""The study's claims held against each run: supported, contradicted or undecided."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from textwrap import fill
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
from echoformat.findings import Finding, Verdict
from echoformat.report.escape import visible
from echoformat.report.part import Part, parts_of
from echoformat.report.plain import plain

WIDTH = 79


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `echoformat findings`."""
    add_reading(parser)
    add_labelling(parser)
    parser.add_argument("--decided", action="store_true", help="leave out what a run does not decide")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Print the findings of every run."""
    log = open_log(args)
    parts = parts_of(labelled(args, log).series)
    if args.json:
        runs = [_dict(part, _kept(part, args.decided)) for part in parts]
        show_json({"runs": runs, "read": log.report.to_dict()})
    else:
        lines = [line for part in parts for line in _lines(part, _kept(part, args.decided))]
        show("\n".join(lines or ["There is no completion to label."]))
    say_reading(log)
    return code_of(log)


def _kept(part: Part, decided: bool) -> list[Finding]:
    return [one for one in part.findings if not decided or one.verdict is not Verdict.UNDECIDED]


def _dict(part: Part, found: list[Finding]) -> dict[str, Any]:
    return {"run": part.run, "split": part.split, "findings": plain(found)}


def _lines(part: Part, found: list[Finding]) -> Iterator[str]:
    yield part.title
    for one in found:
        yield from finding_lines(one)


def finding_lines(one: Finding) -> Iterator[str]:
    """A finding for a terminal, with its caveats and what would decide it."""
    yield fill(visible(one.sentence()), WIDTH, initial_indent="  ", subsequent_indent="      ")
    for caveat in one.caveats:
        yield fill(visible(caveat), WIDTH, initial_indent="      but: ", subsequent_indent="           ")
    if one.verdict is Verdict.UNDECIDED and one.decides:
        words = visible(one.decides)
        yield fill(words, WIDTH, initial_indent="      would decide: ", subsequent_indent="           ")
