"""Writes what the docs list from the code: `python docs/write.py` (or `make docs-write`).

Between `<!-- begin NAME -->` and `<!-- end NAME -->` of a page stands what NAME produces here;
tests/test_docs.py holds the pages to it.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

from echoformat.cli import main
from echoformat.cli.command import command_summaries, load_command

ROOT = Path(__file__).resolve().parent.parent
BLOCK = re.compile(r"(<!-- begin ([\w-]+) -->\n)(.*?)(<!-- end \2 -->)", re.DOTALL)


NO_PROSE = ("#", "<", "|", "```", "-", "*", "!")
SHARED = ("reading", "labelling")


def commands() -> str:
    """Every command with its arguments; those that several share stand first, once."""
    parsers = {name: _parser(name) for name in command_summaries()}
    groups = {title: _group(parsers["report"], title) for title in SHARED}
    lines = [line for title, actions in groups.items() for line in _table(f"### Shared: {title}", actions)]
    for name, parser in parsers.items():
        lines += _command(name, parser)
    return "\n".join(lines)


def _parser(name: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"echoformat {name}")
    load_command(name).add_arguments(parser)
    return parser


def _group(parser: argparse.ArgumentParser, title: str) -> list[argparse.Action]:
    return [
        action for group in parser._action_groups if group.title == title for action in group._group_actions
    ]


def _command(name: str, parser: argparse.ArgumentParser) -> Iterator[str]:
    shared = [title for title in SHARED if _group(parser, title)]
    common = {id(action) for title in shared for action in _group(parser, title)}
    own = [action for action in parser._actions if id(action) not in common]
    more = f" Takes the shared arguments for {' and '.join(shared)}." if shared else ""
    yield from _table(f"### `echoformat {name}`\n\n{command_summaries()[name]}{more}", own)


def _table(head: str, actions: list[argparse.Action]) -> Iterator[str]:
    yield f"{head}\n\n| argument | meaning |\n|---|---|"
    for action in actions:
        if not isinstance(action, argparse._HelpAction):
            yield f"| {_spelled(action)} | {_meaning(action)} |"
    yield ""


def _spelled(action: argparse.Action) -> str:
    words = ", ".join(action.option_strings) or str(action.metavar or action.dest)
    taken = action.nargs != 0 and action.option_strings
    value = action.metavar or ("|".join(map(str, action.choices)) if action.choices else action.dest.upper())
    return f"`{words} {value}`".replace("|", "\\|") if taken else f"`{words}`"


def _meaning(action: argparse.Action) -> str:
    return (action.help or "").replace("|", "\\|")


def demo() -> str:
    """What the demo prints."""
    out = StringIO()
    with tempfile.TemporaryDirectory() as folder, redirect_stdout(out), redirect_stderr(StringIO()):
        code = main(["demo", "-o", f"{folder}/report.html"])
        said = out.getvalue().replace(f"{folder}/", "")
    if code:
        raise RuntimeError(f"echoformat demo ended with {code}; nothing was rewritten")
    return f"```text\n{said}```\n"


def pages() -> str:
    """Every page of the docs with its first sentence."""
    found = []
    for path in sorted((ROOT / "docs").glob("*.md")):
        if path.name == "index.md":
            continue
        title, _, rest = path.read_text(encoding="utf-8").partition("\n")
        prose = (
            line for line in rest.split("\n\n") if line.strip() and not line.strip().startswith(NO_PROSE)
        )
        first = " ".join(next(prose, "").split())
        sentence = re.split(r"(?<=[.:]) ", first)[0].rstrip(":.")
        found.append(f"* [{title.lstrip('# ').strip()}]({path.name}): {sentence}." if sentence else "")
    return "\n".join([line for line in found if line]) + "\n"


WRITERS: dict[str, Callable[[], str]] = {"commands": commands, "demo": demo, "pages": pages}


def written(text: str) -> str:
    """The text of a page with every block as the code has it."""
    return BLOCK.sub(lambda found: found[1] + WRITERS[found[2]]() + found[4], text)


def documents() -> list[Path]:
    """Pages that hold such blocks."""
    every = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    return [path for path in every if BLOCK.search(path.read_text(encoding="utf-8"))]


if __name__ == "__main__":
    for page in documents():
        before = page.read_text(encoding="utf-8")
        after = written(before)
        if after != before:
            page.write_text(after, encoding="utf-8")
            print(f"rewritten: {page.relative_to(ROOT)}", file=sys.stderr)
