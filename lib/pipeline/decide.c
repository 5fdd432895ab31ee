/* SPDX-License-Identifier: MIT */
/* What a program decides about a generation that goes no further by itself: to give it up, or to try it again. */
#include "pipeline/internal.h"

#include <string.h>

#include "base/error.h"
#include "base/log.h"
#include "base/mem.h"

static void answered(px_op *op, pixazo_status status, const pixazo_error *error)
{
  px_asked *asked = (px_asked *)((char *)op - offsetof(px_asked, op));
  pixazo_pipeline *pipeline = asked->pipeline;
  (void)pthread_mutex_lock(&pipeline->synced.lock);
  asked->status = status;
  asked->error = px_error_copy(error);
  asked->done = true;
  (void)pthread_cond_broadcast(&pipeline->synced.visitor);
  (void)pthread_mutex_unlock(&pipeline->synced.lock);
}

pixazo_status px_ask_journal(pixazo_pipeline *pipeline, px_asked *asked,
                             pixazo_status (*apply)(px_op *op, px_journal *journal, pixazo_error **error),
                             pixazo_error **error)
{
  *asked = (px_asked){.op = {.apply = apply, .done = answered, .apart = true}, .pipeline = pipeline};
  px_pipeline_op(pipeline, &asked->op);
  (void)pthread_mutex_lock(&pipeline->synced.lock);
  while (!asked->done) {
    if (!px_visit_one(pipeline))
      px_wait_visitor(pipeline, px_mono_us(pipeline->clock) + 100000);
  }
  (void)pthread_mutex_unlock(&pipeline->synced.lock);
  if (asked->status != PIXAZO_OK)
    px_error_move(error, px_steal(&asked->error));
  return asked->status;
}

/* A decision about one generation, in a transaction of its own. */
typedef struct decision {
  px_asked asked;
  char id[PX_UUID_TEXT];
  const px_journal_new *again; /* NULL: it is given up */
} decision;

static pixazo_status write_decision(px_journal *journal, const decision *made, pixazo_error **error)
{
  PX_TRY(px_journal_begin(journal, error));
  pixazo_status status = made->again ? px_journal_retry(journal, made->id, made->again, error)
                                     : px_journal_end(journal, made->id, PIXAZO_GENERATION_ABANDONED, "abandoned", error);
  if (status == PIXAZO_OK)
    return px_journal_commit(journal, error);
  px_journal_rollback(journal);
  return status;
}

/* What a worker that is gone left planned is nobody's to be asked for. */
static pixazo_status apply_decision(px_op *op, px_journal *journal, pixazo_error **error)
{
  const decision *made = (const decision *)((char *)op - offsetof(decision, asked.op));
  px_autoerror first = NULL;
  pixazo_status status = write_decision(journal, made, &first);
  if (status != PIXAZO_E_CONFLICT) {
    px_error_move(error, px_steal(&first));
    return status;
  }
  PX_TRY(px_journal_take_planned(journal, made->id, error));
  return write_decision(journal, made, error);
}

static pixazo_status check_idle(pixazo_pipeline *pipeline, const char *id, pixazo_error **error)
{
  PX_TRY(px_pipeline_check(pipeline, error));
  if (px_jobs_has(pipeline, id))
    return px_fail(error, PIXAZO_E_STATE, "generation %s is being worked on; cancel it first", id);
  return PIXAZO_OK;
}

pixazo_status pixazo_pipeline_abandon(pixazo_pipeline *pipeline, const char *id, pixazo_error **error)
{
  PX_REQUIRE(pipeline, error, "pipeline is NULL");
  PX_REQUIRE(px_uuid_valid(id), error, "id is not a UUID");
  PX_TRY(check_idle(pipeline, id, error));
  decision made = {.again = NULL};
  memcpy(made.id, id, sizeof made.id);
  return px_ask_journal(pipeline, &made.asked, apply_decision, error);
}

static void describe_again(const px_job *job, px_journal_new *row)
{
  const px_plan_facts *facts = px_plan_get(job->plan);
  *row = (px_journal_new){.uuid = job->uuid,
                          .principal = facts->principal,
                          .parent = job->parent,
                          .relation = "retry_of",
                          .request_json = facts->request_json,
                          .metadata_json = facts->metadata_json,
                          .effective_json = facts->effective_json,
                          .outcome_json = facts->outcome_json,
                          .prompt = facts->prompt,
                          .provider = facts->provider,
                          .model = facts->model,
                          .replay_key = px_replay_key(job), /* it answers later ones; itself it is a call, as was decided */
                          .images = facts->images};
}

static void drop_job(px_job **job)
{
  px_job_free(*job);
}

/* Recorded first, then entered: a crash in between leaves it planned. Nobody may gather it meanwhile. */
static pixazo_status start_again(pixazo_pipeline *pipeline, px_job *made, pixazo_error **error)
{
  px_cleanup(drop_job) px_job *job = made;
  px_journal_new row;
  decision again = {.again = &row};
  describe_again(job, &row);
  memcpy(again.id, job->parent, sizeof again.id);
  PX_TRY(px_ask_journal(pipeline, &again.asked, apply_decision, error));
  px_measure_added(job); /* before others see it in the table */
  PX_TRY(px_jobs_enter(pipeline, &job, 1, error));
  px_job *entered = px_steal(&job);
  px_event_post(entered, PIXAZO_EVENT_PLANNED, "", NULL);
  px_review_prompt(entered);
  return PIXAZO_OK;
}

static pixazo_status job_of_record(pixazo_pipeline *pipeline, const char *id, px_job **out, pixazo_error **error)
{
  pixazo_generation *record = NULL;
  px_plan *plan = NULL;
  PX_TRY(check_idle(pipeline, id, error)); /* one that is being added has no record yet */
  PX_TRY(pixazo_repository_find(pipeline->repository, id, &record, error));
  pixazo_status status = check_idle(pipeline, record->uuid, error); /* the id of one of its pictures will do */
  if (status == PIXAZO_OK)
    status = px_client_plan_again(pipeline->client, record, &plan, error);
  px_job *job = status == PIXAZO_OK ? px_job_new(pipeline, plan, error) : NULL;
  if (status == PIXAZO_OK && !job)
    status = PIXAZO_E_NOMEM;
  if (job)
    memcpy(job->parent, record->uuid, sizeof job->parent);
  px_plan_unref(plan);
  pixazo_generation_free(record);
  *out = job;
  return status;
}

pixazo_status pixazo_pipeline_retry(pixazo_pipeline *pipeline, const char *id, char **out, pixazo_error **error)
{
  PX_REQUIRE(pipeline, error, "pipeline is NULL");
  PX_REQUIRE(px_uuid_valid(id), error, "id is not a UUID");
  px_job *job = NULL;
  PX_TRY(job_of_record(pipeline, id, &job, error));
  px_autofree char *made = px_strdup(job->uuid);
  if (!made) {
    px_job_free(job);
    return px_fail_nomem(error);
  }
  px_resuming_begin(pipeline);
  pixazo_status status = start_again(pipeline, job, error);
  px_resuming_end(pipeline);
  px_log_deliver(pipeline->log);
  if (status == PIXAZO_OK && out)
    *out = px_steal(&made);
  return status;
}
