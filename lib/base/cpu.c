/* SPDX-License-Identifier: MIT */
#include "base/cpu.h"

#include <stdbool.h>

static bool has_avx2(void)
{
#if PX_HAVE_AVX2
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2") &&
         __builtin_cpu_supports("popcnt");
#else
  return false;
#endif
}

px_simd px_simd_choose(px_simd wanted)
{
  return wanted != PX_SIMD_PLAIN && has_avx2() ? PX_SIMD_AVX2 : PX_SIMD_PLAIN;
}
