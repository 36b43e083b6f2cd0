/* The automaton: a state is what may follow, made when a text first asks for it and kept.

   A few texts are walked side by side, since each step waits for the one before it. A step goes from a state
   and the class of a byte to the next state by one look-up; where there is more to do than that (a state not
   made yet, a match, the end) the entry carries one bit, looked at for all texts at once. */
#if defined(__linux__)
#define _DEFAULT_SOURCE
#include <sys/mman.h>
#endif
#include <stdlib.h>
#include <string.h>

#include "scan.h"

#define SPECIAL 0x80000000u
/* Special in more than matches: the text is over, or, with the place of the row itself, the entry is not made
   yet. */
#define OVER 0x40000000u
#define PLACE 0x3FFFFFFFu
#define UNKNOWN 0xFFFFFFFFu
#define LANES 8
#define FEWEST_STATES 64
#define CELL sizeof(uint32_t)
/* Of bytes that a processor fetches together: rows begin with one. */
#define LINE 64
/* Tables begin where a large page of memory can. */
#define PAGE ((size_t)1 << 21)

/* What stands before a place. */
typedef enum { AT_START, AFTER_LINE, AFTER_WORD, AFTER_OTHER, AT_END, KINDS } Before;
/* What follows it, where that is known. */
typedef enum { NOT_KNOWN, THE_END, A_LINE_END, A_WORD, ANOTHER } After;

/* Numbers in `ints` from `first`: how many columns to mark on the way in, which ones, the patterns that match
   there, then steps that wait for a byte or for what follows. */
typedef struct {
    size_t first;
    uint32_t marks, matches, steps, hash;
    uint8_t before, edges;
} State;

typedef struct {
    uint32_t *items;
    uint32_t count;
} List;

/* What the steps that begin anywhere become by one class of bytes. */
typedef struct {
    List steps, matches;
    uint8_t is_known, edges;
} Begun;

struct EfAutomaton {
    EfProgram program;
    const EfClasses *classes;
    EfColumns columns;
    int from_start, has_words, has_lines;
    /* By state and class the next state, as the place of its row in bytes; `SPECIAL` where there is more to
       do. Behind the classes stand the end of a text, the number of the state and the first of its numbers. */
    uint32_t *table;
    void *table_memory;
    uint32_t class_count, stride;
    State *states;
    uint32_t state_count, most_states;
    uint32_t *slots, slot_mask;
    uint32_t *ints;
    size_t int_count, int_room, most_ints;
    /* What begins at any place, by what stands before it; every state of its kind has it without saying. */
    List starts[KINDS], start_matches[KINDS];
    uint8_t start_edges[KINDS];
    uint8_t *is_start[KINDS];
    Begun *begun[KINDS];
    uint32_t entry;
    size_t resets;
    /* For work on one state. */
    uint32_t *stack, *seen, round;
    List now, then, matches;
    uint8_t edges;
    int failed;
};

/* --- What follows from a step without a byte ---------------------------------------------------------- */

static void forget(EfAutomaton *a) {
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
        case EF_NO_WORD_EDGE: return after == NOT_KNOWN ? -1 : (before == AFTER_WORD) == (after == A_WORD);
    }
    return 0;
}

/* Add a step and all that it leads to without a byte: to `into` what waits, to the matches what matched. */
static void follow(EfAutomaton *a, uint32_t first, Before before, After after, List *into) {
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
                    a->edges = 1;
                } else if (known) {
                    a->stack[depth++] = step->out;
                }
                break;
        }
    }
}

static void follow_all(EfAutomaton *a, const uint32_t *steps, uint32_t count, Before before, After after) {
    for (uint32_t i = 0; i < count; i++) {
        follow(a, steps[i], before, after, &a->now);
    }
}

/* All that a byte of a class makes of some steps. */
static void advance(EfAutomaton *a, const uint32_t *steps, uint32_t count, uint32_t class_, Before next) {
    unsigned byte = a->classes->sample[class_];
    for (uint32_t i = 0; i < count; i++) {
        const EfStep *step = &a->program.steps[steps[i]];
        if (step->op == EF_SET && ef_has(&a->program.sets[step->arg], byte)) {
            follow(a, step->out, next, NOT_KNOWN, &a->then);
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

static void once(List *list) {
    uint32_t kept = 0;
    sort(list);
    for (uint32_t i = 0; i < list->count; i++) {
        if (!kept || list->items[kept - 1] != list->items[i]) {
            list->items[kept++] = list->items[i];
        }
    }
    list->count = kept;
}

static void add_all(List *into, const List *more) {
    if (more->count) {
        memcpy(into->items + into->count, more->items, more->count * sizeof *into->items);
        into->count += more->count;
    }
}

static int keep(List *into, const List *from) {
    into->count = 0;
    into->items = malloc((from->count ? from->count : 1) * sizeof *into->items);
    if (into->items == NULL) {
        return -1;
    }
    add_all(into, from);
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

static State *state_at(const EfAutomaton *a, uint32_t row) {
    return &a->states[a->table[row / CELL + a->class_count + 1]];
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
    add_all(&own, matches);
    add_all(&own, steps);
    a->int_count += own.count;
    for (uint32_t i = 0; i <= a->class_count; i++) {
        row[i] = row_of(a, number) | SPECIAL | OVER;
    }
    row[a->class_count + 1] = number;
    row[a->class_count + 2] = (uint32_t)state.first;
    return number;
}

static uint32_t marks_of(const EfAutomaton *a, const List *matches) {
    uint32_t found = 0;
    for (uint32_t i = 0; i < matches->count; i++) {
        found += a->columns.first[matches->items[i] + 1] - a->columns.first[matches->items[i]];
    }
    return found;
}

/* The row of the state with some steps and matches; UNKNOWN where there is no room for it. */
static uint32_t state_of(EfAutomaton *a, List *steps, List *matches, Before before, uint8_t edges) {
    sort(steps);
    once(matches);
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
    State state = {0, marks, matches->count, steps->count, hash, (uint8_t)before, edges};
    uint32_t number = put_state(a, state, steps, matches);
    a->slots[slot] = number + 1;
    return row_of(a, number);
}

static int is_over(const EfAutomaton *a, const State *state) {
    return state->before == AT_END || (a->from_start && state->steps == 0 && state->before != AT_START);
}

/* What `starts` become by a class, worked out once; NULL without memory. */
static const Begun *begun_by(EfAutomaton *a, Before before, uint32_t class_, Before next) {
    Begun *known = &a->begun[before][class_];
    if (known->is_known) {
        return known;
    }
    const List *starts = &a->starts[before];
    a->now.count = a->then.count = a->matches.count = 0;
    forget(a);
    if (a->start_edges[before]) {
        follow_all(a, starts->items, starts->count, before, after_of(a, class_));
        starts = &a->now;
    }
    a->edges = 0;
    forget(a);
    if (next != AT_END) {
        advance(a, starts->items, starts->count, class_, next);
        add_all(&a->matches, &a->start_matches[next]);
    }
    once(&a->matches);
    if (keep(&known->steps, &a->then) < 0 || keep(&known->matches, &a->matches) < 0) {
        free(known->steps.items);
        known->steps.items = NULL;
        a->failed = 1;
        return NULL;
    }
    known->edges = a->edges;
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
    add_all(&a->matches, &begun->matches);
    if (state->edges) {
        forget(a);
        follow_all(a, steps, count, before, after_of(a, class_));
        steps = a->now.items;
        count = a->now.count;
    }
    if (next == AT_END) {
        a->edges = 0;
        return 0;
    }
    add_all(&a->then, &begun->steps);
    a->edges = begun->edges;
    forget(a);
    for (uint32_t i = 0; i < a->then.count; i++) {
        a->seen[a->then.items[i]] = a->round;
    }
    advance(a, steps, count, class_, next);
    leave_starts_out(a, next);
    return 0;
}

/* The entry behind a class of bytes; UNKNOWN where there is no room for it. */
static uint32_t next_entry(EfAutomaton *a, uint32_t row, uint32_t class_) {
    const State state = *state_at(a, row);
    Before next = before_of(a, class_);
    if (take_on(a, &state, class_, next) < 0) {
        return UNKNOWN;
    }
    uint32_t found = state_of(a, &a->then, &a->matches, next, a->edges);
    if (found == UNKNOWN) {
        return UNKNOWN;
    }
    const State *made = state_at(a, found);
    found |= is_over(a, made) ? SPECIAL | OVER : made->matches ? SPECIAL : 0;
    a->table[row / CELL + class_] = found;
    return found;
}

/* --- Walking -------------------------------------------------------------------------------------------- */

/* Texts that are walked side by side; one that is over stands behind the others. */
typedef struct {
    const uint8_t *at[LANES];
    uint8_t *marks[LANES];
    uint32_t row[LANES];
    int count;
    const EfText *next, *last;
} Lanes;

static inline void mark(const EfAutomaton *a, uint32_t row, uint8_t *marks) {
    const uint32_t *own = a->ints + a->table[row / CELL + a->class_count + 2];
    for (uint32_t left = *own++; left; left--) {
        marks[*own++] = 1;
    }
}

/* Throw all states away but those that are being walked from. */
static int begin_anew(EfAutomaton *a, Lanes *lanes) {
    State states[LANES];
    uint32_t *kept[LANES] = {NULL};
    int failed = 0;
    for (int i = 0; i < lanes->count; i++) {
        states[i] = *state_at(a, lanes->row[i]);
        List own = {a->ints + states[i].first + 1 + states[i].marks, states[i].matches + states[i].steps}, copy = {NULL, 0};
        failed |= keep(&copy, &own) < 0;
        kept[i] = copy.items;
    }
    a->state_count = 0;
    a->int_count = 0;
    a->resets++;
    a->entry = UNKNOWN;
    memset(a->slots, 0, ((size_t)a->slot_mask + 1) * sizeof *a->slots);
    for (int i = 0; i < lanes->count; i++) {
        if (!failed) {
            List matches = {kept[i], states[i].matches}, steps = {kept[i] + states[i].matches, states[i].steps};
            lanes->row[i] = state_of(a, &steps, &matches, (Before)states[i].before, states[i].edges);
            failed = lanes->row[i] == UNKNOWN;
        }
        free(kept[i]);
    }
    return failed ? -1 : 0;
}

static uint32_t entry_of(EfAutomaton *a) {
    if (a->entry == UNKNOWN) {
        a->then.count = a->matches.count = 0;
        add_all(&a->matches, &a->start_matches[AT_START]);
        a->entry = state_of(a, &a->then, &a->matches, AT_START, 0);
    }
    return a->entry;
}

/* The next text in the place of a lane, or behind all; 0 where none is left, -1 without memory. */
static int take_text(EfAutomaton *a, Lanes *lanes, int which) {
    if (lanes->next == lanes->last) {
        return 0;
    }
    uint32_t row = entry_of(a);
    if (row == UNKNOWN) {
        if (a->failed || begin_anew(a, lanes) < 0 || (row = entry_of(a)) == UNKNOWN) {
            return -1;
        }
    }
    const EfText *text = lanes->next++;
    lanes->at[which] = text->classes;
    lanes->marks[which] = text->marks;
    lanes->row[which] = row;
    mark(a, row, text->marks);
    return 1;
}

/* Take all lanes on until one comes to an entry that is not made yet, or its text is over. */
static void walk_all(const EfAutomaton *a, Lanes *lanes) {
    const char *table = (const char *)a->table;
    const uint8_t *p0 = lanes->at[0], *p1 = lanes->at[1], *p2 = lanes->at[2], *p3 = lanes->at[3];
    const uint8_t *p4 = lanes->at[4], *p5 = lanes->at[5], *p6 = lanes->at[6], *p7 = lanes->at[7];
    uint32_t s0 = lanes->row[0], s1 = lanes->row[1], s2 = lanes->row[2], s3 = lanes->row[3];
    uint32_t s4 = lanes->row[4], s5 = lanes->row[5], s6 = lanes->row[6], s7 = lanes->row[7];
    size_t i = 0;
#define STEP(p, s) s = *(const uint32_t *)(table + p[i] * CELL + s)
#define MARK(s, lane)                           \
    if (s & SPECIAL) {                          \
        s &= PLACE;                             \
        mark(a, s, lanes->marks[lane]);         \
    }
    for (;;) {
        STEP(p0, s0), STEP(p1, s1), STEP(p2, s2), STEP(p3, s3);
        STEP(p4, s4), STEP(p5, s5), STEP(p6, s6), STEP(p7, s7);
        i++;
        uint32_t all = s0 | s1 | s2 | s3 | s4 | s5 | s6 | s7;
        if (all & SPECIAL) {
            if (all & OVER) {
                break;
            }
            MARK(s0, 0) MARK(s1, 1) MARK(s2, 2) MARK(s3, 3) MARK(s4, 4) MARK(s5, 5) MARK(s6, 6) MARK(s7, 7)
        }
    }
#undef STEP
#undef MARK
    for (int lane = 0; lane < LANES; lane++) {
        lanes->at[lane] += i;
    }
    lanes->row[0] = s0, lanes->row[1] = s1, lanes->row[2] = s2, lanes->row[3] = s3;
    lanes->row[4] = s4, lanes->row[5] = s5, lanes->row[6] = s6, lanes->row[7] = s7;
}

static void walk_one(const EfAutomaton *a, Lanes *lanes, int which) {
    const char *table = (const char *)a->table;
    const uint8_t *at = lanes->at[which];
    uint32_t row = lanes->row[which];
    for (;;) {
        row = *(const uint32_t *)(table + *at++ * CELL + row);
        if (row & SPECIAL) {
            if (row & OVER) {
                break;
            }
            row &= PLACE;
            mark(a, row, lanes->marks[which]);
        }
    }
    lanes->at[which] = at;
    lanes->row[which] = row;
}

/* Make the entry behind the row that a lane stands in; -1 without memory. */
static int make(EfAutomaton *a, Lanes *lanes, int which, uint32_t *to) {
    uint32_t class_ = lanes->at[which][-1];
    *to = next_entry(a, lanes->row[which], class_);
    if (*to == UNKNOWN) {
        if (a->failed || begin_anew(a, lanes) < 0) {
            return -1;
        }
        *to = next_entry(a, lanes->row[which], class_);
    }
    return *to == UNKNOWN ? -1 : 0;
}

/* See to a lane that stands in the row of `entry`, where it stopped: 1 where its text is over. */
static int see_to(EfAutomaton *a, Lanes *lanes, int which, uint32_t entry) {
    if ((entry & OVER) && !is_over(a, state_at(a, lanes->row[which]))) {
        if (make(a, lanes, which, &entry) < 0) {
            return -1;
        }
        lanes->row[which] = entry & PLACE;
    }
    if (entry & SPECIAL) {
        mark(a, lanes->row[which], lanes->marks[which]);
    }
    return (entry & OVER) != 0;
}

/* A lane whose text is over gets the next one, or else the last lane's: -1 without memory. */
static int replace(EfAutomaton *a, Lanes *lanes, int which) {
    int found = take_text(a, lanes, which);
    if (found == 0) {
        int last = --lanes->count;
        lanes->at[which] = lanes->at[last];
        lanes->marks[which] = lanes->marks[last];
        lanes->row[which] = lanes->row[last];
    }
    return found < 0 ? -1 : 0;
}

static int walk_together(EfAutomaton *a, Lanes *lanes) {
    uint32_t entries[LANES];
    walk_all(a, lanes);
    /* Places first: states may be made anew, and the rows of lanes with them. */
    for (int i = 0; i < LANES; i++) {
        entries[i] = lanes->row[i];
        lanes->row[i] &= PLACE;
    }
    /* From the last on, since a lane that is over takes over what stands in the last. */
    for (int i = LANES - 1; i >= 0; i--) {
        if (entries[i] & SPECIAL) {
            int over = see_to(a, lanes, i, entries[i]);
            if (over < 0 || (over && replace(a, lanes, i) < 0)) {
                return -1;
            }
        }
    }
    return 0;
}

static int walk_alone(EfAutomaton *a, Lanes *lanes) {
    int which = lanes->count - 1;
    walk_one(a, lanes, which);
    uint32_t entry = lanes->row[which];
    lanes->row[which] &= PLACE;
    int over = see_to(a, lanes, which, entry);
    return over < 0 || (over && replace(a, lanes, which) < 0) ? -1 : 0;
}

int ef_automaton_run(EfAutomaton *a, const EfText *texts, size_t count) {
    Lanes lanes = {{NULL}, {NULL}, {0}, 0, texts, texts + count};
    a->failed = 0;
    for (int found = 1; found && lanes.count < LANES;) {
        found = take_text(a, &lanes, lanes.count);
        if (found < 0) {
            return -1;
        }
        lanes.count += found;
    }
    while (lanes.count) {
        if ((lanes.count == LANES ? walk_together(a, &lanes) : walk_alone(a, &lanes)) < 0) {
            return -1;
        }
    }
    return 0;
}

/* --- Making and unmaking -------------------------------------------------------------------------------- */

static int see_starts(EfAutomaton *a) {
    size_t steps = a->program.step_count;
    for (int kind = 0; kind < KINDS; kind++) {
        a->now.count = a->matches.count = 0;
        a->edges = 0;
        forget(a);
        if (kind == AT_START || (!a->from_start && kind != AT_END)) {
            for (size_t i = 0; i < a->program.start_count; i++) {
                follow(a, a->program.starts[i], (Before)kind, NOT_KNOWN, &a->now);
            }
        }
        once(&a->matches);
        a->start_edges[kind] = a->edges;
        a->is_start[kind] = calloc(steps ? steps : 1, 1);
        a->begun[kind] = calloc(a->stride, sizeof *a->begun[kind]);
        if (a->is_start[kind] == NULL || a->begun[kind] == NULL || keep(&a->starts[kind], &a->now) < 0 ||
            keep(&a->start_matches[kind], &a->matches) < 0) {
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
            a->has_words |= step->arg == EF_WORD_EDGE || step->arg == EF_NO_WORD_EDGE;
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
    a->stride = (uint32_t)((classes->count + 3 + LINE / CELL - 1) & ~(LINE / CELL - 1));
    a->from_start = from_start;
    a->entry = UNKNOWN;
    a->columns = columns;
    see_steps(a);
    if (make_room(a, memory) < 0 || see_starts(a) < 0) {
        ef_automaton_free(a);
        return NULL;
    }
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
    *states = a->state_count;
    *resets = a->resets;
}
