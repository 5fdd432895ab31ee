/* SPDX-License-Identifier: MIT */
/* The twin of resize_plain.c for processors with AVX2: same samples, several at a time. */
#include "image/resize_rows.h"

#if PX_HAVE_AVX2

#include <immintrin.h>
#include <string.h>

PX_TARGET_AVX2 static inline __m256i load(const void *from)
{
  return _mm256_loadu_si256((const __m256i *)from);
}

PX_TARGET_AVX2 static inline void store(void *to, __m256i value)
{
  _mm256_storeu_si256((__m256i *)to, value);
}

/* Two weights, for two rows or two pixels, in every pair of 16-bit places. */
PX_TARGET_AVX2 static inline __m256i weight_pair(const int16_t *weights)
{
  int32_t pair;
  memcpy(&pair, weights, sizeof pair);
  return _mm256_set1_epi32(pair);
}

PX_TARGET_AVX2 static void lift_rgb(const unsigned char *from, size_t pixels, int16_t *to)
{
  size_t samples = pixels * 3, i = 0;
  for (; i + 16 <= samples; i += 16) {
    __m256i wide = _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)(from + i)));
    store(to + i, _mm256_slli_epi16(wide, PX_SAMPLE_BITS));
  }
  for (; i < samples; i++)
    to[i] = (int16_t)(from[i] << PX_SAMPLE_BITS);
}

/* px_sample_premultiply() of sixteen; alpha itself is multiplied by 255. */
PX_TARGET_AVX2 static inline __m256i premultiply(__m256i pixels)
{
  const __m256i spread = _mm256_setr_epi8(6, 7, 6, 7, 6, 7, -1, -1, 14, 15, 14, 15, 14, 15, -1, -1, 6, 7, 6, 7, 6, 7, -1, -1,
                                          14, 15, 14, 15, 14, 15, -1, -1);
  const __m256i whole = _mm256_set1_epi64x((long long)((uint64_t)255 << 48));
  __m256i alpha = _mm256_or_si256(_mm256_shuffle_epi8(pixels, spread), whole);
  __m256i product = _mm256_mullo_epi16(pixels, alpha);
  __m256i part = _mm256_add_epi16(product, _mm256_set1_epi16(128));
  part = _mm256_srli_epi16(_mm256_add_epi16(part, _mm256_srli_epi16(part, 8)), 8);
  return _mm256_srli_epi16(_mm256_add_epi16(_mm256_add_epi16(product, part), _mm256_set1_epi16(2)), 2);
}

PX_TARGET_AVX2 static void lift_rgba(const unsigned char *from, size_t pixels, int16_t *to)
{
  size_t whole = pixels / 4 * 4;
  for (size_t i = 0; i < whole * 4; i += 16)
    store(to + i, premultiply(_mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)(from + i)))));
  px_resize_rows_plain.lift_rgba(from + whole * 4, pixels - whole, to + whole * 4);
}

typedef struct sums32 {
  __m256i s[4]; /* of 32 columns */
} sums32;

PX_TARGET_AVX2 static inline void add_rows(sums32 *sums, __m256i a, __m256i b, __m256i weights)
{
  const __m256i zero = _mm256_setzero_si256();
  __m256i low = _mm256_unpacklo_epi8(a, b), high = _mm256_unpackhi_epi8(a, b);
  sums->s[0] = _mm256_add_epi32(sums->s[0], _mm256_madd_epi16(_mm256_unpacklo_epi8(low, zero), weights));
  sums->s[1] = _mm256_add_epi32(sums->s[1], _mm256_madd_epi16(_mm256_unpackhi_epi8(low, zero), weights));
  sums->s[2] = _mm256_add_epi32(sums->s[2], _mm256_madd_epi16(_mm256_unpacklo_epi8(high, zero), weights));
  sums->s[3] = _mm256_add_epi32(sums->s[3], _mm256_madd_epi16(_mm256_unpackhi_epi8(high, zero), weights));
}

PX_TARGET_AVX2 static inline void store_sums(int16_t *to, const sums32 *sums)
{
  enum { SHIFT = PX_WEIGHT_BITS - PX_SAMPLE_BITS };
  __m256i low = _mm256_packs_epi32(_mm256_srai_epi32(sums->s[0], SHIFT), _mm256_srai_epi32(sums->s[1], SHIFT));
  __m256i high = _mm256_packs_epi32(_mm256_srai_epi32(sums->s[2], SHIFT), _mm256_srai_epi32(sums->s[3], SHIFT));
  store(to, _mm256_permute2x128_si256(low, high, 0x20));
  store(to + 16, _mm256_permute2x128_si256(low, high, 0x31));
}

/* 64 columns of bytes: a line of the cache. */
PX_TARGET_AVX2 static inline void down_block(const px_rows_below *below, const unsigned char *row, int16_t *to)
{
  enum { SHIFT = PX_WEIGHT_BITS - PX_SAMPLE_BITS };
  const __m256i half = _mm256_set1_epi32(1 << (SHIFT - 1));
  sums32 left = {{half, half, half, half}}, right = left;
  uint32_t i = 0;
  for (; i + 2 <= below->count; i += 2, row += 2 * below->stride) {
    __m256i weights = weight_pair(below->weights + i);
    add_rows(&left, load(row), load(row + below->stride), weights);
    add_rows(&right, load(row + 32), load(row + below->stride + 32), weights);
  }
  if (i < below->count) {
    __m256i weights = weight_pair(below->weights + i);
    add_rows(&left, load(row), _mm256_setzero_si256(), weights);
    add_rows(&right, load(row + 32), _mm256_setzero_si256(), weights);
  }
  store_sums(to, &left);
  store_sums(to + 32, &right);
}

PX_TARGET_AVX2 static void down_bytes(const px_rows_below *below, size_t samples, int16_t *to)
{
  if (samples < 64) {
    px_resize_rows_plain.down_bytes(below, samples, to);
    return;
  }
  for (size_t at = 0; at + 64 <= samples; at += 64)
    down_block(below, below->bytes + at, to + at);
  if (samples % 64) /* some twice: bytes after the last row are nobody's */
    down_block(below, below->bytes + samples - 64, to + samples - 64);
}

PX_TARGET_AVX2 static void down_samples(const px_rows_below *below, size_t samples, int16_t *to)
{
  const __m256i half = _mm256_set1_epi32(PX_WEIGHT_ONE >> 1);
  for (size_t at = 0; at < samples; at += 16) {
    __m256i s0 = half, s1 = half;
    for (uint32_t i = 0; i < below->count; i += 2) {
      __m256i weights = weight_pair(below->weights + i);
      __m256i a = load(below->samples[i] + at);
      __m256i b = i + 1 < below->count ? load(below->samples[i + 1] + at) : _mm256_setzero_si256();
      s0 = _mm256_add_epi32(s0, _mm256_madd_epi16(_mm256_unpacklo_epi16(a, b), weights));
      s1 = _mm256_add_epi32(s1, _mm256_madd_epi16(_mm256_unpackhi_epi16(a, b), weights));
    }
    s0 = _mm256_srai_epi32(s0, PX_WEIGHT_BITS);
    s1 = _mm256_srai_epi32(s1, PX_WEIGHT_BITS);
    store(to + at, _mm256_packs_epi32(s0, s1));
  }
}

/* One pixel of four samples. `order` brings the samples of two pixels of each half side by side. */
PX_TARGET_AVX2 static inline __m128i across_one(const int16_t *from, const int16_t *weights, uint32_t count, size_t channels,
                                                __m256i order)
{
  const __m256i spread =
      _mm256_setr_epi8(0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 4, 5, 6, 7, 4, 5, 6, 7, 4, 5, 6, 7, 4, 5, 6, 7);
  __m256i sums = _mm256_setzero_si256();
  for (uint32_t i = 0; i < count; i += 4, from += 4 * channels) {
    __m128i near = _mm_loadu_si128((const __m128i *)from);
    __m128i far = _mm_loadu_si128((const __m128i *)(from + 2 * channels));
    __m256i pixels = _mm256_shuffle_epi8(_mm256_inserti128_si256(_mm256_castsi128_si256(near), far, 1), order);
    long long four;
    memcpy(&four, weights + i, sizeof four);
    __m256i by = _mm256_shuffle_epi8(_mm256_set1_epi64x(four), spread);
    sums = _mm256_add_epi32(sums, _mm256_madd_epi16(pixels, by));
  }
  __m128i sum = _mm_add_epi32(_mm256_castsi256_si128(sums), _mm256_extracti128_si256(sums, 1));
  sum = _mm_srai_epi32(_mm_add_epi32(sum, _mm_set1_epi32(PX_WEIGHT_ONE >> 1)), PX_WEIGHT_BITS);
  return _mm_packs_epi32(sum, sum);
}

PX_TARGET_AVX2 static void across_rgb(const int16_t *from, uint32_t left, const px_taps *taps, uint32_t places, int16_t *to)
{
  const __m256i order = _mm256_setr_epi8(0, 1, 6, 7, 2, 3, 8, 9, 4, 5, 10, 11, -1, -1, -1, -1, 0, 1, 6, 7, 2, 3, 8, 9, 4, 5,
                                         10, 11, -1, -1, -1, -1);
  for (uint32_t x = 0; x < places; x++) {
    const int16_t *pixel = from + (size_t)(taps->first[x] - left) * 3;
    __m128i made = across_one(pixel, px_taps_weights(taps, x), taps->count[x], 3, order);
    _mm_storel_epi64((__m128i *)(to + (size_t)x * 3), made); /* a zero goes where the next pixel begins */
  }
}

PX_TARGET_AVX2 static void across_rgba(const int16_t *from, uint32_t left, const px_taps *taps, uint32_t places, int16_t *to)
{
  const __m256i order = _mm256_setr_epi8(0, 1, 8, 9, 2, 3, 10, 11, 4, 5, 12, 13, 6, 7, 14, 15, 0, 1, 8, 9, 2, 3, 10, 11, 4,
                                         5, 12, 13, 6, 7, 14, 15);
  for (uint32_t x = 0; x < places; x++) {
    const int16_t *pixel = from + (size_t)(taps->first[x] - left) * 4;
    __m128i made = across_one(pixel, px_taps_weights(taps, x), taps->count[x], 4, order);
    _mm_storel_epi64((__m128i *)(to + (size_t)x * 4), made);
  }
}

PX_TARGET_AVX2 static void finish_rgb(const int16_t *from, size_t pixels, unsigned char *to)
{
  const __m256i half = _mm256_set1_epi16(1 << (PX_SAMPLE_BITS - 1));
  size_t whole = pixels / 32 * 32;
  for (size_t i = 0; i < whole * 3; i += 32) {
    __m256i a = _mm256_srai_epi16(_mm256_adds_epi16(load(from + i), half), PX_SAMPLE_BITS);
    __m256i b = _mm256_srai_epi16(_mm256_adds_epi16(load(from + i + 16), half), PX_SAMPLE_BITS);
    store(to + i, _mm256_permute4x64_epi64(_mm256_packus_epi16(a, b), 0xd8));
  }
  px_resize_rows_plain.finish_rgb(from + whole * 3, pixels - whole, to + whole * 3);
}

const px_resize_rows px_resize_rows_avx2 = {lift_rgb,   lift_rgba,   down_bytes, down_samples,
                                            across_rgb, across_rgba, finish_rgb};

#endif
