/* SPDX-License-Identifier: MIT */
#include "image/repack.h"

#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "image/codecs/codecs.h"
#include "image/png_estimate.h"

enum {
  JPEG_SOF_FIRST = 0xc0,
  JPEG_SOF_LAST = 0xc2,
  JPEG_APP0 = 0xe0,
  JPEG_APP1 = 0xe1,
  JPEG_APP2 = 0xe2,
  JPEG_APP14 = 0xee,
  JPEG_APP15 = 0xef,
  JPEG_COM = 0xfe,
  COMPONENTS_AT = 5,
  WEBP_ICC = 0x20,
  WEBP_ALPHA = 0x10,
  WEBP_EXIF = 0x08,
  WEBP_XMP = 0x04,
  PNG_SIGNATURE = 8,
  GAIN_PERCENT = 3,
  GAIN_BYTES = 256 /* less is not worth it, and headers of the coding are not estimated */
};

static bool add(px_buf *out, const void *data, size_t size)
{
  return px_buf_add(out, data, size);
}

static void add_whole(px_buf *out, const px_chunk *chunk)
{
  (void)add(out, chunk->whole, chunk->whole_size);
}

static bool is_one_of(const px_chunk *chunk, const char *const *names)
{
  for (; *names; names++) {
    if (px_chunk_is(chunk, *names))
      return true;
  }
  return false;
}

/* ---- PNG ---- */

static const char *const PNG_PIXELS[] = {"PLTE", "tRNS", "IDAT", NULL};
static const char *const PNG_COLOURS[] = {"iCCP", "sRGB", "gAMA", "cHRM", "cICP", "sBIT", NULL};
static const char *const PNG_FRAME[] = {"IHDR", "IDAT", "IEND", NULL};

/* The chunks of `dressing`, which is a file with no pixels to speak of, that hold metadata. */
static pixazo_status dress_png(px_bytes dressing, px_buf *out, pixazo_error **error)
{
  px_walk walk;
  px_chunk chunk;
  PX_TRY(px_png_begin(&walk, dressing, error));
  while (!walk.ended) {
    PX_TRY(px_png_next(&walk, &chunk, error));
    if (!is_one_of(&chunk, PNG_FRAME))
      add_whole(out, &chunk);
  }
  return PIXAZO_OK;
}

static pixazo_status repack_png(const px_repack_job *job, px_bytes dressing, px_buf *out, pixazo_error **error)
{
  px_walk walk;
  px_chunk chunk;
  PX_TRY(px_png_begin(&walk, job->file, error));
  (void)add(out, job->file.data, PNG_SIGNATURE);
  while (!walk.ended) {
    PX_TRY(px_png_next(&walk, &chunk, error));
    bool header = px_chunk_is(&chunk, "IHDR");
    if (header || walk.ended || is_one_of(&chunk, PNG_PIXELS) || (job->keep_profile && is_one_of(&chunk, PNG_COLOURS)))
      add_whole(out, &chunk);
    if (header)
      PX_TRY(dress_png(dressing, out, error));
  }
  return PIXAZO_OK;
}

static pixazo_status measure_png(px_bytes file, uint64_t *coded, unsigned *effort, pixazo_error **error)
{
  px_walk walk;
  px_chunk chunk;
  PX_TRY(px_png_begin(&walk, file, error));
  while (!walk.ended) {
    PX_TRY(px_png_next(&walk, &chunk, error));
    if (!px_chunk_is(&chunk, "IDAT"))
      continue;
    if (*coded == 0 && chunk.size >= 2)
      *effort = chunk.data[1] >> 6;
    *coded += chunk.size;
  }
  return PIXAZO_OK;
}

/* As zlib names them in its header: 0 for the fastest, 3 for the levels from 7 on. */
static unsigned effort_of(int32_t level)
{
  return level >= 7 ? 3 : level == 6 ? 2 : level >= 2 ? 1 : 0;
}

bool px_repack_png_gains(px_bytes file, const px_pixmap *pixmap, int32_t level)
{
  uint64_t coded = 0;
  unsigned effort = 0;
  if (measure_png(file, &coded, &effort, NULL) != PIXAZO_OK || effort < effort_of(level))
    return true;
  return coded * (100 - GAIN_PERCENT) / 100 >= px_png_estimate(pixmap) + GAIN_BYTES;
}

/* ---- JPEG ---- */

static bool starts_with(const px_chunk *chunk, const char *head)
{
  size_t size = strlen(head) + 1;
  return chunk->size >= size && memcmp(chunk->data, head, size) == 0;
}

static bool keeps_segment(const px_repack_job *job, const px_chunk *chunk)
{
  unsigned marker = chunk->type[0];
  if (marker == JPEG_APP0)
    return starts_with(chunk, "JFIF");
  if (marker == JPEG_APP2)
    return job->keep_profile && starts_with(chunk, "ICC_PROFILE");
  if (marker == JPEG_APP14)
    return chunk->size >= 5 && memcmp(chunk->data, "Adobe", 5) == 0;
  return marker != JPEG_COM && !(marker >= JPEG_APP1 && marker <= JPEG_APP15);
}

static pixazo_status dress_jpeg(px_bytes dressing, px_buf *out, pixazo_error **error)
{
  px_walk walk;
  px_chunk chunk;
  PX_TRY(px_jpeg_begin(&walk, dressing, error));
  while (!walk.ended) {
    PX_TRY(px_jpeg_next(&walk, &chunk, error));
    if (chunk.type[0] == JPEG_APP1)
      add_whole(out, &chunk);
  }
  return PIXAZO_OK;
}

/* The marker of JFIF has to be the first one; entropy-coded bytes follow their segment. */
static pixazo_status repack_jpeg(const px_repack_job *job, px_bytes dressing, px_buf *out, pixazo_error **error)
{
  px_walk walk;
  px_chunk chunk;
  bool dressed = false;
  PX_TRY(px_jpeg_begin(&walk, job->file, error));
  (void)add(out, job->file.data, walk.at);
  while (!walk.ended) {
    PX_TRY(px_jpeg_next(&walk, &chunk, error));
    unsigned marker = chunk.type[0];
    if (marker >= JPEG_SOF_FIRST && marker <= JPEG_SOF_LAST && chunk.size > COMPONENTS_AT && chunk.data[COMPONENTS_AT] > 3)
      return px_fail(error, PIXAZO_E_UNSUPPORTED, "a JPEG of inks is not passed through");
    if (!dressed && marker != JPEG_APP0) {
      PX_TRY(dress_jpeg(dressing, out, error));
      dressed = true;
    }
    if (keeps_segment(job, &chunk))
      (void)add(out, chunk.whole, (size_t)(job->file.data + walk.at - chunk.whole));
  }
  return PIXAZO_OK;
}

/* ---- WebP ---- */

static void add_le(px_buf *out, uint32_t value, unsigned bytes)
{
  for (; bytes > 0; bytes--, value >>= 8)
    (void)px_buf_add_char(out, (char)(value & 255));
}

static void add_block(px_buf *out, const char *name, const void *data, size_t size)
{
  if (size == 0)
    return;
  (void)add(out, name, 4);
  add_le(out, (uint32_t)size, 4);
  (void)add(out, data, size);
  if (size & 1)
    (void)px_buf_add_char(out, 0);
}

static void add_canvas(const px_repack_job *job, bool profile, px_buf *out)
{
  const px_metadata *from = job->metadata;
  uint32_t flags = (profile ? WEBP_ICC : 0) | (job->info->has_alpha ? WEBP_ALPHA : 0) | (from->exif.size ? WEBP_EXIF : 0) |
                   (from->xmp.size ? WEBP_XMP : 0);
  (void)add(out, "VP8X\x0a\0\0\0", 8);
  add_le(out, flags, 4);
  add_le(out, job->info->width - 1, 3);
  add_le(out, job->info->height - 1, 3);
}

/* Appends the chunks of that name; *seen when there was one. */
static pixazo_status copy_chunks(px_bytes file, const char *name, px_buf *out, bool *seen, pixazo_error **error)
{
  px_walk walk;
  px_chunk chunk;
  PX_TRY(px_riff_begin(&walk, file, error));
  while (!walk.ended) {
    PX_TRY(px_riff_next(&walk, &chunk, error));
    if (!px_chunk_is(&chunk, name))
      continue;
    add_block(out, name, chunk.data, chunk.size);
    *seen = true;
  }
  return PIXAZO_OK;
}

static pixazo_status repack_webp(const px_repack_job *job, px_bytes dressing, px_buf *out, pixazo_error **error)
{
  (void)dressing; /* chunks of WebP are plain */
  px_auto(px_buf) profile = PX_BUF_INIT(out->max);
  px_auto(px_buf) pixels = PX_BUF_INIT(out->max);
  bool has_profile = false, has_alpha = false, has_pixels = false;
  if (job->keep_profile)
    PX_TRY(copy_chunks(job->file, "ICCP", &profile, &has_profile, error));
  PX_TRY(copy_chunks(job->file, "ALPH", &pixels, &has_alpha, error));
  PX_TRY(copy_chunks(job->file, "VP8 ", &pixels, &has_pixels, error));
  PX_TRY(copy_chunks(job->file, "VP8L", &pixels, &has_pixels, error));
  if (profile.failed || pixels.failed)
    return px_fail_nomem(error);
  (void)add(out, "RIFF\0\0\0\0WEBP", 12);
  if (has_profile || has_alpha || job->metadata->exif.size + job->metadata->xmp.size > 0)
    add_canvas(job, has_profile, out);
  (void)add(out, profile.data, profile.size);
  (void)add(out, pixels.data, pixels.size);
  add_block(out, "EXIF", job->metadata->exif.data, job->metadata->exif.size);
  add_block(out, "XMP ", job->metadata->xmp.data, job->metadata->xmp.size);
  for (unsigned i = 0; i < 4 && !out->failed; i++)
    out->data[4 + i] = (char)((out->size - 8) >> (8 * i) & 255);
  return PIXAZO_OK;
}

/* ---- all ---- */

/* A file of one pixel, from which the metadata is taken as the codec writes it. */
static pixazo_status make_dressing(const px_repack_job *job, pixazo_blob **out, pixazo_error **error)
{
  unsigned char pixel[3] = {0, 0, 0};
  px_pixmap dot = {pixel, sizeof pixel, 1, 1, 3};
  px_metadata bare = *job->metadata; /* borrows everything */
  bare.icc = (px_block){NULL, 0};
  px_encode_job encode = {.pixmap = &dot, .metadata = &bare, .format = job->format, .fast = true};
  return px_codec_encode(&encode, out, error);
}

static void blob_done(pixazo_blob **blob)
{
  (void)pixazo_blob_unref(*blob);
}

static pixazo_status repack(const px_repack_job *job, px_bytes dressing, px_buf *out, pixazo_error **error)
{
  switch (job->format) {
  case PX_FORMAT_PNG:
    return repack_png(job, dressing, out, error);
  case PX_FORMAT_JPEG:
    return repack_jpeg(job, dressing, out, error);
  case PX_FORMAT_WEBP:
    return repack_webp(job, dressing, out, error);
  default:
    return px_fail(error, PIXAZO_E_UNSUPPORTED, "no picture to pass through");
  }
}

pixazo_status px_repack(const px_repack_job *job, pixazo_blob **out, pixazo_error **error)
{
  px_cleanup(blob_done) pixazo_blob *dressing = NULL;
  px_auto(px_buf) bytes = PX_BUF_INIT(PX_FILE_MAX);
  PX_TRY(make_dressing(job, &dressing, error));
  px_bytes worn = {pixazo_blob_data(dressing), pixazo_blob_size(dressing)};
  PX_TRY(repack(job, worn, &bytes, error));
  return px_file_finish(&bytes, out, error);
}
