/* SPDX-License-Identifier: MIT */
/* Whether a provider is worth asking: a breaker that opens after failures in a row, and a pause after it said that there
 * is no credit. Pure: the clock is an argument, the lock is the caller's. */
#ifndef PX_CLIENT_HEALTH_H
#define PX_CLIENT_HEALTH_H

#include <stdbool.h>
#include <stdint.h>

#include <pixazo/error.h>

typedef struct px_health_policy {
  uint32_t failures;  /* in a row until the breaker opens; 0: never */
  uint32_t cool_ms;   /* until one call may probe; doubled for each probe that fails */
  uint32_t cool_max_ms;
  uint32_t pause_ms;  /* without credit and without a word when there will be some */
} px_health_policy;

#define PX_HEALTH_POLICY           \
  {                                \
    5, 30000, 600000, 300000       \
  }

typedef struct px_health {
  uint32_t failures; /* in a row */
  uint32_t trips;    /* openings in a row */
  int64_t open_us;   /* monotonic: closed to calls until then; 0: open for all */
  int64_t paused_us; /* the same for want of credit */
  int64_t probe_us;  /* a probe began then; 0: none is under way */
} px_health;

enum { PX_HEALTH_GOOD = 0, PX_HEALTH_BROKEN = 1, PX_HEALTH_PAUSED = 2 };

/* How a call ended, as far as it says something about the provider. */
enum {
  PX_HEALTH_NEWS_NONE = 0, /* nothing: the caller's own fault, a cancel */
  PX_HEALTH_NEWS_ALIVE,    /* it answered sensibly, if only with a refusal */
  PX_HEALTH_NEWS_DOWN,     /* unreachable, broken, overloaded */
  PX_HEALTH_NEWS_NO_CREDIT
};

/* May a call begin? `begin` makes it the probe where one is due. `until_us`: when to ask again; may be NULL. */
int px_health_ask(px_health *health, const px_health_policy *policy, int64_t now_us, bool begin, int64_t *until_us);
/* `wait_ms`: the time the provider named; 0: none. */
void px_health_tell(px_health *health, const px_health_policy *policy, int news, uint32_t wait_ms, int64_t now_us);
int px_health_news(int32_t attempt_class, pixazo_status status, int http_status);
const char *px_health_name(int state);

#endif
