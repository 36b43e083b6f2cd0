"""Where code stands, and what no Python begins with: the short ways say what the plain definitions say."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from echoformat.detectors import region
from echoformat.detectors.region import CodeRegion, code_region, unlike_python

PIECES = (
    "<llm-code>",
    "</llm-code>",
    "```",
    "```python\n",
    "```py",
    "`",
    "<",
    "\n",
    "  ",
    " ",
    "x = 1\n",
    "Ada",
    "has",
    "not in",
    "in,",
    "inside",
    "for",
    "print",
    "é",
    "'",
    "#",
    "$",
    "3 ",
    "\u2003",
    "_x1",
    "x" * 399,
    "x" * 396 + " in",
)
TEXTS = st.lists(st.sampled_from(PIECES) | st.text(max_size=4), max_size=9).map("".join)


def _plain_region(text: str) -> CodeRegion | None:
    for opening in region.OPENINGS:
        at = text.find(opening)
        if at >= 0:
            start = at + len(opening)
            line_end = text.find("\n", start)
            if 0 <= line_end <= start + region.SHORT_TAG:
                start = line_end + 1
            end = text.find("</llm-code>" if opening == "<llm-code>" else "```", start)
            return CodeRegion(start, len(text) if end < 0 else end, False)
    return CodeRegion(0, len(text), True) if text.strip() else None


def _plain_unlike(text: str) -> int:
    """By the pattern alone."""
    start = len(text) - len(text.lstrip())
    end = text.find("\n", start, start + region.LONGEST_LINE)
    first = text[start : end if end >= 0 else start + region.LONGEST_LINE]
    quoted = region._QUOTE_OR_COMMENT.search(first)
    found = region._NO_PYTHON.search(first[: quoted.end()] if quoted else first)
    return start + found.end() if found else -1


@given(TEXTS)
@example("x `` y <llm-code")
@example("So:\n```\nx\n```\n<llm-code>\ny\n</llm-code>")
@settings(max_examples=300, deadline=None)
def test_region_is_the_first_block_of_the_first_kind(text: str) -> None:
    assert code_region(text) == _plain_region(text)


@given(TEXTS)
@example(" Ada has 3 pens.")
@example("x" * 396 + " inside")
@settings(max_examples=300, deadline=None)
def test_two_words_are_told_as_the_pattern_tells_them(text: str) -> None:
    assert unlike_python(text) == _plain_unlike(text)


@pytest.mark.parametrize("second", ["has", "in", "inside", "has,", "in,", "é", "é1", "3", "_x", "is'", ""])
@pytest.mark.parametrize("first", ["Ada", "for", "fort", "x1", "1x", "é", "_", "x.y", "", "print", "Ada "])
def test_any_two_words(first: str, second: str) -> None:
    for text in (f"{first} {second}", f"\n {first} {second} 3", f"{first} {second}\nAda has"):
        assert unlike_python(text) == _plain_unlike(text)
