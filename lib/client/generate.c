/* SPDX-License-Identifier: MIT */
/* One blocking generation without a journal: plan, gate, send, judge, again or poll, record. */
#include <string.h>

#include "base/error.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/record.h"
#include "base/str.h"
#include "client/story.h"
#include "client/delivery.h"
#include "client/exchange.h"
#include "client/hooks.h"

/* One planned call on its way to its pictures. */
typedef struct run {
  pixazo_client *client;
  px_plan *plan; /* one reference */
  px_waiter *waiter;
  pixazo_generation *record;
  char attempt[PX_UUID_TEXT];
  int64_t deadline_us; /* of the call that is made now, queue included; monotonic */
  px_outcome *outcome; /* of the last try */
  px_delivery delivery;
  px_story story;
} run;

static void run_done(run *self)
{
  px_outcome_free(self->outcome);
  px_delivery_done(&self->delivery);
  pixazo_generation_free(self->record);
  px_plan_unref(self->plan);
}

/* What the record says of the call as it is planned now: again after another provider took its place. */
static pixazo_status record_plan(run *self, pixazo_error **error)
{
  const px_plan_facts *facts = px_plan_get(self->plan);
  pixazo_generation *record = self->record;
  self->story.series = px_metrics_series(self->client->metrics, facts->provider, facts->model);
  bool fine = px_record_set(&record->provider, facts->provider) && px_record_set(&record->model, facts->model) &&
              px_record_set(&record->effective_json, facts->effective_json) &&
              px_record_set(&record->outcome_json, facts->outcome_json) &&
              px_record_set(&record->route_json, facts->route_json) && px_record_set(&record->currency, facts->currency);
  return fine ? PIXAZO_OK : px_fail_nomem(error);
}

static pixazo_status begin_record(run *self, pixazo_error **error)
{
  const px_plan_facts *facts = px_plan_get(self->plan);
  pixazo_generation *record = px_generation_new();
  if (!record)
    return px_fail_nomem(error);
  self->record = record;
  self->story = (px_story){.record = record, .clock = self->client->clock};
  px_uuid_new(self->client->clock, record->uuid);
  record->created_us = record->updated_us = px_wall_us(self->client->clock);
  record->state = PIXAZO_GENERATION_ACTIVE;
  record->confidence = PIXAZO_CONFIDENCE_BILLED;
  bool fine = px_record_set(&record->principal, facts->principal) &&
              px_record_set(&record->idempotency_key, facts->idempotency_key) &&
              px_record_set(&record->prompt, facts->prompt) &&
              px_record_set(&record->request_json, facts->request_json) &&
              px_record_set(&record->metadata_json, facts->metadata_json);
  return fine ? record_plan(self, error) : px_fail_nomem(error);
}

static px_gate_attempt describe_attempt(const run *self)
{
  px_gate_attempt attempt = px_plan_attempt(self->plan);
  attempt.attempt = self->attempt;
  attempt.generation = self->record->uuid;
  attempt.n = self->record->attempts + 1;
  return attempt;
}

/* Asks the gate until it says go. */
static pixazo_status pass_gate(run *self, pixazo_error **error)
{
  pixazo_gate *gate = self->client->gate;
  int64_t since_us = 0;
  for (;;) {
    px_gate_verdict verdict = {0};
    px_uuid_new(self->client->clock, self->attempt);
    px_gate_attempt attempt = describe_attempt(self);
    attempt.waiting_since_us = since_us;
    self->waiter->until_us = 0;
    PX_TRY(gate->ops->begin(gate->self, &attempt, 1, &verdict, error));
    if (verdict.verdict == PX_GATE_GO)
      return PIXAZO_OK;
    if (verdict.verdict == PX_GATE_DENIED) {
      pixazo_status status = pixazo_error_status(verdict.error);
      px_error_move(error, verdict.error);
      if (status == PIXAZO_E_BUDGET)
        px_series_count(self->story.series, PX_COUNT_DENIED);
      return status == PIXAZO_OK ? PIXAZO_E_BUDGET : status;
    }
    int64_t now_us = px_wall_us(self->client->clock);
    int64_t wait_us = verdict.wait_until_us - now_us;
    int64_t wait_ms = wait_us <= 0 ? 1 : wait_us / 1000 + 1;
    if (since_us == 0) /* a call, however often it has to look */
      px_series_count(self->story.series, PX_COUNT_WAITS);
    since_us = since_us > 0 ? since_us : now_us;
    self->waiter->until_us = verdict.wait_until_us;
    px_waiter_tell(self->waiter, PIXAZO_STAGE_QUEUED);
    PX_TRY(px_waiter_sleep(self->waiter, wait_ms < 60000 ? (uint32_t)wait_ms : 60000, error));
  }
}

/* What the gate cannot write down now must not cost the picture that was paid for. */
static void answer_gate(run *self, const px_gate_answer *answer)
{
  pixazo_gate *gate = self->client->gate;
  px_autoerror problem = NULL;
  if (gate->ops->answered(gate->self, answer, 1, &problem) != PIXAZO_OK)
    px_log(self->client->log, PIXAZO_LOG_ERROR, "client", "attempt %s could not be settled: %s", self->attempt,
           pixazo_error_message(problem));
}

static void tell_gate(run *self, const px_outcome *outcome)
{
  px_gate_answer answer = {
      .attempt = self->attempt,
      .generation = self->record->uuid,
      .attempt_class = outcome->attempt_class,
      .http_status = outcome->http_status,
      .provider_code = outcome->provider_code,
      .request_id = outcome->request_id,
      .remote_id = outcome->remote_id,
      .poll_url = outcome->poll_url,
      .message = outcome->error ? pixazo_error_message(outcome->error) : NULL,
      .safety_json = outcome->safety_json,
      .currency = outcome->currency,
      .cost_micros = outcome->cost_micros,
      .confidence = outcome->confidence,
      .charge = outcome->charge,
  };
  answer_gate(self, &answer);
}

/* Costs add up over the tries; the weakest knowledge rules. */
static void account(run *self, const px_outcome *outcome)
{
  px_client_note(self->client, self->plan, outcome);
  pixazo_generation *record = self->record;
  record->attempts++;
  record->last_class = outcome->attempt_class;
  record->http_status = outcome->http_status;
  record->cost_micros += outcome->cost_micros;
  if (outcome->confidence < record->confidence)
    record->confidence = outcome->confidence;
}

static pixazo_status judge(run *self, bool poll, px_outcome **out, pixazo_error **error)
{
  const px_answer *answer = NULL;
  PX_TRY(px_delivery_read(&self->delivery, &answer, error));
  if (poll)
    return px_client_judge_poll(self->client, self->plan, &self->waiter->evidence, answer, out, error);
  return px_client_judge(self->client, self->plan, &self->waiter->evidence, answer, out, error);
}

/* The evidence of a call that never began: the same would be refused again. */
static void never_sent(run *self, pixazo_status status, pixazo_error *problem)
{
  px_waiter *waiter = self->waiter;
  int64_t now = px_wall_us(self->client->clock);
  pixazo_error_free(waiter->error);
  waiter->error = problem;
  waiter->evidence =
      (px_evidence){.status = status, .error = problem, .started_us = now, .ended_us = now, .trouble = PX_TROUBLE_GUARD};
}

static pixazo_status send_and_judge(run *self, bool *sent, pixazo_error **error)
{
  px_autoerror problem = NULL;
  PX_TRY(px_delivery_open(&self->delivery, self->plan, self->attempt, self->record->uuid, error));
  pixazo_status status = px_waiter_send(self->waiter, self->plan, &self->delivery.writer, &problem);
  if (status != PIXAZO_OK)
    never_sent(self, status, px_steal(&problem));
  *sent = self->waiter->evidence.body_asked;
  px_outcome_free(self->outcome);
  self->outcome = NULL;
  return judge(self, false, &self->outcome, error);
}

/* A call that could not be judged here must not stay open at the gate. */
static void settle_blind(run *self, bool sent, const pixazo_error *problem)
{
  const px_plan_facts *facts = px_plan_get(self->plan);
  bool doubt = sent && !facts->unbilled;
  px_gate_answer answer = {
      .attempt = self->attempt,
      .generation = self->record->uuid,
      .attempt_class = doubt  ? PIXAZO_CLASS_AMBIGUOUS
                       : sent ? PIXAZO_CLASS_FAILED
                              : PIXAZO_CLASS_NOT_SENT,
      .message = pixazo_error_message(problem),
      .currency = facts->currency,
      .cost_micros = doubt && facts->price_known ? facts->upper_bound_micros : 0,
      .confidence = doubt ? (facts->price_known ? PIXAZO_CONFIDENCE_UPPER_BOUND : PIXAZO_CONFIDENCE_UNKNOWN)
                          : PIXAZO_CONFIDENCE_BILLED,
      .charge = doubt ? PIXAZO_CHARGE_UNKNOWN : PIXAZO_CHARGE_NOT_CHARGED,
  };
  answer_gate(self, &answer);
}

static pixazo_status make_call(run *self, pixazo_error **error)
{
  px_autoerror problem = NULL;
  bool sent = false;
  pixazo_status status = send_and_judge(self, &sent, &problem);
  if (status == PIXAZO_OK) {
    account(self, self->outcome);
    px_story_call(&self->story, self->attempt, self->outcome, self->waiter->evidence.started_us);
    tell_gate(self, self->outcome);
    return PIXAZO_OK;
  }
  settle_blind(self, sent, problem);
  if (sent && !px_plan_get(self->plan)->unbilled)
    px_error_charge(&problem, PIXAZO_CLASS_AMBIGUOUS, PIXAZO_CHARGE_UNKNOWN);
  px_error_move(error, px_steal(&problem));
  return status;
}

/* One poll: *ended once the queue has an end to tell. */
static pixazo_status poll_once(run *self, uint32_t *failures, uint32_t *delay_ms, bool *ended, pixazo_error **error)
{
  px_outcome *said = NULL;
  px_series_count(self->story.series, PX_COUNT_POLLS);
  *delay_ms = px_plan_get(self->plan)->poll_interval_ms;
  PX_TRY(px_delivery_open(&self->delivery, self->plan, self->attempt, self->record->uuid, error));
  PX_TRY(px_waiter_poll(self->waiter, self->plan, &self->delivery.writer, self->outcome, error));
  PX_TRY(judge(self, true, &said, error));
  *ended = said->attempt_class != PIXAZO_CLASS_NONE;
  bool silent = !*ended && said->error;
  if (*ended) {
    px_outcome_free(self->outcome);
    self->outcome = said;
    self->record->last_class = said->attempt_class;
    px_story_call(&self->story, self->attempt, self->outcome, self->waiter->evidence.started_us);
    if (said->attempt_class != PIXAZO_CLASS_ACCEPTED)
      tell_gate(self, said);
    return PIXAZO_OK;
  }
  pixazo_status status = silent ? pixazo_error_status(said->error) : PIXAZO_OK;
  bool again = !silent || (px_client_retry(self->client, self->plan, said, &self->waiter->evidence, *failures, delay_ms) &&
                           *delay_ms != UINT32_MAX);
  *failures = silent ? *failures + 1 : 0;
  if (!again)
    px_error_move(error, px_steal(&said->error));
  px_outcome_free(said);
  return again ? PIXAZO_OK : status;
}

static pixazo_status fail_unfinished(const run *self, pixazo_status status, const char *why, pixazo_error **error)
{
  const char *id = self->outcome->remote_id ? self->outcome->remote_id : "";
  (void)px_fail(error, status, "%s — %s/%s — the provider took the call as %s", why, px_plan_get(self->plan)->provider,
                px_plan_get(self->plan)->model, id);
  px_error_charge(error, PIXAZO_CLASS_ACCEPTED, self->outcome->charge);
  return status;
}

static pixazo_status follow_queue(run *self, pixazo_error **error)
{
  uint32_t failures = 0;
  uint32_t delay_ms = px_plan_get(self->plan)->poll_interval_ms;
  for (bool ended = false; !ended;) {
    px_waiter_tell(self->waiter, PIXAZO_STAGE_GENERATING);
    if (px_waiter_stopping(self->waiter) || px_waiter_sleep(self->waiter, delay_ms, NULL) != PIXAZO_OK)
      return fail_unfinished(self, PIXAZO_E_AMBIGUOUS, "cancelled before the queue was done", error);
    if (px_mono_us(self->client->clock) > self->deadline_us)
      return fail_unfinished(self, PIXAZO_E_TIMEOUT, "the queue was not done in time", error);
    pixazo_status status = poll_once(self, &failures, &delay_ms, &ended, error);
    if (status == PIXAZO_E_CANCELLED && error && *error) {
      pixazo_error_free(*error);
      *error = NULL;
    }
    if (status == PIXAZO_E_CANCELLED)
      return fail_unfinished(self, PIXAZO_E_AMBIGUOUS, "cancelled before the queue was done", error);
    PX_TRY(status);
  }
  return PIXAZO_OK;
}

/* Hands the outcome's error on, with the generation it belongs to. */
static pixazo_status fail_with_outcome(run *self, pixazo_error **error)
{
  pixazo_status status = pixazo_error_status(self->outcome->error);
  px_error_move(error, px_steal(&self->outcome->error));
  return status == PIXAZO_OK ? PIXAZO_E_INTERNAL : status;
}

/* Waits before the same call is made again. False: vetoed or cancelled. */
static bool wait_for_retry(run *self, uint32_t retries, uint32_t delay_ms)
{
  px_waiter *waiter = self->waiter;
  px_retry_notice notice = {waiter, self->outcome->error, self->outcome->attempt_class, retries + 1, delay_ms};
  if (!px_hooks_retry(&notice, &delay_ms))
    return false;
  px_series_count(self->story.series, PX_COUNT_RETRIES);
  px_waiter_tell(waiter, PIXAZO_STAGE_QUEUED);
  return px_waiter_sleep(waiter, delay_ms, NULL) == PIXAZO_OK;
}

/* Whether another call follows one that brought nothing, or was kept from being made; and which. */
static bool goes_on(run *self, const pixazo_error *why, uint32_t *retries)
{
  int32_t action = PX_ROUTE_STOP;
  uint32_t delay_ms = 0;
  px_call_end end = {why ? NULL : self->outcome, why, &self->waiter->evidence, *retries};
  if (px_waiter_stopping(self->waiter))
    return false;
  px_plan *other = px_client_follow(self->client, self->plan, &end, &action, &delay_ms);
  if (action == PX_ROUTE_RETRY)
    return wait_for_retry(self, (*retries)++, delay_ms);
  if (action != PX_ROUTE_NEXT)
    return false;
  px_plan_unref(self->plan);
  self->plan = other;
  *retries = 0;
  return true;
}

/* One call as it is planned now; *called: it was made, and its outcome is there. */
static pixazo_status call_once(run *self, bool *called, pixazo_error **error)
{
  PX_TRY(record_plan(self, error));
  pixazo_error *closed = px_client_closed(self->client, self->plan, true);
  pixazo_status status = pixazo_error_status(closed);
  px_error_move(error, closed);
  PX_TRY(status);
  status = pass_gate(self, error);
  self->story.started_us = px_mono_us(self->client->clock);
  self->deadline_us = self->story.started_us + (int64_t)px_plan_get(self->plan)->total_ms * 1000; /* waits before are not its */
  if (status == PIXAZO_OK)
    status = make_call(self, error);
  if (status != PIXAZO_OK)
    px_client_note(self->client, self->plan, NULL); /* was it to be a probe, the next one may be */
  PX_TRY(status);
  *called = true;
  if (self->outcome->attempt_class == PIXAZO_CLASS_ACCEPTED && self->outcome->picture_count == 0)
    PX_TRY(follow_queue(self, error));
  px_story_measure(&self->story, self->outcome);
  return PIXAZO_OK;
}

static pixazo_status call_until_settled(run *self, pixazo_error **error)
{
  uint32_t retries = 0;
  for (uint32_t tries = 1;; tries++) {
    px_autoerror problem = NULL;
    bool called = false;
    self->waiter->attempt = tries;
    if (px_waiter_stopping(self->waiter))
      return px_fail(error, PIXAZO_E_CANCELLED, "cancelled before the call was sent");
    pixazo_status status = call_once(self, &called, &problem);
    if (status == PIXAZO_OK && self->outcome->attempt_class == PIXAZO_CLASS_ACCEPTED)
      return PIXAZO_OK;
    bool denied = status != PIXAZO_OK && !called && pixazo_error_class(problem) == PIXAZO_CLASS_NONE;
    if ((status == PIXAZO_OK || denied) && goes_on(self, denied ? problem : NULL, &retries))
      continue;
    if (status == PIXAZO_OK)
      return fail_with_outcome(self, error);
    px_error_move(error, px_steal(&problem));
    return status;
  }
}

/* Whatever went wrong behind the acceptance: the caller must learn that it was paid for, and as what. */
static void tell_accepted(const run *self, pixazo_error **error)
{
  const px_outcome *taken = self->outcome;
  if (!taken || taken->attempt_class != PIXAZO_CLASS_ACCEPTED || pixazo_error_class(*error) != PIXAZO_CLASS_NONE)
    return;
  px_error_charge(error, PIXAZO_CLASS_ACCEPTED, taken->charge);
  if (taken->remote_id)
    px_error_prefix(error, "the provider took the call as %s", taken->remote_id);
}

static void log_end(const run *self)
{
  const pixazo_generation *record = self->record;
  px_log(self->client->log, PIXAZO_LOG_INFO, "client", "generation %s: %zu of %s/%s, attempts %d%s", record->uuid,
         record->image_count, record->provider, record->model, record->attempts,
         px_str_equal(record->provider, px_provider_offline.name) ? ", offline test picture" : "");
}

static pixazo_status run_plan(run *self, pixazo_error **error)
{
  PX_TRY(begin_record(self, error));
  self->waiter->generation = self->record->uuid;
  px_series_count(self->story.series, PX_COUNT_ADDED);
  pixazo_status status = call_until_settled(self, error);
  if (status == PIXAZO_OK)
    status = px_delivery_collect(&self->delivery, self->client, self->outcome, self->record, error);
  px_story_end(&self->story, status, self->outcome);
  if (status != PIXAZO_OK) {
    tell_accepted(self, error);
    px_error_generation(error, self->record->uuid);
  } else {
    log_end(self);
  }
  self->waiter->generation = "";
  return status;
}

/* Joins the record of a further call to the first one. */
static pixazo_status join(pixazo_generation **all, run *self, pixazo_error **error)
{
  if (!*all) {
    *all = px_steal(&self->record);
    return PIXAZO_OK;
  }
  if (self->record->state == PIXAZO_GENERATION_PARTIAL)
    (*all)->state = PIXAZO_GENERATION_PARTIAL;
  if (!px_generation_absorb(*all, self->record))
    return px_fail_nomem(error);
  self->record = NULL;
  for (size_t i = 0; i < (*all)->image_count; i++)
    (*all)->images[i].index = (int32_t)i;
  return PIXAZO_OK;
}

static pixazo_status run_one(px_waiter *waiter, px_plan *plan, pixazo_generation **all, pixazo_error **error)
{
  px_auto(run) self = {.client = waiter->client, .plan = px_plan_ref(plan), .waiter = waiter, .delivery = PX_DELIVERY_INIT};
  pixazo_status status = run_plan(&self, error);
  if (status == PIXAZO_OK)
    return join(all, &self, error);
  if (*all && self.record)
    (void)join(all, &self, NULL); /* what the failed call cost is a part of what the whole cost */
  return status;
}

/* What is there stays: a later call that fails makes the whole partial, not lost, be there memory for the reason or not. */
static void keep_partial(pixazo_generation *all, const pixazo_error *problem)
{
  all->state = PIXAZO_GENERATION_PARTIAL;
  (void)px_record_set(&all->message, pixazo_error_message(problem));
}

static pixazo_status run_all(px_waiter *waiter, px_plan **plans, size_t count, pixazo_generation **out, pixazo_error **error)
{
  pixazo_generation *all = NULL;
  px_autoerror problem = NULL;
  pixazo_status status = PIXAZO_OK;
  for (size_t i = 0; i < count && status == PIXAZO_OK; i++)
    status = run_one(waiter, plans[i], &all, &problem);
  if (all) {
    if (status != PIXAZO_OK)
      keep_partial(all, problem);
    *out = all;
    return PIXAZO_OK;
  }
  px_error_move(error, px_steal(&problem));
  return status;
}

static pixazo_status generate(pixazo_client *client, const pixazo_request *request, pixazo_cancel *cancel,
                              pixazo_generation **out, pixazo_error **error)
{
  px_plan **plans = NULL;
  size_t count = 0;
  px_cleanup(px_waiter_done) px_waiter waiter;
  PX_TRY(px_waiter_init(&waiter, client, cancel, error));
  PX_TRY(px_client_plan(client, request, &plans, &count, error));
  pixazo_status status = run_all(&waiter, plans, count, out, error);
  for (size_t i = 0; i < count; i++)
    px_plan_unref(plans[i]);
  px_free(plans);
  return status;
}

pixazo_status pixazo_client_generate(pixazo_client *client, const pixazo_request *request, pixazo_cancel *cancel,
                                     pixazo_generation **out, pixazo_error **error)
{
  PX_REQUIRE(client, error, "client is NULL");
  PX_REQUIRE(request, error, "request is NULL");
  PX_REQUIRE(out, error, "out is NULL");
  pixazo_status status = generate(client, request, cancel, out, error);
  px_log_deliver(client->log);
  return status;
}
