/* SPDX-License-Identifier: MIT */
#include "image/codecs/png_headers.h"

#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "image/exif.h"

enum {
  COLOR_BIT = 2, /* of the colour type */
  ALPHA_BIT = 4,
  HEADER_SIZE = 13,
  PACKED_FREE = 1 << 16, /* bytes of packed pixels that any picture may have, and each row of it */
  PACKED_ROW = 16
};

static pixazo_status read_header(const px_chunk *chunk, px_image_info *info, pixazo_error **error)
{
  if (!px_chunk_is(chunk, "IHDR") || chunk->size != HEADER_SIZE)
    return px_fail(error, PIXAZO_E_CORRUPT, "the PNG file does not begin with its header");
  info->width = px_be32(chunk->data);
  info->height = px_be32(chunk->data + 4);
  info->bit_depth = chunk->data[8];
  unsigned color = chunk->data[9];
  info->has_alpha = (color & ALPHA_BIT) != 0;
  info->channels = info->has_alpha ? 4 : 3;
  if (info->bit_depth == 0 || info->bit_depth > 16 || color > (COLOR_BIT | ALPHA_BIT))
    return px_fail(error, PIXAZO_E_CORRUPT, "the PNG header names colour type %u with %u bits", color, info->bit_depth);
  return PIXAZO_OK;
}

bool px_png_is_metadata(const px_chunk *chunk)
{
  static const char names[][5] = {"tEXt", "zTXt", "iTXt", "iCCP", "eXIf"};
  for (size_t i = 0; i < PX_ARRAY_SIZE(names); i++) {
    if (px_chunk_is(chunk, names[i]))
      return true;
  }
  return false;
}

static pixazo_status note_chunk(const px_chunk *chunk, px_image_info *info, pixazo_error **error)
{
  if (px_chunk_is(chunk, "tRNS")) {
    info->has_alpha = true;
    info->channels = 4;
  } else if (px_chunk_is(chunk, "acTL")) {
    info->animated = true;
  } else if (px_chunk_is(chunk, "caBX")) {
    info->has_c2pa = true;
  } else if (px_chunk_is(chunk, "eXIf")) {
    info->orientation = px_exif_orientation(chunk->data, chunk->size);
  } else if (px_chunk_is(chunk, "IHDR")) {
    return px_fail(error, PIXAZO_E_CORRUPT, "the PNG file has two headers");
  }
  return PIXAZO_OK;
}

/* Packing hardly ever makes rows longer; what is much longer holds blocks of nothing, which cost time alone. */
static pixazo_status check_packed(const px_image_info *info, unsigned color, uint64_t packed, pixazo_error **error)
{
  static const unsigned channels[] = {1, 1, 3, 1, 2, 3, 4};
  uint64_t row = ((uint64_t)info->width * channels[color] * info->bit_depth + 7) / 8;
  if (packed == 0)
    return px_fail(error, PIXAZO_E_CORRUPT, "the PNG file has no pixels");
  if (packed > PACKED_FREE + (row + row / 4 + PACKED_ROW) * info->height)
    return px_fail(error, PIXAZO_E_LIMIT, "%llu packed bytes are too many for %ux%u pixels", (unsigned long long)packed,
                   info->width, info->height);
  return PIXAZO_OK;
}

/* A header that is longer than any is refused for that. */
static pixazo_status load_small(const px_walk *walk, px_chunk *chunk, pixazo_error **error)
{
  return chunk->size == HEADER_SIZE ? px_chunk_load(walk, chunk, error) : PIXAZO_OK;
}

pixazo_status px_png_probe(const px_file *file, const px_image_limits *limits, px_image_info *info, pixazo_error **error)
{
  px_walk walk;
  px_chunk chunk;
  uint32_t blocks = 0, others = 0;
  uint64_t packed = 0;
  PX_TRY(px_png_begin_file(&walk, file, error));
  PX_TRY(px_png_next(&walk, &chunk, error));
  PX_TRY(load_small(&walk, &chunk, error));
  PX_TRY(read_header(&chunk, info, error));
  unsigned color = chunk.data[9];
  while (!walk.ended) {
    PX_TRY(px_png_next(&walk, &chunk, error));
    if (px_chunk_is(&chunk, "IDAT"))
      packed += chunk.whole_size;
    else if (px_png_is_metadata(&chunk))
      PX_TRY(px_limits_block(limits, &blocks, chunk.size, error));
    else if ((chunk.type[0] & 0x20) && chunk.size > limits->max_ancillary)
      return px_fail(error, PIXAZO_E_LIMIT, "a PNG chunk of %zu bytes is over the limit", chunk.size);
    else
      PX_TRY(px_limits_chunk(&others, error));
    if (px_chunk_is(&chunk, "eXIf"))
      PX_TRY(px_chunk_load(&walk, &chunk, error));
    PX_TRY(note_chunk(&chunk, info, error));
  }
  return check_packed(info, color, packed, error);
}
