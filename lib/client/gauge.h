/* SPDX-License-Identifier: MIT */
/* Asks an engine how far it is while it makes a picture, where its definition says how. Free of charge, and of no
 * consequence: whatever goes wrong, the call it belongs to does not notice. I/O thread only. */
#ifndef PX_CLIENT_GAUGE_H
#define PX_CLIENT_GAUGE_H

#include <stdint.h>

#include "client/account.h"
#include "net/engine.h"

typedef struct px_gauge px_gauge;

/* First after one interval, then an interval behind each answer; never two at a time; no more after three failures in a row.
 * `on_work` hears of each new value, in units of the provider's own. Engine and account are borrowed: both outlive every
 * call. NULL: there is no rule, or no memory. */
px_gauge *px_gauge_start(px_engine *engine, const px_account *account,
                         void (*on_work)(void *user, uint64_t done, uint64_t total), void *user);
/* `on_work` is not called any more. NULL is fine. */
void px_gauge_stop(px_gauge *gauge);

#endif
