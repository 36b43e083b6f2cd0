/* States: what may follow at a place, made when a text first asks for it and kept. */
#include "scan_states.h"

#include <stdlib.h>
#include <string.h>

/* --- What follows from a step without a byte ---------------------------------------------------------- */

void ef_forget(EfAutomaton *a) {
    if (++a->round == 0) {
        memset(a->seen, 0, a->program.step_count * sizeof *a->seen);
        a->round = 1;
    }
}

/* 1 holds, 0 does not, -1 nobody knows before the next byte. */
static int holds(uint32_t what, Before before, After after) {
    switch ((EfAssert)what) {
        case EF_TEXT_START: return before == AT_START;
        case EF_LINE_START: return before == AT_START || before == AFTER_LINE;
        case EF_TEXT_END: return after == NOT_KNOWN ? -1 : after == THE_END;
        case EF_LINE_END: return after == NOT_KNOWN ? -1 : after == THE_END || after == A_LINE_END;
        case EF_WORD_EDGE: return after == NOT_KNOWN ? -1 : (before == AFTER_WORD) != (after == A_WORD);
    }
    return 0;
}

void ef_follow(EfAutomaton *a, uint32_t first, Before before, After after, List *into) {
    uint32_t depth = 0;
    a->stack[depth++] = first;
    while (depth) {
        uint32_t at = a->stack[--depth];
        if (a->seen[at] == a->round) {
            continue;
        }
        a->seen[at] = a->round;
        const EfStep *step = &a->program.steps[at];
        int known;
        switch ((EfOp)step->op) {
            case EF_SET: into->items[into->count++] = at; break;
            case EF_MATCH: a->matches.items[a->matches.count++] = step->arg; break;
            case EF_SPLIT:
                /* Room for two a step: each is looked into once. */
                a->stack[depth++] = step->arg;
                a->stack[depth++] = step->out;
                break;
            case EF_ASSERT:
                known = holds(step->arg, before, after);
                if (known < 0) {
                    into->items[into->count++] = at;
                } else if (known) {
                    a->stack[depth++] = step->out;
                }
                break;
        }
    }
}

static void follow_all(EfAutomaton *a, const uint32_t *steps, uint32_t count, Before before, After after) {
    for (uint32_t i = 0; i < count; i++) {
        ef_follow(a, steps[i], before, after, &a->now);
    }
}

/* All that a byte of a class makes of some steps. */
static void advance(EfAutomaton *a, const uint32_t *steps, uint32_t count, uint32_t class_, Before next) {
    unsigned byte = a->classes->sample[class_];
    for (uint32_t i = 0; i < count; i++) {
        const EfStep *step = &a->program.steps[steps[i]];
        if (step->op == EF_SET && ef_has(&a->program.sets[step->arg], byte)) {
            ef_follow(a, step->out, next, NOT_KNOWN, &a->then);
        }
    }
}

static Before before_of(const EfAutomaton *a, uint32_t class_) {
    if (class_ == a->class_count) {
        return AT_END;
    }
    unsigned byte = a->classes->sample[class_];
    if (byte == '\n') {
        return a->has_lines ? AFTER_LINE : AFTER_OTHER;
    }
    return a->has_words && ef_is_word(byte) ? AFTER_WORD : AFTER_OTHER;
}

static After after_of(const EfAutomaton *a, uint32_t class_) {
    if (class_ == a->class_count) {
        return THE_END;
    }
    unsigned byte = a->classes->sample[class_];
    return byte == '\n' ? A_LINE_END : ef_is_word(byte) ? A_WORD : ANOTHER;
}

/* --- Lists of numbers ----------------------------------------------------------------------------------- */

static int by_number(const void *x, const void *y) {
    uint32_t left = *(const uint32_t *)x, right = *(const uint32_t *)y;
    return left < right ? -1 : left > right;
}

static void sort(List *list) {
    /* Mostly a few, mostly in order. */
    if (list->count > 24) {
        qsort(list->items, list->count, sizeof *list->items, by_number);
        return;
    }
    for (uint32_t i = 1; i < list->count; i++) {
        uint32_t one = list->items[i], j = i;
        for (; j && list->items[j - 1] > one; j--) {
            list->items[j] = list->items[j - 1];
        }
        list->items[j] = one;
    }
}

void ef_list_once(List *list) {
    uint32_t kept = 0;
    sort(list);
    for (uint32_t i = 0; i < list->count; i++) {
        if (!kept || list->items[kept - 1] != list->items[i]) {
            list->items[kept++] = list->items[i];
        }
    }
    list->count = kept;
}

void ef_list_add(List *into, const List *more) {
    if (more->count) {
        memcpy(into->items + into->count, more->items, more->count * sizeof *into->items);
        into->count += more->count;
    }
}

int ef_list_copy(List *into, const List *from) {
    into->count = 0;
    into->items = malloc((from->count ? from->count : 1) * sizeof *into->items);
    if (into->items == NULL) {
        return -1;
    }
    ef_list_add(into, from);
    return 0;
}

uint8_t ef_edges_of(const EfAutomaton *a, const List *steps) {
    for (uint32_t i = 0; i < steps->count; i++) {
        if (a->program.steps[steps->items[i]].op == EF_ASSERT) {
            return 1;
        }
    }
    return 0;
}

static uint32_t mixed(uint32_t hash, const List *list) {
    for (uint32_t i = 0; i < list->count; i++) {
        hash = (hash ^ list->items[i]) * 0x9E3779B1u;
        hash ^= hash >> 15;
    }
    return (hash ^ list->count) * 0x85EBCA77u;
}

/* --- States --------------------------------------------------------------------------------------------- */

static uint32_t row_of(const EfAutomaton *a, uint32_t number) {
    return number * a->stride * (uint32_t)CELL;
}

static int is_same(const EfAutomaton *a, const State *s, uint32_t hash, const List *steps, const List *matches,
                   Before before) {
    const uint32_t *own = a->ints + s->first + 1 + s->marks;
    return s->hash == hash && s->before == before && s->steps == steps->count && s->matches == matches->count &&
           (!matches->count || memcmp(own, matches->items, matches->count * sizeof *own) == 0) &&
           (!steps->count || memcmp(own + matches->count, steps->items, steps->count * sizeof *own) == 0);
}

static int has_room(EfAutomaton *a, size_t more) {
    if (a->state_count == a->most_states || a->int_count + more > a->most_ints) {
        return 0;
    }
    if (a->int_count + more > a->int_room) {
        size_t wider = 2 * (a->int_count + more);
        uint32_t *found = realloc(a->ints, wider * sizeof *found);
        if (found == NULL) {
            a->failed = 1;
            return 0;
        }
        a->ints = found;
        a->int_room = wider;
    }
    return 1;
}

static uint32_t head_of(const EfAutomaton *a, const State *state) {
    const uint32_t *own = a->ints + state->first + 1;
    if (state->marks == 0 || state->marks > 2 || own[0] > ONE_COLUMN || own[state->marks - 1] > ONE_COLUMN) {
        return SEVERAL | (uint32_t)state->first;
    }
    return own[0] | own[state->marks - 1] << COLUMN_BITS;
}

static uint32_t put_state(EfAutomaton *a, State state, const List *steps, const List *matches) {
    const uint32_t *first = a->columns.first;
    uint32_t number = a->state_count++;
    uint32_t *row = a->table + (size_t)number * a->stride;
    List own = {a->ints + a->int_count, 0};
    state.first = a->int_count;
    a->states[number] = state;
    own.items[own.count++] = state.marks;
    for (uint32_t i = 0; i < matches->count; i++) {
        for (uint32_t at = first[matches->items[i]]; at < first[matches->items[i] + 1]; at++) {
            own.items[own.count++] = a->columns.columns[at];
        }
    }
    ef_list_add(&own, matches);
    ef_list_add(&own, steps);
    a->int_count += own.count;
    for (uint32_t i = 0; i <= a->class_count; i++) {
        row[HEAD + i] = row_of(a, number) | SPECIAL | OVER;
    }
    row[0] = head_of(a, &state);
    row[HEAD + a->class_count + 1] = number;
    return number;
}

static uint32_t marks_of(const EfAutomaton *a, const List *matches) {
    uint32_t found = 0;
    for (uint32_t i = 0; i < matches->count; i++) {
        found += a->columns.first[matches->items[i] + 1] - a->columns.first[matches->items[i]];
    }
    return found;
}

void ef_states_clear(EfAutomaton *a) {
    a->int_count = 0;
    a->entry = UNKNOWN;
    memset(a->slots, 0, ((size_t)a->slot_mask + 1) * sizeof *a->slots);
    /* The first row leads nowhere else; zero is its own place. */
    memset(a->table, 0, a->stride * sizeof *a->table);
    a->state_count = 1;
}

uint32_t ef_state_of(EfAutomaton *a, List *steps, List *matches, Before before) {
    sort(steps);
    ef_list_once(matches);
    uint32_t hash = mixed(mixed((uint32_t)before + 1, steps), matches), slot = hash & a->slot_mask;
    for (; a->slots[slot]; slot = (slot + 1) & a->slot_mask) {
        uint32_t known = a->slots[slot] - 1;
        if (is_same(a, &a->states[known], hash, steps, matches, before)) {
            return row_of(a, known);
        }
    }
    uint32_t marks = marks_of(a, matches);
    if (!has_room(a, (size_t)1 + marks + matches->count + steps->count)) {
        return UNKNOWN;
    }
    State state = {0, marks, matches->count, steps->count, hash, (uint8_t)before, ef_edges_of(a, steps)};
    uint32_t number = put_state(a, state, steps, matches);
    a->slots[slot] = number + 1;
    return row_of(a, number);
}

/* What `starts` become by a class, worked out once; NULL without memory. */
static const Begun *begun_by(EfAutomaton *a, Before before, uint32_t class_, Before next) {
    Begun *known = &a->begun[before][class_];
    if (known->is_known) {
        return known;
    }
    const List *starts = &a->starts[before];
    a->now.count = a->then.count = a->matches.count = 0;
    ef_forget(a);
    if (a->start_edges[before]) {
        follow_all(a, starts->items, starts->count, before, after_of(a, class_));
        starts = &a->now;
    }
    ef_forget(a);
    if (next != AT_END) {
        advance(a, starts->items, starts->count, class_, next);
        ef_list_add(&a->matches, &a->start_matches[next]);
    }
    ef_list_once(&a->matches);
    if (ef_list_copy(&known->steps, &a->then) < 0 || ef_list_copy(&known->matches, &a->matches) < 0) {
        free(known->steps.items);
        known->steps.items = NULL;
        a->failed = 1;
        return NULL;
    }
    known->is_known = 1;
    return known;
}

/* Steps that every state of a kind has need no place in it. */
static void leave_starts_out(EfAutomaton *a, Before before) {
    const uint8_t *is_start = a->is_start[before];
    uint32_t kept = 0;
    for (uint32_t i = 0; i < a->then.count; i++) {
        if (!is_start[a->then.items[i]]) {
            a->then.items[kept++] = a->then.items[i];
        }
    }
    a->then.count = kept;
}

/* What a class of bytes makes of a state: in `then` and `matches`; -1 without memory. */
static int take_on(EfAutomaton *a, const State *state, uint32_t class_, Before next) {
    Before before = (Before)state->before;
    const Begun *begun = begun_by(a, before, class_, next);
    if (begun == NULL) {
        return -1;
    }
    const uint32_t *steps = a->ints + state->first + 1 + state->marks + state->matches;
    uint32_t count = state->steps;
    a->now.count = a->then.count = a->matches.count = 0;
    ef_list_add(&a->matches, &begun->matches);
    if (state->edges) {
        ef_forget(a);
        follow_all(a, steps, count, before, after_of(a, class_));
        steps = a->now.items;
        count = a->now.count;
    }
    if (next == AT_END) {
        return 0;
    }
    ef_list_add(&a->then, &begun->steps);
    ef_forget(a);
    for (uint32_t i = 0; i < a->then.count; i++) {
        a->seen[a->then.items[i]] = a->round;
    }
    advance(a, steps, count, class_, next);
    leave_starts_out(a, next);
    return 0;
}

uint32_t ef_next_entry(EfAutomaton *a, uint32_t row, uint32_t class_) {
    const State state = *ef_state_at(a, row);
    Before next = before_of(a, class_);
    if (take_on(a, &state, class_, next) < 0) {
        return UNKNOWN;
    }
    if (next == AFTER_WORD && !a->start_edges[AFTER_WORD] && !ef_edges_of(a, &a->then)) {
        /* Nothing waits here that could ask whether a word ended. */
        next = AFTER_OTHER;
    }
    uint32_t entry = ef_state_of(a, &a->then, &a->matches, next);
    if (entry == UNKNOWN) {
        return UNKNOWN;
    }
    const State *made = ef_state_at(a, entry);
    entry |= ef_is_over(a, made) ? SPECIAL | OVER : made->matches ? SPECIAL : 0;
    a->table[row / CELL + HEAD + class_] = entry;
    return entry;
}
