/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/digest.h"
#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "export/exporter.h"
#include "export/found.h"
#include "image/exif.h"
#include "json/writer.h"

enum { JSON_MAX = 1 << 20, PARAMETERS_MAX = 65536, PIECE = 65536, SPARE = 1 << 20 };

struct pixazo_picture {
  px_image_info info;
  uint64_t bytes;
  char *parameters; /* this and the next are never NULL once made */
  char *metadata;   /* JSON */
  char sha256[PX_SHA256_HEX];
};

/* ---- making ---- */

static bool add_pane(px_pane *pane, px_digest *digest)
{
  size_t have = 1;
  for (uint64_t at = 0; at < pane->size && have > 0; at += have) {
    const unsigned char *bytes = px_pane_at(pane, at, PIECE, &have);
    if (bytes && !px_digest_add(digest, bytes, have))
      return false;
  }
  return true;
}

static pixazo_status hash(const px_file *file, pixazo_picture *made, pixazo_error **error)
{
  px_cleanup(px_digest_done) px_digest *digest = px_digest_new(false);
  bool added = digest && (file->pane ? add_pane(file->pane, digest)
                                       : px_digest_add(digest, file->bytes.data, file->bytes.size));
  if (file->pane)
    PX_TRY(px_pane_check(file->pane, error));
  return added && px_digest_finish(digest, made->sha256, NULL) ? PIXAZO_OK : px_fail_nomem(error);
}

/* Text of a PNG, else the user comment; long texts are cut between characters. */
static pixazo_status read_parameters(const px_metadata *metadata, const px_image_limits *limits, char **out,
                                     pixazo_error **error)
{
  px_auto(px_buf) comment = PX_BUF_INIT(limits->max_ancillary * 2);
  const char *text = px_metadata_text(metadata, "parameters");
  if (!text) {
    px_exif_user_comment(metadata->exif.data, metadata->exif.size, &comment);
    if (comment.failed)
      return px_fail_nomem(error);
    text = px_buf_text(&comment);
  }
  if (!px_utf8_valid(text, strlen(text)))
    text = "";
  *out = px_strndup(text, px_utf8_cut(text, PARAMETERS_MAX));
  return *out ? PIXAZO_OK : px_fail_nomem(error);
}

static pixazo_status read_metadata(const px_file *file, const px_image_limits *limits, pixazo_picture *made,
                                   pixazo_error **error)
{
  px_auto(px_metadata) metadata = PX_METADATA_INIT;
  PX_TRY(px_codec_metadata_of(file, limits, &metadata, error));
  PX_TRY(read_parameters(&metadata, limits, &made->parameters, error));
  return px_found_to_json(&metadata, &made->info, made->parameters, &made->metadata, error);
}

static void picture_done(pixazo_picture **picture)
{
  pixazo_picture_free(*picture);
}

static pixazo_status inspect(const pixazo_exporter *exporter, const px_file *file, const pixazo_cancel *cancel,
                             pixazo_picture **out, pixazo_error **error)
{
  PX_TRY(px_exporter_check_bytes(exporter, file->bytes.size, error));
  px_cleanup(picture_done) pixazo_picture *made = px_calloc(1, sizeof *made);
  if (!made)
    return px_fail_nomem(error);
  px_decode_job job = {.file = file->bytes, .pane = file->pane, .limits = &exporter->limits, .cancel = cancel};
  made->bytes = file->bytes.size;
  PX_TRY(px_codec_decode(&job, NULL, &made->info, error));
  PX_TRY(hash(file, made, error));
  PX_TRY(read_metadata(file, &exporter->limits, made, error));
  px_log(exporter->log, PIXAZO_LOG_DEBUG, "export", "verified %s %ux%u of %zu bytes", px_format_name(made->info.format),
         made->info.width, made->info.height, file->bytes.size);
  *out = px_steal(&made);
  return PIXAZO_OK;
}

pixazo_status pixazo_exporter_inspect(const pixazo_exporter *exporter, const pixazo_blob *source,
                                      const pixazo_cancel *cancel, pixazo_picture **out, pixazo_error **error)
{
  PX_REQUIRE(exporter, error, "exporter is NULL");
  PX_REQUIRE(source, error, "source is NULL");
  PX_REQUIRE(out, error, "out is NULL");
  px_file file = {{pixazo_blob_data(source), pixazo_blob_size(source)}, NULL};
  pixazo_status status = inspect(exporter, &file, cancel, out, error);
  px_log_deliver(exporter->log);
  return status;
}

static unsigned char *take_buffer(px_spare *spare, size_t size)
{
  if (size > SPARE)
    return px_malloc(size);
  unsigned char *kept = NULL;
  for (size_t i = 0; !kept && i < PX_ARRAY_SIZE(spare->buffers); i++)
    kept = atomic_exchange(&spare->buffers[i], NULL);
  return kept ? kept : px_malloc(SPARE);
}

static void give_buffer(px_spare *spare, unsigned char *buffer, size_t size)
{
  for (size_t i = 0; size <= SPARE && buffer && i < PX_ARRAY_SIZE(spare->buffers); i++)
    buffer = atomic_exchange(&spare->buffers[i], buffer);
  px_free(buffer);
}

static pixazo_status inspect_at_once(const pixazo_exporter *exporter, const px_pane *file, const pixazo_cancel *cancel,
                                     pixazo_picture **out, pixazo_error **error)
{
  PX_TRY(px_exporter_check_bytes(exporter, file->size, error));
  size_t size = (size_t)file->size;
  unsigned char *bytes = take_buffer(exporter->spare, size);
  if (!bytes)
    return px_fail_nomem(error);
  pixazo_status status = px_read_at(file->descriptor, bytes, size, 0, file->name, error);
  if (status == PIXAZO_OK)
    status = inspect(exporter, &(px_file){{bytes, size}, NULL}, cancel, out, error);
  give_buffer(exporter->spare, bytes, size);
  return status;
}

static pixazo_status inspect_opened(const pixazo_exporter *exporter, px_pane *file, const pixazo_cancel *cancel,
                                    pixazo_picture **out, pixazo_error **error)
{
  if (file->size <= exporter->held_max || file->size > exporter->max_bytes || !px_codec_takes_pane(file))
    return inspect_at_once(exporter, file, cancel, out, error);
  return inspect(exporter, &(px_file){{NULL, (size_t)file->size}, file}, cancel, out, error);
}

pixazo_status pixazo_exporter_inspect_file(const pixazo_exporter *exporter, const char *path, const pixazo_cancel *cancel,
                                           pixazo_picture **out, pixazo_error **error)
{
  PX_REQUIRE(exporter, error, "exporter is NULL");
  PX_REQUIRE(path, error, "path is NULL");
  PX_REQUIRE(out, error, "out is NULL");
  px_autoclose int descriptor = -1;
  uint64_t size = 0;
  PX_TRY(px_file_open(path, &descriptor, &size, error));
  px_cleanup(px_pane_done) px_pane file = {.descriptor = descriptor, .size = size, .name = path};
  pixazo_status status = inspect_opened(exporter, &file, cancel, out, error);
  px_log_deliver(exporter->log);
  return status;
}

/* ---- the record ---- */

const char *pixazo_format_extension(size_t index)
{
  const char *extension = index < PX_FORMATS_MAX ? px_format_extension((px_format)(index + 1)) : "";
  return extension[0] ? extension : NULL;
}

void pixazo_picture_free(pixazo_picture *picture)
{
  if (!picture)
    return;
  px_free(picture->parameters);
  px_free(picture->metadata);
  px_free(picture);
}

const char *pixazo_picture_format(const pixazo_picture *picture)
{
  return picture ? px_format_name(picture->info.format) : "";
}

const char *pixazo_picture_content_type(const pixazo_picture *picture)
{
  return picture ? px_format_content_type(picture->info.format) : "";
}

const char *pixazo_picture_extension(const pixazo_picture *picture)
{
  return picture ? px_format_extension(picture->info.format) : "";
}

uint32_t pixazo_picture_width(const pixazo_picture *picture)
{
  return picture ? picture->info.width : 0;
}

uint32_t pixazo_picture_height(const pixazo_picture *picture)
{
  return picture ? picture->info.height : 0;
}

uint64_t pixazo_picture_bytes(const pixazo_picture *picture)
{
  return picture ? picture->bytes : 0;
}

int32_t pixazo_picture_has_alpha(const pixazo_picture *picture)
{
  return picture && picture->info.has_alpha;
}

uint32_t pixazo_picture_bit_depth(const pixazo_picture *picture)
{
  return picture ? picture->info.bit_depth : 0;
}

uint32_t pixazo_picture_orientation(const pixazo_picture *picture)
{
  return picture ? picture->info.orientation : 1;
}

const char *pixazo_picture_sha256(const pixazo_picture *picture)
{
  return picture ? picture->sha256 : "";
}

int32_t pixazo_picture_has_c2pa(const pixazo_picture *picture)
{
  return picture && picture->info.has_c2pa;
}

int32_t pixazo_picture_is_animated(const pixazo_picture *picture)
{
  return picture && picture->info.animated;
}

const char *pixazo_picture_parameters(const pixazo_picture *picture)
{
  return picture ? picture->parameters : "";
}

const char *pixazo_picture_metadata(const pixazo_picture *picture)
{
  return picture ? picture->metadata : "{}";
}

pixazo_status pixazo_picture_to_json(const pixazo_picture *picture, char **json, pixazo_error **error)
{
  PX_REQUIRE(picture, error, "picture is NULL");
  PX_REQUIRE(json, error, "json is NULL");
  px_auto(px_json_writer) w = PX_JSON_WRITER_INIT(JSON_MAX);
  px_json_put_begin_object(&w, NULL);
  px_json_put_int64(&w, "schema", 1);
  px_json_put_string(&w, "format", pixazo_picture_format(picture));
  px_json_put_string(&w, "content_type", pixazo_picture_content_type(picture));
  px_json_put_string(&w, "extension", pixazo_picture_extension(picture));
  px_json_put_int64(&w, "width", picture->info.width);
  px_json_put_int64(&w, "height", picture->info.height);
  px_json_put_int64(&w, "bytes", (int64_t)picture->bytes);
  px_json_put_bool(&w, "has_alpha", picture->info.has_alpha);
  px_json_put_int64(&w, "bit_depth", picture->info.bit_depth);
  px_json_put_int64(&w, "orientation", picture->info.orientation);
  px_json_put_string(&w, "sha256", picture->sha256);
  px_json_put_bool(&w, "has_c2pa", picture->info.has_c2pa);
  px_json_put_bool(&w, "is_animated", picture->info.animated);
  px_json_put_string(&w, "parameters", picture->parameters);
  px_json_put_raw(&w, "metadata", picture->metadata);
  px_json_put_end_object(&w);
  return px_json_writer_finish(&w, json, error);
}
