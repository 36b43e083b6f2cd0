r"""The one dialect in which patterns are declared, and its form for either engine.

Declared: what RE2 and the `regex` package share, multi-line mode on, classes and case ASCII, `\Z` the end
of text, a flag valid from where it stands to the end of its group. The engines differ in all of that: RE2
writes `\z`, its `\s` lacks the vertical tab, its `(?i)k` takes the Kelvin sign; `regex` spreads an inline
flag over the whole pattern. Here case and dot are spelled out, so that none of it reaches an engine.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from string import ascii_lowercase, ascii_uppercase

SPACE = r"\t-\r "
NOT_SPACE = r"\x00-\x08\x0e-\x1f\x21-" + chr(0x10FFFF)
FLAGS = frozenset("imsU-")


@lru_cache(maxsize=8192)
def translate(pattern: str, end_of_text: str) -> str:
    r"""A declared pattern with white space, case and dot spelled out and `\Z` as an engine writes it.

    Example:
        >>> print(translate(r"a[\s.]\s\Z", r"\z"))
        a[\t-\r .][\t-\r ]\z
        >>> print(translate(r"(?i)x[^a-c](?-i:y).", r"\z"))
        [xX][^a-cA-C](?:y).
    """
    return "".join(_Walk(pattern, end_of_text).parts())


def asks_amid_characters(pattern: str) -> bool:
    r"""Whether a pattern asks where no word begins or ends (`\B`), which bytes do amid a character.

    Example:
        >>> asks_amid_characters(r"\B=\B"), asks_amid_characters(r"C:\\Bin")
        (True, False)
    """
    return r"\B" in pattern.replace(r"\\", "")


def for_re2(pattern: str) -> str:
    """The form that RE2 compiles."""
    return "(?m)" + translate(pattern, r"\z")


def for_regex(pattern: str) -> str:
    """The form that the `regex` package compiles, with MULTILINE and ASCII set inline."""
    return "(?ma)" + translate(pattern, r"\Z")


class _Walk:
    """One pass over a pattern that knows which flags hold where."""

    def __init__(self, pattern: str, end_of_text: str) -> None:
        self._pattern, self._end_of_text, self._at = pattern, end_of_text, 0
        self._flags: list[frozenset[str]] = [frozenset()]

    def parts(self) -> Iterator[str]:
        while self._at < len(self._pattern):
            char = self._pattern[self._at]
            if char == "\\":
                yield self._escape(inside=False)
            elif char == "[":
                yield self._class()
            elif char == "(":
                yield self._open()
            else:
                self._at += 1
                yield self._plain(char)

    def _plain(self, char: str) -> str:
        if char == ")" and len(self._flags) > 1:
            self._flags.pop()
        if char == "." and "s" in self._flags[-1]:
            return "(?s:.)"
        if "i" in self._flags[-1] and char in ascii_lowercase + ascii_uppercase:
            return f"[{char}{char.swapcase()}]"
        return char

    def _escape(self, inside: bool) -> str:
        raw = self._raw_escape()
        if raw == r"\s":
            return SPACE if inside else f"[{SPACE}]"
        if raw == r"\S":
            return NOT_SPACE if inside else f"[^{SPACE}]"
        return self._end_of_text if raw == r"\Z" else raw

    def _raw_escape(self) -> str:
        start = self._at
        kind, after = self._pattern[start + 1 : start + 2], self._pattern[start + 2 : start + 3]
        if kind in ("x", "p", "P", "u", "U", "N", "k", "g") and after == "{":
            self._at = self._pattern.find("}", start) + 1 or len(self._pattern)
        else:
            self._at = start + {"x": 4, "u": 6, "U": 10}.get(kind, 2)
        return self._pattern[start : self._at]

    def _open(self) -> str:
        start = self._at
        end = start + 2
        while self._pattern[end : end + 1] in FLAGS and end < len(self._pattern):
            end += 1
        closing = self._pattern[end : end + 1]
        if self._pattern[start + 1 : start + 2] != "?" or closing not in (":", ")"):
            return self._other_group()
        self._at = end + 1
        flags = _changed(self._flags[-1], self._pattern[start + 2 : end])
        if closing == ")":
            self._flags[-1] = flags
            # A repeat that stands behind it repeats nothing; without this it would repeat what came before.
            return "(?:)" if self._pattern[self._at : self._at + 1] in ("*", "+", "?", "{") else ""
        self._flags.append(flags)
        return "(?:"

    def _other_group(self) -> str:
        """A plain, named or look-around group; the letters of its head are no literals."""
        start = self._at
        self._flags.append(self._flags[-1])
        self._at += 1
        if self._pattern.startswith(("(?P<", "(?<"), start) and self._pattern[start + 3] not in "=!":
            self._at = self._pattern.find(">", start) + 1 or len(self._pattern)
        elif self._pattern.startswith("(?", start):
            self._at += 3 if self._pattern.startswith("(?<", start) else 2
        return self._pattern[start : self._at]

    def _class(self) -> str:
        out = ["[^" if self._pattern.startswith("[^", self._at) else "["]
        self._at += len(out[0])
        if self._pattern.startswith("]", self._at):
            out.append(r"\]")
            self._at += 1
        while self._at < len(self._pattern) and self._pattern[self._at] != "]":
            out.append(self._member())
        self._at += 1
        return "".join(out) + "]"

    def _member(self) -> str:
        start, closing = self._at, self._pattern.find(":]", self._at)
        if self._pattern.startswith("[:", start) and closing > 0:
            self._at = closing + 2
            return self._pattern[start : self._at]
        low = self._one()
        high = low
        written = low
        if self._pattern.startswith("-", self._at) and self._pattern[self._at + 1 : self._at + 2] != "]":
            self._at += 1
            high = self._one()
            written = f"{low}-{high}"
        return written + (_other_case(low, high) if "i" in self._flags[-1] else "")

    def _one(self) -> str:
        if self._pattern[self._at] == "\\":
            return self._escape(inside=True)
        self._at += 1
        char = self._pattern[self._at - 1]
        return r"\[" if char == "[" else char


def _changed(flags: frozenset[str], change: str) -> frozenset[str]:
    on, _, off = change.partition("-")
    return (flags | set(on)) - set(off)


def _other_case(low: str, high: str) -> str:
    """What a range of a class takes in the other case; escapes stand for themselves."""
    if len(low) > 1 or len(high) > 1:
        return ""
    out = []
    for alphabet in (ascii_lowercase, ascii_uppercase):
        inside = [char for char in alphabet if low <= char <= high]
        if inside:
            first, last = inside[0].swapcase(), inside[-1].swapcase()
            out.append(first if first == last else f"{first}-{last}")
    return "".join(out)
