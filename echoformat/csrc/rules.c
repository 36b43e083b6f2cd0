/* The type `Rules`: what rules alone say of many completions, built once, then asked about rows of flags.

   Twin: `echoformat.rule_columns`. Every number comes from the same steps in the same order as there. */
#include "native.h"
#include "skeleton.h"
#include "wide.h"

#include <math.h>

enum { NONE = -1, WORD = 64, STEP = 16, BYTE = 8, AT_ONCE = 16, MOST_FORMATS = 32767 };
static const uint64_t LOW_BITS = 0x0101010101010101u, GATHERED = 0x0102040810204080u;
static const uint64_t HIGHEST = 0x8000000000000000u;

/* Which words of the label stand for what follows from rules. */
typedef struct {
    uint8_t rules, unknown, ambiguous;
} reason_codes;

typedef struct {
    PyObject_HEAD
    Py_ssize_t rules, formats, variants;
    int32_t *own;       /* format of each rule, -1 for none on the shelf */
    double *weights;    /* what each rule adds to its format's evidence */
    int32_t *finer;     /* variant that each rule votes for, -1 for none */
    double *votes;      /* how much each vote counts */
    int32_t *by_name;   /* place of each format among all, sorted by name */
    uint8_t *below;     /* [formats, formats], whether the first outranks the second */
    uint8_t *has_finer; /* of each format, then of none on the shelf, whether any rule votes for a variant */
    double least_score, least_margin, most_evidence;
    reason_codes reasons;
    int is_wide; /* whether the processor lists bits by itself */
} Rules;

/* What is written down about one row while it is looked at. */
typedef struct {
    int32_t *hits, *positive;
    double *totals, *scores, *sums;
    uint8_t *beaten;
    Py_ssize_t hit, stood;
} ef_sheet;

/* --- Room --- */

static void drop_sheet(ef_sheet *sheet) {
    PyMem_Free(sheet->hits);
    PyMem_Free(sheet->positive);
    PyMem_Free(sheet->totals);
    PyMem_Free(sheet->scores);
    PyMem_Free(sheet->sums);
    PyMem_Free(sheet->beaten);
}

static int make_sheet(const Rules *self, ef_sheet *sheet) {
    size_t formats = (size_t)self->formats + 1;
    memset(sheet, 0, sizeof *sheet);
    sheet->hits = PyMem_Calloc((size_t)self->rules + AT_ONCE, sizeof *sheet->hits);
    sheet->positive = PyMem_Calloc(formats, sizeof *sheet->positive);
    sheet->totals = PyMem_Calloc(formats, sizeof *sheet->totals);
    sheet->scores = PyMem_Calloc(formats, sizeof *sheet->scores);
    sheet->sums = PyMem_Calloc((size_t)self->variants + 1, sizeof *sheet->sums);
    sheet->beaten = PyMem_Calloc(formats, 1);
    if (sheet->hits == NULL || sheet->positive == NULL || sheet->totals == NULL || sheet->scores == NULL ||
        sheet->sums == NULL || sheet->beaten == NULL) {
        drop_sheet(sheet);
        PyErr_NoMemory();
        return -1;
    }
    return 0;
}

/* --- One row --- */

/* So many flags, at most 64, as bits. */
static uint64_t bits_of(const uint8_t *flags, Py_ssize_t count) {
    uint64_t bits = 0;
    Py_ssize_t at = 0;
#ifdef EF_SSE2
    for (; at + STEP <= count; at += STEP) {
        __m128i some = _mm_loadu_si128((const __m128i *)(flags + at));
        bits |= (uint64_t)(unsigned)_mm_movemask_epi8(_mm_slli_epi16(some, BYTE - 1)) << at;
    }
#endif
    for (; at < count; at += BYTE) {
        uint64_t eight = 0;
        memcpy(&eight, flags + at, (size_t)(count - at < BYTE ? count - at : BYTE));
        bits |= ((eight & LOW_BITS) * GATHERED >> 56) << at;
    }
    return bits;
}

static int ones(uint64_t bits) {
    bits -= bits >> 1 & 0x5555555555555555u;
    bits = (bits & 0x3333333333333333u) + (bits >> 2 & 0x3333333333333333u);
    return (int)(((bits + (bits >> 4)) & 0x0F0F0F0F0F0F0F0Fu) * LOW_BITS >> 56);
}

#if defined(__GNUC__) && __GNUC__ >= 8 && !defined(__clang__) && defined(__x86_64__)
#define EF_FOR_WIDEST __attribute__((target("avx512f,avx512bw,avx512vl,avx512vbmi2,popcnt")))

static int has_widest(void) {
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vbmi2") &&
           __builtin_cpu_supports("popcnt");
}

static const uint8_t ORDERED[WORD] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15,
                                      16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31,
                                      32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47,
                                      48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63};

/* `list_hits` where 64 flags are looked at together. */
EF_FOR_WIDEST static void list_widely(const Rules *self, const uint8_t *flags, ef_sheet *sheet) {
    __m512i ordered = _mm512_loadu_si512(ORDERED), lowest = _mm512_set1_epi8(1);
    int32_t *next = sheet->hits;
    for (Py_ssize_t at = 0; at < self->rules; at += WORD) {
        uint64_t inside = self->rules - at < WORD ? ((uint64_t)1 << (self->rules - at)) - 1 : ~(uint64_t)0;
        uint64_t bits = _mm512_test_epi8_mask(_mm512_maskz_loadu_epi8(inside, flags + at), lowest);
        __m512i places = _mm512_maskz_compress_epi8(bits, ordered), base = _mm512_set1_epi32((int)at);
        int count = __builtin_popcountll(bits), done = 0;
        /* Some are written for nothing: how many there are is a branch that no processor foresees. */
        do {
            __m512i some = _mm512_cvtepu8_epi32(_mm512_castsi512_si128(places));
            _mm512_storeu_si512(next + done, _mm512_add_epi32(base, some));
            places = _mm512_shuffle_i32x4(places, places, 0x39);
            done += AT_ONCE;
        } while (done < count);
        next += count;
    }
    sheet->hit = next - sheet->hits;
}
#else
static int has_widest(void) { return 0; }

static void list_widely(const Rules *self, const uint8_t *flags, ef_sheet *sheet) {
    (void)self, (void)flags, (void)sheet;
}
#endif

/* Which rules fired, ascending. */
static void list_hits(const Rules *self, const uint8_t *flags, ef_sheet *sheet) {
    Py_ssize_t hit = 0;
    if (self->is_wide) {
        list_widely(self, flags, sheet);
        return;
    }
    for (Py_ssize_t at = 0; at < self->rules; at += WORD) {
        Py_ssize_t left = self->rules - at;
        uint64_t bits = bits_of(flags + at, left < WORD ? left : WORD);
        int32_t *hits = sheet->hits + hit;
        hit += ones(bits);
        do {
            /* Some are written for nothing: how many there are is a branch that no processor foresees. */
            for (int k = 0; k < AT_ONCE; k++, bits &= bits - 1) {
                *hits++ = (int32_t)at + (int32_t)ef_lowest(bits | HIGHEST);
            }
        } while (bits);
    }
    sheet->hit = hit;
}

/* Evidence for each format, added up in the order of rules; what no format gains from comes first. */
static void add_up(const Rules *self, ef_sheet *sheet) {
    double *totals = sheet->totals;
    memset(totals, 0, ((size_t)self->formats + 1) * sizeof *totals);
    for (Py_ssize_t i = 0; i < sheet->hit; i++) {
        int32_t rule = sheet->hits[i];
        totals[self->own[rule] + 1] += self->weights[rule];
    }
}

/* Scores of the formats that have any; the highest. */
static double score(const Rules *self, ef_sheet *sheet) {
    const double *totals = sheet->totals + 1;
    Py_ssize_t count = 0;
    double top = 0.0;
    for (Py_ssize_t format = 0; format < self->formats; format++) {
        sheet->positive[count] = (int32_t)format;
        count += totals[format] > 0;
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        double one = -expm1(-totals[sheet->positive[i]]);
        sheet->scores[i] = one;
        sheet->beaten[i] = 0;
        top = one > top ? one : top;
    }
    sheet->stood = count;
    return top;
}

/* Mark what a format that stands on its own evidence outranks. */
static void beat(const Rules *self, ef_sheet *sheet) {
    for (Py_ssize_t i = 0; i < sheet->stood; i++) {
        const uint8_t *below = self->below + (size_t)sheet->positive[i] * (size_t)self->formats;
        for (Py_ssize_t k = 0; sheet->scores[i] >= self->least_score && k < sheet->stood; k++) {
            sheet->beaten[k] |= below[sheet->positive[k]];
        }
    }
}

static double look_at(const Rules *self, const uint8_t *flags, ef_sheet *sheet) {
    list_hits(self, flags, sheet);
    add_up(self, sheet);
    double top = score(self, sheet);
    beat(self, sheet);
    return top;
}

/* Whether any rule votes for a finer form of a format, or, at -1, of one that is not on the shelf. */
static int is_named(const Rules *self, int32_t code) {
    return code >= NONE && code < self->formats && self->has_finer[code + 1];
}

/* The finer form of a format that the rules point to: the first of those with most votes; -1 for none. */
static int16_t variant_of(const Rules *self, ef_sheet *sheet, int32_t code) {
    int32_t best = NONE;
    if (!is_named(self, code)) {
        return NONE;
    }
    memset(sheet->sums, 0, (size_t)self->variants * sizeof *sheet->sums);
    for (Py_ssize_t i = 0; i < sheet->hit; i++) {
        int32_t rule = sheet->hits[i], variant = self->finer[rule];
        if (variant >= 0 && self->own[rule] == code) {
            sheet->sums[variant] += self->votes[rule];
        }
    }
    double most = 0.0;
    for (int32_t variant = 0; variant < self->variants; variant++) {
        if (sheet->sums[variant] > most) {
            most = sheet->sums[variant];
            best = variant;
        }
    }
    return (int16_t)best;
}

/* Where in each column of verdicts a row stands. */
typedef struct {
    int16_t *codes, *variants;
    uint8_t *reasons;
    double *confidence, *top;
} ef_verdicts;

/* The format that scores best, by name where several do, its score and the second best. */
static int32_t rank(const Rules *self, const ef_sheet *sheet, double *best, double *second) {
    int32_t code = NONE;
    *best = *second = 0.0;
    for (Py_ssize_t i = 0; i < sheet->stood; i++) {
        double one = sheet->scores[i];
        int32_t format = sheet->positive[i];
        if (!(one >= self->least_score) || sheet->beaten[i]) {
            continue;
        }
        if (one > *best || (one == *best && code >= 0 && self->by_name[format] < self->by_name[code])) {
            *second = *best;
            *best = one;
            code = format;
        } else if (one > *second) {
            *second = one;
        }
    }
    return code;
}

static void rule_on(const Rules *self, const uint8_t *flags, ef_sheet *sheet, const ef_verdicts *into,
                    Py_ssize_t row) {
    double best, second, top = look_at(self, flags, sheet);
    int32_t code = rank(self, sheet, &best, &second);
    int is_none = best == 0, is_close = best - second < self->least_margin;
    code = is_none || is_close ? NONE : code;
    into->codes[row] = (int16_t)code;
    into->variants[row] = variant_of(self, sheet, code);
    into->reasons[row] = is_none    ? self->reasons.unknown
                         : is_close ? self->reasons.ambiguous
                                    : self->reasons.rules;
    into->confidence[row] = is_none ? 1 - top : is_close ? 1 - (best - second) : best * (1 - second / 2);
    into->top[row] = top;
}

/* Capped sums; a format that another one outranks keeps at most 0. */
static void cap(const Rules *self, const ef_sheet *sheet, double *sums) {
    const double *totals = sheet->totals + 1;
    double most = self->most_evidence;
    for (Py_ssize_t format = 0; format < self->formats; format++) {
        double one = totals[format] > -most ? totals[format] : -most;
        sums[format] = one < most ? one : most;
    }
    for (Py_ssize_t i = 0; i < sheet->stood; i++) {
        if (sheet->beaten[i]) {
            sums[sheet->positive[i]] = 0.0;
        }
    }
}

/* --- What Python gives --- */

/* Whole numbers of eight bytes have two names. */
static int is_kind(const Py_buffer *view, const char *kind) {
    const char *found = view->format == NULL ? "B" : view->format;
    int is_long = view->itemsize == sizeof(int64_t) && strcmp(found, "l") == 0;
    return strcmp(is_long ? "q" : found, kind) == 0;
}

/* A column of so many numbers of a kind; -1 with an exception set. */
static int open_column(PyObject *from, Py_buffer *view, const char *kind, Py_ssize_t count, int is_written) {
    int flags = PyBUF_C_CONTIGUOUS | PyBUF_FORMAT | (is_written ? PyBUF_WRITABLE : 0);
    if (PyObject_GetBuffer(from, view, flags) < 0) {
        view->obj = NULL;
        return -1;
    }
    if (!is_kind(view, kind) || view->len != count * view->itemsize) {
        PyErr_Format(PyExc_ValueError, "a column holds %zd numbers of kind %s, not %zd of kind %s",
                     view->len / (view->itemsize ? view->itemsize : 1), view->format ? view->format : "B", count, kind);
        PyBuffer_Release(view);
        view->obj = NULL;
        return -1;
    }
    return 0;
}

/* Flags, a row a text; how many rows there are, or -1 with an exception set. */
static Py_ssize_t open_flags(const Rules *self, PyObject *from, Py_buffer *view) {
    if (PyObject_GetBuffer(from, view, PyBUF_C_CONTIGUOUS) < 0) {
        view->obj = NULL;
        return -1;
    }
    if (view->ndim != 2 || view->itemsize != 1 || view->shape[1] != self->rules) {
        PyErr_Format(PyExc_ValueError, "flags come as a table of bytes, a row a text, a column each of %zd rules",
                     self->rules);
        PyBuffer_Release(view);
        view->obj = NULL;
        return -1;
    }
    return view->shape[0];
}

static void release(Py_buffer *views, int count) {
    for (int i = 0; i < count; i++) {
        if (views[i].obj != NULL) {
            PyBuffer_Release(&views[i]);
        }
    }
}

PyDoc_STRVAR(decide_doc, "What rules say of each row of flags: codes, variants, reasons, confidence and top are filled in.");

static int decide_all(const Rules *self, const Py_buffer *views, Py_ssize_t rows) {
    ef_sheet sheet;
    ef_verdicts into = {views[1].buf, views[2].buf, views[3].buf, views[4].buf, views[5].buf};
    if (make_sheet(self, &sheet) < 0) {
        return -1;
    }
    Py_BEGIN_ALLOW_THREADS
    for (Py_ssize_t row = 0; row < rows; row++) {
        rule_on(self, (const uint8_t *)views[0].buf + row * self->rules, &sheet, &into, row);
    }
    Py_END_ALLOW_THREADS
    drop_sheet(&sheet);
    return 0;
}

static PyObject *rules_decide(PyObject *self, PyObject *args) {
    static const char *kinds[] = {"", "h", "h", "B", "d", "d"};
    PyObject *given[6];
    Py_buffer views[6];
    memset(views, 0, sizeof views);
    if (!PyArg_ParseTuple(args, "OOOOOO", &given[0], &given[1], &given[2], &given[3], &given[4], &given[5])) {
        return NULL;
    }
    Py_ssize_t rows = open_flags((Rules *)self, given[0], &views[0]);
    int failed = rows < 0;
    for (int i = 1; i < 6 && !failed; i++) {
        failed = open_column(given[i], &views[i], kinds[i], rows, 1) < 0;
    }
    failed = failed || decide_all((Rules *)self, views, rows) < 0;
    release(views, 6);
    return failed ? NULL : Py_NewRef(Py_None);
}

/* Whether some rows are all among those there are. */
static int are_rows(const Py_buffer *view, Py_ssize_t count, Py_ssize_t rows) {
    const int64_t *asked = view->buf;
    for (Py_ssize_t i = 0; i < count; i++) {
        if (asked[i] < 0 || asked[i] >= rows) {
            PyErr_Format(PyExc_ValueError, "row %zd of %zd", (Py_ssize_t)asked[i], rows);
            return 0;
        }
    }
    return 1;
}

static int look_again(const Rules *self, const Py_buffer *views, Py_ssize_t count) {
    const int64_t *asked = views[1].buf;
    ef_sheet sheet;
    if (make_sheet(self, &sheet) < 0) {
        return -1;
    }
    Py_BEGIN_ALLOW_THREADS
    for (Py_ssize_t i = 0; i < count; i++) {
        look_at(self, (const uint8_t *)views[0].buf + asked[i] * self->rules, &sheet);
        cap(self, &sheet, (double *)views[2].buf + i * self->formats);
    }
    Py_END_ALLOW_THREADS
    drop_sheet(&sheet);
    return 0;
}

static int name_again(const Rules *self, const Py_buffer *views, Py_ssize_t count) {
    const int64_t *asked = views[1].buf;
    const int16_t *codes = views[2].buf;
    int16_t *variants = views[3].buf;
    ef_sheet sheet;
    if (make_sheet(self, &sheet) < 0) {
        return -1;
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        if (is_named(self, codes[i])) {
            list_hits(self, (const uint8_t *)views[0].buf + asked[i] * self->rules, &sheet);
        }
        variants[i] = variant_of(self, &sheet, codes[i]);
    }
    drop_sheet(&sheet);
    return 0;
}

/* Flags and which of their rows are asked about: how many these are, or -1 with an exception set. */
static Py_ssize_t open_rows(const Rules *self, PyObject *const *given, Py_buffer *views) {
    Py_ssize_t rows = open_flags(self, given[0], &views[0]), count = rows < 0 ? -1 : PyObject_Length(given[1]);
    if (count < 0 || open_column(given[1], &views[1], "q", count, 0) < 0 || !are_rows(&views[1], count, rows)) {
        return -1;
    }
    return count;
}

PyDoc_STRVAR(evidence_doc, "Capped sums for each format of some rows of flags, into float64 [asked, formats].");

static PyObject *rules_evidence(PyObject *self, PyObject *args) {
    PyObject *given[3];
    Py_buffer views[3];
    memset(views, 0, sizeof views);
    if (!PyArg_ParseTuple(args, "OOO", &given[0], &given[1], &given[2])) {
        return NULL;
    }
    Py_ssize_t count = open_rows((Rules *)self, given, views);
    int failed = count < 0 || open_column(given[2], &views[2], "d", count * ((Rules *)self)->formats, 1) < 0 ||
                 look_again((Rules *)self, views, count) < 0;
    release(views, 3);
    return failed ? NULL : Py_NewRef(Py_None);
}

PyDoc_STRVAR(variants_doc, "The finer forms of given formats that some rows of flags point to, into int16 [asked].");

static PyObject *rules_variants(PyObject *self, PyObject *args) {
    PyObject *given[4];
    Py_buffer views[4];
    memset(views, 0, sizeof views);
    if (!PyArg_ParseTuple(args, "OOOO", &given[0], &given[1], &given[2], &given[3])) {
        return NULL;
    }
    Py_ssize_t count = open_rows((Rules *)self, given, views);
    int failed = count < 0 || open_column(given[2], &views[2], "h", count, 0) < 0 ||
                 open_column(given[3], &views[3], "h", count, 1) < 0 || name_again((Rules *)self, views, count) < 0;
    release(views, 4);
    return failed ? NULL : Py_NewRef(Py_None);
}

/* --- Built and dropped --- */

static void drop_rules(Rules *self) {
    PyMem_Free(self->own);
    PyMem_Free(self->weights);
    PyMem_Free(self->finer);
    PyMem_Free(self->votes);
    PyMem_Free(self->by_name);
    PyMem_Free(self->below);
    PyMem_Free(self->has_finer);
}

static void rules_dealloc(PyObject *self) {
    PyTypeObject *type = Py_TYPE(self);
    drop_rules((Rules *)self);
    ((freefunc)PyType_GetSlot(type, Py_tp_free))(self);
    Py_DECREF(type);
}

/* A copy of a column, `place` holds it; -1 with an exception set. */
static int keep(PyObject *from, const char *kind, Py_ssize_t count, void *place) {
    Py_buffer view;
    if (open_column(from, &view, kind, count, 0) < 0) {
        return -1;
    }
    void *kept = PyMem_Calloc((size_t)view.len + 1, 1);
    if (kept == NULL) {
        PyErr_NoMemory();
    } else {
        memcpy(kept, view.buf, (size_t)view.len);
        memcpy(place, &kept, sizeof kept);
    }
    PyBuffer_Release(&view);
    return kept == NULL ? -1 : 0;
}

static int are_below(const int32_t *numbers, Py_ssize_t count, Py_ssize_t least, Py_ssize_t most) {
    for (Py_ssize_t i = 0; i < count; i++) {
        if (numbers[i] < least || numbers[i] >= most) {
            PyErr_Format(PyExc_ValueError, "%d stands for none of %zd", (int)numbers[i], most);
            return 0;
        }
    }
    return 1;
}

static int see_finer(Rules *self) {
    self->has_finer = PyMem_Calloc((size_t)self->formats + 1, 1);
    if (self->has_finer == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    for (Py_ssize_t rule = 0; rule < self->rules; rule++) {
        self->has_finer[self->own[rule] + 1] |= self->finer[rule] >= 0;
    }
    return 0;
}

static int take_columns(Rules *self, PyObject *const *given) {
    Py_ssize_t rules = self->rules, formats = self->formats;
    if (keep(given[0], "i", rules, &self->own) < 0 || keep(given[1], "d", rules, &self->weights) < 0 ||
        keep(given[2], "i", rules, &self->finer) < 0 || keep(given[3], "d", rules, &self->votes) < 0 ||
        keep(given[4], "i", formats, &self->by_name) < 0 || keep(given[5], "B", formats * formats, &self->below) < 0) {
        return -1;
    }
    if (!are_below(self->own, rules, NONE, formats) || !are_below(self->finer, rules, NONE, self->variants)) {
        return -1;
    }
    return see_finer(self);
}

static PyObject *rules_new(PyTypeObject *type, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"own",          "weights",     "finer",         "votes",   "by_name", "below", "variants",
                            "least_score", "least_margin", "most_evidence", "reasons", "plain", NULL};
    PyObject *given[6];
    Py_ssize_t variants;
    double least_score, least_margin, most_evidence;
    reason_codes reasons;
    int plain = 0;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OOOOOOnddd(bbb)|p", names, &given[0], &given[1], &given[2],
                                     &given[3], &given[4], &given[5], &variants, &least_score, &least_margin,
                                     &most_evidence, &reasons.rules, &reasons.unknown, &reasons.ambiguous, &plain)) {
        return NULL;
    }
    Py_ssize_t rules = PyObject_Length(given[0]), formats = rules < 0 ? -1 : PyObject_Length(given[4]);
    if (formats < 0) {
        return NULL;
    }
    if (formats > MOST_FORMATS || rules > INT32_MAX - WORD || variants < 0 || variants > MOST_FORMATS) {
        PyErr_Format(PyExc_ValueError, "%zd rules, %zd formats, %zd variants: too many", rules, formats, variants);
        return NULL;
    }
    Rules *self = (Rules *)((allocfunc)PyType_GetSlot(type, Py_tp_alloc))(type, 0);
    if (self == NULL) {
        return NULL;
    }
    self->rules = rules, self->formats = formats, self->variants = variants, self->reasons = reasons;
    self->is_wide = !plain && has_widest();
    self->least_score = least_score, self->least_margin = least_margin, self->most_evidence = most_evidence;
    if (take_columns(self, given) < 0) {
        Py_DECREF(self);
        return NULL;
    }
    return (PyObject *)self;
}

static PyMethodDef methods[] = {
    {"decide", rules_decide, METH_VARARGS, decide_doc},
    {"evidence", rules_evidence, METH_VARARGS, evidence_doc},
    {"variants", rules_variants, METH_VARARGS, variants_doc},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_new, rules_new},
    {Py_tp_dealloc, rules_dealloc},
    {Py_tp_methods, methods},
    {Py_tp_doc, "What rules alone say of many completions."},
    {0, NULL},
};

static PyType_Spec spec = {"echoformat._native.Rules", sizeof(Rules), 0, Py_TPFLAGS_DEFAULT, slots};

int ef_add_rules(PyObject *module) {
    PyObject *type = PyType_FromSpec(&spec);
    if (type == NULL) {
        return -1;
    }
    int failed = PyModule_AddObjectRef(module, "Rules", type);
    Py_DECREF(type);
    return failed;
}
