"""Where in a completion its code stands: a block between tags or fences, else the whole text."""

from __future__ import annotations

from dataclasses import dataclass

from echoformat.detectors.late_regex import LateRegex

OPENINGS = ("<llm-code>", "```python", "```py", "```Python", "```")
CLOSINGS = {"<llm-code>": "</llm-code>"}
FENCE = "```"
SHORT_TAG = 24


@dataclass(frozen=True, slots=True)
class CodeRegion:
    """Characters `start` to `end` of a view hold code; `whole` where nothing stands around them."""

    start: int
    end: int
    whole: bool


def code_region(text: str) -> CodeRegion | None:
    r"""The first block of code in a text; the whole text where it has no block; ``None`` when blank.

    Example:
        >>> code_region("So:\n```python\nx = 1\n```\n")
        CodeRegion(start=14, end=20, whole=False)
        >>> code_region("x = 1\n")
        CodeRegion(start=0, end=6, whole=True)
    """
    found = code_bounds(text)
    return None if found is None else CodeRegion(*found)


def code_bounds(text: str) -> tuple[int, int, bool] | None:
    r"""The start, the end and the `whole` of `code_region`.

    Example:
        >>> code_bounds("So:\n```python\nx = 1\n```\n")
        (14, 20, False)
    """
    # One character is looked for much faster than several.
    if ("`" in text and FENCE in text) or ("<" in text and OPENINGS[0] in text):
        opening, at = next((o, at) for o in OPENINGS if (at := text.find(o)) >= 0)
        return _block(text, at, opening)
    return None if not text or text.isspace() else (0, len(text), True)


def _block(text: str, at: int, opening: str) -> tuple[int, int, bool]:
    start = at + len(opening)
    line_end = text.find("\n", start)
    if 0 <= line_end <= start + SHORT_TAG:
        start = line_end + 1
    end = text.find(CLOSINGS.get(opening, FENCE), start)
    return start, len(text) if end < 0 else end, False


# Words that may stand before, or after, another word in Python code (2 and 3).
_BEFORE = (
    "and|as|assert|async|await|case|class|def|del|elif|else|except|exec|finally|for|from|global|if|import|in|is|"
    "lambda|match|nonlocal|not|or|print|raise|return|try|type|while|with|yield"
)
_AFTER = "and|as|async|for|from|if|import|in|is|not|or|else"
_NO_PYTHON = LateRegex(
    rf"(?a)\A\s*(?:[%<>=/|&^!,;:)\]}}]|\*\*)|[$?`]|\\(?!\s*$)"
    rf"|\b(?!(?:{_BEFORE})\b)[A-Za-z_]\w* +(?!(?:{_AFTER})\b)[A-Za-z_]"
    r"|\b(?!(?i:[rbfu]|[bf]r|r[bf])['\"])\w+(?<![\d])['\"]",
)
_WORDS_BEFORE = frozenset(_BEFORE.split("|"))
_WORDS_AFTER = frozenset(_AFTER.split("|"))
_QUOTE_OR_COMMENT = LateRegex("[\"'#]")
LONGEST_LINE = 400


def unlike_python(text: str) -> int:
    r"""Where the first line holds what no line of Python can, outside of quotes and comments; -1: nowhere.

    Example:
        >>> unlike_python("Ada has 3 pens."), unlike_python("x = $3$")
        (5, 5)
        >>> unlike_python("I'd say"), unlike_python("% Ada"), unlike_python("f'{x}'")
        (2, 1, -1)
        >>> unlike_python("for pen in pens:"), unlike_python("print pens")
        (-1, -1)
    """
    start = len(text) - len(text.lstrip())
    end = text.find("\n", start, start + LONGEST_LINE)
    first = text[start : end if end >= 0 else start + LONGEST_LINE]
    words = first.split(" ", 2)
    # Prose mostly begins so, and two words are told apart much faster than by a pattern.
    if len(words) > 1 and first.isascii() and _are_two_words(words[0], words[1]):
        return start + len(words[0]) + 2
    quoted = _QUOTE_OR_COMMENT.search(first)
    found = _NO_PYTHON.search(first[: quoted.end()] if quoted else first)
    return start + found.end() if found else -1


def _are_two_words(word: str, other: str) -> bool:
    """Whether two words of ASCII are such that no Python has the second behind the first and a space."""
    if not word.isidentifier() or not other.isalpha():
        return False
    return word not in _WORDS_BEFORE and other not in _WORDS_AFTER
