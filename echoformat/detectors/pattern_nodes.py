"""What a pattern is made of, as a tree of sets of bytes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from echoformat.detectors.projection import ANY, BLANK, NEWLINE

WIDE = 24


class NotUnderstood(Exception):
    """A construct that the tree has no node for."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One character of a set.

    Attributes:
        mask: Bit b for byte b.
        sure: Whether the shared bytes say it for all characters that they stand for.
        source: As it is written.
    """

    mask: int
    sure: bool = True
    source: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Edge:
    """A place between two characters: `^`, `$`, `A`, `Z`, `b` or `B`."""

    kind: str


@dataclass(frozen=True, slots=True)
class Sequence_:
    """Nodes one behind the other."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several nodes."""

    options: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """A node `least` to `most` times; `most` is ``None`` where there is no bound."""

    node: Node
    least: int
    most: int | None


Node = Letter | Edge | Sequence_ | Choice | Repeat
MIRRORED = {"^": "$", "$": "^", "A": "Z", "Z": "A", "b": "b", "B": "B"}


def mirrored(node: Node) -> Node:
    """The tree of the same texts read backwards.

    Example:
        >>> from echoformat.detectors.pattern_tree import tree
        >>> mirrored(tree("ab$")) == tree("^ba")
        True
    """
    if isinstance(node, Edge):
        return Edge(MIRRORED[node.kind])
    if isinstance(node, Sequence_):
        return Sequence_(tuple(mirrored(item) for item in reversed(node.items)))
    if isinstance(node, Choice):
        return Choice(tuple(map(mirrored, node.options)))
    return replace(node, node=mirrored(node.node)) if isinstance(node, Repeat) else node


def written(node: Node) -> str:
    r"""A pattern for the `regex` package that matches what a tree does; which of several matches is open.

    Example:
        >>> from echoformat.detectors.pattern_tree import tree
        >>> print(written(tree(r"^(?i:ab)+?|c{2}\Z")))
        (?:^(?:[aA][bB])+|c{2}\Z)
    """
    if isinstance(node, Letter):
        return node.source
    if isinstance(node, Edge):
        return node.kind if node.kind in "^$" else "\\" + node.kind
    if isinstance(node, Sequence_):
        return "".join(map(written, node.items))
    if isinstance(node, Choice):
        return "(?:" + "|".join(map(written, node.options)) + ")"
    inner = written(node.node) if isinstance(node.node, Letter | Choice) else f"(?:{written(node.node)})"
    return inner + times(node.least, node.most)


def times(least: int, most: int | None) -> str:
    """How often, as it is written."""
    short = {(0, None): "*", (1, None): "+", (0, 1): "?", (least, least): f"{{{least}}}"}
    return short.get((least, most)) or f"{{{least},{'' if most is None else most}}}"


def takes(node: Node, mask: int) -> bool:
    r"""Whether any character of a set can be taken by a node.

    Example:
        >>> from echoformat.detectors.pattern_tree import tree
        >>> takes(tree(r"a\s"), NEWLINE), takes(tree("a.$"), NEWLINE)
        (True, False)
    """
    if isinstance(node, Letter):
        return bool(node.mask & mask)
    if isinstance(node, Edge):
        return False
    if isinstance(node, Repeat):
        return takes(node.node, mask)
    return any(takes(item, mask) for item in (node.items if isinstance(node, Sequence_) else node.options))


def least_length(node: Node) -> int:
    """How many characters a node takes at least."""
    if isinstance(node, Letter):
        return 1
    if isinstance(node, Edge):
        return 0
    if isinstance(node, Repeat):
        return node.least * least_length(node.node)
    if isinstance(node, Choice):
        return min(map(least_length, node.options))
    return sum(map(least_length, node.items))


def items_of(node: Node) -> tuple[Node, ...]:
    return node.items if isinstance(node, Sequence_) else (node,)


def is_blank_run(node: Node) -> bool:
    return isinstance(node, Repeat) and isinstance(node.node, Letter) and not node.node.mask & ~BLANK


def is_wide(node: Node) -> bool:
    """Whether most characters go through, so that one more or less says nothing."""
    return isinstance(node, Letter) and (node.mask & (ANY >> 128)).bit_count() > WIDE


def looks_ahead(node: Node) -> bool:
    if isinstance(node, Edge):
        return node.kind not in "^A"
    if isinstance(node, Repeat):
        return looks_ahead(node.node)
    if isinstance(node, Letter):
        return False
    return any(map(looks_ahead, node.items if isinstance(node, Sequence_) else node.options))


def in_one_line(node: Node) -> bool:
    r"""Whether every match lies in one line, wherever a text ends behind it.

    Example:
        >>> from echoformat.detectors.pattern_tree import tree
        >>> in_one_line(tree(r"^a.*$")), in_one_line(tree(r"a\Z")), in_one_line(tree(r"a\s"))
        (True, False, False)
    """
    return not takes(node, NEWLINE) and not _has_end(node)


def _has_end(node: Node) -> bool:
    if isinstance(node, Edge):
        return node.kind == "Z"
    if isinstance(node, Repeat):
        return _has_end(node.node)
    if isinstance(node, Letter):
        return False
    return any(map(_has_end, node.items if isinstance(node, Sequence_) else node.options))
