/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include "net/engine.h"
#include "net/retry.h"

static const px_retry_policy paid_policy = PX_RETRY_PAID;
static const px_retry_policy free_policy = PX_RETRY_FREE;

static int paid_action(int32_t attempt_class, int http_status, bool unbilled)
{
  px_retry_case facts = {.paid = true, .attempt_class = attempt_class, .http_status = http_status, .unbilled = unbilled};
  return px_retry_decide(&paid_policy, &facts).action;
}

static void test_retry__a_paid_call_is_repeated_only_where_that_cannot_cost_twice(void **state)
{
  (void)state;
  assert_int_equal(paid_action(PIXAZO_CLASS_NOT_SENT, 0, false), PX_RETRY_AFTER);
  assert_int_equal(paid_action(PIXAZO_CLASS_FAILED, 500, false), PX_RETRY_AFTER);
  assert_int_equal(paid_action(PIXAZO_CLASS_REFUSED, 429, false), PX_RETRY_AFTER);
  assert_int_equal(paid_action(PIXAZO_CLASS_REFUSED, 503, false), PX_RETRY_AFTER);
  assert_int_equal(paid_action(PIXAZO_CLASS_REFUSED, 529, false), PX_RETRY_AFTER);
  static const int never[] = {400, 401, 402, 403, 404, 413, 415, 422};
  for (size_t i = 0; i < sizeof never / sizeof never[0]; i++)
    assert_int_equal(paid_action(PIXAZO_CLASS_REFUSED, never[i], true), PX_RETRY_STOP);
  assert_int_equal(paid_action(PIXAZO_CLASS_BLOCKED, 200, true), PX_RETRY_STOP);
  assert_int_equal(paid_action(PIXAZO_CLASS_ACCEPTED, 200, true), PX_RETRY_STOP);
  assert_int_equal(paid_action(PIXAZO_CLASS_NONE, 0, true), PX_RETRY_STOP);
  assert_int_equal(paid_action(99, 0, true), PX_RETRY_STOP);
}

static void test_retry__what_may_have_been_charged_is_repeated_only_where_nothing_is_billed(void **state)
{
  static const int32_t classes[] = {PIXAZO_CLASS_EMPTY, PIXAZO_CLASS_AMBIGUOUS, PIXAZO_CLASS_LOST};
  (void)state;
  for (size_t i = 0; i < 3; i++) {
    assert_int_equal(paid_action(classes[i], 200, false), PX_RETRY_STOP);
    assert_int_equal(paid_action(classes[i], 200, true), PX_RETRY_AFTER);
  }
}

static void test_retry__an_unbilled_empty_answer_is_repeated_once(void **state)
{
  px_retry_case facts = {.paid = true, .attempt_class = PIXAZO_CLASS_EMPTY, .empty_unbilled = true};
  (void)state;
  assert_int_equal(px_retry_decide(&paid_policy, &facts).action, PX_RETRY_AFTER);
  facts.retries_done = 1;
  assert_int_equal(px_retry_decide(&paid_policy, &facts).action, PX_RETRY_STOP);
}

static int advised(int32_t attempt_class, int http_status, int advice)
{
  px_retry_case facts = {.paid = true, .attempt_class = attempt_class, .http_status = http_status, .advice = advice};
  return px_retry_decide(&paid_policy, &facts).action;
}

static void test_retry__advice_decides_but_never_pays_twice(void **state)
{
  (void)state;
  assert_int_equal(advised(PIXAZO_CLASS_REFUSED, 400, PX_ADVICE_RETRY), PX_RETRY_AFTER);
  assert_int_equal(advised(PIXAZO_CLASS_REFUSED, 429, PX_ADVICE_STOP), PX_RETRY_STOP);
  assert_int_equal(advised(PIXAZO_CLASS_FAILED, 500, PX_ADVICE_STOP), PX_RETRY_STOP);
  static const int32_t doubtful[] = {PIXAZO_CLASS_AMBIGUOUS, PIXAZO_CLASS_LOST, PIXAZO_CLASS_EMPTY, PIXAZO_CLASS_BLOCKED,
                                     PIXAZO_CLASS_ACCEPTED};
  for (size_t i = 0; i < sizeof doubtful / sizeof doubtful[0]; i++)
    assert_int_equal(advised(doubtful[i], 500, PX_ADVICE_RETRY), PX_RETRY_STOP);
  px_retry_case spent = {.paid = true, .attempt_class = PIXAZO_CLASS_REFUSED, .http_status = 429, .quota_gone = true,
                         .advice = PX_ADVICE_RETRY};
  assert_int_equal(px_retry_decide(&paid_policy, &spent).action, PX_RETRY_STOP);
  px_retry_case asked = {.http_status = 404, .advice = PX_ADVICE_RETRY};
  assert_int_equal(px_retry_decide(&free_policy, &asked).action, PX_RETRY_AFTER);
  asked = (px_retry_case){.http_status = 500, .advice = PX_ADVICE_STOP};
  assert_int_equal(px_retry_decide(&free_policy, &asked).action, PX_RETRY_STOP);
}

static int free_action(int trouble, int http_status)
{
  px_retry_case facts = {.trouble = trouble, .http_status = http_status};
  return px_retry_decide(&free_policy, &facts).action;
}

static void test_retry__reading_is_repeated_on_anything_that_passes(void **state)
{
  static const int again[] = {408, 425, 429, 500, 502, 503, 504, 520, 529};
  static const int stop[] = {200, 204, 301, 400, 401, 403, 404, 410, 416, 501, 505};
  static const int passing[] = {PX_TROUBLE_RESOLVE, PX_TROUBLE_CONNECT, PX_TROUBLE_TLS, PX_TROUBLE_TRANSFER,
                                PX_TROUBLE_TIMEOUT};
  static const int lasting[] = {PX_TROUBLE_GUARD,   PX_TROUBLE_LIMIT, PX_TROUBLE_CANCEL, PX_TROUBLE_WITHHELD,
                                PX_TROUBLE_STOPPED, PX_TROUBLE_LOCAL, PX_TROUBLE_MEMORY};
  (void)state;
  for (size_t i = 0; i < sizeof again / sizeof again[0]; i++)
    assert_int_equal(free_action(PX_TROUBLE_NONE, again[i]), PX_RETRY_AFTER);
  for (size_t i = 0; i < sizeof stop / sizeof stop[0]; i++)
    assert_int_equal(free_action(PX_TROUBLE_NONE, stop[i]), PX_RETRY_STOP);
  for (size_t i = 0; i < sizeof passing / sizeof passing[0]; i++)
    assert_int_equal(free_action(passing[i], 200), PX_RETRY_AFTER);
  for (size_t i = 0; i < sizeof lasting / sizeof lasting[0]; i++)
    assert_int_equal(free_action(lasting[i], 500), PX_RETRY_STOP);
}

static void test_retry__a_paid_call_that_the_guard_refused_is_not_repeated(void **state)
{
  px_retry_case facts = {.paid = true, .attempt_class = PIXAZO_CLASS_NOT_SENT, .trouble = PX_TROUBLE_GUARD};
  (void)state;
  assert_int_equal(px_retry_decide(&paid_policy, &facts).action, PX_RETRY_STOP);
  facts.trouble = PX_TROUBLE_WITHHELD;
  assert_int_equal(px_retry_decide(&paid_policy, &facts).action, PX_RETRY_STOP);
  facts.trouble = PX_TROUBLE_CONNECT;
  assert_int_equal(px_retry_decide(&paid_policy, &facts).action, PX_RETRY_AFTER);
}

static void test_retry__an_account_with_nothing_left_is_not_asked_again(void **state)
{
  px_retry_case facts = {.paid = true, .attempt_class = PIXAZO_CLASS_REFUSED, .http_status = 429, .quota_gone = true};
  (void)state;
  assert_int_equal(px_retry_decide(&paid_policy, &facts).action, PX_RETRY_STOP);
  facts.quota_gone = false;
  assert_int_equal(px_retry_decide(&paid_policy, &facts).action, PX_RETRY_AFTER);
}

static void test_retry__two_repetitions_of_paid_calls_five_of_others(void **state)
{
  (void)state;
  for (uint32_t done = 0; done < 8; done++) {
    px_retry_case paid = {.paid = true, .attempt_class = PIXAZO_CLASS_NOT_SENT, .retries_done = done};
    px_retry_case free_of_charge = {.trouble = PX_TROUBLE_CONNECT, .retries_done = done};
    assert_int_equal(px_retry_decide(&paid_policy, &paid).action, done < 2 ? PX_RETRY_AFTER : PX_RETRY_STOP);
    assert_int_equal(px_retry_decide(&free_policy, &free_of_charge).action, done < 5 ? PX_RETRY_AFTER : PX_RETRY_STOP);
  }
}

static void test_retry__waits_double_up_to_the_cap_with_full_jitter(void **state)
{
  static const uint32_t ceilings[] = {1000, 2000, 4000, 8000, 16000, 30000, 30000};
  (void)state;
  for (uint32_t done = 0; done < 7; done++) {
    assert_int_equal(px_retry_backoff(&free_policy, done, 0), 0);
    assert_int_equal(px_retry_backoff(&free_policy, done, UINT64_MAX), ceilings[done]);
    uint32_t half = px_retry_backoff(&free_policy, done, UINT64_MAX / 2);
    assert_true(half + 1 >= ceilings[done] / 2 && half <= ceilings[done] / 2 + 1);
  }
  assert_int_equal(px_retry_backoff(&free_policy, UINT32_MAX, UINT64_MAX), 30000);
}

static void test_retry__a_wait_the_other_side_names_is_honoured_up_to_two_minutes(void **state)
{
  px_retry_case facts = {.paid = true, .attempt_class = PIXAZO_CLASS_REFUSED, .http_status = 429, .retry_after_ms = 120000};
  (void)state;
  px_retry_verdict verdict = px_retry_decide(&paid_policy, &facts);
  assert_int_equal(verdict.action, PX_RETRY_AFTER);
  assert_int_equal(verdict.delay_ms, 120000);
  facts.retry_after_ms = 120001;
  verdict = px_retry_decide(&paid_policy, &facts);
  assert_int_equal(verdict.action, PX_RETRY_LATER);
  assert_int_equal(verdict.delay_ms, 120001);
  facts.retry_after_ms = 1;
  facts.random = UINT64_MAX;
  assert_int_equal(px_retry_decide(&paid_policy, &facts).delay_ms, 1000); /* our own wait is longer */
  facts.retries_done = 2;
  facts.retry_after_ms = 999999;
  assert_int_equal(px_retry_decide(&paid_policy, &facts).action, PX_RETRY_STOP);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_retry__a_paid_call_is_repeated_only_where_that_cannot_cost_twice),
      cmocka_unit_test(test_retry__what_may_have_been_charged_is_repeated_only_where_nothing_is_billed),
      cmocka_unit_test(test_retry__an_unbilled_empty_answer_is_repeated_once),
      cmocka_unit_test(test_retry__advice_decides_but_never_pays_twice),
      cmocka_unit_test(test_retry__reading_is_repeated_on_anything_that_passes),
      cmocka_unit_test(test_retry__a_paid_call_that_the_guard_refused_is_not_repeated),
      cmocka_unit_test(test_retry__an_account_with_nothing_left_is_not_asked_again),
      cmocka_unit_test(test_retry__two_repetitions_of_paid_calls_five_of_others),
      cmocka_unit_test(test_retry__waits_double_up_to_the_cap_with_full_jitter),
      cmocka_unit_test(test_retry__a_wait_the_other_side_names_is_honoured_up_to_two_minutes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
