/* SPDX-License-Identifier: MIT */
/* Cancel, hooks and many threads. */
#include "kit.h"

#include <pthread.h>
#include <string.h>
#include <time.h>

static const char turbo[] = "{\"prompt\":\"p\",\"model\":\"sdxl-turbo\"}";

static int64_t now_ms(void)
{
  struct timespec now;
  (void)clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void test_stopping__a_sent_call_ends_in_doubt_at_once(void **state)
{
  kit *self = *state;
  kit_script(self, "[{\"method\":\"POST\",\"drop\":true,\"cut\":\"stall\"}]");
  int64_t began = now_ms();
  kit_expect(self, kit_generate_cancelled(self, turbo, "posts"), PIXAZO_E_AMBIGUOUS, PIXAZO_CLASS_AMBIGUOUS, 1);
  assert_true(now_ms() - began < 4000); /* and a stalled call ends after 5000 ms */
  assert_int_equal(pixazo_error_charge(self->error), PIXAZO_CHARGE_UNKNOWN);
}

static void test_stopping__a_queue_that_took_the_call_is_named(void **state)
{
  kit *self = *state;
  kit_script(self, "[{\"method\":\"POST\",\"queue\":[\"PROCESSING\"]}]");
  kit_expect(self, kit_generate_cancelled(self, "{\"prompt\":\"p\",\"model\":\"gpt-image-2\"}", "polls"), PIXAZO_E_AMBIGUOUS,
             PIXAZO_CLASS_ACCEPTED, 1);
  assert_non_null(strstr(pixazo_error_message(self->error), "gpt-image-2_"));
}

static void test_stopping__a_set_token_sends_nothing(void **state)
{
  kit *self = *state;
  pixazo_cancel *token = NULL;
  assert_status(pixazo_cancel_new(&token, NULL), PIXAZO_OK);
  pixazo_cancel_set(token, PIXAZO_CANCEL_SOFT);
  kit_script(self, "[]");
  kit_expect(self, kit_generate(self, turbo, token), PIXAZO_E_CANCELLED, PIXAZO_CLASS_NONE, 0);
  (void)pixazo_cancel_unref(token);
}

typedef struct told {
  pthread_t caller;
  uint32_t calls;
  uint32_t stages;
  uint32_t retries;
  int32_t stop;
} told;

static int32_t on_progress(const pixazo_progress *progress, void *user_data)
{
  told *self = user_data;
  assert_true(pthread_equal(pthread_self(), self->caller));
  self->calls++;
  self->stages |= 1u << progress->stage;
  return self->stop;
}

static int64_t on_retry(const pixazo_retry *retry, void *user_data)
{
  told *self = user_data;
  assert_true(pthread_equal(pthread_self(), self->caller));
  assert_int_equal(pixazo_error_http_status(retry->cause), 429);
  self->retries++;
  return 0;
}

static void use_hooks(kit *self, told *hooks)
{
  pixazo_client_options options = kit_options(self);
  options.on_progress = on_progress;
  options.on_progress_data = hooks;
  options.on_retry = on_retry;
  options.on_retry_data = hooks;
  kit_use(self, &options);
}

static void test_stopping__hooks_run_on_the_calling_thread(void **state)
{
  kit *self = *state;
  told hooks = {.caller = pthread_self()};
  use_hooks(self, &hooks);
  kit_script(self, "[{\"method\":\"POST\",\"answer\":\"rate-limited\",\"times\":1}]");
  kit_expect(self, kit_generate(self, turbo, NULL), PIXAZO_OK, PIXAZO_CLASS_ACCEPTED, 2);
  assert_int_equal(hooks.retries, 1);
  assert_true(hooks.stages & 1u << PIXAZO_STAGE_GENERATING);
  hooks.stop = 1;
  kit_script(self, "[{\"method\":\"POST\",\"drop\":true,\"cut\":\"stall\"}]");
  kit_expect(self, kit_generate(self, turbo, NULL), PIXAZO_E_AMBIGUOUS, PIXAZO_CLASS_AMBIGUOUS, 1);
  pixazo_client_options options = kit_options(self);
  kit_use(self, &options);
}

typedef struct worker {
  pthread_t thread;
  pixazo_client *client;
  int good;
} worker;

static void *generate_some(void *argument)
{
  worker *self = argument;
  for (int i = 0; i < 10; i++) {
    pixazo_request *request = NULL;
    pixazo_generation *record = NULL;
    if (pixazo_request_new("p", &request, NULL) != PIXAZO_OK)
      return NULL;
    self->good += pixazo_client_generate(self->client, request, NULL, &record, NULL) == PIXAZO_OK;
    pixazo_generation_free(record);
    pixazo_request_free(request);
  }
  return NULL;
}

static void test_stopping__one_client_serves_many_threads(void **state)
{
  kit *self = *state;
  worker workers[8] = {{0}};
  kit_script(self, "[]");
  for (size_t i = 0; i < 8; i++) {
    workers[i].client = self->client;
    assert_int_equal(pthread_create(&workers[i].thread, NULL, generate_some, &workers[i]), 0);
  }
  for (size_t i = 0; i < 8; i++) {
    assert_int_equal(pthread_join(workers[i].thread, NULL), 0);
    assert_int_equal(workers[i].good, 10);
  }
  assert_int_equal(gateway_count(&self->gateway, "posts"), 80);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_stopping__a_sent_call_ends_in_doubt_at_once),
      cmocka_unit_test(test_stopping__a_queue_that_took_the_call_is_named),
      cmocka_unit_test(test_stopping__a_set_token_sends_nothing),
      cmocka_unit_test(test_stopping__hooks_run_on_the_calling_thread),
      cmocka_unit_test(test_stopping__one_client_serves_many_threads),
  };
  return cmocka_run_group_tests(tests, kit_start, kit_stop);
}
