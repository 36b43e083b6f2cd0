"""Skeletons: a completion as a short string of symbols that keeps its look and drops its topic.

Punctuation, line ends and indentation stay; a run of digits becomes one ``0``; of the words only those stay
that any author uses (function words, words of mathematical argument, keywords of programming and proof
languages), each as one symbol; any other word becomes its shape (lower, Capital, UPPER, single letter).
A model that sees no names and no nouns cannot learn what its training problems were about.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

HEAD = 768
TAIL = 512
START, END, SEAM, FOREIGN = 1, 2, 3, 4
LOWER, CAPITAL, UPPER, SINGLE, DIGITS = ord("a"), ord("A"), ord("X"), ord("v"), ord("0")

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


# Bytes that no UTF-8 holds, and the symbols that they become.
MARKS = {0xF8: START, 0xF9: END, 0xFA: SEAM, 0xFB: 0}
OPENED, CLOSED, CUT, BLANK = (bytes([code]) for code in MARKS)
# Blanks give room for the longest n-gram, so that none reaches into the next text.
CLOSE = CLOSED + 4 * BLANK
BETWEEN = CLOSE + OPENED
MARKS_A_WINDOW = len(BETWEEN)
ROOM = LONGEST_KEY * BLANK
# What a byte is, a bit each, no two of the first four beside each other. Loose is what tells no operator and
# no indentation: a space between two of them is left out.
LETTER, DIGIT, BEYOND_ASCII, SPACE, LOOSE = 1, 4, 16, 64, 128
RUNS = np.uint8(LETTER | DIGIT | BEYOND_ASCII | SPACE)
IS_LETTER, SHIFT, NONE = np.uint8(LETTER), np.uint8(1), np.uint8(0)


# Control characters would pass for word codes; carriage returns are gone from every view.
CLEAN = bytes(32 if code == 127 or (code < 32 and code != 10) else code for code in range(256))


def _symbol(code: int) -> int:
    if code in MARKS:
        return MARKS[code]
    return DIGITS if 48 <= code <= 57 else FOREIGN if code >= 128 else CLEAN[code]


def _traits(code: int) -> int:
    if code in MARKS:
        return LOOSE
    if code >= 128:
        return LOOSE | BEYOND_ASCII
    char = chr(CLEAN[code])
    loose = 0 if char in "=+-*/<>\n ()[]{}|:&#`" else LOOSE
    return loose | LETTER * char.isalpha() | DIGIT * char.isdigit() | SPACE * (char == " ")


def _shape_table() -> NDArray[np.uint8]:
    """The symbol of a word that is not kept, from its first byte + 256 * the byte behind that."""
    letter, upper = (
        [kind(chr(code)) and code < 128 for code in range(256)] for kind in (str.isalpha, str.isupper)
    )
    is_letter, is_upper = np.array(letter), np.array(upper)
    shapes = np.where(is_upper, np.where(is_upper[:, None], UPPER, CAPITAL), LOWER)
    return np.where(is_letter[:, None], shapes, SINGLE).astype(np.uint8).ravel()


SYMBOLS = bytes(map(_symbol, range(256)))
TRAITS = bytes(map(_traits, range(256)))
SHAPES = _shape_table()
WORD_KEYS, WORD_CODES = _word_table()
FACTOR, SLOT_SHIFT = np.uint64(MULTIPLIER), np.uint64(64 - SLOT_BITS)
ONE = np.uint64(1)
LOWERED = np.uint64(0x2020202020202020)
# By the length of a word: the bytes that its key takes, and what marks a longer one.
LENGTHS = np.arange(HEAD + TAIL + 1, dtype=np.uint64)
KEY_BYTES = np.where(LENGTHS < LONGEST_KEY, (ONE << 8 * LENGTHS) - ONE, FULL)
LENGTH_MARKS = np.where(LENGTHS > LONGEST_KEY, LENGTHS << 56, 0)


def window(text: str) -> bytes:
    """The head and tail of a view as bytes, with a mark where it is cut."""
    if len(text) <= HEAD + TAIL:
        return text.encode()
    return text[:HEAD].encode() + CUT + text[-TAIL:].encode()


def pack(pieces: Sequence[bytes]) -> bytes:
    """Windows one behind the other, with marks where each starts and ends, and room behind the last."""
    return OPENED + BETWEEN.join(pieces) + CLOSE + ROOM if pieces else ROOM


def symbols_of(pieces: Sequence[bytes]) -> tuple[NDArray[np.uint8], NDArray[np.intp]]:
    r"""The skeletons of many windows, one behind the other, and where each begins (last entry: the end).

    Example:
        >>> symbols, begin = symbols_of([window("Sam has 12 pens."), window("x")])
        >>> begin.tolist(), bytes(symbols[4:6])
        ([0, 11, 18], b'a.')
    """
    symbols, places = skeleton_of(pack(pieces))
    sizes = [len(piece) + MARKS_A_WINDOW for piece in pieces]
    return symbols, places.searchsorted(np.cumsum([0, *sizes]))


def skeleton_of(packed: bytes) -> tuple[NDArray[np.uint8], NDArray[np.intp]]:
    """The skeletons of packed windows, and the byte that each symbol stands for."""
    traits = np.frombuffer(packed.translate(TRAITS), dtype=np.uint8)
    symbols = np.frombuffer(bytearray(packed.translate(SYMBOLS)), dtype=np.uint8)
    places = _kept(traits).nonzero()[0]
    _put_word_symbols(symbols, traits)
    return symbols.take(places), places


def _kept(traits: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """One symbol a word, a number, a foreign run; spaces where they tell of indentation or of operators."""
    before, here, after = traits[:-2], traits[1:-1], traits[2:]
    dropped = before & after
    dropped >>= SHIFT  # LOOSE falls on SPACE, nothing else on anything.
    dropped |= before
    dropped &= here
    dropped &= RUNS
    keep = np.empty(len(traits), dtype=np.bool_)
    np.equal(dropped, NONE, out=keep[1:-1])
    keep[0] = True
    keep[-len(ROOM) :] = False
    return keep


def _put_word_symbols(symbols: NDArray[np.uint8], traits: NDArray[np.uint8]) -> None:
    """Write the symbol of each word over its first letter."""
    edge = traits[1:] ^ traits[:-1]
    edge &= IS_LETTER
    edges = edge.view(np.bool_).nonzero()[0]
    # From the byte before a word to its last.
    before, size = edges[::2], edges[1::2] - edges[::2]
    inner = symbols[1:]
    every = np.ndarray((len(inner) - 7,), dtype="<u8", buffer=inner, strides=(1,))
    words = every.take(before)
    key = words | LOWERED
    key &= KEY_BYTES.take(size)
    key ^= LENGTH_MARKS.take(size)
    slot = ((key * FACTOR) >> SLOT_SHIFT).view(np.int64)
    found = SHAPES.take(words.view("<u2")[::4])
    np.copyto(found, WORD_CODES.take(slot), where=WORD_KEYS.take(slot) == key)
    inner[before] = found
