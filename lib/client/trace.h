/* SPDX-License-Identifier: MIT */
/* The header by which a call becomes a part of the caller's trace (W3C Trace Context). */
#ifndef PX_CLIENT_TRACE_H
#define PX_CLIENT_TRACE_H

#include "client/plan.h"

/* E_ARGUMENT unless it is absent or follows the form: version, trace id, parent id and flags in lower-case hex. */
pixazo_status px_trace_check(const char *traceparent, pixazo_error **error);
/* Fills plan->trace_header from the effective parameters. */
pixazo_status px_trace_take(px_plan *plan, const px_json *effective, pixazo_error **error);

#endif
