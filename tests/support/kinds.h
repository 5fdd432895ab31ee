/* SPDX-License-Identifier: MIT */
/* One picture of each kind that packs in its own way, the same on every machine. */
#ifndef PX_SUPPORT_KINDS_H
#define PX_SUPPORT_KINDS_H

#include "image/pixmap.h"

typedef enum picture_kind {
  KIND_FLAT,
  KIND_NOISE,
  KIND_PHOTO, /* smooth with a little noise */
  KIND_GRADIENT,
  KIND_LETTERS, /* few shapes again and again, much paper */
  KIND_PALETTE, /* four colours in disorder */
  KIND_TILES,   /* noise that repeats */
  KINDS
} picture_kind;

/* A picture of the size; ends the test when there is no memory. */
void kind_paint(px_pixmap *pixmap, picture_kind kind, uint32_t width, uint32_t height, uint32_t channels);

/* The next of a row of numbers without order. */
uint32_t disorder(uint32_t *state);

#endif
