"""How often chains stand in texts, roughly: enough to tell which of them to look for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from math import prod

from echoformat.detectors.chains import Place
from echoformat.detectors.projection import ANY, END, IN_LINE, LINE_EDGE, folded, unfolded

# How many of 10,000 bytes of a mixed text each of these is, and any other.
OFTEN = {
    1700: " ",
    790: "e",
    590: "t",
    450: "aoinsr",
    250: "hldc",
    170: "um\n",
    120: "fpgb",
    90: ".\\yw",
    65: ",102=v_",
    55: "$)(}{k-",
    40: 'x:3T"4',
    25: "5+*6SA'I/8",
    17: ">q<C97`]^[#",
    10: "BPDMFLREHONW",
    6: "z|j;JG?U&%YV!QKXZ~@",
}
_SHARE = [1e-4] * 256
for _often, _chars in OFTEN.items():
    for _char in _chars:
        _SHARE[ord(_char)] = _often / 10_000
DIGITS = sum(1 << byte for byte in range(ord("0"), ord("9") + 1))
CAPITALS = sum(1 << byte for byte in range(ord("A"), ord("Z") + 1))
# What an average text has.
BYTES, LINES, WORDS_A_LINE = 800.0, 14.0, 4.0
# Words make some bytes stand together more often than by chance.
TOGETHER = 0.6
# How many lines begin without blanks.
FRONT_EDGE = 0.65
WIDTH = 4
MOST_FOURS = 96
SIGNS = ANY ^ sum(1 << byte for byte in range(256) if chr(byte).isalnum() and byte < 128) ^ (1 << 32) ^ END


@lru_cache(maxsize=8192)
def share(mask: int) -> float:
    """About how often a byte of a set stands in a text."""
    if mask == ANY:
        return 1.0
    return min(1.0, sum(_SHARE[byte] for byte in range(256) if mask >> byte & 1))


@lru_cache(maxsize=8192)
def _first_share(mask: int) -> float:
    """About how often a line begins with a byte of a set."""
    often = 0.4 * share(mask & CAPITALS) / share(CAPITALS) + 0.1 * share(mask & DIGITS) / share(DIGITS)
    return min(1.0, 0.5 * share(mask) + often)


@lru_cache(maxsize=8192)
def _last_share(mask: int) -> float:
    """About how often a text ends in a byte of a set."""
    return min(1.0, 0.6 * share(mask) + 0.3 * bool(mask >> ord(".") & 1) + 0.1 * bool(mask >> ord("}") & 1))


@lru_cache(maxsize=8192)
def _folded_share(mask: int) -> float:
    return share(unfolded(mask))


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """By which of its places a chain is found anywhere.

    Attributes:
        share: About how often it stands at a byte of a text.
        is_four: Four folded bytes that have few forms, not one sign and its neighbours.
        at: The place in the chain.
    """

    share: float
    is_four: bool
    at: int


@lru_cache(maxsize=65536)
def key_of(masks: tuple[int, ...]) -> Key | None:
    """The rarest key of a chain; ``None`` where it has none."""
    keys = []
    for at in range(1, len(masks)):
        if not masks[at] & ~SIGNS:
            keys.append(Key(_likely(map(share, masks[at - 1 : at + 2])), False, at))
    for at in range(len(masks) - WIDTH + 1):
        four = tuple(map(folded, masks[at : at + WIDTH]))
        if prod(mask.bit_count() for mask in four) <= MOST_FOURS:
            keys.append(Key(_likely(map(_folded_share, four)), True, at))
    return min(keys, default=None)


@lru_cache(maxsize=65536)
def expected(place: Place, masks: tuple[int, ...]) -> float:
    if place is Place.ANYWHERE:
        return BYTES * _likely(map(share, masks))
    if place is Place.WORD:
        return LINES * WORDS_A_LINE * _likely(map(share, masks[1:]))
    if place is Place.LAST:
        return _last_share(masks[1]) * _likely(map(share, masks[2:]))
    front = FRONT_EDGE * bool(masks[0] & LINE_EDGE) + (1 - FRONT_EDGE) * bool(masks[0] & IN_LINE)
    return (
        (LINES if place is Place.LINE else 1.0)
        * front
        * _first_share(masks[1])
        * _likely(map(share, masks[2:]))
    )


def _likely(shares: Iterable[float]) -> float:
    """How often bytes of these shares stand side by side."""
    all_ = tuple(shares) or (1.0,)
    rarest = min(all_)
    return float(rarest * (prod(all_) / rarest) ** TOGETHER)


def compared(place: Place, masks: tuple[int, ...]) -> float:
    """About how often a chain has to be compared in such a text."""
    if place is not Place.ANYWHERE:
        return expected(place, masks[:3])
    key = key_of(masks)
    return BYTES * (key.share if key else 1.0)
