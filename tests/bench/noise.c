/* SPDX-License-Identifier: MIT */
#include "noise.h"

#include <stdlib.h>
#include <string.h>

#include "kit.h"

enum { SQUARE = 128, STORED_MAX = 65535, CHANNELS = 3 };

struct writer {
  uint8_t *bytes;
  size_t used;
};

static void put_byte(struct writer *writer, uint32_t value)
{
  writer->bytes[writer->used++] = (uint8_t)(value & 0xff);
}

static void put_be32(struct writer *writer, uint32_t value)
{
  for (int shift = 24; shift >= 0; shift -= 8)
    put_byte(writer, value >> shift);
}

static uint32_t crc_of(const uint8_t *bytes, size_t count)
{
  uint32_t crc = 0xffffffffU;
  for (size_t i = 0; i < count; i++) {
    crc ^= bytes[i];
    for (int bit = 0; bit < 8; bit++)
      crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xedb88320U : 0);
  }
  return ~crc;
}

/* A chunk is begun with its length, and ended with the checksum of what came after it. */
static size_t begin_chunk(struct writer *writer, uint32_t length, const char *type)
{
  put_be32(writer, length);
  size_t start = writer->used;
  for (int i = 0; i < 4; i++)
    put_byte(writer, (uint8_t)type[i]);
  return start;
}

static void end_chunk(struct writer *writer, size_t start)
{
  put_be32(writer, crc_of(writer->bytes + start, writer->used - start));
}

static uint8_t *paint_rows(uint32_t side, size_t *count)
{
  size_t stride = 1 + (size_t)side * CHANNELS;
  uint8_t *rows = malloc(stride * side);
  uint32_t state = 2463534242U;
  bench_demand(rows != NULL, "memory");
  for (uint32_t y = 0; y < side; y++) {
    uint8_t *row = rows + y * stride;
    *row++ = 0; /* not filtered */
    for (uint32_t i = 0; i < side * CHANNELS; i++) {
      state ^= state << 13;
      state ^= state >> 17;
      state ^= state << 5;
      uint32_t soft = 64 + (i / CHANNELS + y * (1 + i % CHANNELS)) * 128 / (4 * side);
      uint32_t steps = 2 + (i / CHANNELS / SQUARE + y / SQUARE) % 8 * 4;
      row[i] = (uint8_t)(soft + (state >> 8) % steps);
    }
  }
  *count = stride * side;
  return rows;
}

static uint32_t adler_of(const uint8_t *bytes, size_t count)
{
  uint32_t a = 1;
  uint32_t b = 0;
  for (size_t i = 0; i < count; i++) {
    a = (a + bytes[i]) % 65521;
    b = (b + a) % 65521;
  }
  return (b << 16) | a;
}

/* A zlib stream of stored blocks. */
static void put_data(struct writer *writer, const uint8_t *bytes, size_t count)
{
  size_t blocks = (count + STORED_MAX - 1) / STORED_MAX;
  size_t start = begin_chunk(writer, (uint32_t)(2 + blocks * 5 + count + 4), "IDAT");
  put_byte(writer, 0x78);
  put_byte(writer, 0x01);
  for (size_t done = 0; done < count;) {
    uint32_t length = (uint32_t)(count - done < STORED_MAX ? count - done : STORED_MAX);
    put_byte(writer, done + length == count);
    put_byte(writer, length);
    put_byte(writer, length >> 8);
    put_byte(writer, ~length);
    put_byte(writer, ~length >> 8);
    memcpy(writer->bytes + writer->used, bytes + done, length);
    writer->used += length;
    done += length;
  }
  put_be32(writer, adler_of(bytes, count));
  end_chunk(writer, start);
}

static void put_header(struct writer *writer, uint32_t side)
{
  static const uint8_t signature[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
  for (size_t i = 0; i < sizeof signature; i++)
    put_byte(writer, signature[i]);
  size_t start = begin_chunk(writer, 13, "IHDR");
  put_be32(writer, side);
  put_be32(writer, side);
  put_byte(writer, 8); /* bits of a sample */
  put_byte(writer, 2); /* RGB */
  for (int i = 0; i < 3; i++)
    put_byte(writer, 0);
  end_chunk(writer, start);
}

pixazo_blob *noise_picture(uint32_t side)
{
  size_t count = 0;
  uint8_t *rows = paint_rows(side, &count);
  struct writer writer = {malloc(count + count / STORED_MAX * 5 + 128), 0};
  pixazo_blob *blob = NULL;
  pixazo_error *error = NULL;
  bench_demand(writer.bytes != NULL, "memory");
  put_header(&writer, side);
  put_data(&writer, rows, count);
  end_chunk(&writer, begin_chunk(&writer, 0, "IEND"));
  bench_check(pixazo_blob_new(writer.bytes, writer.used, &blob, &error), error);
  free(rows);
  free(writer.bytes);
  return blob;
}
