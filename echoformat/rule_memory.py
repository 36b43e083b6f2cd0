"""What is said of combinations of rules, remembered by what fired: completions repeat many of them, and runs
that collapse nearly all. For where there is no compiled part, which works them out as fast as they are found.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields
from threading import Lock
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

Said = TypeVar("Said")

# Some twenty megabytes over a shelf of fifty formats.
MOST_REMEMBERED = 32_768
FIRST_ROOM = 1024


class RuleMemory(Generic[Said]):
    """Says of many completions what follows from the rules that fired, working out each combination once.

    Args:
        say: Works it out: from bool [n, rules] a dataclass of arrays, all of length n, that says of each row
            what it would say of that row alone.
    """

    def __init__(self, say: Callable[[NDArray[np.bool_]], Said]) -> None:
        self._say = say
        self._known: _Known[Said] = _Known()

    def __getstate__(self) -> dict[str, Any]:
        return {"_say": self._say}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(state["_say"])  # type: ignore[misc]

    def __call__(self, fired: NDArray[np.bool_]) -> Said:
        """What is said of each, in arrays that are the caller's own.

        Args:
            fired: Which rules fired on which completions, [n, rules].
        """
        if not len(fired):
            return self._say(fired)
        known = self._known
        if len(known.places) > MOST_REMEMBERED:
            known = self._known = _Known()
        places, new = _places(fired, known.places)
        if new:
            known.learn(list(new), self._say(fired[list(new.values())]))
            places, _ = _places(fired, known.places)
        return known.said(places)


class _Known(Generic[Said]):
    """A table that grows, and where in it each combination stands."""

    def __init__(self) -> None:
        self.places: dict[bytes, int] = {}
        self._table: dict[str, NDArray[Any]] = {}
        self._shape: Callable[..., Said]
        self._length = 0
        self._lock = Lock()

    def learn(self, keys: Sequence[bytes], said: Said) -> None:
        """Add what is said of some combinations."""
        with self._lock:
            start, stop = self._length, self._length + len(keys)
            self._shape = type(said)
            for field in fields(said):  # type: ignore[arg-type]
                column = getattr(said, field.name)
                self._column(field.name, column, stop)[start:stop] = column
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

    def said(self, places: NDArray[np.int64]) -> Said:
        """What is said of known combinations, by where they stand."""
        return self._shape(**{name: column.take(places, axis=0) for name, column in self._table.items()})


def _places(fired: NDArray[np.bool_], known: dict[bytes, int]) -> tuple[NDArray[np.int64], dict[bytes, int]]:
    """Where each row stands among those known, -1 for none, and the first row of each other, by its key."""
    keys = _keys(fired)
    new: dict[bytes, int] = {}
    for row, key in enumerate(keys):
        if key not in known:
            new.setdefault(key, row)
    return np.fromiter((known.get(key, -1) for key in keys), np.int64, len(keys)), new


def _keys(fired: NDArray[np.bool_]) -> list[bytes]:
    """Each row as bytes."""
    packed = np.packbits(fired, axis=1, bitorder="little")
    keys: list[bytes] = packed.view(f"V{packed.shape[1]}").ravel().tolist()
    return keys
