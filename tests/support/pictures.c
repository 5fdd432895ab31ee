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

void file_repeat(file_bytes *file, const void *data, size_t size, size_t count)
{
  unsigned char *grown = realloc(file->data, file->size + size * count + 1);
  if (!grown)
    abort();
  file->data = grown;
  for (size_t i = 0; i < count; i++, file->size += size)
    memcpy(file->data + file->size, data, size);
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
