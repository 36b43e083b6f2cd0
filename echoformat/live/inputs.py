"""What a training loop hands over, as columns; the sample to label; the rank of this process."""

from __future__ import annotations

import math
import os
import zlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from echoformat.completion import problem_of
from echoformat.rollouts.texts import joined, prompt_text, said

RANK_VARIABLES = ("RANK", "SLURM_PROCID", "OMPI_COMM_WORLD_RANK", "PMI_RANK")
LONGEST_PROBLEM_ID = 64


def text_of(completion: Any) -> str | None:
    r"""One completion as text: a string, or the assistant's turns of messages with their reasoning in front.

    ``None`` where there is no text.

    Example:
        >>> text_of([{"role": "assistant", "content": "4", "reasoning_content": "2 + 2"}])
        '<think>\n2 + 2\n</think>\n4'
        >>> text_of("4"), text_of(None)
        ('4', None)
    """
    if type(completion) is str:
        return completion
    found = said(completion)
    return joined(found.text, found.reasoning)


def texts_of(completions: Iterable[Any]) -> list[str | None]:
    """Every completion as text."""
    return [text_of(completion) for completion in as_list(completions)]


def as_list(values: Any) -> list[Any]:
    """A list of any row of values: list, tuple, array, tensor, column.

    Example:
        >>> as_list(np.array([1.0, 0.5]))
        [1.0, 0.5]
    """
    for method in ("tolist", "to_pylist"):
        if hasattr(values, method):
            listed = getattr(values, method)()
            return listed if isinstance(listed, list) else [listed]
    if isinstance(values, str | bytes):
        raise TypeError("one text where a row of values was expected")
    return list(values)


def number_of(value: Any) -> float:
    """A reward as a finite float, NaN where it is unknown.

    Example:
        >>> number_of(True), number_of(None), number_of(float("inf")), number_of("high")
        (1.0, nan, nan, nan)
    """
    try:
        number = float(value)
    except (TypeError, ValueError):
        return math.nan
    return number if math.isfinite(number) else math.nan


def numbers_of(values: Any) -> list[float]:
    """A column of rewards; NaN where unknown."""
    return [number_of(value) for value in as_list(values)]


def problem_id(problem: Any) -> str:
    """A short id of a problem: ids stay, prompts and messages become their hash.

    Example:
        >>> problem_id(17), problem_id("gsm8k/17")
        ('17', 'gsm8k/17')
        >>> problem_id([{"role": "user", "content": "2+2?"}]) == problem_of("2+2?")
        True
    """
    if isinstance(problem, str) and len(problem) <= LONGEST_PROBLEM_ID and "\n" not in problem:
        return problem
    if isinstance(problem, str | list | tuple | Mapping):
        return problem_of(prompt_text(problem))
    return str(problem)


def problem_ids(problems: Iterable[Any]) -> list[str]:
    """The id of each row's problem."""
    return [problem_id(problem) for problem in as_list(problems)]


def prompt_ids(prompts: Iterable[Any]) -> list[str]:
    """The id of each row's prompt, the one that a reader of the saved log gives it."""
    return [problem_of(prompt_text(prompt)) for prompt in as_list(prompts)]


def rank_of_process(environment: Mapping[str, str] = os.environ) -> int:
    """Rank of this process among those that train together; 0 where no launcher says otherwise.

    Example:
        >>> rank_of_process({"RANK": "3"}), rank_of_process({})
        (3, 0)
    """
    for name in RANK_VARIABLES:
        value = environment.get(name, "")
        if value.isascii() and value.isdigit():
            return int(value)
    return 0


def sampled_rows(size: int, most: int | None, key: Sequence[int | str]) -> list[int]:
    """Rows to label where there are more than the budget: a simple random sample, in order.

    It depends on the key alone, never on the clock, so a repeated run labels the same rows.

    Example:
        >>> sampled_rows(3, 10, [0, 1, "train"])
        [0, 1, 2]
        >>> sampled_rows(100, 3, [0, 1, "train"]) == sampled_rows(100, 3, [0, 1, "train"])
        True
    """
    if most is None or size <= most:
        return list(range(size))
    words = [zlib.crc32(part.encode()) if isinstance(part, str) else abs(int(part)) for part in key]
    rows = np.random.default_rng(words).choice(size, size=most, replace=False)
    return sorted(rows.tolist())
