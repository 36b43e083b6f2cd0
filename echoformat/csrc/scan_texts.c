/* Texts scanned by a plan: turned into classes of bytes, then walked through by one automaton after the other. */
#include "scan_plan.h"

#include <stdlib.h>

/* So many bytes are walked through by all automata before the next: about what a core keeps close. */
#define CLOSE ((size_t)1 << 22)

static int wakes(const Part *part, const uint8_t *marks) {
    for (size_t i = 0; i < part->stand_in_count; i++) {
        if (marks[part->stand_ins[i]]) {
            return 1;
        }
    }
    return 0;
}

/* One text: automata side by side, first those that wait for nothing. */
static int scan_text(const ScanPlan *plan, const EfText *text) {
    for (int waiting = 0; waiting < 2; waiting++) {
        EfAutomaton *own[EF_SIDE_BY_SIDE];
        int count = 0;
        for (size_t i = 0; i < plan->part_count; i++) {
            const Part *part = &plan->parts[i];
            if ((part->stand_in_count != 0) == waiting && (!waiting || wakes(part, text->marks))) {
                own[count++] = part->automaton;
            }
            if (count == EF_SIDE_BY_SIDE || (count && i + 1 == plan->part_count)) {
                if (ef_automata_run(own, count, text) < 0) {
                    return -1;
                }
                count = 0;
            }
        }
    }
    return 0;
}

/* Walk all automata through some texts; `awake` has room for all of them. */
static int scan_texts(const ScanPlan *plan, const EfText *texts, size_t count, EfText *awake) {
    for (size_t i = 0; i < plan->part_count; i++) {
        const Part *part = &plan->parts[i];
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

static void to_classes(const ScanPlan *plan, const Given *given, size_t count, Room *room) {
    uint8_t *into = room->classes, *marks = room->marks;
    memset(marks, 0, count * plan->width);
    for (size_t i = 0; i < count; i++) {
        room->texts[i] = (EfText){into, marks + i * plan->width};
        ef_classes_of(&plan->classes, given[i].data, given[i].size, into);
        into[given[i].size] = (uint8_t)plan->classes.count;
        into += given[i].size + 1;
    }
}

int ef_plan_scan(ScanPlan *plan, const Given *given, size_t count) {
    Room *room = &plan->room;
    while (count) {
        size_t bytes, own = close_ones(given, count, &bytes);
        if (make_room(room, bytes, own, plan->width) < 0) {
            return -1;
        }
        to_classes(plan, given, own, room);
        int failed = own == 1 ? scan_text(plan, room->texts) < 0
                              : scan_texts(plan, room->texts, own, room->texts + own) < 0;
        if (failed) {
            return -1;
        }
        for (size_t i = 0; i < own; i++) {
            memcpy(given[i].shown, room->texts[i].marks, plan->shown);
        }
        given += own;
        count -= own;
    }
    return 0;
}
