"""Pieces: where in a completion code begins, prose begins, or the next question begins."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

LEAST_PIECE = 40
MOST_PIECES = 32
CODE_STARTS = (
    "def ",
    "class ",
    "import ",
    "from ",
    "return",
    "print(",
    "for ",
    "while ",
    "if ",
    "#",
    "@",
    "assert ",
)
TURNS = ("Question:", "Q:", "User:", "Human:", "Problem:", "Input:", "### Instruction", "### User")
OPENING_TAGS, CLOSING_TAGS = ("<llm-code>", "<tool_call>"), ("</llm-code>", "</tool_call>")


class Kind(StrEnum):
    """What a piece looks like on the page."""

    CODE = "code"
    PROSE = "prose"


@dataclass(frozen=True, slots=True)
class Piece:
    """Characters `start` to `end` of a view."""

    start: int
    end: int
    kind: Kind


def pieces(text: str) -> list[Piece]:
    r"""The pieces of a text, covering it; one piece where it never changes.

    Pieces of fewer than 40 characters join the one before, and no text has more than 32.

    Example:
        >>> code = "```python\npens = 2 + 3\ncaps = 4 * pens\nprint(pens + caps)\n```\n"
        >>> text = "First I add up the pens, and then all of the caps.\n" + code + "That makes 25 things.\n"
        >>> [p.kind.value for p in pieces(text + "That is what the code shows.")]
        ['prose', 'code', 'prose']
    """
    found: list[Piece] = []
    for start, end, kind, turns in _lines(text):
        if found and not turns and (kind is None or kind is found[-1].kind):
            found[-1] = Piece(found[-1].start, end, found[-1].kind)
        else:
            found.append(Piece(start, end, kind or Kind.PROSE))
    return _without_crumbs(found)


def _lines(text: str) -> list[tuple[int, int, Kind | None, bool]]:
    """Each line with its kind (``None``: that of the line before) and whether a new question begins."""
    found: list[tuple[int, int, Kind | None, bool]] = []
    inside, start = "", 0
    for line in _split(text):
        end = start + len(line)
        bare = line.strip()
        was_inside = inside
        inside = _after(bare, inside)
        if inside or was_inside:
            found.append((start, end, Kind.CODE, False))
        else:
            found.append((start, end, _kind(line, bare), start > 0 and bare.startswith(TURNS)))
        start = end
    return found


def _split(text: str) -> list[str]:
    return [*[line + "\n" for line in text.split("\n")][:-1], text.rsplit("\n", 1)[-1]]


def _after(bare: str, inside: str) -> str:
    """The block that is open behind a line."""
    if inside == "```":
        return "" if bare.startswith("```") else inside
    if inside:
        return "" if bare.endswith(CLOSING_TAGS) else inside
    if bare.startswith("```") and not (len(bare) > 3 and bare.endswith("```")):
        return "```"
    return "<" if bare.startswith(OPENING_TAGS) and not bare.endswith(CLOSING_TAGS) else ""


def _kind(line: str, bare: str) -> Kind | None:
    if not bare:
        return None
    if line.startswith(CODE_STARTS[:2]) and bare.endswith(":"):
        return Kind.CODE
    if line.startswith(("    ", "\t")):
        return None
    left, equals, right = bare.partition(" = ")
    if equals and left.isidentifier() and right:
        return Kind.CODE
    return None if bare.startswith(CODE_STARTS) and not bare.endswith((".", "?")) else Kind.PROSE


def _without_crumbs(found: list[Piece]) -> list[Piece]:
    kept: list[Piece] = []
    for piece in found:
        small = piece.end - piece.start < LEAST_PIECE or len(kept) >= MOST_PIECES
        begun = kept and kept[-1].end - kept[-1].start < LEAST_PIECE
        if kept and small:
            kept[-1] = Piece(kept[-1].start, piece.end, kept[-1].kind)
        elif begun:
            kept[-1] = Piece(kept[-1].start, piece.end, piece.kind)
        else:
            kept.append(piece)
    return kept
