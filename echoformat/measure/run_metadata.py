"""What was set for a run: read from `runs.toml`, from a log's columns, or given."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from pathlib import Path
from typing import Any

from echoformat.errors import InputError, did_you_mean


class Decoding(StrEnum):
    """How completions were chosen. Greedy shares differ from sampled ones: never compare across."""

    SAMPLED = "sampled"
    GREEDY = "greedy"


@dataclass(frozen=True, slots=True)
class RunMetadata:
    """Settings of one run; ``None`` where unknown.

    Attributes:
        kl_coefficient: Nominal coefficient of the KL penalty.
        parameters: Number of model parameters.
        mixture: Name of the pretraining mixture.
        algorithm: Training algorithm.
        seed: Random seed.
        decoding: How completions were chosen.
        pretraining: Share of each format in the pretraining mixture.
    """

    kl_coefficient: float | None = None
    parameters: int | None = None
    mixture: str | None = None
    algorithm: str | None = None
    seed: int | None = None
    decoding: Decoding | None = None
    pretraining: Mapping[str, float] | None = None

    def to_dict(self) -> dict[str, Any]:
        """The fields by name."""
        return asdict(self)


NAMES = tuple(field.name for field in fields(RunMetadata))
ALIASES = {
    "kl_coef": "kl_coefficient",
    "kl": "kl_coefficient",
    "beta": "kl_coefficient",
    "model_params": "parameters",
    "params": "parameters",
    "algo": "algorithm",
}


def run_metadata(values: Mapping[str, Any], *, where: str = "run metadata") -> RunMetadata:
    """Metadata from named values, as a table of `runs.toml` or the columns of a log hold them.

    Args:
        values: By field name; ``kl_coef``, ``kl``, ``beta``, ``model_params``, ``params`` and ``algo`` are
            understood. ``mixture`` may be a name or a table of shares, which is named after its shares.
        where: Place of the values, for messages.

    Raises:
        InputError: A name that does not exist, or a value of the wrong kind.

    Example:
        >>> run_metadata({"kl_coef": 0.01, "mixture": {"tinygsm": 1, "openmath1": 3}}).mixture
        'openmath1 75% + tinygsm 25%'
    """
    known: dict[str, Any] = {}
    for name, value in values.items():
        field = ALIASES.get(name, name)
        if field not in NAMES:
            raise InputError(f"no setting {name!r}: {did_you_mean(name, [*NAMES, *ALIASES])}", path=where)
        known[field] = value
    mixture = known.get("mixture")
    if isinstance(mixture, Mapping):
        known["pretraining"] = _shares(mixture, where)
        known["mixture"] = _mixture_name(known["pretraining"])
    elif known.get("pretraining") is not None:
        known["pretraining"] = _shares(known["pretraining"], where)
        known.setdefault("mixture", _mixture_name(known["pretraining"]))
    return RunMetadata(**{name: _READERS[name](value, name, where) for name, value in known.items()})


def _shares(value: Any, where: str) -> dict[str, float]:
    numbers = isinstance(value, Mapping) and all(_is_number(x) and x >= 0 for x in value.values())
    if not numbers or not sum(value.values()) > 0:
        raise InputError(f"a mixture is a table of formats and shares, got {value!r}", path=where)
    whole = sum(value.values())
    return {str(name): float(x) / whole for name, x in sorted(value.items())}


def _mixture_name(shares: Mapping[str, float]) -> str:
    return " + ".join(f"{name} {100 * share:.0f}%" for name, share in shares.items() if share > 0)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _amount(value: Any, name: str, where: str) -> float:
    if not _is_number(value) or not value >= 0:
        raise InputError(f"{name} is {value!r}; give a number from 0", path=where)
    return float(value)


def _whole(value: Any, name: str, where: str) -> int:
    if not _is_number(value) or value != int(value):
        raise InputError(f"{name} is {value!r}; give a whole number", path=where)
    return int(value)


def _word(value: Any, name: str, where: str) -> str:
    if not isinstance(value, str) or not value:
        raise InputError(f"{name} is {value!r}; give a name", path=where)
    return value


def _decoding(value: Any, name: str, where: str) -> Decoding:
    try:
        return Decoding(value)
    except ValueError as error:
        known = did_you_mean(str(value), [kind.value for kind in Decoding])
        raise InputError(f"{name} is {value!r}: {known}", path=where) from error


def _kept(value: Any, name: str, where: str) -> Any:
    return value


_READERS = {
    "kl_coefficient": _amount,
    "parameters": _whole,
    "mixture": _word,
    "algorithm": _word,
    "seed": _whole,
    "decoding": _decoding,
    "pretraining": _kept,
}


def read_run_metadata(path: str | Path) -> dict[str, RunMetadata]:
    """Metadata of every run in a `runs.toml`: one table ``[runs.NAME]`` a run.

    Values under ``[defaults]`` hold for every run that does not set them.

    Args:
        path: The file.

    Returns:
        Metadata by name of the run.

    Raises:
        InputError: A file that cannot be read or parsed, no ``[runs]``, or a setting that is unknown or
            wrong.

    Example:
        >>> read_run_metadata("no-such-runs.toml")
        Traceback (most recent call last):
        ...
        echoformat.errors.InputError: no-such-runs.toml: cannot be read...
    """
    try:
        document = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot be read: {error}", path=path) from error
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"is not TOML: {error}", path=path) from error
    tables, defaults = document.get("runs"), document.get("defaults", {})
    for name in document:
        if name not in ("runs", "defaults"):
            raise InputError(f"no table {name!r}: {did_you_mean(name, ['runs', 'defaults'])}", path=path)
    if not isinstance(tables, dict) or not isinstance(defaults, dict) or not tables:
        raise InputError(
            'has no table [runs.NAME]; add one for every run, such as [runs."kl 0.01"]', path=path
        )
    for name, table in tables.items():
        if not isinstance(table, dict):
            raise InputError(f"runs.{name} is {table!r}; make it a table [runs.{name}]", path=path)
    return {
        name: run_metadata({**defaults, **table}, where=f"{path} [runs.{name}]")
        for name, table in tables.items()
    }
