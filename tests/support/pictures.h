/* SPDX-License-Identifier: MIT */
/* Picture files with known pixels, written by hand or by the codec libraries themselves, never by the code under test. */
#ifndef PX_SUPPORT_PICTURES_H
#define PX_SUPPORT_PICTURES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "image/codec.h"

/* A growing file; ends the program when memory runs out. */
typedef struct file_bytes {
  unsigned char *data;
  size_t size;
} file_bytes;

void file_bytes_done(file_bytes *file);
void file_add(file_bytes *file, const void *data, size_t size);
/* The same bytes `count` times. */
void file_repeat(file_bytes *file, const void *data, size_t size, size_t count);
void file_add_be32(file_bytes *file, uint32_t value);
void file_add_le32(file_bytes *file, uint32_t value);
void file_insert(file_bytes *file, size_t at, const void *data, size_t size);
px_bytes file_view(const file_bytes *file);

/* ---- PNG, packed by zlib ---- */

enum { PNG_MIXED_FILTERS = 5 }; /* each row another one */

typedef struct png_plan {
  uint32_t width, height;
  unsigned depth, color; /* as in the header */
  bool interlaced;
  const void *palette;
  size_t palette_size;
  const void *transparency;
  size_t transparency_size;
  /* Sample of one channel, as wide as the depth. */
  unsigned (*sample)(uint32_t x, uint32_t y, unsigned channel);
  unsigned filter;  /* 0-4 or PNG_MIXED_FILTERS */
  int level;        /* of zlib; 0: stored blocks */
  int strategy;     /* of zlib */
  int window_bits;  /* of zlib; 0: 15 */
  size_t part;      /* bytes of pixels in one chunk; 0: all in one */
} png_plan;

void png_begin(file_bytes *file);
void png_chunk(file_bytes *file, const char *name, const void *data, size_t size);
void png_header(file_bytes *file, uint32_t width, uint32_t height, unsigned depth, unsigned color, unsigned interlace);
void png_make(file_bytes *file, const png_plan *plan);
/* The unpacked rows of a plan, and the chunks that hold `rows`. */
void png_rows(file_bytes *rows, const png_plan *plan);
void png_pixels(file_bytes *file, const file_bytes *rows, const png_plan *plan);
/* The stream of these bytes in stored blocks, and a file of 8-bit pixels around a stream: width, height, channels (3 or
 * 4); `part` as in the plan. */
void png_store(file_bytes *stream, const void *data, size_t size);
void png_wrap(file_bytes *file, const uint32_t shape[3], const file_bytes *stream, size_t part);
/* Puts a chunk behind the header of a finished file. */
void png_insert_chunk(file_bytes *file, const char *name, const void *data, size_t size);

/* ---- JPEG ---- */

enum { JPEG_KIND_GRAY, JPEG_KIND_YCC, JPEG_KIND_RGB, JPEG_KIND_CMYK, JPEG_KIND_YCCK };

typedef struct jpeg_plan {
  uint32_t width, height;
  int kind;
  bool progressive;
  bool adobe; /* write the Adobe marker */
  unsigned char color[4]; /* one colour everywhere, as stored: with an Adobe marker inks are inverted */
} jpeg_plan;

typedef struct jpeg_coding {
  /* Sample of one channel as the library takes it; NULL: the colour of the plan. */
  unsigned (*sample)(uint32_t x, uint32_t y, unsigned channel);
  unsigned char sampling[4][2]; /* across and down of each component; 0: as the library likes it */
  unsigned restart; /* MCUs between restart markers; 0: none */
  int quality;      /* 0: 100 */
  bool arithmetic;
} jpeg_coding;

void jpeg_make(file_bytes *file, const jpeg_plan *plan);
void jpeg_make_coded(file_bytes *file, const jpeg_plan *plan, const jpeg_coding *coding);
/* RGB pixels, with the tables that are best for them. */
void jpeg_of_pixmap(file_bytes *file, const px_pixmap *pixmap, int quality);
/* Puts a segment right behind the start of a finished file. */
void jpeg_insert_segment(file_bytes *file, unsigned marker, const void *data, size_t size);

/* ---- WebP ---- */

void webp_make(file_bytes *file, uint32_t width, uint32_t height, bool lossless, const unsigned char rgba[4]);
/* What the plain call of libwebp makes of these pixels. */
void webp_of_pixmap(file_bytes *file, const px_pixmap *pixmap, float quality);
void webp_lossless_of_pixmap(file_bytes *file, const px_pixmap *pixmap);
void webp_chunk(file_bytes *file, const char *name, const void *data, size_t size);
/* Wraps the chunks of `body` into RIFF. */
void webp_wrap(file_bytes *file, const file_bytes *body);

/* ---- EXIF ---- */

/* A block with an orientation, big- or little-endian. */
void exif_make(file_bytes *file, bool big, unsigned orientation);

#endif
