"""Truncation: does a completion stop before it is done, or run on past its end?

Cut: a bracket, fence or tag that stays open where its format closes it, or the declared ending of the format
is absent and the text does not end like a finished sentence. Run on: after its answer it puts itself the next
question. Only bounded, linear scans of the ends of the text.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import accumulate, chain
from types import ModuleType
from typing import Any

from echoformat.compiled import native
from echoformat.detectors.late_regex import LateRegex

TAGS = (
    ("<think>", "</think>"),
    ("<llm-code>", "</llm-code>"),
    ("<tool_call>", "</tool_call>"),
    ("\\begin{aligned}", "\\end{aligned}"),
)
ALIGNED = TAGS[-1]
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
# One look for all that begin a line, by their first letter and some that follow: most texts hold none.
_LINES = [marker[1:] for marker in NEXT_PROBLEM if marker.startswith("\n")]
_FIRSTS, _RESTS = {line[0] for line in _LINES}, {line[1:8] for line in _LINES}
# Nothing in them means anything to a pattern.
_NEXT = f"\n[{''.join(sorted(_FIRSTS))}](?:{'|'.join(sorted(_RESTS))})"
NEXT = LateRegex(_NEXT)
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
TAGGED = [tag for tag in TAGS if tag[0].startswith("<")]
MARKED = [marker.encode() for marker in (*chain(*TAGGED), CLOSED, CHAT_TURN)]
# What the compiled signs say of a text, as csrc/cuts.c: open or running on, perhaps so, and how it ends.
CUT, MAY_BE_CUT, MIDWAY, DONE = 1, 2, 4, 8


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
    if _lacks_end(text, family, ending):
        return True
    compiled = native()
    if compiled is not None:
        signs = cut_signs(compiled).one(text.encode("utf-8", "surrogatepass"))
        if signs & CUT or not signs & MAY_BE_CUT:
            return bool(signs & CUT)
    return runs_on(text) or is_open(text)


@cache
def _next_of_many() -> Any:
    """`NEXT` over texts in UTF-8 one behind the other; asked for only where nothing is compiled."""
    try:
        import re2 as linear
    except ImportError:
        import regex as linear
    return linear.compile(_NEXT.encode())


@cache
def cut_signs(compiled: ModuleType) -> Any:
    """The compiled look for cuts."""
    marks = (FENCE, *chain(*TAGS), CLOSED, *NEXT_PROBLEM)
    return compiled.Signs.of_cuts(
        marks=tuple(map(str.encode, marks)),
        tags=len(TAGS),
        finished=tuple(map(str.encode, FINISHED)),
        midway=tuple(map(str.encode, OPEN_ENDS)),
        answered=tuple(map(str.encode, ANSWERED)),
        longest_tag=LONGEST_TAG,
        afterword=AFTERWORD,
    )


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
    for row in _cut_or_going_on(texts, encoded):
        lacking[row] = True
    return lacking


def _lacks_end(text: str, family: str | None, ending: bool | None) -> bool:
    """Whether the declared ending, or where none is declared that of a sentence, is missing."""
    if ending:
        return False
    if ending is None:
        return family in PROSE and stops_midway(text)
    return family not in SENTENCE_FAMILIES or not text.rstrip().endswith(FINISHED)


def _cut_or_going_on(texts: Sequence[str], encoded: Sequence[bytes]) -> set[int]:
    """Rows that are open or run on."""
    found = {row for row, text in enumerate(texts) if "`" in text and text.count(FENCE) % 2}
    found.update(row for row, text in enumerate(texts) if "\\" in text and _stays_open(text, *ALIGNED))
    found.update(_rows_of_tags(texts, encoded))
    found.update(row for row in _rows_with(_next_of_many(), encoded) if _asks_next(texts[row]))
    return found


def _rows_of_tags(texts: Sequence[str], encoded: Sequence[bytes]) -> Iterator[int]:
    """Rows that are open or run on by a tag, again for each."""
    # numpy: not for a text alone.
    from echoformat.detectors.markers import rows_with_markers

    tagged = [row for row, text in enumerate(texts) if "<" in text]
    ends = [(row, texts[row][-LONGEST_TAG:]) for row in tagged]
    yield from (row for row, end in ends if "<" in end and _ends_in_tag(end))
    *tags, closed, asked = rows_with_markers([encoded[row] for row in tagged], MARKED)
    yield from (tagged[i] for at in range(0, len(tags), 2) for i in tags[at] - tags[at + 1])
    yield from (tagged[i] for i in closed if _goes_past(texts[tagged[i]]))
    yield from (tagged[i] for i in asked if _asks_next(texts[tagged[i]]))


def _rows_with(pattern: Any, encoded: Sequence[bytes]) -> Iterator[int]:
    """Rows that a pattern matches."""
    starts = [0, *accumulate(len(text) + len(BETWEEN) for text in encoded)]
    joined = BETWEEN.join(encoded)
    found = pattern.search(joined)
    while found:
        place = bisect_right(starts, found.start())
        yield place - 1
        # On with the next text: one match is enough.
        found = pattern.search(joined, starts[place])


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
    if "<" not in text:
        return "\\" in text and _stays_open(text, *ALIGNED)
    return _ends_in_tag(text[-LONGEST_TAG:]) or any(_stays_open(text, *tag) for tag in TAGS)


def _stays_open(text: str, opening: str, closing: str) -> bool:
    return opening in text and closing not in text


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
    if has_tag and _goes_past(text):
        return True
    return bool(NEXT.search(text) or (has_tag and CHAT_TURN in text)) and _asks_next(text)


def _goes_past(text: str) -> bool:
    """Whether more than a few words follow a closed answer."""
    closed = text.find(CLOSED)
    is_far = closed >= 0 and len(text) - closed - len(CLOSED) > AFTERWORD
    return is_far and not text.rstrip().endswith(CLOSED)


def _asks_next(text: str) -> bool:
    """Whether a marker of a next problem stands behind an answer."""
    places = [place for marker in NEXT_PROBLEM if (place := text.find(marker)) > 0]
    return bool(places) and any(-1 < text.find(word) < max(places) for word in ANSWERED)
