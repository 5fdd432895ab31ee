/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include "base/mem.h"
#include "net/retry.h"

typedef struct sample {
  const char *text;
  uint32_t milliseconds;
} sample;

static void test_retry_words__reads_spans_of_time(void **state)
{
  static const sample samples[] = {
      {"37.4s", 37400},
      {"0s", 0},
      {"0.25s", 250},
      {"0.0004s", 1},
      {"1.000000001s", 1001},
      {"350ms", 350},
      {"1m30s", 90000},
      {"1m0.5s", 60500},
      {"2h", 7200000},
      {"1h2m3s", 3723000},
      {"1 minute", 60000},
      {"1 Minute and 30 Seconds", 90000},
      {"2 hrs 5 mins", 7500000},
      {"01:02:03", 3723000},
      {"00:00:00", 0},
      {"99:59:59", 359999000},
      {"49d", 4233600000},
      {"50d", UINT32_MAX},
      {"99999999999999999999999999999999999999s", UINT32_MAX},
  };
  (void)state;
  for (size_t i = 0; i < PX_ARRAY_SIZE(samples); i++) {
    uint32_t found = 77;
    if (!px_retry_duration_parse(samples[i].text, &found) || found != samples[i].milliseconds)
      fail_msg("%s gave %u", samples[i].text, (unsigned)found);
  }
  tell_cases("spans of time", PX_ARRAY_SIZE(samples));
}

static void test_retry_words__refuses_what_is_no_span(void **state)
{
  static const char *const texts[] = {"",    " ",   "s",     "30",  "-1s",   "+1s",   "1e3s",    "0x1s", "1 s2",   "1s ",
                                      "1.s", ".5s", "1,5 s", "nan", "inf s", "1 sol", "1:02:03", "1s,",  "\xC2\xB5s", "1:2"};
  (void)state;
  for (size_t i = 0; i < PX_ARRAY_SIZE(texts); i++) {
    uint32_t found = 77;
    if (px_retry_duration_parse(texts[i], &found))
      fail_msg("\"%s\" gave %u", texts[i], (unsigned)found);
    assert_int_equal(found, 77);
  }
  assert_false(px_retry_duration_parse(NULL, &(uint32_t){0}));
  tell_cases("texts that are no span of time", PX_ARRAY_SIZE(texts));
}

static void test_retry_words__finds_the_wait_in_a_sentence(void **state)
{
  static const sample samples[] = {
      {"Rate limit is exceeded. Try again in 60 seconds.", 60000},
      {"Rate limit reached for images per min. Please try again in 12s. Contact us", 12000},
      {"Please try again in 1m12.5s.", 72500},
      {"try again after 2 minutes", 120000},
      {"Out of call volume quota. Quota will be replenished in 01:02:03.", 3723000},
      {"Please retry in 37.418s.", 37418},
      {"retry after 500 ms!", 500},
      {"Please wait 5 minutes and 1 second before the next call", 301000},
      {"your limit resets in 3h", 10800000},
      {"Try again in a moment, or wait 10 seconds", 10000},
      {"TRY AGAIN IN 1 SECOND", 1000},
  };
  static const char *const without[] = {
      "",
      "too many requests",
      "60 seconds",
      "try again in 60",
      "try again later",
      "try again in seconds",
      "wait for it: 5 pictures",
      "retry after the 5s",
      "try again in -5 seconds",
  };
  uint32_t found = 77;
  (void)state;
  for (size_t i = 0; i < PX_ARRAY_SIZE(samples); i++) {
    if (!px_retry_words_find(samples[i].text, &found) || found != samples[i].milliseconds)
      fail_msg("%s gave %u", samples[i].text, (unsigned)found);
  }
  for (size_t i = 0; i < PX_ARRAY_SIZE(without); i++) {
    if (px_retry_words_find(without[i], &found))
      fail_msg("%s gave %u", without[i], (unsigned)found);
  }
  assert_false(px_retry_words_find(NULL, &found));
  tell_cases("sentences with or without a wait", PX_ARRAY_SIZE(samples) + PX_ARRAY_SIZE(without));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_retry_words__reads_spans_of_time),
      cmocka_unit_test(test_retry_words__refuses_what_is_no_span),
      cmocka_unit_test(test_retry_words__finds_the_wait_in_a_sentence),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
