"""Pattern engines, one answer: RE2's set scan, numpy's and the `regex` package agree, and none can hang."""

from __future__ import annotations

import gzip
import itertools
import json
import pickle
from pathlib import Path

import pytest
import regex
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from echoformat.detectors import one_by_one, set_scan
from echoformat.detectors.dialect import for_re2, for_regex
from echoformat.detectors.literals import needed_literals, stand_ins
from echoformat.detectors.pattern import PatternDetector
from echoformat.errors import EchoformatWarning, UsageError
from echoformat.format import Format, Pattern
from echoformat.formats import all_formats
from echoformat.label import Status
from echoformat.text import view

re2 = pytest.importorskip("re2", reason="google-re2 is not installed")
# A rule that backtracks for long is told of by a warning; here only what it then does is looked at.
pytestmark = pytest.mark.filterwarnings("ignore::echoformat.errors.EchoformatWarning")
FORMATS = all_formats()
ENDINGS = tuple(Pattern(f"ending.{f.name}", f.ending, weight=0.0) for f in FORMATS if f.ending)
DECLARED = [(f.name, p) for f in FORMATS for p in f.patterns] + [("", p) for p in ENDINGS]
COMPILED = [regex.compile(for_regex(pattern.regex)) for _, pattern in DECLARED]
EXAMPLES = [text for f in FORMATS for text in (*f.examples, *f.counterexamples)]


@pytest.fixture(scope="module")
def scan() -> PatternDetector:
    return PatternDetector(FORMATS, ENDINGS, "re2")


@pytest.fixture(scope="module")
def fallback() -> PatternDetector:
    return PatternDetector(FORMATS, ENDINGS, "regex")


def _plainly(text: str) -> tuple[int, ...]:
    """What fires when every pattern is simply searched for."""
    return tuple(i for i, compiled in enumerate(COMPILED) if compiled.search(text))


def _names(rules: set[int]) -> list[str]:
    return [f"{DECLARED[i][0]}.{DECLARED[i][1].name}" for i in sorted(rules)]


def _same(scan: PatternDetector, fallback: PatternDetector, text: str) -> None:
    first, second = scan.find(text), fallback.find(text)
    if second.status is Status.OK:
        assert first.fired == second.fired, _names({*first.fired} ^ {*second.fired})


@pytest.mark.parametrize(("name", "pattern"), DECLARED, ids=[f"{n}.{p.name}" for n, p in DECLARED])
def test_every_pattern_on_the_shelf_is_linear(name: str, pattern: Pattern) -> None:
    assert set_scan.takes(pattern.regex), (
        f"RE2 refuses {pattern.regex!r}: write it without look-around, back-references and counts over 1000 "
        "(x* is as fast as x{0,1000})"
    )


def test_engines_agree_on_the_shelfs_own_texts(scan: PatternDetector, fallback: PatternDetector) -> None:
    for text in EXAMPLES:
        seen = view(text).text
        _same(scan, fallback, seen)
        assert scan.find(seen).fired == _plainly(seen)


def test_engines_agree_on_the_corpus(scan: PatternDetector, fallback: PatternDetector, shared: Path) -> None:
    corpus = shared / "corpus" / "train.jsonl.gz"
    if not corpus.is_file():
        pytest.skip(f"no corpus at {corpus}")
    with gzip.open(corpus, "rt", encoding="utf-8") as lines:
        texts = [view(json.loads(line)["text"]).text for line in itertools.islice(lines, 0, None, 67)]
    found = scan.find_many([text.encode() for text in texts])
    reference = fallback.find_many([text.encode() for text in texts])
    wrong = {
        name: text
        for text, one, other in zip(texts, found, reference, strict=True)
        if other.status is Status.OK
        for name in _names({*one.fired} ^ {*other.fired})
    }
    assert not wrong, f"engines differ on {sorted(wrong)}"
    assert sum(one.status is Status.TIMEOUT for one in reference) <= len(texts) // 50
    assert sum(len(one.fired) for one in found) > len(texts)


ODD = [
    "\r\n",
    "\v",
    "\f",
    "\0",
    "\u212a",
    "\u017f",
    "e\u0301",
    "\ufffd",
    "\u2028",
    "\x85",
    "\u00a0",
    "\U0001f600",
]
ODD += ["\n", "\n\n", " ", "\t", "K", "k", "S", "s", "I", "\u0130", "\u0131", "7", "Z", "\ud800"]


def _pieces() -> st.SearchStrategy[str]:
    lines = sorted({line for text in EXAMPLES for line in text.splitlines(keepends=True)})
    words = sorted({word for line in lines for word in line.split()})
    return st.one_of(
        st.sampled_from(lines), st.sampled_from(words), st.sampled_from(ODD), st.text(max_size=4)
    )


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(pieces=st.lists(_pieces(), max_size=14))
def test_engines_agree_on_generated_text(
    scan: PatternDetector, fallback: PatternDetector, pieces: list[str]
) -> None:
    text = view("".join(pieces)).text
    _same(scan, fallback, text)
    assert scan.find(text).fired == _plainly(text)


DIALECT = [
    (r"(?i)k", "\u212a", False),
    (r"(?i)[i-l]", "\u212a", False),
    (r"(?i)s", "\u017f", False),
    (r"(?i)\xe9", "\u00c9", False),
    (r"(?i)abc", "xABcx", True),
    (r"a(?i)b(?-i:c)", "aBc", True),
    (r"a(?i)b(?-i:c)", "aBC", False),
    (r"a(?i:b)c", "aBC", False),
    (r"a\sb", "a\vb", True),
    (r"a\sb", "a\u00a0b", False),
    (r"a\Sb", "a\vb", False),
    (r"a[\S]b", "a\vb", False),
    (r"a[\S]b", "a\u00e9b", True),
    (r"\Ab", "a\nb", False),
    (r"^b", "a\nb", True),
    (r"a$", "a\nb", True),
    (r"a\Z", "a\n", False),
    (r"^\Z", "a\n", True),
    (r"a.b", "a\nb", False),
    (r"a.b", "a\rb", True),
    (r"(?s)a.b", "a\nb", True),
    (r"(?s:a.)b.c", "a\nb\nc", False),
    (r"a\0b", "a\0b", True),
    (r"\w", "\u00e9", False),
    (r"\d", "\u0663", False),
    (r"\be", "\u00e9e", True),
    (r"a.{2}b", "a\u00e9\U0001f600b", True),
    (r"[]a]", "]", True),
    (r"[^]a]", "]", False),
    (r"[[:alpha:]]+1", "ab1", True),
    (r"(?P<name>a)b", "ab", True),
]


@pytest.mark.parametrize(("pattern", "text", "matches"), DIALECT)
def test_the_dialect_means_the_same_to_all_engines(pattern: str, text: str, matches: bool) -> None:
    shout = [Format("shout", "other", "t", "https://example.org", (Pattern("p", pattern),))]
    engines = ("re2", "numpy", "regex")
    found = {engine: bool(PatternDetector(shout, (), engine).find(text).fired) for engine in engines}
    assert found == dict.fromkeys(engines, matches)


@pytest.mark.parametrize("text", ["0\u00e90", "a \u4e2d\u6587 b", "ab", "a", "", "\u00e9\u00e9"])
def test_no_engine_looks_amid_a_character(text: str) -> None:
    shout = [Format("shout", "other", "t", "https://x.org", (Pattern("p", r"x|\B"), Pattern("q", r"a")))]
    engines = ("auto", "re2", "numpy", "regex")
    found = {one: PatternDetector(shout, (), one).find(text).fired for one in engines}
    assert found == dict.fromkeys(found, found["regex"])
    assert (0 in found["regex"]) == bool(regex.search(r"(?a)\B", text))


def _searchable(pattern: str) -> bool:
    try:
        regex.compile(for_regex(pattern))
    except regex.error:
        return False
    return True


ATOMS = st.sampled_from(
    [*"abAB. ", r"\s", r"\w", r"\n", "[ab]", "[^a]", "^", "$", r"\b", "(?i)", r"\{", "\u00e9"]
)
QUANTIFIERS = st.sampled_from(["", "", "", "*", "+", "?", "{2}", "{0,3}", "{1,20}", "+?"])


def _patterns() -> st.SearchStrategy[str]:
    item = st.builds(str.__add__, ATOMS, QUANTIFIERS)
    joined = st.lists(item, min_size=1, max_size=5).map("".join)
    group = st.builds(
        "({}{}){}".format,
        st.sampled_from(["?:", "", "?i:"]),
        st.lists(joined, min_size=1, max_size=3).map("|".join),
        QUANTIFIERS,
    )
    return st.lists(st.one_of(joined, group), min_size=1, max_size=3).map("".join)


def test_flags_behind_a_long_repeat_hold_for_what_stands_in() -> None:
    assert all(regex.search(for_regex(one), "A") for one in stand_ins("(?:a[^a]*(?i)|a)"))
    assert stand_ins("(?i)a[^a]*b")[0] == "(?i)a"


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(pattern=_patterns(), text=st.text(st.sampled_from("abABx. \n{\u00e9"), max_size=24))
def test_what_a_pattern_needs_is_there_wherever_it_matches(pattern: str, text: str) -> None:
    assume(_searchable(pattern) and regex.search(for_regex(pattern), text))
    needed = needed_literals(pattern)
    lowered = text.encode().lower()
    assert needed is None or any(literal.encode().lower() in lowered for literal in needed)
    for stand_in in stand_ins(pattern):
        assert regex.search(for_regex(stand_in), text), stand_in


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    patterns=st.lists(_patterns(), min_size=1, max_size=6),
    text=st.text(st.sampled_from("abABx. \n{"), max_size=24),
)
def test_any_set_of_patterns_is_scanned_as_one_by_one(patterns: list[str], text: str) -> None:
    assume(all(map(_searchable, patterns)))
    declared = tuple(Pattern(f"p{i}", pattern) for i, pattern in enumerate(patterns))
    shelf = [Format("f", "other", "t", "https://example.org", declared)]
    plainly = tuple(i for i, p in enumerate(patterns) if regex.search(for_regex(p), text))
    for engine in ("re2", "numpy", "regex"):
        assert PatternDetector(shelf, (), engine).find(text).fired == plainly, engine


def _shelf(size: int) -> list[Format]:
    """The shelf again and again under other names, until it has that many formats."""
    return [
        Format(f"{f.name[:50]}.{i}", f.family, f.title, f.source, f.patterns)
        for i, f in zip(range(size), itertools.cycle(FORMATS))
    ]


@pytest.mark.parametrize("size", [12, 50, 200])
def test_a_shelf_of_any_size_is_scanned_whole(size: int, fallback: PatternDetector) -> None:
    shelf = _shelf(size)
    detector = PatternDetector(shelf, (), "re2")
    assert not detector.one_by_one
    assert PatternDetector(shelf, (), "numpy").find(EXAMPLES[0]) == detector.find(EXAMPLES[0])
    fired = {
        (f, p.name)
        for f, p in ((DECLARED[i][0], DECLARED[i][1]) for i in fallback.find(EXAMPLES[0]).fired)
        if f
    }
    rules = [detector.rules[i] for i in detector.find(EXAMPLES[0]).fired]
    assert {(rule.format.rpartition(".")[0], rule.name) for rule in rules} <= {(f[:50], r) for f, r in fired}
    assert size < len(FORMATS) or len({rule.name for rule in rules}) == len({name for _, name in fired})


def test_a_memory_budget_too_small_splits_the_scan_and_changes_nothing(
    scan: PatternDetector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(set_scan, "SET_MEMORY", 1 << 20)
    small = PatternDetector(FORMATS, ENDINGS, "re2")
    for text in EXAMPLES[::5]:
        assert small.find(text) == scan.find(text)


def test_without_re2_every_rule_is_found_by_numpy(
    scan: PatternDetector, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = [scan.find(text) for text in EXAMPLES[::9]]
    monkeypatch.setattr(set_scan, "re2", None)
    monkeypatch.setenv("ECHOFORMAT_NATIVE", "0")
    detector = PatternDetector(FORMATS, ENDINGS)
    assert detector.engine == "numpy" and not detector.one_by_one
    assert [detector.find(text) for text in EXAMPLES[::9]] == expected
    assert detector.find_many([text.encode() for text in EXAMPLES[::9]]) == expected
    assert [detector.span(rule, EXAMPLES[0]) for rule in expected[0].fired]
    with pytest.raises(UsageError, match="pip install google-re2"):
        PatternDetector(FORMATS, (), "re2")
    with pytest.raises(UsageError, match="choose auto, native, re2, numpy or regex"):
        PatternDetector(FORMATS, (), "pcre")


def _slow(limit: float, monkeypatch: pytest.MonkeyPatch) -> PatternDetector:
    monkeypatch.setattr(one_by_one, "TIME_LIMIT_SECONDS", limit)
    rules = (Pattern("backtracks", r"(?=a)(a|aa)+$", weight=0.9), Pattern("plain", "b", weight=0.9))
    return PatternDetector([Format("mine", "other", "t", "https://example.org", rules)])


def test_a_rule_that_runs_out_of_time_is_named_once_and_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    detector = _slow(0.01, monkeypatch)
    assert [rule.name for rule in detector.one_by_one] == ["backtracks"]
    hostile = ("a" * 41 + "b").encode()
    detector.start()
    with pytest.warns(EchoformatWarning, match="backtracks.*mine") as heard:
        found = detector.find_many([hostile] * 14)
    assert len(heard) == 1
    assert {(one.fired, one.status) for one in found} == {((1,), Status.TIMEOUT)}
    monkeypatch.setattr(one_by_one, "TIME_LIMIT_SECONDS", 30.0)
    assert detector.find_many([b"a"])[0].status is Status.TIMEOUT, "switched off for the rest of the batch"
    detector.start()
    assert detector.find_many([b"a"])[0].fired == (0,), "and on again for the next one"


def test_a_rule_in_time_now_and_then_stays_on(monkeypatch: pytest.MonkeyPatch) -> None:
    detector = _slow(0.01, monkeypatch)
    hostile = ("a" * 41 + "b").encode()
    detector.start()
    with pytest.warns(EchoformatWarning):
        for _ in range(3):
            found = detector.find_many([hostile] * 4 + [b"aa"])
            assert found[-1].fired == (0,)


def test_a_pattern_that_no_engine_takes_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="rule 'broken'"):
        PatternDetector([Format("mine", "other", "t", "https://example.org", (Pattern("broken", "(a"),))])


def test_a_detector_survives_being_sent_to_another_process(scan: PatternDetector) -> None:
    again = pickle.loads(pickle.dumps(scan))
    assert [again.find(text) for text in EXAMPLES[:9]] == [scan.find(text) for text in EXAMPLES[:9]]


@pytest.mark.parametrize(
    "pump",
    ["\n", " ", "a ", "$x", "\\[", "```\n", "<think>", "1. a\n", "ans = ", "def x(", "x\n\n", "(", "#"],
)
def test_the_scan_looks_at_each_byte_a_bounded_number_of_times(scan: PatternDetector, pump: str) -> None:
    """RE2 is linear by construction; what it is given must be all patterns, so none may be left over."""
    assert not scan.one_by_one
    long = view(pump * (200_000 // len(pump))).text
    assert scan.find(long).status is Status.OK


def test_re2_writes_what_the_dialect_says() -> None:
    assert for_re2(r"(?i)a\s") == r"(?m)[aA][\t-\r ]"
