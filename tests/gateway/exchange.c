/* SPDX-License-Identifier: MIT */
#include "gateway/exchange.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "gateway/picture.h"

enum { SIDE_MAX = 8192 };

void exchange_picture_url(const exchange *call, bytes *out, uint32_t width, uint32_t height)
{
  uint64_t number = ++*call->next_picture;
  if (width > 0 && height > 0)
    bytes_printf(out, "%s/files/%08" PRIx64 "-%" PRIu32 "x%" PRIu32 ".png", call->base, number, width, height);
  else
    bytes_printf(out, "%s/files/%08" PRIx64 ".png", call->base, number);
}

void exchange_give_file(const exchange *call, reply *out)
{
  const char *name = call->request->path + strlen("/files/");
  const char *dash = strchr(name, '-');
  uint32_t width = 0;
  uint32_t height = 0;
  if (*name == '\0' || strchr(name, '/')) {
    reply_file(out, 404, "text/html", "<html>no such file</html>", 25);
    return;
  }
  reply_file(out, 200, "image/png", "", 0);
  if (dash && sscanf(dash, "-%" SCNu32 "x%" SCNu32, &width, &height) == 2 && width - 1 < SIDE_MAX && height - 1 < SIDE_MAX)
    picture_of_size(&out->body, name, width, height);
  else
    picture_of_bytes(&out->body, name, call->options->picture_bytes);
}

static size_t expand_one(const exchange *call, const char *mark, bytes *out)
{
  static const char base[] = "{{base}}";
  static const char authority[] = "{{authority}}";
  static const char file[] = "{{file}}";
  if (strncmp(mark, base, sizeof base - 1) == 0) {
    bytes_text(out, call->base);
    return sizeof base - 1;
  }
  if (strncmp(mark, authority, sizeof authority - 1) == 0) {
    const char *host = strstr(call->base, "://");
    bytes_text(out, host ? host + 3 : call->base);
    return sizeof authority - 1;
  }
  if (strncmp(mark, file, sizeof file - 1) == 0) {
    exchange_picture_url(call, out, 0, 0);
    return sizeof file - 1;
  }
  bytes_add(out, mark, 2);
  return 2;
}

void exchange_expand(const exchange *call, const char *text, size_t size, bytes *out)
{
  const char *end = text + size;
  while (text < end) {
    const char *mark = memmem(text, (size_t)(end - text), "{{", 2);
    bytes_add(out, text, (size_t)((mark ? mark : end) - text));
    text = mark ? mark + expand_one(call, mark, out) : end;
  }
}
