/* SPDX-License-Identifier: MIT */
/* Bits written from the low end, as deflate and lossless WebP have them. */
#ifndef PX_SUPPORT_BITS_H
#define PX_SUPPORT_BITS_H

#include "support/pictures.h"

typedef struct bits {
  file_bytes bytes;
  unsigned held, count;
} bits;

void bits_put(bits *to, unsigned value, unsigned count);
/* The first bit first, as the codes of deflate stand there. */
void bits_put_code(bits *to, unsigned code, unsigned count);
/* Zeros up to a whole byte. */
void bits_align(bits *to);

#endif
