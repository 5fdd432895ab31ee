/* SPDX-License-Identifier: MIT */
/* Generations that end without a further call. */
#include <string.h>

#include "base/error.h"
#include "base/gate.h"
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

enum { CROWD = 20 };

/* A call of somebody else that holds the one slot there is. */
static pixazo_gate *take_slot(stepped *s, const char *quota, char attempt[PX_UUID_TEXT])
{
  pixazo_error *error = NULL;
  pixazo_gate *gate = NULL;
  char generation[PX_UUID_TEXT];
  px_gate_verdict verdict = {0};
  assert_ok(pixazo_repository_set_quota(s->kit.repository, quota, &error), error);
  assert_ok(pixazo_repository_gate(s->kit.repository, &gate, &error), error);
  px_uuid_new(px_clock_system(), attempt);
  px_uuid_new(px_clock_system(), generation);
  px_gate_attempt call = {.attempt = attempt, .generation = generation, .principal = "", .provider = "other", .model = "m",
                          .prompt = "p", .request_json = "{}", .effective_json = "{}", .outcome_json = "[]", .currency = "USD",
                          .price_known = true, .n = 1};
  assert_ok(gate->ops->begin(gate->self, &call, 1, &verdict, &error), error);
  assert_int_equal(verdict.verdict, PX_GATE_GO);
  return gate;
}

/* Jobs that all want it. */
static void crowd(stepped *s, char **ids, px_job **jobs)
{
  for (int i = 0; i < CROWD; i++) {
    ids[i] = kit_add(&s->kit, "{\"prompt\":\"wait\",\"width\":16,\"height\":16}");
    jobs[i] = px_jobs_find(s->kit.pipeline, ids[i]);
    assert_non_null(jobs[i]);
  }
  px_pipeline_pump(s->kit.pipeline);
}

/* How often the gate is asked while so much time passes: each time has a new name for its attempt. */
static int count_looks(stepped *s, px_job *const *jobs, int milliseconds)
{
  char before[CROWD][PX_UUID_TEXT];
  int looks = 0;
  for (int at = 0; at < milliseconds; at += 50) {
    for (int i = 0; i < CROWD; i++)
      memcpy(before[i], jobs[i]->attempt, sizeof before[i]);
    fake_clock_advance(&s->clock, 50000);
    px_pipeline_pump(s->kit.pipeline);
    for (int i = 0; i < CROWD; i++)
      looks += strcmp(before[i], jobs[i]->attempt) != 0;
  }
  return looks;
}

static void test_wait__for_a_slot_one_looks_for_all_and_each_goes_in_its_turn(void **state)
{
  stepped *s = *state;
  char attempt[PX_UUID_TEXT];
  char *ids[CROWD];
  px_job *jobs[CROWD];
  kit_open(&s->kit);
  pixazo_gate *gate = take_slot(s, "{\"slots\":1}", attempt);
  crowd(s, ids, jobs);
  int looks = count_looks(s, jobs, 10000);
  assert_in_range(looks, 30, 100); /* each for itself: 800 */
  (void)pixazo_gate_unref(gate);
  for (int i = 0; i <= CROWD; i++) { /* nobody waits longer than for its turn */
    fake_clock_advance(&s->clock, 250000);
    px_pipeline_pump(s->kit.pipeline);
  }
  for (int i = 0; i < CROWD; i++) {
    pixazo_generation_free(kit_wait(&s->kit, ids[i]));
    pixazo_free(ids[i]);
  }
}

static void test_wait__behind_another_ends_with_its_own_patience(void **state)
{
  stepped *s = *state;
  pixazo_error *error = NULL;
  char attempt[PX_UUID_TEXT];
  char *ids[CROWD];
  px_job *jobs[CROWD];
  kit_open(&s->kit);
  pixazo_gate *gate = take_slot(s, "{\"slots\":1,\"max_wait_ms\":2000}", attempt);
  crowd(s, ids, jobs);
  for (int i = 0; i < 10; i++) {
    fake_clock_advance(&s->clock, 250000);
    px_pipeline_pump(s->kit.pipeline);
  }
  assert_int_equal(pixazo_pipeline_open_count(s->kit.pipeline), 0);
  for (int i = 0; i < CROWD; i++) {
    pixazo_generation *record = NULL;
    assert_ok(pixazo_repository_find(s->kit.repository, ids[i], &record, &error), error);
    assert_int_equal(pixazo_generation_state(record), PIXAZO_GENERATION_PLANNED);
    assert_non_null(strstr(pixazo_generation_message(record), "the quota is used up"));
    pixazo_generation_free(record);
    pixazo_free(ids[i]);
  }
  (void)pixazo_gate_unref(gate);
}

static void test_wait__goes_on_when_the_one_in_front_is_cancelled(void **state)
{
  stepped *s = *state;
  pixazo_error *error = NULL;
  char attempt[PX_UUID_TEXT];
  char *ids[CROWD];
  px_job *jobs[CROWD];
  kit_open(&s->kit);
  pixazo_gate *gate = take_slot(s, "{\"slots\":1}", attempt);
  crowd(s, ids, jobs);
  int front = 0;
  while (front < CROWD && !jobs[front]->looks)
    front++;
  assert_in_range(front, 0, CROWD - 1);
  assert_ok(pixazo_pipeline_cancel(s->kit.pipeline, ids[front], PIXAZO_CANCEL_SOFT, &error), error);
  (void)pixazo_gate_unref(gate);
  for (int i = 0; i < 60; i++) {
    fake_clock_advance(&s->clock, 250000);
    px_pipeline_pump(s->kit.pipeline);
  }
  for (int i = 0; i < CROWD; i++) {
    if (i != front)
      pixazo_generation_free(kit_wait(&s->kit, ids[i]));
    pixazo_free(ids[i]);
  }
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
      cmocka_unit_test_setup_teardown(test_wait__for_a_slot_one_looks_for_all_and_each_goes_in_its_turn, stepped_setup, stepped_teardown),
      cmocka_unit_test_setup_teardown(test_wait__behind_another_ends_with_its_own_patience, stepped_setup, stepped_teardown),
      cmocka_unit_test_setup_teardown(test_wait__goes_on_when_the_one_in_front_is_cancelled, stepped_setup, stepped_teardown),
  };
  return cmocka_run_group_tests_name("ending", tests, NULL, NULL);
}
