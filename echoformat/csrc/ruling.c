/* One row of flags: which rules fired, what they count, what follows. */
#include "rules.h"
#include "skeleton.h"
#include "wide.h"

#include <math.h>

enum { STEP = 16, BYTE = 8, AT_ONCE = 16 };
static const uint64_t LOW_BITS = 0x0101010101010101u, GATHERED = 0x0102040810204080u;
static const uint64_t HIGHEST = 0x8000000000000000u;

void ef_drop_sheet(ef_sheet *sheet) {
    PyMem_Free(sheet->hits);
    PyMem_Free(sheet->positive);
    PyMem_Free(sheet->totals);
    PyMem_Free(sheet->scores);
    PyMem_Free(sheet->sums);
    PyMem_Free(sheet->beaten);
}

int ef_make_sheet(const EfRules *self, ef_sheet *sheet) {
    size_t formats = (size_t)self->formats + 1;
    memset(sheet, 0, sizeof *sheet);
    sheet->hits = PyMem_Calloc((size_t)self->rules + AT_ONCE, sizeof *sheet->hits);
    sheet->positive = PyMem_Calloc(formats, sizeof *sheet->positive);
    sheet->totals = PyMem_Calloc(formats, sizeof *sheet->totals);
    sheet->scores = PyMem_Calloc(formats, sizeof *sheet->scores);
    sheet->sums = PyMem_Calloc((size_t)self->variants + 1, sizeof *sheet->sums);
    sheet->beaten = PyMem_Calloc(formats, 1);
    if (sheet->hits == NULL || sheet->positive == NULL || sheet->totals == NULL || sheet->scores == NULL ||
        sheet->sums == NULL || sheet->beaten == NULL) {
        ef_drop_sheet(sheet);
        PyErr_NoMemory();
        return -1;
    }
    return 0;
}

/* So many flags, at most 64, as bits. */
static uint64_t bits_of(const uint8_t *flags, Py_ssize_t count) {
    uint64_t bits = 0;
    Py_ssize_t at = 0;
#ifdef EF_SSE2
    for (; at + STEP <= count; at += STEP) {
        __m128i some = _mm_loadu_si128((const __m128i *)(flags + at));
        bits |= (uint64_t)(unsigned)_mm_movemask_epi8(_mm_slli_epi16(some, BYTE - 1)) << at;
    }
#endif
    for (; at < count; at += BYTE) {
        uint64_t eight = 0;
        memcpy(&eight, flags + at, (size_t)(count - at < BYTE ? count - at : BYTE));
        bits |= ((eight & LOW_BITS) * GATHERED >> 56) << at;
    }
    return bits;
}

static int ones(uint64_t bits) {
    bits -= bits >> 1 & 0x5555555555555555u;
    bits = (bits & 0x3333333333333333u) + (bits >> 2 & 0x3333333333333333u);
    return (int)(((bits + (bits >> 4)) & 0x0F0F0F0F0F0F0F0Fu) * LOW_BITS >> 56);
}

#if defined(EF_AVX2) && __GNUC__ >= 8 && !defined(__clang__)
#define EF_FOR_WIDEST __attribute__((target("avx512f,avx512bw,avx512vl,avx512vbmi2,popcnt")))

int ef_lists_widely(void) {
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vbmi2") &&
           __builtin_cpu_supports("popcnt");
}

static const uint8_t ORDERED[EF_FLAGS] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15,
                                      16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31,
                                      32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47,
                                      48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63};

/* `list_hits` where 64 flags are looked at together. */
EF_FOR_WIDEST static void list_widely(const EfRules *self, const uint8_t *flags, ef_sheet *sheet) {
    __m512i ordered = _mm512_loadu_si512(ORDERED), lowest = _mm512_set1_epi8(1);
    int32_t *next = sheet->hits;
    for (Py_ssize_t at = 0; at < self->rules; at += EF_FLAGS) {
        uint64_t inside = self->rules - at < EF_FLAGS ? ((uint64_t)1 << (self->rules - at)) - 1 : ~(uint64_t)0;
        uint64_t bits = _mm512_test_epi8_mask(_mm512_maskz_loadu_epi8(inside, flags + at), lowest);
        __m512i places = _mm512_maskz_compress_epi8(bits, ordered), base = _mm512_set1_epi32((int)at);
        int count = __builtin_popcountll(bits), done = 0;
        /* Some are written for nothing: how many there are is a branch that no processor foresees. */
        do {
            __m512i some = _mm512_cvtepu8_epi32(_mm512_castsi512_si128(places));
            _mm512_storeu_si512(next + done, _mm512_add_epi32(base, some));
            places = _mm512_shuffle_i32x4(places, places, 0x39);
            done += AT_ONCE;
        } while (done < count);
        next += count;
    }
    sheet->hit = next - sheet->hits;
}
#else
int ef_lists_widely(void) { return 0; }

static void list_widely(const EfRules *self, const uint8_t *flags, ef_sheet *sheet) {
    (void)self, (void)flags, (void)sheet;
}
#endif

/* Which rules fired, ascending. */
static void list_hits(const EfRules *self, const uint8_t *flags, ef_sheet *sheet) {
    Py_ssize_t hit = 0;
    if (self->is_wide) {
        list_widely(self, flags, sheet);
        return;
    }
    for (Py_ssize_t at = 0; at < self->rules; at += EF_FLAGS) {
        Py_ssize_t left = self->rules - at;
        uint64_t bits = bits_of(flags + at, left < EF_FLAGS ? left : EF_FLAGS);
        int32_t *hits = sheet->hits + hit;
        hit += ones(bits);
        do {
            /* Some are written for nothing: how many there are is a branch that no processor foresees. */
            for (int k = 0; k < AT_ONCE; k++, bits &= bits - 1) {
                *hits++ = (int32_t)at + (int32_t)ef_lowest(bits | HIGHEST);
            }
        } while (bits);
    }
    sheet->hit = hit;
}

/* Evidence for each format, added up in the order of rules; what no format gains from comes first. */
static void add_up(const EfRules *self, ef_sheet *sheet) {
    double *totals = sheet->totals;
    memset(totals, 0, ((size_t)self->formats + 1) * sizeof *totals);
    for (Py_ssize_t i = 0; i < sheet->hit; i++) {
        int32_t rule = sheet->hits[i];
        totals[self->own[rule] + 1] += self->weights[rule];
    }
}

/* Scores of the formats that have any; the highest. */
static double score(const EfRules *self, ef_sheet *sheet) {
    const double *totals = sheet->totals + 1;
    Py_ssize_t count = 0;
    double top = 0.0;
    for (Py_ssize_t format = 0; format < self->formats; format++) {
        sheet->positive[count] = (int32_t)format;
        count += totals[format] > 0;
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        double one = -expm1(-totals[sheet->positive[i]]);
        sheet->scores[i] = one;
        sheet->beaten[i] = 0;
        top = one > top ? one : top;
    }
    sheet->stood = count;
    return top;
}

/* Mark what a format that stands on its own evidence outranks. */
static void beat(const EfRules *self, ef_sheet *sheet) {
    for (Py_ssize_t i = 0; i < sheet->stood; i++) {
        const uint8_t *below = self->below + (size_t)sheet->positive[i] * (size_t)self->formats;
        for (Py_ssize_t k = 0; sheet->scores[i] >= self->least_score && k < sheet->stood; k++) {
            sheet->beaten[k] |= below[sheet->positive[k]];
        }
    }
}

static double look_at(const EfRules *self, const uint8_t *flags, ef_sheet *sheet) {
    list_hits(self, flags, sheet);
    add_up(self, sheet);
    double top = score(self, sheet);
    beat(self, sheet);
    return top;
}

/* Whether any rule votes for a finer form of a format, or, at -1, of one that is not on the shelf. */
static int is_named(const EfRules *self, int32_t code) {
    return code >= EF_NONE && code < self->formats && self->has_finer[code + 1];
}

/* The finer form of a format that the rules point to: the first of those with most votes; -1 for none. */
static int16_t variant_of(const EfRules *self, ef_sheet *sheet, int32_t code) {
    int32_t best = EF_NONE;
    if (!is_named(self, code)) {
        return EF_NONE;
    }
    memset(sheet->sums, 0, (size_t)self->variants * sizeof *sheet->sums);
    for (Py_ssize_t i = 0; i < sheet->hit; i++) {
        int32_t rule = sheet->hits[i], variant = self->finer[rule];
        if (variant >= 0 && self->own[rule] == code) {
            sheet->sums[variant] += self->votes[rule];
        }
    }
    double most = 0.0;
    for (int32_t variant = 0; variant < self->variants; variant++) {
        if (sheet->sums[variant] > most) {
            most = sheet->sums[variant];
            best = variant;
        }
    }
    return (int16_t)best;
}

/* The format that scores best, by name where several do, its score and the second best. */
static int32_t rank(const EfRules *self, const ef_sheet *sheet, double *best, double *second) {
    int32_t code = EF_NONE;
    *best = *second = 0.0;
    for (Py_ssize_t i = 0; i < sheet->stood; i++) {
        double one = sheet->scores[i];
        int32_t format = sheet->positive[i];
        if (!(one >= self->least_score) || sheet->beaten[i]) {
            continue;
        }
        if (one > *best || (one == *best && code >= 0 && self->by_name[format] < self->by_name[code])) {
            *second = *best;
            *best = one;
            code = format;
        } else if (one > *second) {
            *second = one;
        }
    }
    return code;
}

void ef_rule_on(const EfRules *self, const uint8_t *flags, ef_sheet *sheet, const ef_verdicts *into,
                Py_ssize_t row) {
    double best, second, top = look_at(self, flags, sheet);
    int32_t code = rank(self, sheet, &best, &second);
    int is_none = best == 0, is_close = best - second < self->least_margin;
    code = is_none || is_close ? EF_NONE : code;
    into->codes[row] = (int16_t)code;
    into->variants[row] = variant_of(self, sheet, code);
    into->reasons[row] = is_none    ? self->reasons.unknown
                         : is_close ? self->reasons.ambiguous
                                    : self->reasons.rules;
    into->confidence[row] = is_none ? 1 - top : is_close ? 1 - (best - second) : best * (1 - second / 2);
    into->top[row] = top;
}

/* Capped sums; a format that another one outranks keeps at most 0. */
void ef_cap(const EfRules *self, const uint8_t *flags, ef_sheet *sheet, double *sums) {
    look_at(self, flags, sheet);
    const double *totals = sheet->totals + 1;
    double most = self->most_evidence;
    for (Py_ssize_t format = 0; format < self->formats; format++) {
        double one = totals[format] > -most ? totals[format] : -most;
        sums[format] = one < most ? one : most;
    }
    for (Py_ssize_t i = 0; i < sheet->stood; i++) {
        if (sheet->beaten[i]) {
            sums[sheet->positive[i]] = 0.0;
        }
    }
}

int16_t ef_name(const EfRules *self, const uint8_t *flags, ef_sheet *sheet, int32_t code) {
    if (is_named(self, code)) {
        list_hits(self, flags, sheet);
    }
    return variant_of(self, sheet, code);
}
