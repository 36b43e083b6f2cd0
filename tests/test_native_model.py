"""The trained detector by the compiled part: the sums of its twin in numpy, bit for bit."""

from __future__ import annotations

import random
from collections.abc import Callable
from threading import Thread
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from echoformat import compiled
from echoformat.classifier import Classifier
from echoformat.compiled import SWITCH, native
from echoformat.detectors import ngrams, skeleton
from echoformat.detectors.compiled_sums import compiled_sums
from echoformat.detectors.learned import LearnedDetector, LearnedModel
from echoformat.detectors.skeleton import HEAD, TAIL, WORDS
from echoformat.formats import all_formats
from echoformat.judgement import Judge
from echoformat.model import builtin_model
from echoformat.text import view

pytestmark = pytest.mark.skipif(native() is None, reason="the compiled part is not built")

PIECES = (
    *sorted(WORDS),
    *(word.upper() for word in sorted(WORDS)[:40]),
    *(chr(code) for code in range(128)),
    *("\n", " ", "  ", "\n\n", "\n    ", "123", "\u00e9", "\u00b2", "\u4e2d\u6587", "\ud7ff", "\u0660"),
    *("x = x + 1", "\\frac{1}{2}", "therefor" + "e" * 257, "theref" * 12, "assistants", "Mr", "iPhone"),
)
LIMIT = HEAD + TAIL


def _detectors(model: LearnedModel) -> tuple[LearnedDetector, LearnedDetector]:
    """The detector by the compiled part, and by its twin."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(SWITCH, "0")
        twin = LearnedDetector(model)
    fast = LearnedDetector(model)
    assert fast._compiled is not None and twin._compiled is None
    return fast, twin


@pytest.fixture(scope="module")
def both() -> tuple[LearnedDetector, LearnedDetector]:
    return _detectors(builtin_model().weights)


def _mixed(count: int, seed: int) -> list[str]:
    dice = random.Random(seed)
    sizes = [dice.choice((1, 5, 40, 200, 700)) for _ in range(count)]
    return ["".join(dice.choice(PIECES) for _ in range(size)) for size in sizes]


def _at_the_limits() -> list[str]:
    """Texts around each length at which something changes."""
    sizes = [0, 1, 2, *range(54, 72), *range(118, 136), *range(LIMIT - 3, LIMIT + 4), 3840, 4096, 9000]
    kinds = ("a", "A", "7", "é", "\u4e2d", "\U0001f600", " ", "\n", "\0", "x ", "é a", "1 ", "a\n ")
    return [(kind * size)[:size] for kind in kinds for size in sizes]


def _same(both: tuple[LearnedDetector, LearnedDetector], texts: list[str]) -> None:
    fast, twin = both
    np.testing.assert_array_equal(fast.scores(texts), twin.scores(texts))


def test_examples_of_every_format(both: tuple[LearnedDetector, LearnedDetector]) -> None:
    _same(both, [view(text).text for one in all_formats() for text in one.examples])


def test_words_marks_and_foreign_letters(both: tuple[LearnedDetector, LearnedDetector]) -> None:
    _same(both, _mixed(600, 1))


def test_lengths_at_which_something_changes(both: tuple[LearnedDetector, LearnedDetector]) -> None:
    _same(both, _at_the_limits())


def test_one_text_alone(both: tuple[LearnedDetector, LearnedDetector]) -> None:
    for text in [*_mixed(40, 2), *_at_the_limits()[::7]]:
        _same(both, [text])


def test_long_and_looping_texts(both: tuple[LearnedDetector, LearnedDetector]) -> None:
    _same(both, ["So the answer is 4.\n" * 20_000, "x" * 262_146, "é" * 262_146, ("é" * 767 + "a") * 90])


@settings(max_examples=300, deadline=None)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=400), min_size=1, max_size=4))
def test_any_text(texts: list[str]) -> None:
    _same(_CACHED(), texts)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=120), st.integers(1, 40))
def test_any_mixture(parts: list[str], times: int) -> None:
    _same(_CACHED(), ["".join(parts) * times])


def _once(make: Callable[[], Any]) -> Callable[[], Any]:
    made: list[Any] = []

    def kept() -> Any:
        if not made:
            made.append(make())
        return made[0]

    return kept


_CACHED = _once(lambda: _detectors(builtin_model().weights))


def _model(kept: int, formats: int, largest: int, seed: int) -> LearnedModel:
    dice = np.random.default_rng(seed)
    places = dice.choice(len(ngrams.ORDERS) << ngrams.BUCKET_BITS, kept, replace=False)
    weights = dice.integers(-largest, largest + 1, (len(ngrams.DENSE_NAMES) + kept, formats), dtype=np.int16)
    # They count up to 31 times each.
    weights[: len(ngrams.DENSE_NAMES)] //= 8
    return LearnedModel(
        tuple(f"f{i}" for i in range(formats)),
        np.sort(places).astype(np.int32),
        weights,
        dice.random(formats).astype(np.float32),
        dice.random(formats).astype(np.float32),
    )


@pytest.mark.parametrize(
    ("kept", "formats", "largest"),
    [
        (0, 1, 1000),
        (7, 2, 1000),
        (300, 16, 1),
        (4000, 17, 500),
        (200, 45, 3000),
        (9, 3, 32_767),
        (60_000, 5, 9),
    ],
)
def test_models_of_any_size(kept: int, formats: int, largest: int) -> None:
    _same(_detectors(_model(kept, formats, largest, kept)), [*_mixed(60, 3), *_at_the_limits()[::11]])


def test_sums_that_single_precision_rounds_are_left_to_the_twin() -> None:
    model = _model(3000, 3, 32_767, 4)
    assert LearnedDetector(model)._compiled is None
    assert compiled_sums(model.table(), model.weights // 64) is not None


def test_more_rows_than_the_tables_hold_are_left_to_the_twin() -> None:
    assert LearnedDetector(_model(65_536, 2, 1, 5))._compiled is None


def test_bytes_at_hand_are_taken(both: tuple[LearnedDetector, LearnedDetector]) -> None:
    texts = _mixed(30, 6)
    encoded = [text.encode() for text in texts]
    np.testing.assert_array_equal(both[0].scores(texts, encoded), both[1].scores(texts, encoded))
    assert both[0].scores([], []).shape == both[1].scores([], []).shape


def test_bytes_that_are_no_text_do_no_harm(both: tuple[LearnedDetector, LearnedDetector]) -> None:
    dice = random.Random(7)
    sizes = (1, 63, 64, 65, 1280, 5119, 5120, 5121, 9000)
    noise = [dice.randbytes(size) for size in sizes for _ in range(40)]
    odd = [bytes([code]) * size for code in (0, 128, 0xC3, 0xF8, 0xFA, 0xFF) for size in (1, 5120, 60_000)]
    scores = both[0].scores([], [*noise, *odd])
    assert np.isfinite(scores).all()
    np.testing.assert_array_equal(scores, both[0].scores([], [*noise, *odd]))


def test_threads_share_a_model(both: tuple[LearnedDetector, LearnedDetector]) -> None:
    texts, found = _mixed(200, 8), {}
    threads = [Thread(target=lambda i=i: found.update({i: both[0].scores(texts)})) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for scores in found.values():
        np.testing.assert_array_equal(scores, both[1].scores(texts))


@pytest.mark.parametrize("formats", [2, 16, 17, 44, 48, 49, 64, 100])
def test_narrow_registers_say_what_wide_ones_say(formats: int) -> None:
    dice = np.random.default_rng(10)
    rows = dice.integers(0, 900, (5, 65_536)).astype(np.uint16) % 301
    weights = dice.integers(-9000, 9000, (len(ngrams.DENSE_NAMES) + 300, formats)).astype(np.int16)
    tables = _tables(rows=rows, weights=weights, kept=300, formats=formats)
    encoded = [text.encode() for text in [*_mixed(200, 11), *_at_the_limits()]]
    found = []
    for plain in (0, 1, 2):
        found.append(np.empty((len(encoded), formats)))
        compiled.native().Model(**tables, plain=plain).sums(encoded, found[-1])
    np.testing.assert_array_equal(found[0], found[1])
    np.testing.assert_array_equal(found[0], found[2])


def test_texts_say_what_their_bytes_say() -> None:
    texts = [*_mixed(60, 4), "é" * 1280, "é" * 1281, "a" * 1279 + "é", "a" * 1280, "a" * 1281, "a" * 3000]
    model = compiled.native().Model(**_tables())
    own, encoded = np.empty((len(texts), 2)), np.empty((len(texts), 2))
    model.sums(texts, own)
    model.sums([text.encode() for text in texts], encoded)
    np.testing.assert_array_equal(own, encoded)


def _tables(**changed: Any) -> dict[str, Any]:
    """What a model without n-grams is built from."""
    tables = {
        "classes": ngrams.BYTE_CLASSES,
        "traits": skeleton.TRAITS,
        "symbols": skeleton.SYMBOLS,
        "marks": skeleton.OPENED + skeleton.CLOSED + skeleton.CUT,
        "shapes": skeleton.SHAPES,
        "word_keys": skeleton.WORD_KEYS,
        "word_codes": skeleton.WORD_CODES,
        "factors": np.array(ngrams.SHIFTED),
        "rows": np.zeros((5, 65_536), np.uint16),
        "weights": np.ones((len(ngrams.DENSE_NAMES), 2), np.int16),
        "word_factor": skeleton.MULTIPLIER,
        "counted": ngrams.HISTOGRAM,
        "kept": 0,
        "formats": 2,
    }
    return {**tables, **changed}


@pytest.mark.parametrize(
    "changed",
    [
        {"classes": bytes(255)},
        {"classes": bytes([64]) * 256},
        {"marks": b"1234"},
        {"marks": b"a\xf9\xfa"},
        {"shapes": bytes(10)},
        {"factors": np.array([1, *ngrams.SHIFTED[1:]], np.uint64)},
        {"factors": np.array([ngrams.SHIFTED[0], 1, *ngrams.SHIFTED[2:]], np.uint64)},
        {"rows": np.ones((5, 65_536), np.uint16)},
        {"rows": np.zeros(65_536, np.uint16)},
        {"weights": np.ones((3, 2), np.int16)},
        {"weights": np.ones((len(ngrams.DENSE_NAMES), 2), np.int32)},
        {"counted": -1},
        {"counted": 65},
        {"kept": -1},
        {"kept": 65_536},
        {"formats": 0},
        {"formats": 2**40},
    ],
)
def test_tables_that_do_not_fit_are_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        compiled.native().Model(**_tables(**changed))


@pytest.mark.parametrize(
    ("texts", "out", "error"),
    [
        ([1.0], np.empty((1, 2)), TypeError),
        ([b"a", None], np.empty((2, 2)), TypeError),
        (3, np.empty((1, 2)), TypeError),
        ([b"a"], np.empty((2, 2)), ValueError),
        ([b"a"], np.empty((1, 2), np.int64), ValueError),
        ([b"a"], np.empty((1, 4), np.float32), ValueError),
        ([b"a", b"b"], np.empty((2, 2), order="F"), (BufferError, ValueError)),
        ([b"a"], b"0" * 16, (BufferError, ValueError)),
    ],
)
def test_what_is_no_list_of_bytes_or_no_room_is_refused(texts: Any, out: Any, error: Any) -> None:
    model = compiled.native().Model(**_tables())
    with pytest.raises(error):
        model.sums(texts, out)


def test_verdicts_do_not_depend_on_who_adds_up() -> None:
    texts = [text for text in [*_mixed(80, 9), *_at_the_limits()] if text.strip()]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(SWITCH, "0")
        twin = Classifier()
        slow = twin.classify_batch(texts)
    fast = Classifier()
    assert isinstance(fast._judge, Judge) and fast._judge._detector._compiled is not None
    assert fast.classify_batch(texts).columns() == slow.columns()
