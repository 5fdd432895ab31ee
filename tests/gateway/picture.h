/* SPDX-License-Identifier: MIT */
/* Valid PNG files whose pixels follow from a name: one name gives the same bytes in every run, another name others. */
#ifndef GATEWAY_PICTURE_H
#define GATEWAY_PICTURE_H

#include "gateway/bytes.h"

/* A square of noise whose file is about `size` bytes; at least one pixel. */
void picture_of_bytes(bytes *out, const char *name, size_t size);
void picture_of_size(bytes *out, const char *name, uint32_t width, uint32_t height);

#endif
