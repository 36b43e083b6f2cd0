/* A plan of automata, and what some texts are walked through with. */
#ifndef ECHOFORMAT_SCAN_PLAN_H
#define ECHOFORMAT_SCAN_PLAN_H

#include "native.h"
#include "scan.h"

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

/* A column shown as another is. */
typedef struct {
    uint32_t from, to;
} Copy;

/* For texts that are walked through together; kept from one batch to the next. */
typedef struct {
    uint8_t *classes, *marks;
    EfText *texts;
    size_t class_room, text_room;
} Room;

/* Columns, and how many of them are given out; stand-ins follow. */
typedef struct {
    Part *parts;
    size_t part_count, width, shown;
    Copy *copies;
    size_t copy_count;
    EfClasses classes;
    Room room;
} ScanPlan;

/* A text as it is given, and where what matches is to be shown. */
typedef struct {
    const uint8_t *data;
    size_t size;
    uint8_t *shown;
} Given;

/* Read what is planned, and make the automata; -1 with an exception set. */
int ef_plan_read(ScanPlan *plan, PyObject *automata);
void ef_plan_clear(ScanPlan *plan);
/* Scan texts and show what matches; no Python in it. -1 without memory. */
int ef_plan_scan(ScanPlan *plan, const Given *given, size_t count);

#endif
