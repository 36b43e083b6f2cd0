"""Patterns of the `regex` package that are imported and compiled when something is first looked for."""

from __future__ import annotations

from typing import Any


class LateRegex:
    """A compiled pattern, once one of its methods is asked for.

    The package and a dozen patterns are a tenth of a process's way to its first label, which seldom needs any
    of them where there is the compiled part.

    Args:
        pattern: As `regex.compile` takes it.

    Example:
        >>> LateRegex(r"[0-9]+").search("12 pens").span()
        (0, 2)
    """

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern

    def __getattr__(self, name: str) -> Any:
        """What the compiled pattern offers."""
        # A copy that is being made has nothing yet, and must not ask itself for what it lacks.
        if name.startswith("_"):
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        import regex

        found = getattr(regex.compile(self._pattern), name)
        setattr(self, name, found)
        return found
