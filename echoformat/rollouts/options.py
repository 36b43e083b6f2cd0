"""What the caller may say about a log: column names, where the step is, how thinking is joined."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from typing import Any

from echoformat.errors import UsageError
from echoformat.rollouts.steps import step_pattern


@dataclass(frozen=True, slots=True)
class Columns:
    """Names of columns that override what the readers find; ``None`` leaves a column to them.

    A dot reaches into nested records (``completion="model.output"``).

    Example:
        >>> Columns(completion="output", reward="score").given()
        {'completion': 'output', 'reward': 'score'}
    """

    completion: str | None = None
    prompt: str | None = None
    step: str | None = None
    reward: str | None = None
    run: str | None = None
    split: str | None = None
    problem: str | None = None
    correct: str | None = None
    truncated: str | None = None
    tokens: str | None = None
    reasoning: str | None = None

    def given(self) -> dict[str, str]:
        """The overrides that were given, by role."""
        return {f.name: value for f in fields(self) if (value := getattr(self, f.name)) is not None}


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """The arguments of ``read_rollouts`` that readers look at.

    Attributes:
        columns: Column overrides; any of them sends a file to the generic reader.
        step_from: ``"path"``, ``"line"``, ``"file"`` or a regular expression with one group for paths.
        apart: Whether thinking that the log keeps apart stays out of the text.
        tokenizer: A tokenizer (anything with ``decode``), or the folder of one.
        strict: Whether the first bad row raises.
    """

    columns: Columns = Columns()
    step_from: str | None = None
    apart: bool = False
    tokenizer: Any = None
    strict: bool = False

    def pattern(self) -> re.Pattern[str] | None:
        """The user's own pattern for the step in a path."""
        if self.step_from in (None, "path", "line", "file"):
            return None
        return step_pattern(str(self.step_from))


def checked_reasoning(reasoning: str) -> bool:
    """Whether thinking stays apart.

    Raises:
        UsageError: Neither ``"join"`` nor ``"apart"``.
    """
    if reasoning not in ("join", "apart"):
        raise UsageError(f"reasoning={reasoning!r} is unknown; say 'join' (default) or 'apart'")
    return reasoning == "apart"
