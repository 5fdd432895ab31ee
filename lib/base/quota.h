/* SPDX-License-Identifier: MIT */
/* The rules of quotas, pure: the generic cell rate algorithm, whom a quota is about, and what waiting means. `next_us` of
 * a bucket is when everything taken so far is paid off; all instants are wall clock. */
#ifndef PX_BASE_QUOTA_H
#define PX_BASE_QUOTA_H

#include "base/gate.h"
#include "base/terms.h"

/* How long a slot that is taken is waited for before the next look. */
#define PX_SLOT_LOOK_US INT64_C(250000)

/* Whether a dimension of a quota ("", "*" or "=name") is about `name`. */
bool px_quota_about(const char *dimension, const char *name);
int64_t px_quota_interval(const px_quota_terms *terms);
/* A bucket of a clock that has gone back since, or of other terms, is never fuller than full. */
int64_t px_quota_sane(const px_quota_terms *terms, int64_t next_us, int64_t now_us);
/* When the next call may go; not after now: at once. */
int64_t px_quota_earliest(const px_quota_terms *terms, int64_t next_us);
int64_t px_quota_take(const px_quota_terms *terms, int64_t next_us, int64_t now_us);

/* A call has to wait until then for this quota: lengthens the wait in *verdict, or denies the call with E_THROTTLED when that
 * is longer than the quota lets calls wait. */
void px_quota_wait(const px_quota_terms *terms, const px_gate_attempt *attempt, int64_t until_us, int64_t now_us,
                   px_gate_verdict *verdict);
/* All slots are taken: it has to look again. */
void px_quota_wait_slot(const px_quota_terms *terms, const px_gate_attempt *attempt, int64_t now_us, px_gate_verdict *verdict);

#endif
