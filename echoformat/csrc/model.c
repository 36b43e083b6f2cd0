/* The type `Model`: a linear model over skeleton n-grams, built once, then asked for the sums of texts. */
#include "sums.h"
#include "types.h"

enum { FETCHED_HEAD = 896, FETCHED_TAIL = 576 };

typedef void summing(const ef_model *model, ef_room *room, const uint8_t *text, Py_ssize_t size,
                     Py_ssize_t characters);

typedef struct {
    PyObject_HEAD
    ef_model *model;
    summing *sum;
} Model;

/* Which registers a caller leaves alone: none, all that are wide, the widest. */
enum { NO_REGISTERS, WIDE_ONES, WIDEST_ONES };

#ifdef EF_HAS_WIDEST
static int has_widest(void) {
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
           __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("avx512vbmi2");
}
#endif

static summing *best(int plain) {
#ifdef EF_HAS_WIDE
    if (plain != WIDE_ONES && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
        __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("popcnt")) {
#ifdef EF_HAS_WIDEST
        if (plain == NO_REGISTERS && has_widest()) {
            return ef_sum_widest;
        }
#endif
        return ef_sum_wide;
    }
#endif
    (void)plain;
    return ef_sum;
}

/* A buffer of so many bytes into `place`; -1 with an exception set where it has others. */
static int take(PyObject *from, const char *name, void *place, size_t size) {
    Py_buffer view;
    if (PyObject_GetBuffer(from, &view, PyBUF_C_CONTIGUOUS) < 0) {
        return -1;
    }
    int fits = (size_t)view.len == size;
    if (fits) {
        memcpy(place, view.buf, size);
    } else {
        PyErr_Format(PyExc_ValueError, "%s has %zd bytes, not %zu", name, view.len, size);
    }
    PyBuffer_Release(&view);
    return fits ? 0 : -1;
}

/* Number the words that slots hold. */
static int number_words(ef_tables *tables, const uint64_t *keys, const uint8_t *codes) {
    unsigned number = 0;
    for (int slot = 0; slot < EF_SLOTS; slot++) {
        if (keys[slot] == 0) {
            continue;
        }
        if (++number >= EF_WORDS) {
            PyErr_Format(PyExc_ValueError, "word_keys holds more than %d words", EF_WORDS - 1);
            return -1;
        }
        tables->words[slot] = (uint16_t)number;
        tables->word_keys[number] = keys[slot];
        tables->word_codes[number] = codes[slot];
    }
    return 0;
}

static int take_words(ef_tables *tables, PyObject *given_keys, PyObject *given_codes) {
    uint8_t codes[EF_SLOTS];
    uint64_t *keys = PyMem_Malloc(EF_SLOTS * sizeof *keys);
    if (keys == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    int failed = take(given_keys, "word_keys", keys, EF_SLOTS * sizeof *keys) < 0 ||
                 take(given_codes, "word_codes", codes, sizeof codes) < 0 || number_words(tables, keys, codes) < 0;
    PyMem_Free(keys);
    return failed ? -1 : 0;
}

static int take_tables(ef_model *model, PyObject *const *given) {
    ef_tables *tables = &model->tables;
    uint8_t marks[3];
    if (take(given[0], "classes", tables->classes, 256) < 0 || take(given[1], "traits", tables->traits, 256) < 0 ||
        take(given[2], "symbols", tables->symbols, 256) < 0 || take(given[3], "marks", marks, 3) < 0 ||
        take(given[4], "shapes", tables->shapes, sizeof tables->shapes) < 0 ||
        take_words(tables, given[5], given[6]) < 0 ||
        take(given[7], "factors", model->factors, sizeof model->factors) < 0 ||
        take(given[8], "rows", model->rows, sizeof model->rows) < 0) {
        return -1;
    }
    tables->opened = marks[0], tables->closed = marks[1], tables->cut = marks[2];
    model->newline = tables->classes['\n'];
    tables->told = (uint8_t)(model->newline < model->counted ? model->counted : model->newline + 1);
    for (int code = 0; code < 256; code++) {
        tables->traits[code] |= tables->classes[code] == tables->classes['\n'] ? EF_NEWLINE : 0;
    }
    return 0;
}

/* What is looked up by symbols themselves; -1 with an exception set where a factor mixes in what follows them. */
static int index_short(ef_model *model) {
    const uint64_t first = model->factors[0], second = model->factors[1];
    if (first << 8 || second << 16) {
        PyErr_SetString(PyExc_ValueError, "the first factor must leave one symbol, the second two");
        return -1;
    }
    for (uint64_t pair = 0; pair < EF_BUCKETS; pair++) {
        model->pairs_of[pair] = model->rows[1][pair * second >> 48];
    }
    for (uint64_t symbol = 0; symbol < EF_BUCKETS >> 8; symbol++) {
        model->single[symbol] = model->rows[0][symbol * first >> 48];
    }
    return 0;
}

/* Numbers that point somewhere must point into what is there. */
static int check(const ef_model *model) {
    const ef_tables *tables = &model->tables;
    const uint16_t *rows = &model->rows[0][0];
    for (size_t i = 0; i < sizeof model->rows / sizeof *rows; i++) {
        if (rows[i] > model->kept) {
            PyErr_Format(PyExc_ValueError, "rows point to row %d of %zd", (int)rows[i], model->kept);
            return -1;
        }
    }
    /* Every word ends within its window. */
    if ((tables->traits[tables->opened] | tables->traits[tables->closed]) & EF_LETTER) {
        PyErr_SetString(PyExc_ValueError, "the marks before and behind a window must be no letters");
        return -1;
    }
    for (int code = 0; code < 256; code++) {
        if (tables->classes[code] >= EF_CLASSES) {
            PyErr_Format(PyExc_ValueError, "byte %d has a class beyond %d", code, EF_CLASSES - 1);
            return -1;
        }
    }
    return 0;
}

static int make_weights(ef_model *model, Py_ssize_t rows) {
    size_t pairs = (size_t)(model->counted + EF_LEVELS + 1) / 2, size = sizeof *model->weights;
    model->room = PyMem_Calloc((size_t)(rows * model->width) * size + EF_LINE, 1);
    model->pairs = PyMem_Calloc(pairs * (size_t)model->width * 2, size);
    if (model->room == NULL || model->pairs == NULL) {
        return -1;
    }
    uintptr_t beyond = (uintptr_t)model->room % EF_LINE;
    model->weights = (int16_t *)(void *)((char *)model->room + (EF_LINE - beyond) % EF_LINE);
    return 0;
}

static void pair_dense(ef_model *model) {
    for (Py_ssize_t row = 0; row < model->counted + EF_LEVELS; row++) {
        int16_t *pair = model->pairs + row / 2 * model->width * 2 + row % 2;
        for (Py_ssize_t column = 0; column < model->width; column++) {
            pair[2 * column] = model->weights[row * model->width + column];
        }
    }
}

static int take_weights(ef_model *model, PyObject *given) {
    Py_ssize_t rows = model->counted + EF_LEVELS + model->kept, cells = rows * model->formats;
    int32_t largest = 1;
    int16_t *narrow = PyMem_Calloc((size_t)cells + 1, sizeof *narrow);
    if (narrow == NULL || make_weights(model, rows) < 0) {
        PyMem_Free(narrow);
        PyErr_NoMemory();
        return -1;
    }
    int failed = take(given, "weights", narrow, (size_t)cells * sizeof *narrow);
    for (Py_ssize_t cell = 0; cell < cells && !failed; cell++) {
        int32_t size = narrow[cell] < 0 ? -narrow[cell] : narrow[cell];
        largest = size > largest ? size : largest;
        model->weights[cell / model->formats * model->width + cell % model->formats] = narrow[cell];
    }
    PyMem_Free(narrow);
    pair_dense(model);
    model->together = INT16_MAX / largest > 0 ? INT16_MAX / largest : 1;
    return failed;
}

static int set_sizes(ef_model *model, Py_ssize_t counted, Py_ssize_t kept, Py_ssize_t formats) {
    if (counted < 0 || counted > EF_CLASSES || kept < 0 || kept >= EF_BUCKETS || formats < 1 ||
        formats > EF_BUCKETS) {
        PyErr_Format(PyExc_ValueError, "no model counts %zd classes, keeps %zd n-grams, has %zd formats", counted,
                     kept, formats);
        return -1;
    }
    model->counted = counted, model->kept = kept, model->formats = formats;
    model->width = (formats + EF_TILE - 1) / EF_TILE * EF_TILE;
    return 0;
}

static void drop(ef_model *model) {
    if (model != NULL) {
        PyMem_Free(model->room);
        PyMem_Free(model->pairs);
        PyMem_Free(model);
    }
}

static PyObject *model_new(PyTypeObject *type, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"classes",    "traits",  "symbols", "marks",   "shapes", "word_keys", "word_codes",
                            "factors",    "rows",    "weights", "word_factor", "counted", "kept",  "formats", "plain", NULL};
    PyObject *given[10];
    Py_ssize_t counted, kept, formats;
    unsigned long long factor;
    int plain = 0;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OOOOOOOOOOKnnn|i", names, &given[0], &given[1], &given[2],
                                     &given[3], &given[4], &given[5], &given[6], &given[7], &given[8],
                                     &given[9], &factor, &counted, &kept, &formats, &plain)) {
        return NULL;
    }
    ef_model *model = PyMem_Calloc(1, sizeof *model);
    if (model == NULL) {
        return PyErr_NoMemory();
    }
    model->tables.factor = factor;
    if (set_sizes(model, counted, kept, formats) < 0 || take_tables(model, given) < 0 || check(model) < 0 || index_short(model) < 0 ||
        take_weights(model, given[9]) < 0) {
        drop(model);
        return NULL;
    }
    Model *self = ef_make(type);
    if (self == NULL) {
        drop(model);
        return NULL;
    }
    self->model = model;
    self->sum = best(plain);
    return (PyObject *)self;
}

static void model_dealloc(PyObject *self) {
    drop(((Model *)self)->model);
    ef_unmake(self);
}

/* Where each text begins, and its size; the list holds them meanwhile. */
typedef struct {
    const uint8_t *bytes;
    Py_ssize_t size, characters;
} ef_text;

static ef_text *texts_of(PyObject *held, Py_ssize_t count) {
    ef_text *texts = PyMem_Calloc((size_t)count + 1, sizeof *texts);
    if (texts == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        PyObject *one = PyTuple_GetItem(held, i);
        const char *bytes;
        if (one == NULL || ef_utf8(one, &bytes, &texts[i].size) < 0) {
            PyMem_Free(texts);
            return NULL;
        }
        texts[i].bytes = (const uint8_t *)bytes;
        /* As many characters as bytes are told without a look at each. */
        texts[i].characters = PyUnicode_Check(one) && PyUnicode_GetLength(one) == texts[i].size ? texts[i].size : -1;
    }
    return texts;
}

static void drop_room(ef_room *room) {
    PyMem_Free(room->seen);
    PyMem_Free(room->hits);
    PyMem_Free(room->sums);
    PyMem_Free(room);
}

static ef_room *make_room(const ef_model *model) {
    /* Whole blocks are looked through, and rows written down ahead. */
    size_t rows = (size_t)model->kept + 1 + EF_BLOCK;
    ef_room *room = PyMem_Malloc(sizeof *room);
    if (room == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    room->seen = PyMem_Malloc(rows);
    room->hits = PyMem_Malloc(rows * sizeof *room->hits);
    room->sums = PyMem_Malloc((size_t)model->width * sizeof *room->sums);
    if (room->seen == NULL || room->hits == NULL || room->sums == NULL) {
        drop_room(room);
        PyErr_NoMemory();
        return NULL;
    }
    return room;
}

/* Have the window of the next text fetched while this one is looked at: most come from far memory. */
static void fetch(const ef_text *text) {
#if defined(__GNUC__)
    Py_ssize_t tail = text->size - FETCHED_TAIL;
    for (Py_ssize_t at = 0; at < text->size && at < FETCHED_HEAD; at += 64) {
        __builtin_prefetch(text->bytes + at);
    }
    for (Py_ssize_t at = tail < FETCHED_HEAD ? FETCHED_HEAD : tail; at < text->size; at += 64) {
        __builtin_prefetch(text->bytes + at);
    }
#else
    (void)text;
#endif
}

static void sum_all(const Model *self, ef_room *room, const ef_text *texts, Py_ssize_t count, double *out) {
    Py_ssize_t formats = self->model->formats;
    for (Py_ssize_t i = 0; i < count; i++) {
        fetch(&texts[i + 1]);
        self->sum(self->model, room, texts[i].bytes, texts[i].size, texts[i].characters);
        for (Py_ssize_t column = 0; column < formats; column++) {
            *out++ = room->sums[column];
        }
    }
}

static int sum_into(const Model *self, const ef_text *texts, Py_ssize_t count, Py_buffer *out) {
    ef_room *room = make_room(self->model);
    if (room == NULL) {
        return -1;
    }
    Py_BEGIN_ALLOW_THREADS
    sum_all(self, room, texts, count, out->buf);
    Py_END_ALLOW_THREADS
    drop_room(room);
    return 0;
}

static int fits(const ef_model *model, const Py_buffer *out, Py_ssize_t count) {
    Py_ssize_t wanted = count * model->formats * (Py_ssize_t)sizeof(double);
    if (out->len != wanted || out->format == NULL || strcmp(out->format, "d") != 0) {
        PyErr_Format(PyExc_ValueError, "out must hold %zd float64 numbers for each of %zd texts", model->formats,
                     count);
        return 0;
    }
    return 1;
}

static PyObject *model_sums(PyObject *self, PyObject *args) {
    const ef_model *model = ((Model *)self)->model;
    PyObject *given, *into;
    if (!PyArg_ParseTuple(args, "OO", &given, &into)) {
        return NULL;
    }
    PyObject *held = PySequence_Tuple(given);
    if (held == NULL) {
        return NULL;
    }
    Py_buffer out;
    if (PyObject_GetBuffer(into, &out, PyBUF_C_CONTIGUOUS | PyBUF_WRITABLE | PyBUF_FORMAT) < 0) {
        Py_DECREF(held);
        return NULL;
    }
    Py_ssize_t count = PyTuple_Size(held);
    ef_text *texts = fits(model, &out, count) ? texts_of(held, count) : NULL;
    int failed = texts == NULL || sum_into((Model *)self, texts, count, &out) < 0;
    PyMem_Free(texts);
    PyBuffer_Release(&out);
    Py_DECREF(held);
    if (failed) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
    {"sums", model_sums, METH_VARARGS, "Features times weights of UTF-8 texts, into float64 [texts, formats]."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_new, model_new},
    {Py_tp_dealloc, model_dealloc},
    {Py_tp_methods, methods},
    {Py_tp_doc, "A linear model over skeleton n-grams."},
    {0, NULL},
};

static PyType_Spec spec = {"echoformat._native.Model", sizeof(Model), 0, Py_TPFLAGS_DEFAULT, slots};

int ef_add_model(PyObject *module) { return ef_add_type(module, "Model", &spec); }
