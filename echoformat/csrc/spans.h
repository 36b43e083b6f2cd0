/* Stretches of UTF-8, and the searches that ends of texts need. */
#ifndef ECHOFORMAT_SPANS_H
#define ECHOFORMAT_SPANS_H

#include "native.h"

typedef struct {
    const uint8_t *at;
    Py_ssize_t size;
} EfSpan;

/* A part of a span; the caller keeps it within. */
static inline EfSpan ef_part(EfSpan span, Py_ssize_t start, Py_ssize_t end) {
    EfSpan part = {span.at + start, end - start};
    return part;
}

/* Whether so many bytes are the same: that short pieces are, two numbers tell. */
static inline int ef_is_same(const uint8_t *one, const uint8_t *other, Py_ssize_t size) {
    if (size >= 8 && size <= 16) {
        uint64_t first[2], last[2];
        memcpy(&first[0], one, 8);
        memcpy(&first[1], other, 8);
        memcpy(&last[0], one + size - 8, 8);
        memcpy(&last[1], other + size - 8, 8);
        return first[0] == first[1] && last[0] == last[1];
    }
    if (size >= 4 && size < 8) {
        uint32_t first[2], last[2];
        memcpy(&first[0], one, 4);
        memcpy(&first[1], other, 4);
        memcpy(&last[0], one + size - 4, 4);
        memcpy(&last[1], other + size - 4, 4);
        return first[0] == first[1] && last[0] == last[1];
    }
    return memcmp(one, other, (size_t)size) == 0;
}

/* Whether a byte goes on with a character rather than begins one. */
static inline int ef_goes_on(uint8_t byte) { return (byte & 0xC0) == 0x80; }

/* Without white space at the end, as str.rstrip says. */
EfSpan ef_rstrip(EfSpan span);

int ef_is_ascii(EfSpan span);

/* How many characters begin in a span. */
Py_ssize_t ef_length(EfSpan span);

/* Where the last `count` characters before `end` begin; 0 where there are no more than that. */
Py_ssize_t ef_back(EfSpan span, Py_ssize_t end, Py_ssize_t count);

/* Where the character begins that is `count` further on; the end of the span where there are no more. */
Py_ssize_t ef_forward(EfSpan span, Py_ssize_t from, Py_ssize_t count);

/* The first place of a piece, of one byte or more; -1 where it does not stand. */
Py_ssize_t ef_find(EfSpan span, EfSpan piece);

/* The last place of a piece; -1 where it does not stand. */
Py_ssize_t ef_rfind(EfSpan span, EfSpan piece);

/* Whether a piece stands so often, no place counted twice, as str.count counts. */
int ef_returns(EfSpan span, EfSpan piece, Py_ssize_t times);

/* Where a piece stands first, -1 where nowhere, and how often, no place counted twice. */
typedef struct {
    EfSpan piece;
    Py_ssize_t first, times;
} EfCount;

enum { EF_TOGETHER = 3 };

/* Counts three pieces in one pass; an empty one stands nowhere. */
void ef_count(EfSpan span, EfCount counts[EF_TOGETHER]);

int ef_ends_with(EfSpan span, EfSpan end);

#endif
