/* SPDX-License-Identifier: MIT */
/* The twin of px_blend_over_rgb_plain(), four pixels at a time. */
#include "image/blend.h"

#if PX_HAVE_AVX2

#include <immintrin.h>
#include <string.h>

/* px_div255() of sixteen. */
PX_TARGET_AVX2 static inline __m256i div255(__m256i value)
{
  value = _mm256_add_epi16(value, _mm256_set1_epi16(128));
  return _mm256_srli_epi16(_mm256_add_epi16(value, _mm256_srli_epi16(value, 8)), 8);
}

/* Four pixels of 16-bit samples; x / 100 = x 5243 / 2^19 for every x below 43698. */
PX_TARGET_AVX2 static inline __m256i over(__m256i layer, __m256i below, __m256i opacity)
{
  const __m256i spread = _mm256_setr_epi8(6, 7, 6, 7, 6, 7, 6, 7, 14, 15, 14, 15, 14, 15, 14, 15, 6, 7, 6, 7, 6, 7, 6, 7, 14,
                                          15, 14, 15, 14, 15, 14, 15);
  __m256i alpha = _mm256_mullo_epi16(_mm256_shuffle_epi8(layer, spread), opacity);
  alpha = _mm256_add_epi16(alpha, _mm256_set1_epi16(PX_OPAQUE / 2));
  alpha = _mm256_srli_epi16(_mm256_mulhi_epu16(alpha, _mm256_set1_epi16(5243)), 3);
  __m256i rest = _mm256_sub_epi16(_mm256_set1_epi16(255), alpha);
  return div255(_mm256_add_epi16(_mm256_mullo_epi16(layer, alpha), _mm256_mullo_epi16(below, rest)));
}

/* Four pixels of RGB with a hole after each: 16 bytes are read. */
PX_TARGET_AVX2 static inline __m256i load_rgb(const unsigned char *from)
{
  const __m128i holes = _mm_setr_epi8(0, 1, 2, -1, 3, 4, 5, -1, 6, 7, 8, -1, 9, 10, 11, -1);
  return _mm256_cvtepu8_epi16(_mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)from), holes));
}

PX_TARGET_AVX2 static inline void store_rgb(unsigned char *to, __m256i pixels)
{
  const __m128i close = _mm_setr_epi8(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1);
  __m128i bytes = _mm_packus_epi16(_mm256_castsi256_si128(pixels), _mm256_extracti128_si256(pixels, 1));
  bytes = _mm_shuffle_epi8(bytes, close);
  _mm_storel_epi64((__m128i *)to, bytes);
  int last = _mm_extract_epi32(bytes, 2);
  memcpy(to + 8, &last, sizeof last);
}

/* The last pixels are left to plain code: loads read 4 bytes more than they use. */
PX_TARGET_AVX2 void px_blend_over_rgb_avx2(const px_blend_row *row)
{
  const __m256i opacity = _mm256_set1_epi16((short)row->opacity);
  size_t i = 0;
  for (; i + 6 <= row->pixels; i += 4) {
    __m256i layer = _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)(row->layer + 4 * i)));
    store_rgb(row->to + 3 * i, over(layer, load_rgb(row->below + 3 * i), opacity));
  }
  px_blend_row rest = {row->layer + 4 * i, row->below + 3 * i, row->to + 3 * i, row->pixels - i, row->opacity};
  px_blend_over_rgb_plain(&rest);
}

#endif
