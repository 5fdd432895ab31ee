/* SPDX-License-Identifier: MIT */
/* What a body asks for. Names are checked as the service does: one it does not know is refused with its place. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "gateway/google.h"

enum { INLINE_MAX = 20 * 1024 * 1024, PARTS_MAX = 64 };

static const char *const small_sizes[] = {"512", "1K", "2K", "4K", NULL};
static const char *const sizes[] = {"1K", "2K", "4K", NULL};
static const char *const one_size[] = {"1K", NULL};
static const char *const ratios[] = {"1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9", NULL};
static const char *const more_ratios[] = {"1:1",  "2:3",  "3:2", "3:4", "4:3", "4:5", "5:4", "9:16",
                                          "16:9", "21:9", "1:4", "4:1", "1:8", "8:1", NULL};

const google_model google_models[] = {
    {"gemini-3.1-flash-image", small_sizes, more_ratios, 747},
    {"gemini-3.1-flash-lite-image", one_size, more_ratios, 1120},
    {"gemini-3-pro-image", sizes, ratios, 1120},
    {"gemini-2.5-flash-image", NULL, ratios, 1290},
    {0},
};

void google_refuse(reply *out, int status, const char *code, const char *details, const char *format, ...)
{
  char message[512];
  va_list arguments;
  va_start(arguments, format);
  int size = vsnprintf(message, sizeof message, format, arguments);
  va_end(arguments);
  size_t length = size < 0 ? 0 : (size_t)size < sizeof message ? (size_t)size : sizeof message - 1;
  reply_file(out, status, "application/json; charset=UTF-8", "", 0);
  bytes *text = &out->content.text;
  bytes_printf(text, "{\"error\":{\"code\":%d,\"message\":\"", status);
  bytes_json_any(text, message, length);
  bytes_printf(text, "\",\"status\":\"%s\"", code);
  if (details[0] != '\0')
    bytes_printf(text, ",\"details\":[%s]", details);
  bytes_text(text, "}}");
}

static bool invalid(reply *out, const char *what)
{
  google_refuse(out, 400, "INVALID_ARGUMENT", "", "%s", what);
  return false;
}

static bool listed(const char *name, const char *const *list)
{
  for (; list && name && *list; list++) {
    if (same_text(*list, name))
      return true;
  }
  return false;
}

/* camelCase and snake_case are the same name. */
static bool same_name(const char *given, const char *wanted)
{
  for (; *given && *wanted; given++, wanted++) {
    if (*given == '_' && given[1] - 'a' + 'A' == *wanted)
      given++;
    else if (*given != *wanted)
      return false;
  }
  return *given == *wanted;
}

static const cJSON *member(const cJSON *object, const char *name)
{
  const cJSON *item;
  cJSON_ArrayForEach(item, object)
  {
    if (same_name(item->string, name))
      return item;
  }
  return NULL;
}

static bool check_names(const cJSON *object, const char *const *known, const char *place, reply *out)
{
  const cJSON *item;
  cJSON_ArrayForEach(item, object)
  {
    bool good = false;
    for (const char *const *name = known; *name && !good; name++)
      good = same_name(item->string, *name);
    if (good)
      continue;
    bytes details = {0};
    bytes_printf(&details,
                 "{\"@type\":\"type.googleapis.com/google.rpc.BadRequest\",\"fieldViolations\":[{\"field\":\"%s\",", place);
    bytes_text(&details, "\"description\":\"Cannot find field.\"}]}");
    google_refuse(out, 400, "INVALID_ARGUMENT", details.data,
                  "Invalid JSON payload received. Unknown name \"%s\" at '%s': Cannot find field.", item->string, place);
    bytes_done(&details);
    return false;
  }
  return true;
}

static bool is_base64(const char *text)
{
  static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_";
  size_t length = strspn(text, alphabet);
  size_t padding = strspn(text + length, "=");
  return length > 0 && padding <= 2 && text[length + padding] == '\0' && (padding == 0 || (length + padding) % 4 == 0);
}

static bool read_inline(google_wish *wish, const cJSON *data, reply *out)
{
  static const char *const known[] = {"mimeType", "data", "displayName", NULL};
  static const char *const types[] = {"image/png", "image/jpeg", "image/webp", "image/heic", "image/heif", NULL};
  const char *type = cJSON_GetStringValue(member(data, "mimeType"));
  const char *text = cJSON_GetStringValue(member(data, "data"));
  if (!check_names(data, known, "contents[0].parts[0].inline_data", out))
    return false;
  if (!listed(type, types))
    return invalid(out, "Unsupported MIME type.");
  if (!text || !is_base64(text))
    return invalid(out, "Base64 decoding failed for the data of a part.");
  if (strlen(text) > INLINE_MAX)
    return invalid(out, "Request payload size exceeds the limit: 20971520 bytes.");
  wish->input_images++;
  return true;
}

static bool read_part(google_wish *wish, const cJSON *part, reply *out)
{
  static const char *const known[] = {"text", "inlineData", "fileData", "thought", "thoughtSignature", "mediaResolution",
                                      NULL};
  const cJSON *text = member(part, "text");
  const cJSON *data = member(part, "inlineData");
  if (!check_names(part, known, "contents[0].parts[0]", out))
    return false;
  if (data)
    return read_inline(wish, data, out);
  if (cJSON_IsString(text))
    wish->text_bytes += strlen(text->valuestring);
  return cJSON_IsString(text) || cJSON_IsObject(member(part, "fileData")) ||
         invalid(out, "contents.parts must not be empty: required oneof field 'data' must have one initialized field");
}

static bool read_contents(google_wish *wish, reply *out)
{
  static const char *const known[] = {"role", "parts", NULL};
  const cJSON *contents = member(wish->root, "contents");
  const cJSON *content;
  if (!cJSON_IsArray(contents) || cJSON_GetArraySize(contents) == 0)
    return invalid(out, "contents is not specified");
  cJSON_ArrayForEach(content, contents)
  {
    const cJSON *parts = member(content, "parts");
    const cJSON *part;
    if (!check_names(content, known, "contents[0]", out))
      return false;
    if (!cJSON_IsArray(parts) || cJSON_GetArraySize(parts) == 0)
      return invalid(out, "contents.parts must not be empty.");
    cJSON_ArrayForEach(part, parts)
    {
      if (!read_part(wish, part, out))
        return false;
    }
  }
  return true;
}

static bool read_image_config(google_wish *wish, const cJSON *config, reply *out)
{
  static const char *const known[] = {"aspectRatio", "imageSize", NULL};
  const cJSON *ratio = member(config, "aspectRatio");
  const cJSON *size = member(config, "imageSize");
  wish->size = "1K";
  wish->ratio[0] = wish->ratio[1] = 1;
  if (!check_names(config, known, "generation_config.image_config", out))
    return false;
  if (ratio && !listed(cJSON_GetStringValue(ratio), wish->model->ratios))
    return invalid(out, "Invalid aspect ratio.");
  if (size && !wish->model->sizes)
    return invalid(out, "Image size is not supported for this model.");
  if (size && !listed(cJSON_GetStringValue(size), wish->model->sizes))
    return invalid(out, "Invalid image size.");
  if (size)
    wish->size = size->valuestring;
  if (ratio && sscanf(ratio->valuestring, "%4u:%4u", &wish->ratio[0], &wish->ratio[1]) != 2)
    return invalid(out, "Invalid aspect ratio.");
  return true;
}

static bool read_modalities(google_wish *wish, const cJSON *list, reply *out)
{
  const cJSON *item;
  wish->wants_text = wish->wants_image = !list;
  if (list && !cJSON_IsArray(list))
    return invalid(out, "Invalid value at 'generation_config.response_modalities'.");
  cJSON_ArrayForEach(item, list)
  {
    const char *name = cJSON_GetStringValue(item);
    if (name && (same_text(name, "TEXT") || same_text(name, "Text")))
      wish->wants_text = true;
    else if (name && (same_text(name, "IMAGE") || same_text(name, "Image")))
      wish->wants_image = true;
    else
      return invalid(out, "Invalid value at 'generation_config.response_modalities'.");
  }
  return true;
}

static bool read_config(google_wish *wish, reply *out)
{
  static const char *const known[] = {"responseModalities",
                                      "imageConfig",
                                      "seed",
                                      "temperature",
                                      "topP",
                                      "topK",
                                      "candidateCount",
                                      "maxOutputTokens",
                                      "stopSequences",
                                      "presencePenalty",
                                      "thinkingConfig",
                                      "frequencyPenalty",
                                      "responseMimeType",
                                      "mediaResolution",
                                      NULL};
  const cJSON *config = member(wish->root, "generationConfig");
  const cJSON *candidates = member(config, "candidateCount");
  if (!check_names(config, known, "generation_config", out))
    return false;
  if (candidates && candidates->valuedouble != 1)
    return invalid(out, "Multiple candidates is not enabled for this model");
  return read_modalities(wish, member(config, "responseModalities"), out) &&
         read_image_config(wish, member(config, "imageConfig"), out);
}

static bool read_safety(const google_wish *wish, reply *out)
{
  static const char *const categories[] = {"HARM_CATEGORY_HARASSMENT",        "HARM_CATEGORY_HATE_SPEECH",
                                           "HARM_CATEGORY_SEXUALLY_EXPLICIT", "HARM_CATEGORY_DANGEROUS_CONTENT",
                                           "HARM_CATEGORY_CIVIC_INTEGRITY",   NULL};
  static const char *const thresholds[] = {
      "BLOCK_NONE", "BLOCK_ONLY_HIGH", "BLOCK_MEDIUM_AND_ABOVE", "BLOCK_LOW_AND_ABOVE", "OFF", NULL};
  const cJSON *setting;
  cJSON_ArrayForEach(setting, member(wish->root, "safetySettings"))
  {
    if (!listed(cJSON_GetStringValue(member(setting, "category")), categories) ||
        !listed(cJSON_GetStringValue(member(setting, "threshold")), thresholds))
      return invalid(out, "Invalid value at 'safety_settings'.");
  }
  return true;
}

bool google_read_wish(google_wish *wish, reply *out)
{
  static const char *const known[] = {"contents", "generationConfig", "safetySettings", "systemInstruction",
                                      "tools",    "toolConfig",       "cachedContent",  NULL};
  return check_names(wish->root, known, "", out) && read_contents(wish, out) && read_config(wish, out) &&
         read_safety(wish, out);
}

int google_tokens(const google_wish *wish)
{
  static const struct {
    const char *size;
    int tokens;
  } table[] = {{"512", 747}, {"1K", 1120}, {"2K", 1680}, {"4K", 2520}};
  for (size_t i = 0; wish->model->sizes && i < sizeof table / sizeof table[0]; i++) {
    if (same_text(table[i].size, wish->size))
      return table[i].tokens;
  }
  return wish->model->tokens;
}
