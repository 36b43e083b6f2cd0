"""What a collapsing policy writes must cost little: work is counted, and nothing may crash or hang."""

from __future__ import annotations

import subprocess
import sys
import threading
from importlib import metadata
from typing import Any

import pytest

from echoformat.classifier import Classifier
from echoformat.detectors import syntax
from echoformat.detectors.repetition import find_loop
from echoformat.detectors.syntax import SyntaxDetector
from echoformat.errors import EchoformatWarning
from echoformat.format import Format, Syntax
from echoformat.formats import all_formats
from echoformat.label import Status
from echoformat.text import LONGEST_VIEW, view

MB = 1 << 20
CHARACTERS = "([{<\"'`->|*#$\\ \n"
PUMPS = {
    "comment": "<!--" * 4000,
    "minus-brace": "-}" * 2000,
    "arrow": "->" * 2000,
    "percent-w": "%w(" * 2000,
    "template": "template<" * 2000,
    "less": "a<" * 30000,
    "tag": "<a>" * 30000,
    "here": "<<<<" * 25000,
    "dollar": "$(" * 5000,
    "lambda": "lambda:" * 2000,
    "sizeof": "sizeof(" * 2000,
    "block": "|x| " * 2000,
    "dash": "- " * 5000,
    "question": "? " * 300,
    "quote": ">" * 3000,
    "spaced-quote": "> " * 300,
    "nested-keys": "".join(" " * i + "a:\n" for i in range(300)),
    "brackets": "[" * 100_000 + "]" * 100_000,
    "parens": "(" * 100_000,
    "spaces-then-x": " " * 20_000 + "x",
    "unclosed-think": "<think>" * 3000,
    "unclosed-begin": "\\begin{a}" * 2000,
    "invalid-bytes": "4\ufffd\ufffd\ufffd\ufffd",
    "base64": "QUJD" * (MB // 4),
    "one-token": "x" * MB,
    "noise": bytes(range(256)).decode("latin-1") * 4096,
    "no-newline": "word " * (10 * MB // 5),
    "combining": "e" + "\u0301" * 10_000,
    "newlines": "x = 1" + "\n" * MB + "y",
    **{f"one-{ord(char)}": f"x{char * MB}x" for char in CHARACTERS},
}
# As the code of a completion: behind a line that opens the code gate.
AS_CODE = "import math\n"


class _Counting:
    """A parser that counts how often it was asked for text and told of progress."""

    def __init__(self, parser: Any) -> None:
        self._parser, self.reports, self.reads, self.resets = parser, 0, 0, 0

    def parse(self, read: Any, progress_callback: Any) -> Any:
        def reading(*place: Any) -> Any:
            self.reads += 1
            return read(*place)

        def progress(*state: Any) -> Any:
            self.reports += 1
            return progress_callback(*state)

        return self._parser.parse(reading, progress_callback=progress)

    def reset(self) -> None:
        self.resets += 1
        self._parser.reset()


@pytest.fixture
def counted() -> tuple[SyntaxDetector, _Counting]:
    detector = SyntaxDetector(all_formats())
    parser = _Counting(detector._tools.parser)
    detector._tools.parser = parser
    return detector, parser


@pytest.fixture
def nothing_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Plain code is parsed too."""
    monkeypatch.setattr(syntax, "native", lambda: None)


@pytest.mark.parametrize("pump", PUMPS.values(), ids=PUMPS)
def test_a_parse_is_bounded_in_work(counted: tuple[SyntaxDetector, _Counting], pump: str) -> None:
    detector, parser = counted
    for text in (AS_CODE + pump, pump, f"def simple_math_problem():\n    result = {pump}"):
        before = parser.reports
        detector.find(view(text).text)
        most = syntax.LEAST_REPORTS + 4 * syntax.LONGEST_PARSE // syntax.BYTES_PER_REPORT
        assert parser.reports - before <= most + 1
    assert parser.reads <= 3 * (4 + most)


def test_clean_code_stays_far_below_the_budget(
    counted: tuple[SyntaxDetector, _Counting], nothing_told: None
) -> None:
    detector, parser = counted
    code = "def total(prices):\n    result = 0\n    for price in prices:\n        result += price\n"
    code += "    return result\n"
    detector.find(code)
    assert parser.reads
    assert parser.reports < syntax.LEAST_REPORTS / 4
    long = (code * 60)[: syntax.LONGEST_PARSE]
    parser.reports = 0
    detector.find(long)
    assert 0 < parser.reports < (syntax.LEAST_REPORTS + len(long) / syntax.BYTES_PER_REPORT) / 3


@pytest.fixture
def small_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(syntax, "LEAST_REPORTS", 4)
    monkeypatch.setattr(syntax, "BYTES_PER_REPORT", 1000)


def test_an_aborted_parse_leaves_nothing_to_the_next_text(
    counted: tuple[SyntaxDetector, _Counting], small_budget: None, nothing_told: None
) -> None:
    detector, parser = counted
    clean = "x = 1\nprint(x)\n"
    alone = SyntaxDetector(all_formats()).find(clean)
    assert alone.fired
    hostile = "def simple_math_problem():\n    result = 1\n    " + "$(" * 2000
    assert detector.find(hostile).status is Status.TIMEOUT
    assert detector.find(clean) == alone
    assert parser.resets == 2


def test_a_budget_run_out_says_nothing_of_rules_that_need_clean_code(
    counted: tuple[SyntaxDetector, _Counting], small_budget: None
) -> None:
    detector, parser = counted
    # A backtick is a quote to the grammar, so that only a parse can tell.
    assert detector.find("x = 1\n" + "`(" * 2000) == syntax.NOTHING
    assert parser.reports > syntax.LEAST_REPORTS


def test_prose_is_not_parsed(counted: tuple[SyntaxDetector, _Counting]) -> None:
    detector, parser = counted
    for text in ("Ada has 3 pens.\nx = 3\nSo x = 3.\n", "**Step 1**\nx = 4\n", "We'd say\nx = 3\ny = 4\n"):
        assert detector.find(text) == syntax.NOTHING
    assert parser.reads == 0


PRELUDE = """
import sys
from tests.test_syntax_guards import AS_CODE, PUMPS
from echoformat.classifier import Classifier
classifier = Classifier()
names = [name for i, name in enumerate(PUMPS) if i % 4 == int(sys.argv[1])]
texts = [lead + PUMPS[name] for name in names for lead in ("", AS_CODE, "```python\\n")]
labels = classifier.classify_batch(texts)
assert len(labels) == len(texts)
print(len(texts))
"""


@pytest.mark.parametrize("part", range(4))
def test_hostile_texts_neither_crash_nor_hang(part: int) -> None:
    """In a process of its own: a crash in a grammar would take the test run with it."""
    done = subprocess.run(
        [sys.executable, "-c", PRELUDE, str(part)], capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert int(done.stdout) > 20


def test_a_very_long_completion_is_seen_through_its_ends() -> None:
    classifier = Classifier()
    long = "x = 3\n" + "# note\n" * (10 * MB // 7) + "ans = x\n"
    labels = classifier.classify_batch([long])
    assert labels.columns()["status"] == ["truncated_view"]
    assert len(view(long).text) <= LONGEST_VIEW + 2


def test_labels_do_not_depend_on_what_other_threads_do() -> None:
    classifier = Classifier()
    texts = [*(f.examples[0] for f in all_formats()[::4]), PUMPS["comment"], PUMPS["unclosed-think"]]
    alone = classifier.classify_batch(texts).columns()
    stop = threading.Event()

    def busy() -> None:
        while not stop.is_set():
            sum(range(2000))

    threads = [threading.Thread(target=busy, daemon=True) for _ in range(16)]
    for thread in threads:
        thread.start()
    try:
        among = classifier.classify_batch(texts).columns()
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert among == alone


@pytest.mark.parametrize("period", [1, 2, 7, 11, 700])
def test_a_loop_is_measured_in_steps_of_blocks(period: int) -> None:
    piece = ("abcdefghijk" * 80)[: period - 1] + "z"
    text = "Start. " + piece * (60_000 // period)
    found = find_loop(text)
    assert found is not None
    assert found.period == period
    assert abs(found.start - len("Start. ")) < period


def _shelf() -> list[Format]:
    rule = Syntax("any", "(module) @m")
    return [Format("mine", "code", "t", "https://example.org", syntax=(rule,))]


def test_a_missing_grammar_switches_the_detector_off_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> Any:
        raise ModuleNotFoundError(f"No module named {name!r}")

    monkeypatch.setattr(syntax, "import_module", absent)
    with pytest.warns(EchoformatWarning, match="pip install tree-sitter-python") as heard:
        detector = SyntaxDetector(_shelf())
    assert len(heard) == 1
    assert detector.disabled
    assert detector.find("x = 1\n") == syntax.NOTHING
    assert len(detector.rules) == 1


def test_a_grammar_can_wait_for_the_first_parse() -> None:
    detector = SyntaxDetector(_shelf(), later=True)
    assert detector._tools.parser is None
    assert detector.find("") == syntax.NOTHING
    assert detector._tools.parser is None
    assert detector.find("x = 1\n") == SyntaxDetector(_shelf()).find("x = 1\n") != syntax.NOTHING
    assert detector._tools.parser is not None


def test_a_grammar_missed_at_the_first_parse_is_missed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tree_sitter_python", None)
    detector = SyntaxDetector(_shelf(), later=True)
    with pytest.warns(EchoformatWarning, match="pip install tree-sitter-python") as heard:
        assert [detector.find("x = 1\n"), detector.find("y = 2\n")] == [syntax.NOTHING] * 2
    assert len(heard) == 1


@pytest.mark.parametrize("version", ["0.26.0", "0.25.2", "0.24.0"])
def test_tree_sitters_known_to_crash_are_refused(version: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(syntax, "_version", lambda: version)
    with pytest.warns(EchoformatWarning, match=rf"tree-sitter {version}.*>=0.26.1,<0.27"):
        assert SyntaxDetector(_shelf()).find("x = 1\n") == syntax.NOTHING


def test_a_grammar_of_another_abi_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    import tree_sitter

    def foreign(_pointer: object) -> Any:
        raise ValueError("Incompatible Language version 99")

    monkeypatch.setattr(tree_sitter, "Language", foreign)
    with pytest.warns(EchoformatWarning, match="does not fit tree-sitter"):
        assert SyntaxDetector(_shelf()).disabled


def test_only_rules_that_can_fire_are_parsed_for(counted: tuple[SyntaxDetector, _Counting]) -> None:
    detector, parser = counted
    fenced = "So:\n```python\nx = 3\n```\n"
    wanted = [s for f in all_formats() for s in f.syntax if not s.whole and not syntax._needed(s.query)]
    detector.find(fenced)
    assert (parser.reads > 0) == bool(wanted)


def test_what_a_query_needs_is_read_only_where_it_is_certain() -> None:
    named = '(call function: (identifier) @n (#eq? @n "print"))'
    assert syntax._needed(named) == (b"print",)
    assert syntax._needed(f"[{named} (module)]") == ()
    assert syntax._needed('(call (identifier)? @n (#eq? @n "print"))') == ()


def test_threads_parse_with_tools_of_their_own(
    counted: tuple[SyntaxDetector, _Counting], nothing_told: None
) -> None:
    detector, parser = counted
    code = "def total(prices):\n    return sum(prices)\n\n\nprint(total([1, 2]))\n"
    found: list[Any] = []
    other = threading.Thread(target=lambda: found.append(detector.find(code)))
    other.start()
    other.join()
    assert not parser.reads
    assert found == [detector.find(code)]
    assert found[0].fired and parser.reads


def test_the_version_is_that_which_is_installed() -> None:
    assert syntax._version() == metadata.version("tree-sitter")


def test_a_folder_that_says_nothing_is_asked_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(syntax, "FACTS", ("no such folder-", ".dist-info"))
    assert syntax._version() == metadata.version("tree-sitter")
