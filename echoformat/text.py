"""The view of a completion that detectors look at: clean Unicode, one kind of line end, bounded length."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from echoformat.compiled import native

# A completion longer than this is seen through its head and tail. Evidence stands at either end (an
# opening marker, a closing answer), and a bounded view is what keeps any one row from stopping a run.
LONGEST_VIEW = 262_144
HALF_VIEW = LONGEST_VIEW // 2
SEAM = "\n\n"
# A text in UTF-8: the compiled part reads what a str keeps of its own, all others need bytes.
Encoded = bytes | str


@dataclass(frozen=True, slots=True)
class View:
    r"""What detectors see of one completion.

    Attributes:
        text: Line ends as `\n`, lone surrogates as U+FFFD, at most `LONGEST_VIEW` characters.
        original: The completion as it was.
        shortened: The middle of a very long text was left out.
    """

    text: str
    original: str
    shortened: bool = False

    def position(self, index: int) -> int:
        r"""Where the character at `index` of the view stands in the completion.

        Example:
            >>> [view("a\r\nb").position(i) for i in (0, 1, 2)]
            [0, 1, 3]
        """
        return self._past_seam(self._past_line_ends(index))

    def _past_line_ends(self, index: int) -> int:
        if "\r" not in self.original:
            return index
        place = 0
        kept = _ends(self.original) if self.shortened else self.original
        for line in kept.split("\r\n"):
            if index <= len(line):
                return place + index
            index -= len(line) + 1
            place += len(line) + 2
        return place

    def _past_seam(self, index: int) -> int:
        if not self.shortened or index < HALF_VIEW + len(SEAM):
            return index
        return index + len(self.original) - 2 * HALF_VIEW - len(SEAM)


def _ends(text: str) -> str:
    return text[:HALF_VIEW] + SEAM + text[-HALF_VIEW:]


def without_surrogates(text: str) -> str:
    """Replace lone surrogates, which no encoder takes, by U+FFFD; the length stays.

    Example:
        >>> without_surrogates("a" + chr(0xD800) + "b") == "a" + chr(0xFFFD) + "b"
        True
    """
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return "".join("\ufffd" if 0xD800 <= ord(char) <= 0xDFFF else char for char in text)
    return text


def view(text: str) -> View:
    r"""The view of one completion.

    Example:
        >>> view("a\r\nb\rc").text
        'a\nb\nc'
    """
    shortened = len(text) > LONGEST_VIEW
    kept = _ends(text) if shortened else text
    if not kept.isascii():
        kept = without_surrogates(kept)
    if "\r" in kept:
        kept = kept.replace("\r\n", "\n").replace("\r", "\n")
    return View(kept, text, shortened)


@dataclass(frozen=True, slots=True)
class Views:
    """The views of some completions.

    Attributes:
        texts: As detectors see them.
        encoded: The same in UTF-8, or as the compiled part reads them: each as it is.
        shortened: Rows of those whose middle was left out.
    """

    texts: Sequence[str]
    encoded: Sequence[Any]
    shortened: Sequence[int]


def views(texts: Sequence[str]) -> Views:
    r"""The views of many completions; most completions are their own.

    Example:
        >>> list(in_bytes(views(["a", "a\r\nb"]).encoded))
        [b'a', b'a\nb']
    """
    compiled = native()
    if compiled is not None:
        return _views_by(compiled, texts)
    odd = [row for row, text in enumerate(texts) if "\r" in text or len(text) > LONGEST_VIEW]
    seen: Sequence[str] = texts
    if odd:
        seen = list(texts)
        for row in odd:
            seen[row] = view(texts[row]).text
    try:
        encoded = list(map(str.encode, seen))
    except UnicodeEncodeError:
        seen = [text if text.isascii() else without_surrogates(text) for text in seen]
        encoded = list(map(str.encode, seen))
    return Views(seen, encoded, [row for row in odd if len(texts[row]) > LONGEST_VIEW])


def _views_by(compiled: ModuleType, texts: Sequence[str]) -> Views:
    """`views` by the compiled part, which leaves to us what is not its own view, and reads a str as it is."""
    own = texts if isinstance(texts, list) else list(texts)
    odd = compiled.odd_views(own, LONGEST_VIEW)
    if odd:
        own = list(own)
        for row in odd:
            own[row] = view(texts[row]).text
    return Views(own, own, [row for row in odd if len(texts[row]) > LONGEST_VIEW])


def in_bytes(encoded: Sequence[Encoded]) -> Sequence[bytes]:
    """Texts in UTF-8 for who reads nothing else.

    Example:
        >>> in_bytes(["é", b"e"])
        [b'\xc3\xa9', b'e']
    """
    return [one.encode() if isinstance(one, str) else one for one in encoded]
