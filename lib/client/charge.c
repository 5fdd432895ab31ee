/* SPDX-License-Identifier: MIT */
#include "client/charge.h"

static px_charge_verdict verdict(int32_t attempt_class, int32_t charge)
{
  return (px_charge_verdict){attempt_class, charge};
}

static px_charge_verdict unknown_outcome(void)
{
  return verdict(PIXAZO_CLASS_AMBIGUOUS, PIXAZO_CHARGE_UNKNOWN);
}

static px_charge_verdict refused(void)
{
  return verdict(PIXAZO_CLASS_REFUSED, PIXAZO_CHARGE_NOT_CHARGED);
}

/* A block that came as an error status was a refusal; as a success it may have been billed. */
static px_charge_verdict blocked(const px_charge_case *facts)
{
  static const int32_t stated[] = {PIXAZO_CHARGE_UNKNOWN, PIXAZO_CHARGE_NOT_CHARGED, PIXAZO_CHARGE_CHARGED};
  bool as_error = facts->http_status >= 400 && facts->http_status < 500;
  if (facts->billing->blocked == PX_BILLED_UNKNOWN && as_error)
    return verdict(PIXAZO_CLASS_BLOCKED, PIXAZO_CHARGE_NOT_CHARGED);
  return verdict(PIXAZO_CLASS_BLOCKED, stated[facts->billing->blocked]);
}

/* The provider says in its own words that it failed: believed only where it also says that this is free. */
static px_charge_verdict provider_failed(const px_charge_case *facts)
{
  if (facts->billing->errors_unbilled)
    return verdict(PIXAZO_CLASS_FAILED, PIXAZO_CHARGE_NOT_CHARGED);
  return unknown_outcome();
}

static px_charge_verdict success(const px_charge_case *facts)
{
  if (!facts->whole || facts->unreadable)
    return verdict(PIXAZO_CLASS_LOST, PIXAZO_CHARGE_CHARGED);
  if (facts->accepted_id || facts->pictures > 0)
    return verdict(PIXAZO_CLASS_ACCEPTED, PIXAZO_CHARGE_CHARGED);
  if (facts->policy)
    return blocked(facts);
  if (facts->queue_failed)
    return provider_failed(facts);
  return verdict(PIXAZO_CLASS_EMPTY, facts->billing->empty_unbilled ? PIXAZO_CHARGE_NOT_CHARGED : PIXAZO_CHARGE_UNKNOWN);
}

/* Statuses that machines on the way write when they gave up waiting for the one behind them. */
static bool is_from_the_way(int32_t status)
{
  return status == 502 || status == 504 || (status >= 520 && status <= 527);
}

static px_charge_verdict server_error(const px_charge_case *facts)
{
  bool own = facts->author == PX_AUTHOR_PROVIDER && facts->whole;
  if (!facts->body_asked)
    return verdict(PIXAZO_CLASS_NOT_SENT, PIXAZO_CHARGE_NOT_CHARGED);
  if (facts->http_status == 529)
    return refused();
  if (facts->http_status == 503 && (facts->retry_after || (own && facts->overload)))
    return refused();
  if (is_from_the_way(facts->http_status) || !own)
    return unknown_outcome();
  return facts->policy ? blocked(facts) : provider_failed(facts);
}

/* A rule is the provider's word about a whole answer of its own that holds nothing; what machines on the way write is not. */
static bool is_ruled(const px_charge_case *facts)
{
  return facts->ruling != PX_RULING_NONE && facts->whole && facts->author == PX_AUTHOR_PROVIDER && facts->pictures == 0 &&
         !facts->accepted_id && !is_from_the_way(facts->http_status);
}

static px_charge_verdict rule(const px_charge_case *facts)
{
  if (facts->ruling == PX_RULING_BLOCKED)
    return blocked(facts);
  return facts->ruling == PX_RULING_FAILED ? provider_failed(facts) : refused();
}

static px_charge_verdict judge_status(const px_charge_case *facts)
{
  int32_t status = facts->http_status;
  if (is_ruled(facts))
    return rule(facts);
  if (status >= 200 && status < 300)
    return success(facts);
  if (status == 408)
    return facts->body_asked ? unknown_outcome() : verdict(PIXAZO_CLASS_NOT_SENT, PIXAZO_CHARGE_NOT_CHARGED);
  if (status >= 300 && status < 500)
    return facts->policy && facts->author == PX_AUTHOR_PROVIDER ? blocked(facts) : refused();
  if (status >= 500 && status < 600)
    return server_error(facts);
  return unknown_outcome();
}

px_charge_verdict px_charge_decide(const px_charge_case *facts)
{
  px_charge_verdict found;
  if (facts->head_complete)
    found = judge_status(facts);
  else
    found = facts->body_asked ? unknown_outcome() : verdict(PIXAZO_CLASS_NOT_SENT, PIXAZO_CHARGE_NOT_CHARGED);
  if (!facts->unbilled)
    return found;
  found.charge = PIXAZO_CHARGE_NOT_CHARGED;
  bool harmless = found.attempt_class == PIXAZO_CLASS_AMBIGUOUS || found.attempt_class == PIXAZO_CLASS_EMPTY ||
                  found.attempt_class == PIXAZO_CLASS_LOST;
  if (harmless)
    found.attempt_class = PIXAZO_CLASS_FAILED;
  return found;
}
