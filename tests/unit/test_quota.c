/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include "base/mem.h"
#include "base/quota.h"

static const int64_t NOW = INT64_C(1795000000000000);
static const px_quota_terms three_per_second = {.requests = 3, .window_us = 1000000, .burst = 3, .max_wait_us = -1};

static void test_quota__lets_a_burst_through_and_then_one_per_interval(void **state)
{
  (void)state;
  int64_t next = 0;
  for (int i = 0; i < 3; i++) {
    assert_true(px_quota_earliest(&three_per_second, next) <= NOW);
    next = px_quota_take(&three_per_second, next, NOW);
  }
  assert_int_equal(NOW + 333334, px_quota_earliest(&three_per_second, next)); /* rounded up: never more than asked */
  next = px_quota_take(&three_per_second, next, NOW + 333334);
  assert_int_equal(NOW + 2 * 333334, px_quota_earliest(&three_per_second, next));
}

static void test_quota__a_burst_of_one_spaces_all_calls(void **state)
{
  (void)state;
  px_quota_terms terms = three_per_second;
  terms.burst = 1;
  int64_t next = px_quota_take(&terms, 0, NOW);
  assert_int_equal(NOW + 333334, px_quota_earliest(&terms, next));
}

static void test_quota__a_clock_that_went_back_costs_one_window_at_most(void **state)
{
  (void)state;
  int64_t next = px_quota_sane(&three_per_second, NOW + INT64_C(86400000000), NOW);
  assert_true(px_quota_earliest(&three_per_second, next) <= NOW + 333334);
  assert_int_equal(NOW + 5, px_quota_sane(&three_per_second, NOW + 5, NOW));
}

static void test_quota__is_about_all_each_or_one(void **state)
{
  (void)state;
  assert_true(px_quota_about("", "bob"));
  assert_true(px_quota_about("*", "bob"));
  assert_true(px_quota_about("=bob", "bob"));
  assert_false(px_quota_about("=bob", "bobby"));
  assert_true(px_quota_about("=", NULL));
  assert_false(px_quota_about("=", "bob"));
}

static void test_quota__the_longest_wait_counts(void **state)
{
  (void)state;
  px_gate_attempt attempt = {.provider = "pixazo"};
  px_gate_verdict verdict = {.verdict = PX_GATE_GO};
  px_quota_wait(&three_per_second, &attempt, NOW, NOW, &verdict);
  assert_int_equal(PX_GATE_GO, verdict.verdict);
  px_quota_wait(&three_per_second, &attempt, NOW + 7, NOW, &verdict);
  px_quota_wait(&three_per_second, &attempt, NOW + 5, NOW, &verdict);
  assert_int_equal(PX_GATE_WAIT, verdict.verdict);
  assert_int_equal(NOW + 7, verdict.wait_until_us);
}

static void test_quota__a_wait_that_is_too_long_is_refused_and_says_how_long(void **state)
{
  (void)state;
  px_quota_terms terms = {.provider = "=pixazo", .principal = "*", .requests = 1, .window_us = 60000000, .burst = 1,
                          .max_wait_us = 10000000};
  px_gate_attempt attempt = {.provider = "pixazo"};
  px_gate_verdict verdict = {.verdict = PX_GATE_GO};
  px_quota_wait(&terms, &attempt, NOW + 10000000, NOW, &verdict);
  assert_int_equal(PX_GATE_WAIT, verdict.verdict);
  attempt.waiting_since_us = NOW - 1; /* what it waited already counts */
  px_quota_wait(&terms, &attempt, NOW + 10000000, NOW, &verdict);
  assert_int_equal(PX_GATE_DENIED, verdict.verdict);
  assert_int_equal(PIXAZO_E_THROTTLED, pixazo_error_status(verdict.error));
  assert_int_equal(10000, pixazo_error_retry_after_ms(verdict.error));
  assert_non_null(strstr(pixazo_error_message(verdict.error), "of provider \"pixazo\" of each principal"));
  assert_int_equal(PIXAZO_CHARGE_NONE, pixazo_error_charge(verdict.error));
  px_quota_wait(&terms, &attempt, NOW + 5, NOW, &verdict); /* denied stays denied */
  assert_int_equal(PX_GATE_DENIED, verdict.verdict);
  pixazo_error_free(verdict.error);
}

static void test_wait__for_a_slot_is_a_look_later_and_knows_whose_patience_ends_first(void **state)
{
  px_quota_terms patient = {.slots = 1, .max_wait_us = -1}, short_of_it = {.slots = 1, .max_wait_us = 900000};
  px_gate_attempt attempt = {.waiting_since_us = NOW - 100000};
  px_gate_verdict verdict = {.verdict = PX_GATE_GO};
  (void)state;
  px_quota_wait_slot(&patient, &attempt, NOW, &verdict);
  assert_int_equal(verdict.verdict, PX_GATE_WAIT);
  assert_true(verdict.for_slot && verdict.wait_until_us == NOW + PX_SLOT_LOOK_US && verdict.patience_us == 0);
  px_quota_wait_slot(&short_of_it, &attempt, NOW, &verdict);
  assert_true(verdict.for_slot && verdict.patience_us == NOW + 800000);
  px_quota_wait(&patient, &attempt, NOW + 7000000, NOW, &verdict); /* a longer wait that has an end */
  assert_true(!verdict.for_slot && verdict.wait_until_us == NOW + 7000000);
  px_quota_wait_slot(&patient, &attempt, NOW, &verdict);
  assert_true(!verdict.for_slot && verdict.wait_until_us == NOW + 7000000);
  attempt.waiting_since_us = NOW - 800000;
  px_quota_wait_slot(&short_of_it, &attempt, NOW, &verdict); /* its patience ends before the next look */
  assert_int_equal(verdict.verdict, PX_GATE_DENIED);
  pixazo_error_free(verdict.error);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_quota__lets_a_burst_through_and_then_one_per_interval),
      cmocka_unit_test(test_quota__a_burst_of_one_spaces_all_calls),
      cmocka_unit_test(test_quota__a_clock_that_went_back_costs_one_window_at_most),
      cmocka_unit_test(test_quota__is_about_all_each_or_one),
      cmocka_unit_test(test_quota__the_longest_wait_counts),
      cmocka_unit_test(test_quota__a_wait_that_is_too_long_is_refused_and_says_how_long),
      cmocka_unit_test(test_wait__for_a_slot_is_a_look_later_and_knows_whose_patience_ends_first),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
