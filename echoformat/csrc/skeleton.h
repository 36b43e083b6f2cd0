/* What the trained detector sees of a text: its window, and that window's skeleton.

   The twin of echoformat/detectors/skeleton.py, whose tables it is given. */
#ifndef ECHOFORMAT_SKELETON_H
#define ECHOFORMAT_SKELETON_H

#include "native.h"
#include "wide.h"

#if defined(_MSC_VER)
#define EF_BIG_ENDIAN 0
#else
#define EF_BIG_ENDIAN (__BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__)
#endif
/* A loop that is kept apart has the registers for itself: a quarter of the whole time. */
#if defined(_MSC_VER)
#define EF_APART __declspec(noinline)
#elif defined(__GNUC__)
#define EF_APART __attribute__((noinline))
#else
#define EF_APART
#endif
/* Symbols and bytes are read eight at a time, the first of them lowest. */
#if EF_BIG_ENDIAN
#error "the compiled part reads numbers with their lowest byte first; build without it here"
#endif

enum {
    EF_HEAD = 768,
    EF_TAIL = 512,
    EF_CHARACTER = 4,
    /* Bytes of the longest window: a mark before it, where it is cut and behind it. */
    EF_WINDOW = EF_CHARACTER * (EF_HEAD + EF_TAIL) + 3,
    EF_BLOCK = 64,
    EF_HALF = 32,
    EF_BLOCKS = EF_WINDOW / EF_BLOCK + 2,
    EF_ROOM = EF_BLOCKS * EF_BLOCK,
    EF_PAD = 8,
    EF_CLASSES = 64,
    EF_SLOT_BITS = 13,
    EF_SLOTS = 1 << EF_SLOT_BITS,
    EF_WORDS = 1024,
    EF_PAIRS = 1 << 16
};

/* Traits of bytes, as in the twin, and one more of this file's own. */
enum { EF_LETTER = 1, EF_NEWLINE = 2, EF_DIGIT = 4, EF_BEYOND_ASCII = 16, EF_SPACE = 64, EF_LOOSE = 128 };

typedef struct {
    /* Of each byte. */
    uint8_t classes[256], traits[256], symbols[256];
    uint8_t opened, closed, cut;
    /* Classes below it are counted. */
    uint8_t told;
    uint64_t factor;
    /* The symbol of a word that is not kept, by its first two bytes. */
    uint8_t shapes[EF_PAIRS];
    /* The number of the word in each slot, 0 for none: keys themselves would not stay in the nearest cache. */
    uint16_t words[EF_SLOTS];
    uint64_t word_keys[EF_WORDS];
    uint8_t word_codes[EF_WORDS];
} ef_tables;

/* Room for one text at a time. */
typedef struct {
    uint8_t bytes[EF_ROOM + EF_PAD];
    uint8_t traits[EF_ROOM + EF_PAD];
    uint64_t letters[EF_BLOCKS + 1];
    uint64_t edges[EF_BLOCKS + 1];
    uint64_t kept[EF_BLOCKS + 1];
    /* Where words begin and end, in turns. */
    uint16_t places[EF_ROOM + 1];
    /* What is left of the window: symbols, zeros behind them. */
    uint8_t symbols[EF_ROOM + EF_PAD];
    /* Which of them are words; one more place, for what is written and then written over. */
    uint16_t words[EF_ROOM + 1];
    uint32_t counts[4][EF_CLASSES];
    /* Bytes of the window with its marks; characters of the whole text; lines that begin with a space, or with
       the end of the line. */
    Py_ssize_t size, characters, indented, blank;
} ef_look;

/* Fill in the window and its counts; `characters` of the text, -1 where that is not known. */
void ef_look_at(const ef_tables *tables, ef_look *look, const uint8_t *text, Py_ssize_t size, Py_ssize_t characters);

/* Write the skeleton of the window, up to the mark behind it, and return how many symbols it has. */
Py_ssize_t ef_skeleton(const ef_tables *tables, ef_look *look);

static inline uint64_t ef_load(const uint8_t *bytes) {
    uint64_t found;
    memcpy(&found, bytes, sizeof found);
    return found;
}

/* Which of 64 bytes have the bit that stands at `place`. */
#ifdef EF_WIDEST
static inline uint64_t ef_gathered(const uint8_t *traits, int place) {
    return _mm512_test_epi8_mask(_mm512_loadu_si512(traits), _mm512_set1_epi8((char)(1 << place)));
}

/* A table of 256 bytes, and what stands in it for each of 64. */
typedef struct {
    __m512i parts[4];
} ef_held;

static inline ef_held ef_hold(const uint8_t *table) {
    return (ef_held){{_mm512_loadu_si512(table), _mm512_loadu_si512(table + EF_BLOCK),
                      _mm512_loadu_si512(table + 2 * EF_BLOCK), _mm512_loadu_si512(table + 3 * EF_BLOCK)}};
}

static inline __m512i ef_look_up(const ef_held *table, __m512i bytes) {
    __m512i low = _mm512_permutex2var_epi8(table->parts[0], bytes, table->parts[1]);
    __m512i high = _mm512_permutex2var_epi8(table->parts[2], bytes, table->parts[3]);
    return _mm512_mask_blend_epi8(_mm512_movepi8_mask(bytes), low, high);
}

/* Write down where bits are set, counted from `first`; up to 64 places are written, needed or not. */
static inline uint16_t *ef_list_bits(uint64_t bits, Py_ssize_t first, uint16_t *next) {
    static const uint16_t ordered[EF_HALF] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15,
                                              16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31};
    __m512i places = _mm512_add_epi16(_mm512_loadu_si512(ordered), _mm512_set1_epi16((short)first));
    __m512i others = _mm512_add_epi16(places, _mm512_set1_epi16(EF_HALF));
    _mm512_storeu_si512(next, _mm512_maskz_compress_epi16((__mmask32)bits, places));
    next += __builtin_popcount((uint32_t)bits);
    _mm512_storeu_si512(next, _mm512_maskz_compress_epi16((__mmask32)(bits >> EF_HALF), others));
    return next + __builtin_popcount((uint32_t)(bits >> EF_HALF));
}
#elif defined(EF_SSE2)
static inline uint64_t ef_gathered(const uint8_t *traits, int place) {
    uint64_t mask = 0;
    for (int i = 0; i < 4; i++) {
        __m128i part = _mm_loadu_si128((const __m128i *)(const void *)(traits + 16 * i));
        part = _mm_sll_epi16(part, _mm_cvtsi32_si128(7 - place));
        mask |= (uint64_t)(unsigned)_mm_movemask_epi8(part) << 16 * i;
    }
    return mask;
}
#else
static inline uint64_t ef_gathered(const uint8_t *traits, int place) {
    uint64_t mask = 0;
    for (int i = 0; i < 8; i++) {
        uint64_t ones = (ef_load(traits + 8 * i) >> place) & 0x0101010101010101u;
        mask |= ((ones * 0x0102040810204080u) >> 56) << (8 * i);
    }
    return mask;
}
#endif

#ifdef EF_WIDEST
static inline unsigned ef_ones(uint64_t bits) { return (unsigned)__builtin_popcountll(bits); }
#else
static inline unsigned ef_ones(uint64_t bits) {
    bits -= (bits >> 1) & 0x5555555555555555u;
    bits = (bits & 0x3333333333333333u) + ((bits >> 2) & 0x3333333333333333u);
    bits = (bits + (bits >> 4)) & 0x0F0F0F0F0F0F0F0Fu;
    return (unsigned)((bits * 0x0101010101010101u) >> 56);
}
#endif

#endif
