/* SPDX-License-Identifier: MIT */
/* Generations that end without a further call. */
#include <string.h>

#include "base/error.h"
#include "pipeline/stepped.h"
#include "support/testing.h"

static void test_state__follows_from_the_class_of_the_attempt(void **state)
{
  (void)state;
  assert_int_equal(px_call_state(PIXAZO_CLASS_BLOCKED), PIXAZO_GENERATION_BLOCKED);
  assert_int_equal(px_call_state(PIXAZO_CLASS_AMBIGUOUS), PIXAZO_GENERATION_AMBIGUOUS);
  assert_int_equal(px_call_state(PIXAZO_CLASS_ACCEPTED), PIXAZO_GENERATION_ACTIVE);
  assert_int_equal(px_call_state(PIXAZO_CLASS_NOT_SENT), PIXAZO_GENERATION_FAILED);
  assert_int_equal(px_call_state(PIXAZO_CLASS_REFUSED), PIXAZO_GENERATION_FAILED);
  assert_int_equal(px_call_state(PIXAZO_CLASS_FAILED), PIXAZO_GENERATION_FAILED);
  assert_int_equal(px_call_state(PIXAZO_CLASS_EMPTY), PIXAZO_GENERATION_FAILED);
  assert_int_equal(px_call_state(PIXAZO_CLASS_LOST), PIXAZO_GENERATION_FAILED);
}

static void expect_record(stepped *s, int32_t wanted, int attempts)
{
  pixazo_generation *record = stepped_record(s);
  assert_int_equal(pixazo_generation_state(record), wanted);
  assert_int_equal(pixazo_generation_attempts(record), attempts);
  pixazo_generation_free(record);
}

static void test_cancel__before_the_call_is_recorded_as_cancelled(void **state)
{
  stepped *s = *state;
  pixazo_error *error = NULL;
  kit_open(&s->kit);
  char *id = kit_add(&s->kit, "{\"prompt\":\"never\",\"width\":16,\"height\":16}");
  assert_ok(pixazo_pipeline_cancel(s->kit.pipeline, id, PIXAZO_CANCEL_SOFT, &error), error);
  assert_status(pixazo_pipeline_wait(s->kit.pipeline, id, 1000, NULL, NULL, &error), PIXAZO_E_CANCELLED);
  assert_string_equal(pixazo_error_generation(error), id);
  pixazo_error_free(error);
  expect_record(s, PIXAZO_GENERATION_CANCELLED, 0);
  pixazo_free(id);
}

static void test_cancel__after_a_failed_call_tells_of_that_call(void **state)
{
  stepped *s = *state;
  pixazo_error *error = NULL;
  s->kit.client_options.offline_script = "[{\"class\":\"failed\",\"retry_after_ms\":5000},{}]";
  kit_open(&s->kit);
  char *id = kit_add(&s->kit, "{\"prompt\":\"once\",\"width\":16,\"height\":16}");
  px_pipeline_pump(s->kit.pipeline); /* the clock stands: it waits for its second try */
  assert_int_equal(pixazo_pipeline_open_count(s->kit.pipeline), 1);
  assert_ok(pixazo_pipeline_cancel(s->kit.pipeline, id, PIXAZO_CANCEL_SOFT, &error), error);
  assert_status(pixazo_pipeline_wait(s->kit.pipeline, id, 1000, NULL, NULL, &error), PIXAZO_E_PROVIDER);
  pixazo_error_free(error);
  expect_record(s, PIXAZO_GENERATION_FAILED, 1);
  pixazo_free(id);
}

static void test_close__leaves_what_was_not_sent_planned(void **state)
{
  stepped *s = *state;
  kit_open(&s->kit);
  pixazo_free(kit_add(&s->kit, "{\"prompt\":\"later\",\"width\":16,\"height\":16}"));
  kit_close(&s->kit);
  kit_open(&s->kit);
  expect_record(s, PIXAZO_GENERATION_PLANNED, 0);
}

/* The next event of a kind. */
static pixazo_event *take_event(stepped *s, int32_t kind)
{
  pixazo_event *event = NULL;
  pixazo_error *error = NULL;
  for (;;) {
    assert_ok(pixazo_pipeline_next_event(s->kit.pipeline, 0, &event, &error), error);
    if (pixazo_event_kind(event) == kind)
      return event;
    pixazo_event_free(event);
  }
}

static void test_wait__for_a_quota_is_told_with_its_end_and_then_it_goes_on(void **state)
{
  stepped *s = *state;
  pixazo_error *error = NULL;
  kit_open(&s->kit);
  (void)pixazo_pipeline_fd(s->kit.pipeline);
  assert_ok(pixazo_repository_set_quota(s->kit.repository, "{\"provider\":\"*\",\"requests\":1,\"window_ms\":9000}", &error),
            error);
  char *first = kit_add(&s->kit, "{\"prompt\":\"now\",\"width\":16,\"height\":16}");
  pixazo_generation_free(kit_wait(&s->kit, first));
  int64_t now = px_wall_us(s->kit.clock);
  char *second = kit_add(&s->kit, "{\"prompt\":\"later\",\"width\":16,\"height\":16}");
  px_pipeline_pump(s->kit.pipeline);
  pixazo_event *event = take_event(s, PIXAZO_EVENT_PROGRESS);
  while (strcmp(pixazo_event_generation(event), second) != 0) {
    pixazo_event_free(event);
    event = take_event(s, PIXAZO_EVENT_PROGRESS);
  }
  assert_int_equal(pixazo_event_stage(event), PIXAZO_STAGE_QUEUED);
  assert_true(pixazo_event_until_us(event) > now + 8000000 && pixazo_event_until_us(event) <= now + 9000000);
  pixazo_event_free(event);
  fake_clock_advance(&s->clock, 9000000);
  pixazo_generation_free(kit_wait(&s->kit, second));
  pixazo_free(first);
  pixazo_free(second);
}

static void test_wait__that_a_quota_bounds_leaves_it_planned_and_says_when_to_come_back(void **state)
{
  stepped *s = *state;
  pixazo_error *error = NULL;
  kit_open(&s->kit);
  assert_ok(pixazo_repository_set_quota(s->kit.repository, "{\"requests\":1,\"window_ms\":9000,\"max_wait_ms\":0}", &error),
            error);
  char *first = kit_add(&s->kit, "{\"prompt\":\"now\",\"width\":16,\"height\":16}");
  pixazo_generation_free(kit_wait(&s->kit, first));
  char *second = kit_add(&s->kit, "{\"prompt\":\"later\",\"width\":16,\"height\":16}");
  assert_status(pixazo_pipeline_wait(s->kit.pipeline, second, 1000, NULL, NULL, &error), PIXAZO_E_THROTTLED);
  assert_true(pixazo_error_retry_after_ms(error) > 8000 && pixazo_error_retry_after_ms(error) <= 9000);
  pixazo_error_free(error);
  pixazo_generation *record = NULL;
  assert_ok(pixazo_repository_find(s->kit.repository, second, &record, NULL), NULL);
  assert_int_equal(pixazo_generation_state(record), PIXAZO_GENERATION_PLANNED);
  pixazo_generation_free(record);
  pixazo_free(first);
  pixazo_free(second);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_state__follows_from_the_class_of_the_attempt, stepped_setup, stepped_teardown),
      cmocka_unit_test_setup_teardown(test_cancel__before_the_call_is_recorded_as_cancelled, stepped_setup,
                                      stepped_teardown),
      cmocka_unit_test_setup_teardown(test_cancel__after_a_failed_call_tells_of_that_call, stepped_setup, stepped_teardown),
      cmocka_unit_test_setup_teardown(test_close__leaves_what_was_not_sent_planned, stepped_setup, stepped_teardown),
      cmocka_unit_test_setup_teardown(test_wait__for_a_quota_is_told_with_its_end_and_then_it_goes_on, stepped_setup,
                                      stepped_teardown),
      cmocka_unit_test_setup_teardown(test_wait__that_a_quota_bounds_leaves_it_planned_and_says_when_to_come_back,
                                      stepped_setup, stepped_teardown),
  };
  return cmocka_run_group_tests_name("ending", tests, NULL, NULL);
}
