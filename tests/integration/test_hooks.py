"""Hooks called by the frameworks' own code where that runs without a GPU; training itself is not run."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from echoformat.live import atropos, skyrl, swift, tinker
from echoformat.live.record import RolloutRecord
from echoformat.rollouts import read_rollouts

pytestmark = pytest.mark.integration
SCRIPT, BLANK = "ans = 3 * 12\n", " \n"
FORMATS = ("program_of_thought", "tinygsm")


class Tokenizer:
    """Characters are tokens."""

    def __call__(self, text: str, **_: Any) -> dict[str, Any]:
        import torch

        return {"input_ids": torch.tensor([[ord(c) for c in text]])}

    def decode(self, ids: Any, **_: Any) -> str:
        return "".join(chr(int(i)) for i in ids)


def needed(name: str) -> None:
    pytest.importorskip(name, reason=f"{name} is not installed", exc_type=ImportError)


REWARD_FILE = """
from echoformat.live.openrlhf import watch
from echoformat.live.record import RolloutRecord

def reward_func(queries, prompts, labels, **kwargs):
    return {{"rewards": [1.0], "scores": [0.5], "extra_logs": {{"own": 2.0}}}}

reward_func = watch(reward_func, record=RolloutRecord({folder!r}, 2), formats={formats!r})
"""


def test_openrlhf_single_turn_executor(tmp_path: Path) -> None:
    needed("openrlhf.utils.agent")
    from openrlhf.utils.agent import SingleTurnAgentExecutor

    class Engine:
        async def generate(self, prompt: Any, params: Any, **_: Any) -> Any:
            tokens = [ord(c) for c in SCRIPT]
            return SimpleNamespace(
                outputs=[SimpleNamespace(token_ids=tokens, finish_reason="stop", logprobs=None)]
            )

    file = tmp_path / "reward.py"
    file.write_text(REWARD_FILE.format(folder=str(tmp_path / "rollouts"), formats=FORMATS))
    executor = SingleTurnAgentExecutor(str(file))
    params = SimpleNamespace(max_tokens=64, logprobs=None)
    for _ in range(3):
        done = asyncio.run(executor.execute("3 * 12?\n", "36", params, 256, Tokenizer(), Engine()))
    assert (done["reward"], done["scores"]) == ([1.0], [0.5])
    assert done["extra_logs"]["own"] == 2.0
    assert done["extra_logs"]["echoformat/program_of_thought"] == 1.0
    rows = list(read_rollouts(tmp_path / "rollouts"))
    assert [(row.step, row.text, row.prompt, row.reward) for row in rows] == [
        (step, SCRIPT, "3 * 12?\n", 1.0) for step in (0, 0, 1)
    ]


def test_skyrl_environment() -> None:
    needed("skyrl_gym.envs.base_text_env")
    from skyrl_gym.envs.base_text_env import BaseTextEnv, BaseTextEnvStepOutput

    class Inner(BaseTextEnv):  # type: ignore[misc]
        def step(self, action: str) -> Any:
            return BaseTextEnvStepOutput(observations=[], reward=1.0, done=True, metadata={})

    class Watched(skyrl.FormatMetrics, Inner):
        formats = FORMATS

    episodes = []
    for text in (SCRIPT, BLANK):
        env = Watched()
        assert env.step(text)["reward"] == 1.0
        episodes.append(env.get_metrics())
    assert Watched.aggregate_metrics(episodes)["echoformat/program_of_thought"] == 0.5


def test_skyrl_trajectory_logger(tmp_path: Path) -> None:
    needed("skyrl.train.utils.trajectory_logging")
    logged: list[Any] = []
    tracking = SimpleNamespace(
        backend="tensorboard", log=lambda data, step, commit=False: logged.append((data, step))
    )
    logger = skyrl.FormatTrajectoryLogger()
    logger.record = RolloutRecord(tmp_path)
    ids = [[ord(c) for c in text] for text in (SCRIPT, BLANK)]
    logger.log(
        tracker=tracking,
        num_samples=2,
        prompts=[[{"role": "user", "content": "3 * 12?"}]] * 2,
        generator_output={
            "response_ids": ids,
            "rewards": [1.0, 0.0],
            "loss_masks": [[1] * len(i) for i in ids],
        },
        tokenizer=Tokenizer(),
        global_step=4,
        wandb_key="train/trajectories",
    )
    assert logged[0][1] == 4 and logged[0][0]["echoformat/share/program_of_thought"] == 0.5
    assert logger.formats.failures == 0
    assert [(row.step, row.text) for row in read_rollouts(tmp_path)] == [(4, SCRIPT), (4, BLANK)]


def test_atropos_logging() -> None:
    needed("atroposlib.envs.base")
    from atroposlib.envs.base import BaseEnv

    class Sums(atropos.FormatMetrics, BaseEnv):  # type: ignore[misc]
        async def collect_trajectory(self, item: Any) -> Any: ...
        async def get_next_item(self) -> Any: ...
        async def evaluate(self, *args: Any, **kwargs: Any) -> None: ...
        async def setup(self) -> None: ...

    env = object.__new__(Sums)
    env.config = SimpleNamespace(
        num_rollouts_per_group_for_logging=1, group_size=2, num_rollouts_to_keep=4, use_wandb=False
    )
    env.tokenizer, env.rollouts_for_wandb, env.curr_step = Tokenizer(), [], 3
    env.server, env.completion_lengths = SimpleNamespace(servers=[]), []
    tokens = [[ord(c) for c in "?" + text] for text in (SCRIPT, BLANK)]
    masks = [[-100, *row[1:]] for row in tokens]
    group = {"tokens": tokens, "masks": masks, "scores": [1.0, -1.0]}
    asyncio.run(env.add_rollouts_for_wandb(group))
    assert len(env.rollouts_for_wandb) == 1
    assert env.formats.metrics(3)["echoformat/share/program_of_thought"] == 0.5
    assert env.formats.failures == 0


def test_tinker_step_results() -> None:
    needed("tinker_cookbook.rl.types")
    import tinker as sdk
    from tinker_cookbook.completers import TokensWithLogprobs
    from tinker_cookbook.rl.metric_util import compute_trajectory_metrics
    from tinker_cookbook.rl.types import StepResult, Trajectory, TrajectoryGroup, Transition

    empty = sdk.ModelInput.from_ints([])
    steps = []
    for text in (SCRIPT, BLANK):
        result = StepResult(
            reward=1.0,
            episode_done=True,
            next_observation=empty,
            next_stop_condition=[],
            metrics={"own": 1.0},
        )
        steps.append(tinker.labelled(result, text, FORMATS))
    action = TokensWithLogprobs(tokens=[1], maybe_logprobs=None)
    trajectories = [Trajectory([Transition(empty, action, r.reward, True, r.metrics)], empty) for r in steps]
    group = TrajectoryGroup(trajectories, [0.0, 0.0], [{}, {}])
    metrics = compute_trajectory_metrics([group], [["sums"]])
    assert metrics["env/all/echoformat/program_of_thought"] == 0.5 and metrics["env/all/own"] == 1.0


def test_swift_scores_completions() -> None:
    needed("swift.rl_core.grpo_algorithm")
    import torch
    from swift.rewards.orm import ORM
    from swift.rl_core.grpo_algorithm import compute_rewards_per_func

    class Solved(ORM):  # type: ignore[misc]
        def __call__(self, completions: Any, solution: Any, **_: Any) -> list[float]:
            return [float(s in c) for s, c in zip(solution, completions, strict=True)]

    orm = swift.watch(Solved, formats=FORMATS, rank=0)(args=None)
    samples = [
        SimpleNamespace(
            messages=[{"role": "user", "content": "?"}, {"role": "assistant", "content": text}],
            to_reward_row=lambda: {"solution": "12"},
        )
        for text in (SCRIPT, BLANK)
    ]
    rewards = compute_rewards_per_func(
        samples, [orm], [None], torch.device("cpu"), trainer_state=SimpleNamespace(global_step=1)
    )
    assert rewards.tolist() == [[1.0], [0.0]] and type(orm).__name__ == "Solved"
    series = type(orm).tracker.series()
    assert series.steps.tolist() == [2] and type(orm).tracker.failures == 0
    assert series.shares()[0].tolist() == [0.5, 0.5]
