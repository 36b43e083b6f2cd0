"""The text that `classify` and `explain` are asked about: an argument, or standard input."""

from __future__ import annotations

import argparse
import sys

from echoformat.errors import UsageError


def add_text(parser: argparse.ArgumentParser) -> None:
    """TEXT, by default standard input."""
    parser.add_argument("text", nargs="?", help="the completion; standard input where left out or -")


def the_text(args: argparse.Namespace) -> str:
    """The text to look at; bytes that are no UTF-8 become the replacement character.

    Raises:
        UsageError: No text was given and standard input is a terminal.
    """
    if args.text not in (None, "-"):
        return str(args.text)
    if args.text is None and sys.stdin.isatty():
        raise UsageError("give a text, or pipe one in: echoformat classify < completion.txt")
    return sys.stdin.buffer.read().decode("utf-8", "replace")
