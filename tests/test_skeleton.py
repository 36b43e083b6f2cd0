"""What the trained detector sees, against the same worked out a character at a time."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from echoformat.detectors.learned import LearnedModel
from echoformat.detectors.ngrams import (
    BLOCK,
    COUNTED,
    DENSE_NAMES,
    ORDERS,
    blocks_of,
    buckets_of,
    columns_of_one,
    dense_of,
    dense_of_one,
    held,
)
from echoformat.detectors.skeleton import (
    CAPITAL,
    DIGITS,
    END,
    FOREIGN,
    HEAD,
    LOWER,
    SEAM,
    SINGLE,
    START,
    TAIL,
    UPPER,
    WORDS,
    pack,
    skeleton_of,
    symbols_of,
    window,
)
from echoformat.model import builtin_model

TIGHT = set("=+-*/<>\n ()[]{}|:&#`")
# Stands for the marks: no character.
MARK = ""
PARTS = [
    *WORDS,
    *"aZ =+-*/<>\n\t()[]{}|:&#`'\"_~.,;!?$%^@\\0\x00\x1f\x7f",
    *("The", "SUM", "Equal", "McX", "xY", "I", "  ", "    ", "\n\n", "\n  ", "12", "3.5", "é", "日本", "🙂"),
    *("unrelated", "antidisestablishment", "a" * 17, "Therefore", "THEREFORE", "definitions"),
]
texts = st.one_of(
    st.lists(st.sampled_from(PARTS), max_size=90).map("".join),
    st.lists(st.sampled_from(PARTS), max_size=90).map(" ".join),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=60),
    st.lists(st.sampled_from(PARTS), min_size=700, max_size=800).map(" ".join),
)


def _clean(char: str) -> str:
    return " " if (char < " " and char != "\n") or char == "\x7f" else char


def _seen(text: str) -> list[str]:
    """The characters of the window, `MARK` for its seam."""
    if len(text) <= HEAD + TAIL:
        return [_clean(char) for char in text]
    return [*(_clean(char) for char in text[:HEAD]), MARK, *(_clean(char) for char in text[-TAIL:])]


def _kind(char: str) -> str:
    if char == MARK:
        return "mark"
    if char >= "\x80":
        return "foreign"
    return "letter" if char.isalpha() else "digit" if char.isdigit() else "space" if char == " " else "sign"


def _word(word: str) -> int:
    if word.lower() in WORDS:
        return WORDS[word.lower()]
    if len(word) == 1:
        return SINGLE
    return LOWER if word[0].islower() else UPPER if word[1].isupper() else CAPITAL


def _plain_skeleton(text: str) -> bytes:
    seen = _seen(text)
    found = [START]
    for i, char in enumerate(seen):
        before, after = (seen[i - 1] if i else MARK), (seen[i + 1] if i + 1 < len(seen) else MARK)
        kind = _kind(char)
        if kind != "sign" and kind != "mark" and _kind(before) == kind:
            continue
        if kind == "letter":
            stop = next((k for k in range(i, len(seen)) if _kind(seen[k]) != "letter"), len(seen))
            found.append(_word("".join(seen[i:stop])))
        elif kind == "space":
            found += [32] * (before in TIGHT or after in TIGHT)
        else:
            codes = {"mark": SEAM, "digit": DIGITS, "foreign": FOREIGN}
            found.append(codes[kind] if kind in codes else ord(char))
    return bytes([*found, END, 0, 0, 0, 0])


def _plain_dense(text: str) -> list[int]:
    seen = _seen(text)
    size = sum(1 if char == MARK else len(char.encode()) for char in seen) + 6
    counts = [seen.count(chr(code)) for code in COUNTED]
    counts += [sum(_kind(char) == "digit" for char in seen), sum("A" <= char <= "Z" for char in seen)]
    counts.append(sum(len(char.encode()) for char in seen if _kind(char) == "foreign"))
    lines = seen.count("\n") + 1
    pairs = list(pairwise(seen))
    levels = [2 * math.log2(1 + len(text)), 3 * math.log2(lines), 3 * math.log2(1 + size / lines)]
    levels += [15 * pairs.count(("\n", char)) / lines for char in " \n"]
    return [*(round(31 * math.sqrt(n / size)) for n in counts), *(min(31, round(x)) for x in levels)]


@settings(max_examples=150, deadline=None)
@given(texts)
def test_skeletons_follow_their_rules(text: str) -> None:
    assert bytes(symbols_of([window(text)])[0]) == _plain_skeleton(text)


@settings(max_examples=100, deadline=None)
@given(texts)
def test_dense_features_follow_their_rules(text: str) -> None:
    assert dense_of([window(text)], [len(text)])[0].tolist() == _plain_dense(text)


@settings(max_examples=40, deadline=None)
@given(st.lists(texts, min_size=1, max_size=6))
def test_one_text_has_the_features_that_it_has_among_others(many: list[str]) -> None:
    model = builtin_model().weights
    table, rows = model.table(), len(model.weights) + 1
    pieces = [window(text) for text in many]
    kept = rows - len(DENSE_NAMES)
    blocks = blocks_of(pieces, (table.astype(int) - len(DENSE_NAMES)) * BLOCK, kept)
    assert blocks.shape == (1, kept, BLOCK)
    assert not blocks[0, :, len(many) :].any()
    np.testing.assert_array_equal(held(blocks[0]), np.flatnonzero(blocks[0].any(axis=1)))
    dense = dense_of(pieces, [len(text) for text in many])
    for row, text in enumerate(many):
        packed = pack([pieces[row]])
        symbols, _ = skeleton_of(packed)
        np.testing.assert_array_equal(dense[row], dense_of_one(packed, len(text)))
        columns = columns_of_one(symbols, table, rows)
        found = np.flatnonzero(blocks[0, :-1, row]) + len(DENSE_NAMES)
        np.testing.assert_array_equal(found, columns)
        np.testing.assert_array_equal(found, _plain_columns(symbols, model))


def _plain_columns(symbols: np.ndarray, model: LearnedModel) -> list[int]:
    buckets = buckets_of(symbols)
    column = {int(feature): i + len(DENSE_NAMES) for i, feature in enumerate(model.features)}
    keys = {
        (row << 16) + int(buckets[row, place])
        for row in range(len(ORDERS))
        for place in np.flatnonzero(symbols)
    }
    return sorted(column[key] for key in keys if key in column)


@pytest.mark.parametrize("order", ORDERS)
def test_a_bucket_depends_on_its_own_symbols_alone(order: int) -> None:
    one, two = (
        np.frombuffer(b"abcdefgh", np.uint8),
        np.frombuffer(b"abcdefgh"[:order] + b"zyxwvuts", np.uint8),
    )
    assert buckets_of(one)[order - 1, 0] == buckets_of(two)[order - 1, 0]
    three = np.frombuffer(b"abcdefgh"[: order - 1] + b"zyxwvuts", np.uint8)
    assert buckets_of(one)[order - 1, 0] != buckets_of(three)[order - 1, 0]
