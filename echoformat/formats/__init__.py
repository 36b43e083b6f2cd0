"""The shelf of formats: one declarative file each, called by the format's name."""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module

from echoformat.errors import UsageError, did_you_mean
from echoformat.format import Format


@cache
def all_formats() -> tuple[Format, ...]:
    """Every format on the shelf, by name.

    Example:
        >>> "tinygsm" in {format.name for format in all_formats()}
        True
    """
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    return tuple(import_module(f"{__name__}.{name}").FORMAT for name in names)


def get_format(name: str) -> Format:
    """The format of that name.

    Raises:
        UsageError: The shelf has none of that name.

    Example:
        >>> get_format("tinygsm").family
        'code'
    """
    for format in all_formats():
        if format.name == name:
            return format
    raise UsageError(f"no format {name!r}: {did_you_mean(name, [f.name for f in all_formats()])}")
