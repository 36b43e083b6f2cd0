/* Windows, skeletons and sums a third time, for processors whose registers hold 64 bytes and that look bytes up
   and push them together in there: parts of what is written in those files have a shape of their own here. */
#include "native.h"
#include "wide.h"

#include <math.h>

#if defined(__GNUC__) && __GNUC__ >= 8 && !defined(__clang__) && defined(__x86_64__)
#pragma GCC target("avx2,bmi,bmi2,popcnt,avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,avx512vbmi2")
#define EF_WIDEST
#define ef_look_at ef_look_at_widest
#define ef_skeleton ef_skeleton_widest
#define ef_sum ef_sum_widest
#include "skeleton.c"
#include "sums.c"
#endif
