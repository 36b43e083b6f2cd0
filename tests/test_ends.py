"""What is seen of a long text: its ends, and all of it by patterns that say much and name a mark."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from echoformat.detectors.ends import HEAD, LONG, TAIL, ends_of, seen_whole
from echoformat.detectors.pattern import PatternDetector
from echoformat.format import Format, Pattern

RULES = (
    Pattern("starts", r"\A\s*Well\b"),
    Pattern("tag", r"<answer>", weight=0.9),
    Pattern("line", r"^ans = \d"),
    Pattern("ends", r"done\.\s*\Z"),
    Pattern("refused", r"(?=b)by the way"),
)
SHELF = [Format("mine", "other", "t", "https://example.org", RULES)]
FILLER = "so we go on and on here\n" * 200
MIDDLE = FILLER + "<answer>\nans = 3 by the way\n" + FILLER


@pytest.mark.parametrize("engine", ["re2", "regex"])
def test_only_sure_marks_are_seen_in_the_middle(engine: str) -> None:
    detector = PatternDetector(SHELF, (), engine)
    said = {"Well, " + MIDDLE + "done.  \n": (0, 1, 3), MIDDLE: (1,), "ans = 3\n" + FILLER: (2,)}
    for text, fired in said.items():
        assert detector.find(text).fired == fired
    rows = detector.find_many([text.encode() for text in said])
    assert [row.fired for row in rows] == list(said.values())


@pytest.mark.parametrize("engine", ["re2", "regex"])
def test_a_text_that_is_not_long_is_seen_whole(engine: str) -> None:
    text = ("x" * 29 + "\n") * (LONG // 36) + "ans = 3\n"
    text += "y" * (LONG - len(text))
    assert PatternDetector(SHELF, (), engine).find(text).fired == (2,)
    assert PatternDetector(SHELF, (), engine).find(text + "y" * HEAD).fired == ()


def test_long_and_short_texts_of_one_batch_keep_their_places() -> None:
    detector = PatternDetector(SHELF)
    texts = [MIDDLE, "ans = 3", "Well", MIDDLE + "done.", "", "ans = 3\n" + FILLER]
    matrix, statuses = detector.matrix([text.encode() for text in texts])
    alone = [detector.find(text) for text in texts]
    assert [tuple(np.flatnonzero(row).tolist()) for row in matrix] == [one.fired for one in alone]
    assert statuses == [one.status for one in alone]


@given(st.text(st.sampled_from("ab \n\u00e9\u20ac\U0001f600"), min_size=0, max_size=900), st.integers(1, 9))
def test_ends_are_bounded_whole_characters_from_either_end(piece: str, times: int) -> None:
    text = (piece * times).encode()
    kept = ends_of(text)
    assert kept.decode() or not text
    if len(text) <= LONG:
        assert kept is text
        return
    blank = len(text) - len(text.rstrip())
    assert kept is text or len(kept) <= HEAD + 1 + TAIL + 3 + blank
    assert text.startswith(kept[: HEAD // 2]) and text.endswith(kept[len(kept) - TAIL // 2 :])


def test_a_blank_end_does_not_push_the_tail_out() -> None:
    text = FILLER.encode() + b"The last word." + b" \n" * 4000
    assert b"The last word." in ends_of(text)


def test_cuts_fall_between_lines_and_else_between_words() -> None:
    kept = ends_of(FILLER.encode())
    assert set(kept.split(b"\n")) == {b"so we go on and on here", b""}
    words = ends_of(b"word " * 1000).split()
    assert set(words) == {b"word"}


@pytest.mark.parametrize(
    ("regex", "weight", "whole"),
    [
        (r"^```", 0.9, True),
        (r"\\boxed ?\{", 0.8, True),
        (r"^#### ", 0.95, True),
        (r"\Aa|b", 0.9, False),
        (r"^#{1,4} [A-Z]", 0.9, False),
        (r"^```", 0.5, False),
        (r"^```", -0.9, False),
    ],
)
def test_which_patterns_are_seen_whole(regex: str, weight: float, whole: bool) -> None:
    assert seen_whole(Pattern("p", regex, weight)) is whole


def test_a_gate_that_names_a_mark_is_seen_whole() -> None:
    detector = PatternDetector(SHELF, (Pattern("gate", r"</done>", 0.0), Pattern("other", "ans", 0.0)))
    assert detector.seen_whole == [1, len(RULES)]
