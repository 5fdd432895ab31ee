/* SPDX-License-Identifier: MIT */
/* The order in which timers fire. */
#include "pipeline/stepped.h"
#include "support/testing.h"

static px_timer *fired[8];
static size_t fired_count;

static void note_fired(px_timer *timer)
{
  fired[fired_count++] = timer;
}

static void arm(stepped *s, px_timer *timer, uint32_t delay_ms)
{
  timer->fire = note_fired;
  px_pipeline_timer(s->kit.pipeline, timer, delay_ms);
}

static void move(stepped *s, px_timer *timer, uint32_t delay_ms)
{
  (void)pthread_mutex_lock(&s->kit.pipeline->synced.lock);
  px_pipeline_timer_move(s->kit.pipeline, timer, delay_ms);
  (void)pthread_mutex_unlock(&s->kit.pipeline->synced.lock);
}

static void pass(stepped *s, int64_t milliseconds)
{
  fake_clock_advance(&s->clock, milliseconds * 1000);
  px_pipeline_pump(s->kit.pipeline);
}

static void test_timers__fire_in_order_of_due_time_and_not_before(void **state)
{
  stepped *s = *state;
  px_timer late = {0};
  px_timer early = {0};
  px_timer twin = {0};
  fired_count = 0;
  kit_open(&s->kit);
  arm(s, &late, 300);
  arm(s, &early, 100);
  arm(s, &twin, 100);
  pass(s, 99);
  assert_int_equal(fired_count, 0);
  pass(s, 1);
  assert_int_equal(fired_count, 2);
  assert_ptr_equal(fired[0], &early);
  assert_ptr_equal(fired[1], &twin);
  assert_true(late.armed);
  pass(s, 200);
  assert_int_equal(fired_count, 3);
  assert_ptr_equal(fired[2], &late);
  assert_false(late.armed);
}

static void test_timers__a_moved_one_fires_once_at_its_new_time(void **state)
{
  stepped *s = *state;
  px_timer moved = {0};
  px_timer other = {0};
  fired_count = 0;
  kit_open(&s->kit);
  arm(s, &moved, 5000);
  arm(s, &other, 200);
  move(s, &moved, 100);
  pass(s, 1000);
  assert_int_equal(fired_count, 2);
  assert_ptr_equal(fired[0], &moved);
  assert_ptr_equal(fired[1], &other);
  pass(s, 10000);
  assert_int_equal(fired_count, 2);
}

static void test_timers__a_wait_that_begins_after_its_cancel_is_over_at_once(void **state)
{
  stepped *s = *state;
  kit_open(&s->kit);
  px_job waiting = {.pipeline = s->kit.pipeline};
  px_job cancelled = {.pipeline = s->kit.pipeline};
  fired_count = 0;
  waiting.timer.fire = cancelled.timer.fire = note_fired;
  atomic_init(&waiting.soft_cancelled, false);
  atomic_init(&cancelled.soft_cancelled, true);
  px_pipeline_idle(&waiting, 5000);
  px_pipeline_idle(&cancelled, 5000);
  pass(s, 0);
  assert_int_equal(fired_count, 1);
  assert_ptr_equal(fired[0], &cancelled.timer);
  pass(s, 5000);
  assert_int_equal(fired_count, 2);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_timers__fire_in_order_of_due_time_and_not_before, stepped_setup,
                                      stepped_teardown),
      cmocka_unit_test_setup_teardown(test_timers__a_moved_one_fires_once_at_its_new_time, stepped_setup, stepped_teardown),
      cmocka_unit_test_setup_teardown(test_timers__a_wait_that_begins_after_its_cancel_is_over_at_once, stepped_setup,
                                      stepped_teardown),
  };
  return cmocka_run_group_tests_name("timers", tests, NULL, NULL);
}
