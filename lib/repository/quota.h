/* SPDX-License-Identifier: MIT */
/* Quotas: calls per time and calls at once, shared by all processes. A slot is an attempt that is being sent by a worker that
 * lives: there is nothing to give back, so a crash keeps none. */
#ifndef PX_REPOSITORY_QUOTA_H
#define PX_REPOSITORY_QUOTA_H

#include "base/gate.h"
#include "base/terms.h"
#include "db/db.h"

/* Whether quotas let an attempt begin now: leaves *verdict as it is, or makes it WAIT or DENIED. */
pixazo_status px_quota_ask(px_db_link *link, const px_gate_attempt *attempt, int64_t now_us, px_gate_verdict *verdict,
                           pixazo_error **error);
/* Counts an attempt that begins now. */
pixazo_status px_quota_charge(px_db_link *link, const px_gate_attempt *attempt, int64_t now_us, pixazo_error **error);

#endif
