/* SPDX-License-Identifier: MIT */
/* A mutator that knows PNG: besides bytes as they are it changes header fields, whole chunks and, behind the packing,
 * the rows themselves; then it makes the file consistent again. */
#include "png_parts.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "fuzz.h"

enum { OVERHEAD = 12, SIGNATURE = 8, HEADER_END = SIGNATURE + OVERHEAD + 13, ROWS_MAX = 1 << 16 };

static uint32_t get32(const uint8_t *at)
{
  return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static void put32(uint8_t *at, uint32_t value)
{
  for (unsigned i = 0; i < 4; i++)
    at[i] = (uint8_t)(value >> (24 - 8 * i));
}

void png_mend(uint8_t *data, size_t size)
{
  for (size_t at = SIGNATURE; at + OVERHEAD <= size;) {
    size_t length = get32(data + at);
    if (length > size - at - OVERHEAD)
      return;
    put32(data + at + 8 + length, (uint32_t)crc32(0, data + at + 4, (uInt)length + 4));
    at += length + OVERHEAD;
  }
}

#ifdef PX_FUZZ_MUTATOR

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);

/* The chunk number `wanted` (or the last one before) that has this name, or any; 0 when there is none. */
static size_t find_chunk(const uint8_t *data, size_t size, const char *name, unsigned wanted)
{
  size_t found = 0;
  for (size_t at = SIGNATURE; at + OVERHEAD <= size;) {
    size_t length = get32(data + at);
    if (length > size - at - OVERHEAD)
      break;
    if (!name || memcmp(data + at + 4, name, 4) == 0) {
      found = at;
      if (wanted-- == 0)
        break;
    }
    at += length + OVERHEAD;
  }
  return found;
}

/* Puts `with` in the place of the data of the chunk at `at`. Returns the new size, or 0 when there is no room. */
static size_t replace(uint8_t *data, size_t size, size_t max_size, size_t at, const uint8_t *with, size_t length)
{
  size_t old = get32(data + at), rest = size - (at + 8 + old);
  if (size - old + length > max_size)
    return 0;
  memmove(data + at + 8 + length, data + at + 8 + old, rest);
  memcpy(data + at + 8, with, length);
  put32(data + at, (uint32_t)length);
  return size - old + length;
}

static size_t mutate_chunk(uint8_t *data, size_t size, size_t max_size, size_t at)
{
  static uint8_t body[ROWS_MAX];
  size_t length = get32(data + at);
  if (at == 0 || length > ROWS_MAX)
    return 0;
  memcpy(body, data + at + 8, length);
  length = LLVMFuzzerMutate(body, length, ROWS_MAX);
  return replace(data, size, max_size, at, body, length);
}

/* Small sizes and all kinds of samples. */
static size_t mutate_header(uint8_t *data, size_t size, unsigned seed)
{
  static const uint8_t depths[] = {1, 2, 4, 8, 8, 8, 16, 16}, colors[] = {0, 2, 3, 4, 6, 6, 2, 2};
  if (size < HEADER_END)
    return 0;
  uint8_t *header = data + SIGNATURE + 8;
  if (seed & 1)
    put32(header, 1 + (seed >> 3) % 70);
  if (seed & 2)
    put32(header + 4, 1 + (seed >> 9) % 40);
  if (seed & 4) {
    header[8] = depths[seed >> 15 & 7];
    header[9] = colors[seed >> 18 & 7];
    header[12] = seed >> 21 & 1;
  }
  return size;
}

static size_t repack(uint8_t *packed, size_t room, uint8_t *rows, size_t count, unsigned seed)
{
  static const int strategies[] = {Z_DEFAULT_STRATEGY, Z_FILTERED, Z_HUFFMAN_ONLY, Z_RLE, Z_FIXED};
  z_stream z = {.next_in = rows, .avail_in = (uInt)count, .next_out = packed, .avail_out = (uInt)room};
  if (deflateInit2(&z, (int)(seed % 10), Z_DEFLATED, 9 + (int)(seed >> 4) % 7, 8, strategies[(seed >> 8) % 5]) != Z_OK)
    return 0;
  bool whole = deflate(&z, Z_FINISH) == Z_STREAM_END;
  size_t size = z.total_out;
  (void)deflateEnd(&z);
  return whole ? size : 0;
}

/* The rows of the first chunk of pixels, changed behind the packing. */
static size_t mutate_rows(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
  static uint8_t rows[ROWS_MAX], packed[2 * ROWS_MAX];
  size_t at = find_chunk(data, size, "IDAT", 0);
  uLongf count = ROWS_MAX;
  if (at == 0)
    return 0;
  int status = uncompress(rows, &count, data + at + 8, get32(data + at));
  if (status != Z_OK && status != Z_DATA_ERROR && status != Z_BUF_ERROR)
    return 0;
  size_t changed = LLVMFuzzerMutate(rows, count < ROWS_MAX ? count : ROWS_MAX, ROWS_MAX);
  size_t length = repack(packed, sizeof packed, rows, changed, seed);
  return length ? replace(data, size, max_size, at, packed, length) : 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
  size_t made = 0;
  switch (seed % 5) {
  case 0:
    made = mutate_rows(data, size, max_size, seed >> 3);
    break;
  case 1:
    made = mutate_header(data, size, seed >> 3);
    break;
  case 2:
    made = mutate_chunk(data, size, max_size, find_chunk(data, size, NULL, seed >> 3 & 7));
    break;
  case 3:
    made = mutate_chunk(data, size, max_size, find_chunk(data, size, "IDAT", seed >> 3 & 1));
    break;
  default:
    break;
  }
  if (made == 0)
    made = LLVMFuzzerMutate(data, size, max_size);
  if (seed % 7)
    png_mend(data, made);
  return made;
}

#endif
