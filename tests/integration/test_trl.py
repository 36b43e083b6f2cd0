"""A real GRPO and RLOO run of TRL on the CPU with one added line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from echoformat.classifier import default_classifier
from echoformat.live.reward import FormatDiversityReward, Schedule
from echoformat.live.tracker import FormatTracker
from echoformat.live.trl import keep_state, watch
from echoformat.rollouts import read_rollouts

pytestmark = pytest.mark.integration
trl = pytest.importorskip("trl", reason="trl is not installed (tests/integration/requirements.txt)")
torch = pytest.importorskip("torch", reason="torch is not installed")
datasets = pytest.importorskip("datasets", reason="datasets is not installed")
pyarrow = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")

SCRIPT, PROSE = "ans = 1 + 2", "the answer is 3"
FORMATS = ["program_of_thought"]
PROMPTS, GENERATIONS, ROUNDS = 16, 4, 24


def length_reward(completions: list[Any], **_: Any) -> list[float]:
    """Any reward that differs within a group."""
    return [float(len(str(text)) % 5) for text in completions]


def config(kind: Any, folder: Path, **more: Any) -> Any:
    settings = {
        "output_dir": str(folder),
        "per_device_train_batch_size": PROMPTS * GENERATIONS,
        "num_generations": GENERATIONS,
        "max_completion_length": 8,
        "max_steps": 3,
        "logging_steps": 1,
        "log_completions": True,
        "report_to": "none",
        "use_cpu": True,
        "save_strategy": "no",
        "disable_tqdm": True,
        "seed": 1,
    }
    return kind(**settings | more)


def prompts(chat: bool = False) -> Any:
    asked: list[Any] = [f"what is {i % 4 + 1} + {i // 4 + 1} ?" for i in range(PROMPTS)]
    if chat:
        asked = [[{"role": "user", "content": text}] for text in asked]
    return datasets.Dataset.from_dict({"prompt": asked})


def trained(kind: str, model: Path, folder: Path, reward: Any, **more: Any) -> Any:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(model)
    extra = {key: more.pop(key) for key in ("rollout_func", "eval_dataset", "callbacks") if key in more}
    resume, chat = more.pop("resume_from_checkpoint", None), more.pop("chat", False)
    trainer = getattr(trl, f"{kind}Trainer")(
        model=AutoModelForCausalLM.from_pretrained(model),
        reward_funcs=reward if isinstance(reward, list) else [reward],
        args=config(getattr(trl, f"{kind}Config"), folder, **more),
        train_dataset=prompts(chat),
        processing_class=tokenizer,
        **extra,
    )
    trainer.train(resume_from_checkpoint=resume)
    return trainer


def policy(shares: list[float]) -> Any:
    """Writes a script instead of prose in a given share of every prompt's completions, step by step."""

    def rollout(asked: list[Any], trainer: Any) -> dict[str, Any]:
        tokenizer = trainer.processing_class
        share = shares[min(trainer.state.global_step, len(shares) - 1)]
        texts = [
            SCRIPT if (i % GENERATIONS + 0.5) / GENERATIONS < share else PROSE for i in range(len(asked))
        ]
        completions = [tokenizer(text)["input_ids"] + [tokenizer.eos_token_id] for text in texts]
        return {
            "prompt_ids": [tokenizer(one)["input_ids"] for one in asked],
            "completion_ids": completions,
            "logprobs": [[-1.0] * len(ids) for ids in completions],
        }

    return rollout


def logged(trainer: Any, key: str) -> list[float]:
    return [row[key] for row in trainer.state.log_history if key in row]


def test_the_texts_are_what_the_tests_take_them_for() -> None:
    first, second = default_classifier().classify_batch([SCRIPT, PROSE]).formats()
    assert first == "program_of_thought" != second


@pytest.mark.parametrize("kind", ["GRPO", "RLOO"])
def test_one_added_line(kind: str, tiny_model: Path, tmp_path: Path) -> None:
    reward = watch(length_reward, formats=FORMATS)
    trainer = trained(kind, tiny_model, tmp_path, reward)
    assert len(logged(trainer, "rewards/length_reward/mean")) == 3
    shares = logged(trainer, "echoformat/share/unlabelled")
    assert len(shares) == 3 and all(0.0 <= share <= 1.0 for share in shares)
    assert logged(trainer, "echoformat/failures") == [0.0] * 3
    assert reward.tracker.series().steps.tolist() == [1, 2, 3]
    assert reward.tracker.series().counts().sum() == 3 * PROMPTS * GENERATIONS


def test_labels_stand_beside_the_completions_and_are_read_back(tiny_model: Path, tmp_path: Path) -> None:
    reward = watch(length_reward, formats=FORMATS)
    trainer = trained("GRPO", tiny_model, tmp_path, reward, rollout_func=policy([0.25, 0.5, 0.75]))
    assert logged(trainer, "echoformat/share/program_of_thought") == [0.25, 0.5, 0.75]
    for file in sorted((tmp_path / "completions").glob("*.parquet")):
        rows = pyarrow.read_table(file).to_pylist()
        expected = default_classifier().classify_batch([row["completion"] for row in rows]).label_names()
        assert [row["echoformat_label"] for row in rows] == expected and len(set(expected)) == 2
    log = list(read_rollouts(tmp_path))
    assert len(log) == 3 * PROMPTS * GENERATIONS
    labels = default_classifier().classify_batch([row.text for row in log])
    read = [(row.step, row.problem, name) for row, name in zip(log, labels.label_names(), strict=True)]
    assert _counted(read) == _cells(reward.tracker)


def _counted(rows: list[tuple[Any, str, str]]) -> dict[tuple[Any, str, str], int]:
    return {key: rows.count(key) for key in set(rows)}


def _cells(tracker: FormatTracker) -> dict[tuple[Any, str, str], int]:
    cells = tracker.series().cells
    return {
        (int(cells.step[i]), cells.problems[cells.problem[i]], cells.names[cells.name[i]]): int(cells.n[i])
        for i in range(len(cells))
    }


ALARM = {"warmup": 48}


def test_the_alarm_rings_in_a_run_that_collapses(tiny_model: Path, tmp_path: Path) -> None:
    shares = [0.25] * 8 + [0.5, 0.75] + [1.0] * (ROUNDS - 10)
    reward = watch(length_reward, formats=FORMATS, alarm=ALARM)
    trainer = trained(
        "GRPO",
        tiny_model,
        tmp_path,
        reward,
        rollout_func=policy(shares),
        max_steps=ROUNDS,
        log_completions=False,
    )
    alarm = logged(trainer, "echoformat/alarm")
    assert alarm[:9] == [0.0] * 9 and alarm[-1] == 1.0
    assert reward.tracker.ring is not None and reward.tracker.ring.format == "program_of_thought"


def test_the_alarm_stays_silent_in_a_run_that_does_not(tiny_model: Path, tmp_path: Path) -> None:
    reward = watch(length_reward, formats=FORMATS, alarm=ALARM)
    trainer = trained(
        "GRPO",
        tiny_model,
        tmp_path,
        reward,
        rollout_func=policy([0.25, 0.5] * (ROUNDS // 2)),
        max_steps=ROUNDS,
        log_completions=False,
    )
    assert logged(trainer, "echoformat/alarm") == [0.0] * ROUNDS


class Failing:
    """A labeller that fails from its second batch on."""

    mixture = None

    def __init__(self) -> None:
        self.batches = 0

    def classify_batch(self, texts: Any) -> Any:
        self.batches += 1
        if self.batches > 2:
            raise RuntimeError("no labels today")
        return default_classifier().classify_batch(texts)


def test_training_goes_on_when_the_labeller_fails(tiny_model: Path, tmp_path: Path) -> None:
    plain = trained("GRPO", tiny_model, tmp_path / "plain", length_reward)
    reward = watch(length_reward, tracker=FormatTracker(FORMATS, classifier=Failing()))  # type: ignore[arg-type]
    trainer = trained("GRPO", tiny_model, tmp_path / "watched", reward)
    assert trainer.state.global_step == 3
    assert logged(trainer, "echoformat/failures") == [0.0, 1.0, 2.0]
    assert logged(trainer, "loss") == logged(plain, "loss")
    last = pyarrow.read_table(tmp_path / "watched" / "completions" / "completions_00003.parquet")
    assert last.column("echoformat_label").to_pylist() == [None] * PROMPTS * GENERATIONS


def test_evaluation_is_a_split_of_its_own(tiny_model: Path, tmp_path: Path) -> None:
    reward = watch(length_reward, formats=FORMATS)
    trainer = trained(
        "GRPO",
        tiny_model,
        tmp_path,
        reward,
        eval_dataset=prompts(),
        eval_strategy="steps",
        eval_steps=2,
        per_device_eval_batch_size=PROMPTS * GENERATIONS,
    )
    series = reward.tracker.series()
    assert series.select(split="train").steps.tolist() == [1, 2, 3]
    assert series.select(split="eval").steps.tolist() == [2, 3]
    assert len(logged(trainer, "eval_echoformat/share/unlabelled")) == 2


def test_asynchronous_reward_chat_prompts_and_resuming(tiny_model: Path, tmp_path: Path) -> None:
    async def slow_reward(completions: list[Any], **_: Any) -> list[float]:
        return length_reward(completions)

    first = watch(slow_reward, formats=FORMATS)
    saving = {"save_strategy": "steps", "save_steps": 2, "chat": True}
    trained("GRPO", tiny_model, tmp_path, first, max_steps=2, callbacks=[keep_state(first)], **saving)
    again = watch(slow_reward, formats=FORMATS)
    trainer = trained(
        "GRPO",
        tiny_model,
        tmp_path,
        again,
        max_steps=4,
        callbacks=[keep_state(again)],
        resume_from_checkpoint=str(tmp_path / "checkpoint-2"),
        **saving,
    )
    assert len(logged(trainer, "rewards/slow_reward/mean")) == 4
    assert again.tracker.series().steps.tolist() == [1, 2, 3, 4]
    assert again.tracker.failures == 0
    completion = pyarrow.read_table(tmp_path / "completions" / "completions_00004.parquet")["completion"]
    assert completion[0].as_py()[0]["role"] == "assistant"


def test_a_diversity_reward_is_one_more_reward(tiny_model: Path, tmp_path: Path) -> None:
    watched = watch(length_reward, formats=FORMATS)
    rewards = [watched, FormatDiversityReward(Schedule(0.4, 0.0, begin=0, until=2))]
    trainer = trained("GRPO", tiny_model, tmp_path, rewards, rollout_func=policy([0.25, 0.25, 0.25]))
    # One script and three of another look in every group of four: the mean of 1 - q is 1 - (1 + 9) / 16.
    both = len(set(default_classifier().classify_batch([SCRIPT, PROSE]).formats()) - {None}) == 2
    mean = 0.375 if both else 0.0
    paid = logged(trainer, "rewards/format_diversity_reward/mean")
    assert paid == pytest.approx([0.4 * mean, 0.2 * mean, 0.0])
    assert logged(trainer, "echoformat/share/program_of_thought") == [0.25] * 3


TWO_PROCESSES = """
import json, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
import test_trl as t

reward = t.watch(t.length_reward, formats=t.FORMATS)
folder = Path(sys.argv[3])
settings = {"per_device_train_batch_size": t.PROMPTS * t.GENERATIONS // 2, "ddp_backend": "gloo"}
trainer = t.trained(
    "GRPO", Path(sys.argv[2]), folder, reward, rollout_func=t.policy([0.25, 0.5, 0.75]), **settings
)
rank = trainer.accelerator.process_index
(folder / f"rank{rank}.json").write_text(json.dumps(reward.tracker.state_dict()))
if rank == 0:
    (folder / "shares.json").write_text(json.dumps(t.logged(trainer, "echoformat/share/program_of_thought")))
"""


def test_two_processes(tiny_model: Path, tmp_path: Path) -> None:
    script = tmp_path / "train.py"
    script.write_text(TWO_PROCESSES)
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node=2"]
    here = str(Path(__file__).parent)
    with (tmp_path / "said").open("w") as said:
        launched = subprocess.Popen(
            [*command, str(script), here, str(tiny_model), str(tmp_path)],
            env=os.environ | {"OMP_NUM_THREADS": "1"},
            stdout=said,
            stderr=said,
        )
        try:
            code = launched.wait(timeout=120)
        finally:
            # The launcher ends its two processes when it is asked to end, not when it is killed.
            launched.terminate()
            launched.wait(timeout=30)
    assert code == 0, (tmp_path / "said").read_text()[-3000:]
    assert json.loads((tmp_path / "shares.json").read_text()) == [0.25, 0.5, 0.75]
    whole = FormatTracker(FORMATS, rank=0)
    whole.merge(*(json.loads((tmp_path / f"rank{rank}.json").read_text()) for rank in (0, 1)))
    labels = default_classifier().classify_batch(
        [row.text for row in read_rollouts(tmp_path / "completions")]
    )
    assert whole.series().counts().sum() == 3 * PROMPTS * GENERATIONS == len(labels)
    last = pyarrow.read_table(tmp_path / "completions" / "completions_00003.parquet").to_pylist()
    expected = default_classifier().classify_batch([row["completion"] for row in last]).label_names()
    assert [row["echoformat_label"] for row in last] == expected
