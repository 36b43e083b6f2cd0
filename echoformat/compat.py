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


def needs_execution(text: str) -> bool:
    """Whether the study's label of this text turns on whether its first `<llm-code>` block yields a value.

    Then the label is ``llm-code`` if it does and ``tinygsm-code`` if it does not. Everywhere else our reading
    of the rule and the study's agree without running anything.

    Example:
        >>> needs_execution("<llm-code>\\n1 / 0\\n</llm-code> is undefined")
        True
    """
    at = text.find(OPEN)
    return at >= 0 and text.find(CLOSE, at) >= 0 and "def" in text


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
