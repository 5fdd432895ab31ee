/* SPDX-License-Identifier: MIT */
/* Going on with what a dead worker left. The spool is read before the rows are believed. */
#include "pipeline/internal.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/error.h"
#include "base/failpoint.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "json/writer.h"

/* Open work is gathered on the journal thread, where alone the journal may be used. */
typedef struct gather {
  px_asked asked;
  pixazo_pipeline *pipeline;
  uint32_t flags;
  px_job **jobs;
  size_t count;
  size_t elsewhere;
  size_t planned;
} gather;

typedef struct report {
  size_t done, partial, failed, ambiguous, lost, planned, unfinished;
} report;

/* Opens what the spool holds of an attempt: the sealed answer, else the part. One that cannot be opened now is not absent. */
static pixazo_status find_answer(px_job *job, pixazo_error **error)
{
  static const char *const suffixes[] = {".answer", ".part"};
  for (size_t i = 0; i < PX_ARRAY_SIZE(suffixes); i++) {
    px_autoerror absent = NULL;
    (void)snprintf(job->answer_name, sizeof job->answer_name, "%s%s", job->attempt, suffixes[i]);
    pixazo_status status = px_file_open_at(job->pipeline->spool_fd, job->answer_name, &job->answer_fd, NULL, &absent);
    if (status == PIXAZO_OK)
      return PIXAZO_OK;
    job->answer_fd = -1;
    if (status != PIXAZO_E_NOT_FOUND)
      return px_fail(error, status, "%s", pixazo_error_message(absent));
  }
  job->answer_name[0] = '\0';
  return PIXAZO_OK;
}

/* True also when it cannot be told now. */
static bool answer_is_whole(const px_job *job)
{
  px_auto(px_answer) answer = PX_ANSWER_INIT;
  pixazo_status status = job->answer_fd >= 0 ? px_answer_read(&answer, job->answer_fd, NULL) : PIXAZO_E_NOT_FOUND;
  return status == PIXAZO_OK ? answer.whole : px_may_pass(status);
}

/* The copy in the row stands for a file that is gone or was never flushed to its end. */
static pixazo_status restore_answer(px_job *job, const px_journal_work *work, pixazo_error **error)
{
  int spool = job->pipeline->spool_fd;
  char temporary[sizeof job->answer_name];
  if (work->answer_size == 0 || answer_is_whole(job))
    return PIXAZO_OK;
  if (job->answer_fd >= 0)
    (void)close(job->answer_fd);
  job->answer_fd = -1;
  (void)snprintf(temporary, sizeof temporary, "%s.poll", job->attempt); /* swept by its age if this is cut short */
  PX_TRY(px_file_remove_at(spool, temporary, error));
  PX_TRY(px_file_create_at(spool, temporary, 0600, &job->answer_fd, error));
  PX_TRY(px_write_all(job->answer_fd, work->answer, work->answer_size, temporary, error));
  if (px_str_ends(job->answer_name, ".part"))
    PX_TRY(px_file_remove_at(spool, job->answer_name, error));
  (void)snprintf(job->answer_name, sizeof job->answer_name, "%s.answer", job->attempt);
  return px_file_rename_at(spool, temporary, spool, job->answer_name, error);
}

/* What the file itself proves about a call nobody heard the end of. */
static pixazo_status evidence_of_file(px_job *job, uint64_t *body_bytes, pixazo_error **error)
{
  px_auto(px_answer) answer = PX_ANSWER_INIT;
  px_autoerror unread = NULL;
  job->evidence = (px_evidence){.status = PIXAZO_E_NETWORK, .body_asked = true, .started_us = job->sent_us};
  pixazo_status status = job->answer_fd >= 0 ? px_answer_read(&answer, job->answer_fd, &unread) : PIXAZO_E_NOT_FOUND;
  if (px_may_pass(status))
    return px_fail(error, status, "%s", pixazo_error_message(unread));
  if (status == PIXAZO_OK) {
    pixazo_status verified = answer.whole ? px_answer_verify(&answer, &unread) : PIXAZO_E_CORRUPT;
    if (px_may_pass(verified))
      return px_fail(error, verified, "%s", pixazo_error_message(unread));
    bool whole = verified == PIXAZO_OK; /* a crash may leave holes in a file of the right length */
    job->evidence.head_complete = true;
    job->evidence.http_status = px_answer_status(&answer);
    job->evidence.body_complete = whole;
    job->evidence.status = whole ? PIXAZO_OK : PIXAZO_E_NETWORK;
    *body_bytes = answer.body_size;
  }
  if (job->evidence.status != PIXAZO_OK) {
    pixazo_error_free(job->evidence_error);
    job->evidence_error = NULL;
    (void)px_fail(&job->evidence_error, PIXAZO_E_NETWORK, "the process ended before the answer was whole");
    job->evidence.error = job->evidence_error;
  }
  return PIXAZO_OK;
}

static pixazo_status items_of_record(px_job *job, const pixazo_generation *record, pixazo_error **error)
{
  size_t count = 0;
  for (size_t i = 0; i < record->image_count; i++)
    count += strcmp(record->images[i].attempt, job->attempt) == 0;
  if (count == 0)
    return PIXAZO_OK;
  job->items = px_calloc(count, sizeof *job->items);
  if (!job->items)
    return px_fail_nomem(error);
  for (size_t i = 0; i < count; i++)
    job->items[i].descriptor = -1;
  job->item_count = count;
  size_t n = 0;
  for (size_t i = 0; i < record->image_count; i++) {
    const px_image_record *from = &record->images[i];
    if (strcmp(from->attempt, job->attempt) != 0)
      continue;
    px_item *item = &job->items[n++];
    item->job = job;
    item->adopt = true;
    item->image.index = from->index;
    item->image.state = from->state;
    item->image.seed = from->seed;
    memcpy(item->image.uuid, from->uuid, sizeof item->image.uuid);
    if (!px_record_set(&item->image.remote_url, from->remote_url) || !px_record_set(&item->image.key, from->key) ||
        !px_record_set(&item->image.alt_text, from->alt_text))
      return px_fail_nomem(error);
  }
  return PIXAZO_OK;
}

static pixazo_status job_of_work(gather *g, px_journal_work *work, px_job **out, pixazo_error **error)
{
  pixazo_pipeline *pipeline = g->pipeline;
  px_plan *plan = NULL;
  PX_TRY(px_client_plan_again(pipeline->client, work->record, &plan, error));
  px_job *job = px_job_new(pipeline, plan, error);
  px_plan_unref(plan);
  if (!job)
    return PIXAZO_E_NOMEM;
  memcpy(job->uuid, work->record->uuid, sizeof job->uuid);
  memcpy(job->batch, work->record->batch, sizeof job->batch);
  memcpy(job->parent, work->record->parent, sizeof job->parent);
  memcpy(job->attempt, work->attempt, sizeof job->attempt);
  job->created_us = work->record->created_us;
  job->counted = true;
  job->n = work->n;
  job->sent_us = work->sent_us;
  job->answered_us = px_wall_us(pipeline->clock);
  job->remote_id = px_steal(&work->remote_id);
  job->poll_url = px_steal(&work->poll_url);
  job->resume_state = work->attempt[0] ? work->attempt_state : 0;
  job->recovered = work->attempt[0] != '\0';
  pixazo_status status = PIXAZO_OK;
  if (job->recovered) {
    status = find_answer(job, error);
    if (status == PIXAZO_OK)
      status = restore_answer(job, work, error);
    if (status == PIXAZO_OK)
      status = items_of_record(job, work->record, error);
  }
  if (status != PIXAZO_OK) {
    px_job_free(job);
    return status;
  }
  *out = job;
  return PIXAZO_OK;
}

static pixazo_status keep_job(gather *g, px_job *job, pixazo_error **error)
{
  px_job **grown = px_realloc_array(g->jobs, g->count + 1, sizeof(px_job *));
  if (!grown) {
    px_job_free(job);
    return px_fail_nomem(error);
  }
  g->jobs = grown;
  g->jobs[g->count++] = job;
  return PIXAZO_OK;
}

static pixazo_status gather_one(gather *g, px_journal_work *work, pixazo_error **error)
{
  px_job *job = NULL;
  if (px_jobs_has(g->pipeline, work->record->uuid))
    return PIXAZO_OK;
  if (work->attempt[0] == '\0') {
    g->planned++;
    if (!(g->flags & PIXAZO_RESUME_CONTINUE) || work->not_before_us > px_wall_us(g->pipeline->clock))
      return PIXAZO_OK;
  }
  px_autoerror failure = NULL;
  pixazo_status status = job_of_work(g, work, &job, &failure);
  if (status == PIXAZO_E_NOMEM)
    return px_fail_nomem(error);
  if (status != PIXAZO_OK) { /* one record that cannot be planned again must not stop the others */
    px_log(g->pipeline->log, PIXAZO_LOG_ERROR, "pipeline", "generation %s cannot be resumed: %s", work->record->uuid,
           pixazo_error_message(failure));
    return PIXAZO_OK;
  }
  return keep_job(g, job, error);
}

static pixazo_status apply_gather(px_op *op, px_journal *journal, pixazo_error **error)
{
  gather *g = (gather *)((char *)op - offsetof(gather, asked.op));
  char after[PX_UUID_TEXT] = "";
  PX_FAILPOINT("resume.before");
  PX_TRY(px_journal_take_over(journal, &g->elsewhere, error));
  for (;;) {
    px_journal_work work = {.record = NULL};
    px_autoerror end = NULL;
    pixazo_status status = px_journal_next_work(journal, after, &work, &end);
    if (status == PIXAZO_E_NOT_FOUND) {
      PX_FAILPOINT("resume.taken");
      return PIXAZO_OK;
    }
    if (status != PIXAZO_OK)
      return px_fail(error, status, "%s", pixazo_error_message(end));
    status = gather_one(g, &work, error);
    px_journal_work_done(&work);
    PX_TRY(status);
  }
}

/* Pictures whose bytes are in the answer are found in it again, by index. */
static pixazo_status read_pictures(px_job *job, pixazo_error **error)
{
  uint64_t body_bytes = 0;
  PX_TRY(evidence_of_file(job, &body_bytes, error));
  if (!job->evidence.head_complete)
    return PIXAZO_OK; /* links are in the rows */
  PX_TRY(px_answer_read(&job->answer, job->answer_fd, error));
  PX_TRY(px_client_judge(job->pipeline->client, job->plan, &job->evidence, &job->answer, &job->outcome, error));
  for (size_t i = 0; i < job->item_count; i++) {
    px_item *item = &job->items[i];
    size_t index = (size_t)item->image.index;
    if (index < job->outcome->picture_count && job->outcome->pictures[index].kind != PX_PICTURE_URL)
      item->picture = &job->outcome->pictures[index];
  }
  return PIXAZO_OK;
}

static void find_pictures(px_task *task)
{
  px_job *job = (px_job *)((char *)task - offsetof(px_job, task));
  px_autoerror error = NULL;
  if (read_pictures(job, &error) == PIXAZO_OK)
    px_items_start(job);
  else
    px_job_end(job, PIXAZO_GENERATION_ACTIVE, error); /* nothing is lost: the next resume reads it */
}

static void start_resumed(px_job *job)
{
  pixazo_pipeline *pipeline = job->pipeline;
  px_autoerror unread = NULL;
  if (job->resume_state == 0) {
    px_replay_resume(job);
    return;
  }
  px_job_activate(job);
  job->poll_until_us = px_wall_us(pipeline->clock) + (int64_t)px_plan_get(job->plan)->total_ms * 1000;
  if (job->resume_state == PX_ATTEMPT_SENDING) {
    uint64_t body_bytes = 0;
    if (evidence_of_file(job, &body_bytes, &unread) == PIXAZO_OK)
      px_call_answered(job, body_bytes);
    else
      px_job_end(job, PIXAZO_GENERATION_ACTIVE, unread);
  } else if (job->item_count > 0) {
    job->task.run = find_pictures;
    px_crew_add(pipeline->workers, &job->task);
  } else if (job->remote_id) {
    job->timer.fire = px_call_poll;
    job->timer.idle = false;
    px_pipeline_timer(pipeline, &job->timer, 0);
  } else {
    px_job_end(job, PIXAZO_GENERATION_ACTIVE, NULL);
  }
}

static pixazo_status start_all(gather *g, pixazo_error **error)
{
  pixazo_status first = PIXAZO_OK;
  for (size_t i = 0; i < g->count; i++) {
    g->jobs[i]->synced.visits = 1; /* this thread looks at the end of each */
    pixazo_status status = first == PIXAZO_OK ? px_jobs_enter(g->pipeline, &g->jobs[i], 1, error) : first;
    if (status == PIXAZO_OK)
      continue;
    first = status;
    px_job_free(g->jobs[i]);
    g->jobs[i] = NULL;
  }
  for (size_t i = 0; i < g->count; i++) {
    if (g->jobs[i])
      start_resumed(g->jobs[i]);
  }
  return first;
}

static void count_end(report *r, const px_job *job)
{
  switch (job->synced.state) {
  case PIXAZO_GENERATION_DONE:
    r->done++;
    break;
  case PIXAZO_GENERATION_PARTIAL:
    r->partial++;
    break;
  case PIXAZO_GENERATION_AMBIGUOUS:
    r->ambiguous++;
    break;
  case PIXAZO_GENERATION_PLANNED:
    r->planned++;
    break;
  case PIXAZO_GENERATION_ACTIVE:
    r->unfinished++;
    break;
  default:
    r->failed++;
  }
  r->lost += job->outcome && job->outcome->attempt_class == PIXAZO_CLASS_LOST;
}

/* Waits for each job in turn; hooks run on this thread meanwhile. */
static bool wait_for_all(gather *g, pixazo_cancel *cancel, report *r)
{
  pixazo_pipeline *pipeline = g->pipeline;
  bool cancelled = false;
  for (size_t i = 0; i < g->count; i++) {
    px_job *job = g->jobs[i];
    if (!job)
      continue;
    (void)pthread_mutex_lock(&pipeline->synced.lock);
    while (!job->synced.ended) {
      cancelled = cancelled || pixazo_cancel_get(cancel) != 0;
      if (cancelled)
        break;
      if (!px_visit_one(pipeline))
        px_wait_visitor(pipeline, px_mono_us(pipeline->clock) + 100000);
    }
    if (job->synced.ended)
      count_end(r, job);
    (void)pthread_mutex_unlock(&pipeline->synced.lock);
    px_job_unvisit(job);
  }
  return !cancelled;
}

static pixazo_status write_report(const gather *g, const report *r, char **out, pixazo_error **error)
{
  px_auto(px_json_writer) w = PX_JSON_WRITER_INIT(4096);
  px_json_put_begin_object(&w, NULL);
  px_json_put_int64(&w, "schema", 1);
  px_json_put_int64(&w, "resumed", (int64_t)g->count);
  px_json_put_int64(&w, "done", (int64_t)r->done);
  px_json_put_int64(&w, "partial", (int64_t)r->partial);
  px_json_put_int64(&w, "failed", (int64_t)r->failed);
  px_json_put_int64(&w, "ambiguous", (int64_t)r->ambiguous);
  px_json_put_int64(&w, "lost", (int64_t)r->lost);
  px_json_put_int64(&w, "unfinished", (int64_t)r->unfinished);
  px_json_put_int64(&w, "planned", g->flags & PIXAZO_RESUME_CONTINUE ? (int64_t)r->planned : (int64_t)g->planned);
  px_json_put_int64(&w, "elsewhere", (int64_t)g->elsewhere);
  px_json_put_end_object(&w);
  return px_json_writer_finish(&w, out, error);
}

void px_resuming_begin(pixazo_pipeline *pipeline)
{
  (void)pthread_mutex_lock(&pipeline->synced.lock);
  while (pipeline->synced.resuming) {
    if (!px_visit_one(pipeline))
      px_wait_visitor(pipeline, px_mono_us(pipeline->clock) + 100000);
  }
  pipeline->synced.resuming = true;
  (void)pthread_mutex_unlock(&pipeline->synced.lock);
}

void px_resuming_end(pixazo_pipeline *pipeline)
{
  (void)pthread_mutex_lock(&pipeline->synced.lock);
  pipeline->synced.resuming = false;
  (void)pthread_cond_broadcast(&pipeline->synced.visitor);
  (void)pthread_mutex_unlock(&pipeline->synced.lock);
}

static pixazo_status resume(gather *g, pixazo_cancel *cancel, char **out, pixazo_error **error)
{
  report r = {0};
  px_resuming_begin(g->pipeline);
  pixazo_status status = px_ask_journal(g->pipeline, &g->asked, apply_gather, error);
  if (status != PIXAZO_OK) {
    px_resuming_end(g->pipeline);
    for (size_t i = 0; i < g->count; i++)
      px_job_free(g->jobs[i]);
    return status;
  }
  status = start_all(g, error);
  px_resuming_end(g->pipeline);
  bool whole = wait_for_all(g, cancel, &r);
  PX_TRY(status);
  if (!whole)
    return px_fail(error, PIXAZO_E_CANCELLED, "resume was cancelled; what is open stays open");
  px_spool_sweep(g->pipeline);
  return out ? write_report(g, &r, out, error) : PIXAZO_OK;
}

pixazo_status pixazo_pipeline_resume(pixazo_pipeline *pipeline, uint32_t flags, pixazo_cancel *cancel, char **out,
                                     pixazo_error **error)
{
  PX_REQUIRE(pipeline, error, "pipeline is NULL");
  PX_REQUIRE((flags & ~(uint32_t)PIXAZO_RESUME_CONTINUE) == 0, error, "unknown flags");
  PX_TRY(px_pipeline_check(pipeline, error));
  gather g = {.pipeline = pipeline, .flags = flags};
  pixazo_status status = resume(&g, cancel, out, error);
  px_free(g.jobs);
  px_log_deliver(pipeline->log);
  return status;
}
