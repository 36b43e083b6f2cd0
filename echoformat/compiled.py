"""The compiled part of the package, where there is one.

It is built from `echoformat/csrc` when the package is installed and a C compiler is at hand; without it, and
with ``ECHOFORMAT_NATIVE=0``, the same work is done in Python on numpy and RE2, with the same labels, slower.
"""

from __future__ import annotations

import os
from enum import StrEnum
from types import ModuleType
from typing import Any

try:
    import echoformat._native as _built
except ImportError:
    _built = None  # type: ignore[assignment]

SWITCH = "ECHOFORMAT_NATIVE"
# What this code expects of the compiled part; `EF_REVISION` in csrc/native.h. Raise both when what it offers
# changes, so that one that an older checkout left behind is not used.
REVISION = 11
_usable = _built if getattr(_built, "REVISION", None) == REVISION else None
# Asked several times a text, where what `os.environ.get` costs would be a tenth of a look.
_environment: Any = getattr(os.environ, "_data", os.environ)
_is_raw = _environment is not os.environ
_SWITCH: Any = os.environ.encodekey(SWITCH) if _is_raw else SWITCH
_OFF: Any = os.environ.encodevalue("0") if _is_raw else "0"


def native() -> ModuleType | None:
    """The compiled module; ``None`` where it was not built, is switched off, or belongs to other code."""
    return None if _environment.get(_SWITCH) == _OFF else _usable


class State(StrEnum):
    """What has become of the compiled part."""

    USED = "used"
    OFF = "switched off"
    OTHER = "built from other code: install again"
    MISSING = "not built: needs a C compiler when installing"


def state() -> State:
    """Whether the compiled part is used, and why not.

    Example:
        >>> state() in State
        True
    """
    if os.environ.get(SWITCH) == "0":
        return State.OFF
    if _built is None:
        return State.MISSING
    return State.OTHER if _usable is None else State.USED
