/* SPDX-License-Identifier: MIT */
#include "image/codec.h"

#include "base/cancel.h"
#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"
#include "image/codecs/codecs.h"

static const px_codec *const codecs[] = {&px_codec_png, &px_codec_jpeg, &px_codec_webp};

enum { HEADER_SHOWN = 4, MAGIC_MAX = 12 };

static const px_codec *codec_of(px_format format)
{
  for (size_t i = 0; i < PX_ARRAY_SIZE(codecs); i++) {
    if (codecs[i]->format == format)
      return codecs[i];
  }
  return NULL;
}

const char *px_format_name(px_format format)
{
  const px_codec *codec = codec_of(format);
  return codec ? codec->name : "";
}

const char *px_format_content_type(px_format format)
{
  const px_codec *codec = codec_of(format);
  return codec ? codec->content_type : "";
}

const char *px_format_extension(px_format format)
{
  const px_codec *codec = codec_of(format);
  return codec ? codec->extension : "";
}

bool px_format_has_alpha(px_format format)
{
  const px_codec *codec = codec_of(format);
  return codec && codec->has_alpha;
}

int32_t px_format_quality(px_format format)
{
  const px_codec *codec = codec_of(format);
  return codec ? codec->quality : 0;
}

px_format px_format_of_name(const char *name)
{
  for (size_t i = 0; i < PX_ARRAY_SIZE(codecs); i++) {
    if (px_str_equal_nocase(name, codecs[i]->name) || px_str_equal_nocase(name, codecs[i]->extension))
      return codecs[i]->format;
  }
  return PX_FORMAT_NONE;
}

px_format px_format_of_bytes(const void *data, size_t size)
{
  px_bytes file = {data, size};
  for (size_t i = 0; i < PX_ARRAY_SIZE(codecs); i++) {
    if (codecs[i]->matches(file))
      return codecs[i]->format;
  }
  return PX_FORMAT_NONE;
}

/* The first bytes: enough for every magic number. */
static px_bytes head_of(const px_file *file)
{
  size_t have = 0;
  if (!file->pane)
    return file->bytes;
  const unsigned char *head = px_pane_at(file->pane, 0, MAGIC_MAX, &have);
  return (px_bytes){head, have};
}

bool px_codec_takes_pane(px_pane *pane)
{
  px_bytes head = head_of(&(px_file){.pane = pane});
  const px_codec *codec = codec_of(px_format_of_bytes(head.data, head.size));
  return codec && codec->by_pane;
}

static pixazo_status codec_of_file(const px_file *shown, const px_codec **codec, pixazo_error **error)
{
  px_bytes file = head_of(shown);
  if (shown->pane)
    PX_TRY(px_pane_check(shown->pane, error));
  if (file.size == 0)
    return px_fail(error, PIXAZO_E_CORRUPT, "the picture file is empty");
  *codec = codec_of(px_format_of_bytes(file.data, file.size));
  if (*codec)
    return PIXAZO_OK;
  char head[2 * HEADER_SHOWN + 1];
  px_hex(file.data, file.size < HEADER_SHOWN ? file.size : HEADER_SHOWN, head);
  return px_fail(error, PIXAZO_E_UNSUPPORTED, "not a PNG, JPEG or WebP picture: the file of %zu bytes begins with %s",
                 shown->bytes.size, head);
}

pixazo_status px_limits_pixels(const px_image_limits *limits, uint32_t width, uint32_t height, pixazo_error **error)
{
  if (width > PX_SIDE_MAX || height > PX_SIDE_MAX || (uint64_t)width * height > limits->max_pixels)
    return px_fail(error, PIXAZO_E_LIMIT, "%ux%u pixels are over the limit of %llu", width, height,
                   (unsigned long long)limits->max_pixels);
  return PIXAZO_OK;
}

static pixazo_status check_size(const px_image_info *info, const px_image_limits *limits, pixazo_error **error)
{
  uint64_t pixels = (uint64_t)info->width * info->height;
  if (pixels == 0)
    return px_fail(error, PIXAZO_E_CORRUPT, "the picture has no pixels: %ux%u", info->width, info->height);
  PX_TRY(px_limits_pixels(limits, info->width, info->height, error));
  if (info->scans > limits->max_scans || pixels * info->scans > limits->max_work)
    return px_fail(error, PIXAZO_E_LIMIT, "%u scans of %ux%u pixels are over the limit", info->scans, info->width,
                   info->height);
  return PIXAZO_OK;
}

static pixazo_status probe(const px_codec *codec, const px_file *file, const px_image_limits *limits, px_image_info *info,
                           pixazo_error **error)
{
  *info = (px_image_info){.format = codec->format, .orientation = 1, .scans = 1, .bit_depth = 8, .channels = 3};
  PX_TRY(codec->probe(file, limits, info, error));
  return check_size(info, limits, error);
}

pixazo_status px_codec_probe(px_bytes file, const px_image_limits *limits, px_image_info *info, pixazo_error **error)
{
  const px_codec *codec = NULL;
  const px_file held = {file, NULL};
  PX_TRY(codec_of_file(&held, &codec, error));
  px_image_info found;
  PX_TRY(probe(codec, &held, limits, &found, error));
  *info = found;
  return PIXAZO_OK;
}

void px_codec_scale(const px_image_info *info, const uint32_t want[2], uint32_t size[2])
{
  const px_codec *codec = codec_of(info->format);
  size[0] = info->width;
  size[1] = info->height;
  if (codec && codec->shrink && want[0] > 0 && want[1] > 0)
    codec->shrink(info, want, size);
}

static pixazo_status make_pixmap(const px_codec *codec, const px_decode_job *job, const px_image_info *info,
                                 px_pixmap *pixmap, pixazo_error **error)
{
  uint32_t size[2];
  px_codec_scale(info, job->want, size);
  const uint32_t shape[] = {size[0], size[1], info->channels};
  return px_pixmap_make_with_room(pixmap, shape, codec->room ? codec->room(info) : 0, error);
}

pixazo_status px_codec_decode(const px_decode_job *job, px_pixmap *pixmap, px_image_info *info, pixazo_error **error)
{
  const px_codec *codec = NULL;
  const px_file file = {job->file, job->pane};
  PX_TRY(codec_of_file(&file, &codec, error));
  if (file.pane && (pixmap || !codec->by_pane))
    return px_fail(error, PIXAZO_E_INTERNAL, "%s is not decoded through a pane", codec->name);
  px_image_info found;
  PX_TRY(probe(codec, &file, job->limits, &found, error));
  PX_TRY(px_cancel_check(job->cancel, error));
  px_auto(px_pixmap) decoded = PX_PIXMAP_INIT;
  if (pixmap)
    PX_TRY(make_pixmap(codec, job, &found, &decoded, error));
  PX_TRY(codec->decode(job, &found, pixmap ? &decoded : NULL, error));
  if (pixmap)
    px_pixmap_move(pixmap, &decoded);
  if (info)
    *info = found;
  return PIXAZO_OK;
}

pixazo_status px_codec_metadata(px_bytes file, const px_image_limits *limits, px_metadata *metadata, pixazo_error **error)
{
  return px_codec_metadata_of(&(px_file){file, NULL}, limits, metadata, error);
}

pixazo_status px_codec_metadata_of(const px_file *file, const px_image_limits *limits, px_metadata *metadata,
                                   pixazo_error **error)
{
  const px_codec *codec = NULL;
  PX_TRY(codec_of_file(file, &codec, error));
  return codec->metadata(file, limits, metadata, error);
}

static pixazo_status check_job(const px_codec *codec, const px_encode_job *job, pixazo_error **error)
{
  const px_pixmap *pixmap = job->pixmap;
  if (job->quality < 0 || job->quality > 100)
    return px_fail(error, PIXAZO_E_ARGUMENT, "quality %d is not in 0-100", job->quality);
  if (job->level < 0 || job->level > 9)
    return px_fail(error, PIXAZO_E_ARGUMENT, "level %d is not in 0-9", job->level);
  if (pixmap->channels == 4 && !codec->has_alpha)
    return px_fail(error, PIXAZO_E_ARGUMENT, "%s cannot hold transparency", codec->name);
  if (pixmap->width > codec->max_side || pixmap->height > codec->max_side)
    return px_fail(error, PIXAZO_E_LIMIT, "%ux%u pixels are too many for %s: at most %u a side", pixmap->width,
                   pixmap->height, codec->name, codec->max_side);
  return PIXAZO_OK;
}

static void release_bytes(void *data, size_t size, void *user_data)
{
  (void)size;
  (void)user_data;
  px_free(data);
}

pixazo_status px_file_finish(px_buf *bytes, pixazo_blob **out, pixazo_error **error)
{
  size_t size = bytes->size;
  px_autofree char *data = px_buf_steal(bytes);
  if (!data)
    return px_fail_nomem(error);
  PX_TRY(pixazo_blob_new_nocopy(data, size, release_bytes, NULL, out, error));
  data = NULL;
  return PIXAZO_OK;
}

pixazo_status px_codec_encode(const px_encode_job *job, pixazo_blob **out, pixazo_error **error)
{
  const px_codec *codec = codec_of(job->format);
  if (!codec || !job->pixmap || !job->pixmap->data)
    return px_fail(error, PIXAZO_E_ARGUMENT, "nothing to encode");
  PX_TRY(check_job(codec, job, error));
  PX_TRY(px_cancel_check(job->cancel, error));
  px_auto(px_buf) bytes = PX_BUF_INIT(PX_FILE_MAX);
  PX_TRY(codec->encode(job, &bytes, error));
  return px_file_finish(&bytes, out, error);
}
