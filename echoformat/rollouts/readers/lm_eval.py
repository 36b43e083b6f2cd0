"""lm-evaluation-harness: ``samples_{task}_{date}.jsonl`` (``--log_samples``).

Each document stands there once for every filter with the same responses, so only the first filter's
lines count. ``resps`` holds all repeats of a document; its metrics belong to the document, so they say
whether an answer was right only where there is one response.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from echoformat.completion import Completion
from echoformat.rollouts.compose import composed, told
from echoformat.rollouts.file import LogFile


class LmEval:
    """``doc_id``, ``resps`` and ``arguments``."""

    name = "lm_eval"
    title = "lm-evaluation-harness samples"
    source = "https://github.com/EleutherAI/lm-evaluation-harness"

    def sniff(self, file: LogFile) -> bool:
        """Those columns, with texts among the responses (likelihoods are no completions)."""
        return {"doc_id", "resps"} <= file.keys and any(isinstance(r, str) for r in _responses(file.first))

    def read(self, file: LogFile) -> Iterator[Completion]:
        """Each response of each document, once."""
        first = file.first.get("filter") if isinstance(file.first, Mapping) else None
        file.read.columns.update({"resps": "completion", "arguments": "prompt", "doc_id": "problem"})
        for line, record in file.rows():
            if not isinstance(record, Mapping):
                file.bad_row("a row is not an object", line)
            elif record.get("filter") != first:
                reason = f"lm-eval writes each document once per filter; {first!r} was read"
                file.report.repeats[reason] += len(_responses(record))
            else:
                yield from _completions(file, line, record)


def _completions(file: LogFile, line: int, record: Mapping[str, Any]) -> Iterator[Completion]:
    responses = _responses(record)
    prompt, settings = _arguments(record.get("arguments"))
    if "temperature" in settings or "do_sample" in settings:
        sampled = settings.get("do_sample", True) is not False and settings.get("temperature", 1) != 0
        file.facts["decoding"] = "sampled" if sampled else "greedy"
    named = record.get("metrics") if isinstance(record.get("metrics"), list) else []
    metrics = told(record, *(name for name in named or [] if isinstance(name, str)))
    for response in responses:
        yield composed(
            file,
            line,
            response,
            prompt=prompt,
            rewards=metrics if len(responses) == 1 else {},
            split="eval",
            problem=str(record.get("doc_hash") or record.get("doc_id", "")),
            extras={**told(record, "target", "doc_id"), **({} if len(responses) == 1 else metrics)},
        )


def _responses(record: Any) -> list[Any]:
    resps = record.get("resps") if isinstance(record, Mapping) else None
    flat: list[Any] = []
    for one in resps if isinstance(resps, list) else []:
        flat.extend(one if isinstance(one, list) else [one])
    return flat


def _arguments(arguments: Any) -> tuple[Any, Mapping[str, Any]]:
    """Prompt and generation settings, as a mapping (0.4) or as pairs (before)."""
    if isinstance(arguments, Mapping):
        arguments = [list(one.values()) for one in arguments.values() if isinstance(one, Mapping)]
    first = arguments[0] if isinstance(arguments, list) and arguments else []
    first = first if isinstance(first, list) else [first]
    settings = next((one for one in first if isinstance(one, Mapping)), {})
    return next((one for one in first if isinstance(one, str)), None), settings


READER = LmEval()
