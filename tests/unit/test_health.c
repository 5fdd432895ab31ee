/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include "base/mem.h"
#include "client/health.h"

#define SECOND INT64_C(1000000)

static const px_health_policy policy = {3, 30000, 100000, 300000};

static int ask(px_health *health, int64_t now)
{
  return px_health_ask(health, &policy, now, true, NULL);
}

static void tell(px_health *health, int news, int64_t now)
{
  px_health_tell(health, &policy, news, 0, now);
}

static void test_health__failures_in_a_row_open_the_breaker(void **state)
{
  (void)state;
  px_health health = {0};
  int64_t until = 0;
  tell(&health, PX_HEALTH_NEWS_DOWN, SECOND);
  tell(&health, PX_HEALTH_NEWS_DOWN, SECOND);
  tell(&health, PX_HEALTH_NEWS_ALIVE, SECOND);
  tell(&health, PX_HEALTH_NEWS_DOWN, SECOND);
  tell(&health, PX_HEALTH_NEWS_DOWN, SECOND);
  assert_int_equal(ask(&health, SECOND), PX_HEALTH_GOOD);
  tell(&health, PX_HEALTH_NEWS_DOWN, SECOND);
  assert_int_equal(px_health_ask(&health, &policy, 2 * SECOND, true, &until), PX_HEALTH_BROKEN);
  assert_int_equal(until, 31 * SECOND);
}

static void test_health__one_probe_decides_and_a_failed_one_waits_longer(void **state)
{
  (void)state;
  px_health health = {0};
  for (int i = 0; i < 3; i++)
    tell(&health, PX_HEALTH_NEWS_DOWN, 0);
  assert_int_equal(ask(&health, 29 * SECOND), PX_HEALTH_BROKEN);
  assert_int_equal(ask(&health, 30 * SECOND), PX_HEALTH_GOOD);
  assert_int_equal(ask(&health, 30 * SECOND), PX_HEALTH_BROKEN);
  tell(&health, PX_HEALTH_NEWS_DOWN, 31 * SECOND);
  assert_int_equal(ask(&health, 90 * SECOND), PX_HEALTH_BROKEN);
  assert_int_equal(ask(&health, 91 * SECOND), PX_HEALTH_GOOD);
  tell(&health, PX_HEALTH_NEWS_DOWN, 92 * SECOND);
  assert_int_equal(ask(&health, 191 * SECOND), PX_HEALTH_BROKEN);
  assert_int_equal(ask(&health, 192 * SECOND), PX_HEALTH_GOOD);
  tell(&health, PX_HEALTH_NEWS_ALIVE, 193 * SECOND);
  assert_int_equal(ask(&health, 193 * SECOND), PX_HEALTH_GOOD);
  assert_int_equal(ask(&health, 193 * SECOND), PX_HEALTH_GOOD);
}

/* Many calls are in flight when a provider goes down: together they are one reason to wait, not one each. */
static void test_health__calls_that_began_before_it_opened_make_it_wait_no_longer(void **state)
{
  (void)state;
  px_health health = {0};
  int64_t until = 0;
  for (int i = 0; i < 200; i++)
    tell(&health, PX_HEALTH_NEWS_DOWN, 0);
  assert_int_equal(px_health_ask(&health, &policy, SECOND, true, &until), PX_HEALTH_BROKEN);
  assert_int_equal(until, 30 * SECOND);
  tell(&health, PX_HEALTH_NEWS_DOWN, 40 * SECOND); /* a slow one, and nobody has probed yet */
  assert_int_equal(ask(&health, 40 * SECOND), PX_HEALTH_GOOD);
  tell(&health, PX_HEALTH_NEWS_DOWN, 41 * SECOND);
  assert_int_equal(px_health_ask(&health, &policy, 42 * SECOND, true, &until), PX_HEALTH_BROKEN);
  assert_int_equal(until, 101 * SECOND);
}

static void test_health__an_answer_to_an_earlier_call_is_no_credit(void **state)
{
  (void)state;
  px_health health = {0};
  tell(&health, PX_HEALTH_NEWS_NO_CREDIT, 0);
  tell(&health, PX_HEALTH_NEWS_ALIVE, SECOND);
  assert_int_equal(ask(&health, 2 * SECOND), PX_HEALTH_PAUSED);
  assert_int_equal(ask(&health, 300 * SECOND), PX_HEALTH_GOOD);
  tell(&health, PX_HEALTH_NEWS_ALIVE, 301 * SECOND);
  assert_int_equal(ask(&health, 301 * SECOND), PX_HEALTH_GOOD);
  assert_int_equal(ask(&health, 301 * SECOND), PX_HEALTH_GOOD);
}

static void test_health__looking_does_not_take_the_probe(void **state)
{
  (void)state;
  px_health health = {0};
  for (int i = 0; i < 3; i++)
    tell(&health, PX_HEALTH_NEWS_DOWN, 0);
  assert_int_equal(px_health_ask(&health, &policy, 40 * SECOND, false, NULL), PX_HEALTH_GOOD);
  assert_int_equal(ask(&health, 40 * SECOND), PX_HEALTH_GOOD);
  assert_int_equal(ask(&health, 41 * SECOND), PX_HEALTH_BROKEN);
  /* a probe that nobody ends is given up */
  assert_int_equal(ask(&health, 700 * SECOND), PX_HEALTH_GOOD);
  tell(&health, PX_HEALTH_NEWS_NONE, 701 * SECOND);
  assert_int_equal(ask(&health, 701 * SECOND), PX_HEALTH_GOOD);
}

static void test_health__without_credit_it_pauses_until_the_named_time(void **state)
{
  (void)state;
  px_health health = {0};
  px_health_tell(&health, &policy, PX_HEALTH_NEWS_NO_CREDIT, 3600000, 0);
  assert_int_equal(ask(&health, 3599 * SECOND), PX_HEALTH_PAUSED);
  assert_int_equal(ask(&health, 3600 * SECOND), PX_HEALTH_GOOD);
  assert_int_equal(ask(&health, 3600 * SECOND), PX_HEALTH_PAUSED);
  tell(&health, PX_HEALTH_NEWS_NO_CREDIT, 3601 * SECOND);
  assert_int_equal(ask(&health, 3900 * SECOND), PX_HEALTH_PAUSED);
  assert_int_equal(ask(&health, 3901 * SECOND), PX_HEALTH_GOOD);
}

static void test_health__a_breaker_of_no_failures_never_opens(void **state)
{
  (void)state;
  static const px_health_policy never = {0, 30000, 100000, 300000};
  px_health health = {0};
  for (int i = 0; i < 100; i++)
    px_health_tell(&health, &never, PX_HEALTH_NEWS_DOWN, 0, i);
  assert_int_equal(px_health_ask(&health, &never, 200, true, NULL), PX_HEALTH_GOOD);
}

static void test_health__what_a_call_says_of_its_provider(void **state)
{
  (void)state;
  static const struct {
    int32_t attempt_class;
    pixazo_status status;
    int http_status;
    int news;
  } cases[] = {
      {PIXAZO_CLASS_ACCEPTED, PIXAZO_OK, 200, PX_HEALTH_NEWS_ALIVE},
      {PIXAZO_CLASS_NOT_SENT, PIXAZO_E_NETWORK, 0, PX_HEALTH_NEWS_DOWN},
      {PIXAZO_CLASS_NOT_SENT, PIXAZO_E_CANCELLED, 0, PX_HEALTH_NEWS_NONE},
      {PIXAZO_CLASS_NOT_SENT, PIXAZO_E_IO, 0, PX_HEALTH_NEWS_NONE},
      {PIXAZO_CLASS_FAILED, PIXAZO_E_PROVIDER, 500, PX_HEALTH_NEWS_DOWN},
      {PIXAZO_CLASS_AMBIGUOUS, PIXAZO_E_AMBIGUOUS, 0, PX_HEALTH_NEWS_DOWN},
      {PIXAZO_CLASS_REFUSED, PIXAZO_E_QUOTA, 402, PX_HEALTH_NEWS_NO_CREDIT},
      {PIXAZO_CLASS_REFUSED, PIXAZO_E_THROTTLED, 429, PX_HEALTH_NEWS_ALIVE},
      {PIXAZO_CLASS_REFUSED, PIXAZO_E_THROTTLED, 503, PX_HEALTH_NEWS_DOWN},
      {PIXAZO_CLASS_REFUSED, PIXAZO_E_PROVIDER, 400, PX_HEALTH_NEWS_ALIVE},
      {PIXAZO_CLASS_BLOCKED, PIXAZO_E_REJECTED, 400, PX_HEALTH_NEWS_ALIVE},
      {PIXAZO_CLASS_EMPTY, PIXAZO_E_PROVIDER, 200, PX_HEALTH_NEWS_ALIVE},
      {PIXAZO_CLASS_NONE, PIXAZO_E_BUDGET, 0, PX_HEALTH_NEWS_NONE},
  };
  for (size_t i = 0; i < PX_ARRAY_SIZE(cases); i++)
    assert_int_equal(px_health_news(cases[i].attempt_class, cases[i].status, cases[i].http_status), cases[i].news);
  assert_string_equal(px_health_name(PX_HEALTH_PAUSED), "paused");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_health__failures_in_a_row_open_the_breaker),
      cmocka_unit_test(test_health__one_probe_decides_and_a_failed_one_waits_longer),
      cmocka_unit_test(test_health__calls_that_began_before_it_opened_make_it_wait_no_longer),
      cmocka_unit_test(test_health__an_answer_to_an_earlier_call_is_no_credit),
      cmocka_unit_test(test_health__looking_does_not_take_the_probe),
      cmocka_unit_test(test_health__without_credit_it_pauses_until_the_named_time),
      cmocka_unit_test(test_health__a_breaker_of_no_failures_never_opens),
      cmocka_unit_test(test_health__what_a_call_says_of_its_provider),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
