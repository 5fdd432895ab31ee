/* SPDX-License-Identifier: MIT */
#include "client/request.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"
#include "json/writer.h"

enum { PROMPT_MAX = 32 * 1024, NAME_BYTES = 256, PATH_BYTES = 4095, OBJECT_MAX = 256 * 1024 };

/* 2^53: the largest integer every JSON reader keeps. */
#define INTEGER_MAX 9007199254740992.0

static const px_field_row rows[PX_FIELDS] = {
    [PX_FIELD_PROMPT] = {"prompt", {NULL}, PX_KIND_STRING, PROMPT_MAX, 0, 0},
    [PX_FIELD_NEGATIVE_PROMPT] = {"negative_prompt", {"negativePrompt", NULL}, PX_KIND_STRING, PROMPT_MAX, 0, 0},
    [PX_FIELD_MODEL] = {"model", {NULL}, PX_KIND_STRING, NAME_BYTES, 0, 0},
    [PX_FIELD_PROVIDER] = {"provider", {NULL}, PX_KIND_STRING, NAME_BYTES, 0, 0},
    [PX_FIELD_WIDTH] = {"width", {NULL}, PX_KIND_INTEGER, 0, 1, 65536},
    [PX_FIELD_HEIGHT] = {"height", {NULL}, PX_KIND_INTEGER, 0, 1, 65536},
    [PX_FIELD_STEPS] = {"steps", {"num_steps", "num_inference_steps", NULL}, PX_KIND_INTEGER, 0, 1, 10000},
    [PX_FIELD_GUIDANCE] = {"guidance", {"guidance_scale", "cfg_scale", "cfgScale"}, PX_KIND_NUMBER, 0, 0, 1000},
    [PX_FIELD_SEED] = {"seed", {NULL}, PX_KIND_INTEGER, 0, -1, INTEGER_MAX},
    [PX_FIELD_COUNT] = {"count", {"n", "num_images", NULL}, PX_KIND_INTEGER, 0, 1, 1000},
    [PX_FIELD_SAMPLER] = {"sampler", {NULL}, PX_KIND_STRING, NAME_BYTES, 0, 0},
    [PX_FIELD_ASPECT_RATIO] = {"aspect_ratio", {"aspectRatio", NULL}, PX_KIND_STRING, 16, 0, 0},
    [PX_FIELD_QUALITY] = {"quality", {NULL}, PX_KIND_STRING, NAME_BYTES, 0, 0},
    [PX_FIELD_FORMAT] = {"format", {"output_format", NULL}, PX_KIND_STRING, NAME_BYTES, 0, 0},
    [PX_FIELD_BACKGROUND] = {"background", {NULL}, PX_KIND_STRING, NAME_BYTES, 0, 0},
    [PX_FIELD_STRENGTH] = {"strength", {"denoising_strength", "prompt_strength", NULL}, PX_KIND_NUMBER, 0, 0, 1},
    [PX_FIELD_PARTIAL_IMAGES] = {"partial_images", {NULL}, PX_KIND_INTEGER, 0, 0, 16},
    [PX_FIELD_IMAGES] = {"images", {NULL}, PX_KIND_LIST, OBJECT_MAX, 0, 0},
    [PX_FIELD_MASK] = {"mask", {NULL}, PX_KIND_STRING, PATH_BYTES, 0, 0},
    [PX_FIELD_PARENT] = {"parent", {NULL}, PX_KIND_STRING, 36, 0, 0},
    [PX_FIELD_IDEMPOTENCY_KEY] = {"idempotency_key", {NULL}, PX_KIND_STRING, NAME_BYTES, 0, 0},
    [PX_FIELD_PRINCIPAL] = {"principal", {NULL}, PX_KIND_STRING, NAME_BYTES, 0, 0},
    [PX_FIELD_TRACEPARENT] = {"traceparent", {NULL}, PX_KIND_STRING, 55, 0, 0},
    [PX_FIELD_REPLAY] = {"replay", {NULL}, PX_KIND_STRING, 16, 0, 0},
    [PX_FIELD_PROVIDER_OPTIONS] = {"provider_options", {NULL}, PX_KIND_OBJECT, OBJECT_MAX, 0, 0},
    [PX_FIELD_METADATA] = {"metadata", {NULL}, PX_KIND_OBJECT, PX_REQUEST_JSON_MAX, 0, 0},
};

const px_field_row *px_field_row_of(px_field field)
{
  return &rows[field];
}

const char *px_field_kind_name(px_field_kind kind)
{
  static const char *const names[] = {"a string", "an integer", "a number", "an object", "a list of strings"};
  return names[kind];
}

bool px_field_find(const char *name, px_field *out)
{
  for (size_t i = 0; i < PX_FIELDS; i++) {
    bool found = strcmp(rows[i].name, name) == 0;
    for (size_t k = 0; !found && k < PX_ARRAY_SIZE(rows[i].aliases) && rows[i].aliases[k]; k++)
      found = strcmp(rows[i].aliases[k], name) == 0;
    if (found) {
      *out = (px_field)i;
      return true;
    }
  }
  return false;
}

const char *px_request_text(const pixazo_request *request, px_field field)
{
  return request->values[field];
}

bool px_request_number(const pixazo_request *request, px_field field, double *out)
{
  return request->values[field] && px_parse_double(request->values[field], out);
}

bool px_request_integer(const pixazo_request *request, px_field field, int64_t *out)
{
  return request->values[field] && px_parse_int64(request->values[field], out);
}

pixazo_status pixazo_request_new(const char *prompt, pixazo_request **out, pixazo_error **error)
{
  PX_REQUIRE(out, error, "out is NULL");
  pixazo_request *request = px_calloc(1, sizeof *request);
  if (!request)
    return px_fail_nomem(error);
  pixazo_status status = prompt ? pixazo_request_set_string(request, "prompt", prompt, error) : PIXAZO_OK;
  if (status != PIXAZO_OK) {
    pixazo_request_free(request);
    return status;
  }
  *out = request;
  return PIXAZO_OK;
}

pixazo_status pixazo_request_new_from_json(const char *json, pixazo_request **out, pixazo_error **error)
{
  PX_REQUIRE(json, error, "json is NULL");
  PX_REQUIRE(out, error, "out is NULL");
  pixazo_request *request = px_calloc(1, sizeof *request);
  if (!request)
    return px_fail_nomem(error);
  pixazo_status status = px_request_read(request, json, error);
  if (status != PIXAZO_OK) {
    pixazo_request_free(request);
    return status;
  }
  *out = request;
  return PIXAZO_OK;
}

void pixazo_request_free(pixazo_request *request)
{
  if (!request)
    return;
  for (size_t i = 0; i < PX_FIELDS; i++)
    px_free(request->values[i]);
  px_free(request->verbatim);
  px_free(request);
}

static pixazo_status find_field(const char *key, px_field_kind kind, px_field *field, pixazo_error **error)
{
  if (!px_field_find(key, field))
    return px_fail(error, PIXAZO_E_ARGUMENT, "request: there is no parameter \"%.64s\"", key);
  px_field_kind wanted = rows[*field].kind;
  if (wanted != kind && !(wanted == PX_KIND_NUMBER && kind == PX_KIND_INTEGER))
    return px_fail(error, PIXAZO_E_ARGUMENT, "request: %s takes %s", rows[*field].name, px_field_kind_name(wanted));
  return PIXAZO_OK;
}

/* Replaces a value by a copy of `text`; NULL removes it. The request is no longer what its JSON said. */
static pixazo_status put_value(pixazo_request *request, px_field field, const char *text, pixazo_error **error)
{
  char *copy = px_strdup(text);
  if (text && !copy)
    return px_fail_nomem(error);
  px_free(request->values[field]);
  request->values[field] = copy;
  px_free(request->verbatim);
  request->verbatim = NULL;
  return PIXAZO_OK;
}

pixazo_status pixazo_request_set_string(pixazo_request *request, const char *key, const char *value, pixazo_error **error)
{
  PX_REQUIRE(request, error, "request is NULL");
  PX_REQUIRE(key, error, "key is NULL");
  px_field field;
  PX_TRY(find_field(key, PX_KIND_STRING, &field, error));
  if (value && strlen(value) > rows[field].max_bytes)
    return px_fail(error, PIXAZO_E_ARGUMENT, "request: %s has %zu bytes, more than %zu", rows[field].name, strlen(value),
                   rows[field].max_bytes);
  if (value && !px_utf8_valid(value, strlen(value)))
    return px_fail(error, PIXAZO_E_ARGUMENT, "request: %s is not UTF-8", rows[field].name);
  return put_value(request, field, value, error);
}

bool px_request_ratio(const pixazo_request *request, double *out)
{
  char left[17] = "";
  double width = 0;
  double height = 0;
  const char *text = request->values[PX_FIELD_ASPECT_RATIO];
  const char *colon = text ? strchr(text, ':') : NULL;
  if (!colon || (size_t)(colon - text) >= sizeof left)
    return false;
  memcpy(left, text, (size_t)(colon - text));
  if (!px_parse_double(left, &width) || !px_parse_double(colon + 1, &height) || width <= 0 || height <= 0)
    return false;
  *out = width / height;
  return *out >= 1.0 / 64 && *out <= 64;
}

static pixazo_status check_range(px_field field, double value, pixazo_error **error)
{
  const px_field_row *row = &rows[field];
  if (isfinite(value) && value >= row->minimum && value <= row->maximum)
    return PIXAZO_OK;
  char low[32];
  char high[32];
  px_format_double(row->minimum, low, sizeof low);
  px_format_double(row->maximum, high, sizeof high);
  return px_fail(error, PIXAZO_E_ARGUMENT, "request: %s must be between %s and %s", row->name, low, high);
}

pixazo_status pixazo_request_set_int(pixazo_request *request, const char *key, int64_t value, pixazo_error **error)
{
  PX_REQUIRE(request, error, "request is NULL");
  PX_REQUIRE(key, error, "key is NULL");
  px_field field;
  PX_TRY(find_field(key, PX_KIND_INTEGER, &field, error));
  PX_TRY(check_range(field, (double)value, error));
  char text[32];
  (void)snprintf(text, sizeof text, "%" PRId64, value);
  return put_value(request, field, text, error);
}

pixazo_status pixazo_request_set_double(pixazo_request *request, const char *key, double value, pixazo_error **error)
{
  PX_REQUIRE(request, error, "request is NULL");
  PX_REQUIRE(key, error, "key is NULL");
  px_field field;
  PX_TRY(find_field(key, PX_KIND_NUMBER, &field, error));
  PX_TRY(check_range(field, value, error));
  char text[32];
  px_format_double(value, text, sizeof text);
  return put_value(request, field, text, error);
}

bool px_request_list_fits(const px_json *node)
{
  if (!px_json_is(node, PX_JSON_ARRAY) || px_json_size(node) > PX_REQUEST_IMAGES_MAX)
    return false;
  for (const px_json *item = px_json_first(node); item; item = px_json_next(item)) {
    const char *text = px_json_is(item, PX_JSON_STRING) ? px_json_text(item) : NULL;
    if (px_str_empty(text) || strlen(text) > PATH_BYTES)
      return false;
  }
  return true;
}

pixazo_status pixazo_request_set_json(pixazo_request *request, const char *key, const char *json, pixazo_error **error)
{
  PX_REQUIRE(request, error, "request is NULL");
  PX_REQUIRE(key, error, "key is NULL");
  px_field field;
  if (!px_field_find(key, &field) || rows[field].kind != PX_KIND_LIST)
    PX_TRY(find_field(key, PX_KIND_OBJECT, &field, error));
  if (!json)
    return put_value(request, field, NULL, error);
  px_json_limits limits = {rows[field].max_bytes, 0, 0};
  px_cleanup(px_json_done) px_json *root = NULL;
  char what[64];
  (void)snprintf(what, sizeof what, "request: %s", rows[field].name);
  PX_TRY(px_json_parse_given(json, strlen(json), &limits, what, &root, error));
  bool fits = rows[field].kind == PX_KIND_LIST ? px_request_list_fits(root) : px_json_is(root, PX_JSON_OBJECT);
  if (!fits)
    return px_fail(error, PIXAZO_E_ARGUMENT, "request: %s takes %s", rows[field].name,
                   px_field_kind_name(rows[field].kind));
  return put_value(request, field, json, error);
}

pixazo_status pixazo_request_to_json(const pixazo_request *request, char **out, pixazo_error **error)
{
  PX_REQUIRE(request, error, "request is NULL");
  PX_REQUIRE(out, error, "out is NULL");
  if (request->verbatim) {
    char *copy = px_strdup(request->verbatim);
    if (!copy)
      return px_fail_nomem(error);
    *out = copy;
    return PIXAZO_OK;
  }
  px_auto(px_json_writer) writer = PX_JSON_WRITER_INIT((size_t)PX_REQUEST_JSON_MAX * 8);
  px_json_put_begin_object(&writer, NULL);
  px_json_put_int64(&writer, "schema", 1);
  for (size_t i = 0; i < PX_FIELDS; i++) {
    if (!request->values[i])
      continue;
    if (rows[i].kind == PX_KIND_STRING)
      px_json_put_string(&writer, rows[i].name, request->values[i]);
    else
      px_json_put_raw(&writer, rows[i].name, request->values[i]);
  }
  px_json_put_end_object(&writer);
  return px_json_writer_finish(&writer, out, error);
}

const char *pixazo_request_get_string(const pixazo_request *request, const char *key)
{
  px_field field;
  if (!request || !key || !px_field_find(key, &field) || rows[field].kind != PX_KIND_STRING)
    return NULL;
  return request->values[field];
}
