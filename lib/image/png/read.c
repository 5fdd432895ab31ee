/* SPDX-License-Identifier: MIT */
#include "image/png/read.h"

#include "base/cancel.h"
#include "base/mem.h"
#include "image/codecs/codecs.h"
#include "image/png/inflate.h"
#include "image/png/unfilter.h"

enum {
  HEADER_SIZE = 13,
  COLOR_RGB = 2,
  COLOR_RGBA = 6,
  SMALL_LETTER = 0x20,
  SURE_SIZE = 4 << 20,   /* libpng minds the length of chunks from about twice as much on */
  VERIFY_MAX = 64 << 20  /* bytes of pixels that are held for verifying only; libpng needs one row */
};

/* The pixels as they are packed in the file. */
typedef struct packed_pixels {
  px_bytes stream;       /* borrowed from the file when it is in one chunk, else from `joined` */
  unsigned char *joined; /* owned */
  px_walk begin;         /* at the first chunk of them */
  size_t total;
  size_t chunks;         /* with bytes in them */
} packed_pixels;

static void packed_done(packed_pixels *self)
{
  px_free(self->joined);
}

/* ---- chunks ---- */

/* In the third letter the format has something in store; nobody knows what such a chunk will mean. */
static bool is_name(const unsigned char type[4])
{
  for (int i = 0; i < 4; i++) {
    unsigned letter = type[i] | SMALL_LETTER;
    if (letter < 'a' || letter > 'z')
      return false;
  }
  return !(type[2] & SMALL_LETTER);
}

static bool next_chunk(px_walk *walk, px_chunk *chunk)
{
  if (px_png_next(walk, chunk, NULL) != PIXAZO_OK || !is_name(chunk->type))
    return false;
  return px_inflate_crc32(chunk->whole + 4, chunk->size + 4) == px_be32(chunk->data + chunk->size);
}

static bool is_my_kind(const px_chunk *chunk, const px_image_info *info)
{
  if (!px_chunk_is(chunk, "IHDR") || chunk->size != HEADER_SIZE)
    return false;
  const unsigned char *kind = chunk->data + 8; /* depth, colour, compression, filtering, interlacing */
  unsigned color = info->channels == 4 ? COLOR_RGBA : COLOR_RGB;
  return kind[0] == 8 && kind[1] == color && kind[2] == 0 && kind[3] == 0 && kind[4] == 0;
}

/* What the pixels do not depend on may stand anywhere. */
static bool is_beside(const px_chunk *chunk)
{
  return (chunk->type[0] & SMALL_LETTER) && !px_chunk_is(chunk, "tRNS") && chunk->size <= SURE_SIZE;
}

static void note_pixels(packed_pixels *self, const px_walk *walk, const px_chunk *chunk)
{
  if (chunk->size == 0)
    return;
  if (self->chunks++ == 0) {
    self->begin = *walk;
    self->begin.at -= chunk->whole_size;
    self->stream = (px_bytes){chunk->data, chunk->size};
  }
  self->total += chunk->size;
}

/* Every chunk up to the end of the file's picture; those of the pixels follow each other. */
static bool find_pixels(px_walk *walk, size_t raw_size, packed_pixels *self)
{
  bool inside = false, behind = false;
  while (!walk->ended) {
    px_chunk chunk;
    if (!next_chunk(walk, &chunk))
      return false;
    if (px_chunk_is(&chunk, "IDAT")) {
      if (behind || (chunk.size > SURE_SIZE && chunk.size > raw_size))
        return false;
      inside = true;
      note_pixels(self, walk, &chunk);
      continue;
    }
    behind = inside;
    if (walk->ended ? chunk.size > 0 : !is_beside(&chunk))
      return false;
  }
  return self->chunks > 0;
}

static bool join(packed_pixels *self)
{
  if (self->chunks == 1)
    return true;
  self->joined = px_malloc(self->total);
  if (!self->joined)
    return false;
  px_walk walk = self->begin;
  for (size_t filled = 0; filled < self->total;) {
    px_chunk chunk;
    if (px_png_next(&walk, &chunk, NULL) != PIXAZO_OK)
      return false;
    memcpy(self->joined + filled, chunk.data, chunk.size);
    filled += chunk.size;
  }
  self->stream = (px_bytes){self->joined, self->total};
  return true;
}

static bool open_pixels(const px_decode_job *job, const px_image_info *info, size_t raw_size, packed_pixels *self)
{
  px_walk walk;
  px_chunk header;
  if (px_png_begin(&walk, job->file, NULL) != PIXAZO_OK || !next_chunk(&walk, &header) || !is_my_kind(&header, info))
    return false;
  return find_pixels(&walk, raw_size, self) && join(self);
}

/* ---- pixels ---- */

static size_t lead_of(const px_image_info *info)
{
  return (size_t)PX_UNFILTER_ROWS * info->width * info->channels;
}

size_t px_png_room(const px_image_info *info)
{
  return lead_of(info) + info->height + PX_UNFILTER_SLACK;
}

static bool is_cancelled(const px_decode_job *job)
{
  return px_cancel_check(job->cancel, NULL) != PIXAZO_OK;
}

/* Filtered rows are unpacked behind the place of the pixels and move down as they are unfiltered: one block of memory. */
bool px_png_read(const px_decode_job *job, const px_image_info *info, px_pixmap *pixmap)
{
  px_cleanup(packed_done) packed_pixels packed = {.joined = NULL};
  px_autofree unsigned char *verified = NULL;
  px_unfilter_job rows = {.stride = (size_t)info->width * info->channels, .width = info->width, .height = info->height,
                          .pixel = info->channels, .simd = job->simd};
  size_t size;
  if (!px_mul_size(rows.stride + 1, rows.height, &size))
    return false;
  if (!open_pixels(job, info, size, &packed) || is_cancelled(job) || (!pixmap && size > VERIFY_MAX))
    return false;
  unsigned char *filtered = pixmap ? pixmap->data + lead_of(info) : (verified = px_malloc(size));
  if (!filtered || !px_inflate(packed.stream, filtered, size) || is_cancelled(job))
    return false;
  rows.filtered = filtered;
  if (!px_unfilter_knows(&rows))
    return false;
  if (pixmap) {
    rows.rows = pixmap->data;
    px_unfilter(&rows);
  }
  return true;
}
