"""The compiled looks at ends of texts: the same loops, near loops and cuts as without them."""

from __future__ import annotations

import random
import sys
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from echoformat.compiled import SWITCH, native
from echoformat.detectors import near_loop, repetition, truncation
from echoformat.detectors.cuts import cut_rows
from echoformat.detectors.looping import looping_ends
from echoformat.detectors.near_loop import find_near_loop
from echoformat.detectors.repetition import find_loop
from echoformat.detectors.truncation import cut_signs, is_truncated

BUILT: Any = native()
SIGNS: Any = getattr(BUILT, "Signs", None)
pytestmark = pytest.mark.skipif(SIGNS is None, reason="the compiled part is not built")

FAMILIES = ("code", "natural_language", "other", None)
ROUND = "So open the next drawer and count the spoons. "
COUNTED = "".join(f"Round {n} is to open the drawer and count again. " for n in range(40))
LISTED = "".join(f"{n}. Count the spoons in drawer {n % 7}.\n" for n in range(200))
PROSE = " ".join(
    f"{a}{b}{c}" for a in ("ba", "ke", "lo", "mi") for b in "dfgh" for c in ("st", "rn", "u", "y")
)
DICE = random.Random(3)
LETTERS = "abcdefghijklmnopqrstuvwxyzEIMNOST"
SOUP = "".join(DICE.choice("ab c\n.") for _ in range(5000))
AWKWARD = (
    "",
    "\0" * 700,
    " \u2003\u00a0\x85\u3000" * 200,
    "x" * 119,
    "x" * 120 + "\u2028",
    "x" * 9000,
    "é" * 60,
    "é" * 130,
    ("a b " * 30)[:-1],
    ROUND * 3,
    ROUND * 40,
    "Well. " + ROUND * 9 + "So op",
    ROUND.replace("e", "é") * 40,
    ROUND.replace("spoons", "\U0001f944") * 30 + "\u2009",
    COUNTED,
    COUNTED[:-7],
    COUNTED.replace("drawer", "Schränke"),
    COUNTED.replace("drawer", "引き出し"),
    COUNTED + "é",
    COUNTED.replace("Round", "{Round}"),
    LISTED,
    LISTED[:601],
    LISTED.replace("spoons", "cuillères"),
    "é" * 900 + LISTED,
    PROSE * 3,
    PROSE,
    SOUP,
    (SOUP[:801] + "|") * 6,
    (SOUP[:799] + "|") * 6,
    (SOUP[:200] + "ü") * 4,
    "```python\nx = 1",
    "```" * 4 + "``",
    "````` and ```",
    "<think>\nSo 3 * 4",
    "<think>\nSo </think> it is",
    "It is <think",
    "It is <thénk",
    "It is </",
    "It is <Think",
    "a <" + "b" * 15,
    "a <" + "b" * 16,
    "é <" + "é" * 14,
    "<",
    "`",
    "\n",
    "<answer>4</answer>" + " so" * 20,
    "<answer>4</answer>" + "é" * 39,
    "<answer>4</answer>" + "é" * 41 + "</answer>",
    "\\begin{aligned} x &= 3",
    "\\begin{aligned} x &= 3 \\end{aligned}.",
    "The answer is 4.\n\nQuestion: What is 3 + 3?",
    "#### 4\nProblem 2 is next, and so it goes on for ever and ever.",
    "\nUser: The answer is 4.",
    "The answer is 4." + " " * 60 + "\nUser:",
    "The answer is 4.<|im_start|>user\nHi.",
    "He sells the\u00a0",
    "He sells, so",
    "Done.\u2029\x1f",
    "\ud800 the answer is 4.\nQ: 5",
    "\udfff" * 700,
)
PIECES = (*AWKWARD, "\n", "Q:", "User:", "<", ">", "`", "```", "</answer>", "é", " the", ". ", "x1 y2 ")
TEXTS = st.lists(st.sampled_from(PIECES) | st.text(max_size=9), max_size=6).map("".join)


def _loops(texts: list[str], encoded: list[bytes]) -> list[int]:
    """Rows that end in a loop; where all reached their ends, none is in a near loop."""
    return looping_ends(texts, encoded, np.ones(len(texts), np.bool_))[0]


def _told(texts: list[str]) -> list[Any]:
    """All that is told of texts, together and alone."""
    encoded = [text.encode("utf-8", "replace") for text in texts]
    rows = list(range(len(texts)))
    codes = np.array([row % len(FAMILIES) - 1 for row in rows], np.intp)
    declared = np.array([row % 3 > 0 for row in rows], np.bool_)
    ended = declared & np.array([row % 3 > 1 for row in rows], np.bool_)
    alone = [
        is_truncated(t, family, end) for t in texts for family in FAMILIES for end in (None, False, True)
    ]
    loops = _loops(texts, encoded)
    others = np.array([row % 2 > 0 for row in rows], np.bool_)
    return [
        loops,
        [row for row in looping_ends(texts, encoded, others)[0] if row not in loops],
        cut_rows(texts, encoded, FAMILIES, codes, declared, ended).tolist(),
        [find_loop(text) for text in texts],
        [find_near_loop(text) for text in texts],
        alone,
    ]


def _same_without(texts: list[str]) -> list[Any]:
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv(SWITCH, raising=False)
        compiled = _told(texts)
        patch.setenv(SWITCH, "0")
        assert compiled == _told(texts)
    return compiled


def test_awkward_texts_are_told_the_same() -> None:
    loops, near, cut, *_ = _same_without(list(AWKWARD))
    assert loops and near and 0 < sum(cut) < len(AWKWARD)


@pytest.mark.parametrize("end", [" ", "\n\u2003", "é", "The answer is 4."])
def test_every_awkward_end_is_told_the_same(end: str) -> None:
    _same_without([text + end for text in AWKWARD])


@given(st.lists(TEXTS, max_size=8))
@settings(max_examples=150, deadline=None)
def test_made_up_texts_are_told_the_same(texts: list[str]) -> None:
    _same_without(texts)


@given(st.text(st.sampled_from("ab é\n"), min_size=1, max_size=70), st.integers(1, 60), st.text(max_size=5))
@settings(max_examples=200, deadline=None)
def test_rounds_of_any_piece_are_told_the_same(piece: str, times: int, end: str) -> None:
    _same_without([piece * times + end, end + (piece + "7") * times])


@pytest.mark.parametrize("mark", ["```", "</answer>", "<think>", "\nQ:", "\\begin{aligned}", "é<é", "<tag"])
def test_marks_are_seen_wherever_they_stand(mark: str) -> None:
    places = [*range(75), 127, 128, 129]
    _same_without(["y" * place + mark + "z" * more for place in places for more in (0, 1, 31, 45)])
    _same_without(["answer is " + "y" * place + mark for place in places])


@pytest.mark.parametrize("size", [120, 133, 900, 1599, 1601, 4096, 5000])
def test_loops_are_seen_wherever_they_begin(size: int) -> None:
    filler = SOUP[: max(0, size - 400)]
    _same_without([filler + SOUP[-period:] * (1 + 400 // period) for period in range(1, 110, 3)])
    _same_without([filler + (SOUP[-period:] + "é") * (1 + 400 // period) for period in range(1, 110, 9)])


def _of_few_words(seed: int) -> str:
    """Words that follow each other in a few ways, or in rather more; some end as they never did before."""
    dice = random.Random(seed)
    known = ["".join(dice.choices(LETTERS, k=dice.randrange(1, 14))) for _ in range(dice.randrange(2, 12))]
    if seed % 5 == 4:
        known[0] += "é"
    rounds = [" ".join(dice.choices(known, k=dice.randrange(2, 9))) for _ in range(dice.randrange(1, 6))]
    between = dice.choice([" ", ", ", ".\n", " {n} ", "; é "])
    text = "".join(dice.choice(rounds) + between.format(n=n) for n in range(dice.randrange(5, 90)))
    return text + dice.choice(["", known[-1][:-1], "The end", "word", known[0]])


def test_texts_of_few_words_are_told_the_same() -> None:
    texts = [_of_few_words(seed) for seed in range(600)]
    _same_without(texts)
    said = repetition.loop_signs(BUILT).many([text.encode() for text in texts])
    plain = [sign for text, sign in zip(texts, said, strict=True) if text.isascii()]
    # Only letters beyond ASCII leave anything to a second look.
    assert 1 not in plain and 0 in plain and 2 in plain and 1 in said


def test_marks_beyond_ascii_are_seen_too() -> None:
    facts = {"finished": (), "midway": (), "answered": (), "longest_tag": 9, "afterword": 9}
    marks = tuple(mark.encode() for mark in ("é`", "é<", "<é", "é."))
    signs = SIGNS.of_cuts(marks=marks, tags=1, **facts)
    for place in (0, 1, 62, 63, 64, 65, 130):
        texts = ["x" * place + mark + "y" * 70 for mark in ("é`", "é<", "é<<é", "é,", "i`")]
        assert [sign & 1 for sign in signs.many([text.encode() for text in texts])] == [1, 1, 0, 0, 0]


def test_white_space_at_the_end_is_that_of_python() -> None:
    signs, codes = cut_signs(BUILT), [c for c in range(sys.maxunicode + 1) if not 0xD800 <= c < 0xE000]
    said = signs.many([f"It ends.{chr(code)}".encode() for code in codes])
    done = [code for code, sign in zip(codes, said, strict=True) if sign & truncation.DONE]
    ends = truncation.FINISHED
    assert done == [code for code in codes if f"It ends.{chr(code)}".rstrip().endswith(ends)]


@given(st.lists(st.sampled_from([*PIECES, "ab", "c", "0123456789"]) | st.binary(max_size=40), max_size=40))
@settings(max_examples=200, deadline=None)
def test_nothing_deflates_to_less_than_the_bound(parts: list[str | bytes]) -> None:
    data = b"".join(p if isinstance(p, bytes) else p.encode("utf-8", "replace") for p in parts) + b"."
    size = len(zlib.compress(data[-4096:], 9))
    ratio = (size + 1) / len(data[-4096:])
    facts = {"window": 4096, "least_length": 2, "probe_length": 1, "least_repeats": 1, "probes": (2,)}
    signs = SIGNS.of_near_loops(most_ratio=ratio, **facts)
    is_asked = len(data.decode("utf-8", "replace").rstrip()) >= 2
    assert signs.one(data) == is_asked or not data.isascii()
    if data.isascii() and is_asked and data == data.rstrip():
        assert signs.one(data) == 1


def _of_rows(seed: int) -> str:
    """Rows alike but for what changes in them, rarely or often: more or less is copied."""
    dice = random.Random(seed)
    words = ["".join(dice.choices(LETTERS, k=dice.randrange(1, 9))) for _ in range(dice.randrange(3, 60))]
    rows = [" ".join(dice.choices(words, k=dice.randrange(2, 12))) for _ in range(dice.randrange(1, 9))]
    made = []
    while sum(map(len, made)) < dice.randrange(700, 4400):
        row = dice.choice(rows).split(" ")
        row[dice.randrange(len(row))] = dice.choice([str(dice.randrange(999)), *words])
        made.append(" ".join(row) + dice.choice([".\n", "\n", " "]))
    return "".join(made)[-4096:].strip() + "."


@pytest.mark.parametrize("make", [_of_rows, _of_few_words])
def test_what_is_asked_of_zlib_is_never_left_out(make: Callable[[int], str]) -> None:
    facts = {"window": 4096, "least_length": 20, "probe_length": 1, "least_repeats": 1, "probes": (2,)}
    spared = 0
    for text in filter(str.isascii, map(make, range(250))):
        size = min(len(zlib.compress(text[-4096:].encode(), level)) for level in (6, 9))
        length = len(text[-4096:])
        assert SIGNS.of_near_loops(most_ratio=(size + 0.5) / length, **facts).one(text.encode()) == 1
        spared += 1 - SIGNS.of_near_loops(most_ratio=0.25 * size / length, **facts).one(text.encode())
    assert spared > 25


def test_most_prose_is_not_deflated_at_all() -> None:
    words = ["".join(DICE.choices(LETTERS, k=DICE.randrange(1, 10))) for _ in range(200)]
    text = " ".join(words) + " and so on and so on and so on and so on" * 3
    facts = {
        "window": 4096,
        "least_length": 600,
        "probe_length": 14,
        "least_repeats": 4,
        "probes": near_loop.PROBES,
    }
    assert near_loop._repeated_probe(text)
    assert SIGNS.of_near_loops(most_ratio=9.0, **facts).one(text.encode()) == 1
    assert near_loop.near_loop_signs(BUILT).one(text.encode()) == 0


def test_bytes_that_are_no_utf8_are_looked_at() -> None:
    dice = np.random.default_rng(7)
    rough = [dice.integers(0, 256, size, np.uint8).tobytes() for size in (1, 2, 63, 64, 65, 700, 5000, 9000)]
    odd = [b"\xc2", b"\xe2\x80", b"\x80" * 5000, b"\xff" * 200 + b"a " * 3000, (b"a\x80" * 30 + b"b ") * 90]
    for signs in (repetition.loop_signs(BUILT), near_loop.near_loop_signs(BUILT), cut_signs(BUILT)):
        assert list(signs.many([*rough, *odd])) == [signs.one(text) for text in [*rough, *odd]]


def test_callers_mistakes_raise() -> None:
    kind, signs = SIGNS, cut_signs(BUILT)
    for wrong in (None, [b"a", 3], 3):
        with pytest.raises(TypeError):
            signs.many(wrong)
    for odd in (None, bytearray(b"a")):
        with pytest.raises(TypeError):
            signs.one(odd)
    with pytest.raises(TypeError):
        kind()
    with pytest.raises(TypeError):
        kind.of_loops()
    facts = {"tags": 0, "finished": (), "midway": (), "answered": (), "longest_tag": 16, "afterword": 40}
    for marks in ((), (b"``", b"x"), (b"``", b""), tuple(bytes([n, n]) for n in range(9)), (b"``",) * 99):
        with pytest.raises(ValueError):
            kind.of_cuts(marks=marks, **facts)
    for probes in ((1,), (20, 700), tuple(range(20, 40))):
        with pytest.raises(ValueError):
            kind.of_near_loops(
                window=4096, least_length=600, probe_length=14, least_repeats=4, most_ratio=0.1, probes=probes
            )


def test_tails_that_do_not_fit_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (
        ("TAIL", 10**6),
        ("PROBE", 0),
        ("IN_A_ROW", 9),
        ("LEAST_REPEATS", 1),
        ("WINDOW", 10**5),
    ):
        with monkeypatch.context() as patch, pytest.raises(ValueError):
            patch.setattr(repetition, name, value)
            repetition.loop_signs.__wrapped__(BUILT)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.one_of(st.sampled_from(AWKWARD), st.text(max_size=400)), max_size=9), st.randoms())
def test_looks_together_say_what_each_says_alone(texts: list[str], dice: random.Random) -> None:
    encoded = [text.encode("utf-8", "replace") for text in texts]
    ended = np.array([dice.random() < 0.3 for _ in texts], np.bool_)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(SWITCH, "0")
        plain, nothing = looping_ends(texts, encoded, ended)
    rows, signs = looping_ends(texts, encoded, ended)
    assert nothing is None
    assert rows == plain
    assert signs == cut_signs(BUILT).many(encoded)


def test_looks_together_refuse_what_does_not_fit() -> None:
    looks = repetition.loop_signs(BUILT), near_loop.near_loop_signs(BUILT), cut_signs(BUILT)
    assert SIGNS.together(*looks, [], b"") == (b"", b"", b"")
    with pytest.raises(ValueError, match="a byte a text"):
        SIGNS.together(*looks, [b"x"], b"")
    with pytest.raises(TypeError):
        SIGNS.together(*looks[:2], None, [b"x"], b"\0")
    with pytest.raises(TypeError):
        SIGNS.together(*looks, ["x", 3], b"\0\0")


@settings(deadline=None, max_examples=150)
@given(st.text("ab é", min_size=1, max_size=12), st.integers(0, 90), st.text("ab é\n", max_size=60))
def test_pieces_counted_together_are_found_at_every_place(piece: str, times: int, rest: str) -> None:
    texts = [rest + piece * times, piece * times + rest, (piece + rest) * times, rest * 40 + piece * times]
    encoded = [text.encode() for text in texts]
    found = [find_loop(text) is not None for text in texts]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(SWITCH, "0")
        assert [find_loop(text) is not None for text in texts] == found
        assert [find_near_loop(text) for text in texts] == _near(texts)
    assert _loops(texts, encoded) == [row for row, loops in enumerate(found) if loops]


def _near(texts: list[str]) -> list[Any]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(SWITCH, "1")
        return [find_near_loop(text) for text in texts]
