/* SPDX-License-Identifier: MIT */
#include "support/odd_inflate.h"

#include <stdbool.h>
#include <string.h>

enum {
  LENGTH_MAX = 15,  /* bits of one code */
  LITERALS = 288,
  DISTANCES = 32,
  LENGTHS = 19,
  END = 256,
  COUNT_MAX = 286,
  DISTANCE_COUNT_MAX = 30,
  REPEAT_MAX = 138
};

typedef struct decoder {
  const unsigned char *data;
  size_t bits, at; /* in all, and the next one */
  unsigned char *out;
  size_t room, size;
  unsigned odd;
  bool broken;
} decoder;

typedef struct code {
  unsigned counts[LENGTH_MAX + 1];
  unsigned symbols[LITERALS];
  unsigned used;
  bool whole;
} code;

static unsigned take(decoder *d, unsigned count)
{
  unsigned value = 0;
  for (unsigned i = 0; i < count; i++, d->at++) {
    if (d->at >= d->bits) {
      d->broken = true;
      return 0;
    }
    value |= (unsigned)(d->data[d->at / 8] >> d->at % 8 & 1) << i;
  }
  return value;
}

static void put(decoder *d, unsigned value)
{
  if (d->size < d->room)
    d->out[d->size++] = (unsigned char)value;
  else
    d->broken = true;
}

/* A code that leaves bits without a meaning is allowed when it has no symbol, or one of one bit. */
static bool make_code(code *self, const unsigned char *lengths, unsigned count)
{
  int left = 1;
  memset(self, 0, sizeof *self);
  for (unsigned length = 1; length <= LENGTH_MAX; length++) {
    for (unsigned symbol = 0; symbol < count; symbol++) {
      if (lengths[symbol] != length)
        continue;
      self->symbols[self->used++] = symbol;
      self->counts[length]++;
    }
    left = 2 * left - (int)self->counts[length];
    if (left < 0)
      return false;
  }
  self->whole = left == 0;
  return self->whole || self->used == 0 || (self->used == 1 && self->counts[1] == 1);
}

static unsigned take_symbol(decoder *d, const code *from)
{
  unsigned value = 0, first = 0, index = 0;
  if (!from->whole) {
    if (take(d, 1) || from->used == 0)
      d->odd |= ODD_UNUSED;
    return from->symbols[0];
  }
  for (unsigned length = 1; length <= LENGTH_MAX; length++) {
    value = value << 1 | take(d, 1);
    if (value - first < from->counts[length])
      return from->symbols[index + value - first];
    index += from->counts[length];
    first = (first + from->counts[length]) << 1;
  }
  d->broken = true;
  return 0;
}

static void copy_match(decoder *d, unsigned symbol, const code *distances)
{
  static const unsigned extra_of[] = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5};
  static const unsigned base_of[] = {3,  4,  5,  6,  7,  8,  9,  10, 11, 13,  15,  17,  19,  23,
                                     27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227};
  unsigned length = 258, place = symbol - END - 1;
  if (place < sizeof base_of / sizeof base_of[0])
    length = base_of[place] + take(d, extra_of[place]);
  d->odd |= symbol >= COUNT_MAX ? ODD_LENGTH : 0;
  unsigned far = take_symbol(d, distances);
  if (far >= DISTANCE_COUNT_MAX) {
    d->odd |= ODD_DISTANCE;
    far = DISTANCE_COUNT_MAX - 1;
  }
  unsigned extra = far < 2 ? 0 : far / 2 - 1;
  size_t distance = 1 + (far < 2 ? far : (2 + (far & 1)) << extra) + take(d, extra);
  if (distance > d->size)
    d->broken = true;
  for (; length > 0 && !d->broken; length--)
    put(d, d->out[d->size - distance]);
}

static void read_codes(decoder *d, const code *literals, const code *distances)
{
  unsigned symbol = 0;
  while (!d->broken && (symbol = take_symbol(d, literals)) != END) {
    if (symbol < END)
      put(d, symbol);
    else
      copy_match(d, symbol, distances);
  }
}

static void read_stored(decoder *d)
{
  d->at = (d->at + 7) / 8 * 8;
  unsigned size = take(d, 16);
  if (take(d, 16) != (~size & 0xffff))
    d->broken = true;
  for (; size > 0 && !d->broken; size--)
    put(d, take(d, 8));
}

static void read_fixed(decoder *d)
{
  unsigned char lengths[LITERALS], far[DISTANCES];
  code literals, distances;
  for (unsigned i = 0; i < LITERALS; i++)
    lengths[i] = (unsigned char)(i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8);
  memset(far, 5, sizeof far);
  (void)make_code(&literals, lengths, LITERALS);
  (void)make_code(&distances, far, DISTANCES);
  read_codes(d, &literals, &distances);
}

/* The lengths of all codes of a block; false when what they begin with is nonsense. */
static bool read_lengths(decoder *d, const code *from, unsigned char *lengths, unsigned count)
{
  unsigned filled = 0;
  while (filled < count && !d->broken) {
    unsigned symbol = take_symbol(d, from), value = 0, times = 1;
    if (symbol < 16)
      value = symbol;
    else if (symbol == 16 && filled == 0)
      return false;
    else if (symbol == 16)
      value = lengths[filled - 1];
    if (symbol >= 16)
      times = symbol == 16 ? 3 + take(d, 2) : symbol == 17 ? 3 + take(d, 3) : 11 + take(d, 7);
    memset(lengths + filled, (int)value, times);
    filled += times;
  }
  d->odd |= filled > count ? ODD_BEHIND : 0;
  return true;
}

static void read_dynamic(decoder *d)
{
  static const unsigned char order[LENGTHS] = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};
  unsigned char first[LENGTHS] = {0}, lengths[LITERALS + DISTANCES + REPEAT_MAX] = {0};
  code of_lengths, literals, distances;
  unsigned count = 257 + take(d, 5), far = 1 + take(d, 5), known = 4 + take(d, 4);
  for (unsigned i = 0; i < known; i++)
    first[order[i]] = (unsigned char)take(d, 3);
  d->odd |= count > COUNT_MAX || far > DISTANCE_COUNT_MAX ? ODD_COUNT : 0;
  if (!make_code(&of_lengths, first, LENGTHS) || !read_lengths(d, &of_lengths, lengths, count + far) ||
      !make_code(&literals, lengths, count) || !make_code(&distances, lengths + count, far))
    d->broken = true;
  else
    read_codes(d, &literals, &distances);
}

odd_answer odd_inflate(const unsigned char *packed, size_t packed_size, unsigned char *out, size_t room)
{
  decoder d = {.data = packed, .bits = packed_size * 8, .out = out, .room = room};
  bool last = false;
  while (!last && !d.broken) {
    last = take(&d, 1);
    unsigned kind = take(&d, 2);
    if (kind == 0)
      read_stored(&d);
    else if (kind == 1)
      read_fixed(&d);
    else if (kind == 2)
      read_dynamic(&d);
    else
      d.broken = true;
  }
  return d.broken ? (odd_answer){0, 0, 0} : (odd_answer){(d.at + 7) / 8, d.size, d.odd};
}
