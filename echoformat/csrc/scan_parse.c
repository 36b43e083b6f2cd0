/* Patterns to programs: the syntax that `for_re2` writes, where case, dot and white space are spelled out.

   What is not known here (look-around, Unicode classes, flags) is refused, and left to another engine. */
#include <stdlib.h>
#include <string.h>

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

static uint32_t fail(Parser *p, EfOutcome outcome) {
    if (p->outcome == EF_OK) {
        p->outcome = outcome;
    }
    return NONE;
}

static void *grown(void *old, size_t *room, size_t item) {
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
        Node *wider = grown(p->nodes, &p->node_room, sizeof *wider);
        if (wider == NULL) {
            return fail(p, EF_NO_MEMORY);
        }
        p->nodes = wider;
    }
    p->nodes[p->node_count] = (Node){kind, left, right, low, high};
    return (uint32_t)p->node_count++;
}

static void add_range(Parser *p, uint32_t low, uint32_t high) {
    Ranges *ranges = &p->ranges;
    if (low > high) {
        fail(p, EF_REFUSED);
        return;
    }
    if (ranges->count == ranges->room) {
        Range *wider = grown(ranges->items, &ranges->room, sizeof *wider);
        if (wider == NULL) {
            fail(p, EF_NO_MEMORY);
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
        return fail(p, EF_REFUSED);
    }
    for (; more > 0; more--) {
        if (p->at == p->end || (*p->at & 0xC0) != 0x80) {
            return fail(p, EF_REFUSED);
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
        return fail(p, EF_REFUSED);
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
        return fail(p, EF_REFUSED);
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
        return fail(p, EF_REFUSED);
    }
    return (uint32_t)name;
}

static uint32_t class_character(Parser *p) {
    if (p->at == p->end) {
        return fail(p, EF_REFUSED);
    }
    return take(p, '\\') ? escaped_character(p) : code_point(p);
}

static uint32_t bracketed(Parser *p) {
    size_t first = p->ranges.count;
    int turned = take(p, '^'), begun = 0;
    while (p->outcome == EF_OK && (peek(p) != ']' || !begun)) {
        begun = 1;
        if (peek(p) == '[' && p->at + 1 < p->end && p->at[1] == ':') {
            return fail(p, EF_REFUSED);
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
        return fail(p, EF_REFUSED);
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
        case 'B': p->at++; return assertion(p, EF_NO_WORD_EDGE);
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
        return fail(p, EF_REFUSED);
    }
    if (++p->depth > DEEPEST) {
        return fail(p, EF_REFUSED);
    }
    uint32_t found = alternatives(p);
    p->depth--;
    return take(p, ')') ? found : fail(p, EF_REFUSED);
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
        case '*': case '+': case '?': return fail(p, EF_REFUSED);
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
        fail(p, EF_REFUSED);
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
        /* RE2 takes no repeat of a repeat of a repeat for what it says; possessive is none of its own. */
        if (times++ || peek(p) == '+') {
            return fail(p, EF_REFUSED);
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

/* --- Nodes to steps: each is emitted before what follows it ------------------------------------------- */

static uint32_t step(Parser *p, EfOp op, uint32_t arg, uint32_t out) {
    if (p->outcome != EF_OK || arg == NONE || out == NONE) {
        return fail(p, EF_NO_MEMORY);
    }
    if (p->program->step_count >= MOST_STEPS) {
        return fail(p, EF_TOO_LARGE);
    }
    uint32_t found = ef_emit(p->program, op, arg, out);
    return found == NONE ? fail(p, EF_NO_MEMORY) : found;
}

static uint32_t bytes_step(Parser *p, unsigned low, unsigned high, uint32_t out) {
    EfSet set = {{0, 0, 0, 0}};
    for (unsigned byte = low; byte <= high; byte++) {
        set.bits[byte >> 6] |= (uint64_t)1 << (byte & 63);
    }
    return step(p, EF_SET, ef_set(p->program, &set), out);
}

static uint32_t either(Parser *p, uint32_t known, uint32_t more) {
    return known == NONE ? more : step(p, EF_SPLIT, more, known);
}

/* Any character beyond ASCII: its bytes that continue are shared. */
static uint32_t beyond_ascii(Parser *p, uint32_t out) {
    uint32_t one = bytes_step(p, 0x80, 0xBF, out), two = bytes_step(p, 0x80, 0xBF, one);
    uint32_t three = bytes_step(p, 0x80, 0xBF, two);
    uint32_t found = bytes_step(p, 0xC2, 0xDF, one);
    found = either(p, found, bytes_step(p, 0xE0, 0xEF, two));
    return either(p, found, bytes_step(p, 0xF0, 0xF4, three));
}

static int encode(uint32_t code, unsigned char *into) {
    if (code < 0x800) {
        into[0] = (unsigned char)(0xC0 | code >> 6);
        into[1] = (unsigned char)(0x80 | (code & 0x3F));
        return 2;
    }
    if (code < 0x10000) {
        into[0] = (unsigned char)(0xE0 | code >> 12);
        into[1] = (unsigned char)(0x80 | (code >> 6 & 0x3F));
        into[2] = (unsigned char)(0x80 | (code & 0x3F));
        return 3;
    }
    into[0] = (unsigned char)(0xF0 | code >> 18);
    into[1] = (unsigned char)(0x80 | (code >> 12 & 0x3F));
    into[2] = (unsigned char)(0x80 | (code >> 6 & 0x3F));
    into[3] = (unsigned char)(0x80 | (code & 0x3F));
    return 4;
}

/* Where a range must be cut so that each of its bytes runs through a range of its own. */
static uint32_t cut(uint32_t low, uint32_t high) {
    static const uint32_t LAST[] = {0x7FF, 0xFFFF};
    for (int i = 0; i < 2; i++) {
        if (low <= LAST[i] && high > LAST[i]) {
            return LAST[i];
        }
    }
    for (int bits = 6; bits <= 18; bits += 6) {
        uint32_t mask = ((uint32_t)1 << bits) - 1;
        if ((low & ~mask) != (high & ~mask)) {
            if (low & mask) {
                return low | mask;
            }
            if ((high & mask) != mask) {
                return (high & ~mask) - 1;
            }
        }
    }
    return high;
}

static uint32_t foreign(Parser *p, uint32_t low, uint32_t high, uint32_t out) {
    uint32_t found = NONE;
    while (p->outcome == EF_OK) {
        uint32_t last = high;
        for (uint32_t next = cut(low, last); next != last; next = cut(low, last)) {
            last = next;
        }
        unsigned char first_bytes[4], last_bytes[4];
        int count = encode(low, first_bytes);
        uint32_t one = out;
        encode(last, last_bytes);
        while (count-- > 0) {
            one = bytes_step(p, first_bytes[count], last_bytes[count], one);
        }
        found = either(p, found, one);
        if (last == high) {
            break;
        }
        low = last + 1;
    }
    return found;
}

static uint32_t emit_class(Parser *p, const Node *one, uint32_t out) {
    EfSet ascii = {{0, 0, 0, 0}};
    uint32_t found = NONE;
    int any = 0;
    for (uint32_t i = one->low; i < one->high; i++) {
        Range range = p->ranges.items[i];
        for (uint32_t code = range.low; code <= range.high && code < 0x80; code++) {
            ascii.bits[code >> 6] |= (uint64_t)1 << (code & 63);
            any = 1;
        }
        if (range.high >= 0x80) {
            uint32_t low = range.low < 0x80 ? 0x80 : range.low;
            int whole = low == 0x80 && range.high == LAST_CODE;
            found = either(p, found, whole ? beyond_ascii(p, out) : foreign(p, low, range.high, out));
        }
    }
    if (any || found == NONE) {
        found = either(p, found, step(p, EF_SET, ef_set(p->program, &ascii), out));
    }
    return found;
}

static uint32_t emit(Parser *p, uint32_t at, uint32_t out);

static uint32_t emit_repeat(Parser *p, const Node *one, uint32_t out) {
    uint32_t found = out;
    if (one->high == NONE) {
        uint32_t loop = step(p, EF_SPLIT, 0, out);
        uint32_t body = emit(p, one->left, loop);
        if (p->outcome != EF_OK) {
            return NONE;
        }
        p->program->steps[loop].arg = body;
        found = loop;
    } else {
        for (uint32_t i = one->low; i < one->high && p->outcome == EF_OK; i++) {
            found = step(p, EF_SPLIT, emit(p, one->left, found), out);
        }
    }
    for (uint32_t i = 0; i < one->low && p->outcome == EF_OK; i++) {
        found = emit(p, one->left, found);
    }
    return found;
}

static uint32_t emit(Parser *p, uint32_t at, uint32_t out) {
    if (p->outcome != EF_OK) {
        return NONE;
    }
    /* What stands one behind the other is a chain to the left. */
    while (p->nodes[at].kind == N_BOTH) {
        out = emit(p, p->nodes[at].right, out);
        at = p->nodes[at].left;
        if (p->outcome != EF_OK) {
            return NONE;
        }
    }
    const Node one = p->nodes[at];
    switch (one.kind) {
        case N_EMPTY: return out;
        case N_CLASS: return emit_class(p, &one, out);
        case N_ASSERT: return step(p, EF_ASSERT, one.low, out);
        case N_REPEAT: return emit_repeat(p, &one, out);
        default: break;
    }
    uint32_t found = emit(p, one.right, out);
    for (at = one.left; p->outcome == EF_OK && p->nodes[at].kind == N_EITHER; at = p->nodes[at].left) {
        found = step(p, EF_SPLIT, emit(p, p->nodes[at].right, out), found);
    }
    return p->outcome == EF_OK ? step(p, EF_SPLIT, emit(p, at, out), found) : NONE;
}

EfOutcome ef_program_add(EfProgram *program, const char *pattern, size_t length) {
    const unsigned char *start = (const unsigned char *)pattern;
    Parser p = {start, start + length, NULL, 0, 0, {NULL, 0, 0}, program, EF_OK, 0};
    size_t steps = program->step_count;
    if (program->start_count == program->start_room) {
        uint32_t *wider = grown(program->starts, &program->start_room, sizeof *wider);
        if (wider == NULL) {
            return EF_NO_MEMORY;
        }
        program->starts = wider;
    }
    take_all(&p, "(?m)");
    uint32_t top = alternatives(&p);
    if (p.outcome == EF_OK && p.at < p.end) {
        fail(&p, EF_REFUSED);
    }
    if (p.outcome == EF_OK) {
        uint32_t match = ef_emit(program, EF_MATCH, (uint32_t)program->start_count, 0);
        uint32_t entry = match == NONE ? fail(&p, EF_NO_MEMORY) : emit(&p, top, match);
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

uint32_t ef_emit(EfProgram *program, EfOp op, uint32_t arg, uint32_t out) {
    if (program->step_count == program->step_room) {
        EfStep *wider = grown(program->steps, &program->step_room, sizeof *wider);
        if (wider == NULL) {
            return NONE;
        }
        program->steps = wider;
    }
    program->steps[program->step_count] = (EfStep){(uint32_t)op, arg, out};
    return (uint32_t)program->step_count++;
}

uint32_t ef_set(EfProgram *program, const EfSet *set) {
    for (size_t i = 0; i < program->set_count; i++) {
        if (memcmp(&program->sets[i], set, sizeof *set) == 0) {
            return (uint32_t)i;
        }
    }
    if (program->set_count == program->set_room) {
        EfSet *wider = grown(program->sets, &program->set_room, sizeof *wider);
        if (wider == NULL) {
            return NONE;
        }
        program->sets = wider;
    }
    program->sets[program->set_count] = *set;
    return (uint32_t)program->set_count++;
}

void ef_program_clear(EfProgram *program) {
    free(program->steps);
    free(program->sets);
    free(program->starts);
    memset(program, 0, sizeof *program);
}
