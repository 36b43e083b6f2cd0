"""Patterns found without RE2: chains open every text that matches, and what they decide is so."""

from __future__ import annotations

import pickle
import warnings

import numpy as np
import pytest
import regex
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from echoformat.detectors.backtracking import hurried, lengths_in_time
from echoformat.detectors.chain_gate import ChainGate
from echoformat.detectors.chain_shares import key_of
from echoformat.detectors.chains import Chain, Place
from echoformat.detectors.dialect import for_regex
from echoformat.detectors.one_by_one import OneByOne
from echoformat.detectors.pattern_nodes import NotUnderstood, mirrored, written
from echoformat.detectors.pattern_parts import Part
from echoformat.detectors.pattern_plan import MOST_PLACES_BACK, PatternPlan
from echoformat.detectors.pattern_tree import tree
from echoformat.detectors.projection import BLANK, END, WORD, byte_of, projected
from echoformat.errors import EchoformatWarning, UsageError
from echoformat.format import Pattern
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


def _detector(patterns: list[str]) -> OneByOne:
    return OneByOne([("f", Pattern(f"p{i}", p)) for i, p in enumerate(patterns)], range(len(patterns)))


@SETTINGS
@given(patterns=st.lists(_patterns(), min_size=1, max_size=5), texts=st.lists(TEXTS, min_size=1, max_size=5))
def test_what_fires_is_what_a_plain_search_finds(patterns: list[str], texts: list[str]) -> None:
    assume(all(map(_compiles, patterns)))
    found = _detector(patterns).find([text.encode() for text in texts])
    plainly = [tuple(i for i, p in enumerate(patterns) if regex.search(for_regex(p), text)) for text in texts]
    assert [one.fired for one in found] == plainly


def test_on_the_shelfs_own_texts_nothing_is_missed_or_added() -> None:
    compiled = [regex.compile(for_regex(p.regex)) for _, p in SHELF]
    found = OneByOne(SHELF, range(len(SHELF))).find([text.encode() for text in EXAMPLES])
    for text, one in zip(EXAMPLES, found, strict=True):
        assert one.fired == tuple(i for i, c in enumerate(compiled) if c.search(text)), text
    assert sum(len(one.fired) for one in found) > len(EXAMPLES)


@pytest.fixture(scope="module")
def shelf() -> OneByOne:
    return OneByOne(SHELF, range(len(SHELF)))


@settings(max_examples=60, deadline=None)
@given(texts=st.lists(st.sampled_from([*EXAMPLES, "", "\0", "a\0b", "\n\n", "\u201cNo.\u201d"]), max_size=9))
def test_neighbours_in_a_batch_change_nothing(shelf: OneByOne, texts: list[str]) -> None:
    data = [text.encode() for text in texts]
    assert shelf.find(data) == [shelf.find([one])[0] for one in data]


@SETTINGS
@given(pattern=_patterns(), text=TEXTS)
def test_a_tree_is_written_and_read_back_and_forth(pattern: str, text: str) -> None:
    assume(_compiles(pattern))
    try:
        node = tree(pattern)
    except NotUnderstood:
        return
    plain = regex.search(for_regex(pattern), text) is not None
    assert (regex.search("(?ma)" + written(node), text) is not None) == plain
    assert (regex.search("(?ma)" + hurried(node), text) is not None) == plain
    assert (regex.search("(?rma)" + written(node), text) is not None) == plain
    assert mirrored(mirrored(node)) == node


MASKS = st.sampled_from(
    [1 << ord("a"), 1 << ord("B") | 1 << ord("b"), WORD, BLANK, 1 << ord("{"), 1 << ord("="), END]
)


@SETTINGS
@given(
    masks=st.lists(st.lists(MASKS, min_size=2, max_size=7), min_size=1, max_size=6),
    texts=st.lists(TEXTS, max_size=4),
)
def test_chains_are_found_where_they_stand(masks: list[list[int]], texts: list[str]) -> None:
    chains = [Chain(tuple(own)) for own in masks if key_of(tuple(own)) and END not in own[1:]]
    seen = [projected(text.replace("\0", "")) for text in texts]
    hits = ChainGate([(Place.ANYWHERE, chain) for chain in chains]).hits(seen)
    found = set(zip(hits.text.tolist(), hits.chain.tolist(), hits.at.tolist(), strict=True))
    assert found == {
        (number, one, at)
        for number, raw in enumerate(seen)
        for one, chain in enumerate(chains)
        for at in range(len(raw))
        if _stands(chain, b"\0" + raw + bytes(9), at)
    }


def _stands(chain: Chain, raw: bytes, at: int) -> bool:
    return all(mask >> raw[at + place] & 1 for place, mask in enumerate(chain.masks))


@pytest.mark.parametrize(
    "pump",
    [
        *(
            "\n",
            " ",
            "a ",
            "$x",
            "\\[",
            "```\n",
            "<think>",
            "1. a\n",
            "ans = ",
            "def x(",
            "x\n\n",
            "(",
            "#",
            "{",
        ),
        *("ab: c\n", "<llm-code>", "\n" + " " * 200, "| a | b |\n", "a", "So he. She was it. ", "= 3 = "),
        *('"a": 1,\n', "\u201c"),
    ],
)
def test_a_text_that_repeats_itself_is_tried_at_few_places(shelf: OneByOne, pump: str) -> None:
    """However long a text is, each part is tried a bounded number of times."""
    text = pump * (60_000 // len(pump))
    plan = shelf._plan.of([text], [text.encode()])
    assert all(len(one.texts) <= MOST_PLACES_BACK for one in plan.rounds)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", EchoformatWarning)
        shelf.start()
        found = shelf.find([text.encode()])[0]
    short = shelf.find([(pump * (600 // len(pump))).encode()])[0]
    assert found.status is Status.TIMEOUT or {*short.fired} - {*found.fired} <= _counting(short.fired)


def _counting(fired: tuple[int, ...]) -> set[int]:
    """Rules that ask for a text of few words or characters, which a long one is not."""
    return {
        i for i in fired if SHELF[i][0] in ("short_answer", "prose", "forum", "explanation_answer", "bash")
    }


def test_a_pattern_that_goes_back_without_end_needs_a_clock() -> None:
    assert lengths_in_time(tree("(?:a|aa)+$")) == (0, 0)
    assert lengths_in_time(tree(r"(?:\w+ )+x$"))[0] > 1000
    assert lengths_in_time(tree(r"(?:\w+ ?)+x$")) == (0, 0)
    assert (
        lengths_in_time(tree(r"\w+=")) > lengths_in_time(tree(r"\w+a")) > lengths_in_time(tree(r"\w+a\w+b"))
    )


@pytest.mark.parametrize("pattern", [r"(?=a)b", r"(a)\1", r"(?<!a)b", "a++b", r"\x41", r"\p{Lu}"])
def test_what_has_no_tree_is_searched_for_everywhere(pattern: str) -> None:
    with pytest.raises(NotUnderstood):
        tree(pattern)
    assert PatternPlan(Part.of(0, None)).of(["so"], [b"so"]).rounds[0].at == [-1]
    assert _detector([pattern]).find([b"abAB b aa"])[0].fired == (
        (0,) if regex.search(for_regex(pattern), "abAB b aa") else ()
    )


def test_characters_that_share_a_byte_are_told_apart() -> None:
    one, other = "\u201c", next(c for c in map(chr, range(0x3000, 0x4000)) if byte_of(c) == byte_of("\u201c"))
    found = _detector([one, f"[{one}]a", f"[^{one}]a"]).find([f"{one}a".encode(), f"{other}a".encode()])
    assert [own.fired for own in found] == [(0, 1), (2,)]
    assert projected(one + "x") == projected(other + "x")


def test_a_detector_without_patterns_finds_nothing() -> None:
    assert OneByOne([], []).find([b"a", b""])[0].fired == ()
    assert OneByOne(SHELF, []).find([]) == []
    with pytest.raises(UsageError, match="'p0'"):
        _detector(["(a"])


def test_a_plan_names_what_is_left_to_try() -> None:
    parts = [
        part for i, p in enumerate([r"^ans = ", r"^\w+ = \d+$", r"\A\s*so"]) for part in Part.of(i, tree(p))
    ]
    plan = PatternPlan(parts).of(["ans = 3", "so\nx = 3\n\nyy = 4"], [b"ans = 3", b"so\nx = 3\n\nyy = 4"])
    assert plan.decided == [(0, 0), (1, 2)]
    tried = {
        (text, at) for one in plan.rounds if one.part == 1 for text, at in zip(one.texts, one.at, strict=True)
    }
    assert tried == {(0, 0), (1, 3), (1, 10)}
    assert pickle.loads(pickle.dumps(parts)) == parts
    assert np.all([one.ends[0] <= 18 for one in plan.rounds])
