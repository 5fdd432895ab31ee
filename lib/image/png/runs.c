/* SPDX-License-Identifier: MIT */
#include "image/png/runs.h"

#if PX_HAVE_AVX2
#include <immintrin.h>
#endif

enum { RUN_MIN = 4, VECTOR = 32 };

/* The first place from `at` on where RUN_MIN bytes equal the one before them; size when there is none. at > 0. */
static size_t next_run_plain(const unsigned char *bytes, size_t at, size_t size)
{
  size_t equal = 0;
  for (; at < size; at++) {
    equal = bytes[at] == (bytes + at)[-1] ? equal + 1 : 0;
    if (equal == RUN_MIN)
      return at + 1 - RUN_MIN;
  }
  return size;
}

#if PX_HAVE_AVX2
PX_TARGET_AVX2 static size_t next_run_avx2(const unsigned char *bytes, size_t at, size_t size)
{
  for (; at + VECTOR <= size; at += VECTOR - RUN_MIN + 1) {
    __m256i here = _mm256_loadu_si256((const __m256i *)(const void *)(bytes + at));
    __m256i before = _mm256_loadu_si256((const __m256i *)(const void *)(bytes + at - 1));
    uint32_t equal = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(here, before));
    equal &= equal >> 1;
    equal &= equal >> 2;
    if (equal)
      return at + (unsigned)__builtin_ctz(equal);
  }
  return next_run_plain(bytes, at, size);
}
#endif

static size_t next_run(px_simd simd, const unsigned char *bytes, size_t at, size_t size)
{
#if PX_HAVE_AVX2
  if (simd == PX_SIMD_AVX2)
    return next_run_avx2(bytes, at, size);
#endif
  (void)simd;
  return next_run_plain(bytes, at, size);
}

static size_t run_end(const unsigned char *bytes, size_t at, size_t size)
{
  uint64_t all = bytes[at] * UINT64_C(0x0101010101010101);
  while (at + 8 <= size && px_load64(bytes + at) == all)
    at += 8;
  while (at < size && bytes[at] == (all & 255))
    at++;
  return at;
}

/* A run as matches, none shorter than PX_MATCH_MIN. */
static px_token *put_run(px_token *token, size_t literals, size_t run)
{
  while (run > 0) {
    size_t step = run <= PX_MATCH_MAX ? run : run < PX_MATCH_MAX + PX_MATCH_MIN ? run - PX_MATCH_MIN : PX_MATCH_MAX;
    *token++ = (px_token){(uint32_t)literals, (uint16_t)step, 1};
    literals = 0;
    run -= step;
  }
  return token;
}

size_t px_runs_find(px_simd simd, const unsigned char *bytes, size_t size, bool first, px_token *tokens)
{
  px_token *token = tokens;
  size_t at = first;
  size_t from = 0;
  simd = px_simd_choose(simd);
  while (at < size) {
    size_t run = next_run(simd, bytes, at, size);
    if (run == size)
      break;
    at = run_end(bytes, run, size);
    token = put_run(token, run - from, at - run);
    from = at;
  }
  if (from < size)
    *token++ = (px_token){(uint32_t)(size - from), 0, 0};
  return (size_t)(token - tokens);
}

void px_tokens_count(const unsigned char *bytes, const px_token *tokens, size_t token_count, px_counts *counts)
{
  uint32_t lanes[4][256] = {{0}};
  for (size_t i = 0; i < token_count; i++) {
    const unsigned char *end = bytes + tokens[i].literals;
    for (; end - bytes >= 8; bytes += 8) {
      uint64_t eight = px_load64(bytes);
      for (unsigned lane = 0; lane < 8; lane++)
        lanes[lane & 3][eight >> 8 * lane & 255]++;
    }
    for (; bytes < end; bytes++)
      lanes[0][*bytes]++;
    if (tokens[i].length == 0)
      continue;
    px_counts_add_match(counts, tokens[i].length, tokens[i].distance);
    bytes += tokens[i].length;
  }
  for (unsigned i = 0; i < 256; i++)
    counts->literals[i] = lanes[0][i] + lanes[1][i] + lanes[2][i] + lanes[3][i];
  counts->literals[PX_END] = 1;
}
