"""Command: the shape of a file in this folder that is one. Adding a command is adding the file.

A command file has a docstring (its first line is the summary), `add_arguments(parser)` and
`run(args) -> exit code`. Files without these two functions only serve the commands.
"""

from __future__ import annotations

import argparse
import ast
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

FOLDER = Path(__file__).parent
NEEDED = {"add_arguments", "run"}


class Command(Protocol):
    """One command."""

    __doc__: str | None

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the command's arguments."""
        ...

    def run(self, args: argparse.Namespace) -> int:
        """Do the work; the result is the exit code."""
        ...


@cache
def command_summaries() -> dict[str, str]:
    """Name and summary of every command, read from the files without importing them.

    Example:
        >>> "report" in command_summaries()
        True
    """
    found = {}
    for path in sorted(FOLDER.glob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if {node.name for node in tree.body if isinstance(node, ast.FunctionDef)} >= NEEDED:
            found[path.stem.rstrip("_").replace("_", "-")] = (ast.get_docstring(tree) or "").split("\n")[0]
    return found


def command_names() -> tuple[str, ...]:
    """Names of the commands, sorted."""
    return tuple(command_summaries())


def load_command(name: str) -> Command:
    """The module of a command; only now are its imports paid for."""
    stem = name.replace("-", "_")
    module = stem if (FOLDER / f"{stem}.py").exists() else f"{stem}_"
    return cast(Command, import_module(f"echoformat.cli.{module}"))
