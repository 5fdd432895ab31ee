/* SPDX-License-Identifier: MIT */
/* The weights of Lanczos3 along one side. */
#ifndef PX_IMAGE_RESIZE_TAPS_H
#define PX_IMAGE_RESIZE_TAPS_H

#include <stddef.h>
#include <stdint.h>

#include <pixazo/error.h>

enum { PX_WEIGHT_BITS = 14, PX_WEIGHT_ONE = 1 << PX_WEIGHT_BITS };

/* For each place of the output: which places of the input, and their weights. The weights of a place sum to
 * PX_WEIGHT_ONE exactly, so a flat picture stays flat. */
typedef struct px_taps {
  uint32_t *first;
  uint32_t *count;  /* at least 1 */
  int16_t *weights; /* `most` for each place; zero after `count` */
  uint32_t most;    /* a multiple of 4 */
} px_taps;

#define PX_TAPS_INIT    \
  {                     \
    NULL, NULL, NULL, 0 \
  }

typedef struct px_side {
  uint32_t in;     /* places of the source */
  uint32_t full;   /* places it is scaled to */
  uint32_t offset; /* first of them that is made */
  uint32_t places; /* how many are made */
} px_side;

/* `taps` is empty before. The weights are made by plain arithmetic in doubles: the same on every machine.
 * E_LIMIT: does not fit into memory. E_NOMEM. */
pixazo_status px_taps_make(px_taps *taps, const px_side *side, pixazo_error **error);
void px_taps_done(px_taps *taps);

static inline const int16_t *px_taps_weights(const px_taps *taps, uint32_t place)
{
  return taps->weights + (size_t)place * taps->most;
}

#endif
