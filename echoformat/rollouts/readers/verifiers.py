"""Traces of verifiers (0.2 and later) and of prime-rl's runs: a graph of messages a trace.

One line holds an Episode with its ``traces`` (0.3 and later, prime-rl) or a bare trace (0.2). The
policy's turns are the nodes marked ``sampled``; the others are the prompt and the environment. prime-rl
writes each step twice: ``all`` holds what ``effective`` holds and the rollouts that were filtered out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from echoformat.completion import Completion
from echoformat.rollouts.columns import number, whole
from echoformat.rollouts.compose import composed
from echoformat.rollouts.file import LogFile
from echoformat.rollouts.steps import split_of, step_of


class Verifiers:
    """``traces.jsonl``."""

    name = "verifiers"
    title = "verifiers and prime-rl traces"
    source = "https://github.com/PrimeIntellect-ai/verifiers"

    def sniff(self, file: LogFile) -> bool:
        """Traces with nodes, or one trace."""
        return isinstance(file.first, Mapping) and any(
            _nodes(trace) is not None for trace in _traces(file.first)
        )

    def chosen(self, files: Sequence[LogFile]) -> Mapping[str, str]:
        """Pass over ``effective`` where ``all`` is read too."""
        paths = {file.path for file in files}
        return {
            file.path: "the same rollouts stand in all/"
            for file in files
            if "/effective/" in file.path and file.path.replace("/effective/", "/all/") in paths
        }

    def read(self, file: LogFile) -> Iterator[Completion]:
        """Each trace of each line."""
        file.read.columns.update({"nodes (sampled)": "completion", "nodes": "prompt", "rewards": "reward"})
        for line, record in file.rows():
            traces = _traces(record) if isinstance(record, Mapping) else []
            if not traces:
                file.bad_row("no trace in this line", line)
            for trace in traces:
                yield _completion(file, line, record, trace)


def _completion(file: LogFile, line: int, episode: Mapping[str, Any], trace: Mapping[str, Any]) -> Completion:
    nodes = [node for node in _nodes(trace) or [] if isinstance(node, Mapping)]
    sampled = [node.get("message") for node in nodes if node.get("sampled")]
    first = next((i for i, node in enumerate(nodes) if node.get("sampled")), len(nodes))
    rewards = _inner(trace, "rewards")
    work = _inner(episode, "run", "work")
    stop = str(trace.get("stop_condition") or "")
    return composed(
        file,
        line,
        sampled or None,
        prompt=[node.get("message") for node in nodes[:first]],
        reward=_total(rewards),
        rewards=rewards,
        step=step_of(work.get("step")),
        split=split_of(work.get("type")),
        problem=_problem(trace) or _problem(episode),
        tokens=whole(trace.get("num_output_tokens")) or None,
        truncated=(bool(trace.get("is_truncated")) or "length" in stop or "max_" in stop) if stop else None,
        extras={"metrics": trace.get("metrics") or {}, "advantage": _inner(trace, "info").get("advantage")},
    )


def _total(rewards: Mapping[str, Any]) -> float | None:
    """The weighted sum that the trainer used."""
    parts = [
        (number(one.get("score")) or 0.0) * (1.0 if (w := number(one.get("weight"))) is None else w)
        for one in rewards.values()
        if isinstance(one, Mapping)
    ]
    return sum(parts) if parts else None


def _problem(record: Mapping[str, Any]) -> str:
    data = _inner(record, "task", "data")
    found = next(
        (data[key] for key in ("id", "idx") if data.get(key) is not None), _inner(record, "task").get("key")
    )
    return "" if found is None else str(found)


def _inner(record: Mapping[str, Any], *keys: str) -> Mapping[str, Any]:
    found: Any = record
    for key in keys:
        found = found.get(key) if isinstance(found, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def _traces(record: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    traces = record.get("traces", [record])
    return [trace for trace in traces if isinstance(trace, Mapping)] if isinstance(traces, list) else []


def _nodes(trace: Mapping[str, Any]) -> list[Any] | None:
    nodes = trace.get("nodes")
    return nodes if isinstance(nodes, list) else None


READER = Verifiers()
