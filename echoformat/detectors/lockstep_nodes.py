"""What a pattern of the lockstep scan is made of, as a tree of ranges of characters."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

LAST_CODE = 0x10FFFF


class Refused(Exception):
    """A construct that has no node, or a pattern that grows too large."""


class Edge(IntEnum):
    """What is asked of a place between two characters."""

    TEXT_START = 0
    LINE_START = 1
    TEXT_END = 2
    LINE_END = 3
    WORD_EDGE = 4


Ranges = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Both:
    """Nodes one behind the other."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """One of several nodes."""

    options: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """A node `low` to `high` times; `high` is ``None`` where there is no end."""

    node: Node
    low: int
    high: int | None


@dataclass(frozen=True, slots=True)
class Class_:
    """One character of some ranges, sorted and apart."""

    ranges: Ranges


Node = Both | Either | Repeat | Class_ | Edge


def merged(ranges: Iterable[tuple[int, int]]) -> Ranges:
    """Sorted, and those that meet as one."""
    found: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if found and low <= found[-1][1] + 1:
            found[-1] = found[-1][0], max(high, found[-1][1])
        else:
            found.append((low, high))
    return tuple(found)


def others(ranges: Ranges) -> Ranges:
    """What ranges leave out."""
    bounds = [-1, *(bound for one in ranges for bound in one), LAST_CODE + 1]
    return tuple(
        (low + 1, high - 1) for low, high in zip(bounds[::2], bounds[1::2], strict=True) if low + 1 < high
    )
