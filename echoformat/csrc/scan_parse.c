/* Patterns to programs: the syntax that `for_re2` writes, where case, dot and white space are spelled out.

   What is not known here (look-around, Unicode classes, flags) is refused, and left to another engine. */
#include "scan_nodes.h"

#include <stdlib.h>
#include <string.h>

uint32_t ef_fail(Parser *p, EfOutcome outcome) {
    if (p->outcome == EF_OK) {
        p->outcome = outcome;
    }
    return NONE;
}

void *ef_grown(void *old, size_t *room, size_t item) {
    size_t wider = *room ? 2 * *room : 64;
    void *found = wider > SIZE_MAX / item ? NULL : realloc(old, wider * item);
    if (found != NULL) {
        *room = wider;
    }
    return found;
}

static uint32_t node(Parser *p, Kind kind, uint32_t left, uint32_t right, uint32_t low, uint32_t high) {
    if (p->outcome != EF_OK) {
        return NONE;
    }
    if (p->node_count == p->node_room) {
        Node *wider = ef_grown(p->nodes, &p->node_room, sizeof *wider);
        if (wider == NULL) {
            return ef_fail(p, EF_NO_MEMORY);
        }
        p->nodes = wider;
    }
    p->nodes[p->node_count] = (Node){kind, left, right, low, high};
    return (uint32_t)p->node_count++;
}

static void add_range(Parser *p, uint32_t low, uint32_t high) {
    Ranges *ranges = &p->ranges;
    if (low > high) {
        ef_fail(p, EF_REFUSED);
        return;
    }
    if (ranges->count == ranges->room) {
        Range *wider = ef_grown(ranges->items, &ranges->room, sizeof *wider);
        if (wider == NULL) {
            ef_fail(p, EF_NO_MEMORY);
            return;
        }
        ranges->items = wider;
    }
    ranges->items[ranges->count++] = (Range){low, high};
}

static int by_low(const void *a, const void *b) {
    const Range *left = a, *right = b;
    return left->low < right->low ? -1 : left->low > right->low;
}

/* Sort and merge the ranges from `first` on; with `turned`, take what they leave out. */
static void settle(Parser *p, size_t first, int turned) {
    Ranges *ranges = &p->ranges;
    size_t count = ranges->count - first, kept = 0;
    if (p->outcome != EF_OK) {
        return;
    }
    if (count) {
        Range *items = ranges->items + first;
        qsort(items, count, sizeof *items, by_low);
        for (size_t i = 0; i < count; i++) {
            if (kept && items[i].low <= items[kept - 1].high + 1) {
                if (items[i].high > items[kept - 1].high) {
                    items[kept - 1].high = items[i].high;
                }
            } else {
                items[kept++] = items[i];
            }
        }
    }
    ranges->count = first + kept;
    if (turned) {
        uint32_t next = 0;
        size_t last = ranges->count;
        for (size_t i = first; i < last; i++) {
            Range one = ranges->items[i];
            if (one.low > next) {
                add_range(p, next, one.low - 1);
            }
            next = one.high + 1;
        }
        if (next <= LAST_CODE) {
            add_range(p, next, LAST_CODE);
        }
        if (p->outcome == EF_OK) {
            size_t left = ranges->count - last;
            memmove(ranges->items + first, ranges->items + last, left * sizeof *ranges->items);
            ranges->count = first + left;
        }
    }
}

static uint32_t class_of(Parser *p, size_t first, int turned) {
    settle(p, first, turned);
    return node(p, N_CLASS, NONE, NONE, (uint32_t)first, (uint32_t)p->ranges.count);
}

static uint32_t character(Parser *p, uint32_t code) {
    size_t first = p->ranges.count;
    add_range(p, code, code);
    return class_of(p, first, 0);
}

static int peek(const Parser *p) {
    return p->at < p->end ? *p->at : -1;
}

static int take(Parser *p, int char_) {
    if (peek(p) != char_) {
        return 0;
    }
    p->at++;
    return 1;
}

static int take_all(Parser *p, const char *text) {
    size_t length = strlen(text);
    if ((size_t)(p->end - p->at) < length || memcmp(p->at, text, length) != 0) {
        return 0;
    }
    p->at += length;
    return 1;
}

/* The next character of the pattern, which is UTF-8. */
static uint32_t code_point(Parser *p) {
    unsigned first = *p->at++;
    int more = first < 0x80 ? 0 : first < 0xE0 ? 1 : first < 0xF0 ? 2 : 3;
    uint32_t code = more == 0 ? first : first & (0x3Fu >> more);
    if (first >= 0x80 && (first < 0xC2 || first > 0xF4)) {
        return ef_fail(p, EF_REFUSED);
    }
    for (; more > 0; more--) {
        if (p->at == p->end || (*p->at & 0xC0) != 0x80) {
            return ef_fail(p, EF_REFUSED);
        }
        code = code << 6 | (*p->at++ & 0x3F);
    }
    return code;
}

static int hex(int digit) {
    if (digit >= '0' && digit <= '9') {
        return digit - '0';
    }
    digit |= 0x20;
    return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

static uint32_t hex_code(Parser *p) {
    uint32_t code = 0;
    int digits = 0, braced = take(p, '{');
    while (digits < (braced ? 6 : 2) && hex(peek(p)) >= 0) {
        code = code * 16 + (uint32_t)hex(*p->at++);
        digits++;
    }
    if ((braced && (digits == 0 || !take(p, '}'))) || (!braced && digits != 2) || code > LAST_CODE) {
        return ef_fail(p, EF_REFUSED);
    }
    return code;
}

static void add_group(Parser *p, const char *pairs, int turned) {
    size_t first = p->ranges.count;
    for (; *pairs; pairs += 2) {
        add_range(p, (unsigned char)pairs[0], (unsigned char)pairs[1]);
    }
    if (turned) {
        settle(p, first, 1);
    }
}

/* Behind a backslash: a group of characters, which is added; 1 where there was one. */
static int escaped_group(Parser *p) {
    int name = peek(p);
    switch (name) {
        case 'd': case 'D': add_group(p, "09", name == 'D'); break;
        case 'w': case 'W': add_group(p, "09AZ__az", name == 'W'); break;
        case 's': case 'S': add_group(p, "\t\n\f\r  ", name == 'S'); break;
        default: return 0;
    }
    p->at++;
    return 1;
}

/* Behind a backslash: one character. */
static uint32_t escaped_character(Parser *p) {
    int name = peek(p);
    if (name < 0) {
        return ef_fail(p, EF_REFUSED);
    }
    p->at++;
    switch (name) {
        case 'n': return '\n';
        case 't': return '\t';
        case 'r': return '\r';
        case 'f': return '\f';
        case 'v': return '\v';
        case 'a': return '\a';
        case 'x': return hex_code(p);
        default: break;
    }
    if (name >= 0x80 || ef_is_word((unsigned)name)) {
        return ef_fail(p, EF_REFUSED);
    }
    return (uint32_t)name;
}

static uint32_t class_character(Parser *p) {
    if (p->at == p->end) {
        return ef_fail(p, EF_REFUSED);
    }
    return take(p, '\\') ? escaped_character(p) : code_point(p);
}

static uint32_t bracketed(Parser *p) {
    size_t first = p->ranges.count;
    int turned = take(p, '^'), begun = 0;
    while (p->outcome == EF_OK && (peek(p) != ']' || !begun)) {
        begun = 1;
        if (peek(p) == '[' && p->at + 1 < p->end && p->at[1] == ':') {
            return ef_fail(p, EF_REFUSED);
        }
        if (peek(p) == '\\' && p->at + 1 < p->end) {
            p->at++;
            if (escaped_group(p)) {
                continue;
            }
            p->at--;
        }
        uint32_t low = class_character(p), high = low;
        if (peek(p) == '-' && p->at + 1 < p->end && p->at[1] != ']') {
            p->at++;
            high = class_character(p);
        }
        if (p->outcome == EF_OK) {
            add_range(p, low, high);
        }
    }
    if (!take(p, ']')) {
        return ef_fail(p, EF_REFUSED);
    }
    return class_of(p, first, turned);
}

static uint32_t assertion(Parser *p, EfAssert kind) {
    return node(p, N_ASSERT, NONE, NONE, kind, 0);
}

static uint32_t escaped(Parser *p) {
    size_t first = p->ranges.count;
    switch (peek(p)) {
        case 'A': p->at++; return assertion(p, EF_TEXT_START);
        case 'z': p->at++; return assertion(p, EF_TEXT_END);
        case 'b': p->at++; return assertion(p, EF_WORD_EDGE);
        default: break;
    }
    if (escaped_group(p)) {
        return class_of(p, first, 0);
    }
    uint32_t code = escaped_character(p);
    return p->outcome == EF_OK ? character(p, code) : NONE;
}

static uint32_t alternatives(Parser *p);

static uint32_t grouped(Parser *p) {
    if (peek(p) == '?' && !take_all(p, "?:")) {
        return ef_fail(p, EF_REFUSED);
    }
    if (++p->depth > DEEPEST) {
        return ef_fail(p, EF_REFUSED);
    }
    uint32_t found = alternatives(p);
    p->depth--;
    return take(p, ')') ? found : ef_fail(p, EF_REFUSED);
}

static uint32_t atom(Parser *p) {
    size_t first = p->ranges.count;
    switch (peek(p)) {
        case '(': p->at++; return grouped(p);
        case '[': p->at++; return bracketed(p);
        case '\\': p->at++; return escaped(p);
        case '^': p->at++; return assertion(p, EF_LINE_START);
        case '$': p->at++; return assertion(p, EF_LINE_END);
        case '.':
            p->at++;
            add_range(p, '\n', '\n');
            return class_of(p, first, 1);
        case '*': case '+': case '?': return ef_fail(p, EF_REFUSED);
        default: break;
    }
    uint32_t code = code_point(p);
    return p->outcome == EF_OK ? character(p, code) : NONE;
}

/* A number below `MOST_REPEATS` + 1; NONE where there is none. */
static uint32_t number(const unsigned char **at, const unsigned char *end) {
    uint32_t found = 0;
    const unsigned char *start = *at;
    while (*at < end && **at >= '0' && **at <= '9' && found <= MOST_REPEATS) {
        found = found * 10 + (uint32_t)(*(*at)++ - '0');
    }
    return *at == start ? NONE : found;
}

/* {2}, {2,} or {2,3}; anything else in braces is what it is, and 0 is returned. */
static int counted(Parser *p, uint32_t *low, uint32_t *high) {
    const unsigned char *at = p->at + 1;
    *low = *high = number(&at, p->end);
    if (*low == NONE) {
        return 0;
    }
    if (at < p->end && *at == ',') {
        at++;
        *high = number(&at, p->end);
    }
    if (at == p->end || *at != '}') {
        return 0;
    }
    p->at = at + 1;
    if (*low > MOST_REPEATS || (*high != NONE && (*high > MOST_REPEATS || *high < *low))) {
        ef_fail(p, EF_REFUSED);
    }
    return 1;
}

static uint32_t repeated(Parser *p) {
    uint32_t found = atom(p), low, high;
    int times = 0;
    while (p->outcome == EF_OK) {
        if (take(p, '*')) {
            low = 0, high = NONE;
        } else if (take(p, '+')) {
            low = 1, high = NONE;
        } else if (take(p, '?')) {
            low = 0, high = 1;
        } else if (peek(p) != '{' || !counted(p, &low, &high)) {
            break;
        }
        /* A repeat of a repeat reads as something else in other engines. */
        if (times++ || peek(p) == '+') {
            return ef_fail(p, EF_REFUSED);
        }
        take(p, '?');
        found = node(p, N_REPEAT, found, NONE, low, high);
    }
    return found;
}

static uint32_t sequence(Parser *p) {
    uint32_t found = node(p, N_EMPTY, NONE, NONE, 0, 0);
    while (p->outcome == EF_OK && p->at < p->end && *p->at != '|' && *p->at != ')') {
        uint32_t next = repeated(p);
        found = node(p, N_BOTH, found, next, 0, 0);
    }
    return found;
}

static uint32_t alternatives(Parser *p) {
    uint32_t found = sequence(p);
    while (p->outcome == EF_OK && take(p, '|')) {
        uint32_t next = sequence(p);
        found = node(p, N_EITHER, found, next, 0, 0);
    }
    return found;
}

EfOutcome ef_program_add(EfProgram *program, const char *pattern, size_t length) {
    const unsigned char *start = (const unsigned char *)pattern;
    Parser p = {start, start + length, NULL, 0, 0, {NULL, 0, 0}, program, EF_OK, 0};
    size_t steps = program->step_count;
    if (program->start_count == program->start_room) {
        uint32_t *wider = ef_grown(program->starts, &program->start_room, sizeof *wider);
        if (wider == NULL) {
            return EF_NO_MEMORY;
        }
        program->starts = wider;
    }
    take_all(&p, "(?m)");
    uint32_t top = alternatives(&p);
    if (p.outcome == EF_OK && p.at < p.end) {
        ef_fail(&p, EF_REFUSED);
    }
    if (p.outcome == EF_OK) {
        uint32_t match = ef_emit(program, EF_MATCH, (uint32_t)program->start_count, 0);
        uint32_t entry = match == NONE ? ef_fail(&p, EF_NO_MEMORY) : ef_emit_node(&p, top, match);
        if (p.outcome == EF_OK) {
            program->starts[program->start_count++] = entry;
        }
    }
    if (p.outcome != EF_OK) {
        program->step_count = steps;
    }
    free(p.nodes);
    free(p.ranges.items);
    return p.outcome;
}
