"""What a machine without a compiler would do, in a process that has the compiled part."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from echoformat.compiled import SWITCH


@contextmanager
def nothing_compiled() -> Iterator[None]:
    """The compiled part is switched off inside; what is made inside does without it for good."""
    before = os.environ.get(SWITCH)
    os.environ[SWITCH] = "0"
    try:
        yield
    finally:
        if before is None:
            del os.environ[SWITCH]
        else:
            os.environ[SWITCH] = before
