/* SPDX-License-Identifier: MIT */
#include "support/odd_streams.h"

#include <zlib.h>

#include "support/bits.h"

enum { FIRST = 26000, EXTRA = 1000 };
static const size_t NEAR_BY = 5, FAR_AWAY = 24577 + EXTRA;

typedef struct match {
  size_t length, distance;
} match;

static void put_stored(bits *to, const unsigned char *bytes, size_t size, bool last)
{
  bits_put(to, last, 3);
  bits_align(to);
  bits_put(to, (unsigned)size, 16);
  bits_put(to, ~(unsigned)size & 0xffff, 16);
  file_add(&to->bytes, bytes, size);
}

/* The code of the lengths: 18 is 0, 0 is 10, 1 is 11. */
static void put_zeros(bits *to, unsigned count)
{
  for (; count >= 11; count -= count < 138 ? count : 138) {
    bits_put(to, 0, 1);
    bits_put(to, (count < 138 ? count : 138) - 11, 7);
  }
  for (; count > 0; count--)
    bits_put_code(to, 2, 2);
}

static void put_one(bits *to)
{
  bits_put_code(to, 3, 2);
}

/* The codes of a block: end is 0, a length of 3 is 1, and the one distance, 5 or 6, is 0. */
static void put_codes(bits *to, unsigned odd)
{
  unsigned literals = odd & ODD_COUNT ? 287 : 258, distances = odd & ODD_COUNT ? 31 : odd & ODD_BEHIND ? 6 : 5;
  bits_put(to, 2 << 1, 3);
  bits_put(to, literals - 257, 5);
  bits_put(to, distances - 1, 5);
  bits_put(to, 14, 4);
  for (int i = 0; i < 18; i++)
    bits_put(to, i == 2 ? 1 : i == 3 || i == 17 ? 2 : 0, 3);
  put_zeros(to, 256);
  put_one(to);
  put_one(to);
  put_zeros(to, literals - 258 + 4);
  put_one(to);
  put_zeros(to, odd & ODD_BEHIND ? 11 : distances - 5);
}

static match put_dynamic(bits *to, unsigned odd)
{
  put_codes(to, odd);
  bits_put(to, 1, 1);
  bits_put(to, odd & ODD_UNUSED ? 1 : 0, 1);
  bits_put(to, 0, 1);
  bits_put(to, 0, 1);
  return (match){3, NEAR_BY};
}

static match put_fixed(bits *to, unsigned odd)
{
  bits_put(to, 1 << 1, 3);
  if (odd & ODD_LENGTH)
    bits_put_code(to, 0xc6, 8); /* 286 */
  else
    bits_put_code(to, 1, 7); /* 257 */
  bits_put_code(to, odd & ODD_DISTANCE ? 30 : 4, 5);
  bits_put(to, odd & ODD_DISTANCE ? EXTRA : 0, odd & ODD_DISTANCE ? 13 : 1);
  bits_put_code(to, 0, 7);
  size_t distance = odd & ODD_DISTANCE ? FAR_AWAY : NEAR_BY;
  return (match){odd & ODD_LENGTH ? 258 : 3, distance};
}

void odd_stream(file_bytes *stream, unsigned odd, unsigned char raw[ODD_RAW])
{
  bits to = {{NULL, 0}, 0, 0};
  for (size_t i = 0; i < ODD_RAW; i++)
    raw[i] = (unsigned char)((i * i / 7 + i) % 5);
  bits_put(&to, 0x0178, 16);
  put_stored(&to, raw, FIRST, false);
  match copy = odd & (ODD_LENGTH | ODD_DISTANCE) ? put_fixed(&to, odd) : put_dynamic(&to, odd);
  for (size_t i = FIRST; i < FIRST + copy.length; i++)
    raw[i] = raw[i - copy.distance];
  put_stored(&to, raw + FIRST + copy.length, ODD_RAW - FIRST - copy.length, true);
  file_add_be32(&to.bytes, (uint32_t)adler32(1, raw, ODD_RAW));
  file_add(stream, to.bytes.data, to.bytes.size);
  file_bytes_done(&to.bytes);
}
