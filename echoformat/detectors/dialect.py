r"""The one dialect in which patterns are declared, and its form for either engine.

Declared: what RE2 and the `regex` package share, multi-line mode on, classes ASCII, `\Z` the end of text.
RE2 writes `\z`; its `\s` lacks the vertical tab that `regex` takes. Both differences end here.
"""

from __future__ import annotations

SPACE = r"\t-\r "


def translate(pattern: str, end_of_text: str) -> str:
    r"""A declared pattern with `\s` spelled out and `\Z` as an engine writes it.

    Example:
        >>> print(translate(r"a[\s.]\s\Z", r"\z"))
        a[\t-\r .][\t-\r ]\z
    """
    out, inside, i = [], False, 0
    while i < len(pattern):
        pair = pattern[i : i + 2]
        if pair[0] == "\\":
            out.append(_escape(pair, inside, end_of_text))
            i += 2
            continue
        opens = pair[0] == "[" and not inside
        inside = opens or (inside and not _closes(pattern, i))
        out.append(pair[0])
        i += 1
    return "".join(out)


def _escape(pair: str, inside: bool, end_of_text: str) -> str:
    if pair == r"\s":
        return SPACE if inside else f"[{SPACE}]"
    if pair == r"\S" and not inside:
        return f"[^{SPACE}]"
    return end_of_text if pair == r"\Z" else pair


def _closes(pattern: str, i: int) -> bool:
    first = pattern[max(0, i - 1) : i] == "[" or pattern[max(0, i - 2) : i] == "[^"
    return pattern[i] == "]" and not first


def for_re2(pattern: str) -> str:
    """The form that RE2 compiles."""
    return "(?m)" + translate(pattern, r"\z")


def for_regex(pattern: str) -> str:
    """The form that the `regex` package compiles, with MULTILINE and ASCII set inline."""
    return "(?ma)" + translate(pattern, r"\Z")
