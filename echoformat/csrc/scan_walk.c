/* Walking texts through an automaton, and one text through several.

   A few texts are walked side by side, since each step waits for the one before it. A step goes from a state
   and the class of a byte to the next state by one look-up; where there is more to do than that (a state not
   made yet, a match, the end) the entry carries one bit, looked at for all texts at once. */
#include "scan_states.h"
#include "wide.h"

#include <stdlib.h>
#include <string.h>

/* Texts that are walked side by side; one that is over stands behind the others. */
typedef struct {
    const uint8_t *at[LANES];
    uint8_t *marks[LANES];
    uint32_t row[LANES];
    int count;
    const EfText *next, *last;
} Lanes;

/* Throw all states away but those that are being walked from. */
static int begin_anew(EfAutomaton *a, Lanes *lanes) {
    State states[LANES];
    uint32_t *kept[LANES] = {NULL};
    int failed = 0;
    for (int i = 0; i < lanes->count; i++) {
        states[i] = *ef_state_at(a, lanes->row[i]);
        List own = {a->ints + states[i].first + 1 + states[i].marks, states[i].matches + states[i].steps}, copy = {NULL, 0};
        failed |= ef_list_copy(&copy, &own) < 0;
        kept[i] = copy.items;
    }
    ef_states_clear(a);
    a->resets++;
    for (int i = 0; i < lanes->count; i++) {
        if (!failed) {
            List matches = {kept[i], states[i].matches}, steps = {kept[i] + states[i].matches, states[i].steps};
            lanes->row[i] = ef_state_of(a, &steps, &matches, (Before)states[i].before);
            failed = lanes->row[i] == UNKNOWN;
        }
        free(kept[i]);
    }
    return failed ? -1 : 0;
}

static uint32_t entry_of(EfAutomaton *a) {
    if (a->entry == UNKNOWN) {
        a->then.count = a->matches.count = 0;
        ef_list_add(&a->matches, &a->start_matches[AT_START]);
        a->entry = ef_state_of(a, &a->then, &a->matches, AT_START);
    }
    return a->entry;
}

/* The next text in the place of a lane, or behind all; 0 where none is left, -1 without memory. */
static int take_text(EfAutomaton *a, Lanes *lanes, int which) {
    if (lanes->next == lanes->last) {
        return 0;
    }
    uint32_t row = entry_of(a);
    if (row == UNKNOWN && (a->failed || begin_anew(a, lanes) < 0 || (row = entry_of(a)) == UNKNOWN)) {
        return -1;
    }
    const EfText *text = lanes->next++;
    lanes->at[which] = text->classes;
    lanes->marks[which] = text->marks;
    lanes->row[which] = row;
    ef_mark(a, row, text->marks);
    return 1;
}

/* Take all lanes on until one comes to an entry that is not made yet, or its text is over.

   What comes next of each text is copied to where no register has to tell of it: the registers there are hold
   the rows. What is copied from behind a text is not looked at. */
static void walk_all(const EfAutomaton *a, Lanes *lanes) {
    const char *table = (const char *)(a->table + HEAD);
    uint32_t s0 = lanes->row[0], s1 = lanes->row[1], s2 = lanes->row[2], s3 = lanes->row[3], s4 = lanes->row[4];
    uint32_t s5 = lanes->row[5], s6 = lanes->row[6], s7 = lanes->row[7], s8 = lanes->row[8], s9 = lanes->row[9];
    uint8_t next[LANES][EF_AHEAD];
    size_t i = EF_AHEAD;
#define STEP(lane, s) s = *(const uint32_t *)(table + next[lane][i] * CELL + s)
#define SPECIAL_OF(s, lane) (s >> 31 << lane)
    for (;;) {
        if (i == EF_AHEAD) {
            for (int lane = 0; lane < LANES; lane++) {
                memcpy(next[lane], lanes->at[lane], EF_AHEAD);
                lanes->at[lane] += EF_AHEAD;
            }
            i = 0;
        }
        STEP(0, s0), STEP(1, s1), STEP(2, s2), STEP(3, s3), STEP(4, s4);
        STEP(5, s5), STEP(6, s6), STEP(7, s7), STEP(8, s8), STEP(9, s9);
        i++;
        uint32_t all = s0 | s1 | s2 | s3 | s4 | s5 | s6 | s7 | s8 | s9;
        if (all & SPECIAL) {
            if (all & OVER) {
                break;
            }
            uint32_t special = SPECIAL_OF(s0, 0) | SPECIAL_OF(s1, 1) | SPECIAL_OF(s2, 2) | SPECIAL_OF(s3, 3) |
                               SPECIAL_OF(s4, 4) | SPECIAL_OF(s5, 5) | SPECIAL_OF(s6, 6) | SPECIAL_OF(s7, 7) |
                               SPECIAL_OF(s8, 8) | SPECIAL_OF(s9, 9);
            s0 &= PLACE, s1 &= PLACE, s2 &= PLACE, s3 &= PLACE, s4 &= PLACE;
            s5 &= PLACE, s6 &= PLACE, s7 &= PLACE, s8 &= PLACE, s9 &= PLACE;
            const uint32_t rows[LANES] = {s0, s1, s2, s3, s4, s5, s6, s7, s8, s9};
            /* Mostly one: a branch for each lane would be foretold wrongly as often. */
            for (; special; special &= special - 1) {
                unsigned lane = ef_lowest(special);
                ef_mark(a, rows[lane], lanes->marks[lane]);
            }
        }
    }
#undef STEP
#undef SPECIAL_OF
    for (int lane = 0; lane < LANES; lane++) {
        lanes->at[lane] -= EF_AHEAD - i;
    }
    const uint32_t rows[LANES] = {s0, s1, s2, s3, s4, s5, s6, s7, s8, s9};
    memcpy(lanes->row, rows, sizeof rows);
}

/* Make the entry behind the row that a lane stands in; -1 without memory. */
static int make(EfAutomaton *a, Lanes *lanes, int which, uint32_t *to) {
    uint32_t class_ = lanes->at[which][-1];
    *to = ef_next_entry(a, lanes->row[which], class_);
    if (*to == UNKNOWN) {
        if (a->failed || begin_anew(a, lanes) < 0) {
            return -1;
        }
        *to = ef_next_entry(a, lanes->row[which], class_);
    }
    return *to == UNKNOWN ? -1 : 0;
}

/* See to a lane that stands in the row of `entry`, where it stopped: 1 where its text is over. */
static int see_to(EfAutomaton *a, Lanes *lanes, int which, uint32_t entry) {
    if ((entry & OVER) && !ef_is_over(a, ef_state_at(a, lanes->row[which]))) {
        if (make(a, lanes, which, &entry) < 0) {
            return -1;
        }
        lanes->row[which] = entry & PLACE;
    }
    if (entry & SPECIAL) {
        ef_mark(a, lanes->row[which], lanes->marks[which]);
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

/* Lanes without a text go along with the first one, and rest. */
static void fill_up(Lanes *lanes) {
    for (int i = lanes->count; i < LANES; i++) {
        lanes->at[i] = lanes->at[0];
        lanes->row[i] = REST;
    }
}

static int walk_together(EfAutomaton *a, Lanes *lanes) {
    uint32_t entries[LANES];
    fill_up(lanes);
    walk_all(a, lanes);
    /* Places first: states may be made anew, and the rows of lanes with them. */
    for (int i = 0; i < LANES; i++) {
        entries[i] = lanes->row[i];
        lanes->row[i] &= PLACE;
    }
    /* From the last on, since a lane that is over takes over what stands in the last. */
    for (int i = lanes->count - 1; i >= 0; i--) {
        if (entries[i] & SPECIAL) {
            int over = see_to(a, lanes, i, entries[i]);
            if (over < 0 || (over && replace(a, lanes, i) < 0)) {
                return -1;
            }
        }
    }
    return 0;
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
        if (walk_together(a, &lanes) < 0) {
            return -1;
        }
    }
    return 0;
}

/* --- One text through several automata ------------------------------------------------------------------ */

/* The table of an automaton whose text is over: every entry leads here again. */
static const uint32_t NO_MORE[256];

typedef struct {
    const char *tables[EF_SIDE_BY_SIDE];
    uint32_t rows[EF_SIDE_BY_SIDE];
    const uint8_t *at;
} Side;

/* Take all on until one comes to a special entry. */
static void walk_side(Side *side) {
    const char *t0 = side->tables[0], *t1 = side->tables[1], *t2 = side->tables[2];
    const char *t3 = side->tables[3], *t4 = side->tables[4], *t5 = side->tables[5];
    uint32_t s0 = side->rows[0], s1 = side->rows[1], s2 = side->rows[2];
    uint32_t s3 = side->rows[3], s4 = side->rows[4], s5 = side->rows[5];
    const uint8_t *at = side->at;
#define STEP(t, s) s = *(const uint32_t *)(t + class_ + s)
    do {
        size_t class_ = *at++ * CELL;
        STEP(t0, s0), STEP(t1, s1), STEP(t2, s2), STEP(t3, s3), STEP(t4, s4), STEP(t5, s5);
    } while (!((s0 | s1 | s2 | s3 | s4 | s5) & SPECIAL));
#undef STEP
    side->at = at;
    side->rows[0] = s0, side->rows[1] = s1, side->rows[2] = s2;
    side->rows[3] = s3, side->rows[4] = s4, side->rows[5] = s5;
}

/* See to the special entry of one automaton: 1 where it is through with the text. */
static int see_to_side(EfAutomaton *a, Side *side, int which, Lanes *lane) {
    uint32_t entry = side->rows[which];
    if (!(entry & OVER)) {
        side->rows[which] = entry & PLACE;
        ef_mark(a, entry & PLACE, lane->marks[0]);
        return 0;
    }
    lane->at[0] = side->at;
    lane->row[0] = entry & PLACE;
    int over = see_to(a, lane, 0, entry);
    side->rows[which] = over ? REST : lane->row[0];
    side->tables[which] = (const char *)(over ? NO_MORE : a->table + HEAD);
    return over;
}

int ef_automata_run(EfAutomaton *const *automata, int count, const EfText *text) {
    Lanes lanes[EF_SIDE_BY_SIDE];
    Side side;
    int left = count;
    side.at = text->classes;
    for (int i = 0; i < EF_SIDE_BY_SIDE; i++) {
        side.tables[i] = (const char *)NO_MORE;
        side.rows[i] = REST;
        if (i < count) {
            lanes[i] = (Lanes){{NULL}, {NULL}, {0}, 0, text, text + 1};
            automata[i]->failed = 0;
            if (take_text(automata[i], &lanes[i], 0) < 0) {
                return -1;
            }
            lanes[i].count = 1;
            side.tables[i] = (const char *)(automata[i]->table + HEAD);
            side.rows[i] = lanes[i].row[0];
        }
    }
    while (left) {
        walk_side(&side);
        for (int i = 0; i < count; i++) {
            if (side.rows[i] & SPECIAL) {
                int over = see_to_side(automata[i], &side, i, &lanes[i]);
                if (over < 0) {
                    return -1;
                }
                left -= over;
            }
        }
    }
    return 0;
}
