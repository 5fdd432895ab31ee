/* SPDX-License-Identifier: MIT */
/* The little of EXIF that matters here: orientation and the user comment. Blocks are TIFF structures;
 * nothing in them is believed: every offset and count is held against the size. */
#ifndef PX_IMAGE_EXIF_H
#define PX_IMAGE_EXIF_H

#include <stddef.h>
#include <stdint.h>

#include <pixazo/error.h>

#include "base/buf.h"

/* 1 to 8; 1 when absent or nonsense. */
uint32_t px_exif_orientation(const unsigned char *data, size_t size);
/* Writes 1 over the orientation of a block, for pixels that were turned. */
void px_exif_reset_orientation(unsigned char *data, size_t size);
/* Appends the user comment as UTF-8; nothing when there is none or its code is unknown. */
void px_exif_user_comment(const unsigned char *data, size_t size, px_buf *out);
/* Appends a text of the first directory by its tag: printable ASCII only; nothing when there is none. */
void px_exif_text(const unsigned char *data, size_t size, uint32_t tag, px_buf *out);
/* Appends a block that holds a user comment only; `text` is UTF-8. */
void px_exif_build(const char *text, px_buf *out);

#endif
