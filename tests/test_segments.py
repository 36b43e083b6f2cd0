"""Segments, mixtures, truncation and states: what a completion began as stays visible."""

from __future__ import annotations

import random

import pytest

from echoformat.classifier import Classifier, segments
from echoformat.detectors.near_loop import find_near_loop
from echoformat.detectors.pieces import LEAST_PIECE, MOST_PIECES, Kind, pieces
from echoformat.detectors.truncation import is_truncated, runs_on
from echoformat.label import Reason

PROGRAM = (
    "def simple_math_problem():\n    '''Mara packs 4 boxes of 12 pears and eats 3. How many are left?'''\n"
    "    pears = 4 * 12\n    left = pears - 3\n    result = left\n    return result\n"
)
STEPS = (
    "Mara packs 4 boxes with 12 pears each, so she packs 4*12=<<4*12=48>>48 pears.\n"
    "She eats 3 of them, so 48-3=<<48-3=45>>45 pears are left.\n#### 45\n"
)
LOOP = "So the answer is 45. " * 60


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return Classifier()


@pytest.mark.parametrize("text", [PROGRAM, STEPS])
def test_one_format_is_one_segment(classifier: Classifier, text: str) -> None:
    (only,) = classifier.segments(text)
    assert (only.start, only.end, only.share) == (0, len(text), 1.0)
    assert classifier.classify(text).mixture == {only.format: 1.0}


def test_switch_shows_both_formats(classifier: Classifier) -> None:
    text = STEPS + "\n" + PROGRAM
    found = classifier.segments(text)
    assert {s.format for s in found} >= {"tinygsm", "gsm8k"}
    assert classifier.classify(text).mixture["tinygsm"] == pytest.approx(len(PROGRAM) / len(text), abs=0.1)


@pytest.mark.parametrize("text", [PROGRAM, STEPS + PROGRAM, STEPS + LOOP, "x", "\r\n".join([STEPS, PROGRAM])])
def test_segments_cover_the_text_in_order(classifier: Classifier, text: str) -> None:
    found = classifier.segments(text)
    assert [s.start for s in found] == [0, *[s.end for s in found[:-1]]]
    assert found[-1].end == len(text)
    assert sum(s.share for s in found) == pytest.approx(1.0)


def test_nothing_to_cut() -> None:
    assert segments("") == segments(" \n") == ()
    with pytest.raises(TypeError, match="segments takes a str"):
        segments(None)  # type: ignore[arg-type]


def test_mixture_sums_to_at_most_one(classifier: Classifier) -> None:
    for text in (PROGRAM, STEPS + PROGRAM, STEPS + LOOP, PROGRAM + "Some words that show nothing. " * 9):
        assert 0 <= sum(classifier.classify(text).mixture.values()) <= 1 + 1e-9


def test_a_loop_is_degenerate_and_what_it_began_as_is_kept(classifier: Classifier) -> None:
    label = classifier.classify(STEPS.replace("#### 45\n", "") + "#### 45\n" + LOOP)
    assert (label.format, label.reason) == (None, Reason.DEGENERATE)
    assert 0 < label.mixture["gsm8k"] < 0.5
    assert label.evidence[-1].detector == "repetition"


LOOPS = {
    "word": "very " * 200,
    "sentence": "She has 3 pens and gives away 2. " * 30,
    "line": "x = x + 1\n" * 80,
    "character": "ha" * 400,
    "growing numbers": "".join(f"{n}. Add {n} to {n * 7} and write it down.\n" for n in range(120)),
    "turning names": "".join(
        f"The mean of {a} is known, so the mean of {a} is used.\n" for a in "xyzuvw" * 12
    ),
    "cut": ("The set is closed. " * 40)[:-7],
    "after an answer": "The answer is 4.\n" + "I hope that this helps you. " * 40,
}


@pytest.mark.parametrize("kind", LOOPS)
def test_kinds_of_loops(classifier: Classifier, kind: str) -> None:
    assert classifier.classify(LOOPS[kind]).reason is Reason.DEGENERATE
    assert classifier.classify_batch([LOOPS[kind]]).label_names() == ["degenerate"]


def test_lists_are_not_loops() -> None:
    rng = random.Random(4)
    words = [f"{rng.choice('bdfgklmnprst')}{rng.choice('aeiou')}{rng.choice('lmnrst')}" for _ in range(300)]
    lines = [f"{i}. {' '.join(rng.sample(words, 6))}\n" for i in range(60)]
    assert find_near_loop("".join(lines)) is None
    table = "".join(
        f"| {rng.choice(words)} | {rng.randint(10, 9999)} | {rng.random():.3f} |\n" for _ in range(60)
    )
    assert find_near_loop(table) is None


CUT = {
    "docstring": PROGRAM[:70],
    "statement": PROGRAM[: PROGRAM.index("result =")],
    "fence": "```python\n" + PROGRAM,
    "thought": "<think>\nOkay, 4 boxes of 12 pears are 48 pears. Then she eats 3, which leaves 45",
    "tag": "<think>48 - 3 = 45</think>\n<answ",
    "call": '<tool_call>\n{"name": "add", "arguments": {"a": 1',
    "next question": STEPS + "\nQuestion: Tom has 5 apples and eats 2. How many are left?\nHe has",
    "past the answer": "<think>48</think> <answer>45</answer>\nUser: And how many boxes did she pack?\n",
}


@pytest.mark.parametrize("kind", CUT)
def test_cut_is_flagged_beside_the_format(classifier: Classifier, kind: str) -> None:
    label = classifier.classify(CUT[kind])
    assert label.truncated
    assert classifier.classify_batch([CUT[kind]]).truncated.tolist() == [True]


def test_whole_completions_are_not_flagged(classifier: Classifier) -> None:
    from echoformat.formats import all_formats

    whole = [text for f in all_formats() if f.ending for text in f.examples]
    flagged = [text for text in [*whole, PROGRAM, STEPS] if classifier.classify(text).truncated]
    assert len(flagged) <= 0.1 * len(whole), flagged


def test_a_cut_keeps_the_format(classifier: Classifier) -> None:
    assert classifier.classify(PROGRAM[: PROGRAM.index("result =")]).format == "tinygsm"


def test_running_on_needs_an_answer_first() -> None:
    assert not runs_on("Question: How many?\nThat cannot be told.")
    assert not runs_on("Is this right?\nQuestion: How many?")
    assert not is_truncated("He has 3.", None, None)


@pytest.mark.parametrize("seed", range(20))
def test_pieces_cover_any_text(seed: int) -> None:
    rng = random.Random(seed)
    parts = [
        "```python\n",
        "x = 1\n",
        "So we add them and then we stop.\n",
        "\n",
        "def f():\n",
        "Q: what?\n",
        "é" * 50,
    ]
    text = "".join(rng.choice(parts) for _ in range(rng.randint(1, 300)))
    found = pieces(text)
    assert [p.start for p in found] == [0, *[p.end for p in found[:-1]]]
    assert found[-1].end == len(text)
    assert len(found) <= MOST_PIECES
    assert all(p.end - p.start >= LEAST_PIECE for p in found[:-1])
    assert {p.kind for p in found} <= set(Kind)


def test_removing_one_character_keeps_the_primary(classifier: Classifier) -> None:
    text = STEPS + "\n" + PROGRAM
    expected = classifier.classify(text).name
    names = classifier.classify_batch(
        [text[:i] + text[i + 1 :] for i in range(0, len(text), 3)]
    ).label_names()
    assert sum(name != expected for name in names) <= 0.15 * len(names)
