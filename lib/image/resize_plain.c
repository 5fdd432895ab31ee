/* SPDX-License-Identifier: MIT */
#include "image/resize_rows.h"

enum { BLOCK = 64 }; /* samples whose sums stay near */

static int16_t fit(int32_t value)
{
  return (int16_t)(value < INT16_MIN ? INT16_MIN : value > INT16_MAX ? INT16_MAX : value);
}

static unsigned char clamp(int32_t value)
{
  return (unsigned char)(value < 0 ? 0 : value > 255 ? 255 : value);
}

static void lift_rgb(const unsigned char *from, size_t pixels, int16_t *to)
{
  for (size_t i = 0; i < pixels * 3; i++)
    to[i] = (int16_t)(from[i] << PX_SAMPLE_BITS);
}

static void lift_rgba(const unsigned char *from, size_t pixels, int16_t *to)
{
  for (size_t i = 0; i < pixels * 4; i += 4) {
    unsigned alpha = from[i + 3];
    to[i] = px_sample_premultiply(from[i], alpha);
    to[i + 1] = px_sample_premultiply(from[i + 1], alpha);
    to[i + 2] = px_sample_premultiply(from[i + 2], alpha);
    to[i + 3] = (int16_t)(alpha << PX_SAMPLE_BITS);
  }
}

static inline void bytes_block(const px_rows_below *below, size_t at, size_t size, int16_t *to)
{
  enum { SHIFT = PX_WEIGHT_BITS - PX_SAMPLE_BITS };
  int32_t sums[BLOCK] = {0};
  for (uint32_t i = 0; i < below->count; i++) {
    const unsigned char *row = below->bytes + i * below->stride + at;
    for (size_t k = 0; k < size; k++)
      sums[k] += below->weights[i] * row[k];
  }
  for (size_t k = 0; k < size; k++)
    to[k] = fit((sums[k] + (1 << (SHIFT - 1))) >> SHIFT);
}

/* Whole blocks apart: a loop of known length is one the compiler can widen. */
static void down_bytes(const px_rows_below *below, size_t samples, int16_t *to)
{
  size_t at = 0;
  for (; at + BLOCK <= samples; at += BLOCK)
    bytes_block(below, at, BLOCK, to + at);
  bytes_block(below, at, samples - at, to + at);
}

static inline void samples_block(const px_rows_below *below, size_t at, size_t size, int16_t *to)
{
  int32_t sums[BLOCK] = {0};
  for (uint32_t i = 0; i < below->count; i++) {
    const int16_t *row = below->samples[i] + at;
    for (size_t k = 0; k < size; k++)
      sums[k] += below->weights[i] * row[k];
  }
  for (size_t k = 0; k < size; k++)
    to[k] = fit((sums[k] + (PX_WEIGHT_ONE >> 1)) >> PX_WEIGHT_BITS);
}

static void down_samples(const px_rows_below *below, size_t samples, int16_t *to)
{
  size_t at = 0;
  for (; at + BLOCK <= samples; at += BLOCK)
    samples_block(below, at, BLOCK, to + at);
  samples_block(below, at, samples - at, to + at);
}

static void across_rgb(const int16_t *from, uint32_t left, const px_taps *taps, uint32_t places, int16_t *to)
{
  for (uint32_t x = 0; x < places; x++, to += 3) {
    int32_t sum[3] = {0, 0, 0};
    const int16_t *weights = px_taps_weights(taps, x);
    const int16_t *pixel = from + (size_t)(taps->first[x] - left) * 3;
    for (uint32_t i = 0; i < taps->count[x]; i++, pixel += 3) {
      for (int c = 0; c < 3; c++)
        sum[c] += weights[i] * pixel[c];
    }
    for (int c = 0; c < 3; c++)
      to[c] = fit((sum[c] + (PX_WEIGHT_ONE >> 1)) >> PX_WEIGHT_BITS);
  }
}

static void across_rgba(const int16_t *from, uint32_t left, const px_taps *taps, uint32_t places, int16_t *to)
{
  for (uint32_t x = 0; x < places; x++, to += 4) {
    int32_t sum[4] = {0, 0, 0, 0};
    const int16_t *weights = px_taps_weights(taps, x);
    const int16_t *pixel = from + (size_t)(taps->first[x] - left) * 4;
    for (uint32_t i = 0; i < taps->count[x]; i++, pixel += 4) {
      for (int c = 0; c < 4; c++)
        sum[c] += weights[i] * pixel[c];
    }
    for (int c = 0; c < 4; c++)
      to[c] = fit((sum[c] + (PX_WEIGHT_ONE >> 1)) >> PX_WEIGHT_BITS);
  }
}

static unsigned char finish(int32_t sample)
{
  return clamp((sample + (1 << (PX_SAMPLE_BITS - 1))) >> PX_SAMPLE_BITS);
}

static void finish_rgb(const int16_t *from, size_t pixels, unsigned char *to)
{
  for (size_t i = 0; i < pixels * 3; i++)
    to[i] = finish(from[i]);
}

void px_resize_finish_rgba(const int16_t *from, size_t pixels, unsigned char *to)
{
  for (size_t i = 0; i < pixels * 4; i += 4) {
    int32_t alpha = from[i + 3];
    unsigned char visible = finish(alpha);
    to[i + 3] = visible;
    for (size_t c = i; c < i + 3; c++) {
      if (visible == 0 || from[c] <= 0)
        to[c] = 0;
      else if (alpha == PX_SAMPLE_MAX)
        to[c] = finish(from[c]); /* what the division gives, sooner */
      else
        to[c] = clamp((from[c] * 255 + alpha / 2) / alpha);
    }
  }
}

const px_resize_rows px_resize_rows_plain = {lift_rgb,   lift_rgba,   down_bytes, down_samples,
                                             across_rgb, across_rgba, finish_rgb};
