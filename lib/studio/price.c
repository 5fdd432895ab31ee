/* SPDX-License-Identifier: MIT */
#include "studio/price.h"

#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "json/json.h"

static bool announce(const px_json *plan, pixazo_log *log)
{
  char amount[32];
  const char *provider = "";
  const char *model = "";
  const char *currency = "";
  const char *confidence = "";
  bool known = false;
  int64_t micros = 0;
  (void)px_json_may_string(plan, "cost.provider", &provider, NULL);
  (void)px_json_may_string(plan, "cost.model", &model, NULL);
  (void)px_json_may_bool(plan, "cost.known", &known, NULL);
  (void)px_json_may_int64(plan, "cost.upper_bound_micros", &micros, NULL);
  (void)px_json_may_string(plan, "cost.currency", &currency, NULL);
  (void)px_json_may_string(plan, "cost.confidence", &confidence, NULL);
  if (known && micros == 0)
    return false;
  px_format_double((double)micros / 1e6, amount, sizeof amount);
  if (known)
    px_log(log, PIXAZO_LOG_WARNING, "studio", "first paid call: %s/%s, at most %s %s (%s)", provider, model, amount,
           currency, confidence);
  else
    px_log(log, PIXAZO_LOG_WARNING, "studio", "first paid call: %s/%s, its price is not known", provider, model);
  return true;
}

bool px_price_announce(pixazo_client *client, const pixazo_request *request, pixazo_log *log)
{
  px_autofree char *text = NULL;
  px_cleanup(px_json_done) px_json *plan = NULL;
  if (!log || pixazo_client_estimate(client, request, &text, NULL) != PIXAZO_OK ||
      px_json_parse(text, strlen(text), NULL, &plan, NULL) != PIXAZO_OK)
    return false;
  return announce(plan, log);
}
