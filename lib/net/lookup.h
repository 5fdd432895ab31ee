/* SPDX-License-Identifier: MIT */
/* Name lookups: each one that is pending costs a thread, so only one call per host looks up; the others join it. */
#ifndef PX_NET_LOOKUP_H
#define PX_NET_LOOKUP_H

#include "net/transfer.h"

typedef struct px_lookup {
  struct px_host *hosts;
} px_lookup;

enum { PX_LOOKUP_GO = 0, PX_LOOKUP_JOINED = 1, PX_LOOKUP_NOMEM = 2 };

/* libcurl keeps answers for PX_LOOKUP_KEPT_S; we trust them a little shorter. */
enum { PX_LOOKUP_KEPT_S = 60, PX_LOOKUP_TRUSTED_S = 50 };

/* GO: the transfer may start (the lookup may be its own). JOINED: it is kept here until the lookup is decided. */
int px_lookup_enter(px_lookup *lookup, px_transfer *transfer, const char *name, int64_t now_us);
/* The transfer got an address: all that joined it go to `ready`. Nothing when it was not the one looking up. */
void px_lookup_found(px_lookup *lookup, px_transfer *transfer, int64_t now_us, px_list *ready);
/* The transfer needs its lookup no more. `failed`: all that joined go to `out`; else the next one does. */
void px_lookup_left(px_lookup *lookup, px_transfer *transfer, bool failed, px_list *out);
/* Calls visit for each transfer that waits here; visit may remove it. */
void px_lookup_each(px_lookup *lookup, void (*visit)(void *self, px_transfer *transfer), void *self);
void px_lookup_done(px_lookup *lookup);

#endif
