/* SPDX-License-Identifier: MIT */
/* The hooks that look at prompts and pictures: asked on a thread of the program, heeded on threads of the library. */
#include "pipeline/internal.h"

#include "base/error.h"
#include "base/failpoint.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "json/json.h"
#include "pipeline/review.h"

static px_job *job_of_op(px_op *op)
{
  return (px_job *)((char *)op - offsetof(px_job, op));
}

static px_item *item_of_task(px_task *task)
{
  return (px_item *)((char *)task - offsetof(px_item, task));
}

static const char *or_empty(const char *text)
{
  return text ? text : "";
}

static pixazo_status apply_block(px_op *op, px_journal *journal, pixazo_error **error)
{
  px_job *job = job_of_op(op);
  return px_journal_block(journal, job->uuid, pixazo_error_message(job->denied), job->safety_json, &job->blocked_state, error);
}

static void block_written(px_op *op, pixazo_status status, const pixazo_error *error)
{
  px_job *job = job_of_op(op);
  if (status == PIXAZO_OK)
    px_job_end(job, job->blocked_state, job->denied);
  else
    px_job_end(job, PIXAZO_GENERATION_PLANNED, error);
}

static void end_blocked(px_job *job)
{
  job->op = (px_op){.apply = apply_block, .done = block_written, .must = true};
  px_pipeline_op(job->pipeline, &job->op);
}

/* Journal thread: the hook has answered, or the wait for it is over. */
static void prompt_due(px_timer *timer)
{
  px_job *job = (px_job *)((char *)timer - offsetof(px_job, timer));
  if (atomic_load(&job->soft_cancelled))
    px_call_cancel_planned(job);
  else if (job->review == PX_REVIEW_BLOCKED)
    end_blocked(job);
  else if (job->review == PX_REVIEW_FAILED)
    px_job_end(job, PIXAZO_GENERATION_PLANNED, job->denied);
  else if (px_job_stopping(job))
    px_call_cancel_planned(job);
  else if (job->review == PX_REVIEW_ALLOWED)
    px_pipeline_ready(job->pipeline, job);
  else
    px_pipeline_idle(job, UINT32_MAX); /* nobody came for weeks */
}

/* Under the lock: whether an answer still counts. */
static bool waits_for_review(const px_job *job)
{
  return job->timer.armed && job->timer.fire == prompt_due && job->review == PX_REVIEW_ASKED && !job->pipeline->synced.closing &&
         !atomic_load(&job->soft_cancelled);
}

static pixazo_status call_prompt_hook(const px_job *job, pixazo_review *review, pixazo_error **error)
{
  pixazo_pipeline *pipeline = job->pipeline;
  const px_plan_facts *plan = px_plan_get(job->plan);
  px_cleanup(px_json_done) px_json *effective = NULL;
  if (plan->effective_json)
    PX_TRY(px_json_parse(plan->effective_json, strlen(plan->effective_json), NULL, &effective, error));
  const px_json *mask = px_json_member(effective, "mask");
  pixazo_prompt_facts facts = {.struct_size = sizeof facts,
                               .generation = job->uuid,
                               .prompt = or_empty(plan->prompt),
                               .negative_prompt = or_empty(px_json_text(px_json_member(effective, "negative_prompt"))),
                               .provider = plan->provider,
                               .model = plan->model,
                               .principal = or_empty(plan->principal),
                               .pictures = (uint32_t)px_json_size(px_json_member(effective, "images")) + (mask != NULL)};
  return pipeline->on_prompt(&facts, review, pipeline->on_prompt_data, error);
}

/* What a hook that failed says; a status that is none counts as a defect. */
static void tell_failure(const px_job *job, pixazo_status status, pixazo_error **why)
{
  (void)px_fail(why, status < 0 ? status : PIXAZO_E_INTERNAL, "the hook gave no reason");
  px_error_prefix(why, "the prompt hook failed for generation %s: nothing was sent and it stays planned", job->uuid);
  px_error_hint(why, "resume with PIXAZO_RESUME_CONTINUE asks the hook again; abandon gives the generation up");
}

static pixazo_status tell_block(const pixazo_review *review, char **safety_json, pixazo_error **why)
{
  PX_TRY(px_review_json(review, safety_json, why));
  (void)px_fail(why, PIXAZO_E_REJECTED, "the program blocked the prompt%s%s; nothing was sent", *review->reason ? ": " : "",
                review->reason);
  px_error_hint(why, "nothing was charged; change the prompt, or retry to have it looked at again");
  return PIXAZO_OK;
}

/* Asks without the lock; nothing of the job is changed. */
static int32_t review_prompt(const px_job *job, char **safety_json, pixazo_error **why)
{
  px_autofree pixazo_review *review = px_calloc(1, sizeof *review);
  pixazo_status status = review ? call_prompt_hook(job, review, why) : px_fail_nomem(why);
  if (status == PIXAZO_OK && !review->blocked) {
    pixazo_error_free(px_steal(why));
    return PX_REVIEW_ALLOWED;
  }
  if (status == PIXAZO_OK) {
    pixazo_error_free(px_steal(why));
    status = tell_block(review, safety_json, why);
  }
  if (status == PIXAZO_OK)
    return PX_REVIEW_BLOCKED;
  tell_failure(job, status, why);
  return PX_REVIEW_FAILED;
}

/* On a thread of the program. Too late once the job was cancelled or the pipeline closes. */
static void visit_prompt(px_task *task)
{
  px_job *job = (px_job *)((char *)task - offsetof(px_job, review_task));
  pixazo_pipeline *pipeline = job->pipeline;
  px_autofree char *safety_json = NULL;
  px_autoerror why = NULL;
  (void)pthread_mutex_lock(&pipeline->synced.lock);
  bool waits = waits_for_review(job);
  (void)pthread_mutex_unlock(&pipeline->synced.lock);
  if (waits) {
    int32_t answer = review_prompt(job, &safety_json, &why);
    PX_FAILPOINT("review.prompt.after");
    (void)pthread_mutex_lock(&pipeline->synced.lock);
    if (waits_for_review(job)) {
      job->review = answer;
      job->denied = px_steal(&why);
      job->safety_json = px_steal(&safety_json);
      px_pipeline_timer_move(pipeline, &job->timer, 0);
    }
    (void)pthread_mutex_unlock(&pipeline->synced.lock);
  }
  px_job_unvisit(job);
}

void px_review_prompt(px_job *job)
{
  pixazo_pipeline *pipeline = job->pipeline;
  if (!pipeline->on_prompt) {
    px_pipeline_ready(pipeline, job);
    return;
  }
  px_measure_phase(job, PX_PHASE_WAITING);
  (void)pthread_mutex_lock(&pipeline->synced.lock);
  job->review = PX_REVIEW_ASKED;
  job->synced.visits++; /* it may end before the visit is made */
  (void)pthread_mutex_unlock(&pipeline->synced.lock);
  job->timer.fire = prompt_due;
  job->review_task.run = visit_prompt;
  px_pipeline_idle(job, UINT32_MAX);
  px_visit_add(pipeline, &job->review_task);
}

static pixazo_status call_picture_hook(const px_item *item, pixazo_review *review, pixazo_error **error)
{
  pixazo_pipeline *pipeline = item->job->pipeline;
  const px_plan_facts *plan = px_plan_get(item->job->plan);
  const px_image_record *image = &item->image;
  pixazo_picture_facts facts = {.struct_size = sizeof facts,
                                .generation = item->job->uuid,
                                .image = image->uuid,
                                .path = item->path,
                                .content_type = image->content_type,
                                .sha256 = image->sha256,
                                .prompt = or_empty(plan->prompt),
                                .alt_text = or_empty(image->alt_text),
                                .principal = or_empty(plan->principal),
                                .bytes = (uint64_t)image->bytes,
                                .width = (uint32_t)image->width,
                                .height = (uint32_t)image->height};
  return pipeline->on_picture(&facts, review, pipeline->on_picture_data, error);
}

/* Everything the review says, or nothing of it. */
static pixazo_status take_review(px_item *item, const pixazo_review *review, pixazo_error **error)
{
  px_autofree char *safety_json = NULL;
  if (review->blocked)
    PX_TRY(px_review_json(review, &safety_json, error));
  if (review->has_alt_text && !px_record_set(&item->image.alt_text, review->alt_text))
    return px_fail_nomem(error);
  item->captioned |= review->has_alt_text;
  if (!review->blocked)
    return PIXAZO_OK;
  item->image.safety_json = px_steal(&safety_json);
  (void)px_fail(&item->error, PIXAZO_E_REJECTED, "the program withheld picture %s%s%s; it is kept in quarantine", item->image.uuid,
                *review->reason ? ": " : "", review->reason);
  px_error_hint(&item->error, "it was paid for: its file lies in the folder quarantine of the spool; asking again is a new call");
  px_error_charge(&item->error, PIXAZO_CLASS_ACCEPTED, PIXAZO_CHARGE_CHARGED);
  return PIXAZO_OK;
}

/* The hook could not tell: a picture that was paid for goes its way. */
static void go_on_without(const px_item *item, pixazo_status status, const pixazo_error *why)
{
  px_log(item->job->pipeline->log, PIXAZO_LOG_WARNING, "pipeline",
         "the picture hook failed for %s, which is recorded as without it: %s", item->image.uuid,
         why ? pixazo_error_message(why) : pixazo_status_name(status));
}

static void to_workers(px_item *item, void (*run)(px_task *))
{
  item->task.run = run;
  px_crew_add(item->job->pipeline->workers, &item->task);
}

static void heed_review(px_item *item, const pixazo_review *review)
{
  px_autoerror error = NULL;
  if (take_review(item, review, &error) != PIXAZO_OK)
    px_item_leave(item, error); /* nothing the program withholds is recorded: the next resume asks again */
  else if (review->blocked)
    px_item_withhold(item);
  else
    to_workers(item, px_item_export);
}

/* On a thread of the program. */
static void visit_picture(px_task *task)
{
  px_item *item = item_of_task(task);
  px_autoerror why = NULL;
  px_autofree pixazo_review *review = px_calloc(1, sizeof *review);
  if (px_pipeline_is_cut(item->job->pipeline)) {
    (void)px_fail(&why, PIXAZO_E_CANCELLED, "the pipeline closed before the picture hook was asked");
    px_item_leave(item, why);
  } else if (!review) {
    (void)px_fail_nomem(&why);
    px_item_leave(item, why);
  } else {
    review->of_picture = true;
    pixazo_status status = call_picture_hook(item, review, &why);
    PX_FAILPOINT("review.picture.after");
    if (status == PIXAZO_OK) {
      heed_review(item, review);
    } else {
      go_on_without(item, status, why);
      to_workers(item, px_item_export);
    }
  }
}

void px_review_picture(px_item *item)
{
  pixazo_pipeline *pipeline = item->job->pipeline;
  if (pipeline->on_picture) {
    item->task.run = visit_picture;
    px_visit_add(pipeline, &item->task);
  } else {
    px_item_export(&item->task);
  }
}

bool px_review_withheld(const pixazo_generation *record)
{
  for (size_t i = 0; i < record->image_count; i++) {
    if (record->images[i].safety_json)
      return true;
  }
  return false;
}
