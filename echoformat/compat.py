"""Other people's labelling rules, so that published curves can be redrawn beside ours.

`zhao2025` is the rule of the study (arXiv 2504.07912), in the parts that need no execution: a closed
`<llm-code>` block is taken to run and yield a value, which theirs executes to find out. `spurious` is the
`has_code` metric of Spurious Rewards (arXiv 2506.10947): the substring `python`, in any case.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from echoformat.errors import UsageError, did_you_mean

OPEN, CLOSE = "<llm-code>", "</llm-code>"


@dataclass(frozen=True, slots=True)
class CompatRule:
    """A published rule: its labels, with a family each, and the function from text to label."""

    name: str
    labels: tuple[str, ...]
    families: tuple[str, ...]
    label: Callable[[str], str]


def _zhao2025(text: str) -> str:
    at = text.find(OPEN)
    if at >= 0 and text.find(CLOSE, at) >= 0:
        return "llm-code"
    if "def" in text:
        return "tinygsm-code"
    return "llm-code" if at >= 0 else "text"


def _spurious(text: str) -> str:
    return "code" if "python" in text.lower() else "no-code"


COMPAT_RULES: dict[str, CompatRule] = {
    rule.name: rule
    for rule in (
        CompatRule(
            "zhao2025",
            ("llm-code", "text", "tinygsm-code"),
            ("hybrid", "natural_language", "code"),
            _zhao2025,
        ),
        CompatRule("spurious", ("code", "no-code"), ("code", "natural_language"), _spurious),
    )
}


def compat_rule(name: str) -> CompatRule:
    """The published rule of that name.

    Raises:
        UsageError: There is none.

    Example:
        >>> compat_rule("zhao2025").label("The set is undefined.")
        'tinygsm-code'
    """
    if name not in COMPAT_RULES:
        raise UsageError(f"no compat rule {name!r}: {did_you_mean(name, COMPAT_RULES)}")
    return COMPAT_RULES[name]
