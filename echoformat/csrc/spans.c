/* Stretches of UTF-8: a piece found in valid UTF-8 is found at characters, so bytes are searched. */
#include "spans.h"
#include "wide.h"

enum { BLOCK = 64 };

static int is_blank_byte(uint8_t byte) {
    return (byte >= 0x09 && byte <= 0x0D) || (byte >= 0x1C && byte <= 0x20);
}

/* The size of the white space that ends here, 0 for other characters. Beyond ASCII these are U+0085, U+00A0,
   U+1680, U+2000 to U+200A, U+2028, U+2029, U+202F, U+205F and U+3000. */
static Py_ssize_t blank_before(const uint8_t *at, Py_ssize_t end) {
    if (is_blank_byte(at[end - 1])) {
        return 1;
    }
    if (end >= 2 && at[end - 2] == 0xC2) {
        return at[end - 1] == 0x85 || at[end - 1] == 0xA0 ? 2 : 0;
    }
    if (end < 3 || at[end - 3] < 0xE1 || at[end - 3] > 0xE3) {
        return 0;
    }
    uint32_t three = (uint32_t)at[end - 3] << 16 | (uint32_t)at[end - 2] << 8 | at[end - 1];
    int is_blank = three == 0xE19A80 || (three >= 0xE28080 && three <= 0xE2808A) || three == 0xE280A8 ||
                   three == 0xE280A9 || three == 0xE280AF || three == 0xE2819F || three == 0xE38080;
    return is_blank ? 3 : 0;
}

EfSpan ef_rstrip(EfSpan span) {
    Py_ssize_t blank;
    while (span.size > 0 && (blank = blank_before(span.at, span.size)) > 0) {
        span.size -= blank;
    }
    return span;
}

/* How many characters begin in a whole block, which a compiler counts many bytes at a time. */
static Py_ssize_t begun_in_block(const uint8_t *at) {
    uint8_t begun = 0;
    for (int i = 0; i < BLOCK; i++) {
        begun += !ef_goes_on(at[i]);
    }
    return begun;
}

Py_ssize_t ef_length(EfSpan span) {
    Py_ssize_t length = 0, place = 0;
    for (; place + BLOCK <= span.size; place += BLOCK) {
        length += begun_in_block(span.at + place);
    }
    for (; place < span.size; place++) {
        length += !ef_goes_on(span.at[place]);
    }
    return length;
}

Py_ssize_t ef_back(EfSpan span, Py_ssize_t end, Py_ssize_t count) {
    while (end >= BLOCK && count > BLOCK) {
        end -= BLOCK;
        count -= begun_in_block(span.at + end);
    }
    while (end > 0 && count > 0) {
        count -= !ef_goes_on(span.at[--end]);
    }
    return end;
}

static Py_ssize_t find_plainly(EfSpan span, EfSpan piece) {
    Py_ssize_t from = 0;
    while (span.size - from >= piece.size) {
        size_t left = (size_t)(span.size - from - piece.size + 1);
        const uint8_t *found = memchr(span.at + from, piece.at[0], left);
        if (found == NULL) {
            return -1;
        }
        if (memcmp(found, piece.at, (size_t)piece.size) == 0) {
            return found - span.at;
        }
        from = found - span.at + 1;
    }
    return -1;
}

#ifdef EF_SSE2
/* What of sixteen places may begin a piece, by its first byte, its last and one amid it. */
typedef struct {
    __m128i first, amid, last;
    Py_ssize_t half, end;
} Probe;

static __m128i same(const uint8_t *at, __m128i byte) {
    return _mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)(const void *)at), byte);
}

static unsigned int likely(const Probe *probe, const uint8_t *at) {
    __m128i ends = _mm_and_si128(same(at, probe->first), same(at + probe->end, probe->last));
    return (unsigned int)_mm_movemask_epi8(_mm_and_si128(ends, same(at + probe->half, probe->amid)));
}

static Py_ssize_t find_in_block(const Probe *probe, EfSpan span, EfSpan piece, Py_ssize_t place) {
    for (unsigned int left = likely(probe, span.at + place); left; left &= left - 1) {
        Py_ssize_t found = place + (Py_ssize_t)ef_lowest(left);
        if (ef_is_same(span.at + found, piece.at, piece.size)) {
            return found;
        }
    }
    return -1;
}

static Py_ssize_t find_by_blocks(EfSpan span, EfSpan piece) {
    const Py_ssize_t half = piece.size / 2, end = piece.size - 1, last = span.size - end - 16;
    if (last < 0) {
        return find_plainly(span, piece);
    }
    const Probe probe = {_mm_set1_epi8((char)piece.at[0]), _mm_set1_epi8((char)piece.at[half]),
                         _mm_set1_epi8((char)piece.at[end]), half, end};
    Py_ssize_t found = -1;
    for (Py_ssize_t place = 0; found < 0 && place < last; place += 16) {
        found = find_in_block(&probe, span, piece, place);
    }
    /* The last block overlaps the one before. */
    return found < 0 ? find_in_block(&probe, span, piece, last) : found;
}
#endif

#ifdef EF_AVX2
/* The same by thirty-two places. */
typedef struct {
    __m256i first, amid, last;
    Py_ssize_t half, end;
} WideProbe;

EF_FOR_AVX2 static __m256i wide_same(const uint8_t *at, __m256i byte) {
    return _mm256_cmpeq_epi8(_mm256_loadu_si256((const __m256i *)(const void *)at), byte);
}

EF_FOR_AVX2 static unsigned int wide_likely(const WideProbe *probe, const uint8_t *at) {
    __m256i ends = _mm256_and_si256(wide_same(at, probe->first), wide_same(at + probe->end, probe->last));
    return (unsigned int)_mm256_movemask_epi8(_mm256_and_si256(ends, wide_same(at + probe->half, probe->amid)));
}

EF_FOR_AVX2 static Py_ssize_t find_in_wide_block(const WideProbe *probe, EfSpan span, EfSpan piece,
                                                 Py_ssize_t place) {
    for (unsigned int left = wide_likely(probe, span.at + place); left; left &= left - 1) {
        Py_ssize_t found = place + (Py_ssize_t)ef_lowest(left);
        if (ef_is_same(span.at + found, piece.at, piece.size)) {
            return found;
        }
    }
    return -1;
}

EF_FOR_AVX2 static Py_ssize_t find_by_wide_blocks(EfSpan span, EfSpan piece) {
    const Py_ssize_t half = piece.size / 2, end = piece.size - 1, last = span.size - end - 32;
    if (last < 0) {
        return find_by_blocks(span, piece);
    }
    const WideProbe probe = {_mm256_set1_epi8((char)piece.at[0]), _mm256_set1_epi8((char)piece.at[half]),
                             _mm256_set1_epi8((char)piece.at[end]), half, end};
    Py_ssize_t found = -1;
    for (Py_ssize_t place = 0; found < 0 && place < last; place += 32) {
        found = find_in_wide_block(&probe, span, piece, place);
    }
    return found < 0 ? find_in_wide_block(&probe, span, piece, last) : found;
}
#endif

#ifdef EF_AVX2
/* Sixty-four at a time, which overlap at the end. */
EF_FOR_AVX2 static int is_ascii_wide(EfSpan span) {
    const Py_ssize_t last = span.size - 32;
    __m256i seen = _mm256_loadu_si256((const __m256i *)(const void *)(span.at + last)), more = seen;
    for (Py_ssize_t place = 0; place < last; place += BLOCK) {
        const Py_ssize_t next = place + 32 < last ? place + 32 : last;
        seen = _mm256_or_si256(seen, _mm256_loadu_si256((const __m256i *)(const void *)(span.at + place)));
        more = _mm256_or_si256(more, _mm256_loadu_si256((const __m256i *)(const void *)(span.at + next)));
    }
    return _mm256_movemask_epi8(_mm256_or_si256(seen, more)) == 0;
}
#endif

int ef_is_ascii(EfSpan span) {
#ifdef EF_AVX2
    if (span.size >= 32 && ef_has_avx2()) {
        return is_ascii_wide(span);
    }
#endif
    uint8_t seen = 0;
    for (Py_ssize_t i = 0; i < span.size; i++) {
        seen |= span.at[i];
    }
    return seen < 0x80;
}

Py_ssize_t ef_find(EfSpan span, EfSpan piece) {
#ifdef EF_AVX2
    return ef_has_avx2() ? find_by_wide_blocks(span, piece) : find_by_blocks(span, piece);
#elif defined(EF_SSE2)
    return find_by_blocks(span, piece);
#else
    return find_plainly(span, piece);
#endif
}

Py_ssize_t ef_forward(EfSpan span, Py_ssize_t from, Py_ssize_t count) {
    while (span.size - from >= BLOCK && count > BLOCK) {
        count -= begun_in_block(span.at + from);
        from += BLOCK;
    }
    while (from < span.size && (count > 0 || ef_goes_on(span.at[from]))) {
        count -= !ef_goes_on(span.at[from]);
        from++;
    }
    return from;
}

/* Forward: a piece mostly stands once or never, and is found faster that way. */
Py_ssize_t ef_rfind(EfSpan span, EfSpan piece) {
    Py_ssize_t last = -1, found = ef_find(span, piece);
    while (found >= 0) {
        last += found + 1;
        found = ef_find(ef_part(span, last + 1, span.size), piece);
    }
    return last;
}

int ef_returns(EfSpan span, EfSpan piece, Py_ssize_t times) {
    while (times > 0) {
        Py_ssize_t place = ef_find(span, piece);
        if (place < 0) {
            return 0;
        }
        span = ef_part(span, place + piece.size, span.size);
        times--;
    }
    return 1;
}

int ef_ends_with(EfSpan span, EfSpan end) {
    return span.size >= end.size && ef_is_same(span.at + span.size - end.size, end.at, end.size);
}
