"""lighteval's details parquet, in three generations of columns.

0.13: structs ``doc``, ``metric``, ``model_response``; 0.10: flat ``predictions``, ``full_prompt``,
``metrics``; 0.6: the same names with every value written as Python's ``repr`` (read as literals, never
evaluated).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import Any

from echoformat.completion import Completion
from echoformat.rollouts.compose import composed, item
from echoformat.rollouts.container import Container
from echoformat.rollouts.file import LogFile

_LONGEST = 4 << 20


class Lighteval:
    """``details_{task}|{n}_{date}.parquet``."""

    name = "lighteval"
    title = "lighteval details"
    source = "https://github.com/huggingface/lighteval"

    def sniff(self, file: LogFile) -> bool:
        """Structs of a document and a response, or predictions beside a full prompt."""
        tables = (Container.PARQUET, Container.LINES, Container.ARROW)
        return file.container in tables and (
            {"doc", "model_response"} <= file.keys or {"predictions", "full_prompt"} <= file.keys
        )

    def read(self, file: LogFile) -> Iterator[Completion]:
        """Each response of each document."""
        names = ("model_response.text", "doc.query") if "doc" in file.keys else ("predictions", "full_prompt")
        file.read.columns.update({names[0]: "completion", names[1]: "prompt"})
        for row, record in file.rows():
            if not isinstance(record, Mapping):
                file.bad_row("a row is not a record", row)
                continue
            yield from _completions(file, row, record)


def _completions(file: LogFile, row: int, record: Mapping[str, Any]) -> Iterator[Completion]:
    doc, response = _mapping(record.get("doc")), _mapping(record.get("model_response"))
    texts = _literal(response.get("text") if response else record.get("predictions"))
    texts = texts if isinstance(texts, list) else [texts]
    metrics = _mapping(_literal(record.get("metric") or record.get("metrics")))
    one = len(texts) == 1
    for index, text in enumerate(texts):
        tokens = item(response.get("output_tokens"), index)
        yield composed(
            file,
            row,
            text,
            prompt=doc.get("query") or record.get("full_prompt"),
            reasoning=item(response.get("reasonings"), index) or None,
            rewards=metrics if one else {},
            split="eval",
            problem=f"{doc.get('task_name')}/{doc['id']}" if doc.get("id") is not None else "",
            tokens=len(tokens) if isinstance(tokens, list) else None,
            extras={} if one else dict(metrics),
        )


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _literal(value: Any) -> Any:
    """A list or a mapping out of its ``repr``; a text that is none stays as it is."""
    if not isinstance(value, str) or value[:1] not in ("[", "{") or len(value) > _LONGEST:
        return value
    try:
        return ast.literal_eval(value)
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return value


READER = Lighteval()
