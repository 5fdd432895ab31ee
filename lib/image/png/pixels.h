/* SPDX-License-Identifier: MIT */
/* The pixels of a PNG file: filtered, packed and cut into IDAT chunks, without any library. */
#ifndef PX_IMAGE_PNG_PIXELS_H
#define PX_IMAGE_PNG_PIXELS_H

#include "base/buf.h"
#include "base/crew.h"
#include "image/codec.h"

/* Appends the IDAT chunks and the closing chunk. Of the job its pixmap, cancel, level, fast, simd and crew count.
 * The bytes are the same with any simd and any crew. E_NOMEM, E_CANCELLED. */
pixazo_status px_png_write_pixels(const px_encode_job *job, px_buf *out, pixazo_error **error);

#endif
