/* SPDX-License-Identifier: MIT */
#include "client/plan.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/record.h"
#include "base/str.h"
#include "base/uuid.h"
#include "client/script.h"
#include "client/replay.h"
#include "client/trace.h"
#include "net/url.h"

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
  px_free(plan->trace_header);
  px_inputs_done(&plan->inputs);
  px_body_done(&plan->body);
  px_free(plan->model_name);
  px_free(plan->path);
  px_free(plan->route_json);
  px_free(plan->parent);
  pixazo_request_free(plan->request);
  (void)pixazo_provider_unref(plan->definition);
  px_free(plan);
}

const px_plan_facts *px_plan_get(const px_plan *plan)
{
  return &plan->facts;
}

px_gate_attempt px_plan_attempt(const px_plan *plan)
{
  const px_plan_facts *facts = &plan->facts;
  return (px_gate_attempt){.principal = facts->principal,
                           .provider = facts->provider,
                           .model = facts->model,
                           .prompt = facts->prompt,
                           .request_json = facts->request_json,
                           .metadata_json = facts->metadata_json,
                           .effective_json = facts->effective_json,
                           .outcome_json = facts->outcome_json,
                           .route_json = facts->route_json,
                           .currency = facts->currency,
                           .upper_bound_micros = facts->upper_bound_micros,
                           .price_known = facts->price_known};
}

void px_plan_done(px_plan **plan)
{
  px_plan_unref(*plan);
}

px_plan *px_plan_new(const px_target *target)
{
  px_plan *plan = px_calloc(1, sizeof *plan);
  if (!plan)
    return NULL;
  atomic_init(&plan->references, 1);
  plan->account = target->account;
  plan->definition = target->account ? pixazo_provider_ref(target->account->definition) : NULL;
  plan->provider = target->provider;
  plan->model = target->model;
  plan->model_name = px_strdup(target->name);
  if (plan->model_name)
    return plan;
  px_plan_unref(plan);
  return NULL;
}

static uint64_t answer_max(const pixazo_client *client, const px_model *model, const px_json *effective, int64_t images)
{
  uint64_t limit = client->options.max_answer_bytes;
  int64_t partials = 0;
  (void)px_json_may_int64(effective, "partial_images", &partials, NULL);
  uint64_t wanted = model->answer_max * (uint64_t)images * (uint64_t)(partials + 1);
  if (wanted == 0) { /* inside the process: what the pixels can need at most */
    int64_t width = 0;
    int64_t height = 0;
    (void)px_json_may_int64(effective, "width", &width, NULL);
    (void)px_json_may_int64(effective, "height", &height, NULL);
    wanted = (uint64_t)(width * height * 4) + (UINT64_C(1) << 20);
  }
  return wanted < limit ? wanted : limit;
}

static bool asks_for_partials(const px_json *effective)
{
  int64_t partials = 0;
  (void)px_json_may_int64(effective, "partial_images", &partials, NULL);
  return partials > 0 || px_json_member(px_json_member(effective, "provider_options"), "partial_images");
}

enum { DEFAULT_GENERATION_MS = 300000 };

/* Fills the facts once all texts are in place. */
static void set_facts(px_plan *plan, const pixazo_client *client, const px_json *effective, int64_t images)
{
  px_plan_facts *facts = &plan->facts;
  const px_provider *provider = plan->provider;
  const px_price *price = &plan->model->price;
  bool scripted = client->script && provider->ops.produce == px_provider_offline.ops.produce;
  facts->provider = provider->name;
  facts->model = plan->model_name;
  facts->prompt = plan->prompt;
  facts->request_json = plan->request_json;
  facts->metadata_json = plan->metadata_json;
  facts->effective_json = plan->effective_json;
  facts->outcome_json = plan->outcome_json;
  facts->route_json = plan->route_json;
  facts->parent = plan->parent;
  facts->relation = !plan->parent ? NULL : plan->inputs.count > 0 ? "edit_of" : "variation_of";
  facts->principal = plan->principal;
  facts->idempotency_key = plan->idempotency_key;
  facts->replay_key = plan->replay_key[0] ? plan->replay_key : NULL;
  facts->replay_asked = plan->replay_asked;
  facts->currency = "USD";
  facts->price_known = price->known;
  facts->upper_bound_micros =
      scripted ? px_script_price(client->script) * images : px_call_price(plan->model, effective, images);
  facts->unbilled = px_model_unbilled(provider, plan->model) && !scripted;
  facts->in_process = provider->ops.produce != NULL;
  facts->images = (int32_t)images;
  facts->answer_max = answer_max(client, plan->model, effective, images);
  plan->partials = asks_for_partials(effective);
  facts->poll_interval_ms = client->options.poll_interval_ms ? client->options.poll_interval_ms : provider->poll_interval_ms;
  facts->total_ms = client->options.generation_timeout_ms ? client->options.generation_timeout_ms
                    : provider->generation_ms            ? provider->generation_ms
                                                         : DEFAULT_GENERATION_MS;
}

/* Where the call goes below the base URL: what the adapter wrote, else the model's own path with its name in place. */
static pixazo_status choose_path(px_plan *plan, const px_buf *written, pixazo_error **error)
{
  px_auto(px_buf) path = PX_BUF_INIT(PX_URL_MAX);
  const px_model *model = plan->model;
  const char *row = plan->inputs.count > 0 && model->edit_path ? model->edit_path : model->path;
  const char *name = row ? strstr(row, "{model}") : NULL;
  if (written->size > 0) {
    (void)px_buf_add_text(&path, px_buf_text(written));
  } else if (name) {
    (void)px_buf_add(&path, row, (size_t)(name - row));
    px_url_escape(&path, plan->model_name, false);
    (void)px_buf_add_text(&path, name + strlen("{model}"));
  } else {
    (void)px_buf_add_text(&path, row ? row : "");
  }
  plan->path = px_buf_steal(&path);
  return plan->path ? PIXAZO_OK : px_fail_nomem(error);
}

static pixazo_status build(px_plan *plan, const px_json *effective, pixazo_error **error)
{
  px_auto(px_buf) path = PX_BUF_INIT(PX_URL_MAX);
  const px_provider *provider = plan->provider;
  if (provider->ops.produce)
    return PIXAZO_OK;
  px_build job = {
      .provider = provider,
      .model = plan->model,
      .name = plan->model_name,
      .effective = effective,
      .inputs = plan->inputs.items,
      .input_count = plan->inputs.count,
      .body = &plan->body,
      .path = &path,
  };
  PX_TRY(provider->ops.build ? provider->ops.build(&job, error) : px_build_plain(&job, error));
  return choose_path(plan, &path, error);
}

/* Builds the body out of the effective JSON, so that the same record always gives the same bytes. */
pixazo_status px_plan_complete(px_plan *plan, const pixazo_client *client, pixazo_error **error)
{
  px_cleanup(px_json_done) px_json *effective = NULL;
  int64_t images = 1;
  PX_TRY(px_json_parse(plan->effective_json, strlen(plan->effective_json), NULL, &effective, error));
  PX_TRY(px_json_may_int64(effective, "count", &images, error));
  if (images < 1 || images > 1000)
    return px_fail(error, PIXAZO_E_CORRUPT, "effective parameters: count %lld", (long long)images);
  PX_TRY(px_trace_take(plan, effective, error));
  PX_TRY(build(plan, effective, error));
  set_facts(plan, client, effective, images);
  return PIXAZO_OK;
}

static pixazo_status copy_text(char **slot, const char *text, pixazo_error **error)
{
  *slot = px_strdup(text);
  return *slot || !text ? PIXAZO_OK : px_fail_nomem(error);
}

/* Calls behind the first get keys of their own: one key stands for one call. */
static pixazo_status make_key(const px_draft *self, size_t index, char **out, pixazo_error **error)
{
  const char *key = px_request_text(self->request, PX_FIELD_IDEMPOTENCY_KEY);
  if (!key || index == 0)
    return copy_text(out, key, error);
  px_auto(px_buf) text = PX_BUF_INIT(512);
  if (!px_buf_printf(&text, "%s#%zu", key, index + 1) || !(*out = px_buf_steal(&text)))
    return px_fail_nomem(error);
  return PIXAZO_OK;
}

pixazo_status px_draft_plan(const px_draft *self, size_t index, px_plan **out, pixazo_error **error)
{
  px_cleanup(px_plan_done) px_plan *plan = px_plan_new(&self->target);
  if (!plan)
    return px_fail_nomem(error);
  const char *principal = px_request_text(self->request, PX_FIELD_PRINCIPAL);
  PX_TRY(copy_text(&plan->prompt, px_request_text(self->request, PX_FIELD_PROMPT), error));
  PX_TRY(copy_text(&plan->request_json, self->request_json, error));
  PX_TRY(copy_text(&plan->metadata_json, px_request_text(self->request, PX_FIELD_METADATA), error));
  PX_TRY(copy_text(&plan->principal, principal ? principal : "", error));
  PX_TRY(make_key(self, index, &plan->idempotency_key, error));
  PX_TRY(copy_text(&plan->parent, px_request_text(self->request, PX_FIELD_PARENT), error));
  PX_TRY(px_inputs_copy(&self->inputs, &plan->inputs, error));
  PX_TRY(px_plan_effective(&self->settings, self->request, &self->target, &plan->inputs, &plan->effective_json, error));
  PX_TRY(px_plan_outcome(&self->settings, self->request, &plan->outcome_json, error));
  PX_TRY(px_replay_take(plan, self->request, index, error));
  PX_TRY(px_plan_complete(plan, self->client, error));
  PX_TRY(copy_text(&plan->route_json, self->route_json, error));
  plan->facts.route_json = plan->route_json;
  plan->chain_at = self->chain_at;
  plan->facts.has_next = self->client->chain.count > self->chain_at;
  if (self->client->chain.count > self->chain_at)
    PX_TRY(pixazo_request_new_copy(self->request, &plan->request, error));
  *out = px_steal(&plan);
  return PIXAZO_OK;
}

static void log_changes(const px_draft *self)
{
  for (px_field field = 0; field < PX_FIELDS; field++) {
    const px_setting *setting = &self->settings.items[field];
    const char *asked = px_request_text(self->request, field);
    char sent[48] = "nothing";
    if (setting->state == PX_HONOURED || !setting->requested)
      continue;
    if (setting->sent && setting->text)
      (void)snprintf(sent, sizeof sent, "%.40s", setting->text);
    else if (setting->sent)
      px_format_double(setting->value, sent, sizeof sent);
    px_log(self->client->log, PIXAZO_LOG_WARNING, "client", "%s/%s: %s was asked as %.40s and is sent as %s (%s)",
           self->target.provider->name, self->target.name, px_field_row_of(field)->name, asked, sent,
           px_parameter_state_name(setting->state));
  }
}

/* Nothing named, and no key for the first choice: whoever comes next in the chain. */
static pixazo_status choose_available(px_draft *self, pixazo_error **error)
{
  const px_chain *chain = &self->client->chain;
  const px_target first = self->target;
  size_t at = px_chain_after(chain, 0);
  if (!first.account || !first.account->missing || at == chain->count)
    return PIXAZO_OK;
  self->route_json = px_route_add(NULL, first.provider->name, first.name, "there is no API key for it");
  for (size_t i = 0; self->route_json && i < at; i++) {
    char *longer = px_route_add(self->route_json, chain->items[i].provider->name, chain->items[i].name,
                                "there is no API key for it");
    px_free(self->route_json);
    self->route_json = longer;
  }
  self->target = chain->items[at];
  self->chain_at = at + 1;
  return self->route_json ? PIXAZO_OK : px_fail_nomem(error);
}

static pixazo_status choose_target(px_draft *self, pixazo_error **error)
{
  const px_accounts *accounts = &self->client->accounts;
  const px_account *own = &accounts->items[0];
  const char *provider = px_request_text(self->request, PX_FIELD_PROVIDER);
  const char *model = px_request_text(self->request, PX_FIELD_MODEL);
  PX_TRY(px_target_provider(accounts, px_str_empty(provider) ? own->provider->name : provider, &self->target, error));
  if (px_str_empty(model))
    return px_str_empty(provider) ? choose_available(self, error) : PIXAZO_OK;
  const px_provider *named = self->target.provider;
  PX_TRY(px_target_resolve(accounts, model, named, &self->target, error));
  if (!px_str_empty(provider) && named != self->target.provider)
    return px_fail(error, PIXAZO_E_ARGUMENT, "model \"%.64s\" is not of provider %s", model, named->name);
  return PIXAZO_OK;
}

static pixazo_status check_request(const px_draft *self, pixazo_error **error)
{
  PX_TRY(px_replay_check(self->request, error));
  PX_TRY(px_trace_check(px_request_text(self->request, PX_FIELD_TRACEPARENT), error));
  double ratio = 0;
  const char *parent = px_request_text(self->request, PX_FIELD_PARENT);
  if (px_str_empty(px_request_text(self->request, PX_FIELD_PROMPT)))
    return px_fail(error, PIXAZO_E_ARGUMENT, "request: a prompt is required");
  if (px_request_text(self->request, PX_FIELD_ASPECT_RATIO) && !px_request_ratio(self->request, &ratio))
    return px_fail(error, PIXAZO_E_ARGUMENT, "request: aspect_ratio must be two numbers like 16:9, at most 64 to 1");
  if (parent && !px_uuid_valid(parent))
    return px_fail(error, PIXAZO_E_ARGUMENT, "request: parent is not a UUID");
  return PIXAZO_OK;
}

pixazo_status px_draft_begin(px_draft *self, pixazo_error **error)
{
  PX_TRY(px_target_access(&self->target, error));
  PX_TRY(pixazo_request_to_json(self->request, &self->request_json, error));
  PX_TRY(px_inputs_take(&self->inputs, self->request, &self->target, error));
  px_settings_make(&self->settings, self->client, self->request, self->target.model);
  if (!self->quiet)
    log_changes(self);
  return PIXAZO_OK;
}

void px_draft_done(px_draft *self)
{
  px_free(self->request_json);
  px_free(self->route_json);
  px_inputs_done(&self->inputs);
}

static void unref_plans(px_plan **plans, size_t count)
{
  for (size_t i = 0; i < count; i++)
    px_plan_unref(plans[i]);
  px_free(plans);
}

/* A call must be one that everybody in the chain can make, else a fallback would bring fewer pictures. */
static int64_t pictures_per_call(const px_draft *self)
{
  const px_chain *chain = &self->client->chain;
  int64_t each = self->target.model->pictures_per_call;
  for (size_t at = px_chain_after(chain, self->chain_at); at < chain->count; at = px_chain_after(chain, at + 1)) {
    if (chain->items[at].model->pictures_per_call < each)
      each = chain->items[at].model->pictures_per_call;
  }
  return each;
}

static pixazo_status make_plans(px_draft *self, px_plan ***plans, size_t *count, pixazo_error **error)
{
  PX_TRY(check_request(self, error));
  PX_TRY(choose_target(self, error));
  PX_TRY(px_draft_begin(self, error));
  int64_t wanted = 1;
  (void)px_request_integer(self->request, PX_FIELD_COUNT, &wanted);
  int64_t each = pictures_per_call(self);
  size_t calls = (size_t)((wanted + each - 1) / each);
  px_plan **made = px_calloc(calls, sizeof(px_plan *));
  if (!made)
    return px_fail_nomem(error);
  for (size_t i = 0; i < calls; i++) {
    int64_t left = wanted - (int64_t)i * each;
    self->settings.items[PX_FIELD_COUNT].value = (double)(left < each ? left : each);
    pixazo_status status = px_draft_plan(self, i, &made[i], error);
    if (status != PIXAZO_OK) {
      unref_plans(made, i);
      return status;
    }
    px_settings_advance(&self->settings, self->client, self->target.model);
  }
  *plans = made;
  *count = calls;
  return PIXAZO_OK;
}

pixazo_status px_client_plan(pixazo_client *client, const pixazo_request *request, px_plan ***plans, size_t *count,
                             pixazo_error **error)
{
  PX_TRY(px_client_check(client, error));
  px_draft self = {.client = client, .request = request};
  pixazo_status status = make_plans(&self, plans, count, error);
  px_draft_done(&self);
  return status;
}
