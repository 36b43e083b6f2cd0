"""verl's own loading of reward functions and managers by configuration, and its manager on a CPU batch."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.integration
pytest.importorskip("torch", reason="torch is not installed")
pytest.importorskip(
    "verl.experimental.reward_loop.reward_manager.naive", reason="verl is not installed", exc_type=ImportError
)

SCRIPT = "ans = 3 * 12\n#### 36"
MINE = """
from echoformat.live.verl import watch

def compute_score(data_source, solution_str, ground_truth, extra_info=None, **kwargs):
    return float(ground_truth in solution_str)

compute_score = watch(compute_score, formats=["program_of_thought", "gsm8k"])
"""


class Tokenizer:
    """Characters are tokens."""

    def decode(self, ids: Any, skip_special_tokens: bool = True) -> str:
        return "".join(chr(int(i)) for i in ids)


def batch(text: str) -> Any:
    """One sample as verl hands it to a reward manager."""
    import numpy as np
    import torch
    from verl import DataProto

    ids = torch.tensor([[ord(c) for c in text]])
    prompt = torch.ones((1, 2), dtype=torch.long)
    tensors = {
        "prompts": prompt,
        "responses": ids,
        "attention_mask": torch.ones((1, 2 + ids.shape[1]), dtype=torch.long),
    }
    others = {
        "data_source": np.array(["openai/gsm8k"], dtype=object),
        "reward_model": np.array([{"ground_truth": "36"}], dtype=object),
        "extra_info": np.array([{}], dtype=object),
    }
    return DataProto.from_dict(tensors=tensors, non_tensors=others)


def scored(reward: dict[str, Any]) -> dict[str, Any]:
    from omegaconf import OmegaConf
    from verl.trainer.ppo.reward import load_reward_manager

    async def work() -> Any:
        manager = load_reward_manager(OmegaConf.create({"reward": reward}), Tokenizer())
        return await manager.run_single(batch(SCRIPT))

    done: dict[str, Any] = asyncio.run(work())
    return done


def test_a_watched_function_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(MINE)
    done = scored(
        {
            "custom_reward_function": {"path": str(tmp_path / "mine.py"), "name": "compute_score"},
            "reward_manager": {"source": "register", "name": "naive"},
        }
    )
    extra = done["reward_extra_info"]
    assert done["reward_score"] == 1.0 and extra["acc"] == 1.0
    assert extra["echoformat_label"] in ("program_of_thought", "gsm8k")
    assert extra[f"echoformat/{extra['echoformat_label']}"] == 1.0


@pytest.mark.parametrize("managed", [True, False])
def test_with_no_code_by_configuration(managed: bool) -> None:
    ours = "pkg://echoformat.live.verl"
    manager = {"source": "register", "name": "naive"}
    if managed:
        manager = {"source": "importlib", "name": "FormatRewardManager", "module": {"path": ours}}
    function = {} if managed else {"path": ours, "name": "compute_score"}
    done = scored({"custom_reward_function": function, "reward_manager": manager})
    extra = done["reward_extra_info"]
    assert done["reward_score"] == 1.0, "verl's own score of a gsm8k answer"
    assert sum(v for k, v in extra.items() if k.startswith("echoformat/")) == 1.0
    assert extra["echoformat_label"]
