"""FormatTracker: figures equal the series', keys stay fixed, no loop is stopped, state goes on exactly."""

from __future__ import annotations

import json
import logging
import math
import pickle
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from echoformat.classifier import Classifier
from echoformat.errors import UsageError
from echoformat.formats import all_formats
from echoformat.live.inputs import rank_of_process, sampled_rows, text_of
from echoformat.live.tally import OTHER
from echoformat.live.tracker import FormatTracker
from echoformat.mixture import Mixture, Source

CODE = """def simple_math_problem() -> int:
    '''
    A shop sells {n} pens.
    '''
    pens = {n}
    result = pens
    return result
"""
SCRIPT = "ans = {n} * 12\n"
FORMATS = ["tinygsm", "program_of_thought"]


def code(n: int = 1) -> str:
    return CODE.format(n=n)


def script(n: int = 1) -> str:
    return SCRIPT.format(n=n)


def batch(share: float, problems: int = 64, each: int = 4) -> tuple[list[str], list[str]]:
    """Completions of which a share is code, the same in every problem as nearly as it goes."""
    texts = [code(i) if (j + 0.5) / each < share else script(i) for i in range(problems) for j in range(each)]
    return texts, [f"p{i}" for i in range(problems) for _ in range(each)]


# Two formats of the shelf: what these tests call unknown stays so when the shelf grows.
SMALL = Classifier([format for format in all_formats() if format.name in FORMATS])


def tracker(**settings: Any) -> FormatTracker:
    return FormatTracker(**{"formats": FORMATS, "rank": 0, "classifier": SMALL} | settings)


def test_the_texts_are_what_the_tests_take_them_for() -> None:
    labels = Classifier().classify_batch([code(), script()])
    assert labels.label_names() == FORMATS


def test_metrics_equal_the_series() -> None:
    found = tracker()
    texts = [code(1), code(2), script(), "", None, "no format at all, only words"]
    metrics = found.update(
        3, texts, rewards=[1, 0, 1, 0, 1, None], problems=["a", "a", "b", "b", "c", "c"], truncated=None
    )
    series = found.series()
    shares = dict(zip(series.names, series.shares()[0], strict=True))
    for name in FORMATS:
        assert metrics[f"echoformat/share/{name}"] == pytest.approx(shares[name])
    assert metrics["echoformat/share/unlabelled"] == pytest.approx(shares["empty"] + shares["unknown"])
    assert metrics["echoformat/entropy_nats"] == pytest.approx(series.entropy_nats()[0])
    assert metrics["echoformat/effective_number"] == pytest.approx(series.effective_number()[0])
    assert metrics["echoformat/dominant_share"] == pytest.approx(series.dominant_share()[0])
    right = dict(zip(series.names, series.accuracy_by_format()[0], strict=True))
    assert metrics["echoformat/accuracy/tinygsm"] == right["tinygsm"] == 0.5
    assert metrics["echoformat/reward/program_of_thought"] == 1.0
    assert metrics["echoformat/labelled"] == 5 and metrics["echoformat/completions"] == 6
    assert series.missing == 1 and series.steps.tolist() == [3]


def test_shares_sum_to_one_and_all_values_are_floats() -> None:
    metrics = tracker().update(0, [code(), "words", script(), " "])
    assert all(type(value) is float for value in metrics.values())
    assert sum(v for k, v in metrics.items() if "/share/" in k) == pytest.approx(1)


def test_parts_of_a_step_add_up() -> None:
    whole, parts = tracker(), tracker()
    texts, problems = batch(0.5, 4)
    at_once = whole.update(1, texts, problems=problems)
    for i in range(0, len(texts), 3):
        in_parts = parts.update(1, texts[i : i + 3], problems=problems[i : i + 3])
    assert in_parts == pytest.approx(at_once, nan_ok=True)
    assert parts.series().to_dict()["series"] == whole.series().to_dict()["series"]


def test_completions_without_problems_stay_apart() -> None:
    found = tracker()
    found.update(1, [code()] * 3)
    found.update(1, [script()] * 2)
    assert found.series().run_counts().counts.shape[1] == 5


def test_declared_key_set_never_changes() -> None:
    found = tracker()
    first = set(found.update(1, [code()]))
    for step, texts in enumerate([[], [script()], ["{}"], [None], ["", "words"]], 2):
        assert set(found.update(step, texts)) == first
    assert not [key for key in first if not key.startswith("echoformat/")]


def test_a_mixture_declares_the_formats() -> None:
    mixture = Mixture("ours", (Source("functions", 3, ("tinygsm",)), Source("scripts", 1, (FORMATS[1],))))
    metrics = FormatTracker(mixture=mixture, rank=0).update(1, [code()])
    assert metrics["echoformat/share/tinygsm"] == 1.0
    assert metrics["echoformat/share/program_of_thought"] == 0.0


def test_undeclared_keys_settle_within_their_bound() -> None:
    found = FormatTracker(rank=0, settle=2, most_formats=1)
    found.update(1, [code()])
    settled = found.update(2, [code(), script()])
    assert settled["echoformat/share/tinygsm"] == 0.5
    assert settled[f"echoformat/share/{OTHER}"] == 0.5
    assert set(found.update(3, [script()])) == set(settled)
    late = FormatTracker(rank=0, settle=1)
    late.update(1, [code()])
    assert late.update(2, [script()])[f"echoformat/share/{OTHER}"] == 1.0


def test_other_splits_have_keys_of_their_own() -> None:
    found = tracker()
    found.update(1, [code()])
    metrics = found.update(1, [script()], split="eval")
    assert metrics["echoformat/eval/share/program_of_thought"] == 1.0
    assert found.series().splits == ("eval", "train")


def test_rewards_count_as_correctness_until_one_is_graded() -> None:
    found = tracker()
    assert found.update(1, [code()], rewards=[1])["echoformat/accuracy/tinygsm"] == 1.0
    assert math.isnan(found.update(2, [code()], rewards=[0.3])["echoformat/accuracy/tinygsm"])
    assert math.isnan(found.update(3, [code()], rewards=[1.0])["echoformat/accuracy/tinygsm"])
    assert found.update(4, [code()], rewards=[0.3], correct=[True])["echoformat/accuracy/tinygsm"] == 1.0


@pytest.mark.parametrize("reward", [None, math.nan, math.inf, "high"])
def test_unknown_rewards_are_not_zeros(reward: Any) -> None:
    metrics = tracker().update(1, [code(), code(2)], rewards=[reward, 0.5])
    assert metrics["echoformat/reward/tinygsm"] == 0.5


def test_chat_completions_with_reasoning() -> None:
    turns = [
        {"role": "assistant", "content": "", "reasoning_content": "thought"},
        {"role": "tool", "content": code()},
        {"role": "assistant", "content": script()},
    ]
    assert "def " not in (text_of(turns) or "")
    metrics = tracker().update(1, [[{"role": "assistant", "content": script()}], None])
    assert metrics["echoformat/share/program_of_thought"] == 1.0


def test_prompts_as_problems_are_hashed_like_a_reader_does() -> None:
    from echoformat.completion import problem_of

    found = tracker()
    prompt = "A shop sells pens.\nHow many?"
    found.update(1, [code()] * 3, problems=[prompt, [{"role": "user", "content": prompt}], 17])
    assert set(found.series().cells.problems) == {problem_of(prompt), "17"}


def test_rows_beyond_the_budget_are_sampled_by_count_and_seed() -> None:
    texts, problems = batch(0.5, 64, 8)
    once, again, other = (tracker(most_completions=100, seed=seed) for seed in (0, 0, 1))
    metrics = once.update(1, texts, problems=problems)
    assert metrics["echoformat/labelled"] == 100 and metrics["echoformat/completions"] == 512
    assert metrics["echoformat/share/tinygsm"] == pytest.approx(0.5, abs=0.2)
    assert again.observe(1, texts) == once_labels(texts)
    assert other.observe(1, texts) != once_labels(texts)
    assert sampled_rows(9, 3, [0, 1, "train", 0]) != sampled_rows(9, 3, [0, 2, "train", 0])


def once_labels(texts: list[str]) -> list[str | None]:
    return tracker(most_completions=100).observe(1, texts)


class Broken:
    """A labeller that fails from its second batch on."""

    def __init__(self) -> None:
        self._whole, self.mixture, self.batches = Classifier(), None, 0

    def classify_batch(self, texts: Any) -> Any:
        self.batches += 1
        if self.batches > 2:
            raise RuntimeError("no labels today \x1b[31m" + "x" * 10_000)
        return self._whole.classify_batch(texts)


def test_a_failing_labeller_never_stops_the_loop(caplog: pytest.LogCaptureFixture) -> None:
    found = tracker(classifier=Broken())
    first = found.update(1, [code()])
    with caplog.at_level(logging.WARNING):
        second = found.update(2, [code()])
        third = found.update(3, [code()])
    assert first["echoformat/failures"] == 0
    assert (second["echoformat/failures"], third["echoformat/failures"]) == (1, 2)
    assert set(second) == set(first) and math.isnan(second["echoformat/share/tinygsm"])
    assert len(caplog.records) == 1
    message = caplog.records[0].getMessage()
    assert "\x1b" not in message and len(message) < 1000
    assert found.observe(4, [code(), code()]) == [None, None]
    assert found.series().counts().sum() == 1


@pytest.mark.parametrize(
    "arguments",
    [
        {"completions": None},
        {"completions": 7},
        {"step": "one"},
        {"split": ["no name"]},
        {"rewards": [1, 2, 3]},
        {"problems": 5},
    ],
)
def test_nonsense_is_counted_never_raised(arguments: dict[str, Any]) -> None:
    found = tracker()
    metrics = found.update(**{"step": 1, "completions": [code()]} | arguments)
    assert metrics["echoformat/failures"] >= 1


@pytest.mark.parametrize("odd", [7, b"ans = 3\n", {"a": 1}, float("nan"), [], [None], object()])
def test_odd_rows_are_data(odd: Any) -> None:
    metrics = tracker().update(1, [code(), odd])
    assert metrics["echoformat/failures"] == 0
    assert metrics["echoformat/share/tinygsm"] in (0.5, 1.0)


def test_other_ranks_are_silent_and_merge(caplog: pytest.LogCaptureFixture) -> None:
    texts, problems = batch(0.5, 6)
    alone = tracker()
    ranks = [tracker(rank=rank) for rank in range(3)]
    for step in (1, 2, 3):
        alone.update(step, texts, problems=problems)
        for rank, one in enumerate(ranks):
            part = slice(rank, None, 3)
            said = one.update(step, texts[part], problems=problems[part])
            assert bool(said) == (rank == 0)
    with caplog.at_level(logging.WARNING):
        ranks[1].update(4, None)  # type: ignore[arg-type]
    assert not caplog.records
    ranks[0].merge(*(json.loads(json.dumps(one.state_dict())) for one in ranks[1:]))
    assert ranks[0].series().to_dict()["series"] == alone.series().to_dict()["series"]
    mine, whole = ranks[0].metrics(3), alone.metrics(3)
    assert mine.pop("echoformat/failures") == 1 and whole.pop("echoformat/failures") == 0
    assert mine == pytest.approx(whole, nan_ok=True)


def test_unnamed_problems_of_two_ranks_are_not_one() -> None:
    first, second = tracker(rank=0), tracker(rank=1)
    first.update(1, [code()])
    second.update(1, [code()])
    first.merge(second.state_dict())
    assert first.series().run_counts().counts.shape[1] == 2


def test_rank_comes_from_the_launcher(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RANK", "2")
    assert FormatTracker(FORMATS).update(1, [code()]) == {}
    assert rank_of_process({"RANK": "two", "SLURM_PROCID": "1"}) == 1


def run_of(found: FormatTracker, shares: list[float]) -> list[dict[str, float]]:
    said = []
    for step, share in enumerate(shares):
        texts, problems = batch(share, 32)
        said.append(found.update(step, texts, problems=problems))
    return said


COLLAPSE = [0.25] * 10 + [0.5, 0.75] + [1.0] * 8
STEADY = [0.25, 0.5] * 10


def test_the_alarm_rings_in_a_run_that_collapses_and_in_no_other() -> None:
    found = tracker()
    said = run_of(found, COLLAPSE)
    assert said[10]["echoformat/alarm"] == 0.0 and said[-1]["echoformat/alarm"] == 1.0
    assert found.ring is not None and found.ring.format == "tinygsm"
    assert 10 <= said[-1]["echoformat/alarm_step"] < 19
    quiet = run_of(tracker(), STEADY)
    assert quiet[-1]["echoformat/alarm"] == 0.0 and math.isnan(quiet[-1]["echoformat/alarm_step"])


def test_text_no_shelf_knows_is_no_collapse_but_text_that_breaks_down_is() -> None:
    unknown = tracker()
    for step in range(30):
        said = unknown.update(step, [f"words and words {i}" for i in range(64)])
    assert said["echoformat/alarm"] == 0.0
    broken = tracker()
    for step in range(30):
        texts, problems = batch(0.5, 32)
        said = broken.update(step, texts if step < 10 else [""] * len(texts), problems=problems)
    assert broken.ring is not None and broken.ring.format == "unlabelled" and broken.ring.kind == "rise"


def test_the_alarm_hears_the_same_in_parts_and_before_the_formats_settle() -> None:
    whole, parts = tracker(), FormatTracker(rank=0, settle=30)
    run_of(whole, COLLAPSE)
    for step, share in enumerate(COLLAPSE):
        texts, problems = batch(share, 32)
        for i in range(0, len(texts), 64):
            parts.update(step, texts[i : i + 64], problems=problems[i : i + 64])
    assert whole.ring is not None and parts.ring is not None
    assert (parts.ring.step, parts.ring.format) == (whole.ring.step, whole.ring.format)


def test_eval_and_late_rows_do_not_disturb_the_alarm() -> None:
    plain, mixed = tracker(), tracker()
    run_of(plain, COLLAPSE)
    for step, share in enumerate(COLLAPSE):
        texts, problems = batch(share, 32)
        mixed.update(step, texts, problems=problems)
        mixed.update(step, [code()] * 64, split="eval")
        if step >= 3:
            mixed.update(step - 3, [script()], problems=["late"])
    assert plain.ring == mixed.ring


@pytest.mark.parametrize("at", [0, 1, 7, 12, 19])
@pytest.mark.parametrize("settings", [{}, {"formats": None, "settle": 4}])
def test_a_restart_goes_on_exactly(at: int, settings: dict[str, Any]) -> None:
    whole, before, after = (tracker(**settings) for _ in range(3))
    expected = run_of(whole, COLLAPSE)
    said: list[dict[str, float]] = []
    now = before
    for step, share in enumerate(COLLAPSE):
        texts, problems = batch(share, 32)
        now.update(step, texts[:50], problems=problems[:50])
        if step == at:
            after.load_state_dict(json.loads(json.dumps(before.state_dict())))
            now = after
        said.append(now.update(step, texts[50:], problems=problems[50:]))
    assert said[-1] == pytest.approx(expected[-1], nan_ok=True)
    assert now.ring == whole.ring
    assert now.series().to_dict()["series"] == whole.series().to_dict()["series"]


def test_merging_rehears_the_alarm() -> None:
    first, second = tracker(rank=0), tracker(rank=1)
    for step, share in enumerate(COLLAPSE):
        texts, problems = batch(share, 32)
        first.update(step, texts[::2], problems=problems[::2])
        second.update(step, texts[1::2], problems=problems[1::2])
    first.merge(second.state_dict())
    whole = tracker()
    run_of(whole, COLLAPSE)
    assert first.ring == whole.ring


@pytest.mark.parametrize("state", [{}, {"version": 1}, {"version": 99}, [], None])
def test_a_foreign_state_is_refused(state: Any) -> None:
    with pytest.raises(UsageError, match="not a state of FormatTracker"):
        tracker().load_state_dict(state)


def test_an_unknown_format_is_refused_with_its_neighbour() -> None:
    with pytest.raises(UsageError, match="did you mean 'tinygsm'"):
        FormatTracker(["tinygms"])
    with pytest.raises(UsageError, match="most_completions=0"):
        FormatTracker(most_completions=0)


def test_no_alarm_on_request() -> None:
    found = tracker(alarm=False)
    assert run_of(found, COLLAPSE)[-1]["echoformat/alarm"] == 0.0
    assert found.ring is None and found.state_dict()["bell"] is None


def test_a_numpy_row_of_rewards_and_texts() -> None:
    metrics = tracker().update(
        np.int64(2), np.array([code(), script()], dtype=object), rewards=np.array([1.0, 0.0])
    )
    assert metrics["echoformat/accuracy/tinygsm"] == 1.0


def test_an_arrow_column_of_completions() -> None:
    pyarrow = pytest.importorskip("pyarrow")
    column = pyarrow.chunked_array([[code()], [script(), None]])
    assert tracker().update(1, column)["echoformat/share/tinygsm"] == 0.5


def test_one_text_in_place_of_a_row_is_a_failure() -> None:
    assert tracker().update(1, code())["echoformat/failures"] == 1.0


def test_a_tracker_travels_to_other_processes() -> None:
    whole = tracker()
    run_of(whole, COLLAPSE[:5])
    there = pickle.loads(pickle.dumps(whole))
    assert there.update(5, [code()]) == pytest.approx(whole.update(5, [code()]), nan_ok=True)


def test_tracking_loads_no_framework_starts_no_thread_and_no_process() -> None:
    program = (
        "import sys, threading, os, socket\n"
        "def no(*a, **k): raise AssertionError('process or socket')\n"
        "os.fork = no; socket.socket.connect = no\n"
        "from echoformat.live.tracker import FormatTracker\n"
        "t = FormatTracker(rank=0)\n"
        "m = t.update(1, ['ans = 3\\n'])\n"
        "assert m['echoformat/labelled'] == 1.0 and m['echoformat/failures'] == 0\n"
        "assert threading.active_count() == 1\n"
        "heavy = {'torch', 'trl', 'wandb', 'mlflow', 'ray', 'pandas', 'sklearn'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
