/* SPDX-License-Identifier: MIT */
/* What a program calls for one generation: add, wait, cancel. */
#include "pipeline/internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/failpoint.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"

/* Two adds of one idempotency key met at the database: the second id stands for the first generation. */
typedef struct px_alias {
  struct px_alias *next;
  char from[PX_UUID_TEXT];
  char to[PX_UUID_TEXT];
} px_alias;

void px_aliases_free(pixazo_pipeline *pipeline)
{
  while (pipeline->synced.aliases) {
    px_alias *alias = pipeline->synced.aliases;
    pipeline->synced.aliases = alias->next;
    px_free(alias);
  }
}

static bool add_alias(pixazo_pipeline *pipeline, const char *from, const char *to)
{
  px_alias *alias = px_calloc(1, sizeof *alias);
  if (!alias)
    return false;
  memcpy(alias->from, from, sizeof alias->from);
  memcpy(alias->to, to, sizeof alias->to);
  (void)pthread_mutex_lock(&pipeline->synced.lock);
  alias->next = pipeline->synced.aliases;
  pipeline->synced.aliases = alias;
  (void)pthread_mutex_unlock(&pipeline->synced.lock);
  return true;
}

/* Under the lock. */
static const char *resolve(const pixazo_pipeline *pipeline, const char *id)
{
  for (const px_alias *alias = pipeline->synced.aliases; alias; alias = alias->next) {
    if (strcmp(alias->from, id) == 0)
      return alias->to;
  }
  return id;
}

static px_job *job_of_op(px_op *op)
{
  return (px_job *)((char *)op - offsetof(px_job, op));
}

/* The first part of this request gave way to another with its key, and with it the whole request does. */
static bool gave_way(px_job *job)
{
  pixazo_pipeline *pipeline = job->pipeline;
  (void)pthread_mutex_lock(&pipeline->synced.lock);
  bool other = job->parent[0] && strcmp(resolve(pipeline, job->parent), job->parent) != 0;
  (void)pthread_mutex_unlock(&pipeline->synced.lock);
  return other;
}

static pixazo_status apply_new(px_op *op, px_journal *journal, pixazo_error **error)
{
  px_job *job = job_of_op(op);
  const px_plan_facts *facts = px_plan_get(job->plan);
  px_journal_new row = {.uuid = job->uuid,
                        .batch = job->batch[0] ? job->batch : NULL,
                        .principal = facts->principal,
                        .idempotency_key = facts->idempotency_key, /* of its own for each part */
                        .parent = job->parent[0] ? job->parent : facts->parent,
                        .relation = job->parent[0] ? "part_of" : facts->relation,
                        .request_json = facts->request_json,
                        .metadata_json = facts->metadata_json,
                        .effective_json = facts->effective_json,
                        .outcome_json = facts->outcome_json,
                        .prompt = facts->prompt,
                        .provider = facts->provider,
                        .model = facts->model,
                        .replay_key = px_replay_key(job),
                        .images = facts->images};
  char existing[PX_UUID_TEXT] = "";
  PX_FAILPOINT("t1.before");
  if (gave_way(job))
    return px_fail(error, PIXAZO_E_EXISTS, "generation %s, which this is a part of, stands for another", job->parent);
  pixazo_status status = px_journal_add(journal, &row, existing, error);
  if (status == PIXAZO_E_EXISTS && !add_alias(job->pipeline, job->uuid, existing))
    return px_fail_nomem(error);
  if (status == PIXAZO_OK)
    px_replay_apply(job, journal);
  return status;
}

static void new_written(px_op *op, pixazo_status status, const pixazo_error *error)
{
  px_job *job = job_of_op(op);
  PX_FAILPOINT("t1.after");
  if (status == PIXAZO_E_EXISTS) {
    px_job_end(job, PIXAZO_GENERATION_DONE, NULL); /* the generation it stands for tells its own story */
  } else if (status != PIXAZO_OK) {
    px_job_end(job, PIXAZO_GENERATION_FAILED, error);
  } else {
    px_replay_enter(job);
  }
}

/* Hands all parts over at once, so that they share a transaction. */
static void submit(pixazo_pipeline *pipeline, px_job **jobs, size_t count)
{
  px_op *first = &jobs[0]->op;
  px_op **last = NULL;
  for (size_t i = 0; i < count; i++) {
    jobs[i]->op = (px_op){.apply = apply_new, .done = new_written};
    jobs[i]->op.next = i + 1 < count ? &jobs[i + 1]->op : NULL;
    last = &jobs[i]->op.next;
  }
  px_pipeline_ops(pipeline, first, last);
}

/* The key was used before: by a job that is open here, or by a recorded generation. */
static pixazo_status find_same_key(pixazo_pipeline *pipeline, const px_plan_facts *facts, char **id, pixazo_error **error)
{
  char uuid[PX_UUID_TEXT] = "";
  (void)pthread_mutex_lock(&pipeline->synced.lock);
  const px_job *job = px_jobs_find_key(pipeline, facts->idempotency_key, facts->principal);
  if (job)
    memcpy(uuid, job->uuid, sizeof uuid);
  (void)pthread_mutex_unlock(&pipeline->synced.lock);
  if (!uuid[0])
    PX_TRY(px_journal_find_key(pipeline->repository, facts->principal, facts->idempotency_key, uuid, error));
  if (!uuid[0])
    return PIXAZO_E_NOT_FOUND;
  *id = px_strdup(uuid);
  return *id ? PIXAZO_OK : px_fail_nomem(error);
}

static void free_jobs(px_job **jobs, size_t count)
{
  for (size_t i = 0; i < count; i++)
    px_job_free(jobs[i]);
}

static pixazo_status make_jobs(pixazo_pipeline *pipeline, px_plan **plans, px_job **jobs, size_t count, pixazo_error **error)
{
  for (size_t i = 0; i < count; i++) {
    jobs[i] = px_job_new(pipeline, plans[i], error);
    if (!jobs[i])
      return PIXAZO_E_NOMEM;
    if (i > 0)
      memcpy(jobs[i]->parent, jobs[0]->uuid, sizeof jobs[i]->parent);
    px_replay_look(jobs[i]);
  }
  return PIXAZO_OK;
}

static void set_batch(pixazo_pipeline *pipeline, px_job **jobs, size_t count, const char *batch)
{
  char own[PX_UUID_TEXT];
  if (!batch && count < 2)
    return;
  if (!batch)
    px_uuid_new(pipeline->clock, own);
  for (size_t i = 0; i < count; i++)
    memcpy(jobs[i]->batch, batch ? batch : own, PX_UUID_TEXT);
}

static pixazo_status add_plans(pixazo_pipeline *pipeline, px_plan **plans, size_t count, const char *batch, char **id,
                               pixazo_error **error)
{
  if (px_plan_get(plans[0])->idempotency_key) {
    pixazo_status status = find_same_key(pipeline, px_plan_get(plans[0]), id, error);
    if (status != PIXAZO_E_NOT_FOUND)
      return status;
  }
  px_autofree px_job **jobs = px_calloc(count, sizeof *jobs);
  if (!jobs)
    return px_fail_nomem(error);
  pixazo_status status = make_jobs(pipeline, plans, jobs, count, error);
  if (status == PIXAZO_OK && !(*id = px_strdup(jobs[0]->uuid)))
    status = px_fail_nomem(error);
  if (status == PIXAZO_OK) {
    set_batch(pipeline, jobs, count, batch);
    status = px_jobs_enter(pipeline, jobs, count, error);
  }
  if (status != PIXAZO_OK) {
    free_jobs(jobs, count);
    px_free(*id);
    return status;
  }
  submit(pipeline, jobs, count);
  return PIXAZO_OK;
}

pixazo_status pixazo_pipeline_add(pixazo_pipeline *pipeline, const pixazo_request *request, const char *batch, char **id,
                                  pixazo_error **error)
{
  px_plan **plans = NULL;
  size_t count = 0;
  char *made = NULL;
  PX_REQUIRE(pipeline && request, error, "pipeline or request is NULL");
  PX_REQUIRE(!batch || px_uuid_valid(batch), error, "batch is not a UUID");
  PX_TRY(px_pipeline_check(pipeline, error));
  PX_TRY(px_client_plan(pipeline->client, request, &plans, &count, error));
  pixazo_status status = add_plans(pipeline, plans, count, batch, &made, error);
  for (size_t i = 0; i < count; i++)
    px_plan_unref(plans[i]);
  px_free(plans);
  px_log_deliver(pipeline->log);
  if (status != PIXAZO_OK)
    return status;
  if (id)
    *id = made;
  else
    px_free(made);
  return PIXAZO_OK;
}

/* Adds the pictures of the other parts of a split request. *active: how many of them are neither ended nor only planned. */
static pixazo_status add_parts(pixazo_pipeline *pipeline, pixazo_generation *record, size_t *active, pixazo_error **error)
{
  pixazo_query *query = NULL;
  pixazo_page *page = NULL;
  PX_TRY(pixazo_query_new(&query, error));
  pixazo_status status = pixazo_query_set_string(query, "batch", record->batch, error);
  if (status == PIXAZO_OK)
    status = pixazo_query_set_string(query, "parent", record->uuid, error);
  if (status == PIXAZO_OK)
    status = pixazo_query_set_int(query, "limit", 1000, error);
  if (status == PIXAZO_OK)
    status = pixazo_repository_list(pipeline->repository, query, &page, error);
  pixazo_query_free(query);
  for (size_t i = pixazo_page_count(page); i > 0 && status == PIXAZO_OK; i--) { /* newest first: walk backwards */
    const pixazo_generation *part = pixazo_page_get(page, i - 1);
    pixazo_generation *whole = NULL;
    status = pixazo_repository_find(pipeline->repository, part->uuid, &whole, error);
    *active += whole && whole->state == PIXAZO_GENERATION_ACTIVE;
    if (status == PIXAZO_OK && !px_generation_absorb(record, whole)) {
      pixazo_generation_free(whole);
      status = px_fail_nomem(error);
    }
  }
  pixazo_page_free(page);
  return status;
}

/* The record of a generation and of the parts of its request. */
static pixazo_status load(pixazo_pipeline *pipeline, const char *id, pixazo_generation **out, size_t *active,
                          pixazo_error **error)
{
  pixazo_generation *record = NULL;
  PX_TRY(pixazo_repository_find(pipeline->repository, id, &record, error));
  *active = record->state == PIXAZO_GENERATION_ACTIVE;
  if (record->parent[0] == '\0' && record->batch[0] != '\0') {
    pixazo_status status = add_parts(pipeline, record, active, error);
    if (status != PIXAZO_OK) {
      pixazo_generation_free(record);
      return status;
    }
  }
  *out = record;
  return PIXAZO_OK;
}

/* What can end at once after a cancel is given this long to. */
enum { GRACE_US = 800000 };

typedef struct waiting {
  px_job *job;
  bool first;
  int64_t until_us;
  pixazo_cancel *cancel;
} waiting;

/* Under the lock. */
static bool is_over(const waiting *w)
{
  return w->first ? w->job->group->open == 0 : w->job->synced.ended;
}

/* Under the lock. */
static void cancel_group(px_job *job, int32_t mode)
{
  for (px_job *part = job->group->jobs; part; part = part->next_in_group)
    px_job_mark_cancelled(part, mode);
}

/* Under the lock: progress of what is waited for that the hook was not told yet. */
static bool has_news(const waiting *w)
{
  const px_job *job = w->first ? w->job->group->jobs : w->job;
  while (job && !job->synced.progress_due)
    job = w->first ? job->next_in_group : NULL;
  return job != NULL;
}

/* Under the lock, which is given up while hooks run and while it waits. */
static pixazo_status wait_for(pixazo_pipeline *pipeline, const waiting *w)
{
  while (!is_over(w) || has_news(w)) { /* what ended before the wait began still tells its hook */
    if (px_visit_one(pipeline))
      continue;
    if (is_over(w))
      break;
    int64_t now = px_mono_us(pipeline->clock);
    int32_t mode = pixazo_cancel_get(w->cancel);
    if (mode != 0 && w->job->synced.cancelled_us == 0) {
      cancel_group(w->job, mode);
      w->job->synced.cancelled_us = now;
    }
    if (mode != 0 && now >= w->job->synced.cancelled_us + GRACE_US)
      return PIXAZO_E_CANCELLED;
    if (now >= w->until_us)
      return PIXAZO_E_AGAIN;
    px_wait_visitor(pipeline, now + 100000 < w->until_us ? now + 100000 : w->until_us);
  }
  return PIXAZO_OK;
}

/* The first failure among the parts; owned. */
static pixazo_error *group_error(const waiting *w)
{
  for (px_job *job = w->first ? w->job->group->jobs : w->job; job; job = w->first ? job->next_in_group : NULL) {
    if (job->synced.error)
      return px_error_copy(job->synced.error);
  }
  return NULL;
}

/* Waits for an open job. *cause: why it failed; owned. */
static pixazo_status wait_open(pixazo_pipeline *pipeline, waiting *w, pixazo_error **cause)
{
  w->first = w->job->group->first == w->job;
  w->job->synced.visits++; /* keeps the group until the end of this wait */
  pixazo_status status = wait_for(pipeline, w);
  *cause = status == PIXAZO_OK ? group_error(w) : NULL;
  (void)pthread_mutex_unlock(&pipeline->synced.lock);
  px_job_unvisit(w->job);
  (void)pthread_mutex_lock(&pipeline->synced.lock);
  return status;
}

static pixazo_status stopped_waiting(const char *id, pixazo_error **error)
{
  (void)px_fail(error, PIXAZO_E_CANCELLED, "stopped waiting for generation %s; what was already sent is still recorded", id);
  px_error_charge(error, PIXAZO_CLASS_NONE, PIXAZO_CHARGE_UNKNOWN);
  px_error_generation(error, id);
  return PIXAZO_E_CANCELLED;
}

/* What came counts more than what did not, also where the rest was kept from being sent: that stays planned, and the whole is
 * partial, with the reason. */
static void keep_what_came(pixazo_generation *record, const pixazo_error *failure)
{
  bool came = false;
  for (size_t i = 0; i < record->image_count && !came; i++)
    came = record->images[i].state == PIXAZO_IMAGE_RECORDED;
  if (!came || (record->state != PIXAZO_GENERATION_ACTIVE && record->state != PIXAZO_GENERATION_PARTIAL))
    return;
  record->state = PIXAZO_GENERATION_PARTIAL;
  if (px_str_empty(record->message))
    (void)px_record_set(&record->message, pixazo_error_message(failure));
}

/* Ended: hands out the record, or the failure. */
static pixazo_status finish_wait(pixazo_pipeline *pipeline, const char *id, pixazo_error *cause, pixazo_generation **out,
                                 pixazo_error **error)
{
  pixazo_generation *record = NULL;
  px_autoerror failure = cause;
  px_autoerror absent = NULL;
  size_t active = 0;
  pixazo_status status = load(pipeline, id, &record, &active, &absent);
  if (!failure)
    failure = px_ends_find(pipeline, id, record);
  if (status != PIXAZO_OK) { /* a generation that could not even be recorded has its cause only here */
    failure = failure ? failure : px_steal(&absent);
    status = failure ? pixazo_error_status(failure) : status;
    px_error_move(error, px_steal(&failure));
    return status;
  }
  if (failure && active == 0)
    keep_what_came(record, failure);
  if (record->state != PIXAZO_GENERATION_DONE && record->state != PIXAZO_GENERATION_PARTIAL)
    status = failure ? pixazo_error_status(failure) : px_ends_judge(record, &failure);
  if (status == PIXAZO_OK && out) {
    *out = record;
    return PIXAZO_OK;
  }
  px_error_generation(&failure, record->uuid);
  pixazo_generation_free(record);
  if (status != PIXAZO_OK)
    px_error_move(error, px_steal(&failure));
  return status;
}

static pixazo_status wait_and_load(pixazo_pipeline *pipeline, const char *id, waiting *w, pixazo_generation **out,
                                   pixazo_error **error)
{
  char wanted[PX_UUID_TEXT];
  pixazo_error *cause = NULL;
  pixazo_status status = PIXAZO_OK;
  (void)pthread_mutex_lock(&pipeline->synced.lock);
  do { /* the wait itself may bring out that the id stands for another generation, which is open */
    pixazo_error_free(px_steal(&cause));
    memcpy(wanted, resolve(pipeline, id), sizeof wanted);
    w->job = px_jobs_find(pipeline, wanted);
    if (w->job)
      status = wait_open(pipeline, w, &cause);
  } while (status == PIXAZO_OK && strcmp(wanted, resolve(pipeline, id)) != 0);
  memcpy(wanted, resolve(pipeline, id), sizeof wanted);
  (void)pthread_mutex_unlock(&pipeline->synced.lock);
  if (status == PIXAZO_E_AGAIN)
    return status;
  if (status == PIXAZO_E_CANCELLED)
    return stopped_waiting(wanted, error);
  return finish_wait(pipeline, wanted, cause, out, error);
}

pixazo_status pixazo_pipeline_wait(pixazo_pipeline *pipeline, const char *id, uint32_t timeout_ms, pixazo_cancel *cancel,
                                   pixazo_generation **out, pixazo_error **error)
{
  PX_REQUIRE(pipeline, error, "pipeline is NULL");
  PX_REQUIRE(px_uuid_valid(id), error, "id is not a UUID");
  PX_TRY(px_pipeline_check(pipeline, error));
  int64_t until = timeout_ms == UINT32_MAX ? INT64_MAX : px_mono_us(pipeline->clock) + (int64_t)timeout_ms * 1000;
  waiting w = {.cancel = cancel, .until_us = until};
  pixazo_status status = wait_and_load(pipeline, id, &w, out, error);
  px_log_deliver(pipeline->log);
  return status;
}

pixazo_status pixazo_pipeline_cancel(pixazo_pipeline *pipeline, const char *id, int32_t mode, pixazo_error **error)
{
  PX_REQUIRE(pipeline, error, "pipeline is NULL");
  PX_REQUIRE(!id || px_uuid_valid(id), error, "id is not a UUID");
  PX_TRY(px_pipeline_check(pipeline, error));
  pixazo_generation *record = NULL;
  (void)pthread_mutex_lock(&pipeline->synced.lock);
  px_job *job = id ? px_jobs_find(pipeline, resolve(pipeline, id)) : NULL;
  if (job)
    cancel_group(job, mode);
  for (size_t i = 0; !id && i < PX_JOB_BUCKETS; i++) {
    for (px_job *each = pipeline->synced.buckets[i]; each; each = each->next_in_bucket)
      cancel_group(each, mode);
  }
  (void)pthread_mutex_unlock(&pipeline->synced.lock);
  if (job || !id)
    return PIXAZO_OK;
  PX_TRY(pixazo_repository_find(pipeline->repository, id, &record, error));
  pixazo_generation_free(record);
  return PIXAZO_OK;
}
