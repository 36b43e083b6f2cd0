"""The shelf of formats, or one of them with its rules and examples."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import asdict

from echoformat.cli.arguments import add_json
from echoformat.cli.exit_code import ExitCode
from echoformat.cli.say import show, show_json
from echoformat.errors import UsageError, did_you_mean
from echoformat.format import Format
from echoformat.formats import all_formats


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `echoformat formats`."""
    parser.add_argument("name", nargs="?", help="show this format whole")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Print the shelf."""
    shelf = {format.name: format for format in all_formats()}
    if args.name is not None and args.name not in shelf:
        raise UsageError(f"no format {args.name!r}: {did_you_mean(args.name, shelf)}")
    shown = list(shelf.values()) if args.name is None else [shelf[args.name]]
    if args.json:
        show_json([asdict(format) for format in shown])
    else:
        show("\n".join(_whole(shown[0]) if args.name else _listed(shown)))
    return ExitCode.OK


def _listed(shelf: list[Format]) -> Iterator[str]:
    for family in sorted({format.family for format in shelf}):
        yield f"{family}"
        yield from (f"  {f.name:<22} {f.title}" for f in shelf if f.family == family)


def _whole(format: Format) -> Iterator[str]:
    yield f"{format.name}: {format.title}"
    yield f"family {format.family}; {format.source}"
    if format.variants:
        yield "variants: " + ", ".join(format.variants)
    yield from (f"pattern {p.name}  {p.weight:+.2f}  {p.regex}" for p in format.patterns)
    yield from (f"syntax  {s.name}  {s.weight:+.2f}  {s.language}" for s in format.syntax)
    for number, example in enumerate(format.examples, 1):
        yield f"\nexample {number}:"
        yield from (f"  {line}" for line in example.splitlines())
