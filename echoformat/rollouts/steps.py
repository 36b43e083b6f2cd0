"""The training step: as a value that a log states, or from the path of its file."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePath
from typing import Any

from echoformat.errors import UsageError

STEP_IN_PATH = re.compile(
    r"(?:global_?step|checkpoint|iteration|ckpt|step|iter)[-_=]?0*(\d{1,18})", re.IGNORECASE
)
"""What a step looks like in a file's name; of several the last counts."""

_WORD = r"(?:global_?step|checkpoint|iteration|ckpt|step|iter)"
_STEP_IN_FOLDER = re.compile(
    rf"{_WORD}[-_=]0*(\d{{1,18}})"
    rf"|(?:\A|[-.]|(?:global|ckpt|checkpoint|model|actor|policy|train|val|eval|rollouts?|data)_?){_WORD}0*(\d{{1,18}})",
    re.IGNORECASE,
)

SPLITS = {
    "train": "train",
    "training": "train",
    "eval": "eval",
    "evaluation": "eval",
    "eval-rollout": "eval",
    "val": "eval",
    "valid": "eval",
    "validation": "eval",
    "dev": "eval",
    "test": "eval",
}
"""Words that name a split, and the split they name here."""

SPLIT_FOLDER = re.compile(
    r"(train(?:ing)?|eval(?:uation)?|val|valid(?:ation)?|dev|test|(?:eval-)?rollouts?|generations?)"
    r"(?:[-_](?:data|dir|rollouts?|generations?|logs?))*\Z",
    re.IGNORECASE,
)
"""A folder that is called by its split or by what it holds, and by nothing else."""

_STATED = re.compile(r"\s*(?:.*?[^\d.+-])?([+-]?\d{1,18})(?:\.0*)?\s*\Z", re.DOTALL)


def step_of(value: Any) -> int | None:
    """A step as logs state it: an integer, ``10.0``, ``"10"`` or ``"step_10"``; else ``None``.

    A fraction, a boolean and a word without a number are no step.

    Example:
        >>> [step_of(v) for v in (3, 10.0, "10", "step_10", -1, 2.5, True, None, "last")]
        [3, 10, 10, 10, -1, None, None, None, None]
    """
    kind = type(value)
    if kind is int:
        return int(value)
    if kind is float:
        return int(value) if value.is_integer() else None
    if kind is str:
        found = _STATED.match(value) if len(value) < 200 else None
        return int(found[1]) if found else None
    if isinstance(value, list | tuple) and len(value) == 1:
        return step_of(value[0])
    return None


def step_in_path(path: str) -> int | None:
    """The last step that a path names (``checkpoint-100``, ``step_10``, ``iteration_000003``).

    In a folder's name, digits right behind the word count at its start, behind a dash, or with a word before
    it that belongs to training (``global_step0``, ``ckpt_step10``), not in ``results_of_step2``.

    Example:
        >>> step_in_path("run/ckpts/global_step200/eval_gsm8k_4.json")
        200
        >>> step_in_path("run/rollouts.jsonl") is None
        True
    """
    *folders, name = path.split("/")
    parts = [STEP_IN_PATH.findall(name), *(_STEP_IN_FOLDER.findall(folder) for folder in reversed(folders))]
    return next((int("".join(found[-1])) for found in parts if found), None)


def integer_part(path: str) -> int | None:
    """The last part of a path that is a bare integer, the file's stem first (``12.jsonl``, ``3/x.jsonl``).

    Example:
        >>> integer_part("run/12.jsonl"), integer_part("rollout/3/task.jsonl")
        (12, 3)
    """
    pure = PurePath(path)
    stem = pure.name.split(".")[0]
    parts = [stem, *reversed(pure.parts[:-1])]
    return next((int(part) for part in parts if part.isdecimal() and len(part) < 19), None)


def step_pattern(pattern: str) -> re.Pattern[str]:
    """Compile a user's pattern for the step in a path; it must have exactly one group.

    Raises:
        UsageError: The pattern does not compile or has no single group.
    """
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        raise UsageError(f"step_from={pattern!r} is no regular expression: {error}") from error
    if compiled.groups != 1:
        raise UsageError(
            f"step_from={pattern!r} has {compiled.groups} groups; put the step's digits in exactly one, "
            "as in r'epoch(\\d+)', or say 'path' or 'line'"
        )
    return compiled


def split_of(value: Any) -> str:
    """``"train"``, ``"eval"`` or ``""`` for what a log calls a split.

    Example:
        >>> split_of("validation"), split_of("train"), split_of("gsm8k")
        ('eval', 'train', '')
    """
    return SPLITS.get(value.lower(), "") if isinstance(value, str) else ""


def split_in_path(parts: Sequence[str]) -> str:
    """The split that a folder or a file's stem names, the innermost first.

    Example:
        >>> split_in_path(("rollouts", "step_3", "eval", "all", "traces.jsonl"))
        'eval'
        >>> split_in_path(("validation_data_dir", "3.jsonl")), split_in_path(("evaluate_me", "3.jsonl"))
        ('eval', '')
    """
    stems = [parts[-1].split(".")[0], *reversed(parts[:-1])] if parts else []
    named = (found[1].lower() for stem in stems if (found := SPLIT_FOLDER.match(stem)))
    return next((SPLITS[name] for name in named if name in SPLITS), "")
