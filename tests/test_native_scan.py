"""The compiled scan finds what RE2 finds: every pattern of the shelf, patterns made by chance, any text."""

from __future__ import annotations

import random
import threading
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_patterns import made_patterns

from echoformat.compiled import native
from echoformat.detectors import native_scan, set_scan
from echoformat.detectors.dialect import for_re2
from echoformat.detectors.native_scan import NativeScan
from echoformat.detectors.pattern import PatternDetector
from echoformat.detectors.set_scan import SetScan
from echoformat.errors import UsageError
from echoformat.format import Format, Pattern
from echoformat.formats import all_formats
from echoformat.panel import Panel

pytestmark = pytest.mark.skipif(native() is None, reason="the compiled part is not built here")

SHELF = Panel(all_formats(), "re2", ()).patterns.regexes
TEXTS = [
    "",
    "\n",
    "\0",
    "a\0b\nans = 3",
    "So 3 + 4 = 7.\n\nThe answer is \\boxed{7}.",
    "def f(x):\n    return x\n\nans = f(3)\n",
    "```python\nprint(1)\n```\n```output\n1\n```\n",
    "<think>\nLet's see… 3 € and 4 £.\n</think>\n<answer>7</answer>",
    "naïve café “quoted” — 中文字 😀 end",
    "x" * 3000,
    "1. One\n2. Two\n" * 200,
    "\t \v\f\x85\u00a0\u2028 blanks \r",
]


def found(patterns: Sequence[str], texts: Sequence[str], memory: int = 1 << 20) -> list[list[int]]:
    """What a scan for all of some patterns finds in each text, in one batch."""
    columns = [(i,) for i in range(len(patterns))]
    written = [for_re2(pattern) for pattern in patterns]
    module = native()
    assert module is not None
    scan = module.Scan(len(patterns), len(patterns), [(False, columns, written, (), memory)])
    marks = np.zeros((len(texts), len(patterns)), np.uint8)
    scan.mark([text.encode() for text in texts], marks)
    alone = [scan.find(text.encode()) for text in texts]
    assert [np.flatnonzero(row).tolist() for row in marks] == alone
    return alone


def expected(patterns: Sequence[str], texts: Sequence[str]) -> list[list[int]]:
    return [[i for i, one in enumerate(patterns) if set_scan.matches(one, text)] for text in texts]


@pytest.fixture(scope="module")
def texts() -> list[str]:
    """Made-up texts, the examples of all formats, and halves of both glued together."""
    examples = [text for one in all_formats() for text in (*one.examples, *one.counterexamples)]
    own = [*TEXTS, *examples]
    dice = random.Random(5)
    halves = [dice.choice(own)[: dice.randrange(400)] for _ in range(400)]
    return [*own, *(a + b for a, b in zip(halves[::2], halves[1::2], strict=True))]


def test_every_pattern_of_the_shelf_is_taken() -> None:
    assert [one for one in SHELF if not native_scan.takes(one)] == []


def test_the_shelf_is_found_as_by_re2(texts: list[str]) -> None:
    data = [text.encode() for text in texts]
    compiled, by_re2 = NativeScan(SHELF), SetScan(SHELF)
    hits = by_re2.find(data)
    assert hits.any(axis=0).mean() > 0.9, "hardly a pattern that no text shows"
    np.testing.assert_array_equal(compiled.find(data), hits)
    np.testing.assert_array_equal(compiled.find(data), hits, "and again with the states at hand")
    np.testing.assert_array_equal(compiled.find(texts), hits, "as str too")
    assert [compiled.find_one(text) for text in data] == [by_re2.find_one(text) for text in data]
    assert compiled.indices == by_re2.indices


@pytest.mark.parametrize("memory", [0, 1 << 16])
def test_states_that_do_not_fit_are_made_anew(texts: list[str], memory: int) -> None:
    patterns = list(dict.fromkeys(SHELF))[::3]
    assert found(patterns, texts, memory) == expected(patterns, texts)


def test_automata_that_lost_their_states_say_so() -> None:
    module = native()
    assert module is not None
    patterns = [for_re2(one) for one in dict.fromkeys(SHELF)]
    scan = module.Scan(
        len(patterns), len(patterns), [(False, [(i,) for i in range(len(patterns))], patterns, (), 0)]
    )
    for text in TEXTS:
        scan.find(text.encode())
    ((states, resets),) = scan.states()
    assert resets > 3 and 0 < states <= 64


ATOMS = [
    "a",
    "b",
    "é",
    ".",
    "[^a]",
    "[ab]",
    "[^\\n]",
    "\\w",
    "\\d",
    "\\s",
    "\\S",
    "\\W",
    "[a-é]",
    "[^é-中]",
    "\\n",
]
EDGES = ["^", "$", "\\A", "\\Z", "\\b", "\\B"]
REPEATS = ["", "", "", "*", "+", "?", "{2}", "{1,3}", "{2,}", "*?"]
TEXT = st.text(alphabet="ab\n é中0_-", max_size=12)


@settings(max_examples=400, deadline=None)
@given(
    st.lists(made_patterns(ATOMS, EDGES, REPEATS), min_size=1, max_size=4),
    st.lists(TEXT, min_size=1, max_size=12),
)
def test_patterns_by_chance_match_as_with_re2(patterns: list[str], texts: list[str]) -> None:
    taken = [one for one in patterns if set_scan.takes(one) and native_scan.takes(one)]
    if taken:
        assert found(taken, texts) == expected(taken, texts)
        assert found(taken, texts, 0) == expected(taken, texts)


@pytest.mark.parametrize(
    ("pattern", "text"), [(r"^a$\b", "a"), (r"a\z\b", "ba"), (r"(?:$\b|x)", "a"), (r"a(?:$)\b|c", "a")]
)
def test_an_end_of_a_word_asked_for_behind_another_end(pattern: str, text: str) -> None:
    assert found([pattern, "^b"], [text]) == expected([pattern, "^b"], [text])


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text(max_size=60), min_size=1, max_size=20))
def test_any_text_is_seen_as_by_re2(texts: list[str]) -> None:
    clean = [text.encode("utf-8", "replace").decode() for text in texts]
    data = [text.encode() for text in clean]
    np.testing.assert_array_equal(_BOTH[0].find(data), _BOTH[1].find(data))


_BOTH = (NativeScan(SHELF), SetScan(SHELF)) if native() is not None else ()  # type: ignore[var-annotated]


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="ab|()[]{}^$.*+?\\-,0129:é\n", max_size=16))
def test_what_is_taken_here_is_taken_by_re2_and_matches_alike(written: str) -> None:
    try:
        taken = native_scan.takes(written)
    except (IndexError, ValueError):
        return  # The dialect itself refuses it.
    if taken and set_scan.takes(written):
        assert found([written], TEXTS[:6]) == expected([written], TEXTS[:6])


def test_texts_in_any_order_and_number_match_alike(texts: list[str]) -> None:
    data = [text.encode() for text in texts]
    scan = NativeScan(SHELF)
    every = scan.find(data)
    for size in (1, 7, 9, 10, 11):
        np.testing.assert_array_equal(
            np.concatenate([scan.find(data[i : i + size]) for i in range(0, 60, size)])[:60], every[:60]
        )
    np.testing.assert_array_equal(scan.find(data[::-1]), every[::-1])


def test_threads_share_a_scan(texts: list[str]) -> None:
    data = [text.encode() for text in texts]
    scan, seen = NativeScan(SHELF), []
    expected_hits = SetScan(SHELF).find(data)
    threads = [threading.Thread(target=lambda: seen.append(scan.find(data))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 4
    assert all(np.array_equal(one, expected_hits) for one in seen)


def test_what_is_refused_here_is_left_to_re2() -> None:
    patterns = [r"\pL{3}", "^ans", r"\pL{3}", r"[[:digit:]]{2}", r"(?=x)y"]
    scan = NativeScan(patterns)
    assert [native_scan.takes(one) for one in patterns] == [False, True, False, False, False]
    assert scan.indices == frozenset(range(4)), "look-around is for neither"
    data = ["ans: éàü".encode(), b"12", b"ans 4"]
    np.testing.assert_array_equal(scan.find(data), SetScan(patterns).find(data))
    assert scan.find_one(data[0]) == (0, 1, 2)


def test_without_re2_the_compiled_part_does_it_all(monkeypatch: pytest.MonkeyPatch) -> None:
    own = Format("mine", "other", "t", "https://example.org", (Pattern("loud", r"^[A-Z]+\b[^\n]*!\s*\Z"),))
    monkeypatch.setattr(set_scan, "re2", None)
    detector = PatternDetector([own, *all_formats()])
    assert detector.engine == "native"
    text = "so\nLOUD it is!"
    fired = detector.find(text).fired
    assert 0 in fired and detector.span(0, text) == (3, len(text))


def test_switched_off_it_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ECHOFORMAT_NATIVE", "0")
    assert PatternDetector(all_formats()).engine == "re2"
    with pytest.raises(UsageError, match="C compiler"):
        PatternDetector(all_formats(), (), "native")


@pytest.mark.parametrize(
    ("width", "planned", "what"),
    [
        (1, (False, ((1,),), ("a",), (), 9), "outside"),
        (1, (False, ((0,),), ("a",), (3,), 9), "outside"),
        (1, (False, ((0,),), ("a", "b"), (), 9), "as many"),
        (1, (False, ((0,),), ("a(",), (), 9), "not taken"),
        (1, (False, ((0,),), ("(?:(?:(?:a{999}){999}){999})",), (), 9), "too large"),
        (1, (False, ((0,),), ("a",), (), -1), "memory"),
        (-1, (False, (), (), (), 0), "width"),
    ],
)
def test_a_bad_plan_is_refused(width: int, planned: tuple[object, ...], what: str) -> None:
    module = native()
    assert module is not None
    with pytest.raises(ValueError, match=what):
        module.Scan(width, width, [planned])


def test_marks_and_texts_of_another_kind_are_refused() -> None:
    module = native()
    assert module is not None
    scan = module.Scan(1, 1, [(False, ((0,),), ("a",), (), 9)])
    with pytest.raises(ValueError, match="a byte for each"):
        scan.mark([b"a"], np.zeros((1, 2), np.uint8))
    with pytest.raises(TypeError):
        scan.mark([1], np.zeros((1, 1), np.uint8))
    with pytest.raises(TypeError):
        scan.find(1)
