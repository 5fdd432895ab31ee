/* SPDX-License-Identifier: MIT */
/* Which instructions may be used. Every function written for some of them has a plain C twin that gives
 * the same bytes; jobs carry a px_simd so that tests can compare the two. */
#ifndef PX_BASE_CPU_H
#define PX_BASE_CPU_H

typedef enum px_simd {
  PX_SIMD_AUTO, /* the best this processor has; what an empty job says */
  PX_SIMD_PLAIN,
  PX_SIMD_AVX2
} px_simd;

/* What of `wanted` this processor can do: PLAIN or AVX2, never AUTO. */
px_simd px_simd_choose(px_simd wanted);

#if defined(__x86_64__)
#define PX_HAVE_AVX2 1
#define PX_TARGET_AVX2 __attribute__((target("avx2,bmi,bmi2,lzcnt,popcnt")))
#else
#define PX_HAVE_AVX2 0
#endif

#endif
