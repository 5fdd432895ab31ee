/* SPDX-License-Identifier: MIT */
/* The catalogue and the estimate, as JSON. */
#include <math.h>

#include "base/error.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/record.h"
#include "client/builtin.h"
#include "client/plan.h"
#include "json/writer.h"

enum { DOCUMENT_MAX = 8 * 1024 * 1024 };

static void put_parameter(px_json_writer *writer, px_field field, const px_param *param)
{
  const px_field_row *row = px_field_row_of(field);
  px_json_put_begin_object(writer, row->name);
  px_json_put_string(writer, "sent_as", param->wire);
  if (row->kind == PX_KIND_INTEGER || row->kind == PX_KIND_NUMBER) {
    px_json_put_double(writer, "min", param->minimum);
    px_json_put_double(writer, "max", param->maximum);
    if (field == PX_FIELD_SEED)
      px_json_put_string(writer, "default", "random");
    else if (isnan(param->fallback))
      px_json_put_null(writer, "default");
    else
      px_json_put_double(writer, "default", param->fallback);
  }
  px_json_put_end_object(writer);
}

static void put_sizes(px_json_writer *writer, const px_model *model)
{
  if (!model->sizes)
    return;
  px_json_put_begin_array(writer, "sizes");
  for (const px_size *size = model->sizes; size->width > 0; size++) {
    px_json_put_begin_object(writer, NULL);
    px_json_put_int64(writer, "width", size->width);
    px_json_put_int64(writer, "height", size->height);
    if (size->name)
      px_json_put_string(writer, "name", size->name);
    px_json_put_end_object(writer);
  }
  px_json_put_end_array(writer);
}

static void put_price(px_json_writer *writer, const px_price *price)
{
  px_json_put_begin_object(writer, "price");
  px_json_put_bool(writer, "known", price->known);
  if (price->known)
    px_json_put_int64(writer, "micros_per_picture", price->micros);
  else
    px_json_put_null(writer, "micros_per_picture");
  px_json_put_string(writer, "currency", "USD");
  px_json_put_string(writer, "confidence", pixazo_confidence_name(price->confidence));
  px_json_put_string(writer, "source", price->source);
  px_json_put_string(writer, "date", price->date);
  px_json_put_end_object(writer);
}

static void put_model(px_json_writer *writer, const px_provider *provider, const px_model *model)
{
  px_auto(px_buf) id = PX_BUF_INIT(256);
  (void)px_buf_printf(&id, "%s/%s", provider->name, model->name);
  px_json_put_begin_object(writer, NULL);
  px_json_put_string(writer, "id", px_buf_text(&id));
  px_json_put_string(writer, "name", model->name);
  px_json_put_string(writer, "title", model->title);
  px_json_put_bool(writer, "queue", model->queue);
  px_json_put_int64(writer, "pictures_per_call", model->pictures_per_call);
  px_json_put_bool(writer, "free", px_model_unbilled(provider, model));
  put_price(writer, &model->price);
  put_sizes(writer, model);
  px_json_put_begin_object(writer, "parameters");
  for (px_field field = 0; field < PX_FIELDS; field++) {
    if (model->params[field].wire)
      put_parameter(writer, field, &model->params[field]);
  }
  px_json_put_end_object(writer);
  px_json_put_end_object(writer);
}

static void put_billing(px_json_writer *writer, const px_billing *billing)
{
  static const char *const stated[] = {"unknown", "not_billed", "billed"};
  px_json_put_begin_object(writer, "billing");
  px_json_put_string(writer, "rule", billing->rule);
  px_json_put_string(writer, "source", billing->source);
  px_json_put_string(writer, "date", billing->date);
  px_json_put_bool(writer, "none", billing->none);
  px_json_put_string(writer, "errors", billing->errors_unbilled ? stated[1] : stated[0]);
  px_json_put_string(writer, "empty_answers", billing->empty_unbilled ? stated[1] : stated[0]);
  px_json_put_string(writer, "blocked", stated[billing->blocked]);
  px_json_put_end_object(writer);
}

static void put_provider(px_json_writer *writer, const px_provider *provider)
{
  px_json_put_begin_object(writer, NULL);
  px_json_put_string(writer, "name", provider->name);
  px_json_put_string(writer, "title", provider->title);
  px_json_put_string(writer, "base_url", provider->base_url);
  px_json_put_bool(writer, "needs_key", provider->key_hint != NULL);
  px_json_put_string(writer, "default_model", provider->models[0].name);
  px_json_put_bool(writer, "tells_progress", provider->progress.path != NULL);
  put_billing(writer, &provider->billing);
  px_json_put_begin_array(writer, "models");
  for (size_t i = 0; i < provider->model_count; i++)
    put_model(writer, provider, &provider->models[i]);
  px_json_put_end_array(writer);
  px_json_put_end_object(writer);
}

static pixazo_status put_builtin(px_json_writer *writer, const px_builtin *row, pixazo_error **error)
{
  pixazo_provider *provider = NULL;
  PX_TRY(pixazo_provider_new(row->json, &provider, error));
  put_provider(writer, &provider->row);
  (void)pixazo_provider_unref(provider);
  return PIXAZO_OK;
}

pixazo_status pixazo_providers_to_json(char **out, pixazo_error **error)
{
  PX_REQUIRE(out, error, "out is NULL");
  px_auto(px_json_writer) writer = PX_JSON_WRITER_INIT(DOCUMENT_MAX);
  px_json_put_begin_object(&writer, NULL);
  px_json_put_int64(&writer, "schema", 1);
  px_json_put_begin_array(&writer, "providers");
  for (size_t i = 0; i < px_provider_count(); i++)
    put_provider(&writer, px_provider_at(i));
  for (size_t i = 0; i < px_builtin_count(); i++)
    PX_TRY(put_builtin(&writer, px_builtin_at(i), error));
  px_json_put_end_array(&writer);
  px_json_put_end_object(&writer);
  return px_json_writer_finish(&writer, out, error);
}

pixazo_status pixazo_provider_to_json(const pixazo_provider *provider, char **out, pixazo_error **error)
{
  PX_REQUIRE(provider && out, error, "provider or out is NULL");
  px_auto(px_json_writer) writer = PX_JSON_WRITER_INIT(DOCUMENT_MAX);
  px_json_put_begin_object(&writer, NULL);
  px_json_put_int64(&writer, "schema", 1);
  px_json_put_begin_array(&writer, "providers");
  put_provider(&writer, &provider->row);
  px_json_put_end_array(&writer);
  px_json_put_end_object(&writer);
  return px_json_writer_finish(&writer, out, error);
}

static void put_call(px_json_writer *writer, const px_plan_facts *facts)
{
  px_json_put_begin_object(writer, NULL);
  px_json_put_int64(writer, "pictures", facts->images);
  px_json_put_raw(writer, "effective", facts->effective_json);
  px_json_put_raw(writer, "parameters", facts->outcome_json);
  px_json_put_end_object(writer);
}

/* What calls cost at most, whoever of the chain makes them, and whose price that is: the first one's of unknown price, else the
 * dearest one's. */
typedef struct worst_case {
  const px_provider *provider;
  const px_model *model;
  const char *name; /* of the model */
  int64_t micros;
  bool known;
  bool free;
} worst_case;

static bool is_worse(const px_plan_facts *facts, const worst_case *than)
{
  return than->known && (!facts->price_known || facts->upper_bound_micros > than->micros);
}

static void take_worse(worst_case *worst, const px_plan_facts *facts, const px_target *whose)
{
  worst->free = worst->free && facts->unbilled;
  if (is_worse(facts, worst)) {
    worst->provider = whose->provider;
    worst->model = whose->model;
    worst->name = whose->name;
    worst->micros = facts->upper_bound_micros;
    worst->known = facts->price_known;
  }
}

/* A link that cannot take the request is not asked. */
static pixazo_status find_worst_case(pixazo_client *client, const px_plan *plan, worst_case *worst, pixazo_error **error)
{
  const px_chain *chain = &client->chain;
  const px_plan_facts *facts = px_plan_get(plan);
  *worst = (worst_case){plan->provider, plan->model, facts->model, facts->upper_bound_micros, facts->price_known, facts->unbilled};
  for (size_t at = px_chain_after(chain, plan->chain_at); at < chain->count; at = px_chain_after(chain, at + 1)) {
    px_cleanup(px_plan_done) px_plan *other = NULL;
    px_reroute way = {.plan = plan, .target = &chain->items[at], .chain_at = at + 1, .route_json = "[]", .quiet = true};
    pixazo_status status = px_plan_reroute(client, &way, &other, NULL);
    if (status == PIXAZO_E_NOMEM)
      return px_fail_nomem(error);
    if (status == PIXAZO_OK)
      take_worse(worst, px_plan_get(other), way.target);
  }
  return PIXAZO_OK;
}

static pixazo_status add_worst_cases(pixazo_client *client, px_plan *const *plans, size_t count, worst_case *sum,
                                     pixazo_error **error)
{
  PX_TRY(find_worst_case(client, plans[0], sum, error));
  for (size_t i = 1; i < count; i++) {
    worst_case next;
    PX_TRY(find_worst_case(client, plans[i], &next, error));
    sum->micros += next.micros;
    sum->known = sum->known && next.known;
  }
  return PIXAZO_OK;
}

static void put_cost(px_json_writer *writer, const worst_case *worst, const char *currency)
{
  const px_price *price = &worst->model->price;
  px_json_put_begin_object(writer, "cost");
  px_json_put_bool(writer, "known", worst->known);
  if (worst->known)
    px_json_put_int64(writer, "upper_bound_micros", worst->micros);
  else
    px_json_put_null(writer, "upper_bound_micros");
  px_json_put_string(writer, "currency", currency);
  px_json_put_string(writer, "confidence", pixazo_confidence_name(price->confidence));
  px_json_put_string(writer, "source", price->source);
  px_json_put_string(writer, "date", price->date);
  px_json_put_string(writer, "provider", worst->provider->name);
  px_json_put_string(writer, "model", worst->name);
  px_json_put_end_object(writer);
}

static pixazo_status write_estimate(pixazo_client *client, px_plan **plans, size_t count, char **out, pixazo_error **error)
{
  worst_case worst;
  PX_TRY(add_worst_cases(client, plans, count, &worst, error));
  const px_plan_facts *first = px_plan_get(plans[0]);
  px_auto(px_json_writer) writer = PX_JSON_WRITER_INIT((size_t)DOCUMENT_MAX * 16);
  size_t pictures = 0;
  for (size_t i = 0; i < count; i++)
    pictures += (size_t)px_plan_get(plans[i])->images;
  px_json_put_begin_object(&writer, NULL);
  px_json_put_int64(&writer, "schema", 1);
  px_json_put_string(&writer, "provider", first->provider);
  px_json_put_string(&writer, "model", first->model);
  px_json_put_int64(&writer, "pictures", (int64_t)pictures);
  px_json_put_bool(&writer, "free", worst.free);
  put_cost(&writer, &worst, first->currency);
  px_json_put_begin_array(&writer, "calls");
  for (size_t i = 0; i < count; i++)
    put_call(&writer, px_plan_get(plans[i]));
  px_json_put_end_array(&writer);
  px_json_put_end_object(&writer);
  return px_json_writer_finish(&writer, out, error);
}

pixazo_status pixazo_client_estimate(pixazo_client *client, const pixazo_request *request, char **out, pixazo_error **error)
{
  PX_REQUIRE(client, error, "client is NULL");
  PX_REQUIRE(request, error, "request is NULL");
  PX_REQUIRE(out, error, "out is NULL");
  px_plan **plans = NULL;
  size_t count = 0;
  PX_TRY(px_client_plan(client, request, &plans, &count, error));
  pixazo_status status = write_estimate(client, plans, count, out, error);
  for (size_t i = 0; i < count; i++)
    px_plan_unref(plans[i]);
  px_free(plans);
  px_log_deliver(client->log);
  return status;
}
