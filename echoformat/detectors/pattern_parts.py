"""Patterns taken apart: alternatives that are looked for each for itself."""

from __future__ import annotations

from dataclasses import dataclass

from echoformat.detectors.backtracking import lengths_in_time
from echoformat.detectors.pattern_nodes import (
    Choice,
    Edge,
    Node,
    Repeat,
    Sequence_,
    is_blank_run,
    is_wide,
    items_of,
    mirrored,
)
from echoformat.detectors.requirements import Requirement, Way, requirements

NO_LIMIT = 1 << 30


@dataclass(frozen=True, slots=True)
class Part:
    """One alternative of a pattern.

    Attributes:
        rule: The pattern, by number.
        node: Its tree; ``None`` where it has none.
        need: By what it is found; ``None`` where nothing is known.
        others: What else has to stand in the text.
    """

    rule: int
    node: Node | None
    need: Requirement | None = None
    others: tuple[Requirement, ...] = ()

    @classmethod
    def of(cls, rule: int, node: Node | None) -> list[Part]:
        """The parts of a pattern."""
        if node is None:
            return [cls(rule, None)]
        return [cls._one(rule, option) for option in alternatives(without_tail(node))]

    @property
    def forth(self) -> Node | None:
        """What is matched from a place on."""
        if self.node is None or self.need is None or self.need.way is not Way.BOTH:
            return self.node
        return Sequence_(items_of(self.node)[self.need.front :])

    @property
    def back(self) -> Node | None:
        """What has to stand right in front of the place; ``None`` for nothing."""
        if self.node is None or self.need is None or self.need.way is not Way.BOTH:
            return None
        return Sequence_(items_of(self.node)[: self.need.front])

    @property
    def lengths(self) -> tuple[int, int]:
        """Up to which length matching forth, and back, needs no clock."""
        forth, back = self.forth, self.back
        if forth is None:
            return 0, 0
        is_back = self.need is not None and self.need.way is Way.BACK
        in_back = NO_LIMIT if back is None else lengths_in_time(mirrored(back))[0]
        return lengths_in_time(mirrored(forth) if is_back else forth)[0], in_back

    @classmethod
    def _one(cls, rule: int, node: Node) -> Part:
        needs = requirements(node)
        return cls(rule, node, needs[0] if needs else None, tuple(needs[1:]))


def alternatives(node: Node) -> list[Node]:
    r"""Nodes one of which matches wherever a node does, and that match nowhere else.

    Of a choice that begins a line, the ones of fixed form stay together.

    Example:
        >>> from echoformat.detectors.pattern_tree import tree
        >>> len(alternatives(tree(r"a|^(?:b|c|\w+ =|d)e")))
        3
    """
    if isinstance(node, Choice):
        return [part for option in node.options for part in alternatives(option)]
    items = items_of(node)
    at = next(
        (i for i, item in enumerate(items) if not isinstance(item, Edge) and not is_blank_run(item)), None
    )
    if not at or not isinstance(choice := items[at], Choice):
        return [node]
    loose = [option for option in choice.options if any(map(_is_loose, items_of(option)))]
    fixed = tuple(option for option in choice.options if option not in loose)
    options = [*loose, *([Choice(fixed)] if fixed else [])]
    return [Sequence_((*items[:at], *items_of(option), *items[at + 1 :])) for option in options]


def _is_loose(node: Node) -> bool:
    return isinstance(node, Repeat) and node.most is None and is_wide(node.node)


def without_tail(node: Node) -> Node:
    """A tree that matches in the same texts, without what may be missing at its end."""
    if isinstance(node, Repeat):
        inner = without_tail(node.node) if node.least == 1 else node.node
        return inner if node.least == 1 else Repeat(node.node, node.least, node.least)
    if isinstance(node, Choice):
        return Choice(tuple(map(without_tail, node.options)))
    if isinstance(node, Sequence_) and node.items:
        last = without_tail(node.items[-1])
        if isinstance(last, Repeat) and not last.most:
            return without_tail(Sequence_(node.items[:-1]))
        return Sequence_((*node.items[:-1], *items_of(last)))
    return node
