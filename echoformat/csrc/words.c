/* Words at the end of a text, as `_looping_groups` in detectors/repetition.py looks at them. */
#include "words.h"
#include "bits.h"

/* Words of a tail, at most a letter and a space each, fill half of a set. */
enum { MOST_WORDS = EF_LONGEST_TAIL / 2 + 1, SLOTS = 2048, OFTEN = 8, ID_BITS = 16, BLOCK = 64, KEY = 8 };
enum { MOST_BLOCKS = 4 * EF_LONGEST_TAIL / BLOCK };

/* A word and its first eight bytes. */
typedef struct {
    EfSpan span;
    uint64_t key;
} Word;

typedef struct {
    /* A bit a byte, which are letters. */
    uint64_t letters[MOST_BLOCKS + 1];
    /* One more than the number of the word that stands in a slot. */
    uint16_t slots[SLOTS];
    uint64_t groups[SLOTS];
    Word words[MOST_WORDS];
    /* One more than the number of the first word that reads the same. */
    uint16_t same_as[MOST_WORDS];
} Room;

const size_t EF_WORDS_ROOM = sizeof(Room);

/* Words of ASCII that are words whatever other letters are; what stands beside others may be one or none. */
typedef struct {
    Py_ssize_t sure, distinct, groups, unsure, in_a_row;
    /* How many words there are, -1 where that is not known. */
    Py_ssize_t every;
} Words;

static int is_letter(uint8_t byte) { return (uint8_t)((byte | 0x20) - 'a') < 26; }

static Word word_of(EfSpan span, Py_ssize_t start, Py_ssize_t end) {
    Word word = {ef_part(span, start, end), 0};
    Py_ssize_t size = end - start;
    if (span.size - start < KEY) {
        memcpy(&word.key, word.span.at, (size_t)size);
        return word;
    }
    memcpy(&word.key, word.span.at, KEY);
    word.key &= size < KEY ? ((uint64_t)1 << 8 * size) - 1 : ~(uint64_t)0;
    return word;
}

static int reads_same(const Word *one, const Word *other) {
    Py_ssize_t size = one->span.size;
    return one->key == other->key && size == other->span.size &&
           (size <= KEY || memcmp(one->span.at, other->span.at, (size_t)size) == 0);
}

/* Takes down a word; whether it is new. */
static int is_new_word(Room *room, Py_ssize_t number, Word word) {
    uint32_t slot = (uint32_t)((word.key + (uint64_t)word.span.size) * 0x9E3779B97F4A7C15u >> 53);
    room->words[number] = word;
    while (room->slots[slot] != 0) {
        if (reads_same(&room->words[room->slots[slot] - 1], &word)) {
            room->same_as[number] = room->slots[slot];
            return 0;
        }
        slot = (slot + 1) % SLOTS;
    }
    room->slots[slot] = room->same_as[number] = (uint16_t)(number + 1);
    return 1;
}

/* Takes down the group of words that ends before `end`; whether it is new. */
static int is_new_group(Room *room, Py_ssize_t end, Py_ssize_t words) {
    uint64_t group = 0;
    for (Py_ssize_t i = end - words; i < end; i++) {
        group = group << ID_BITS | room->same_as[i];
    }
    uint32_t slot = (uint32_t)(group * 0x9E3779B97F4A7C15u >> 53);
    while (room->groups[slot] != 0) {
        if (room->groups[slot] == group) {
            return 0;
        }
        slot = (slot + 1) % SLOTS;
    }
    room->groups[slot] = group;
    return 1;
}

/* Whether there are more ways than so many words of a loop have. */
static int vary(const EfWays *ways, const Words *words, Py_ssize_t most) {
    double few = ways->most_distinct * (double)(most - ways->in_a_row + 1);
    return (double)(words->distinct - ways->in_a_row + 1) > few || (double)words->groups > few;
}

/* Which of some bytes, at most 64, are letters. */
static uint64_t letters_of(EfSpan some) {
    uint64_t letters = 0;
    Py_ssize_t place = 0;
#ifdef EF_SSE2
    const __m128i low = _mm_set1_epi8(0x20), before = _mm_set1_epi8('a' - 1), behind = _mm_set1_epi8('z' + 1);
    for (; place + 16 <= some.size; place += 16) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)(some.at + place));
        bytes = _mm_or_si128(bytes, low);
        /* Signed: what is beyond ASCII is below all letters. */
        __m128i found = _mm_and_si128(_mm_cmpgt_epi8(bytes, before), _mm_cmplt_epi8(bytes, behind));
        letters |= (uint64_t)(unsigned)_mm_movemask_epi8(found) << place;
    }
#endif
    for (; place < some.size; place++) {
        letters |= (uint64_t)is_letter(some.at[place]) << place;
    }
    return letters;
}

/* Marks the letters of a tail, none behind it; how many words it has. */
static Py_ssize_t mark_letters(EfSpan tail, uint64_t *letters) {
    Py_ssize_t words = 0;
    uint64_t before = 0;
    for (Py_ssize_t block = 0; block * BLOCK < tail.size; block++) {
        Py_ssize_t left = tail.size - block * BLOCK;
        uint64_t here = letters_of(ef_part(tail, block * BLOCK, block * BLOCK + (left < BLOCK ? left : BLOCK)));
        words += ef_ones(here & ~(here << 1 | before >> 63));
        letters[block] = before = here;
    }
    letters[(tail.size + BLOCK - 1) / BLOCK] = 0;
    return words;
}

/* No more words than this are there, where `left` bytes are not looked at yet: of a letter and a character beyond
   ASCII there are no more than two in three bytes. */
static Py_ssize_t most_words(const Words *words, Py_ssize_t left) {
    return words->every >= 0 ? words->every : words->sure + words->unsure + left * 2 / 3 + 1;
}

static void count_word(const EfWays *ways, Words *words, Room *room, Word word) {
    words->distinct += is_new_word(room, words->sure, word);
    words->in_a_row++;
    words->sure++;
    if (words->in_a_row >= ways->in_a_row) {
        words->groups += is_new_group(room, words->sure, ways->in_a_row);
    }
}

/* What stands between words: from beyond ASCII it ends a row of words. Returns whether the last byte is ASCII. */
static int pass_by(Words *words, EfSpan between, int is_sure) {
    for (Py_ssize_t i = 0; i < between.size; i++) {
        is_sure = between.at[i] < 0x80;
        words->in_a_row = is_sure ? words->in_a_row : 0;
        words->unsure += between.at[i] >= 0xC0;
    }
    return is_sure;
}

/* The words of a tail; those from beyond ASCII, and what touches them, end a row of words. */
static void count_words(const EfWays *ways, EfSpan tail, Words *words, Room *room) {
    Py_ssize_t place = 0;
    int is_sure = 1;
    while (words->sure < MOST_WORDS) {
        Py_ssize_t start = ef_next_bit(room->letters, place, tail.size, 0);
        is_sure = words->every >= 0 || pass_by(words, ef_part(tail, place, start), is_sure);
        if (start == tail.size) {
            return;
        }
        place = ef_next_bit(room->letters, start, tail.size, ~(uint64_t)0);
        if (!is_sure || (place < tail.size && tail.at[place] >= 0x80)) {
            words->unsure++;
            continue;
        }
        count_word(ways, words, room, word_of(tail, start, place));
        /* Mostly words vary too much long before the end. */
        if (words->sure % OFTEN == 0 && vary(ways, words, most_words(words, tail.size - place))) {
            return;
        }
    }
}

/* Whether a group is the last one, but for its last word, which may be cut there. */
static int leads_on(const Room *room, Py_ssize_t start, Py_ssize_t last, Py_ssize_t words) {
    for (Py_ssize_t i = 0; i < words - 1; i++) {
        if (room->same_as[start + i] != room->same_as[last + i]) {
            return 0;
        }
    }
    EfSpan ending = room->words[last + words - 1].span, other = room->words[start + words - 1].span;
    return other.size >= ending.size && memcmp(other.at, ending.at, (size_t)ending.size) == 0;
}

/* Whether the last words, the very last perhaps cut, stood there before: a list that closes does not. */
static int goes_on(const Room *room, Py_ssize_t count, Py_ssize_t words) {
    for (Py_ssize_t start = 0; start < count - words; start++) {
        if (leads_on(room, start, count - words, words)) {
            return 1;
        }
    }
    return 0;
}

int ef_vary_little(const EfWays *ways, EfSpan tail, int is_ascii, void *given) {
    Room *room = given;
    Py_ssize_t every = mark_letters(tail, room->letters);
    Words words = {0, 0, 0, 0, 0, is_ascii ? every : -1};
    if (is_ascii && every < ways->least_words) {
        return EF_VARIES;
    }
    memset(room->slots, 0, sizeof room->slots);
    memset(room->groups, 0, sizeof room->groups);
    count_words(ways, tail, &words, room);
    if (words.sure >= MOST_WORDS) {
        return EF_MAY_VARY_LITTLE;
    }
    Py_ssize_t most = is_ascii ? words.every : words.sure + words.unsure;
    if (most < ways->least_words || vary(ways, &words, most)) {
        return EF_VARIES;
    }
    if (!is_ascii) {
        return EF_MAY_VARY_LITTLE;
    }
    return goes_on(room, words.sure, ways->in_a_row) ? EF_VARIES_LITTLE : EF_VARIES;
}
