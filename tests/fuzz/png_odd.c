/* SPDX-License-Identifier: MIT */
#include "png_odd.h"

#include <zlib.h>

#include "support/odd_inflate.h"

enum { HEAD = 8, FOOT = 12, BEFORE_PIXELS = HEAD + FOOT + 13 };

uint32_t png_be32(const uint8_t *bytes)
{
  return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

void png_put_be32(uint8_t *bytes, uint32_t value)
{
  for (int i = 0; i < 4; i++)
    bytes[i] = (uint8_t)(value >> (24 - 8 * i));
}

size_t png_put_chunk(uint8_t *at, const char *name, const uint8_t *data, size_t size)
{
  png_put_be32(at, (uint32_t)size);
  memcpy(at + 4, name, 4);
  if (size)
    memcpy(at + 8, data, size);
  png_put_be32(at + 8 + size, (uint32_t)crc32(0, at + 4, (uInt)size + 4));
  return size + FOOT;
}

png_stream png_stream_join(const uint8_t *data, size_t size)
{
  png_stream out = {malloc(size + 1), calloc(size + 1, sizeof(size_t)), 0};
  fuzz_require(out.bytes && out.places);
  for (size_t at = HEAD; at + FOOT <= size && png_be32(data + at) <= size - at - FOOT; at += png_be32(data + at) + FOOT) {
    if (memcmp(data + at + 4, "IEND", 4) == 0)
      break;
    bool pixels = memcmp(data + at + 4, "IDAT", 4) == 0;
    for (size_t i = 0; pixels && i < png_be32(data + at); i++) {
      out.places[out.size] = at + 8 + i;
      out.bytes[out.size++] = data[at + 8 + i];
    }
  }
  return out;
}

void png_stream_done(png_stream *stream)
{
  free(stream->bytes);
  free(stream->places);
}

/* The same rows, packed by zlib, behind the same header. */
static px_bytes pack_again(px_bytes file, const uint8_t *raw, size_t size)
{
  uLongf packed = compressBound((uLong)size);
  uint8_t *rows = malloc(packed);
  uint8_t *out = malloc(BEFORE_PIXELS + packed + 2 * FOOT);
  fuzz_require(rows && out && compress2(rows, &packed, raw, (uLong)size, 1) == Z_OK);
  memcpy(out, file.data, BEFORE_PIXELS);
  size_t at = BEFORE_PIXELS;
  at += png_put_chunk(out + at, "IDAT", rows, packed);
  at += png_put_chunk(out + at, "IEND", NULL, 0);
  free(rows);
  return (px_bytes){out, at};
}

void png_check_odd(px_bytes file, const px_image_limits *limits, const px_pixmap *own)
{
  px_auto(px_pixmap) wanted = PX_PIXMAP_INIT;
  size_t room = ((size_t)own->width * own->channels + 1) * own->height; /* read here: 8 bits a sample, as they stand there */
  uint8_t *raw = malloc(room);
  png_stream stream = png_stream_join(file.data, file.size);
  fuzz_require(raw && stream.size > 6);
  odd_answer known = odd_inflate(stream.bytes + 2, stream.size - 6, raw, room);
  fuzz_require(known.used == stream.size - 6 && known.size == room && known.odd != 0);
  fuzz_require(adler32(1, raw, (uInt)known.size) == png_be32(stream.bytes + stream.size - 4));
  px_bytes again = pack_again(file, raw, known.size);
  px_decode_job job = {.file = again, .limits = limits, .reference = true};
  fuzz_require(px_codec_decode(&job, &wanted, NULL, NULL) == PIXAZO_OK);
  fuzz_require(own->width == wanted.width && own->height == wanted.height && own->channels == wanted.channels);
  fuzz_require(memcmp(own->data, wanted.data, own->stride * own->height) == 0);
  free((void *)(uintptr_t)again.data);
  free(raw);
  png_stream_done(&stream);
}
