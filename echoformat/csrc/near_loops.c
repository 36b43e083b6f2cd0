/* Near loops: which texts zlib has to be asked about, as detectors/near_loop.py asks it. */
#include "deflated.h"
#include "signs.h"

enum { NO_NEAR_LOOP = 0, MAY_NEARLY_LOOP = 1 };
enum { MOST_PROBES = 8 };

typedef struct {
    Py_ssize_t window, least_length, probe_length, least_repeats, count, probes[MOST_PROBES];
    double most_ratio;
    EfWeights weights;
} Facts;

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
    int may = has_probe(facts, tail, is_ascii) && !ef_is_deflated_to(&facts->weights, tail, enough, room);
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
    ef_weigh(&facts.weights);
    void *kept;
    PyObject *signs = ef_signs(type, look, sizeof facts, (Py_ssize_t)EF_DEFLATED_ROOM, &kept);
    if (signs != NULL) {
        memcpy(kept, &facts, sizeof facts);
    }
    return signs;
}
