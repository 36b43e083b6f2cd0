"""What can go wrong, told once.

Callers' mistakes raise one of these; odd rollouts never do: a completion that no one can read gets a
label with a reason, a log line that no one can parse is counted in the read report. Every message says
the value that was wrong, the place it stands at, the names that exist, and what to do next.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class EchoformatError(Exception):
    """Base of everything echoformat raises on purpose."""


class UsageError(EchoformatError, ValueError):
    """The caller asked for something that does not exist or does not fit (CLI exit code 2)."""


class InputError(EchoformatError):
    """A file or a row that cannot be used, with its place.

    Args:
        message: What is wrong and what to do about it.
        path: The file.
        line: 1-based line or row number, where known.
        offset: Byte offset in the (decompressed) file, where known.
    """

    def __init__(
        self, message: str, *, path: object = None, line: int | None = None, offset: int | None = None
    ) -> None:
        self.path, self.line, self.offset = path, line, offset
        place = "" if path is None else f"{path}" + ("" if line is None else f":{line}")
        at = "" if offset is None else f" (byte {offset})"
        super().__init__(f"{place}{at}: {message}" if place else message + at)


class ModelError(EchoformatError):
    """Model weights that are damaged, foreign, or of another taxonomy."""


class MissingExtra(EchoformatError, ImportError):
    """An optional dependency is needed and absent; the message holds the install line."""

    def __init__(self, package: str, extra: str, purpose: str) -> None:
        self.package, self.extra = package, extra
        super().__init__(f"{purpose} needs {package}. Install it with: pip install 'echoformat[{extra}]'")


class EchoformatWarning(UserWarning):
    """Something a reader of the figures must know, although the work went on."""


def did_you_mean(value: str, known: Iterable[str]) -> str:
    """Name the nearest known value and list the rest, for the end of an error message.

    Example:
        >>> did_you_mean("tinygms", ["tinygsm", "gsm8k"])
        "did you mean 'tinygsm'? Known: gsm8k, tinygsm"
    """
    names = sorted(known)
    near = difflib.get_close_matches(value, names, n=1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    return f"{hint}Known: {', '.join(names) or '(none)'}"
