/* Columns of words as codes: each different word once, and four bytes a row that say which; rows numbered by
   their words.

   Twins: `coded` of `echoformat.rollouts.coded`, `SampleNumbers.of_codes` of `echoformat.rollouts.samples`. */
#include "native.h"

/* The code of a value: its place among the different ones, put behind them where it is new; -1 with an
   exception. */
static long code_of(PyObject *codes, PyObject *names, PyObject *value) {
    PyObject *known = PyDict_GetItemWithError(codes, value);
    if (known != NULL) {
        return PyLong_AsLong(known);
    }
    Py_ssize_t next = PyList_Size(names);
    PyObject *code = PyErr_Occurred() || next >= INT32_MAX ? NULL : PyLong_FromSsize_t(next);
    int failed = code == NULL || PyDict_SetItem(codes, value, code) < 0 || PyList_Append(names, value) < 0;
    if (code == NULL && !PyErr_Occurred()) {
        PyErr_SetString(PyExc_OverflowError, "more different values than a code can name");
    }
    Py_XDECREF(code);
    return failed ? -1 : (long)next;
}

/* The codes of all values, four bytes each; -1 with an exception. */
static int put_codes(PyObject *values, Py_ssize_t rows, PyObject *codes, PyObject *names, char *to) {
    PyObject *last = NULL;
    int32_t code = 0;
    int failed = 0;
    for (Py_ssize_t row = 0; !failed && row < rows; row++) {
        PyObject *value = row < PyList_Size(values) ? PyList_GetItem(values, row) : NULL;
        // What reads a log gives equal values that follow each other as one object; `names` keeps it alive.
        if (value == NULL || value != last) {
            Py_XINCREF(value);
            long found = value == NULL ? -1 : code_of(codes, names, value);
            Py_XDECREF(value);
            failed = found < 0;
            code = (int32_t)found;
            last = failed ? NULL : PyList_GetItem(names, code) == value ? value : NULL;
        }
        memcpy(to + 4 * row, &code, sizeof code);
    }
    if (failed && !PyErr_Occurred()) {
        PyErr_SetString(PyExc_ValueError, "the list changed while it was read");
    }
    return failed ? -1 : 0;
}

PyDoc_STRVAR(coded_doc, "The different values of a list as they come, and the place of each row's, in int32.");

static PyObject *coded(PyObject *module, PyObject *values) {
    (void)module;
    if (!PyList_Check(values)) {
        PyErr_SetString(PyExc_TypeError, "a list was expected");
        return NULL;
    }
    Py_ssize_t rows = PyList_Size(values);
    if (rows > PY_SSIZE_T_MAX / 4) {
        return PyErr_NoMemory();
    }
    PyObject *codes = PyDict_New(), *names = PyList_New(0), *places = PyBytes_FromStringAndSize(NULL, 4 * rows);
    PyObject *both = NULL;
    if (codes != NULL && names != NULL && places != NULL &&
        put_codes(values, rows, codes, names, PyBytes_AsString(places)) == 0) {
        both = PyTuple_Pack(2, names, places);
    }
    Py_XDECREF(codes);
    Py_XDECREF(names);
    Py_XDECREF(places);
    return both;
}

/* Rows of codes, and for each code how often it was counted: -1 where that was not yet looked up. */
typedef struct {
    PyObject *counts, *names;
    const char *codes;
    int64_t *held;
    Py_ssize_t kinds, begin, end;
} Numbering;

static int32_t code_at(const Numbering *all, Py_ssize_t row) {
    int32_t code;
    memcpy(&code, all->codes + 4 * row, sizeof code);
    return code;
}

/* The number of each row, its code counted on; -1 with an exception. */
static int put_numbers(const Numbering *all, char *to) {
    for (Py_ssize_t row = all->begin; row < all->end; row++) {
        int32_t code = code_at(all, row);
        if (code < 0 || code >= all->kinds) {
            PyErr_SetString(PyExc_ValueError, "a code that names nothing");
            return -1;
        }
        if (all->held[code] < 0) {
            PyObject *known = PyDict_GetItemWithError(all->counts, PyList_GetItem(all->names, code));
            long long count = known == NULL ? 0 : PyLong_AsLongLong(known);
            if (PyErr_Occurred()) {
                return -1;
            }
            all->held[code] = count;
            if (count < 0) {
                PyErr_SetString(PyExc_OverflowError, "a count below nought");
                return -1;
            }
        }
        int64_t number = all->held[code]++;
        if (number < 0 || number > INT32_MAX) {
            PyErr_SetString(PyExc_OverflowError, "a count that is too large");
            return -1;
        }
        int32_t small = (int32_t)number;
        memcpy(to + 4 * (row - all->begin), &small, sizeof small);
    }
    return 0;
}

/* Put the counts back, each once; -1 with an exception. */
static int put_counts(const Numbering *all) {
    for (Py_ssize_t row = all->begin; row < all->end; row++) {
        int32_t code = code_at(all, row);
        if (all->held[code] >= 0) {
            PyObject *count = PyLong_FromLongLong(all->held[code]);
            int failed =
                count == NULL || PyDict_SetItem(all->counts, PyList_GetItem(all->names, code), count) < 0;
            Py_XDECREF(count);
            if (failed) {
                return -1;
            }
            all->held[code] = -1;
        }
    }
    return 0;
}

static PyObject *numbers_of(const Numbering *all) {
    PyObject *numbers = PyBytes_FromStringAndSize(NULL, 4 * (all->end - all->begin));
    // A name is asked for its hash, which may be anybody's code: the list is held as long as that.
    if (numbers != NULL && (put_numbers(all, PyBytes_AsString(numbers)) < 0 || put_counts(all) < 0)) {
        Py_CLEAR(numbers);
    }
    return numbers;
}

PyDoc_STRVAR(numbers_doc, "How often the name of each code of some rows was counted before it; counts go on.");

static PyObject *numbers(PyObject *module, PyObject *args) {
    PyObject *given, *result = NULL;
    Py_buffer codes;
    Numbering all = {0};
    (void)module;
    if (!PyArg_ParseTuple(args, "O!O!y*nn", &PyDict_Type, &all.counts, &PyList_Type, &given, &codes, &all.begin,
                          &all.end)) {
        return NULL;
    }
    // A copy, which nobody changes meanwhile.
    all.names = PyList_GetSlice(given, 0, PyList_Size(given));
    all.kinds = all.names == NULL ? 0 : PyList_Size(all.names);
    all.codes = codes.buf;
    all.held = PyMem_Malloc((size_t)(all.kinds + 1) * sizeof *all.held);
    if (all.begin < 0 || all.begin > all.end || all.end > codes.len / 4) {
        PyErr_SetString(PyExc_ValueError, "rows that are not there");
    } else if (all.names != NULL && all.held != NULL) {
        memset(all.held, 0xFF, (size_t)all.kinds * sizeof *all.held);
        result = numbers_of(&all);
    } else if (!PyErr_Occurred()) {
        PyErr_NoMemory();
    }
    PyMem_Free(all.held);
    Py_XDECREF(all.names);
    PyBuffer_Release(&codes);
    return result;
}

static PyMethodDef functions[] = {
    {"coded", coded, METH_O, coded_doc},
    {"numbers", numbers, METH_VARARGS, numbers_doc},
    {NULL, NULL, 0, NULL},
};

int ef_add_codes(PyObject *module) { return PyModule_AddFunctions(module, functions); }
