/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include "net/retry.h"

/* Sun, 06 Nov 1994 08:49:37 GMT */
#define THEN_US (INT64_C(784111777) * 1000000)

typedef struct sample {
  const char *text;
  int64_t wall_us;
  uint32_t milliseconds;
} sample;

static void test_retry_after__reads_seconds_and_the_three_forms_of_dates(void **state)
{
  static const sample samples[] = {
      {"0", 0, 0},
      {"1", 0, 1000},
      {" 120 ", 0, 120000},
      {"0.5", 0, 500},
      {"1.25", 0, 1250},
      {"3.", 0, 3000},
      {"0.0001", 0, 1},
      {"37.4", 0, 37400},
      {"007", 0, 7000},
      {"4294968", 0, UINT32_MAX},
      {"99999999999999999999999999999999", 0, UINT32_MAX},
      {"Sun, 06 Nov 1994 08:49:37 GMT", THEN_US - 5000000, 5000},
      {"Sunday, 06-Nov-94 08:49:37 GMT", THEN_US - 5000000, 5000},
      {"Sun Nov  6 08:49:37 1994", THEN_US - 5000000, 5000},
      {"Sun, 06 Nov 1994 08:49:37 GMT", THEN_US + 1, 0},
      {"Sun, 06 Nov 1994 08:49:37 GMT", THEN_US - 1, 1},
      {"sun, 6 nov 1994 08:49:37 gmt", THEN_US - 1000000, 1000},
      {"Fri, 31 Dec 9999 23:59:59 GMT", THEN_US, UINT32_MAX},
  };
  (void)state;
  for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
    uint32_t milliseconds = 77;
    if (!px_retry_after_parse(samples[i].text, samples[i].wall_us, &milliseconds))
      fail_msg("%s was refused", samples[i].text);
    if (milliseconds != samples[i].milliseconds)
      fail_msg("%s gave %u", samples[i].text, (unsigned)milliseconds);
  }
  tell_cases("waits of headers", sizeof samples / sizeof samples[0]);
}

static void test_retry_after__two_digit_years_are_near(void **state)
{
  uint32_t milliseconds = 0;
  (void)state;
  /* 2026-11-20 */
  assert_true(px_retry_after_parse("Friday, 20-Nov-26 00:00:10 GMT", INT64_C(1795132800) * 1000000, &milliseconds));
  assert_int_equal(milliseconds, 10000);
  assert_true(px_retry_after_parse("Sunday, 06-Nov-94 08:49:37 GMT", INT64_C(1795132800) * 1000000, &milliseconds));
  assert_int_equal(milliseconds, 0);
}

static void test_retry_after__refuses_everything_else(void **state)
{
  static const char *const texts[] = {"",
                                      " ",
                                      "-1",
                                      "+1",
                                      "1,5",
                                      "1 2",
                                      "1s",
                                      "1e3",
                                      "NaN",
                                      "inf",
                                      ".5",
                                      "0x10",
                                      "soon",
                                      "Sun",
                                      "Sun,",
                                      "Sun, 06",
                                      "Sun, 06 Nov",
                                      "Sun, 06 Foo 1994 08:49:37 GMT",
                                      "Sun, 06 Nov 1994",
                                      "Sun, 06 Nov 1994 08:49 GMT",
                                      "Sun, 06 Nov 1994 25:49:37 GMT",
                                      "Sun, 06 Nov 1994 08:60:37 GMT",
                                      "Sun, 06 Nov 1994 08:49:37",
                                      "Sun, 00 Nov 1994 08:49:37 GMT",
                                      "Sun, 32 Nov 1994 08:49:37 GMT",
                                      "Sun, 06 Nov 1994 08:49:37 GMT x",
                                      "Sun Nov 6 08:49:37 94",
                                      "Sun, 06 Nov 19945 08:49:37 GMT",
                                      "06 Nov 1994 08:49:37 GMT",
                                      "Sun, 06-Nov 94 08:49:37 GMT",
                                      "Sun, 06 ov  1994 08:49:37 GMT",
                                      "1.x",
                                      "\xc3\xa4"};
  (void)state;
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
    uint32_t milliseconds = 77;
    if (px_retry_after_parse(texts[i], THEN_US, &milliseconds))
      fail_msg("\"%s\" gave %u", texts[i], (unsigned)milliseconds);
    assert_int_equal(milliseconds, 77);
  }
  assert_false(px_retry_after_parse(NULL, 0, &(uint32_t){0}));
  tell_cases("headers that are no wait", sizeof texts / sizeof texts[0]);
}

static void test_retry_after__reads_milliseconds_headers(void **state)
{
  uint32_t milliseconds = 77;
  (void)state;
  assert_true(px_retry_after_ms_parse(" 1500 ", &milliseconds));
  assert_int_equal(milliseconds, 1500);
  assert_true(px_retry_after_ms_parse("12.75", &milliseconds));
  assert_int_equal(milliseconds, 12);
  assert_true(px_retry_after_ms_parse("99999999999999999999", &milliseconds));
  assert_int_equal(milliseconds, UINT32_MAX);
  milliseconds = 77;
  assert_false(px_retry_after_ms_parse("-1", &milliseconds));
  assert_false(px_retry_after_ms_parse("", &milliseconds));
  assert_false(px_retry_after_ms_parse("1s", &milliseconds));
  assert_false(px_retry_after_ms_parse(NULL, &milliseconds));
  assert_int_equal(milliseconds, 77);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_retry_after__reads_seconds_and_the_three_forms_of_dates),
      cmocka_unit_test(test_retry_after__two_digit_years_are_near),
      cmocka_unit_test(test_retry_after__refuses_everything_else),
      cmocka_unit_test(test_retry_after__reads_milliseconds_headers),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
