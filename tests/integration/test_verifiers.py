"""verifiers' own scoring of a trace, with the mixin on its task; what it saves is read back."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from echoformat.live.verifiers import FormatMetrics
from echoformat.rollouts import read_rollouts

pytestmark = pytest.mark.integration
pytest.importorskip("verifiers.v1", reason="verifiers is not installed")

SCRIPT = "ans = 3 * 12\n"


def test_every_trace_is_measured_and_read_back(tmp_path: Path) -> None:
    import verifiers.v1 as vf
    from verifiers.v1.graph import MessageNode
    from verifiers.v1.types import AssistantMessage, UserMessage
    from verifiers.v1.utils.trace_store import append_trace

    class Data(vf.TaskData):  # type: ignore[misc]
        answer: str = ""

    class Sums(FormatMetrics, vf.Task[Data]):  # type: ignore[misc]
        formats = ("program_of_thought", "boxed_cot")

        @vf.reward(weight=1.0)  # type: ignore[untyped-decorator]
        async def solved(self, trace: Any) -> float:
            return float(self.data.answer in trace.nodes[-1].message.content)

    task = Sums(Data(idx=0, prompt="3 * 12?", answer="12"))
    nodes = [
        MessageNode(message=UserMessage(content="3 * 12?")),
        MessageNode(message=AssistantMessage(content=SCRIPT), parent=0, sampled=True),
    ]
    trace = _trace(vf, task, nodes)

    async def work() -> None:
        await task.score(trace)
        await append_trace(tmp_path, trace, asyncio.Lock(), env="sums")

    asyncio.run(work())
    assert trace.metrics["echoformat/program_of_thought"] == 1.0
    assert trace.metrics["echoformat/boxed_cot"] == 0.0 and trace.reward == 1.0
    (row,) = read_rollouts(tmp_path)
    assert row.text == SCRIPT and row.reward == 1.0


def _trace(vf: Any, task: Any, nodes: list[Any]) -> Any:
    from verifiers.v1.trace import AgentInfo, TraceTask

    described = TraceTask(type=type(task).__name__, key=task.key, hash=task.hash, data=task.data)
    return vf.Trace(
        task=described, agent=AgentInfo(config=vf.AgentConfig()), nodes=nodes, is_completed=True, ok=True
    )
