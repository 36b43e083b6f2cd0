/* Columns out of lines of JSON: the values of each field of flat records, no object a record.

   Only what is certain is read here: one object a line, the same names in the same order in each, strict
   JSON. Numbers that need care and values with others inside go to the caller's own reader; all else ends in
   "ask the twin", which reads the block again. Twin: `_array` of `echoformat.rollouts.records`. */
#include "native.h"

#include <float.h>
#include <stdlib.h>

#include "wide.h"

enum { MOST_FIELDS = 128, MOST_DEPTH = 256, MOST_DIGITS = 15, MOST_INTEGER = 18, SLACK = 32 };

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
    char *room;
    PyObject *loads;
} Reader;

static const char *over_space(const char *at, const char *end) {
    while (at < end && (*at == ' ' || *at == '\t' || *at == '\r')) {
        at++;
    }
    return at;
}

/* --- Strings --- */

#ifdef EF_SSE2
/* Where the first flag stands; there is one. */
static int first_flag(int flags) {
#if defined(__GNUC__) || defined(__clang__)
    return __builtin_ctz((unsigned)flags);
#else
    int at = 0;
    while (!(flags >> at & 1)) {
        at++;
    }
    return at;
#endif
}
#endif

/* Copy what stands for itself; where it ends. There is room for `SLACK` bytes more than there are. */
static const char *copy_plain(const char *at, const char *end, char **to) {
    char *out = *to;
#ifdef EF_SSE2
    const __m128i quote = _mm_set1_epi8('"'), slash = _mm_set1_epi8('\\'), last = _mm_set1_epi8(31);
    while (end - at >= 16) {
        __m128i some = _mm_loadu_si128((const __m128i *)at);
        __m128i odd = _mm_or_si128(_mm_cmpeq_epi8(some, quote), _mm_cmpeq_epi8(some, slash));
        odd = _mm_or_si128(odd, _mm_cmpeq_epi8(_mm_min_epu8(some, last), some));
        _mm_storeu_si128((__m128i *)out, some);
        int flags = _mm_movemask_epi8(odd);
        if (flags != 0) {
            int plain = first_flag(flags);
            *to = out + plain;
            return at + plain;
        }
        at += 16;
        out += 16;
    }
#endif
    while (at < end && *at != '"' && *at != '\\' && (unsigned char)*at >= 32) {
        *out++ = *at++;
    }
    *to = out;
    return at;
}

static int hex_of(const char *at) {
    int value = 0;
    for (int i = 0; i < 4; i++) {
        char c = at[i];
        int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;
        if (digit < 0) {
            return -1;
        }
        value = value * 16 + digit;
    }
    return value;
}

static char *put_utf8(char *to, unsigned code) {
    if (code < 0x80) {
        *to++ = (char)code;
        return to;
    }
    if (code < 0x800) {
        *to++ = (char)(0xC0 | code >> 6);
    } else {
        if (code < 0x10000) {
            *to++ = (char)(0xE0 | code >> 12);
        } else {
            *to++ = (char)(0xF0 | code >> 18);
            *to++ = (char)(0x80 | (code >> 12 & 63));
        }
        *to++ = (char)(0x80 | (code >> 6 & 63));
    }
    *to++ = (char)(0x80 | (code & 63));
    return to;
}

/* The character that four digits, or twice four, name; -1 for none, and for half of a pair. */
static long named(const char **at, const char *end) {
    long code = end - *at < 4 ? -1 : hex_of(*at);
    if (code < 0) {
        return -1;
    }
    *at += 4;
    if (code < 0xD800 || code > 0xDFFF) {
        return code;
    }
    long low = code < 0xDC00 && end - *at >= 6 && (*at)[0] == '\\' && (*at)[1] == 'u' ? hex_of(*at + 2) : -1;
    if (low < 0xDC00 || low > 0xDFFF) {
        return -1;
    }
    *at += 6;
    return 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
}

/* What a letter behind a backslash stands for; 0 where it is none of these. */
static char escaped(char letter) {
    switch (letter) {
    case 'n':
        return '\n';
    case 't':
        return '\t';
    case 'r':
        return '\r';
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    default:
        return letter == '"' || letter == '\\' || letter == '/' ? letter : 0;
    }
}

/* Copy what an escape stands for; where it ends, NULL where it is none. */
static const char *copy_escape(const char *at, const char *end, char **to) {
    if (end - at < 2) {
        return NULL;
    }
    char letter = at[1], stands_for = escaped(letter);
    at += 2;
    if (stands_for != 0) {
        *(*to)++ = stands_for;
        return at;
    }
    long code = letter == 'u' ? named(&at, end) : -1;
    if (code < 0) {
        return NULL;
    }
    *to = put_utf8(*to, (unsigned)code);
    return at;
}

/* A str of a string behind its first quote; NULL where it is none that is certain. `at`: behind its end. */
static PyObject *string_at(const Reader *reader, const char **at, const char *end) {
    char *to = reader->room;
    const char *from = *at;
    while (1) {
        from = copy_plain(from, end, &to);
        if (from >= end || (unsigned char)*from < 32) {
            return NULL;
        }
        if (*from == '"') {
            break;
        }
        from = copy_escape(from, end, &to);
        if (from == NULL) {
            return NULL;
        }
    }
    *at = from + 1;
    return PyUnicode_DecodeUTF8(reader->room, to - reader->room, NULL);
}

/* --- Other values --- */

static PyObject *by_loads(const Reader *reader, const char *at, const char *end) {
    PyObject *bytes = PyBytes_FromStringAndSize(at, end - at);
    PyObject *value = bytes == NULL ? NULL : PyObject_CallFunctionObjArgs(reader->loads, bytes, NULL);
    Py_XDECREF(bytes);
    return value;
}

static int is_digit(char c) { return c >= '0' && c <= '9'; }

static int is_of_number(char c) { return is_digit(c) || c == '+' || c == '-' || c == '.' || c == 'e' || c == 'E'; }

/* A decimal of few digits: the nearest double, since both parts of the quotient are exact. */
static PyObject *decimal(const char *at, const char *end, int minus) {
#if defined(FLT_EVAL_METHOD) && FLT_EVAL_METHOD == 0
    static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                    1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
    int64_t digits = 0;
    int after = -1;
    if (end - at > MOST_DIGITS + 1) {
        return NULL;
    }
    for (; at < end; at++) {
        if (*at == '.') {
            if (after >= 0) {
                return NULL;
            }
            after = 0;
        } else if (is_digit(*at)) {
            digits = digits * 10 + (*at - '0');
            after += after >= 0;
        } else {
            return NULL;
        }
    }
    double value = after < 1 ? 0 : (double)digits / powers[after];
    return after < 1 ? NULL : PyFloat_FromDouble(minus ? -value : value);
#else
    (void)at, (void)end, (void)minus;
    return NULL;
#endif
}

static PyObject *whole(const char *at, const char *end, int minus) {
    long long value = 0;
    if (end - at > MOST_INTEGER) {
        return NULL;
    }
    for (; at < end; at++) {
        if (!is_digit(*at)) {
            return NULL;
        }
        value = value * 10 + (*at - '0');
    }
    return PyLong_FromLongLong(minus ? -value : value);
}

static PyObject *number_at(const Reader *reader, const char **at, const char *end) {
    const char *begin = *at, *stop = begin;
    while (stop < end && is_of_number(*stop)) {
        stop++;
    }
    *at = stop;
    int minus = begin < stop && *begin == '-';
    const char *first = begin + minus;
    // What begins with a nought is a nought or a fraction, and a nought below nought is none of the easy ones.
    int is_easy = first < stop && is_digit(*first) && (*first != '0' || (!minus && stop == first + 1) ||
                                                       (stop > first + 1 && first[1] == '.'));
    PyObject *value = is_easy ? whole(first, stop, minus) : NULL;
    if (value == NULL && is_easy && !PyErr_Occurred()) {
        value = decimal(first, stop, minus);
    }
    return value != NULL || PyErr_Occurred() ? value : by_loads(reader, begin, stop);
}

/* Behind the end of a list or an object, as far as brackets and strings show it; NULL where none is seen. */
static const char *end_of_nested(const char *at, const char *end) {
    int depth = 0, is_text = 0;
    for (; at < end; at++) {
        if (is_text) {
            if (*at == '\\' && end - at > 1) {
                at++;
            } else if (*at == '"') {
                is_text = 0;
            }
        } else if (*at == '"') {
            is_text = 1;
        } else if (*at == '[' || *at == '{') {
            if (++depth > MOST_DEPTH) {
                return NULL;
            }
        } else if ((*at == ']' || *at == '}') && --depth == 0) {
            return at + 1;
        }
    }
    return NULL;
}

static PyObject *word_at(const char **at, const char *end) {
    static const char *const words[] = {"null", "true", "false"};
    PyObject *const values[] = {Py_None, Py_True, Py_False};
    for (int i = 0; i < 3; i++) {
        size_t size = strlen(words[i]);
        if ((size_t)(end - *at) >= size && memcmp(*at, words[i], size) == 0) {
            *at += size;
            Py_INCREF(values[i]);
            return values[i];
        }
    }
    return NULL;
}

static PyObject *value_at(const Reader *reader, const char **at, const char *end) {
    if (*at >= end) {
        return NULL;
    }
    if (**at == '"') {
        ++*at;
        return string_at(reader, at, end);
    }
    if (**at == '[' || **at == '{') {
        const char *begin = *at, *stop = end_of_nested(begin, end);
        *at = stop;
        return stop == NULL ? NULL : by_loads(reader, begin, stop);
    }
    return **at == '-' || is_digit(**at) ? number_at(reader, at, end) : word_at(at, end);
}

/* --- Records --- */

/* What the line before had in the field, where this one begins with the very same bytes. */
static PyObject *known_at(const Field *field, const char **at, const char *end) {
    Py_ssize_t size = field->last.size;
    if (field->known == NULL || end - *at <= size || memcmp(*at, field->last.at, (size_t)size) != 0) {
        return NULL;
    }
    // A number goes on where more of it follows.
    if (**at != '"' && is_of_number((*at)[size])) {
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
    value = is_known ? value : value_at(reader, &at, end);
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
        return index < reader->count && is_same(reader->fields[index].name, name) ? &reader->fields[index] : NULL;
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
    if (head > 0) {
        memcpy(first + head, rest, (size_t)length);
        line = first;
        length += head;
    }
    while (read_line(reader, line, line + length)) {
        if (stop == end) {
            return reader->row == reader->rows;
        }
        line = stop + 1;
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
        failed = PyList_SetItem(columns, i, field->values) < 0 || name == NULL || PyTuple_SetItem(names, i, name) < 0;
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
        if (PyBytes_Size(piece) > PY_SSIZE_T_MAX - SLACK - total) {
            PyErr_NoMemory();
            return NULL;
        }
        total += PyBytes_Size(piece);
    }
    all = PyMem_Malloc((size_t)(total + SLACK));
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

PyDoc_STRVAR(fields_doc, "Names and columns of records in lines of JSON; None where they are not alike and plain.");

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
    char *room = reader == NULL ? NULL : PyMem_Malloc((size_t)(head + rest.len + SLACK));
    if (room != NULL) {
        reader->rows = rows;
        reader->loads = loads;
        reader->room = room;
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
