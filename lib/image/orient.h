/* SPDX-License-Identifier: MIT */
#ifndef PX_IMAGE_ORIENT_H
#define PX_IMAGE_ORIENT_H

#include <stdbool.h>

#include "image/pixmap.h"

/* Does an EXIF orientation exchange width and height? */
bool px_orient_swaps(uint32_t orientation);

/* Turns pixels as stored into pixels as seen. `out` is empty before. 1 and nonsense copy. */
pixazo_status px_orient(const px_pixmap *source, uint32_t orientation, px_pixmap *out, pixazo_error **error);

#endif
