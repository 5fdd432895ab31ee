/* SPDX-License-Identifier: MIT */
/* How small a PNG file of these pixels would be. */
#ifndef PX_IMAGE_PNG_ESTIMATE_H
#define PX_IMAGE_PNG_ESTIMATE_H

#include "image/pixmap.h"

/* Bytes, from the entropy of a sixteenth of the rows, each with the filter of the least sum. Repeated patterns are
 * not seen, so drawings come out smaller than this says. The same on every machine. */
uint64_t px_png_estimate(const px_pixmap *pixmap);

#endif
