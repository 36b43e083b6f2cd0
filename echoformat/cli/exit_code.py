"""ExitCode: what the shell is told."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """Codes of every command."""

    OK = 0
    FINDING = 1
    USAGE = 2
    UNREADABLE = 3
    INTERNAL = 4
    INTERRUPTED = 130
    PIPE_CLOSED = 141
