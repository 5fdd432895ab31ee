/* SPDX-License-Identifier: MIT */
/* Where a picture has what one looks at: for crops with gravity "smart". */
#ifndef PX_IMAGE_SALIENCE_H
#define PX_IMAGE_SALIENCE_H

#include "image/pixmap.h"
#include "image/resize.h"

/* Moves the window of a resize of `source` to where it holds the most; a picture without anything to look at keeps
 * its middle. A mirrored picture gives the mirrored window, but for the rounding of one cell (1/64 of the
 * longer side). The same answer on every machine. E_NOMEM. */
pixazo_status px_salience_aim(const px_pixmap *source, px_resize_job *job, pixazo_error **error);

#endif
