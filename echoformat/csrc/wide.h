/* Which instructions on many bytes at once a compiler and a processor know. */
#ifndef ECHOFORMAT_WIDE_H
#define ECHOFORMAT_WIDE_H

#include <stdint.h>
#if defined(_MSC_VER) && defined(_WIN64)
#include <intrin.h>
#endif

/* The place of the lowest bit that is set; one is. */
static inline unsigned ef_lowest(uint64_t bits) {
#if defined(__GNUC__) || defined(__clang__)
    return (unsigned)__builtin_ctzll(bits);
#elif defined(_MSC_VER) && defined(_WIN64)
    unsigned long found;
    _BitScanForward64(&found, bits);
    return (unsigned)found;
#else
    unsigned found = 0;
    while (!(bits >> found & 1)) {
        found++;
    }
    return found;
#endif
}

#if defined(__SSE2__) || defined(_M_X64)
#define EF_SSE2 1
#include <emmintrin.h>
#endif

#if defined(EF_SSE2) && defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))
#define EF_AVX2 1
#include <immintrin.h>
#define EF_FOR_AVX2 __attribute__((target("avx2")))
static inline int ef_has_avx2(void) { return __builtin_cpu_supports("avx2"); }
/* Any byte looked up in 128 at once. */
#define EF_FOR_VBMI __attribute__((target("avx512f,avx512bw,avx512vbmi,popcnt")))
static inline int ef_has_vbmi(void) {
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("popcnt");
}
#endif

#endif
