/* Nodes to steps of a program; each is emitted before what comes before it. */
#include "scan_nodes.h"

#include <stdlib.h>
#include <string.h>

static uint32_t step(Parser *p, EfOp op, uint32_t arg, uint32_t out) {
    if (p->outcome != EF_OK || arg == NONE || out == NONE) {
        return ef_fail(p, EF_NO_MEMORY);
    }
    if (p->program->step_count >= MOST_STEPS) {
        return ef_fail(p, EF_TOO_LARGE);
    }
    uint32_t found = ef_emit(p->program, op, arg, out);
    return found == NONE ? ef_fail(p, EF_NO_MEMORY) : found;
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

static uint32_t emit_repeat(Parser *p, const Node *one, uint32_t out) {
    uint32_t found = out;
    if (one->high == NONE) {
        uint32_t loop = step(p, EF_SPLIT, 0, out);
        uint32_t body = ef_emit_node(p, one->left, loop);
        if (p->outcome != EF_OK) {
            return NONE;
        }
        p->program->steps[loop].arg = body;
        found = loop;
    } else {
        for (uint32_t i = one->low; i < one->high && p->outcome == EF_OK; i++) {
            found = step(p, EF_SPLIT, ef_emit_node(p, one->left, found), out);
        }
    }
    for (uint32_t i = 0; i < one->low && p->outcome == EF_OK; i++) {
        found = ef_emit_node(p, one->left, found);
    }
    return found;
}

uint32_t ef_emit_node(Parser *p, uint32_t at, uint32_t out) {
    if (p->outcome != EF_OK) {
        return NONE;
    }
    /* What stands one behind the other is a chain to the left. */
    while (p->nodes[at].kind == N_BOTH) {
        out = ef_emit_node(p, p->nodes[at].right, out);
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
    uint32_t found = ef_emit_node(p, one.right, out);
    for (at = one.left; p->outcome == EF_OK && p->nodes[at].kind == N_EITHER; at = p->nodes[at].left) {
        found = step(p, EF_SPLIT, ef_emit_node(p, p->nodes[at].right, out), found);
    }
    return p->outcome == EF_OK ? step(p, EF_SPLIT, ef_emit_node(p, at, out), found) : NONE;
}

uint32_t ef_emit(EfProgram *program, EfOp op, uint32_t arg, uint32_t out) {
    if (program->step_count == program->step_room) {
        EfStep *wider = ef_grown(program->steps, &program->step_room, sizeof *wider);
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
        EfSet *wider = ef_grown(program->sets, &program->set_room, sizeof *wider);
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
