"""Which column is what: by name, and by what the first record holds there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import isfinite
from typing import Any

NAMES: dict[str, tuple[str, ...]] = {
    "completion": (
        "completion",
        "completions",
        "response",
        "responses",
        "output",
        "outputs",
        "generation",
        "generations",
        "generated_text",
        "generated",
        "generated_answer",
        "generated_output",
        "model_output",
        "model_response",
        "output_text",
        "output_response",
        "rollout",
        "rollouts",
        "prediction",
        "predictions",
        "model_answer",
        "solution_str",
        "assistant",
        "messages",
        "conversation",
        "conversations",
        "code",
        "text",
    ),
    "prompt": (
        "prompt",
        "input",
        "input_prompt",
        "question",
        "problem",
        "query",
        "instruction",
        "prompt_text",
        "full_prompt",
        "prompts",
        "origin_prompt",
    ),
    "step": (
        "step",
        "global_step",
        "training_step",
        "train_step",
        "trainer_step",
        "optimizer_step",
        "gen_step",
        "iteration",
        "iter",
        "steps",
        "weight_version",
        "policy_version",
        "update",
        "checkpoint",
        "rollout_id",
    ),
    "run": ("run_id", "run", "run_name", "experiment_name", "exp_name", "experiment"),
    "split": ("split", "mode", "phase"),
    "problem": (
        "problem_id",
        "prompt_id",
        "question_id",
        "example_id",
        "group_id",
        "doc_id",
        "prompt_idx",
        "problem_idx",
        "question_idx",
        "example_idx",
        "group_index",
        "group_idx",
        "task_id",
    ),
    "reward": (
        "reward",
        "score",
        "total_reward",
        "rewards",
        "scores",
        "final_reward",
        "reward_score",
        "return",
    ),
    "truncated": ("truncated", "is_truncated", "clipped", "is_clipped", "was_truncated"),
    "finish": ("finish_reason", "stop_reason", "finish_reasons"),
    "tokens": (
        "n_tokens",
        "num_tokens",
        "completion_length",
        "completion_tokens",
        "response_length",
        "response_tokens",
        "num_generated_tokens",
        "num_output_tokens",
        "output_tokens",
        "generated_tokens",
        "completion_len",
        "response_len",
    ),
    "reasoning": ("reasoning_content", "reasoning", "thinking", "reasoning_text"),
}
"""Column names by role, the likelier first; letter case does not count."""

NO_REWARD = (
    "advantage",
    "entropy",
    "length",
    "logp",
    "len",
    "_id",
    "idx",
    "index",
    "tokens",
    "time",
    "kl",
    "seed",
)
"""Parts of names of numeric columns that are no reward."""


def looked_up(names: Iterable[str]) -> dict[str, list[str]]:
    """Columns that may serve a role by their names, the likelier first.

    Example:
        >>> looked_up(["question", "Response", "global_step", "score", "text"])
        {'completion': ['Response', 'text'], 'prompt': ['question'], 'step': ['global_step'],
        'reward': ['score']}
    """
    by_lower = {name.lower(): name for name in reversed(list(names)) if isinstance(name, str)}
    found = {role: [by_lower[k] for k in known if k in by_lower] for role, known in NAMES.items()}
    return {role: names for role, names in found.items() if names}


def is_correctness(name: str) -> bool:
    """Whether a column's name says that it holds whether the answer was right.

    ``acc``, ``em``, ``exact_match``, and every name with ``accuracy`` or ``correct`` in it, unless it
    speaks of the format or of the incorrect.

    Example:
        >>> [is_correctness(n) for n in ("acc", "accuracy_reward", "is_correct", "correct_format", "score")]
        [True, True, True, False, False]
    """
    low = name.lower()
    if "format" in low or "incorrect" in low:
        return False
    if low in ("acc", "em", "exact_match", "extractive_match", "passed", "pass", "solved", "math_verify"):
        return True
    return "accuracy" in low or "correct" in low or low.startswith(("acc_", "exact_match"))


def is_reward(name: str, value: Any) -> bool:
    """Whether a column may be a reward: a number, and not by its name something else.

    Example:
        >>> is_reward("rew", 0.5), is_reward("advantage", 0.5), is_reward("rew", "0.5")
        (True, False, False)
    """
    low = name.lower()
    return isinstance(value, int | float) and not any(part in low for part in NO_REWARD)


def names_reward(name: str) -> bool:
    """Whether a column's name alone says reward or score."""
    low = name.lower()
    return ("reward" in low or "score" in low) and not any(part in low for part in NO_REWARD)


def number(value: Any) -> float | None:
    """A reward as a float: numbers, booleans, number texts, lists of one; per-token lists are summed.

    What is no number, and what is not finite, is ``None``.

    Example:
        >>> [number(v) for v in (1, True, "0.5", [1.0], [0.0, 0.0, 1.0], None, "C", float("nan"))]
        [1.0, 1.0, 0.5, 1.0, 1.0, None, None, None]
    """
    kind = type(value)
    if kind is float:
        return value if isfinite(value) else None
    if kind is int or kind is bool:
        return _finite(value)
    if kind is str:
        low = value.strip().lower()
        if low in ("true", "false"):
            return 1.0 if low == "true" else 0.0
        return _finite(low) if 0 < len(low) < 64 and "_" not in low else None
    if isinstance(value, list | tuple):
        inner = [one for one in map(number, value) if one is not None]
        return sum(inner) if inner else None
    if isinstance(value, Mapping):
        return number(next((value[key] for key in ("score", "reward", "value") if key in value), None))
    return None if value is None else _finite(value)


def _finite(value: Any) -> float | None:
    try:
        parsed = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return parsed if isfinite(parsed) else None


def truth(value: Any) -> bool | None:
    """Whether an answer was right: ``True``, ``1``, ``1.0``, ``"true"``, ``"C"``; a fraction says neither.

    Example:
        >>> [truth(v) for v in (1, 0.0, True, "True", "C", "I", 0.25, None)]
        [True, False, True, True, True, False, None, None]
    """
    if value is True or value is False:
        return value
    if type(value) is str and value in ("C", "I"):
        return value == "C"
    parsed = number(value)
    return {1.0: True, 0.0: False}.get(parsed) if parsed is not None else None


def cut_off(reason: Any) -> bool | None:
    """Whether a finish reason says that generation was cut off.

    Example:
        >>> cut_off("length"), cut_off("stop"), cut_off(None)
        (True, False, None)
    """
    if not isinstance(reason, str) or not reason:
        return None
    return reason.lower() in (
        "length",
        "max_tokens",
        "max_length",
        "truncated",
        "model_length",
        "max_new_tokens",
    )


def whole(value: Any) -> int | None:
    """A count of tokens, where the value is one."""
    if type(value) is int:
        return value
    parsed = number(value) if not isinstance(value, list | tuple | Mapping) else None
    return int(parsed) if parsed is not None and abs(parsed) < 1e15 and parsed.is_integer() else None
