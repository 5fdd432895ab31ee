/* SPDX-License-Identifier: MIT */
/* One row of RGBA over another row. The formulas are those of Compositing and Blending Level 1 (W3C, sections 5 and
 * 10), in integers, on colours that are not premultiplied, rounded once. */
#ifndef PX_IMAGE_BLEND_H
#define PX_IMAGE_BLEND_H

#include <stdbool.h>
#include <stddef.h>

#include "base/cpu.h"
#include "image/pixmap.h"

typedef enum px_blend_mode { PX_BLEND_OVER, PX_BLEND_MULTIPLY, PX_BLEND_SCREEN, PX_BLEND_OVERLAY } px_blend_mode;

enum { PX_OPAQUE = 100 }; /* per cent */

typedef struct px_blend_row {
  const unsigned char *layer; /* RGBA */
  const unsigned char *below; /* RGB or RGBA */
  unsigned char *to;          /* as below; may be the same row */
  size_t pixels;
  unsigned opacity; /* 0-100 per cent, of the layer */
} px_blend_row;

/* Over RGB in the mode `over`; the fastest that `simd` allows. */
void px_blend_over_rgb(const px_blend_row *row, px_simd simd);
void px_blend_over_rgb_plain(const px_blend_row *row);
#if PX_HAVE_AVX2
void px_blend_over_rgb_avx2(const px_blend_row *row);
#endif

/* Every mode, over 3 or 4 channels. A pixel that comes out invisible is black. */
void px_blend(const px_blend_row *row, px_blend_mode mode, uint32_t channels, px_simd simd);

/* Alpha of a layer's pixel. */
static inline unsigned px_blend_alpha(unsigned alpha, unsigned opacity)
{
  return (alpha * opacity + PX_OPAQUE / 2) / PX_OPAQUE;
}

#endif
