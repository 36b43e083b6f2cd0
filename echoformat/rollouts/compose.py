"""composed(): one completion out of what a reader found, thinking joined, shapes counted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from echoformat.completion import Completion
from echoformat.rollouts.columns import is_correctness, number, truth
from echoformat.rollouts.file import LogFile
from echoformat.rollouts.texts import joined, prompt_text, said


def composed(
    file: LogFile,
    line: int,
    value: Any,
    *,
    prompt: Any = None,
    reasoning: str | None = None,
    reward: Any = None,
    rewards: Mapping[str, Any] | None = None,
    correct: Any = None,
    **rest: Any,
) -> Completion:
    """Build a completion.

    Args:
        file: The file that it stands in.
        line: Its line or row there.
        value: The completion as logged: text, message or messages.
        prompt: The prompt as logged.
        reasoning: Thinking that the log keeps in a place of its own.
        reward: The total; without one, the sum of ``rewards``.
        rewards: Named rewards; what is no number is left out.
        correct: As logged; without it, the first of ``rewards`` whose name speaks of correctness.
        rest: Further attributes of ``Completion``.
    """
    text, thinking, shape = said(value)
    file.report.shapes[shape] += 1
    thinking = reasoning or thinking
    named = {name: got for name, one in (rewards or {}).items() if (got := number(one)) is not None}
    total = number(reward)
    if total is None and named:
        total = sum(named.values())
    if correct is None:
        correct = next((got for name, got in named.items() if is_correctness(name)), None)
    return Completion(
        text if file.options.apart else joined(text, thinking),
        prompt=prompt_text(prompt),
        reasoning=thinking or None,
        reward=total,
        rewards=named,
        correct=truth(correct),
        source=f"{file.path}:{line}",
        **rest,
    )


def item(values: Any, index: int) -> Any:
    """The entry of one completion in a column that lists its group's; ``None`` where there is none."""
    return values[index] if isinstance(values, list | tuple) and index < len(values) else None


def a_list(value: Any) -> list[Any]:
    """The value where it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def told(record: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """Those of the named columns that a record has, for a completion's extras."""
    return {name: record[name] for name in names if record.get(name) is not None}
