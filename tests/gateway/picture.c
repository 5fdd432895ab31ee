/* SPDX-License-Identifier: MIT */
#include "gateway/picture.h"

#include <string.h>
#include <zlib.h>

/* Pixels are stored without compression: the size is exact arithmetic, and making one costs little more than its sums. */
enum { STORED_MAX = 65535, CHANNELS = 3 };

static uint64_t hash_text(const char *text)
{
  uint64_t hash = 0xcbf29ce484222325u;
  for (; *text; text++)
    hash = (hash ^ (unsigned char)*text) * 0x100000001b3u;
  return hash ? hash : 1;
}

static void add_u32(bytes *out, uint32_t value)
{
  unsigned char raw[4] = {(unsigned char)(value >> 24), (unsigned char)(value >> 16), (unsigned char)(value >> 8),
                          (unsigned char)value};
  bytes_add(out, raw, sizeof raw);
}

static void add_chunk(bytes *out, const char *type, const bytes *data)
{
  add_u32(out, (uint32_t)data->size);
  size_t start = out->size;
  bytes_add(out, type, 4);
  bytes_add(out, bytes_cstr(data), data->size);
  add_u32(out, (uint32_t)crc32(0, (const unsigned char *)out->data + start, (uInt)(out->size - start)));
}

static void noise_rows(bytes *rows, const char *name, uint32_t width, uint32_t height)
{
  uint64_t state = hash_text(name);
  size_t stride = (size_t)width * CHANNELS + 1;
  bytes_reserve(rows, stride * height + sizeof state);
  for (size_t i = 0; i < stride * height; i += sizeof state) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    memcpy(rows->data + i, &state, sizeof state);
  }
  rows->size = stride * height;
  for (uint32_t y = 0; y < height; y++)
    rows->data[y * stride] = 0; /* filter type: none */
}

static void add_stored(bytes *out, const bytes *rows)
{
  bytes_add(out, "\x78\x01", 2);
  for (size_t at = 0; at < rows->size; at += STORED_MAX) {
    size_t size = rows->size - at < STORED_MAX ? rows->size - at : STORED_MAX;
    unsigned char head[5] = {at + size == rows->size, (unsigned char)size, (unsigned char)(size >> 8), (unsigned char)~size,
                             (unsigned char)(~size >> 8)};
    bytes_add(out, head, sizeof head);
    bytes_add(out, rows->data + at, size);
  }
  add_u32(out, (uint32_t)adler32(adler32(0, NULL, 0), (const unsigned char *)rows->data, (uInt)rows->size));
}

void picture_of_size(bytes *out, const char *name, uint32_t width, uint32_t height)
{
  bytes head = {0};
  bytes rows = {0};
  bytes packed = {0};
  add_u32(&head, width);
  add_u32(&head, height);
  bytes_add(&head, "\x08\x02\x00\x00\x00", 5); /* 8 bits, RGB, deflate, adaptive filters, not interlaced */
  noise_rows(&rows, name, width, height);
  bytes_reserve(&packed, rows.size + 1024);
  add_stored(&packed, &rows);
  bytes_reserve(out, packed.size + 64);
  bytes_add(out, "\x89PNG\r\n\x1a\n", 8);
  add_chunk(out, "IHDR", &head);
  add_chunk(out, "IDAT", &packed);
  add_chunk(out, "IEND", &(bytes){0});
  bytes_done(&head);
  bytes_done(&rows);
  bytes_done(&packed);
}

void picture_of_bytes(bytes *out, const char *name, size_t size)
{
  uint32_t side = 1;
  while ((size_t)(side + 1) * ((side + 1) * CHANNELS + 1) + 70 <= size)
    side++;
  picture_of_size(out, name, side, side);
}
