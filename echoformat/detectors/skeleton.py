"""Skeletons: a completion as a short string of symbols that keeps its look and drops its topic.

Punctuation, line ends and indentation stay; a run of digits becomes one ``0``; of the words only those stay
that any author uses (function words, words of mathematical argument, keywords of programming and proof
languages), each as one symbol; any other word becomes its shape (lower, Capital, UPPER, single letter).
A model that sees no names and no nouns cannot learn what its training problems were about.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

HEAD = 768
TAIL = 512
START, END, SEAM, FOREIGN = 1, 2, 3, 4
LOWER, CAPITAL, UPPER, SINGLE, DIGITS = ord("a"), ord("A"), ord("X"), ord("v"), ord("0")

# The end mark, and room for the longest n-gram, so that none reaches into the next text.
CLOSE = bytes([END, 0, 0, 0, 0])

# Each group is one symbol.
KEPT_WORDS = [
    "the|a,an|of|to|in,into|is|are|was,were,be,been,being|and|or|not|for|with|by|on,at|from|as",
    "that,which|this,these,those|it,its|he,she,they|his,her,their,him,them|i,me,my|we,us,our|you,your",
    "has,have,had|will,would|could,should,must,may,might|can,cannot|do,does,did|let|so|then|therefore,thus,hence",
    "since,because|if|else,otherwise|when,where|while|after,before|but,however|also|there,here",
    "each,every,per|all,any,some|no,none|only|more,less|than|both,other,another,same,such",
    "first|second,third|next|finally,lastly|now|again|wait,hmm|okay,ok,alright|actually,maybe,perhaps|need",
    "what,how,who,why|question|answer|final|correct|step,steps|solution|problem|total|number,numbers|equation",
    "solve,solving|find,determine|calculate,compute|using,use|given|know|get,gets|means|equal,equals",
    "sum|times|divided|minus|plus|result|value,values|left|one,two,three,four,five,six|option,options|following",
    "sorry,unable|assist,help|think,thinking|check,verify,sure|example|people,said,says|note",
    "def|return|import|print|class|range,len|int,integer,float|str,string|list|true,false|null,nil|assert",
    "public,private,protected|static|void|function|const|var|new|include|namespace,std|vector|func|fn,mut,impl,pub",
    "package|main|self|elif|break,continue|try,except,catch|raise,throw|lambda|math|sympy,symbols",
    "select|join|group,having|order|count,distinct|limit|insert,update,delete",
    "theorem|lemma|show,shows|proof|qed|begin|end|assume,assumes,fixes|norm_num,simp|obtain|apply,rw,exact",
    "frac|boxed|sqrt,cdot|text|right|document|section|label,ref|emph,textbf|item|cdots,ldots,dots",
    "thought|action|observation|name|arguments|type|description|content|role,user,assistant,system",
    "python|output|input|code|html|com,www,http,https",
]

FREE_CODES = [
    *range(128, 256),
    *(c for c in range(ord("A"), ord("Z") + 1) if c not in (CAPITAL, UPPER)),
    *(c for c in range(ord("a"), ord("z") + 1) if c not in (LOWER, SINGLE)),
    *range(ord("1"), ord("9") + 1),
    *(c for c in range(5, 32) if c not in (9, 10, 13)),
]
LONGEST_KEY = 8
SLOT_BITS = 13
# Found by trying: no two kept words fall into one slot.
MULTIPLIER = 0xD4C211B427C1D619
FULL = (1 << 64) - 1


def _words() -> dict[str, int]:
    codes = iter(FREE_CODES)
    groups = (group.split(",") for line in KEPT_WORDS for group in line.split("|"))
    return {name: code for names in groups for code in [next(codes)] for name in names}


WORDS = _words()


def _word_key(word: bytes) -> int:
    """The first eight bytes of a word, its length mixed in where it is longer."""
    key = int.from_bytes(word[:LONGEST_KEY].ljust(LONGEST_KEY, b"\0"), "little")
    return key ^ (len(word) << 56) if len(word) > LONGEST_KEY else key


def _word_table() -> tuple[NDArray[np.uint64], NDArray[np.uint8]]:
    keys = np.zeros(1 << SLOT_BITS, dtype=np.uint64)
    codes = np.zeros(1 << SLOT_BITS, dtype=np.uint8)
    for word, code in WORDS.items():
        key = _word_key(word.encode())
        slot = (key * MULTIPLIER & FULL) >> (64 - SLOT_BITS)
        if keys[slot]:
            raise AssertionError(f"two kept words share a slot: {word}")
        keys[slot], codes[slot] = key, code
    return keys, codes


def _byte_table(pairs: dict[int, int]) -> bytes:
    return bytes(pairs.get(code, code) for code in range(256))


# Control characters would pass for word codes; carriage returns are gone from every view.
CLEAN = _byte_table({**dict.fromkeys(range(32), ord(" ")), 10: 10, 127: ord(" ")})
LOWERED = np.array([code + 32 if 65 <= code <= 90 else code for code in range(256)], dtype=np.uint8)
IS_UPPER = np.array([65 <= code <= 90 for code in range(256)])
IS_LETTER = np.array([chr(code).isascii() and chr(code).isalpha() for code in range(256)])
IS_DIGIT = np.array([48 <= code <= 57 for code in range(256)])
IS_FOREIGN = np.array([code >= 128 for code in range(256)])
IS_TIGHT = np.array([code in b"=+-*/<>\n ()[]{}|:&#`" for code in range(256)])
SYMBOL = np.array(
    [DIGITS if 48 <= code <= 57 else FOREIGN if code >= 128 else code for code in range(256)], dtype=np.uint8
)
MASKS = np.array([(1 << (8 * n)) - 1 for n in range(LONGEST_KEY + 1)], dtype=np.uint64)
WORD_KEYS, WORD_CODES = _word_table()


def window(text: str) -> bytes:
    """The head and tail of a view as bytes, with marks where it starts, is cut and ends."""
    if len(text) <= HEAD + TAIL:
        return b"\x01" + text.encode().translate(CLEAN) + CLOSE
    head, tail = text[:HEAD].encode(), text[-TAIL:].encode()
    return b"\x01" + head.translate(CLEAN) + b"\x03" + tail.translate(CLEAN) + CLOSE


def symbols_of(pieces: Sequence[bytes]) -> tuple[NDArray[np.uint8], NDArray[np.intp]]:
    r"""The skeletons of many windows, one behind the other, and where each begins (last entry: the end).

    Example:
        >>> symbols, begin = symbols_of([window("Sam has 12 pens."), window("x")])
        >>> begin.tolist(), bytes(symbols[4:6])
        ([0, 11, 18], b'a.')
    """
    raw = np.frombuffer(b"".join(pieces) + bytes(LONGEST_KEY), dtype=np.uint8)
    letter = IS_LETTER[raw]
    first = letter.copy()
    first[1:] &= ~letter[:-1]
    out = SYMBOL[raw]
    begin = np.flatnonzero(first)
    out[begin] = _word_symbols(raw, letter, begin)
    keep = _kept(raw, letter, first)
    keep[-LONGEST_KEY:] = False
    bounds = np.concatenate([[0], np.cumsum([len(piece) for piece in pieces])])
    return out[keep], np.concatenate([[0], np.cumsum(keep)])[bounds]


def _word_symbols(raw: NDArray[np.uint8], letter: NDArray[Any], begin: NDArray[Any]) -> NDArray[np.uint8]:
    last = letter.copy()
    last[:-1] &= ~letter[1:]
    length = np.flatnonzero(last) + 1 - begin
    lowered = np.ascontiguousarray(LOWERED[raw])
    every = np.ndarray((len(raw) - 7,), dtype="<u8", buffer=lowered, strides=(1,))
    key = every[begin] & MASKS[np.minimum(length, LONGEST_KEY)]
    key = np.where(length > LONGEST_KEY, key ^ (length.astype(np.uint64) << np.uint64(56)), key)
    slot = (key * np.uint64(MULTIPLIER)) >> np.uint64(64 - SLOT_BITS)
    shape = np.where(
        length == 1,
        SINGLE,
        np.where(IS_UPPER[raw[begin]], np.where(IS_UPPER[raw[begin + 1]], UPPER, CAPITAL), LOWER),
    )
    return np.where(WORD_KEYS[slot] == key, WORD_CODES[slot], shape).astype(np.uint8)


def _kept(raw: NDArray[np.uint8], letter: NDArray[Any], first: NDArray[Any]) -> NDArray[Any]:
    """One symbol a word, a number, a foreign run; spaces where they tell of indentation or of operators."""
    keep = ~letter | first
    before = np.concatenate([[0], raw[:-1]])
    after = np.concatenate([raw[1:], [0]])
    keep &= ~(IS_DIGIT[raw] & IS_DIGIT[before])
    keep &= ~(IS_FOREIGN[raw] & IS_FOREIGN[before])
    space = raw == 32
    keep &= ~(space & ((before == 32) | ~(IS_TIGHT[before] | IS_TIGHT[after])))
    return np.asarray(keep)
