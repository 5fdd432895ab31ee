/* SPDX-License-Identifier: MIT */
/* Packs filtered bytes: deflate made for pictures. */
#ifndef PX_IMAGE_PNG_DEFLATE_H
#define PX_IMAGE_PNG_DEFLATE_H

#include <stdbool.h>
#include <stddef.h>

#include <pixazo/cancel.h>
#include <pixazo/error.h>

#include "base/cpu.h"
#include "image/png/bits.h"

enum {
  PX_DEFLATE_AHEAD = 32 /* readable bytes that must follow the window; their values do not matter */
};

/* Memory of one worker; no two threads at once. */
typedef struct px_deflate px_deflate;

typedef struct px_deflate_job {
  const unsigned char *window; /* `known` bytes that came before, then `size` bytes to pack */
  size_t known;
  size_t size;
  bool last; /* else it ends on a whole byte, ready for what follows */
  const pixazo_cancel *cancel; /* may be NULL */
} px_deflate_job;

/* NULL: no memory. level is 0 to 9. */
px_deflate *px_deflate_new(int32_t level, px_simd simd);
void px_deflate_free(px_deflate *deflate);

/* The most that px_deflate_run writes, and the room that it wants. */
size_t px_deflate_bound(size_t size);
/* The bytes follow from window, known, size and level alone. E_CANCELLED. */
pixazo_status px_deflate_run(px_deflate *deflate, const px_deflate_job *job, px_bits *bits, pixazo_error **error);

#endif
