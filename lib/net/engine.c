/* SPDX-License-Identifier: MIT */
#include "net/engine.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "base/crew.h"
#include "base/error.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "net/loop.h"

enum { CONNECT_MS = 10000 };

struct px_engine {
  atomic_uint references;
  /* constant after px_engine_new */
  pid_t process;
  pthread_t thread;
  char *ca_file;
  char *proxy;
  char *allow_hosts;
  pixazo_log *log;
  const px_clock *clock;
  /* under `lock`; so is the `transfer` member of every call in flight */
  pthread_mutex_t lock;
  struct {
    px_list arrived;
    bool look; /* somebody wants a call cancelled */
    bool ending;
    bool orphan; /* the last reference went on the I/O thread: nobody joins it */
  } synced;
  /* I/O thread */
  px_loop loop;
};

/* ---- the I/O thread ---- */

/* Instants are kept on the monotonic clock and told as UTC, so that they never run backwards. */
static void tell_times(px_transfer *transfer, const px_clock *clock)
{
  px_http_outcome *outcome = &transfer->outcome;
  int64_t shift = px_wall_us(clock) - px_mono_us(clock);
  outcome->started_us = transfer->submitted_us + shift;
  outcome->ended_us = px_mono_us(clock) + shift;
  if (outcome->first_byte_us)
    outcome->first_byte_us += shift;
}

static void log_end(const px_engine *engine, const px_transfer *transfer)
{
  const px_http_outcome *outcome = &transfer->outcome;
  long long took_ms = (long long)(outcome->ended_us - outcome->started_us) / 1000;
  if (outcome->status == PIXAZO_OK)
    px_log(engine->log, PIXAZO_LOG_DEBUG, "net", "%s %s: HTTP %d, %llu bytes, %lld ms", px_transfer_method(transfer),
           transfer->target.host, outcome->http_status, (unsigned long long)outcome->received, took_ms);
  else
    px_log(engine->log, PIXAZO_LOG_DEBUG, "net", "%s (%lld ms)", pixazo_error_message(transfer->error), took_ms);
}

static void release_waiter(px_transfer *transfer)
{
  px_waiter *waiter = transfer->waiter;
  if (!waiter)
    return;
  (void)pthread_mutex_lock(&waiter->lock);
  waiter->status = transfer->outcome.status;
  waiter->error = px_steal(&transfer->error);
  waiter->done = true;
  (void)pthread_cond_signal(&waiter->ended);
  (void)pthread_mutex_unlock(&waiter->lock);
}

static void on_ended(void *self, px_transfer *transfer)
{
  px_engine *engine = self;
  px_http_call *call = transfer->call;
  tell_times(transfer, engine->clock);
  transfer->outcome.error = transfer->error;
  log_end(engine, transfer);
  (void)pthread_mutex_lock(&engine->lock);
  call->transfer = NULL;
  (void)pthread_mutex_unlock(&engine->lock);
  if (call->on_done)
    call->on_done(call->user, &transfer->outcome);
  release_waiter(transfer);
  px_transfer_free(transfer);
}

/* Takes what other threads left. False when the engine ends. */
static bool take_messages(px_engine *engine, bool *look)
{
  px_list arrived = {NULL, NULL, 0};
  (void)pthread_mutex_lock(&engine->lock);
  px_list_move(&arrived, &engine->synced.arrived);
  *look = engine->synced.look;
  engine->synced.look = false;
  bool ending = engine->synced.ending;
  (void)pthread_mutex_unlock(&engine->lock);
  while (arrived.first) {
    px_transfer *transfer = arrived.first;
    px_list_remove(transfer);
    px_loop_admit(&engine->loop, transfer);
  }
  return !ending;
}

static void destroy(px_engine *engine)
{
  px_loop_done(&engine->loop);
  (void)pthread_mutex_destroy(&engine->lock);
  (void)pixazo_log_unref(engine->log);
  px_free(engine->ca_file);
  px_free(engine->proxy);
  px_free(engine->allow_hosts);
  px_free(engine);
}

static void *run(void *argument)
{
  px_engine *engine = argument;
  bool look = false;
  px_thread_enter();
  while (take_messages(engine, &look)) {
    px_loop_turn(&engine->loop, look);
    px_loop_wait(&engine->loop);
  }
  px_loop_cut_all(&engine->loop);
  (void)pthread_mutex_lock(&engine->lock);
  bool orphan = engine->synced.orphan;
  (void)pthread_mutex_unlock(&engine->lock);
  if (orphan)
    destroy(engine);
  return NULL;
}

/* ---- life ---- */

/* Empty text is no text. */
static pixazo_status copy_text(char **out, const char *text, pixazo_error **error)
{
  if (px_str_empty(text))
    return PIXAZO_OK;
  *out = px_strdup(text);
  return *out ? PIXAZO_OK : px_fail_nomem(error);
}

static pixazo_status open_engine(px_engine *engine, const px_engine_options *options, pixazo_error **error)
{
  PX_TRY(copy_text(&engine->ca_file, options->ca_file, error));
  PX_TRY(copy_text(&engine->proxy, options->proxy, error));
  PX_TRY(copy_text(&engine->allow_hosts, options->allow_hosts, error));
  if (engine->ca_file && access(engine->ca_file, R_OK) != 0)
    return px_fail_errno(error, PIXAZO_E_IO, errno, "cannot read the CA file %s", engine->ca_file);
  px_loop *loop = &engine->loop;
  loop->clock = engine->clock;
  loop->allow_hosts = engine->allow_hosts;
  loop->proxy = engine->proxy;
  loop->max_calls = options->max_calls;
  loop->ended = on_ended;
  loop->self = engine;
  px_multi_settings settings = {.ca_file = engine->ca_file,
                                .proxy = engine->proxy,
                                .clock = engine->clock,
                                .connect_ms = options->connect_ms ? options->connect_ms : CONNECT_MS};
  PX_TRY(px_loop_open(loop, &settings, error));
  return px_thread_start("pixazo-net", run, engine, &engine->thread, error);
}

pixazo_status px_engine_new(const px_engine_options *options, px_engine **out, pixazo_error **error)
{
  static const px_engine_options defaults;
  if (!options)
    options = &defaults;
  px_engine *engine = px_calloc(1, sizeof *engine);
  if (!engine)
    return px_fail_nomem(error);
  atomic_init(&engine->references, 1);
  (void)pthread_mutex_init(&engine->lock, NULL);
  engine->process = getpid();
  engine->clock = options->clock ? options->clock : px_clock_system();
  engine->log = pixazo_log_ref(options->log);
  engine->loop.epoll = engine->loop.wake = -1;
  pixazo_status status = open_engine(engine, options, error);
  if (status == PIXAZO_OK)
    *out = engine;
  else
    destroy(engine);
  return status;
}

px_engine *px_engine_ref(px_engine *engine)
{
  if (engine)
    atomic_fetch_add_explicit(&engine->references, 1, memory_order_relaxed);
  return engine;
}

void px_engine_unref(px_engine *engine)
{
  if (!engine || atomic_fetch_sub_explicit(&engine->references, 1, memory_order_acq_rel) != 1)
    return;
  if (engine->process != getpid())
    return; /* the child of a fork has the memory but not the thread: nothing can be ended here */
  bool here = pthread_equal(pthread_self(), engine->thread) != 0;
  (void)pthread_mutex_lock(&engine->lock);
  engine->synced.ending = true;
  engine->synced.orphan = here;
  (void)pthread_mutex_unlock(&engine->lock);
  if (here) {
    (void)pthread_detach(engine->thread);
    return;
  }
  px_loop_wake(&engine->loop);
  (void)pthread_join(engine->thread, NULL);
  destroy(engine);
}

/* ---- calls ---- */

static pixazo_status check_process(const px_engine *engine, pixazo_error **error)
{
  if (engine->process == getpid())
    return PIXAZO_OK;
  return px_fail(error, PIXAZO_E_STATE, "this handle belongs to the process that was forked from");
}

static pixazo_status submit(px_engine *engine, px_http_call *call, px_waiter *waiter, pixazo_error **error)
{
  px_transfer *transfer = NULL;
  PX_TRY(check_process(engine, error));
  PX_TRY(px_transfer_new(call, engine->allow_hosts, &transfer, error));
  transfer->waiter = waiter;
  transfer->submitted_us = px_mono_us(engine->clock);
  transfer->pause_until_us = transfer->submitted_us + (int64_t)call->delay_ms * 1000;
  transfer->deadline_us = call->total_ms ? transfer->pause_until_us + (int64_t)call->total_ms * 1000 : INT64_MAX;
  (void)pthread_mutex_lock(&engine->lock);
  bool ending = engine->synced.ending;
  if (!ending) {
    call->transfer = transfer;
    bool woken = engine->synced.arrived.first != NULL; /* for one that it has not taken yet: it takes them all */
    px_list_append(&engine->synced.arrived, transfer);
    if (!woken)
      px_loop_wake(&engine->loop);
  }
  (void)pthread_mutex_unlock(&engine->lock);
  if (!ending)
    return PIXAZO_OK;
  px_transfer_free(transfer);
  return px_fail(error, PIXAZO_E_STATE, "the engine is being closed");
}

pixazo_status px_engine_submit(px_engine *engine, px_http_call *call, pixazo_error **error)
{
  return submit(engine, call, NULL, error);
}

void px_engine_cancel(px_engine *engine, px_http_call *call)
{
  if (engine->process != getpid())
    return;
  (void)pthread_mutex_lock(&engine->lock);
  px_transfer *transfer = call->transfer;
  if (transfer) {
    atomic_store(&transfer->cancelled, true);
    engine->synced.look = true;
    px_loop_wake(&engine->loop);
  }
  (void)pthread_mutex_unlock(&engine->lock);
}

pixazo_status px_engine_perform(px_engine *engine, px_http_call *call, pixazo_error **error)
{
  px_waiter waiter = {.lock = PTHREAD_MUTEX_INITIALIZER, .ended = PTHREAD_COND_INITIALIZER};
  if (pthread_equal(pthread_self(), engine->thread) && engine->process == getpid())
    return px_fail(error, PIXAZO_E_STATE, "the I/O thread cannot wait for itself");
  PX_TRY(submit(engine, call, &waiter, error));
  (void)pthread_mutex_lock(&waiter.lock);
  while (!waiter.done)
    (void)pthread_cond_wait(&waiter.ended, &waiter.lock);
  (void)pthread_mutex_unlock(&waiter.lock);
  (void)pthread_cond_destroy(&waiter.ended);
  (void)pthread_mutex_destroy(&waiter.lock);
  if (waiter.error)
    px_error_move(error, waiter.error);
  px_log_deliver(engine->log);
  return waiter.status;
}
