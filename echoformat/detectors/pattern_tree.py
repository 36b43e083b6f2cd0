"""Reads a declared pattern into a tree. What is not understood raises; it is searched for without a gate."""

from __future__ import annotations

from functools import lru_cache

import regex

from echoformat.detectors.dialect import NOT_SPACE, translate
from echoformat.detectors.pattern_nodes import Choice, Edge, Letter, Node, NotUnderstood, Repeat, Sequence_
from echoformat.detectors.projection import SHARED, SHARED_BYTES, byte_of

# Every character whose byte no other has.
ALPHABET = "".join(map(chr, (*range(1, 128), *range(160, 256))))
# A character that none lists.
FAR = "\u4e2d"
CONTROLS = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "v": "\v", "a": "\a"}


def tree(pattern: str) -> Node:
    r"""The tree of a declared pattern.

    Raises:
        NotUnderstood: Look-around, back-references and whatever else has no node.

    Example:
        >>> tree(r"^a?").items[1]
        Repeat(node=Letter(mask=158456325028528675187087900672, sure=True, source='a'), least=0, most=1)
    """
    written = translate(pattern, r"\Z").replace("(?s:.)", r"[\s\S]")
    try:
        return _Parser(written).whole()
    except (IndexError, regex.error):
        raise NotUnderstood(pattern) from None


@lru_cache(maxsize=4096)
def _letter(members: str) -> Letter:
    """The characters that a class or an escape takes."""
    one = regex.compile("(?a)" + members)
    mask = sum(1 << ord(char) for char in one.findall(ALPHABET))
    listed = [char for char in members.replace(NOT_SPACE, "") if byte_of(char) in SHARED_BYTES]
    if one.match(FAR) or _has_codes(members) or (listed and "-" in members):
        return Letter(mask | SHARED, not listed and not _has_codes(members), members)
    for char in listed:
        mask |= 1 << byte_of(char)
    return Letter(mask, not listed, members)


def _has_codes(members: str) -> bool:
    """Whether characters are named by number or property."""
    return any(
        sign in members.replace(NOT_SPACE, "") for sign in (r"\x", r"\u", r"\U", r"\N", r"\p", r"\P", "[:")
    )


class _Parser:
    """Recursive descent over a pattern whose flags are spelled out."""

    def __init__(self, written: str) -> None:
        self._written, self._at = written, 0

    def whole(self) -> Node:
        node = self._choice()
        if self._at < len(self._written):
            raise NotUnderstood
        return node

    def _peek(self, text: str) -> bool:
        return self._written.startswith(text, self._at)

    def _choice(self) -> Node:
        options = [self._sequence()]
        while self._peek("|"):
            self._at += 1
            options.append(self._sequence())
        return options[0] if len(options) == 1 else Choice(tuple(options))

    def _sequence(self) -> Node:
        items: list[Node] = []
        while self._at < len(self._written) and self._written[self._at] not in "|)":
            node = self._quantified(self._atom())
            items.extend(node.items if isinstance(node, Sequence_) else (node,))
        return items[0] if len(items) == 1 else Sequence_(tuple(items))

    def _atom(self) -> Node:
        char = self._written[self._at]
        self._at += 1
        if char == "\\":
            return self._escape()
        if char == "[":
            return self._class()
        if char == "(":
            return self._group()
        if char in "^$":
            return Edge(char)
        if char == ".":
            return _letter(r"[^\n]")
        if char in "*+?{":
            raise NotUnderstood
        return _literal(char)

    def _escape(self) -> Node:
        char = self._written[self._at]
        self._at += 1
        if char in "AZbB":
            return Edge(char)
        if char in "wWdD":
            return _letter("\\" + char)
        if char in CONTROLS:
            return _literal(CONTROLS[char])
        if char.isalnum():
            raise NotUnderstood
        return _literal(char)

    def _class(self) -> Node:
        start = self._at - 1
        self._at += self._peek("^")
        self._at += self._peek("]")
        while self._written[self._at] != "]":
            if self._peek("[:"):
                raise NotUnderstood
            self._at += 2 if self._written[self._at] == "\\" else 1
        self._at += 1
        return _letter(self._written[start : self._at])

    def _group(self) -> Node:
        if self._peek("?P<"):
            self._at = self._written.index(">", self._at) + 1
        elif self._peek("?:"):
            self._at += 2
        elif self._peek("?"):
            raise NotUnderstood
        node = self._choice()
        if not self._peek(")"):
            raise NotUnderstood
        self._at += 1
        return node

    def _quantified(self, node: Node) -> Node:
        char = self._written[self._at : self._at + 1]
        if char not in ("*", "+", "?", "{"):
            return node
        self._at += 1
        least, most = (0, None)
        if char == "{":
            least, most = self._counted()
        elif char != "*":
            least, most = (1, None) if char == "+" else (0, 1)
        if self._peek("+"):
            raise NotUnderstood
        self._at += self._peek("?")
        return Repeat(node, least, most)

    def _counted(self) -> tuple[int, int | None]:
        body, closing, _ = self._written[self._at :].partition("}")
        low, comma, high = body.partition(",")
        if not closing or not low.isdecimal() or (high and not high.isdecimal()):
            raise NotUnderstood
        self._at += len(body) + 1
        return int(low), int(high) if high else None if comma else int(low)


def _literal(char: str) -> Letter:
    return Letter(1 << byte_of(char), byte_of(char) not in SHARED_BYTES, regex.escape(char))
