/* SPDX-License-Identifier: MIT */
/* The containers of PNG, JPEG and WebP, chunk by chunk. Every length is held against the bytes that are
 * really there before any codec library sees the file: libpng would take memory for what a length claims. */
#include <string.h>

#include "base/error.h"
#include "image/codecs/codecs.h"

static const unsigned char PNG_SIGNATURE[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};

enum {
  PNG_OVERHEAD = 12, /* length, name, checksum */
  RIFF_HEADER = 12,
  CHUNK_HEADER = 8,
  JPEG_SOI = 0xd8,
  JPEG_EOI = 0xd9,
  JPEG_SOS = 0xda,
  JPEG_TEM = 0x01,
  JPEG_FILL_MAX = 1 << 16, /* bytes; hardly any writer needs one */
  CHUNKS_MAX = 1 << 16
};

bool px_chunk_is(const px_chunk *chunk, const char *name)
{
  return memcmp(chunk->type, name, sizeof chunk->type) == 0;
}

pixazo_status px_limits_block(const px_image_limits *limits, uint32_t *count, size_t size, pixazo_error **error)
{
  if (size > limits->max_ancillary)
    return px_fail(error, PIXAZO_E_LIMIT, "a metadata block of %zu bytes is over the limit of %llu", size,
                   (unsigned long long)limits->max_ancillary);
  if (++*count > limits->max_metadata_blocks)
    return px_fail(error, PIXAZO_E_LIMIT, "more than %u metadata blocks", limits->max_metadata_blocks);
  return PIXAZO_OK;
}

pixazo_status px_limits_chunk(uint32_t *count, pixazo_error **error)
{
  if (++*count > CHUNKS_MAX)
    return px_fail(error, PIXAZO_E_LIMIT, "the picture file has more than %d chunks beside its pixels", CHUNKS_MAX);
  return PIXAZO_OK;
}

static size_t bytes_left(const px_walk *walk)
{
  return walk->file.size - walk->at;
}

static pixazo_status cut(const px_walk *walk, const char *format, pixazo_error **error)
{
  return px_fail(error, PIXAZO_E_CORRUPT, "the %s file is cut: it ends at byte %zu inside a chunk", format, walk->file.size);
}

pixazo_status px_png_begin(px_walk *walk, px_bytes file, pixazo_error **error)
{
  *walk = (px_walk){file, sizeof PNG_SIGNATURE, false, 0};
  if (file.size < sizeof PNG_SIGNATURE || memcmp(file.data, PNG_SIGNATURE, sizeof PNG_SIGNATURE) != 0)
    return px_fail(error, PIXAZO_E_CORRUPT, "not a PNG file");
  return PIXAZO_OK;
}

pixazo_status px_png_next(px_walk *walk, px_chunk *chunk, pixazo_error **error)
{
  if (bytes_left(walk) < PNG_OVERHEAD)
    return cut(walk, "PNG", error);
  const unsigned char *head = walk->file.data + walk->at;
  size_t length = px_be32(head);
  if (length > bytes_left(walk) - PNG_OVERHEAD)
    return cut(walk, "PNG", error);
  chunk->whole = head;
  chunk->whole_size = length + PNG_OVERHEAD;
  chunk->data = head + CHUNK_HEADER;
  chunk->size = length;
  memcpy(chunk->type, head + 4, sizeof chunk->type);
  walk->at += chunk->whole_size;
  walk->ended = px_chunk_is(chunk, "IEND");
  return PIXAZO_OK;
}

/* The size field of RIFF counts what follows it; bytes behind that are not part of the picture. */
pixazo_status px_riff_begin(px_walk *walk, px_bytes file, pixazo_error **error)
{
  *walk = (px_walk){file, RIFF_HEADER, false, 0};
  if (file.size < RIFF_HEADER || memcmp(file.data, "RIFF", 4) != 0 || memcmp(file.data + 8, "WEBP", 4) != 0)
    return px_fail(error, PIXAZO_E_CORRUPT, "not a WebP file");
  size_t size = px_le32(file.data + 4);
  if (size > file.size - CHUNK_HEADER)
    return cut(walk, "WebP", error);
  if (size < 4 + CHUNK_HEADER)
    return px_fail(error, PIXAZO_E_CORRUPT, "the WebP file holds no chunk");
  walk->file.size = size + CHUNK_HEADER;
  return PIXAZO_OK;
}

pixazo_status px_riff_next(px_walk *walk, px_chunk *chunk, pixazo_error **error)
{
  if (bytes_left(walk) < CHUNK_HEADER)
    return cut(walk, "WebP", error);
  const unsigned char *head = walk->file.data + walk->at;
  size_t length = px_le32(head + 4);
  size_t room = bytes_left(walk) - CHUNK_HEADER;
  if (length > room)
    return cut(walk, "WebP", error);
  size_t padded = length + (length & 1);
  chunk->data = head + CHUNK_HEADER;
  chunk->size = length;
  chunk->whole = head;
  chunk->whole_size = CHUNK_HEADER + (padded > room ? room : padded);
  memcpy(chunk->type, head, sizeof chunk->type);
  walk->at += chunk->whole_size;
  walk->ended = bytes_left(walk) == 0;
  return PIXAZO_OK;
}

pixazo_status px_jpeg_begin(px_walk *walk, px_bytes file, pixazo_error **error)
{
  *walk = (px_walk){file, 2, false, 0};
  if (file.size < 2 || file.data[0] != 0xff || file.data[1] != JPEG_SOI)
    return px_fail(error, PIXAZO_E_CORRUPT, "not a JPEG file");
  return PIXAZO_OK;
}

static bool stands_alone(unsigned marker)
{
  return marker == JPEG_TEM || (marker >= 0xd0 && marker <= JPEG_EOI);
}

/* Entropy-coded bytes end at the first FF that is followed by neither 00 nor a restart marker. */
static void skip_entropy(px_walk *walk)
{
  const unsigned char *end = walk->file.data + walk->file.size;
  const unsigned char *at = walk->file.data + walk->at;
  while (at < end && walk->fill <= JPEG_FILL_MAX && (at = memchr(at, 0xff, (size_t)(end - at))) != NULL) {
    if (end - at < 2)
      break;
    if (at[1] != 0 && at[1] != 0xff && !(at[1] >= 0xd0 && at[1] <= 0xd7)) {
      walk->at = (size_t)(at - walk->file.data);
      return;
    }
    walk->fill += at[1] == 0xff;
    at += at[1] == 0xff ? 1 : 2;
  }
  walk->at = walk->file.size;
}

pixazo_status px_jpeg_next(px_walk *walk, px_chunk *chunk, pixazo_error **error)
{
  const unsigned char *bytes = walk->file.data;
  size_t begin = walk->at;
  if (begin < walk->file.size && bytes[begin] != 0xff)
    return px_fail(error, PIXAZO_E_CORRUPT, "the JPEG file has no marker at byte %zu", begin);
  while (walk->at < walk->file.size && bytes[walk->at] == 0xff && walk->at - begin <= JPEG_FILL_MAX + 1)
    walk->at++;
  walk->fill += walk->at - begin - (walk->at > begin);
  if (walk->fill > JPEG_FILL_MAX)
    return px_fail(error, PIXAZO_E_LIMIT, "the JPEG file has more than %d fill bytes", JPEG_FILL_MAX);
  if (walk->at == walk->file.size)
    return cut(walk, "JPEG", error);
  *chunk = (px_chunk){.whole = bytes + begin, .type = {bytes[walk->at++], 0, 0, 0}};
  if (stands_alone(chunk->type[0])) {
    walk->ended = chunk->type[0] == JPEG_EOI;
  } else {
    if (bytes_left(walk) < 2)
      return cut(walk, "JPEG", error);
    size_t length = px_be16(bytes + walk->at);
    if (length < 2)
      return px_fail(error, PIXAZO_E_CORRUPT, "the JPEG file has a segment without length at byte %zu", begin);
    if (length > bytes_left(walk))
      return cut(walk, "JPEG", error);
    chunk->data = bytes + walk->at + 2;
    chunk->size = length - 2;
    walk->at += length;
  }
  chunk->whole_size = walk->at - begin;
  if (chunk->type[0] == JPEG_SOS)
    skip_entropy(walk);
  return PIXAZO_OK;
}
