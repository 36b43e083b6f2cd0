"""--fail-on: a condition on named figures, read by a small parser; nothing of it is ever executed.

condition  = clause ("or" clause)*
clause     = comparison ("and" comparison)*
comparison = name (">" | ">=" | "<" | "<=" | "==" | "!=") number
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import regex

from echoformat.errors import UsageError, did_you_mean

OPERATORS: dict[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    "<": operator.lt,
}
_COMPARISON = regex.compile(r"\s*([A-Za-z_][\w.:-]*)\s*(>=|<=|==|!=|>|<)\s*([-+]?[\w.+-]+)\s*")
_OR, _AND = regex.compile(r"\bor\b"), regex.compile(r"\band\b")


@dataclass(frozen=True, slots=True)
class Comparison:
    """A named figure against a number."""

    name: str
    sign: str
    number: float

    def holds(self, figures: Mapping[str, float | None]) -> bool:
        """Whether the figure is there and meets the comparison.

        Raises:
            UsageError: No figure of that name.
        """
        if self.name not in figures:
            raise UsageError(f"--fail-on: no figure {self.name!r}: {did_you_mean(self.name, figures)}")
        value = figures[self.name]
        return value is not None and OPERATORS[self.sign](value, self.number)


@dataclass(frozen=True, slots=True)
class Condition:
    """Clauses of comparisons: any clause, all of its comparisons.

    Example:
        >>> parse_condition("dominant_share>0.95 and accuracy < .5").holds(
        ...     {"dominant_share": 0.97, "accuracy": 0.4})
        True
    """

    text: str
    clauses: tuple[tuple[Comparison, ...], ...]

    def holds(self, figures: Mapping[str, float | None]) -> bool:
        """Whether the condition is met. Figures that are not known (``None``) meet nothing.

        Raises:
            UsageError: It names a figure that there is not.
        """
        met = [[comparison.holds(figures) for comparison in clause] for clause in self.clauses]
        return any(all(clause) for clause in met)


def parse_condition(text: str) -> Condition:
    """Read a condition.

    Raises:
        UsageError: It is no condition; says which part and what it should look like.

    Example:
        >>> parse_condition("__import__('os')")
        Traceback (most recent call last):
        echoformat.errors.UsageError: --fail-on: cannot read "__import__('os')"; write NAME > NUMBER, ...
    """
    clauses = tuple(tuple(_comparison(part) for part in _AND.split(clause)) for clause in _OR.split(text))
    return Condition(text, clauses)


def _comparison(part: str) -> Comparison:
    found = _COMPARISON.fullmatch(part)
    try:
        if found is None:
            raise ValueError
        return Comparison(found[1], found[2], float(found[3]))
    except ValueError:
        raise UsageError(
            f'--fail-on: cannot read "{part.strip()}"; write NAME > NUMBER, joined by "and" or "or"'
        ) from None
