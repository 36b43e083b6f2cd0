r"""On how long a text a pattern surely comes to an end in time, whatever the text.

A search that goes back over its choices takes about `n` to the power of the repeats that can end at several
places. Where that is little for a text's length, no clock need be asked; it costs more than the search.
"""

from __future__ import annotations

from echoformat.detectors.pattern_nodes import Choice, Edge, Letter, Node, Repeat, Sequence_, times, written
from echoformat.detectors.projection import ANY, END, LINE_EDGE

STEPS = 16_000_000
FEW_TIMES = 12
NEVER = 99


def lengths_in_time(node: Node) -> tuple[int, int]:
    r"""The longest texts on which a match from one place, and a search, need no time limit; 0 for none.

    Example:
        >>> from echoformat.detectors.pattern_tree import tree
        >>> lengths_in_time(tree(r"^ans = \d+$")), lengths_in_time(tree("(?:a|aa)+$"))
        ((16000000, 4000), (0, 0))
    """
    choices = _choices(node, 0)
    if choices >= NEVER:
        return 0, 0
    return int(STEPS ** (1 / (1 + choices))), int(STEPS ** (1 / (2 + choices)))


def _choices(node: Node, follow: int) -> int:
    """Repeats that can end at several places, where `follow` may stand behind."""
    if isinstance(node, Repeat):
        return _of_repeat(node, follow)
    if isinstance(node, Choice):
        return max(_choices(option, follow) for option in node.options)
    if isinstance(node, Sequence_):
        total = 0
        for item in reversed(node.items):
            total += _choices(item, follow)
            follow = first(item, follow)
        return total
    return 0


def _of_repeat(node: Repeat, follow: int) -> int:
    inner = _choices(node.node, follow | first(node.node, follow))
    if node.most is not None and node.most <= FEW_TIMES and not inner:
        return 0
    if isinstance(node.node, Letter):
        return int(bool(node.node.mask & follow))
    if node.most == 1:
        return inner
    if inner or not _is_marked(node.node):
        return NEVER
    return int(bool(first(node.node, 0) & follow))


def _is_marked(node: Node) -> bool:
    """Whether one character tells where each round of a repeat begins, or ends."""
    rounds = [option.items if isinstance(option, Sequence_) else (option,) for option in _options(node)]
    if not all(rounds):
        return False
    return any(
        _is_mark([items[at] for items in rounds], [item for items in rounds for item in items[rest]])
        for at, rest in ((0, slice(1, None)), (-1, slice(None, -1)))
    )


def _is_mark(marks: list[Node], others: list[Node]) -> bool:
    mask = 0
    for mark in marks:
        if not isinstance(mark, Letter):
            return False
        mask |= mark.mask
    return not any(mask & _letters(other) for other in others)


def _options(node: Node) -> tuple[Node, ...]:
    return node.options if isinstance(node, Choice) else (node,)


def _letters(node: Node) -> int:
    """All characters that a node can take."""
    if isinstance(node, Letter):
        return node.mask
    if isinstance(node, Repeat):
        return _letters(node.node)
    if isinstance(node, Edge):
        return 0
    mask = 0
    for item in node.items if isinstance(node, Sequence_) else node.options:
        mask |= _letters(item)
    return mask


def first(node: Node, follow: int) -> int:
    """What may stand first where a node and then `follow` is tried."""
    if isinstance(node, Letter):
        return node.mask
    if isinstance(node, Edge):
        return {"$": LINE_EDGE, "Z": END}.get(node.kind, follow or ANY)
    if isinstance(node, Repeat):
        return first(node.node, follow) | (0 if node.least else follow)
    if isinstance(node, Choice):
        mask = 0
        for option in node.options:
            mask |= first(option, follow)
        return mask
    for item in reversed(node.items):
        follow = first(item, follow)
    return follow


def hurried(node: Node, follow: int = 0) -> str:
    r"""A pattern that matches where a tree does, and takes back no repeat that cannot end elsewhere.

    Example:
        >>> from echoformat.detectors.pattern_tree import tree
        >>> print(hurried(tree(r"[ab]*c(?:[^`]|`x)*```")))
        [ab]*+c(?:[^`]++|`x)*```
    """
    if isinstance(node, Sequence_):
        parts = []
        for item in reversed(node.items):
            parts.append(hurried(item, follow))
            follow = first(item, follow)
        return "".join(reversed(parts))
    if isinstance(node, Choice):
        return "(?:" + "|".join(hurried(option, follow) for option in node.options) + ")"
    return _hurried_repeat(node, follow) if isinstance(node, Repeat) else written(node)


def _hurried_repeat(node: Repeat, follow: int) -> str:
    often = times(node.least, node.most)
    if isinstance(node.node, Letter):
        return node.node.source + often + ("" if node.node.mask & follow or node.least == node.most else "+")
    rounds = follow | (first(node.node, 0) if node.most != 1 else 0)
    if node.most is None and isinstance(node.node, Choice):
        return "(?:" + "|".join(_rounds(node.node, follow, rounds)) + ")" + often
    return f"(?:{hurried(node.node, rounds)}){often}"


def _rounds(node: Choice, follow: int, rounds: int) -> list[str]:
    """Options of an endless repeat; a character that begins no other is taken as often as it stands."""
    out = []
    for option in node.options:
        others = follow
        for other in node.options:
            others |= first(other, 0) if other is not option else 0
        if isinstance(option, Letter) and not option.mask & others:
            out.append(option.source + "++")
        else:
            out.append(hurried(option, rounds))
    return out
