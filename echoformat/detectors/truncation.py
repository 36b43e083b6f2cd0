"""Truncation: does a completion stop before it is done, or run on past its end?

Cut: a bracket, fence or tag that stays open where its format closes it, or the declared ending of the format
is absent and the text does not end like a finished sentence. Run on: after its answer it puts itself the next
question. Only bounded, linear scans of the ends of the text.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Any

import regex

try:
    import re2 as linear
except ImportError:
    linear = regex

TAGS = (
    ("<think>", "</think>"),
    ("<llm-code>", "</llm-code>"),
    ("<tool_call>", "</tool_call>"),
    ("\\begin{aligned}", "\\end{aligned}"),
)
FENCE = "```"
LONGEST_TAG = 16
FINISHED = (".", "!", "?", "$$", "\\]", "}$", ".$", "**", ".)", '."', ".*", "|", ">", "</answer>", "```")
NEXT_PROBLEM = (
    "\nUser:",
    "\nHuman:",
    "\nQuestion:",
    "\nQ:",
    "\nInput:",
    "\nProblem:",
    "\n### Instruction",
    "\n### User",
    "\n### Question",
    "<|im_start|>user",
    "\nProblem 2",
    "\nQuestion 2",
)
CHAT_TURN = "<|im_start|>user"
# One look for all that begin a line: most texts hold none.
_NEXT = "\n(?:" + "|".join(regex.escape(m[1:]) for m in NEXT_PROBLEM if m.startswith("\n")) + ")"
NEXT = regex.compile(_NEXT)
ANSWERED = ("</answer>", "#### ", "\\boxed", "answer is", "Answer:", "Output:")
AFTERWORD = 40
CLOSED = "</answer>"
SENTENCE_FAMILIES = ("natural_language", "other")
PROSE = (*SENTENCE_FAMILIES, None)
OPEN_ENDS = (
    ",",
    "(",
    "=",
    "+",
    "\\",
    " the",
    " of",
    " and",
    " is",
    " to",
    " a",
    " we",
    " so",
    " that",
    " The",
    " So",
)


# The same looks over many texts at once, one behind the other.
BETWEEN = b"\0"
NEXT_OF_MANY = linear.compile(_NEXT.encode())
TAG_OF_MANY = linear.compile(
    "|".join(regex.escape(tag) for tag in (CLOSED, CHAT_TURN, *dict(TAGS)) if tag[0] == "<").encode()
)


def is_truncated(text: str, family: str | None, ending: bool | None) -> bool:
    r"""Whether a view looks cut off, or runs on into a next problem.

    Args:
        text: The view.
        family: Family of its format, ``None`` where it has none.
        ending: Whether the declared ending of its format is there; ``None`` where none is declared.

    Example:
        >>> is_truncated("<think>\nSo 3 * 4 is", "natural_language", None)
        True
        >>> is_truncated("There are 12.", "natural_language", None)
        False
    """
    return _lacks_end(text, family, ending) or runs_on(text) or is_open(text)


def truncated(
    texts: Sequence[str],
    families: Sequence[str | None],
    endings: Sequence[bool | None],
    encoded: Sequence[bytes] | None = None,
) -> list[bool]:
    r"""Which of many views look cut off, or run on; each as `is_truncated` says.

    Args:
        texts: The views.
        families: Family of the format of each.
        endings: Whether the declared ending of its format is there.
        encoded: The views in UTF-8, where they are at hand.

    Example:
        >>> truncated(["There are 12.", "He then sells the"], ["other", None], [None, None])
        [False, True]
    """
    lacking = [_lacks_end(*row) for row in zip(texts, families, endings, strict=True)]
    if encoded is None:
        encoded = [text.encode("utf-8", "surrogatepass") for text in texts]
    for row in _suspects(texts, encoded):
        lacking[row] = lacking[row] or runs_on(texts[row]) or is_open(texts[row])
    return lacking


def _lacks_end(text: str, family: str | None, ending: bool | None) -> bool:
    """Whether the declared ending, or where none is declared that of a sentence, is missing."""
    if ending:
        return False
    if ending is None:
        return family in PROSE and stops_midway(text)
    return family not in SENTENCE_FAMILIES or not text.rstrip().endswith(FINISHED)


def _suspects(texts: Sequence[str], encoded: Sequence[bytes]) -> set[int]:
    """Rows that may run on or be open; no other row does or is."""
    found = {row for row, text in enumerate(texts) if "`" in text and text.count(FENCE) % 2}
    found.update(row for row, text in enumerate(texts) if "\\" in text and "\\begin{aligned}" in text)
    found.update(_rows_with(NEXT_OF_MANY, encoded, range(len(encoded))))
    tagged = [row for row, text in enumerate(texts) if "<" in text]
    found.update(row for row in tagged if "<" in texts[row][-LONGEST_TAG:])
    found.update(_rows_with(TAG_OF_MANY, encoded, tagged))
    return found


def _rows_with(pattern: Any, encoded: Sequence[bytes], rows: Sequence[int]) -> Iterator[int]:
    """Those of some rows that a pattern matches, again for each match."""
    some = [encoded[row] for row in rows]
    ends = list(accumulate(len(text) + len(BETWEEN) for text in some))
    for match in pattern.finditer(BETWEEN.join(some)):
        yield rows[bisect_right(ends, match.start())]


def stops_midway(text: str) -> bool:
    r"""Whether a text ends in a word or sign that never ends a sentence.

    Example:
        >>> stops_midway("He then sells the"), stops_midway("He sells 3.")
        (True, False)
    """
    return text.rstrip().endswith(OPEN_ENDS)


def is_open(text: str) -> bool:
    r"""Whether a fence stays open, or a tag is opened and never closed.

    Example:
        >>> is_open("```python\nx = 1"), is_open("```python\nx = 1\n```\n")
        (True, False)
    """
    # One character is looked for much faster than several.
    if "`" in text and text.count(FENCE) % 2:
        return True
    if "<" in text and _ends_in_tag(text[-LONGEST_TAG:]):
        return True
    if "<" not in text and "\\" not in text:
        return False
    return any(opening in text and closing not in text for opening, closing in TAGS)


def _ends_in_tag(end: str) -> bool:
    start = end.rfind("<")
    return start > end.rfind(">") and _is_tag(end[start + 1 :])


def _is_tag(rest: str) -> bool:
    return rest.lstrip("/").isalpha() and rest.islower()


def runs_on(text: str) -> bool:
    r"""Whether an answer is followed by the next question, or a closed answer by more text.

    Example:
        >>> runs_on("The answer is 4.\n\nQuestion: What is 3 + 3?\nThe answer is")
        True
    """
    has_tag = "<" in text
    closed = text.find(CLOSED) if has_tag else -1
    if closed >= 0 and len(text) - closed - len(CLOSED) > AFTERWORD and not text.rstrip().endswith(CLOSED):
        return True
    if not NEXT.search(text) and not (has_tag and CHAT_TURN in text):
        return False
    places = [place for marker in NEXT_PROBLEM if (place := text.find(marker)) > 0]
    return bool(places) and any(-1 < text.find(word) < max(places) for word in ANSWERED)
