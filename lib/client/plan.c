/* SPDX-License-Identifier: MIT */
#include "client/plan.h"

#include <string.h>

#include "base/error.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/record.h"
#include "base/str.h"
#include "client/script.h"

px_plan *px_plan_ref(px_plan *plan)
{
  if (plan)
    atomic_fetch_add_explicit(&plan->references, 1, memory_order_relaxed);
  return plan;
}

void px_plan_unref(px_plan *plan)
{
  if (!plan || atomic_fetch_sub_explicit(&plan->references, 1, memory_order_acq_rel) != 1)
    return;
  px_free(plan->prompt);
  px_free(plan->request_json);
  px_free(plan->metadata_json);
  px_free(plan->effective_json);
  px_free(plan->outcome_json);
  px_free(plan->principal);
  px_free(plan->idempotency_key);
  px_free(plan->body);
  px_free(plan);
}

const px_plan_facts *px_plan_get(const px_plan *plan)
{
  return &plan->facts;
}

static void drop_plan(px_plan **plan)
{
  px_plan_unref(*plan);
}

static px_plan *new_plan(const px_provider *provider, const px_model *model)
{
  px_plan *plan = px_calloc(1, sizeof *plan);
  if (!plan)
    return NULL;
  atomic_init(&plan->references, 1);
  plan->provider = provider;
  plan->model = model;
  return plan;
}

static uint64_t answer_max(const pixazo_client *client, const px_model *model, const px_json *effective, int64_t images)
{
  uint64_t limit = client->options.max_answer_bytes;
  uint64_t wanted = model->answer_max * (uint64_t)images;
  if (wanted == 0) { /* inside the process: what the pixels can need at most */
    int64_t width = 0;
    int64_t height = 0;
    (void)px_json_may_int64(effective, "width", &width, NULL);
    (void)px_json_may_int64(effective, "height", &height, NULL);
    wanted = (uint64_t)(width * height * 4) + (UINT64_C(1) << 20);
  }
  return wanted < limit ? wanted : limit;
}

/* Fills the facts once all texts are in place. */
static void set_facts(px_plan *plan, const pixazo_client *client, const px_json *effective, int64_t images)
{
  px_plan_facts *facts = &plan->facts;
  const px_provider *provider = plan->provider;
  const px_price *price = &plan->model->price;
  bool scripted = provider->ops.produce && client->script;
  facts->provider = provider->name;
  facts->model = plan->model->name;
  facts->prompt = plan->prompt;
  facts->request_json = plan->request_json;
  facts->metadata_json = plan->metadata_json;
  facts->effective_json = plan->effective_json;
  facts->outcome_json = plan->outcome_json;
  facts->principal = plan->principal;
  facts->idempotency_key = plan->idempotency_key;
  facts->currency = "USD";
  facts->price_known = price->known;
  facts->upper_bound_micros = (scripted ? px_script_price(client->script) : price->micros) * images;
  facts->unbilled = px_model_unbilled(provider, plan->model) && !scripted;
  facts->in_process = provider->ops.produce != NULL;
  facts->images = (int32_t)images;
  facts->answer_max = answer_max(client, plan->model, effective, images);
  facts->poll_interval_ms = client->options.poll_interval_ms ? client->options.poll_interval_ms : provider->poll_interval_ms;
  facts->total_ms = client->options.generation_timeout_ms;
}

/* Builds the body out of the effective JSON, so that the same record always gives the same bytes. */
static pixazo_status complete_plan(px_plan *plan, const pixazo_client *client, pixazo_error **error)
{
  px_cleanup(px_json_done) px_json *effective = NULL;
  int64_t images = 1;
  PX_TRY(px_json_parse(plan->effective_json, strlen(plan->effective_json), NULL, &effective, error));
  PX_TRY(px_json_may_int64(effective, "count", &images, error));
  if (images < 1 || images > 1000)
    return px_fail(error, PIXAZO_E_CORRUPT, "effective parameters: count %lld", (long long)images);
  if (plan->provider->ops.build)
    PX_TRY(plan->provider->ops.build(plan->model, effective, &plan->body, error));
  set_facts(plan, client, effective, images);
  return PIXAZO_OK;
}

typedef struct draft {
  const pixazo_client *client;
  const pixazo_request *request;
  const px_provider *provider;
  const px_model *model;
  px_settings settings;
  char *request_json;
} draft;

static pixazo_status copy_text(char **slot, const char *text, pixazo_error **error)
{
  *slot = px_strdup(text);
  return *slot || !text ? PIXAZO_OK : px_fail_nomem(error);
}

/* Calls behind the first get keys of their own: one key stands for one call. */
static pixazo_status make_key(const draft *self, size_t index, char **out, pixazo_error **error)
{
  const char *key = px_request_text(self->request, PX_FIELD_IDEMPOTENCY_KEY);
  if (!key || index == 0)
    return copy_text(out, key, error);
  px_auto(px_buf) text = PX_BUF_INIT(512);
  if (!px_buf_printf(&text, "%s#%zu", key, index + 1) || !(*out = px_buf_steal(&text)))
    return px_fail_nomem(error);
  return PIXAZO_OK;
}

static pixazo_status make_plan(const draft *self, size_t index, px_plan **out, pixazo_error **error)
{
  px_cleanup(drop_plan) px_plan *plan = new_plan(self->provider, self->model);
  if (!plan)
    return px_fail_nomem(error);
  const char *principal = px_request_text(self->request, PX_FIELD_PRINCIPAL);
  PX_TRY(copy_text(&plan->prompt, px_request_text(self->request, PX_FIELD_PROMPT), error));
  PX_TRY(copy_text(&plan->request_json, self->request_json, error));
  PX_TRY(copy_text(&plan->metadata_json, px_request_text(self->request, PX_FIELD_METADATA), error));
  PX_TRY(copy_text(&plan->principal, principal ? principal : "", error));
  PX_TRY(make_key(self, index, &plan->idempotency_key, error));
  PX_TRY(px_plan_effective(&self->settings, self->request, self->provider, self->model, &plan->effective_json, error));
  PX_TRY(px_plan_outcome(&self->settings, self->request, &plan->outcome_json, error));
  PX_TRY(complete_plan(plan, self->client, error));
  *out = px_steal(&plan);
  return PIXAZO_OK;
}

static void log_changes(const draft *self)
{
  for (px_field field = 0; field < PX_FIELDS; field++) {
    const px_setting *setting = &self->settings.items[field];
    const char *asked = px_request_text(self->request, field);
    char sent[32] = "nothing";
    if (setting->state == PX_HONOURED || !setting->requested)
      continue;
    if (setting->sent)
      px_format_double(setting->value, sent, sizeof sent);
    px_log(self->client->log, PIXAZO_LOG_WARNING, "client", "%s/%s: %s was asked as %.40s and is sent as %s (%s)",
           self->provider->name, self->model->name, px_field_row_of(field)->name, asked, sent,
           px_parameter_state_name(setting->state));
  }
}

static pixazo_status choose_model(draft *self, pixazo_error **error)
{
  const char *provider = px_request_text(self->request, PX_FIELD_PROVIDER);
  const char *model = px_request_text(self->request, PX_FIELD_MODEL);
  self->provider = self->client->provider;
  self->model = self->client->model;
  if (!px_str_empty(provider)) {
    PX_TRY(px_model_resolve(provider, self->client->provider, &self->provider, &self->model, error));
    if (!px_str_equal(self->provider->name, provider))
      return px_fail(error, PIXAZO_E_ARGUMENT, "there is no provider \"%.64s\"", provider);
    if (self->provider == self->client->provider)
      self->model = self->client->model;
  }
  if (px_str_empty(model))
    return PIXAZO_OK;
  const px_provider *named = self->provider;
  PX_TRY(px_model_resolve(model, self->provider, &self->provider, &self->model, error));
  if (!px_str_empty(provider) && named != self->provider)
    return px_fail(error, PIXAZO_E_ARGUMENT, "model \"%.64s\" is not of provider %s", model, named->name);
  return PIXAZO_OK;
}

static pixazo_status begin_draft(draft *self, pixazo_error **error)
{
  if (px_str_empty(px_request_text(self->request, PX_FIELD_PROMPT)))
    return px_fail(error, PIXAZO_E_ARGUMENT, "request: a prompt is required");
  PX_TRY(choose_model(self, error));
  PX_TRY(px_client_access(self->client, self->provider, error));
  PX_TRY(pixazo_request_to_json(self->request, &self->request_json, error));
  px_settings_make(&self->settings, self->client, self->request, self->model);
  log_changes(self);
  return PIXAZO_OK;
}

static void unref_plans(px_plan **plans, size_t count)
{
  for (size_t i = 0; i < count; i++)
    px_plan_unref(plans[i]);
  px_free(plans);
}

static pixazo_status make_plans(draft *self, px_plan ***plans, size_t *count, pixazo_error **error)
{
  PX_TRY(begin_draft(self, error));
  int64_t wanted = 1;
  (void)px_request_integer(self->request, PX_FIELD_COUNT, &wanted);
  int64_t each = self->model->pictures_per_call;
  size_t calls = (size_t)((wanted + each - 1) / each);
  px_plan **made = px_calloc(calls, sizeof(px_plan *));
  if (!made)
    return px_fail_nomem(error);
  for (size_t i = 0; i < calls; i++) {
    int64_t left = wanted - (int64_t)i * each;
    self->settings.items[PX_FIELD_COUNT].value = (double)(left < each ? left : each);
    pixazo_status status = make_plan(self, i, &made[i], error);
    if (status != PIXAZO_OK) {
      unref_plans(made, i);
      return status;
    }
    px_settings_advance(&self->settings, self->client, self->model);
  }
  *plans = made;
  *count = calls;
  return PIXAZO_OK;
}

pixazo_status px_client_plan(pixazo_client *client, const pixazo_request *request, px_plan ***plans, size_t *count,
                             pixazo_error **error)
{
  PX_TRY(px_client_check(client, error));
  draft self = {.client = client, .request = request};
  pixazo_status status = make_plans(&self, plans, count, error);
  px_free(self.request_json);
  return status;
}

static pixazo_status copy_record(px_plan *plan, const pixazo_generation *record, pixazo_error **error)
{
  PX_TRY(copy_text(&plan->prompt, pixazo_generation_prompt(record), error));
  PX_TRY(copy_text(&plan->request_json, pixazo_generation_request_json(record), error));
  PX_TRY(copy_text(&plan->metadata_json, record->metadata_json, error));
  PX_TRY(copy_text(&plan->effective_json, pixazo_generation_effective_json(record), error));
  PX_TRY(copy_text(&plan->outcome_json, pixazo_generation_outcome_json(record), error));
  PX_TRY(copy_text(&plan->principal, pixazo_generation_principal(record), error));
  return copy_text(&plan->idempotency_key, record->idempotency_key, error);
}

pixazo_status px_client_plan_again(pixazo_client *client, const pixazo_generation *record, px_plan **out,
                                   pixazo_error **error)
{
  PX_TRY(px_client_check(client, error));
  const px_provider *provider = px_provider_find(pixazo_generation_provider(record));
  const px_model *model = provider ? px_model_find(provider, pixazo_generation_model(record)) : NULL;
  if (!model)
    return px_fail(error, PIXAZO_E_UNSUPPORTED, "generation %s: this library does not know the model %s/%s",
                   pixazo_generation_uuid(record), pixazo_generation_provider(record), pixazo_generation_model(record));
  PX_TRY(px_client_access(client, provider, error));
  px_cleanup(drop_plan) px_plan *plan = new_plan(provider, model);
  if (!plan)
    return px_fail_nomem(error);
  PX_TRY(copy_record(plan, record, error));
  PX_TRY(complete_plan(plan, client, error));
  *out = px_steal(&plan);
  return PIXAZO_OK;
}
