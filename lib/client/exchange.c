/* SPDX-License-Identifier: MIT */
#include "client/exchange.h"

#include <time.h>

#include "base/error.h"
#include "base/log.h"
#include "base/mem.h"

enum { LOOK_MS = 50 };

pixazo_status px_waiter_init(px_waiter *waiter, pixazo_client *client, pixazo_cancel *token, pixazo_error **error)
{
  *waiter = (px_waiter){.client = client, .token = token, .generation = "", .attempt = 1};
  PX_TRY(pixazo_cancel_new(&waiter->cut, error));
  pthread_condattr_t attributes;
  (void)pthread_condattr_init(&attributes);
  (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
  (void)pthread_cond_init(&waiter->changed, &attributes);
  (void)pthread_condattr_destroy(&attributes);
  (void)pthread_mutex_init(&waiter->lock, NULL);
  return PIXAZO_OK;
}

void px_waiter_done(px_waiter *waiter)
{
  if (!waiter->cut)
    return;
  pixazo_error_free(waiter->error);
  (void)pixazo_blob_unref(waiter->partial);
  (void)pixazo_cancel_unref(waiter->cut);
  (void)pthread_cond_destroy(&waiter->changed);
  (void)pthread_mutex_destroy(&waiter->lock);
}

bool px_waiter_stopping(const px_waiter *waiter)
{
  return waiter->vetoed || pixazo_cancel_get(waiter->token) != 0;
}

static void call_hook(px_waiter *waiter, const pixazo_progress *progress)
{
  const pixazo_client_options *options = &waiter->client->options;
  if (options->on_progress(progress, options->on_progress_data) != 0)
    waiter->vetoed = true;
}

static void show_partial(px_waiter *waiter, pixazo_progress progress, pixazo_blob *partial, int32_t index)
{
  progress.stage = PIXAZO_STAGE_PARTIAL;
  progress.partial = partial;
  progress.partial_index = index;
  call_hook(waiter, &progress);
}

void px_waiter_tell(px_waiter *waiter, int32_t stage)
{
  px_log_deliver(waiter->client->log);
  if (!waiter->client->options.on_progress || waiter->vetoed)
    return;
  (void)pthread_mutex_lock(&waiter->lock);
  if (stage != 0)
    waiter->stage = stage;
  pixazo_blob *partial = px_steal(&waiter->partial);
  int32_t index = waiter->partial_index;
  pixazo_progress progress = {
      .struct_size = sizeof progress,
      .generation = waiter->generation,
      .bytes_done = waiter->bytes_done,
      .bytes_total = waiter->bytes_total,
      .stage = waiter->stage,
      .attempt = waiter->attempt,
      .until_us = waiter->stage == PIXAZO_STAGE_QUEUED ? waiter->until_us : 0,
      .work_done = waiter->work_done,
      .work_total = waiter->work_total,
  };
  waiter->told = true;
  (void)pthread_mutex_unlock(&waiter->lock);
  if (partial)
    show_partial(waiter, progress, partial, index);
  (void)pixazo_blob_unref(partial);
  if (!waiter->vetoed)
    call_hook(waiter, &progress);
}

/* ---- on the I/O thread ---- */

static void on_progress(void *user, int32_t stage, uint64_t done, uint64_t total)
{
  px_waiter *waiter = user;
  (void)pthread_mutex_lock(&waiter->lock);
  waiter->stage = stage;
  waiter->bytes_done = done;
  waiter->bytes_total = total;
  waiter->told = false;
  (void)pthread_mutex_unlock(&waiter->lock);
}

static void on_report(void *user, const px_report *report)
{
  px_waiter *waiter = user;
  (void)pthread_mutex_lock(&waiter->lock);
  if (report->partial) {
    (void)pixazo_blob_unref(waiter->partial);
    waiter->partial = pixazo_blob_ref(report->partial);
    waiter->partial_index = report->partial_index;
  } else {
    waiter->work_done = report->work_done;
    waiter->work_total = report->work_total;
  }
  waiter->told = false;
  (void)pthread_mutex_unlock(&waiter->lock);
}

static void on_done(void *user, const px_evidence *evidence)
{
  px_waiter *waiter = user;
  (void)pthread_mutex_lock(&waiter->lock);
  waiter->evidence = *evidence;
  waiter->error = px_error_copy(evidence->error);
  waiter->evidence.error = waiter->error;
  waiter->done = true;
  (void)pthread_cond_signal(&waiter->changed);
  (void)pthread_mutex_unlock(&waiter->lock);
}

/* ---- on the caller's thread ---- */

static void reset(px_waiter *waiter)
{
  pixazo_error_free(waiter->error);
  waiter->error = NULL;
  waiter->evidence = (px_evidence){0};
  waiter->bytes_done = waiter->bytes_total = 0;
  waiter->work_done = waiter->work_total = 0;
  waiter->partial = pixazo_blob_unref(waiter->partial);
  waiter->stage = PIXAZO_STAGE_GENERATING;
  waiter->told = true;
  waiter->done = false;
}

static void look_at(struct timespec *until)
{
  (void)clock_gettime(CLOCK_MONOTONIC, until);
  until->tv_nsec += LOOK_MS * 1000000L;
  if (until->tv_nsec >= 1000000000L) {
    until->tv_sec++;
    until->tv_nsec -= 1000000000L;
  }
}

/* Sleeps until the call ends or it is time to look around. Gives whether the hook has something to hear. */
static bool wait_a_little(px_waiter *waiter, bool *done)
{
  struct timespec until;
  look_at(&until);
  (void)pthread_mutex_lock(&waiter->lock);
  if (!waiter->done)
    (void)pthread_cond_timedwait(&waiter->changed, &waiter->lock, &until);
  *done = waiter->done;
  bool news = !waiter->told;
  (void)pthread_mutex_unlock(&waiter->lock);
  return news;
}

static void wait_for_end(px_waiter *waiter)
{
  bool done = false;
  while (!done) {
    if (wait_a_little(waiter, &done))
      px_waiter_tell(waiter, 0);
    if (!done && px_waiter_stopping(waiter))
      pixazo_cancel_set(waiter->cut, PIXAZO_CANCEL_NOW); /* nobody could keep a late answer */
  }
}

static px_send describe_send(px_waiter *waiter, const px_plan *plan, px_answer_writer *answer)
{
  return (px_send){
      .plan = plan,
      .answer = answer,
      .cancel = waiter->cut,
      .on_progress = on_progress,
      .on_report = waiter->client->options.on_progress ? on_report : NULL,
      .on_done = on_done,
      .user = waiter,
  };
}

/* A picture made on this very thread: the hook and the token get their turn whenever the provider calls. */
static void look_around(px_waiter *waiter)
{
  px_waiter_tell(waiter, 0);
  if (px_waiter_stopping(waiter))
    pixazo_cancel_set(waiter->cut, PIXAZO_CANCEL_NOW);
}

static void on_progress_here(void *user, int32_t stage, uint64_t done, uint64_t total)
{
  on_progress(user, stage, done, total);
  look_around(user);
}

static void on_report_here(void *user, const px_report *report)
{
  on_report(user, report);
  look_around(user);
}

static pixazo_status produce(px_waiter *waiter, px_send *send, pixazo_error **error)
{
  send->on_progress = on_progress_here;
  send->on_report = on_report_here;
  px_waiter_tell(waiter, PIXAZO_STAGE_GENERATING);
  pixazo_status status = px_client_produce(waiter->client, send, &waiter->evidence, &waiter->error);
  if (status == PIXAZO_OK)
    return PIXAZO_OK;
  px_error_move(error, px_steal(&waiter->error));
  return status;
}

pixazo_status px_waiter_send(px_waiter *waiter, const px_plan *plan, px_answer_writer *answer, pixazo_error **error)
{
  px_send send = describe_send(waiter, plan, answer);
  reset(waiter);
  if (px_plan_get(plan)->in_process)
    return produce(waiter, &send, error);
  PX_TRY(px_client_send(waiter->client, &send, error));
  px_waiter_tell(waiter, PIXAZO_STAGE_GENERATING);
  wait_for_end(waiter);
  return PIXAZO_OK;
}

pixazo_status px_waiter_poll(px_waiter *waiter, const px_plan *plan, px_answer_writer *answer, const px_outcome *queued,
                             pixazo_error **error)
{
  px_send send = describe_send(waiter, plan, answer);
  reset(waiter);
  send.on_progress = NULL;
  PX_TRY(px_client_poll(waiter->client, &send, queued->remote_id, queued->poll_url, error));
  wait_for_end(waiter);
  return PIXAZO_OK;
}

pixazo_status px_waiter_fetch(px_waiter *waiter, const char *url, int descriptor, pixazo_error **error)
{
  px_fetch fetch = {
      .url = url,
      .descriptor = descriptor,
      .max_bytes = waiter->client->options.max_download_bytes,
      .cancel = waiter->cut,
      .on_progress = on_progress,
      .on_done = on_done,
      .user = waiter,
  };
  reset(waiter);
  waiter->stage = PIXAZO_STAGE_DOWNLOADING;
  PX_TRY(px_client_start_fetch(waiter->client, &fetch, error));
  wait_for_end(waiter);
  return PIXAZO_OK;
}

pixazo_status px_waiter_sleep(px_waiter *waiter, uint32_t milliseconds, pixazo_error **error)
{
  const px_clock *clock = waiter->client->clock;
  int64_t until = px_mono_us(clock) + (int64_t)milliseconds * 1000;
  for (int64_t left = until - px_mono_us(clock); left > 0; left = until - px_mono_us(clock)) {
    if (px_waiter_stopping(waiter))
      return px_fail(error, PIXAZO_E_CANCELLED, "cancelled while waiting");
    int64_t slice = left < LOOK_MS * 1000 ? left : LOOK_MS * 1000;
    struct timespec pause = {0, (long)slice * 1000};
    (void)nanosleep(&pause, NULL);
  }
  return PIXAZO_OK;
}
