/* `Scan`: what a plan says is scanned for, automaton after automaton over some thousand texts. */
#include <stdlib.h>

#include "native.h"
#include "scan.h"

/* So many bytes are walked through by all automata before the next: about what a core keeps close. */
#define CLOSE ((size_t)1 << 22)

typedef struct {
    EfProgram program;
    EfAutomaton *automaton;
    uint32_t *columns, *first;
    size_t pattern_count, memory;
    int from_start;
    /* Columns of the stand-ins it waits for; none where it is scanned always. */
    uint32_t *stand_ins;
    size_t stand_in_count;
} Part;

/* For texts that are walked through together; kept from one batch to the next. */
typedef struct {
    uint8_t *classes, *marks;
    EfText *texts;
    size_t class_room, text_room;
} Room;

typedef struct {
    PyObject_HEAD
    Part *parts;
    size_t part_count;
    /* Columns, and how many of them are given out; stand-ins follow. */
    size_t width, shown;
    EfClasses classes;
    Room room;
    /* Automata grow while they are used: one thread at a time. */
    PyThread_type_lock lock;
} Scan;

/* --- From Python --------------------------------------------------------------------------------------- */

/* Numbers below a width, as an array of their own; NULL with an exception set. */
static uint32_t *numbers_of(PyObject *sequence, size_t width, size_t *count) {
    Py_ssize_t size = PySequence_Size(sequence);
    if (size < 0) {
        return NULL;
    }
    uint32_t *found = calloc(size ? (size_t)size : 1, sizeof *found);
    if (found == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    for (Py_ssize_t i = 0; i < size; i++) {
        PyObject *item = PySequence_GetItem(sequence, i);
        size_t number = item == NULL ? (size_t)-1 : PyLong_AsSize_t(item);
        Py_XDECREF(item);
        if (number == (size_t)-1 && PyErr_Occurred()) {
            free(found);
            return NULL;
        }
        if (number >= width) {
            PyErr_SetString(PyExc_ValueError, "a column outside the width");
            free(found);
            return NULL;
        }
        found[i] = (uint32_t)number;
    }
    *count = (size_t)size;
    return found;
}

static int refuse(EfOutcome outcome, const char *pattern) {
    if (outcome == EF_NO_MEMORY) {
        PyErr_NoMemory();
    } else {
        PyErr_Format(PyExc_ValueError, "pattern not taken%s: %.200s",
                     outcome == EF_TOO_LARGE ? ", for it is too large" : "", pattern);
    }
    return -1;
}

static int add_patterns(EfProgram *program, PyObject *patterns) {
    Py_ssize_t count = PySequence_Size(patterns);
    for (Py_ssize_t i = 0; i < count; i++) {
        PyObject *item = PySequence_GetItem(patterns, i);
        Py_ssize_t length;
        const char *data = item == NULL ? NULL : PyUnicode_AsUTF8AndSize(item, &length);
        if (data == NULL) {
            Py_XDECREF(item);
            return -1;
        }
        EfOutcome outcome = ef_program_add(program, data, (size_t)length);
        int failed = outcome == EF_OK ? 0 : refuse(outcome, data);
        Py_DECREF(item);
        if (failed) {
            return -1;
        }
    }
    return count < 0 ? -1 : 0;
}

/* The columns of each pattern, one behind the other; those of pattern i begin at `first[i]`. */
static int read_columns(Part *part, PyObject *columns, size_t width) {
    Py_ssize_t patterns = PySequence_Size(columns);
    size_t used = 0;
    if (patterns < 0) {
        return -1;
    }
    part->first = calloc((size_t)patterns + 1, sizeof *part->first);
    for (Py_ssize_t i = 0; i < patterns && part->first != NULL; i++) {
        PyObject *same = PySequence_GetItem(columns, i);
        size_t count = 0;
        uint32_t *own = same == NULL ? NULL : numbers_of(same, width, &count);
        Py_XDECREF(same);
        uint32_t *wider = own == NULL ? NULL : realloc(part->columns, (used + count + 1) * sizeof *wider);
        if (wider == NULL) {
            free(own);
            return PyErr_Occurred() ? -1 : (PyErr_NoMemory(), -1);
        }
        memcpy(wider + used, own, count * sizeof *own);
        free(own);
        part->columns = wider;
        used += count;
        part->first[i + 1] = (uint32_t)used;
    }
    if (part->first == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    part->pattern_count = (size_t)patterns;
    return 0;
}

/* What is planned for one automaton: its program, its columns, and what it waits for. */
static int read_part(Part *part, PyObject *planned, size_t width) {
    PyObject *columns, *patterns, *stand_ins;
    Py_ssize_t memory;
    if (!PyArg_ParseTuple(planned, "pOOOn:Scan", &part->from_start, &columns, &patterns, &stand_ins, &memory)) {
        return -1;
    }
    if (memory < 0) {
        PyErr_SetString(PyExc_ValueError, "memory must not be negative");
        return -1;
    }
    part->memory = (size_t)memory;
    part->stand_ins = numbers_of(stand_ins, width, &part->stand_in_count);
    if (part->stand_ins == NULL || read_columns(part, columns, width) < 0 ||
        add_patterns(&part->program, patterns) < 0) {
        return -1;
    }
    if (part->program.start_count != part->pattern_count) {
        PyErr_SetString(PyExc_ValueError, "as many columns as patterns are needed");
        return -1;
    }
    return 0;
}

static int read_parts(Scan *self, PyObject *automata) {
    for (size_t i = 0; i < self->part_count; i++) {
        PyObject *planned = PySequence_GetItem(automata, (Py_ssize_t)i);
        int failed = planned == NULL || read_part(&self->parts[i], planned, self->width) < 0;
        Py_XDECREF(planned);
        if (failed) {
            return -1;
        }
    }
    return 0;
}

static int make_automata(Scan *self) {
    ef_classes_start(&self->classes);
    for (size_t i = 0; i < self->part_count; i++) {
        ef_classes_split(&self->classes, &self->parts[i].program);
    }
    ef_classes_settle(&self->classes);
    if (!ef_classes_fit(&self->classes)) {
        PyErr_SetString(PyExc_ValueError, "these patterns tell all bytes apart");
        return -1;
    }
    for (size_t i = 0; i < self->part_count; i++) {
        Part *part = &self->parts[i];
        EfColumns columns = {part->columns, part->first};
        part->automaton =
            ef_automaton_new(&part->program, &self->classes, columns, part->from_start, part->memory);
        if (part->automaton == NULL) {
            PyErr_NoMemory();
            return -1;
        }
    }
    return 0;
}

static void Scan_dealloc(PyObject *object) {
    Scan *self = (Scan *)object;
    PyTypeObject *type = Py_TYPE(object);
    freefunc release = (freefunc)PyType_GetSlot(type, Py_tp_free);
    for (size_t i = 0; i < self->part_count; i++) {
        ef_automaton_free(self->parts[i].automaton);
        ef_program_clear(&self->parts[i].program);
        free(self->parts[i].columns);
        free(self->parts[i].first);
        free(self->parts[i].stand_ins);
    }
    free(self->parts);
    free(self->room.classes);
    free(self->room.marks);
    free(self->room.texts);
    if (self->lock != NULL) {
        PyThread_free_lock(self->lock);
    }
    release(object);
    Py_DECREF(type);
}

static PyObject *Scan_new(PyTypeObject *type, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"shown", "width", "automata", NULL};
    Py_ssize_t shown, width;
    PyObject *automata;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "nnO:Scan", names, &shown, &width, &automata)) {
        return NULL;
    }
    Py_ssize_t count = PySequence_Size(automata);
    if (count < 0) {
        return NULL;
    }
    if (shown < 0 || width < shown || (size_t)width > UINT32_MAX) {
        PyErr_SetString(PyExc_ValueError, "width must not be negative, nor less than what is shown");
        return NULL;
    }
    allocfunc allocate = (allocfunc)PyType_GetSlot(type, Py_tp_alloc);
    Scan *self = (Scan *)allocate(type, 0);
    if (self == NULL) {
        return NULL;
    }
    self->width = (size_t)width;
    self->shown = (size_t)shown;
    self->lock = PyThread_allocate_lock();
    self->parts = calloc(count ? (size_t)count : 1, sizeof *self->parts);
    if (self->lock == NULL || self->parts == NULL) {
        Py_DECREF(self);
        return PyErr_NoMemory();
    }
    self->part_count = (size_t)count;
    if (read_parts(self, automata) < 0 || make_automata(self) < 0) {
        Py_DECREF(self);
        return NULL;
    }
    return (PyObject *)self;
}

/* --- Scanning ------------------------------------------------------------------------------------------ */

static int wakes(const Part *part, const uint8_t *marks) {
    for (size_t i = 0; i < part->stand_in_count; i++) {
        if (marks[part->stand_ins[i]]) {
            return 1;
        }
    }
    return 0;
}

/* Texts as they are given, and where what matches is to be shown. */
typedef struct {
    const uint8_t *data;
    size_t size;
    uint8_t *shown;
} Given;

/* Walk all automata through some texts; `awake` has room for all of them. */
static int scan_texts(const Scan *self, const EfText *texts, size_t count, EfText *awake) {
    for (size_t i = 0; i < self->part_count; i++) {
        const Part *part = &self->parts[i];
        const EfText *own = texts;
        size_t own_count = count;
        if (part->stand_in_count) {
            own_count = 0;
            for (size_t j = 0; j < count; j++) {
                if (wakes(part, texts[j].marks)) {
                    awake[own_count++] = texts[j];
                }
            }
            own = awake;
        }
        if (ef_automaton_run(part->automaton, own, own_count) < 0) {
            return -1;
        }
    }
    return 0;
}

/* Texts that are close together: how many from the first on, and how many bytes with an end each. */
static size_t close_ones(const Given *given, size_t count, size_t *bytes) {
    size_t found = 0;
    *bytes = 0;
    while (found < count && (found == 0 || *bytes + given[found].size < CLOSE)) {
        *bytes += given[found++].size + 1;
    }
    return found;
}

static int make_room(Room *room, size_t bytes, size_t count, size_t width) {
    if (bytes > room->class_room) {
        free(room->classes);
        room->classes = malloc(bytes);
        room->class_room = room->classes == NULL ? 0 : bytes;
    }
    if (count > room->text_room) {
        free(room->texts);
        free(room->marks);
        room->texts = malloc(2 * count * sizeof *room->texts);
        room->marks = malloc(width ? count * width : 1);
        room->text_room = room->texts == NULL || room->marks == NULL ? 0 : count;
    }
    return bytes > room->class_room || count > room->text_room ? -1 : 0;
}

static void to_classes(const Scan *self, const Given *given, size_t count, Room *room) {
    uint8_t *into = room->classes, *marks = room->marks;
    memset(marks, 0, count * self->width);
    for (size_t i = 0; i < count; i++) {
        room->texts[i] = (EfText){into, marks + i * self->width};
        ef_classes_of(&self->classes, given[i].data, given[i].size, into);
        into[given[i].size] = (uint8_t)self->classes.count;
        into += given[i].size + 1;
    }
}

/* No Python in here. */
static int scan_all(Scan *self, const Given *given, size_t count) {
    Room *room = &self->room;
    while (count) {
        size_t bytes, own = close_ones(given, count, &bytes);
        if (make_room(room, bytes, own, self->width) < 0) {
            return -1;
        }
        to_classes(self, given, own, room);
        if (scan_texts(self, room->texts, own, room->texts + own) < 0) {
            return -1;
        }
        for (size_t i = 0; i < own; i++) {
            memcpy(given[i].shown, room->texts[i].marks, self->shown);
        }
        given += own;
        count -= own;
    }
    return 0;
}

static int scan_locked(Scan *self, const Given *given, size_t count) {
    int outcome;
    Py_BEGIN_ALLOW_THREADS
    PyThread_acquire_lock(self->lock, WAIT_LOCK);
    outcome = scan_all(self, given, count);
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
                   (size_t)marks->shape[1] == self->shown && (self->shown < 2 || marks->strides[1] == 1);
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
    uint8_t *shown = malloc(self->shown ? self->shown : 1);
    if (shown == NULL) {
        return PyErr_NoMemory();
    }
    PyObject *found = NULL;
    if (given_as(item, &given, shown) == 0 && scan_locked(self, &given, 1) == 0) {
        found = columns_in(shown, self->shown);
    }
    free(shown);
    return found;
}

static PyObject *Scan_states(PyObject *object, PyObject *unused) {
    Scan *self = (Scan *)object;
    PyObject *found = PyList_New(0);
    (void)unused;
    for (size_t i = 0; found != NULL && i < self->part_count; i++) {
        size_t states, resets;
        ef_automaton_told(self->parts[i].automaton, &states, &resets);
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
    PyObject *type = PyType_FromSpec(&spec);
    int failed = type == NULL || PyModule_AddObjectRef(module, "Scan", type) < 0;
    Py_XDECREF(type);
    return failed ? -1 : PyModule_AddFunctions(module, functions);
}
