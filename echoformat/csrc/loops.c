/* Loops: which texts may end in one. Told of windows and counts in characters, as detectors/repetition.py. */
#include "signs.h"

enum { NO_LOOP = 0, MAY_LOOP = 1, LOOPS = EF_LOOPS };

typedef struct {
    Py_ssize_t least_length, least_kept, tail, short_probe, least_returns;
    Py_ssize_t probe, window, longest_period, least_repeats;
    Py_ssize_t least_words, in_a_row;
    double most_distinct, most_marks;
    uint8_t is_mark[256];
} Facts;

/* The last characters of a text without its blank end. */
typedef struct {
    EfSpan kept;
    Py_ssize_t start, length;
    int is_ascii;
} Tail;

/* Words of a tail, at most a letter and a space each, fill half of a set; so many in a row stand in a ring. */
enum { LONGEST_TAIL = 2048, MOST_WORDS = LONGEST_TAIL / 2 + 1, SLOTS = 2048, RING = 8, OFTEN = 8 };

typedef struct {
    uint32_t words[SLOTS], groups[SLOTS];
} Room;

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

static int has_few_marks(const Facts *facts, const Tail *tail) {
    Py_ssize_t marks = 0;
    for (Py_ssize_t i = tail->start; i < tail->kept.size; i++) {
        marks += facts->is_mark[tail->kept.at[i]];
    }
    return (double)marks <= facts->most_marks * (double)tail->length;
}

/* Adds to a set; whether it was new. Two of one hash count as one, and so as a loop rather than as none. */
static int added(uint32_t *set, uint32_t hash) {
    uint32_t key = hash ? hash : 1, slot = (key * 2654435761u) % SLOTS;
    while (set[slot] != 0) {
        if (set[slot] == key) {
            return 0;
        }
        slot = (slot + 1) % SLOTS;
    }
    set[slot] = key;
    return 1;
}

/* Words of ASCII that are words whatever other letters are; what stands beside others may be one or none. */
typedef struct {
    Py_ssize_t sure, distinct, groups, unsure, in_a_row;
    uint32_t ring[RING];
} Words;

static void count_word(const Facts *facts, Words *words, Room *room, uint32_t hash) {
    words->ring[words->sure % RING] = hash;
    words->sure++;
    words->in_a_row++;
    words->distinct += added(room->words, hash);
    if (words->in_a_row < facts->in_a_row) {
        return;
    }
    uint32_t group = 0;
    for (Py_ssize_t i = words->sure - facts->in_a_row; i < words->sure; i++) {
        group = (group ^ words->ring[i % RING]) * 16777619u + 0x9E3779B9u;
    }
    words->groups += added(room->groups, group);
}

static int is_letter(uint8_t byte) {
    uint8_t low = byte | 0x20;
    return low >= 'a' && low <= 'z';
}

/* In how many ways so many words of a loop may follow each other. */
static double most_ways(const Facts *facts, Py_ssize_t words) {
    return facts->most_distinct * (double)(words - facts->in_a_row + 1);
}

/* Whether there are more ways than so many words of a loop have. */
static int vary(const Facts *facts, const Words *words, Py_ssize_t most) {
    double ways = most_ways(facts, most);
    return (double)(words->distinct - facts->in_a_row + 1) > ways || (double)words->groups > ways;
}

/* The words of a span; those from beyond ASCII, and what touches them, end a row of words. */
static void count_words(const Facts *facts, EfSpan span, Words *words, Room *room) {
    Py_ssize_t place = 0;
    int is_sure = 1;
    while (place < span.size && words->sure < MOST_WORDS) {
        uint8_t byte = span.at[place];
        if (!is_letter(byte)) {
            is_sure = byte < 0x80;
            words->in_a_row = is_sure ? words->in_a_row : 0;
            words->unsure += byte >= 0xC0;
            place++;
            continue;
        }
        uint32_t hash = 2166136261u;
        for (; place < span.size && is_letter(span.at[place]); place++) {
            hash = (hash ^ span.at[place]) * 16777619u;
        }
        if (is_sure && (place == span.size || span.at[place] < 0x80)) {
            count_word(facts, words, room, hash);
            /* No more than two words in three bytes can follow, a letter and a character beyond ASCII: mostly
               words vary too much long before the end. */
            if (words->sure % OFTEN == 0 &&
                vary(facts, words, words->sure + words->unsure + (span.size - place) * 2 / 3 + 1)) {
                return;
            }
        } else {
            words->unsure++;
        }
    }
}

/* Whether words may follow each other in as few ways as a loop's. */
static int may_vary_little(const Facts *facts, const Tail *tail, Room *room) {
    Words words = {0, 0, 0, 0, 0, {0}};
    memset(room, 0, sizeof *room);
    count_words(facts, ef_part(tail->kept, tail->start, tail->kept.size), &words, room);
    if (words.sure >= MOST_WORDS) {
        return 1;
    }
    Py_ssize_t most = words.sure + words.unsure;
    return most >= facts->least_words && !vary(facts, &words, most);
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
    int may = two_return(facts, &tail, counts, last_stood) && has_few_marks(facts, &tail);
    return may && may_vary_little(facts, &tail, room) ? MAY_LOOP : NO_LOOP;
}

static int refuse(const Facts *facts) {
    /* Pieces lie within the shortest tail, rows of words in the ring, and words of a tail in a set. */
    int fits = facts->short_probe > 0 && facts->probe > 0 && facts->least_kept >= 5 * facts->short_probe &&
               facts->least_kept > facts->probe && facts->tail >= facts->least_kept &&
               facts->tail >= facts->window && facts->window > facts->probe && facts->tail <= LONGEST_TAIL &&
               facts->in_a_row > 0 && facts->in_a_row <= RING && facts->least_returns > 0 &&
               facts->least_repeats > 1 && facts->longest_period > 0 && facts->longest_period <= LONGEST_TAIL &&
               facts->least_repeats <= LONGEST_TAIL && facts->least_length >= facts->least_kept;
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
            &facts.least_repeats, &facts.least_words, &facts.in_a_row, &facts.most_distinct, &facts.most_marks,
            &marks, &count) ||
        refuse(&facts)) {
        return NULL;
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        facts.is_mark[(uint8_t)marks[i]] = 1;
    }
    void *kept;
    PyObject *signs = ef_signs(type, look, sizeof facts, sizeof(Room), &kept);
    if (signs != NULL) {
        memcpy(kept, &facts, sizeof facts);
    }
    return signs;
}
