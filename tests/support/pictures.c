/* SPDX-License-Identifier: MIT */
#include "support/pictures.h"

#include <stdlib.h>
#include <string.h>

/* ---- bytes ---- */

void file_bytes_done(file_bytes *file)
{
  free(file->data);
  *file = (file_bytes){NULL, 0};
}

void file_insert(file_bytes *file, size_t at, const void *data, size_t size)
{
  unsigned char *grown = realloc(file->data, file->size + size + 1);
  if (!grown)
    abort();
  memmove(grown + at + size, grown + at, file->size - at);
  if (size > 0)
    memcpy(grown + at, data, size);
  file->data = grown;
  file->size += size;
}

void file_add(file_bytes *file, const void *data, size_t size)
{
  file_insert(file, file->size, data, size);
}

static void add_byte(file_bytes *file, unsigned value)
{
  unsigned char byte = (unsigned char)value;
  file_add(file, &byte, 1);
}

void file_add_be32(file_bytes *file, uint32_t value)
{
  const unsigned char bytes[4] = {(unsigned char)(value >> 24), (unsigned char)(value >> 16), (unsigned char)(value >> 8),
                                  (unsigned char)value};
  file_add(file, bytes, sizeof bytes);
}

void file_add_le32(file_bytes *file, uint32_t value)
{
  const unsigned char bytes[4] = {(unsigned char)value, (unsigned char)(value >> 8), (unsigned char)(value >> 16),
                                  (unsigned char)(value >> 24)};
  file_add(file, bytes, sizeof bytes);
}

px_bytes file_view(const file_bytes *file)
{
  return (px_bytes){file->data, file->size};
}

/* ---- PNG ---- */

static uint32_t crc32_of(const unsigned char *data, size_t size)
{
  uint32_t crc = 0xffffffffu;
  for (size_t i = 0; i < size; i++) {
    crc ^= data[i];
    for (int bit = 0; bit < 8; bit++)
      crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
  }
  return ~crc;
}

static uint32_t adler32_of(const unsigned char *data, size_t size)
{
  uint32_t a = 1, b = 0;
  for (size_t i = 0; i < size; i++) {
    a = (a + data[i]) % 65521;
    b = (b + a) % 65521;
  }
  return b << 16 | a;
}

void png_begin(file_bytes *file)
{
  file_add(file, "\x89PNG\r\n\x1a\n", 8);
}

static void build_chunk(file_bytes *chunk, const char *name, const void *data, size_t size)
{
  file_add_be32(chunk, (uint32_t)size);
  file_add(chunk, name, 4);
  file_add(chunk, data, size);
  file_add_be32(chunk, crc32_of(chunk->data + 4, size + 4));
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

static unsigned channels_of(unsigned color)
{
  static const unsigned channels[7] = {1, 0, 3, 1, 2, 0, 4};
  return channels[color];
}

typedef struct lattice {
  uint32_t x, y, dx, dy;
} lattice;

/* Rows of one pass, each with filter 0, samples packed from the high bit. */
static void add_pass(file_bytes *rows, const png_plan *plan, const lattice *pass)
{
  if (plan->width <= pass->x)
    return;
  for (uint32_t y = pass->y; y < plan->height; y += pass->dy) {
    unsigned bits = 0, filled = 0;
    add_byte(rows, 0);
    for (uint32_t x = pass->x; x < plan->width; x += pass->dx) {
      for (unsigned c = 0; c < channels_of(plan->color); c++) {
        unsigned sample = plan->sample(x, y, c);
        if (plan->depth == 16) {
          add_byte(rows, sample >> 8);
          add_byte(rows, sample & 0xff);
          continue;
        }
        bits = bits << plan->depth | sample;
        filled += plan->depth;
        if (filled == 8) {
          add_byte(rows, bits);
          bits = filled = 0;
        }
      }
    }
    if (filled > 0)
      add_byte(rows, bits << (8 - filled));
  }
}

static void add_rows(file_bytes *rows, const png_plan *plan)
{
  static const lattice whole = {0, 0, 1, 1};
  static const lattice adam7[7] = {{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4},
                                   {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}};
  if (!plan->interlaced)
    add_pass(rows, plan, &whole);
  for (int i = 0; plan->interlaced && i < 7; i++)
    add_pass(rows, plan, &adam7[i]);
}

static void store(file_bytes *stream, const file_bytes *rows)
{
  enum { BLOCK = 65535 };
  file_add(stream, "\x78\x01", 2);
  size_t at = 0;
  do {
    size_t size = rows->size - at < BLOCK ? rows->size - at : BLOCK;
    unsigned last = at + size == rows->size;
    const unsigned char head[5] = {(unsigned char)last, (unsigned char)size, (unsigned char)(size >> 8),
                                   (unsigned char)~size, (unsigned char)(~size >> 8)};
    file_add(stream, head, sizeof head);
    file_add(stream, rows->data + at, size);
    at += size;
  } while (at < rows->size);
  file_add_be32(stream, adler32_of(rows->data, rows->size));
}

void png_make(file_bytes *file, const png_plan *plan)
{
  file_bytes rows = {NULL, 0}, stream = {NULL, 0};
  add_rows(&rows, plan);
  store(&stream, &rows);
  png_begin(file);
  png_header(file, plan->width, plan->height, plan->depth, plan->color, plan->interlaced);
  if (plan->palette)
    png_chunk(file, "PLTE", plan->palette, plan->palette_size);
  if (plan->transparency)
    png_chunk(file, "tRNS", plan->transparency, plan->transparency_size);
  png_chunk(file, "IDAT", stream.data, stream.size);
  png_chunk(file, "IEND", "", 0);
  file_bytes_done(&rows);
  file_bytes_done(&stream);
}

/* ---- WebP container, EXIF ---- */

void webp_chunk(file_bytes *file, const char *name, const void *data, size_t size)
{
  file_add(file, name, 4);
  file_add_le32(file, (uint32_t)size);
  file_add(file, data, size);
  if (size & 1)
    add_byte(file, 0);
}

void webp_wrap(file_bytes *file, const file_bytes *body)
{
  file_add(file, "RIFF", 4);
  file_add_le32(file, (uint32_t)body->size + 4);
  file_add(file, "WEBP", 4);
  file_add(file, body->data, body->size);
}

static void add_number(file_bytes *file, bool big, unsigned size, uint32_t value)
{
  for (unsigned i = 0; i < size; i++)
    add_byte(file, value >> 8 * (big ? size - 1 - i : i) & 0xff);
}

void exif_make(file_bytes *file, bool big, unsigned orientation)
{
  file_add(file, big ? "MM" : "II", 2);
  add_number(file, big, 2, 42);
  add_number(file, big, 4, 8);
  add_number(file, big, 2, 1);
  add_number(file, big, 2, 0x0112);
  add_number(file, big, 2, 3);
  add_number(file, big, 4, 1);
  add_number(file, big, 2, orientation);
  add_number(file, big, 2, 0);
  add_number(file, big, 4, 0);
}
