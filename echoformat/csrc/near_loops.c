/* Near loops: which texts zlib has to be asked about, as detectors/near_loop.py asks it. */
#include "signs.h"

enum { NO_NEAR_LOOP = 0, MAY_NEARLY_LOOP = 1 };
enum { MOST_PROBES = 8, BITS = 1 << 15, GRAM = 3, AROUND = 6, WEIGHTS = 256, STRIDE = 1024 };

typedef struct {
    Py_ssize_t window, least_length, probe_length, least_repeats, count, probes[MOST_PROBES];
    double most_ratio;
    /* What so many of one kind weigh, so that hardly any logarithm is reckoned for a text. */
    double weights[WEIGHTS];
} Facts;

typedef struct {
    uint8_t grams[BITS / 8];
    uint32_t counts[256];
} Room;

/* Whether three bytes stood before; two of one hash count as the same, and so as less to write. */
static int stood(uint8_t *set, EfSpan span, Py_ssize_t place) {
    const uint8_t *at = span.at + place;
    uint32_t gram = (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16;
    uint32_t slot = (gram * 2654435761u) >> 17;
    uint8_t bit = (uint8_t)(1u << (slot & 7)), before = set[slot >> 3];
    set[slot >> 3] = before | bit;
    return (before & bit) != 0;
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
static double entropy_bits(const Facts *facts, const uint32_t *counts, double literals, double tokens) {
    double sum = 0, most = 0;
    for (int byte = 0; byte < 256; byte++) {
        sum += counts[byte] < WEIGHTS ? facts->weights[counts[byte]] : weighed(counts[byte]);
        most = counts[byte] > most ? counts[byte] : most;
    }
    double apart = sum + weighed(tokens), shared = sum - weighed(most) + weighed(most + tokens);
    return weighed(literals + tokens) - (apart > shared ? apart : shared);
}

/* Fewer bytes than this zlib does not write.

   Told from the first bytes alone where these take enough already: what they take is taken in any case.
   A byte that is in no group of three which stood before cannot be copied: it is written as a literal. A row
   of the others takes a token at least, and a bit more: a copy says how far back, and letters are three. A
   code for symbols takes no fewer bits than the entropy of what is written by it. */
static double least_deflated(const Facts *facts, EfSpan span, double enough, Room *room) {
    Py_ssize_t copied = 0, literals = 0, rows = 0, place = 0;
    int was_literal = 1;
    double least = 0;
    memset(room, 0, sizeof *room);
    while (place < span.size && least < enough) {
        Py_ssize_t end = span.size - place < STRIDE ? span.size : place + STRIDE;
        for (; place < end; place++) {
            if (place + GRAM <= span.size && stood(room->grams, span, place)) {
                copied = place + GRAM;
            }
            int is_literal = place >= copied;
            room->counts[span.at[place]] += (uint32_t)is_literal;
            literals += is_literal;
            rows += was_literal & !is_literal;
            was_literal = is_literal;
        }
        double bits = entropy_bits(facts, room->counts, (double)literals, (double)rows) + (double)rows;
        /* A byte less, for what is lost in reckoning. */
        least = AROUND + bits / 8 - 1;
    }
    return least;
}

static EfSpan probe_of(const Facts *facts, EfSpan tail, int is_ascii, Py_ssize_t back) {
    Py_ssize_t start = tail.size - back, end = start + facts->probe_length;
    if (!is_ascii) {
        end = ef_back(tail, tail.size, back - facts->probe_length);
        start = ef_back(tail, end, facts->probe_length);
    }
    return ef_part(tail, start, end);
}

/* Whether one of the pieces near the end of a tail returns; the last piece stands in for those that lack. */
static int has_probe(const Facts *facts, EfSpan tail, int is_ascii) {
    for (Py_ssize_t i = 0; i < facts->count; i += EF_TOGETHER) {
        EfCount counts[EF_TOGETHER];
        for (Py_ssize_t k = 0; k < EF_TOGETHER; k++) {
            Py_ssize_t probe = i + k < facts->count ? i + k : facts->count - 1;
            counts[k].piece = probe_of(facts, tail, is_ascii, facts->probes[probe]);
        }
        ef_count(tail, counts);
        for (int k = 0; k < EF_TOGETHER; k++) {
            if (counts[k].times >= facts->least_repeats) {
                return 1;
            }
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
    EfSpan tail = kept.size > facts->window ? ef_part(kept, kept.size - facts->window, kept.size) : kept;
    int is_ascii = ef_is_ascii(tail);
    if (!is_ascii) {
        tail = ef_part(kept, ef_back(kept, kept.size, facts->window), kept.size);
    }
    if (!is_ascii && tail.size < 4 * facts->least_length && ef_length(tail) < facts->least_length) {
        return NO_NEAR_LOOP;
    }
    const double enough = facts->most_ratio * (double)tail.size;
    int may = has_probe(facts, tail, is_ascii) && least_deflated(facts, tail, enough, room) < enough;
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
    for (int count = 0; count < WEIGHTS; count++) {
        facts.weights[count] = weighed(count);
    }
    void *kept;
    PyObject *signs = ef_signs(type, look, sizeof facts, sizeof(Room), &kept);
    if (signs != NULL) {
        memcpy(kept, &facts, sizeof facts);
    }
    return signs;
}
