/* SPDX-License-Identifier: MIT */
/* One picture of an accepted call: brought home, verified, kept, recorded. */
#include "pipeline/internal.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/error.h"
#include "base/failpoint.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"

static px_item *item_of_task(px_task *task)
{
  return (px_item *)((char *)task - offsetof(px_item, task));
}

static px_item *item_of_op(px_op *op)
{
  return (px_item *)((char *)op - offsetof(px_item, op));
}

static px_item *item_of_timer(px_timer *timer)
{
  return (px_item *)((char *)timer - offsetof(px_item, timer));
}

void px_item_done(px_item *item)
{
  px_image_record *image = &item->image;
  for (size_t i = 0; i < image->rendition_count; i++) {
    px_free(image->renditions[i].name);
    px_free(image->renditions[i].key);
    px_free(image->renditions[i].content_type);
    px_free(image->renditions[i].path);
  }
  px_free(image->renditions);
  px_free(image->remote_url);
  px_free(image->revised_prompt);
  px_free(image->alt_text);
  px_free(image->safety_json);
  px_free(image->key);
  px_free(image->content_type);
  px_free(image->reason);
  px_free(item->path);
  px_free(item->final_key);
  px_free(item->outcome_json);
  pixazo_error_free(item->error);
  pixazo_error_free(item->evidence_error);
  if (item->descriptor >= 0)
    (void)close(item->descriptor);
}

static pixazo_status init_item(px_item *item, px_job *job, int32_t index, pixazo_error **error)
{
  item->job = job;
  item->descriptor = -1;
  item->image.index = index;
  item->image.state = PIXAZO_IMAGE_EXPECTED;
  px_uuid_new(job->pipeline->clock, item->image.uuid);
  px_free(item->image.alt_text); /* of a try that ran out of memory */
  item->image.alt_text = px_alt_text(px_plan_get(job->plan)->prompt);
  if (!item->image.alt_text)
    return px_fail_nomem(error);
  return px_key_early(job, item->image.uuid, index, &item->image.key, error);
}

/* Idempotent: a judgement that had to be repeated finds its items made. */
pixazo_status px_items_from_outcome(px_job *job, pixazo_error **error)
{
  const px_outcome *outcome = job->outcome;
  if (job->item_count == 0 && outcome->picture_count > 0) {
    job->items = px_calloc(outcome->picture_count, sizeof *job->items);
    if (!job->items)
      return px_fail_nomem(error);
    for (size_t i = 0; i < outcome->picture_count; i++)
      job->items[i].descriptor = -1;
    job->item_count = outcome->picture_count;
  }
  for (size_t i = 0; i < job->item_count && i < outcome->picture_count; i++) {
    px_item *item = &job->items[i];
    px_picture *picture = &outcome->pictures[i];
    if (!item->image.key) /* what init_item makes last */
      PX_TRY(init_item(item, job, (int32_t)i, error));
    item->picture = picture->kind == PX_PICTURE_URL ? NULL : picture;
    item->image.seed = picture->seed;
    if (!px_record_set(&item->image.remote_url, picture->url) ||
        !px_record_set(&item->image.revised_prompt, picture->revised_prompt))
      return px_fail_nomem(error);
  }
  return PIXAZO_OK;
}

static void end_job(px_job *job)
{
  size_t recorded = 0;
  size_t open = 0;
  const pixazo_error *error = NULL;
  for (size_t i = 0; i < job->item_count; i++) {
    recorded += job->items[i].image.state == PIXAZO_IMAGE_RECORDED;
    open += job->items[i].image.state == PIXAZO_IMAGE_EXPECTED;
    error = error ? error : job->items[i].error;
  }
  int32_t state = recorded == job->item_count ? PIXAZO_GENERATION_DONE
                  : open > 0                  ? PIXAZO_GENERATION_ACTIVE
                  : recorded > 0              ? PIXAZO_GENERATION_PARTIAL
                                              : PIXAZO_GENERATION_FAILED;
  px_job_end(job, state, state == PIXAZO_GENERATION_DONE ? NULL : error);
}

/* F3: once every picture is recorded the answer has done its duty. A quarantined or lost one keeps it. */
static void drop_answer(px_task *task)
{
  px_job *job = (px_job *)((char *)task - offsetof(px_job, task));
  px_autoerror error = NULL;
  PX_FAILPOINT("f3.before");
  if (px_file_remove_at(job->pipeline->spool_fd, job->answer_name, &error) != PIXAZO_OK)
    px_log(job->pipeline->log, PIXAZO_LOG_WARNING, "pipeline", "%s", pixazo_error_message(error));
  PX_FAILPOINT("f3.after");
  end_job(job);
}

static bool all_recorded(const px_job *job)
{
  for (size_t i = 0; i < job->item_count; i++) {
    if (job->items[i].image.state != PIXAZO_IMAGE_RECORDED)
      return false;
  }
  return true;
}

static bool wants_fresh_link(const px_job *job)
{
  for (size_t i = 0; i < job->item_count; i++) {
    if (job->items[i].wants_link)
      return job->remote_id && !px_pipeline_is_cut(job->pipeline);
  }
  return false;
}

/* An item came to rest; the last one of the job decides how it goes on. */
static void rest(px_item *item)
{
  px_job *job = item->job;
  pixazo_pipeline *pipeline = job->pipeline;
  (void)pthread_mutex_lock(&pipeline->synced.lock);
  size_t open = --job->items_open;
  (void)pthread_mutex_unlock(&pipeline->synced.lock);
  if (open > 0)
    return;
  if (wants_fresh_link(job)) {
    job->refreshing = true;
    job->timer.fire = px_call_poll;
    job->timer.idle = false;
    px_pipeline_timer(pipeline, &job->timer, 0);
  } else if (all_recorded(job) && job->answer_name[0]) {
    job->task.run = drop_answer;
    px_crew_add(pipeline->files, &job->task);
  } else {
    end_job(job);
  }
}

/* Left expected: a later resume goes on from here. */
void px_item_leave(px_item *item, const pixazo_error *error)
{
  bool guarded = item->evidence.trouble == PX_TROUBLE_REFUSED_HERE;
  if (!item->error)
    item->error = px_error_copy(error);
  px_error_charge(&item->error, PIXAZO_CLASS_ACCEPTED, PIXAZO_CHARGE_CHARGED);
  px_error_hint(&item->error, guarded ? "the call is paid for and recorded: name the host in allow_hosts, then resume"
                                      : "the call is paid for and recorded: resume brings the picture home");
  rest(item);
}

static pixazo_status apply_facts(px_op *op, px_journal *journal, pixazo_error **error)
{
  px_item *item = item_of_op(op);
  const px_image_record *image = &item->image;
  px_journal_facts facts = {.image = image->uuid,
                            .generation = item->job->uuid,
                            .state = item->wanted_state,
                            .key = item->final_key ? item->final_key : image->key,
                            .sha256 = image->sha256,
                            .md5 = image->md5,
                            .content_type = image->content_type,
                            .reason = image->reason,
                            .alt_text = item->captioned ? image->alt_text : NULL,
                            .safety_json = image->safety_json,
                            .outcome_json = item->outcome_json,
                            .width = image->width,
                            .height = image->height,
                            .has_alpha = image->has_alpha,
                            .bytes = image->bytes,
                            .generation_us = item->job->sent_us > 0 ? item->job->answered_us - item->job->sent_us : 0,
                            .download_us = image->download_us,
                            .processing_us = image->processing_us,
                            .renditions = image->renditions,
                            .rendition_count = image->rendition_count};
  PX_FAILPOINT("t4.before");
  return px_journal_recorded(journal, &facts, error);
}

static void facts_written(px_op *op, pixazo_status status, const pixazo_error *error)
{
  px_item *item = item_of_op(op);
  PX_FAILPOINT("t4.after");
  if (status == PIXAZO_OK)
    item->image.state = item->wanted_state;
  else if (!item->error)
    item->error = px_error_copy(error);
  px_event_post(item->job, PIXAZO_EVENT_IMAGE, item->image.uuid, item->error);
  rest(item);
}

void px_item_finish(px_item *item, int32_t state, const char *reason)
{
  if (reason && !px_record_set(&item->image.reason, reason))
    reason = NULL; /* no memory for the text: the fact counts */
  item->wanted_state = state;
  px_measure_picture(item);
  item->op = (px_op){.apply = apply_facts, .done = facts_written, .must = true};
  px_pipeline_op(item->job->pipeline, &item->op);
}

static void left_written(px_op *op, pixazo_status status, const pixazo_error *error)
{
  px_item *item = item_of_op(op);
  if (status != PIXAZO_OK) /* it is as it was: only the reason is not kept */
    px_log(item->job->pipeline->log, PIXAZO_LOG_WARNING, "pipeline", "picture %s: %s", item->image.uuid,
           pixazo_error_message(error));
  px_item_leave(item, item->evidence.error);
}

/* Nothing more is tried by itself, so the record says what is to be done. */
static void leave_told(px_item *item)
{
  bool guarded = item->evidence.trouble == PX_TROUBLE_REFUSED_HERE;
  px_auto(px_buf) reason = PX_BUF_INIT(2048);
  (void)px_buf_printf(&reason, "not here yet: %.1500s%s; resume fetches it", pixazo_error_message(item->evidence.error),
                      guarded ? "; name the host in allow_hosts" : "");
  (void)px_record_set(&item->image.reason, px_buf_text(&reason)); /* no memory: then none is recorded */
  item->wanted_state = PIXAZO_IMAGE_EXPECTED;
  item->op = (px_op){.apply = apply_facts, .done = left_written};
  px_pipeline_op(item->job->pipeline, &item->op);
}

static void fetch(px_item *item);
static void start_fetch(px_item *item);

/* Under the lock a download slot came free: the next item that waits takes it. */
static px_item *next_waiting(pixazo_pipeline *pipeline)
{
  px_item *item = pipeline->synced.waiting_items;
  if (!item || pipeline->synced.fetching >= pipeline->downloads)
    return NULL;
  pipeline->synced.waiting_items = item->next_waiting;
  if (!item->next_waiting)
    pipeline->synced.last_waiting = &pipeline->synced.waiting_items;
  pipeline->synced.waiting_count--;
  pipeline->synced.fetching++;
  return item;
}

static void fetch_ended(pixazo_pipeline *pipeline)
{
  (void)pthread_mutex_lock(&pipeline->synced.lock);
  pipeline->synced.fetching--;
  px_item *next = next_waiting(pipeline);
  (void)pthread_cond_signal(&pipeline->synced.work); /* new calls may have been held back */
  (void)pthread_mutex_unlock(&pipeline->synced.lock);
  if (next)
    start_fetch(next);
}

static void fetch_again(px_timer *timer)
{
  fetch(item_of_timer(timer));
}

static bool link_is_gone(const px_evidence *evidence)
{
  int32_t http = evidence->http_status;
  return http == 403 || http == 404 || http == 410 || http == 401;
}

/* A download that failed: again later, by a fresh link, left for resume, or lost. */
static void fetch_failed(px_item *item)
{
  pixazo_pipeline *pipeline = item->job->pipeline;
  uint32_t delay_ms = 0;
  if (px_pipeline_is_cut(pipeline)) {
    px_item_leave(item, item->evidence.error);
  } else if (link_is_gone(&item->evidence) && item->job->remote_id && !item->refreshed) {
    item->wants_link = true;
    rest(item);
  } else if (px_client_retry(pipeline->client, item->job->plan, NULL, &item->evidence, item->retries, &delay_ms) &&
             delay_ms != UINT32_MAX) {
    item->retries++;
    item->timer.fire = fetch_again;
    px_pipeline_timer(pipeline, &item->timer, delay_ms);
  } else if (link_is_gone(&item->evidence)) {
    item->error = px_error_copy(item->evidence.error);
    px_item_finish(item, PIXAZO_IMAGE_LOST, pixazo_error_message(item->evidence.error));
  } else {
    leave_told(item);
  }
}

static void fetched(px_task *task)
{
  px_item *item = item_of_task(task);
  PX_FAILPOINT("f2.temp.after");
  fetch_ended(item->job->pipeline);
  if (item->evidence.status == PIXAZO_OK) {
    px_measure_fetched(item);
    px_item_verify(task);
  } else {
    fetch_failed(item);
  }
}

static void on_fetched(void *user, const px_evidence *evidence)
{
  px_item *item = user;
  pixazo_pipeline *pipeline = item->job->pipeline;
  pixazo_error_free(item->evidence_error);
  item->evidence = *evidence;
  item->evidence_error = px_error_copy(evidence->error);
  item->evidence.error = item->evidence_error;
  item->task.run = fetched;
  px_crew_add(pipeline->workers, &item->task);
}

static void on_progress(void *user, int32_t stage, uint64_t done, uint64_t total)
{
  px_item *item = user;
  px_event_progress(item->job, stage, done, total);
}

/* A fresh temporary file for the picture. */
static pixazo_status open_temporary(px_item *item, pixazo_error **error)
{
  pixazo_pipeline *pipeline = item->job->pipeline;
  char name[PX_UUID_TEXT + 8];
  PX_FAILPOINT("f2.temp.before");
  (void)snprintf(name, sizeof name, "%s.pic", item->image.uuid);
  if (item->descriptor >= 0)
    (void)close(item->descriptor);
  item->descriptor = -1;
  return px_file_create_anew_at(pipeline->spool_fd, name, 0600, &item->descriptor, error);
}

static void start_fetch(px_item *item)
{
  pixazo_pipeline *pipeline = item->job->pipeline;
  px_autoerror error = NULL;
  item->asked_us = px_mono_us(pipeline->clock);
  pixazo_status status = open_temporary(item, &error);
  if (status == PIXAZO_OK) {
    item->fetch = (px_fetch){.url = item->image.remote_url,
                             .descriptor = item->descriptor,
                             .max_bytes = px_client_max_download(pipeline->client),
                             .cancel = item->job->token,
                             .on_progress = on_progress,
                             .on_done = on_fetched,
                             .user = item};
    status = px_client_start_fetch(pipeline->client, &item->fetch, &error);
  }
  if (status != PIXAZO_OK) {
    bool refused = status == PIXAZO_E_NETWORK || status == PIXAZO_E_ARGUMENT; /* the address itself: that stays so */
    px_evidence evidence = {.status = status, .error = error, .trouble = refused ? PX_TROUBLE_REFUSED_HERE : 0};
    on_fetched(item, &evidence);
  }
}

static void fetch(px_item *item)
{
  pixazo_pipeline *pipeline = item->job->pipeline;
  (void)pthread_mutex_lock(&pipeline->synced.lock);
  item->next_waiting = NULL;
  *pipeline->synced.last_waiting = item;
  pipeline->synced.last_waiting = &item->next_waiting;
  pipeline->synced.waiting_count++;
  px_item *next = next_waiting(pipeline);
  (void)pthread_mutex_unlock(&pipeline->synced.lock);
  if (next)
    start_fetch(next);
}

/* Bytes that came inside the answer. */
static void unpack(px_task *task)
{
  px_item *item = item_of_task(task);
  px_job *job = item->job;
  px_autoerror error = NULL;
  item->here_us = px_mono_us(job->pipeline->clock);
  pixazo_status status = open_temporary(item, &error);
  if (status == PIXAZO_OK)
    status = px_picture_write(item->picture, &job->answer, item->descriptor, px_client_max_download(job->pipeline->client), &error);
  PX_FAILPOINT("f2.temp.after");
  if (status == PIXAZO_OK) {
    px_item_verify(task);
  } else if (status == PIXAZO_E_CORRUPT || status == PIXAZO_E_LIMIT) {
    item->error = px_error_copy(error);
    px_item_finish(item, PIXAZO_IMAGE_QUARANTINED, pixazo_error_message(error)); /* the answer stays in the spool */
  } else {
    px_item_leave(item, error);
  }
}

static void start_item(px_item *item)
{
  pixazo_pipeline *pipeline = item->job->pipeline;
  if (item->adopt) {
    item->task.run = px_item_adopt;
    px_crew_add(pipeline->workers, &item->task);
  } else {
    px_item_bring(item);
  }
}

void px_item_bring(px_item *item)
{
  pixazo_pipeline *pipeline = item->job->pipeline;
  if (item->picture) {
    item->task.run = unpack;
    px_crew_add(pipeline->workers, &item->task);
  } else if (item->image.remote_url) {
    fetch(item);
  } else if (item->job->remote_id && !item->refreshed) {
    item->wants_link = true; /* the queue knows it still */
    rest(item);
  } else {
    px_autoerror error = NULL;
    (void)px_fail(&error, PIXAZO_E_PROVIDER, "neither a link nor bytes of the picture are known any more");
    item->error = px_error_copy(error);
    px_item_finish(item, PIXAZO_IMAGE_LOST, pixazo_error_message(error));
  }
}

void px_items_start(px_job *job)
{
  pixazo_pipeline *pipeline = job->pipeline;
  size_t open = 0;
  for (size_t i = 0; i < job->item_count; i++)
    open += job->items[i].image.state == PIXAZO_IMAGE_EXPECTED;
  (void)pthread_mutex_lock(&pipeline->synced.lock);
  job->items_open = open + 1; /* one for this loop: the job must outlive it */
  (void)pthread_mutex_unlock(&pipeline->synced.lock);
  for (size_t i = 0; i < job->item_count; i++) {
    if (job->items[i].image.state == PIXAZO_IMAGE_EXPECTED)
      start_item(&job->items[i]);
  }
  rest(&job->items[0]);
}

void px_items_refresh(px_job *job)
{
  const px_outcome *outcome = job->outcome;
  pixazo_pipeline *pipeline = job->pipeline;
  job->refreshing = false;
  (void)pthread_mutex_lock(&pipeline->synced.lock);
  job->items_open = 1;
  for (size_t i = 0; i < job->item_count; i++)
    job->items_open += job->items[i].wants_link;
  (void)pthread_mutex_unlock(&pipeline->synced.lock);
  for (size_t i = 0; i < job->item_count; i++) {
    px_item *item = &job->items[i];
    if (!item->wants_link)
      continue;
    item->wants_link = false;
    item->refreshed = true;
    size_t index = (size_t)item->image.index;
    bool fresh = outcome->attempt_class == PIXAZO_CLASS_ACCEPTED && index < outcome->picture_count;
    const px_picture *picture = fresh ? &outcome->pictures[index] : NULL;
    if (picture && picture->kind != PX_PICTURE_URL)
      item->picture = &outcome->pictures[index];
    else if (!picture || !px_record_set(&item->image.remote_url, picture->url))
      fresh = false;
    if (fresh)
      px_item_bring(item);
    else if (item->image.remote_url)
      fetch_failed(item);
    else
      px_item_leave(item, outcome->error);
  }
  rest(&job->items[0]);
}
