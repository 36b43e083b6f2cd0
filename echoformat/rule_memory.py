"""Rules' verdicts remembered by the combination that fired: completions repeat many of them, and runs that
collapse nearly all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np

from echoformat.rule_columns import RuleColumns, RuleVerdicts

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_REMEMBERED = 32_768
FIRST_ROOM = 1024
COLUMNS = tuple(field.name for field in fields(RuleVerdicts))


class RuleMemory:
    """Decides for many completions, and for each combination of rules only once.

    Args:
        columns: Decides what is new.
    """

    def __init__(self, columns: RuleColumns) -> None:
        self.columns = columns
        self._known = _Known()

    def __getstate__(self) -> dict[str, Any]:
        return {"columns": self.columns}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.columns = state["columns"]
        self._known = _Known()

    def __call__(self, fired: NDArray[np.bool_]) -> RuleVerdicts:
        """The verdicts, as `RuleColumns` says them.

        Args:
            fired: Which rules fired on which completions, [n, rules].
        """
        if not len(fired):
            return self.columns(fired)
        known = self._known
        if len(known.places) > MOST_REMEMBERED:
            known = self._known = _Known()
        keys = _keys(fired)
        new = {key: row for row, key in enumerate(keys) if key not in known.places}
        if new:
            known.learn(list(new), self.columns(fired[list(new.values())]))
        return known.verdicts(keys)


class _Known:
    """Verdicts in a table that grows, and where in it each combination stands."""

    def __init__(self) -> None:
        self.places: dict[bytes, int] = {}
        self._table: dict[str, NDArray[Any]] = {}
        self._length = 0
        self._lock = Lock()

    def learn(self, keys: Sequence[bytes], said: RuleVerdicts) -> None:
        """Add verdicts."""
        with self._lock:
            start, stop = self._length, self._length + len(keys)
            for name in COLUMNS:
                self._column(name, getattr(said, name), stop)[start:stop] = getattr(said, name)
            self._length = stop
            # Another thread may have learnt some of them too: both entries say the same.
            self.places.update(zip(keys, range(start, stop), strict=True))

    def _column(self, name: str, like: NDArray[Any], length: int) -> NDArray[Any]:
        """A column with room for so many."""
        column = self._table.get(name)
        if column is None or len(column) < length:
            wider = np.zeros((max(FIRST_ROOM, 2 * length), *like.shape[1:]), like.dtype)
            if column is not None:
                wider[: len(column)] = column
            column = self._table[name] = wider
        return column

    def verdicts(self, keys: Sequence[bytes]) -> RuleVerdicts:
        """The verdicts on known combinations."""
        places = np.fromiter(map(self.places.__getitem__, keys), np.intp, len(keys))
        return RuleVerdicts(**{name: self._table[name].take(places, axis=0) for name in COLUMNS})


def _keys(fired: NDArray[np.bool_]) -> list[bytes]:
    """Each row as bytes."""
    packed = np.packbits(fired, axis=1)
    keys: list[bytes] = packed.view(f"V{packed.shape[1]}").ravel().tolist()
    return keys
