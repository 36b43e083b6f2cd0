/* Loops: which texts may end in one. Told of windows and counts in characters, as detectors/repetition.py. */
#include "signs.h"
#include "wide.h"
#include "words.h"

enum { NO_LOOP = 0, MAY_LOOP = 1, LOOPS = EF_LOOPS };

typedef struct {
    Py_ssize_t least_length, least_kept, tail, short_probe, least_returns;
    Py_ssize_t probe, window, longest_period, least_repeats;
    EfWays ways;
    double most_marks;
    uint8_t is_mark[256];
} Facts;

/* The last characters of a text without its blank end. */
typedef struct {
    EfSpan kept;
    Py_ssize_t start, length;
    int is_ascii;
} Tail;

static Tail tail_of(EfSpan kept, Py_ssize_t most) {
    Tail tail = {kept, kept.size > most ? kept.size - most : 0, 0, 1};
    tail.is_ascii = ef_is_ascii(ef_part(kept, tail.start, kept.size));
    if (!tail.is_ascii) {
        tail.start = ef_back(kept, kept.size, most);
    }
    EfSpan span = ef_part(kept, tail.start, kept.size);
    /* What has something before it is as long as asked for. */
    tail.length = tail.is_ascii ? span.size : tail.start > 0 ? most : ef_length(span);
    return tail;
}

static Py_ssize_t back(const Tail *tail, Py_ssize_t end, Py_ssize_t count) {
    if (tail->is_ascii && end - count >= tail->start) {
        return end - count;
    }
    return ef_back(tail->kept, end, count);
}

static Py_ssize_t forward(const Tail *tail, Py_ssize_t from, Py_ssize_t count) {
    if (tail->is_ascii) {
        return from + count;
    }
    return ef_forward(tail->kept, from, count);
}

static int returns(const Facts *facts, const Tail *tail, Py_ssize_t start, Py_ssize_t end) {
    EfSpan span = ef_part(tail->kept, tail->start, tail->kept.size);
    return end > start && ef_returns(span, ef_part(tail->kept, start, end), facts->least_returns);
}

/* Three pieces of a tail: from its middle, from near its end, and its end. */
enum { MIDDLE = 0, BEFORE = 1, LAST = 2 };

static EfSpan piece_of(const Tail *tail, Py_ssize_t start, Py_ssize_t end) {
    return ef_part(tail->kept, start, end > start ? end : start);
}

static void count_pieces(const Facts *facts, const Tail *tail, EfCount *counts) {
    Py_ssize_t end = tail->kept.size, size = facts->short_probe;
    Py_ssize_t middle = forward(tail, tail->start, tail->length / 2);
    Py_ssize_t last = back(tail, end, size), two_back = back(tail, last, size);
    counts[MIDDLE].piece = piece_of(tail, middle, forward(tail, middle, size));
    counts[BEFORE].piece = piece_of(tail, back(tail, two_back, size), two_back);
    counts[LAST].piece = piece_of(tail, last, end);
    ef_count(ef_part(tail->kept, tail->start, end), counts);
}

/* Whether the last characters stood in the tail before. */
static int last_stood_before(const Tail *tail, const EfCount *counts) {
    const EfCount *last = &counts[LAST];
    Py_ssize_t end = back(tail, tail->kept.size, 1) - tail->start;
    return last->first >= 0 && last->first + last->piece.size <= end;
}

/* Whether two of four pieces of the tail return; the very last only where it stood there before. */
static int two_return(const Facts *facts, const Tail *tail, const EfCount *counts, int last_stood) {
    int count = counts[BEFORE].times >= facts->least_returns;
    count += counts[MIDDLE].times >= facts->least_returns;
    if (count < 2 && last_stood) {
        count += counts[LAST].times >= facts->least_returns;
    }
    if (count == 1) {
        Py_ssize_t middle = forward(tail, tail->start, tail->length / 2);
        Py_ssize_t beside = forward(tail, middle, facts->short_probe);
        count += returns(facts, tail, beside, forward(tail, beside, facts->short_probe));
    }
    return count >= 2;
}

/* Whether the end stands there again a period before, often enough. */
static int is_exact(const Facts *facts, const Tail *tail) {
    EfSpan kept = tail->kept;
    Py_ssize_t end = kept.size, probe = back(tail, end, facts->probe), start = back(tail, end, facts->window);
    Py_ssize_t found = ef_rfind(ef_part(kept, start, back(tail, end, 1)), ef_part(kept, probe, end));
    if (found < 0) {
        return 0;
    }
    EfSpan between = ef_part(kept, start + found, probe);
    Py_ssize_t period = tail->is_ascii ? between.size : ef_length(between);
    Py_ssize_t least = facts->least_repeats * period;
    least = least < facts->least_length ? facts->least_length : least;
    if (period < 1 || period > facts->longest_period) {
        return 0;
    }
    /* Longer than the tail: counted from the end, since what is further off may not be ASCII. */
    Py_ssize_t first = ef_back(kept, end, least), second = ef_back(kept, end, least - period);
    Py_ssize_t size = end - second;
    if (ef_length(ef_part(kept, first, end)) < least || ef_back(kept, end, period) - first != size) {
        return 0;
    }
    return memcmp(kept.at + first, kept.at + second, (size_t)size) == 0;
}

static Py_ssize_t marks_in(const Facts *facts, EfSpan span) {
    Py_ssize_t marks = 0;
    for (Py_ssize_t i = 0; i < span.size; i++) {
        marks += facts->is_mark[span.at[i]];
    }
    return marks;
}

#ifdef EF_AVX2
/* `marks_in` by blocks of sixty-four, each looked up at once. */
EF_FOR_VBMI static Py_ssize_t marks_in_blocks(const Facts *facts, EfSpan span) {
    const uint8_t *known = facts->is_mark;
    const __m512i first = _mm512_loadu_si512(known), second = _mm512_loadu_si512(known + 64),
                  third = _mm512_loadu_si512(known + 128), fourth = _mm512_loadu_si512(known + 192);
    Py_ssize_t marks = 0, place = 0;
    for (; place + 64 <= span.size; place += 64) {
        __m512i block = _mm512_loadu_si512(span.at + place);
        __m512i low = _mm512_permutex2var_epi8(first, block, second);
        __m512i high = _mm512_permutex2var_epi8(third, block, fourth);
        __m512i found = _mm512_mask_blend_epi8(_mm512_movepi8_mask(block), low, high);
        marks += __builtin_popcountll(_mm512_test_epi8_mask(found, found));
    }
    return marks + marks_in(facts, ef_part(span, place, span.size));
}
#endif

static int has_few_marks(const Facts *facts, const Tail *tail) {
    EfSpan span = ef_part(tail->kept, tail->start, tail->kept.size);
#ifdef EF_AVX2
    Py_ssize_t marks = ef_has_vbmi() ? marks_in_blocks(facts, span) : marks_in(facts, span);
#else
    Py_ssize_t marks = marks_in(facts, span);
#endif
    return (double)marks <= facts->most_marks * (double)tail->length;
}

static uint8_t look(const void *known, EfSpan text, void *room) {
    const Facts *facts = known;
    if (text.size < facts->least_length) {
        return NO_LOOP;
    }
    Tail tail = tail_of(ef_rstrip(text), facts->tail);
    if (tail.length < facts->least_kept) {
        return NO_LOOP;
    }
    if (tail.length < facts->least_length && text.size < 4 * facts->least_length &&
        ef_length(text) < facts->least_length) {
        return NO_LOOP;
    }
    EfCount counts[EF_TOGETHER];
    count_pieces(facts, &tail, counts);
    int last_stood = last_stood_before(&tail, counts);
    if (last_stood && is_exact(facts, &tail)) {
        return LOOPS;
    }
    if (!two_return(facts, &tail, counts, last_stood) || !has_few_marks(facts, &tail)) {
        return NO_LOOP;
    }
    int little = ef_vary_little(&facts->ways, ef_part(tail.kept, tail.start, tail.kept.size), tail.is_ascii, room);
    return little == EF_VARIES_LITTLE ? LOOPS : little == EF_MAY_VARY_LITTLE ? MAY_LOOP : NO_LOOP;
}

static int refuse(const Facts *facts) {
    /* Pieces lie within the shortest tail, and words and their groups in a set. */
    int fits = facts->short_probe > 0 && facts->probe > 0 && facts->least_kept >= 5 * facts->short_probe &&
               facts->least_kept > facts->probe && facts->tail >= facts->least_kept &&
               facts->tail >= facts->window && facts->window > facts->probe && facts->tail <= EF_LONGEST_TAIL &&
               facts->ways.in_a_row > 0 && facts->ways.in_a_row <= EF_MOST_IN_A_ROW && facts->least_returns > 0 &&
               facts->least_repeats > 1 && facts->longest_period > 0 && facts->longest_period <= EF_LONGEST_TAIL &&
               facts->least_repeats <= EF_LONGEST_TAIL && facts->least_length >= facts->least_kept;
    if (!fits) {
        PyErr_SetString(PyExc_ValueError, "lengths of probes, windows and tails do not fit each other");
    }
    return !fits;
}

PyObject *ef_of_loops(PyObject *type, PyObject *args, PyObject *named) {
    static char *names[] = {"least_length", "least_kept", "tail", "short_probe", "least_returns", "probe",
                            "window", "longest_period", "least_repeats", "least_words", "in_a_row",
                            "most_distinct", "most_marks", "marks", NULL};
    Facts facts;
    const char *marks;
    Py_ssize_t count;
    memset(&facts, 0, sizeof facts);
    if (!PyArg_ParseTupleAndKeywords(
            args, named, "$nnnnnnnnnnnddy#", names, &facts.least_length, &facts.least_kept, &facts.tail,
            &facts.short_probe, &facts.least_returns, &facts.probe, &facts.window, &facts.longest_period,
            &facts.least_repeats, &facts.ways.least_words, &facts.ways.in_a_row, &facts.ways.most_distinct, &facts.most_marks,
            &marks, &count) ||
        refuse(&facts)) {
        return NULL;
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        facts.is_mark[(uint8_t)marks[i]] = 1;
    }
    void *kept;
    PyObject *signs = ef_signs(type, look, sizeof facts, (Py_ssize_t)EF_WORDS_ROOM, &kept);
    if (signs != NULL) {
        memcpy(kept, &facts, sizeof facts);
    }
    return signs;
}
