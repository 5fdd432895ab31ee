/* SPDX-License-Identifier: MIT */
#include "kit.h"

#include <pthread.h>
#include <stdio.h>

#include "client/handle.h"

const char kit_secret[] = "test-key-not-real-0000";

pixazo_client_options kit_options(const kit *self)
{
  pixazo_client_options options = PIXAZO_CLIENT_OPTIONS_INIT;
  options.api_key = kit_secret;
  options.base_url = self->gateway.base;
  options.allow_hosts = "127.0.0.1";
  options.poll_interval_ms = 5;
  options.retry_delay_ms = 1;
  options.generation_timeout_ms = 20000;
  options.stall_timeout_ms = 5000;
  return options;
}

void kit_use(kit *self, const pixazo_client_options *options)
{
  pixazo_error *error = NULL;
  self->client = pixazo_client_unref(self->client);
  assert_ok(pixazo_client_new(options, &self->client, &error), error);
}

void kit_use_engine(kit *self, pixazo_client_options *options, const char *rule)
{
  char definition[1024];
  pixazo_provider *provider = NULL;
  pixazo_error *error = NULL;
  (void)snprintf(definition, sizeof definition,
                 "{\"schema\":1,\"name\":\"mine\",\"base_url\":\"http://127.0.0.1\",\"auth\":{\"header\":\"X-Mine-Key\"},"
                 "\"headers\":{\"X-Mine\":\"1\"},\"billing\":{\"none\":true,\"rule\":\"r\",\"source\":\"s\","
                 "\"date\":\"2026-11-21\"},\"progress\":{\"path\":\"/sdapi/v1/progress?q=1\",\"interval_ms\":100,%s},"
                 "\"models\":[{\"name\":\"one\",\"path\":\"/inference/images/generations\","
                 "\"parameters\":{\"prompt\":\"prompt\"}}]}",
                 rule);
  assert_ok(pixazo_provider_new(definition, &provider, &error), error);
  options->definition = provider;
  options->max_retries = PIXAZO_NO_RETRY;
  kit_use(self, options);
  (void)pixazo_provider_unref(provider);
}

static int64_t ahead_us;

static int64_t wall_now(void *self)
{
  (void)self;
  return px_wall_us(px_clock_system());
}

static int64_t mono_ahead(void *self)
{
  (void)self;
  return px_mono_us(px_clock_system()) + ahead_us;
}

static void random_bytes(void *self, void *data, size_t size)
{
  (void)self;
  px_random(px_clock_system(), data, size);
}

void kit_put_forward(kit *self, int64_t microseconds)
{
  static const px_clock ahead = {wall_now, mono_ahead, mono_ahead, random_bytes, NULL};
  ahead_us += microseconds;
  self->client->clock = &ahead;
}

int kit_start(void **state)
{
  static kit self;
  gateway_start(&self.gateway, (const char *const[]){"--key", kit_secret, NULL});
  pixazo_client_options options = kit_options(&self);
  kit_use(&self, &options);
  *state = &self;
  return 0;
}

void kit_forget(kit *self)
{
  pixazo_generation_free(self->record);
  pixazo_error_free(self->error);
  self->record = NULL;
  self->error = NULL;
}

int kit_stop(void **state)
{
  kit *self = *state;
  kit_forget(self);
  self->client = pixazo_client_unref(self->client);
  gateway_stop(&self->gateway);
  return 0;
}

void kit_script(kit *self, const char *rules)
{
  kit_forget(self);
  gateway_script(&self->gateway, rules);
  gateway_reset(&self->gateway);
  assert_status(pixazo_client_reopen(self->client, NULL, NULL), PIXAZO_OK); /* each script is a gateway of its own */
}

pixazo_status kit_generate(kit *self, const char *request_json, pixazo_cancel *cancel)
{
  pixazo_request *request = NULL;
  kit_forget(self);
  assert_ok(pixazo_request_new_from_json(request_json, &request, &self->error), self->error);
  pixazo_status status = pixazo_client_generate(self->client, request, cancel, &self->record, &self->error);
  pixazo_request_free(request);
  return status;
}

typedef struct later {
  kit *kit;
  pixazo_cancel *token;
  const char *counter;
} later;

/* Sets the token once the server has seen enough. */
static void *cancel_when_counted(void *argument)
{
  const later *self = argument;
  (void)gateway_wait(&self->kit->gateway, self->counter, 1, 5000);
  pixazo_cancel_set(self->token, PIXAZO_CANCEL_SOFT);
  return NULL;
}

pixazo_status kit_generate_cancelled(kit *self, const char *request_json, const char *counter)
{
  pixazo_cancel *token = NULL;
  pthread_t thread;
  assert_status(pixazo_cancel_new(&token, NULL), PIXAZO_OK);
  later watch = {self, token, counter};
  assert_int_equal(pthread_create(&thread, NULL, cancel_when_counted, &watch), 0);
  pixazo_status status = kit_generate(self, request_json, token);
  assert_int_equal(pthread_join(thread, NULL), 0);
  (void)pixazo_cancel_unref(token);
  return status;
}

void kit_expect(const kit *self, pixazo_status status, pixazo_status wanted, int32_t attempt_class, int64_t posts)
{
  int32_t found = status == PIXAZO_OK ? PIXAZO_CLASS_ACCEPTED : pixazo_error_class(self->error);
  int64_t counted = gateway_count(&self->gateway, "posts");
  if (status != wanted || found != attempt_class || counted != posts)
    fail_msg("%s, %s, %lld POSTs: %s", pixazo_status_name(status), pixazo_class_name(found), (long long)counted,
             pixazo_error_message(self->error));
}
