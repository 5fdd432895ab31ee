/* SPDX-License-Identifier: MIT */
/* The twin of the plain way in base64.c, 32 characters at a time. */
#include "base/base64.h"

#if PX_HAVE_AVX2

#include <immintrin.h>
#include <stdbool.h>

enum { STEP = 32, ROOM = 44 /* characters whose bytes have room for a store of 32 */ };

/* All bits where low <= byte <= high. */
PX_TARGET_AVX2 static inline __m256i between(__m256i bytes, char low, char high)
{
  __m256i above = _mm256_cmpgt_epi8(bytes, _mm256_set1_epi8((char)(low - 1)));
  return _mm256_andnot_si256(_mm256_cmpgt_epi8(bytes, _mm256_set1_epi8(high)), above);
}

PX_TARGET_AVX2 static inline __m256i either(__m256i bytes, char one, char other)
{
  return _mm256_or_si256(_mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(one)), _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(other)));
}

PX_TARGET_AVX2 static inline __m256i where(__m256i mask, int value)
{
  return _mm256_and_si256(mask, _mm256_set1_epi8((char)value));
}

/* The value of each character; false when one has none. */
PX_TARGET_AVX2 static inline bool read_values(__m256i text, __m256i *values)
{
  __m256i upper = between(text, 'A', 'Z');
  __m256i lower = between(text, 'a', 'z');
  __m256i digit = between(text, '0', '9');
  __m256i plus = either(text, '+', '-');
  __m256i slash = either(text, '/', '_');
  __m256i shifted = _mm256_or_si256(_mm256_or_si256(where(upper, -'A'), where(lower, 26 - 'a')), where(digit, 52 - '0'));
  __m256i plain = _mm256_or_si256(_mm256_or_si256(upper, lower), digit);
  __m256i marks = _mm256_or_si256(plus, slash);
  __m256i found = _mm256_and_si256(plain, _mm256_add_epi8(text, shifted));
  *values = _mm256_or_si256(found, _mm256_or_si256(where(plus, 62), where(slash, 63)));
  return _mm256_movemask_epi8(_mm256_or_si256(plain, marks)) == -1;
}

/* Four values of 6 bits in every 32 become three bytes, the 24 of them side by side. */
PX_TARGET_AVX2 static inline __m256i join(__m256i values)
{
  const __m256i order = _mm256_setr_epi8(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1, 2, 1, 0, 6, 5, 4, 10, 9, 8,
                                         14, 13, 12, -1, -1, -1, -1);
  __m256i pairs = _mm256_maddubs_epi16(values, _mm256_set1_epi16(1 << 8 | 64));
  __m256i fours = _mm256_madd_epi16(pairs, _mm256_set1_epi32(1 << 16 | 4096));
  return _mm256_permutevar8x32_epi32(_mm256_shuffle_epi8(fours, order), _mm256_setr_epi32(0, 1, 2, 4, 5, 6, 7, 7));
}

PX_TARGET_AVX2 size_t px_base64_quads_avx2(const char *text, size_t size, unsigned char *out)
{
  size_t done = 0;
  for (; size - done >= ROOM; done += STEP, out += STEP / 4 * 3) {
    __m256i values;
    if (!read_values(_mm256_loadu_si256((const __m256i *)(const void *)(text + done)), &values))
      break;
    _mm256_storeu_si256((__m256i *)(void *)out, join(values));
  }
  return done;
}

#endif
