/* Lines of a log: their ends counted, many of them made one JSON array; their rows looked at and numbered.

   Twins: `_newlines` and `_array` of `echoformat.rollouts.records`, `absent` of
   `echoformat.rollouts.flat_blocks`, `SampleNumbers.column` of `echoformat.rollouts.samples`. */
#include "native.h"

/* As many flags add up in a byte. */
enum { STRIDE = 240 };

static Py_ssize_t count_in(const char *text, Py_ssize_t size) {
    Py_ssize_t total = 0;
    for (Py_ssize_t at = 0; at < size; at += STRIDE) {
        Py_ssize_t stop = size - at < STRIDE ? size - at : STRIDE;
        uint8_t found = 0;
        for (Py_ssize_t i = 0; i < stop; i++) {
            found = (uint8_t)(found + (text[at + i] == '\n'));
        }
        total += found;
    }
    return total;
}

PyDoc_STRVAR(newlines_doc, "How many line ends stand between two places of some bytes.");

static PyObject *newlines(PyObject *module, PyObject *args) {
    Py_buffer text;
    Py_ssize_t begin, end;
    (void)module;
    if (!PyArg_ParseTuple(args, "y*nn", &text, &begin, &end)) {
        return NULL;
    }
    end = end > text.len ? text.len : end;
    begin = begin < 0 ? 0 : begin;
    Py_ssize_t found = begin < end ? count_in((const char *)text.buf + begin, end - begin) : 0;
    PyBuffer_Release(&text);
    return PyLong_FromSsize_t(found);
}

/* The size of all pieces; -1 with an exception where one is none, or they are too many. */
static Py_ssize_t size_of_all(PyObject *pieces) {
    Py_ssize_t total = 0;
    for (Py_ssize_t i = 0; i < PyTuple_Size(pieces); i++) {
        Py_buffer piece;
        if (PyObject_GetBuffer(PyTuple_GetItem(pieces, i), &piece, PyBUF_SIMPLE) < 0) {
            return -1;
        }
        int is_much = piece.len > PY_SSIZE_T_MAX - 2 - total;
        total += is_much ? 0 : piece.len;
        PyBuffer_Release(&piece);
        if (is_much) {
            PyErr_NoMemory();
            return -1;
        }
    }
    return total;
}

/* Copy a piece, its line ends as commas, where there is room for it; how much was copied, or -1. */
static Py_ssize_t copy_piece(PyObject *from, char *to, Py_ssize_t room) {
    Py_buffer piece;
    if (PyObject_GetBuffer(from, &piece, PyBUF_SIMPLE) < 0) {
        return -1;
    }
    Py_ssize_t size = piece.len < room ? piece.len : room;
    const char *text = piece.buf;
    for (Py_ssize_t i = 0; i < size; i++) {
        to[i] = text[i] == '\n' ? ',' : text[i];
    }
    PyBuffer_Release(&piece);
    return size;
}

PyDoc_STRVAR(json_array_doc, "A JSON array of the lines in some pieces of bytes, one behind the other.");

static PyObject *json_array(PyObject *module, PyObject *pieces) {
    (void)module;
    if (!PyTuple_Check(pieces)) {
        PyErr_SetString(PyExc_TypeError, "a tuple of bytes was expected");
        return NULL;
    }
    Py_ssize_t size = size_of_all(pieces), at = 1;
    PyObject *array = size < 0 ? NULL : PyBytes_FromStringAndSize(NULL, size + 2);
    char *to = array == NULL ? NULL : PyBytes_AsString(array);
    for (Py_ssize_t i = 0; array != NULL && i < PyTuple_Size(pieces); i++) {
        Py_ssize_t copied = copy_piece(PyTuple_GetItem(pieces, i), to + at, size + 1 - at);
        if (copied < 0) {
            Py_CLEAR(array);
        }
        at += copied;
    }
    if (array != NULL) {
        // What shrank between two looks leaves white space, which JSON reads over.
        memset(to + at, ' ', (size_t)(size + 1 - at));
        to[0] = '[';
        to[size + 1] = ']';
    }
    return array;
}

/* Append a row where its text begins as a list or an object does; -1 with an exception. */
static int note_bracket(PyObject *text, Py_ssize_t row, PyObject *brackets) {
    Py_UCS4 first = PyUnicode_GetLength(text) > 0 ? PyUnicode_ReadChar(text, 0) : 0;
    if (first != '[' && first != '{') {
        return 0;
    }
    PyObject *number = PyLong_FromSsize_t(row);
    int failed = number == NULL || PyList_Append(brackets, number) < 0;
    Py_XDECREF(number);
    return failed ? -1 : 0;
}

PyDoc_STRVAR(absent_doc, "How many values are None, -1 where one is no text; the rows that begin with a bracket.");

static PyObject *absent(PyObject *module, PyObject *values) {
    long count = 0;
    (void)module;
    if (!PyList_Check(values)) {
        PyErr_SetString(PyExc_TypeError, "a list was expected");
        return NULL;
    }
    PyObject *brackets = PyList_New(0);
    for (Py_ssize_t row = 0; brackets != NULL && count >= 0 && row < PyList_Size(values); row++) {
        PyObject *value = PyList_GetItem(values, row);
        if (value == Py_None) {
            count++;
        } else if (!PyUnicode_CheckExact(value)) {
            count = -1;
        } else if (note_bracket(value, row, brackets) < 0) {
            Py_CLEAR(brackets);
        }
    }
    return brackets == NULL ? NULL : Py_BuildValue("(lN)", count, brackets);
}

/* Append the count of a key to a list, and count it; -1 with an exception. */
static int count_one(PyObject *counts, PyObject *key, PyObject *found) {
    PyObject *known = PyDict_GetItemWithError(counts, key);
    long long number = known == NULL ? 0 : PyLong_AsLongLong(known);
    if ((known == NULL || number == -1) && PyErr_Occurred()) {
        return -1;
    }
    PyObject *here = PyLong_FromLongLong(number), *next = PyLong_FromLongLong(number + 1);
    int failed = here == NULL || next == NULL || PyList_Append(found, here) < 0 ||
                 PyDict_SetItem(counts, key, next) < 0;
    Py_XDECREF(here);
    Py_XDECREF(next);
    return failed ? -1 : 0;
}

PyDoc_STRVAR(numbered_doc, "How often each key of a part of a list was counted before it; counts go on.");

static PyObject *numbered(PyObject *module, PyObject *args) {
    PyObject *counts, *keys;
    Py_ssize_t begin, end;
    (void)module;
    if (!PyArg_ParseTuple(args, "O!O!nn", &PyDict_Type, &counts, &PyList_Type, &keys, &begin, &end)) {
        return NULL;
    }
    PyObject *found = PyList_New(0);
    for (Py_ssize_t i = begin < 0 ? 0 : begin; found != NULL && i < end && i < PyList_Size(keys); i++) {
        PyObject *key = PyList_GetItem(keys, i);
        Py_INCREF(key);
        int failed = count_one(counts, key, found);
        Py_DECREF(key);
        if (failed) {
            Py_CLEAR(found);
        }
    }
    return found;
}

static PyMethodDef functions[] = {
    {"newlines", newlines, METH_VARARGS, newlines_doc},
    {"json_array", json_array, METH_O, json_array_doc},
    {"absent", absent, METH_O, absent_doc},
    {"numbered", numbered, METH_VARARGS, numbered_doc},
    {NULL, NULL, 0, NULL},
};

int ef_add_lines(PyObject *module) { return PyModule_AddFunctions(module, functions); }
