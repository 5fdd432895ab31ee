/* SPDX-License-Identifier: MIT */
/* Bits one after the other, the first in the lowest place, as deflate has them; and loads that mean the same on
 * every machine. */
#ifndef PX_IMAGE_PNG_BITS_H
#define PX_IMAGE_PNG_BITS_H

#include <stdint.h>
#include <string.h>

typedef struct px_bits {
  unsigned char *out; /* the caller has seen to the room: 8 bytes more than all bits take */
  uint64_t hold;
  unsigned held; /* at most 7 after a flush; at most 63 before */
} px_bits;

static inline uint64_t px_little64(uint64_t value)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  return __builtin_bswap64(value);
#else
  return value;
#endif
}

static inline uint64_t px_load64(const unsigned char *bytes)
{
  uint64_t value;
  memcpy(&value, bytes, sizeof value);
  return px_little64(value);
}

static inline uint32_t px_load32(const unsigned char *bytes)
{
  uint32_t value;
  memcpy(&value, bytes, sizeof value);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  return __builtin_bswap32(value);
#else
  return value;
#endif
}

static inline void px_bits_flush(px_bits *bits)
{
  uint64_t hold = px_little64(bits->hold);
  memcpy(bits->out, &hold, sizeof hold);
  bits->out += bits->held >> 3;
  bits->hold >>= bits->held & ~7U;
  bits->held &= 7;
}

/* At most 56 bits between two flushes. */
static inline void px_bits_hold(px_bits *bits, uint64_t value, unsigned count)
{
  bits->hold |= value << bits->held;
  bits->held += count;
}

static inline void px_bits_add(px_bits *bits, uint64_t value, unsigned count)
{
  px_bits_hold(bits, value, count);
  px_bits_flush(bits);
}

/* Zero bits up to a whole byte. */
static inline void px_bits_align(px_bits *bits)
{
  bits->held = (bits->held + 7) & ~7U;
  px_bits_flush(bits);
}

#endif
