/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/error.h"
#include "pipeline/stepped.h"
#include "support/testing.h"

static px_job *entered(stepped *s)
{
  pixazo_error *error = NULL;
  px_job *job = stepped_job(s);
  assert_ok(px_jobs_enter(s->kit.pipeline, &job, 1, &error), error);
  return job;
}

static pixazo_event *next(stepped *s)
{
  pixazo_event *event = NULL;
  pixazo_error *error = NULL;
  assert_ok(pixazo_pipeline_next_event(s->kit.pipeline, 0, &event, &error), error);
  return event;
}

static void expect_json(const pixazo_event *event, const char *wanted, bool there)
{
  pixazo_error *error = NULL;
  char *json = NULL;
  assert_ok(pixazo_event_to_json(event, &json, &error), error);
  if ((strstr(json, wanted) != NULL) != there)
    fail_msg("%s: %s", wanted, json);
  pixazo_free(json);
}

static void test_json__says_what_belongs_to_the_kind(void **state)
{
  stepped *s = *state;
  pixazo_error *failure = NULL;
  kit_open(&s->kit);
  px_job *job = entered(s);
  job->delay_ms = 1234;
  (void)px_fail(&failure, PIXAZO_E_THROTTLED, "too fast");
  px_event_post(job, PIXAZO_EVENT_RETRY, "", failure);
  px_event_post(job, PIXAZO_EVENT_PLANNED, "", NULL);
  pixazo_error_free(failure);
  pixazo_event *event = next(s);
  assert_int_equal(pixazo_event_delay_ms(event), 1234);
  assert_status(pixazo_error_status(pixazo_event_error(event)), PIXAZO_E_THROTTLED);
  expect_json(event, "\"event\":\"retry\"", true);
  expect_json(event, "\"delay_ms\":1234", true);
  expect_json(event, "\"message\":\"too fast\"", true);
  expect_json(event, job->uuid, true);
  pixazo_event_free(event);
  event = next(s);
  assert_int_equal(pixazo_event_delay_ms(event), 0);
  expect_json(event, "\"event\":\"planned\"", true);
  expect_json(event, "delay_ms", false);
  expect_json(event, "message", false);
  pixazo_event_free(event);
  px_job_end(job, PIXAZO_GENERATION_DONE, NULL);
}

static void test_json__of_a_partial_picture_names_it(void **state)
{
  stepped *s = *state;
  pixazo_blob *picture = NULL;
  pixazo_event *none = NULL;
  kit_open(&s->kit);
  px_job *job = entered(s);
  assert_status(pixazo_pipeline_next_event(s->kit.pipeline, 0, &none, NULL), PIXAZO_E_AGAIN);
  assert_status(pixazo_blob_new("12345", 5, &picture, NULL), PIXAZO_OK);
  px_event_report(job, &(px_report){.partial = picture, .partial_index = 2});
  (void)pixazo_blob_unref(picture);
  pixazo_event *event = next(s);
  expect_json(event, "\"event\":\"partial\"", true);
  expect_json(event, "\"partial_index\":2,\"partial_bytes\":5", true);
  expect_json(event, "work_done", false);
  pixazo_event_free(event);
  px_event_report(job, &(px_report){.work_done = 3, .work_total = 4});
  event = next(s);
  expect_json(event, "\"work_done\":3,\"work_total\":4", true);
  expect_json(event, "partial", false);
  pixazo_event_free(event);
  px_job_end(job, PIXAZO_GENERATION_DONE, NULL);
}

static void test_event__of_nothing_says_nothing(void **state)
{
  pixazo_error *error = NULL;
  char *json = NULL;
  (void)state;
  assert_status(pixazo_event_to_json(NULL, &json, &error), PIXAZO_E_ARGUMENT);
  pixazo_error_free(error);
  assert_int_equal(pixazo_event_kind(NULL), 0);
  assert_string_equal(pixazo_event_generation(NULL), "");
  assert_string_equal(pixazo_event_message(NULL), "");
  assert_null(pixazo_event_error(NULL));
  assert_null(pixazo_event_partial(NULL));
  assert_int_equal(pixazo_event_partial_index(NULL), 0);
  pixazo_event_free(NULL);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_json__says_what_belongs_to_the_kind, stepped_setup, stepped_teardown),
      cmocka_unit_test_setup_teardown(test_json__of_a_partial_picture_names_it, stepped_setup, stepped_teardown),
      cmocka_unit_test(test_event__of_nothing_says_nothing),
  };
  return cmocka_run_group_tests_name("event", tests, NULL, NULL);
}
