/* Three pieces counted in one pass: what tells them apart is loaded once for all. */
#include "spans.h"
#include "wide.h"

enum { BLOCK = 64 };

static void count_alone(EfSpan span, EfCount *count) {
    Py_ssize_t from = 0, found;
    while (count->piece.size > 0 && (found = ef_find(ef_part(span, from, span.size), count->piece)) >= 0) {
        count->first = count->times++ == 0 ? from + found : count->first;
        from += found + count->piece.size;
    }
}

#ifdef EF_AVX2
static void count_at(EfSpan span, Py_ssize_t place, EfCount *count, Py_ssize_t *next) {
    EfSpan piece = count->piece;
    if (place < *next || span.size - place < piece.size || !ef_is_same(span.at + place, piece.at, piece.size)) {
        return;
    }
    count->first = count->times++ == 0 ? place : count->first;
    *next = place + piece.size;
}

/* Three pieces are told by bytes at the same places in each, which are loaded once for all. */
typedef struct {
    __m256i first, amid, last;
} Marks;

EF_FOR_AVX2 static Marks marks_of(EfSpan piece, Py_ssize_t half, Py_ssize_t end) {
    Marks marks = {_mm256_set1_epi8((char)piece.at[0]), _mm256_set1_epi8((char)piece.at[half]),
                   _mm256_set1_epi8((char)piece.at[end])};
    return marks;
}

EF_FOR_AVX2 static inline __m256i hits_of(Marks block, Marks marks) {
    __m256i ends = _mm256_and_si256(_mm256_cmpeq_epi8(block.first, marks.first),
                                    _mm256_cmpeq_epi8(block.last, marks.last));
    return _mm256_and_si256(ends, _mm256_cmpeq_epi8(block.amid, marks.amid));
}

EF_FOR_AVX2 static inline Marks load(const uint8_t *at, Py_ssize_t half, Py_ssize_t end) {
    Marks block = {_mm256_loadu_si256((const __m256i *)(const void *)at),
                   _mm256_loadu_si256((const __m256i *)(const void *)(at + half)),
                   _mm256_loadu_si256((const __m256i *)(const void *)(at + end))};
    return block;
}

/* Counts in whole blocks and one more that overlaps; the shortest piece fits into each. Places seen before lie
   within what was found there, or hold nothing. */
EF_FOR_AVX2 static void count_by_wide_blocks(EfSpan span, EfCount *counts, Py_ssize_t shortest) {
    const Py_ssize_t half = shortest / 2, end = shortest - 1, last = span.size - shortest - 31;
    const Marks one = marks_of(counts[0].piece, half, end), two = marks_of(counts[1].piece, half, end),
                three = marks_of(counts[2].piece, half, end);
    Py_ssize_t next[EF_TOGETHER] = {0, 0, 0};
    for (Py_ssize_t place = 0, step = 32; step > 0; place += step) {
        Marks block = load(span.at + place, half, end);
        __m256i hits[EF_TOGETHER] = {hits_of(block, one), hits_of(block, two), hits_of(block, three)};
        __m256i any = _mm256_or_si256(_mm256_or_si256(hits[0], hits[1]), hits[2]);
        step = last - place < 32 ? last - place : 32;
        if (_mm256_movemask_epi8(any) == 0) {
            continue;
        }
        for (int i = 0; i < EF_TOGETHER; i++) {
            for (unsigned int left = (unsigned int)_mm256_movemask_epi8(hits[i]); left; left &= left - 1) {
                count_at(span, place + (Py_ssize_t)ef_lowest(left), &counts[i], &next[i]);
            }
        }
    }
}

/* What of sixty-four places may begin a piece. */
typedef struct {
    __m512i first, amid, last;
} WideMarks;

EF_FOR_VBMI static WideMarks wide_marks_of(EfSpan piece, Py_ssize_t half, Py_ssize_t end) {
    WideMarks marks = {_mm512_set1_epi8((char)piece.at[0]), _mm512_set1_epi8((char)piece.at[half]),
                       _mm512_set1_epi8((char)piece.at[end])};
    return marks;
}

EF_FOR_VBMI static inline uint64_t wide_hits_of(WideMarks block, WideMarks marks) {
    __mmask64 hits = _mm512_cmpeq_epi8_mask(block.first, marks.first);
    hits = _mm512_mask_cmpeq_epi8_mask(hits, block.last, marks.last);
    return _mm512_mask_cmpeq_epi8_mask(hits, block.amid, marks.amid);
}

static inline void count_hits(EfSpan span, Py_ssize_t place, uint64_t hits, EfCount *count, Py_ssize_t *next) {
    for (; hits; hits &= hits - 1) {
        count_at(span, place + (Py_ssize_t)ef_lowest(hits), count, next);
    }
}

/* `count_by_wide_blocks` by blocks of sixty-four. */
EF_FOR_VBMI static void count_by_widest_blocks(EfSpan span, EfCount *counts, Py_ssize_t shortest) {
    const Py_ssize_t half = shortest / 2, end = shortest - 1, last = span.size - shortest - (BLOCK - 1);
    const WideMarks one = wide_marks_of(counts[0].piece, half, end),
                    two = wide_marks_of(counts[1].piece, half, end),
                    three = wide_marks_of(counts[2].piece, half, end);
    Py_ssize_t next[EF_TOGETHER] = {0, 0, 0};
    for (Py_ssize_t place = 0, step = BLOCK; step > 0; place += step) {
        const uint8_t *at = span.at + place;
        WideMarks block = {_mm512_loadu_si512(at), _mm512_loadu_si512(at + half), _mm512_loadu_si512(at + end)};
        uint64_t first = wide_hits_of(block, one), second = wide_hits_of(block, two),
                 third = wide_hits_of(block, three);
        step = last - place < BLOCK ? last - place : BLOCK;
        if ((first | second | third) == 0) {
            continue;
        }
        count_hits(span, place, first, &counts[0], &next[0]);
        count_hits(span, place, second, &counts[1], &next[1]);
        count_hits(span, place, third, &counts[2], &next[2]);
    }
}
#endif

void ef_count(EfSpan span, EfCount counts[EF_TOGETHER]) {
    Py_ssize_t shortest = counts[0].piece.size;
    for (int i = 0; i < EF_TOGETHER; i++) {
        counts[i].first = -1;
        counts[i].times = 0;
        shortest = counts[i].piece.size < shortest ? counts[i].piece.size : shortest;
    }
#ifdef EF_AVX2
    if (shortest > 0 && span.size - shortest >= BLOCK - 1 && ef_has_vbmi()) {
        count_by_widest_blocks(span, counts, shortest);
        return;
    }
    if (ef_has_avx2() && shortest > 0 && span.size - shortest >= 31) {
        count_by_wide_blocks(span, counts, shortest);
        return;
    }
#endif
    for (int i = 0; i < EF_TOGETHER; i++) {
        count_alone(span, &counts[i]);
    }
}
