/* SPDX-License-Identifier: MIT */
#include "client/route.h"

/* Money first: while a call may have been charged nobody else is asked, unless the caller wants exactly that. */
static bool may_go_on(const px_route_policy *policy, const px_route_case *facts)
{
  switch (facts->attempt_class) {
  case PIXAZO_CLASS_NONE: /* nothing was sent */
    return facts->status == PIXAZO_E_BUDGET || facts->status == PIXAZO_E_THROTTLED || facts->status == PIXAZO_E_QUOTA ||
           facts->status == PIXAZO_E_NETWORK;
  case PIXAZO_CLASS_NOT_SENT:
    return facts->status == PIXAZO_E_NETWORK || facts->status == PIXAZO_E_TIMEOUT;
  case PIXAZO_CLASS_REFUSED:
    return policy->rejected || facts->status != PIXAZO_E_PROVIDER;
  case PIXAZO_CLASS_FAILED:
    return facts->status != PIXAZO_E_CANCELLED && facts->status != PIXAZO_E_IO && facts->status != PIXAZO_E_NOMEM;
  case PIXAZO_CLASS_BLOCKED:
    return policy->blocked;
  case PIXAZO_CLASS_EMPTY:
    return !facts->charged;
  case PIXAZO_CLASS_AMBIGUOUS:
    return policy->ambiguous;
  default:
    return false;
  }
}

int px_route_next(const px_route_policy *policy, const px_route_case *facts, bool alone)
{
  if (facts->retry)
    return PX_ROUTE_RETRY;
  if (!alone && may_go_on(policy, facts))
    return PX_ROUTE_NEXT;
  return facts->later ? PX_ROUTE_LATER : PX_ROUTE_STOP;
}
