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
EVERY_BYTE = 0x0101010101010101


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
# What a byte is, a bit each.
LETTER, DIGIT, BEYOND_ASCII, SPACE, TIGHT = 1, 2, 4, 8, 16
RUNS = LETTER | DIGIT | BEYOND_ASCII | SPACE


# Control characters would pass for word codes; carriage returns are gone from every view.
CLEAN = bytes(32 if code == 127 or (code < 32 and code != 10) else code for code in range(256))


def _symbol(code: int) -> int:
    if code in MARKS:
        return MARKS[code]
    return DIGITS if 48 <= code <= 57 else FOREIGN if code >= 128 else CLEAN[code]


def _traits(code: int) -> int:
    if code in MARKS:
        return 0
    char = chr(CLEAN[code])
    tight = TIGHT if char in "=+-*/<>\n ()[]{}|:&#`" else 0
    if code >= 128:
        return BEYOND_ASCII
    return tight | LETTER * char.isalpha() | DIGIT * char.isdigit() | SPACE * (char == " ")


def _shape_table() -> NDArray[np.uint8]:
    """The symbol of a word that is not kept, from its first two letters: first + 256 * second."""
    is_upper = (np.arange(256) >= 65) & (np.arange(256) <= 90)
    shapes = np.where(is_upper, np.where(is_upper[:, None], UPPER, CAPITAL), LOWER)
    shapes[0] = SINGLE
    return shapes.astype(np.uint8).ravel()


SYMBOLS = bytes(map(_symbol, range(256)))
TRAITS = bytes(map(_traits, range(256)))
SHAPES = _shape_table()
WORD_KEYS, WORD_CODES = _word_table()
ONE, SEVEN, TOP_BYTE = np.uint64(1), np.uint64(7), np.uint64(56)
EACH, HIGH, LOWERED = (np.uint64(EVERY_BYTE * part) for part in (1, 0x80, 0x20))
FACTOR, SLOT_SHIFT = np.uint64(MULTIPLIER), np.uint64(64 - SLOT_BITS)


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
    keep = _kept(traits)
    letter = traits & LETTER
    begin = (keep & letter.view(np.bool_)).nonzero()[0]
    if len(begin):
        symbols[begin] = _word_symbols(symbols * letter, begin)
    places = keep.nonzero()[0]
    return symbols.take(places), places


def _kept(traits: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """One symbol a word, a number, a foreign run; spaces where they tell of indentation or of operators."""
    keep = np.empty(len(traits), dtype=np.bool_)
    keep[0] = True
    dropped = traits[1:] & traits[:-1]
    dropped &= RUNS
    beside = traits[2:] | traits[:-2]
    beside >>= 1  # TIGHT falls on SPACE.
    dropped[:-1] |= traits[1:-1] & ~beside & SPACE
    np.equal(dropped, 0, out=keep[1:])
    keep[-len(ROOM) :] = False
    return keep


def _word_symbols(letters: NDArray[np.uint8], begin: NDArray[np.intp]) -> NDArray[np.uint8]:
    """The symbol of each word, from bytes that are 0 where they are no letter."""
    every = np.ndarray((len(letters) - 7,), dtype="<u8", buffer=letters, strides=(1,))
    words = every.take(begin)
    mask = _filled(words)
    key = words | LOWERED
    key &= mask
    long = (mask == FULL).nonzero()[0]
    if len(long):
        key[long] ^= _lengths(every, begin.take(long)) << TOP_BYTE
    slot = ((key * FACTOR) >> SLOT_SHIFT).view(np.int64)
    symbols = SHAPES.take(words.view("<u2")[::4])
    known = WORD_KEYS.take(slot) == key
    symbols ^= (symbols ^ WORD_CODES.take(slot)) * known
    return symbols


def _filled(words: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Ones over the bytes before the first that is 0, of eight bytes each."""
    zero = words - EACH
    zero &= ~words
    zero &= HIGH
    # The lowest of these bits is right, higher ones may be carried over.
    lowest = ~zero
    lowest += ONE
    lowest &= zero
    lowest >>= SEVEN
    lowest -= ONE
    return lowest


def _lengths(every: NDArray[np.uint64], begin: NDArray[np.intp]) -> NDArray[np.uint64]:
    """Letters of words that have at least eight; 0 for eight, which mark no key."""
    found = np.zeros(len(begin), dtype=np.uint64)
    left = np.arange(len(begin))
    size = LONGEST_KEY
    while len(left):
        more = ((_filled(every.take(begin.take(left) + size)) & EACH) * EACH) >> TOP_BYTE
        found[left] = size + more
        left = left[more == LONGEST_KEY]
        size += LONGEST_KEY
    found[found == LONGEST_KEY] = 0
    return found
