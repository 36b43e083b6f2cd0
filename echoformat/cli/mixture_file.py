"""A mixture declared in a TOML file.

name = "ours"

[[source]]
name = "functions"
proportion = 3
formats = ["tinygsm"]
link = "https://example.org"     # optional
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from echoformat.errors import UsageError, did_you_mean
from echoformat.mixture import Mixture, Source

TOP_KEYS = {"name": str, "source": list}
SOURCE_KEYS = {"name": str, "proportion": (int, float), "formats": list, "link": str}


def read_mixture(path: Path) -> Mixture:
    """The mixture of a file.

    Raises:
        UsageError: No TOML, an unknown or missing key, a value of the wrong kind; names file and key.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise UsageError(f"{path}: not a readable TOML file: {error}") from error
    _check(path, "", table, TOP_KEYS, ("source",))
    try:
        sources = tuple(_source(path, number, entry) for number, entry in enumerate(table["source"], 1))
        return Mixture(table.get("name", path.stem), sources)
    except UsageError as error:
        raise UsageError(str(error) if str(path) in str(error) else f"{path}: {error}") from error


def _source(path: Path, number: int, entry: Any) -> Source:
    where = f"source {number}: "
    if not isinstance(entry, dict):
        raise UsageError(f"{path}: {where}write it as a [[source]] table")
    _check(path, where, entry, SOURCE_KEYS, ("name", "proportion", "formats"))
    if not all(isinstance(name, str) for name in entry["formats"]):
        raise UsageError(f"{path}: {where}formats must be a list of names")
    return Source(entry["name"], entry["proportion"], tuple(entry["formats"]), entry.get("link", ""))


def _check(
    path: Path, where: str, table: dict[str, Any], kinds: dict[str, Any], needed: tuple[str, ...]
) -> None:
    for key, value in table.items():
        if key not in kinds:
            raise UsageError(f"{path}: {where}no key {key!r}: {did_you_mean(key, kinds)}")
        if not isinstance(value, kinds[key]) or isinstance(value, bool):
            raise UsageError(f"{path}: {where}{key} = {value!r} is of the wrong kind")
    for key in needed:
        if key not in table:
            raise UsageError(f"{path}: {where}key {key!r} is missing")
