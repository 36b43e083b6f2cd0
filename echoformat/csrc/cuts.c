/* Cuts: which texts stop before they are done, by one pass over the bytes that all marks begin with. */
#include "signs.h"

#if defined(__SSE2__) || defined(_M_X64)
#define EF_SSE2 1
#include <emmintrin.h>
#endif

/* What a text shows; MAY_RUN_ON is left to the slow look, all others are certain. */
enum { OPEN = 1, MAY_RUN_ON = 2, STOPS_MIDWAY = 4, FINISHED = 8 };
enum { MOST_MARKS = 64, MOST_BYTES = 4096, MOST_FIRSTS = 4, BLOCK = 64 };

/* Marks by number: the fence, what opens a tag and what closes it, the closed answer, then next problems. */
typedef struct {
    EfSpan marks[MOST_MARKS], finished[MOST_MARKS], midway[MOST_MARKS];
    Py_ssize_t count, tags, finished_count, midway_count, longest_tag, afterword;
    uint64_t by_first[256], by_second[256], finished_by_last[256], midway_by_last[256];
    uint8_t firsts[MOST_FIRSTS];
    uint8_t bytes[MOST_BYTES];
} Facts;

typedef struct {
    uint64_t found;
    Py_ssize_t fences, fenced, closed;
} Seen;

static int stands_at(EfSpan text, Py_ssize_t place, EfSpan mark) {
    return text.size - place >= mark.size && memcmp(text.at + place, mark.at, (size_t)mark.size) == 0;
}

static int lowest_mark(uint64_t marks) {
#if defined(__GNUC__) || defined(__clang__)
    return __builtin_ctzll(marks);
#else
    int mark = 0;
    while (!(marks >> mark & 1)) {
        mark++;
    }
    return mark;
#endif
}

/* Take down the marks at a place; fences do not overlap, of a closed answer the first place counts. */
static void take_some(const Facts *facts, EfSpan text, Py_ssize_t place, uint64_t left, Seen *seen) {
    for (; left; left &= left - 1) {
        int mark = lowest_mark(left);
        if (!stands_at(text, place, facts->marks[mark])) {
            continue;
        }
        if (mark == 0 && place < seen->fenced) {
            continue;
        }
        if (mark == 0) {
            seen->fences++;
            seen->fenced = place + facts->marks[0].size;
        }
        if (mark == 2 * facts->tags + 1) {
            seen->closed = place;
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
            take(facts, text, place + lowest_mark(hits), seen);
        }
    }
    return place;
}
#else
static Py_ssize_t take_blocks(const Facts *facts, EfSpan text, Seen *seen) {
    (void)facts, (void)text, (void)seen;
    return 0;
}
#endif

static void take_all(const Facts *facts, EfSpan text, Seen *seen) {
    for (Py_ssize_t place = take_blocks(facts, text, seen); place < text.size; place++) {
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

/* Whether the last characters may be a tag that was begun; letters beyond ASCII are left to the slow look. */
static int may_end_in_tag(const Facts *facts, EfSpan text) {
    Py_ssize_t start = ef_back(text, text.size, facts->longest_tag), place = text.size;
    while (place > start && text.at[place - 1] != '<') {
        uint8_t byte = text.at[--place];
        if (byte < 0x80 && byte != '/' && (byte < 'a' || byte > 'z')) {
            return 0;
        }
    }
    return place > start && place < text.size;
}

static int may_run_on(const Facts *facts, EfSpan text, EfSpan kept, const Seen *seen) {
    Py_ssize_t closing = 2 * facts->tags + 1;
    EfSpan closed = facts->marks[closing];
    if (seen->found >> closing >> 1) {
        return 1;
    }
    return (seen->found >> closing & 1) && text.size - seen->closed - closed.size > facts->afterword &&
           !ef_ends_with(kept, closed);
}

static int ends_in_any(EfSpan kept, const EfSpan *ends, const uint64_t *by_last) {
    for (uint64_t left = kept.size ? by_last[kept.at[kept.size - 1]] : 0; left; left &= left - 1) {
        if (ef_ends_with(kept, ends[lowest_mark(left)])) {
            return 1;
        }
    }
    return 0;
}

static uint8_t look(const void *known, EfSpan text, void *room) {
    const Facts *facts = known;
    EfSpan kept = ef_rstrip(text);
    Seen seen = {0, 0, 0, 0};
    int said = 0;
    (void)room;
    take_all(facts, text, &seen);
    said |= is_open(facts, &seen) ? OPEN : 0;
    said |= may_end_in_tag(facts, text) || may_run_on(facts, text, kept, &seen) ? MAY_RUN_ON : 0;
    said |= ends_in_any(kept, facts->midway, facts->midway_by_last) ? STOPS_MIDWAY : 0;
    said |= ends_in_any(kept, facts->finished, facts->finished_by_last) ? FINISHED : 0;
    return (uint8_t)said;
}

/* Marks by their first two bytes, so that most places are passed by at two looks into tables. */
static int index_marks(Facts *facts) {
    int firsts = 0;
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
        facts->by_first[span.at[0]] |= 1ull << mark;
        facts->by_second[span.at[1]] |= 1ull << mark;
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

/* Fill in the facts from three tuples of bytes; -1 with an exception set where they do not fit. */
static int fill(Facts *facts, PyObject *marks, PyObject *finished, PyObject *midway) {
    Py_ssize_t third = MOST_BYTES / 3;
    facts->count = ef_keep(marks, facts->bytes, third, facts->marks, MOST_MARKS);
    facts->finished_count =
        facts->count < 0 ? -1 : ef_keep(finished, facts->bytes + third, third, facts->finished, MOST_MARKS);
    facts->midway_count = facts->finished_count < 0 ? -1
                                                    : ef_keep(midway, facts->bytes + 2 * third, third,
                                                              facts->midway, MOST_MARKS);
    if (facts->midway_count < 0) {
        return -1;
    }
    if (facts->tags < 0 || facts->count > MOST_MARKS - 2 || facts->tags > MOST_MARKS / 2 - 2 ||
        facts->count < 2 * facts->tags + 2 || index_marks(facts) < 0) {
        PyErr_SetString(PyExc_ValueError, "marks: a fence, tags, a closed answer, of two bytes or more, "
                                          "and of at most four first bytes");
        return -1;
    }
    index_ends(facts->finished, facts->finished_count, facts->finished_by_last);
    index_ends(facts->midway, facts->midway_count, facts->midway_by_last);
    return 0;
}

PyObject *ef_of_cuts(PyObject *type, PyObject *args, PyObject *named) {
    static char *names[] = {"marks", "tags", "finished", "midway", "longest_tag", "afterword", NULL};
    PyObject *marks, *finished, *midway;
    Py_ssize_t tags, longest_tag, afterword;
    if (!PyArg_ParseTupleAndKeywords(args, named, "$O!nO!O!nn", names, &PyTuple_Type, &marks, &tags,
                                     &PyTuple_Type, &finished, &PyTuple_Type, &midway, &longest_tag,
                                     &afterword)) {
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
    if (fill(facts, marks, finished, midway) < 0) {
        Py_DECREF(signs);
        return NULL;
    }
    return signs;
}
