/* SPDX-License-Identifier: MIT */
/* The filters of PNG: each byte of a row less what its neighbours let expect. */
#ifndef PX_IMAGE_PNG_FILTER_H
#define PX_IMAGE_PNG_FILTER_H

#include <stddef.h>

#include "base/cpu.h"

typedef enum px_filter {
  PX_FILTER_NONE,
  PX_FILTER_LEFT,
  PX_FILTER_UP,
  PX_FILTER_MEAN,
  PX_FILTER_PAETH,
  PX_FILTERS,
  PX_FILTER_CHOOSE = PX_FILTERS /* of each row the one with the smallest sum of distances from zero */
} px_filter;

typedef struct px_filter_row {
  const unsigned char *row;
  const unsigned char *above; /* the row above; zeros for the first */
  size_t size;                /* bytes */
  size_t pixel;               /* bytes of one pixel: 3 or 4; size is a multiple */
} px_filter_row;

/* Writes the number of the filter and size bytes. */
void px_filter_apply(px_simd simd, px_filter filter, const px_filter_row *row, unsigned char *out);

#endif
