/* Many patterns in one pass: a program of instructions, and the automaton whose states are made as texts
   ask for them. Nothing here knows Python. */
#ifndef ECHOFORMAT_SCAN_H
#define ECHOFORMAT_SCAN_H

#include <stddef.h>
#include <stdint.h>

/* --- The program ------------------------------------------------------------------------------------- */

typedef enum { EF_SET, EF_SPLIT, EF_ASSERT, EF_MATCH } EfOp;
typedef enum { EF_TEXT_START, EF_LINE_START, EF_TEXT_END, EF_LINE_END, EF_WORD_EDGE } EfAssert;

/* EF_SET: a byte of set `arg`, then `out`. EF_SPLIT: `out` and `arg`. EF_ASSERT: if `arg` holds, then `out`.
   EF_MATCH: pattern `arg`. */
typedef struct {
    uint32_t op, arg, out;
} EfStep;

typedef struct {
    uint64_t bits[4];
} EfSet;

typedef struct {
    EfStep *steps;
    EfSet *sets;
    uint32_t *starts;
    size_t step_count, step_room, set_count, set_room, start_count, start_room;
} EfProgram;

/* Why a pattern was not taken; EF_OK where it was. */
typedef enum { EF_OK, EF_NO_MEMORY, EF_REFUSED, EF_TOO_LARGE } EfOutcome;

void ef_program_clear(EfProgram *program);
/* Add a pattern, in the form that RE2 takes; its number is that of patterns added before. */
EfOutcome ef_program_add(EfProgram *program, const char *pattern, size_t length);
/* For one pattern to emit itself: a new step, UINT32_MAX where there is no room. */
uint32_t ef_emit(EfProgram *program, EfOp op, uint32_t arg, uint32_t out);
/* The number of a set, the same for equal ones; UINT32_MAX where there is no room. */
uint32_t ef_set(EfProgram *program, const EfSet *set);

static inline int ef_has(const EfSet *set, unsigned byte) {
    return (int)(set->bits[byte >> 6] >> (byte & 63) & 1);
}

static inline int ef_is_word(unsigned byte) {
    return (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') ||
           byte == '_';
}

/* --- Classes ----------------------------------------------------------------------------------------- */

/* Bytes that no pattern of any program tells apart are one class; behind the last stands the end of a text. */
typedef struct {
    uint8_t of_byte[256];
    uint8_t sample[256];
    uint32_t count;
} EfClasses;

/* The coarsest classes there are, then those that a program splits them into. */
void ef_classes_start(EfClasses *classes);
void ef_classes_split(EfClasses *classes, const EfProgram *program);
/* Number them so that frequent ones stand together; after the last split. */
void ef_classes_settle(EfClasses *classes);
/* The class of each byte of a text. */
void ef_classes_of(const EfClasses *classes, const uint8_t *data, size_t size, uint8_t *into);
/* Whether the end of a text has a number left to it. */
static inline int ef_classes_fit(const EfClasses *classes) {
    return classes->count < 256;
}

/* --- The automaton ----------------------------------------------------------------------------------- */

typedef struct EfAutomaton EfAutomaton;

/* So many bytes behind a text may be read. */
#define EF_AHEAD 64

typedef struct {
    /* Classes of the bytes, and the number behind the last class. */
    const uint8_t *classes;
    /* Where the matches of this text are marked, a bit a column: what is written to at random stays close. */
    uint8_t *marks;
} EfText;

/* The columns that each pattern is marked in: of pattern i those from `first[i]` up to `first[i + 1]`. */
typedef struct {
    const uint32_t *columns, *first;
} EfColumns;

/* Takes the program over, also where it fails (NULL: no memory). `memory` bounds the states that are kept. The
   classes and the columns must outlive it. */
EfAutomaton *ef_automaton_new(EfProgram *program, const EfClasses *classes, EfColumns columns, int from_start,
                              size_t memory);
void ef_automaton_free(EfAutomaton *automaton);
/* Mark what matches; -1 where memory ran out. */
int ef_automaton_run(EfAutomaton *automaton, const EfText *texts, size_t count);
/* The same for one text and some automata at once, at most EF_SIDE_BY_SIDE. */
#define EF_SIDE_BY_SIDE 6
int ef_automata_run(EfAutomaton *const *automata, int count, const EfText *text);
/* How many states are kept, and how often all were thrown away. */
void ef_automaton_told(const EfAutomaton *automaton, size_t *states, size_t *resets);

#endif
