"""Truncation: does a completion stop before it is done, or run on past its end?

Cut: a bracket, fence or tag that stays open where its format closes it, or the declared ending of the format
is absent and the text does not end like a finished sentence. Run on: after its answer it puts itself the next
question. Only bounded, linear scans of the ends of the text.
"""

from __future__ import annotations

from collections.abc import Sequence

import regex

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
# One look for all of them: most texts hold none.
NEXT = regex.compile(
    "\n(?:" + "|".join(regex.escape(m[1:]) for m in NEXT_PROBLEM if m.startswith("\n")) + ")"
)
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
    if runs_on(text) or is_open(text):
        return True
    if ending is not False:
        return ending is None and family in PROSE and stops_midway(text)
    return family not in SENTENCE_FAMILIES or not text.rstrip().endswith(FINISHED)


def truncated(
    texts: Sequence[str], families: Sequence[str | None], endings: Sequence[bool | None]
) -> list[bool]:
    r"""Which of many views look cut off, or run on; each as `is_truncated` says.

    Example:
        >>> truncated(["There are 12.", "He then sells the"], ["other", None], [None, None])
        [False, True]
    """
    return [is_truncated(*row) for row in zip(texts, families, endings, strict=True)]


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
    if text.count(FENCE) % 2:
        return True
    if text.rfind("<", -LONGEST_TAG) > text.rfind(">", -LONGEST_TAG) and _is_tag(text[text.rfind("<") + 1 :]):
        return True
    return any(opening in text and closing not in text for opening, closing in TAGS)


def _is_tag(rest: str) -> bool:
    return rest.lstrip("/").isalpha() and rest.islower()


def runs_on(text: str) -> bool:
    r"""Whether an answer is followed by the next question, or a closed answer by more text.

    Example:
        >>> runs_on("The answer is 4.\n\nQuestion: What is 3 + 3?\nThe answer is")
        True
    """
    closed = text.find(CLOSED)
    if closed >= 0 and len(text) - closed - len(CLOSED) > AFTERWORD and not text.rstrip().endswith(CLOSED):
        return True
    if not NEXT.search(text) and CHAT_TURN not in text:
        return False
    places = [place for marker in NEXT_PROBLEM if (place := text.find(marker)) > 0]
    return bool(places) and any(-1 < text.find(word) < max(places) for word in ANSWERED)
