"""The shelf of formats: one declarative file each, called by the format's name."""

from __future__ import annotations

import os
import pkgutil
import warnings
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from echoformat.entry_points import entry_points
from echoformat.errors import EchoformatWarning, UsageError, did_you_mean
from echoformat.format import Format

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "echoformat.formats"
"""Entry point group for formats of other packages; an entry point names a `Format`."""


@cache
def shelf_formats() -> tuple[Format, ...]:
    """Every format of this package, by name."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    return tuple(import_module(f"{__name__}.{name}").FORMAT for name in names)


@cache
def installed_formats() -> tuple[tuple[Format, ...], tuple[str, ...]]:
    """Formats that installed packages bring, and what was wrong with those left out."""
    found: dict[str, Format] = {}
    wrong = []
    if os.environ.get("ECHOFORMAT_NO_PLUGINS"):
        return (), ()
    taken = {format.name for format in shelf_formats()}
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name):
        try:
            format = _loaded(entry, taken | set(found))
        except (Exception, SystemExit) as error:
            wrong.append(f"format {entry.name} ({entry.value}) is left out: {type(error).__name__}: {error}")
        else:
            found[format.name] = format
    return tuple(found[name] for name in sorted(found)), tuple(wrong)


def _loaded(entry: EntryPoint, taken: set[str]) -> Format:
    format = entry.load()
    if not isinstance(format, Format):
        raise TypeError(f"it is a {type(format).__name__}, not a Format")
    if format.name in taken:
        raise UsageError(f"there is already a format {format.name!r}; give it another name")
    return format


@cache
def all_formats() -> tuple[Format, ...]:
    """Every format there is, by name: those of the shelf, then those that installed packages bring.

    Warns:
        EchoformatWarning: A package brings a format that does not load or whose name is taken; it is left out.

    Example:
        >>> "tinygsm" in {format.name for format in all_formats()}
        True
    """
    installed, wrong = installed_formats()
    if wrong:
        warnings.warn("; ".join(wrong), EchoformatWarning, stacklevel=2)
    return (*shelf_formats(), *installed)


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
