/* Cuts: which texts stop before they are done, by one pass over the bytes that all marks begin with. */
#include "signs.h"
#include "wide.h"

/* What a text shows, as truncation.py names it; all is certain but MAY_END_IN_TAG, left to a second look. */
enum { CUT = 1, MAY_END_IN_TAG = 2, STOPS_MIDWAY = 4, FINISHED = 8 };
enum { MOST_MARKS = 64, MOST_BYTES = 1024, MOST_FIRSTS = 4, BLOCK = 64 };

/* Marks by number: the fence, what opens a tag and what closes it, the closed answer, then next problems. */
typedef struct {
    EfSpan marks[MOST_MARKS], finished[MOST_MARKS], midway[MOST_MARKS], answered[MOST_MARKS];
    Py_ssize_t count, tags, closing, answered_count, longest_tag, afterword;
    uint64_t by_first[256], by_second[256], finished_by_last[256], midway_by_last[256];
    uint8_t firsts[MOST_FIRSTS];
    /* Eight groups of marks, a bit each: which have a first, a second byte of these halves. */
    uint8_t low[2][16], high[2][16];
    /* The same of whole bytes but for the highest bit, which all places have that can be passed by for it. */
    uint8_t groups[2][128];
    uint64_t passed_by;
    uint8_t bytes[4][MOST_BYTES];
} Facts;

typedef struct {
    uint64_t found;
    Py_ssize_t fences, fenced, closed, asked;
} Seen;

static int stands_at(EfSpan text, Py_ssize_t place, EfSpan mark) {
    return text.size - place >= mark.size && ef_is_same(text.at + place, mark.at, mark.size);
}

/* Takes down the marks at a place; fences do not overlap, of all others the first place counts. */
static void take_some(const Facts *facts, EfSpan text, Py_ssize_t place, uint64_t left, Seen *seen) {
    for (; left; left &= left - 1) {
        int mark = (int)ef_lowest(left);
        if (!stands_at(text, place, facts->marks[mark])) {
            continue;
        }
        if (mark == 0 && place >= seen->fenced) {
            seen->fences++;
            seen->fenced = place + facts->marks[0].size;
        } else if (mark == facts->closing) {
            seen->closed = place;
        } else if (mark > facts->closing) {
            seen->asked = place;
        }
        seen->found |= 1ull << mark;
    }
}

/* Most places are passed by here: no mark goes on with their second byte, or those that do are known. */
static inline void take(const Facts *facts, EfSpan text, Py_ssize_t place, Seen *seen) {
    if (place + 1 < text.size) {
        uint64_t left = facts->by_first[text.at[place]] & facts->by_second[text.at[place + 1]];
        left &= ~seen->found | 1;
        if (left) {
            take_some(facts, text, place, left, seen);
        }
    }
}

#ifdef EF_SSE2
static uint64_t firsts_in(const __m128i *firsts, const uint8_t *at) {
    __m128i block = _mm_loadu_si128((const __m128i *)(const void *)at);
    __m128i two = _mm_or_si128(_mm_cmpeq_epi8(block, firsts[0]), _mm_cmpeq_epi8(block, firsts[1]));
    __m128i more = _mm_or_si128(_mm_cmpeq_epi8(block, firsts[2]), _mm_cmpeq_epi8(block, firsts[3]));
    return (unsigned int)_mm_movemask_epi8(_mm_or_si128(two, more));
}

/* Takes down the marks of whole blocks; returns where the rest begins. */
static Py_ssize_t take_blocks(const Facts *facts, EfSpan text, Seen *seen) {
    Py_ssize_t place = 0;
    __m128i firsts[MOST_FIRSTS];
    for (int i = 0; i < MOST_FIRSTS; i++) {
        firsts[i] = _mm_set1_epi8((char)facts->firsts[i]);
    }
    for (; place + BLOCK <= text.size; place += BLOCK) {
        const uint8_t *at = text.at + place;
        uint64_t hits = firsts_in(firsts, at) | firsts_in(firsts, at + 16) << 16 |
                        firsts_in(firsts, at + 32) << 32 | firsts_in(firsts, at + 48) << 48;
        for (; hits; hits &= hits - 1) {
            take(facts, text, place + (Py_ssize_t)ef_lowest(hits), seen);
        }
    }
    return place;
}
#endif

#ifdef EF_AVX2
EF_FOR_AVX2 static __m256i doubled(const uint8_t *table) {
    return _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(const void *)table));
}

/* The groups of marks that have some bytes at a place, told by both halves of each byte. */
EF_FOR_AVX2 static __m256i groups_of(const uint8_t *at, __m256i low, __m256i high) {
    const __m256i half = _mm256_set1_epi8(15);
    __m256i block = _mm256_loadu_si256((const __m256i *)(const void *)at);
    __m256i upper = _mm256_and_si256(_mm256_srli_epi16(block, 4), half);
    return _mm256_and_si256(_mm256_shuffle_epi8(low, _mm256_and_si256(block, half)),
                            _mm256_shuffle_epi8(high, upper));
}

/* Places are told by the first two bytes of marks at once: hardly any is looked at that begins none. */
EF_FOR_AVX2 static Py_ssize_t take_wide_blocks(const Facts *facts, EfSpan text, Seen *seen) {
    const __m256i low = doubled(facts->low[0]), high = doubled(facts->high[0]);
    const __m256i next_low = doubled(facts->low[1]), next_high = doubled(facts->high[1]);
    Py_ssize_t place = 0;
    for (; place + 32 < text.size; place += 32) {
        __m256i first = groups_of(text.at + place, low, high);
        __m256i both = _mm256_and_si256(first, groups_of(text.at + place + 1, next_low, next_high));
        __m256i none = _mm256_cmpeq_epi8(both, _mm256_setzero_si256());
        for (uint32_t hits = ~(uint32_t)_mm256_movemask_epi8(none); hits; hits &= hits - 1) {
            take(facts, text, place + (Py_ssize_t)ef_lowest(hits), seen);
        }
    }
    return place;
}

static inline void take_hits(const Facts *facts, EfSpan text, Py_ssize_t place, uint64_t hits, Seen *seen) {
    for (; hits; hits &= hits - 1) {
        take(facts, text, place + (Py_ssize_t)ef_lowest(hits), seen);
    }
}

/* As above by whole bytes; what is beyond ASCII is mostly passed by. */
EF_FOR_VBMI static Py_ssize_t take_widest_blocks(const Facts *facts, EfSpan text, Seen *seen) {
    const __m512i low = _mm512_loadu_si512(facts->groups[0]), high = _mm512_loadu_si512(facts->groups[0] + BLOCK);
    const __m512i next_low = _mm512_loadu_si512(facts->groups[1]),
                  next_high = _mm512_loadu_si512(facts->groups[1] + BLOCK);
    Py_ssize_t place = 0;
    for (; place + BLOCK < text.size; place += BLOCK) {
        __m512i block = _mm512_loadu_si512(text.at + place), next = _mm512_loadu_si512(text.at + place + 1);
        __m512i first = _mm512_permutex2var_epi8(low, block, high);
        __m512i second = _mm512_permutex2var_epi8(next_low, next, next_high);
        uint64_t hits = _mm512_test_epi8_mask(first, second) & ~(_mm512_movepi8_mask(block) & facts->passed_by);
        take_hits(facts, text, place, hits, seen);
    }
    if (place + 1 < text.size) {
        /* Of the places left, all but the last have a byte behind them. */
        uint64_t inside = ((uint64_t)1 << (text.size - 1 - place)) - 1;
        __m512i block = _mm512_maskz_loadu_epi8(inside, text.at + place);
        __m512i next = _mm512_maskz_loadu_epi8(inside, text.at + place + 1);
        __m512i first = _mm512_permutex2var_epi8(low, block, high);
        __m512i second = _mm512_permutex2var_epi8(next_low, next, next_high);
        uint64_t hits = _mm512_test_epi8_mask(first, second) & inside;
        take_hits(facts, text, place, hits, seen);
    }
    return text.size;
}
#endif

#ifndef EF_SSE2
static Py_ssize_t take_blocks(const Facts *facts, EfSpan text, Seen *seen) {
    (void)facts, (void)text, (void)seen;
    return 0;
}
#endif

static void take_all(const Facts *facts, EfSpan text, Seen *seen) {
    Py_ssize_t place;
#ifdef EF_AVX2
    place = ef_has_vbmi()   ? take_widest_blocks(facts, text, seen)
            : ef_has_avx2() ? take_wide_blocks(facts, text, seen)
                            : take_blocks(facts, text, seen);
#else
    place = take_blocks(facts, text, seen);
#endif
    for (; place < text.size; place++) {
        if (facts->by_first[text.at[place]]) {
            take(facts, text, place, seen);
        }
    }
}

/* Whether a tag was opened and never closed, or a fence. */
static int is_open(const Facts *facts, const Seen *seen) {
    if (seen->fences % 2) {
        return 1;
    }
    uint64_t opened = seen->found >> 1, closed = seen->found >> 2;
    for (Py_ssize_t tag = 0; tag < facts->tags; tag++) {
        if ((opened >> 2 * tag & 1) && !(closed >> 2 * tag & 1)) {
            return 1;
        }
    }
    return 0;
}

/* Small letters, and what may be some beyond ASCII. */
static int is_small(uint8_t byte) { return byte >= 0x80 || (byte >= 'a' && byte <= 'z'); }

/* Whether the last characters are a tag that was begun: slashes, then small letters. */
static int ends_in_tag(const Facts *facts, EfSpan text) {
    Py_ssize_t start = ef_back(text, text.size, facts->longest_tag), place = text.size;
    int is_plain = 1;
    while (place > start && is_small(text.at[place - 1])) {
        is_plain &= text.at[--place] < 0x80;
    }
    if (place == text.size) {
        return 0;
    }
    while (place > start && text.at[place - 1] == '/') {
        place--;
    }
    /* Which letters beyond ASCII are small is not known here. */
    return place > start && text.at[place - 1] == '<' ? (is_plain ? CUT : MAY_END_IN_TAG) : 0;
}

/* Whether more than a few words follow a closed answer. */
static int goes_past(const Facts *facts, EfSpan text, EfSpan kept, const Seen *seen) {
    EfSpan closed = facts->marks[facts->closing];
    if (!(seen->found >> facts->closing & 1) || ef_ends_with(kept, closed)) {
        return 0;
    }
    return ef_length(ef_part(text, seen->closed + closed.size, text.size)) > facts->afterword;
}

/* Whether a next problem stands behind an answer; one that the text begins with is the first. */
static int asks_next(const Facts *facts, EfSpan text, const Seen *seen) {
    for (Py_ssize_t i = 0; seen->asked > 0 && i < facts->answered_count; i++) {
        Py_ssize_t end = seen->asked - 1 + facts->answered[i].size;
        if (ef_find(ef_part(text, 0, end < text.size ? end : text.size), facts->answered[i]) >= 0) {
            return 1;
        }
    }
    return 0;
}

static int ends_in_any(EfSpan kept, const EfSpan *ends, const uint64_t *by_last) {
    for (uint64_t left = kept.size ? by_last[kept.at[kept.size - 1]] : 0; left; left &= left - 1) {
        if (ef_ends_with(kept, ends[ef_lowest(left)])) {
            return 1;
        }
    }
    return 0;
}

static uint8_t look(const void *known, EfSpan text, void *room) {
    const Facts *facts = known;
    EfSpan kept = ef_rstrip(text);
    Seen seen = {0, 0, 0, 0, 0};
    int said = 0;
    (void)room;
    take_all(facts, text, &seen);
    said |= ends_in_tag(facts, text);
    if (is_open(facts, &seen) || goes_past(facts, text, kept, &seen) || asks_next(facts, text, &seen)) {
        said |= CUT;
    }
    said |= ends_in_any(kept, facts->midway, facts->midway_by_last) ? STOPS_MIDWAY : 0;
    said |= ends_in_any(kept, facts->finished, facts->finished_by_last) ? FINISHED : 0;
    return (uint8_t)said;
}

static int is_alike(EfSpan one, EfSpan other) {
    return one.at[0] == other.at[0] && one.at[1] >> 4 == other.at[1] >> 4;
}

/* Marks of one group have the first byte in common and half of the second; where these are more than eight,
   some share a group and more places are looked at than need be. */
static int group_of(const Facts *facts, Py_ssize_t mark) {
    int group = 0;
    for (Py_ssize_t i = 0; !is_alike(facts->marks[i], facts->marks[mark]); i++) {
        int is_first = 1;
        for (Py_ssize_t before = 0; before < i; before++) {
            is_first &= !is_alike(facts->marks[before], facts->marks[i]);
        }
        group += is_first;
    }
    return group % 8;
}

/* Marks by their first two bytes, so that most places are passed by at two looks into tables. */
static int index_marks(Facts *facts) {
    int firsts = 0;
    facts->passed_by = ~(uint64_t)0;
    for (Py_ssize_t mark = 0; mark < facts->count; mark++) {
        EfSpan span = facts->marks[mark];
        if (span.size < 2) {
            return -1;
        }
        if (!facts->by_first[span.at[0]]) {
            if (firsts == MOST_FIRSTS) {
                return -1;
            }
            facts->firsts[firsts++] = span.at[0];
        }
        facts->passed_by = span.at[0] < 0x80 ? facts->passed_by : 0;
        facts->by_first[span.at[0]] |= 1ull << mark;
        facts->by_second[span.at[1]] |= 1ull << mark;
        uint8_t group = (uint8_t)(1u << group_of(facts, mark));
        for (int i = 0; i < 2; i++) {
            facts->low[i][span.at[i] & 15] |= group;
            facts->high[i][span.at[i] >> 4] |= group;
            facts->groups[i][span.at[i] & 127] |= group;
        }
    }
    for (; firsts < MOST_FIRSTS; firsts++) {
        facts->firsts[firsts] = facts->firsts[0];
    }
    return 0;
}

static void index_ends(const EfSpan *ends, Py_ssize_t count, uint64_t *by_last) {
    for (Py_ssize_t i = 0; i < count; i++) {
        by_last[ends[i].at[ends[i].size - 1]] |= 1ull << i;
    }
}

/* Fill in the facts from four tuples of bytes; -1 with an exception set where they do not fit. */
static int fill(Facts *facts, PyObject *const *pieces) {
    EfSpan *spans[4] = {facts->marks, facts->finished, facts->midway, facts->answered};
    Py_ssize_t counts[4];
    for (int i = 0; i < 4; i++) {
        counts[i] = ef_keep(pieces[i], facts->bytes[i], MOST_BYTES, spans[i], MOST_MARKS);
        if (counts[i] < 0) {
            return -1;
        }
    }
    facts->count = counts[0];
    facts->answered_count = counts[3];
    facts->closing = 2 * facts->tags + 1;
    if (facts->tags < 0 || facts->count > MOST_MARKS - 2 || facts->tags > MOST_MARKS / 2 - 2 ||
        facts->count < 2 * facts->tags + 2 || index_marks(facts) < 0) {
        PyErr_SetString(PyExc_ValueError, "marks: a fence, tags, a closed answer, of two bytes or more, "
                                          "and of at most four first bytes");
        return -1;
    }
    index_ends(facts->finished, counts[1], facts->finished_by_last);
    index_ends(facts->midway, counts[2], facts->midway_by_last);
    return 0;
}

PyObject *ef_of_cuts(PyObject *type, PyObject *args, PyObject *named) {
    static char *names[] = {"marks", "tags", "finished", "midway",
                            "answered", "longest_tag", "afterword", NULL};
    PyObject *pieces[4];
    Py_ssize_t tags, longest_tag, afterword;
    if (!PyArg_ParseTupleAndKeywords(args, named, "$O!nO!O!O!nn", names, &PyTuple_Type, &pieces[0], &tags,
                                     &PyTuple_Type, &pieces[1], &PyTuple_Type, &pieces[2], &PyTuple_Type,
                                     &pieces[3], &longest_tag, &afterword)) {
        return NULL;
    }
    void *kept;
    PyObject *signs = ef_signs(type, look, sizeof(Facts), 1, &kept);
    if (signs == NULL) {
        return NULL;
    }
    Facts *facts = kept;
    facts->tags = tags;
    facts->longest_tag = longest_tag;
    facts->afterword = afterword;
    if (fill(facts, pieces) < 0) {
        Py_DECREF(signs);
        return NULL;
    }
    return signs;
}
