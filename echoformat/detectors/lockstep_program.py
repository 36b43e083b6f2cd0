"""Trees to programs: steps that wait for a byte, for an edge, or lead on at once."""

from __future__ import annotations

from collections.abc import Iterator
from enum import IntEnum

from echoformat.detectors.lockstep_nodes import LAST_CODE, Both, Class_, Either, Node, Ranges, Refused, Repeat
from echoformat.detectors.lockstep_parse import parsed

# Of one pattern, and of all.
MOST_STEPS, MOST_OF_ALL = 50_000, 1_000_000
ASCII = (1 << 128) - 1


class Op(IntEnum):
    """What a step does."""

    SET = 0
    SPLIT = 1
    EDGE = 2
    MATCH = 3


class Program:
    """Steps of some patterns.

    Attributes:
        ops: What each step does.
        args: Of a set its bytes, bit b for byte b; of a split its other way; of an edge, or a match, which.
        outs: The step that follows.
        begins: Where the steps of each pattern begin.
    """

    def __init__(self) -> None:
        self.ops: list[int] = []
        self.args: list[int] = []
        self.outs: list[int] = []
        self.begins: list[int] = []
        self._most = 0

    def add(self, pattern: str) -> int:
        """The first step of a pattern, which matches by its number: how many were added before.

        Raises:
            Refused: It is not taken; nothing of it stays.
        """
        before = len(self.ops)
        self._most = min(before + MOST_STEPS, MOST_OF_ALL)
        try:
            first = self._node(parsed(pattern), self._step(Op.MATCH, len(self.begins), 0))
        except (Refused, RecursionError):
            for steps in (self.ops, self.args, self.outs):
                del steps[before:]
            raise Refused(pattern) from None
        self.begins.append(before)
        return first

    def _step(self, op: Op, arg: int, out: int) -> int:
        if len(self.ops) >= self._most:
            raise Refused
        self.ops.append(op)
        self.args.append(arg)
        self.outs.append(out)
        return len(self.ops) - 1

    def _node(self, node: Node, out: int) -> int:
        if isinstance(node, Class_):
            return self._class(node.ranges, out)
        if isinstance(node, Both):
            for item in reversed(node.items):
                out = self._node(item, out)
            return out
        if isinstance(node, Either):
            return self._either([self._node(option, out) for option in node.options])
        if isinstance(node, Repeat):
            return self._repeat(node, out)
        return self._step(Op.EDGE, node, out)

    def _either(self, firsts: list[int]) -> int:
        found = firsts[-1]
        for first in reversed(firsts[:-1]):
            found = self._step(Op.SPLIT, first, found)
        return found

    def _repeat(self, node: Repeat, out: int) -> int:
        found = out
        if node.high is None:
            found = self._step(Op.SPLIT, 0, out)
            self.args[found] = self._node(node.node, found)
        else:
            for _ in range(node.high - node.low):
                found = self._step(Op.SPLIT, self._node(node.node, found), out)
        for _ in range(node.low):
            found = self._node(node.node, found)
        return found

    def _class(self, ranges: Ranges, out: int) -> int:
        ascii_, firsts = 0, []
        for low, high in ranges:
            ascii_ |= _bytes(low, high) & ASCII if low < 128 else 0
            if high >= 128:
                firsts += self._foreign(max(low, 128), high, out)
        if ascii_ or not firsts:
            firsts.append(self._step(Op.SET, ascii_, out))
        return self._either(firsts)

    def _foreign(self, low: int, high: int, out: int) -> list[int]:
        """The first steps of characters beyond ASCII."""
        if (low, high) == (128, LAST_CODE):
            one = self._step(Op.SET, _bytes(0x80, 0xBF), out)
            two = self._step(Op.SET, _bytes(0x80, 0xBF), one)
            three = self._step(Op.SET, _bytes(0x80, 0xBF), two)
            leads = ((0xC2, 0xDF, one), (0xE0, 0xEF, two), (0xF0, 0xF4, three))
            return [self._step(Op.SET, _bytes(*bounds), next_) for *bounds, next_ in leads]
        return [self._row(first, last, out) for first, last in _even(low, high)]

    def _row(self, first: bytes, last: bytes, out: int) -> int:
        for low, high in zip(reversed(first), reversed(last), strict=True):
            out = self._step(Op.SET, _bytes(low, high), out)
        return out


def _bytes(low: int, high: int) -> int:
    return (2 << high) - (1 << low)


def _even(low: int, high: int) -> Iterator[tuple[bytes, bytes]]:
    """A range of characters in parts of which each byte runs through a range of its own."""
    while low <= high:
        last = high
        while (cut := _cut(low, last)) != last:
            last = cut
        yield _utf8(low), _utf8(last)
        low = last + 1


def _cut(low: int, high: int) -> int:
    for last in (0x7FF, 0xFFFF):
        if low <= last < high:
            return last
    for bits in (6, 12, 18):
        mask = (1 << bits) - 1
        if low & ~mask != high & ~mask:
            if low & mask:
                return low | mask
            if high & mask != mask:
                return (high & ~mask) - 1
    return high


def _utf8(code: int) -> bytes:
    """Also of a surrogate, which no text holds."""
    return chr(code).encode("utf-8", "surrogatepass")
