"""RunCounts refuse what cannot be a run, and keep scored apart from counted."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from golden_values import synthetic_run

from echoformat.errors import UsageError
from echoformat.findings import findings
from echoformat.measure.run_counts import RunCounts

STEPS, PROBLEMS, FORMATS = np.arange(2), ("p", "q", "r"), ("a", "b")
COUNTS = np.full((2, 3, 2), 4)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"problems": ("p",)}, "counts has shape"),
        ({"steps": np.array([1, 1])}, "ascend without repeats"),
        ({"counts": COUNTS - 5}, "negative value"),
        ({"correct": COUNTS + 1}, "more correct completions"),
        ({"correct": COUNTS - 5}, "fewer than 0"),
        ({"correct": COUNTS[:1]}, "correct has shape"),
        ({"scored": COUNTS + 1}, "more scored completions"),
        ({"scored": COUNTS - 4, "correct": COUNTS}, "more correct completions"),
        ({"unlabelled": ("unknwon",)}, "unlabelled column 'unknwon'"),
    ],
)
def test_refused(change: dict, message: str) -> None:  # type: ignore[type-arg]
    run = RunCounts(STEPS, PROBLEMS, FORMATS, COUNTS)
    with pytest.raises(UsageError, match=message):
        replace(run, **change)


def test_columns_and_scored() -> None:
    run = RunCounts(STEPS, PROBLEMS, FORMATS, COUNTS, COUNTS // 4, unlabelled=("b",), scored=COUNTS // 2)
    assert run.labelled.tolist() == [True, False]
    assert run.scored_counts.sum() == COUNTS.sum() // 2
    assert replace(run, scored=None).scored_counts is run.counts


def test_accuracy_rests_on_scored_completions_alone() -> None:
    """Completions that were never scored move shares but not accuracies."""
    run = synthetic_run("small_kl0")
    doubled = replace(run, counts=2 * run.counts, scored=run.counts)
    plain, mixed = ({f.claim: f for f in findings(x)} for x in (run, doubled))
    for claim in ("C3b", "C3c", "C4b", "C8"):
        assert mixed[claim].estimate == plain[claim].estimate
        assert mixed[claim].verdict is plain[claim].verdict
