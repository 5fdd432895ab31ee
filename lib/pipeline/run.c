/* SPDX-License-Identifier: MIT */
/* What a program calls for all of them: run, and how things stand. */
#include "pipeline/internal.h"

#include "base/error.h"
#include "base/log.h"

/* Delivers what waits; false when the hook asked to stop. */
static bool deliver(pixazo_pipeline *pipeline, pixazo_event_fn on_event, void *user_data)
{
  pixazo_event *event = NULL;
  while (pixazo_pipeline_next_event(pipeline, 0, &event, NULL) == PIXAZO_OK) {
    int32_t stop = on_event ? on_event(event, user_data) : 0;
    pixazo_event_free(event);
    if (stop != 0)
      return false;
  }
  return true;
}

pixazo_status pixazo_pipeline_run(pixazo_pipeline *pipeline, pixazo_cancel *cancel, pixazo_event_fn on_event, void *user_data,
                                  pixazo_error **error)
{
  PX_REQUIRE(pipeline, error, "pipeline is NULL");
  PX_TRY(px_pipeline_check(pipeline, error));
  int32_t told = 0;
  for (;;) {
    bool idle = pixazo_pipeline_open_count(pipeline) == 0;
    if (!deliver(pipeline, on_event, user_data))
      return px_fail(error, PIXAZO_E_CANCELLED, "the event hook asked to stop");
    px_log_deliver(pipeline->log);
    if (idle)
      break;
    int32_t mode = pixazo_cancel_get(cancel);
    if (mode > told) {
      told = mode;
      PX_TRY(pixazo_pipeline_cancel(pipeline, NULL, mode, error));
    }
    (void)pthread_mutex_lock(&pipeline->synced.lock);
    if (!pipeline->synced.signalled && pipeline->synced.open > 0)
      px_wait_visitor(pipeline, px_mono_us(pipeline->clock) + 100000);
    (void)pthread_mutex_unlock(&pipeline->synced.lock);
  }
  return told == 0 ? PIXAZO_OK : px_fail(error, PIXAZO_E_CANCELLED, "cancelled; what was already paid is recorded");
}

size_t pixazo_pipeline_open_count(const pixazo_pipeline *pipeline)
{
  if (!pipeline)
    return 0;
  pixazo_pipeline *writable = (pixazo_pipeline *)(uintptr_t)pipeline; /* the lock is state of its own */
  (void)pthread_mutex_lock(&writable->synced.lock);
  size_t open = pipeline->synced.open;
  (void)pthread_mutex_unlock(&writable->synced.lock);
  return open;
}

pixazo_error *pixazo_pipeline_trouble(const pixazo_pipeline *pipeline)
{
  if (!pipeline)
    return NULL;
  pixazo_pipeline *writable = (pixazo_pipeline *)(uintptr_t)pipeline;
  (void)pthread_mutex_lock(&writable->synced.lock);
  pixazo_error *copy = px_error_copy(pipeline->synced.trouble);
  (void)pthread_mutex_unlock(&writable->synced.lock);
  return copy;
}
