/* SPDX-License-Identifier: MIT */
/* Requests that take a while: each runs on a thread of its own, a bounded number at once. A client that cancels one hears
 * nothing more of it, but what was sent for it is waited for and recorded. */
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "mcp.h"

enum { THREADS_MAX = 32, QUEUE_MAX = 256 };

int64_t now_us(void)
{
  struct timespec now;
  (void)clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

bool calls_init(calls *self, int wake)
{
  *self = (calls){.wake = wake};
  return pthread_mutex_init(&self->lock, NULL) == 0;
}

void calls_done(calls *self)
{
  (void)pthread_mutex_destroy(&self->lock);
}

void call_free(call *self)
{
  if (self)
    free(self->line);
  free(self);
}

static void unlink_call(call **list, const call *gone)
{
  while (*list && *list != gone)
    list = &(*list)->next;
  if (*list)
    *list = gone->next;
}

/* Under the lock. */
static call *take_queued(calls *self)
{
  call *next = self->queued;
  if (!next)
    return NULL;
  self->queued = next->next;
  self->queue_length--;
  next->next = self->active;
  self->active = next;
  return next;
}

static void *work(void *data)
{
  call *own = data;
  server *self = own->server;
  while (own) {
    own->run(own);
    (void)pthread_mutex_lock(&self->calls.lock);
    unlink_call(&self->calls.active, own);
    call_free(own);
    own = take_queued(&self->calls);
    if (!own)
      self->calls.threads--;
    (void)eventfd_write(self->calls.wake, 1);      /* full means: the main thread is awake */
    (void)pthread_mutex_unlock(&self->calls.lock); /* from here on the server may be gone */
  }
  return NULL;
}

static bool start_thread(call *first)
{
  pthread_t thread;
  pthread_attr_t attributes;
  if (pthread_attr_init(&attributes) != 0)
    return false;
  bool started = pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED) == 0 &&
                 pthread_create(&thread, &attributes, work, first) == 0;
  (void)pthread_attr_destroy(&attributes);
  return started;
}

/* Under the lock. */
static bool enqueue(calls *self, call *made)
{
  call **last = &self->queued;
  if (self->queue_length >= QUEUE_MAX)
    return false;
  while (*last)
    last = &(*last)->next;
  made->next = NULL;
  *last = made;
  self->queue_length++;
  return true;
}

bool calls_add(server *self, call *made)
{
  calls *table = &self->calls;
  made->began_us = made->told_us = now_us();
  (void)pthread_mutex_lock(&table->lock);
  bool taken = false;
  if (table->threads < THREADS_MAX) {
    made->next = table->active;
    table->active = made;
    table->threads++;
    taken = start_thread(made);
    if (!taken) {
      table->active = made->next;
      table->threads--;
    }
  }
  if (!taken && table->threads > 0)
    taken = enqueue(table, made);
  (void)pthread_mutex_unlock(&table->lock);
  return taken;
}

static bool has_id(const call *self, span id)
{
  return self->message.id.length == id.length && memcmp(self->message.id.at, id.at, id.length) == 0;
}

void calls_cancel(server *self, span id)
{
  call *dropped = NULL;
  (void)pthread_mutex_lock(&self->calls.lock);
  for (call *each = self->calls.active; each; each = each->next) {
    if (has_id(each, id))
      (void)output_close(&self->output, &each->closed);
  }
  for (call *each = self->calls.queued; each && !dropped; each = each->next)
    dropped = has_id(each, id) ? each : NULL;
  if (dropped) {
    unlink_call(&self->calls.queued, dropped);
    self->calls.queue_length--;
  }
  (void)pthread_mutex_unlock(&self->calls.lock);
  call_free(dropped);
  intents_revive(&self->intents, id);
}

void calls_drop_queued(server *self)
{
  (void)pthread_mutex_lock(&self->calls.lock);
  call *queued = self->calls.queued;
  self->calls.queued = NULL;
  self->calls.queue_length = 0;
  (void)pthread_mutex_unlock(&self->calls.lock);
  while (queued) {
    call *next = queued->next;
    call_free(queued);
    queued = next;
  }
}

static const char *stage_text(const call *self, bool queued)
{
  static const char *const names[] = {"working", "waiting for its turn", "generating", "downloading", "processing",
                                      "generating"};
  int32_t stage = queued ? PIXAZO_STAGE_QUEUED : self->stage;
  return stage > 0 && stage < (int32_t)(sizeof names / sizeof *names) ? names[stage] : names[0];
}

/* Under the lock of the calls; nothing is written once the call is answered. */
static void pulse_one(server *self, call *each, int64_t now, bool queued)
{
  char text[512];
  if (!each->message.token.at || each->message.token.length > sizeof text / 2)
    return;
  if (!each->news && now - each->told_us < self->options.progress_ms * 1000)
    return;
  each->news = false;
  each->told_us = now;
  each->progress++;
  int size = snprintf(text, sizeof text,
                      "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\",\"params\":{\"progressToken\":%.*s,"
                      "\"progress\":%lld,\"message\":\"%s, %lld s\"}}",
                      (int)each->message.token.length, each->message.token.at, (long long)each->progress,
                      stage_text(each, queued), (long long)((now - each->began_us) / 1000000));
  (void)output_line(&self->output, text, (size_t)size, &each->closed, false);
}

void calls_pulse(server *self)
{
  int64_t now = now_us();
  (void)pthread_mutex_lock(&self->calls.lock);
  for (call *each = self->calls.active; each; each = each->next)
    pulse_one(self, each, now, false);
  for (call *each = self->calls.queued; each; each = each->next)
    pulse_one(self, each, now, true);
  (void)pthread_mutex_unlock(&self->calls.lock);
}

/* Another call's thread may have been told of this generation before its own thread knew its name. */
static void take_early(const calls *all, call *self)
{
  for (size_t i = 0; i < EARLY_STAGES; i++) {
    const early_stage *early = &all->early[(all->next_early + i) % EARLY_STAGES]; /* oldest first: the newest counts */
    if (strcmp(early->generation, self->generation) == 0) {
      self->stage = early->stage;
      self->news = true;
    }
  }
  if (self->news)
    (void)eventfd_write(all->wake, 1);
}

static void keep_early(calls *all, const char *generation, int32_t stage)
{
  early_stage *early = &all->early[all->next_early++ % EARLY_STAGES];
  (void)snprintf(early->generation, sizeof early->generation, "%s", generation);
  early->stage = stage;
}

void calls_set_generation(call *self, const char *uuid)
{
  (void)pthread_mutex_lock(&self->server->calls.lock);
  (void)snprintf(self->generation, sizeof self->generation, "%s", uuid);
  take_early(&self->server->calls, self);
  (void)pthread_mutex_unlock(&self->server->calls.lock);
}

void calls_stage(server *self, const char *generation, int32_t stage)
{
  bool news = false;
  bool known = false;
  (void)pthread_mutex_lock(&self->calls.lock);
  for (call *each = self->calls.active; each; each = each->next) {
    bool mine = strcmp(each->generation, generation) == 0;
    known = known || mine;
    if (mine && each->stage != stage) {
      each->stage = stage;
      each->news = news = true;
    }
  }
  if (!known)
    keep_early(&self->calls, generation, stage);
  if (news)
    (void)eventfd_write(self->calls.wake, 1);
  (void)pthread_mutex_unlock(&self->calls.lock);
}

size_t calls_open(server *self)
{
  (void)pthread_mutex_lock(&self->calls.lock);
  size_t open = self->calls.threads + self->calls.queue_length;
  (void)pthread_mutex_unlock(&self->calls.lock);
  return open;
}
