/* SPDX-License-Identifier: MIT */
#include "client/script.h"

#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"
#include "json/json.h"

enum { STEPS_MAX = 10000 };

struct px_script {
  px_script_step *steps;
  size_t count;
  bool repeat;
  int64_t price_micros;
};

static const px_script_step good_step = {.cut = -1, .keep = -1};

void px_script_free(px_script *script)
{
  if (!script)
    return;
  px_free(script->steps);
  px_free(script);
}

static void drop_script(px_script **script)
{
  px_script_free(*script);
}

void px_script_at(const px_script *script, uint64_t number, px_script_step *out)
{
  *out = good_step;
  if (script->count == 0)
    return;
  if (script->repeat)
    number %= script->count;
  if (number < script->count)
    *out = script->steps[number];
}

int64_t px_script_price(const px_script *script)
{
  return script->price_micros;
}

static pixazo_status read_class(const px_json *node, int32_t *out, pixazo_error **error)
{
  const char *name = NULL;
  PX_TRY(px_json_may_string(node, "class", &name, error));
  if (!name)
    return PIXAZO_OK;
  for (int32_t i = PIXAZO_CLASS_NOT_SENT; i <= PIXAZO_CLASS_ACCEPTED; i++) {
    if (px_str_equal(pixazo_class_name(i), name)) {
      *out = i;
      return PIXAZO_OK;
    }
  }
  return px_fail(error, PIXAZO_E_ARGUMENT, "class: there is no class \"%.32s\"", name);
}

static pixazo_status read_range(const px_json *node, const char *name, int64_t maximum, int64_t *out, pixazo_error **error)
{
  int64_t value = *out;
  PX_TRY(px_json_may_int64(node, name, &value, error));
  bool given = px_json_member(node, name) != NULL;
  if (given && (value < 0 || value > maximum))
    return px_fail(error, PIXAZO_E_ARGUMENT, "%s: must be between 0 and %lld", name, (long long)maximum);
  *out = value;
  return PIXAZO_OK;
}

static pixazo_status check_members(const px_json *node, const char *const *known, size_t count, pixazo_error **error)
{
  for (const px_json *item = px_json_first(node); item; item = px_json_next(item)) {
    bool found = false;
    for (size_t i = 0; i < count && !found; i++)
      found = strcmp(known[i], px_json_name(item)) == 0;
    if (!found)
      return px_fail(error, PIXAZO_E_ARGUMENT, "there is no member \"%.32s\"", px_json_name(item));
  }
  return PIXAZO_OK;
}

static pixazo_status read_step(const px_json *node, px_script_step *step, pixazo_error **error)
{
  static const char *const known[] = {"class", "http_status", "retry_after_ms", "delay_ms",
                                      "cut",   "keep",        "not_an_image",   "message"};
  int64_t status = 0;
  int64_t retry_after = 0;
  int64_t delay = 0;
  const char *message = NULL;
  *step = good_step;
  if (!px_json_is(node, PX_JSON_OBJECT))
    return px_fail(error, PIXAZO_E_ARGUMENT, "want an object");
  PX_TRY(check_members(node, known, PX_ARRAY_SIZE(known), error));
  PX_TRY(read_class(node, &step->attempt_class, error));
  PX_TRY(read_range(node, "http_status", 599, &status, error));
  PX_TRY(read_range(node, "retry_after_ms", 86400000, &retry_after, error));
  PX_TRY(read_range(node, "delay_ms", 600000, &delay, error));
  PX_TRY(read_range(node, "cut", INT32_MAX, &step->cut, error));
  PX_TRY(read_range(node, "keep", INT32_MAX, &step->keep, error));
  PX_TRY(px_json_may_bool(node, "not_an_image", &step->not_an_image, error));
  PX_TRY(px_json_may_string(node, "message", &message, error));
  step->http_status = (int32_t)status;
  step->retry_after_ms = (uint32_t)retry_after;
  step->delay_ms = (uint32_t)delay;
  if (message)
    memcpy(step->message, message, px_utf8_cut(message, sizeof step->message - 1));
  return PIXAZO_OK;
}

static pixazo_status read_steps(px_script *script, const px_json *calls, pixazo_error **error)
{
  size_t count = px_json_size(calls);
  if (count > STEPS_MAX)
    return px_fail(error, PIXAZO_E_ARGUMENT, "calls: more than %d", STEPS_MAX);
  script->steps = px_calloc(count ? count : 1, sizeof *script->steps);
  if (!script->steps)
    return px_fail_nomem(error);
  for (const px_json *node = px_json_first(calls); node; node = px_json_next(node)) {
    pixazo_status status = read_step(node, &script->steps[script->count], error);
    if (status != PIXAZO_OK) {
      px_error_prefix(error, "calls[%zu]", script->count);
      return status;
    }
    script->count++;
  }
  return PIXAZO_OK;
}

static pixazo_status read_script(px_script *script, const px_json *root, pixazo_error **error)
{
  static const char *const known[] = {"schema", "calls", "repeat", "price_micros"};
  const px_json *calls = root;
  if (!px_json_is(root, PX_JSON_ARRAY)) {
    if (!px_json_is(root, PX_JSON_OBJECT))
      return px_fail(error, PIXAZO_E_ARGUMENT, "want an object or an array of calls");
    PX_TRY(check_members(root, known, PX_ARRAY_SIZE(known), error));
    PX_TRY(px_json_get_array(root, "calls", &calls, error));
    PX_TRY(px_json_may_bool(root, "repeat", &script->repeat, error));
    PX_TRY(read_range(root, "price_micros", INT32_MAX, &script->price_micros, error));
  }
  return read_steps(script, calls, error);
}

pixazo_status px_script_new(const char *json, px_script **out, pixazo_error **error)
{
  px_cleanup(drop_script) px_script *script = px_calloc(1, sizeof *script);
  px_cleanup(px_json_done) px_json *root = NULL;
  if (!script)
    return px_fail_nomem(error);
  px_autoerror problem = NULL;
  pixazo_status status = px_json_parse(json, strlen(json), NULL, &root, &problem);
  if (status == PIXAZO_OK)
    status = read_script(script, root, &problem);
  if (status == PIXAZO_E_NOMEM)
    return px_fail_nomem(error);
  if (status != PIXAZO_OK)
    return px_fail(error, PIXAZO_E_ARGUMENT, "offline_script: %s", pixazo_error_message(problem));
  *out = px_steal(&script);
  return PIXAZO_OK;
}
