/* SPDX-License-Identifier: MIT */
/* One paid call: from its reservation to the recorded answer, its retries, and the polls of a queue. */
#include "pipeline/internal.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/failpoint.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"

enum { JUDGE_AGAIN_MS = 1000, JUDGE_TRIES = 10 };

static px_job *job_of_task(px_task *task)
{
  return (px_job *)((char *)task - offsetof(px_job, task));
}

static px_job *job_of_op(px_op *op)
{
  return (px_job *)((char *)op - offsetof(px_job, op));
}

static px_job *job_of_timer(px_timer *timer)
{
  return (px_job *)((char *)timer - offsetof(px_job, timer));
}

static void to_crew(px_crew *crew, px_job *job, void (*run)(px_task *))
{
  job->task.run = run;
  px_crew_add(crew, &job->task);
}

/* I/O thread, right before the first byte of a paid call: a worker that slept may have been taken for dead. */
static bool may_send(void *user)
{
  px_job *job = user;
  pixazo_pipeline *pipeline = job->pipeline;
  return job->epoch == atomic_load(&pipeline->epoch) &&
         px_alive_us(pipeline->clock) - atomic_load(&pipeline->alive_us) <= PX_ASLEEP_US;
}

static void on_progress(void *user, int32_t stage, uint64_t done, uint64_t total)
{
  px_event_progress(user, stage, done, total);
}

static void on_report(void *user, const px_report *report)
{
  px_event_report(user, report);
}

static void keep_evidence(px_job *job, const px_evidence *evidence)
{
  pixazo_error_free(job->evidence_error);
  job->evidence = *evidence;
  job->evidence_error = px_error_copy(evidence->error);
  job->evidence.error = job->evidence_error;
  job->answered_us = px_wall_us(job->pipeline->clock);
}

static void judge_task(px_task *task);

/* A large answer is made durable before anything reads it; a small one is copied into its row by T3, unless it repeats the
 * key. */
static void seal(px_task *task)
{
  px_job *job = job_of_task(task);
  pixazo_pipeline *pipeline = job->pipeline;
  px_autoerror error = NULL;
  char sealed[sizeof job->answer_name];
  (void)snprintf(sealed, sizeof sealed, "%s.answer", job->attempt);
  pixazo_status status = px_file_flush(job->answer_fd, job->answer_name, &error);
  PX_FAILPOINT("f1.before_rename");
  if (status == PIXAZO_OK)
    status = px_file_rename_at(pipeline->spool_fd, job->answer_name, pipeline->spool_fd, sealed, &error);
  if (status == PIXAZO_OK) {
    (void)snprintf(job->answer_name, sizeof job->answer_name, "%s", sealed);
    PX_FAILPOINT("f1.after_rename");
    status = px_spool_flush(pipeline, &error);
  }
  if (status != PIXAZO_OK) /* it can still be read now, which is the best chance its pictures have */
    px_log(pipeline->log, PIXAZO_LOG_ERROR, "pipeline", "answer %s could not be made durable: %s", job->attempt,
           pixazo_error_message(error));
  to_crew(pipeline->workers, job, judge_task);
}

static bool is_sealed(const px_job *job)
{
  return px_str_ends(job->answer_name, ".answer");
}

void px_call_answered(px_job *job, uint64_t body_bytes)
{
  bool paid = !job->polling && !px_plan_get(job->plan)->unbilled;
  if (paid && !is_sealed(job) && job->evidence.body_complete && body_bytes > PX_SMALL_ANSWER)
    to_crew(job->pipeline->files, job, seal);
  else
    to_crew(job->pipeline->workers, job, judge_task);
}

static void on_answer(void *user, const px_evidence *evidence)
{
  px_job *job = user;
  keep_evidence(job, evidence);
  px_call_answered(job, job->writer.body_bytes);
}

static void produce(px_task *task)
{
  px_job *job = job_of_task(task);
  px_evidence evidence = {.status = PIXAZO_E_INTERNAL};
  px_autoerror error = NULL;
  if (!may_send(job)) {
    evidence.status = px_fail(&error, PIXAZO_E_STATE, "this process slept before the call began; nothing was sent");
    evidence.error = error;
  } else {
    pixazo_status status = px_client_produce(job->pipeline->client, &job->send, &evidence, &error);
    if (status != PIXAZO_OK) {
      evidence.status = status;
      evidence.error = error;
    }
  }
  on_answer(job, &evidence);
}

static void close_answer(px_job *job)
{
  px_answer_done(&job->answer);
  px_answer_writer_done(&job->writer);
  if (job->answer_fd >= 0)
    (void)close(job->answer_fd);
  job->answer_fd = -1;
}

/* A fresh answer file; `suffix` tells a paid answer (.part) from the answer of a poll. */
static pixazo_status open_answer(px_job *job, const char *suffix, pixazo_error **error)
{
  pixazo_pipeline *pipeline = job->pipeline;
  const px_plan_facts *facts = px_plan_get(job->plan);
  close_answer(job);
  (void)snprintf(job->answer_name, sizeof job->answer_name, "%s%s", job->attempt, suffix);
  PX_TRY(px_file_create_anew_at(pipeline->spool_fd, job->answer_name, 0600, &job->answer_fd, error));
  PX_TRY(px_answer_writer_init(&job->writer, job->answer_fd, error));
  PX_TRY(px_answer_writer_set(&job->writer, "attempt", job->attempt, error));
  PX_TRY(px_answer_writer_set(&job->writer, "generation", job->uuid, error));
  PX_TRY(px_answer_writer_set(&job->writer, "provider", facts->provider, error));
  return px_answer_writer_set(&job->writer, "model", facts->model, error);
}

static void describe_send(px_job *job)
{
  job->send = (px_send){.plan = job->plan,
                        .answer = &job->writer,
                        .cancel = job->polling ? job->token : job->unsent,
                        .may_send = may_send,
                        .on_progress = on_progress,
                        .on_report = on_report,
                        .on_done = on_answer,
                        .user = job};
}

/* A call that could not even be submitted: an address that is not allowed stays so, everything else may pass. */
static void never_sent(px_job *job, pixazo_status status, const pixazo_error *error)
{
  bool refused = status == PIXAZO_E_NETWORK || status == PIXAZO_E_ARGUMENT;
  px_evidence evidence = {.status = status, .error = error, .trouble = refused ? PX_TROUBLE_REFUSED_HERE : 0};
  keep_evidence(job, &evidence);
  to_crew(job->pipeline->workers, job, judge_task);
}

void px_call_start(px_job *job)
{
  pixazo_pipeline *pipeline = job->pipeline;
  px_autoerror error = NULL;
  job->polling = false;
  job->keyed = job->sealing = false;
  px_outcome_free(job->outcome);
  job->outcome = NULL;
  px_job_activate(job);
  pixazo_status status = open_answer(job, ".part", &error);
  if (status == PIXAZO_OK) {
    describe_send(job);
    px_event_post(job, PIXAZO_EVENT_STARTED, "", NULL);
    px_event_progress(job, PIXAZO_STAGE_GENERATING, 0, 0); /* the first byte of the answer may take minutes */
    if (px_plan_get(job->plan)->in_process) {
      to_crew(pipeline->workers, job, produce);
      return;
    }
    status = px_client_send(pipeline->client, &job->send, &error);
  }
  if (status != PIXAZO_OK)
    never_sent(job, status, error);
}

static void plan_poll(px_job *job, uint32_t delay_ms)
{
  job->timer.fire = px_call_poll;
  job->timer.idle = false;
  px_pipeline_timer(job->pipeline, &job->timer, delay_ms);
}

static void drop_answer(px_job *job)
{
  px_autoerror error = NULL;
  close_answer(job);
  if (job->answer_name[0] && px_file_remove_at(job->pipeline->spool_fd, job->answer_name, &error) != PIXAZO_OK)
    px_log(job->pipeline->log, PIXAZO_LOG_WARNING, "pipeline", "%s", pixazo_error_message(error));
  job->answer_name[0] = '\0';
}

/* After T3 of an attempt that brought nothing. A cut answer stays in the spool: it may be all there is. */
static void end_attempt(px_job *job)
{
  px_outcome *outcome = job->outcome;
  if (outcome->attempt_class != PIXAZO_CLASS_LOST && outcome->attempt_class != PIXAZO_CLASS_EMPTY)
    drop_answer(job);
  if (job->next == PX_NEXT_RETRY) {
    px_retry_plan(job);
    return;
  }
  if (job->next == PX_NEXT_CANCELLED) {
    px_call_cancel_planned(job);
    return;
  }
  int32_t state = job->next == PX_NEXT_LATER ? PIXAZO_GENERATION_PLANNED : px_call_state(outcome->attempt_class);
  px_job_end(job, state, outcome->error);
}

static void answer_written(px_op *op, pixazo_status status, const pixazo_error *error)
{
  px_job *job = job_of_op(op);
  PX_FAILPOINT("t3.after");
  px_free(job->answer_copy);
  job->answer_copy = NULL;
  px_pipeline_release_slot(job);
  px_measure_phase(job, PX_PHASE_NONE);
  if (status != PIXAZO_OK) {
    px_job_end(job, PIXAZO_GENERATION_ACTIVE, error);
    return;
  }
  px_measure_answer(job);
  px_watch_answer(job);
  if (job->outcome->attempt_class != PIXAZO_CLASS_ACCEPTED) {
    end_attempt(job);
    return;
  }
  px_event_post(job, PIXAZO_EVENT_ANSWERED, "", NULL);
  if (job->item_count > 0) {
    px_items_start(job);
  } else {
    drop_answer(job);
    job->poll_until_us = job->sent_us + (int64_t)px_plan_get(job->plan)->total_ms * 1000;
    plan_poll(job, px_plan_get(job->plan)->poll_interval_ms);
  }
}

static pixazo_status apply_answer(px_op *op, px_journal *journal, pixazo_error **error)
{
  px_job *job = job_of_op(op);
  const px_outcome *outcome = job->outcome;
  px_autofree px_journal_image *images = px_calloc(job->item_count, sizeof *images);
  if (!images)
    return px_fail_nomem(error);
  for (size_t i = 0; i < job->item_count; i++) {
    const px_image_record *image = &job->items[i].image;
    images[i] = (px_journal_image){.uuid = image->uuid,
                                   .remote_url = image->remote_url,
                                   .revised_prompt = image->revised_prompt,
                                   .store = pixazo_store_kind(job->pipeline->store),
                                   .key = image->key,
                                   .alt_text = image->alt_text,
                                   .index = image->index,
                                   .seed = image->seed};
  }
  bool accepted = outcome->attempt_class == PIXAZO_CLASS_ACCEPTED;
  px_journal_answer answer = {
      .facts = {.attempt = job->attempt,
                .generation = job->uuid,
                .attempt_class = outcome->attempt_class,
                .http_status = outcome->http_status,
                .provider_code = outcome->provider_code,
                .request_id = outcome->request_id,
                .remote_id = outcome->remote_id,
                .poll_url = outcome->poll_url,
                .message = accepted ? NULL : pixazo_error_message(outcome->error),
                .safety_json = outcome->safety_json,
                .currency = outcome->currency,
                .cost_micros = outcome->cost_micros,
                .confidence = outcome->confidence,
                .charge = outcome->charge},
      .answer = job->answer_copy,
      .answer_size = job->answer_copy_size,
      .images = images,
      .image_count = job->item_count,
      .not_before_us = job->next == PX_NEXT_LATER ? px_wall_us(job->pipeline->clock) + (int64_t)outcome->retry_after_ms * 1000 : 0,
      .final = job->next == PX_NEXT_END,
      .later = job->polling,
  };
  PX_FAILPOINT("t3.before");
  return px_journal_answered(journal, &answer, error);
}

static void write_answer(px_job *job)
{
  job->op = (px_op){.apply = apply_answer, .done = answer_written, .must = true};
  px_pipeline_op(job->pipeline, &job->op);
}

/* T3 carries a copy of a small answer, so that no flush of its own is needed for it; but no key goes into a row. */
static pixazo_status copy_answer(px_job *job, pixazo_error **error)
{
  struct stat facts;
  if (job->polling || job->answer_fd < 0)
    return PIXAZO_OK;
  if (fstat(job->answer_fd, &facts) != 0 || facts.st_size == 0 || facts.st_size > PX_SMALL_ANSWER + PX_ANSWER_HEAD_MAX)
    return PIXAZO_OK;
  px_autofree void *copy = px_malloc((size_t)facts.st_size);
  if (!copy)
    return px_fail_nomem(error);
  PX_TRY(px_read_at(job->answer_fd, copy, (size_t)facts.st_size, 0, job->answer_name, error));
  px_free(job->answer_copy);
  job->keyed = px_client_finds_key(job->pipeline->client, copy, (size_t)facts.st_size);
  job->answer_copy = job->keyed ? NULL : px_steal(&copy);
  job->answer_copy_size = job->keyed ? 0 : (size_t)facts.st_size;
  return PIXAZO_OK;
}

/* What follows an attempt that brought nothing. */
static int32_t follow(px_job *job)
{
  int32_t action = PX_ROUTE_STOP;
  bool cancelled = atomic_load(&job->soft_cancelled);
  px_call_end end = {.outcome = job->outcome, .retries_done = job->retries_here};
  px_plan_unref(job->other); /* of a judgement that had to be repeated */
  job->other = px_client_follow(job->pipeline->client, job->plan, &end, &action, &job->delay_ms);
  if (action == PX_ROUTE_STOP)
    return PX_NEXT_END;
  if (action == PX_ROUTE_LATER || (px_job_stopping(job) && !cancelled))
    return PX_NEXT_LATER; /* a long wait, or the pipeline closes: planned again */
  return px_job_stopping(job) ? PX_NEXT_END : PX_NEXT_RETRY;
}

static void decide(px_job *job)
{
  const px_outcome *outcome = job->outcome;
  job->next = PX_NEXT_END;
  if (job->recovered)
    return;
  px_client_note(job->pipeline->client, job->plan, outcome);
  if (outcome->attempt_class == PIXAZO_CLASS_ACCEPTED)
    return;
  if (outcome->attempt_class == PIXAZO_CLASS_NOT_SENT && atomic_load(&job->soft_cancelled))
    job->next = PX_NEXT_CANCELLED;
  else
    job->next = follow(job);
}

static pixazo_status read_answer(px_job *job, const px_answer **answer, pixazo_error **error)
{
  px_answer_done(&job->answer);
  job->answer = (px_answer)PX_ANSWER_INIT;
  *answer = NULL;
  if (job->answer_fd < 0)
    return PIXAZO_OK;
  px_autoerror headless = NULL;
  pixazo_status status = px_answer_read(&job->answer, job->answer_fd, &headless);
  if (status == PIXAZO_OK)
    *answer = &job->answer;
  if (px_may_pass(status))
    return px_fail(error, status, "%s", pixazo_error_message(headless));
  return PIXAZO_OK;
}

static void judge_again(px_timer *timer)
{
  px_job *job = job_of_timer(timer);
  to_crew(job->pipeline->workers, job, judge_task);
}

/* What a poll says. True when the job has been passed on. */
static bool judge_poll(px_job *job)
{
  px_outcome *outcome = job->outcome;
  pixazo_pipeline *pipeline = job->pipeline;
  if (outcome->attempt_class != PIXAZO_CLASS_NONE)
    return false;
  uint32_t delay_ms = px_plan_get(job->plan)->poll_interval_ms;
  bool again = true;
  if (outcome->error)
    again = px_client_retry(pipeline->client, job->plan, NULL, &job->evidence, job->poll_failures++, &delay_ms) &&
            delay_ms != UINT32_MAX;
  else
    job->poll_failures = 0;
  px_autoerror late = NULL;
  if (again && px_wall_us(pipeline->clock) > job->poll_until_us) {
    (void)px_fail(&late, PIXAZO_E_TIMEOUT, "%s still works on it after %u s; it is paid for and can be resumed",
                  px_plan_get(job->plan)->provider, px_plan_get(job->plan)->total_ms / 1000);
    px_error_charge(&late, PIXAZO_CLASS_ACCEPTED, PIXAZO_CHARGE_CHARGED);
    again = false;
  }
  drop_answer(job);
  if (again && !px_pipeline_is_cut(pipeline))
    plan_poll(job, delay_ms);
  else
    px_job_end(job, PIXAZO_GENERATION_ACTIVE, late ? late : outcome->error);
  return true;
}

static pixazo_status judge(px_job *job, pixazo_error **error)
{
  const px_answer *answer;
  px_outcome_free(job->outcome);
  job->outcome = NULL;
  PX_TRY(read_answer(job, &answer, error));
  if (job->polling)
    PX_TRY(px_client_judge_poll(job->pipeline->client, job->plan, &job->evidence, answer, &job->outcome, error));
  else
    PX_TRY(px_client_judge(job->pipeline->client, job->plan, &job->evidence, answer, &job->outcome, error));
  PX_TRY(copy_answer(job, error));
  if (!job->polling && job->outcome->remote_id &&
      (!px_record_set(&job->remote_id, job->outcome->remote_id) || !px_record_set(&job->poll_url, job->outcome->poll_url)))
    return px_fail_nomem(error);
  if (job->outcome->attempt_class == PIXAZO_CLASS_ACCEPTED && !job->refreshing)
    PX_TRY(px_items_from_outcome(job, error));
  return PIXAZO_OK;
}

/* Nothing else holds it: it repeats the key, or it is a long stream that was cut behind its picture. */
static bool is_only_in_its_file(const px_job *job)
{
  bool paid = job->outcome->attempt_class == PIXAZO_CLASS_ACCEPTED && !px_plan_get(job->plan)->unbilled;
  return job->keyed || (paid && !job->polling && !job->recovered && !job->answer_copy && job->answer_fd >= 0);
}

static void judge_task(px_task *task)
{
  px_job *job = job_of_task(task);
  pixazo_pipeline *pipeline = job->pipeline;
  px_autoerror error = NULL;
  if (judge(job, &error) != PIXAZO_OK) {
    if (px_pipeline_is_cut(pipeline) || ++job->unread >= JUDGE_TRIES) {
      px_job_end(job, PIXAZO_GENERATION_ACTIVE, error); /* the answer stays in the spool: resume reads it */
      return;
    }
    px_log(pipeline->log, PIXAZO_LOG_ERROR, "pipeline", "answer %s cannot be read now: %s", job->attempt,
           pixazo_error_message(error));
    job->timer.fire = judge_again;
    job->timer.idle = false;
    px_pipeline_timer(pipeline, &job->timer, JUDGE_AGAIN_MS);
    return;
  }
  if (job->polling && judge_poll(job))
    return;
  if (job->refreshing) {
    px_items_refresh(job);
    return;
  }
  if (is_only_in_its_file(job) && !job->sealing && !is_sealed(job)) {
    job->sealing = true;
    to_crew(pipeline->files, job, seal);
    return;
  }
  decide(job);
  write_answer(job);
}

void px_call_poll(px_timer *timer)
{
  px_job *job = job_of_timer(timer);
  pixazo_pipeline *pipeline = job->pipeline;
  px_autoerror error = NULL;
  if (px_pipeline_is_cut(pipeline)) {
    px_job_end(job, PIXAZO_GENERATION_ACTIVE, NULL);
    return;
  }
  job->polling = true;
  px_series_count(job->series, PX_COUNT_POLLS);
  pixazo_status status = open_answer(job, ".poll", &error);
  if (status == PIXAZO_OK) {
    describe_send(job);
    job->send.may_send = NULL;
    status = px_client_poll(pipeline->client, &job->send, job->remote_id, job->poll_url, &error);
  }
  if (status != PIXAZO_OK)
    never_sent(job, status, error);
}
