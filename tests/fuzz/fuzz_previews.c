/* SPDX-License-Identifier: MIT */
/* Partial pictures out of a stream, in pieces of a size that the first byte names, against the same stream in one piece. */
#include <stdlib.h>
#include <string.h>

#include "client/previews.h"
#include "fuzz.h"

enum { PICTURE_MAX = 64 };

typedef struct heard {
  unsigned char bytes[4096];
  size_t size;
} heard;

static void hear(void *user, pixazo_blob *picture, int32_t index)
{
  heard *self = user;
  size_t size = pixazo_blob_size(picture);
  if (size == 0 || size > PICTURE_MAX || index < 0)
    abort();
  if (size + sizeof index > sizeof self->bytes - self->size)
    return;
  memcpy(self->bytes + self->size, &index, sizeof index);
  memcpy(self->bytes + self->size + sizeof index, pixazo_blob_data(picture), size);
  self->size += sizeof index + size;
}

static void feed(const uint8_t *data, size_t size, size_t piece, heard *out)
{
  px_previews_options options = {.on_preview = hear, .user = out, .max_bytes = PICTURE_MAX};
  px_previews *previews = px_previews_new(&options);
  if (!previews)
    abort();
  out->size = 0;
  for (size_t at = 0; at < size; at += piece)
    px_previews_feed(previews, data + at, size - at < piece ? size - at : piece);
  px_previews_free(previews);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static heard whole;
  static heard parts;
  if (size == 0)
    return 0;
  feed(data + 1, size - 1, size, &whole);
  feed(data + 1, size - 1, data[0] % 32u + 1, &parts);
  if (whole.size != parts.size || memcmp(whole.bytes, parts.bytes, whole.size) != 0)
    abort();
  return 0;
}
