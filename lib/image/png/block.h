/* SPDX-License-Identifier: MIT */
/* One block of deflate: tokens counted, then written in the cheapest of the three forms. */
#ifndef PX_IMAGE_PNG_BLOCK_H
#define PX_IMAGE_PNG_BLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cpu.h"
#include "image/png/bits.h"
#include "image/png/huffman.h"

enum {
  PX_LITERALS = 286, /* bytes, the end, 29 slots of lengths */
  PX_END = 256,
  PX_DISTANCES = 30,
  PX_MATCH_MIN = 3,
  PX_MATCH_MAX = 258,
  PX_WINDOW = 32768,
  PX_STORED_MAX = 65535
};

/* Literals, then a match; the last token of a block may have no match: length 0. */
typedef struct px_token {
  uint32_t literals;
  uint16_t length;
  uint16_t distance;
} px_token;

typedef struct px_counts {
  uint32_t literals[PX_LITERALS + 2];
  uint32_t distances[PX_DISTANCES + 2];
  uint64_t extra; /* bits behind the words of lengths and distances */
} px_counts;

typedef struct px_deflate_block {
  const unsigned char *bytes;
  size_t size;
  const px_token *tokens;
  size_t token_count;
  const px_counts *counts; /* with one PX_END */
} px_deflate_block;

/* Number of the highest bit; value > 0. */
static inline unsigned px_top_bit(uint32_t value)
{
  return 31U - (unsigned)__builtin_clz(value);
}

/* Where a length less PX_MATCH_MIN belongs: its slot and how many bits stand behind it. */
static inline unsigned px_length_slot(unsigned more, unsigned *extra)
{
  *extra = 0;
  if (more < 4 || more == PX_MATCH_MAX - PX_MATCH_MIN)
    return more < 4 ? more : 28;
  *extra = px_top_bit(more) - 2;
  return (*extra << 2) + (more >> *extra);
}

/* Likewise of a distance less 1. */
static inline unsigned px_distance_slot(unsigned more, unsigned *extra)
{
  *extra = 0;
  if (more < 2)
    return more;
  *extra = px_top_bit(more) - 1;
  return (*extra << 1) + (more >> *extra);
}

static inline void px_counts_add_match(px_counts *counts, unsigned length, unsigned distance)
{
  unsigned extra;
  counts->literals[PX_END + 1 + px_length_slot(length - PX_MATCH_MIN, &extra)]++;
  counts->extra += extra;
  counts->distances[px_distance_slot(distance - 1, &extra)]++;
  counts->extra += extra;
}

/* Never more than size + 5 bytes for each PX_STORED_MAX begun and 5 more. */
void px_block_write(px_bits *bits, px_simd simd, const px_deflate_block *block, bool last);
void px_block_store(px_bits *bits, const unsigned char *bytes, size_t size, bool last);

#endif
