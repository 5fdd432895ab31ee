/* SPDX-License-Identifier: MIT */
/* Good answers: pictures in one JSON object, or event by event. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "gateway/openai.h"
#include "gateway/sse.h"

enum { CREATED = 1795212986, PROMPT_OVERHEAD = 6, INPUT_IMAGE_TOKENS = 1120 };

static const char *text_or(const openai_wish *wish, const char *name, const char *usual)
{
  const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(wish->fields, name));
  return text && !same_text(text, "auto") ? text : usual;
}

static uint32_t shown_width(const openai_wish *wish)
{
  return wish->width ? wish->width : 1024;
}

static uint32_t shown_height(const openai_wish *wish)
{
  return wish->height ? wish->height : 1024;
}

/* Of the models before gpt-image-2: square, upright, lying; low, medium, high. */
static int64_t listed_tokens(const openai_wish *wish, const char *quality)
{
  static const int64_t tokens[3][3] = {{272, 1056, 4160}, {408, 1584, 6240}, {400, 1568, 6208}};
  uint32_t width = shown_width(wish), height = shown_height(wish);
  int shape = width == height ? 0 : width < height ? 1 : 2;
  return tokens[shape][same_text(quality, "low") ? 0 : same_text(quality, "medium") ? 1 : 2];
}

/* Tokens of one picture by its size and quality. */
static int64_t output_tokens(const openai_wish *wish)
{
  const char *quality = text_or(wish, "quality", "high");
  if (strncmp(wish->model->name, "gpt-image-1", strlen("gpt-image-1")) == 0)
    return listed_tokens(wish, quality);
  int64_t q = same_text(quality, "low") ? 16 : same_text(quality, "medium") ? 48 : 96;
  int64_t width = shown_width(wish);
  int64_t height = shown_height(wish);
  int64_t longer = width > height ? width : height;
  int64_t shorter = width > height ? height : width;
  int64_t edge = (2 * q * shorter + longer) / (2 * longer);
  return (q * edge * (2000000 + width * height) + 3999999) / 4000000;
}

static void add_usage(const openai_wish *wish, int64_t count, bytes *text)
{
  int64_t words = (int64_t)strlen(wish->prompt) / 4 + PROMPT_OVERHEAD;
  int64_t images = (int64_t)wish->input_images * INPUT_IMAGE_TOKENS;
  int64_t made = count * output_tokens(wish);
  bytes_printf(text,
               ",\"usage\":{\"input_tokens\":%" PRId64 ",\"input_tokens_details\":{\"text_tokens\":%" PRId64
               ",\"image_tokens\":%" PRId64 "}",
               words + images, words, images);
  bytes_printf(text,
               ",\"output_tokens\":%" PRId64 ",\"output_tokens_details\":{\"image_tokens\":%" PRId64
               ",\"text_tokens\":0},\"total_tokens\":%" PRId64 "}",
               made, made, words + images + made);
}

static void add_properties(const openai_wish *wish, bytes *text)
{
  static const char *const names[] = {[PICTURE_PNG] = "png", [PICTURE_JPEG] = "jpeg", [PICTURE_WEBP] = "webp"};
  bytes_printf(text, "\"size\":\"%" PRIu32 "x%" PRIu32 "\",\"quality\":\"", shown_width(wish), shown_height(wish));
  const char *quality = text_or(wish, "quality", "high");
  const char *background = text_or(wish, "background", "opaque");
  bytes_json_text(text, quality, strlen(quality));
  bytes_printf(text, "\",\"background\":\"%s\",\"output_format\":\"%s\"", background, names[wish->kind]);
}

static picture new_picture(const exchange *call, const openai_wish *wish)
{
  bool sized = exchange_honours_size(call);
  return exchange_picture(call, wish->kind, sized ? shown_width(wish) : 0, sized ? shown_height(wish) : 0);
}

static void add_datum(const exchange *call, const openai_wish *wish, int64_t index, reply *out)
{
  bytes *text = &out->content.text;
  bool sized = exchange_honours_size(call);
  bytes_text(text, index ? ",{" : "{");
  if (wish->speech->numbered)
    bytes_printf(text, "\"index\":%" PRId64 ",", index);
  if (wish->as_url) {
    bytes_text(text, "\"url\":\"");
    exchange_picture_in(call, wish->speech->folder, text, sized ? shown_width(wish) : 0, sized ? shown_height(wish) : 0);
  } else {
    picture fresh = new_picture(call, wish);
    bytes_text(text, "\"b64_json\":\"");
    reply_picture(out, &fresh, true);
  }
  bytes_text(text, "\"");
  if (wish->model->allowed == SIZES_WIDE) {
    bytes_text(text, ",\"revised_prompt\":\"A detailed ");
    bytes_json_text(text, wish->prompt, strlen(wish->prompt));
    bytes_text(text, "\"");
  }
  bytes_text(text, "}");
}

static int64_t wanted_count(const exchange *call, const openai_wish *wish)
{
  return call->script && call->script->images >= 0 ? call->script->images : wish->count;
}

static void give_whole(const exchange *call, const openai_wish *wish, reply *out)
{
  bytes *text = &out->content.text;
  int64_t count = wanted_count(call, wish);
  reply_json(out, 200);
  bytes_printf(text, "{\"created\":%d,", CREATED);
  if (wish->speech->numbered) {
    bytes_text(text, "\"id\":\"");
    exchange_id(call, text);
    bytes_text(text, "\",\"model\":\"");
    bytes_json_text(text, text_or(wish, "model", ""), strlen(text_or(wish, "model", "")));
    bytes_text(text, "\",\"object\":\"list\",");
  }
  if (!wish->model->legacy && wish->speech->usage) {
    add_properties(wish, text);
    bytes_text(text, ",");
  } else if (wish->speech->bare_error) {
    bytes_printf(text, "\"output_format\":\"%s\",", text_or(wish, "output_format", "png"));
  }
  bytes_text(text, "\"data\":[");
  for (int64_t i = 0; i < count; i++)
    add_datum(call, wish, i, out);
  bytes_text(text, "]");
  if (!wish->model->legacy && wish->speech->usage)
    add_usage(wish, count, text);
  bytes_text(text, "}");
}

/* One event with a picture; `index` of a partial one, negative for the last. */
static bool add_event(sse *stream, const openai_wish *wish, int64_t index)
{
  char name[64];
  bytes *text = &stream->out->content.text;
  picture fresh = new_picture(stream->call, wish);
  (void)snprintf(name, sizeof name, "%s.%s", wish->form ? "image_edit" : "image_generation",
                 index >= 0 ? "partial_image" : "completed");
  if (!sse_event(stream, name))
    return false;
  bytes_printf(text, "{\"type\":\"%s\",", name);
  sse_split(stream);
  bytes_text(text, "\"b64_json\":\"");
  reply_picture(stream->out, &fresh, true);
  bytes_printf(text, "\",\"created_at\":%d,", CREATED);
  sse_split(stream);
  add_properties(wish, text);
  if (index >= 0)
    bytes_printf(text, ",\"partial_image_index\":%" PRId64, index);
  else
    add_usage(wish, 1, text);
  bytes_text(text, "}");
  sse_event_end(stream);
  return true;
}

static void give_stream(const exchange *call, const openai_wish *wish, reply *out)
{
  sse stream = sse_start(call, out);
  stream.error_event = "error";
  const rule *script = call->script;
  int64_t partials = script && script->partials >= 0 ? script->partials : wish->partials;
  bool goes_on = true;
  for (int64_t image = 0; goes_on && image < wanted_count(call, wish); image++) {
    for (int64_t i = 0; goes_on && i < partials; i++)
      goes_on = add_event(&stream, wish, i);
    goes_on = goes_on && add_event(&stream, wish, -1);
  }
  sse_last(&stream);
  sse_finish(&stream);
}

void openai_give(const exchange *call, const openai_wish *wish, reply *out)
{
  if (wish->stream)
    give_stream(call, wish, out);
  else
    give_whole(call, wish, out);
}
