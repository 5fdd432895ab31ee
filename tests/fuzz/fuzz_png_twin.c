/* SPDX-License-Identifier: MIT */
/* The same PNG file through the library's own reader, with and without AVX2, and through libpng: the same verdict and the
 * same pixels. A fuzzer never guesses a checksum, so they are made right here; the first byte of an input says how deep
 * the others go:
 *   'P'  a whole file, as it is and with its checksums made right
 *   'D'  shape, cut, and a deflate stream, around which a file is built
 *   else shape, cut, level, and the filtered rows, which are packed: such a file must be read without libpng
 * One difference is known, see png_odd.h. */
#include <string.h>
#include <zlib.h>

#include "image/png/read.h"
#include "png_odd.h"
#include "support/odd_inflate.h"

enum { RAW_MAX = 1 << 16, FILE_MAX = 1 << 18, SHAPE = 5, HEAD = 8, FOOT = 12 };

typedef struct builder {
  uint8_t bytes[FILE_MAX];
  size_t size;
} builder;

static px_image_limits limits_of(void)
{
  px_image_limits limits = PX_IMAGE_LIMITS_INIT;
  limits.max_pixels = RAW_MAX / 5; /* so that every whole picture fits read_deflate() */
  limits.max_ancillary = 1 << 20;
  return limits;
}

/* ---- streams ---- */

/* How far a bare deflate stream goes that is sound, be it with odd codes, and the checksum of what it holds; 0: it is not
 * sound. Without odd codes zlib says the same. */
static size_t read_deflate(const uint8_t *data, size_t size, uint32_t *adler)
{
  static uint8_t raw[RAW_MAX], again[RAW_MAX];
  odd_answer known = odd_inflate(data, size, raw, RAW_MAX);
  z_stream stream = {.next_in = (z_const Bytef *)(uintptr_t)data, .next_out = again};
  stream.avail_in = (uInt)size;
  stream.avail_out = RAW_MAX;
  fuzz_require(inflateInit2(&stream, -15) == Z_OK);
  int result = inflate(&stream, Z_FINISH);
  fuzz_require((result == Z_STREAM_END) == (known.used > 0 && known.odd == 0));
  if (result == Z_STREAM_END)
    fuzz_require(stream.total_in == known.used && stream.total_out == known.size && memcmp(raw, again, known.size) == 0);
  (void)inflateEnd(&stream);
  *adler = (uint32_t)adler32(1, raw, (uInt)known.size);
  return known.used;
}

/* ---- the comparison ---- */

static void add_chunk(builder *file, const char *name, const uint8_t *data, size_t size)
{
  fuzz_require(size + FOOT <= FILE_MAX - file->size);
  file->size += png_put_chunk(file->bytes + file->size, name, data, size);
}

static void compare_with(const px_decode_job *job, pixazo_status wanted, const px_pixmap *pixels)
{
  px_auto(px_pixmap) own = PX_PIXMAP_INIT;
  pixazo_status status = px_codec_decode(job, &own, NULL, NULL);
  fuzz_require(px_codec_decode(job, NULL, NULL, NULL) == status);
  if (status == PIXAZO_OK && wanted == PIXAZO_E_CORRUPT) {
    png_check_odd(job->file, job->limits, &own);
    return;
  }
  fuzz_require(status == wanted);
  if (wanted == PIXAZO_OK)
    fuzz_require(memcmp(own.data, pixels->data, own.stride * own.height) == 0);
}

static void compare(px_bytes file)
{
  px_image_limits limits = limits_of();
  px_image_info info;
  px_auto(px_pixmap) pixels = PX_PIXMAP_INIT;
  px_decode_job job = {.file = file, .limits = &limits, .reference = true};
  if (px_format_of_bytes(file.data, file.size) != PX_FORMAT_PNG || px_codec_probe(file, &limits, &info, NULL) != PIXAZO_OK)
    return;
  pixazo_status wanted = px_codec_decode(&job, &pixels, NULL, NULL);
  job.reference = false;
  for (job.simd = PX_SIMD_PLAIN; job.simd <= PX_SIMD_AVX2; job.simd++)
    compare_with(&job, wanted, &pixels);
}

/* A copy of exactly this size, so that reading behind it is seen. */
static void compare_copy(const uint8_t *data, size_t size, bool is_ours)
{
  uint8_t *copy = malloc(size ? size : 1);
  fuzz_require(copy != NULL);
  if (size)
    memcpy(copy, data, size);
  px_bytes file = {copy, size};
  compare(file);
  if (is_ours) {
    px_image_limits limits = limits_of();
    px_image_info info;
    px_decode_job job = {.file = file, .limits = &limits};
    fuzz_require(px_codec_probe(file, &limits, &info, NULL) == PIXAZO_OK);
    fuzz_require(px_png_read(&job, &info, NULL));
  }
  free(copy);
}

/* ---- files ---- */

static void mend_chunks(uint8_t *data, size_t size)
{
  for (size_t at = HEAD; at + FOOT <= size;) {
    size_t length = png_be32(data + at);
    if (length > size - at - FOOT)
      return;
    png_put_be32(data + at + 8 + length, (uint32_t)crc32(0, data + at + 4, (uInt)length + 4));
    at += length + FOOT;
  }
}

/* The stream of the pixels lies in pieces; its checksum goes where the deflate stream ends. */
static void mend_stream(uint8_t *data, size_t size)
{
  png_stream stream = png_stream_join(data, size);
  uint32_t adler = 0;
  size_t used = stream.size > 2 ? read_deflate(stream.bytes + 2, stream.size - 2, &adler) : 0;
  for (size_t i = 0; used > 0 && i < 4 && used + 2 + i < stream.size; i++)
    data[stream.places[used + 2 + i]] = (uint8_t)(adler >> (24 - 8 * i));
  png_stream_done(&stream);
}

static void whole_file(const uint8_t *data, size_t size)
{
  static uint8_t mended[FILE_MAX];
  compare_copy(data, size, false);
  if (size > FILE_MAX)
    return;
  memcpy(mended, data, size);
  mend_chunks(mended, size);
  compare_copy(mended, size, false);
  mend_stream(mended, size);
  mend_chunks(mended, size);
  compare_copy(mended, size, false);
}

/* shape: width, height, channels and window, length of the chunks, level of packing. */
static void build(const uint8_t shape[SHAPE], const uint8_t *stream, size_t size, builder *file)
{
  uint8_t header[13] = {0};
  png_put_be32(header, 1 + shape[0] % 70u);
  png_put_be32(header + 4, 1 + shape[1] % 20u);
  header[8] = 8;
  header[9] = shape[2] & 1 ? 6 : 2;
  memcpy(file->bytes, "\x89PNG\r\n\x1a\n", HEAD);
  file->size = HEAD;
  add_chunk(file, "IHDR", header, sizeof header);
  size_t cut = shape[3] == 0 || size / shape[3] > 500 ? size : shape[3];
  for (size_t at = 0; at < size; at += cut)
    add_chunk(file, "IDAT", stream + at, size - at < cut ? size - at : cut);
  add_chunk(file, "IEND", NULL, 0);
}

static void deflate_stream(const uint8_t *data, size_t size)
{
  static builder file;
  static uint8_t stream[RAW_MAX + 6];
  uint32_t adler = 0;
  size_t body = size - SHAPE;
  if (body > RAW_MAX)
    return;
  unsigned head = (unsigned)(data[2] & 2 ? 7 : data[2] >> 5) << 12 | 0x800; /* a window, most often the whole one */
  head += (31 - head % 31) % 31;
  stream[0] = (uint8_t)(head >> 8);
  stream[1] = (uint8_t)head;
  memcpy(stream + 2, data + SHAPE, body);
  size_t used = read_deflate(data + SHAPE, body, &adler);
  used = used ? used : body;
  png_put_be32(stream + 2 + used, adler);
  build(data, stream, used + 6, &file);
  compare_copy(file.bytes, file.size, false);
}

/* Missing rows are zeros; filters are taken modulo their number, so that every such file is sound. */
static void filtered_rows(const uint8_t *data, size_t size)
{
  static builder file;
  static uint8_t raw[RAW_MAX];
  static uint8_t stream[RAW_MAX + RAW_MAX / 8];
  size_t stride = (1 + data[0] % 70u) * (data[2] & 1 ? 4u : 3u), height = 1 + data[1] % 20u;
  size_t length = (stride + 1) * height;
  memset(raw, 0, length);
  if (size > SHAPE)
    memcpy(raw, data + SHAPE, size - SHAPE < length ? size - SHAPE : length);
  for (size_t y = 0; y < height; y++)
    raw[y * (stride + 1)] = (uint8_t)(raw[y * (stride + 1)] % 5);
  uLongf packed = sizeof stream;
  fuzz_require(compress2(stream, &packed, raw, length, data[4] % 10) == Z_OK);
  build(data, stream, packed, &file);
  compare_copy(file.bytes, file.size, true);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  if (size < 1 + SHAPE)
    return 0;
  if (data[0] == 'P')
    whole_file(data + 1, size - 1);
  else if (data[0] == 'D')
    deflate_stream(data + 1, size - 1);
  else
    filtered_rows(data + 1, size - 1);
  return 0;
}
