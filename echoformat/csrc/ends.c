/* Signs: what each of many texts shows at its end, told by one of the looks in the files beside this one. */
#include "signs.h"
#include "types.h"
#include "wide.h"

#include <stdlib.h>

enum { LINE = 64, ENDS = 2048 };

typedef struct {
    PyObject_HEAD
    EfLook look;
    Py_ssize_t room;
    void *facts;
} Signs;

PyObject *ef_signs(PyObject *type, EfLook look, Py_ssize_t size, Py_ssize_t room, void **facts) {
    Signs *signs = ef_make((PyTypeObject *)type);
    if (signs == NULL) {
        return NULL;
    }
    signs->look = look;
    signs->room = room;
    signs->facts = calloc(1, (size_t)size);
    if (signs->facts == NULL) {
        Py_DECREF(signs);
        return PyErr_NoMemory();
    }
    *facts = signs->facts;
    return (PyObject *)signs;
}

static void signs_free(PyObject *self) {
    free(((Signs *)self)->facts);
    ef_unmake(self);
}

Py_ssize_t ef_keep(PyObject *pieces, uint8_t *kept, Py_ssize_t size, EfSpan *spans, Py_ssize_t most) {
    Py_ssize_t count = PyTuple_Size(pieces), used = 0;
    if (count < 0) {
        return -1;
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        char *data;
        Py_ssize_t length;
        if (PyBytes_AsStringAndSize(PyTuple_GetItem(pieces, i), &data, &length) < 0) {
            return -1;
        }
        if (i >= most || length < 1 || length > size - used) {
            PyErr_SetString(PyExc_ValueError, "pieces are of one byte or more, and no more than fit");
            return -1;
        }
        memcpy(kept + used, data, (size_t)length);
        spans[i].at = kept + used;
        spans[i].size = length;
        used += length;
    }
    return count;
}

/* The bytes of each text; NULL with an exception set where one is no text. */
static EfSpan *spans_of(PyObject *texts, Py_ssize_t count) {
    EfSpan *spans = malloc((size_t)(count ? count : 1) * sizeof *spans);
    if (spans == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    for (Py_ssize_t row = 0; row < count; row++) {
        const char *data;
        if (ef_utf8(PyTuple_GetItem(texts, row), &data, &spans[row].size) < 0) {
            free(spans);
            return NULL;
        }
        spans[row].at = (const uint8_t *)data;
    }
    return spans;
}

/* Bytes of a text that is looked at soon: its ends, from which a processor goes on by itself. */
static void fetch(EfSpan text) {
#ifdef EF_SSE2
    Py_ssize_t start = text.size > ENDS ? text.size - ENDS : 0;
    for (Py_ssize_t place = start; place < text.size; place += LINE) {
        _mm_prefetch((const char *)(text.at + place), _MM_HINT_T0);
    }
#else
    (void)text;
#endif
}

/* Look at all with the lock let go: texts, a tuple of this call alone, keeps them alive. */
static PyObject *look_at(const Signs *signs, PyObject *texts) {
    Py_ssize_t count = PyTuple_Size(texts);
    EfSpan *spans = spans_of(texts, count);
    void *room = spans == NULL ? NULL : malloc((size_t)signs->room);
    PyObject *found = room == NULL ? NULL : PyBytes_FromStringAndSize(NULL, count);
    if (found != NULL) {
        uint8_t *said = (uint8_t *)PyBytes_AsString(found);
        Py_BEGIN_ALLOW_THREADS
        for (Py_ssize_t row = 0; row < count; row++) {
            fetch(spans[row + 1 < count ? row + 1 : row]);
            said[row] = signs->look(signs->facts, spans[row], room);
        }
        Py_END_ALLOW_THREADS
    } else if (!PyErr_Occurred()) {
        PyErr_NoMemory();
    }
    free(room);
    free(spans);
    return found;
}

static PyObject *signs_many(PyObject *self, PyObject *texts) {
    PyObject *kept = PySequence_Tuple(texts);
    if (kept == NULL) {
        return NULL;
    }
    PyObject *found = look_at((const Signs *)self, kept);
    Py_DECREF(kept);
    return found;
}

/* Looks at each text three times while it is at hand; near loops are left out where asked, or where it loops. */
static void look_thrice(const Signs *const *signs, EfSpan *spans, Py_ssize_t count, const char *left_out,
                        uint8_t *const *said, void *room) {
    const Signs *loops = signs[0], *near_loops = signs[1], *cuts = signs[2];
    for (Py_ssize_t row = 0; row < count; row++) {
        EfSpan text = spans[row];
        fetch(spans[row + 1 < count ? row + 1 : row]);
        said[2][row] = cuts->look(cuts->facts, text, room);
        said[0][row] = loops->look(loops->facts, text, room);
        int is_out = left_out[row] || said[0][row] == EF_LOOPS;
        said[1][row] = is_out ? 0 : near_loops->look(near_loops->facts, text, room);
    }
}

static PyObject *see_thrice(PyObject *const *looks, PyObject *texts, const char *left_out) {
    Py_ssize_t count = PyTuple_Size(texts), most = 0;
    const Signs *signs[3];
    PyObject *found[3] = {NULL, NULL, NULL}, *all = NULL;
    uint8_t *said[3];
    int made = 1;
    /* Bytes of a text are kept up by its tuple: see `look_at`. */
    for (int i = 0; i < 3; i++) {
        signs[i] = (const Signs *)looks[i];
        most = signs[i]->room > most ? signs[i]->room : most;
        found[i] = made ? PyBytes_FromStringAndSize(NULL, count) : NULL;
        made = found[i] != NULL;
        said[i] = made ? (uint8_t *)PyBytes_AsString(found[i]) : NULL;
    }
    EfSpan *spans = made ? spans_of(texts, count) : NULL;
    void *room = spans != NULL ? malloc((size_t)most) : NULL;
    if (room != NULL) {
        Py_BEGIN_ALLOW_THREADS
        look_thrice(signs, spans, count, left_out, said, room);
        Py_END_ALLOW_THREADS
        all = PyTuple_Pack(3, found[0], found[1], found[2]);
    } else if (!PyErr_Occurred()) {
        PyErr_NoMemory();
    }
    free(room);
    free(spans);
    for (int i = 0; i < 3; i++) {
        Py_XDECREF(found[i]);
    }
    return all;
}

/* Of a class: its kinds of looks are told by place. */
static PyObject *signs_together(PyObject *type, PyObject *args) {
    PyTypeObject *kind = (PyTypeObject *)type;
    PyObject *looks[3], *texts;
    const char *left_out;
    Py_ssize_t rows;
    if (!PyArg_ParseTuple(args, "O!O!O!Oy#", kind, &looks[0], kind, &looks[1], kind, &looks[2], &texts,
                          &left_out, &rows)) {
        return NULL;
    }
    PyObject *kept = PySequence_Tuple(texts), *all = NULL;
    if (kept != NULL && PyTuple_Size(kept) == rows) {
        all = see_thrice(looks, kept, left_out);
    } else if (kept != NULL) {
        PyErr_SetString(PyExc_ValueError, "a byte a text says whether near loops are left out");
    }
    Py_XDECREF(kept);
    return all;
}

/* What one text shows: its own path, since a tuple and an answer in bytes cost more than the look. */
static PyObject *signs_one(PyObject *self, PyObject *text) {
    const Signs *signs = (const Signs *)self;
    const char *data;
    Py_ssize_t size;
    if (ef_utf8(text, &data, &size) < 0) {
        return NULL;
    }
    void *room = malloc((size_t)signs->room);
    if (room == NULL) {
        return PyErr_NoMemory();
    }
    EfSpan span = {(const uint8_t *)data, size};
    uint8_t said = signs->look(signs->facts, span, room);
    free(room);
    return PyLong_FromLong(said);
}

static PyMethodDef methods[] = {
    {"of_loops", (PyCFunction)(void (*)(void))ef_of_loops, METH_CLASS | METH_VARARGS | METH_KEYWORDS,
     "Signs of loops; the facts are those of detectors/repetition.py."},
    {"of_near_loops", (PyCFunction)(void (*)(void))ef_of_near_loops, METH_CLASS | METH_VARARGS | METH_KEYWORDS,
     "Signs of near loops; the facts are those of detectors/near_loop.py."},
    {"of_cuts", (PyCFunction)(void (*)(void))ef_of_cuts, METH_CLASS | METH_VARARGS | METH_KEYWORDS,
     "Signs of cuts; the facts are those of detectors/truncation.py."},
    {"together", signs_together, METH_CLASS | METH_VARARGS,
     "What loops, near loops and cuts show of some texts in UTF-8; near loops but where left out."},
    {"many", signs_many, METH_O, "What each of some texts in UTF-8 shows, a byte a text."},
    {"one", signs_one, METH_O, "What a text in UTF-8 shows."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_dealloc, signs_free},
    {Py_tp_methods, methods},
    {Py_tp_doc, "What texts show at their ends."},
    {0, NULL},
};

static PyType_Spec spec = {
    "echoformat._native.Signs", sizeof(Signs), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION, slots,
};

int ef_add_ends(PyObject *module) { return ef_add_type(module, "Signs", &spec); }
