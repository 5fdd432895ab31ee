/* SPDX-License-Identifier: MIT */
/* The error of an outcome, in the form: what failed — where — why — what it cost. What to do is its hint. */
#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"
#include "client/judge.h"
#include "client/message.h"

enum { MESSAGE_SIZE = 512, WORDS_SIZE = 220 };

/* What the body says so clearly that the status does not matter; PIXAZO_OK: nothing. */
static pixazo_status status_of_words(const px_reading *reading)
{
  bool no_billing = reading->quota && px_str_equal(reading->code, "FAILED_PRECONDITION"); /* of a project at Google */
  if (reading->spent || no_billing || reading->ruling == PX_RULING_QUOTA)
    return PIXAZO_E_QUOTA;
  if (reading->ruling == PX_RULING_OVERLOAD)
    return PIXAZO_E_THROTTLED;
  return reading->bad_key ? PIXAZO_E_AUTH : PIXAZO_OK;
}

/* A refusal, by its HTTP status. */
static pixazo_status status_of_refusal(const px_judgement *self)
{
  const px_reading *reading = &self->reading;
  pixazo_status said = status_of_words(reading);
  if (said != PIXAZO_OK)
    return said;
  switch (self->http_status) {
  case 401:
    return PIXAZO_E_AUTH;
  case 402:
    return PIXAZO_E_QUOTA;
  case 403:
    if (self->challenged)
      return PIXAZO_E_NETWORK;
    return reading->quota ? PIXAZO_E_QUOTA : PIXAZO_E_AUTH;
  case 429:
    return reading->quota && !self->retry_after && !reading->waits ? PIXAZO_E_QUOTA : PIXAZO_E_THROTTLED;
  case 503:
  case 529:
    return PIXAZO_E_THROTTLED;
  default:
    return PIXAZO_E_PROVIDER;
  }
}

/* Why the transfer ended, where it did not end well. */
static pixazo_status status_of_transfer(const px_judgement *self, pixazo_status otherwise)
{
  return self->evidence->status != PIXAZO_OK ? self->evidence->status : otherwise;
}

static pixazo_status status_of_loss(const px_judgement *self)
{
  pixazo_status status = self->evidence->status;
  return status == PIXAZO_E_IO || status == PIXAZO_E_LIMIT || status == PIXAZO_E_NOMEM ? status : PIXAZO_E_PROVIDER;
}

static pixazo_status status_of(const px_judgement *self)
{
  switch (self->verdict.attempt_class) {
  case PIXAZO_CLASS_NOT_SENT:
    return status_of_transfer(self, PIXAZO_E_NETWORK);
  case PIXAZO_CLASS_REFUSED:
    return status_of_refusal(self);
  case PIXAZO_CLASS_BLOCKED:
    return PIXAZO_E_REJECTED;
  case PIXAZO_CLASS_FAILED:
    return status_of_transfer(self, PIXAZO_E_PROVIDER);
  case PIXAZO_CLASS_AMBIGUOUS:
    return PIXAZO_E_AMBIGUOUS;
  case PIXAZO_CLASS_LOST:
    return status_of_loss(self);
  case PIXAZO_CLASS_NONE:
    return self->http_status >= 400 ? status_of_refusal(self) : status_of_transfer(self, PIXAZO_E_PROVIDER);
  default:
    return PIXAZO_E_PROVIDER;
  }
}

static const char *what_failed(const px_judgement *self)
{
  switch (self->verdict.attempt_class) {
  case PIXAZO_CLASS_NONE:
    return "asking for the result failed";
  case PIXAZO_CLASS_NOT_SENT:
    return "the call was not sent";
  case PIXAZO_CLASS_REFUSED:
    return "the provider refused the call";
  case PIXAZO_CLASS_BLOCKED:
    return "the content policy refused the prompt";
  case PIXAZO_CLASS_FAILED:
    return "the provider failed";
  case PIXAZO_CLASS_EMPTY:
    return "the answer holds no picture";
  case PIXAZO_CLASS_LOST:
    return self->whole ? "the answer cannot be read" : "the answer was cut";
  default:
    return "the call was sent and its outcome is unknown";
  }
}

static void add_reason(px_buf *out, const px_judgement *self)
{
  const px_reading *reading = &self->reading;
  const char *host = self->answer ? px_answer_get(self->answer, "redirect-host") : NULL;
  const char *transfer = pixazo_error_message(self->evidence->error);
  if (self->http_status > 0)
    (void)px_buf_printf(out, "HTTP %d", self->http_status);
  if (self->http_status >= 300 && self->http_status < 400)
    (void)px_buf_printf(out, ", a redirect to %.80s, which is not followed", host ? host : "an unnamed place");
  else if (self->challenged)
    (void)px_buf_add_text(out, ", a challenge page of the network in front of the provider");
  const char *words = self->evidence->status != PIXAZO_OK && !px_str_empty(transfer) ? transfer : reading->message;
  if (words && !self->challenged) {
    (void)px_buf_add_text(out, out->size > 0 && self->http_status > 0 ? ": " : "");
    px_message_clean(out, words, WORDS_SIZE, self->plan->account->api_key, reading->html);
  }
}

static void add_cost(px_buf *out, const px_outcome *outcome, const px_plan_facts *facts)
{
  static const char *const bounded[] = {"", "not charged", "charged at most ", "may be charged, at most "};
  static const char *const unbounded[] = {"", "not charged", "charged, at an unknown price",
                                          "may be charged, at an unknown price"};
  if (outcome->charge < PIXAZO_CHARGE_NOT_CHARGED || outcome->charge > PIXAZO_CHARGE_UNKNOWN)
    return;
  (void)px_buf_printf(out, " — %s", (facts->price_known ? bounded : unbounded)[outcome->charge]);
  if (outcome->charge != PIXAZO_CHARGE_NOT_CHARGED && facts->price_known)
    px_message_money(out, outcome->cost_micros, facts->currency);
}

static const char *hint_of(const px_judgement *self, pixazo_status status)
{
  if (self->challenged)
    return "wait and try again; if it stays, ask the provider to let this address through";
  if (self->verdict.attempt_class == PIXAZO_CLASS_LOST)
    return "the answer as it came is kept; look at the provider's history before paying again";
  if (self->verdict.attempt_class == PIXAZO_CLASS_EMPTY)
    return "look at the provider's history before asking again";
  if (self->evidence->error && status == pixazo_error_status(self->evidence->error))
    return pixazo_error_hint(self->evidence->error); /* what stopped the transfer knows best */
  if (status == PIXAZO_E_PROVIDER && self->http_status == 404)
    return "check the base URL and the model's name";
  if (status == PIXAZO_E_PROVIDER && self->verdict.attempt_class == PIXAZO_CLASS_REFUSED)
    return "correct the parameters the provider names";
  return NULL;
}

void px_judgement_explain(const px_judgement *self, px_outcome *outcome)
{
  const px_plan_facts *facts = px_plan_get(self->plan);
  px_auto(px_buf) text = PX_BUF_INIT(4096);
  px_auto(px_buf) reason = PX_BUF_INIT(2048);
  px_auto(px_buf) cost = PX_BUF_INIT(128);
  px_auto(px_buf) code = PX_BUF_INIT(256);
  pixazo_status status = status_of(self);
  add_reason(&reason, self);
  if (!self->is_poll || outcome->attempt_class != PIXAZO_CLASS_NONE)
    add_cost(&cost, outcome, facts);
  (void)px_buf_printf(&text, "%s — %s/%s", what_failed(self), facts->provider, facts->model);
  size_t room = MESSAGE_SIZE - 8 - text.size - cost.size;
  if (reason.size > 0)
    (void)px_buf_printf(&text, " — %.*s", (int)px_utf8_cut(px_buf_text(&reason), room), px_buf_text(&reason));
  (void)px_buf_add_text(&text, px_buf_text(&cost));
  (void)px_fail(&outcome->error, status, "%s", px_buf_text(&text));
  if (self->reading.code)
    px_message_clean(&code, self->reading.code, 60, self->plan->account->api_key, false);
  px_error_charge(&outcome->error, outcome->attempt_class, outcome->charge);
  px_error_http(&outcome->error, self->http_status, px_buf_text(&code), self->reading.request_id);
  px_error_retry_after(&outcome->error, self->retry_after_ms);
  const char *hint = hint_of(self, status);
  if (hint)
    px_error_hint(&outcome->error, hint);
}
