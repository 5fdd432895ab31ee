/* SPDX-License-Identifier: MIT */
#include "studio/spending.h"

#include "base/error.h"
#include "base/mem.h"
#include "base/money.h"
#include "base/str.h"
#include "json/writer.h"

enum { JSON_MAX = 4096 };

/* The terms of the budget that a setting names; *out NULL: it is not set. `period` NULL: of a run. */
static pixazo_status budget_json(const pixazo_config *config, const char *key, const char *period, char **out,
                                 pixazo_error **error)
{
  px_auto(px_json_writer) writer = PX_JSON_WRITER_INIT(JSON_MAX);
  const char *amount = pixazo_config_get(config, key);
  int64_t micros = 0;
  if (!amount)
    return PIXAZO_OK;
  (void)px_parse_micros(amount, &micros); /* values were checked when they were set */
  px_json_put_begin_object(&writer, NULL);
  if (period)
    px_json_put_string(&writer, "period", period);
  px_json_put_string(&writer, "currency", pixazo_config_get(config, "budget_currency"));
  px_json_put_int64(&writer, "cap_micros", micros);
  px_json_put_bool(&writer, "allow_unknown_price", px_str_equal(pixazo_config_get(config, "allow_unknown_price"), "1"));
  px_json_put_end_object(&writer);
  return px_json_writer_finish(&writer, out, error);
}

static pixazo_status apply_budget(const pixazo_config *config, const char *key, const char *period,
                                  pixazo_repository *repository, pixazo_error **error)
{
  px_autofree char *json = NULL;
  PX_TRY(budget_json(config, key, period, &json, error));
  return json ? pixazo_repository_set_budget(repository, json, error) : PIXAZO_OK;
}

static void put_number(px_json_writer *writer, const char *name, const char *value)
{
  if (value)
    px_json_put_raw(writer, name, value);
}

static pixazo_status apply_quota(const pixazo_config *config, pixazo_repository *repository, pixazo_error **error)
{
  px_auto(px_json_writer) writer = PX_JSON_WRITER_INIT(JSON_MAX);
  px_autofree char *json = NULL;
  const char *requests = pixazo_config_get(config, "quota_requests"), *slots = pixazo_config_get(config, "quota_slots");
  if (!requests && !slots)
    return PIXAZO_OK;
  px_json_put_begin_object(&writer, NULL);
  px_json_put_string(&writer, "provider", "*");
  px_json_put_string(&writer, "principal", "*");
  put_number(&writer, "requests", requests);
  put_number(&writer, "window_ms", requests ? pixazo_config_get(config, "quota_window_ms") : NULL);
  put_number(&writer, "slots", slots);
  put_number(&writer, "max_wait_ms", pixazo_config_get(config, "quota_wait_ms"));
  px_json_put_end_object(&writer);
  PX_TRY(px_json_writer_finish(&writer, &json, error));
  return pixazo_repository_set_quota(repository, json, error);
}

pixazo_status px_spending_apply(const pixazo_config *config, pixazo_repository *repository, pixazo_error **error)
{
  PX_TRY(apply_budget(config, "budget_day", "day", repository, error));
  PX_TRY(apply_budget(config, "budget_month", "month", repository, error));
  return apply_quota(config, repository, error);
}

pixazo_status px_spending_limit_gate(const pixazo_config *config, pixazo_gate *gate, pixazo_error **error)
{
  px_autofree char *json = NULL;
  PX_TRY(budget_json(config, "budget_run", NULL, &json, error));
  return json ? pixazo_gate_set_budget(gate, json, error) : PIXAZO_OK;
}
