"""inspect_ai with its mock model: labels stand in the log as scores, the hook counts, logs are read back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from echoformat.live.inspect import formats, hook
from echoformat.live.tracker import FormatTracker
from echoformat.rollouts import read_rollouts

pytestmark = pytest.mark.integration
inspect_ai = pytest.importorskip("inspect_ai", reason="inspect-ai is not installed")

SCRIPT, BOXED = "ans = 3 * 12\n", "The answer is \\boxed{36}."


@pytest.fixture(scope="module")
def counted() -> FormatTracker:
    """The hook registers itself for the whole process, once."""
    return hook()


def evaluated(folder: Path, kind: str, step: int, said: list[str]) -> Any:
    from inspect_ai.dataset import MemoryDataset, Sample
    from inspect_ai.model import ModelOutput, ModelUsage, get_model
    from inspect_ai.scorer import includes

    samples = [Sample(input=f"What is {i} * 12?", target="36", id=i) for i in range(len(said))]
    outputs = [ModelOutput.from_content("mockllm/model", text) for text in said]
    for output in outputs:
        # Without it the mock model counts tokens with a vocabulary that it would download.
        output.usage = ModelUsage(input_tokens=1, output_tokens=1, total_tokens=2)
    task = inspect_ai.Task(
        name=f"mock{step}",
        dataset=MemoryDataset(samples),
        scorer=[includes(), formats()],
        metadata={"step": step},
    )
    (log,) = inspect_ai.eval(
        task,
        model=get_model("mockllm/model", custom_outputs=outputs),
        log_dir=str(folder),
        log_format=kind,
        max_samples=1,
        display="none",
        log_samples=True,
    )
    assert log.status == "success", log.error and log.error.traceback
    return log


@pytest.mark.parametrize("kind", ["json", "eval"])
def test_labels_are_scores_and_the_log_is_read_back(
    kind: str, tmp_path: Path, counted: FormatTracker
) -> None:
    step = {"json": 3, "eval": 4}[kind]
    log = evaluated(tmp_path, kind, step, [SCRIPT, BOXED, BOXED, BOXED])
    labels = [sample.scores["echoformat"].value for sample in log.samples]
    assert labels == ["program_of_thought", "boxed_cot", "boxed_cot", "boxed_cot"]
    (score,) = [one for one in log.results.scores if one.name == "echoformat"]
    shares = {name: metric.value for name, metric in score.metrics.items()}
    assert any(share == 0.75 for share in _flat(shares)) and any(share == 0.25 for share in _flat(shares))
    part = counted.series().select(split=f"mock{step}")
    assert part.steps.tolist() == [step] and counted.failures == 0
    assert dict(zip(part.names, part.shares()[0], strict=True)) == {
        "boxed_cot": 0.75,
        "program_of_thought": 0.25,
    }
    rows = list(read_rollouts(tmp_path))
    assert sorted(str(row.text) for row in rows) == sorted([SCRIPT, BOXED, BOXED, BOXED])
    assert {row.correct for row in rows if row.text == BOXED} == {True}


def _flat(value: Any) -> list[float]:
    if isinstance(value, dict):
        return [one for inner in value.values() for one in _flat(inner)]
    return [float(value)]
