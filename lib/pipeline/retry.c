/* SPDX-License-Identifier: MIT */
/* Trying a paid call again: the wait, and the program's vote on it. */
#include "pipeline/internal.h"

#include "base/error.h"
#include "base/log.h"
#include "base/mem.h"

static void retry_due(px_timer *timer)
{
  px_job *job = (px_job *)((char *)timer - offsetof(px_job, timer));
  if (job->vetoed)
    atomic_store(&job->soft_cancelled, true);
  if (px_job_stopping(job))
    px_call_cancel_planned(job);
  else
    px_pipeline_ready(job->pipeline, job);
}

/* The retry hook, on a thread of the program. Too late once the timer has fired. */
static void vote(px_task *task)
{
  px_job *job = (px_job *)((char *)task - offsetof(px_job, vote_task));
  pixazo_pipeline *pipeline = job->pipeline;
  (void)pthread_mutex_lock(&pipeline->synced.lock);
  job->vote_waiting = false;
  uint32_t round = job->vote_round;
  bool open = job->timer.armed && job->timer.fire == retry_due;
  pixazo_error *cause = open ? px_error_copy(job->synced.error) : NULL;
  pixazo_retry retry = {.struct_size = sizeof retry,
                        .generation = job->uuid,
                        .cause = cause,
                        .attempt_class = cause ? pixazo_error_class(cause) : PIXAZO_CLASS_NONE,
                        .retry = job->retries,
                        .delay_ms = job->delay_ms};
  (void)pthread_mutex_unlock(&pipeline->synced.lock);
  if (open) {
    int64_t answer = pipeline->on_retry(&retry, pipeline->on_retry_data);
    (void)pthread_mutex_lock(&pipeline->synced.lock);
    bool counts = job->timer.armed && job->timer.fire == retry_due && job->vote_round == round;
    if (counts && !atomic_load(&job->soft_cancelled)) {
      job->vetoed = answer < 0;
      px_pipeline_timer_move(pipeline, &job->timer, answer < 0 ? 0 : answer > UINT32_MAX ? UINT32_MAX : (uint32_t)answer);
    }
    (void)pthread_mutex_unlock(&pipeline->synced.lock);
  }
  pixazo_error_free(cause);
  px_job_unvisit(job);
}

static void ask_for_vote(px_job *job)
{
  pixazo_pipeline *pipeline = job->pipeline;
  if (!pipeline->on_retry)
    return;
  (void)pthread_mutex_lock(&pipeline->synced.lock);
  bool busy = job->vote_waiting;
  if (!busy) {
    job->vote_waiting = true;
    job->synced.visits++;
  }
  (void)pthread_mutex_unlock(&pipeline->synced.lock);
  if (!busy) {
    job->vote_task.run = vote;
    px_visit_add(pipeline, &job->vote_task);
  }
}

void px_retry_plan(px_job *job)
{
  pixazo_pipeline *pipeline = job->pipeline;
  const pixazo_error *cause = job->outcome ? job->outcome->error : NULL;
  job->retries++;
  job->retries_here++;
  if (job->other) {
    px_job_replan(job);
    job->retries_here = 0;
  }
  px_series_count(job->series, PX_COUNT_RETRIES);
  job->vetoed = false;
  (void)pthread_mutex_lock(&pipeline->synced.lock);
  job->vote_round++;
  pixazo_error_free(job->synced.error);
  job->synced.error = px_error_copy(cause);
  (void)pthread_mutex_unlock(&pipeline->synced.lock);
  px_log(pipeline->log, PIXAZO_LOG_INFO, "pipeline", "generation %s: retry %u in %u ms after: %s", job->uuid, job->retries,
         job->delay_ms, pixazo_error_message(cause));
  px_event_post(job, PIXAZO_EVENT_RETRY, "", cause);
  job->timer.fire = retry_due;
  px_pipeline_idle(job, job->delay_ms);
  ask_for_vote(job);
}
