/* SPDX-License-Identifier: MIT */
#include "image/metadata.h"

#include <stdbool.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"

enum { KEYWORD_MAX = 79 };

static void block_done(px_block *block)
{
  px_free(block->data);
  *block = (px_block){NULL, 0};
}

void px_metadata_done(px_metadata *metadata)
{
  block_done(&metadata->exif);
  block_done(&metadata->xmp);
  block_done(&metadata->icc);
  for (size_t i = 0; i < metadata->text_count; i++) {
    px_free(metadata->texts[i].keyword);
    px_free(metadata->texts[i].value);
  }
  px_free(metadata->texts);
  *metadata = (px_metadata)PX_METADATA_INIT;
}

pixazo_status px_block_set(px_block *block, const void *data, size_t size, pixazo_error **error)
{
  unsigned char *copy = NULL;
  if (size > 0) {
    copy = px_memdup(data, size);
    if (!copy)
      return px_fail_nomem(error);
  }
  block_done(block);
  *block = (px_block){copy, size};
  return PIXAZO_OK;
}

static bool keyword_fits(const char *keyword)
{
  size_t length = strnlen(keyword, KEYWORD_MAX + 1);
  if (length == 0 || length > KEYWORD_MAX || keyword[0] == ' ' || keyword[length - 1] == ' ')
    return false;
  for (size_t i = 0; i < length; i++) {
    if (keyword[i] < ' ' || keyword[i] > '~')
      return false;
  }
  return true;
}

pixazo_status px_metadata_add_text(px_metadata *metadata, const char *keyword, const char *value, pixazo_error **error)
{
  if (!keyword_fits(keyword))
    return px_fail(error, PIXAZO_E_ARGUMENT, "a text keyword needs 1 to %d printable ASCII characters", KEYWORD_MAX);
  px_text *grown = px_realloc_array(metadata->texts, metadata->text_count + 1, sizeof *grown);
  if (!grown)
    return px_fail_nomem(error);
  metadata->texts = grown;
  px_autofree char *keyword_copy = px_strdup(keyword);
  px_autofree char *value_copy = px_strdup(value);
  if (!keyword_copy || !value_copy)
    return px_fail_nomem(error);
  grown[metadata->text_count++] = (px_text){px_steal(&keyword_copy), px_steal(&value_copy)};
  return PIXAZO_OK;
}

const char *px_metadata_text(const px_metadata *metadata, const char *keyword)
{
  for (size_t i = 0; i < metadata->text_count; i++) {
    if (strcmp(metadata->texts[i].keyword, keyword) == 0)
      return metadata->texts[i].value;
  }
  return NULL;
}
