"""Patterns to trees, for the lockstep scan: the syntax that `for_re2` writes, with case and dot spelled out.

What is not known here (look-around, Unicode classes, flags) is refused, and searched for one by one.
"""

from __future__ import annotations

from echoformat.detectors.lockstep_nodes import (
    LAST_CODE,
    Both,
    Class_,
    Edge,
    Either,
    Node,
    Ranges,
    Refused,
    Repeat,
    merged,
    others,
)

MOST_REPEATS = 1000
DEEPEST = 60
CONTROLS = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "v": "\v", "a": "\a"}
GROUPS = {
    "d": ((48, 57),),
    "w": ((48, 57), (65, 90), (95, 95), (97, 122)),
    "s": ((9, 10), (12, 13), (32, 32)),
}
ESCAPED_EDGES = {
    "A": Edge.TEXT_START,
    "z": Edge.TEXT_END,
    "b": Edge.WORD_EDGE,
}


def parsed(pattern: str) -> Node:
    r"""The tree of a pattern in the form that RE2 takes.

    Raises:
        Refused: Look-around, Unicode classes, flags, and whatever else has no node.

    Example:
        >>> parsed("(?m)^a+")
        Both(items=(<Edge.LINE_START: 1>, Repeat(node=Class_(ranges=((97, 97),)), low=1, high=None)))
    """
    try:
        return _Parser(pattern.removeprefix("(?m)")).whole()
    except IndexError:
        raise Refused(pattern) from None


class _Parser:
    """Recursive descent."""

    def __init__(self, pattern: str) -> None:
        self._pattern, self._at, self._depth = pattern, 0, 0

    def whole(self) -> Node:
        node = self._either()
        if self._at < len(self._pattern):
            raise Refused(self._pattern)
        return node

    def _peek(self) -> str:
        return self._pattern[self._at : self._at + 1]

    def _take(self, text: str) -> bool:
        found = self._pattern.startswith(text, self._at)
        self._at += len(text) if found else 0
        return found

    def _next(self) -> str:
        self._at += 1
        return self._pattern[self._at - 1]

    def _either(self) -> Node:
        options = [self._both()]
        while self._take("|"):
            options.append(self._both())
        return options[0] if len(options) == 1 else Either(tuple(options))

    def _both(self) -> Node:
        items: list[Node] = []
        while self._peek() not in ("", "|", ")"):
            items.append(self._repeated())
        return items[0] if len(items) == 1 else Both(tuple(items))

    def _repeated(self) -> Node:
        node = self._atom()
        times = self._times()
        if times is None:
            return node
        self._take("?")
        # A repeat of a repeat reads as something else in other engines.
        if self._peek() in ("*", "+", "?") or self._times() is not None:
            raise Refused(self._pattern)
        return Repeat(node, *times)

    def _times(self) -> tuple[int, int | None] | None:
        if self._take("*"):
            return 0, None
        if self._take("+"):
            return 1, None
        if self._take("?"):
            return 0, 1
        return self._counted() if self._peek() == "{" else None

    def _counted(self) -> tuple[int, int | None] | None:
        """{2}, {2,} or {2,3}; anything else in braces is what it is."""
        body, closing, _ = self._pattern[self._at + 1 :].partition("}")
        low, comma, high = body.partition(",")
        if not closing or not _is_number(low) or (high and not _is_number(high)):
            return None
        least, most = int(low), int(high) if high else None if comma else int(low)
        if least > MOST_REPEATS or (most is not None and not least <= most <= MOST_REPEATS):
            raise Refused(self._pattern)
        self._at += len(body) + 2
        return least, most

    def _atom(self) -> Node:
        char = self._next()
        if char == "(":
            return self._group()
        if char == "[":
            return self._class()
        if char == "\\":
            return self._escaped()
        if char == "^":
            return Edge.LINE_START
        if char == "$":
            return Edge.LINE_END
        if char == ".":
            return Class_(others(((10, 10),)))
        if char in "*+?":
            raise Refused(self._pattern)
        return Class_(((ord(char), ord(char)),))

    def _group(self) -> Node:
        if self._take("?s:.)"):
            return Class_(((0, LAST_CODE),))
        if self._peek() == "?" and not self._take("?:"):
            if not self._take("?P<"):
                raise Refused(self._pattern)
            while self._next() != ">":
                pass
        self._depth += 1
        if self._depth > DEEPEST:
            raise Refused(self._pattern)
        node = self._either()
        self._depth -= 1
        if not self._take(")"):
            raise Refused(self._pattern)
        return node

    def _escaped(self) -> Node:
        edge = ESCAPED_EDGES.get(self._peek())
        if edge is not None:
            self._at += 1
            return edge
        found = self._escaped_group()
        if found is None:
            code = self._escaped_character()
            found = ((code, code),)
        return Class_(found)

    def _escaped_group(self) -> Ranges | None:
        """Behind a backslash: a group of characters."""
        found = GROUPS.get(self._peek().lower())
        if found is None:
            return None
        return others(found) if self._next().isupper() else found

    def _escaped_character(self) -> int:
        """Behind a backslash: one character."""
        char = self._next()
        if char in CONTROLS:
            return ord(CONTROLS[char])
        if char == "x":
            return self._hex()
        if char.isalnum() or char == "_" or not char.isascii():
            raise Refused(self._pattern)
        return ord(char)

    def _hex(self) -> int:
        if self._take("{"):
            end = self._pattern.index("}", self._at) if "}" in self._pattern[self._at :] else self._at
            digits, self._at = self._pattern[self._at : end], end + 1
        else:
            digits = self._pattern[self._at : self._at + 2].ljust(2, "?")
            self._at += 2
        try:
            code = int(digits, 16) if digits.isalnum() and digits.isascii() else LAST_CODE + 1
        except ValueError:
            code = LAST_CODE + 1
        if code > LAST_CODE or len(digits) > 6:
            raise Refused(self._pattern)
        return code

    def _class(self) -> Node:
        is_turned = self._take("^")
        ranges: list[tuple[int, int]] = []
        first = self._at
        while self._peek() != "]" or self._at == first:
            ranges += self._members()
        self._at += 1
        found = merged(ranges)
        return Class_(others(found) if is_turned else found)

    def _members(self) -> Ranges:
        if self._pattern.startswith("[:", self._at):
            raise Refused(self._pattern)
        if self._take("\\"):
            found = self._escaped_group()
            if found is not None:
                return found
            self._at -= 1
        low = high = self._character()
        if self._peek() == "-" and self._pattern[self._at + 1] != "]":
            self._at += 1
            high = self._character()
        if low > high:
            raise Refused(self._pattern)
        return ((low, high),)

    def _character(self) -> int:
        return self._escaped_character() if self._take("\\") else ord(self._next())


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal()
