/* SPDX-License-Identifier: MIT */
/* What stands around the pixels of a JPEG file, read without any library. */
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "image/codecs/jpeg_headers.h"
#include "image/exif.h"

enum {
  DHT = 0xc4,
  DAC = 0xcc,
  SOS = 0xda,
  DQT = 0xdb,
  APP1 = 0xe1,
  APP2 = 0xe2,
  APP11 = 0xeb,
  COM = 0xfe,
  CODED_FREE = 1 << 16, /* bytes of scans that any picture may have, and each pixel of it: noise at full quality has 4 */
  CODED_PIXEL = 16,
  TABLES_MAX = 1 << 18 /* bytes of tables; a hundred scans with tables of their own have less than half of it */
};

bool px_jpeg_matches(px_bytes file)
{
  return file.size >= 3 && file.data[0] == 0xff && file.data[1] == 0xd8 && file.data[2] == 0xff;
}

static bool begins(const px_chunk *chunk, unsigned marker, const void *head, size_t size)
{
  return chunk->type[0] == marker && chunk->size >= size && memcmp(chunk->data, head, size) == 0;
}

static bool is_frame(unsigned marker)
{
  return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
}

static pixazo_status read_frame(const px_chunk *chunk, px_image_info *info, pixazo_error **error)
{
  if (chunk->size < 6)
    return px_fail(error, PIXAZO_E_CORRUPT, "the JPEG frame header is cut");
  if (info->width != 0)
    return px_fail(error, PIXAZO_E_CORRUPT, "the JPEG file has two frame headers");
  unsigned precision = chunk->data[0];
  unsigned components = chunk->data[5];
  info->height = px_be16(chunk->data + 1);
  info->width = px_be16(chunk->data + 3);
  if (chunk->type[0] > 0xc2)
    return px_fail(error, PIXAZO_E_UNSUPPORTED, "JPEG with SOF%u (lossless, hierarchical or arithmetic) is not supported",
                   chunk->type[0] - 0xc0u);
  if (precision != 8)
    return px_fail(error, PIXAZO_E_UNSUPPORTED, "JPEG of %u bits is not supported", precision);
  if (components != 1 && components != 3 && components != 4)
    return px_fail(error, PIXAZO_E_UNSUPPORTED, "JPEG of %u components is not supported", components);
  if (info->width == 0 || info->height == 0)
    return px_fail(error, PIXAZO_E_UNSUPPORTED, "JPEG that gives its height after the pixels is not supported");
  return PIXAZO_OK;
}

/* What was seen so far. */
typedef struct tally {
  uint32_t segments, blocks;
  size_t tables;
  uint64_t coded;
} tally;

/* A decoder reads every table, also those that another one replaces before it is used. */
static pixazo_status note_table(const px_chunk *chunk, tally *seen, pixazo_error **error)
{
  seen->tables += chunk->size;
  if (seen->tables > TABLES_MAX)
    return px_fail(error, PIXAZO_E_LIMIT, "the JPEG file has more than %d bytes of tables", TABLES_MAX);
  return PIXAZO_OK;
}

static pixazo_status note_segment(const px_chunk *chunk, const px_image_limits *limits, px_image_info *info, tally *seen,
                                  pixazo_error **error)
{
  unsigned marker = chunk->type[0];
  PX_TRY(px_limits_chunk(&seen->segments, error));
  if (marker == DHT || marker == DQT || marker == DAC)
    return note_table(chunk, seen, error);
  if (is_frame(marker))
    return read_frame(chunk, info, error);
  if (marker == SOS)
    info->scans++;
  if (begins(chunk, APP11, "JP", 2) && memmem(chunk->data, chunk->size, "c2pa", 4))
    info->has_c2pa = true;
  if (begins(chunk, APP1, PX_JPEG_EXIF_HEAD, sizeof PX_JPEG_EXIF_HEAD))
    info->orientation = px_exif_orientation(chunk->data + sizeof PX_JPEG_EXIF_HEAD, chunk->size - sizeof PX_JPEG_EXIF_HEAD);
  if (marker == APP1 || marker == APP2 || marker == COM)
    return px_limits_block(limits, &seen->blocks, chunk->size, error);
  return PIXAZO_OK;
}

/* What is much longer than any coding of these pixels holds bytes that no block is made of. */
static pixazo_status check_coded(const px_image_info *info, uint64_t coded, pixazo_error **error)
{
  if (info->width == 0 || info->scans == 0)
    return px_fail(error, PIXAZO_E_CORRUPT, "the JPEG file has no pixels");
  if (coded > CODED_FREE + (uint64_t)info->width * info->height * CODED_PIXEL)
    return px_fail(error, PIXAZO_E_LIMIT, "%llu coded bytes are too many for %ux%u pixels", (unsigned long long)coded,
                   info->width, info->height);
  return PIXAZO_OK;
}

pixazo_status px_jpeg_probe(const px_file *file, const px_image_limits *limits, px_image_info *info, pixazo_error **error)
{
  px_walk walk;
  px_chunk chunk;
  tally seen = {.segments = 0};
  info->scans = 0;
  PX_TRY(px_jpeg_begin_file(&walk, file, error));
  while (!walk.ended) {
    size_t begin = walk.at;
    PX_TRY(px_jpeg_next(&walk, &chunk, error));
    seen.coded += walk.at - begin - chunk.whole_size;
    PX_TRY(note_segment(&chunk, limits, info, &seen, error));
    if (info->scans > limits->max_scans)
      return px_fail(error, PIXAZO_E_LIMIT, "the JPEG file has more than %u scans", limits->max_scans);
  }
  return check_coded(info, seen.coded, error);
}

/* ---- decoding to fewer pixels ---- */

static uint32_t part_of(uint32_t side, uint32_t denominator)
{
  return (side + denominator - 1) / denominator;
}

/* What is left for the resampling filter must be enough for it to hide how the blocks were reduced; an eighth is
 * the plain mean of a block and needs less. A side that does not divide is stretched a little: at its end by less than
 * 1/64 of a pixel of the result, or not at all. */
static bool serves(uint32_t side, uint32_t wanted, uint32_t denominator)
{
  uint64_t part = part_of(side, denominator);
  uint64_t stretch = part * denominator - side;
  bool enough = denominator == 8 ? part * 3 >= (uint64_t)wanted * 5 : part >= (uint64_t)wanted * 2;
  return enough && stretch * wanted * 64 < side;
}

void px_jpeg_shrink(const px_image_info *info, const uint32_t wanted[2], uint32_t size[2])
{
  for (uint32_t denominator = 8; denominator > 1; denominator /= 2) {
    if (!serves(info->width, wanted[0], denominator) || !serves(info->height, wanted[1], denominator))
      continue;
    size[0] = part_of(info->width, denominator);
    size[1] = part_of(info->height, denominator);
    return;
  }
}

uint32_t px_jpeg_denominator(const px_image_info *info, const px_pixmap *pixmap)
{
  uint32_t denominator = 1;
  while (denominator < 8 && (part_of(info->width, denominator) > pixmap->width ||
                             part_of(info->height, denominator) > pixmap->height))
    denominator *= 2;
  return denominator;
}

/* ---- metadata ---- */

typedef struct icc_parts {
  px_block part[PX_JPEG_ICC_PARTS + 1]; /* by sequence number, from 1 */
  unsigned count;
} icc_parts;

static void icc_parts_done(icc_parts *parts)
{
  for (size_t i = 0; i < PX_ARRAY_SIZE(parts->part); i++)
    px_free(parts->part[i].data);
}

static pixazo_status note_icc(const px_chunk *chunk, icc_parts *parts, pixazo_error **error)
{
  size_t head = sizeof PX_JPEG_ICC_HEAD + 2;
  if (chunk->size <= head)
    return PIXAZO_OK;
  unsigned number = chunk->data[sizeof PX_JPEG_ICC_HEAD];
  parts->count = chunk->data[sizeof PX_JPEG_ICC_HEAD + 1];
  return px_block_set(&parts->part[number], chunk->data + head, chunk->size - head, error);
}

/* A profile with a missing part is none. */
static pixazo_status join_icc(const icc_parts *parts, px_metadata *out, pixazo_error **error)
{
  px_auto(px_buf) joined = PX_BUF_INIT((size_t)PX_JPEG_ICC_PARTS * PX_JPEG_SEGMENT_MAX);
  for (unsigned i = 1; i <= parts->count; i++) {
    if (!parts->part[i].data)
      return PIXAZO_OK;
    if (!px_buf_add(&joined, parts->part[i].data, parts->part[i].size))
      return px_fail_nomem(error);
  }
  return px_block_set(&out->icc, joined.data, joined.size, error);
}

pixazo_status px_jpeg_metadata(const px_file *file, const px_image_limits *limits, px_metadata *out, pixazo_error **error)
{
  (void)limits; /* no segment is longer than 64 KiB, and the probe has counted them */
  px_walk walk;
  px_chunk chunk;
  px_cleanup(icc_parts_done) icc_parts parts = {.count = 0};
  PX_TRY(px_jpeg_begin_file(&walk, file, error));
  while (!walk.ended) {
    PX_TRY(px_jpeg_next(&walk, &chunk, error));
    if (begins(&chunk, APP1, PX_JPEG_EXIF_HEAD, sizeof PX_JPEG_EXIF_HEAD))
      PX_TRY(px_block_set(&out->exif, chunk.data + sizeof PX_JPEG_EXIF_HEAD, chunk.size - sizeof PX_JPEG_EXIF_HEAD, error));
    else if (begins(&chunk, APP1, PX_JPEG_XMP_HEAD, sizeof PX_JPEG_XMP_HEAD))
      PX_TRY(px_block_set(&out->xmp, chunk.data + sizeof PX_JPEG_XMP_HEAD, chunk.size - sizeof PX_JPEG_XMP_HEAD, error));
    else if (begins(&chunk, APP2, PX_JPEG_ICC_HEAD, sizeof PX_JPEG_ICC_HEAD))
      PX_TRY(note_icc(&chunk, &parts, error));
  }
  return join_icc(&parts, out, error);
}
