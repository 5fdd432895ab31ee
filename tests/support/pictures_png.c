/* SPDX-License-Identifier: MIT */
/* PNG files with every filter, interlacing and way of packing that the format knows. */
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "support/pictures.h"

/* ---- chunks ---- */

void png_begin(file_bytes *file)
{
  file_add(file, "\x89PNG\r\n\x1a\n", 8);
}

static void build_chunk(file_bytes *chunk, const char *name, const void *data, size_t size)
{
  file_add_be32(chunk, (uint32_t)size);
  file_add(chunk, name, 4);
  file_add(chunk, data, size);
  file_add_be32(chunk, (uint32_t)crc32(0, chunk->data + 4, (uInt)size + 4));
}

void png_chunk(file_bytes *file, const char *name, const void *data, size_t size)
{
  file_bytes chunk = {NULL, 0};
  build_chunk(&chunk, name, data, size);
  file_add(file, chunk.data, chunk.size);
  file_bytes_done(&chunk);
}

void png_insert_chunk(file_bytes *file, const char *name, const void *data, size_t size)
{
  enum { BEHIND_HEADER = 8 + 25 };
  file_bytes chunk = {NULL, 0};
  build_chunk(&chunk, name, data, size);
  file_insert(file, BEHIND_HEADER, chunk.data, chunk.size);
  file_bytes_done(&chunk);
}

void png_header(file_bytes *file, uint32_t width, uint32_t height, unsigned depth, unsigned color, unsigned interlace)
{
  file_bytes header = {NULL, 0};
  file_add_be32(&header, width);
  file_add_be32(&header, height);
  const unsigned char rest[5] = {(unsigned char)depth, (unsigned char)color, 0, 0, (unsigned char)interlace};
  file_add(&header, rest, sizeof rest);
  png_chunk(file, "IHDR", header.data, header.size);
  file_bytes_done(&header);
}

/* ---- rows ---- */

static unsigned channels_of(unsigned color)
{
  static const unsigned channels[7] = {1, 0, 3, 1, 2, 0, 4};
  return channels[color];
}

typedef struct lattice {
  uint32_t x, y, dx, dy;
} lattice;

/* One row of a pass, samples packed from the high bit; returns its bytes. */
static size_t pack_row(unsigned char *row, const png_plan *plan, const lattice *pass, uint32_t y)
{
  size_t at = 0;
  unsigned bits = 0, filled = 0;
  for (uint32_t x = pass->x; x < plan->width; x += pass->dx) {
    for (unsigned c = 0; c < channels_of(plan->color); c++) {
      unsigned sample = plan->sample(x, y, c);
      if (plan->depth == 16) {
        row[at++] = (unsigned char)(sample >> 8);
        row[at++] = (unsigned char)sample;
        continue;
      }
      bits = bits << plan->depth | sample;
      filled += plan->depth;
      if (filled == 8) {
        row[at++] = (unsigned char)bits;
        bits = filled = 0;
      }
    }
  }
  if (filled > 0)
    row[at++] = (unsigned char)(bits << (8 - filled));
  return at;
}

static int paeth(int left, int above, int corner)
{
  int to_left = abs(above - corner), to_above = abs(left - corner), to_corner = abs(left + above - 2 * corner);
  if (to_left <= to_above && to_left <= to_corner)
    return left;
  return to_above <= to_corner ? above : corner;
}

/* As the standard defines it; bytes outside of the picture are 0. */
static unsigned char filtered(unsigned filter, const unsigned char *row, const unsigned char *before, size_t at, size_t unit)
{
  int left = at < unit ? 0 : row[at - unit], above = before[at], corner = at < unit ? 0 : before[at - unit];
  const int guesses[5] = {0, left, above, (left + above) / 2, paeth(left, above, corner)};
  return (unsigned char)(row[at] - guesses[filter]);
}

static void add_pass(file_bytes *rows, const png_plan *plan, const lattice *pass)
{
  if (plan->width <= pass->x)
    return;
  size_t unit = (channels_of(plan->color) * plan->depth + 7) / 8, room = (size_t)plan->width * unit + 1;
  unsigned char *row = malloc(room), *before = calloc(1, room), *out = malloc(room);
  if (!row || !before || !out)
    abort();
  for (uint32_t y = pass->y, place = 0; y < plan->height; y += pass->dy, place++) {
    size_t size = pack_row(row, plan, pass, y);
    unsigned filter = plan->filter == PNG_MIXED_FILTERS ? (place * 7 + 4) % 5 : plan->filter;
    out[0] = (unsigned char)filter;
    for (size_t i = 0; i < size; i++)
      out[i + 1] = filtered(filter, row, before, i, unit);
    file_add(rows, out, size + 1);
    memcpy(before, row, size);
  }
  free(row);
  free(before);
  free(out);
}

void png_rows(file_bytes *rows, const png_plan *plan)
{
  static const lattice whole = {0, 0, 1, 1};
  static const lattice adam7[7] = {{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4},
                                   {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}};
  if (!plan->interlaced)
    add_pass(rows, plan, &whole);
  for (int i = 0; plan->interlaced && i < 7; i++)
    add_pass(rows, plan, &adam7[i]);
}

/* ---- packing ---- */

static void pack(file_bytes *stream, const file_bytes *rows, const png_plan *plan)
{
  z_stream z = {.next_in = rows->data, .avail_in = (uInt)rows->size};
  int window = plan->window_bits ? plan->window_bits : 15;
  if (deflateInit2(&z, plan->level, Z_DEFLATED, window, 8, plan->strategy) != Z_OK)
    abort();
  size_t room = deflateBound(&z, (uLong)rows->size);
  unsigned char *out = malloc(room);
  z.next_out = out;
  z.avail_out = (uInt)room;
  if (!out || deflate(&z, Z_FINISH) != Z_STREAM_END)
    abort();
  file_add(stream, out, z.total_out);
  (void)deflateEnd(&z);
  free(out);
}

static void add_stream(file_bytes *file, const file_bytes *stream, size_t part)
{
  part = part ? part : stream->size;
  for (size_t at = 0; at < stream->size; at += part)
    png_chunk(file, "IDAT", stream->data + at, stream->size - at < part ? stream->size - at : part);
}

void png_pixels(file_bytes *file, const file_bytes *rows, const png_plan *plan)
{
  file_bytes stream = {NULL, 0};
  pack(&stream, rows, plan);
  add_stream(file, &stream, plan->part);
  file_bytes_done(&stream);
}

void png_store(file_bytes *stream, const void *data, size_t size)
{
  static const png_plan stored = {.level = 0};
  file_bytes rows = {NULL, 0};
  file_add(&rows, data, size);
  pack(stream, &rows, &stored);
  file_bytes_done(&rows);
}

void png_wrap(file_bytes *file, const uint32_t shape[3], const file_bytes *stream, size_t part)
{
  png_begin(file);
  png_header(file, shape[0], shape[1], 8, shape[2] == 4 ? 6 : 2, 0);
  add_stream(file, stream, part);
  png_chunk(file, "IEND", "", 0);
}

void png_make(file_bytes *file, const png_plan *plan)
{
  file_bytes rows = {NULL, 0};
  png_rows(&rows, plan);
  png_begin(file);
  png_header(file, plan->width, plan->height, plan->depth, plan->color, plan->interlaced);
  if (plan->palette)
    png_chunk(file, "PLTE", plan->palette, plan->palette_size);
  if (plan->transparency)
    png_chunk(file, "tRNS", plan->transparency, plan->transparency_size);
  png_pixels(file, &rows, plan);
  png_chunk(file, "IEND", "", 0);
  file_bytes_done(&rows);
}
