"""Odd rollouts are data: what a collapsing policy writes gets a label, in bounded time, and stops nothing."""

from __future__ import annotations

import base64
import random
import subprocess
import sys
import threading
import time
from typing import Any

import numpy as np
import pytest

from echoformat.classifier import Classifier
from echoformat.errors import EchoformatWarning
from echoformat.format import Format, Pattern
from echoformat.formats import all_formats
from echoformat.label import Reason, Status

PROGRAM = (
    "def simple_math_problem():\n    '''Two pens, three caps.'''\n    result = 2 + 3\n    return result\n"
)
# Far above what any of these takes (milliseconds), far below what a quadratic scan of them takes.
GENEROUS_SECONDS = 3.0


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    made = Classifier()
    made.classify(PROGRAM)
    return made


def _timed(classifier: Classifier, text: str) -> tuple[str, float]:
    start = time.process_time()
    name = classifier.classify(text).name
    return name, time.process_time() - start


@pytest.mark.parametrize("text", ["", " ", "\n\n", "\t \r\n", "\u2003\u3000"])
def test_empty_and_blank(classifier: Classifier, text: str) -> None:
    label = classifier.classify(text)
    assert (label.format, label.reason, label.confidence) == (None, Reason.EMPTY, 1.0)


def test_missing_rows_are_kept(classifier: Classifier) -> None:
    pd = pytest.importorskip("pandas")
    pa = pytest.importorskip("pyarrow")
    rows: list[Any] = [None, float("nan"), pd.NA, pd.NaT, np.float64("nan"), pa.scalar(None), PROGRAM]
    batch = classifier.classify_batch(rows)
    assert batch.label_names() == ["empty"] * 6 + ["tinygsm"]
    assert batch.columns()["status"] == ["missing"] * 6 + ["ok"]


@pytest.mark.parametrize("value", [3, 2.5, True, {"a": 1}, b"bytes", ["x"], np.zeros(2), ("x",)])
def test_rows_that_are_not_text(classifier: Classifier, value: Any) -> None:
    with pytest.raises(TypeError, match="classify takes a str"):
        classifier.classify(value)
    batch = classifier.classify_batch([value, PROGRAM])
    assert batch.columns()["status"] == ["not_text", "ok"]
    assert batch.label_names() == ["unknown", "tinygsm"]


@pytest.mark.parametrize("odd", ["a\ud800b", "\udcff", "\ud83d"])
def test_lone_surrogates(classifier: Classifier, odd: str) -> None:
    mended = "".join("\ufffd" if 0xD800 <= ord(c) <= 0xDFFF else c for c in odd)
    found, expected = classifier.classify(odd + PROGRAM), classifier.classify(mended + PROGRAM)
    assert found.to_dict() == expected.to_dict()
    for item in found.evidence:
        assert 0 <= item.start <= item.end <= len(odd + PROGRAM)
    repr(found.to_dict()).encode()


def test_text_after_a_nul_is_seen(classifier: Classifier) -> None:
    assert classifier.classify("\0\n" + PROGRAM).format == "tinygsm"


@pytest.mark.parametrize(
    "extra", ["\ufeff", "\u2028", "\u2029", "\u0085", "\u202e", "\u200d" * 50, "e" + "\u0301" * 80]
)
def test_strange_unicode(classifier: Classifier, extra: str) -> None:
    name, seconds = _timed(classifier, PROGRAM + extra)
    assert name == "tinygsm"
    assert seconds < GENEROUS_SECONDS


def test_ten_thousand_combining_marks_are_a_loop(classifier: Classifier) -> None:
    name, seconds = _timed(classifier, "e" + "\u0301" * 10_000)
    assert name == "degenerate"
    assert seconds < GENEROUS_SECONDS


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_line_ends_do_not_matter(classifier: Classifier, end: str) -> None:
    for text in [example for format in all_formats() for example in format.examples]:
        plain, other = classifier.classify(text), classifier.classify(text.replace("\n", end))
        assert (plain.name, plain.confidence, plain.truncated) == (
            other.name,
            other.confidence,
            other.truncated,
        )


def test_ten_megabytes(classifier: Classifier) -> None:
    rng = random.Random(7)
    words = " ".join(rng.choice(["so", "then", "pens", "cost", "seven"]) for _ in range(2_000_000))
    text = PROGRAM + words
    assert len(text) > 9_000_000
    start = time.process_time()
    label = classifier.classify(text)
    assert label.status is Status.TRUNCATED_VIEW
    assert time.process_time() - start < GENEROUS_SECONDS
    assert all(item.end <= len(text) for item in label.evidence)


@pytest.mark.parametrize("text", ["x" * 10_000_000, "\n" * 1_000_000, "\n" * 999_999 + "x"])
def test_one_character_for_ever(classifier: Classifier, text: str) -> None:
    name, seconds = _timed(classifier, text)
    assert name in ("degenerate", "empty", "unknown")
    assert seconds < GENEROUS_SECONDS


@pytest.mark.parametrize("char", "([{<\"'`->|*#$\\ \n")
def test_a_megabyte_of_each_bracket(classifier: Classifier, char: str) -> None:
    name, seconds = _timed(classifier, char * 1_000_000)
    assert name in ("degenerate", "empty", "unknown")
    assert seconds < GENEROUS_SECONDS


PUMPS = {
    "<!--": 4000,
    "-}": 2000,
    "->": 2000,
    "%w(": 2000,
    "template<": 2000,
    "a<": 30_000,
    "<a>": 30_000,
    "<<<<": 25_000,
    "$(": 5000,
    "lambda:": 2000,
    "sizeof(": 2000,
    "|x| ": 2000,
    "- ": 5000,
    "? ": 300,
    ">": 3000,
    "> ": 300,
    "<think>": 3000,
    "\\begin{a}": 2000,
    "((((": 25_000,
    "[": 100_000,
    "def f(": 5000,
    "```python\n": 2000,
}


@pytest.mark.parametrize("piece", PUMPS)
@pytest.mark.parametrize("before", ["", "x = 1\ndef f():\n    return "])
def test_pumped_tokens(classifier: Classifier, piece: str, before: str) -> None:
    name, seconds = _timed(classifier, before + piece * PUMPS[piece])
    assert name
    assert seconds < GENEROUS_SECONDS


@pytest.mark.parametrize(
    "text",
    [
        " " * 20_000 + "x",
        "x" + " \n" * 10_000 + "x",
        "<think>\n" * 3000 + "x",
        "".join("\n" + " " * depth + "a:" for depth in range(300)),
        b"34 F1 8A ".decode() + bytes([0x34, 0xF1, *[0x8A] * 6]).decode("latin-1"),
    ],
)
def test_pumps_of_backtracking(classifier: Classifier, text: str) -> None:
    assert _timed(classifier, text)[1] < GENEROUS_SECONDS


def test_deep_nesting_does_not_end_the_process() -> None:
    program = (
        "from echoformat import classify\n"
        "for piece in ('(', '[', '{', '- ', '>', 'a:\\n '):\n"
        "    print(classify('x = ' + piece * 100_000).name)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 6


def test_user_pattern_that_backtracks_says_timeout() -> None:
    mine = Format("mine", "other", "t", "https://x.org", (Pattern("slow", r"(?=a)(?:a|aa)+$", weight=0.9),))
    classifier = Classifier([mine], model=None)
    with pytest.warns(EchoformatWarning, match="'slow' of format 'mine'"):
        batch = classifier.classify_batch(["a" * 41 + "b", "aaa"])
    assert batch.columns()["status"] == ["timeout", "ok"]
    assert batch.label_names() == ["unknown", "mine"]


def test_busy_threads_change_nothing(classifier: Classifier) -> None:
    texts = [example for format in all_formats() for example in format.examples]
    expected = [classifier.classify_batch([text]).columns() for text in texts[:20]]
    stop = threading.Event()

    def burn() -> None:
        while not stop.is_set():
            sum(range(1000))

    threads = [threading.Thread(target=burn, daemon=True) for _ in range(16)]
    for thread in threads:
        thread.start()
    try:
        found = [classifier.classify_batch([text]).columns() for text in texts[:20]]
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert found == expected


def test_an_aborted_parse_leaves_nothing_behind() -> None:
    classifier = Classifier()
    alone = Classifier().classify(PROGRAM)
    rng = random.Random(3)
    hostile = "x = 1\n" + "".join(rng.choice(["lambda:", "<!--", "->", "$(", "%w("]) for _ in range(3000))
    classifier.classify(hostile)
    assert classifier.classify(PROGRAM).to_dict() == alone.to_dict()


def test_noise_is_not_a_format(classifier: Classifier) -> None:
    rng = random.Random(11)
    noise = bytes(rng.randrange(256) for _ in range(50_000)).decode("latin-1")
    token = base64.b64encode(bytes(rng.randrange(256) for _ in range(700_000))).decode()
    for text in (noise, token, "".join(rng.choice("abcdefghij") for _ in range(1_000_000))):
        name, seconds = _timed(classifier, text)
        assert name in ("unknown", "ambiguous", "degenerate")
        assert seconds < GENEROUS_SECONDS


@pytest.mark.parametrize(
    "text",
    ["tinygsm tinygsm tinygsm", '{{ label.format }} </script><script>x("tinygsm")</script>', "reason: rules"],
)
def test_our_own_words_are_inert(classifier: Classifier, text: str) -> None:
    assert classifier.classify(text).format not in ("tinygsm", "gsm8k", "openmath1")
