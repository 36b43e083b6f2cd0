/* A plan as Python gives it, read. */
#include "scan_plan.h"

#include <stdlib.h>

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

static int read_parts(ScanPlan *plan, PyObject *automata) {
    for (size_t i = 0; i < plan->part_count; i++) {
        PyObject *planned = PySequence_GetItem(automata, (Py_ssize_t)i);
        int failed = planned == NULL || read_part(&plan->parts[i], planned, plan->width) < 0;
        Py_XDECREF(planned);
        if (failed) {
            return -1;
        }
    }
    return 0;
}

/* How many patterns are marked in each column, and once more where an automaton waits for it. */
static uint32_t *uses_of_columns(const ScanPlan *plan) {
    uint32_t *uses = calloc(plan->width ? plan->width : 1, sizeof *uses);
    for (size_t i = 0; uses != NULL && i < plan->part_count; i++) {
        const Part *part = &plan->parts[i];
        for (uint32_t k = 0; k < part->first[part->pattern_count]; k++) {
            uses[part->columns[k]]++;
        }
        for (size_t k = 0; k < part->stand_in_count; k++) {
            uses[part->stand_ins[k]]++;
        }
    }
    return uses;
}

/* Whether columns are one pattern's alone, and shown. */
static int are_alike(const ScanPlan *plan, const uint32_t *uses, const uint32_t *columns, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        if (uses[columns[i]] != 1 || columns[i] >= plan->shown) {
            return 0;
        }
    }
    return 1;
}

/* Of columns alike let the first be marked and the others copied: a text matches again and again. */
static void copy_columns(ScanPlan *plan, Part *part, const uint32_t *uses) {
    uint32_t kept = 0, from = 0;
    for (size_t i = 0; i < part->pattern_count; i++) {
        uint32_t end = part->first[i + 1], count = end - from;
        int alike = count > 1 && are_alike(plan, uses, part->columns + from, count);
        for (uint32_t k = alike ? 1 : count; k < count; k++) {
            plan->copies[plan->copy_count++] = (Copy){part->columns[from], part->columns[from + k]};
        }
        count = alike ? 1 : count;
        memmove(part->columns + kept, part->columns + from, count * sizeof *part->columns);
        part->first[i + 1] = kept += count;
        from = end;
    }
}

static int plan_copies(ScanPlan *plan) {
    uint32_t *uses = uses_of_columns(plan);
    plan->copies = calloc(plan->width ? plan->width : 1, sizeof *plan->copies);
    if (uses == NULL || plan->copies == NULL) {
        free(uses);
        PyErr_NoMemory();
        return -1;
    }
    for (size_t i = 0; i < plan->part_count; i++) {
        copy_columns(plan, &plan->parts[i], uses);
    }
    free(uses);
    return 0;
}

static int make_automata(ScanPlan *plan) {
    ef_classes_start(&plan->classes);
    for (size_t i = 0; i < plan->part_count; i++) {
        ef_classes_split(&plan->classes, &plan->parts[i].program);
    }
    ef_classes_settle(&plan->classes);
    if (!ef_classes_fit(&plan->classes)) {
        PyErr_SetString(PyExc_ValueError, "these patterns tell all bytes apart");
        return -1;
    }
    for (size_t i = 0; i < plan->part_count; i++) {
        Part *part = &plan->parts[i];
        EfColumns columns = {part->columns, part->first};
        part->automaton =
            ef_automaton_new(&part->program, &plan->classes, columns, part->from_start, part->memory);
        if (part->automaton == NULL) {
            PyErr_NoMemory();
            return -1;
        }
    }
    return 0;
}

int ef_plan_read(ScanPlan *plan, PyObject *automata) {
    Py_ssize_t count = PySequence_Size(automata);
    if (count < 0) {
        return -1;
    }
    plan->parts = calloc(count ? (size_t)count : 1, sizeof *plan->parts);
    if (plan->parts == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    plan->part_count = (size_t)count;
    return read_parts(plan, automata) < 0 || plan_copies(plan) < 0 || make_automata(plan) < 0 ? -1 : 0;
}

void ef_plan_clear(ScanPlan *plan) {
    for (size_t i = 0; i < plan->part_count; i++) {
        Part *part = &plan->parts[i];
        ef_automaton_free(part->automaton);
        ef_program_clear(&part->program);
        free(part->columns);
        free(part->first);
        free(part->stand_ins);
    }
    free(plan->parts);
    free(plan->copies);
    free(plan->room.classes);
    free(plan->room.marks);
    free(plan->room.texts);
}
