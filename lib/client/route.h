/* SPDX-License-Identifier: MIT */
/* What follows a call that brought nothing: the same provider again, the next one, later, or nobody. Pure. */
#ifndef PX_CLIENT_ROUTE_H
#define PX_CLIENT_ROUTE_H

#include <stdbool.h>
#include <stdint.h>

#include "client/steps.h"

typedef struct px_route_policy {
  bool rejected;  /* the next one after a request that was refused as such (400, 404, 422) */
  bool blocked;   /* after a content policy said no */
  bool ambiguous; /* after an unknown outcome: may be paid twice */
} px_route_policy;

typedef struct px_route_case {
  int32_t attempt_class; /* of the last call; NONE: none was made (denied, or its provider is closed) */
  pixazo_status status;
  bool charged; /* by its charge it cost something, or may have */
  bool retry;   /* the same call may be made again by itself, soon */
  bool later;   /* after a wait too long to be waited out here */
} px_route_case;

/* PX_ROUTE_*. NEXT means: if there is another provider; the same facts with `alone` say what follows if there is none. */
int px_route_next(const px_route_policy *policy, const px_route_case *facts, bool alone);

#endif
