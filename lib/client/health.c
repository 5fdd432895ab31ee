/* SPDX-License-Identifier: MIT */
#include "client/health.h"

/* A probe whose end was never told (the process slept, the caller went away) must not keep the breaker open for ever. */
static const int64_t PROBE_LOST_US = INT64_C(600000000);

static bool probing(const px_health *health, int64_t now_us)
{
  return health->probe_us != 0 && now_us - health->probe_us < PROBE_LOST_US;
}

static int closed(int state, int64_t until, int64_t *until_us)
{
  if (until_us)
    *until_us = until;
  return state;
}

int px_health_ask(px_health *health, const px_health_policy *policy, int64_t now_us, bool begin, int64_t *until_us)
{
  if (now_us < health->paused_us)
    return closed(PX_HEALTH_PAUSED, health->paused_us, until_us);
  if (now_us < health->open_us)
    return closed(PX_HEALTH_BROKEN, health->open_us, until_us);
  bool tried = health->open_us != 0 || health->paused_us != 0;
  if (!tried)
    return PX_HEALTH_GOOD;
  if (probing(health, now_us))
    return closed(health->paused_us ? PX_HEALTH_PAUSED : PX_HEALTH_BROKEN, now_us + (int64_t)policy->cool_ms * 1000, until_us);
  if (begin)
    health->probe_us = now_us;
  return PX_HEALTH_GOOD;
}

static uint32_t cooling(const px_health *health, const px_health_policy *policy)
{
  uint64_t cool = policy->cool_ms;
  for (uint32_t i = 1; i < health->trips && cool < policy->cool_max_ms; i++)
    cool *= 2;
  return cool < policy->cool_max_ms ? (uint32_t)cool : policy->cool_max_ms;
}

/* `probe`: one was under way. Without one, what fails while the breaker is open began before it opened: that many calls were
 * in flight says nothing about how long to wait. */
static void count_failure(px_health *health, const px_health_policy *policy, bool probe, uint32_t wait_ms, int64_t now_us)
{
  bool open = health->open_us != 0;
  health->failures++;
  if (policy->failures == 0 || (open ? !probe : health->failures < policy->failures))
    return;
  health->trips++;
  uint32_t cool = cooling(health, policy);
  health->open_us = now_us + (int64_t)(wait_ms > cool ? wait_ms : cool) * 1000;
}

void px_health_tell(px_health *health, const px_health_policy *policy, int news, uint32_t wait_ms, int64_t now_us)
{
  switch (news) {
  case PX_HEALTH_NEWS_ALIVE:
    if (now_us >= health->paused_us) /* else it began before the pause, and says nothing about credit */
      *health = (px_health){0};
    break;
  case PX_HEALTH_NEWS_DOWN:
    count_failure(health, policy, health->probe_us != 0, wait_ms, now_us);
    health->probe_us = 0;
    break;
  case PX_HEALTH_NEWS_NO_CREDIT:
    *health = (px_health){.paused_us = now_us + (int64_t)(wait_ms ? wait_ms : policy->pause_ms) * 1000};
    break;
  default:
    health->probe_us = 0;
    break;
  }
}

int px_health_news(int32_t attempt_class, pixazo_status status, int http_status)
{
  if (status == PIXAZO_E_CANCELLED || status == PIXAZO_E_IO || status == PIXAZO_E_NOMEM || status == PIXAZO_E_STATE)
    return PX_HEALTH_NEWS_NONE;
  switch (attempt_class) {
  case PIXAZO_CLASS_NOT_SENT:
  case PIXAZO_CLASS_FAILED:
  case PIXAZO_CLASS_AMBIGUOUS:
    return PX_HEALTH_NEWS_DOWN;
  case PIXAZO_CLASS_REFUSED:
    if (status == PIXAZO_E_QUOTA)
      return PX_HEALTH_NEWS_NO_CREDIT;
    return http_status >= 500 ? PX_HEALTH_NEWS_DOWN : PX_HEALTH_NEWS_ALIVE;
  case PIXAZO_CLASS_NONE:
    return PX_HEALTH_NEWS_NONE;
  default:
    return PX_HEALTH_NEWS_ALIVE;
  }
}

const char *px_health_name(int state)
{
  static const char *const names[] = {"good", "broken", "paused"};
  return names[state];
}
