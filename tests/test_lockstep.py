"""The scan by numpy finds what RE2 and a plain search find: the shelf, patterns made by chance, any text."""

from __future__ import annotations

import pickle
import random
import threading
from collections.abc import Sequence

import numpy as np
import pytest
import regex
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made_patterns import made_patterns

from echoformat.classifier import Classifier
from echoformat.detectors import lockstep, lockstep_states, lockstep_walk, set_scan
from echoformat.detectors.dialect import for_re2, for_regex
from echoformat.detectors.ends import LONG
from echoformat.detectors.lockstep import LockstepScan
from echoformat.detectors.lockstep_groups import Group
from echoformat.detectors.lockstep_nodes import Refused
from echoformat.detectors.lockstep_program import MOST_STEPS, Program
from echoformat.detectors.lockstep_states import FEWEST_STATES, States
from echoformat.detectors.lockstep_walk import columns_of
from echoformat.detectors.pattern import PatternDetector
from echoformat.format import Format, Pattern
from echoformat.formats import all_formats
from echoformat.panel import Panel

SETTINGS = settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
PATTERNS = Panel(all_formats(), "numpy", ()).patterns
SHELF = PATTERNS.regexes
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


@pytest.fixture(scope="module")
def texts() -> list[bytes]:
    """Made-up texts, the examples of all formats, and halves of both glued together."""
    own = [*TEXTS, *(text for one in all_formats() for text in (*one.examples, *one.counterexamples))]
    dice = random.Random(5)
    halves = [dice.choice(own)[: dice.randrange(400)] for _ in range(800)]
    glued = (a + b for a, b in zip(halves[::2], halves[1::2], strict=True))
    return [text.encode() for text in (*own, *glued)]


@pytest.fixture(scope="module")
def shelf() -> LockstepScan:
    return LockstepScan(SHELF)


def _plainly(patterns: Sequence[str], texts: Sequence[str]) -> list[list[int]]:
    compiled = [regex.compile(for_regex(one)) for one in patterns]
    return [[i for i, one in enumerate(compiled) if one.search(text)] for text in texts]


def _found(patterns: Sequence[str], texts: Sequence[str]) -> list[list[int]]:
    """What a scan finds, of all texts at once and of each alone."""
    scan, data = LockstepScan(patterns), [text.encode() for text in texts]
    assert scan.indices == frozenset(range(len(patterns)))
    alone = [list(scan.find_one(one)) for one in data]
    assert [np.flatnonzero(row).tolist() for row in scan.find(data)] == alone
    return alone


def test_every_pattern_of_the_shelf_is_taken(shelf: LockstepScan) -> None:
    assert shelf.indices == frozenset(range(len(SHELF)))
    assert LockstepScan([SHELF[i] for i in PATTERNS.seen_whole]).indices == frozenset(
        range(len(PATTERNS.seen_whole))
    )


def test_the_shelf_is_found_as_by_re2(shelf: LockstepScan, texts: list[bytes]) -> None:
    pytest.importorskip("re2", reason="google-re2 is not installed")
    hits = set_scan.SetScan(SHELF).find(texts)
    assert hits.any(axis=0).mean() > 0.9, "hardly a pattern that no text shows"
    np.testing.assert_array_equal(LockstepScan(SHELF).find(texts), hits)
    np.testing.assert_array_equal(shelf.find(texts), hits)
    np.testing.assert_array_equal(shelf.find(texts), hits, "and again with the states at hand")
    np.testing.assert_array_equal(shelf.find([text.decode() for text in texts]), hits, "as str too")
    assert [shelf.find_one(text) for text in texts] == [tuple(np.flatnonzero(row)) for row in hits]


def test_the_shelf_is_found_as_by_a_plain_search(shelf: LockstepScan) -> None:
    examples = [text for one in all_formats() for text in one.examples]
    found = shelf.find([text.encode() for text in examples])
    assert [np.flatnonzero(row).tolist() for row in found] == _plainly(SHELF, examples)


@pytest.mark.parametrize("size", [1, 2, 31, 33, 200])
def test_texts_in_any_order_and_number_match_alike(
    shelf: LockstepScan, texts: list[bytes], size: int
) -> None:
    every = shelf.find(texts)
    some = [shelf.find(texts[i : i + size]) for i in range(0, 200, size)]
    np.testing.assert_array_equal(np.concatenate(some)[:200], every[:200])
    np.testing.assert_array_equal(shelf.find(texts[::-1]), every[::-1])


def test_many_texts_go_in_blocks_and_all_the_same_ones_together(
    shelf: LockstepScan, texts: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    every = shelf.find(texts)
    again = shelf.find([text for text in texts for _ in range(9)])
    np.testing.assert_array_equal(again, every.repeat(9, axis=0))
    monkeypatch.setattr(lockstep_walk, "NARROW", 8)
    np.testing.assert_array_equal(shelf.find(texts), every)
    monkeypatch.setattr(lockstep, "CHUNK_BYTES", 5000)
    np.testing.assert_array_equal(shelf.find(texts), every)


def test_no_texts_and_no_patterns() -> None:
    assert LockstepScan(["a"]).find([]).shape == (0, 1)
    empty = LockstepScan([])
    assert empty.find([b"a", b""]).shape == (2, 0) and empty.find_one(b"a") == ()


@pytest.mark.parametrize("many", [3, 40, 2000])
def test_what_matches_nothing_matches_at_once(many: int) -> None:
    patterns = ["", "a*", r"\Z", "^", "$", r"\A\Z", r"\b"]
    texts = ["", "a", "\n", " ", "a\n", "\n\n", "é"] * many
    assert _found(patterns, texts) == _plainly(patterns, texts)


def test_states_that_do_not_fit_are_made_anew(texts: list[bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lockstep, "MANY_STATES", 0)
    monkeypatch.setattr(lockstep_states, "CROWDED", 0)
    small = LockstepScan(SHELF)
    some = texts[:: len(texts) // 60]
    np.testing.assert_array_equal(small.find(some), LockstepScan(SHELF[:]).find(some))
    assert [small.find_one(text) for text in some] == [tuple(np.flatnonzero(row)) for row in small.find(some)]
    states, resets = small.states()
    assert resets > 3 and 0 < states <= FEWEST_STATES


def test_a_budget_for_some_of_a_batch_changes_nothing(
    shelf: LockstepScan, texts: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lockstep, "MANY_STATES", 1 << 20)
    monkeypatch.setattr(lockstep_states, "CROWDED", 0)
    small = LockstepScan(SHELF)
    np.testing.assert_array_equal(small.find(texts[::3]), shelf.find(texts[::3]))
    assert small.states()[1] > 0


def _mine(*written: str) -> PatternDetector:
    rules = tuple(Pattern(f"p{i}", one) for i, one in enumerate(written))
    return PatternDetector([Format("mine", "other", "t", "https://example.org", rules)], (), "numpy")


@pytest.mark.parametrize("batch", [1, 300])
def test_a_pattern_with_states_without_end_is_left_to_a_search(
    batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lockstep, "FEW_STATES", 1 << 17)
    written = ["^ans", r"[ae][^\n]{18}t", "b+c", r"[ae][^\n]{18}t", r"\bbe\b"]
    dice = random.Random(1)
    texts = ["".join(dice.choices("abect \n", k=200)) + "\nans" for _ in range(300)]
    detector, expected = _mine(*written), _plainly(written, texts)
    assert not detector.one_by_one
    for _ in range(2):
        found = [
            one
            for start in range(0, len(texts), batch)
            for one in detector.find_many([text.encode() for text in texts[start : start + batch]])
        ]
        assert [list(one.fired) for one in found] == expected
        assert [list(detector.find(text).fired) for text in texts] == expected
        assert [rule.name for rule in detector.one_by_one] == ["p1", "p3"]


def test_a_shelf_that_its_memory_does_not_hold_finds_the_same(
    texts: list[bytes], shelf: LockstepScan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lockstep, "MANY_STATES", 2 << 20)
    detector, some = (
        PatternDetector(all_formats(), (), "numpy"),
        [one for one in texts[::16] if len(one) <= LONG],
    )
    expected = [{SHELF[i] for i in np.flatnonzero(row)} for row in shelf.find(some)]
    found = [{detector.regexes[i] for i in one.fired} for one in detector.find_many(some)]
    assert 0 < len(detector.one_by_one) < len(detector.rules)
    assert found == [own.intersection(detector.regexes) for own in expected]


LETTERS = [*"abé.0", "[^a]", "[ab]", "[^\\n]", *(f"\\{one}" for one in "wWdDsSn"), "[a-é]", "[^é-中]"]
EDGES = ["^", "$", "\\A", "\\Z", "\\b"]
REPEATS = ["", "", "", "*", "+", "?", "{2}", "{1,3}", "{2,}", "*?", "+?"]
TEXT = st.text(alphabet="ab\n é中0_-😀", max_size=12)


@SETTINGS
@given(
    st.lists(made_patterns(LETTERS, EDGES, REPEATS), min_size=1, max_size=4),
    st.lists(TEXT, min_size=1, max_size=40),
)
def test_patterns_by_chance_match_as_by_a_plain_search(patterns: list[str], texts: list[str]) -> None:
    assert _found(patterns, texts) == _plainly(patterns, texts)


@SETTINGS
@given(st.lists(st.text(max_size=60), min_size=1, max_size=50))
def test_any_text_is_seen_as_by_re2(shelf: LockstepScan, by_re2: set_scan.SetScan, some: list[str]) -> None:
    data = [text.encode("utf-8", "replace") for text in some]
    np.testing.assert_array_equal(shelf.find(data), by_re2.find(data))


@pytest.fixture(scope="module")
def by_re2() -> set_scan.SetScan:
    pytest.importorskip("re2", reason="google-re2 is not installed")
    return set_scan.SetScan(SHELF)


@SETTINGS
@given(st.text(alphabet="ab|()[]{}^$.*+?\\-,0129:é\nxP<>=s", max_size=16))
def test_what_is_taken_here_is_taken_by_re2_and_matches_alike(written: str) -> None:
    pytest.importorskip("re2", reason="google-re2 is not installed")
    try:
        taken = lockstep.takes(written)
    except (IndexError, ValueError):
        return  # The dialect itself refuses it.
    if taken and set_scan.takes(written):
        expected = [[0] if set_scan.matches(written, text) else [] for text in TEXTS[:6]]
        assert _found([written], TEXTS[:6]) == expected


@pytest.mark.parametrize(
    "written",
    [
        *(r"\pL", "(?=x)y", "(?i)a", "a**", "a{1001}", "a{3,2}", "(a", "a)", "[b-a]", "[[:digit:]]", "*"),
        *(r"\x{110000}", r"\x{zz}", r"\x4", "[a", "\\", r"\8", "(?P<a", "(" * 99 + ")" * 99),
        "(?:(?:(?:a{999}){999}){999})",
    ],
)
def test_what_is_not_understood_is_refused(written: str) -> None:
    program = Program()
    program.add("ab")
    before = list(program.ops)
    with pytest.raises(Refused):
        program.add(written)
    assert program.ops == before


@pytest.mark.parametrize(
    ("written", "matching", "other"),
    [
        (r"\x41\x{e9}", "Aé", "Ae"),
        (r"[\x41-\x{43}\]]\n", "B\n", "D\n"),
        ("[]a]", "]", "b"),
        ("[^]a]", "b", "]"),
        ("[a-]b", "-b", "cb"),
        ("a{,2}", "a{,2}", "aa"),
        ("(?P<name>a|b)c", "bc", "cc"),
        ("(?s:.)b", "\nb", "b"),
        ("[\u07f0-\u0810\uffff-\U00010001]", "\u0800", "\u0811"),
        ("[\u07f0-\u0810\uffff-\U00010001]", "\U00010000", "\U00010002"),
    ],
)
def test_what_is_written_means_what_it_means_to_re2(written: str, matching: str, other: str) -> None:
    program = Program()
    states = States(program, [Group((program.add(written),), False)], [(0,)], 0)
    table, end = states.classes.table, bytes([len(states.classes)])
    found = [columns_of(states, 0, text.encode().translate(table) + end) for text in (matching, other)]
    assert found == [{0}, set()]


def test_a_pattern_may_be_as_large_as_several_and_a_shelf_larger() -> None:
    program = Program()
    for _ in range(3):
        program.add("a{1000}" * (MOST_STEPS // 1000 - 1))
    assert len(program.ops) > 2 * MOST_STEPS


def test_all_bytes_told_apart_leave_a_number_for_the_end() -> None:
    codes = [code for code in (*range(256), *range(256, 0x10FFFF, 4097)) if not 0xD800 <= code <= 0xDFFF]
    patterns = [regex.escape(chr(code)) if code < 128 else chr(code) for code in codes]
    text = "".join(map(chr, range(128))) + "ÿé\u1101"
    assert _found(patterns, [text, ""]) == _plainly(patterns, [text, ""])


def test_threads_share_a_scan(texts: list[bytes], shelf: LockstepScan) -> None:
    expected, scan, seen = shelf.find(texts), LockstepScan(SHELF), []
    threads = [threading.Thread(target=lambda: seen.append(scan.find(texts))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 4 and all(np.array_equal(one, expected) for one in seen)


@pytest.mark.parametrize("pump", ["\n", " ", "a ", "$x", "```\n", "<think>", "1. a\n", "def x(", "#", "中"])
def test_a_very_long_text_is_read_once(shelf: LockstepScan, pump: str) -> None:
    """Some states for a text that repeats itself: cost grows with the text and nothing else."""
    short, long = (pump * (size // len(pump)) for size in (2_000, 1_000_000))
    shelf.find_one(short.encode())
    before = shelf.states()
    found = shelf.find_one(long.encode())
    assert shelf.states()[0] - before[0] < 2_000 and shelf.states()[1] == before[1]
    assert set(found) <= set(range(len(SHELF)))


def test_what_is_refused_is_searched_for_one_by_one() -> None:
    detector = _mine(r"(?=x)xy", "^ans", r"\pL{3}", "^ans")
    assert [rule.name for rule in detector.one_by_one] == ["p0", "p2"]
    assert [detector.find(text).fired for text in ("xy", "ans", "x")] == [(0,), (1, 2, 3), ()]
    again = pickle.loads(pickle.dumps(detector))
    found = again.find_many([b"xy", b"ans", b"x"] * 20)
    assert [one.fired for one in found] == [(0,), (1, 2, 3), ()] * 20


def test_a_stand_in_that_is_refused_holds_nothing_back(monkeypatch: pytest.MonkeyPatch) -> None:
    from echoformat.detectors.automata import Automaton, Plan

    waiting = tuple(for_re2(f"b{i}") for i in range(70))
    plan = Plan(
        71,
        (Automaton(False, (70,), (r"\pL",)), Automaton(False, tuple(range(70)), waiting, (70,))),
        tuple((i,) for i in range(70)),
    )
    monkeypatch.setattr(set_scan, "plan_for", lambda *_: plan)
    scan = LockstepScan([f"b{i}" for i in range(70)])
    assert scan.find_one(b"b7") == (7,) and scan.find([b"b7", b"c"]).sum() == 1


def test_labels_are_those_of_the_other_engines(texts: list[bytes]) -> None:
    some = [text.decode() for text in texts] + ["lone \ud800 surrogate", "a\r\nb"]
    by_numpy, other = (Classifier(engine=engine).classify_batch(some) for engine in ("numpy", "auto"))
    for name in ("codes", "variants", "reasons", "confidence", "truncated", "statuses"):
        np.testing.assert_array_equal(getattr(by_numpy, name), getattr(other, name))
