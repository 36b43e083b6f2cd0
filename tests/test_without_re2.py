"""Patterns found without RE2 and with nothing compiled: by numpy together, by `regex` what no scan takes."""

from __future__ import annotations

import pytest
import regex
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from echoformat.detectors.dialect import for_regex
from echoformat.detectors.one_by_one import OneByOne
from echoformat.detectors.pattern import PatternDetector
from echoformat.errors import UsageError
from echoformat.format import Format, Pattern
from echoformat.formats import all_formats
from echoformat.label import Status

SHELF = [(f.name, p) for f in all_formats() for p in f.patterns]
EXAMPLES = [text for f in all_formats() for text in (*f.examples, *f.counterexamples)]
SETTINGS = settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
pytestmark = pytest.mark.filterwarnings("ignore::echoformat.errors.EchoformatWarning")

ATOMS = st.sampled_from(
    [
        *(
            "a",
            "B",
            ".",
            " ",
            "=",
            ":",
            "{",
            "def ",
            "ans",
            "\u00e9",
            "\u201c",
            "[\u201c\u2019]",
            "[^\u201c]",
            "(?i)",
        ),
        *(r"\w", r"\W", r"\s", r"\S", r"\d", r"[^\n]", r"[a-z]", "[A-Z0-9]", r"[\s\S]", r"\n", r"[ \t]"),
        *(r"\b", r"\B", "^", "$", r"\A", r"\Z"),
    ]
)
TIMES = st.sampled_from(["", "", "", "", "*", "+", "?", "{2}", "{0,3}", "{1,9}", "+?", "{2,}"])
CHARS = st.sampled_from(
    [*"aabBAns=:{ .\n\n", "def ", "ans = 3", "  ", "\t", "7", "\u00e9", "\u201c", "\u4e2d", "\0", "\v", "_"]
)
TEXTS = st.lists(CHARS, max_size=24).map("".join)


def _patterns() -> st.SearchStrategy[str]:
    joined = st.lists(st.builds(str.__add__, ATOMS, TIMES), min_size=1, max_size=6).map("".join)
    choice = st.lists(joined, min_size=1, max_size=4).map("|".join)
    group = st.builds("(?:{}){}".format, choice, TIMES)
    anchored = st.builds(
        str.__add__, st.sampled_from(["^", r"^[ \t]*", r"^\s*", r"\A\s*", r"\A", r"^[ \t]+"]), joined
    )
    ended = st.builds(str.__add__, joined, st.sampled_from([r"\s*\Z", "$", r"\Z", r"[ \t]*$"]))
    whole = st.lists(st.one_of(joined, group, anchored), min_size=1, max_size=3).map("".join)
    return st.one_of(
        whole, anchored, ended, st.lists(st.one_of(anchored, ended), min_size=2, max_size=3).map("|".join)
    )


def _compiles(pattern: str) -> bool:
    try:
        regex.compile(for_regex(pattern))
    except regex.error:
        return False
    return True


def _named(patterns: list[str]) -> list[tuple[str, Pattern]]:
    return [("f", Pattern(f"p{i}", p)) for i, p in enumerate(patterns)]


def _detector(patterns: list[str]) -> PatternDetector:
    rules = tuple(pattern for _, pattern in _named(patterns))
    return PatternDetector([Format("f", "other", "t", "https://example.org", rules)], (), "numpy")


@SETTINGS
@given(patterns=st.lists(_patterns(), min_size=1, max_size=5), texts=st.lists(TEXTS, min_size=1, max_size=5))
def test_what_fires_is_what_a_plain_search_finds(patterns: list[str], texts: list[str]) -> None:
    assume(all(map(_compiles, patterns)))
    data = [text.encode() for text in texts]
    plainly = [tuple(i for i, p in enumerate(patterns) if regex.search(for_regex(p), text)) for text in texts]
    assert [one.fired for one in _detector(patterns).find_many(data)] == plainly
    assert [one.fired for one in OneByOne(_named(patterns), range(len(patterns))).find(data)] == plainly


@pytest.fixture(scope="module")
def shelf() -> PatternDetector:
    return PatternDetector(all_formats(), (), "numpy")


@settings(max_examples=60, deadline=None)
@given(texts=st.lists(st.sampled_from([*EXAMPLES, "", "\0", "a\0b", "\n\n", "\u201cNo.\u201d"]), max_size=9))
def test_neighbours_in_a_batch_change_nothing(shelf: PatternDetector, texts: list[str]) -> None:
    assert shelf.find_many([text.encode() for text in texts]) == [shelf.find(one) for one in texts]


@pytest.mark.parametrize("pump", ["\n", " ", "$x", "x\n\n", "| a | b |\n", "So he. She was it. ", "\u201c"])
def test_a_text_that_repeats_itself_is_seen_to_its_end(shelf: PatternDetector, pump: str) -> None:
    text = pump * (200_000 // len(pump))
    found = shelf.find(text)
    assert found.status is Status.OK
    assert shelf.find_many([text.encode()] * 2) == [found] * 2


@pytest.mark.parametrize("pattern", [r"(?=a)b", r"(a)\1", r"(?<!a)b", "a++b", r"\p{Lu}", "[[:upper:]]B"])
def test_what_no_scan_takes_is_searched_for(pattern: str) -> None:
    detector = _detector([pattern, "b"])
    assert [rule.name for rule in detector.one_by_one] == ["p0"]
    fired = (0, 1) if regex.search(for_regex(pattern), "abAB b aa") else (1,)
    assert detector.find("abAB b aa").fired == fired
    assert detector.find_many([b"abAB b aa"] * 3)[2].fired == fired


def test_twins_fire_together_and_one_is_searched_for() -> None:
    search = OneByOne(_named(["(?=a)a", "b", "(?=a)a"]), [0, 2])
    assert [one.fired for one in search.find([b"a", b"b"])] == [(0, 2), ()]
    assert search.span(2, "ba") == (1, 2)
    assert search.span(1, "ab") == (1, 2), "any pattern of the detector's"


def test_a_detector_without_patterns_finds_nothing() -> None:
    assert OneByOne([], []).find([b"a", b""])[0].fired == ()
    assert OneByOne(SHELF, []).find([]) == []
    with pytest.raises(UsageError, match="'p0'"):
        OneByOne(_named(["(a"]), [0])
