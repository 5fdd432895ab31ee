/* SPDX-License-Identifier: MIT */
#include "image/blend.h"

static const uint32_t ONE = 255, SQUARE = 255 * 255;

void px_blend_over_rgb_plain(const px_blend_row *row)
{
  const unsigned char *layer = row->layer, *below = row->below;
  unsigned char *to = row->to;
  for (size_t i = 0; i < row->pixels; i++, layer += 4, below += 3, to += 3) {
    unsigned alpha = px_blend_alpha(layer[3], row->opacity);
    for (int c = 0; c < 3; c++)
      to[c] = (unsigned char)px_div255(layer[c] * alpha + below[c] * (255 - alpha));
  }
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
static uint32_t mixed(px_blend_mode mode, uint32_t below, uint32_t color)
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

static void mix_rgb(const px_blend_row *row, px_blend_mode mode)
{
  const unsigned char *layer = row->layer, *below = row->below;
  unsigned char *to = row->to;
  for (size_t i = 0; i < row->pixels; i++, layer += 4, below += 3, to += 3) {
    uint32_t alpha = px_blend_alpha(layer[3], row->opacity);
    for (int c = 0; c < 3; c++) {
      uint32_t sum = alpha * mixed(mode, below[c], layer[c]) + (ONE - alpha) * below[c] * ONE;
      to[c] = (unsigned char)((sum + SQUARE / 2) / SQUARE);
    }
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

void px_blend(const px_blend_row *row, px_blend_mode mode, uint32_t channels, px_simd simd)
{
  if (channels == 4)
    mix_rgba(row, mode);
  else if (mode == PX_BLEND_OVER)
    px_blend_over_rgb(row, simd);
  else
    mix_rgb(row, mode);
}
