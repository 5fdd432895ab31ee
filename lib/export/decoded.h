/* SPDX-License-Identifier: MIT */
/* Pixels as an object of their own: out of a file, or from the program. */
#ifndef PX_EXPORT_DECODED_H
#define PX_EXPORT_DECODED_H

#include <stdatomic.h>

#include <pixazo/pixels.h>

#include "image/codec.h"

struct pixazo_pixels {
  atomic_uint references;
  px_pixmap pixmap; /* as seen */
  pixazo_blob *icc; /* one reference; NULL: sRGB */
};

/* What the headers of a file with these pixels would say; it is no file, so "same" is PNG. */
void px_pixels_info(const pixazo_pixels *pixels, px_image_info *info);

/* Their metadata: the profile. `metadata` is empty before. */
pixazo_status px_pixels_metadata(const pixazo_pixels *pixels, px_metadata *metadata, pixazo_error **error);

#endif
