/* SPDX-License-Identifier: MIT */
/* The terms of a budget and of a quota, as the gates of a repository and of a single client both keep them. */
#ifndef PX_BASE_TERMS_H
#define PX_BASE_TERMS_H

#include <stdbool.h>
#include <stdint.h>

enum { PX_TERMS_NAME = 256, PX_TERMS_WORD = 12 };

/* Money: at most `cap_micros` in each period. */
typedef struct px_budget_terms {
  char scope[PX_TERMS_WORD]; /* "all", "provider", "principal" or "run" */
  char name[PX_TERMS_NAME];  /* of the provider, principal or run; "" for all */
  char period[PX_TERMS_WORD]; /* "day", "month" or "total" */
  char currency[PX_TERMS_WORD];
  int64_t cap_micros;
  bool allow_unknown_price; /* calls without a price in this currency pass uncounted */
} px_budget_terms;

/* Calls: so many at once, and so many in a time. A dimension is "" (all of them together), "*" (each for itself) or "=" with
 * the name of the one it is about. */
typedef struct px_quota_terms {
  char provider[PX_TERMS_NAME];
  char principal[PX_TERMS_NAME];
  int64_t requests;    /* in `window_us`; 0: any number */
  int64_t window_us;
  int64_t burst;       /* of these at once, after a pause */
  int64_t slots;       /* at the same time; 0: any number */
  int64_t max_wait_us; /* a call that would wait longer is refused; -1: none is */
} px_quota_terms;

#endif
