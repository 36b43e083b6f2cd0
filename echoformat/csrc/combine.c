/* What is done between the exponentials and logarithms when rules and model are weighed together; these are
   numpy's, which ends in other digits than a C library.

   Twin: `echoformat.combination.Combiner`. Every number comes from the same steps in the same order as there,
   so no two steps may be taken as one: see -ffp-contract in pyproject.toml. */
#include "native.h"

/* Whole numbers below this lie apart by one when it is added to them: so a sum is rounded, halves to even. */
static const double APART = 4503599627370496.0;
enum { MOST = 8, SCALARS = 5 };

typedef struct {
    Py_buffer views[MOST];
    int count;
} Columns;

static void release(Columns *columns) {
    for (int i = 0; i < columns->count; i++) {
        PyBuffer_Release(&columns->views[i]);
    }
    columns->count = 0;
}

/* Whole numbers of eight bytes have two names. */
static int is_kind(const Py_buffer *view, char kind) {
    const char *found = view->format == NULL ? "B" : view->format;
    int is_long = view->itemsize == sizeof(int64_t) && strcmp(found, "l") == 0;
    return is_long ? kind == 'q' : found[0] == kind && found[1] == '\0';
}

/* The numbers of an array, so many of a kind; NULL with an exception set where it holds others. */
static void *numbers(Columns *columns, PyObject *from, char kind, Py_ssize_t count, int is_written) {
    Py_buffer *view = &columns->views[columns->count];
    int flags = PyBUF_C_CONTIGUOUS | PyBUF_FORMAT | (is_written ? PyBUF_WRITABLE : 0);
    if (PyObject_GetBuffer(from, view, flags) < 0) {
        return NULL;
    }
    columns->count++;
    if (!is_kind(view, kind) || view->len != count * view->itemsize) {
        PyErr_Format(PyExc_ValueError, "an array holds %zd bytes of kind %s, not %zd numbers of kind %c", view->len,
                     view->format == NULL ? "B" : view->format, count, kind);
        return NULL;
    }
    return view->buf;
}

static double largest(const double *row, Py_ssize_t width) {
    double even = row[0], odd = row[0];
    Py_ssize_t at = 1;
    for (; at + 1 < width; at += 2) {
        even = row[at] > even ? row[at] : even;
        odd = row[at + 1] > odd ? row[at + 1] : odd;
    }
    if (at < width) {
        even = row[at] > even ? row[at] : even;
    }
    return even > odd ? even : odd;
}

static void lower(double *row, Py_ssize_t width, double by) {
    for (Py_ssize_t at = 0; at < width; at++) {
        row[at] -= by;
    }
}

PyDoc_STRVAR(centred_doc, "Rows of scores less the largest of each, into arrays [n, width] and [n].");

static PyObject *centred(PyObject *module, PyObject *args) {
    PyObject *given[3];
    Py_ssize_t rows, width;
    Columns columns = {.count = 0};
    (void)module;
    if (!PyArg_ParseTuple(args, "nnOOO", &rows, &width, &given[0], &given[1], &given[2])) {
        return NULL;
    }
    if (rows < 0 || width < 1 || rows > PY_SSIZE_T_MAX / 8 / width) {
        PyErr_SetString(PyExc_ValueError, "rows hold one number at least");
        return NULL;
    }
    const double *scores = numbers(&columns, given[0], 'd', rows * width, 0);
    double *shifted = scores == NULL ? NULL : numbers(&columns, given[1], 'd', rows * width, 1);
    double *top = shifted == NULL ? NULL : numbers(&columns, given[2], 'd', rows, 1);
    Py_BEGIN_ALLOW_THREADS
    for (Py_ssize_t row = 0; top != NULL && row < rows; row++) {
        const double *from = scores + row * width;
        double *to = shifted + row * width;
        top[row] = largest(from, width);
        for (Py_ssize_t at = 0; at < width; at++) {
            to[at] = from[at] - top[row];
        }
    }
    Py_END_ALLOW_THREADS
    release(&columns);
    return top == NULL ? NULL : Py_NewRef(Py_None);
}

/* A combination laid over a shelf, and what it is told of some completions. */
typedef struct {
    Py_ssize_t rows, names, width;
    double absent;
    const int64_t *source;
    const double *shifted, *log_sum, *evidence;
} Weighed;

/* The model's log probability of a column. */
static double log_model(const Weighed *told, Py_ssize_t row, Py_ssize_t column) {
    int64_t name = told->source[column];
    return name < 0 ? told->absent : told->shifted[row * told->names + name] - told->log_sum[row];
}

/* Arrays that both functions are given: source, shifted, log_sum, evidence; -1 with an exception set. */
static int open_told(Columns *columns, PyObject *const *given, Weighed *told) {
    Py_ssize_t rows = told->rows, names = told->names, width = told->width;
    if (rows < 0 || names < 1 || width < 1 || rows > PY_SSIZE_T_MAX / 8 / (names > width ? names : width)) {
        PyErr_SetString(PyExc_ValueError, "rows hold one number at least");
        return -1;
    }
    if ((told->source = numbers(columns, given[0], 'q', width, 0)) == NULL ||
        (told->shifted = numbers(columns, given[1], 'd', rows * names, 0)) == NULL ||
        (told->log_sum = numbers(columns, given[2], 'd', rows, 0)) == NULL ||
        (told->evidence = numbers(columns, given[3], 'd', rows * width, 0)) == NULL) {
        return -1;
    }
    for (Py_ssize_t column = 0; column < width; column++) {
        if (told->source[column] >= names) {
            PyErr_Format(PyExc_ValueError, "column %zd comes from none of %zd names", column, names);
            return -1;
        }
    }
    return 0;
}

static void weigh_row(const Weighed *told, Py_ssize_t row, const double *worth, const double *offset,
                      double model_worth, double *logits) {
    const double *evidence = told->evidence + row * told->width;
    for (Py_ssize_t column = 0; column < told->width; column++) {
        double own = worth[column] * evidence[column], learned = model_worth * log_model(told, row, column);
        double sum = own + learned;
        logits[column] = sum + offset[column];
    }
    lower(logits, told->width, largest(logits, told->width));
}

/* Arguments of both functions: sizes, two numbers, and so many arrays; -1 with an exception set. */
static int take_told(PyObject *args, Weighed *told, double *number, PyObject **given, Py_ssize_t count) {
    PyObject *numbers_of = PyTuple_GetSlice(args, 0, SCALARS);
    if (numbers_of == NULL) {
        return -1;
    }
    int taken = PyArg_ParseTuple(numbers_of, "nnndd", &told->rows, &told->names, &told->width, &told->absent, number);
    Py_DECREF(numbers_of);
    if (!taken || PyTuple_Size(args) != SCALARS + count) {
        if (taken) {
            PyErr_Format(PyExc_TypeError, "%zd arrays are needed, not %zd", count, PyTuple_Size(args) - SCALARS);
        }
        return -1;
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        given[i] = PyTuple_GetItem(args, SCALARS + i);
    }
    return 0;
}

PyDoc_STRVAR(weighed_doc, "Logits of rules and model together, less the largest of each row, into [n, columns].");

static PyObject *weighed(PyObject *module, PyObject *args) {
    PyObject *given[7];
    Weighed told;
    double model_worth;
    Columns columns = {.count = 0};
    (void)module;
    if (take_told(args, &told, &model_worth, given, 7) < 0) {
        return NULL;
    }
    const double *worth = NULL, *offset = NULL;
    double *out = NULL;
    if (open_told(&columns, given, &told) == 0) {
        worth = numbers(&columns, given[4], 'd', told.width, 0);
        offset = worth == NULL ? NULL : numbers(&columns, given[5], 'd', told.width, 0);
        out = offset == NULL ? NULL : numbers(&columns, given[6], 'd', told.rows * told.width, 1);
    }
    Py_BEGIN_ALLOW_THREADS
    for (Py_ssize_t row = 0; out != NULL && row < told.rows; row++) {
        weigh_row(&told, row, worth, offset, model_worth, out + row * told.width);
    }
    Py_END_ALLOW_THREADS
    release(&columns);
    return out == NULL ? NULL : Py_NewRef(Py_None);
}

/* Of each row, side by side: probability and evidence of the winner, most evidence of another, what the model
   says of the winner; and as whole numbers the winner, how many columns pass, and whether it does. */
enum { PROBABILITY, OWN, RIVAL, LEARNED, NUMBERS };
enum { WINNER, PASSING, PASSES, COUNTS };

static void find_winner(const Weighed *told, Py_ssize_t row, const double *probability, const double *least,
                        double tens, double *found, int64_t *counts) {
    const double *evidence = told->evidence + row * told->width;
    Py_ssize_t winner = 0, rows = told->rows;
    int64_t passing = 0, passes = 0;
    for (Py_ssize_t column = 1; column < told->width; column++) {
        winner = probability[column] > probability[winner] ? column : winner;
    }
    double rival = 0.0, unit = 1 / tens;
    int is_alone = 1;
    for (Py_ssize_t column = 0; column < told->width; column++) {
        double other = column == winner ? 0.0 : evidence[column];
        /* Rounding moves a number by half a unit at most: what lies a whole one below is not worth a division. */
        if (probability[column] >= least[column] - unit) {
            int does = (probability[column] * tens + APART - APART) / tens >= least[column];
            passing += does;
            passes = column == winner ? does : passes;
        }
        rival = is_alone || other > rival ? other : rival;
        is_alone = 0;
    }
    found[PROBABILITY * rows + row] = probability[winner];
    found[OWN * rows + row] = evidence[winner];
    found[RIVAL * rows + row] = rival;
    found[LEARNED * rows + row] = log_model(told, row, winner);
    counts[WINNER * rows + row] = winner;
    counts[PASSING * rows + row] = passing;
    counts[PASSES * rows + row] = passes;
}

PyDoc_STRVAR(winners_doc, "What stands out in rows of probabilities, into float64 [4, n] and int64 [3, n].");

static PyObject *winners(PyObject *module, PyObject *args) {
    PyObject *given[8];
    Weighed told;
    double tens;
    Columns columns = {.count = 0};
    (void)module;
    if (take_told(args, &told, &tens, given, 8) < 0) {
        return NULL;
    }
    const double *probability = NULL, *least = NULL;
    double *found = NULL;
    int64_t *counts = NULL;
    if (open_told(&columns, given, &told) == 0) {
        probability = numbers(&columns, given[4], 'd', told.rows * told.width, 0);
        least = probability == NULL ? NULL : numbers(&columns, given[5], 'd', told.width, 0);
        found = least == NULL ? NULL : numbers(&columns, given[6], 'd', NUMBERS * told.rows, 1);
        counts = found == NULL ? NULL : numbers(&columns, given[7], 'q', COUNTS * told.rows, 1);
    }
    Py_BEGIN_ALLOW_THREADS
    for (Py_ssize_t row = 0; counts != NULL && row < told.rows; row++) {
        find_winner(&told, row, probability + row * told.width, least, tens, found, counts);
    }
    Py_END_ALLOW_THREADS
    release(&columns);
    return counts == NULL ? NULL : Py_NewRef(Py_None);
}

static PyMethodDef functions[] = {
    {"centred", centred, METH_VARARGS, centred_doc},
    {"weighed", weighed, METH_VARARGS, weighed_doc},
    {"winners", winners, METH_VARARGS, winners_doc},
    {NULL, NULL, 0, NULL},
};

int ef_add_combine(PyObject *module) { return PyModule_AddFunctions(module, functions); }
