/* SPDX-License-Identifier: MIT */
/* Events for the program, and visits: work that must run on a thread of the program. */
#include "pipeline/internal.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "base/log.h"
#include "base/mem.h"
#include "json/writer.h"

struct pixazo_event {
  struct pixazo_event *next;
  px_job *progress_of; /* under the lock: this event may still be overwritten by the job */
  int32_t kind;
  int32_t state;
  int32_t stage;
  uint32_t delay_ms;
  uint64_t done;
  uint64_t total;
  int64_t until_us;
  char generation[PX_UUID_TEXT];
  char image[PX_UUID_TEXT];
  char *subject; /* these four of an alert */
  char *message;
  int64_t value;
  int64_t threshold;
  int32_t alert;
  pixazo_error *error;
};

static const char *const kind_names[] = {"unknown", "planned", "started", "progress", "answered", "retry", "image", "ended", "alert"};

/* Under the lock: the descriptor is readable while something waits. */
static void update_signal(pixazo_pipeline *pipeline)
{
  bool wanted = pipeline->synced.events || pipeline->synced.visits;
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
  if (event->progress_of)
    event->progress_of->synced.progress = NULL;
  event->progress_of = NULL;
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
  (void)pthread_cond_broadcast(&pipeline->synced.visitor);
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
    (void)pthread_mutex_unlock(&pipeline->synced.lock);
  }
  if (pipeline->on_alert)
    call_alert_hook(pipeline, alert);
}

void px_event_detach(px_job *job)
{
  if (job->synced.progress)
    job->synced.progress->progress_of = NULL;
  job->synced.progress = NULL;
}

/* Runs the progress hook for the newest progress of a job. */
static void visit_progress(px_task *visit)
{
  px_job *job = (px_job *)((char *)visit - offsetof(px_job, visit));
  pixazo_pipeline *pipeline = job->pipeline;
  (void)pthread_mutex_lock(&pipeline->synced.lock);
  pixazo_progress progress = job->synced.last;
  job->synced.progress_due = false;
  bool asked = !job->synced.hook_stopped;
  (void)pthread_mutex_unlock(&pipeline->synced.lock);
  if (asked && pipeline->on_progress(&progress, pipeline->on_progress_data) != 0) {
    (void)pthread_mutex_lock(&pipeline->synced.lock);
    job->synced.hook_stopped = true;
    (void)pthread_mutex_unlock(&pipeline->synced.lock);
    px_job_cancel(job, PIXAZO_CANCEL_SOFT);
  }
  px_job_unvisit(job);
}

static void push_visit(pixazo_pipeline *pipeline, px_task *visit)
{
  visit->next = NULL;
  *pipeline->synced.last_visit = visit;
  pipeline->synced.last_visit = &visit->next;
  update_signal(pipeline);
  (void)pthread_cond_broadcast(&pipeline->synced.visitor);
}

void px_visit_add(pixazo_pipeline *pipeline, px_task *visit)
{
  (void)pthread_mutex_lock(&pipeline->synced.lock);
  push_visit(pipeline, visit);
  (void)pthread_mutex_unlock(&pipeline->synced.lock);
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
  struct pixazo_event *event = job->synced.progress;
  if (!event && pipeline->synced.listened) {
    event = px_event_new(job, PIXAZO_EVENT_PROGRESS, "", NULL);
    if (event) {
      event->progress_of = job;
      job->synced.progress = event;
      push_event(pipeline, event);
    }
  }
  if (event) {
    event->state = job->synced.state;
    event->stage = stage;
    event->done = done;
    event->total = total;
    event->until_us = job->synced.last.until_us;
  }
  if (pipeline->on_progress && !job->synced.progress_due) {
    job->synced.progress_due = true;
    job->synced.visits++;
    job->visit.run = visit_progress;
    push_visit(pipeline, &job->visit);
  }
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

void px_wait_at_most(pixazo_pipeline *pipeline, pthread_cond_t *wake, int64_t left_us)
{
  int64_t left = left_us > 0 ? left_us : 0;
  struct timespec deadline;
  (void)clock_gettime(CLOCK_MONOTONIC, &deadline);
  deadline.tv_sec += left / 1000000;
  deadline.tv_nsec += left % 1000000 * 1000;
  if (deadline.tv_nsec >= 1000000000) {
    deadline.tv_sec++;
    deadline.tv_nsec -= 1000000000;
  }
  (void)pthread_cond_timedwait(wake, &pipeline->synced.lock, &deadline);
}

void px_wait_visitor(pixazo_pipeline *pipeline, int64_t until_us)
{
  if (pipeline->stepped) {
    (void)pthread_mutex_unlock(&pipeline->synced.lock);
    px_pipeline_pump(pipeline);
    (void)pthread_mutex_lock(&pipeline->synced.lock);
    return;
  }
  int64_t left = until_us - px_mono_us(pipeline->clock);
  if (left > 0)
    px_wait_at_most(pipeline, &pipeline->synced.visitor, left);
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
    px_wait_visitor(pipeline, until - now > 1000000 ? now + 1000000 : until);
  }
  update_signal(pipeline);
  (void)pthread_mutex_unlock(&pipeline->synced.lock);
  px_log_deliver(pipeline->log);
  if (!event)
    return PIXAZO_E_AGAIN; /* no error object: it is an answer, and asked for often */
  *out = event;
  return PIXAZO_OK;
}

int32_t pixazo_event_kind(const pixazo_event *event)
{
  return event ? event->kind : 0;
}

const char *pixazo_event_generation(const pixazo_event *event)
{
  return event ? event->generation : "";
}

const char *pixazo_event_image(const pixazo_event *event)
{
  return event ? event->image : "";
}

int32_t pixazo_event_state(const pixazo_event *event)
{
  return event ? event->state : 0;
}

int32_t pixazo_event_stage(const pixazo_event *event)
{
  return event ? event->stage : 0;
}

uint64_t pixazo_event_bytes_done(const pixazo_event *event)
{
  return event ? event->done : 0;
}

uint64_t pixazo_event_bytes_total(const pixazo_event *event)
{
  return event ? event->total : 0;
}

int64_t pixazo_event_until_us(const pixazo_event *event)
{
  return event ? event->until_us : 0;
}

uint32_t pixazo_event_delay_ms(const pixazo_event *event)
{
  return event && event->kind == PIXAZO_EVENT_RETRY ? event->delay_ms : 0;
}

int32_t pixazo_event_alert(const pixazo_event *event)
{
  return event ? event->alert : 0;
}

const char *pixazo_event_subject(const pixazo_event *event)
{
  return event && event->subject ? event->subject : "";
}

const char *pixazo_event_message(const pixazo_event *event)
{
  return event && event->message ? event->message : "";
}

int64_t pixazo_event_value(const pixazo_event *event)
{
  return event ? event->value : 0;
}

int64_t pixazo_event_threshold(const pixazo_event *event)
{
  return event ? event->threshold : 0;
}

const pixazo_error *pixazo_event_error(const pixazo_event *event)
{
  return event ? event->error : NULL;
}

static void put_alert(px_json_writer *w, const pixazo_event *event)
{
  px_json_put_string(w, "alert", px_alert_name(event->alert));
  px_json_put_string(w, "subject", event->subject);
  px_json_put_string(w, "message", event->message);
  px_json_put_int64(w, "value", event->value);
  px_json_put_int64(w, "threshold", event->threshold);
}

/* What is told of a generation. */
static void put_story(px_json_writer *w, const pixazo_event *event)
{
  px_json_put_string(w, "generation", event->generation);
  px_json_put_string(w, "state", pixazo_generation_state_name(event->state));
  if (event->image[0])
    px_json_put_string(w, "image", event->image);
  if (event->kind == PIXAZO_EVENT_PROGRESS) {
    px_json_put_int64(w, "stage", event->stage);
    px_json_put_int64(w, "bytes_done", (int64_t)event->done);
    px_json_put_int64(w, "bytes_total", (int64_t)event->total);
    if (event->until_us > 0)
      px_json_put_int64(w, "until_us", event->until_us);
  }
  if (event->kind == PIXAZO_EVENT_RETRY)
    px_json_put_int64(w, "delay_ms", event->delay_ms);
}

pixazo_status pixazo_event_to_json(const pixazo_event *event, char **out, pixazo_error **error)
{
  PX_REQUIRE(event && out, error, "event or out is NULL");
  px_auto(px_json_writer) w = PX_JSON_WRITER_INIT(16384);
  size_t kind = event->kind > 0 && (size_t)event->kind < PX_ARRAY_SIZE(kind_names) ? (size_t)event->kind : 0;
  px_json_put_begin_object(&w, NULL);
  px_json_put_int64(&w, "schema", 1);
  px_json_put_string(&w, "event", kind_names[kind]);
  if (event->kind == PIXAZO_EVENT_ALERT)
    put_alert(&w, event);
  else
    put_story(&w, event);
  if (event->error) {
    px_json_put_string(&w, "status", pixazo_status_name(pixazo_error_status(event->error)));
    px_json_put_string(&w, "message", pixazo_error_message(event->error));
    px_json_put_string(&w, "hint", pixazo_error_hint(event->error));
  }
  px_json_put_end_object(&w);
  return px_json_writer_finish(&w, out, error);
}

void pixazo_event_free(pixazo_event *event)
{
  if (!event)
    return;
  pixazo_error_free(event->error);
  px_free(event->subject);
  px_free(event->message);
  px_free(event);
}
