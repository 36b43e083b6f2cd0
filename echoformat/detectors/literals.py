"""What a pattern cannot match without, read off its declaration.

Two things follow from it: a pattern need not be tried where none of its literals occurs, and one whose
repeats run on through prose can be kept out of the common scan, represented there by its beginning. Careful
throughout: what is not understood yields nothing, and a pattern of which nothing is known is always tried.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

from echoformat.detectors.late_regex import LateRegex

# Literals of at least one of which every match contains; None where nothing is known.
Needed = frozenset[str] | None
MOST_ALTERNATIVES = 24
ZERO_WIDTH_ESCAPES = frozenset("AZzbB")
CONTROLS = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "v": "\v", "a": "\a"}
# A repeat of more than this many characters of prose is one that runs on.
LONG_REPEAT = 12
LEADING_FLAGS = LateRegex(r"(?:\(\?[a-zA-Z-]+\))*")
LOOSE_FLAGS = LateRegex(r"\(\?[a-zA-Z-]+\)")
FIXED_OPENING = LateRegex(
    r"(?:\(\?[a-zA-Z-]+\))*(?:\\b|\(\?i?:)*+(?:[^\\^$.|?*+()\[\]{}\d]|\\[^\w\s]|\[\w{1,2}\])(?![*?])"
)


class _NotUnderstood(Exception):
    """A construct whose literals cannot be told."""


def needed_literals(pattern: str) -> Needed:
    r"""Literals one of which, in whatever case, every match of a declared pattern contains.

    Returns:
        ``None`` where nothing is known.

    Example:
        >>> sorted(needed_literals(r"^(?:def|class) \w+:$"))
        ['class', 'def']
        >>> sorted(needed_literals(r"(?i)The answer\s+is (\d+)?"))
        ['The answer']
        >>> needed_literals(r"\d+") is None
        True
    """
    read = _read(pattern)
    return None if read is None else read.needed


def runs_on(pattern: str) -> bool:
    r"""Whether a repeat inside goes on through prose, so that a scan has to carry it along.

    Example:
        >>> runs_on(r"^ans = [^\n]+\s*\Z"), runs_on(r"\bdef \w+\(")
        (True, False)
    """
    if not any(sign in pattern for sign in "*+{"):
        return False
    read = _read(pattern)
    return read is None or read.cut is not None


def begins_at_start(pattern: str) -> bool:
    r"""Whether a pattern can only match at the start of a text.

    Example:
        >>> begins_at_start(r"(?i)\A\s*select "), begins_at_start(r"\Aa|b")
        (True, False)
    """
    read = _read(pattern) if r"\A" in pattern else None
    return read is not None and not read.alternatives and pattern[read.first :].startswith(r"\A")


def alternatives(pattern: str) -> tuple[str, ...]:
    r"""Patterns one of which matches wherever the given one does: its alternatives at the top.

    Example:
        >>> alternatives(r"(?i)\Aa|^b(?:c|d)"), alternatives("(?:a|b)")
        (('(?i)\\Aa', '(?i)^b(?:c|d)'), ('(?:a|b)',))
    """
    read = _read(pattern)
    flags = LEADING_FLAGS.match(pattern)[0]
    if read is None or len(read.parts) < 2 or LOOSE_FLAGS.search(pattern, len(flags)):
        return (pattern,)
    first, *others = read.parts
    return (first, *(flags + other for other in others))


def crosses_lines(pattern: str) -> bool:
    r"""Whether a repeat inside goes on through prose and past the end of a line.

    Example:
        >>> crosses_lines(r"\A[^`]*```"), crosses_lines(r"\A[^\n]*```")
        (True, False)
    """
    read = _read(pattern)
    return read is None or read.crosses


def opens_fixed(pattern: str) -> bool:
    r"""Whether a pattern begins with certain characters, so that a scan sleeps until it meets one.

    Example:
        >>> opens_fixed(r"\b(?:fun|let) x"), opens_fixed(r"[Tt]he"), opens_fixed(r"[a-z]\. The")
        (True, True, False)
    """
    return FIXED_OPENING.match(pattern) is not None


def stand_ins(pattern: str) -> tuple[str, ...]:
    r"""Patterns without long repeats, each of which matches wherever the given one does; best first.

    One is what stands before the long repeats, one is the needed literals.

    Example:
        >>> print(*stand_ins(r"^(?:if [^\n]+|else):\n"), sep="; ")
        ^(?:if |else); (?:else|if )
        >>> print(*stand_ins(r"(?s)\A.*?</think>"), sep="; ")
        (?s)\A; (?:</think>)
    """
    read = _read(pattern)
    if read is None:
        return ()
    opening = "(?i:" if "(?i" in pattern else "(?:"
    by_literal = read.needed and opening + "|".join(_escaped(text) for text in sorted(read.needed)) + ")"
    # Flags that stand behind a cut hold for the alternatives after it, which are not cut there.
    cut = None if LOOSE_FLAGS.search(pattern, len(LEADING_FLAGS.match(pattern)[0])) else read.cut
    return tuple(found for found in (cut, by_literal) if found)


def worth(needed: Needed) -> float:
    """How much a requirement rules out: long literals and few of them; 0 for none."""
    if needed is None or not needed or len(needed) > MOST_ALTERNATIVES:
        return 0.0
    shortest = min(len(literal.strip()) for literal in needed)
    return max(0.1, min(shortest, 12) - 0.25 * len(needed))


def _escaped(literal: str) -> str:
    return "".join(char if char.isalnum() or char in " \n<>/" else "\\" + char for char in literal)


@lru_cache(maxsize=1024)
def _takes(members: str) -> tuple[bool, bool]:
    """Whether a class of characters lets words and the spaces between them through, and line ends too."""
    # As for `LateRegex`: only who plans a scan comes here.
    import regex

    try:
        one = regex.compile("(?a)" + members)
    except regex.error:
        raise _NotUnderstood from None
    prose = bool(one.match(" ") and one.match("e"))
    return prose, prose and one.match("\n") is not None


@lru_cache(maxsize=4096)
def _read(pattern: str) -> _Read | None:
    try:
        return _Reader(pattern).whole()
    except (_NotUnderstood, IndexError):
        return None


@dataclass(slots=True)
class _Read:
    """What is known of a pattern.

    Attributes:
        needed: Literals one of which it needs.
        cut: The pattern up to its first long repeat; ``None`` where it has none.
        alternatives: Whether it has several at the top.
        parts: Those alternatives as they are written.
        crosses: Whether a long repeat goes past the end of a line.
        lines: Whether any part of it may take the end of a line among prose.
        first: Where its first item stands that is no flag.
        run: Plain characters in a row, read last.
    """

    needed: Needed = None
    cut: str | None = None
    alternatives: bool = False
    parts: tuple[str, ...] = ()
    crosses: bool = False
    lines: bool = False
    first: int = -1
    run: str = field(default="", repr=False)

    def offer(self, needed: Needed) -> None:
        if needed is not None and worth(needed) > worth(self.needed):
            self.needed = needed

    def flush(self) -> None:
        if self.run:
            self.offer(frozenset({self.run}))
        self.run = ""


@dataclass(frozen=True, slots=True)
class _Atom:
    char: str = ""
    needed: Needed = None
    is_wide: bool = True
    takes_prose: bool = False
    takes_lines: bool = False
    crosses: bool = False
    cut: str | None = None
    is_flag: bool = False


class _Reader:
    """Recursive descent over a declared pattern."""

    def __init__(self, pattern: str) -> None:
        self._pattern, self._at = pattern, 0

    def whole(self) -> _Read:
        read = self._alternatives()
        if self._at < len(self._pattern):
            raise _NotUnderstood
        return read

    def _peek(self, text: str) -> bool:
        return self._pattern.startswith(text, self._at)

    def _alternatives(self) -> _Read:
        found, texts = [], []
        while True:
            start = self._at
            found.append(self._sequence())
            texts.append(self._pattern[start : self._at])
            if not self._peek("|"):
                break
            self._at += 1
        if len(found) == 1:
            return found[0]
        every = {literal for read in found for literal in read.needed or {""}}
        known = "" not in every and len(every) <= MOST_ALTERNATIVES
        is_cut = any(read.cut is not None for read in found)
        parts = [text if read.cut is None else read.cut for read, text in zip(found, texts, strict=True)]
        return _Read(
            frozenset(every) if known else None,
            "|".join(parts) if is_cut else None,
            True,
            tuple(texts),
            any(read.crosses for read in found),
            any(read.lines for read in found),
        )

    def _sequence(self) -> _Read:
        read, start = _Read(), self._at
        while self._at < len(self._pattern) and self._pattern[self._at] not in "|)":
            self._item(read, start)
        read.flush()
        return read

    def _item(self, read: _Read, beginning: int) -> None:
        start = self._at
        atom = self._atom()
        least, most = self._quantifier()
        if read.first < 0 and not atom.is_flag:
            read.first = start
        read.lines |= atom.takes_lines
        read.crosses |= atom.crosses or (atom.takes_lines and most > LONG_REPEAT)
        if read.cut is None and (atom.cut is not None or (atom.takes_prose and most > LONG_REPEAT)):
            inner = f"(?:{atom.cut})" if atom.cut and least else ""
            read.cut = self._pattern[beginning:start] + inner
        if atom.char:
            read.run += atom.char if least else ""
            if (least, most) != (1, 1):
                read.flush()
        elif atom.is_wide:
            read.flush()
            if least:
                read.offer(atom.needed)

    def _atom(self) -> _Atom:
        char = self._pattern[self._at]
        self._at += 1
        if char == "\\":
            return self._escape()
        if char == "[":
            return self._class()
        if char == "(":
            return self._group()
        if char in "^$":
            return _Atom(is_wide=False)
        if char == ".":
            return _Atom(takes_prose=True, takes_lines=True)
        if char in "*+?{":
            raise _NotUnderstood
        return _Atom(char)

    def _escape(self) -> _Atom:
        char = self._pattern[self._at]
        self._at += 1
        if char in ZERO_WIDTH_ESCAPES:
            return _Atom(is_wide=False)
        if char in CONTROLS:
            return _Atom(CONTROLS[char])
        if not char.isalnum():
            return _Atom(char)
        if char not in "wWdDsS":
            raise _NotUnderstood
        return _Atom(takes_prose=char == "D", takes_lines=char == "D")

    def _class(self) -> _Atom:
        start = self._at - 1
        self._at += self._peek("^")
        self._at += self._peek("]")
        while self._pattern[self._at] != "]":
            if self._peek("[:"):
                raise _NotUnderstood
            self._at += 2 if self._pattern[self._at] == "\\" else 1
        self._at += 1
        prose, lines = _takes(self._pattern[start : self._at])
        return _Atom(takes_prose=prose, takes_lines=lines)

    def _group(self) -> _Atom:
        if self._peek("?") and not self._peek("?:"):
            return self._special_group()
        self._at += 2 if self._peek("?:") else 0
        return self._closed()

    def _special_group(self) -> _Atom:
        start = self._at
        end = start + 1
        while self._pattern[end] in "ims-":
            end += 1
        if self._pattern[end] == ")":
            self._at = end + 1
            return _Atom(is_wide=False, is_flag=True)
        if self._pattern[end] == ":":
            self._at = end + 1
            return self._closed(self._pattern[start + 1 : end])
        if self._peek("?P<") or (self._peek("?<") and self._pattern[self._at + 2] not in "=!"):
            self._at = self._pattern.index(">", self._at) + 1
            return self._closed()
        raise _NotUnderstood

    def _closed(self, flags: str = "") -> _Atom:
        read = self._alternatives()
        if not self._peek(")"):
            raise _NotUnderstood
        self._at += 1
        cut = read.cut if read.cut is None or not flags else f"(?{flags}:{read.cut})"
        return _Atom(
            needed=read.needed, takes_prose=True, takes_lines=read.lines, crosses=read.crosses, cut=cut
        )

    def _quantifier(self) -> tuple[int, float]:
        """How often at least and at most."""
        char = self._pattern[self._at : self._at + 1]
        if char not in ("*", "+", "?", "{"):
            return 1, 1
        self._at += 1
        least, most = (
            self._counted() if char == "{" else (int(char == "+"), 1 if char == "?" else float("inf"))
        )
        if self._peek("?") or self._peek("+"):
            self._at += 1
        return least, most

    def _counted(self) -> tuple[int, float]:
        body, closing, _ = self._pattern[self._at :].partition("}")
        low, comma, high = body.partition(",")
        if not closing or not low.isdecimal() or (high and not high.isdecimal()):
            raise _NotUnderstood
        self._at += len(body) + 1
        return int(low), float(high) if high else float("inf") if comma else int(low)
