/* Automata made and unmade: room for their states, and what begins at any place. */
#if defined(__linux__)
#define _DEFAULT_SOURCE
#include <sys/mman.h>
#endif
#include "scan_states.h"

#include <stdlib.h>
#include <string.h>

static int see_starts(EfAutomaton *a) {
    size_t steps = a->program.step_count;
    for (int kind = 0; kind < KINDS; kind++) {
        a->now.count = a->matches.count = 0;
        ef_forget(a);
        if (kind == AT_START || (!a->from_start && kind != AT_END)) {
            for (size_t i = 0; i < a->program.start_count; i++) {
                ef_follow(a, a->program.starts[i], (Before)kind, NOT_KNOWN, &a->now);
            }
        }
        ef_list_once(&a->matches);
        a->start_edges[kind] = ef_edges_of(a, &a->now);
        a->is_start[kind] = calloc(steps ? steps : 1, 1);
        a->begun[kind] = calloc(a->stride, sizeof *a->begun[kind]);
        if (a->is_start[kind] == NULL || a->begun[kind] == NULL || ef_list_copy(&a->starts[kind], &a->now) < 0 ||
            ef_list_copy(&a->start_matches[kind], &a->matches) < 0) {
            return -1;
        }
        for (uint32_t i = 0; i < a->now.count; i++) {
            a->is_start[kind][a->now.items[i]] = 1;
        }
    }
    return 0;
}

static void see_steps(EfAutomaton *a) {
    for (size_t i = 0; i < a->program.step_count; i++) {
        const EfStep *step = &a->program.steps[i];
        if (step->op == EF_ASSERT) {
            a->has_lines |= step->arg == EF_LINE_START;
            a->has_words |= step->arg == EF_WORD_EDGE;
        }
    }
}

static int make_room(EfAutomaton *a, size_t memory) {
    size_t steps = a->program.step_count + 1, matches = 4 * (a->program.start_count + 1);
    size_t columns = a->columns.first[a->program.start_count];
    size_t row = a->stride * sizeof *a->table;
    /* As much for numbers as for rows. */
    size_t states = memory / (2 * row + sizeof(State) + 4 * sizeof *a->slots);
    size_t most = (size_t)PLACE / row, slots = 1;
    states = states < FEWEST_STATES ? FEWEST_STATES : states > most ? most : states;
    while (slots < 2 * states) {
        slots *= 2;
    }
    a->most_states = (uint32_t)states;
    a->slot_mask = (uint32_t)slots - 1;
    /* States that are walked from, and one more, fit in any case. */
    a->most_ints = states * a->stride + (LANES + 2) * (1 + columns + matches + steps);
    size_t begin = states * row < PAGE ? LINE : PAGE;
    a->table_memory = malloc(states * row + begin);
    a->table = (uint32_t *)(((uintptr_t)a->table_memory + begin - 1) & ~(uintptr_t)(begin - 1));
#if defined(__linux__) && defined(MADV_HUGEPAGE)
    /* Walks jump about in the table: a tenth faster where few pages hold it, and no harm where they do not. */
    if (a->table_memory != NULL && begin == PAGE) {
        (void)madvise(a->table, states * row, MADV_HUGEPAGE);
    }
#endif
    a->states = malloc(states * sizeof *a->states);
    a->slots = calloc(slots, sizeof *a->slots);
    a->stack = malloc(2 * steps * sizeof *a->stack);
    a->seen = calloc(steps, sizeof *a->seen);
    a->now.items = malloc(steps * sizeof *a->now.items);
    a->then.items = malloc(2 * steps * sizeof *a->then.items);
    a->matches.items = malloc(matches * sizeof *a->matches.items);
    return a->table_memory && a->states && a->slots && a->stack && a->seen && a->now.items && a->then.items &&
                   a->matches.items
               ? 0
               : -1;
}

EfAutomaton *ef_automaton_new(EfProgram *program, const EfClasses *classes, EfColumns columns, int from_start,
                              size_t memory) {
    EfAutomaton *a = calloc(1, sizeof *a);
    if (a == NULL) {
        ef_program_clear(program);
        return NULL;
    }
    a->program = *program;
    memset(program, 0, sizeof *program);
    a->classes = classes;
    a->class_count = classes->count;
    a->stride = (uint32_t)((classes->count + 2 + HEAD + LINE / CELL - 1) & ~(LINE / CELL - 1));
    a->from_start = from_start;
    a->columns = columns;
    see_steps(a);
    if (make_room(a, memory) < 0 || see_starts(a) < 0) {
        ef_automaton_free(a);
        return NULL;
    }
    ef_states_clear(a);
    return a;
}

void ef_automaton_free(EfAutomaton *a) {
    if (a == NULL) {
        return;
    }
    for (int kind = 0; kind < KINDS; kind++) {
        for (uint32_t i = 0; a->begun[kind] != NULL && i < a->stride; i++) {
            free(a->begun[kind][i].steps.items);
            free(a->begun[kind][i].matches.items);
        }
        free(a->begun[kind]);
        free(a->is_start[kind]);
        free(a->starts[kind].items);
        free(a->start_matches[kind].items);
    }
    ef_program_clear(&a->program);
    free(a->table_memory);
    free(a->states);
    free(a->slots);
    free(a->ints);
    free(a->stack);
    free(a->seen);
    free(a->now.items);
    free(a->then.items);
    free(a->matches.items);
    free(a);
}

void ef_automaton_told(const EfAutomaton *a, size_t *states, size_t *resets) {
    *states = a->state_count - 1;
    *resets = a->resets;
}
