/* SPDX-License-Identifier: MIT */
#include "gateway/exchange.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SIDE_MAX = 8192 };

static const char *const folders[] = {"/files/", "/generated-images/"};

/* The name of a file behind the folder it is in. */
static const char *file_name(const char *path)
{
  for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
    const char *folder = strstr(path, folders[i]);
    if (folder && (i > 0 || folder == path))
      return folder + strlen(folders[i]);
  }
  return NULL;
}

bool exchange_is_file(const char *path)
{
  return file_name(path) != NULL;
}

void exchange_picture_in(const exchange *call, const char *folder, bytes *out, uint32_t width, uint32_t height)
{
  uint64_t number = ++call->shared->next_picture;
  bytes_printf(out, "%s%s%08" PRIx64, call->base, folder, number);
  if (width > 0 && height > 0)
    bytes_printf(out, "-%" PRIu32 "x%" PRIu32, width, height);
  bytes_text(out, ".png");
}

void exchange_picture_url(const exchange *call, bytes *out, uint32_t width, uint32_t height)
{
  exchange_picture_in(call, "/files/", out, width, height);
}

picture exchange_picture(const exchange *call, picture_kind kind, uint32_t width, uint32_t height)
{
  char name[32];
  size_t size = call->options->picture_bytes;
  (void)snprintf(name, sizeof name, "answer-%016" PRIx64, ++call->shared->next_picture);
  if (call->script && call->script->image_bytes > 0)
    size = (size_t)call->script->image_bytes;
  else if (width > 0 && height > 0)
    return picture_of_size(kind, name, width, height);
  return picture_of_bytes(kind, name, size);
}

bool exchange_honours_size(const exchange *call)
{
  return call->options->honour_size || (call->script && call->script->honour_size);
}

void exchange_give_file(const exchange *call, reply *out)
{
  const char *name = file_name(call->request->path);
  const char *dash = strchr(name, '-');
  const char *dot = strrchr(name, '.');
  uint32_t width = 0;
  uint32_t height = 0;
  picture_kind kind = PICTURE_PNG;
  if (*name == '\0' || strchr(name, '/')) {
    reply_file(out, 404, "text/html", "<html>no such file</html>", 25);
    return;
  }
  if (dot)
    (void)picture_kind_of(dot + 1, &kind);
  reply_file(out, 200, picture_type(kind), "", 0);
  bool sized =
      dash && sscanf(dash, "-%" SCNu32 "x%" SCNu32, &width, &height) == 2 && width - 1 < SIDE_MAX && height - 1 < SIDE_MAX;
  picture what =
      sized ? picture_of_size(kind, name, width, height) : picture_of_bytes(kind, name, call->options->picture_bytes);
  reply_picture(out, &what, false);
}

const char *exchange_key(const exchange *call, const char *protocol)
{
  const settings *options = call->options;
  for (size_t i = 0; i < options->key_count; i++) {
    size_t length = strlen(protocol);
    if (strncmp(options->keys[i], protocol, length) == 0 && options->keys[i][length] == '=')
      return options->keys[i] + length + 1;
  }
  return NULL;
}

void exchange_id(const exchange *call, bytes *out)
{
  uint64_t number = ++call->shared->next_id * 0x9e3779b97f4a7c15u; /* odd: no two alike */
  bytes_printf(out, "%016" PRIx64, number);
}

static bool expand_date(const char *mark, bytes *out, size_t *size)
{
  static const char date[] = "{{date";
  char text[64];
  char *end;
  if (strncmp(mark, date, sizeof date - 1) != 0)
    return false;
  long offset = strtol(mark + sizeof date - 1, &end, 10);
  if (strncmp(end, "}}", 2) != 0)
    return false;
  time_t when = time(NULL) + offset;
  struct tm parts;
  (void)strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&when, &parts));
  bytes_text(out, text);
  *size = (size_t)(end + 2 - mark);
  return true;
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
  size_t date = 2;
  if (!expand_date(mark, out, &date))
    bytes_add(out, mark, 2);
  return date;
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
