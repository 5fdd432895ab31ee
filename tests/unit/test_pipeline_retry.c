/* SPDX-License-Identifier: MIT */
/* Trying a paid call again: the wait, and the vote on it. */
#include "pipeline/stepped.h"
#include "support/testing.h"

typedef struct votes {
  int asked;
  int64_t answer;
} votes;

static int64_t vote(const pixazo_retry *retry, void *user_data)
{
  votes *v = user_data;
  v->asked++;
  assert_int_equal(retry->attempt_class, PIXAZO_CLASS_FAILED);
  assert_int_equal(retry->retry, 1);
  assert_true(retry->delay_ms <= 20000);
  assert_non_null(retry->cause);
  return v->answer;
}

static char *add_failing(stepped *s, votes *v)
{
  s->kit.client_options.offline_script = "[{\"class\":\"failed\"},{}]";
  s->kit.client_options.retry_delay_ms = 20000;
  if (v) {
    s->kit.pipeline_options.on_retry = vote;
    s->kit.pipeline_options.on_retry_data = v;
  }
  kit_open(&s->kit);
  return kit_add(&s->kit, "{\"prompt\":\"again\",\"width\":16,\"height\":16}");
}

static void expect_record(stepped *s, int32_t wanted, int attempts)
{
  pixazo_generation *record = stepped_record(s);
  assert_int_equal(pixazo_generation_state(record), wanted);
  assert_int_equal(pixazo_generation_attempts(record), attempts);
  pixazo_generation_free(record);
}

static void test_retry__waits_for_its_delay_without_a_slot(void **state)
{
  stepped *s = *state;
  votes v = {0, 20000};
  char *id = add_failing(s, &v);
  pixazo_event *event = NULL;
  px_pipeline_pump(s->kit.pipeline);
  while (pixazo_pipeline_next_event(s->kit.pipeline, 0, &event, NULL) == PIXAZO_OK)
    pixazo_event_free(event);
  assert_int_equal(v.asked, 1);
  px_pipeline_pump(s->kit.pipeline);
  fake_clock_advance(&s->clock, 19999000);
  px_pipeline_pump(s->kit.pipeline);
  assert_int_equal(pixazo_pipeline_open_count(s->kit.pipeline), 1);
  assert_int_equal(s->kit.pipeline->synced.in_flight, 0);
  fake_clock_advance(&s->clock, 2000);
  px_pipeline_pump(s->kit.pipeline);
  assert_int_equal(pixazo_pipeline_open_count(s->kit.pipeline), 0);
  expect_record(s, PIXAZO_GENERATION_DONE, 2);
  pixazo_free(id);
}

static void test_retry__tells_when_and_why(void **state)
{
  stepped *s = *state;
  pixazo_event *event = NULL;
  int retries = 0;
  pixazo_free(add_failing(s, NULL));
  px_pipeline_pump(s->kit.pipeline);
  while (pixazo_pipeline_next_event(s->kit.pipeline, 0, &event, NULL) == PIXAZO_OK) {
    if (pixazo_event_kind(event) == PIXAZO_EVENT_RETRY) {
      retries++;
      assert_true(pixazo_event_delay_ms(event) <= 20000); /* full jitter: any wait up to the first delay */
      assert_int_equal(pixazo_error_class(pixazo_event_error(event)), PIXAZO_CLASS_FAILED);
    }
    pixazo_event_free(event);
  }
  assert_int_equal(retries, 1);
}

static void test_vote__a_veto_ends_it_with_the_failure(void **state)
{
  stepped *s = *state;
  votes v = {0, -1};
  pixazo_error *error = NULL;
  char *id = add_failing(s, &v);
  assert_status(pixazo_pipeline_wait(s->kit.pipeline, id, 1000, NULL, NULL, &error), PIXAZO_E_PROVIDER);
  pixazo_error_free(error);
  assert_int_equal(v.asked, 1);
  expect_record(s, PIXAZO_GENERATION_FAILED, 1);
  pixazo_free(id);
}

static void test_vote__chooses_the_delay(void **state)
{
  stepped *s = *state;
  votes v = {0, 0};
  char *id = add_failing(s, &v);
  pixazo_generation_free(kit_wait(&s->kit, id)); /* the clock stands still */
  assert_int_equal(v.asked, 1);
  expect_record(s, PIXAZO_GENERATION_DONE, 2);
  pixazo_free(id);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_retry__waits_for_its_delay_without_a_slot, stepped_setup, stepped_teardown),
      cmocka_unit_test_setup_teardown(test_retry__tells_when_and_why, stepped_setup, stepped_teardown),
      cmocka_unit_test_setup_teardown(test_vote__a_veto_ends_it_with_the_failure, stepped_setup, stepped_teardown),
      cmocka_unit_test_setup_teardown(test_vote__chooses_the_delay, stepped_setup, stepped_teardown),
  };
  return cmocka_run_group_tests_name("pipeline_retry", tests, NULL, NULL);
}
