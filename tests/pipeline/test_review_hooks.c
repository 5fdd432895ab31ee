/* SPDX-License-Identifier: MIT */
/* Hooks that look at prompts and pictures, with all threads at work and a server that counts what is paid. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kit.h"
#include "support/gateway.h"
#include "support/testing.h"
#include "support/tmpdir.h"

enum { MANY = 200 };

static gateway server;
static kit k;
static pthread_t inside; /* the only thread that may be in a hook; of most tests */
static bool any_thread;
static atomic_int prompts, pictures;
static atomic_bool block, withhold;

static int start_server(void **state)
{
  static const char *const arguments[] = {"--polls", "1", NULL};
  (void)state;
  gateway_start(&server, arguments);
  return 0;
}

static int stop_server(void **state)
{
  (void)state;
  gateway_stop(&server);
  return 0;
}

/* Both hooks read the library's records of what they are asked about. */
static void expect_record(const char *generation, int32_t wanted)
{
  pixazo_generation *record = NULL;
  pixazo_error *error = NULL;
  if (!any_thread)
    assert_true(pthread_equal(inside, pthread_self()));
  assert_ok(pixazo_repository_find(k.repository, generation, &record, &error), error);
  assert_int_equal(pixazo_generation_state(record), wanted);
  pixazo_generation_free(record);
}

static pixazo_status on_prompt(const pixazo_prompt_facts *facts, pixazo_review *review, void *user_data, pixazo_error **error)
{
  (void)error;
  assert_ptr_equal(user_data, &k);
  atomic_fetch_add(&prompts, 1);
  expect_record(facts->generation, PIXAZO_GENERATION_PLANNED);
  if (atomic_load(&block) || strstr(facts->prompt, "forbidden"))
    pixazo_review_set_blocked(review, "a word of the list");
  return PIXAZO_OK;
}

static pixazo_status on_picture(const pixazo_picture_facts *facts, pixazo_review *review, void *user_data, pixazo_error **error)
{
  assert_ptr_equal(user_data, &k);
  atomic_fetch_add(&pictures, 1);
  expect_record(facts->generation, PIXAZO_GENERATION_ACTIVE);
  assert_int_equal(access(facts->path, R_OK), 0);
  if (atomic_load(&withhold))
    pixazo_review_set_blocked(review, "a face");
  return pixazo_review_set_alt_text(review, "a caption", error);
}

static int setup(void **state)
{
  (void)state;
  gateway_script(&server, "[]");
  gateway_reset(&server);
  kit_prepare(&k);
  k.client_options.provider = "pixazo";
  k.client_options.model = "sdxl-lightning";
  k.client_options.fallback = "pixazo/flux-schnell";
  k.client_options.fallback_blocked = 1; /* of a provider's word: the program's own stands */
  k.client_options.api_key = "test-key-not-real-0000";
  k.client_options.base_url = server.base;
  k.client_options.allow_hosts = "127.0.0.1";
  k.client_options.retry_delay_ms = 10;
  k.pipeline_options.on_prompt = on_prompt;
  k.pipeline_options.on_picture = on_picture;
  k.pipeline_options.on_prompt_data = k.pipeline_options.on_picture_data = &k;
  inside = pthread_self();
  any_thread = false;
  atomic_store(&prompts, 0);
  atomic_store(&pictures, 0);
  atomic_store(&block, false);
  atomic_store(&withhold, false);
  return 0;
}

static int teardown(void **state)
{
  (void)state;
  kit_remove(&k);
  return 0;
}

static pixazo_status generate(const char *json, pixazo_generation **record)
{
  pixazo_error *error = NULL;
  char *id = kit_add(&k, json);
  pixazo_status status = pixazo_pipeline_wait(k.pipeline, id, 20000, NULL, NULL, NULL);
  assert_ok(pixazo_repository_find(k.repository, id, record, &error), error);
  pixazo_free(id);
  return status;
}

static void expect_budget_untouched(void)
{
  char *list = NULL;
  pixazo_error *error = NULL;
  assert_ok(pixazo_repository_budgets(k.repository, &list, &error), error);
  if (!strstr(list, "\"used_micros\":0"))
    fail_msg("%s", list);
  pixazo_free(list);
}

static void test_prompt__that_is_blocked_reaches_no_provider_and_no_budget(void **state)
{
  (void)state;
  pixazo_generation *record = NULL;
  pixazo_error *error = NULL;
  kit_open(&k);
  assert_ok(pixazo_repository_set_budget(k.repository, "{\"scope\":\"all\",\"period\":\"total\",\"cap_micros\":1000000}", &error),
            error);
  assert_status(generate("{\"prompt\":\"a forbidden owl\"}", &record), PIXAZO_E_REJECTED);
  assert_int_equal(pixazo_generation_state(record), PIXAZO_GENERATION_BLOCKED);
  assert_int_equal(pixazo_generation_attempts(record), 0);
  assert_string_equal(pixazo_generation_route_json(record), ""); /* nobody else was asked */
  assert_non_null(strstr(pixazo_generation_safety_json(record), "\"source\":\"program\",\"stage\":\"input\""));
  pixazo_generation_free(record);
  assert_int_equal(prompts, 1);
  assert_int_equal(gateway_count(&server, "posts"), 0);
  expect_budget_untouched();
}

static void test_picture__that_is_withheld_was_paid_once_and_is_kept(void **state)
{
  (void)state;
  pixazo_generation *record = NULL;
  atomic_store(&withhold, true);
  kit_open(&k);
  assert_status(generate("{\"prompt\":\"an owl\"}", &record), PIXAZO_E_REJECTED);
  assert_int_equal(gateway_count(&server, "posts"), 1);
  assert_int_equal(pixazo_generation_attempts(record), 1);
  assert_int_equal(pixazo_generation_image_state(record, 0), PIXAZO_IMAGE_QUARANTINED);
  assert_int_equal(kit_files(&k, "spool/quarantine"), 1);
  assert_int_equal(kit_files(&k, "originals"), 0);
  pixazo_generation_free(record);
}

static void test_prompt__the_parts_of_a_request_are_judged_one_by_one(void **state)
{
  (void)state;
  pixazo_generation *record = NULL;
  kit_open(&k);
  assert_status(generate("{\"prompt\":\"owls\",\"count\":3}", &record), PIXAZO_OK);
  pixazo_generation_free(record);
  assert_int_equal(prompts, 3);
  assert_int_equal(pictures, 3);
  assert_int_equal(gateway_count(&server, "posts"), 3);
}

/* An earlier equal one answers it: nothing is sent, so nothing is asked. */
static void test_prompt__a_replay_is_not_asked_about(void **state)
{
  (void)state;
  pixazo_generation *record = NULL;
  static const char json[] = "{\"prompt\":\"an owl\",\"seed\":7,\"replay\":\"exact\"}";
  kit_open(&k);
  for (int i = 0; i < 2; i++) {
    assert_status(generate(json, &record), PIXAZO_OK);
    assert_string_equal(pixazo_generation_image_alt_text(record, 0), "a caption");
    pixazo_generation_free(record);
  }
  assert_int_equal(prompts, 1);
  assert_int_equal(pictures, 1);
  assert_int_equal(gateway_count(&server, "posts"), 1);
}

/* Nobody is inside while the first one waits to be judged: others that need no hook would not be held up by a slot. */
static void test_prompt__waits_without_a_slot_and_a_cancel_ends_it_at_once(void **state)
{
  (void)state;
  pixazo_error *error = NULL;
  k.pipeline_options.concurrency = 1;
  kit_open(&k);
  char *first = kit_add(&k, "{\"prompt\":\"a forbidden owl\"}");
  char *second = kit_add(&k, "{\"prompt\":\"an owl\"}");
  assert_ok(pixazo_pipeline_cancel(k.pipeline, first, PIXAZO_CANCEL_SOFT, &error), error);
  for (int i = 0; i < 500 && pixazo_pipeline_open_count(k.pipeline) > 1; i++)
    (void)usleep(10000);
  assert_int_equal(pixazo_pipeline_open_count(k.pipeline), 1);
  assert_int_equal(prompts, 0);
  pixazo_generation_free(kit_wait(&k, second));
  assert_status(pixazo_pipeline_wait(k.pipeline, first, 0, NULL, NULL, NULL), PIXAZO_E_CANCELLED);
  assert_int_equal(gateway_count(&server, "posts"), 1);
  pixazo_free(first);
  pixazo_free(second);
}

static void test_free__with_hooks_that_wait_sends_nothing_and_loses_nothing(void **state)
{
  (void)state;
  char *report = NULL;
  pixazo_error *error = NULL;
  kit_open(&k);
  for (int i = 0; i < 20; i++)
    pixazo_free(kit_add(&k, "{\"prompt\":\"an owl\"}"));
  kit_close(&k);
  assert_int_equal(gateway_count(&server, "posts"), 0);
  kit_open(&k);
  assert_ok(pixazo_pipeline_resume(k.pipeline, PIXAZO_RESUME_CONTINUE, NULL, &report, &error), error);
  if (!strstr(report, "\"done\":20"))
    fail_msg("%s", report);
  pixazo_free(report);
  assert_int_equal(prompts, 20);
  assert_int_equal(pictures, 20);
  assert_int_equal(gateway_count(&server, "posts"), 20);
}

static void *serve_hooks(void *unused)
{
  pixazo_event *event = NULL;
  while (pixazo_pipeline_open_count(k.pipeline) > 0) {
    if (pixazo_pipeline_next_event(k.pipeline, 50, &event, NULL) == PIXAZO_OK)
      pixazo_event_free(event);
  }
  return unused;
}

static void *wait_for_one(void *id)
{
  pixazo_status status = pixazo_pipeline_wait(k.pipeline, id, UINT32_MAX, NULL, NULL, NULL);
  return status == PIXAZO_OK || status == PIXAZO_E_REJECTED ? NULL : id;
}

static void test_hooks__two_hundred_at_once_are_each_asked_about_once(void **state)
{
  (void)state;
  char *ids[MANY];
  char json[64];
  pthread_t threads[4];
  pixazo_event *event = NULL;
  void *bad = NULL;
  any_thread = true;
  k.pipeline_options.concurrency = MANY;
  kit_open(&k);
  for (int i = 0; i < MANY; i++) {
    (void)snprintf(json, sizeof json, "{\"prompt\":\"%s %d\"}", i % 10 == 0 ? "forbidden" : "an owl", i);
    ids[i] = kit_add(&k, json);
  }
  for (int i = 0; i < 4; i++)
    assert_int_equal(pthread_create(&threads[i], NULL, i == 0 ? serve_hooks : wait_for_one, i == 0 ? NULL : ids[i]), 0);
  for (int i = 4; i < MANY; i++)
    assert_null(wait_for_one(ids[i]));
  for (int i = 0; i < 4; i++) {
    assert_int_equal(pthread_join(threads[i], &bad), 0);
    assert_null(bad);
  }
  while (pixazo_pipeline_next_event(k.pipeline, 0, &event, NULL) == PIXAZO_OK)
    pixazo_event_free(event);
  for (int i = 0; i < MANY; i++)
    pixazo_free(ids[i]);
  assert_int_equal(prompts, MANY);
  assert_int_equal(pictures, MANY - MANY / 10);
  assert_int_equal(gateway_count(&server, "posts"), MANY - MANY / 10);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
  const struct CMUnitTest tests[] = {
      TEST(test_prompt__that_is_blocked_reaches_no_provider_and_no_budget),
      TEST(test_picture__that_is_withheld_was_paid_once_and_is_kept),
      TEST(test_prompt__the_parts_of_a_request_are_judged_one_by_one),
      TEST(test_prompt__a_replay_is_not_asked_about),
      TEST(test_prompt__waits_without_a_slot_and_a_cancel_ends_it_at_once),
      TEST(test_free__with_hooks_that_wait_sends_nothing_and_loses_nothing),
      TEST(test_hooks__two_hundred_at_once_are_each_asked_about_once),
  };
  return cmocka_run_group_tests_name("review_hooks", tests, start_server, stop_server);
}
