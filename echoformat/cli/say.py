"""say: messages go to standard error, harmless; data goes to standard output, whole."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from typing import Any

from echoformat.report.escape import visible


def say(message: str) -> None:
    """Write a message for people to standard error, control characters shown as escapes."""
    try:
        print(visible(message, keep_newlines=True), file=sys.stderr, flush=True)
    except BrokenPipeError:
        return


def show(text: str) -> None:
    """Write text for people to standard output, control characters shown as escapes."""
    print(visible(text, keep_newlines=True))


def show_json(value: Mapping[str, Any] | list[Any]) -> None:
    """Write JSON to standard output: no NaN, and ASCII only, so that no terminal acts on it."""
    print(json.dumps(value, allow_nan=False, ensure_ascii=True, indent=2))


def colour_wanted() -> bool:
    """Whether standard output takes colours: a terminal, unless NO_COLOR or FORCE_COLOR says otherwise.

    Example:
        >>> isinstance(colour_wanted(), bool)
        True
    """
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
