/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include "image/png/cost.h"

static px_logs logs;

static int make(void **state)
{
  (void)state;
  px_logs_make(&logs);
  return 0;
}

static void test_cost__logarithms_are_exact_at_powers_and_rise_between(void **state)
{
  (void)state;
  for (unsigned bit = 0; bit < 32; bit++)
    assert_int_equal(px_logs_log2(&logs, 1U << bit), bit * 4096);
  for (uint32_t value = 1; value < 100000; value++)
    assert_true(px_logs_log2(&logs, value) <= px_logs_log2(&logs, value + 1));
  assert_in_range(px_logs_log2(&logs, 3), 6491, 6493); /* 6492.05 */
  assert_in_range(px_logs_log2(&logs, 1000), 40819, 40821); /* 40819.9 */
}

static void test_cost__equal_symbols_take_the_bits_that_tell_them_apart(void **state)
{
  px_counts counts = {.extra = 77};
  (void)state;
  for (unsigned i = 0; i < 256; i++)
    counts.literals[i] = 100;
  uint64_t bits = px_counts_bits(&logs, &counts);
  assert_in_range(bits, 256 * 100 * 8 + 77, 256 * 100 * 8 + 77 + 1200);
}

static void test_cost__a_common_symbol_costs_less_than_a_rare_one(void **state)
{
  px_counts counts = {.extra = 0};
  px_costs costs;
  (void)state;
  counts.literals[7] = 1000;
  counts.literals[8] = 10;
  counts.distances[0] = 50;
  px_costs_of_counts(&costs, &logs, &counts);
  assert_true(costs.literals[7] < costs.literals[8]);
  assert_true(costs.literals[8] < costs.literals[9]);
  assert_true(costs.distances[0] < costs.distances[1]);
  assert_true(costs.distances[28] >= costs.distances[1] + 13 * PX_COST_BIT);
  assert_true(costs.lengths[257] >= costs.lengths[3] + 5 * PX_COST_BIT);
  assert_int_equal(costs.lengths[258], costs.lengths[3]); /* no bits behind either */
}

static void test_cost__joined_counts_have_one_end(void **state)
{
  px_counts first = {.extra = 3};
  px_counts second = {.extra = 4};
  (void)state;
  first.literals[PX_END] = second.literals[PX_END] = 1;
  second.literals[5] = 9;
  second.distances[2] = 8;
  px_counts_add(&first, &second);
  assert_int_equal(first.literals[PX_END], 1);
  assert_int_equal(first.literals[5], 9);
  assert_int_equal(first.distances[2], 8);
  assert_int_equal(first.extra, 7);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_cost__logarithms_are_exact_at_powers_and_rise_between),
      cmocka_unit_test(test_cost__equal_symbols_take_the_bits_that_tell_them_apart),
      cmocka_unit_test(test_cost__a_common_symbol_costs_less_than_a_rare_one),
      cmocka_unit_test(test_cost__joined_counts_have_one_end),
  };
  return cmocka_run_group_tests(tests, make, NULL);
}
