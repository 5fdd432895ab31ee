/* SPDX-License-Identifier: MIT */
#include "image/png/checksum.h"

#include <stdbool.h>
#include <string.h>
#if PX_HAVE_AVX2
#include <immintrin.h>
#endif

static const uint32_t ADLER_BASE = 65521;
enum {
  ADLER_STRETCH = 5536, /* bytes before the sums of 32 bits must be reduced; a multiple of 32 */
  SLICES = 8,
  SLICED = 4096, /* shorter stretches are not worth the tables */
  FOLDED = 128
};

/* CRC of each value of four bits. */
static const uint32_t CRC_NIBBLE[16] = {0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4,
                                        0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
                                        0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c};

typedef struct crc_tables {
  uint32_t of[SLICES][256]; /* of[n]: a byte with n zero bytes behind it */
} crc_tables;

static uint32_t crc_byte(uint32_t crc, unsigned byte)
{
  crc ^= byte;
  crc = crc >> 4 ^ CRC_NIBBLE[crc & 15];
  return crc >> 4 ^ CRC_NIBBLE[crc & 15];
}

static void make_tables(crc_tables *tables)
{
  for (unsigned byte = 0; byte < 256; byte++) {
    uint32_t crc = crc_byte(0, byte);
    for (unsigned slice = 0; slice < SLICES; slice++) {
      tables->of[slice][byte] = crc;
      crc = crc_byte(crc, 0);
    }
  }
}

static uint32_t le32(const unsigned char *bytes)
{
  return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

static uint32_t crc_sliced(uint32_t crc, const unsigned char *bytes, size_t size)
{
  crc_tables tables;
  make_tables(&tables);
  for (size_t i = 0; i + 8 <= size; i += 8) {
    uint32_t low = crc ^ le32(bytes + i);
    uint32_t high = le32(bytes + i + 4);
    crc = tables.of[7][low & 255] ^ tables.of[6][low >> 8 & 255] ^ tables.of[5][low >> 16 & 255] ^ tables.of[4][low >> 24] ^
          tables.of[3][high & 255] ^ tables.of[2][high >> 8 & 255] ^ tables.of[1][high >> 16 & 255] ^ tables.of[0][high >> 24];
  }
  return crc;
}

/* The register of the CRC runs through here: the sum without its inversions. */
static uint32_t crc_plain(uint32_t crc, const unsigned char *bytes, size_t size)
{
  size_t sliced = size >= SLICED ? size & ~(size_t)7 : 0;
  if (sliced > 0)
    crc = crc_sliced(crc, bytes, sliced);
  for (size_t i = sliced; i < size; i++)
    crc = crc_byte(crc, bytes[i]);
  return crc;
}

static void adler_reduce(uint32_t sums[2])
{
  sums[0] %= ADLER_BASE;
  sums[1] %= ADLER_BASE;
}

static void adler_plain(uint32_t sums[2], const unsigned char *bytes, size_t size)
{
  while (size > 0) {
    size_t step = size < ADLER_STRETCH ? size : ADLER_STRETCH;
    for (size_t i = 0; i < step; i++) {
      sums[0] += bytes[i];
      sums[1] += sums[0];
    }
    adler_reduce(sums);
    bytes += step;
    size -= step;
  }
}

#if PX_HAVE_AVX2
#define TARGET_CLMUL __attribute__((target("avx2,pclmul,sse4.1")))

static bool has_clmul(px_simd simd)
{
  return px_simd_choose(simd) == PX_SIMD_AVX2 && __builtin_cpu_supports("pclmul");
}

TARGET_CLMUL static inline __m128i load(const unsigned char *bytes)
{
  return _mm_loadu_si128((const __m128i *)(const void *)bytes);
}

/* `value` moved over as many bits as `by` stands for, and what is found there. */
TARGET_CLMUL static inline __m128i fold(__m128i value, __m128i by, __m128i there)
{
  __m128i low = _mm_clmulepi64_si128(value, by, 0x00);
  __m128i high = _mm_clmulepi64_si128(value, by, 0x11);
  return _mm_xor_si128(_mm_xor_si128(low, high), there);
}

/* Multiplication without carries moves 16 bytes over those behind them, four lanes at a time; the last 16 bytes
 * have the sum that all of them had. */
TARGET_CLMUL static uint32_t crc_folded(uint32_t crc, const unsigned char *bytes, size_t size)
{
  const __m128i by64 = _mm_set_epi64x(0x01c6e41596, 0x0154442bd4);
  const __m128i by16 = _mm_set_epi64x(0x00ccaa009e, 0x01751997d0);
  __m128i lanes[4];
  unsigned char last[16];
  for (int i = 0; i < 4; i++)
    lanes[i] = load(bytes + 16 * i);
  lanes[0] = _mm_xor_si128(lanes[0], _mm_cvtsi32_si128((int)crc));
  size_t at = 64;
  for (; at + 64 <= size; at += 64) {
    for (int i = 0; i < 4; i++)
      lanes[i] = fold(lanes[i], by64, load(bytes + at + 16 * i));
  }
  for (int i = 1; i < 4; i++)
    lanes[i] = fold(lanes[i - 1], by16, lanes[i]);
  _mm_storeu_si128((__m128i *)(void *)last, lanes[3]);
  return crc_plain(crc_plain(0, last, sizeof last), bytes + at, size - at);
}

PX_TARGET_AVX2 static uint32_t sum_of_lanes(__m256i lanes)
{
  __m128i half = _mm_add_epi32(_mm256_castsi256_si128(lanes), _mm256_extracti128_si256(lanes, 1));
  half = _mm_add_epi32(half, _mm_shuffle_epi32(half, 0x4e));
  half = _mm_add_epi32(half, _mm_shuffle_epi32(half, 0xb1));
  return (uint32_t)_mm_cvtsi128_si32(half);
}

/* One stretch, a multiple of 32 bytes: each of the 32 counts as often as bytes follow it among them, and what
 * came before them 32 times more. */
PX_TARGET_AVX2 static void adler_stretch(uint32_t sums[2], const unsigned char *bytes, size_t size)
{
  const __m256i weights = _mm256_set_epi8(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23,
                                          24, 25, 26, 27, 28, 29, 30, 31, 32);
  const __m256i zero = _mm256_setzero_si256();
  __m256i sum = zero;
  __m256i before = zero;
  __m256i weighted = zero;
  for (size_t i = 0; i < size; i += 32) {
    __m256i value = _mm256_loadu_si256((const __m256i *)(const void *)(bytes + i));
    before = _mm256_add_epi32(before, sum);
    sum = _mm256_add_epi32(sum, _mm256_sad_epu8(value, zero));
    weighted = _mm256_add_epi32(weighted, _mm256_madd_epi16(_mm256_maddubs_epi16(value, weights), _mm256_set1_epi16(1)));
  }
  sums[1] += sums[0] * (uint32_t)size + 32 * sum_of_lanes(before) + sum_of_lanes(weighted);
  sums[0] += sum_of_lanes(sum);
}

static void adler_avx2(uint32_t sums[2], const unsigned char *bytes, size_t size)
{
  while (size >= 32) {
    size_t step = size < ADLER_STRETCH ? size & ~(size_t)31 : ADLER_STRETCH;
    adler_stretch(sums, bytes, step);
    adler_reduce(sums);
    bytes += step;
    size -= step;
  }
  adler_plain(sums, bytes, size);
}
#endif

uint32_t px_crc32(px_simd simd, uint32_t crc, const unsigned char *bytes, size_t size)
{
#if PX_HAVE_AVX2
  if (size >= FOLDED && has_clmul(simd))
    return ~crc_folded(~crc, bytes, size);
#endif
  (void)simd;
  return ~crc_plain(~crc, bytes, size);
}

uint32_t px_adler32(px_simd simd, uint32_t adler, const unsigned char *bytes, size_t size)
{
  uint32_t sums[2] = {adler & 0xffff, adler >> 16};
#if PX_HAVE_AVX2
  if (px_simd_choose(simd) == PX_SIMD_AVX2)
    adler_avx2(sums, bytes, size);
  else
#endif
    adler_plain(sums, bytes, size);
  (void)simd;
  return sums[1] << 16 | sums[0];
}

uint32_t px_adler32_join(uint32_t first, uint32_t second, size_t size)
{
  uint32_t length = (uint32_t)(size % ADLER_BASE);
  uint32_t ahead = (first & 0xffff) + ADLER_BASE - 1; /* the second began at 1 */
  uint32_t low = (ahead + (second & 0xffff)) % ADLER_BASE;
  uint64_t high = (uint64_t)(ahead % ADLER_BASE) * length + (first >> 16) + (second >> 16);
  return (uint32_t)(high % ADLER_BASE) << 16 | low;
}
