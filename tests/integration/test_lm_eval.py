"""lm-eval with a dummy model: the samples it writes are read back and labelled."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from echoformat.classifier import default_classifier
from echoformat.engines.local import label_run
from echoformat.rollouts import read_rollouts

pytestmark = pytest.mark.integration
lm_eval = pytest.importorskip("lm_eval", reason="lm-eval is not installed")
pytest.importorskip("datasets", reason="datasets is not installed")

SAID = ["ans = 3 * 12\n", "The answer is \\boxed{24}."]
TASK = """
task: two_sums
dataset_path: json
dataset_kwargs: {data_files: {test: "%s"}}
test_split: test
output_type: generate_until
doc_to_text: "{{question}}"
doc_to_target: "{{answer}}"
generation_kwargs: {until: ["Q:"]}
metric_list: [{metric: exact_match}]
filter_list:
  - {name: strict, filter: [{function: take_first}]}
  - {name: loose, filter: [{function: take_first}]}
"""


def test_samples_are_read_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from lm_eval.api.model import LM
    from lm_eval.loggers import EvaluationTracker
    from lm_eval.tasks import TaskManager

    class Dummy(LM):  # type: ignore[misc]
        """Says the two things in turn."""

        def loglikelihood(self, requests: Any, **_: Any) -> Any:
            raise NotImplementedError

        def loglikelihood_rolling(self, requests: Any, **_: Any) -> Any:
            raise NotImplementedError

        def generate_until(self, requests: Any, **_: Any) -> list[str]:
            return [SAID[i % 2] for i in range(len(requests))]

    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    monkeypatch.setenv("HF_DATASETS_CACHE", str(tmp_path / "cache"))
    questions = tmp_path / "questions.jsonl"
    rows = [{"question": f"Q: {i} * 12 =", "answer": str(12 * i)} for i in range(4)]
    questions.write_text("".join(json.dumps(row) + "\n" for row in rows))
    (tmp_path / "tasks").mkdir()
    (tmp_path / "tasks" / "two_sums.yaml").write_text(TASK % questions)
    folder = tmp_path / "out"
    tracker = EvaluationTracker(output_path=str(folder))
    tracker.general_config_tracker.model_source = "dummy"
    manager = TaskManager(include_path=str(tmp_path / "tasks"), include_defaults=False)
    results = lm_eval.simple_evaluate(
        model=Dummy(),
        tasks=["two_sums"],
        task_manager=manager,
        bootstrap_iters=0,
        evaluation_tracker=tracker,
    )
    tracker.general_config_tracker.model_name = "ckpts/checkpoint-100"
    tracker.general_config_tracker.model_name_sanitized = "ckpts__checkpoint-100"
    samples = results.pop("samples")
    tracker.save_results_aggregated(results=results, samples=samples)
    for name in results["configs"]:
        tracker.save_results_samples(task_name=name, samples=samples[name])
    log = read_rollouts(folder)
    series = label_run(log, default_classifier()).series
    assert log.report.rows == 4, "one line a filter is one completion"
    assert dict(zip(series.names, series.counts()[0], strict=True)) == {
        "boxed_cot": 2,
        "program_of_thought": 2,
    }
    assert series.steps.tolist() == [100]
