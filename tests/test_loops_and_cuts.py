"""The ends of texts: many together as each alone, and each as the plain definition says."""

from __future__ import annotations

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from echoformat.detectors import repetition, truncation
from echoformat.detectors.markers import rows_with_markers
from echoformat.detectors.near_loop import find_near_loop, find_near_loops
from echoformat.detectors.repetition import Loop, find_loop, find_loops
from echoformat.detectors.truncation import is_truncated, truncated

ROUND = "Then open the next file and look at it again. "
COUNTED = "".join(f"Step {n} is to open the file and look again. " for n in range(40))
LISTED = "".join(f"{n}. Open the file in an editor.\n" for n in range(150))
FAR = "".join(f"{a}{b} " for a in ("lake", "hill", "moor", "dale") for b in "bcdfghjklmnpqrstvwxz")
MARKED = "".join(f"store the value_{n}; then go back_to the_list; sort_it again; " for n in range(40))
AWKWARD = (
    "",
    " \n" * 90,
    "x" * 119,
    "x" * 119 + " ",
    "x" * 120,
    ("a b " * 30)[:-1],
    ("a b " * 30)[:-1] + "\n",
    "0123456789" * 3 + " " * 100,
    ROUND * 3,
    ROUND * 4,
    ROUND * 60 + "\n\n",
    "Well. " + ROUND * 60,
    COUNTED,
    COUNTED[:-9],
    FAR * 5,
    MARKED,
    MARKED.replace("_", " ").replace(";", ""),
    COUNTED + "Done, so there are 4.",
    COUNTED.replace("file", "file é"),
    LISTED,
    LISTED[:601],
    LISTED + "é",
    "```python\nx = 1",
    "```python\nx = 1\n```\n",
    "He says ``` and ``` and ```",
    "<think>\nSo 3 * 4",
    "<think>\nSo 3 * 4</think> is 12.",
    "</think><think>",
    "It is <think",
    "It is </answ",
    "a < b",
    "a <b> c",
    "<answer>4</answer>" + " so" * 20,
    "<answer>4</answer>" + " " * 60,
    "\\begin{aligned} x &= 3",
    "\\begin{aligned} x &= 3 \\end{aligned}.",
    "The answer is 4.\n\nQuestion: What is 3 + 3?\nThe answer is",
    "The answer is 4.\nQuestion 2 is hard.",
    "#### 1\nQ: 5",
    "User: The answer is 4.",
    "\nUser: The answer is 4.",
    "The answer is 4.<|im_start|>user\nHi.",
    "Hi.<|im_start|>user\nThe answer is 4.",
    "The answer is 4.\n",
    "User: Hello. He sells the",
    "#### 4\n\n### Instruction:\nAdd.",
    "a\0b\nQ: what",
    "\ud800 the answer is 4\nQ: 5",
)
PIECES = (
    *AWKWARD,
    ROUND,
    "\n",
    " ",
    "Q:",
    "User:",
    "<",
    ">",
    "`",
    "```",
    "</answer>",
    "é",
    "he said. ",
    "x1 y2 ",
)
FAMILIES = (None, "natural_language", "other", "code", "answer_tag")
TEXTS = st.lists(st.sampled_from(PIECES) | st.text(max_size=9), max_size=8).map("".join)


def _plain_loop(text: str) -> Loop | None:
    """What a loop is, looked for without a short way."""
    kept = text.rstrip()
    if len(text) < repetition.LEAST_LENGTH:
        return None
    probe = kept[-repetition.PROBE :]
    at = kept.rfind(probe, max(0, len(kept) - repetition.WINDOW), len(kept) - 1) if probe else -1
    period = len(kept) - len(probe) - at
    if at >= 0 and 0 < period <= repetition.LONGEST_PERIOD:
        start = len(kept) - period
        while start > 0 and kept[start - 1] == kept[start - 1 + period]:
            start -= 1
        if len(kept) - start >= max(repetition.LEAST_LENGTH, repetition.LEAST_REPEATS * period):
            return Loop(start, period)
    tail = kept[-repetition.TAIL :]
    return Loop(_start_of_words(kept, tail), 0) if _varies_little(tail) else None


def _varies_little(tail: str) -> bool:
    places = (len(tail) // 2, len(tail) // 2 + 10, len(tail) - 30, len(tail) - 10)
    words = regex.findall(r"[^\W\d_]+", tail)
    groups = list(zip(words, words[1:], words[2:], words[3:], strict=False))
    return (
        sum(tail.count(tail[at : at + 10]) >= 3 for at in places) >= 2
        and sum(map(tail.count, repetition.MARKS.decode())) <= 0.03 * len(tail)
        and len(groups) >= 57
        and len(set(groups)) <= 0.18 * len(groups)
        and any(g[:3] == groups[-1][:3] and g[3].startswith(groups[-1][3]) for g in groups[:-1])
    )


def _start_of_words(kept: str, tail: str) -> int:
    words = regex.findall(r"[^\W\d_]+", tail)
    return repetition._first_of(kept, frozenset(zip(words, words[1:], words[2:], words[3:], strict=False)))


def _plainly_truncated(text: str, family: str | None, ending: bool | None) -> bool:
    """What truncation is, looked for without a short way."""
    end, kept = text[-16:], text.rstrip()
    tag = end[end.rfind("<") + 1 :]
    closed = text.find("</answer>")
    markers = [place for m in truncation.NEXT_PROBLEM if (place := text.find(m)) > 0]
    asked = bool(markers) and any(-1 < text.find(word) < max(markers) for word in truncation.ANSWERED)
    return (
        bool(text.count("```") % 2)
        or (end.rfind("<") > end.rfind(">") and tag.lstrip("/").isalpha() and tag.islower())
        or any(opening in text and closing not in text for opening, closing in truncation.TAGS)
        or (closed >= 0 and len(text) - closed - 9 > 40 and not kept.endswith("</answer>"))
        or asked
        or (ending is None and family in truncation.PROSE and kept.endswith(truncation.OPEN_ENDS))
        or (
            ending is False
            and not (family in ("natural_language", "other") and kept.endswith(truncation.FINISHED))
        )
    )


@pytest.mark.parametrize("text", AWKWARD, ids=range(len(AWKWARD)))
def test_awkward_text_is_told_as_plainly_defined(text: str) -> None:
    assert find_loop(text) == _plain_loop(text)
    for family in FAMILIES:
        for ending in (None, True, False):
            assert is_truncated(text, family, ending) == _plainly_truncated(text, family, ending)


def test_awkward_texts_cover_both_answers() -> None:
    assert {find_loop(text) is None for text in AWKWARD} == {True, False}
    assert {find_near_loop(text) is None for text in AWKWARD} == {True, False}
    assert {is_truncated(text, "code", True) for text in AWKWARD} == {True, False}


@pytest.mark.parametrize("turn", range(15))
def test_awkward_texts_together_as_each_alone(turn: int) -> None:
    _same_together(list(AWKWARD), turn)


@given(st.lists(TEXTS, max_size=12), st.integers(0, 14))
@settings(max_examples=150, deadline=None)
def test_texts_together_as_each_alone(texts: list[str], turn: int) -> None:
    _same_together(texts, turn)
    assert [find_loop(text) for text in texts] == [_plain_loop(text) for text in texts]


def _same_together(texts: list[str], turn: int) -> None:
    rows = range(len(texts))
    families = [FAMILIES[(turn + row) % len(FAMILIES)] for row in rows]
    endings = [(None, True, False)[(turn + row) % 3] for row in rows]
    assert [find_loops(texts).get(row) for row in rows] == [find_loop(text) for text in texts]
    asked = list(rows)[turn % 2 :: 2]
    told = find_near_loops(texts, asked)
    assert told == {row: loop for row in asked if (loop := find_near_loop(texts[row])) is not None}
    alone = [is_truncated(*row) for row in zip(texts, families, endings, strict=True)]
    assert truncated(texts, families, endings) == alone
    assert alone == [_plainly_truncated(*row) for row in zip(texts, families, endings, strict=True)]
    encoded = [text.encode("utf-8", "surrogatepass") for text in texts]
    assert truncated(texts, families, endings, encoded) == alone


MARKERS = (b"<think>", b"</think>", b"<|im_start|>user")


@given(
    st.lists(
        st.lists(
            st.sampled_from([b"<", b"<t", *MARKERS, b"<|im_start|>system", b"hink>", b"\0", b"user", b"x"])
        ).map(b"".join)
    )
)
@settings(max_examples=100, deadline=None)
def test_rows_with_markers_are_those_that_hold_them(texts: list[bytes]) -> None:
    held = [{row for row, text in enumerate(texts) if marker in text} for marker in MARKERS]
    assert rows_with_markers(texts, MARKERS) == held
