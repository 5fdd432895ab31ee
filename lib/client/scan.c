/* SPDX-License-Identifier: MIT */
/* Pictures inside JSON: a document of any size goes through in pieces, and only its small rest is kept. */
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "client/reading.h"
#include "json/stream.h"

enum { PIECE = 65536, DECODED = PIECE / 4 * 3 + 3, REST_MAX = 4 * 1024 * 1024 };

typedef struct sink {
  const px_scan *scan;
  unsigned char *decoded; /* room for what a piece gives */
  px_base64 base64;
  uint64_t written;
  bool in_prefix; /* before the comma of a data URI */
  bool started;
} sink;

static bool is_base64_text(const char *text, size_t size)
{
  for (size_t i = 0; i < size; i++) {
    char c = text[i];
    if (!px_ascii_is_alnum(c) && c != '+' && c != '/' && c != '-' && c != '_' && c != '=' && !px_ascii_is_space(c))
      return false;
  }
  return size == PX_JSON_STREAM_HEAD;
}

/* The first characters of the picture formats in base64. */
static bool has_picture_magic(const char *text, size_t size)
{
  static const char *const magics[] = {"iVBORw0KGgo", "/9j/", "UklGR", "R0lGOD"};
  for (size_t i = 0; i < PX_ARRAY_SIZE(magics); i++) {
    size_t length = strlen(magics[i]);
    if (size >= length && memcmp(text, magics[i], length) == 0)
      return true;
  }
  return false;
}

static bool is_picture_member(const char *name)
{
  static const char *const names[] = {"image", "images", "base64", "b64_json", "image_base64"};
  for (size_t i = 0; i < PX_ARRAY_SIZE(names); i++) {
    if (strcmp(names[i], name) == 0)
      return true;
  }
  return false;
}

static bool want(void *self, const char *name, const char *head, size_t size)
{
  (void)self;
  if (size > 5 && memcmp(head, "data:", 5) == 0)
    return memmem(head, size, ";base64,", 8) != NULL;
  if (has_picture_magic(head, size) && size >= 16)
    return true;
  return is_picture_member(name) && is_base64_text(head, size);
}

static pixazo_status write_decoded(sink *self, const unsigned char *data, size_t size, pixazo_error **error)
{
  self->written += size;
  if (self->written > self->scan->max_bytes)
    return px_fail(error, PIXAZO_E_LIMIT, "the picture in the answer has more than %llu bytes",
                   (unsigned long long)self->scan->max_bytes);
  return px_write_all(self->scan->descriptor, data, size, "the picture", error);
}

/* Never more than a piece of the file at a time. */
static pixazo_status decode(sink *self, const char *text, size_t size, pixazo_error **error)
{
  size_t written = 0;
  if (!px_base64_decode(&self->base64, text, size, self->decoded, &written))
    return px_fail(error, PIXAZO_E_CORRUPT, "the picture in the answer is not base64");
  return write_decoded(self, self->decoded, written, error);
}

static pixazo_status finish_picture(sink *self, pixazo_error **error)
{
  unsigned char bytes[3];
  size_t written = 0;
  if (!px_base64_finish(&self->base64, bytes, &written))
    return px_fail(error, PIXAZO_E_CORRUPT, "the picture in the answer is cut");
  return write_decoded(self, bytes, written, error);
}

static pixazo_status take(void *user, size_t index, const char *text, size_t size, bool last, pixazo_error **error)
{
  sink *self = user;
  if (self->scan->descriptor < 0 || index != self->scan->ordinal)
    return PIXAZO_OK;
  if (!self->started) {
    self->started = true;
    self->in_prefix = size > 5 && memcmp(text, "data:", 5) == 0;
  }
  if (self->in_prefix) {
    const char *comma = memchr(text, ',', size);
    size_t skip = comma ? (size_t)(comma - text) + 1 : size;
    self->in_prefix = !comma;
    text += skip;
    size -= skip;
  }
  PX_TRY(decode(self, text, size, error));
  return last ? finish_picture(self, error) : PIXAZO_OK;
}

static pixazo_status feed_all(px_json_stream *stream, const px_answer *answer, pixazo_error **error)
{
  size_t got = 0;
  size_t room = answer->body_size < PIECE ? (size_t)answer->body_size : PIECE;
  px_autofree char *piece = px_malloc(room);
  if (!piece)
    return px_fail_nomem(error);
  for (uint64_t offset = 0; offset < answer->body_size; offset += got) {
    PX_TRY(px_answer_body(answer, offset, piece, room, &got, error));
    size_t skip = offset == 0 && got >= 3 && memcmp(piece, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    PX_TRY(px_json_stream_feed(stream, piece + skip, got - skip, error));
  }
  return PIXAZO_OK;
}

pixazo_status px_reading_scan(const px_scan *scan, char **rest, size_t *taken, pixazo_error **error)
{
  static const char *const every_name[] = {"*"};
  px_autofree unsigned char *decoded = scan->descriptor >= 0 ? px_malloc(DECODED) : NULL;
  sink self = {scan, decoded, PX_BASE64_INIT, 0, false, false};
  px_json_stream_options options = {
      .names = every_name, .name_count = 1, .want = want, .take = take, .self = &self, .max_rest = REST_MAX};
  px_cleanup(px_json_stream_done) px_json_stream *stream = NULL;
  px_autofree char *text = NULL;
  if (scan->descriptor >= 0 && !decoded)
    return px_fail_nomem(error);
  PX_TRY(px_json_stream_new(&options, &stream, error));
  PX_TRY(feed_all(stream, scan->answer, error));
  PX_TRY(px_json_stream_finish(stream, &text, taken, error));
  if (rest)
    *rest = px_steal(&text);
  return PIXAZO_OK;
}
