/* SPDX-License-Identifier: MIT */
/* The head of a lossless WebP stream, without any library. */
#ifndef PX_IMAGE_WEBP_LOSSLESS_H
#define PX_IMAGE_WEBP_LOSSLESS_H

#include "image/codecs/codecs.h"

/* How many groups of prefix codes the pixels of a stream are coded with: a decoder makes tables for each of them before it
 * looks at a pixel. `stream` begins behind the sizes. 0: it is broken or cut so early; a decoder will say so. */
uint32_t px_webp_groups(px_bytes stream, uint32_t width, uint32_t height);

#endif
