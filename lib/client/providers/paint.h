/* SPDX-License-Identifier: MIT */
/* Pictures out of nothing but a prompt, a seed and a size. Integers only: the same pixels from every compiler. */
#ifndef PX_CLIENT_PROVIDERS_PAINT_H
#define PX_CLIENT_PROVIDERS_PAINT_H

#include <stddef.h>
#include <stdint.h>

#include <pixazo/error.h>

typedef struct px_painting {
  const char *prompt;
  uint64_t seed;
  uint32_t width;
  uint32_t height;
  uint32_t steps; /* more steps, finer detail */
} px_painting;

/* Fills height rows of width x RGB, `stride` bytes apart. E_NOMEM. */
pixazo_status px_paint(const px_painting *painting, unsigned char *pixels, size_t stride, pixazo_error **error);

#endif
