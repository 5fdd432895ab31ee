/* SPDX-License-Identifier: MIT */
#include "image/png/filter.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#if PX_HAVE_AVX2
#include <immintrin.h>
#endif

enum { STRETCH = 4096 };

static inline __attribute__((always_inline)) unsigned paeth(unsigned left, unsigned up, unsigned corner)
{
  int to_left = abs((int)up - (int)corner);
  int to_up = abs((int)left - (int)corner);
  int to_corner = abs((int)left + (int)up - 2 * (int)corner);
  if (to_left <= to_up && to_left <= to_corner)
    return left;
  return to_up <= to_corner ? up : corner;
}

static inline __attribute__((always_inline)) unsigned expected(px_filter filter, unsigned left, unsigned up, unsigned corner)
{
  switch (filter) {
  case PX_FILTER_LEFT:
    return left;
  case PX_FILTER_UP:
    return up;
  case PX_FILTER_MEAN:
    return (left + up) / 2;
  case PX_FILTER_PAETH:
    return paeth(left, up, corner);
  default:
    return 0;
  }
}

/* Bytes of the first pixel, which has no left neighbour, or those behind it. The caller names the filter, so that no byte
 * asks for it. */
static inline __attribute__((always_inline)) void apply_one(px_filter filter, const px_filter_row *row, size_t at,
                                                            unsigned char *restrict out)
{
  const unsigned char *here = row->row;
  const unsigned char *above = row->above;
  size_t size = row->size;
  size_t pixel = row->pixel;
  for (; at < pixel && at < size; at++)
    out[at] = (unsigned char)(here[at] - expected(filter, 0, above[at], 0));
  for (; at < size; at++)
    out[at] = (unsigned char)(here[at] - expected(filter, here[at - pixel], above[at], above[at - pixel]));
}

/* Bytes from `at` on. */
static void apply_plain(px_filter filter, const px_filter_row *row, size_t at, unsigned char *out)
{
  switch (filter) {
  case PX_FILTER_LEFT:
    apply_one(PX_FILTER_LEFT, row, at, out);
    break;
  case PX_FILTER_UP:
    apply_one(PX_FILTER_UP, row, at, out);
    break;
  case PX_FILTER_MEAN:
    apply_one(PX_FILTER_MEAN, row, at, out);
    break;
  case PX_FILTER_PAETH:
    apply_one(PX_FILTER_PAETH, row, at, out);
    break;
  default:
    memcpy(out + at, row->row + at, row->size - at);
  }
}

static inline __attribute__((always_inline)) uint32_t distance(unsigned value)
{
  int apart = (signed char)(unsigned char)value;
  return (uint32_t)(apart < 0 ? -apart : apart);
}

static inline __attribute__((always_inline)) uint32_t sum_one(px_filter filter, const px_filter_row *row, size_t from, size_t to)
{
  const unsigned char *here = row->row;
  const unsigned char *above = row->above;
  size_t pixel = row->pixel;
  uint32_t sum = 0;
  for (; from < pixel && from < to; from++)
    sum += distance(here[from] - expected(filter, 0, above[from], 0));
  for (; from < to; from++)
    sum += distance(here[from] - expected(filter, here[from - pixel], above[from], above[from - pixel]));
  return sum;
}

/* In stretches that stay in the nearest memory while each filter sums them, and whose sums fit into 32 bits. */
static void add_sums(const px_filter_row *row, size_t from, size_t to, uint64_t sums[PX_FILTERS])
{
  while (from < to) {
    size_t end = to - from < STRETCH ? to : from + STRETCH;
    sums[PX_FILTER_NONE] += sum_one(PX_FILTER_NONE, row, from, end);
    sums[PX_FILTER_LEFT] += sum_one(PX_FILTER_LEFT, row, from, end);
    sums[PX_FILTER_UP] += sum_one(PX_FILTER_UP, row, from, end);
    sums[PX_FILTER_MEAN] += sum_one(PX_FILTER_MEAN, row, from, end);
    sums[PX_FILTER_PAETH] += sum_one(PX_FILTER_PAETH, row, from, end);
    from = end;
  }
}

#if PX_HAVE_AVX2
typedef struct around {
  __m256i value, left, up, corner;
} around;

PX_TARGET_AVX2 static inline __m256i load(const unsigned char *bytes)
{
  return _mm256_loadu_si256((const __m256i *)(const void *)bytes);
}

PX_TARGET_AVX2 static inline around look(const px_filter_row *row, size_t at)
{
  return (around){load(row->row + at), load(row->row + at - row->pixel), load(row->above + at),
                  load(row->above + at - row->pixel)};
}

PX_TARGET_AVX2 static inline __m256i mean(const around *of)
{
  __m256i odd = _mm256_and_si256(_mm256_xor_si256(of->left, of->up), _mm256_set1_epi8(1));
  return _mm256_sub_epi8(_mm256_avg_epu8(of->left, of->up), odd);
}

PX_TARGET_AVX2 static inline __m256i apart(__m256i a, __m256i b)
{
  return _mm256_or_si256(_mm256_subs_epu8(a, b), _mm256_subs_epu8(b, a));
}

/* Left and up on the same side of the corner: their sum is farther than either, so the corner is never taken and
 * saturation does no harm. On two sides: the difference of both distances. All in 8 bits. */
PX_TARGET_AVX2 static inline __m256i paeth_avx2(const around *of)
{
  __m256i to_left = apart(of->up, of->corner);
  __m256i to_up = apart(of->left, of->corner);
  __m256i left_over = _mm256_cmpeq_epi8(_mm256_max_epu8(of->left, of->corner), of->left);
  __m256i up_over = _mm256_cmpeq_epi8(_mm256_max_epu8(of->up, of->corner), of->up);
  __m256i same_side = _mm256_cmpeq_epi8(left_over, up_over);
  __m256i to_corner = _mm256_or_si256(apart(to_left, to_up), same_side);
  __m256i nearer = _mm256_min_epu8(to_up, to_corner);
  __m256i other = _mm256_blendv_epi8(of->corner, of->up, _mm256_cmpeq_epi8(nearer, to_up));
  __m256i is_left = _mm256_cmpeq_epi8(_mm256_min_epu8(to_left, nearer), to_left);
  return _mm256_blendv_epi8(other, of->left, is_left);
}

PX_TARGET_AVX2 static inline __m256i add_distances(__m256i sum, __m256i value)
{
  return _mm256_add_epi64(sum, _mm256_sad_epu8(_mm256_abs_epi8(value), _mm256_setzero_si256()));
}

PX_TARGET_AVX2 static uint64_t total(__m256i lanes)
{
  __m128i half = _mm_add_epi64(_mm256_castsi256_si128(lanes), _mm256_extracti128_si256(lanes, 1));
  return (uint64_t)_mm_cvtsi128_si64(half) + (uint64_t)_mm_extract_epi64(half, 1);
}

/* Of whole vectors behind the first pixel; returns where they end. */
PX_TARGET_AVX2 static size_t add_sums_avx2(const px_filter_row *row, uint64_t sums[PX_FILTERS])
{
  __m256i lanes[PX_FILTERS] = {_mm256_setzero_si256(), _mm256_setzero_si256(), _mm256_setzero_si256(),
                               _mm256_setzero_si256(), _mm256_setzero_si256()};
  size_t at = row->pixel;
  for (; at + 32 <= row->size; at += 32) {
    around of = look(row, at);
    lanes[0] = add_distances(lanes[0], of.value);
    lanes[1] = add_distances(lanes[1], _mm256_sub_epi8(of.value, of.left));
    lanes[2] = add_distances(lanes[2], _mm256_sub_epi8(of.value, of.up));
    lanes[3] = add_distances(lanes[3], _mm256_sub_epi8(of.value, mean(&of)));
    lanes[4] = add_distances(lanes[4], _mm256_sub_epi8(of.value, paeth_avx2(&of)));
  }
  for (unsigned i = 0; i < PX_FILTERS; i++)
    sums[i] += total(lanes[i]);
  return at;
}

PX_TARGET_AVX2 static inline __m256i expected_avx2(px_filter filter, const around *of)
{
  switch (filter) {
  case PX_FILTER_LEFT:
    return of->left;
  case PX_FILTER_UP:
    return of->up;
  case PX_FILTER_MEAN:
    return mean(of);
  case PX_FILTER_PAETH:
    return paeth_avx2(of);
  default:
    return _mm256_setzero_si256();
  }
}

PX_TARGET_AVX2 static size_t apply_avx2(px_filter filter, const px_filter_row *row, unsigned char *out)
{
  size_t at = row->pixel;
  for (; at + 32 <= row->size; at += 32) {
    around of = look(row, at);
    __m256i value = _mm256_sub_epi8(of.value, expected_avx2(filter, &of));
    _mm256_storeu_si256((__m256i *)(void *)(out + at), value);
  }
  return at;
}
#endif

static px_filter smallest(const uint64_t sums[PX_FILTERS])
{
  unsigned best = 0;
  for (unsigned i = 1; i < PX_FILTERS; i++) {
    if (sums[i] < sums[best])
      best = i;
  }
  return (px_filter)best;
}

static px_filter choose(px_simd simd, const px_filter_row *row)
{
  uint64_t sums[PX_FILTERS] = {0};
  size_t at = row->pixel;
  add_sums(row, 0, at, sums);
#if PX_HAVE_AVX2
  if (simd == PX_SIMD_AVX2)
    at = add_sums_avx2(row, sums);
#endif
  (void)simd;
  add_sums(row, at, row->size, sums);
  return smallest(sums);
}

void px_filter_apply(px_simd simd, px_filter filter, const px_filter_row *row, unsigned char *out)
{
  simd = px_simd_choose(simd);
  if (filter == PX_FILTER_CHOOSE)
    filter = choose(simd, row);
  *out++ = (unsigned char)filter;
#if PX_HAVE_AVX2
  if (simd == PX_SIMD_AVX2) {
    px_filter_row first = *row;
    first.size = row->pixel;
    apply_plain(filter, &first, 0, out);
    apply_plain(filter, row, apply_avx2(filter, row, out), out);
    return;
  }
#endif
  apply_plain(filter, row, 0, out);
}
