/* SPDX-License-Identifier: MIT */
/* How threads of the program wait for what is theirs, and what wakes them. A thread that is woken for each of a dozen things
 * that are told within a moment costs more than they do. */
#include "pipeline/internal.h"

#include <time.h>

enum { QUIET_US = 20000, LOOK_US = 1000000 };

void px_visitors_news(pixazo_pipeline *pipeline)
{
  if (pipeline->synced.gathering)
    pipeline->synced.gathered = true;
  else
    (void)pthread_cond_broadcast(&pipeline->synced.visitor);
}

void px_visitors_gather(pixazo_pipeline *pipeline)
{
  (void)pthread_mutex_lock(&pipeline->synced.lock);
  pipeline->synced.gathering = true;
  (void)pthread_mutex_unlock(&pipeline->synced.lock);
}

void px_visitors_wake(pixazo_pipeline *pipeline)
{
  (void)pthread_mutex_lock(&pipeline->synced.lock);
  bool wanted = pipeline->synced.gathered;
  pipeline->synced.gathering = pipeline->synced.gathered = false;
  (void)pthread_mutex_unlock(&pipeline->synced.lock);
  if (wanted)
    (void)pthread_cond_broadcast(&pipeline->synced.visitor);
}

/* Progress comes with every piece of a transfer, of each of hundreds: it wakes a reader only so often, and
 * a reader it woke looks again when it may wake it again. What happened wakes it at once, and brings progress along. */
void px_visitors_progress(pixazo_pipeline *pipeline)
{
  int64_t now = px_mono_us(pipeline->clock);
  if (now < pipeline->synced.quiet_us)
    return;
  pipeline->synced.quiet_us = now + QUIET_US;
  px_visitors_news(pipeline);
}

int64_t px_visitors_look(const pixazo_pipeline *pipeline, int64_t now, int64_t until)
{
  int64_t pause = now < pipeline->synced.quiet_us ? pipeline->synced.quiet_us - now : LOOK_US;
  return until - now > pause ? now + pause : until;
}

void px_wait_at_most(pixazo_pipeline *pipeline, pthread_cond_t *wake, int64_t left_us)
{
  int64_t left = left_us > 0 ? left_us : 0;
  struct timespec deadline;
  (void)clock_gettime(CLOCK_MONOTONIC, &deadline);
  deadline.tv_sec += left / 1000000;
  deadline.tv_nsec += left % 1000000 * 1000;
  if (deadline.tv_nsec >= 1000000000) {
    deadline.tv_sec++;
    deadline.tv_nsec -= 1000000000;
  }
  (void)pthread_cond_timedwait(wake, &pipeline->synced.lock, &deadline);
}

void px_wait_visitor(pixazo_pipeline *pipeline, int64_t until_us)
{
  if (pipeline->stepped) {
    (void)pthread_mutex_unlock(&pipeline->synced.lock);
    px_pipeline_pump(pipeline);
    (void)pthread_mutex_lock(&pipeline->synced.lock);
    return;
  }
  int64_t left = until_us - px_mono_us(pipeline->clock);
  if (left > 0)
    px_wait_at_most(pipeline, &pipeline->synced.visitor, left);
}
