/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "probe.h"

int64_t test_now_ms(void)
{
  struct timespec now;
  (void)clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

px_engine *loopback_engine(void)
{
  px_engine *engine = NULL;
  pixazo_error *error = NULL;
  px_engine_options options = {.allow_hosts = "127.0.0.1, localhost"};
  assert_ok(px_engine_new(&options, &engine, &error), error);
  return engine;
}

char *descriptors_after_exec(void)
{
  char *text = calloc(1, 4096);
  FILE *listing = text ? popen("exec ls /proc/self/fd", "re") : NULL;
  if (!listing)
    abort();
  size_t size = fread(text, 1, 4095, listing);
  if (pclose(listing) != 0 || size == 0)
    abort();
  return text;
}

static bool may_send(void *user)
{
  probe *self = user;
  self->asked++;
  return !self->withhold;
}

static bool on_head(void *user, int status, const px_http_headers *headers)
{
  probe *self = user;
  (void)status;
  self->heads++;
  const char *value = self->wanted_header ? px_http_header(headers, self->wanted_header) : NULL;
  (void)snprintf(self->header, sizeof self->header, "%s", value ? value : "");
  return !self->stop_at_head;
}

static bool on_data(void *user, const void *data, size_t size)
{
  probe *self = user;
  char *grown = realloc(self->body, self->size + size + 1);
  if (!grown)
    abort();
  memcpy(grown + self->size, data, size);
  self->body = grown;
  self->size += size;
  self->body[self->size] = '\0';
  return !self->stop_at_data;
}

static void on_done(void *user, const px_http_outcome *outcome)
{
  probe *self = user;
  (void)pthread_mutex_lock(&self->lock);
  self->outcome = *outcome;
  (void)snprintf(self->message, sizeof self->message, "%s", pixazo_error_message(outcome->error));
  self->outcome.error = NULL;
  self->ends++;
  (void)pthread_cond_signal(&self->ended);
  (void)pthread_mutex_unlock(&self->lock);
}

void probe_init(probe *self, int kind, const char *base, const char *path)
{
  char *url = NULL;
  *self = (probe){.call = {.kind = kind,
                           .total_ms = 20000,
                           .may_send = may_send,
                           .on_head = on_head,
                           .on_data = on_data,
                           .on_done = on_done,
                           .user = self}};
  if (asprintf(&url, "%s%s", base, path) < 0)
    abort();
  self->call.url = url;
  (void)pthread_mutex_init(&self->lock, NULL);
  (void)pthread_cond_init(&self->ended, NULL);
}

void probe_body(probe *self, const char *body)
{
  self->call.body = body;
  self->call.body_size = strlen(body);
}

void probe_submit(probe *self, px_engine *engine)
{
  pixazo_error *error = NULL;
  assert_ok(px_engine_submit(engine, &self->call, &error), error);
}

bool probe_wait(probe *self, int timeout_ms)
{
  struct timespec until;
  (void)clock_gettime(CLOCK_REALTIME, &until);
  until.tv_sec += timeout_ms / 1000;
  until.tv_nsec += (long)(timeout_ms % 1000) * 1000000;
  until.tv_sec += until.tv_nsec / 1000000000;
  until.tv_nsec %= 1000000000;
  int result = 0;
  (void)pthread_mutex_lock(&self->lock);
  while (self->ends == 0 && result == 0)
    result = pthread_cond_timedwait(&self->ended, &self->lock, &until);
  bool done = self->ends > 0;
  (void)pthread_mutex_unlock(&self->lock);
  return done;
}

void probe_run(probe *self, px_engine *engine)
{
  probe_submit(self, engine);
  if (!probe_wait(self, 30000))
    fail_msg("the call to %s did not end within 30 s", self->call.url);
}

void probe_done(probe *self)
{
  free((char *)(uintptr_t)self->call.url);
  free(self->body);
  (void)pthread_cond_destroy(&self->ended);
  (void)pthread_mutex_destroy(&self->lock);
}
