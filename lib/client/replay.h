/* SPDX-License-Identifier: MIT */
/* What tells whether two calls would ask for the very same pictures. */
#ifndef PX_CLIENT_REPLAY_H
#define PX_CLIENT_REPLAY_H

#include "client/plan.h"
#include "client/request.h"

/* E_ARGUMENT unless the parameter is absent, "exact" or "never". */
pixazo_status px_replay_check(const pixazo_request *request, pixazo_error **error);
/* Fills plan->replay_key and replay_asked of a plan whose effective parameters are there. `index` of the call in its request. */
pixazo_status px_replay_take(px_plan *plan, const pixazo_request *request, size_t index, pixazo_error **error);

#endif
