/* SPDX-License-Identifier: MIT */
/* The common kind of PNG file without libpng: 8-bit RGB and RGBA, not interlaced, no transparent colour. */
#ifndef PX_IMAGE_PNG_READ_H
#define PX_IMAGE_PNG_READ_H

#include <stdbool.h>

#include "image/codec.h"

/* True: the file is whole and every pixel is in `pixmap` (NULL: the pixels were verified only). False: not a file for
 * this reader, or something about it is in doubt, or memory ran out, or the job was cancelled: libpng decides and says
 * why; the pixels may hold anything then. `pixmap` has the size of `info` and px_png_room() bytes more. */
bool px_png_read(const px_decode_job *job, const px_image_info *info, px_pixmap *pixmap);

/* Bytes behind the pixels that px_png_read() works in. */
size_t px_png_room(const px_image_info *info);

#endif
