/* SPDX-License-Identifier: MIT */
/* From evidence and answer file to an outcome: class, charge, pictures, cost, and an error in plain words. */
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "client/charge.h"
#include "client/judge.h"
#include "client/message.h"
#include "client/plan.h"
#include "client/safety.h"
#include "client/secret.h"
#include "net/retry.h"
#include "net/url.h"

void px_outcome_free(px_outcome *outcome)
{
  if (!outcome)
    return;
  pixazo_error_free(outcome->error);
  px_pictures_free(outcome->pictures, outcome->picture_count);
  px_free(outcome->provider_code);
  px_free(outcome->request_id);
  px_free(outcome->safety_json);
  px_free(outcome->remote_id);
  px_free(outcome->poll_url);
  px_free(outcome->currency);
  px_free(outcome);
}

static void drop_outcome(px_outcome **outcome)
{
  px_outcome_free(*outcome);
}

static uint32_t retry_after_of(const px_answer *answer, const px_evidence *evidence, const px_clock *clock)
{
  uint32_t milliseconds = 0;
  const char *exact = px_answer_get(answer, "retry-after-ms");
  const char *plain = px_answer_get(answer, "retry-after");
  if (exact && px_retry_after_ms_parse(exact, &milliseconds))
    return milliseconds;
  int64_t now = evidence->ended_us > 0 ? evidence->ended_us : px_wall_us(clock);
  if (plain && px_retry_after_parse(plain, now, &milliseconds))
    return milliseconds;
  return 0;
}

static int32_t advice_of(const px_answer *answer)
{
  const char *said = px_answer_get(answer, "x-should-retry");
  if (px_str_equal(said, "true"))
    return PX_ADVICE_RETRY;
  return px_str_equal(said, "false") ? PX_ADVICE_STOP : PX_ADVICE_NONE;
}

/* A provider that repeats the key must not bring it into records and messages. */
static void drop_secret(char **text, const char *secret)
{
  if (*text && px_secret_in(*text, strlen(*text), secret)) {
    px_free(*text);
    *text = NULL;
  }
}

bool px_client_finds_key(const pixazo_client *client, const void *data, size_t size)
{
  for (size_t i = 0; i < client->accounts.count; i++) {
    if (px_secret_in(data, size, client->accounts.items[i].api_key))
      return true;
  }
  return false;
}

/* A head too strange to be kept leaves no file, but its status line was seen: a success was paid for. */
static bool knows_status(const px_evidence *evidence, const px_answer *answer)
{
  bool success = evidence->http_status >= 200 && evidence->http_status < 300;
  return evidence->head_complete || (answer ? answer->head != NULL : success);
}

static pixazo_status begin_judgement(px_judgement *self, const pixazo_client *client, const px_plan *plan,
                                     const px_evidence *evidence, const px_answer *answer, pixazo_error **error)
{
  *self = (px_judgement){.client = client, .plan = plan, .evidence = evidence, .answer = answer};
  self->head_complete = knows_status(evidence, answer);
  self->http_status = evidence->http_status;
  if (!self->head_complete || !answer)
    return PIXAZO_OK;
  self->http_status = px_answer_status(answer);
  if (self->http_status == 0)
    self->http_status = evidence->http_status;
  /* the file decides: bytes that could not be written are not there, whatever the transfer says */
  self->whole = answer->whole && evidence->body_complete;
  self->retry_after_ms = retry_after_of(answer, evidence, client->clock);
  self->retry_after = px_answer_get(answer, "retry-after") || px_answer_get(answer, "retry-after-ms");
  const char *mitigated = px_answer_get(answer, "cf-mitigated");
  const char *key = plan->account->api_key;
  if (plan->provider->ops.read)
    PX_TRY(plan->provider->ops.read(plan->provider, answer, &self->reading, error));
  else
    PX_TRY(px_reading_read(answer, &self->reading, error));
  self->whole = self->whole || self->reading.settled;
  if (!self->retry_after && self->reading.waits)
    self->retry_after_ms = self->reading.wait_ms;
  drop_secret(&self->reading.code, key);
  drop_secret(&self->reading.safety_categories, key);
  drop_secret(&self->reading.request_id, key);
  drop_secret(&self->reading.remote_id, key);
  drop_secret(&self->reading.poll_url, key);
  /* a picture was paid for: its link and its words stay readable around the key */
  for (size_t i = 0; i < self->reading.picture_count; i++) {
    px_secret_mask(self->reading.pictures[i].url, key);
    px_secret_mask(self->reading.pictures[i].revised_prompt, key);
  }
  self->challenged = self->http_status == 403 && (self->reading.html || mitigated);
  return PIXAZO_OK;
}

static void judgement_done(px_judgement *self)
{
  px_reading_done(&self->reading);
}

/* An id only counts as accepted work where the state says so or the model is known to queue. */
static bool is_accepted_id(const px_judgement *self)
{
  const px_reading *reading = &self->reading;
  if (!reading->remote_id || !self->plan->provider->ops.poll)
    return false;
  if (reading->queue == PX_QUEUE_WORKING)
    return true;
  bool open = reading->queue == PX_QUEUE_NONE && reading->picture_count == 0 && !reading->message;
  return open && (self->plan->model->queue || reading->poll_url);
}

static void weigh(px_judgement *self)
{
  const px_plan_facts *facts = px_plan_get(self->plan);
  const px_reading *reading = &self->reading;
  px_charge_case weighed = {
      .body_asked = self->evidence->body_asked,
      .head_complete = self->head_complete,
      .http_status = self->http_status,
      .author = reading->author,
      .whole = self->whole,
      .unreadable = reading->unreadable,
      .policy = reading->policy,
      .overload = reading->overload,
      .retry_after = self->retry_after,
      .ruling = reading->ruling,
      .accepted_id = is_accepted_id(self),
      .queue_failed = reading->queue == PX_QUEUE_FAILED && (self->plan->model->queue || self->is_poll),
      .pictures = reading->picture_count,
      .billing = &self->plan->provider->billing,
      .unbilled = facts->unbilled,
  };
  self->verdict = px_charge_decide(&weighed);
}

static void set_cost(px_outcome *outcome, const px_judgement *self)
{
  const px_plan_facts *facts = px_plan_get(self->plan);
  const px_price *price = &self->plan->model->price;
  outcome->confidence = PIXAZO_CONFIDENCE_BILLED;
  outcome->cost_micros = 0;
  if (outcome->charge == PIXAZO_CHARGE_NOT_CHARGED || outcome->charge == PIXAZO_CHARGE_NONE)
    return;
  int64_t metered = px_usage_cost(&self->reading.usage, &self->plan->model->tokens);
  if (outcome->charge == PIXAZO_CHARGE_CHARGED && metered >= 0) {
    outcome->cost_micros = metered;
    outcome->confidence = PIXAZO_CONFIDENCE_METERED;
    return;
  }
  outcome->cost_micros = facts->price_known ? facts->upper_bound_micros : 0;
  if (self->reading.cost_known && outcome->attempt_class == PIXAZO_CLASS_ACCEPTED)
    outcome->cost_micros = self->reading.cost_micros; /* the provider's own figure keeps its confidence */
  else if (!facts->price_known)
    outcome->confidence = PIXAZO_CONFIDENCE_UNKNOWN;
  else if (outcome->attempt_class == PIXAZO_CLASS_ACCEPTED)
    outcome->confidence = price->confidence;
  else
    outcome->confidence = PIXAZO_CONFIDENCE_UPPER_BOUND;
}

/* A polling address gets the key, so it must be the provider's own. */
static bool is_own_origin(const px_account *account, const char *url)
{
  px_url theirs;
  px_url ours;
  if (!account->base_url || px_url_parse(account->base_url, &ours, NULL) != PIXAZO_OK)
    return false;
  return px_url_parse(url, &theirs, NULL) == PIXAZO_OK && px_url_same_origin(&ours, &theirs);
}

static pixazo_status copy_text(char **slot, const char *text, pixazo_error **error)
{
  *slot = px_strdup(text);
  return *slot || !text ? PIXAZO_OK : px_fail_nomem(error);
}

static pixazo_status fill_outcome(px_outcome *outcome, px_judgement *self, pixazo_error **error)
{
  px_reading *reading = &self->reading;
  PX_TRY(copy_text(&outcome->currency, px_plan_get(self->plan)->currency, error));
  PX_TRY(px_safety_json(self, outcome, error));
  outcome->provider_code = px_steal(&reading->code);
  outcome->request_id = px_steal(&reading->request_id);
  outcome->remote_id = px_steal(&reading->remote_id);
  if (reading->poll_url && is_own_origin(self->plan->account, reading->poll_url))
    outcome->poll_url = px_steal(&reading->poll_url);
  else if (reading->poll_url)
    px_log(self->client->log, PIXAZO_LOG_WARNING, "client", "%s/%s names a polling address elsewhere; it is not followed",
           px_plan_get(self->plan)->provider, px_plan_get(self->plan)->model);
  if (outcome->attempt_class == PIXAZO_CLASS_ACCEPTED) {
    outcome->pictures = px_steal(&reading->pictures);
    outcome->picture_count = reading->picture_count;
    reading->picture_count = 0;
  }
  return PIXAZO_OK;
}

/* Makes the outcome of what was weighed. */
static pixazo_status conclude(px_judgement *self, px_outcome **out, pixazo_error **error)
{
  px_cleanup(drop_outcome) px_outcome *outcome = px_calloc(1, sizeof *outcome);
  if (!outcome)
    return px_fail_nomem(error);
  outcome->attempt_class = self->verdict.attempt_class;
  outcome->charge = self->verdict.charge;
  outcome->trouble = self->evidence->trouble;
  outcome->http_status = self->http_status;
  outcome->retry_after_ms = self->retry_after_ms;
  outcome->retry_advice = self->answer && self->head_complete ? advice_of(self->answer) : PX_ADVICE_NONE;
  set_cost(outcome, self);
  if (self->trouble || (outcome->attempt_class != PIXAZO_CLASS_ACCEPTED && outcome->attempt_class != PIXAZO_CLASS_NONE))
    px_judgement_explain(self, outcome);
  PX_TRY(fill_outcome(outcome, self, error));
  *out = px_steal(&outcome);
  return PIXAZO_OK;
}

pixazo_status px_client_judge(pixazo_client *client, const px_plan *plan, const px_evidence *evidence,
                              const px_answer *answer, px_outcome **out, pixazo_error **error)
{
  px_cleanup(judgement_done) px_judgement self;
  PX_TRY(begin_judgement(&self, client, plan, evidence, answer, error));
  weigh(&self);
  return conclude(&self, out, error);
}

/* What a poll proves about the work: only a whole 2xx answer proves anything. */
static void weigh_poll(px_judgement *self)
{
  const px_reading *reading = &self->reading;
  bool good = self->head_complete && self->whole && self->http_status >= 200 && self->http_status < 300;
  bool own = good && reading->author == PX_AUTHOR_PROVIDER;
  bool unbilled = px_plan_get(self->plan)->unbilled;
  self->verdict = (px_charge_verdict){PIXAZO_CLASS_NONE, unbilled ? PIXAZO_CHARGE_NOT_CHARGED : PIXAZO_CHARGE_UNKNOWN};
  self->trouble = !own;
  if (!own || reading->queue == PX_QUEUE_WORKING)
    return;
  if (reading->queue == PX_QUEUE_NONE && reading->picture_count == 0)
    return;
  weigh(self);
}

pixazo_status px_client_judge_poll(pixazo_client *client, const px_plan *plan, const px_evidence *evidence,
                                   const px_answer *answer, px_outcome **out, pixazo_error **error)
{
  px_cleanup(judgement_done) px_judgement self;
  PX_TRY(begin_judgement(&self, client, plan, evidence, answer, error));
  self.is_poll = true;
  weigh_poll(&self);
  return conclude(&self, out, error);
}

static pixazo_status copy_body(const px_answer *answer, int descriptor, uint64_t max_bytes, pixazo_error **error)
{
  char piece[16384];
  size_t got = 0;
  if (answer->body_size > max_bytes)
    return px_fail(error, PIXAZO_E_LIMIT, "the picture in the answer has more than %llu bytes",
                   (unsigned long long)max_bytes);
  for (uint64_t offset = 0; offset < answer->body_size; offset += got) {
    PX_TRY(px_answer_body(answer, offset, piece, sizeof piece, &got, error));
    PX_TRY(px_write_all(descriptor, piece, got, "the picture", error));
  }
  return PIXAZO_OK;
}

pixazo_status px_picture_write(const px_picture *picture, const px_answer *answer, int descriptor, uint64_t max_bytes,
                               pixazo_error **error)
{
  if (picture->kind == PX_PICTURE_BODY)
    return copy_body(answer, descriptor, max_bytes, error);
  if (picture->kind != PX_PICTURE_BASE64)
    return px_fail(error, PIXAZO_E_ARGUMENT, "this picture is not in the answer");
  px_scan scan = {answer, descriptor, (size_t)picture->ordinal, max_bytes};
  size_t taken = 0;
  if (px_reading_is_stream(answer))
    PX_TRY(px_reading_events(&scan, NULL, NULL, &taken, error));
  else
    PX_TRY(px_reading_scan(&scan, NULL, &taken, error));
  return scan.ordinal < taken ? PIXAZO_OK : px_fail(error, PIXAZO_E_CORRUPT, "the picture is not in the answer any more");
}
