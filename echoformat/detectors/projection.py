"""Texts with one byte for each character, and sets of such bytes.

A projected text has a character's code point up to U+007F and from U+00A0 to U+00FF; all other characters
share the 32 bytes between. A set of bytes is a number with bit b for byte b. In it a NUL stands for the end
of the text on either side.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

END = 1
NEWLINE = 1 << ord("\n")
ANY = (1 << 256) - 1
BLANK = sum(1 << code for code in (*range(9, 14), 32))
IN_LINE = 1 << ord(" ") | 1 << ord("\t")
WORD = sum(1 << code for code in range(128) if chr(code).isalnum() or code == 95)
NOT_WORD = ANY ^ WORD
LINE_EDGE = NEWLINE | END
SHARED_BYTES = range(128, 160)
SHARED = sum(1 << byte for byte in SHARED_BYTES)


def projected(text: str) -> bytes:
    r"""One byte for each character.

    Example:
        >>> projected("a\u00e9\u4e2d")
        b'a\xe9\x92'
    """
    codes = np.frombuffer(text.encode("utf-32-le"), dtype="<u4")
    bytes_ = codes.astype(np.uint8)
    shared = np.flatnonzero((codes > 255) | (codes >> 5 == 4))
    bytes_[shared] = 128 + (codes[shared] * 9 >> 3) % 32
    return bytes(bytes_)


def byte_of(char: str) -> int:
    """A character's byte in a projected text."""
    code = ord(char)
    return 128 + (code * 9 >> 3) % 32 if code > 255 or code >> 5 == 4 else code


# Folded, all signs and blanks are one byte, and so are all digits: short words then have few forms.
FOLD = bytes(
    byte if chr(byte).isalpha() and byte < 128 else 48 if 48 <= byte < 58 else 95 if byte == 95 else 32
    for byte in range(256)
)


@lru_cache(maxsize=8192)
def folded(mask: int) -> int:
    """The folded bytes of a set."""
    out = 0
    for byte in range(256):
        if mask >> byte & 1:
            out |= 1 << FOLD[byte]
    return out


@lru_cache(maxsize=8192)
def unfolded(mask: int) -> int:
    """All bytes whose folded form is in a set."""
    return sum(1 << byte for byte in range(256) if mask >> FOLD[byte] & 1)
