"""What states of the lockstep scan are made from: classes of bytes, and patterns that are walked together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np

from echoformat.detectors.lockstep_nodes import Edge
from echoformat.detectors.lockstep_program import Op, Program

NEWLINE = 10
WORD = frozenset(byte for byte in range(128) if chr(byte).isalnum() or byte == 95)
# Characters by how often completions hold them: what is often asked of a state stands together.
OFTEN = (
    b" etaoinsrhldcu\nmpfgyb\\w.,v012=)($}{_x-k345\":T*+6S'>A8</I97C^][`B#PFMDLENRHWOzjJGUVqYKQXZ&%?!;|@~\t"
)
Steps = frozenset[int]


class Before(IntEnum):
    """What stands before a place."""

    START = 0
    LINE = 1
    WORD = 2
    OTHER = 3
    END = 4


class After(IntEnum):
    """What follows a place, where that is known."""

    UNKNOWN = 0
    END = 1
    LINE = 2
    WORD = 3
    OTHER = 4


AFTER = {Before.END: After.END, Before.LINE: After.LINE, Before.WORD: After.WORD, Before.OTHER: After.OTHER}


class Classes:
    """Bytes that no pattern tells apart; behind the last class stands the end of a text.

    That has a number below 256: bytes that no UTF-8 holds are never told apart.

    Args:
        sets: Of bytes, bit b for byte b.

    Attributes:
        table: The class of each byte.
        samples: A byte of each class.
        befores: What a byte of each class is to what follows it, then what the end is.
    """

    def __init__(self, sets: Iterable[int]) -> None:
        told = {1 << NEWLINE, sum(1 << byte for byte in WORD), *sets}
        rows = np.frombuffer(b"".join(one.to_bytes(32, "little") for one in sorted(told)), np.uint8)
        bits = np.unpackbits(rows.reshape(-1, 32), axis=1, bitorder="little").T
        kinds = [column.tobytes() for column in np.ascontiguousarray(bits)]
        numbers: dict[bytes, int] = {}
        for byte in (*OFTEN, *range(256)):
            numbers.setdefault(kinds[byte], len(numbers))
        self.table = bytes(numbers[kind] for kind in kinds)
        self.samples = [self.table.index(class_) for class_ in range(len(numbers))]
        self.befores = [*map(_before, self.samples), Before.END]

    def __len__(self) -> int:
        return len(self.samples)

    def of(self, bytes_: int) -> int:
        """The classes of a set of bytes, bit c for class c."""
        return sum(1 << class_ for class_, byte in enumerate(self.samples) if bytes_ >> byte & 1)


def _before(byte: int) -> Before:
    return Before.LINE if byte == NEWLINE else Before.WORD if byte in WORD else Before.OTHER


@dataclass(slots=True)
class Group:
    """Patterns that are walked together.

    Attributes:
        firsts: The first step of each.
        from_start: They begin at the start of a text.
        befores: What a byte of each class is to them, as far as they ask.
        alike: Of each class those that they do not tell from it, it among them.
        starts: By what stands before a place, the steps that wait there in any case.
        start_matches: The patterns that match there in any case.
        begun: What `starts` become by a class, and the patterns that match then.
    """

    firsts: tuple[int, ...]
    from_start: bool
    befores: tuple[Before, ...] = ()
    alike: tuple[tuple[int, ...], ...] = ()
    starts: tuple[Steps, ...] = ()
    start_matches: tuple[Steps, ...] = ()
    begun: dict[tuple[int, int], tuple[Steps, Steps]] = field(default_factory=dict)

    def settle(self, program: Program, classes: Classes, accepts: Sequence[int]) -> None:
        """Work out what depends on all patterns.

        Args:
            program: That holds its steps.
            classes: Of bytes.
            accepts: The classes that each step takes, a bit each.
        """
        steps = _reached(program, self.firsts)
        asked = {program.args[step] for step in steps if program.ops[step] == Op.EDGE}
        blind = set() if Edge.LINE_START in asked else {Before.LINE}
        blind |= set() if Edge.WORD_EDGE in asked else {Before.WORD}
        self.befores = tuple(Before.OTHER if one in blind else one for one in classes.befores)
        self.alike = _alike({accepts[step] for step in steps}, classes)
        places = [self._begins(before) for before in Before]
        told = [followed(program, firsts, before) for before, firsts in zip(Before, places, strict=True)]
        self.starts, self.start_matches = zip(*told, strict=True)

    def _begins(self, before: Before) -> tuple[int, ...]:
        is_place = before == Before.START or (not self.from_start and before != Before.END)
        return self.firsts if is_place else ()


def _reached(program: Program, firsts: Iterable[int]) -> set[int]:
    found: set[int] = set()
    left = list(firsts)
    while left:
        step = left.pop()
        if step not in found:
            found.add(step)
            if program.ops[step] != Op.MATCH:
                left.append(program.outs[step])
            if program.ops[step] == Op.SPLIT:
                left.append(program.args[step])
    return found


def _alike(masks: Iterable[int], classes: Classes) -> tuple[tuple[int, ...], ...]:
    """Of each class, and of the end, those that are in the same masks, of a kind and so not told apart."""
    kinds = [sum(1 << i for i, one in enumerate(classes.befores) if one == kind) for kind in Before]
    parts = [kind for kind in kinds if kind]
    for mask in masks:
        parts = [part for one in parts for part in (one & mask, one & ~mask) if part]
    members = [tuple(i for i in range(part.bit_length()) if part >> i & 1) for part in parts]
    found = {class_: own for own in members for class_ in own}
    return tuple(found[class_] for class_ in range(len(classes) + 1))


def followed(
    program: Program, firsts: Iterable[int], before: int, after: int = After.UNKNOWN
) -> tuple[Steps, Steps]:
    """The steps that wait behind some steps, and the patterns that match there."""
    ops, args, outs = program.ops, program.args, program.outs
    seen: set[int] = set()
    waiting, matches, left = [], [], list(firsts)
    while left:
        step = left.pop()
        if step in seen:
            continue
        seen.add(step)
        if ops[step] == Op.SPLIT:
            left += args[step], outs[step]
        elif ops[step] == Op.SET:
            waiting.append(step)
        elif ops[step] == Op.MATCH:
            matches.append(args[step])
        elif (holds := _holds(args[step], before, after)) is None:
            waiting.append(step)
        elif holds:
            left.append(outs[step])
    return frozenset(waiting), frozenset(matches)


def _holds(edge: int, before: int, after: int) -> bool | None:
    """Whether an edge is at a place; ``None`` where nobody knows before the next byte."""
    if edge == Edge.TEXT_START:
        return before == Before.START
    if edge == Edge.LINE_START:
        return before in (Before.START, Before.LINE)
    if after == After.UNKNOWN:
        return None
    if edge == Edge.TEXT_END:
        return after == After.END
    if edge == Edge.LINE_END:
        return after in (After.END, After.LINE)
    return (before == Before.WORD) != (after == After.WORD)
