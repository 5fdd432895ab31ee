/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include "base/window.h"

static void expect(const px_window *window, int64_t now, uint64_t total, uint64_t failed, uint64_t slow)
{
  px_tally sum = px_window_sum(window, now);
  assert_int_equal(sum.total, total);
  assert_int_equal(sum.failed, failed);
  assert_int_equal(sum.slow, slow);
}

static void test_window__adds_up_what_is_inside(void **state)
{
  (void)state;
  px_window window;
  px_window_init(&window, 32000000); /* slots of a second */
  expect(&window, 5000000, 0, 0, 0);
  px_window_add(&window, 5000000, true, false);
  px_window_add(&window, 5999999, false, true);
  px_window_add(&window, 20000000, true, true);
  expect(&window, 20000000, 3, 2, 2);
}

static void test_window__forgets_slot_by_slot(void **state)
{
  (void)state;
  px_window window;
  px_window_init(&window, 32000000);
  px_window_add(&window, 5000000, true, false);
  px_window_add(&window, 6000000, true, false);
  expect(&window, 36999999, 2, 2, 0);
  expect(&window, 37000000, 1, 1, 0);
  expect(&window, 38000000, 0, 0, 0);
}

static void test_window__uses_a_slot_again_from_zero(void **state)
{
  (void)state;
  px_window window;
  px_window_init(&window, 32000000);
  px_window_add(&window, 5000000, true, true);
  px_window_add(&window, 37000000, false, false); /* the same place, a round later */
  expect(&window, 37000000, 1, 0, 0);
}

static void test_window__of_no_length_still_counts(void **state)
{
  (void)state;
  px_window window;
  px_window_init(&window, 0);
  px_window_add(&window, 7, true, false);
  expect(&window, 7, 1, 1, 0);
  expect(&window, 7 + PX_WINDOW_SLOTS, 0, 0, 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_window__adds_up_what_is_inside),
      cmocka_unit_test(test_window__forgets_slot_by_slot),
      cmocka_unit_test(test_window__uses_a_slot_again_from_zero),
      cmocka_unit_test(test_window__of_no_length_still_counts),
  };
  return cmocka_run_group_tests_name("window", tests, NULL, NULL);
}
