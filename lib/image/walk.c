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

/* What there is in a row from `at` on: at least so many bytes, or all that are left. */
static const unsigned char *span(const px_walk *walk, size_t at, size_t least, size_t *have)
{
  if (walk->pane)
    return px_pane_at(walk->pane, at, least, have);
  *have = walk->file.size - at;
  return walk->file.data + at;
}

/* So many bytes, all of which the file has; NULL: they cannot be read. */
static const unsigned char *peek(const px_walk *walk, size_t at, size_t size)
{
  size_t have = 0;
  const unsigned char *bytes = span(walk, at, size, &have);
  return bytes && have >= size ? bytes : NULL;
}

static pixazo_status check_pane(const px_walk *walk, pixazo_error **error)
{
  return walk->pane ? px_pane_check(walk->pane, error) : PIXAZO_OK;
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
  return px_png_begin_file(walk, &(px_file){file, NULL}, error);
}

pixazo_status px_png_begin_file(px_walk *walk, const px_file *file, pixazo_error **error)
{
  *walk = (px_walk){.file = file->bytes, .at = sizeof PNG_SIGNATURE, .pane = file->pane};
  const unsigned char *head = file->bytes.size >= sizeof PNG_SIGNATURE ? peek(walk, 0, sizeof PNG_SIGNATURE) : NULL;
  if (!head || memcmp(head, PNG_SIGNATURE, sizeof PNG_SIGNATURE) != 0)
    return px_fail(error, PIXAZO_E_CORRUPT, "not a PNG file");
  return PIXAZO_OK;
}

pixazo_status px_png_next(px_walk *walk, px_chunk *chunk, pixazo_error **error)
{
  if (bytes_left(walk) < PNG_OVERHEAD)
    return cut(walk, "PNG", error);
  const unsigned char *head = peek(walk, walk->at, CHUNK_HEADER);
  if (!head)
    return px_pane_check(walk->pane, error);
  size_t length = px_be32(head);
  if (length > bytes_left(walk) - PNG_OVERHEAD)
    return cut(walk, "PNG", error);
  chunk->at = walk->at;
  chunk->whole = walk->pane ? NULL : head;
  chunk->whole_size = length + PNG_OVERHEAD;
  chunk->data = walk->pane ? NULL : head + CHUNK_HEADER;
  chunk->size = length;
  memcpy(chunk->type, head + 4, sizeof chunk->type);
  walk->at += chunk->whole_size;
  walk->ended = px_chunk_is(chunk, "IEND");
  return PIXAZO_OK;
}

pixazo_status px_chunk_load(const px_walk *walk, px_chunk *chunk, pixazo_error **error)
{
  chunk->whole = peek(walk, chunk->at, chunk->whole_size);
  if (!chunk->whole)
    return px_pane_check(walk->pane, error);
  chunk->data = chunk->whole + CHUNK_HEADER;
  return PIXAZO_OK;
}

/* The size field of RIFF counts what follows it; bytes behind that are not part of the picture. */
pixazo_status px_riff_begin(px_walk *walk, px_bytes file, pixazo_error **error)
{
  *walk = (px_walk){.file = file, .at = RIFF_HEADER};
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
  return px_jpeg_begin_file(walk, &(px_file){file, NULL}, error);
}

pixazo_status px_jpeg_begin_file(px_walk *walk, const px_file *file, pixazo_error **error)
{
  *walk = (px_walk){.file = file->bytes, .at = 2, .pane = file->pane};
  const unsigned char *head = file->bytes.size >= 2 ? peek(walk, 0, 2) : NULL;
  if (!head || head[0] != 0xff || head[1] != JPEG_SOI)
    return px_fail(error, PIXAZO_E_CORRUPT, "not a JPEG file");
  return PIXAZO_OK;
}

static bool stands_alone(unsigned marker)
{
  return marker == JPEG_TEM || (marker >= 0xd0 && marker <= JPEG_EOI);
}

/* Where entropy-coded bytes end: at the first FF that is followed by neither 00 nor a restart marker. Behind the end of the
 * file when they are cut, or cannot be read. */
static void skip_entropy(px_walk *walk)
{
  size_t at = walk->at, have = 0;
  while (walk->fill <= JPEG_FILL_MAX) {
    const unsigned char *bytes = at < walk->file.size ? span(walk, at, 2, &have) : NULL;
    if (!bytes || have < 2)
      break;
    const unsigned char *hit = memchr(bytes, 0xff, have - 1);
    at += hit ? (size_t)(hit - bytes) : have - 1;
    if (!hit)
      continue;
    if (hit[1] != 0 && hit[1] != 0xff && !(hit[1] >= 0xd0 && hit[1] <= 0xd7)) {
      walk->at = at;
      return;
    }
    walk->fill += hit[1] == 0xff;
    at += hit[1] == 0xff ? 1 : 2;
  }
  walk->at = walk->file.size;
}

static bool is_fill(const px_walk *walk)
{
  const unsigned char *byte = walk->at < walk->file.size ? peek(walk, walk->at, 1) : NULL;
  return byte && *byte == 0xff;
}

/* Length and payload of a segment. */
static pixazo_status take_segment(px_walk *walk, px_chunk *chunk, pixazo_error **error)
{
  if (bytes_left(walk) < 2)
    return cut(walk, "JPEG", error);
  const unsigned char *bytes = peek(walk, walk->at, 2);
  if (!bytes)
    return px_pane_check(walk->pane, error);
  size_t length = px_be16(bytes);
  if (length < 2)
    return px_fail(error, PIXAZO_E_CORRUPT, "the JPEG file has a segment without length at byte %zu", chunk->at);
  if (length > bytes_left(walk))
    return cut(walk, "JPEG", error);
  bytes = peek(walk, walk->at, length);
  if (!bytes)
    return px_pane_check(walk->pane, error);
  chunk->data = bytes + 2;
  chunk->size = length - 2;
  walk->at += length;
  return PIXAZO_OK;
}

/* Over fill bytes to the byte that names a marker. */
static pixazo_status find_marker(px_walk *walk, pixazo_error **error)
{
  size_t begin = walk->at;
  if (begin < walk->file.size && !is_fill(walk)) {
    PX_TRY(check_pane(walk, error));
    return px_fail(error, PIXAZO_E_CORRUPT, "the JPEG file has no marker at byte %zu", begin);
  }
  while (is_fill(walk) && walk->at - begin <= JPEG_FILL_MAX + 1)
    walk->at++;
  walk->fill += walk->at - begin - (walk->at > begin);
  if (walk->fill > JPEG_FILL_MAX)
    return px_fail(error, PIXAZO_E_LIMIT, "the JPEG file has more than %d fill bytes", JPEG_FILL_MAX);
  return walk->at == walk->file.size ? cut(walk, "JPEG", error) : PIXAZO_OK;
}

static pixazo_status take_marker(px_walk *walk, px_chunk *chunk, pixazo_error **error)
{
  PX_TRY(find_marker(walk, error));
  const unsigned char *marker = peek(walk, walk->at, 1);
  if (!marker)
    return px_pane_check(walk->pane, error);
  chunk->whole = walk->pane ? NULL : walk->file.data + chunk->at;
  chunk->type[0] = *marker;
  walk->at++;
  if (!stands_alone(chunk->type[0]))
    return take_segment(walk, chunk, error);
  walk->ended = chunk->type[0] == JPEG_EOI;
  return PIXAZO_OK;
}

pixazo_status px_jpeg_next(px_walk *walk, px_chunk *chunk, pixazo_error **error)
{
  PX_TRY(check_pane(walk, error)); /* the bytes before may have ended because they could not be read */
  *chunk = (px_chunk){.at = walk->at};
  PX_TRY(take_marker(walk, chunk, error));
  chunk->whole_size = walk->at - chunk->at;
  if (chunk->type[0] == JPEG_SOS)
    skip_entropy(walk);
  return PIXAZO_OK;
}
