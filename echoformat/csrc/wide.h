/* Which instructions on many bytes at once a compiler and a processor know. */
#ifndef ECHOFORMAT_WIDE_H
#define ECHOFORMAT_WIDE_H

#if defined(__SSE2__) || defined(_M_X64)
#define EF_SSE2 1
#include <emmintrin.h>
#endif

#if defined(EF_SSE2) && defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))
#define EF_AVX2 1
#include <immintrin.h>
#define EF_FOR_AVX2 __attribute__((target("avx2")))
static inline int ef_has_avx2(void) { return __builtin_cpu_supports("avx2"); }
#endif

#endif
