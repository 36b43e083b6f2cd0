/* Columns out of lines of JSON: the values of each field of flat records, no object a record.

   Only what is certain is read here: one object a line, the same names in the same order in each, strict
   JSON. All else ends in "ask the twin", which reads the lines again: `_array` of
   `echoformat.rollouts.records`. */
#include "json_values.h"

enum { MOST_FIELDS = 128 };

typedef struct {
    const char *at;
    Py_ssize_t size;
} Span;

/* A field: its name as it is written, what the line before had there, and the values so far. */
typedef struct {
    Span name, last;
    PyObject *known;
    PyObject *values;
} Field;

typedef struct {
    Field fields[MOST_FIELDS];
    int count;
    Py_ssize_t row, rows;
    EfJson json;
} Reader;

static const char *over_space(const char *at, const char *end) {
    while (at < end && (*at == ' ' || *at == '\t' || *at == '\r')) {
        at++;
    }
    return at;
}

/* What the line before had in the field, where this one begins with the very same bytes. */
static PyObject *known_at(const Field *field, const char **at, const char *end) {
    Py_ssize_t size = field->last.size;
    if (field->known == NULL || end - *at <= size || memcmp(*at, field->last.at, (size_t)size) != 0) {
        return NULL;
    }
    // A number goes on where more of it follows.
    if (**at != '"' && ef_is_of_number((*at)[size])) {
        return NULL;
    }
    *at += size;
    Py_INCREF(field->known);
    return field->known;
}

static const char *read_value(Reader *reader, Field *field, const char *at, const char *end) {
    const char *begin = at;
    PyObject *value = known_at(field, &at, end);
    int is_known = value != NULL;
    value = is_known ? value : ef_json_value(&reader->json, &at, end);
    if (value == NULL) {
        return NULL;
    }
    if (!is_known) {
        // A list or an object can be changed, so each row has its own.
        field->known = *begin == '[' || *begin == '{' ? NULL : value;
        field->last = (Span){begin, at - begin};
    }
    return PyList_SetItem(field->values, reader->row, value) < 0 ? NULL : at;
}

/* Behind a name and its colon; NULL where no plain name is there. */
static const char *read_name(const char *at, const char *end, Span *name) {
    if (at >= end || *at != '"') {
        return NULL;
    }
    name->at = ++at;
    while (at < end && *at != '"' && *at != '\\' && (unsigned char)*at >= 32 && (unsigned char)*at < 127) {
        at++;
    }
    name->size = at - name->at;
    if (at >= end || *at != '"') {
        return NULL;
    }
    at = over_space(at + 1, end);
    return at < end && *at == ':' ? over_space(at + 1, end) : NULL;
}

static int is_same(Span a, Span b) { return a.size == b.size && memcmp(a.at, b.at, (size_t)a.size) == 0; }

/* The field that is next by its name: a known one, or in the first line a new one. */
static Field *field_for(Reader *reader, int index, Span name) {
    if (reader->row > 0) {
        Field *known = index < reader->count ? &reader->fields[index] : NULL;
        return known != NULL && is_same(known->name, name) ? known : NULL;
    }
    for (int i = 0; i < reader->count; i++) {
        if (is_same(reader->fields[i].name, name)) {
            return NULL;
        }
    }
    Field *field = reader->count < MOST_FIELDS ? &reader->fields[reader->count] : NULL;
    if (field != NULL) {
        *field = (Field){name, {NULL, 0}, NULL, PyList_New(reader->rows)};
        reader->count++;
    }
    return field == NULL || field->values == NULL ? NULL : field;
}

/* One line; whether it is a record like the others. */
static int read_line(Reader *reader, const char *at, const char *end) {
    int index = 0;
    char next = ',';
    at = over_space(at, end);
    if (reader->row >= reader->rows || at >= end || *at++ != '{') {
        return 0;
    }
    while (next == ',') {
        Span name;
        at = read_name(over_space(at, end), end, &name);
        Field *field = at == NULL ? NULL : field_for(reader, index++, name);
        at = field == NULL ? NULL : read_value(reader, field, at, end);
        at = at == NULL ? NULL : over_space(at, end);
        if (at == NULL || at >= end) {
            return 0;
        }
        next = *at++;
    }
    reader->row++;
    return next == '}' && index == reader->count && over_space(at, end) == end;
}

static const char *end_of_line(const char *at, const char *end) {
    const char *found = at < end ? memchr(at, '\n', (size_t)(end - at)) : NULL;
    return found == NULL ? end : found;
}

/* All lines: the first is all of `head` and the last piece up to its first line end. */
static int read_lines(Reader *reader, char *first, Py_ssize_t head, const char *rest, Py_ssize_t size) {
    const char *end = rest + size, *stop = end_of_line(rest, end);
    const char *line = rest;
    Py_ssize_t length = stop - rest;
    reader->json.readable = end;
    if (head > 0) {
        memcpy(first + head, rest, (size_t)length);
        line = first;
        length += head;
        reader->json.readable = first + length;
    }
    while (read_line(reader, line, line + length)) {
        if (stop == end) {
            return reader->row == reader->rows;
        }
        line = stop + 1;
        reader->json.readable = end;
        stop = end_of_line(line, end);
        length = stop - line;
    }
    return 0;
}

static PyObject *said(const Reader *reader) {
    PyObject *names = PyTuple_New(reader->count), *columns = PyList_New(reader->count), *both = NULL;
    int failed = names == NULL || columns == NULL;
    for (int i = 0; !failed && i < reader->count; i++) {
        const Field *field = &reader->fields[i];
        PyObject *name = PyUnicode_FromStringAndSize(field->name.at, field->name.size);
        Py_INCREF(field->values);
        failed = PyList_SetItem(columns, i, field->values) < 0 || name == NULL ||
                 PyTuple_SetItem(names, i, name) < 0;
    }
    if (!failed) {
        both = PyTuple_Pack(2, names, columns);
    }
    Py_XDECREF(names);
    Py_XDECREF(columns);
    return both;
}

/* Whether what failed was only that some value is no JSON: who reads the block line by line will tell. */
static int is_for_twin(void) {
    PyObject *fault = PyErr_Occurred();
    if (fault == NULL) {
        return 1;
    }
    int is_value = PyErr_GivenExceptionMatches(fault, PyExc_ValueError) ||
                   PyErr_GivenExceptionMatches(fault, PyExc_RecursionError);
    if (is_value) {
        PyErr_Clear();
    }
    return is_value;
}

/* The columns of some lines, `first` with room for the first one; None where the twin must look. */
static PyObject *columns_of(Reader *reader, char *first, Py_ssize_t head, const Py_buffer *rest) {
    PyObject *result = NULL;
    if (read_lines(reader, first, head, rest->buf, rest->len)) {
        result = said(reader);
    } else if (is_for_twin()) {
        Py_INCREF(Py_None);
        result = Py_None;
    }
    for (int i = 0; i < reader->count; i++) {
        Py_XDECREF(reader->fields[i].values);
    }
    return result;
}

/* The pieces before the last, one behind the other; NULL with an exception. */
static char *joined(PyObject *pieces, Py_ssize_t last, Py_ssize_t more, Py_ssize_t *head) {
    Py_ssize_t total = more;
    char *all = NULL;
    for (Py_ssize_t i = 0; i < last; i++) {
        PyObject *piece = PyTuple_GetItem(pieces, i);
        if (!PyBytes_Check(piece)) {
            PyErr_SetString(PyExc_TypeError, "bytes before the last piece were expected");
            return NULL;
        }
        if (PyBytes_Size(piece) > PY_SSIZE_T_MAX - EF_SLACK - total) {
            PyErr_NoMemory();
            return NULL;
        }
        total += PyBytes_Size(piece);
    }
    all = PyMem_Malloc((size_t)(total + EF_SLACK));
    *head = 0;
    for (Py_ssize_t i = 0; all != NULL && i < last; i++) {
        PyObject *piece = PyTuple_GetItem(pieces, i);
        memcpy(all + *head, PyBytes_AsString(piece), (size_t)PyBytes_Size(piece));
        *head += PyBytes_Size(piece);
    }
    if (all == NULL) {
        PyErr_NoMemory();
    }
    return all;
}

PyDoc_STRVAR(fields_doc, "Names and columns of records in lines of JSON; None where they are not alike.");

static PyObject *fields(PyObject *module, PyObject *args) {
    PyObject *pieces, *loads, *result = NULL;
    Py_ssize_t rows, head = 0;
    Py_buffer rest;
    (void)module;
    if (!PyArg_ParseTuple(args, "O!nO", &PyTuple_Type, &pieces, &rows, &loads)) {
        return NULL;
    }
    Py_ssize_t last = PyTuple_Size(pieces) - 1;
    if (last < 0 || rows < 1) {
        PyErr_SetString(PyExc_ValueError, "at least one piece and one line were expected");
        return NULL;
    }
    if (PyObject_GetBuffer(PyTuple_GetItem(pieces, last), &rest, PyBUF_SIMPLE) < 0) {
        return NULL;
    }
    char *first = joined(pieces, last, rest.len, &head);
    Reader *reader = first == NULL ? NULL : PyMem_Calloc(1, sizeof *reader);
    char *room = reader == NULL ? NULL : PyMem_Malloc((size_t)(head + rest.len + EF_SLACK));
    if (room != NULL) {
        reader->rows = rows;
        reader->json = (EfJson){room, NULL, loads};
        result = columns_of(reader, first, head, &rest);
    } else if (first != NULL) {
        PyErr_NoMemory();
    }
    PyMem_Free(room);
    PyMem_Free(reader);
    PyMem_Free(first);
    PyBuffer_Release(&rest);
    return result;
}

static PyMethodDef functions[] = {
    {"fields", fields, METH_VARARGS, fields_doc},
    {NULL, NULL, 0, NULL},
};

int ef_add_records(PyObject *module) { return PyModule_AddFunctions(module, functions); }
