/* SPDX-License-Identifier: MIT */
/* Whether a call is made again by itself. */
#include "client/plan.h"
#include "net/retry.h"

enum { HONOUR_MS = 120000, CAP_MS = 30000 };

/* What ended the transfer, from whatever is at hand. */
typedef struct ending {
  pixazo_status status;
  int trouble;
  int http_status;
} ending;

static int trouble_of(pixazo_status status)
{
  switch (status) {
  case PIXAZO_OK:
  case PIXAZO_E_PROVIDER: /* an HTTP status that says so */
    return PX_TROUBLE_NONE;
  case PIXAZO_E_CANCELLED:
    return PX_TROUBLE_CANCEL;
  case PIXAZO_E_TIMEOUT:
    return PX_TROUBLE_TIMEOUT;
  case PIXAZO_E_LIMIT:
    return PX_TROUBLE_LIMIT;
  case PIXAZO_E_IO:
    return PX_TROUBLE_LOCAL;
  case PIXAZO_E_NOMEM:
    return PX_TROUBLE_MEMORY;
  default:
    return PX_TROUBLE_TRANSFER;
  }
}

static ending ending_of(const px_outcome *outcome, const px_evidence *evidence)
{
  ending found = {PIXAZO_OK, PX_TROUBLE_NONE, 0};
  if (evidence)
    found = (ending){evidence->status, evidence->trouble ? evidence->trouble : trouble_of(evidence->status),
                     evidence->http_status};
  else if (outcome)
    found = (ending){pixazo_error_status(outcome->error), outcome->trouble, outcome->http_status};
  if (outcome && outcome->http_status)
    found.http_status = outcome->http_status;
  /* a challenge in front of the provider is answered 403, but only time helps against it */
  if (outcome && found.http_status == 403 && pixazo_error_status(outcome->error) == PIXAZO_E_NETWORK)
    found.http_status = 503;
  /* whatever status it came with, the provider's rule says that there was too much load */
  if (outcome && outcome->attempt_class == PIXAZO_CLASS_REFUSED &&
      pixazo_error_status(outcome->error) == PIXAZO_E_THROTTLED)
    found.http_status = 503;
  return found;
}

static bool is_own_doing(pixazo_status status)
{
  return status == PIXAZO_E_CANCELLED || status == PIXAZO_E_IO || status == PIXAZO_E_STATE;
}

static int32_t class_of(const pixazo_client *client, const px_outcome *outcome)
{
  bool asked_for =
      outcome->attempt_class == PIXAZO_CLASS_AMBIGUOUS && client->options.on_ambiguous == PIXAZO_AMBIGUOUS_RETRY;
  return asked_for ? PIXAZO_CLASS_FAILED : outcome->attempt_class;
}

bool px_client_retry(pixazo_client *client, const px_plan *plan, const px_outcome *outcome, const px_evidence *evidence,
                     uint32_t retries_done, uint32_t *delay_ms)
{
  bool paid = outcome && outcome->attempt_class != PIXAZO_CLASS_NONE;
  uint32_t retries = paid ? client->options.max_retries : client->options.max_fetch_retries;
  px_retry_policy policy = {retries, client->options.retry_delay_ms, CAP_MS, HONOUR_MS};
  ending ended = ending_of(outcome, evidence);
  px_retry_case facts = {
      .paid = paid,
      .attempt_class = paid ? class_of(client, outcome) : PIXAZO_CLASS_NONE,
      .unbilled = plan && px_plan_get(plan)->unbilled,
      .quota_gone = outcome && pixazo_error_status(outcome->error) == PIXAZO_E_QUOTA,
      .empty_unbilled = plan && plan->provider->billing.empty_unbilled,
      .status = ended.status,
      .trouble = ended.trouble,
      .http_status = ended.http_status,
      .retries_done = retries_done,
      .retry_after_ms = outcome ? outcome->retry_after_ms : 0,
      .advice = outcome ? outcome->retry_advice : PX_ADVICE_NONE,
  };
  if (is_own_doing(ended.status) || ended.trouble == PX_TROUBLE_CANCEL || ended.trouble == PX_TROUBLE_LOCAL)
    return false;
  px_random(client->clock, &facts.random, sizeof facts.random);
  px_retry_verdict verdict = px_retry_decide(&policy, &facts);
  *delay_ms = verdict.action == PX_RETRY_LATER ? UINT32_MAX : verdict.delay_ms;
  return verdict.action != PX_RETRY_STOP;
}

pixazo_retry_fn px_client_retry_hook(const pixazo_client *client, void **user_data)
{
  *user_data = client->options.on_retry_data;
  return client->options.on_retry;
}
