/* SPDX-License-Identifier: MIT */
/* Events for the program, and visits: work that must run on a thread of the program. */
#include "pipeline/event.h"

#include <stdio.h>
#include <unistd.h>

#include "base/error.h"
#include "base/log.h"
#include "base/mem.h"

/* Under the lock: the descriptor is readable while something waits. Who never asked for it pays nothing for it. */
static void update_signal(pixazo_pipeline *pipeline)
{
  bool wanted = pipeline->synced.watched && (pipeline->synced.events || pipeline->synced.visits);
  uint64_t count = 1;
  if (wanted == pipeline->synced.signalled)
    return;
  pipeline->synced.signalled = wanted;
  ssize_t moved = wanted ? write(pipeline->event_fd, &count, sizeof count) : read(pipeline->event_fd, &count, sizeof count);
  (void)moved; /* an eventfd of this pipeline alone, non-blocking: it can only succeed */
}

static struct pixazo_event *pop_event(pixazo_pipeline *pipeline)
{
  struct pixazo_event *event = pipeline->synced.events;
  if (!event)
    return NULL;
  pipeline->synced.events = event->next;
  if (!event->next)
    pipeline->synced.last_event = &pipeline->synced.events;
  pipeline->synced.event_count--;
  if (event->held)
    *event->held = NULL;
  event->held = NULL;
  return event;
}

/* Under the lock. While nobody has ever asked for events they are kept only up to a bound: the
 * repository tells the same later. */
static void push_event(pixazo_pipeline *pipeline, struct pixazo_event *event)
{
  if (!pipeline->synced.listened && pipeline->synced.event_count >= PX_EVENTS_UNREAD_MAX)
    pixazo_event_free(pop_event(pipeline));
  *pipeline->synced.last_event = event;
  pipeline->synced.last_event = &event->next;
  pipeline->synced.event_count++;
  update_signal(pipeline);
}

void px_event_fill(struct pixazo_event *event, const px_job *job, const pixazo_error *error)
{
  memcpy(event->generation, job->uuid, sizeof event->generation);
  event->delay_ms = job->delay_ms;
  event->error = px_error_copy(error);
}

struct pixazo_event *px_event_new(px_job *job, int32_t kind, const char *image, const pixazo_error *error)
{
  struct pixazo_event *event = px_calloc(1, sizeof *event);
  if (!event)
    return NULL; /* the repository knows; an event is a convenience */
  event->kind = kind;
  px_event_fill(event, job, error);
  (void)snprintf(event->image, sizeof event->image, "%s", image);
  return event;
}

void px_event_push(px_job *job, struct pixazo_event *event)
{
  if (!event)
    return;
  event->state = job->synced.state;
  push_event(job->pipeline, event);
  px_visitors_news(job->pipeline);
}

void px_event_post(px_job *job, int32_t kind, const char *image, const pixazo_error *error)
{
  struct pixazo_event *event = px_event_new(job, kind, image, error);
  (void)pthread_mutex_lock(&job->pipeline->synced.lock);
  px_event_push(job, event);
  (void)pthread_mutex_unlock(&job->pipeline->synced.lock);
}

static struct pixazo_event *event_of_alert(const pixazo_alert *alert)
{
  struct pixazo_event *event = px_calloc(1, sizeof *event);
  if (!event)
    return NULL;
  event->kind = PIXAZO_EVENT_ALERT;
  event->alert = alert->kind;
  event->value = alert->value;
  event->threshold = alert->threshold;
  event->subject = px_strdup(alert->subject);
  event->message = px_strdup(alert->message);
  if (event->subject && event->message)
    return event;
  pixazo_event_free(event);
  return NULL;
}

/* Waits for a thread of the program. */
typedef struct alert_visit {
  px_task task;
  pixazo_pipeline *pipeline;
  struct pixazo_event *event;
} alert_visit;

static void visit_alert(px_task *task)
{
  alert_visit *visit = (alert_visit *)task;
  const struct pixazo_event *event = visit->event;
  pixazo_alert alert = {.struct_size = sizeof alert,
                        .subject = event->subject,
                        .message = event->message,
                        .value = event->value,
                        .threshold = event->threshold,
                        .kind = event->alert};
  visit->pipeline->on_alert(&alert, visit->pipeline->on_alert_data);
  pixazo_event_free(visit->event);
  px_free(visit);
}

static void call_alert_hook(pixazo_pipeline *pipeline, const pixazo_alert *alert)
{
  alert_visit *visit = px_calloc(1, sizeof *visit);
  struct pixazo_event *event = visit ? event_of_alert(alert) : NULL;
  if (!event) {
    px_free(visit);
    return;
  }
  visit->task.run = visit_alert;
  visit->pipeline = pipeline;
  visit->event = event;
  px_visit_add(pipeline, &visit->task);
}

void px_event_alert(pixazo_pipeline *pipeline, const pixazo_alert *alert)
{
  px_log(pipeline->log, PIXAZO_LOG_WARNING, "pipeline", "alert %s: %s", px_alert_name(alert->kind), alert->message);
  px_metrics_alert(pixazo_client_metrics(pipeline->client), alert->kind);
  struct pixazo_event *event = event_of_alert(alert);
  if (event) {
    (void)pthread_mutex_lock(&pipeline->synced.lock);
    push_event(pipeline, event);
    px_visitors_news(pipeline);
    (void)pthread_mutex_unlock(&pipeline->synced.lock);
  }
  if (pipeline->on_alert)
    call_alert_hook(pipeline, alert);
}

static void let_go(struct pixazo_event **held)
{
  if (*held)
    (*held)->held = NULL;
  *held = NULL;
}

void px_event_detach(px_job *job)
{
  let_go(&job->synced.progress);
  let_go(&job->synced.partial);
}

/* An event that waits cannot be taken back: it becomes one of progress. */
void px_event_outdate(px_job *job)
{
  struct pixazo_event *event = job->synced.partial;
  if (event) {
    event->kind = PIXAZO_EVENT_PROGRESS;
    event->stage = PIXAZO_STAGE_GENERATING;
    event->partial = pixazo_blob_unref(event->partial);
    event->partial_index = 0;
  }
  job->synced.shown = pixazo_blob_unref(job->synced.shown);
}

/* False: the hook said stop. */
static bool call_progress_hook(px_job *job, const pixazo_progress *progress)
{
  pixazo_pipeline *pipeline = job->pipeline;
  if (pipeline->on_progress(progress, pipeline->on_progress_data) == 0)
    return true;
  (void)pthread_mutex_lock(&pipeline->synced.lock);
  job->synced.hook_stopped = true;
  (void)pthread_mutex_unlock(&pipeline->synced.lock);
  px_job_cancel(job, PIXAZO_CANCEL_SOFT);
  return false;
}

static bool show_partial(px_job *job, pixazo_progress progress, pixazo_blob *partial, int32_t index)
{
  progress.stage = PIXAZO_STAGE_PARTIAL;
  progress.partial = partial;
  progress.partial_index = index;
  return call_progress_hook(job, &progress);
}

/* Runs the progress hook for the newest partial picture and the newest progress of a job. */
static void visit_progress(px_task *visit)
{
  px_job *job = (px_job *)((char *)visit - offsetof(px_job, visit));
  pixazo_pipeline *pipeline = job->pipeline;
  (void)pthread_mutex_lock(&pipeline->synced.lock);
  pixazo_progress progress = job->synced.last;
  pixazo_blob *partial = px_steal(&job->synced.shown);
  int32_t index = job->synced.shown_index;
  job->synced.progress_due = false;
  bool asked = !job->synced.hook_stopped;
  (void)pthread_mutex_unlock(&pipeline->synced.lock);
  if (asked && partial)
    asked = show_partial(job, progress, partial, index);
  if (asked)
    (void)call_progress_hook(job, &progress);
  (void)pixazo_blob_unref(partial);
  px_job_unvisit(job);
}

static void push_visit(pixazo_pipeline *pipeline, px_task *visit)
{
  visit->next = NULL;
  *pipeline->synced.last_visit = visit;
  pipeline->synced.last_visit = &visit->next;
  update_signal(pipeline);
  px_visitors_news(pipeline);
}

void px_visit_add(pixazo_pipeline *pipeline, px_task *visit)
{
  (void)pthread_mutex_lock(&pipeline->synced.lock);
  push_visit(pipeline, visit);
  (void)pthread_mutex_unlock(&pipeline->synced.lock);
}

/* Under the lock: the event of this kind that waits to be taken, a new one where none does; NULL: nobody listens. */
static struct pixazo_event *held_event(px_job *job, int32_t kind, struct pixazo_event **held)
{
  pixazo_pipeline *pipeline = job->pipeline;
  if (!*held && pipeline->synced.listened) {
    struct pixazo_event *event = px_event_new(job, kind, "", NULL);
    if (event) {
      event->held = held;
      *held = event;
      push_event(pipeline, event);
      if (kind == PIXAZO_EVENT_PROGRESS)
        px_visitors_progress(pipeline);
      else
        px_visitors_news(pipeline);
    }
  }
  if (*held)
    (*held)->state = job->synced.state;
  return *held;
}

/* Under the lock: tells what stands in synced.last. */
static void tell_progress(px_job *job)
{
  const pixazo_progress *last = &job->synced.last;
  struct pixazo_event *event = held_event(job, PIXAZO_EVENT_PROGRESS, &job->synced.progress);
  if (!event)
    return;
  event->stage = last->stage;
  event->done = last->bytes_done;
  event->total = last->bytes_total;
  event->work_done = last->work_done;
  event->work_total = last->work_total;
  event->until_us = last->until_us;
}

/* Under the lock: the hook hears of it on a thread of the program. */
static void call_for_visit(px_job *job)
{
  pixazo_pipeline *pipeline = job->pipeline;
  if (!pipeline->on_progress || job->synced.progress_due)
    return;
  job->synced.progress_due = true;
  job->synced.visits++;
  job->visit.run = visit_progress;
  push_visit(pipeline, &job->visit);
}

void px_event_progress(px_job *job, int32_t stage, uint64_t done, uint64_t total)
{
  pixazo_pipeline *pipeline = job->pipeline;
  (void)pthread_mutex_lock(&pipeline->synced.lock);
  job->synced.last = (pixazo_progress){.struct_size = sizeof job->synced.last,
                                       .generation = job->uuid,
                                       .stage = stage,
                                       .attempt = (uint32_t)job->n,
                                       .bytes_done = done,
                                       .bytes_total = total,
                                       .until_us = stage == PIXAZO_STAGE_QUEUED ? job->synced.until_us : 0};
  tell_progress(job);
  call_for_visit(job);
  (void)pthread_mutex_unlock(&pipeline->synced.lock);
}

/* Under the lock: for the hook and for the next reader of events, each the newest only; for nobody, none. */
static void take_partial(px_job *job, const px_report *report)
{
  struct pixazo_event *event = held_event(job, PIXAZO_EVENT_PARTIAL, &job->synced.partial);
  if (event) {
    (void)pixazo_blob_unref(event->partial);
    event->partial = pixazo_blob_ref(report->partial);
    event->partial_index = report->partial_index;
  }
  if (!job->pipeline->on_progress || job->synced.hook_stopped)
    return;
  (void)pixazo_blob_unref(job->synced.shown);
  job->synced.shown = pixazo_blob_ref(report->partial);
  job->synced.shown_index = report->partial_index;
}

/* Of a call that runs: its first progress came before. */
void px_event_report(px_job *job, const px_report *report)
{
  pixazo_pipeline *pipeline = job->pipeline;
  (void)pthread_mutex_lock(&pipeline->synced.lock);
  if (report->partial) {
    take_partial(job, report);
  } else {
    job->synced.last.work_done = report->work_done;
    job->synced.last.work_total = report->work_total;
    tell_progress(job);
  }
  call_for_visit(job);
  (void)pthread_mutex_unlock(&pipeline->synced.lock);
}

void px_event_waiting(px_job *job, int64_t until_us)
{
  (void)pthread_mutex_lock(&job->pipeline->synced.lock);
  job->synced.until_us = until_us;
  (void)pthread_mutex_unlock(&job->pipeline->synced.lock);
  px_event_progress(job, PIXAZO_STAGE_QUEUED, 0, 0);
}

bool px_visit_one(pixazo_pipeline *pipeline)
{
  px_task *visit = pipeline->synced.visits;
  if (!visit)
    return false;
  pipeline->synced.visits = visit->next;
  if (!visit->next)
    pipeline->synced.last_visit = &pipeline->synced.visits;
  update_signal(pipeline);
  (void)pthread_mutex_unlock(&pipeline->synced.lock);
  visit->run(visit);
  (void)pthread_mutex_lock(&pipeline->synced.lock);
  return true;
}

void px_events_free(pixazo_pipeline *pipeline)
{
  for (struct pixazo_event *event = pop_event(pipeline); event; event = pop_event(pipeline))
    pixazo_event_free(event);
}

int32_t pixazo_pipeline_fd(const pixazo_pipeline *pipeline)
{
  if (!pipeline)
    return -1;
  pixazo_pipeline *writable = (pixazo_pipeline *)(uintptr_t)pipeline;
  (void)pthread_mutex_lock(&writable->synced.lock);
  writable->synced.listened = true;
  writable->synced.watched = true;
  update_signal(writable);
  (void)pthread_mutex_unlock(&writable->synced.lock);
  return pipeline->event_fd;
}

pixazo_status pixazo_pipeline_next_event(pixazo_pipeline *pipeline, uint32_t timeout_ms, pixazo_event **out, pixazo_error **error)
{
  PX_REQUIRE(pipeline && out, error, "pipeline or out is NULL");
  PX_TRY(px_pipeline_check(pipeline, error));
  int64_t until = timeout_ms == UINT32_MAX ? INT64_MAX : px_mono_us(pipeline->clock) + (int64_t)timeout_ms * 1000;
  struct pixazo_event *event = NULL;
  (void)pthread_mutex_lock(&pipeline->synced.lock);
  pipeline->synced.listened = true;
  for (;;) {
    if (px_visit_one(pipeline))
      continue;
    event = pop_event(pipeline);
    int64_t now = px_mono_us(pipeline->clock);
    if (event || now >= until)
      break;
    px_wait_visitor(pipeline, px_visitors_look(pipeline, now, until));
  }
  update_signal(pipeline);
  (void)pthread_mutex_unlock(&pipeline->synced.lock);
  px_log_deliver(pipeline->log);
  if (!event)
    return PIXAZO_E_AGAIN; /* no error object: it is an answer, and asked for often */
  *out = event;
  return PIXAZO_OK;
}
