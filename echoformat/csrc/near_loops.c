/* Near loops: which texts zlib has to be asked about, as detectors/near_loop.py asks it. */
#include "signs.h"

enum { NO_NEAR_LOOP = 0, MAY_NEARLY_LOOP = 1 };
enum { MOST_PROBES = 8, BITS = 1 << 15, GRAM = 3, PHRASE = 6, AROUND = 6 };

typedef struct {
    Py_ssize_t window, least_length, probe_length, least_repeats, count, probes[MOST_PROBES];
    double most_ratio;
} Facts;

typedef struct {
    uint8_t grams[BITS / 8], phrases[BITS / 8];
    double counts[256];
} Room;

/* Whether some bits stood there; two of one hash count as the same, and so as less to write. */
static int stood(uint8_t *set, uint64_t bits) {
    uint64_t slot = (bits * 0x9E3779B97F4A7C15u) >> 49;
    uint8_t bit = (uint8_t)(1u << (slot & 7)), before = set[slot >> 3];
    set[slot >> 3] = before | bit;
    return (before & bit) != 0;
}

/* A few bytes at a place, in eight: whole ones are loaded at once where they are there. */
static uint64_t load(EfSpan span, Py_ssize_t place, int size) {
    uint64_t bits = 0;
    if (place + 8 <= span.size) {
        memcpy(&bits, span.at + place, 8);
        return bits & ((1ull << 8 * size) - 1);
    }
    for (int i = 0; i < size; i++) {
        bits |= (uint64_t)span.at[place + i] << 8 * i;
    }
    return bits;
}

/* Logarithm to base 2 of one or more, to nine digits, by the series of its inverse hyperbolic tangent. */
static double log_of(double value) {
    double whole = 0, power = 0, sum = 0;
    for (; value >= 2; value /= 2) {
        whole++;
    }
    double ratio = (value - 1) / (value + 1);
    power = ratio;
    for (int term = 1; term < 20; term += 2) {
        sum += power / term;
        power *= ratio * ratio;
    }
    return whole + sum * 2.8853900817779268;
}

static double weighed(double count) { return count < 1 ? 0 : count * log_of(count); }

/* Bits for so many literals and tokens by their best code: tokens share the code of one literal, or none. */
static double entropy_bits(const double *counts, double literals, double tokens) {
    double sum = 0, most = 0;
    for (int byte = 0; byte < 256; byte++) {
        sum += weighed(counts[byte]);
        most = counts[byte] > most ? counts[byte] : most;
    }
    double apart = sum + weighed(tokens), shared = sum - weighed(most) + weighed(most + tokens);
    return weighed(literals + tokens) - (apart > shared ? apart : shared);
}

/* Fewer bytes than this no deflated block has.

   A byte that is in no group of three which stood before cannot be copied: it is written as a literal. A row
   of the others takes a token at least, and one more for each further piece in it that did not stand before;
   a copy says its distance in a bit or more. Huffman's codes take no fewer bits than the entropy of what they
   write, whichever tokens are chosen. */
static double least_deflated(EfSpan span, Room *room) {
    double literals = 0, tokens = 0, rows = 0;
    Py_ssize_t copied = 0, row = -1, taken = 0;
    memset(room, 0, sizeof *room);
    for (Py_ssize_t place = 0; place < span.size; place++) {
        if (place + GRAM <= span.size && stood(room->grams, load(span, place, GRAM))) {
            copied = place + GRAM;
        }
        if (place >= copied) {
            room->counts[span.at[place]]++;
            literals++;
            row = -1;
        } else if (row < 0) {
            row = place;
            rows++;
            taken = place;
        }
        /* The piece that ends here: all of it in the row, and beyond the piece before. */
        Py_ssize_t start = place - PHRASE + 1;
        if (start >= 0 && !stood(room->phrases, load(span, start, PHRASE)) && row >= 0 && start >= row &&
            start >= taken) {
            tokens++;
            taken = place;
        }
    }
    return AROUND + (entropy_bits(room->counts, literals, tokens + rows) + rows) / 8 - 1;
}

static EfSpan tail_of(EfSpan kept, Py_ssize_t most) {
    EfSpan tail = kept.size > most ? ef_part(kept, kept.size - most, kept.size) : kept;
    return ef_is_ascii(tail) ? tail : ef_part(kept, ef_back(kept, kept.size, most), kept.size);
}

/* Whether one of the pieces near the end of a tail returns. */
static int has_probe(const Facts *facts, EfSpan tail) {
    int is_ascii = ef_is_ascii(tail);
    for (Py_ssize_t i = 0; i < facts->count; i++) {
        Py_ssize_t back = facts->probes[i], end = tail.size - back + facts->probe_length, start = tail.size - back;
        if (!is_ascii) {
            end = ef_back(tail, tail.size, back - facts->probe_length);
            start = ef_back(tail, end, facts->probe_length);
        }
        if (start < end && ef_returns(tail, ef_part(tail, start, end), facts->least_repeats)) {
            return 1;
        }
    }
    return 0;
}

static uint8_t look(const void *known, EfSpan text, void *room) {
    const Facts *facts = known;
    EfSpan kept = ef_rstrip(text);
    if (kept.size < facts->least_length) {
        return NO_NEAR_LOOP;
    }
    EfSpan tail = tail_of(kept, facts->window);
    if (tail.size < 4 * facts->least_length && ef_length(tail) < facts->least_length) {
        return NO_NEAR_LOOP;
    }
    int may = has_probe(facts, tail) && least_deflated(tail, room) < facts->most_ratio * (double)tail.size;
    return may ? MAY_NEARLY_LOOP : NO_NEAR_LOOP;
}

/* The probes from a tuple of numbers; -1 with an exception set where one does not fit. */
static int take_probes(Facts *facts, PyObject *probes) {
    facts->count = PyTuple_Size(probes);
    int fits = facts->count <= MOST_PROBES && facts->probe_length > 0 && facts->least_repeats > 0 &&
               facts->least_length <= facts->window;
    for (Py_ssize_t i = 0; fits && i < facts->count; i++) {
        facts->probes[i] = PyLong_AsSsize_t(PyTuple_GetItem(probes, i));
        if (PyErr_Occurred()) {
            return -1;
        }
        fits = facts->probes[i] > facts->probe_length && facts->probes[i] <= facts->least_length;
    }
    if (!fits) {
        PyErr_SetString(PyExc_ValueError, "probes lie within the shortest text, and behind each a part of it");
    }
    return fits ? 0 : -1;
}

PyObject *ef_of_near_loops(PyObject *type, PyObject *args, PyObject *named) {
    static char *names[] = {"window", "least_length", "probe_length", "least_repeats",
                            "most_ratio", "probes", NULL};
    Facts facts;
    PyObject *probes;
    memset(&facts, 0, sizeof facts);
    if (!PyArg_ParseTupleAndKeywords(args, named, "$nnnndO!", names, &facts.window, &facts.least_length,
                                     &facts.probe_length, &facts.least_repeats, &facts.most_ratio,
                                     &PyTuple_Type, &probes) ||
        take_probes(&facts, probes) < 0) {
        return NULL;
    }
    void *kept;
    PyObject *signs = ef_signs(type, look, sizeof facts, sizeof(Room), &kept);
    if (signs != NULL) {
        memcpy(kept, &facts, sizeof facts);
    }
    return signs;
}
