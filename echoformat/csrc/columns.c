/* Columns: what is done for each of some thousand texts before and after they are looked at.

   Twins: `echoformat.text.views`, `echoformat.detectors.ends.ends_of`, and what
   `echoformat.batch_path` does where there is no compiled part. */
#include "native.h"

/* Texts lie scattered in memory: the next few are sent for while one is looked at. A hint that may be wrong:
   it takes the characters to stand right behind the object's head, as those of ASCII do. */
#if defined(__GNUC__) || defined(__clang__)
#define SEND_FOR(place) __builtin_prefetch((const void *)(place))
#else
#define SEND_FOR(place) ((void)(place))
#endif

enum { SAMPLES = 4, AHEAD = 8, FAR = 16, SOON = 3, HEAD = 40, LINE = 64, LINES = 16 };
static const uint64_t ODD = 0x9E3779B97F4A7C15u;

/* A list all of whose entries are of one kind; the lists are the caller's, who holds them meanwhile. */
static int is_list_of(PyObject *list, int of_text) {
    if (!PyList_Check(list)) {
        PyErr_SetString(PyExc_TypeError, "a list was expected");
        return 0;
    }
    for (Py_ssize_t i = 0; i < PyList_Size(list); i++) {
        SEND_FOR(i + FAR < PyList_Size(list) ? PyList_GetItem(list, i + FAR) : list);
        PyObject *one = PyList_GetItem(list, i);
        if (of_text ? !PyUnicode_Check(one) : !PyBytes_Check(one)) {
            PyErr_SetString(PyExc_TypeError, of_text ? "a list of str was expected" : "a list of bytes was expected");
            return 0;
        }
    }
    return 1;
}

static int append_number(PyObject *list, Py_ssize_t number) {
    PyObject *one = PyLong_FromSsize_t(number);
    int failed = one == NULL || PyList_Append(list, one) < 0;
    Py_XDECREF(one);
    return failed ? -1 : 0;
}

static const char *object_at(PyObject *list, Py_ssize_t row) {
    return row < PyList_Size(list) ? (const char *)PyList_GetItem(list, row) : NULL;
}

/* The head of a text some rows on, and what `sampled` looks at of a nearer one. */
static void send_for_samples(PyObject *texts, Py_ssize_t row) {
    const char *far_on = object_at(texts, row + AHEAD), *near = object_at(texts, row + SOON);
    if (far_on != NULL) {
        SEND_FOR(far_on);
    }
    if (near != NULL) {
        Py_ssize_t size = PyUnicode_GetLength((PyObject *)near);
        SEND_FOR(near + HEAD + size / 2);
        SEND_FOR(near + HEAD + size);
    }
}

/* The first lines of a text some rows on. */
static void send_for_text(PyObject *texts, Py_ssize_t row) {
    const char *next = object_at(texts, row + SOON);
    for (int line = 0; next != NULL && line < LINES; line++) {
        SEND_FOR(next + line * LINE);
    }
}

/* --- Which texts may stand there twice --- */

/* Of the length and a few characters at both ends and in the middle: texts with another are not the same. */
static uint64_t sampled(PyObject *text) {
    Py_ssize_t size = PyUnicode_GetLength(text);
    Py_ssize_t starts[] = {0, size / 2, size - SAMPLES};
    uint64_t hash = (uint64_t)size * ODD;
    for (size_t k = 0; k < sizeof starts / sizeof *starts; k++) {
        for (Py_ssize_t at = starts[k]; at < starts[k] + SAMPLES; at++) {
            if (at >= 0 && at < size) {
                hash = (hash ^ PyUnicode_ReadChar(text, at)) * ODD;
                hash ^= hash >> 29;
            }
        }
    }
    return hash;
}

/* Put a row into a table by its hash; the row that came before with the same hash, or itself. */
static Py_ssize_t first_like(Py_ssize_t *table, size_t mask, const uint64_t *hashes, Py_ssize_t row) {
    size_t slot = (size_t)hashes[row] & mask;
    for (; table[slot] >= 0; slot = (slot + 1) & mask) {
        if (hashes[table[slot]] == hashes[row]) {
            return table[slot];
        }
    }
    table[slot] = row;
    return row;
}

static PyObject *rows_marked(const char *marked, Py_ssize_t count) {
    PyObject *rows = PyList_New(0);
    for (Py_ssize_t row = 0; rows != NULL && row < count; row++) {
        if (marked[row] && append_number(rows, row) < 0) {
            Py_CLEAR(rows);
        }
    }
    return rows;
}

static PyObject *alike_of(PyObject *texts, Py_ssize_t count, size_t room) {
    uint64_t *hashes = PyMem_Calloc((size_t)count + 1, sizeof *hashes);
    Py_ssize_t *table = PyMem_Malloc(room * sizeof *table);
    char *marked = PyMem_Calloc((size_t)count + 1, 1);
    PyObject *rows = NULL;
    if (hashes == NULL || table == NULL || marked == NULL) {
        PyErr_NoMemory();
    } else {
        memset(table, 0xff, room * sizeof *table);
        for (Py_ssize_t row = 0; row < count; row++) {
            send_for_samples(texts, row);
            hashes[row] = sampled(PyList_GetItem(texts, row));
            Py_ssize_t first = first_like(table, room - 1, hashes, row);
            if (first != row) {
                marked[row] = marked[first] = 1;
            }
        }
        rows = rows_marked(marked, count);
    }
    PyMem_Free(hashes);
    PyMem_Free(table);
    PyMem_Free(marked);
    return rows;
}

PyDoc_STRVAR(alike_doc, "Rows of a list of texts that may stand there twice: any other stands there once.");

static PyObject *alike(PyObject *module, PyObject *texts) {
    (void)module;
    if (!is_list_of(texts, 1)) {
        return NULL;
    }
    size_t room = 16;
    while (room < 2 * (size_t)PyList_Size(texts)) {
        room *= 2;
    }
    return alike_of(texts, PyList_Size(texts), room);
}

/* --- Texts as bytes --- */

/* Whether nothing but white space is in a text; -1 where that could not be told. */
static int is_blank(PyObject *text) {
    if (PyUnicode_GetLength(text) == 0) {
        return 1;
    }
    Py_UCS4 first = PyUnicode_ReadChar(text, 0);
    if (first > ' ' && first < 0x80) {
        return 0;
    }
    PyObject *said = PyObject_CallMethod(text, "isspace", NULL);
    int is_space = said == NULL ? -1 : PyObject_IsTrue(said);
    Py_XDECREF(said);
    return is_space;
}

PyDoc_STRVAR(blank_doc, "Rows of a list of texts that hold nothing but white space.");

static PyObject *blank(PyObject *module, PyObject *texts) {
    (void)module;
    PyObject *rows = is_list_of(texts, 1) ? PyList_New(0) : NULL;
    for (Py_ssize_t row = 0; rows != NULL && row < PyList_Size(texts); row++) {
        int is_so = is_blank(PyList_GetItem(texts, row));
        if (is_so < 0 || (is_so && append_number(rows, row) < 0)) {
            Py_CLEAR(rows);
        }
    }
    return rows;
}

/* Whether a text is its own view; -1 with an exception where something failed. */
static int is_own_view(PyObject *text, Py_ssize_t longest) {
    const char *data;
    Py_ssize_t size;
    if (PyUnicode_GetLength(text) > longest) {
        return 0;
    }
    if (ef_utf8(text, &data, &size) < 0) {
        if (!PyErr_ExceptionMatches(PyExc_UnicodeEncodeError)) {
            return -1;
        }
        PyErr_Clear();
        return 0;
    }
    return memchr(data, '\r', (size_t)size) == NULL;
}

PyDoc_STRVAR(odd_views_doc, "Rows of a list of texts whose view is not the text itself.");

static PyObject *odd_views(PyObject *module, PyObject *args) {
    PyObject *texts;
    Py_ssize_t longest;
    (void)module;
    if (!PyArg_ParseTuple(args, "On", &texts, &longest) || !is_list_of(texts, 1)) {
        return NULL;
    }
    PyObject *odd = PyList_New(0);
    for (Py_ssize_t row = 0; odd != NULL && row < PyList_Size(texts); row++) {
        send_for_text(texts, row);
        int is_own = is_own_view(PyList_GetItem(texts, row), longest);
        if (is_own < 0 || (!is_own && append_number(odd, row) < 0)) {
            Py_CLEAR(odd);
        }
    }
    return odd;
}

/* --- The ends of long texts --- */

static int is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

/* Where the last line, or word, of a head ends; not before `least`. */
static Py_ssize_t last_of(const char *text, Py_ssize_t head, Py_ssize_t least) {
    for (const char *mark = "\n "; *mark; mark++) {
        for (Py_ssize_t at = head; at-- > least;) {
            if (text[at] == *mark) {
                return at + 1;
            }
        }
    }
    return head;
}

/* Where the first line, or word, of a tail begins; not in its second half. */
static Py_ssize_t first_of(const char *text, Py_ssize_t size, Py_ssize_t start, Py_ssize_t half) {
    for (const char *mark = "\n "; *mark; mark++) {
        const char *found = memchr(text + start, *mark, (size_t)half);
        if (found != NULL) {
            return found - text + 1;
        }
    }
    while (start > 0 && start < size && ((unsigned char)text[start] & 0xC0) == 0x80) {
        start++;
    }
    return start;
}

static PyObject *joined_ends(const char *text, Py_ssize_t size, Py_ssize_t stop, Py_ssize_t first) {
    Py_ssize_t kept = stop, gap = text[stop - 1] != '\n';
    while (kept > 0 && text[kept - 1] == ' ') {
        kept--;
    }
    PyObject *ends = PyBytes_FromStringAndSize(NULL, kept + gap + size - first);
    if (ends != NULL) {
        char *to = PyBytes_AsString(ends);
        memcpy(to, text, (size_t)kept);
        to[kept] = '\n';
        memcpy(to + kept + gap, text + first, (size_t)(size - first));
    }
    return ends;
}

/* `ends_of` for one text: a new reference, to the text itself where it is short. */
static PyObject *ends_of(PyObject *data, Py_ssize_t head, Py_ssize_t tail) {
    const char *text;
    Py_ssize_t size;
    if (ef_utf8(data, &text, &size) < 0) {
        return NULL;
    }
    Py_ssize_t end = size;
    if (size > head + tail) {
        Py_ssize_t stop = last_of(text, head, head / 2);
        while (end > 0 && is_space(text[end - 1])) {
            end--;
        }
        if (end - tail > stop) {
            return joined_ends(text, size, stop, first_of(text, size, end - tail, tail / 2));
        }
    }
    Py_INCREF(data);
    return data;
}

/* The ends of each text, and the rows of those that were cut. */
static int cut_each(PyObject *texts, Py_ssize_t head, Py_ssize_t tail, PyObject *found, PyObject *rows) {
    for (Py_ssize_t row = 0; row < PyList_Size(texts); row++) {
        PyObject *text = PyList_GetItem(texts, row), *one = ends_of(text, head, tail);
        if (one == NULL || (one != text && append_number(rows, row) < 0)) {
            Py_XDECREF(one);
            return -1;
        }
        if (PyList_SetItem(found, row, one) < 0) {
            return -1;
        }
    }
    return 0;
}

PyDoc_STRVAR(ends_doc, "The ends of each of a list of texts, and which rows were cut; the text itself where it is short.");

static PyObject *ends(PyObject *module, PyObject *args) {
    PyObject *texts;
    Py_ssize_t head, tail;
    (void)module;
    if (!PyArg_ParseTuple(args, "O!nn", &PyList_Type, &texts, &head, &tail)) {
        return NULL;
    }
    if (head < 1 || tail < 1 || head > PY_SSIZE_T_MAX - tail) {
        PyErr_SetString(PyExc_ValueError, "a head and a tail hold one byte at least");
        return NULL;
    }
    PyObject *found = PyList_New(PyList_Size(texts)), *rows = PyList_New(0), *both = NULL;
    if (found != NULL && rows != NULL && cut_each(texts, head, tail, found, rows) == 0) {
        both = PyTuple_Pack(2, found, rows);
    }
    Py_XDECREF(found);
    Py_XDECREF(rows);
    return both;
}

static PyMethodDef functions[] = {
    {"alike", alike, METH_O, alike_doc},
    {"blank", blank, METH_O, blank_doc},
    {"odd_views", odd_views, METH_VARARGS, odd_views_doc},
    {"ends", ends, METH_VARARGS, ends_doc},
    {NULL, NULL, 0, NULL},
};

int ef_add_columns(PyObject *module) { return PyModule_AddFunctions(module, functions); }
