"""Where in a completion its code stands: a block between tags or fences, else the whole text."""

from __future__ import annotations

from dataclasses import dataclass

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
    for opening in OPENINGS:
        at = text.find(opening)
        if at >= 0:
            return _block(text, at, opening)
    return CodeRegion(0, len(text), True) if text.strip() else None


def _block(text: str, at: int, opening: str) -> CodeRegion:
    start = at + len(opening)
    line_end = text.find("\n", start)
    if 0 <= line_end <= start + SHORT_TAG:
        start = line_end + 1
    end = text.find(CLOSINGS.get(opening, FENCE), start)
    return CodeRegion(start, len(text) if end < 0 else end, False)
