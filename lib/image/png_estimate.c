/* SPDX-License-Identifier: MIT */
#include "image/png_estimate.h"

#include <stdlib.h>
#include <string.h>

enum { ROW_STEP = 16, VALUES = 256, LOG_BITS = 16 };

typedef unsigned char (*filter)(const unsigned char *row, const unsigned char *above, size_t at, size_t pixel);

static unsigned char none(const unsigned char *row, const unsigned char *above, size_t at, size_t pixel)
{
  (void)above;
  (void)pixel;
  return row[at];
}

static unsigned char sub(const unsigned char *row, const unsigned char *above, size_t at, size_t pixel)
{
  (void)above;
  return (unsigned char)(row[at] - (at >= pixel ? row[at - pixel] : 0));
}

static unsigned char up(const unsigned char *row, const unsigned char *above, size_t at, size_t pixel)
{
  (void)pixel;
  return (unsigned char)(row[at] - above[at]);
}

static unsigned char paeth(const unsigned char *row, const unsigned char *above, size_t at, size_t pixel)
{
  int left = at >= pixel ? row[at - pixel] : 0, over = above[at], corner = at >= pixel ? above[at - pixel] : 0;
  int from_left = abs(over - corner), from_over = abs(left - corner), from_corner = abs(left + over - 2 * corner);
  int best = from_left <= from_over && from_left <= from_corner ? left : from_over <= from_corner ? over : corner;
  return (unsigned char)(row[at] - best);
}

/* log2 of value / 2^LOG_BITS in units of 1 / 2^LOG_BITS, bit by bit: libm differs from machine to machine. */
static uint64_t log_of(uint64_t value)
{
  uint64_t whole = 0, part = 0;
  for (; value >= UINT64_C(2) << 31; whole++)
    value >>= 1;
  for (; value < UINT64_C(1) << 31; whole--)
    value <<= 1;
  for (int bit = LOG_BITS; bit-- > 0;) {
    value = value * value >> 31;
    if (value >= UINT64_C(2) << 31) {
      value >>= 1;
      part |= UINT64_C(1) << bit;
    }
  }
  return ((whole + 31) << LOG_BITS) + part;
}

static void count_row(const px_pixmap *pixmap, uint32_t y, uint64_t counts[VALUES])
{
  static const filter filters[] = {none, sub, up, paeth};
  const unsigned char *row = px_pixmap_row(pixmap, y), *above = px_pixmap_row(pixmap, y - 1);
  size_t best = 0;
  uint64_t least = UINT64_MAX;
  for (size_t f = 0; f < sizeof filters / sizeof *filters; f++) {
    uint64_t sum = 0;
    for (size_t at = 0; at < pixmap->stride; at++)
      sum += (uint64_t)abs((signed char)filters[f](row, above, at, pixmap->channels));
    best = sum < least ? f : best;
    least = sum < least ? sum : least;
  }
  for (size_t at = 0; at < pixmap->stride; at++)
    counts[filters[best](row, above, at, pixmap->channels)]++;
}

uint64_t px_png_estimate(const px_pixmap *pixmap)
{
  uint64_t counts[VALUES] = {0}, total = 0, bits = 0;
  if (pixmap->height < 2)
    return (uint64_t)pixmap->stride;
  for (uint32_t y = 1; y < pixmap->height; y += ROW_STEP) {
    count_row(pixmap, y, counts);
    total += pixmap->stride;
  }
  for (unsigned i = 0; i < VALUES; i++) {
    if (counts[i] > 0)
      bits += counts[i] * (log_of(total) - log_of(counts[i]));
  }
  return (bits >> LOG_BITS) / 8 * (pixmap->stride * pixmap->height) / total;
}
