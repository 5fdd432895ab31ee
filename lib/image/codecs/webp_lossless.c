/* SPDX-License-Identifier: MIT */
/* After RFC 9649, section 3. What is read are the small pictures that come before the pixels: those of the transforms, only
 * to find their end, and the one that gives each block of pixels its group. */
#include "image/codecs/webp_lossless.h"

#include <string.h>

enum {
  CODES = 5,         /* of a group: green and lengths and cache, red, blue, alpha, distances */
  LENGTH_MAX = 15,   /* bits of one code */
  COLORS = 256,
  LENGTH_CODES = 24,
  DISTANCE_CODES = 40,
  CACHE_BITS = 11,
  SYMBOLS = COLORS + LENGTH_CODES + (1 << CACHE_BITS),
  FIRST_LENGTH = 8,  /* that is repeated when none came before */
  PREDICTOR = 0,
  CROSS_COLOR = 1,
  INDEXING = 3
};

typedef struct reader {
  px_bytes bytes;
  size_t at; /* in bits */
  bool broken;
} reader;

typedef struct code {
  uint16_t counts[LENGTH_MAX + 1];
  uint16_t symbols[SYMBOLS];
  uint32_t used;
} code;

/* Up to 24 bits, the first one lowest. */
static uint32_t take(reader *from, unsigned count)
{
  uint32_t value = 0;
  size_t byte = from->at / 8;
  if (count > 8 * from->bytes.size - from->at) {
    from->broken = true;
    return 0;
  }
  for (unsigned i = 0; i < 4 && byte + i < from->bytes.size; i++)
    value |= (uint32_t)from->bytes.data[byte + i] << 8 * i;
  value >>= from->at % 8;
  from->at += count;
  return value & ((UINT32_C(1) << count) - 1);
}

/* Canonical: whole, or of one symbol, which takes no bits then. */
static bool make_code(code *self, const unsigned char *lengths, uint32_t count)
{
  int32_t left = 1;
  memset(self->counts, 0, sizeof self->counts);
  self->used = 0;
  for (unsigned length = 1; length <= LENGTH_MAX; length++) {
    for (uint32_t symbol = 0; symbol < count; symbol++) {
      if (lengths[symbol] != length)
        continue;
      self->symbols[self->used++] = (uint16_t)symbol;
      self->counts[length]++;
    }
    left = 2 * left - self->counts[length];
    if (left < 0)
      return false;
  }
  return left == 0 || self->used == 1;
}

static uint32_t take_symbol(reader *from, const code *of)
{
  uint32_t value = 0, first = 0, index = 0;
  if (of->used == 1)
    return of->symbols[0];
  for (unsigned length = 1; length <= LENGTH_MAX; length++) {
    value = value << 1 | take(from, 1);
    if (value - first < of->counts[length])
      return of->symbols[index + value - first];
    index += of->counts[length];
    first = (first + of->counts[length]) << 1;
  }
  from->broken = true;
  return 0;
}

/* ---- codes ---- */

static void read_simple(reader *from, unsigned char *lengths)
{
  bool two = take(from, 1);
  unsigned bits = take(from, 1) ? 8 : 1;
  lengths[take(from, bits)] = 1;
  if (two)
    lengths[take(from, 8)] = 1;
}

/* One length, or some that are equal. Returns how many; 0: too many. */
static uint32_t read_length(reader *from, const code *of, uint32_t room, unsigned char *previous, unsigned char *lengths)
{
  uint32_t symbol = take_symbol(from, of), times = 1;
  unsigned char length = (unsigned char)symbol;
  if (symbol == 16)
    times = 3 + take(from, 2);
  else if (symbol > 16)
    times = symbol == 17 ? 3 + take(from, 3) : 11 + take(from, 7);
  if (symbol >= 16)
    length = symbol == 16 ? *previous : 0;
  if (times > room)
    return 0;
  memset(lengths, length, times);
  if (length > 0)
    *previous = length;
  return times;
}

static bool read_normal(reader *from, unsigned char *lengths, uint32_t count)
{
  static const unsigned char order[] = {17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  unsigned char first[sizeof order] = {0}, previous = FIRST_LENGTH;
  code of;
  uint32_t known = 4 + take(from, 4), most = count;
  for (uint32_t i = 0; i < known; i++)
    first[order[i]] = (unsigned char)take(from, 3);
  if (take(from, 1))
    most = 2 + take(from, 2 + 2 * take(from, 3));
  if (from->broken || most > count || !make_code(&of, first, sizeof order))
    return false;
  for (uint32_t filled = 0; filled < count && most > 0; most--) {
    uint32_t times = read_length(from, &of, count - filled, &previous, lengths + filled);
    if (times == 0 || from->broken)
      return false;
    filled += times;
  }
  return true;
}

static bool read_code(reader *from, code *self, uint32_t count)
{
  unsigned char lengths[SYMBOLS] = {0};
  if (take(from, 1))
    read_simple(from, lengths);
  else if (!read_normal(from, lengths, count))
    return false;
  return make_code(self, lengths, count) && !from->broken;
}

/* ---- small pictures ---- */

/* A length or a distance: what its symbol leaves open stands behind it. */
static uint32_t take_amount(reader *from, uint32_t symbol)
{
  if (symbol < 4)
    return symbol + 1;
  unsigned extra = (symbol - 2) >> 1;
  return ((2 + (symbol & 1)) << extra) + take(from, extra) + 1;
}

/* One pixel, or as many as are repeated. What is repeated was there before, so only a new one may be the greatest yet. */
static uint32_t read_pixels(reader *from, const code codes[CODES], uint32_t *greatest)
{
  uint32_t green = take_symbol(from, &codes[0]);
  if (green >= COLORS + LENGTH_CODES)
    return 1;
  if (green >= COLORS) {
    uint32_t length = take_amount(from, green - COLORS);
    (void)take_amount(from, take_symbol(from, &codes[4]));
    return length;
  }
  uint32_t group = take_symbol(from, &codes[1]) << 8 | green;
  (void)take_symbol(from, &codes[2]);
  (void)take_symbol(from, &codes[3]);
  if (group > *greatest)
    *greatest = group;
  return 1;
}

/* Reads a picture with one group of codes; how great red and green are together, at most. False: broken. */
static bool read_picture(reader *from, uint32_t width, uint32_t height, uint32_t *greatest)
{
  code codes[CODES];
  uint32_t cache = take(from, 1) ? take(from, 4) : 0;
  const uint32_t counts[CODES] = {COLORS + LENGTH_CODES + (cache ? 1U << cache : 0), COLORS, COLORS, COLORS, DISTANCE_CODES};
  *greatest = 0;
  if (cache > CACHE_BITS)
    return false;
  for (size_t i = 0; i < CODES; i++) {
    if (!read_code(from, &codes[i], counts[i]))
      return false;
  }
  uint64_t pixels = (uint64_t)width * height;
  for (uint64_t done = 0; done < pixels && !from->broken;)
    done += read_pixels(from, codes, greatest);
  return !from->broken;
}

static uint32_t blocks(uint32_t side, unsigned bits)
{
  return (side + (1U << bits) - 1) >> bits;
}

/* A picture of one pixel for each block. */
static bool read_blocks(reader *from, uint32_t width, uint32_t height, uint32_t *greatest)
{
  unsigned bits = 2 + take(from, 3);
  return read_picture(from, blocks(width, bits), blocks(height, bits), greatest);
}

/* A palette of few colours has several pixels in one. */
static bool read_palette(reader *from, uint32_t *width)
{
  uint32_t unused, colors = 1 + take(from, 8);
  if (!read_picture(from, colors, 1, &unused))
    return false;
  *width = blocks(*width, colors <= 2 ? 3 : colors <= 4 ? 2 : colors <= 16 ? 1 : 0);
  return true;
}

static bool read_transforms(reader *from, uint32_t *width, uint32_t height)
{
  uint32_t seen = 0, unused;
  while (take(from, 1)) {
    uint32_t kind = take(from, 2);
    if (seen >> kind & 1)
      return false;
    seen |= 1U << kind;
    if ((kind == PREDICTOR || kind == CROSS_COLOR) && !read_blocks(from, *width, height, &unused))
      return false;
    if (kind == INDEXING && !read_palette(from, width))
      return false;
  }
  return !from->broken;
}

uint32_t px_webp_groups(px_bytes stream, uint32_t width, uint32_t height)
{
  reader from = {stream, 0, false};
  uint32_t greatest = 0;
  if (!read_transforms(&from, &width, height))
    return 0;
  if (take(&from, 1))
    (void)take(&from, 4); /* the cache of the pixels themselves */
  if (take(&from, 1) && !read_blocks(&from, width, height, &greatest))
    return 0;
  return from.broken ? 0 : greatest + 1;
}
