"""The hash of a set of rules: labels of different hashes are not one series."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

from echoformat.format import Format, Pattern, Syntax

# Raise it when the way rules are found or weighed changes without a rule changing.
ENGINE_REVISION = 2


def ruleset_hash(formats: Sequence[Format]) -> str:
    """16 hex digits over everything in the formats that can change a label; their order does not.

    Example:
        >>> len(ruleset_hash([])), ruleset_hash([]) == ruleset_hash([])
        (16, True)
    """
    facts = sorted((_facts(format) for format in formats), key=lambda item: str(item["name"]))
    data = json.dumps([ENGINE_REVISION, facts], sort_keys=True).encode()
    return hashlib.blake2b(data, digest_size=8).hexdigest()


def _facts(format: Format) -> dict[str, object]:
    rules = {"patterns": [_fields(p) for p in format.patterns], "syntax": [_fields(s) for s in format.syntax]}
    return {name: getattr(format, name) for name in ("name", "family", "outranks", "ending")} | rules


def _fields(rule: Pattern | Syntax) -> dict[str, object]:
    """As `dataclasses.asdict`, which copies deeply and takes ten times as long."""
    return {name: getattr(rule, name) for name in type(rule).__slots__}
