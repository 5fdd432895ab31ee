/* SPDX-License-Identifier: MIT */
#include "export/found.h"

#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "export/parameters.h"
#include "image/exif.h"
#include "image/icc.h"
#include "json/writer.h"

enum { JSON_MAX = 512 * 1024, TEXT_MAX = 4096, CODE_MAX = 64 };

static const char SOURCE_TYPES[] = "cv.iptc.org/newscodes/digitalsourcetype/";

static const struct {
  uint32_t tag;
  const char *member;
} exif_texts[] = {{0x010f, "make"}, {0x0110, "model"}, {0x0131, "software"}, {0x0132, "date_time"}, {0x013b, "artist"}};

static void put_when_text(px_json_writer *w, const char *key, const px_buf *text)
{
  const char *value = px_buf_text(text);
  if (text->size > 0 && !text->failed && px_utf8_valid(value, text->size))
    px_json_put_text(w, key, value, px_utf8_cut(value, TEXT_MAX));
}

static void put_icc(const px_block *icc, px_json_writer *w)
{
  px_auto(px_buf) text = PX_BUF_INIT(TEXT_MAX);
  if (icc->size == 0)
    return;
  px_json_put_begin_object(w, "icc");
  px_json_put_int64(w, "bytes", (int64_t)icc->size);
  px_icc_description(icc->data, icc->size, &text);
  put_when_text(w, "description", &text);
  px_json_put_end_object(w);
}

static void put_exif(const px_metadata *metadata, const px_image_info *info, px_json_writer *w)
{
  const px_block *exif = &metadata->exif;
  px_auto(px_buf) comment = PX_BUF_INIT(JSON_MAX);
  if (exif->size == 0)
    return;
  px_json_put_begin_object(w, "exif");
  px_json_put_int64(w, "bytes", (int64_t)exif->size);
  px_json_put_int64(w, "orientation", info->orientation);
  for (size_t i = 0; i < PX_ARRAY_SIZE(exif_texts); i++) {
    px_auto(px_buf) text = PX_BUF_INIT(TEXT_MAX);
    px_exif_text(exif->data, exif->size, exif_texts[i].tag, &text);
    put_when_text(w, exif_texts[i].member, &text);
  }
  px_exif_user_comment(exif->data, exif->size, &comment);
  put_when_text(w, "user_comment", &comment);
  px_json_put_end_object(w);
}

static void put_xmp(const px_block *xmp, px_json_writer *w)
{
  if (xmp->size == 0)
    return;
  px_json_put_begin_object(w, "xmp");
  px_json_put_int64(w, "bytes", (int64_t)xmp->size);
  const char *packet = (const char *)xmp->data;
  const char *at = memmem(packet, xmp->size, SOURCE_TYPES, sizeof SOURCE_TYPES - 1);
  if (at) {
    at += sizeof SOURCE_TYPES - 1;
    size_t left = xmp->size - (size_t)(at - packet), length = 0;
    while (length < left && length < CODE_MAX && px_ascii_is_alnum(at[length]))
      length++;
    px_json_put_text(w, "digital_source_type", at, length);
  }
  px_json_put_end_object(w);
}

static void put_texts(const px_metadata *metadata, px_json_writer *w)
{
  if (metadata->text_count == 0)
    return;
  px_json_put_begin_array(w, "texts");
  for (size_t i = 0; i < metadata->text_count; i++)
    px_json_put_string(w, NULL, metadata->texts[i].keyword);
  px_json_put_end_array(w);
}

pixazo_status px_found_to_json(const px_metadata *metadata, const px_image_info *info, const char *parameters, char **out,
                               pixazo_error **error)
{
  px_auto(px_json_writer) w = PX_JSON_WRITER_INIT(JSON_MAX);
  px_json_put_begin_object(&w, NULL);
  put_icc(&metadata->icc, &w);
  put_exif(metadata, info, &w);
  put_xmp(&metadata->xmp, &w);
  put_texts(metadata, &w);
  if (!px_str_empty(parameters))
    px_parameters_write(parameters, &w, "parameters");
  px_json_put_bool(&w, "c2pa", info->has_c2pa);
  px_json_put_end_object(&w);
  return px_json_writer_finish(&w, out, error);
}
