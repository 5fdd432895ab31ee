/* SPDX-License-Identifier: MIT */
#include "json/stream.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"
#include "json/scan.h"
#include "json/writer.h"

enum {
  DEFAULT_REST = 1024 * 1024,
  DEFAULT_STRING = 64 * 1024,
  NAME_MAX_BYTES = 63 /* longer keys never match */
};

static const char marker_prefix[] = "@taken:";

/* What becomes of the string being read. */
typedef enum fate {
  UNDECIDED, /* its head is being gathered */
  TAKEN,     /* goes to the sink */
  KEPT,      /* goes into the rest */
  CUT        /* too long for the rest: only counted */
} fate;

struct px_json_stream {
  px_json_scan scan;
  px_json_stream_options options;
  px_buf rest;
  /* The name that rules strings at each level: that of the member, handed down into arrays. */
  char names_at[PX_JSON_DEPTH_MAX + 1][NAME_MAX_BYTES + 1];
  char name[NAME_MAX_BYTES + 1]; /* of the key being read */
  size_t name_size;
  bool in_key;
  fate fate;
  char head[PX_JSON_STREAM_HEAD];
  size_t head_size;
  size_t string_begin; /* in rest, behind the opening quote */
  uint64_t string_size;
  size_t taken;
  bool over;
};

static pixazo_status collect(px_json_stream *stream, const char *text, size_t size, pixazo_error **error)
{
  if (size > stream->rest.max - stream->rest.size)
    return px_fail(error, PIXAZO_E_LIMIT, "the JSON holds more than %zu bytes beside its pictures", stream->rest.max);
  return px_buf_add(&stream->rest, text, size) ? PIXAZO_OK : px_fail_nomem(error);
}

static bool is_watched(const px_json_stream *stream, const char *name)
{
  for (size_t i = 0; i < stream->options.name_count; i++) {
    const char *wanted = stream->options.names[i];
    if (px_str_equal(wanted, "*") || (*name && px_str_equal(wanted, name)))
      return true;
  }
  return false;
}

static bool default_want(const char *head, size_t size)
{
  return !(size >= 7 && memcmp(head, "http://", 7) == 0) && !(size >= 8 && memcmp(head, "https://", 8) == 0);
}

static bool wants(const px_json_stream *stream)
{
  if (!stream->options.want)
    return default_want(stream->head, stream->head_size);
  return stream->options.want(stream->options.self, stream->names_at[stream->scan.depth], stream->head, stream->head_size);
}

/* Puts characters of a kept string into the rest; past the bound it becomes a count. */
static pixazo_status keep(px_json_stream *stream, const char *text, size_t size, pixazo_error **error)
{
  stream->string_size += size;
  if (stream->fate == KEPT && stream->string_size > stream->options.max_string) {
    stream->fate = CUT;
    stream->rest.size = stream->string_begin;
  }
  if (stream->fate == CUT)
    return PIXAZO_OK;
  px_auto(px_buf) escaped = PX_BUF_INIT(SIZE_MAX / 2);
  if (!px_json_escape(&escaped, text, size))
    return px_fail_nomem(error);
  return collect(stream, px_buf_text(&escaped), escaped.size, error);
}

static pixazo_status hand_out(px_json_stream *stream, const char *text, size_t size, bool last, pixazo_error **error)
{
  return stream->options.take(stream->options.self, stream->taken, text, size, last, error);
}

/* The head is whole, or the string is at its end. */
static pixazo_status decide(px_json_stream *stream, pixazo_error **error)
{
  stream->fate = wants(stream) ? TAKEN : KEPT;
  if (stream->fate == KEPT)
    return keep(stream, stream->head, stream->head_size, error);
  return stream->head_size > 0 ? hand_out(stream, stream->head, stream->head_size, false, error) : PIXAZO_OK;
}

static pixazo_status begin_string(px_json_stream *stream, pixazo_error **error)
{
  stream->head_size = 0;
  stream->string_size = 0;
  stream->fate = is_watched(stream, stream->names_at[stream->scan.depth]) ? UNDECIDED : KEPT;
  PX_TRY(collect(stream, "\"", 1, error));
  stream->string_begin = stream->rest.size;
  return PIXAZO_OK;
}

static pixazo_status string_piece(px_json_stream *stream, const char *text, size_t size, pixazo_error **error)
{
  if (stream->fate == UNDECIDED) {
    size_t room = sizeof stream->head - stream->head_size;
    size_t used = size < room ? size : room;
    memcpy(stream->head + stream->head_size, text, used);
    stream->head_size += used;
    text += used;
    size -= used;
    if (stream->head_size < sizeof stream->head)
      return PIXAZO_OK;
    PX_TRY(decide(stream, error));
  }
  if (size == 0)
    return PIXAZO_OK;
  return stream->fate == TAKEN ? hand_out(stream, text, size, false, error) : keep(stream, text, size, error);
}

static pixazo_status end_string(px_json_stream *stream, pixazo_error **error)
{
  char marker[48] = "";
  if (stream->fate == UNDECIDED)
    PX_TRY(decide(stream, error));
  if (stream->fate == TAKEN) {
    PX_TRY(hand_out(stream, "", 0, true, error));
    (void)snprintf(marker, sizeof marker, "%s%zu", marker_prefix, stream->taken);
    stream->taken++;
  } else if (stream->fate == CUT) {
    (void)snprintf(marker, sizeof marker, "<%" PRIu64 " bytes>", stream->string_size);
  }
  PX_TRY(collect(stream, marker, strlen(marker), error));
  return collect(stream, "\"", 1, error);
}

static pixazo_status key_piece(px_json_stream *stream, const char *text, size_t size, pixazo_error **error)
{
  size_t room = sizeof stream->name - stream->name_size;
  if (size < room)
    memcpy(stream->name + stream->name_size, text, size);
  stream->name_size = size < room ? stream->name_size + size : sizeof stream->name;
  return keep(stream, text, size, error);
}

static pixazo_status begin_key(px_json_stream *stream, pixazo_error **error)
{
  stream->in_key = true;
  stream->name_size = 0;
  PX_TRY(begin_string(stream, error));
  stream->fate = KEPT;
  return PIXAZO_OK;
}

static pixazo_status end_key(px_json_stream *stream, pixazo_error **error)
{
  char *name = stream->names_at[stream->scan.depth];
  bool fits = stream->name_size < sizeof stream->name;
  stream->in_key = false;
  if (fits)
    memcpy(name, stream->name, stream->name_size);
  name[fits ? stream->name_size : 0] = '\0';
  return end_string(stream, error);
}

static pixazo_status punctuation(px_json_stream *stream, const char *text, pixazo_error **error)
{
  uint32_t depth = stream->scan.depth;
  if (*text == '[')
    memcpy(stream->names_at[depth], stream->names_at[depth - 1], sizeof stream->names_at[depth]);
  else if (*text == '{')
    stream->names_at[depth][0] = '\0';
  return collect(stream, text, 1, error);
}

static pixazo_status on_event(void *self, px_json_event event, const char *text, size_t size, pixazo_error **error)
{
  px_json_stream *stream = self;
  switch (event) {
  case PX_JSON_PUNCTUATION:
    return punctuation(stream, text, error);
  case PX_JSON_LITERAL:
  case PX_JSON_NUMBER_PIECE:
    return collect(stream, text, size, error);
  case PX_JSON_KEY_BEGIN:
    return begin_key(stream, error);
  case PX_JSON_KEY_END:
    return end_key(stream, error);
  case PX_JSON_STRING_BEGIN:
    return begin_string(stream, error);
  case PX_JSON_STRING_PIECE:
    return stream->in_key ? key_piece(stream, text, size, error) : string_piece(stream, text, size, error);
  case PX_JSON_STRING_END:
    return end_string(stream, error);
  default:
    return PIXAZO_OK;
  }
}

pixazo_status px_json_stream_new(const px_json_stream_options *options, px_json_stream **out, pixazo_error **error)
{
  px_json_stream *stream = px_calloc(1, sizeof *stream);
  if (!stream)
    return px_fail_nomem(error);
  stream->options = *options;
  if (stream->options.max_string == 0)
    stream->options.max_string = DEFAULT_STRING;
  stream->rest.max = options->max_rest ? options->max_rest : DEFAULT_REST;
  px_json_limits limits = {options->max_bytes ? options->max_bytes : SIZE_MAX, 0, 0};
  px_json_scan_init(&stream->scan, &limits, on_event, stream);
  *out = stream;
  return PIXAZO_OK;
}

static void free_stream(px_json_stream *stream)
{
  if (!stream)
    return;
  px_buf_done(&stream->rest);
  px_free(stream);
}

void px_json_stream_done(px_json_stream **stream)
{
  free_stream(*stream);
  *stream = NULL;
}

pixazo_status px_json_stream_feed(px_json_stream *stream, const void *data, size_t size, pixazo_error **error)
{
  if (stream->over)
    return px_fail(error, PIXAZO_E_STATE, "this JSON stream has ended");
  pixazo_status status = px_json_scan_feed(&stream->scan, data, size, error);
  stream->over = status != PIXAZO_OK;
  return status;
}

pixazo_status px_json_stream_finish(px_json_stream *stream, char **rest, size_t *taken, pixazo_error **error)
{
  if (stream->over)
    return px_fail(error, PIXAZO_E_STATE, "this JSON stream has ended");
  stream->over = true;
  PX_TRY(px_json_scan_finish(&stream->scan, error));
  char *text = px_buf_steal(&stream->rest);
  if (!text)
    return px_fail_nomem(error);
  *rest = text;
  if (taken)
    *taken = stream->taken;
  return PIXAZO_OK;
}

bool px_json_stream_marker(const char *text, size_t *index)
{
  uint64_t value;
  if (!px_str_starts(text, marker_prefix) || !px_parse_uint64(text + strlen(marker_prefix), &value) || value > SIZE_MAX)
    return false;
  *index = (size_t)value;
  return true;
}
