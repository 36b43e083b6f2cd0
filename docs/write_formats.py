"""Writes docs/formats.md from the shelf: `python docs/write_formats.py`; a test holds the page to it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from echoformat.format import Family, Format, Pattern, Syntax
from echoformat.formats import shelf_formats

PAGE = Path(__file__).resolve().parent / "formats.md"
HEAD = """\
# Formats

Every format of the shelf `echoformat/formats/`, written from its file: do not edit this page, run
`python docs/write_formats.py`. A format is the look of one pretraining source on the page; formats that share
a medium are a family, finer forms within a format are variants. To add one:
[adding a format](adding-a-format.md).

A **weight** says how much a rule speaks for its format: 0.9 alone makes it nine in ten; weights of rules that
fire combine as independent evidence, -ln(1 - weight) each; a negative weight speaks against, 0 only names a
variant. A format stands from a score of 0.5 on; of two that stand within 0.15 of each other the label is
ambiguous, unless one outranks the other because its look contains the other's.

Beside the formats stand four states that leave the format empty: `empty`, `degenerate` (fallen into a loop),
`unknown` and `ambiguous`. `truncated` is a flag beside a format. A loop with small changes is told by how far
zlib packs the end of a completion: a Python built on another zlib (zlib-ng) may say otherwise of a text at
the very limit; of 1,599 texts of the speed bench that came into question none was told otherwise.
"""


def page() -> str:
    """The whole page."""
    formats = shelf_formats()
    parts = [HEAD, *_overview(formats)]
    for family in Family:
        own = [format for format in formats if format.family == family]
        parts += [f"\n## {family.value}\n", *(_entry(format) for format in own)] if own else []
    return "\n".join(parts).rstrip() + "\n"


def _overview(formats: tuple[Format, ...]) -> Iterator[str]:
    yield f"{len(formats)} formats:\n\n| format | family | variants | what it looks like |\n|---|---|---|---|"
    for format in formats:
        name = f"[{format.name}](#{format.name})"
        yield f"| {name} | {format.family} | {', '.join(format.variants)} | {_cell(format.title)} |"


def _entry(format: Format) -> str:
    lines = [f"### {format.name}\n", f"{format.title}. Source: <{format.source}>\n"]
    if format.outranks:
        lines.append(f"Outranks {', '.join(format.outranks)}.\n")
    lines += ["| rule | weight | variant | fires on |", "|---|--:|---|---|"]
    lines += [_rule(pattern) for pattern in format.patterns] + [_rule(query) for query in format.syntax]
    if format.ending:
        lines.append(f"| *whole when it has* | | | {_code(format.ending)} |")
    lines += ["\nFor example:\n", _block(format.examples[0])]
    return "\n".join(lines) + "\n"


def _rule(rule: Pattern | Syntax) -> str:
    fires = (
        _code(rule.regex) if isinstance(rule, Pattern) else "parse: " + _code(" ".join(rule.query.split()))
    )
    return f"| {rule.name} | {rule.weight:g} | {rule.variant} | {fires} |"


def _code(text: str) -> str:
    ticks = "``" if "`" in text else "`"
    pad = " " if "`" in text else ""
    return f"{ticks}{pad}{_cell(text)}{pad}{ticks}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", "\\n")


def _block(text: str) -> str:
    fence = "`````"
    return f"{fence}text\n{text.rstrip()}\n{fence}"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
