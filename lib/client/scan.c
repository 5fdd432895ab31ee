/* SPDX-License-Identifier: MIT */
/* Pictures inside JSON: a document of any size goes through in pieces, and only its small rest is kept. */
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "client/reading.h"
#include "json/stream.h"
#include "net/sse.h"

enum { PIECE = 65536, DECODED = PIECE / 4 * 3 + 3, REST_MAX = 4 * 1024 * 1024 };

typedef struct sink {
  const px_scan *scan;
  size_t first; /* pictures in the documents before this one */
  size_t seen;  /* in this one, those that were cut too */
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
  self->seen = index + 1;
  if (self->scan->descriptor < 0 || self->first + index != self->scan->ordinal)
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

typedef pixazo_status (*feed_fn)(void *self, const char *data, size_t size, pixazo_error **error);

static pixazo_status feed_all(feed_fn feed, void *self, const px_answer *answer, pixazo_error **error)
{
  size_t got = 0;
  size_t room = answer->body_size < PIECE ? (size_t)answer->body_size : PIECE;
  px_autofree char *piece = px_malloc(room);
  if (!piece)
    return px_fail_nomem(error);
  for (uint64_t offset = 0; offset < answer->body_size; offset += got) {
    PX_TRY(px_answer_body(answer, offset, piece, room, &got, error));
    size_t skip = offset == 0 && got >= 3 && memcmp(piece, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    PX_TRY(feed(self, piece + skip, got - skip, error));
  }
  return PIXAZO_OK;
}

static pixazo_status new_stream(sink *self, px_json_stream **out, pixazo_error **error)
{
  static const char *const every_name[] = {"*"};
  px_json_stream_options options = {
      .names = every_name, .name_count = 1, .want = want, .take = take, .self = self, .max_rest = REST_MAX};
  return px_json_stream_new(&options, out, error);
}

static pixazo_status feed_json(void *self, const char *data, size_t size, pixazo_error **error)
{
  return px_json_stream_feed(self, data, size, error);
}

/* ---- answers that come as events, each with a document of its own ---- */

typedef struct walker {
  sink sink;
  px_event_fn on_event;
  void *user;
  px_json_stream *stream; /* of the event that is being read; NULL: none yet, or it is no JSON */
  char start[8];          /* of its data */
  size_t start_size;
  bool bad; /* it is no JSON */
} walker;

/* Trouble of this machine and of the picture that is wanted ends it; an event that is no JSON is told as that. */
static pixazo_status pass_trouble(walker *self, pixazo_status status, pixazo_error **problem, pixazo_error **error)
{
  bool own = status != PIXAZO_E_CORRUPT && (status != PIXAZO_E_LIMIT || self->sink.started);
  if (status != PIXAZO_OK && (own || self->sink.started)) {
    px_error_move(error, px_steal(problem));
    return status;
  }
  self->bad = self->bad || status != PIXAZO_OK;
  return PIXAZO_OK;
}

static pixazo_status on_data(void *user, const char *text, size_t size, pixazo_error **error)
{
  walker *self = user;
  px_autoerror problem = NULL;
  size_t room = sizeof self->start - self->start_size;
  size_t kept = size < room ? size : room;
  memcpy(self->start + self->start_size, text, kept);
  self->start_size += kept;
  if (self->bad)
    return PIXAZO_OK;
  if (!self->stream)
    PX_TRY(new_stream(&self->sink, &self->stream, error));
  return pass_trouble(self, px_json_stream_feed(self->stream, text, size, &problem), &problem, error);
}

static pixazo_status finish_event(walker *self, char **rest, size_t *taken, pixazo_error **error)
{
  px_autoerror problem = NULL;
  if (self->bad || !self->stream)
    return PIXAZO_OK;
  return pass_trouble(self, px_json_stream_finish(self->stream, rest, taken, &problem), &problem, error);
}

static pixazo_status on_end(void *user, const px_sse_event *event, pixazo_error **error)
{
  walker *self = user;
  px_autofree char *rest = NULL;
  size_t taken = 0;
  PX_TRY(finish_event(self, &rest, &taken, error));
  bool goodbye = self->start_size == 6 && memcmp(self->start, "[DONE]", 6) == 0;
  px_event told = {event->type, rest, self->sink.first, taken};
  px_json_stream_done(&self->stream);
  self->sink.first += self->sink.seen;
  self->sink.seen = 0;
  self->sink.started = false;
  self->start_size = 0;
  self->bad = false;
  return goodbye || !self->on_event ? PIXAZO_OK : self->on_event(self->user, &told, error);
}

static pixazo_status feed_sse(void *self, const char *data, size_t size, pixazo_error **error)
{
  return px_sse_feed(self, data, size, error);
}

static pixazo_status walk(walker *self, size_t *taken, pixazo_error **error)
{
  px_sse sse;
  px_sse_hooks hooks = {on_data, on_end, self};
  px_sse_init(&sse, &hooks, 0);
  pixazo_status status = feed_all(feed_sse, &sse, self->sink.scan->answer, error);
  px_json_stream_done(&self->stream);
  *taken = self->sink.first;
  return status;
}

pixazo_status px_reading_events(const px_scan *scan, px_event_fn on_event, void *user, size_t *taken, pixazo_error **error)
{
  px_autofree unsigned char *decoded = scan->descriptor >= 0 ? px_malloc(DECODED) : NULL;
  walker self = {.sink = {.scan = scan, .decoded = decoded, .base64 = PX_BASE64_INIT}, .on_event = on_event, .user = user};
  if (scan->descriptor >= 0 && !decoded)
    return px_fail_nomem(error);
  return walk(&self, taken, error);
}

bool px_reading_is_stream(const px_answer *answer)
{
  const char *type = px_answer_get(answer, "content-type");
  char first = '\0';
  size_t got = 0;
  if (!type || !px_str_starts_nocase(type, "text/event-stream"))
    return false;
  return px_answer_body(answer, 0, &first, 1, &got, NULL) == PIXAZO_OK && first != '{';
}

pixazo_status px_reading_scan(const px_scan *scan, char **rest, size_t *taken, pixazo_error **error)
{
  px_autofree unsigned char *decoded = scan->descriptor >= 0 ? px_malloc(DECODED) : NULL;
  sink self = {.scan = scan, .decoded = decoded, .base64 = PX_BASE64_INIT};
  px_cleanup(px_json_stream_done) px_json_stream *stream = NULL;
  px_autofree char *text = NULL;
  if (scan->descriptor >= 0 && !decoded)
    return px_fail_nomem(error);
  PX_TRY(new_stream(&self, &stream, error));
  PX_TRY(feed_all(feed_json, stream, scan->answer, error));
  PX_TRY(px_json_stream_finish(stream, &text, taken, error));
  if (rest)
    *rest = px_steal(&text);
  return PIXAZO_OK;
}
