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
#include "net/url.h"

static void drop_inputs(px_inputs *inputs)
{
  for (size_t i = 0; i < inputs->count; i++)
    px_input_done(&inputs->items[i]);
  px_free(inputs->items);
  *inputs = (px_inputs){NULL, 0};
}

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
  drop_inputs(&plan->inputs);
  px_body_done(&plan->body);
  px_free(plan->model_name);
  px_free(plan->path);
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

static px_plan *new_plan(const px_target *target)
{
  px_plan *plan = px_calloc(1, sizeof *plan);
  if (!plan)
    return NULL;
  atomic_init(&plan->references, 1);
  plan->account = target->account;
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

enum { DEFAULT_GENERATION_MS = 300000 };

/* Fills the facts once all texts are in place. */
static void set_facts(px_plan *plan, const pixazo_client *client, const px_json *effective, int64_t images)
{
  px_plan_facts *facts = &plan->facts;
  const px_provider *provider = plan->provider;
  const px_price *price = &plan->model->price;
  bool scripted = provider->ops.produce && client->script;
  facts->provider = provider->name;
  facts->model = plan->model_name;
  facts->prompt = plan->prompt;
  facts->request_json = plan->request_json;
  facts->metadata_json = plan->metadata_json;
  facts->effective_json = plan->effective_json;
  facts->outcome_json = plan->outcome_json;
  facts->principal = plan->principal;
  facts->idempotency_key = plan->idempotency_key;
  facts->currency = "USD";
  facts->price_known = price->known;
  facts->upper_bound_micros = (scripted ? px_script_price(client->script) : px_model_price(plan->model, effective)) * images;
  facts->unbilled = px_model_unbilled(provider, plan->model) && !scripted;
  facts->in_process = provider->ops.produce != NULL;
  facts->images = (int32_t)images;
  facts->answer_max = answer_max(client, plan->model, effective, images);
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
static pixazo_status complete_plan(px_plan *plan, const pixazo_client *client, pixazo_error **error)
{
  px_cleanup(px_json_done) px_json *effective = NULL;
  int64_t images = 1;
  PX_TRY(px_json_parse(plan->effective_json, strlen(plan->effective_json), NULL, &effective, error));
  PX_TRY(px_json_may_int64(effective, "count", &images, error));
  if (images < 1 || images > 1000)
    return px_fail(error, PIXAZO_E_CORRUPT, "effective parameters: count %lld", (long long)images);
  PX_TRY(build(plan, effective, error));
  set_facts(plan, client, effective, images);
  return PIXAZO_OK;
}

typedef struct draft {
  const pixazo_client *client;
  const pixazo_request *request;
  px_target target;
  px_settings settings;
  px_inputs inputs;
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

static pixazo_status copy_inputs(const px_inputs *from, px_inputs *to, pixazo_error **error)
{
  if (from->count == 0)
    return PIXAZO_OK;
  to->items = px_calloc(from->count, sizeof *to->items);
  if (!to->items)
    return px_fail_nomem(error);
  for (to->count = 0; to->count < from->count; to->count++) {
    to->items[to->count] = from->items[to->count];
    to->items[to->count].path = px_strdup(from->items[to->count].path);
    if (!to->items[to->count].path)
      return px_fail_nomem(error);
  }
  return PIXAZO_OK;
}

static pixazo_status make_plan(const draft *self, size_t index, px_plan **out, pixazo_error **error)
{
  px_cleanup(drop_plan) px_plan *plan = new_plan(&self->target);
  if (!plan)
    return px_fail_nomem(error);
  const char *principal = px_request_text(self->request, PX_FIELD_PRINCIPAL);
  PX_TRY(copy_text(&plan->prompt, px_request_text(self->request, PX_FIELD_PROMPT), error));
  PX_TRY(copy_text(&plan->request_json, self->request_json, error));
  PX_TRY(copy_text(&plan->metadata_json, px_request_text(self->request, PX_FIELD_METADATA), error));
  PX_TRY(copy_text(&plan->principal, principal ? principal : "", error));
  PX_TRY(make_key(self, index, &plan->idempotency_key, error));
  PX_TRY(copy_inputs(&self->inputs, &plan->inputs, error));
  PX_TRY(px_plan_effective(&self->settings, self->request, &self->target, &plan->inputs, &plan->effective_json, error));
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

static pixazo_status choose_target(draft *self, pixazo_error **error)
{
  const px_accounts *accounts = &self->client->accounts;
  const px_account *own = &accounts->items[0];
  const char *provider = px_request_text(self->request, PX_FIELD_PROVIDER);
  const char *model = px_request_text(self->request, PX_FIELD_MODEL);
  PX_TRY(px_target_provider(accounts, px_str_empty(provider) ? own->provider->name : provider, &self->target, error));
  if (px_str_empty(model))
    return PIXAZO_OK;
  const px_provider *named = self->target.provider;
  PX_TRY(px_target_resolve(accounts, model, named, &self->target, error));
  if (!px_str_empty(provider) && named != self->target.provider)
    return px_fail(error, PIXAZO_E_ARGUMENT, "model \"%.64s\" is not of provider %s", model, named->name);
  return PIXAZO_OK;
}

static pixazo_status check_request(const draft *self, pixazo_error **error)
{
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

static pixazo_status add_input(px_inputs *inputs, const px_model *model, const char *path, bool mask, pixazo_error **error)
{
  px_input input = {.mask = mask};
  px_input *grown = px_realloc_array(inputs->items, inputs->count + 1, sizeof *grown);
  if (!grown)
    return px_fail_nomem(error);
  inputs->items = grown;
  PX_TRY(px_input_measure(&input, path, model->input_bytes, error));
  grown[inputs->count++] = input;
  return PIXAZO_OK;
}

/* A picture that cannot be sent must not be left out silently: the call would be paid for something else. */
static pixazo_status take_inputs(draft *self, pixazo_error **error)
{
  const px_target *target = &self->target;
  const char *list = px_request_text(self->request, PX_FIELD_IMAGES);
  const char *mask = px_request_text(self->request, PX_FIELD_MASK);
  px_cleanup(px_json_done) px_json *root = NULL;
  if (list)
    PX_TRY(px_json_parse(list, strlen(list), NULL, &root, error));
  size_t count = px_json_size(root);
  if (count > (size_t)target->model->inputs_max)
    return px_fail(error, PIXAZO_E_ARGUMENT, "%s/%s takes %d picture%s with a request, not %zu", target->provider->name,
                   target->name, target->model->inputs_max, target->model->inputs_max == 1 ? "" : "s", count);
  if (mask && (!target->model->mask || count == 0))
    return px_fail(error, PIXAZO_E_ARGUMENT, count == 0 ? "request: a mask needs a picture in images"
                                                        : "request: this model takes no mask");
  for (const px_json *item = px_json_first(root); item; item = px_json_next(item))
    PX_TRY(add_input(&self->inputs, target->model, px_json_text(item), false, error));
  return mask ? add_input(&self->inputs, target->model, mask, true, error) : PIXAZO_OK;
}

static pixazo_status begin_draft(draft *self, pixazo_error **error)
{
  PX_TRY(check_request(self, error));
  PX_TRY(choose_target(self, error));
  PX_TRY(px_target_access(&self->target, error));
  PX_TRY(pixazo_request_to_json(self->request, &self->request_json, error));
  PX_TRY(take_inputs(self, error));
  px_settings_make(&self->settings, self->client, self->request, self->target.model);
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
  int64_t each = self->target.model->pictures_per_call;
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
  draft self = {.client = client, .request = request};
  pixazo_status status = make_plans(&self, plans, count, error);
  px_free(self.request_json);
  drop_inputs(&self.inputs);
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

static pixazo_status read_input(px_inputs *inputs, const px_json *node, bool mask, pixazo_error **error)
{
  const char *path = NULL;
  const char *type = NULL;
  const char *sha256 = NULL;
  int64_t bytes = 0;
  PX_TRY(px_json_get_string(node, "path", &path, error));
  PX_TRY(px_json_get_string(node, "type", &type, error));
  PX_TRY(px_json_get_string(node, "sha256", &sha256, error));
  PX_TRY(px_json_get_int64(node, "bytes", &bytes, error));
  px_input *grown = px_realloc_array(inputs->items, inputs->count + 1, sizeof *grown);
  if (!grown)
    return px_fail_nomem(error);
  inputs->items = grown;
  px_input *added = &grown[inputs->count];
  *added = (px_input){.path = px_strdup(path), .type = px_input_type(type), .bytes = (uint64_t)bytes, .mask = mask};
  (void)snprintf(added->sha256, sizeof added->sha256, "%s", sha256);
  if (!added->path)
    return px_fail_nomem(error);
  inputs->count++;
  return added->type ? PIXAZO_OK : px_fail(error, PIXAZO_E_CORRUPT, "effective parameters: type of an input");
}

/* The pictures of a planned call, as the record names them: their bytes are looked at when it is sent. */
static pixazo_status read_inputs(px_plan *plan, pixazo_error **error)
{
  px_cleanup(px_json_done) px_json *effective = NULL;
  PX_TRY(px_json_parse(plan->effective_json, strlen(plan->effective_json), NULL, &effective, error));
  const px_json *images = px_json_member(effective, "images");
  const px_json *mask = px_json_member(effective, "mask");
  for (const px_json *item = px_json_first(images); item; item = px_json_next(item))
    PX_TRY(read_input(&plan->inputs, item, false, error));
  return mask ? read_input(&plan->inputs, mask, true, error) : PIXAZO_OK;
}

pixazo_status px_client_plan_again(pixazo_client *client, const pixazo_generation *record, px_plan **out,
                                   pixazo_error **error)
{
  PX_TRY(px_client_check(client, error));
  px_target target;
  px_auto(px_buf) name = PX_BUF_INIT(1024);
  if (!px_buf_printf(&name, "%s/%s", pixazo_generation_provider(record), pixazo_generation_model(record)))
    return px_fail_nomem(error);
  if (px_target_resolve(&client->accounts, px_buf_text(&name), NULL, &target, NULL) != PIXAZO_OK)
    return px_fail(error, PIXAZO_E_UNSUPPORTED, "generation %s: this library does not know the model %s/%s",
                   pixazo_generation_uuid(record), pixazo_generation_provider(record), pixazo_generation_model(record));
  PX_TRY(px_target_access(&target, error));
  px_cleanup(drop_plan) px_plan *plan = new_plan(&target);
  if (!plan)
    return px_fail_nomem(error);
  PX_TRY(copy_record(plan, record, error));
  PX_TRY(read_inputs(plan, error));
  PX_TRY(complete_plan(plan, client, error));
  *out = px_steal(&plan);
  return PIXAZO_OK;
}
