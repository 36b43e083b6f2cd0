"""The ends of a long text, where most signs of a format stand, and the patterns looked for beyond them.

A pattern that begins at the start of a text, or that names a mark which neither prose nor code holds by
chance (a tag, a fence, a box, a row of hashes), is looked for in the whole view; any other, in a view of more
than 2,048 bytes, in its first 1,024 and its last 512.
"""

from __future__ import annotations

import regex

from echoformat.detectors.literals import alternatives, begins_at_start

LONG, HEAD, TAIL = 2048, 1024, 512
MARK = regex.compile(r"<(?:[\w/|!?<\\]|\(\?)|(?:\\?`){3}|`\{3|\\\\(?:\(\?:)?f?box|#\{?4|####")


def seen_whole(pattern: str) -> bool:
    r"""Whether a declared pattern is looked for in the whole of a long text.

    Example:
        >>> [seen_whole(p) for p in (r"</answer>\s*\Z", r"\A[A-Z]", r"^```\w+", r"^ans = ", r"a <= b")]
        [True, True, True, False, False]
    """
    return MARK.search(pattern) is not None or any(map(begins_at_start, alternatives(pattern)))


def ends_of(text: bytes) -> bytes:
    r"""The head and tail of a long text, cut between lines or else between words; a short one as it is.

    White space at the very end does not count for the tail.

    Example:
        >>> lines = b"".join(b"line %d\n" % n for n in range(999))
        >>> kept = ends_of(lines)
        >>> len(kept) <= 1536, kept.startswith(b"line 0\n"), kept.endswith(b"line 998\n"), b"line 500" in kept
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
