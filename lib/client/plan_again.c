/* SPDX-License-Identifier: MIT */
/* Calls that follow from an earlier one: made again from its record, or the same request to another provider. */
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/record.h"
#include "client/plan.h"

static pixazo_status copy_text(char **slot, const char *text, pixazo_error **error)
{
  px_free(*slot);
  *slot = px_strdup(text);
  return *slot || !text ? PIXAZO_OK : px_fail_nomem(error);
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

static pixazo_status read_inputs(px_plan *plan, pixazo_error **error)
{
  px_cleanup(px_json_done) px_json *effective = NULL;
  PX_TRY(px_json_parse(plan->effective_json, strlen(plan->effective_json), NULL, &effective, error));
  return px_inputs_read(&plan->inputs, effective, error);
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
  px_cleanup(px_plan_done) px_plan *plan = px_plan_new(&target);
  if (!plan)
    return px_fail_nomem(error);
  PX_TRY(copy_record(plan, record, error));
  PX_TRY(read_inputs(plan, error));
  memcpy(plan->replay_key, record->replay_key, sizeof plan->replay_key);
  plan->replay_asked = record->replay_key[0] != '\0'; /* a row has one only where a replay was wanted */
  PX_TRY(px_plan_complete(plan, client, error));
  plan->facts.has_next = client->chain.count > 0;
  *out = px_steal(&plan);
  return PIXAZO_OK;
}

/* What the first plan settled by itself holds for the other one too: how many pictures, and the seed. */
static pixazo_status keep_settled(px_draft *self, const px_plan *plan, pixazo_error **error)
{
  px_setting *count = &self->settings.items[PX_FIELD_COUNT];
  px_setting *seed = &self->settings.items[PX_FIELD_SEED];
  px_cleanup(px_json_done) px_json *effective = NULL;
  int64_t number = 0;
  PX_TRY(px_json_parse(plan->effective_json, strlen(plan->effective_json), NULL, &effective, error));
  count->value = (double)plan->facts.images;
  bool seeded = px_json_get_int64(effective, "seed", &number, NULL) == PIXAZO_OK;
  const px_param *param = px_limits_find(&self->client->limits, self->target.model, PX_FIELD_SEED);
  if (seed->sent && seeded && (double)number <= param->maximum)
    seed->value = (double)number;
  if (plan->facts.images > self->target.model->pictures_per_call)
    return px_fail(error, PIXAZO_E_UNSUPPORTED, "it gives at most %d pictures a call, %d are wanted",
                   self->target.model->pictures_per_call, plan->facts.images);
  return PIXAZO_OK;
}

/* A picture that became another one in its file since then is not what was asked for. */
static pixazo_status check_inputs(const px_inputs *now, const px_inputs *then, pixazo_error **error)
{
  for (size_t i = 0; i < now->count; i++) {
    if (i >= then->count || strcmp(now->items[i].sha256, then->items[i].sha256) != 0)
      return px_fail(error, PIXAZO_E_CONFLICT, "%s is not the picture any more that the request was made with",
                     now->items[i].path);
  }
  return PIXAZO_OK;
}

static pixazo_status reroute(px_draft *self, const px_plan *plan, px_plan **out, pixazo_error **error)
{
  px_cleanup(px_plan_done) px_plan *made = NULL;
  PX_TRY(px_draft_begin(self, error));
  PX_TRY(check_inputs(&self->inputs, &plan->inputs, error));
  PX_TRY(keep_settled(self, plan, error));
  PX_TRY(px_draft_plan(self, 0, &made, error));
  PX_TRY(copy_text(&made->idempotency_key, plan->idempotency_key, error));
  made->facts.idempotency_key = made->idempotency_key;
  *out = px_steal(&made);
  return PIXAZO_OK;
}

pixazo_status px_plan_reroute(pixazo_client *client, const px_reroute *way, px_plan **out, pixazo_error **error)
{
  pixazo_request *read = NULL;
  const px_plan *plan = way->plan;
  if (!plan->request)
    PX_TRY(pixazo_request_new_from_json(plan->request_json, &read, error));
  px_auto(px_draft) self = {.client = client, .request = read ? read : plan->request, .target = *way->target,
                            .chain_at = way->chain_at, .route_json = px_strdup(way->route_json), .quiet = way->quiet};
  pixazo_status status = self.route_json ? reroute(&self, plan, out, error) : px_fail_nomem(error);
  pixazo_request_free(read);
  return status;
}
