"""What a pattern needs, as chains: the cheapest to look for, and how a match is told from one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum
from math import exp

from echoformat.detectors.backtracking import first
from echoformat.detectors.chain_shares import compared, expected, key_of
from echoformat.detectors.chains import INSIDE, Chain, Limits, Place, ended, grown, once
from echoformat.detectors.pattern_nodes import (
    Edge,
    Letter,
    Node,
    Repeat,
    Sequence_,
    is_blank_run,
    is_wide,
    items_of,
    least_length,
    looks_ahead,
    mirrored,
    takes,
)
from echoformat.detectors.projection import ANY, BLANK, END, IN_LINE, LINE_EDGE, NEWLINE, NOT_WORD, WORD

FEW_CHAINS = 12
SHORTER = (4, 6, 9)
MOST_OTHERS = 2
# A look at a place costs so much of a trial, and so much a chain that stands there.
COMPARED, MET = 0.06, 0.2
# What shares tell of rare things is too little: words stand where their subject does.
LEAST_TRIALS, MOST_TRIALS = 0.05, 12.0
# How much more a trial costs for a repeat that runs on to the end of a line, or over lines.
LINE_LONG, TEXT_LONG = 0.5, 4.0


class Way(Enum):
    """How a match is told from a chain.

    Forth from there, from the start of the text or the line, back from the end, or both ways from there.
    """

    FORTH = "forth"
    START = "start"
    LINE = "line"
    BACK = "back"
    BOTH = "both"


# A trial both ways, or from the end, takes more.
COSTS = {Way.FORTH: 1.0, Way.START: 1.0, Way.LINE: 1.0, Way.BACK: 1.5, Way.BOTH: 1.5}


@dataclass(frozen=True, slots=True)
class Requirement:
    """Chains of one place, one of which stands wherever a pattern matches.

    Attributes:
        place: Where they stand.
        chains: The chains.
        way: How to go on from them.
        front: Nodes of the pattern that stand in front of the chains.
        exact: Whether a chain that is open decides.
    """

    place: Place
    chains: tuple[Chain, ...]
    way: Way
    front: int = 0
    exact: bool = False

    def decides(self, chain: Chain) -> bool:
        """Where the chain stands, the pattern matches."""
        return self.exact and chain.is_open


def requirements(node: Node) -> list[Requirement]:
    """What a pattern without alternatives needs: its best requirement first, then others that rule texts out.

    None where nothing is known.
    """
    cuts, each = [cut for one in _candidates(items_of(node)) for cut in _cuts(one)], toil(node)
    prices = [_look_up(one) + each * trials(one) for one in cuts]
    found = [cuts[i] for i in sorted(range(len(cuts)), key=prices.__getitem__)]
    if not found or (at_start_only(node) and min(prices) > each):
        return []
    left, chosen = each * max(trials(found[0]), LEAST_TRIALS), found[:1]
    for one in sorted(found[1:], key=often):
        if len(one.chains) > FEW_CHAINS or any(
            (one.place, one.front) == (it.place, it.front) for it in chosen
        ):
            continue
        is_met = 1 - exp(-often(one))
        if len(chosen) <= MOST_OTHERS and left * (1 - is_met) > 2 * _look_up(one):
            chosen.append(one)
            left *= is_met
    return chosen


def _candidates(items: tuple[Node, ...]) -> Iterable[Requirement]:
    """Requirements that a pattern may be told by."""
    yield from _anchored(items, "^", Place.LINE, Way.LINE)
    yield from _anchored(items, "A", Place.START, Way.START)
    way = Way.START if items[:1] == (Edge("A"),) else Way.BACK
    yield from _anchored(items_of(mirrored(Sequence_(items))), "A", Place.LAST, way)
    for start in range(len(items)):
        cut = _cut(items, start)
        if cut is None or (start and isinstance(items[start], Edge)):
            continue
        front = first(mirrored(Sequence_(items[:start])), ANY)
        chains = ended(grown([Chain((front,))], Sequence_(items[start:]), INSIDE if start else Limits()))
        if chains and all(key_of(chain.masks) is not None for chain in chains):
            yield Requirement(Place.ANYWHERE, chains, _way(items, cut), cut, not start)


def _cuts(one: Requirement) -> Iterable[Requirement]:
    """A requirement, and with its chains cut short where there are many: they become fewer."""
    yield one
    for length in SHORTER if len(one.chains) > FEW_CHAINS else ():
        cut = (
            chain if len(chain.masks) <= length else Chain(chain.masks[:length], ANY, False, chain.is_sure)
            for chain in one.chains
        )
        chains = tuple(once(cut))
        if one.place is not Place.ANYWHERE or all(key_of(chain.masks) is not None for chain in chains):
            yield replace(one, chains=chains)


def _cut(items: tuple[Node, ...], start: int) -> int | None:
    """Where a pattern may be taken apart: what stands in front must not look at what stands behind."""
    while start and isinstance(items[start - 1], Edge):
        start -= 1
    for item in reversed(items[:start]):
        if looks_ahead(item):
            return None
        if isinstance(item, Letter):
            break
    return start


def _way(items: tuple[Node, ...], start: int) -> Way:
    """How to tell a match whose chain begins with one of its nodes."""
    if items[0] == Edge("A"):
        return Way.START
    return Way.BOTH if start else Way.FORTH


def _anchored(items: tuple[Node, ...], kind: str, place: Place, way: Way) -> Iterable[Requirement]:
    """The beginning of a pattern whose first character that is not blank stands first in a text or line."""
    if not items or items[0] != Edge(kind):
        return
    rest, front = items[1:], END if kind == "A" else LINE_EDGE
    exact = True
    while rest and is_blank_run(rest[0]):
        run = rest[0]
        assert isinstance(run, Repeat) and isinstance(run.node, Letter)
        front = run.node.mask if run.least else front | run.node.mask
        exact = exact and len(rest) == len(items) - 1 and run.most is None and _covers(run, kind)
        rest = rest[1:]
    chains = grown([Chain((front,))], Sequence_(rest), Limits())
    if chains and all(len(chain.masks) > 1 and not chain.masks[1] & BLANK for chain in chains):
        yield Requirement(place, ended(chains), way, exact=exact)
    if place is Place.LINE:
        yield from _behind_word(rest, way)


def _behind_word(items: tuple[Node, ...], way: Way) -> Iterable[Requirement]:
    """What stands behind the first word of a line, where it is known to end there."""
    for behind in range(1, len(items)):
        if takes(items[behind - 1], NOT_WORD) or isinstance(items[behind - 1], Edge):
            return
        chains = grown([Chain((WORD,))], Sequence_(items[behind:]), INSIDE)
        if not least_length(Sequence_(items[:behind])):
            continue
        if chains and all(len(chain.masks) > 1 and not chain.masks[1] & WORD for chain in chains):
            yield Requirement(Place.WORD, ended(chains), way)


def _covers(run: Repeat, kind: str) -> bool:
    """Whether a run of blanks reaches back as far as all blanks of a line, or of a text, do."""
    assert isinstance(run.node, Letter)
    mask = run.node.mask
    if kind == "A" or run.least > 1:
        return mask == BLANK and not run.least
    return mask & IN_LINE == IN_LINE and not (run.least and mask & NEWLINE)


def often(one: Requirement) -> float:
    """About how often a requirement is met in a text of average length."""
    return sum(expected(one.place, chain.masks) for chain in one.chains)


def _look_up(one: Requirement) -> float:
    """What it costs to find a requirement, in units of a trial."""
    return sum(
        COMPARED * compared(one.place, chain.masks) + MET * expected(one.place, chain.masks)
        for chain in one.chains
    )


def trials(one: Requirement) -> float:
    """About how often a requirement leaves a trial to be made, a trial back counted twice."""
    left = sum(expected(one.place, chain.masks) for chain in one.chains if not one.decides(chain))
    return min(left, 1.0 if one.way in (Way.START, Way.BACK) else MOST_TRIALS) * COSTS[one.way]


def toil(node: Node) -> float:
    """What a trial costs, in units of a short one: repeats that run on through a line or a text take long."""
    if isinstance(node, Repeat):
        is_long = node.most is None and is_wide(node.node)
        return toil(node.node) + is_long * (TEXT_LONG if takes(node.node, NEWLINE) else LINE_LONG)
    if isinstance(node, Letter | Edge):
        return 1.0
    return 1.0 + sum(toil(item) - 1 for item in (node.items if isinstance(node, Sequence_) else node.options))


def at_start_only(node: Node) -> bool:
    r"""Whether a pattern can match at the very start of a text alone.

    Example:
        >>> from echoformat.detectors.pattern_tree import tree
        >>> at_start_only(tree(r"\A\s*b")), at_start_only(tree("ab"))
        (True, False)
    """
    return items_of(node)[:1] == (Edge("A"),)
