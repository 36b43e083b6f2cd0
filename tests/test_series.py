"""FormatSeries: counts, shares, merging, and what is left out of them."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from echoformat import Classifier, FormatSeries, Mixture, Source, all_formats, classify_batch
from echoformat.errors import EchoformatWarning, UsageError

SCRIPT = "ans = 3 * 12\n"
FUNCTION = "def simple_math_problem():\n    result = 2 + 2\n    return result\n"


def series_of(names: list[str], steps: list[int], problems: list[str], correct: list[int]) -> FormatSeries:
    return FormatSeries.from_counts(steps, problems, names, [1] * len(names), correct)


def test_shares_sum_to_one_with_unlabelled_shown() -> None:
    labels = classify_batch([SCRIPT, FUNCTION, "", SCRIPT])
    series = FormatSeries.from_labels(labels, steps=[0, 0, 0, 1])
    assert series.names == ("program_of_thought", "tinygsm", "empty")
    assert series.unlabelled == ("empty",)
    np.testing.assert_allclose(series.shares().sum(axis=1), 1.0)
    np.testing.assert_allclose(series.shares()[0], [1 / 3, 1 / 3, 1 / 3])


def test_missing_rows_are_counted_apart_and_not_in_shares() -> None:
    series = FormatSeries.from_labels(classify_batch([SCRIPT, None, float("nan")]), steps=[0, 0, 0])
    assert series.missing == 2
    assert series.counts().tolist() == [[1]]


def test_rows_without_a_step_are_counted_apart() -> None:
    labels = classify_batch([SCRIPT, SCRIPT, SCRIPT])
    series = FormatSeries.from_labels(labels, steps=[0, None, 1])
    assert series.without_step == 1
    assert series.counts().sum() == 2


def test_a_log_without_steps_is_one_snapshot() -> None:
    series = FormatSeries.from_labels(classify_batch([SCRIPT, FUNCTION]), steps=[None, None])
    assert series.steps.tolist() == [0]
    assert series.without_step == 0


def test_accuracy_and_reward_by_format() -> None:
    labels = classify_batch([SCRIPT, SCRIPT, FUNCTION, FUNCTION])
    series = FormatSeries.from_labels(
        labels, steps=[0] * 4, correct=[True, False, True, None], rewards=[1.0, 0.0, 0.5, None]
    )
    assert series.accuracy_by_format().tolist() == [[0.5, 1.0]]
    assert series.mean_reward_by_format().tolist() == [[0.5, 0.5]]
    assert series.accuracy().tolist() == [pytest.approx(2 / 3)]


def test_full_collapse_has_entropy_zero_and_never_minus_zero() -> None:
    series = series_of(["a"] * 4, [0, 0, 1, 1], list("pqpq"), [1, 1, 1, 1])
    assert series.entropy_nats().tolist() == [0.0, 0.0]
    assert "-0.0" not in json.dumps(series.to_dict(), allow_nan=False)


def test_sources_are_attributed_and_the_rest_stays_visible() -> None:
    classifier = Classifier(mixture=Mixture("ours", (Source("TinyGSM", 1, ("tinygsm",)),)))
    labels = classifier.classify_batch([FUNCTION, SCRIPT, ""])
    series = FormatSeries.from_labels(labels, of="source")
    assert series.names == ("TinyGSM", "empty", "unknown")
    assert series.shares().tolist() == [[pytest.approx(1 / 3)] * 3]


def test_several_runs_must_be_taken_one_by_one() -> None:
    labels = classify_batch([SCRIPT, FUNCTION])
    series = FormatSeries.from_labels(labels, steps=[0, 0], runs=["one", "two"])
    with pytest.raises(UsageError, match="select"):
        series.shares()
    assert [run for run, _, _ in series.each()] == ["one", "two"]
    with pytest.raises(UsageError, match="did you mean 'two'"):
        series.select(run="twoo")


def test_labels_of_two_versions_in_one_series_warn_loudly() -> None:
    series = FormatSeries.from_labels(classify_batch([SCRIPT]))
    other = FormatSeries.from_labels(
        Classifier([f for f in all_formats() if f.name != "tinygsm"]).classify_batch([SCRIPT])
    )
    with pytest.warns(EchoformatWarning, match="looks exactly like a collapse"):
        series.merge(other)


def test_columns_of_other_lengths_are_refused() -> None:
    with pytest.raises(UsageError, match="steps has 1 rows"):
        FormatSeries.from_labels(classify_batch([SCRIPT, SCRIPT]), steps=[0])


rows = st.lists(
    st.tuples(st.sampled_from("abc"), st.integers(0, 4), st.sampled_from("pqrs"), st.integers(0, 1)),
    min_size=2,
    max_size=60,
)


@settings(max_examples=60, deadline=None)
@given(rows, st.integers(1, 59), st.randoms())
def test_shards_in_any_order_add_up_to_the_whole(
    rows: list[tuple[str, int, str, int]], cut: int, rng
) -> None:  # type: ignore[no-untyped-def]
    columns = [list(column) for column in zip(*rows, strict=True)]
    whole = series_of(*columns)
    shuffled = list(rows)
    rng.shuffle(shuffled)
    cut = min(cut, len(rows) - 1)
    parts = [series_of(*map(list, zip(*part, strict=True))) for part in (shuffled[:cut], shuffled[cut:])]
    merged = parts[1].merge(parts[0])
    assert merged.to_dict() == whole.to_dict()


@settings(max_examples=40, deadline=None)
@given(rows)
def test_run_counts_hold_every_completion(rows: list[tuple[str, int, str, int]]) -> None:
    names, steps, problems, correct = (list(column) for column in zip(*rows, strict=True))
    run = series_of(names, steps, problems, correct).run_counts()
    assert run.counts.sum() == len(rows)
    assert run.correct is not None
    assert run.correct.sum() == sum(correct)
    assert run.steps.tolist() == sorted(set(steps))
