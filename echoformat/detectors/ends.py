"""The ends of a long text, where most signs of a format stand, and the patterns looked for beyond them.

In a view of more than 2,304 bytes a pattern is looked for in the first 1,536 and the last 768. Only what says
much by itself, and names a mark that neither prose nor code holds by chance (a tag, a fence, a box, a row of
hashes), is looked for in the whole: such a mark may stand in the middle.
"""

from __future__ import annotations

from collections.abc import Sequence

from echoformat.compiled import native
from echoformat.detectors.late_regex import LateRegex
from echoformat.format import Pattern
from echoformat.text import Encoded, in_bytes

HEAD, TAIL = 1536, 768
LONG = HEAD + TAIL
MUCH = 0.8
MARK = LateRegex(r"<(?:[\w/|!?<\\]|\(\?)|(?:\\?`){3}|`\{3|\\\\(?:\(\?:)?f?box|#\{?4|####")


def seen_whole(pattern: Pattern) -> bool:
    r"""Whether a pattern is looked for in the whole of a long text.

    Example:
        >>> [seen_whole(Pattern("p", regex, 0.9)) for regex in (r"</answer>\s*\Z", r"^```\w+", r"^ans = ")]
        [True, True, False]
        >>> seen_whole(Pattern("p", "</answer>", 0.5))
        False
    """
    return pattern.weight >= MUCH and MARK.search(pattern.regex) is not None


def ends_of(text: bytes) -> bytes:
    r"""The head and tail of a long text, cut between lines or else between words; a short one as it is.

    White space at the very end does not count for the tail.

    Example:
        >>> lines = b"".join(b"line %d\n" % n for n in range(999))
        >>> kept = ends_of(lines)
        >>> len(kept) <= LONG, kept.startswith(b"line 0\n"), kept.endswith(b"line 998\n"), b"line 500" in kept
        (True, True, True, False)
    """
    if len(text) <= LONG:
        return text
    head = text[:HEAD]
    stop = _last(head, HEAD // 2)
    start = len(text.rstrip()) - TAIL
    if start <= stop:
        return text
    return (
        head[:stop].rstrip(b" ")
        + (b"" if head[:stop].endswith(b"\n") else b"\n")
        + text[_first(text, start) :]
    )


def ends_of_many(texts: Sequence[Encoded]) -> tuple[Sequence[Encoded], list[int]]:
    """`ends_of` each of many texts, and the rows of those that were cut; a short one is the very object.

    Example:
        >>> ends_of_many([b"x = 1"])
        ([b'x = 1'], [])
    """
    compiled = native()
    if compiled is not None:
        found: tuple[list[Encoded], list[int]] = compiled.ends(
            texts if isinstance(texts, list) else list(texts), HEAD, TAIL
        )
        return found
    whole = in_bytes(texts)
    cut = list(map(ends_of, whole))
    return cut, [row for row, (kept, text) in enumerate(zip(cut, whole, strict=True)) if kept is not text]


def _last(head: bytes, least: int) -> int:
    """Where the last line, or word, of a head ends; not before `least`."""
    for mark in (b"\n", b" "):
        at = head.rfind(mark, least)
        if at >= 0:
            return at + 1
    return _whole(head, len(head), -1)


def _first(text: bytes, start: int) -> int:
    """Where the first line, or word, of a tail begins; not in its second half."""
    for mark in (b"\n", b" "):
        at = text.find(mark, start, start + TAIL // 2)
        if at >= 0:
            return at + 1
    return _whole(text, start, 1)


def _whole(text: bytes, at: int, step: int) -> int:
    """The next place in a direction that is not within a character."""
    while 0 < at < len(text) and text[at] & 0xC0 == 0x80:
        at += step
    return at
