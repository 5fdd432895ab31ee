/* SPDX-License-Identifier: MIT */
/* Good answers: text and pictures in the order a rule says, in one object, as events or as a list. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/google.h"
#include "gateway/sse.h"

enum { GRID = 16, ONE_K = 1024 };

typedef struct giving {
  const exchange *call;
  const google_wish *wish;
  reply *out;
  int images;
} giving;

static void add_picture(giving *self, const char *kind_name, const char *members[2])
{
  const google_wish *wish = self->wish;
  picture_kind kind = PICTURE_PNG;
  uint32_t width = 0;
  uint32_t height = 0;
  (void)picture_kind_of(kind_name, &kind);
  if (exchange_honours_size(self->call)) {
    double base = same_text(wish->size, "512") ? ONE_K / 2 : (wish->size[0] - '0') * ONE_K;
    double shape = sqrt((double)wish->ratio[0] / wish->ratio[1]);
    width = (uint32_t)lround(base * shape / GRID) * GRID;
    height = (uint32_t)lround(base / shape / GRID) * GRID;
  }
  picture fresh = exchange_picture(self->call, kind, width, height);
  bytes_printf(&self->out->content.text, "\"%s\":{\"%s\":\"%s\",\"data\":\"", members[0], members[1], picture_type(kind));
  reply_picture(self->out, &fresh, true);
  bytes_text(&self->out->content.text, "\"}");
}

static void add_text(giving *self, const char *name)
{
  const char *text = same_text(name, "no") ? "I can't create that picture." : "Here is a picture.";
  bytes_printf(&self->out->content.text, "\"text\":\"%s\"", text);
}

/* One part: text, no (a refusal in words), png or image, jpeg, webp, snake (names of a proxy), file; "thought-" before any.
 */
static void add_part(giving *self, const char *name)
{
  static const char *camel[2] = {"inlineData", "mimeType"};
  static const char *snake[2] = {"inline_data", "mime_type"};
  bytes *text = &self->out->content.text;
  bool thought = strncmp(name, "thought-", 8) == 0;
  name += thought ? 8 : 0;
  bytes_text(text, thought ? "{\"thought\":true," : "{");
  if (same_text(name, "text") || same_text(name, "no")) {
    add_text(self, name);
  } else if (same_text(name, "file")) {
    bytes_text(text, "\"fileData\":{\"mimeType\":\"image/png\",\"fileUri\":\"");
    exchange_picture_url(self->call, text, 0, 0);
    bytes_text(text, "\"}");
  } else {
    add_picture(self, name, same_text(name, "snake") ? snake : camel);
    self->images += !thought;
  }
  bytes_text(text, "}");
}

static void add_usage(const giving *self)
{
  int64_t input = (int64_t)self->wish->text_bytes / 4 + 1 + (int64_t)self->wish->input_images * 258;
  int64_t made = (int64_t)self->images * google_tokens(self->wish);
  bytes *text = &self->out->content.text;
  bytes_printf(text,
               ",\"usageMetadata\":{\"promptTokenCount\":%" PRId64 ",\"candidatesTokenCount\":%" PRId64
               ",\"totalTokenCount\":%" PRId64,
               input, made, input + made);
  bytes_printf(text, ",\"candidatesTokensDetails\":[{\"modality\":\"IMAGE\",\"tokenCount\":%" PRId64 "}]}", made);
}

static void add_end(const giving *self)
{
  bytes *text = &self->out->content.text;
  bytes_printf(text, ",\"modelVersion\":\"%s\",\"responseId\":\"", self->wish->model->name);
  exchange_id(self->call, text);
  bytes_text(text, "\"}");
}

typedef struct part_list {
  const char *names[64];
  size_t count;
} part_list;

static void choose_parts(const exchange *call, const google_wish *wish, part_list *out)
{
  const rule *script = call->script;
  out->count = 0;
  if (script && script->part_count > 0) {
    for (size_t i = 0; i < script->part_count; i++)
      out->names[out->count++] = script->parts[i];
    return;
  }
  if (wish->wants_text)
    out->names[out->count++] = "text";
  int64_t images = script && script->images >= 0 ? script->images : 1;
  for (int64_t i = 0; wish->wants_image && i < images && out->count < 64; i++)
    out->names[out->count++] = "image";
}

/* A response with the parts from `first` to before `end`; the last one of a stream has the end in it. */
static void add_response(giving *self, const part_list *parts, size_t first, size_t end)
{
  bytes *text = &self->out->content.text;
  bytes_text(text, "{\"candidates\":[{\"content\":{\"role\":\"model\",\"parts\":[");
  for (size_t i = first; i < end; i++) {
    bytes_text(text, i > first ? "," : "");
    add_part(self, parts->names[i]);
  }
  bytes_text(text, end == parts->count ? "]},\"finishReason\":\"STOP\",\"index\":0}]" : "]},\"index\":0}]");
  if (end == parts->count)
    add_usage(self);
  add_end(self);
}

static void give_events(giving *self, const part_list *parts)
{
  sse stream = sse_start(self->call, self->out);
  for (size_t i = 0; i < parts->count; i++) {
    if (!sse_event(&stream, NULL))
      return;
    add_response(self, parts, i, i + 1);
    sse_event_end(&stream);
  }
  sse_last(&stream);
  sse_finish(&stream);
}

static void give_list(giving *self, const part_list *parts)
{
  bytes *text = &self->out->content.text;
  reply_json(self->out, 200);
  for (size_t i = 0; i < parts->count; i++) {
    reply_stop(self->out);
    bytes_text(text, i ? ",\r\n" : "[");
    add_response(self, parts, i, i + 1);
  }
  bytes_text(text, "]");
}

void google_give(const exchange *call, const google_wish *wish, reply *out)
{
  part_list parts;
  giving self = {call, wish, out, 0};
  choose_parts(call, wish, &parts);
  if (wish->streams && wish->events) {
    give_events(&self, &parts);
  } else if (wish->streams) {
    give_list(&self, &parts);
  } else {
    reply_file(out, 200, "application/json; charset=UTF-8", "", 0);
    add_response(&self, &parts, 0, parts.count);
  }
}

void google_give_object(const exchange *call, bool streams, bool events, const char *object, reply *out)
{
  if (streams && events) {
    sse stream = sse_start(call, out);
    (void)sse_event(&stream, NULL);
    bytes_text(&out->content.text, object);
    sse_event_end(&stream);
    return;
  }
  reply_file(out, 200, "application/json; charset=UTF-8", "", 0);
  bytes_printf(&out->content.text, streams ? "[%s]" : "%s", object);
}
