/* Texts scanned by a plan: turned into classes of bytes, then walked through by one automaton after the other. */
#include "scan_plan.h"
#include "wide.h"

#include <stdlib.h>

/* So many bytes are walked through by all automata before the next: about what a core keeps close. */
#define CLOSE ((size_t)1 << 21)

static int wakes(const Part *part, const uint8_t *marks) {
    for (size_t i = 0; i < part->stand_in_count; i++) {
        if (marks[part->stand_ins[i] >> 3] >> (part->stand_ins[i] & 7) & 1) {
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

static int make_room(Room *room, size_t bytes, size_t count, size_t marks) {
    if (bytes > room->class_room) {
        free(room->classes);
        room->classes = calloc(bytes + EF_AHEAD, 1);
        room->class_room = room->classes == NULL ? 0 : bytes;
    }
    if (count > room->text_room) {
        free(room->texts);
        free(room->marks);
        room->texts = malloc(2 * count * sizeof *room->texts);
        room->marks = malloc(marks ? count * marks : 1);
        room->text_room = room->texts == NULL || room->marks == NULL ? 0 : count;
    }
    return bytes > room->class_room || count > room->text_room ? -1 : 0;
}

/* Bytes of marks a text. */
static size_t marks_size(const ScanPlan *plan) {
    return (plan->width + 7) / 8;
}

/* Eight marks as bytes of 0 or 1, the lowest first. */
static uint64_t spread(uint8_t marks) {
    uint64_t own = marks * 0x0101010101010101u & 0x8040201008040201u;
    return (own + 0x7F7F7F7F7F7F7F7Fu) >> 7 & 0x0101010101010101u;
}

#ifdef EF_AVX2
/* As many columns as there are whole words of marks. */
EF_FOR_VBMI static size_t show_widely(const uint8_t *marks, size_t columns, uint8_t *shown) {
    size_t i = 0;
    for (; i + 64 <= columns; i += 64) {
        uint64_t own;
        memcpy(&own, marks + i / 8, 8);
        _mm512_storeu_si512(shown + i, _mm512_maskz_set1_epi8(own, 1));
    }
    return i;
}
#endif

static void show(const ScanPlan *plan, const uint8_t *marks, uint8_t *shown) {
    size_t i = 0;
#ifdef EF_AVX2
    if (ef_has_vbmi()) {
        i = show_widely(marks, plan->shown, shown);
    }
#endif
    for (; i + 8 <= plan->shown; i += 8) {
        uint64_t eight = spread(marks[i / 8]);
        memcpy(shown + i, &eight, 8);
    }
    for (; i < plan->shown; i++) {
        shown[i] = marks[i / 8] >> (i & 7) & 1;
    }
    for (size_t k = 0; k < plan->copy_count; k++) {
        shown[plan->copies[k].to] = shown[plan->copies[k].from];
    }
}

static void to_classes(const ScanPlan *plan, const Given *given, size_t count, Room *room) {
    uint8_t *into = room->classes, *marks = room->marks;
    memset(marks, 0, count * marks_size(plan));
    for (size_t i = 0; i < count; i++) {
        room->texts[i] = (EfText){into, marks + i * marks_size(plan)};
        ef_classes_of(&plan->classes, given[i].data, given[i].size, into);
        into[given[i].size] = (uint8_t)plan->classes.count;
        into += given[i].size + 1;
    }
}

int ef_plan_scan(ScanPlan *plan, const Given *given, size_t count) {
    Room *room = &plan->room;
    while (count) {
        size_t bytes, own = close_ones(given, count, &bytes);
        if (make_room(room, bytes, own, marks_size(plan)) < 0) {
            return -1;
        }
        to_classes(plan, given, own, room);
        int failed = own == 1 ? scan_text(plan, room->texts) < 0
                              : scan_texts(plan, room->texts, own, room->texts + own) < 0;
        if (failed) {
            return -1;
        }
        for (size_t i = 0; i < own; i++) {
            show(plan, room->texts[i].marks, given[i].shown);
        }
        given += own;
        count -= own;
    }
    return 0;
}
