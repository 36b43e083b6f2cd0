/* Windows and skeletons. A byte's traits become masks of 64 bytes, so that nothing branches on a text. */
#include "skeleton.h"

static const uint64_t LOWERED = 0x2020202020202020u;

static int begins_character(uint8_t byte) { return (byte & 0xC0) != 0x80; }

static Py_ssize_t characters_of(const uint8_t *text, Py_ssize_t size) {
    Py_ssize_t count = 0;
    uint8_t bits = 0;
    for (Py_ssize_t i = 0; i < size; i++) {
        bits |= text[i];
    }
    if (bits < 0x80) {
        return size;
    }
    for (Py_ssize_t i = 0; i < size; i++) {
        count += begins_character(text[i]);
    }
    return count;
}

/* The bytes of the first `wanted` characters; what is no UTF-8 has no more than it could. */
static Py_ssize_t head_of(const uint8_t *text, Py_ssize_t size, Py_ssize_t wanted) {
    Py_ssize_t most = wanted * EF_CHARACTER < size ? wanted * EF_CHARACTER : size, i = 0;
    for (; i < most; i++) {
        wanted -= begins_character(text[i]);
        if (wanted < 0) {
            break;
        }
    }
    return i;
}

static Py_ssize_t tail_of(const uint8_t *text, Py_ssize_t size, Py_ssize_t wanted) {
    Py_ssize_t most = wanted * EF_CHARACTER < size ? wanted * EF_CHARACTER : size, taken = 0;
    while (taken < most && wanted > 0) {
        wanted -= begins_character(text[size - ++taken]);
    }
    return taken;
}

#ifdef EF_WIDEST
/* By blocks, the last of which holds zeros behind: to copy any number of bytes starts slowly. */
static Py_ssize_t put(uint8_t *place, const uint8_t *from, Py_ssize_t size) {
    Py_ssize_t at = 0;
    for (; at + EF_BLOCK <= size; at += EF_BLOCK) {
        _mm512_storeu_si512(place + at, _mm512_loadu_si512(from + at));
    }
    uint64_t left = ((uint64_t)1 << (size - at)) - 1;
    _mm512_storeu_si512(place + at, _mm512_maskz_loadu_epi8(left, from + at));
    return size;
}
#else
static Py_ssize_t put(uint8_t *place, const uint8_t *from, Py_ssize_t size) {
    memcpy(place, from, (size_t)size);
    return size;
}
#endif

/* The window between its marks. */
static EF_APART void cut_window(const ef_tables *tables, ef_look *look, const uint8_t *text, Py_ssize_t size) {
    Py_ssize_t at = 0, whole = look->characters == size, longest = EF_HEAD + EF_TAIL;
    look->bytes[at++] = tables->opened;
    if (look->characters <= longest) {
        at += put(look->bytes + at, text, whole ? size : head_of(text, size, longest));
    } else {
        Py_ssize_t head = whole ? EF_HEAD : head_of(text, size, EF_HEAD);
        Py_ssize_t tail = whole ? EF_TAIL : tail_of(text, size, EF_TAIL);
        at += put(look->bytes + at, text, head);
        look->bytes[at++] = tables->cut;
        at += put(look->bytes + at, text + size - tail, tail);
    }
    look->bytes[at++] = tables->closed;
    look->size = at;
    memset(look->bytes + at, 0, EF_BLOCK + EF_PAD);
}

#ifdef EF_WIDEST
/* Traits of each byte, and the classes that are counted, side by side; returns how many those are. */
static EF_APART Py_ssize_t list_kinds(const ef_tables *tables, ef_look *look, uint8_t *kinds) {
    ef_held traits = ef_hold(tables->traits), classes = ef_hold(tables->classes);
    __m512i told = _mm512_set1_epi8((char)tables->told);
    uint8_t *next = kinds;
    for (Py_ssize_t start = 0; start < look->size; start += EF_BLOCK) {
        Py_ssize_t left = look->size - start;
        uint64_t inside = left < EF_BLOCK ? ((uint64_t)1 << left) - 1 : ~(uint64_t)0;
        __m512i bytes = _mm512_loadu_si512(look->bytes + start), kind = ef_look_up(&classes, bytes);
        uint64_t counted = _mm512_mask_cmplt_epu8_mask(inside, kind, told);
        _mm512_storeu_si512(look->traits + start, _mm512_maskz_mov_epi8(inside, ef_look_up(&traits, bytes)));
        _mm512_storeu_si512(next, _mm512_maskz_compress_epi8(counted, kind));
        next += ef_ones(counted);
    }
    memset(look->traits + look->size, 0, EF_BLOCK + EF_PAD);
    return next - kinds;
}

/* Most bytes are letters, which nobody counts: they are left out before. */
static EF_APART void count_kinds(const ef_tables *tables, ef_look *look) {
    uint32_t(*counts)[EF_CLASSES] = look->counts;
    /* Room for symbols, which come later. */
    uint8_t *kinds = look->symbols;
    Py_ssize_t count = list_kinds(tables, look, kinds), i = 0;
    memset(counts, 0, sizeof look->counts);
    for (; i + EF_PAD <= count; i += EF_PAD) {
        uint64_t some = ef_load(kinds + i);
        for (int place = 0; place < EF_PAD; place++) {
            counts[place % 4][some >> 8 * place & 0xFF]++;
        }
    }
    for (; i < count; i++) {
        counts[0][kinds[i]]++;
    }
}
#else
/* Traits of each byte, and how many bytes there are of each class: four counts, since adding to one again and
   again waits for itself. Behind the window come bytes of no trait, whose class is taken back. */
static EF_APART void count_kinds(const ef_tables *tables, ef_look *look) {
    uint32_t(*counts)[EF_CLASSES] = look->counts;
    Py_ssize_t beyond = (EF_PAD - look->size % EF_PAD) % EF_PAD, end = look->size + beyond;
    memset(counts, 0, sizeof look->counts);
    for (Py_ssize_t i = 0; i < end; i += EF_PAD) {
        uint64_t bytes = ef_load(look->bytes + i);
        for (int place = 0; place < EF_PAD; place++) {
            unsigned code = bytes >> 8 * place & 0xFF;
            counts[place % 4][tables->classes[code]]++;
            look->traits[i + place] = tables->traits[code];
        }
    }
    counts[0][tables->classes[0]] -= (uint32_t)beyond;
    memset(look->traits + look->size, 0, EF_BLOCK + EF_PAD);
}
#endif

void ef_look_at(const ef_tables *tables, ef_look *look, const uint8_t *text, Py_ssize_t size, Py_ssize_t characters) {
    look->characters = characters < 0 ? characters_of(text, size) : characters;
    cut_window(tables, look, text, size);
    count_kinds(tables, look);
}

/* Masks of the 64 bytes before, of which the highest bits count. */
typedef struct {
    uint64_t letters, digits, foreign, spaces, loose, newlines;
} masks;

static uint64_t behind(uint64_t mask, uint64_t before) { return mask << 1 | before >> 63; }

/* One symbol a word, a number, a foreign run; spaces where they tell of indentation or of operators. */
static masks mark_block(ef_look *look, Py_ssize_t block, masks before) {
    const uint8_t *traits = look->traits + block * EF_BLOCK;
    masks here = {ef_gathered(traits, 0), ef_gathered(traits, 2), ef_gathered(traits, 4),
                  ef_gathered(traits, 6), ef_gathered(traits, 7), ef_gathered(traits, 1)};
    uint64_t next_loose = (uint64_t)(traits[EF_BLOCK] >> 7) << 63;
    uint64_t after_letter = behind(here.letters, before.letters);
    uint64_t dropped = here.letters & after_letter;
    uint64_t after_newline = behind(here.newlines, before.newlines);
    dropped |= here.digits & behind(here.digits, before.digits);
    dropped |= here.foreign & behind(here.foreign, before.foreign);
    dropped |= here.spaces & behind(here.spaces, before.spaces);
    dropped |= here.spaces & behind(here.loose, before.loose) & (here.loose >> 1 | next_loose);
    look->letters[block] = here.letters;
    look->edges[block] = here.letters ^ after_letter;
    look->kept[block] = ~dropped;
    look->indented += ef_ones(after_newline & here.spaces);
    look->blank += ef_ones(after_newline & here.newlines);
    return here;
}

static EF_APART Py_ssize_t mark(ef_look *look) {
    Py_ssize_t blocks = (look->size + EF_BLOCK - 1) / EF_BLOCK, last = look->size % EF_BLOCK;
    masks before = {0, 0, 0, 0, 0, 0};
    look->indented = look->blank = 0;
    for (Py_ssize_t block = 0; block < blocks; block++) {
        before = mark_block(look, block, before);
    }
    if (last) {
        look->kept[blocks - 1] &= ((uint64_t)1 << last) - 1;
    }
    return blocks;
}

static const uint64_t KEY_BYTES[9] = {
    0, 0xFF, 0xFFFF, 0xFFFFFF, 0xFFFFFFFF, 0xFFFFFFFFFF, 0xFFFFFFFFFFFF, 0xFFFFFFFFFFFFFF, 0xFFFFFFFFFFFFFFFF,
};

/* `one` where the condition, 1 or 0, holds, else `other`: which of them comes next nobody could guess. */
static uint64_t either(uint64_t condition, uint64_t one, uint64_t other) {
    return other ^ ((one ^ other) & (0 - condition));
}

static uint64_t word_symbol(const ef_tables *tables, uint64_t word, uint64_t size) {
    uint64_t is_long = size > 8, key = (word | LOWERED) & KEY_BYTES[either(is_long, 8, size)];
    key ^= either(is_long, size << 56, 0);
    unsigned number = tables->words[key * tables->factor >> (64 - EF_SLOT_BITS)];
    return either(tables->word_keys[number] == key, tables->word_codes[number], tables->shapes[word & 0xFFFF]);
}

#ifdef EF_WIDEST
/* Where words begin and end, in turns; a mark stands behind the last. Returns how many words there are. */
static EF_APART Py_ssize_t list_edges(ef_look *look, Py_ssize_t blocks) {
    uint16_t *next = look->places;
    for (Py_ssize_t block = 0; block < blocks; block++) {
        next = ef_list_bits(look->edges[block], block * EF_BLOCK, next);
    }
    return (next - look->places) / 2;
}

/* Write down what is kept, each word's own symbol in its place; return how many symbols those are. */
static EF_APART Py_ssize_t list_symbols(const ef_tables *tables, ef_look *look, Py_ssize_t blocks,
                                        const uint8_t *words) {
    ef_held symbols = ef_hold(tables->symbols);
    uint8_t *end = look->symbols;
    for (Py_ssize_t block = 0; block < blocks; block++) {
        uint64_t kept = look->kept[block], begun = _pext_u64(look->letters[block], kept);
        __m512i found = ef_look_up(&symbols, _mm512_loadu_si512(look->bytes + block * EF_BLOCK));
        found = _mm512_maskz_compress_epi8(kept, found);
        _mm512_storeu_si512(end, _mm512_mask_expand_epi8(found, begun, _mm512_loadu_si512(words)));
        words += ef_ones(begun);
        end += ef_ones(kept);
    }
    memset(end, 0, EF_PAD);
    return end - look->symbols;
}

Py_ssize_t ef_skeleton(const ef_tables *tables, ef_look *look) {
    Py_ssize_t blocks = mark(look), words = list_edges(look, blocks);
    /* Each word's symbol takes no more room than its place among symbols would. */
    uint8_t *found = (uint8_t *)look->words;
    for (Py_ssize_t i = 0; i < words; i++) {
        unsigned place = look->places[2 * i], end = look->places[2 * i + 1];
        found[i] = (uint8_t)word_symbol(tables, ef_load(look->bytes + place), end - place);
    }
    return list_symbols(tables, look, blocks, found);
}
#else
/* Where words begin and end, in turns; a mark stands behind the last. */
static EF_APART void list_edges(ef_look *look, Py_ssize_t blocks) {
    uint16_t *next = look->places;
    for (Py_ssize_t block = 0; block < blocks; block++) {
        for (uint64_t left = look->edges[block]; left; left &= left - 1) {
            *next++ = (uint16_t)(block * EF_BLOCK + ef_lowest(left));
        }
    }
}

/* Write down what is kept, and which of it are words; return how many symbols those are. */
static EF_APART Py_ssize_t list_symbols(const ef_tables *tables, ef_look *look, Py_ssize_t blocks, Py_ssize_t *words) {
    uint16_t *word = look->words;
    uint8_t *end = look->symbols;
    for (Py_ssize_t block = 0; block < blocks; block++) {
        const uint8_t *bytes = look->bytes + block * EF_BLOCK;
        uint64_t letters = look->letters[block];
        for (uint64_t left = look->kept[block]; left; left &= left - 1) {
            unsigned place = ef_lowest(left);
            *word = (uint16_t)(end - look->symbols);
            word += letters >> place & 1;
            *end++ = tables->symbols[bytes[place]];
        }
    }
    memset(end, 0, EF_PAD);
    *words = word - look->words;
    return end - look->symbols;
}

Py_ssize_t ef_skeleton(const ef_tables *tables, ef_look *look) {
    Py_ssize_t blocks = mark(look), words, size = list_symbols(tables, look, blocks, &words);
    list_edges(look, blocks);
    for (Py_ssize_t i = 0; i < words; i++) {
        unsigned place = look->places[2 * i], end = look->places[2 * i + 1];
        look->symbols[look->words[i]] = (uint8_t)word_symbol(tables, ef_load(look->bytes + place), end - place);
    }
    return size;
}
#endif
