"""Completion: one rollout's text with what its log says about it. Every reader yields this shape."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Completion:
    """The text that a policy produced for one prompt, and where it stood in the run.

    Attributes:
        text: The completion. ``None`` where the log holds no text (kept, labelled ``empty``).
        run: Name of the run; ``""`` where only one is read.
        step: Training step of the policy that sampled it; ``None`` where the log does not say.
        split: ``"train"``, ``"eval"`` or ``""`` where unknown.
        problem: Identifies what the prompt asks; completions of one problem share it. Readers fall back
            on ``problem_of(prompt)``; ``""`` where there is not even a prompt.
        sample: Number of this completion among those of its problem at its step, from 0.
        prompt: The prompt as text, where logged.
        reasoning: Thinking that the log keeps apart from the text. Readers join it into ``text`` as a
            ``<think>`` block by default and keep it here too.
        reward: The log's scalar reward (the total where there are several).
        rewards: Every named reward column.
        correct: Whether the answer was right, where the log has it or the reward is 0/1 by name.
        truncated: Whether generation was cut off, where the log says so.
        tokens: Length in tokens, where logged.
        extras: Any other columns, untouched.
        source: ``file:line`` (or ``file[row]``) that it came from.
    """

    text: str | None
    run: str = ""
    step: int | None = None
    split: str = ""
    problem: str = ""
    sample: int = 0
    prompt: str | None = None
    reasoning: str | None = None
    reward: float | None = None
    rewards: Mapping[str, float] = field(default_factory=dict)
    correct: bool | None = None
    truncated: bool | None = None
    tokens: int | None = None
    extras: Mapping[str, Any] = field(default_factory=dict)
    source: str = ""


def problem_of(prompt: str | None) -> str:
    """A stable id for a problem that has none of its own: 16 hex digits of the prompt's BLAKE2b hash.

    Example:
        >>> problem_of("What is 2 + 2?") == problem_of("What is 2 + 2?")
        True
        >>> problem_of(None)
        ''
    """
    if prompt is None:
        return ""
    data = prompt.encode("utf-8", "surrogatepass")
    return hashlib.blake2b(data, digest_size=8).hexdigest()
