"""The compiled part of the package, where there is one.

It is built from `echoformat/csrc` when the package is installed and a C compiler is at hand; without it, and
with ``ECHOFORMAT_NATIVE=0``, the same work is done in Python on numpy and RE2, with the same labels, slower.
"""

from __future__ import annotations

import os
from types import ModuleType

try:
    import echoformat._native as _built
except ImportError:
    _built = None  # type: ignore[assignment]

SWITCH = "ECHOFORMAT_NATIVE"


def native() -> ModuleType | None:
    """The compiled module; ``None`` where it was not built, or is switched off."""
    return None if os.environ.get(SWITCH) == "0" else _built
