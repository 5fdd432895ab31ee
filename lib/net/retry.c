/* SPDX-License-Identifier: MIT */
#include "net/retry.h"

#include "net/engine.h"

static bool is_throttle(int http_status)
{
  return http_status == 429 || http_status == 503 || http_status == 529;
}

/* Failures of this machine, of its user or of the guard come back the same. */
static bool is_hopeless(const px_retry_case *facts)
{
  return facts->trouble == PX_TROUBLE_GUARD || facts->trouble == PX_TROUBLE_LOCAL || facts->trouble == PX_TROUBLE_MEMORY ||
         facts->trouble == PX_TROUBLE_CANCEL || facts->trouble == PX_TROUBLE_WITHHELD ||
         facts->trouble == PX_TROUBLE_STOPPED || facts->trouble == PX_TROUBLE_LIMIT;
}

static bool paid_may_repeat(const px_retry_case *facts)
{
  if (facts->advice == PX_ADVICE_STOP)
    return false;
  switch (facts->attempt_class) {
  case PIXAZO_CLASS_NOT_SENT:
    return !is_hopeless(facts);
  case PIXAZO_CLASS_REFUSED:
    return (is_throttle(facts->http_status) || facts->advice == PX_ADVICE_RETRY) && !facts->quota_gone;
  case PIXAZO_CLASS_FAILED:
    return true;
  case PIXAZO_CLASS_EMPTY:
    return facts->unbilled || (facts->empty_unbilled && facts->retries_done == 0);
  case PIXAZO_CLASS_AMBIGUOUS:
  case PIXAZO_CLASS_LOST:
    return facts->unbilled && !is_hopeless(facts);
  default:
    return false;
  }
}

static bool free_may_repeat(const px_retry_case *facts)
{
  int http = facts->http_status;
  if (facts->trouble != PX_TROUBLE_NONE)
    return !is_hopeless(facts);
  if (facts->advice != PX_ADVICE_NONE)
    return facts->advice == PX_ADVICE_RETRY;
  return http == 408 || http == 425 || http == 429 || (http >= 500 && http != 501 && http != 505);
}

uint32_t px_retry_backoff(const px_retry_policy *policy, uint32_t retries_done, uint64_t random)
{
  uint64_t ceiling = policy->base_ms;
  for (uint32_t i = 0; i < retries_done && ceiling < policy->cap_ms; i++)
    ceiling *= 2;
  if (ceiling > policy->cap_ms)
    ceiling = policy->cap_ms;
  /* the high half of a 64 x 32 bit product: uniform without a division */
  return (uint32_t)(((random >> 32) * (ceiling + 1)) >> 32);
}

px_retry_verdict px_retry_decide(const px_retry_policy *policy, const px_retry_case *facts)
{
  px_retry_verdict verdict = {PX_RETRY_STOP, 0};
  if (facts->retries_done >= policy->max_retries || !(facts->paid ? paid_may_repeat(facts) : free_may_repeat(facts)))
    return verdict;
  verdict.action = PX_RETRY_AFTER;
  verdict.delay_ms = px_retry_backoff(policy, facts->retries_done, facts->random);
  if (facts->retry_after_ms > policy->honour_ms) {
    verdict.action = PX_RETRY_LATER;
    verdict.delay_ms = facts->retry_after_ms;
  } else if (facts->retry_after_ms > verdict.delay_ms) {
    verdict.delay_ms = facts->retry_after_ms;
  }
  return verdict;
}
