/* SPDX-License-Identifier: MIT */
/* The inner loops of a resize, over whole rows. Samples are int16 with PX_SAMPLE_BITS of fraction: 255 is
 * PX_SAMPLE_MAX, and what the filter adds above and below fits beside. Each set gives the same samples. */
#ifndef PX_IMAGE_RESIZE_ROWS_H
#define PX_IMAGE_RESIZE_ROWS_H

#include "base/cpu.h"
#include "image/resize_taps.h"

enum {
  PX_SAMPLE_BITS = 6,
  PX_SAMPLE_MAX = 255 << PX_SAMPLE_BITS,
  PX_ROW_SLACK = 16 /* samples after the end of every row of samples: zero at first, may be read and written */
};

/* Rows of one column of taps, one below the other. */
typedef struct px_rows_below {
  const unsigned char *bytes; /* of the first row */
  size_t stride;
  const int16_t *const *samples; /* or pointers to `count` rows of samples */
  const int16_t *weights;        /* even in number: a zero follows an odd count */
  uint32_t count;
} px_rows_below;

typedef struct px_resize_rows {
  /* Bytes to samples; the colours of RGBA are multiplied by its alpha. */
  void (*lift_rgb)(const unsigned char *from, size_t pixels, int16_t *to);
  void (*lift_rgba)(const unsigned char *from, size_t pixels, int16_t *to);
  /* One row from the bytes or the samples of several. */
  void (*down_bytes)(const px_rows_below *below, size_t samples, int16_t *to);
  void (*down_samples)(const px_rows_below *below, size_t samples, int16_t *to);
  /* One row of `places` pixels; `from` begins at pixel `left` of the source. */
  void (*across_rgb)(const int16_t *from, uint32_t left, const px_taps *taps, uint32_t places, int16_t *to);
  void (*across_rgba)(const int16_t *from, uint32_t left, const px_taps *taps, uint32_t places, int16_t *to);
  /* Samples to bytes. */
  void (*finish_rgb)(const int16_t *from, size_t pixels, unsigned char *to);
} px_resize_rows;

extern const px_resize_rows px_resize_rows_plain;
#if PX_HAVE_AVX2
extern const px_resize_rows px_resize_rows_avx2;
#endif

/* Out of premultiplied samples; what rounds to invisible becomes black and invisible. */
void px_resize_finish_rgba(const int16_t *from, size_t pixels, unsigned char *to);

/* Color x alpha / 255 as a sample; exact for alpha 0 and 255. */
static inline int16_t px_sample_premultiply(unsigned color, unsigned alpha)
{
  unsigned product = color * alpha, part = product + 128;
  part = (part + (part >> 8)) >> 8; /* product * 256 / 255 = product + product / 255 */
  return (int16_t)((product + part + 2) >> 2);
}

#endif
