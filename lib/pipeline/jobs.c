/* SPDX-License-Identifier: MIT */
/* Jobs: their table, their groups, their end. */
#include "pipeline/internal.h"

#include <unistd.h>

#include "base/error.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"

static size_t bucket_of(const char *uuid)
{
  size_t hash = 5381;
  for (; *uuid; uuid++)
    hash = hash * 33 ^ (unsigned char)*uuid;
  return hash % PX_JOB_BUCKETS;
}

px_job *px_job_new(pixazo_pipeline *pipeline, px_plan *plan, pixazo_error **error)
{
  px_job *job = px_calloc(1, sizeof *job);
  if (!job) {
    (void)px_fail_nomem(error);
    return NULL;
  }
  job->answer_fd = -1;
  if (pixazo_cancel_new(&job->token, error) != PIXAZO_OK || pixazo_cancel_new(&job->unsent, error) != PIXAZO_OK) {
    px_job_free(job);
    return NULL;
  }
  job->pipeline = pipeline;
  job->plan = px_plan_ref(plan);
  px_measure_model(job);
  job->answer = (px_answer)PX_ANSWER_INIT;
  job->created_us = px_wall_us(pipeline->clock);
  job->synced.state = PIXAZO_GENERATION_PLANNED;
  px_uuid_new(pipeline->clock, job->uuid);
  job->last_event = px_event_new(job, PIXAZO_EVENT_ENDED, "", NULL);
  if (job->last_event)
    return job;
  px_job_free(job);
  (void)px_fail_nomem(error);
  return NULL;
}

void px_job_replan(px_job *job)
{
  pixazo_pipeline *pipeline = job->pipeline;
  (void)pthread_mutex_lock(&pipeline->synced.lock); /* others look for keys in the plans of open jobs */
  px_plan *left = job->plan;
  job->plan = px_steal(&job->other);
  px_measure_model(job);
  (void)pthread_mutex_unlock(&pipeline->synced.lock);
  px_plan_unref(left);
}

void px_job_free(px_job *job)
{
  if (!job)
    return;
  for (size_t i = 0; i < job->item_count; i++)
    px_item_done(&job->items[i]);
  px_free(job->items);
  px_answer_done(&job->answer);
  px_answer_writer_done(&job->writer);
  if (job->answer_fd >= 0)
    (void)close(job->answer_fd);
  px_outcome_free(job->outcome);
  px_free(job->answer_copy);
  px_free(job->remote_id);
  px_free(job->poll_url);
  pixazo_error_free(job->evidence_error);
  pixazo_error_free(job->synced.error);
  (void)pixazo_blob_unref(job->synced.shown);
  pixazo_event_free(job->last_event);
  px_plan_unref(job->plan);
  px_plan_unref(job->other);
  pixazo_error_free(job->denied);
  px_free(job->safety_json);
  (void)pixazo_cancel_unref(job->token);
  (void)pixazo_cancel_unref(job->unsent);
  px_free(job);
}

px_job *px_jobs_find(pixazo_pipeline *pipeline, const char *uuid)
{
  px_job *job = pipeline->synced.buckets[bucket_of(uuid)];
  while (job && strcmp(job->uuid, uuid) != 0)
    job = job->next_in_bucket;
  return job;
}

px_job *px_jobs_find_key(pixazo_pipeline *pipeline, const char *key, const char *principal)
{
  for (px_job *job = pipeline->synced.keys[bucket_of(key)]; job; job = job->next_of_key) {
    const px_plan_facts *facts = px_plan_get(job->plan);
    if (!job->parent[0] && px_str_equal(facts->idempotency_key, key) && px_str_equal(facts->principal, principal))
      return job;
  }
  return NULL;
}

/* Under the lock, as the next. */
static void enter_keys(px_job *job)
{
  const char *key = px_plan_get(job->plan)->idempotency_key;
  if (!key)
    return;
  size_t bucket = bucket_of(key);
  job->key_bucket = bucket + 1;
  job->next_of_key = job->pipeline->synced.keys[bucket];
  job->pipeline->synced.keys[bucket] = job;
}

static void leave_keys(px_job *job)
{
  if (job->key_bucket == 0)
    return;
  px_job **slot = &job->pipeline->synced.keys[job->key_bucket - 1];
  while (*slot != job)
    slot = &(*slot)->next_of_key;
  *slot = job->next_of_key;
  job->key_bucket = 0;
}

bool px_jobs_has(pixazo_pipeline *pipeline, const char *uuid)
{
  (void)pthread_mutex_lock(&pipeline->synced.lock);
  bool open = px_jobs_find(pipeline, uuid) != NULL;
  (void)pthread_mutex_unlock(&pipeline->synced.lock);
  return open;
}

pixazo_status px_jobs_enter(pixazo_pipeline *pipeline, px_job **jobs, size_t count, pixazo_error **error)
{
  px_group *group = px_calloc(1, sizeof *group);
  if (!group)
    return px_fail_nomem(error);
  (void)pthread_mutex_lock(&pipeline->synced.lock);
  bool closing = pipeline->synced.closing;
  for (size_t i = count; i > 0 && !closing; i--) {
    px_job *job = jobs[i - 1];
    px_job **bucket = &pipeline->synced.buckets[bucket_of(job->uuid)];
    job->group = group;
    job->next_in_group = group->jobs;
    group->jobs = job;
    job->next_in_bucket = *bucket;
    *bucket = job;
    enter_keys(job);
    group->first = job;
    group->open++;
    pipeline->synced.open++;
  }
  (void)pthread_mutex_unlock(&pipeline->synced.lock);
  if (closing) {
    px_free(group);
    return px_fail(error, PIXAZO_E_STATE, "the pipeline is closing; nothing was added");
  }
  return PIXAZO_OK;
}

/* Under the lock: every job of the group has ended and no hook looks at one. */
static bool group_is_over(const px_group *group)
{
  for (const px_job *job = group->jobs; job; job = job->next_in_group) {
    if (job->synced.visits > 0)
      return false;
  }
  return group->open == 0;
}

/* Under the lock: takes the jobs of a group out of the table. */
static px_job *leave_table(pixazo_pipeline *pipeline, px_group *group)
{
  px_ends_keep(group);
  for (px_job *job = group->jobs; job; job = job->next_in_group) {
    px_job **slot = &pipeline->synced.buckets[bucket_of(job->uuid)];
    while (*slot != job)
      slot = &(*slot)->next_in_bucket;
    *slot = job->next_in_bucket;
    leave_keys(job);
    px_event_detach(job);
  }
  return group->jobs;
}

static void free_group(px_group *group, px_job *jobs)
{
  while (jobs) {
    px_job *next = jobs->next_in_group;
    px_job_free(jobs);
    jobs = next;
  }
  px_free(group);
}

/* One party less looks at the job: its own course, or a hook. The last one frees the whole group. */
static void leave(px_job *job, bool visit, struct pixazo_event *event)
{
  pixazo_pipeline *pipeline = job->pipeline;
  px_group *group = job->group;
  px_job *jobs = NULL;
  (void)pthread_mutex_lock(&pipeline->synced.lock);
  if (visit) {
    job->synced.visits--;
  } else {
    job->synced.ended = true; /* in one step with its last event: who sees the one sees the other */
    px_event_outdate(job);
    px_replay_wake(job);
    px_event_push(job, event);
    group->open--;
    pipeline->synced.open--;
  }
  bool over = group_is_over(group);
  if (over)
    jobs = leave_table(pipeline, group);
  px_visitors_news(pipeline);
  (void)pthread_mutex_unlock(&pipeline->synced.lock);
  if (over)
    free_group(group, jobs);
}

void px_job_cut(px_job *job)
{
  pixazo_cancel_set(job->token, PIXAZO_CANCEL_NOW);
  pixazo_cancel_set(job->unsent, PIXAZO_CANCEL_NOW);
}

void px_job_activate(px_job *job)
{
  (void)pthread_mutex_lock(&job->pipeline->synced.lock);
  job->synced.state = PIXAZO_GENERATION_ACTIVE;
  (void)pthread_mutex_unlock(&job->pipeline->synced.lock);
}

void px_job_mark_cancelled(px_job *job, int32_t mode)
{
  atomic_store(&job->soft_cancelled, true);
  pixazo_cancel_set(job->unsent, mode);
  if (mode == PIXAZO_CANCEL_NOW)
    px_job_cut(job);
  job->pipeline->synced.sweep = true;
  px_pipeline_wake_idle(job);
  (void)pthread_cond_signal(&job->pipeline->synced.work);
}

void px_job_cancel(px_job *job, int32_t mode)
{
  (void)pthread_mutex_lock(&job->pipeline->synced.lock);
  px_job_mark_cancelled(job, mode);
  (void)pthread_mutex_unlock(&job->pipeline->synced.lock);
}

void px_job_unvisit(px_job *job)
{
  leave(job, true, NULL);
}

void px_job_end(px_job *job, int32_t state, const pixazo_error *error)
{
  pixazo_pipeline *pipeline = job->pipeline;
  px_pipeline_release_slot(job);
  px_measure_end(job, state);
  px_log(pipeline->log, PIXAZO_LOG_INFO, "pipeline", "generation %s %s%s%s", job->uuid, pixazo_generation_state_name(state),
         error ? ": " : "", error ? pixazo_error_message(error) : "");
  (void)pthread_mutex_lock(&pipeline->synced.lock);
  job->synced.state = state;
  pixazo_error_free(job->synced.error);
  job->synced.error = px_error_copy(error);
  px_error_generation(&job->synced.error, job->uuid);
  (void)pthread_mutex_unlock(&pipeline->synced.lock);
  struct pixazo_event *last = px_steal(&job->last_event);
  px_event_fill(last, job, job->synced.error);
  leave(job, false, last);
}

bool px_pipeline_is_cut(pixazo_pipeline *pipeline)
{
  (void)pthread_mutex_lock(&pipeline->synced.lock);
  bool cut = pipeline->synced.cut;
  (void)pthread_mutex_unlock(&pipeline->synced.lock);
  return cut;
}

bool px_may_pass(pixazo_status status)
{
  return status == PIXAZO_E_IO || status == PIXAZO_E_BUSY || status == PIXAZO_E_NOMEM;
}

bool px_job_stopping(const px_job *job)
{
  pixazo_pipeline *pipeline = job->pipeline;
  (void)pthread_mutex_lock(&pipeline->synced.lock);
  bool closing = pipeline->synced.closing;
  (void)pthread_mutex_unlock(&pipeline->synced.lock);
  return closing || atomic_load(&job->soft_cancelled);
}
