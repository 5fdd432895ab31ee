/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include "base/mem.h"
#include "base/money.h"

static void test_money__is_read_exactly(void **state)
{
  (void)state;
  static const struct {
    const char *text;
    int64_t micros;
  } good[] = {{"0", 0},
              {"1", 1000000},
              {"12.5", 12500000},
              {"0.000001", 1},
              {"0.045", 45000},
              {"00.10", 100000},
              {"9223372036854.775807", INT64_MAX}};
  for (size_t i = 0; i < PX_ARRAY_SIZE(good); i++) {
    int64_t micros = -1;
    assert_true(px_parse_micros(good[i].text, &micros));
    assert_int_equal(good[i].micros, micros);
  }
}

static void test_money__what_is_no_amount_is_refused(void **state)
{
  (void)state;
  static const char *const bad[] = {"",     "-1",       "+1",        ".5",  "1.",  "1,5",
                                    "1e3",  "1 ",       " 1",        "abc", "1.2.3", "0.0000001",
                                    "12USD", "9223372036854.775808", "99999999999999999999"};
  int64_t micros = 77;
  for (size_t i = 0; i < PX_ARRAY_SIZE(bad); i++)
    assert_false(px_parse_micros(bad[i], &micros));
  assert_false(px_parse_micros(NULL, &micros));
  assert_int_equal(77, micros);
}

static void assert_text(const char *expected, int64_t micros, const char *currency)
{
  char text[PX_MONEY_TEXT];
  px_format_micros(micros, currency, text);
  assert_string_equal(expected, text);
}

static void test_money__is_written_without_rounding(void **state)
{
  (void)state;
  assert_text("0.00 USD", 0, "USD");
  assert_text("0.000001 USD", 1, "USD");
  assert_text("12.50 EUR", 12500000, "EUR");
  assert_text("0.045", 45000, NULL);
  assert_text("-1.25", -1250000, "");
  assert_text("9223372036854.775807 USD", INT64_MAX, "USD");
  assert_text("-9223372036854.775808 USD", INT64_MIN, "USD");
}

static void test_money__a_currency_is_three_capital_letters(void **state)
{
  (void)state;
  assert_true(px_currency_valid("USD"));
  assert_false(px_currency_valid("usd"));
  assert_false(px_currency_valid(""));
  assert_false(px_currency_valid("US"));
  assert_false(px_currency_valid("USDT"));
  assert_false(px_currency_valid("U$D"));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_money__is_read_exactly),
      cmocka_unit_test(test_money__what_is_no_amount_is_refused),
      cmocka_unit_test(test_money__is_written_without_rounding),
      cmocka_unit_test(test_money__a_currency_is_three_capital_letters),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
