/* Windows, skeletons and sums once more, for processors with wide registers: what is written there is compiled
   twice, and the machine asked which it can run. Products and sums are not fused, so nothing rounds otherwise. */
#include "native.h"
#include "wide.h"

#include <math.h>

#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__)
#pragma GCC target("avx2,bmi,bmi2,popcnt")
#define ef_look_at ef_look_at_wide
#define ef_skeleton ef_skeleton_wide
#define ef_sum ef_sum_wide
#include "skeleton.c"
#include "sums.c"
#endif
