/* SPDX-License-Identifier: MIT */
/* Generations that end, or wait again, without a further call. */
#include "pipeline/internal.h"

#include <string.h>

#include "base/error.h"
#include "base/mem.h"

static const int64_t BEHIND_US = 5000000;

/* Workers: another plan may have pictures to hash. */
static void look_further(px_task *task)
{
  px_job *job = (px_job *)((char *)task - offsetof(px_job, task));
  px_autoerror denied = px_steal(&job->denied);
  px_call_end end = {.why = denied};
  int32_t action = PX_ROUTE_STOP;
  uint32_t delay_ms = 0;
  job->other = px_client_follow(job->pipeline->client, job->plan, &end, &action, &delay_ms);
  if (!job->other) {
    px_job_end(job, PIXAZO_GENERATION_PLANNED, denied);
    return;
  }
  px_job_replan(job);
  job->retries_here = 0;
  job->waiting_since_us = 0; /* its wait for that provider begins now */
  px_pipeline_ready(job->pipeline, job);
}

void px_call_denied(px_job *job, pixazo_error *denied)
{
  px_autoerror error = denied;
  if (!px_plan_get(job->plan)->has_next || px_job_stopping(job)) {
    px_job_end(job, PIXAZO_GENERATION_PLANNED, error);
    return;
  }
  job->denied = px_steal(&error);
  job->task.run = look_further;
  px_crew_add(job->pipeline->workers, &job->task);
}

static void ask_again(px_timer *timer)
{
  px_job *job = (px_job *)((char *)timer - offsetof(px_job, timer));
  px_pipeline_ready(job->pipeline, job);
}

/* Under the lock: the job of a timer that waits for a slot of the same provider and principal; NULL: it waits for else. */
static px_job *waits_with(const px_job *job, px_timer *timer)
{
  px_job *other = (px_job *)((char *)timer - offsetof(px_job, timer));
  if (timer->fire != ask_again || !other->for_slot)
    return NULL;
  const px_plan_facts *mine = px_plan_get(job->plan), *theirs = px_plan_get(other->plan);
  return strcmp(mine->provider, theirs->provider) == 0 && strcmp(mine->principal, theirs->principal) == 0 ? other : NULL;
}

/* Whether another job looks for both: when it goes, it wakes the next. */
static bool is_behind(const px_job *job)
{
  pixazo_pipeline *pipeline = job->pipeline;
  bool behind = false;
  (void)pthread_mutex_lock(&pipeline->synced.lock);
  for (px_timer *timer = pipeline->synced.timers; timer && !behind; timer = timer->next) {
    const px_job *other = waits_with(job, timer);
    behind = other && other->looks;
  }
  (void)pthread_mutex_unlock(&pipeline->synced.lock);
  return behind;
}

void px_call_passed(px_job *job)
{
  pixazo_pipeline *pipeline = job->pipeline;
  px_job *next = NULL;
  if (!job->for_slot)
    return;
  job->for_slot = job->looks = false;
  (void)pthread_mutex_lock(&pipeline->synced.lock);
  for (px_timer *timer = pipeline->synced.timers; timer; timer = timer->next) {
    px_job *other = waits_with(job, timer);
    if (other && (!next || other->waiting_since_us < next->waiting_since_us))
      next = other;
  }
  if (next)
    px_pipeline_timer_move(pipeline, &next->timer, 0);
  (void)pthread_mutex_unlock(&pipeline->synced.lock);
}

/* Those behind look seldom, in case the one in front goes another way; none of them after its patience has ended. */
static int64_t seldom(const px_gate_verdict *verdict, int64_t now_us)
{
  int64_t until_us = now_us + BEHIND_US;
  if (verdict->patience_us > 0 && verdict->patience_us < until_us)
    until_us = verdict->patience_us;
  return until_us > verdict->wait_until_us ? until_us : verdict->wait_until_us;
}

void px_call_wait(px_job *job, const px_gate_verdict *verdict, int64_t now_us)
{
  bool behind = verdict->for_slot && is_behind(job);
  int64_t until_us = behind ? seldom(verdict, now_us) : verdict->wait_until_us;
  int64_t wait_ms = (until_us - now_us) / 1000;
  job->for_slot = verdict->for_slot;
  job->looks = verdict->for_slot && !behind;
  job->waiting_since_us = job->waiting_since_us > 0 ? job->waiting_since_us : now_us;
  px_event_waiting(job, until_us);
  job->timer.fire = ask_again;
  px_pipeline_idle(job, wait_ms < 1 ? 1 : wait_ms > UINT32_MAX ? UINT32_MAX : (uint32_t)wait_ms);
}

/* Cancelled: unless an earlier call left, nothing was ever sent for it. */
static int32_t cancelled_state(const px_job *job)
{
  bool never_left = job->n == 0 || (job->n == 1 && job->next == PX_NEXT_CANCELLED);
  return never_left ? PIXAZO_GENERATION_CANCELLED : PIXAZO_GENERATION_FAILED;
}

int32_t px_call_state(int32_t attempt_class)
{
  switch (attempt_class) {
  case PIXAZO_CLASS_BLOCKED:
    return PIXAZO_GENERATION_BLOCKED;
  case PIXAZO_CLASS_AMBIGUOUS:
    return PIXAZO_GENERATION_AMBIGUOUS;
  case PIXAZO_CLASS_ACCEPTED:
    return PIXAZO_GENERATION_ACTIVE;
  default:
    return PIXAZO_GENERATION_FAILED;
  }
}

/* Ended without a further call: what the record says, and why. */
static pixazo_status apply_end(px_op *op, px_journal *journal, pixazo_error **error)
{
  px_job *job = (px_job *)((char *)op - offsetof(px_job, op));
  return px_journal_end(journal, job->uuid, cancelled_state(job), "cancelled before it was sent", error);
}

static void end_written(px_op *op, pixazo_status status, const pixazo_error *error)
{
  px_job *job = (px_job *)((char *)op - offsetof(px_job, op));
  px_autoerror cancelled = NULL;
  bool tried = job->n > 0 && job->next != PX_NEXT_CANCELLED && job->outcome && job->outcome->error;
  if (status == PIXAZO_OK && tried) { /* vetoed or cancelled between tries: the last one tells what it may have cost */
    error = job->outcome->error;
  } else if (status == PIXAZO_OK) {
    (void)px_fail(&cancelled, PIXAZO_E_CANCELLED, "cancelled before it was sent; nothing was charged for it");
    error = cancelled;
  }
  px_job_end(job, tried ? px_call_state(job->outcome->attempt_class) : cancelled_state(job), error);
}

void px_call_cancel_planned(px_job *job)
{
  if (!atomic_load(&job->soft_cancelled)) { /* the pipeline closes: it stays planned and can be resumed */
    px_autoerror error = NULL;
    (void)px_fail(&error, PIXAZO_E_CANCELLED, "the pipeline closed before it was sent; it stays planned");
    px_job_end(job, PIXAZO_GENERATION_PLANNED, error);
    return;
  }
  job->op = (px_op){.apply = apply_end, .done = end_written, .must = true};
  px_pipeline_op(job->pipeline, &job->op);
}
