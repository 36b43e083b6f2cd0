"""The compiled columns say what their twins in Python say."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from echoformat.batch_path import label_rows
from echoformat.classifier import Classifier
from echoformat.compiled import SWITCH, native
from echoformat.detectors.ends import HEAD, LONG, TAIL, ends_of
from echoformat.detectors.region import code_bounds, unlike_python
from echoformat.detectors.syntax import ASK, CLEAN_PART, LONGEST_PARSE, UNLIKE, SyntaxDetector, first_error
from echoformat.formats import all_formats
from echoformat.label_batch import ROW
from echoformat.rollouts import read_rollouts
from echoformat.text import LONGEST_VIEW, in_bytes, view, views

pytestmark = pytest.mark.skipif(native() is None, reason="the compiled part is not built")

WORDS = [
    "x", "ans", "return", "if", "in", "print", "not", "the pens", "def f(a):", "import re", "5", "2.5", " ",
    "\n", "\n    ", "=", "==", ".", ",", ":", ";", "(", ")", "[", "]", "{", "}", "'", '"', '"""', "f'", "#",
    "\\", "\\\n", "$", "?", "`", "!", "!=", "&&", "|", "é", "\u200b", "\t", "lambda y:", "async for", "\0",
]  # fmt: skip
TEXTS = st.one_of(st.text(max_size=80), st.lists(st.sampled_from(WORDS), max_size=40).map("".join))
ODD = [
    "",
    " \n",
    "\u2003",
    "a\r\nb",
    "x\ud800y",
    "é" * 9,
    "\0",
    "\x1c",
    "a" * (LONGEST_VIEW + 1),
    "\r" * LONGEST_VIEW,
]


def by_twin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SWITCH, "0")
    assert native() is None


@pytest.mark.parametrize("texts", [[], ["x = 1"], ODD, ["a", *ODD, "b"]])
def test_the_same_views(texts, monkeypatch):
    found = views(texts)
    by_twin(monkeypatch)
    twin = views(texts)
    assert (list(found.texts), in_bytes(found.encoded)) == (list(twin.texts), twin.encoded)
    assert list(found.shortened) == list(twin.shortened)


@given(st.lists(st.text(st.characters(), max_size=30), max_size=8))
def test_a_view_of_many_is_that_of_each(texts):
    seen = views(texts)
    assert list(seen.texts) == [view(text).text for text in texts]
    assert in_bytes(seen.encoded) == [view(text).text.encode() for text in texts]


@given(
    st.lists(st.sampled_from(["word ", "line\n", "é", "x", " ", "\n", "\v", "\0", "y" * 400]), max_size=60)
)
def test_the_same_ends(parts):
    for many in (1, 9, 90):
        data = ("".join(parts) * many).encode()
        rows = [0] if ends_of(data) is not data else []
        assert native().ends([data], HEAD, TAIL) == ([ends_of(data)], rows)


def test_a_short_text_is_its_own_ends():
    data = [b"a" * LONG, b""]
    assert all(one is other for one, other in zip(native().ends(data, HEAD, TAIL)[0], data, strict=True))


@given(st.lists(st.sampled_from(["", "a", "b", "ab" * 99, "ab" * 98 + "ba", "é" * 9, *map(str, range(99))])))
def test_texts_that_stand_there_twice_are_told(texts):
    alike = set(native().alike(texts))
    assert alike >= {row for row, text in enumerate(texts) if texts.count(text) > 1}


def test_texts_alike_are_not_taken_for_one():
    same_ends = ["head" + "x" * n + f"{n:03d}" + "x" * (200 - n) + "tail" for n in range(9)]
    values = [*same_ends, *same_ends, None]
    lengths: list[int] = []

    def rows(texts):
        lengths.append(len(texts))
        return np.array([(texts.index(text), -1, 0, 1.0, False, 0) for text in texts], ROW)

    assert label_rows(values, rows)["codes"].tolist() == [*range(9), *range(9), -1]
    assert lengths == [9]


@given(st.lists(st.text(st.sampled_from(" \n\t\v\x1c\x1f\x85\u2003xé"), max_size=3)))
def test_the_same_blanks(texts):
    assert native().blank(texts) == [i for i, text in enumerate(texts) if not text or text.isspace()]


@given(TEXTS, st.sampled_from(["", "\nx = 1" * 20, "\n    return x\n"]))
def test_what_is_unlike_python_does_not_parse(text, more):
    source = (text.replace("\ud800", "") + more).encode("utf-8", "replace")
    at = native().unlike_python(source)
    assert -1 <= at <= len(source)
    if 0 <= at < CLEAN_PART * len(source):
        detector = SyntaxDetector(all_formats())
        tree = detector._parse(source)
        assert tree is None or first_error(tree) < CLEAN_PART * len(source)


@pytest.mark.parametrize(
    "code",
    [
        "f(x y)",
        "x = $3",
        "a && b",
        "f(a]",
        "x)",
        "x = {return 1;}",
        "[3 pens]",
        "('a' b)",
        "it's\nx",
        "x = 1!",
    ],
)
def test_what_no_python_holds_is_told(code):
    assert native().unlike_python(code.encode() + b" \n") > 0


@pytest.mark.parametrize(
    "code",
    [
        "x = 1",
        "print x",
        "f(a if b else c)",
        "'a' \"b\"",
        'f"{a b}"',
        "# 3 $",
        '"""\n$"""',
        "x = \\\n  1",
        "a != b",
    ],
)
def test_what_python_may_hold_is_left_to_the_parse(code):
    assert native().unlike_python(code.encode()) == -1


BLOCKS = [
    "```",
    "```python\n",
    "```py",
    "```Python",
    "`",
    "<llm-code>",
    "</llm-code>",
    "\n",
    "é" * 11,
    "x" * 13,
]


@given(
    st.lists(st.sampled_from(BLOCKS + WORDS), max_size=30).map("".join),
    st.sampled_from([3, 99, LONGEST_PARSE]),
)
def test_the_same_code_is_found(text, longest):
    [(code, whole, _)] = native().codes([text.encode()], longest, CLEAN_PART)
    start, end, is_whole = code_bounds(text) or (0, len(text), True)
    assert (code.decode(), whole) == (text[start : min(end, start + longest)], is_whole)


@given(TEXTS, st.sampled_from(["", " ", "\x1d", "\u2003", " " * 390]), st.sampled_from(["", "\nx = 1" * 9]))
def test_a_first_line_says_what_its_twin_says(text, before, more):
    code = before + text.replace("`", "").replace("<llm-code>", "") + more
    source = code.encode("utf-8", "replace")
    code = source.decode()
    [(_, _, unlike)] = native().codes([source], LONGEST_PARSE, CLEAN_PART)
    at, least = unlike_python(code), CLEAN_PART * len(source)
    is_unlike = 0 <= len(code[: max(at, 0)].encode()) < least and at >= 0
    is_sure = 0 <= native().unlike_python(source) < least
    assert unlike in ((UNLIKE,) if is_sure else (ASK, int(is_unlike)))
    assert unlike != ASK or not code.isascii()


@pytest.mark.parametrize("length", range(40))
def test_cut_code_is_read_within_its_bounds(length):
    code = b"x = f'{a}' + r\"b\\\" # c\n\xc3\xa9 = 0x1F ; \\\n\xff('\\"
    assert -1 <= native().unlike_python(code[:length]) <= length
    assert -1 <= native().unlike_python(code[length:]) <= len(code)


@given(st.binary(max_size=900), st.integers(0, 900), st.integers(0, 900), st.integers(1, 9))
def test_as_many_line_ends_are_counted(data, begin, end, many):
    data = data.replace(b"a", b"\n") * many
    assert native().newlines(data, begin, end) == data.count(b"\n", begin, end)


@given(st.lists(st.binary(max_size=300), max_size=4))
def test_the_same_array_of_lines(pieces):
    pieces = [*pieces, memoryview(b'{"a": 1}\n{}')]
    assert native().json_array(tuple(pieces)) == b"".join((b"[", *pieces, b"]")).replace(b"\n", b",")


def test_a_file_reads_the_same(tmp_path, monkeypatch):
    path = tmp_path / "log.jsonl"
    row = '{"step": %d, "completion": "x = %s\\nans = x\\n"}'
    path.write_text("\n".join(row % (n, "9" * n) for n in range(2000)))
    found = [batch.texts for batch in read_rollouts(path).batches()]
    by_twin(monkeypatch)
    assert found == [batch.texts for batch in read_rollouts(path).batches()]
    assert sum(map(len, found)) == 2000


def test_other_kinds_are_refused():
    compiled = native()
    with pytest.raises(TypeError):
        compiled.json_array([b"x"])
    with pytest.raises(TypeError):
        compiled.json_array(("x",))
    with pytest.raises(TypeError):
        compiled.newlines("x", 0, 1)
    for call in (compiled.alike, compiled.blank):
        with pytest.raises(TypeError):
            call([b"x"])
        with pytest.raises(TypeError):
            call("x")
    with pytest.raises(TypeError):
        compiled.ends([3], HEAD, TAIL)
    with pytest.raises(ValueError):
        compiled.ends([b"x"], 0, -1)
    with pytest.raises(TypeError):
        compiled.unlike_python("x")
    with pytest.raises(TypeError):
        compiled.odd_views([None], 9)
    with pytest.raises(TypeError):
        compiled.codes([3], 9, 0.5)


def test_the_same_labels(monkeypatch):
    texts = [example for format in all_formats() for example in (*format.examples, *format.counterexamples)]
    texts += ["", " ", "x = 1\r\nans = x\r\n", "She sold\ud800 3.", texts[0]]
    texts += [text * 40 for text in texts[:20]]
    found = Classifier().classify_batch([*texts, None])
    by_twin(monkeypatch)
    twin = Classifier().classify_batch([*texts, None])
    assert found.columns() == twin.columns()


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=3000), min_size=1, max_size=4))
def test_a_str_is_read_as_its_bytes(texts):
    compiled = native()
    data = [text.encode() for text in texts]
    (cut, rows), other = compiled.ends(texts, HEAD, TAIL), compiled.ends(data, HEAD, TAIL)
    assert (in_bytes(cut), rows) == other
    assert compiled.codes(texts, 99, 0.5) == compiled.codes(data, 99, 0.5)
