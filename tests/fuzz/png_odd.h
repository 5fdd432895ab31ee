/* SPDX-License-Identifier: MIT */
/* libdeflate takes codes that the format does not have, and zlib refuses them. A file that only the library's own reader takes
 * must be of that kind, and its pixels must be those that the codes stand for, as a decoder of the tests' own reads them. */
#ifndef PX_FUZZ_PNG_ODD_H
#define PX_FUZZ_PNG_ODD_H

#include "decode.h"

/* The bytes of all IDAT chunks of the picture, and where each stands in the file. */
typedef struct png_stream {
  uint8_t *bytes;
  size_t *places;
  size_t size;
} png_stream;

png_stream png_stream_join(const uint8_t *data, size_t size);
void png_stream_done(png_stream *stream);

uint32_t png_be32(const uint8_t *bytes);
void png_put_be32(uint8_t *bytes, uint32_t value);
/* Writes a chunk with its checksum; returns its size, which is 12 more than that of the data. */
size_t png_put_chunk(uint8_t *at, const char *name, const uint8_t *data, size_t size);

/* Aborts unless `own`, the pixels of a file that libpng refuses, are right. */
void png_check_odd(px_bytes file, const px_image_limits *limits, const px_pixmap *own);

#endif
