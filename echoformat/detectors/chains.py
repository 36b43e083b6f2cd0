r"""What every match of a pattern begins with, ends in or contains: sets of bytes in a row, read off its tree.

A chain is some bytes side by side, each of a set. A pattern is turned into alternatives of chains, one of
which stands wherever it matches; a chain that says all of its pattern decides by itself. The first place of a
chain is the byte in front of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from echoformat.detectors.pattern_nodes import (
    Choice,
    Edge,
    Letter,
    Node,
    Repeat,
    Sequence_,
    is_blank_run,
    is_wide,
)
from echoformat.detectors.projection import ANY, END, LINE_EDGE, NOT_WORD, SHARED, WORD

LONGEST = 24
MOST_ROUNDS = 4


class Place(Enum):
    """Where a chain stands: at a text's first or last character, a line's first or behind its first word."""

    START = "start"
    LAST = "last"
    LINE = "line"
    WORD = "word"
    ANYWHERE = "anywhere"


@dataclass(frozen=True, slots=True)
class Chain:
    """Bytes in a row.

    Attributes:
        masks: What each place takes; the first is the byte in front.
        ahead: What the byte behind has to be.
        is_open: Nothing was left out so far.
        is_sure: Shared bytes are meant for all that they stand for.
    """

    masks: tuple[int, ...] = (ANY,)
    ahead: int = ANY
    is_open: bool = True
    is_sure: bool = True


@dataclass(frozen=True, slots=True)
class Limits:
    """How long chains grow, and how many side by side."""

    longest: int = LONGEST
    most: int = 96


INSIDE = Limits(8, 24)


def grown(chains: Sequence[Chain], node: Node, limits: Limits) -> list[Chain]:
    """Chains gone on with a node; closed where that cannot be told."""
    if len(chains) > limits.most:
        return list(map(closed, chains))
    shut, open_ = _parted(chains)
    if not open_:
        return shut
    if isinstance(node, Letter):
        return shut + [longer for chain in open_ for longer in _with_letter(chain, node, limits)]
    if isinstance(node, Edge):
        return shut + [longer for chain in open_ for longer in _with_edge(chain, node.kind)]
    if isinstance(node, Sequence_):
        for item in node.items:
            open_ = grown(open_, item, limits)
        return shut + open_
    if isinstance(node, Choice):
        return once([*shut, *(longer for option in node.options for longer in grown(open_, option, limits))])
    return shut + _repeated(open_, node, limits)


def _parted(chains: Iterable[Chain]) -> tuple[list[Chain], list[Chain]]:
    shut: list[Chain] = []
    open_: list[Chain] = []
    for chain in chains:
        (open_ if chain.is_open else shut).append(chain)
    return shut, open_


def once(chains: Iterable[Chain]) -> list[Chain]:
    """Each chain once."""
    return list(dict.fromkeys(chains))


def _with_letter(chain: Chain, letter: Letter, limits: Limits) -> Iterable[Chain]:
    mask = letter.mask & chain.ahead
    if mask:
        is_sure = chain.is_sure and (letter.sure or not mask & SHARED)
        yield Chain((*chain.masks, mask), ANY, len(chain.masks) <= limits.longest, is_sure)


def _with_edge(chain: Chain, kind: str) -> Iterable[Chain]:
    """A place between two bytes says something of either."""
    behind, ahead = chain.masks[-1], chain.ahead
    if kind in "^A":
        ways = [(LINE_EDGE if kind == "^" else END, ANY)]
    elif kind in "$Z":
        ways = [(ANY, LINE_EDGE if kind == "$" else END)]
    elif kind == "b":
        ways = [(WORD, NOT_WORD), (NOT_WORD, WORD)]
    else:
        ways = [(WORD, WORD), (NOT_WORD, NOT_WORD)]
    for before, after in ways:
        if behind & before and ahead & after:
            yield Chain((*chain.masks[:-1], behind & before), ahead & after, True, chain.is_sure)


def _repeated(chains: Sequence[Chain], node: Repeat, limits: Limits) -> list[Chain]:
    now = list(chains)
    for _ in range(node.least):
        now = grown(now, node.node, limits)
        if not any(chain.is_open for chain in now):
            return now
    if node.most == node.least:
        return now
    shut, open_ = _parted(now)
    if is_wide(node.node):
        return [*shut, *map(closed, open_)]
    longer = grown(open_, node.node, limits)
    if node.most != node.least + 1:
        longer = _again(longer, node, limits)
    return once([*shut, *open_, *longer])


def closed(chain: Chain) -> Chain:
    """A chain behind which something was left out."""
    return Chain(chain.masks, chain.ahead, False, chain.is_sure)


def _again(chains: list[Chain], node: Repeat, limits: Limits) -> list[Chain]:
    """Some more times where few are allowed, else closed."""
    if node.most is None and is_blank_run(node):
        twice = grown(chains, node.node, limits)
        return [*chains, *map(closed, twice)]
    if node.most is None or node.most - node.least > MOST_ROUNDS:
        return list(map(closed, chains))
    return _repeated(chains, Repeat(node.node, 0, node.most - node.least - 1), limits)


def ended(chains: Sequence[Chain]) -> tuple[Chain, ...]:
    """With what has to stand behind as their last place."""
    return tuple(
        chain if chain.ahead == ANY else Chain((*chain.masks, chain.ahead), ANY, chain.is_open, chain.is_sure)
        for chain in chains
    )
