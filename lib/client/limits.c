/* SPDX-License-Identifier: MIT */
#include "client/limits.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"

void px_limits_done(px_limits *limits)
{
  px_free(limits->items);
  *limits = (px_limits){NULL, 0};
}

const px_param *px_limits_find(const px_limits *limits, const px_model *model, px_field field)
{
  for (size_t i = 0; i < limits->count; i++) {
    if (limits->items[i].model == model && limits->items[i].field == field)
      return &limits->items[i].param;
  }
  return &model->params[field];
}

static pixazo_status read_bounds(px_param *param, const px_json *node, pixazo_error **error)
{
  for (const px_json *item = px_json_first(node); item; item = px_json_next(item)) {
    const char *name = px_json_name(item);
    if (strcmp(name, "min") != 0 && strcmp(name, "max") != 0 && strcmp(name, "default") != 0)
      return px_fail(error, PIXAZO_E_ARGUMENT, "\"%.32s\" is not min, max or default", name);
  }
  bool narrowed = px_json_member(node, "default") == NULL;
  PX_TRY(px_json_may_double(node, "min", &param->minimum, error));
  PX_TRY(px_json_may_double(node, "max", &param->maximum, error));
  PX_TRY(px_json_may_double(node, "default", &param->fallback, error));
  if (narrowed && param->fallback < param->minimum)
    param->fallback = param->minimum;
  if (narrowed && param->fallback > param->maximum)
    param->fallback = param->maximum;
  if (param->minimum > param->maximum || param->fallback < param->minimum || param->fallback > param->maximum)
    return px_fail(error, PIXAZO_E_ARGUMENT, "min, default and max are not in this order");
  return PIXAZO_OK;
}

/* Beyond 2^53 a double does not hold every whole number. */
static bool is_whole(double value)
{
  return fabs(value) <= 9007199254740992.0 && floor(value) == value;
}

static pixazo_status read_parameter(px_limits *limits, const px_model *model, const px_json *node, pixazo_error **error)
{
  px_field field;
  if (!px_field_find(px_json_name(node), &field) || !model->params[field].wire)
    return px_fail(error, PIXAZO_E_ARGUMENT, "the model does not take it");
  px_field_kind kind = px_field_row_of(field)->kind;
  if (kind != PX_KIND_INTEGER && kind != PX_KIND_NUMBER)
    return px_fail(error, PIXAZO_E_ARGUMENT, "it is not a number");
  if (!px_json_is(node, PX_JSON_OBJECT))
    return px_fail(error, PIXAZO_E_ARGUMENT, "want an object with min, max, default");
  px_param param = model->params[field];
  PX_TRY(read_bounds(&param, node, error));
  if (kind == PX_KIND_INTEGER && !(is_whole(param.minimum) && is_whole(param.maximum) && (isnan(param.fallback) || is_whole(param.fallback))))
    return px_fail(error, PIXAZO_E_ARGUMENT, "min, default and max must be whole numbers");
  px_limit *grown = px_realloc_array(limits->items, limits->count + 1, sizeof *grown);
  if (!grown)
    return px_fail_nomem(error);
  limits->items = grown;
  grown[limits->count++] = (px_limit){model, field, param};
  return PIXAZO_OK;
}

static pixazo_status read_model(px_limits *limits, const px_accounts *accounts, const px_json *node, pixazo_error **error)
{
  px_target target;
  PX_TRY(px_target_resolve(accounts, px_json_name(node), px_provider_at(0), &target, error));
  if (!px_json_is(node, PX_JSON_OBJECT))
    return px_fail(error, PIXAZO_E_ARGUMENT, "want an object of parameters");
  for (const px_json *item = px_json_first(node); item; item = px_json_next(item)) {
    pixazo_status status = read_parameter(limits, target.model, item, error);
    if (status != PIXAZO_OK) {
      px_error_prefix(error, "%.32s", px_json_name(item));
      return status;
    }
  }
  return PIXAZO_OK;
}

static pixazo_status read_models(px_limits *limits, const px_accounts *accounts, const px_json *root, pixazo_error **error)
{
  if (!px_json_is(root, PX_JSON_OBJECT))
    return px_fail(error, PIXAZO_E_ARGUMENT, "want a JSON object");
  for (const px_json *item = px_json_first(root); item; item = px_json_next(item)) {
    pixazo_status status = read_model(limits, accounts, item, error);
    if (status != PIXAZO_OK) {
      px_error_prefix(error, "%.64s", px_json_name(item));
      return status;
    }
  }
  return PIXAZO_OK;
}

pixazo_status px_limits_read(px_limits *limits, const px_accounts *accounts, const char *json, pixazo_error **error)
{
  px_limits made = {NULL, 0};
  px_cleanup(px_json_done) px_json *root = NULL;
  px_autoerror problem = NULL;
  pixazo_status status = px_json_parse(json, strlen(json), NULL, &root, &problem);
  if (status == PIXAZO_OK)
    status = read_models(&made, accounts, root, &problem);
  if (status != PIXAZO_OK) {
    px_limits_done(&made);
    if (status == PIXAZO_E_NOMEM)
      return px_fail_nomem(error);
    return px_fail(error, PIXAZO_E_ARGUMENT, "limits_json: %s", pixazo_error_message(problem));
  }
  *limits = made;
  return PIXAZO_OK;
}
