/* The states of an automaton: shared by what makes it, what adds to it and what walks through it. */
#ifndef ECHOFORMAT_SCAN_STATES_H
#define ECHOFORMAT_SCAN_STATES_H

#include "scan.h"

#define SPECIAL 0x80000000u
/* Special in more than matches: the text is over, or, with the place of the row itself, the entry is not made
   yet. */
#define OVER 0x40000000u
#define PLACE 0x3FFFFFFFu
#define UNKNOWN 0xFFFFFFFFu
/* Two columns in one number, the same one twice where it is alone. */
#define SEVERAL 0x80000000u
#define COLUMN_BITS 15
#define ONE_COLUMN 0x7FFFu
#define LANES 10
#define FEWEST_STATES 64
/* The row of a lane without a text: every entry leads to it again. */
#define REST 0
#define CELL sizeof(uint32_t)
/* Before the classes of a row stands what is marked on the way in. */
#define HEAD 1
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
    uint8_t is_known;
} Begun;

struct EfAutomaton {
    EfProgram program;
    const EfClasses *classes;
    EfColumns columns;
    int from_start, has_words, has_lines;
    /* By state and class the next state, as the place of its row in bytes; `SPECIAL` where there is more to
       do. At the head of a row stand the columns that are marked on the way in, or `SEVERAL` and the first
       of the state's numbers; behind the classes the end of a text and the number of the state. */
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
    int failed;
};

/* Begin a round of steps that are looked into once. */
void ef_forget(EfAutomaton *a);
/* Add a step and all that it leads to without a byte: to `into` what waits, to the matches what matched. */
void ef_follow(EfAutomaton *a, uint32_t first, Before before, After after, List *into);
/* Sort numbers and drop those that stand there again. */
void ef_list_once(List *list);
void ef_list_add(List *into, const List *more);
/* A copy; -1 without memory. */
int ef_list_copy(List *into, const List *from);
/* Whether any of some steps waits for what follows it. */
uint8_t ef_edges_of(const EfAutomaton *a, const List *steps);
/* The row of the state with some steps and matches; UNKNOWN where there is no room for it. */
uint32_t ef_state_of(EfAutomaton *a, List *steps, List *matches, Before before);
/* Throw all states away. */
void ef_states_clear(EfAutomaton *a);
/* The entry behind a class of bytes; UNKNOWN where there is no room for it. */
uint32_t ef_next_entry(EfAutomaton *a, uint32_t row, uint32_t class_);

static inline State *ef_state_at(const EfAutomaton *a, uint32_t row) {
    return &a->states[a->table[row / CELL + HEAD + a->class_count + 1]];
}

static inline int ef_is_over(const EfAutomaton *a, const State *state) {
    return state->before == AT_END || (a->from_start && state->steps == 0 && state->before != AT_START);
}

static inline void ef_mark_one(uint32_t column, uint8_t *marks) {
    marks[column >> 3] |= (uint8_t)(1u << (column & 7));
}

/* Without a branch for one column or two: what matches where nobody can tell costs a processor most. */
static inline void ef_mark(const EfAutomaton *a, uint32_t row, uint8_t *marks) {
    uint32_t columns = a->table[row / CELL];
    if (!(columns & SEVERAL)) {
        ef_mark_one(columns & ONE_COLUMN, marks);
        ef_mark_one(columns >> COLUMN_BITS, marks);
        return;
    }
    const uint32_t *own = a->ints + (columns & ~SEVERAL);
    for (uint32_t left = *own++; left; left--) {
        ef_mark_one(*own++, marks);
    }
}

#endif
