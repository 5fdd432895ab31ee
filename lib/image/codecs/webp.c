/* SPDX-License-Identifier: MIT */
/* WebP through libwebp; its mux library puts metadata around the picture. */
#include <string.h>
#include <webp/decode.h>
#include <webp/encode.h>
#include <webp/mux.h>

#include "base/cancel.h"
#include "base/error.h"
#include "base/mem.h"
#include "image/codecs/codecs.h"
#include "image/codecs/webp_lossless.h"
#include "image/exif.h"

enum {
  LOSSLESS_HEAD = 5, /* signature and sizes */
  ALPHA_LOSSLESS = 1,
  GROUPS_MAX = 4096 /* a table of 6 KB or more for each; libwebp writes up to 2600 */
};

static const unsigned char EXIF_HEAD[] = {'E', 'x', 'i', 'f', 0, 0};

static bool matches(px_bytes file)
{
  return file.size >= 12 && memcmp(file.data, "RIFF", 4) == 0 && memcmp(file.data + 8, "WEBP", 4) == 0;
}

/* ---- headers ---- */

/* Some writers put the head of a JPEG segment before the TIFF structure. */
static px_bytes exif_of(const px_chunk *chunk)
{
  bool headed = chunk->size >= sizeof EXIF_HEAD && memcmp(chunk->data, EXIF_HEAD, sizeof EXIF_HEAD) == 0;
  size_t skip = headed ? sizeof EXIF_HEAD : 0;
  return (px_bytes){chunk->data + skip, chunk->size - skip};
}

static bool is_metadata(const px_chunk *chunk)
{
  return px_chunk_is(chunk, "EXIF") || px_chunk_is(chunk, "XMP ") || px_chunk_is(chunk, "ICCP");
}

static pixazo_status walk_file(px_bytes file, const px_image_limits *limits, px_image_info *info, pixazo_error **error)
{
  px_walk walk;
  px_chunk chunk;
  uint32_t blocks = 0, chunks = 0;
  PX_TRY(px_riff_begin(&walk, file, error));
  while (!walk.ended) {
    PX_TRY(px_riff_next(&walk, &chunk, error));
    PX_TRY(px_limits_chunk(&chunks, error));
    if (is_metadata(&chunk))
      PX_TRY(px_limits_block(limits, &blocks, chunk.size, error));
    if (px_chunk_is(&chunk, "C2PA"))
      info->has_c2pa = true;
    if (px_chunk_is(&chunk, "EXIF"))
      info->orientation = px_exif_orientation(exif_of(&chunk).data, exif_of(&chunk).size);
  }
  return PIXAZO_OK;
}

/* The stream that a decoder takes for lossless: that of the picture, or of the transparency of a lossy one. Like libwebp,
 * the first picture and the last transparency before it. */
static pixazo_status find_lossless(px_bytes file, px_bytes *stream, pixazo_error **error)
{
  px_walk walk;
  px_chunk chunk;
  *stream = (px_bytes){NULL, 0};
  PX_TRY(px_riff_begin(&walk, file, error));
  while (!walk.ended) {
    PX_TRY(px_riff_next(&walk, &chunk, error));
    if (px_chunk_is(&chunk, "ALPH") && chunk.size > 1 && (chunk.data[0] & 3) == ALPHA_LOSSLESS)
      *stream = (px_bytes){chunk.data + 1, chunk.size - 1};
    if (px_chunk_is(&chunk, "VP8L") && chunk.size > LOSSLESS_HEAD)
      *stream = (px_bytes){chunk.data + LOSSLESS_HEAD, chunk.size - LOSSLESS_HEAD};
    if (px_chunk_is(&chunk, "VP8L") || px_chunk_is(&chunk, "VP8 "))
      break;
  }
  return PIXAZO_OK;
}

/* A small file may ask for tables of hundreds of megabytes. */
static pixazo_status check_groups(px_bytes file, const px_image_limits *limits, const px_image_info *info,
                                  pixazo_error **error)
{
  px_bytes stream;
  PX_TRY(px_limits_pixels(limits, info->width, info->height, error));
  PX_TRY(find_lossless(file, &stream, error));
  if (px_webp_groups(stream, info->width, info->height) > GROUPS_MAX)
    return px_fail(error, PIXAZO_E_LIMIT, "the WebP picture is coded with more than %d groups of codes", GROUPS_MAX);
  return PIXAZO_OK;
}

static pixazo_status decoder_failed(VP8StatusCode code, pixazo_error **error)
{
  switch (code) {
  case VP8_STATUS_OUT_OF_MEMORY:
    return px_fail_nomem(error);
  case VP8_STATUS_UNSUPPORTED_FEATURE:
    return px_fail(error, PIXAZO_E_UNSUPPORTED, "the WebP picture uses a feature that is not supported");
  case VP8_STATUS_NOT_ENOUGH_DATA:
    return px_fail(error, PIXAZO_E_CORRUPT, "the WebP picture cannot be decoded: its data is cut");
  default:
    return px_fail(error, PIXAZO_E_CORRUPT, "the WebP picture cannot be decoded: broken data (%d)", (int)code);
  }
}

static pixazo_status probe(const px_file *held, const px_image_limits *limits, px_image_info *info, pixazo_error **error)
{
  px_bytes file = held->bytes;
  WebPBitstreamFeatures features;
  PX_TRY(walk_file(file, limits, info, error));
  VP8StatusCode code = WebPGetFeatures(file.data, file.size, &features);
  if (code != VP8_STATUS_OK)
    return decoder_failed(code, error);
  if (features.has_animation)
    return px_fail(error, PIXAZO_E_UNSUPPORTED, "animated WebP is not supported");
  info->width = (uint32_t)features.width;
  info->height = (uint32_t)features.height;
  info->has_alpha = features.has_alpha != 0;
  info->channels = info->has_alpha ? 4 : 3;
  return check_groups(file, limits, info, error);
}

/* ---- reading ---- */

static void config_done(WebPDecoderConfig *config)
{
  WebPFreeDecBuffer(&config->output);
}

/* Pixels go straight into the pixmap. To verify only, YUV is the smallest form. */
static void set_output(WebPDecBuffer *output, const px_image_info *info, px_pixmap *pixmap)
{
  if (!pixmap) {
    output->colorspace = info->has_alpha ? MODE_YUVA : MODE_YUV;
    return;
  }
  output->colorspace = info->has_alpha ? MODE_RGBA : MODE_RGB;
  output->is_external_memory = 1;
  output->u.RGBA.rgba = pixmap->data;
  output->u.RGBA.stride = (int)pixmap->stride;
  output->u.RGBA.size = pixmap->stride * pixmap->height;
}

static pixazo_status decode(const px_decode_job *job, const px_image_info *info, px_pixmap *pixmap, pixazo_error **error)
{
  px_cleanup(config_done) WebPDecoderConfig config;
  if (!WebPInitDecoderConfig(&config))
    return px_fail(error, PIXAZO_E_INTERNAL, "libwebp of another version than its headers");
  set_output(&config.output, info, pixmap);
  VP8StatusCode code = WebPDecode(job->file.data, job->file.size, &config);
  return code == VP8_STATUS_OK ? PIXAZO_OK : decoder_failed(code, error);
}

static pixazo_status metadata(const px_file *file, const px_image_limits *limits, px_metadata *out, pixazo_error **error)
{
  (void)limits; /* the probe has checked the sizes; nothing here is packed */
  px_walk walk;
  px_chunk chunk;
  PX_TRY(px_riff_begin(&walk, file->bytes, error));
  while (!walk.ended) {
    PX_TRY(px_riff_next(&walk, &chunk, error));
    if (px_chunk_is(&chunk, "EXIF"))
      PX_TRY(px_block_set(&out->exif, exif_of(&chunk).data, exif_of(&chunk).size, error));
    else if (px_chunk_is(&chunk, "XMP "))
      PX_TRY(px_block_set(&out->xmp, chunk.data, chunk.size, error));
    else if (px_chunk_is(&chunk, "ICCP"))
      PX_TRY(px_block_set(&out->icc, chunk.data, chunk.size, error));
  }
  return PIXAZO_OK;
}

/* ---- writing ---- */

typedef struct sink {
  px_buf *out;
  const pixazo_cancel *cancel;
} sink;

static int on_write(const uint8_t *data, size_t size, const WebPPicture *picture)
{
  const sink *to = picture->custom_ptr;
  return px_buf_add(to->out, data, size);
}

static int on_progress(int percent, const WebPPicture *picture)
{
  (void)percent;
  const sink *to = picture->user_data;
  return pixazo_cancel_get(to->cancel) == 0;
}

/* A writer that refuses does not always leave an error code behind. */
static pixazo_status encoder_failed(const WebPPicture *picture, const sink *to, pixazo_error **error)
{
  if (to->out->failed)
    return px_fail_nomem(error);
  switch (picture->error_code) {
  case VP8_ENC_ERROR_USER_ABORT:
    return px_cancel_check(to->cancel, error);
  case VP8_ENC_ERROR_OUT_OF_MEMORY:
  case VP8_ENC_ERROR_BITSTREAM_OUT_OF_MEMORY:
  case VP8_ENC_ERROR_BAD_WRITE:
    return px_fail_nomem(error);
  case VP8_ENC_ERROR_PARTITION0_OVERFLOW:
  case VP8_ENC_ERROR_PARTITION_OVERFLOW:
  case VP8_ENC_ERROR_FILE_TOO_BIG:
    return px_fail(error, PIXAZO_E_LIMIT, "the picture is too large for WebP at this quality");
  default:
    return px_fail(error, PIXAZO_E_INTERNAL, "the WebP picture cannot be encoded: error %d", (int)picture->error_code);
  }
}

static pixazo_status encode_bare(const px_encode_job *job, px_buf *out, pixazo_error **error)
{
  WebPConfig config;
  px_cleanup(WebPPictureFree) WebPPicture picture;
  sink to = {out, job->cancel};
  if (!WebPPictureInit(&picture) || !WebPConfigInit(&config))
    return px_fail(error, PIXAZO_E_INTERNAL, "libwebp of another version than its headers");
  config.quality = (float)job->quality;
  config.method = job->fast ? PX_WEBP_METHOD_FAST : PX_WEBP_METHOD;
  picture.width = (int)job->pixmap->width;
  picture.height = (int)job->pixmap->height;
  picture.writer = on_write;
  picture.custom_ptr = &to;
  picture.progress_hook = on_progress;
  picture.user_data = &to;
  int stride = (int)job->pixmap->stride;
  int imported = job->pixmap->channels == 4 ? WebPPictureImportRGBA(&picture, job->pixmap->data, stride)
                                            : WebPPictureImportRGB(&picture, job->pixmap->data, stride);
  if (!imported || !WebPEncode(&config, &picture))
    return encoder_failed(&picture, &to, error);
  return PIXAZO_OK;
}

static void mux_done(WebPMux **mux)
{
  WebPMuxDelete(*mux);
}

static bool put_chunk(WebPMux *mux, const char *name, const px_block *block)
{
  WebPData data = {block->data, block->size};
  return block->size == 0 || WebPMuxSetChunk(mux, name, &data, 0) == WEBP_MUX_OK;
}

static pixazo_status add_metadata(const px_metadata *from, px_buf *file, pixazo_error **error)
{
  WebPData bare = {(const uint8_t *)file->data, file->size};
  px_cleanup(mux_done) WebPMux *mux = WebPMuxCreate(&bare, 0);
  px_cleanup(WebPDataClear) WebPData whole = {NULL, 0};
  if (!mux || !put_chunk(mux, "ICCP", &from->icc) || !put_chunk(mux, "EXIF", &from->exif) ||
      !put_chunk(mux, "XMP ", &from->xmp) || WebPMuxAssemble(mux, &whole) != WEBP_MUX_OK)
    return px_fail_nomem(error);
  px_buf_clear(file);
  return px_buf_add(file, whole.bytes, whole.size) ? PIXAZO_OK : px_fail_nomem(error);
}

static pixazo_status encode(const px_encode_job *job, px_buf *out, pixazo_error **error)
{
  PX_TRY(encode_bare(job, out, error));
  const px_metadata *from = job->metadata;
  if (!from || from->icc.size + from->exif.size + from->xmp.size == 0)
    return PIXAZO_OK;
  return add_metadata(from, out, error);
}

const px_codec px_codec_webp = {
    .format = PX_FORMAT_WEBP,
    .name = "webp",
    .content_type = "image/webp",
    .extension = "webp",
    .max_side = 16383,
    .quality = PX_WEBP_QUALITY,
    .has_alpha = true,
    .matches = matches,
    .probe = probe,
    .decode = decode,
    .metadata = metadata,
    .encode = encode,
};
