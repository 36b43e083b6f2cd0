"""Settings: defaults of flags from `ECHOFORMAT_*` variables and from `[tool.echoformat]` of pyproject.toml.

A flag wins over a variable, a variable over the file. In the file, a key is a flag without its dashes:
`[tool.echoformat]` holds what commands share, `[tool.echoformat.COMMAND]` what one command takes.
"""

from __future__ import annotations

import argparse
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from echoformat.errors import UsageError, did_you_mean

PREFIX, FILE = "ECHOFORMAT_", "pyproject.toml"
SHARED = ("reading", "labelling")
WORDS = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False, "": False}

Flags = dict[str, argparse.Action]


def apply_settings(parser: argparse.ArgumentParser, command: str, folder: Path) -> None:
    """Give the parser's flags the defaults that file and environment say.

    Raises:
        UsageError: An unknown key or a value that does not fit; names where, and what is known.
    """
    flags, shared = _flags(parser._actions), _shared(parser)
    path, table = _table(folder)
    own = table.get(command, {})
    for name, value in table.items():
        if not isinstance(value, dict) and shared:
            _set(parser, shared, name, value, f"{path}: [tool.echoformat]")
    for name, value in own.items():
        _set(parser, flags, name, value, f"{path}: [tool.echoformat.{command}]")
    for name in flags:
        variable = PREFIX + name.upper().replace("-", "_")
        if variable in os.environ:
            _set(parser, flags, name, os.environ[variable], variable)


def _flags(actions: list[argparse.Action]) -> Flags:
    return {
        option.removeprefix("--"): action
        for action in actions
        for option in action.option_strings
        if option.startswith("--") and option != "--help"
    }


def _shared(parser: argparse.ArgumentParser) -> Flags:
    groups = [group for group in parser._action_groups if group.title in SHARED]
    return _flags([action for group in groups for action in group._group_actions])


def _table(folder: Path) -> tuple[Path, Mapping[str, Any]]:
    """The nearest pyproject.toml that speaks of echoformat, from the folder upwards."""
    for place in (folder, *folder.parents):
        path = place / FILE
        if not path.is_file():
            continue
        try:
            tools = tomllib.loads(path.read_text(encoding="utf-8")).get("tool", {})
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise UsageError(f"{path}: not a readable TOML file: {error}") from error
        if "echoformat" in tools:
            return path, tools["echoformat"]
    return folder / FILE, {}


def _set(parser: argparse.ArgumentParser, flags: Flags, name: str, value: Any, where: str) -> None:
    if name not in flags:
        raise UsageError(f"{where}: no key {name!r}: {did_you_mean(name, flags)}")
    action = flags[name]
    parser.set_defaults(**{action.dest: _fitting(action, value, f"{where}: {name}")})


def _fitting(action: argparse.Action, value: Any, where: str) -> Any:
    """The value as the flag takes it; argparse itself turns the text of a default into the flag's type."""
    if action.nargs == 0:
        known = value if isinstance(value, bool) else WORDS.get(str(value).lower())
        if known is None:
            raise UsageError(f"{where} = {value!r}: {did_you_mean(str(value), ('true', 'false'))}")
        return known
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise UsageError(f"{where} = {value!r} is of the wrong kind")
    if action.choices is not None and value not in action.choices:
        raise UsageError(f"{where} = {value!r}: {did_you_mean(str(value), map(str, action.choices))}")
    return str(value)
