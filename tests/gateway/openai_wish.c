/* SPDX-License-Identifier: MIT */
/* What a body asks for, checked as the real service does. A form's fields are texts; numbers in them are read as such. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/openai.h"

enum { SIDE_MAX = 8192, LONG_SIDE_MAX = 3840, PIXELS_MIN = 655360, PIXELS_MAX = 8294400 };

static const char invalid[] = "invalid_request_error";

void openai_refuse(const openai_dialect *speech, reply *out, const openai_problem *problem, const char *format, ...)
{
  char message[512];
  va_list arguments;
  va_start(arguments, format);
  int size = vsnprintf(message, sizeof message, format, arguments);
  va_end(arguments);
  size_t length = size < 0 ? 0 : (size_t)size < sizeof message ? (size_t)size : sizeof message - 1;
  reply_json(out, problem->status);
  bytes *text = &out->content.text;
  bytes_text(text, speech->bare_error ? "{\"error\":\"" : "{\"error\":{\"message\":\"");
  bytes_json_any(text, message, length);
  if (speech->bare_error) {
    bytes_text(text, "\"}");
    return;
  }
  bytes_printf(text, "\",\"type\":\"%s\",\"param\":", problem->type);
  bytes_printf(text, problem->param ? "\"%s\"" : "%s", problem->param ? problem->param : "null");
  bytes_text(text, ",\"code\":");
  bytes_printf(text, problem->code ? "\"%s\"}}" : "%s}}", problem->code ? problem->code : "null");
}

static bool invalid_value(const openai_wish *wish, reply *out, const char *param)
{
  openai_refuse(wish->speech, out, &(openai_problem){400, invalid, "invalid_value", param}, "Invalid value for '%s'.",
                param);
  return false;
}

static bool unknown(const openai_wish *wish, reply *out, const char *param)
{
  openai_refuse(wish->speech, out, &(openai_problem){400, invalid, "unknown_parameter", param}, "Unknown parameter: '%s'.",
                param);
  return false;
}

static const cJSON *field(const openai_wish *wish, const char *name)
{
  const cJSON *item = cJSON_GetObjectItemCaseSensitive(wish->fields, name);
  return cJSON_IsNull(item) ? NULL : item;
}

/* The text of a member; `usual` when it is absent, NULL when it is no text. */
static const char *text_of(const openai_wish *wish, const char *name, const char *usual)
{
  const cJSON *item = field(wish, name);
  return item ? cJSON_GetStringValue(item) : usual;
}

/* False when the member is there and no whole number from `least` to `most`. */
static bool number_of(const openai_wish *wish, const char *name, int64_t least, int64_t most, int64_t *out)
{
  const cJSON *item = field(wish, name);
  if (!item)
    return true;
  double value = item->valuedouble;
  if (wish->form && cJSON_IsString(item)) {
    char *end;
    value = (double)strtoll(item->valuestring, &end, 10);
    if (*end != '\0' || end == item->valuestring)
      return false;
  } else if (!cJSON_IsNumber(item)) {
    return false;
  }
  *out = (int64_t)value;
  return (double)*out == value && *out >= least && *out <= most;
}

static bool flag_of(const openai_wish *wish, const char *name, bool *out)
{
  const cJSON *item = field(wish, name);
  const char *text = wish->form && item ? cJSON_GetStringValue(item) : NULL;
  *out = cJSON_IsTrue(item) || (text && same_text(text, "true"));
  return !item || cJSON_IsBool(item) || (text && (*out || same_text(text, "false")));
}

static bool is_one_of(const char *value, const char *const *list)
{
  for (; value && *list; list++) {
    if (same_text(*list, value))
      return true;
  }
  return false;
}

static bool knows(const openai_wish *wish, const char *name)
{
  static const char *const all[] = {"prompt", "model", "n", "size", "user", NULL};
  static const char *const newer[] = {"quality", "output_format",  "output_compression", "background",        "moderation",
                                      "stream",  "partial_images", "complexity",         "safety_identifier", NULL};
  static const char *const old[] = {"response_format", "quality", "style", NULL};
  static const char *const edit[] = {"image", "image[]", "mask", "markup", NULL};
  if (is_one_of(name, all) || is_one_of(name, wish->speech->more) || (wish->form && is_one_of(name, edit)))
    return true;
  if (wish->form && wish->model->fidelity && same_text(name, "input_fidelity"))
    return true;
  return is_one_of(name, wish->model->legacy ? old : newer);
}

static bool check_names(const openai_wish *wish, reply *out)
{
  const cJSON *item;
  cJSON_ArrayForEach(item, wish->fields)
  {
    if (wish->speech->strict && !knows(wish, item->string))
      return unknown(wish, out, item->string);
  }
  return true;
}

static bool read_model(openai_wish *wish, reply *out)
{
  static const openai_model any = {"", SIZES_ANY, false, false, 10, 32000, false};
  const openai_dialect *speech = wish->speech;
  const char *usual = speech->needs_model ? NULL : speech->strict ? "gpt-image-2" : "";
  const char *name = text_of(wish, "model", usual);
  if (!name) {
    openai_refuse(speech, out, &(openai_problem){400, invalid, "missing_required_parameter", "model"},
                  "Missing required parameter: 'model'.");
    return false;
  }
  wish->model = openai_model_of(speech, name);
  if (!wish->model && !speech->strict)
    wish->model = &any;
  if (wish->model && !wish->model->retired)
    return true;
  openai_refuse(speech, out, &(openai_problem){404, invalid, "model_not_found", NULL},
                "The model `%s` does not exist or you do not have access to it.", name);
  return false;
}

static bool read_prompt(openai_wish *wish, reply *out)
{
  wish->prompt = text_of(wish, "prompt", "");
  if (!wish->prompt || wish->prompt[0] == '\0') {
    openai_refuse(wish->speech, out, &(openai_problem){400, invalid, "missing_required_parameter", "prompt"},
                  "Missing required parameter: 'prompt'.");
    return false;
  }
  if (strlen(wish->prompt) > wish->model->prompt_max) {
    openai_refuse(wish->speech, out, &(openai_problem){400, invalid, "string_above_max_length", "prompt"},
                  "Invalid 'prompt': string too long.");
    return false;
  }
  return true;
}

static bool size_allowed(const openai_model *model, const char *text, uint32_t width, uint32_t height)
{
  static const char *const squares[] = {"256x256", "512x512", "1024x1024", NULL};
  static const char *const wide[] = {"1024x1024", "1792x1024", "1024x1792", NULL};
  static const char *const fixed[] = {"1024x1024", "1536x1024", "1024x1536", NULL};
  uint64_t pixels = (uint64_t)width * height;
  switch (model->allowed) {
  case SIZES_SQUARES:
    return is_one_of(text, squares);
  case SIZES_WIDE:
    return is_one_of(text, wide);
  case SIZES_FIXED:
    return is_one_of(text, fixed);
  case SIZES_FREE:
    return width % 16 == 0 && height % 16 == 0 && width <= 3 * height && height <= 3 * width && pixels >= PIXELS_MIN &&
           pixels <= PIXELS_MAX && width <= LONG_SIDE_MAX && height <= LONG_SIDE_MAX;
  case SIZES_ANY:
    return true;
  }
  return false;
}

static bool read_sides(openai_wish *wish, reply *out)
{
  int64_t width = 0;
  int64_t height = 0;
  if (!is_one_of("width", wish->speech->more))
    return true;
  if (!number_of(wish, "width", 1, SIDE_MAX, &width))
    return invalid_value(wish, out, "width");
  if (!number_of(wish, "height", 1, SIDE_MAX, &height))
    return invalid_value(wish, out, "height");
  if (width > 0 && height > 0) {
    wish->width = (uint32_t)width;
    wish->height = (uint32_t)height;
  }
  return true;
}

static bool read_size(openai_wish *wish, reply *out)
{
  const char *text = text_of(wish, "size", "auto");
  char rest;
  uint32_t width = 0;
  uint32_t height = 0;
  if (text && same_text(text, "auto") && (!wish->model->legacy || !field(wish, "size")))
    return read_sides(wish, out);
  bool good = text && sscanf(text, "%5ux%5u%c", &width, &height, &rest) == 2 && width - 1 < SIDE_MAX &&
              height - 1 < SIDE_MAX && size_allowed(wish->model, text, width, height);
  if (!good && !wish->speech->wrong_size_is_small)
    return invalid_value(wish, out, "size");
  wish->width = good ? width : 512;
  wish->height = good ? height : 512;
  return true;
}

static bool read_format(openai_wish *wish, reply *out)
{
  static const char *const backgrounds[] = {"auto", "transparent", "opaque", NULL};
  int64_t compression = 100;
  const char *format = text_of(wish, "output_format", "png");
  const char *background = text_of(wish, "background", "auto");
  if (!format || !picture_kind_of(format, &wish->kind))
    return invalid_value(wish, out, "output_format");
  if (!is_one_of(background, backgrounds) || (same_text(background, "transparent") && wish->kind == PICTURE_JPEG))
    return invalid_value(wish, out, "background");
  if (!number_of(wish, "output_compression", 0, 100, &compression) || (compression < 100 && wish->kind == PICTURE_PNG))
    return invalid_value(wish, out, "output_compression");
  return true;
}

static bool read_stream(openai_wish *wish, reply *out)
{
  if (!wish->speech->streams)
    return true;
  if (!flag_of(wish, "stream", &wish->stream))
    return invalid_value(wish, out, "stream");
  if (!number_of(wish, "partial_images", 0, 3, &wish->partials) || (field(wish, "partial_images") && !wish->stream))
    return invalid_value(wish, out, "partial_images");
  return true;
}

static bool read_delivery(openai_wish *wish, reply *out)
{
  const openai_dialect *speech = wish->speech;
  const char *word = text_of(wish, "response_format", "");
  wish->as_url = wish->model->legacy || speech->url_first;
  if (!word)
    return invalid_value(wish, out, "response_format");
  if (word[0] == '\0')
    return true;
  if (speech->strict && !knows(wish, "response_format"))
    return unknown(wish, out, "response_format");
  bool url = speech->url_word && same_text(word, speech->url_word);
  if (!url && speech->base64_word && !same_text(word, speech->base64_word))
    return invalid_value(wish, out, "response_format");
  wish->as_url = url;
  return true;
}

static bool read_choices(openai_wish *wish, reply *out)
{
  static const char *const newer[] = {"auto", "low", "medium", "high", "xhigh", "max", NULL};
  static const char *const old[] = {"standard", "hd", NULL};
  static const char *const moderations[] = {"auto", "low", NULL};
  const char *quality = text_of(wish, "quality", NULL);
  int64_t most = wish->model->most < wish->speech->most ? wish->model->most : wish->speech->most;
  wish->count = 1;
  if (!number_of(wish, "n", 1, most, &wish->count))
    return invalid_value(wish, out, "n");
  if (field(wish, "quality") && wish->speech->strict && !is_one_of(quality, wish->model->legacy ? old : newer))
    return invalid_value(wish, out, "quality");
  if (field(wish, "moderation") && !is_one_of(text_of(wish, "moderation", NULL), moderations))
    return invalid_value(wish, out, "moderation");
  return true;
}

bool openai_read_wish(openai_wish *wish, reply *out)
{
  return read_model(wish, out) && read_prompt(wish, out) && check_names(wish, out) && read_size(wish, out) &&
         read_format(wish, out) && read_stream(wish, out) && read_delivery(wish, out) && read_choices(wish, out);
}
