/* SPDX-License-Identifier: MIT */
/* What is to happen later, in the order of its time. */
#include "pipeline/internal.h"

/* Under the lock. */
static void arm(pixazo_pipeline *pipeline, px_timer *timer, uint32_t delay_ms)
{
  px_timer **slot = &pipeline->synced.timers;
  timer->due_us = px_mono_us(pipeline->clock) + (int64_t)delay_ms * 1000;
  while (*slot && (*slot)->due_us <= timer->due_us)
    slot = &(*slot)->next;
  timer->next = *slot;
  timer->armed = true;
  *slot = timer;
  (void)pthread_cond_signal(&pipeline->synced.work);
}

void px_pipeline_timer(pixazo_pipeline *pipeline, px_timer *timer, uint32_t delay_ms)
{
  (void)pthread_mutex_lock(&pipeline->synced.lock);
  arm(pipeline, timer, delay_ms);
  (void)pthread_mutex_unlock(&pipeline->synced.lock);
}

void px_pipeline_idle(px_job *job, uint32_t delay_ms)
{
  pixazo_pipeline *pipeline = job->pipeline;
  (void)pthread_mutex_lock(&pipeline->synced.lock);
  /* Who cancelled or closed before this found no timer to wake. */
  bool stopping = pipeline->synced.closing || atomic_load(&job->soft_cancelled);
  job->timer.idle = true;
  arm(pipeline, &job->timer, stopping ? 0 : delay_ms);
  (void)pthread_mutex_unlock(&pipeline->synced.lock);
}

void px_pipeline_wake_idle(px_job *job)
{
  if (job->timer.armed && job->timer.idle)
    px_pipeline_timer_move(job->pipeline, &job->timer, 0);
}

void px_pipeline_timer_move(pixazo_pipeline *pipeline, px_timer *timer, uint32_t delay_ms)
{
  px_timer **slot = &pipeline->synced.timers;
  while (*slot != timer)
    slot = &(*slot)->next;
  *slot = timer->next;
  arm(pipeline, timer, delay_ms);
}

px_timer *px_pipeline_timers_due(pixazo_pipeline *pipeline)
{
  int64_t now = px_mono_us(pipeline->clock);
  px_timer *first = pipeline->synced.timers;
  px_timer **end = &pipeline->synced.timers;
  while (*end && (pipeline->synced.cut || (*end)->due_us <= now)) {
    (*end)->armed = false;
    end = &(*end)->next;
  }
  if (end == &pipeline->synced.timers)
    return NULL;
  pipeline->synced.timers = *end;
  *end = NULL;
  return first;
}
