"""Adapters: every framework's hook is called with its exact signature; rewards and answers stay untouched.

The frameworks themselves run in `tests/integration`; those that need a GPU are called here as their wheel or
document states the hook.
"""

from __future__ import annotations

import asyncio
import functools
import importlib
import json
import math
import pickle
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from echoformat.errors import MissingExtra, UsageError
from echoformat.live import (
    areal,
    atropos,
    nemo_rl,
    openrlhf,
    skyrl,
    slime,
    swift,
    tinker,
    trl,
    verifiers,
    verl,
)
from echoformat.live.emitters import emit, finite, to_tensorboard
from echoformat.live.one_hot import OneHot
from echoformat.live.record import RolloutRecord
from echoformat.live.tracker import FormatTracker
from echoformat.rollouts import read_rollouts

SCRIPT = "ans = 3 * 12\n"
BLANK = " \n"
FORMATS = ["program_of_thought", "tinygsm"]


# --- one completion as numbers


def test_one_hot_keys_never_change() -> None:
    hot = OneHot(FORMATS)
    for text in (SCRIPT, BLANK, "", None, 7, [{"role": "assistant", "content": SCRIPT}]):
        numbers = hot(text)
        assert tuple(numbers) == hot.keys and sum(numbers.values()) == 1.0
    assert hot([{"role": "assistant", "content": SCRIPT}])["echoformat/program_of_thought"] == 1.0
    assert OneHot(["tinygsm"])(SCRIPT)["echoformat/other_formats"] == 1.0
    with pytest.raises(UsageError, match="did you mean 'tinygsm'"):
        OneHot(["tinygms"])


def test_one_hot_by_family_without_formats() -> None:
    hot = OneHot()
    assert hot(SCRIPT)["echoformat/family/code"] == 1.0 and hot("")["echoformat/unlabelled"] == 1.0
    assert len(hot.keys) == len(set(hot.keys)) < 12 and sum(hot(SCRIPT).values()) == 1.0


class Failing:
    formats = ()
    mixture = None

    def classify_batch(self, texts: Any) -> Any:
        raise RuntimeError("no labels today")


def test_one_hot_counts_its_failures() -> None:
    hot = OneHot([], classifier=Failing())  # type: ignore[arg-type]
    assert hot(SCRIPT)["echoformat/failures"] == 1.0
    assert hot.label(SCRIPT) is None


def test_one_hot_travels_to_other_processes() -> None:
    assert pickle.loads(pickle.dumps(OneHot(FORMATS)))(SCRIPT) == OneHot(FORMATS)(SCRIPT)


# --- the record


def test_a_record_is_read_back(tmp_path: Path) -> None:
    record = RolloutRecord(tmp_path / "new" / "folder", completions_per_step=2)
    for i in range(4):
        record.write(prompt=f"{i // 2}?", completion=f"{SCRIPT}\u2028", reward=math.nan if i else 1.0)
    rows = list(read_rollouts(record.folder))
    assert [row.step for row in rows] == [0, 0, 1, 1]
    assert [row.reward for row in rows] == [1.0, None, None, None]
    assert {row.text for row in rows} == {f"{SCRIPT}\u2028"}
    assert pickle.loads(pickle.dumps(record)).path == record.path


def test_a_record_that_cannot_be_written_stops_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("")
    record = RolloutRecord(tmp_path / "file" / "below")
    record.write(completion=SCRIPT)
    record.write(completion=SCRIPT)
    assert len(caplog.records) == 1


# --- TRL


class Trainer:
    """What TRL's trainers offer a reward function."""

    def __init__(self, training: bool = True) -> None:
        self.model = SimpleNamespace(training=training)
        self.extra: dict[str, list[Any]] = {}
        self.metrics: dict[str, list[float]] = {}

    def log_extra(self, column: str, values: list[Any]) -> None:
        self.extra.setdefault(column, []).extend(values)

    def log_metric(self, name: str, value: float) -> None:
        self.metrics.setdefault(name, []).append(value)

    def call(self, reward: Any, completions: list[Any], step: int = 0, **columns: Any) -> Any:
        return reward(
            prompts=["2+2?"] * len(completions),
            completions=completions,
            completion_ids=[[1]] * len(completions),
            trainer_state=SimpleNamespace(global_step=step),
            log_extra=self.log_extra,
            log_metric=self.log_metric,
            **columns,
        )


def accuracy_reward(completions: list[Any], answer: list[str], **_: Any) -> list[float]:
    """Of the loop, not of ours."""
    return [float(a in str(c)) for a, c in zip(answer, completions, strict=True)]


def test_trl_logs_shares_and_labels_and_leaves_the_reward_alone() -> None:
    trainer, reward = Trainer(), trl.watch(accuracy_reward, formats=FORMATS)
    assert reward.__name__ == "accuracy_reward" and reward.__doc__ == accuracy_reward.__doc__
    rewards = trainer.call(reward, [SCRIPT, BLANK], step=4, answer=["36", "12"])
    assert rewards == accuracy_reward([SCRIPT, BLANK], ["36", "12"])
    assert trainer.extra == {"echoformat_label": ["program_of_thought", "empty"]}
    assert trainer.metrics["echoformat/share/program_of_thought"] == [0.5]
    assert all(math.isfinite(value) for values in trainer.metrics.values() for value in values)
    assert reward.tracker.series().steps.tolist() == [5]


def test_trl_chat_completions_and_evaluation() -> None:
    trainer = Trainer(training=False)
    reward = trl.watch(lambda completions, **_: [1.0] * len(completions), formats=FORMATS)
    trainer.call(reward, [[{"role": "assistant", "content": SCRIPT}]], step=4)
    assert trainer.metrics["echoformat/share/program_of_thought"] == [1.0]
    assert reward.tracker.series().splits == ("eval",)
    assert reward.tracker.series().steps.tolist() == [4]


def test_trl_asynchronous_rewards_stay_asynchronous() -> None:
    async def slow(completions: list[str], **_: Any) -> list[float]:
        await asyncio.sleep(0)
        return [0.5] * len(completions)

    trainer, reward = Trainer(), trl.watch(slow, formats=FORMATS)
    assert asyncio.iscoroutinefunction(reward) and reward.__name__ == "slow"
    assert asyncio.run(trainer.call(reward, [SCRIPT])) == [0.5]
    assert trainer.extra == {"echoformat_label": ["program_of_thought"]}


def test_trl_partials_and_objects_keep_a_name() -> None:
    class Reward:
        def __call__(self, completions: list[str], **_: Any) -> list[float]:
            return [1.0] * len(completions)

    trainer = Trainer()
    for reward in (functools.partial(accuracy_reward, answer=["12"]), Reward()):
        assert trl.watch(reward).__name__ in ("partial", "Reward")
        assert trainer.call(trl.watch(reward), [SCRIPT]) == [1.0]


def test_trl_observer_scores_nothing() -> None:
    trainer, observer = Trainer(), trl.watch(formats=FORMATS)
    assert trainer.call(observer, [SCRIPT, BLANK]) == [None, None]
    assert trainer.extra["echoformat_label"] == ["program_of_thought", "empty"]
    assert "echoformat/reward/program_of_thought" not in trainer.metrics


def test_trl_a_failing_labeller_leaves_a_column_of_nothing() -> None:
    """Without a column on every call, the trainer would save an earlier call's labels beside these rows."""
    trainer = Trainer()
    reward = trl.watch(accuracy_reward, tracker=FormatTracker([], classifier=Failing2()))
    assert trainer.call(reward, [SCRIPT, BLANK], answer=["12", "x"]) == [1.0, 0.0]
    assert trainer.extra == {"echoformat_label": [None, None]}
    assert trainer.metrics["echoformat/failures"] == [1.0]


class Failing2(Failing):
    def classify_batch(self, texts: Any) -> Any:
        if not list(texts):
            return SimpleNamespace(names=())
        raise RuntimeError("no labels today")


def test_trl_failing_log_functions_reach_no_trainer() -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("full disk")

    reward = trl.watch(accuracy_reward)
    assert reward(completions=[SCRIPT], answer=["12"], log_extra=broken, log_metric=broken) == [1.0]
    assert reward(completions=[SCRIPT], answer=["12"]) == [1.0]
    assert reward.tracker.failures == 1


def test_trl_errors_of_the_reward_itself_are_heard() -> None:
    with pytest.raises(ZeroDivisionError):
        trl.watch(lambda completions, **_: 1 / 0)(completions=[SCRIPT])


# --- verl


def test_verl_answers_become_columns() -> None:
    def compute_score(
        data_source: str, solution_str: str, ground_truth: str, extra_info: Any = None
    ) -> float:
        return float(ground_truth in solution_str)

    score = verl.watch(compute_score, formats=FORMATS)
    answer = score(data_source="gsm8k", solution_str=SCRIPT, ground_truth="36", extra_info={"num_turns": 1})
    assert score.__name__ == "compute_score"
    assert (answer["score"], answer["acc"]) == (0.0, 0.0)
    assert answer["echoformat_label"] == "program_of_thought"
    assert answer["echoformat/program_of_thought"] == 1.0
    other = score("gsm8k", "", "36", None)
    assert set(other) == set(answer) and other["echoformat/unlabelled"] == 1.0


def test_verl_extras_of_the_function_win_and_async_stays_async() -> None:
    async def compute_score(**_: Any) -> dict[str, Any]:
        return {"score": 0.3, "acc": 1, "echoformat/tinygsm": "mine"}

    score = verl.watch(functools.partial(compute_score), formats=FORMATS)
    assert asyncio.iscoroutinefunction(score)
    answer = asyncio.run(score(data_source="x", solution_str=SCRIPT, ground_truth="", extra_info={}))
    assert (answer["score"], answer["acc"], answer["echoformat/tinygsm"]) == (0.3, 1, "mine")


def test_verl_keys_stay_when_labelling_fails() -> None:
    score = verl.watch(lambda *_, **__: 1.0, formats=[], classifier=Failing())
    answer = score("x", SCRIPT, "", None)
    assert answer["echoformat/failures"] == 1.0 and answer["echoformat_label"] == ""


def test_verl_default_score_and_manager_by_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    """As ``custom_reward_function`` and ``reward_manager.source=importlib`` load them: by module and name."""

    class NaiveRewardManager:
        def __init__(
            self, config: Any, tokenizer: Any, compute_score: Any, reward_router_address: Any = None
        ):
            self.compute_score = compute_score

    fake(monkeypatch, "verl.utils.reward_score", default_compute_score=lambda *_, **__: 0.5)
    fake(
        monkeypatch,
        "verl.experimental.reward_loop.reward_manager.naive",
        NaiveRewardManager=NaiveRewardManager,
    )
    module = importlib.import_module("echoformat.live.verl")
    verl._default_score.cache_clear()
    verl._reward_manager.cache_clear()
    try:
        assert module.compute_score("gsm8k", SCRIPT, "36")["score"] == 0.5
        manager = module.FormatRewardManager({}, None, None, reward_router_address=None)
        assert manager.compute_score("gsm8k", SCRIPT, "36")["echoformat/family/code"] == 1.0
    finally:
        verl._default_score.cache_clear()
        verl._reward_manager.cache_clear()


def fake(monkeypatch: pytest.MonkeyPatch, dotted: str, **names: Any) -> None:
    """A module of a framework that is not installed."""
    parts = dotted.split(".")
    for i in range(1, len(parts) + 1):
        module = ModuleType(".".join(parts[:i]))
        monkeypatch.setitem(sys.modules, ".".join(parts[:i]), module)
    for name, value in names.items():
        setattr(module, name, value)


@pytest.mark.parametrize(
    "ask",
    [
        lambda: verl.FormatRewardManager,
        lambda: verl.compute_score("x", SCRIPT, ""),
        lambda: skyrl.FormatTrajectoryLogger,
        lambda: importlib.import_module("echoformat.live.inspect").formats(),
        lambda: importlib.import_module("echoformat.live.inspect").hook(),
        lambda: trl.keep_state(trl.watch(accuracy_reward)),
    ],
)
def test_a_missing_framework_says_how_to_install_it(ask: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("verl", "skyrl", "inspect_ai", "transformers"):
        monkeypatch.setitem(sys.modules, name, None)
        for loaded in [one for one in sys.modules if one.startswith(f"{name}.")]:
            monkeypatch.setitem(sys.modules, loaded, None)
    with pytest.raises(MissingExtra, match="pip install"):
        ask()


# --- OpenRLHF


def test_openrlhf_single_samples_and_the_record(tmp_path: Path) -> None:
    def reward_func(queries: list[str], prompts: list[str], labels: list[str], **_: Any) -> dict[str, Any]:
        return {"rewards": [0.5], "scores": [1.0], "extra_logs": {"length": 3}}

    record = RolloutRecord(tmp_path, completions_per_step=1)
    watched = openrlhf.watch(reward_func, record=record, formats=FORMATS)
    answer = watched(["2+2?" + SCRIPT], ["2+2?"], ["4"])
    assert answer["rewards"] == [0.5] and answer["scores"] == [1.0]
    assert answer["extra_logs"]["length"] == 3
    assert answer["extra_logs"]["echoformat/program_of_thought"] == 1.0
    watched(["2+2?" + BLANK], ["2+2?"], ["4"])
    rows = list(read_rollouts(tmp_path))
    assert [(row.step, row.text, row.reward, row.prompt) for row in rows] == [
        (0, SCRIPT, 0.5, "2+2?"),
        (1, BLANK, 0.5, "2+2?"),
    ]


def test_openrlhf_bare_rewards_and_batches() -> None:
    watched = openrlhf.watch(lambda queries, prompts, labels: [1.0, 0.0], formats=FORMATS)
    answer = watched(["a" + SCRIPT, "other"], ["a", "b"], [None, None])
    assert answer["rewards"] == answer["scores"] == [1.0, 0.0]
    assert list(answer["extra_logs"]["echoformat/program_of_thought"]) == [1.0, 0.0]


# --- AReaL


def score_of_length(
    prompt: str, completions: str, prompt_ids: Any, completion_ids: Any, **data: Any
) -> float:
    return float(len(completion_ids))


def test_areal_rewards_travel_to_worker_processes(tmp_path: Path) -> None:
    watched = areal.watch(score_of_length, tmp_path, formats=FORMATS)
    assert watched.__name__ == "score_of_length"
    there = pickle.loads(pickle.dumps(watched))
    assert there("2+2?", SCRIPT, [1], [1, 2, 3], answer="4") == 3.0
    (row,) = read_rollouts(tmp_path)
    assert (row.text, row.reward, row.extras["echoformat_label"]) == (SCRIPT, 3.0, "program_of_thought")


# --- ms-swift


class Accuracy:
    """Stands for an ORM of ms-swift."""

    def __init__(self, args: Any = None, **_: Any) -> None:
        self.args = args

    def __call__(self, completions: list[str], solution: list[str], **_: Any) -> list[float]:
        return [float(s in c) for s, c in zip(solution, completions, strict=True)]


def test_swift_classes_keep_their_name_and_weight() -> None:
    watched = swift.watch(Accuracy, formats=FORMATS, rank=0)
    orm = watched(args="given")
    assert type(orm).__name__ == "Accuracy" and orm.args == "given" and isinstance(orm, Accuracy)
    state = SimpleNamespace(global_step=6)
    messages = [[{"role": "user", "content": "2+2?"}, {"role": "assistant", "content": t}] for t in "ab"]
    assert orm([SCRIPT, BLANK], solution=["3", "x"], trainer_state=state, messages=messages) == [1.0, 0.0]
    series = watched.tracker.series()
    assert series.steps.tolist() == [7] and len(series.cells.problems) == 1


def test_swift_asynchronous_rewards() -> None:
    class Slow:
        async def __call__(self, completions: list[str], **_: Any) -> list[float]:
            return [1.0] * len(completions)

    orm = swift.watch(Slow, formats=FORMATS, rank=0)()
    assert asyncio.iscoroutinefunction(type(orm).__call__)
    assert asyncio.run(orm([SCRIPT], trainer_state=None)) == [1.0]


# --- slime


@pytest.fixture
def fresh_slime() -> Any:
    slime.tracker.cache_clear()
    yield
    slime.tracker.cache_clear()


def sample(text: str, group: int, reward: Any = 1.0, status: str = "completed") -> SimpleNamespace:
    return SimpleNamespace(
        prompt="2+2?", response=text, reward=reward, group_index=group, status=SimpleNamespace(value=status)
    )


def test_slime_metrics_ride_on_its_own_log(fresh_slime: None) -> None:
    extra: dict[str, float] = {"rollout/own": 1.0}
    samples = [sample(SCRIPT, 0), sample(BLANK, 0, {"score": 0.0}, "truncated")]
    assert slime.log(3, SimpleNamespace(reward_key=None), samples, extra, 12.5) is False
    assert extra["rollout/own"] == 1.0 and extra["echoformat/share/program_of_thought"] == 0.5
    assert extra["echoformat/truncated"] == 0.5 and extra["echoformat/failures"] == 0
    assert slime.log(4, SimpleNamespace(), [samples], None, 1.0) is False
    assert slime.tracker().series().steps.tolist() == [3, 4]


def test_slime_evaluation_data_sets_are_splits(fresh_slime: None) -> None:
    extra: dict[str, float] = {}
    data = {"gsm8k": {"rewards": [1.0], "samples": [sample(SCRIPT, 0)]}, "bare": {"rewards": [1.0]}}
    assert slime.log_eval(3, SimpleNamespace(), data, extra) is False
    assert extra["echoformat/eval/gsm8k/share/program_of_thought"] == 1.0
    assert slime.log(1, None, [object()], {}, 0.0) is False
    assert slime.tracker().failures == 1


# --- SkyRL


class TextEnv:
    """Stands for `BaseTextEnv`."""

    def step(self, action: str) -> dict[str, Any]:
        return {"reward": 1.0, "done": True}

    def get_metrics(self) -> dict[str, Any]:
        return {"steps": 2}

    @staticmethod
    def aggregate_metrics(metrics: list[dict[str, Any]]) -> dict[str, Any]:
        return {"avg_steps": sum(row["steps"] for row in metrics) / len(metrics)}


class Env(skyrl.FormatMetrics, TextEnv):
    formats = tuple(FORMATS)


def test_skyrl_shares_survive_an_environment_that_drops_what_it_does_not_know() -> None:
    episodes = []
    for text in (SCRIPT, BLANK):
        env = Env()
        assert env.step(text)["reward"] == 1.0
        episodes.append(env.get_metrics())
    whole = Env.aggregate_metrics(episodes)
    assert whole["avg_steps"] == 2.0
    assert whole["echoformat/program_of_thought"] == 0.5 and whole["echoformat/unlabelled"] == 0.5
    assert Env.aggregate_metrics([{"steps": 2}]) == {"avg_steps": 2.0}


def test_skyrl_logger_records_training_rollouts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class TrajectoryLogger:
        def log(
            self, *, tracker: Any, num_samples: int, prompts: Any, generator_output: Any, **_: Any
        ) -> None:
            calls.append(num_samples)

    calls: list[int] = []
    logged: list[tuple[dict[str, float], int]] = []
    fake(monkeypatch, "skyrl.train.utils.trajectory_logging", TrajectoryLogger=TrajectoryLogger)
    skyrl._trajectory_logger.cache_clear()
    try:
        logger = skyrl.FormatTrajectoryLogger()
        logger.record = RolloutRecord(tmp_path)
        logger.log(
            tracker=SimpleNamespace(log=lambda data, step, commit=False: logged.append((data, step))),
            num_samples=2,
            prompts=[[{"role": "user", "content": "2+2?"}]] * 2,
            generator_output={"response_ids": [[0], [1]], "rewards": [1.0, [0.0, 0.5]], "loss_masks": []},
            tokenizer=SimpleNamespace(decode=lambda ids: (SCRIPT, BLANK)[ids[0]]),
            global_step=9,
            wandb_key="train/trajectories",
        )
        logger.log(tracker=None, num_samples=0, prompts=None, generator_output=None)
    finally:
        skyrl._trajectory_logger.cache_clear()
    assert calls == [2, 0] and logged[0][1] == 9
    assert logged[0][0]["echoformat/share/program_of_thought"] == 0.5
    assert [(row.step, row.text, row.reward) for row in read_rollouts(tmp_path)] == [
        (9, SCRIPT, 1.0),
        (9, BLANK, 0.5),
    ]
    assert logger.formats.failures == 1


# --- NeMo-RL


class MathEnvironment:
    """Stands for an `EnvironmentInterface`."""

    def global_post_process_and_metrics(self, batch: Any) -> tuple[Any, dict[str, Any]]:
        return batch, {"accuracy": 0.5}


class WatchedMath(nemo_rl.FormatMetrics, MathEnvironment):
    pass


def test_nemo_rl_batches_are_steps() -> None:
    env = WatchedMath()
    user = {"role": "user", "content": "2+2?"}
    batch = {
        "message_log": [[user, {"role": "assistant", "content": t}] for t in (SCRIPT, BLANK)],
        "total_reward": SimpleNamespace(tolist=lambda: [1.0, 0.0]),
    }
    done, metrics = env.global_post_process_and_metrics(batch)
    assert done is batch and metrics["accuracy"] == 0.5
    assert metrics["echoformat/share/program_of_thought"] == 0.5
    assert metrics["echoformat/accuracy/program_of_thought"] == 1.0
    env.global_post_process_and_metrics(batch)
    assert env.formats.series().steps.tolist() == [0, 1]
    assert env.global_post_process_and_metrics({}) == ({}, {"accuracy": 0.5})


# --- verifiers


def test_verifiers_metric_is_found_and_keyed() -> None:
    class Task(verifiers.FormatMetrics):
        formats = tuple(FORMATS)

    message = SimpleNamespace(model_dump=lambda: {"role": "assistant", "content": SCRIPT})
    asked = SimpleNamespace(model_dump=lambda: {"role": "user", "content": "2+2?"})
    trace = SimpleNamespace(
        nodes=[SimpleNamespace(message=asked, sampled=False), SimpleNamespace(message=message, sampled=True)]
    )
    assert Task.echoformat.metric is True  # type: ignore[attr-defined]
    assert asyncio.run(Task().echoformat(trace))["echoformat/program_of_thought"] == 1.0
    assert verifiers.format_metrics([{"role": "assistant", "content": BLANK}])["echoformat/unlabelled"] == 1.0


# --- Atropos


class BaseEnv:
    """Stands for the environment of Atropos."""

    tokenizer = SimpleNamespace(decode=lambda tokens: (SCRIPT, BLANK)[tokens[0]])

    def __init__(self) -> None:
        self.curr_step, self.logged, self.kept = 5, [], []

    async def add_rollouts_for_wandb(self, scored_data: Any, item: Any = None) -> None:
        self.kept.append(scored_data)

    async def wandb_log(self, wandb_metrics: dict[str, Any] | None = None) -> None:
        self.logged.append(wandb_metrics)


class WatchedAtropos(atropos.FormatMetrics, BaseEnv):
    pass


def test_atropos_groups_are_labelled_from_messages_or_tokens() -> None:
    env = WatchedAtropos()
    group = {"tokens": [[9, 0], [9, 1]], "masks": [[-100, 0], [-100, 1]], "scores": [1.0, -1.0]}
    asyncio.run(env.add_rollouts_for_wandb(group))
    said = {"scores": [1.0], "messages": [[{"role": "assistant", "content": SCRIPT}]]}
    asyncio.run(env.add_rollouts_for_wandb([said], None))
    asyncio.run(env.add_rollouts_for_wandb({"broken": 1}))
    asyncio.run(env.wandb_log({"own": 1.0}))
    assert len(env.kept) == 3 and env.logged[0]["own"] == 1.0
    assert env.logged[0]["echoformat/share/program_of_thought"] == pytest.approx(2 / 3)
    assert env.logged[0]["echoformat/failures"] == 1.0
    assert env.formats.series().steps.tolist() == [5]


# --- Tinker


@dataclass
class StepResult:
    """Stands for the cookbook's."""

    reward: float
    metrics: dict[str, float] = field(default_factory=dict)


def test_tinker_metrics_are_added() -> None:
    result = StepResult(1.0, {"own": 2.0})
    done = tinker.labelled(result, SCRIPT, ("program_of_thought",))
    assert done.reward == 1.0 and done.metrics["own"] == 2.0
    assert done.metrics["echoformat/program_of_thought"] == 1.0 and result.metrics == {"own": 2.0}


# --- trackers of metrics


def test_emitters_start_nothing_and_import_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("wandb", "trackio", "mlflow"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    assert emit({"echoformat/x": 1.0}, 3) == ()
    assert not {"wandb", "trackio", "mlflow"} & set(sys.modules)


def test_emitters_add_to_the_loops_own_row(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[Any] = []
    run = SimpleNamespace(run=object(), log=lambda *args, **kwargs: calls.append((args, kwargs)))
    monkeypatch.setitem(sys.modules, "wandb", run)
    assert emit({"echoformat/x": 1.0, "echoformat/y": math.nan}, 3) == ("wandb",)
    assert calls == [(({"echoformat/x": 1.0},), {"commit": False})]
    monkeypatch.setitem(sys.modules, "wandb", SimpleNamespace(run=None))
    assert emit({"echoformat/x": 1.0}) == ()


def test_a_failing_tracker_is_told_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def log(*_: Any, **__: Any) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("echoformat.live.emitters._told", set())
    monkeypatch.setitem(sys.modules, "wandb", SimpleNamespace(run=object(), log=log))
    assert emit({"a": 1.0}) == () and emit({"a": 1.0}) == ()
    assert len(caplog.records) == 1


def test_tensorboard_gets_finite_scalars_at_the_loops_step() -> None:
    calls: list[Any] = []
    writer = SimpleNamespace(add_scalar=lambda *args: calls.append(args))
    assert to_tensorboard(writer, {"a": 1.0, "b": math.nan}, 7)
    assert calls == [("a", 1.0, 7)] and finite({"a": math.inf}) == {}


def test_importing_every_adapter_imports_no_framework() -> None:
    names = sorted(path.stem for path in Path(trl.__file__).parent.glob("[a-z]*.py"))
    program = (
        "import importlib, sys\n"
        f"for name in {json.dumps(names)}: importlib.import_module('echoformat.live.' + name)\n"
        "strangers = {'torch','trl','transformers','verl','ray','wandb','mlflow','inspect_ai','verifiers',"
        "'skyrl','tinker','tinker_cookbook','atroposlib','swift'} & set(sys.modules)\n"
        "assert not strangers, strangers\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


def test_what_the_docs_show_runs_and_exists(tmp_path: Path) -> None:
    page = (Path(__file__).parent.parent / "docs" / "live.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    assert len(blocks) == 2
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(blocks)], cwd=tmp_path, check=True, capture_output=True, text=True
    )
    assert done.stdout.splitlines()[0] == "0 0.5 1.0"
    for name in re.findall(r"`echoformat\.live\.(\w+)(?:\.(\w+))?`", page):
        module = importlib.import_module(f"echoformat.live.{name[0]}")
        assert not name[1] or hasattr(module, name[1])
    metrics = FormatTracker(FORMATS, rank=0).update(0, [SCRIPT])
    for key in {k.replace("echoformat/", "").split("/")[0] for k in metrics}:
        assert key in page
