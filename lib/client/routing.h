/* SPDX-License-Identifier: MIT */
/* The chain of providers behind the first one, and how they are doing. */
#ifndef PX_CLIENT_ROUTING_H
#define PX_CLIENT_ROUTING_H

#include <pthread.h>

#include "client/account.h"
#include "client/health.h"
#include "client/route.h"

enum { PX_CHAIN_MAX = 16 };

typedef struct px_chain {
  px_target items[PX_CHAIN_MAX]; /* in order; names point into `names` or to rows */
  char *names[PX_CHAIN_MAX];
  size_t count;
} px_chain;

/* "openai,google/gemini": each a provider or provider/model of `accounts`. Those without a key stay, to be skipped with
 * that reason. */
pixazo_status px_chain_make(px_chain *chain, const px_accounts *accounts, const char *list, pixazo_error **error);
void px_chain_done(px_chain *chain);
/* The place of the first one behind `at` (0: before all) that has a key; chain->count when there is none. */
size_t px_chain_after(const px_chain *chain, size_t at);

/* The health of all accounts. */
typedef struct px_wards {
  pthread_mutex_t lock;
  px_health_policy policy;
  /* synced */
  px_health *items; /* one per account */
} px_wards;

pixazo_status px_wards_make(px_wards *wards, size_t count, const px_health_policy *policy, pixazo_error **error);
void px_wards_done(px_wards *wards);

/* The route so far (NULL: none) with one more line: who was left, and why. Owned; NULL: no memory. */
char *px_route_add(const char *route, const char *provider, const char *model, const char *why);

#endif
