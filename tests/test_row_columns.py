"""Columns of rows as arrays say what lists of values say, whichever way they are cut and joined."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from echoformat.compiled import native
from echoformat.completion_batch import CompletionBatch
from echoformat.engines.shard_columns import clean
from echoformat.rollouts import coded
from echoformat.rollouts.coded import Coded
from echoformat.rollouts.row_columns import RowColumns, coded_steps
from echoformat.rollouts.samples import SampleNumbers

compiled = native()
needs_compiled = pytest.mark.skipif(compiled is None, reason="the compiled part is not built")
WORDS = st.lists(
    st.sampled_from(["a", "b", "", "é", "\0", "\ud800", "x" * 300]) | st.text(max_size=2), max_size=30
)
STEPS = st.none() | st.integers(0, 3) | st.sampled_from([-(2**40), 2**63 - 1, 2**63])
ROW = st.tuples(
    st.sampled_from(["", "run"]),
    STEPS,
    st.sampled_from(["train", "eval"]),
    st.sampled_from(["p", "q", ""]),
    st.integers(0, 2**31 - 1),
    st.none() | st.sampled_from([0.0, 1.0, -2.5, float("inf")]),
    st.none() | st.booleans(),
    st.none() | st.booleans(),
)
ROWS = st.lists(ROW, max_size=20)


def batch_of(rows: list[Any]) -> CompletionBatch:
    runs, steps, splits, problems, samples, rewards, corrects, truncateds = [
        list(column) for column in zip(*rows, strict=True)
    ] or [[] for _ in range(8)]
    none: list[Any] = [None] * len(rows)
    return CompletionBatch(
        none, runs, steps, splits, problems, samples, rewards, corrects, truncateds, none, [""] * len(rows)
    )


def said(rows: RowColumns) -> list[Any]:
    truncateds = [None if code < 0 else bool(code) for code in rows.truncateds.tolist()]
    words = [column.words() for column in (rows.runs, rows.splits, rows.problems)]
    return [
        *words,
        rows.step_list(),
        rows.samples.tolist(),
        rows.reward_list(),
        rows.correct_list(),
        truncateds,
    ]


def expected(batch: CompletionBatch) -> list[Any]:
    rewards = [None if reward is None or abs(reward) == float("inf") else reward for reward in batch.rewards]
    words = [batch.runs, batch.splits, batch.problems]
    return [*words, batch.steps, batch.samples, rewards, batch.corrects, batch.truncateds]


@given(ROWS)
def test_arrays_say_what_the_batch_says(rows: list[Any]) -> None:
    batch = batch_of(rows)
    assert said(RowColumns.of(batch)) == expected(batch)


@given(ROWS, st.lists(st.integers(0, 20), max_size=3))
def test_rows_cut_and_joined_are_the_same(rows: list[Any], cuts: list[int]) -> None:
    whole = RowColumns.of(batch_of(rows))
    places = [0, *sorted(min(cut, len(rows)) for cut in cuts), len(rows)]
    again = RowColumns.joined([whole.cut(begin, end) for begin, end in pairwise(places)])
    assert said(again) == said(whole)
    apart = [RowColumns.of(batch_of(rows[begin:end])) for begin, end in pairwise(places)]
    joined = RowColumns.joined(apart)
    assert said(joined) == said(whole)
    for one, other in ((joined.problems, again.problems), (joined.runs, again.runs)):
        assert one.names == other.names, "names do not tell where the parts were cut"
        assert one.codes.tolist() == other.codes.tolist()


def test_a_step_that_is_too_large_stays_what_it_is() -> None:
    assert coded_steps([1, None, 2]).dtype == np.int64
    assert coded_steps([1, None, 10**30]).dtype == object
    batch = batch_of([("", 10**30, "", "", 0, None, None, None), ("", None, "", "", 0, None, None, None)])
    assert RowColumns.of(batch).step_list() == [10**30, None]
    small = RowColumns.of(batch_of([("", None, "", "", 0, None, None, None)]))
    assert RowColumns.joined([RowColumns.of(batch), small]).step_list() == [10**30, None, None]


@given(WORDS)
def test_words_are_named_once_as_they_come(words: list[str]) -> None:
    found = Coded.of(words)
    assert found.words() == words
    assert found.names == list(dict.fromkeys(words))
    assert Coded.joined([Coded([*found.names, *found.names], found.codes)]).names == found.names
    assert found.filled("z").words() == [word or "z" for word in words]


def test_words_that_are_mended_alike_are_one() -> None:
    mended = clean(Coded.of(["b\ud800", "b?", "\udfff"]))
    assert mended.words() == ["b?", "b?", "?"]
    assert mended.names == ["b?", "?"]


@needs_compiled
@given(WORDS)
def test_codes_are_those_of_the_twin(words: list[str]) -> None:
    assert compiled is not None
    assert compiled.coded(words) == coded._coded(words)
    assert compiled.coded([word for word in words for _ in range(3)]) == coded._coded(
        [word for word in words for _ in range(3)]
    )


@pytest.mark.parametrize("switch", ["0", "1"])
def test_samples_of_codes_are_numbered_as_those_of_columns(
    switch: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ECHOFORMAT_NATIVE", switch)
    chance = np.random.default_rng(7)
    ours, theirs = SampleNumbers(), SampleNumbers()
    for rows in (0, 1, 200, 1, 500):
        runs, splits, problems = (
            [names[i] for i in chance.integers(0, len(names), rows)]
            for names in (["", "r"], ["train", "eval"], list("abcdefg"))
        )
        if rows == 500:
            runs, splits = [""] * rows, ["train"] * rows
        steps = [None if i == 5 else int(i) for i in sorted(chance.integers(0, 6, rows))]
        found = ours.of_codes(Coded.of(runs), coded_steps(steps), Coded.of(splits), Coded.of(problems))
        assert found.tolist() == theirs.column(runs, steps, splits, problems)
        assert found.dtype == np.int32
    assert ours._counts == theirs._counts
    assert ours.eval_only_steps() == theirs.eval_only_steps()


@needs_compiled
def test_wrong_arguments_of_codes() -> None:
    assert compiled is not None
    codes = np.array([0, 1, 0], dtype=np.int32)
    for wrong in (("a",), None, "a"):
        with pytest.raises(TypeError):
            compiled.coded(wrong)
    with pytest.raises(TypeError):
        compiled.coded([[]])
    odd_ones: list[tuple[Any, ...]] = [([], ["a"], codes), ({}, ("a",), codes), ({}, ["a"], "codes")]
    for arguments in odd_ones:
        with pytest.raises(TypeError):
            compiled.numbers(*arguments, 0, 1)
    with pytest.raises(TypeError):
        compiled.numbers({}, [[], "b"], codes, 0, 3)
    for begin, end in ((-1, 2), (2, 1), (0, 4), (0, 1 << 62)):
        with pytest.raises(ValueError, match="not there"):
            compiled.numbers({}, ["a", "b"], codes, begin, end)
    for names, odd in ((["a"], codes), (["a"], np.array([-1], dtype=np.int32)), ([], codes)):
        with pytest.raises(ValueError, match="names nothing"):
            compiled.numbers({}, names, odd, 0, len(odd))
    for much in ((1 << 31), (1 << 70), -7):
        with pytest.raises(OverflowError):
            compiled.numbers({"a": much, "b": 0}, ["a", "b"], codes, 0, 3)
    counts = {"a": 4}
    assert np.frombuffer(compiled.numbers(counts, ["a", "b"], codes, 1, 3), np.int32).tolist() == [0, 4]
    assert counts == {"a": 5, "b": 1}
