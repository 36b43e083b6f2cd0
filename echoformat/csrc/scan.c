/* `Scan`: what a plan says is scanned for, automaton after automaton over some thousand texts. */
#include <stdlib.h>

#include "scan_plan.h"
#include "types.h"

typedef struct {
    PyObject_HEAD
    ScanPlan plan;
    /* Automata grow while they are used: one thread at a time. */
    PyThread_type_lock lock;
} Scan;

static void Scan_dealloc(PyObject *object) {
    Scan *self = (Scan *)object;
    ef_plan_clear(&self->plan);
    if (self->lock != NULL) {
        PyThread_free_lock(self->lock);
    }
    ef_unmake(object);
}

static PyObject *Scan_new(PyTypeObject *type, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"shown", "width", "automata", NULL};
    Py_ssize_t shown, width;
    PyObject *automata;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "nnO:Scan", names, &shown, &width, &automata)) {
        return NULL;
    }
    if (shown < 0 || width < shown || (size_t)width > UINT32_MAX) {
        PyErr_SetString(PyExc_ValueError, "width must not be negative, nor less than what is shown");
        return NULL;
    }
    Scan *self = ef_make(type);
    if (self == NULL) {
        return NULL;
    }
    self->plan.width = (size_t)width;
    self->plan.shown = (size_t)shown;
    self->lock = PyThread_allocate_lock();
    if (self->lock == NULL) {
        PyErr_NoMemory();
    }
    if (self->lock == NULL || ef_plan_read(&self->plan, automata) < 0) {
        Py_DECREF(self);
        return NULL;
    }
    return (PyObject *)self;
}

static int scan_locked(Scan *self, const Given *given, size_t count) {
    int outcome;
    Py_BEGIN_ALLOW_THREADS
    PyThread_acquire_lock(self->lock, WAIT_LOCK);
    outcome = ef_plan_scan(&self->plan, given, count);
    PyThread_release_lock(self->lock);
    Py_END_ALLOW_THREADS
    if (outcome < 0) {
        PyErr_NoMemory();
    }
    return outcome;
}

static int given_as(PyObject *item, Given *given, uint8_t *shown) {
    const char *data;
    Py_ssize_t size;
    if (ef_utf8(item, &data, &size) < 0) {
        return -1;
    }
    *given = (Given){(const uint8_t *)data, (size_t)size, shown};
    return 0;
}

static int fits(const Scan *self, const Py_buffer *marks, size_t count) {
    int is_table = marks->ndim == 2 && marks->itemsize == 1 && (size_t)marks->shape[0] == count &&
                   (size_t)marks->shape[1] == self->plan.shown && (self->plan.shown < 2 || marks->strides[1] == 1);
    if (!is_table) {
        PyErr_SetString(PyExc_ValueError, "marks must hold a byte for each text and column shown");
    }
    return is_table;
}

/* Texts with their marks; nobody else holds the tuple. */
static PyObject *marked(Scan *self, PyObject *items, Py_buffer *marks) {
    size_t count = (size_t)PyTuple_Size(items);
    if (!fits(self, marks, count)) {
        return NULL;
    }
    Given *given = calloc(count ? count : 1, sizeof *given);
    if (given == NULL) {
        return PyErr_NoMemory();
    }
    int failed = 0;
    for (size_t i = 0; i < count && !failed; i++) {
        uint8_t *row = (uint8_t *)marks->buf + (Py_ssize_t)i * marks->strides[0];
        failed = given_as(PyTuple_GetItem(items, (Py_ssize_t)i), &given[i], row) < 0;
    }
    failed = failed || scan_locked(self, given, count) < 0;
    free(given);
    if (failed) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *Scan_mark(PyObject *object, PyObject *args) {
    PyObject *given, *table;
    Py_buffer marks;
    if (!PyArg_ParseTuple(args, "OO:mark", &given, &table) ||
        PyObject_GetBuffer(table, &marks, PyBUF_WRITABLE | PyBUF_STRIDES) < 0) {
        return NULL;
    }
    /* The tuple keeps the texts alive while no lock of the interpreter does. */
    PyObject *items = PySequence_Tuple(given);
    PyObject *found = items == NULL ? NULL : marked((Scan *)object, items, &marks);
    Py_XDECREF(items);
    PyBuffer_Release(&marks);
    return found;
}

static PyObject *columns_in(const uint8_t *marks, size_t width) {
    PyObject *found = PyList_New(0);
    for (size_t i = 0; found != NULL && i < width; i++) {
        if (marks[i]) {
            PyObject *number = PyLong_FromSize_t(i);
            if (number == NULL || PyList_Append(found, number) < 0) {
                Py_CLEAR(found);
            }
            Py_XDECREF(number);
        }
    }
    return found;
}

static PyObject *Scan_find(PyObject *object, PyObject *item) {
    Scan *self = (Scan *)object;
    Given given;
    uint8_t *shown = malloc(self->plan.shown ? self->plan.shown : 1);
    if (shown == NULL) {
        return PyErr_NoMemory();
    }
    PyObject *found = NULL;
    if (given_as(item, &given, shown) == 0 && scan_locked(self, &given, 1) == 0) {
        found = columns_in(shown, self->plan.shown);
    }
    free(shown);
    return found;
}

static PyObject *Scan_states(PyObject *object, PyObject *unused) {
    Scan *self = (Scan *)object;
    PyObject *found = PyList_New(0);
    (void)unused;
    for (size_t i = 0; found != NULL && i < self->plan.part_count; i++) {
        size_t states, resets;
        ef_automaton_told(self->plan.parts[i].automaton, &states, &resets);
        PyObject *pair = Py_BuildValue("(nn)", (Py_ssize_t)states, (Py_ssize_t)resets);
        if (pair == NULL || PyList_Append(found, pair) < 0) {
            Py_CLEAR(found);
        }
        Py_XDECREF(pair);
    }
    return found;
}

static PyObject *takes(PyObject *module, PyObject *pattern) {
    EfProgram program = {0};
    Py_ssize_t length;
    const char *data = PyUnicode_AsUTF8AndSize(pattern, &length);
    (void)module;
    if (data == NULL) {
        return NULL;
    }
    EfOutcome outcome = ef_program_add(&program, data, (size_t)length);
    ef_program_clear(&program);
    return outcome == EF_NO_MEMORY ? PyErr_NoMemory() : PyBool_FromLong(outcome == EF_OK);
}

static PyMethodDef methods[] = {
    {"mark", Scan_mark, METH_VARARGS, "Set a byte a text and column where a pattern matches."},
    {"find", Scan_find, METH_O, "The columns of what matches one text, ascending."},
    {"states", Scan_states, METH_NOARGS, "Of each automaton the states it keeps, and how often it lost all."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_doc, "Many patterns in a few linear scans."},
    {Py_tp_new, Scan_new},
    {Py_tp_dealloc, Scan_dealloc},
    {Py_tp_methods, methods},
    {0, NULL},
};

static PyType_Spec spec = {"echoformat._native.Scan", sizeof(Scan), 0, Py_TPFLAGS_DEFAULT, slots};

static PyMethodDef functions[] = {
    {"takes", takes, METH_O, "Whether a pattern, in the form that RE2 takes, can be scanned for."},
    {NULL, NULL, 0, NULL},
};

int ef_add_scan(PyObject *module) {
    return ef_add_type(module, "Scan", &spec) < 0 ? -1 : PyModule_AddFunctions(module, functions);
}
