/* What fired rules count for and against formats, added up; the twin is `echoformat.ledger`. */
#include "types.h"

typedef struct {
    PyObject_HEAD
    /* Of each rule: where what it counts is added, and what that is. */
    Py_ssize_t rules, places;
    int32_t *place;
    double *worth;
} Ledger;

static int buffer_of(PyObject *given, int flags, const char *format, Py_buffer *out) {
    if (PyObject_GetBuffer(given, out, PyBUF_C_CONTIGUOUS | PyBUF_FORMAT | flags) < 0) {
        return -1;
    }
    if (out->format == NULL || strcmp(out->format, format) != 0) {
        PyErr_Format(PyExc_TypeError, "numbers of format %s are needed, not %s", format,
                     out->format == NULL ? "none" : out->format);
        PyBuffer_Release(out);
        return -1;
    }
    return 0;
}

static int take(Ledger *self, const Py_buffer *places, const Py_buffer *worth) {
    self->rules = places->len / (Py_ssize_t)sizeof *self->place;
    if (worth->len / (Py_ssize_t)sizeof *self->worth != self->rules) {
        PyErr_SetString(PyExc_ValueError, "each rule has one place and counts one number");
        return -1;
    }
    self->place = PyMem_Malloc((size_t)places->len + 1);
    self->worth = PyMem_Malloc((size_t)worth->len + 1);
    if (self->place == NULL || self->worth == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    memcpy(self->place, places->buf, (size_t)places->len);
    memcpy(self->worth, worth->buf, (size_t)worth->len);
    for (Py_ssize_t rule = 0; rule < self->rules; rule++) {
        if (self->place[rule] < 0 || self->place[rule] >= self->places) {
            PyErr_Format(PyExc_ValueError, "rule %zd counts at place %d of %zd", rule, (int)self->place[rule],
                         self->places);
            return -1;
        }
    }
    return 0;
}

static int fill(Ledger *self, PyObject *places, PyObject *worth) {
    Py_buffer first, second;
    if (buffer_of(places, 0, "i", &first) < 0) {
        return -1;
    }
    if (buffer_of(worth, 0, "d", &second) < 0) {
        PyBuffer_Release(&first);
        return -1;
    }
    int failed = take(self, &first, &second);
    PyBuffer_Release(&first);
    PyBuffer_Release(&second);
    return failed;
}

static PyObject *ledger_new(PyTypeObject *type, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"places", "worth", "size", NULL};
    PyObject *places, *worth;
    Py_ssize_t size;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OOn", names, &places, &worth, &size)) {
        return NULL;
    }
    if (size < 0 || size > PY_SSIZE_T_MAX / (Py_ssize_t)sizeof(double)) {
        PyErr_Format(PyExc_ValueError, "there are no %zd places", size);
        return NULL;
    }
    Ledger *self = ef_make(type);
    if (self == NULL) {
        return NULL;
    }
    self->places = size;
    if (fill(self, places, worth) < 0) {
        Py_DECREF((PyObject *)self);
        return NULL;
    }
    return (PyObject *)self;
}

static void ledger_dealloc(PyObject *self) {
    PyMem_Free(((Ledger *)self)->place);
    PyMem_Free(((Ledger *)self)->worth);
    ef_unmake(self);
}

/* Added in the order given, as the twin does: sums of floats depend on it. */
static int add_up(const Ledger *self, PyObject *fired, double *totals) {
    memset(totals, 0, (size_t)self->places * sizeof *totals);
    for (Py_ssize_t i = 0, count = PyTuple_Size(fired); i < count; i++) {
        Py_ssize_t rule = PyLong_AsSsize_t(PyTuple_GetItem(fired, i));
        if (rule < 0 || rule >= self->rules) {
            if (!PyErr_Occurred()) {
                PyErr_Format(PyExc_IndexError, "there is no rule %zd", rule);
            }
            return -1;
        }
        totals[self->place[rule]] += self->worth[rule];
    }
    return 0;
}

static PyObject *above_zero(const double *totals, Py_ssize_t count) {
    PyObject *found = PyList_New(0);
    for (Py_ssize_t place = 0; place < count && found != NULL; place++) {
        if (totals[place] > 0) {
            PyObject *one = PyLong_FromSsize_t(place);
            if (one == NULL || PyList_Append(found, one) < 0) {
                Py_CLEAR(found);
            }
            Py_XDECREF(one);
        }
    }
    return found;
}

static PyObject *ledger_add(PyObject *object, PyObject *args) {
    const Ledger *self = (Ledger *)object;
    PyObject *fired, *into, *found = NULL;
    if (!PyArg_ParseTuple(args, "O!O", &PyTuple_Type, &fired, &into)) {
        return NULL;
    }
    Py_buffer out;
    if (buffer_of(into, PyBUF_WRITABLE, "d", &out) < 0) {
        return NULL;
    }
    if (out.len != self->places * (Py_ssize_t)sizeof(double)) {
        PyErr_Format(PyExc_ValueError, "totals must have room for %zd numbers", self->places);
    } else if (add_up(self, fired, out.buf) == 0) {
        found = above_zero(out.buf, self->places);
    }
    PyBuffer_Release(&out);
    return found;
}

static PyMethodDef methods[] = {
    {"add", ledger_add, METH_VARARGS, "Total of each place, into float64 [size]; the places above 0."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_new, ledger_new},
    {Py_tp_dealloc, ledger_dealloc},
    {Py_tp_methods, methods},
    {Py_tp_doc, "What fired rules count, added up."},
    {0, NULL},
};

static PyType_Spec spec = {"echoformat._native.Ledger", sizeof(Ledger), 0, Py_TPFLAGS_DEFAULT, slots};

int ef_add_ledger(PyObject *module) { return ef_add_type(module, "Ledger", &spec); }
