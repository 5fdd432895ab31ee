/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <string.h>

#include "client/story.h"
#include "support/fake_clock.h"

typedef struct books {
  fake_clock clock;
  pixazo_metrics *metrics;
  px_story story;
} books;

static int open_books(void **state)
{
  static books self;
  memset(&self, 0, sizeof self);
  fake_clock_init(&self.clock, 5000000, 1);
  assert_status(pixazo_metrics_new(&self.metrics, NULL), PIXAZO_OK);
  self.story.record = px_generation_new();
  assert_true(px_record_set(&self.story.record->provider, "pixazo"));
  self.story.record->created_us = 4000000;
  self.story.series = px_metrics_series(self.metrics, "pixazo", "sdxl");
  self.story.clock = &self.clock.clock;
  self.story.started_us = px_mono_us(&self.clock.clock);
  *state = &self;
  return 0;
}

static int close_books(void **state)
{
  books *self = *state;
  pixazo_generation_free(self->story.record);
  (void)pixazo_metrics_unref(self->metrics);
  return 0;
}

static const char first[] = "00000000-0000-7000-8000-000000000001";
static const char second[] = "00000000-0000-7000-8000-000000000002";

static void test_call__is_told_once_and_then_again_with_its_end(void **state)
{
  books *self = *state;
  pixazo_generation *record = self->story.record;
  px_outcome outcome = {.attempt_class = PIXAZO_CLASS_ACCEPTED, .charge = PIXAZO_CHARGE_CHARGED, .remote_id = (char *)"job-1"};
  record->attempts = 1;
  px_story_call(&self->story, first, &outcome, 4500000);
  outcome.attempt_class = PIXAZO_CLASS_FAILED;
  outcome.charge = PIXAZO_CHARGE_UNKNOWN;
  outcome.request_id = (char *)"req-1";
  px_story_call(&self->story, first, &outcome, 4900000);
  assert_int_equal(record->call_count, 1);
  assert_int_equal(record->calls[0].attempt_class, PIXAZO_CLASS_FAILED);
  assert_int_equal(record->calls[0].charge, PIXAZO_CHARGE_UNKNOWN);
  assert_int_equal(record->calls[0].sent_us, 4500000);
  assert_int_equal(pixazo_generation_answered_us(record), 5000000);
  assert_int_equal(pixazo_generation_queued_us(record), 500000);
  assert_string_equal(pixazo_generation_request_id(record), "req-1");
  record->attempts = 2;
  px_story_call(&self->story, second, &outcome, 4950000);
  assert_int_equal(record->call_count, 2);
  assert_int_equal(record->calls[1].n, 2);
  assert_int_equal(pixazo_generation_sent_us(record), 4950000);
}

static void test_measure__counts_the_call_with_its_duration(void **state)
{
  books *self = *state;
  px_outcome outcome = {.attempt_class = PIXAZO_CLASS_REFUSED};
  fake_clock_advance(&self->clock, 30000);
  px_story_measure(&self->story, &outcome);
  assert_int_equal(self->story.series->attempts[PIXAZO_CLASS_REFUSED], 1);
  assert_int_equal(self->story.series->times[PX_TIME_PROVIDER].sum_us, 30000);
}

static void test_end__is_counted_by_the_state_it_leaves(void **state)
{
  books *self = *state;
  px_number *generations = self->story.series->generations;
  px_outcome blocked = {.attempt_class = PIXAZO_CLASS_BLOCKED};
  self->story.record->state = PIXAZO_GENERATION_PARTIAL;
  px_story_end(&self->story, PIXAZO_OK, NULL);
  px_story_end(&self->story, PIXAZO_E_REJECTED, &blocked);
  px_story_end(&self->story, PIXAZO_E_AMBIGUOUS, NULL);
  px_story_end(&self->story, PIXAZO_E_CANCELLED, NULL);
  px_story_end(&self->story, PIXAZO_E_PROVIDER, NULL);
  for (int i = PIXAZO_GENERATION_PARTIAL; i <= PIXAZO_GENERATION_CANCELLED; i++)
    assert_int_equal(generations[i], 1);
  assert_int_equal(pixazo_generation_ended_us(self->story.record), 5000000);
  assert_int_equal(self->story.series->times[PX_TIME_GENERATION].sum_us, 5 * 1000000);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_call__is_told_once_and_then_again_with_its_end, open_books, close_books),
      cmocka_unit_test_setup_teardown(test_measure__counts_the_call_with_its_duration, open_books, close_books),
      cmocka_unit_test_setup_teardown(test_end__is_counted_by_the_state_it_leaves, open_books, close_books),
  };
  return cmocka_run_group_tests_name("story", tests, NULL, NULL);
}
