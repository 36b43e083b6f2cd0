"""Tinker cookbook: ``iteration_{N}/train_logtree.json``, a page as a tree with conversations as data.

The text stands in the tree only (of the first groups of an iteration; ``num_groups_to_log``), and so do
the parts of the reward; ``train_rollout_summaries.jsonl`` beside it has rewards of all groups and no
text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from echoformat.completion import Completion
from echoformat.rollouts.compose import composed
from echoformat.rollouts.file import LogFile


class Tinker:
    """A tree with ``title`` and ``root``."""

    name = "tinker"
    title = "Tinker cookbook log trees"
    source = "https://github.com/thinking-machines-lab/tinker-cookbook"

    def sniff(self, file: LogFile) -> bool:
        """That tree."""
        return {"title", "root"} <= file.keys and isinstance(file.first["root"], Mapping)

    def read(self, file: LogFile) -> Iterator[Completion]:
        """Each conversation in which the policy spoke, with the prompt before it and the reward after it."""
        split = "eval" if file.name.startswith("eval") else "train" if file.name.startswith("train") else ""
        file.read.columns.update({"data.messages": "prompt and completion", "Reward": "reward"})
        file.report.note("Tinker logs the text of the first groups of an iteration only (num_groups_to_log)")
        for line, page in file.rows():
            for prompt, answer, parts in _spoken(page.get("root") if isinstance(page, Mapping) else None):
                yield composed(
                    file,
                    line,
                    answer,
                    prompt=prompt,
                    reward=parts.get("reward"),
                    rewards=parts,
                    correct=parts.get("correct"),
                    split=split,
                )


def _spoken(root: Any) -> Iterator[tuple[list[Any], list[Any], dict[str, str]]]:
    prompt: list[Any] = []
    answer: list[Any] | None = None
    parts: dict[str, str] = {}
    for kind, value in _events(root):
        if kind == "row" and answer is not None:
            parts.setdefault(value[0], value[1])
        elif kind == "conversation":
            if answer is not None:
                yield prompt, answer, parts
            own = [turn for turn in value if isinstance(turn, Mapping) and turn.get("role") == "assistant"]
            before = [turn for turn in value if turn not in own]
            prompt = before or prompt
            answer, parts = (own, {}) if own else (None, {})
    if answer is not None:
        yield prompt, answer, parts


def _events(root: Any) -> Iterator[tuple[str, Any]]:
    """Conversations and two-cell table rows in the order of the page; walked without recursion."""
    stack = [root]
    while stack:
        node = stack.pop()
        if not isinstance(node, Mapping):
            continue
        data, below = node.get("data"), node.get("children")
        if isinstance(data, Mapping) and isinstance(data.get("messages"), list):
            yield "conversation", data["messages"]
        children = below if isinstance(below, list) else []
        cells = [_cell(child) for child in children] if node.get("tag") == "tr" else []
        if len(cells) == 2 and None not in cells:
            yield "row", cells
        else:
            stack.extend(reversed(children))


def _cell(node: Any) -> str | None:
    inside = node.get("children") if isinstance(node, Mapping) and node.get("tag") == "td" else None
    return inside[0] if isinstance(inside, list) and len(inside) == 1 and isinstance(inside[0], str) else None


READER = Tinker()
