/* SPDX-License-Identifier: MIT */
#include "image/blend.h"

static const uint32_t ONE = 255, SQUARE = 255 * 255;

/* Loops over three samples are written out: compilers leave them loops. */
static inline unsigned char over(unsigned color, unsigned alpha, unsigned below)
{
  return (unsigned char)px_div255(color * alpha + below * (255 - alpha));
}

static inline void over_rgb(const px_blend_row *row, unsigned opacity)
{
  const unsigned char *layer = row->layer, *below = row->below;
  unsigned char *to = row->to;
  for (size_t i = 0; i < row->pixels; i++, layer += 4, below += 3, to += 3) {
    unsigned alpha = px_blend_alpha(layer[3], opacity);
    to[0] = over(layer[0], alpha, below[0]);
    to[1] = over(layer[1], alpha, below[1]);
    to[2] = over(layer[2], alpha, below[2]);
  }
}

/* A number the compiler knows costs no division; alpha stays as it is. */
void px_blend_over_rgb_plain(const px_blend_row *row)
{
  if (row->opacity == PX_OPAQUE)
    over_rgb(row, PX_OPAQUE);
  else
    over_rgb(row, row->opacity);
}

void px_blend_over_rgb(const px_blend_row *row, px_simd simd)
{
#if PX_HAVE_AVX2
  if (px_simd_choose(simd) == PX_SIMD_AVX2) {
    px_blend_over_rgb_avx2(row);
    return;
  }
#else
  (void)simd;
#endif
  px_blend_over_rgb_plain(row);
}

/* B(below, color) of the specification, times 255. */
static inline uint32_t mixed(px_blend_mode mode, uint32_t below, uint32_t color)
{
  switch (mode) {
  case PX_BLEND_MULTIPLY:
    return below * color;
  case PX_BLEND_SCREEN:
    return (below + color) * ONE - below * color;
  case PX_BLEND_OVERLAY:
    return 2 * below <= ONE ? 2 * below * color : SQUARE - 2 * (ONE - below) * (ONE - color);
  case PX_BLEND_OVER:
  default:
    return color * ONE;
  }
}

static inline unsigned char mix_one(px_blend_mode mode, uint32_t below, uint32_t color, uint32_t alpha)
{
  uint32_t sum = alpha * mixed(mode, below, color) + (ONE - alpha) * below * ONE;
  return (unsigned char)((sum + SQUARE / 2) / SQUARE);
}

static inline void mix_rgb(const px_blend_row *row, px_blend_mode mode)
{
  const unsigned char *layer = row->layer, *below = row->below;
  unsigned char *to = row->to;
  for (size_t i = 0; i < row->pixels; i++, layer += 4, below += 3, to += 3) {
    uint32_t alpha = px_blend_alpha(layer[3], row->opacity);
    to[0] = mix_one(mode, below[0], layer[0], alpha);
    to[1] = mix_one(mode, below[1], layer[1], alpha);
    to[2] = mix_one(mode, below[2], layer[2], alpha);
  }
}

/* as (1 - ab) cs + as ab B(cb, cs) + (1 - as) ab cb, over as + ab (1 - as): sums reach 255^4, below 2^32. */
static void mix_rgba(const px_blend_row *row, px_blend_mode mode)
{
  const unsigned char *layer = row->layer, *below = row->below;
  unsigned char *to = row->to;
  for (size_t i = 0; i < row->pixels; i++, layer += 4, below += 4, to += 4) {
    uint32_t alpha = px_blend_alpha(layer[3], row->opacity), under = below[3];
    uint32_t both = alpha * ONE + under * (ONE - alpha), whole = both * ONE;
    to[3] = (unsigned char)px_div255(both);
    for (int c = 0; c < 3; c++) {
      uint32_t sum = alpha * (ONE - under) * layer[c] * ONE + alpha * under * mixed(mode, below[c], layer[c]) +
                     (ONE - alpha) * under * below[c] * ONE;
      to[c] = (unsigned char)(to[3] == 0 ? 0 : (sum + whole / 2) / whole);
    }
  }
}

/* One loop for each mode. */
static void mix_rgb_in(const px_blend_row *row, px_blend_mode mode)
{
  if (mode == PX_BLEND_MULTIPLY)
    mix_rgb(row, PX_BLEND_MULTIPLY);
  else if (mode == PX_BLEND_SCREEN)
    mix_rgb(row, PX_BLEND_SCREEN);
  else
    mix_rgb(row, PX_BLEND_OVERLAY);
}

void px_blend(const px_blend_row *row, px_blend_mode mode, uint32_t channels, px_simd simd)
{
  if (channels == 4)
    mix_rgba(row, mode);
  else if (mode == PX_BLEND_OVER)
    px_blend_over_rgb(row, simd);
  else
    mix_rgb_in(row, mode);
}
