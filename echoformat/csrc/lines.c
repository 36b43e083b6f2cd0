/* Lines of a log: their ends counted, and many of them made one JSON array.

   Twins: `_newlines` and `_array` of `echoformat.rollouts.records`. */
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

static PyMethodDef functions[] = {
    {"newlines", newlines, METH_VARARGS, newlines_doc},
    {"json_array", json_array, METH_O, json_array_doc},
    {NULL, NULL, 0, NULL},
};

int ef_add_lines(PyObject *module) { return PyModule_AddFunctions(module, functions); }
