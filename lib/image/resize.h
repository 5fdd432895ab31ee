/* SPDX-License-Identifier: MIT */
/* Lanczos3, separable, in integers: the same bytes from every compiler and processor. Alpha is premultiplied on
 * the way, so transparent pixels lend no colour to their neighbours. */
#ifndef PX_IMAGE_RESIZE_H
#define PX_IMAGE_RESIZE_H

#include <stdbool.h>

#include <pixazo/cancel.h>

#include "base/cpu.h"
#include "image/pixmap.h"

/* The source is scaled to full_width x full_height; of that the window is made. */
typedef struct px_resize_job {
  uint32_t full_width, full_height;
  uint32_t x, y, width, height; /* window, inside the full size */
  bool linear;                  /* in linear light (sRGB undone before, done again after) */
  px_simd simd;
} px_resize_job;

/* `out` is empty before and has the channels of the source after. E_ARGUMENT, E_LIMIT, E_NOMEM, E_CANCELLED. */
pixazo_status px_resize(const px_pixmap *source, const px_resize_job *job, const pixazo_cancel *cancel, px_pixmap *out,
                        pixazo_error **error);

#endif
