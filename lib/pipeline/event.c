/* SPDX-License-Identifier: MIT */
/* One event as the program sees it. */
#include "pipeline/event.h"

#include "base/error.h"
#include "base/mem.h"
#include "json/writer.h"

static const char *const kind_names[] = {"unknown", "planned", "started", "progress", "answered", "retry", "image", "ended", "alert",
                                         "partial"};

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

uint64_t pixazo_event_work_done(const pixazo_event *event)
{
  return event ? event->work_done : 0;
}

uint64_t pixazo_event_work_total(const pixazo_event *event)
{
  return event ? event->work_total : 0;
}

pixazo_blob *pixazo_event_partial(const pixazo_event *event)
{
  return event ? event->partial : NULL;
}

int32_t pixazo_event_partial_index(const pixazo_event *event)
{
  return event ? event->partial_index : 0;
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
    px_json_put_int64(w, "work_done", (int64_t)event->work_done);
    px_json_put_int64(w, "work_total", (int64_t)event->work_total);
    if (event->until_us > 0)
      px_json_put_int64(w, "until_us", event->until_us);
  }
  if (event->kind == PIXAZO_EVENT_PARTIAL) {
    px_json_put_int64(w, "partial_index", event->partial_index);
    px_json_put_int64(w, "partial_bytes", (int64_t)pixazo_blob_size(event->partial));
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
  (void)pixazo_blob_unref(event->partial);
  px_free(event->subject);
  px_free(event->message);
  px_free(event);
}
