/* SPDX-License-Identifier: MIT */
/* What a colour profile says about itself. Nothing in it is believed: every offset is held against the size. */
#ifndef PX_IMAGE_ICC_H
#define PX_IMAGE_ICC_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/* Only a profile for RGB describes pixels that are kept as RGB. False for NULL. */
bool px_icc_is_rgb(const unsigned char *data, size_t size);

/* Appends the description as UTF-8, printable characters of Latin-1 only; nothing when there is none. */
void px_icc_description(const unsigned char *data, size_t size, px_buf *out);

#endif
