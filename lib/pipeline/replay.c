/* SPDX-License-Identifier: MIT */
/* A generation that an earlier equal one answers, and one that waits for an equal one in flight. */
#include "pipeline/internal.h"

#include "base/error.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"

enum { LOOK_AGAIN_MS = 1000 };

const char *px_replay_key(const px_job *job)
{
  const px_plan_facts *facts = px_plan_get(job->plan);
  bool wanted = facts->replay_asked || job->pipeline->replay == PIXAZO_REPLAY_SEEDED;
  return wanted ? facts->replay_key : NULL;
}

/* A record whose file is gone answers nothing. */
static bool is_whole(pixazo_store *store, const pixazo_generation *record)
{
  for (size_t i = 0; i < record->image_count; i++) {
    const px_image_record *image = &record->images[i];
    pixazo_store_info info;
    px_autoerror absent = NULL;
    pixazo_store_info_init(&info, sizeof info);
    if (image->state != PIXAZO_IMAGE_RECORDED || px_str_empty(image->key) ||
        pixazo_store_stat(store, image->key, &info, &absent) != PIXAZO_OK || info.size != (uint64_t)image->bytes)
      return false;
  }
  return record->image_count > 0;
}

void px_replay_look(px_job *job)
{
  pixazo_pipeline *pipeline = job->pipeline;
  const px_plan_facts *facts = px_plan_get(job->plan);
  px_journal_new row = {.principal = facts->principal, .provider = facts->provider, .model = facts->model};
  pixazo_generation *record = NULL;
  px_autoerror absent = NULL;
  row.replay_key = px_replay_key(job);
  if (!row.replay_key)
    return;
  pixazo_status status = px_journal_find_replay(pipeline->repository, &row, &record, &absent);
  if (status == PIXAZO_OK)
    memcpy(is_whole(pipeline->store, record) ? job->replay_from : job->replay_gone, record->uuid, sizeof job->replay_from);
  else if (status != PIXAZO_OK && status != PIXAZO_E_NOT_FOUND)
    px_log(pipeline->log, PIXAZO_LOG_WARNING, "pipeline", "no look for an earlier equal generation: %s",
           pixazo_error_message(absent));
  pixazo_generation_free(record);
}

/* In the transaction itself once more: an equal one may have ended since the look. Its files are as new as its row. */
static pixazo_status take_over(px_job *job, const char *source, px_journal *journal, pixazo_error **error)
{
  if (source[0] && px_journal_replay(journal, job->uuid, source, NULL) == PIXAZO_OK)
    return PIXAZO_OK;
  return px_journal_replay_newest(journal, job->uuid, job->replay_gone, error);
}

void px_replay_apply(px_job *job, px_journal *journal)
{
  px_autoerror why = NULL;
  if (!px_replay_key(job))
    return;
  pixazo_status status = take_over(job, job->replay_from, journal, &why);
  job->replayed = status == PIXAZO_OK;
  if (!job->replayed && status != PIXAZO_E_NOT_FOUND) /* it makes a call of its own */
    px_log(job->pipeline->log, PIXAZO_LOG_WARNING, "pipeline", "generation %s: no replay: %s", job->uuid,
           pixazo_error_message(why));
}

static void end_replayed(px_job *job)
{
  px_series_count(job->series, PX_COUNT_REPLAYED);
  px_job_end(job, PIXAZO_GENERATION_DONE, NULL);
}

static pixazo_status apply_follow(px_op *op, px_journal *journal, pixazo_error **error)
{
  px_job *job = (px_job *)((char *)op - offsetof(px_job, op));
  return take_over(job, job->follows, journal, error);
}

static void go_on(px_job *job);

static void follow_written(px_op *op, pixazo_status status, const pixazo_error *error)
{
  px_job *job = (px_job *)((char *)op - offsetof(px_job, op));
  pixazo_pipeline *pipeline = job->pipeline;
  (void)error; /* the one it waited for came to nothing: the next one waits for this one, or calls */
  (void)pthread_mutex_lock(&pipeline->synced.lock);
  job->follows[0] = '\0';
  (void)pthread_mutex_unlock(&pipeline->synced.lock);
  if (status == PIXAZO_OK)
    end_replayed(job);
  else
    go_on(job);
}

/* Under the lock. */
static bool is_open(pixazo_pipeline *pipeline, const char *uuid)
{
  const px_job *job = px_jobs_find(pipeline, uuid);
  return job && !job->synced.ended;
}

static void look_again(px_timer *timer);

static void wait_for_leader(px_job *job)
{
  pixazo_pipeline *pipeline = job->pipeline;
  job->timer.fire = look_again;
  job->timer.idle = true;
  px_pipeline_timer(pipeline, &job->timer, LOOK_AGAIN_MS);
}

static void look_again(px_timer *timer)
{
  px_job *job = (px_job *)((char *)timer - offsetof(px_job, timer));
  pixazo_pipeline *pipeline = job->pipeline;
  if (px_job_stopping(job)) {
    px_call_cancel_planned(job);
    return;
  }
  (void)pthread_mutex_lock(&pipeline->synced.lock);
  bool open = is_open(pipeline, job->follows);
  (void)pthread_mutex_unlock(&pipeline->synced.lock);
  if (open) {
    wait_for_leader(job);
    return;
  }
  job->op = (px_op){.apply = apply_follow, .done = follow_written, .must = true}; /* a busy database is no reason to pay */
  px_pipeline_op(pipeline, &job->op);
}

/* Whether `job` may wait for `other`: equal, on its way to a call of its own, and not cancelled by its user. */
static bool leads(const px_job *other, const px_job *job, const char *key)
{
  return other != job && other->counted && !other->synced.ended && !other->follows[0] && !atomic_load(&other->soft_cancelled) &&
         px_str_equal(px_replay_key(other), key) &&
         px_str_equal(px_plan_get(other->plan)->principal, px_plan_get(job->plan)->principal);
}

/* Under the lock. */
static px_job *find_leader(pixazo_pipeline *pipeline, const px_job *job, const char *key)
{
  for (size_t i = 0; i < PX_JOB_BUCKETS; i++) {
    for (px_job *other = pipeline->synced.buckets[i]; other; other = other->next_in_bucket) {
      if (leads(other, job, key))
        return other;
    }
  }
  return NULL;
}

/* Sends, or waits for an equal one. */
static void go_on(px_job *job)
{
  pixazo_pipeline *pipeline = job->pipeline;
  const char *key = px_replay_key(job);
  (void)pthread_mutex_lock(&pipeline->synced.lock);
  px_job *leader = key ? find_leader(pipeline, job, key) : NULL;
  if (leader) {
    memcpy(job->follows, leader->uuid, sizeof job->follows);
    leader->synced.followed = true;
  }
  (void)pthread_mutex_unlock(&pipeline->synced.lock);
  if (leader) {
    px_series_count(job->series, PX_COUNT_JOINED);
    wait_for_leader(job);
  } else {
    px_review_prompt(job);
  }
}

static pixazo_status apply_again(px_op *op, px_journal *journal, pixazo_error **error)
{
  px_job *job = (px_job *)((char *)op - offsetof(px_job, op));
  (void)error; /* nothing here keeps it from its own call */
  px_replay_apply(job, journal);
  return PIXAZO_OK;
}

static void looked_again(px_op *op, pixazo_status status, const pixazo_error *error)
{
  px_job *job = (px_job *)((char *)op - offsetof(px_job, op));
  if (status != PIXAZO_OK)
    px_job_end(job, PIXAZO_GENERATION_PLANNED, error); /* it may be done, or not: nothing is sent on a guess */
  else if (job->replayed)
    end_replayed(job);
  else
    go_on(job);
}

void px_replay_resume(px_job *job)
{
  if (!px_replay_key(job)) {
    px_review_prompt(job);
    return;
  }
  px_replay_look(job);
  job->op = (px_op){.apply = apply_again, .done = looked_again, .must = true};
  px_pipeline_op(job->pipeline, &job->op);
}

void px_replay_wake(px_job *leader)
{
  pixazo_pipeline *pipeline = leader->pipeline;
  for (size_t i = 0; leader->synced.followed && i < PX_JOB_BUCKETS; i++) {
    for (px_job *job = pipeline->synced.buckets[i]; job; job = job->next_in_bucket) {
      if (strcmp(job->follows, leader->uuid) == 0)
        px_pipeline_wake_idle(job);
    }
  }
}

void px_replay_enter(px_job *job)
{
  px_measure_added(job);
  px_event_post(job, PIXAZO_EVENT_PLANNED, "", NULL);
  if (job->replayed)
    end_replayed(job);
  else
    go_on(job);
}
