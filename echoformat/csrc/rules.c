/* The type `Rules`: what rules alone say of many completions, built once, then asked about rows of flags. */
#include "rules.h"
#include "types.h"

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
static Py_ssize_t open_flags(const EfRules *self, PyObject *from, Py_buffer *view) {
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

static int decide_all(const EfRules *self, const Py_buffer *views, Py_ssize_t rows) {
    ef_sheet sheet;
    ef_verdicts into = {views[1].buf, views[2].buf, views[3].buf, views[4].buf, views[5].buf};
    if (ef_make_sheet(self, &sheet) < 0) {
        return -1;
    }
    Py_BEGIN_ALLOW_THREADS
    for (Py_ssize_t row = 0; row < rows; row++) {
        ef_rule_on(self, (const uint8_t *)views[0].buf + row * self->rules, &sheet, &into, row);
    }
    Py_END_ALLOW_THREADS
    ef_drop_sheet(&sheet);
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
    Py_ssize_t rows = open_flags((EfRules *)self, given[0], &views[0]);
    int failed = rows < 0;
    for (int i = 1; i < 6 && !failed; i++) {
        failed = open_column(given[i], &views[i], kinds[i], rows, 1) < 0;
    }
    failed = failed || decide_all((EfRules *)self, views, rows) < 0;
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

static int look_again(const EfRules *self, const Py_buffer *views, Py_ssize_t count) {
    const int64_t *asked = views[1].buf;
    ef_sheet sheet;
    if (ef_make_sheet(self, &sheet) < 0) {
        return -1;
    }
    Py_BEGIN_ALLOW_THREADS
    for (Py_ssize_t i = 0; i < count; i++) {
        const uint8_t *flags = (const uint8_t *)views[0].buf + asked[i] * self->rules;
        ef_cap(self, flags, &sheet, (double *)views[2].buf + i * self->formats);
    }
    Py_END_ALLOW_THREADS
    ef_drop_sheet(&sheet);
    return 0;
}

static int name_again(const EfRules *self, const Py_buffer *views, Py_ssize_t count) {
    const int64_t *asked = views[1].buf;
    const int16_t *codes = views[2].buf;
    int16_t *variants = views[3].buf;
    ef_sheet sheet;
    if (ef_make_sheet(self, &sheet) < 0) {
        return -1;
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        variants[i] = ef_name(self, (const uint8_t *)views[0].buf + asked[i] * self->rules, &sheet, codes[i]);
    }
    ef_drop_sheet(&sheet);
    return 0;
}

/* Flags and which of their rows are asked about: how many these are, or -1 with an exception set. */
static Py_ssize_t open_rows(const EfRules *self, PyObject *const *given, Py_buffer *views) {
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
    Py_ssize_t count = open_rows((EfRules *)self, given, views);
    int failed = count < 0 || open_column(given[2], &views[2], "d", count * ((EfRules *)self)->formats, 1) < 0 ||
                 look_again((EfRules *)self, views, count) < 0;
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
    Py_ssize_t count = open_rows((EfRules *)self, given, views);
    int failed = count < 0 || open_column(given[2], &views[2], "h", count, 0) < 0 ||
                 open_column(given[3], &views[3], "h", count, 1) < 0 || name_again((EfRules *)self, views, count) < 0;
    release(views, 4);
    return failed ? NULL : Py_NewRef(Py_None);
}

/* --- Built and dropped --- */

static void drop_rules(EfRules *self) {
    PyMem_Free(self->own);
    PyMem_Free(self->weights);
    PyMem_Free(self->finer);
    PyMem_Free(self->votes);
    PyMem_Free(self->by_name);
    PyMem_Free(self->below);
    PyMem_Free(self->has_finer);
}

static void rules_dealloc(PyObject *self) {
    drop_rules((EfRules *)self);
    ef_unmake(self);
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

static int see_finer(EfRules *self) {
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

static int take_columns(EfRules *self, PyObject *const *given) {
    Py_ssize_t rules = self->rules, formats = self->formats;
    if (keep(given[0], "i", rules, &self->own) < 0 || keep(given[1], "d", rules, &self->weights) < 0 ||
        keep(given[2], "i", rules, &self->finer) < 0 || keep(given[3], "d", rules, &self->votes) < 0 ||
        keep(given[4], "i", formats, &self->by_name) < 0 || keep(given[5], "B", formats * formats, &self->below) < 0) {
        return -1;
    }
    if (!are_below(self->own, rules, EF_NONE, formats) || !are_below(self->finer, rules, EF_NONE, self->variants)) {
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
    ef_reasons reasons;
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
    if (formats > EF_MOST_FORMATS || rules > INT32_MAX - EF_FLAGS || variants < 0 || variants > EF_MOST_FORMATS) {
        PyErr_Format(PyExc_ValueError, "%zd rules, %zd formats, %zd variants: too many", rules, formats, variants);
        return NULL;
    }
    EfRules *self = ef_make(type);
    if (self == NULL) {
        return NULL;
    }
    self->rules = rules, self->formats = formats, self->variants = variants, self->reasons = reasons;
    self->is_wide = !plain && ef_lists_widely();
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

static PyType_Spec spec = {"echoformat._native.Rules", sizeof(EfRules), 0, Py_TPFLAGS_DEFAULT, slots};

int ef_add_rules(PyObject *module) { return ef_add_type(module, "Rules", &spec); }
