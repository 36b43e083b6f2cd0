/* Patterns taken apart: shared by what reads them and what makes steps of them. */
#ifndef ECHOFORMAT_SCAN_NODES_H
#define ECHOFORMAT_SCAN_NODES_H

#include "scan.h"

#define NONE UINT32_MAX
#define LAST_CODE 0x10FFFFu
#define MOST_STEPS 2000000u
#define DEEPEST 60
#define MOST_REPEATS 1000

typedef struct {
    uint32_t low, high;
} Range;

typedef struct {
    Range *items;
    size_t count, room;
} Ranges;

typedef enum { N_EMPTY, N_CLASS, N_BOTH, N_EITHER, N_REPEAT, N_ASSERT } Kind;

/* N_BOTH, N_EITHER: `left` and `right`. N_REPEAT: `left` from `low` to `high` times (NONE: no end). N_CLASS:
   ranges from `low` to `high`. N_ASSERT: `low`. */
typedef struct {
    Kind kind;
    uint32_t left, right, low, high;
} Node;

typedef struct {
    const unsigned char *at, *end;
    Node *nodes;
    size_t node_count, node_room;
    Ranges ranges;
    EfProgram *program;
    EfOutcome outcome;
    int depth;
} Parser;

/* Note the first failure; always NONE. */
uint32_t ef_fail(Parser *p, EfOutcome outcome);
/* Twice the room, NULL without memory; what was there stays. */
void *ef_grown(void *old, size_t *room, size_t item);
/* The first step of a node that goes on to `out`; NONE where it failed. */
uint32_t ef_emit_node(Parser *p, uint32_t at, uint32_t out);

#endif
