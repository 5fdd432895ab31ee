/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"

static void test_compare__is_ascii_and_null_equals_only_null(void **state)
{
  (void)state;
  assert_true(px_str_equal("a", "a"));
  assert_false(px_str_equal("a", "A"));
  assert_true(px_str_equal(NULL, NULL));
  assert_false(px_str_equal(NULL, ""));
  assert_true(px_str_equal_nocase("Content-Type", "content-TYPE"));
  assert_false(px_str_equal_nocase("content", "content-type"));
  assert_false(px_str_equal_nocase("i", "\xC4\xB1"));
  assert_true(px_str_empty(NULL) && px_str_empty("") && !px_str_empty(" "));
}

static void test_compare__knows_starts_ends_and_finds(void **state)
{
  (void)state;
  assert_true(px_str_starts("https://x", "https:"));
  assert_false(px_str_starts("http", "https"));
  assert_true(px_str_starts_nocase("HTTPS://x", "https:"));
  assert_false(px_str_starts_nocase("HT", "https"));
  assert_true(px_str_ends("a.png", ".png"));
  assert_false(px_str_ends("png", ".png"));
  const char *text = "x Retry-AFTER: 3";
  assert_ptr_equal(px_str_find_nocase(text, "retry-after"), text + 2);
  assert_null(px_str_find_nocase(text, "none"));
  assert_ptr_equal(px_str_find_nocase(text, ""), text);
}

static void test_parse__takes_whole_integers_up_to_their_limits(void **state)
{
  (void)state;
  int64_t i = 0;
  uint64_t u = 0;
  assert_true(px_parse_int64("-9223372036854775808", &i) && i == INT64_MIN);
  assert_true(px_parse_int64("9223372036854775807", &i) && i == INT64_MAX);
  assert_true(px_parse_uint64("18446744073709551615", &u) && u == UINT64_MAX);
  assert_true(px_parse_int64("007", &i) && i == 7);
}

static void test_parse__refuses_everything_else_and_leaves_the_target(void **state)
{
  (void)state;
  static const char *const bad[] = {"", "-", "+1", " 1", "1 ", "0x10", "1.0", "9223372036854775808", "--1", "-9223372036854775809"};
  int64_t i = 77;
  for (size_t n = 0; n < PX_ARRAY_SIZE(bad); n++)
    assert_false(px_parse_int64(bad[n], &i));
  assert_false(px_parse_int64(NULL, &i));
  assert_int_equal(i, 77);
  uint64_t u = 77;
  assert_false(px_parse_uint64("18446744073709551616", &u));
  assert_false(px_parse_uint64("-1", &u));
  assert_false(px_parse_uint64(NULL, &u));
  assert_int_equal(u, 77);
}

static void check_doubles(void)
{
  static const double values[] = {0.0, -0.5, 0.1, 1.0 / 3, 1e300, 5e-324, 123456789.125, 7.5};
  char text[32];
  for (size_t n = 0; n < PX_ARRAY_SIZE(values); n++) {
    double back = -1;
    px_format_double(values[n], text, sizeof text);
    assert_null(strchr(text, ','));
    assert_true(px_parse_double(text, &back));
    assert_true(memcmp(&back, &values[n], sizeof back) == 0);
  }
  px_format_double(7.5, text, sizeof text);
  assert_string_equal(text, "7.5");
  px_format_double(0.1, text, sizeof text);
  assert_string_equal(text, "0.1");
}

static void test_doubles__survive_text_with_a_point(void **state)
{
  (void)state;
  check_doubles();
}

static void test_doubles__survive_a_locale_with_a_decimal_comma(void **state)
{
  (void)state;
  const char *wanted = getenv("PIXAZO_TEST_LOCALE");
  if (!setlocale(LC_ALL, wanted ? wanted : "de_DE.UTF-8")) {
    assert_null(wanted); /* asked for, so it must be there */
    return;
  }
  check_doubles();
  (void)setlocale(LC_ALL, "C");
}

static void test_doubles__are_finite_decimal_and_whole(void **state)
{
  (void)state;
  static const char *const bad[] = {"", "nan", "inf", "1e999", "0x1p3", "1,5", "+1", " 1", "1 ", "1.5x", "-", "."};
  double value = 77;
  for (size_t n = 0; n < PX_ARRAY_SIZE(bad); n++)
    assert_false(px_parse_double(bad[n], &value));
  assert_true(value == 77);
}

static void test_hex__goes_both_ways_and_refuses_what_is_not_hex(void **state)
{
  (void)state;
  unsigned char bytes[3];
  char text[7];
  px_hex("\x00\xAB\xFF", 3, text);
  assert_string_equal(text, "00abff");
  assert_true(px_unhex("00ABff", bytes, 3));
  assert_memory_equal(bytes, "\x00\xAB\xFF", 3);
  assert_false(px_unhex("00abf", bytes, 3));
  assert_false(px_unhex("00abfg", bytes, 3));
  assert_false(px_unhex("00abff00", bytes, 3));
}

static void test_utf8__is_checked_by_the_unicode_table(void **state)
{
  (void)state;
  static const char *const good[] = {"", "abc", "\xC3\xA4", "\xE2\x82\xAC", "\xF0\x9F\xA6\x8A", "\xED\x9F\xBF", "\xF4\x8F\xBF\xBF"};
  static const char *const bad[] = {"\x80",         "\xC0\xAF",         "\xC1\xBF",         "\xE0\x9F\xBF", "\xED\xA0\x80",
                                    "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xE2\x82",     "a\xC3", "\xFF"};
  for (size_t n = 0; n < PX_ARRAY_SIZE(good); n++)
    assert_true(px_utf8_valid(good[n], strlen(good[n])));
  for (size_t n = 0; n < PX_ARRAY_SIZE(bad); n++)
    assert_false(px_utf8_valid(bad[n], strlen(bad[n])));
  assert_false(px_utf8_valid("a\0b", 3));
}

static void test_utf8__cut_never_splits_a_sequence(void **state)
{
  (void)state;
  const char *fox = "ab\xF0\x9F\xA6\x8A";
  assert_int_equal(px_utf8_cut(fox, 10), 6);
  assert_int_equal(px_utf8_cut(fox, 6), 6);
  for (size_t max = 2; max < 6; max++)
    assert_int_equal(px_utf8_cut(fox, max), 2);
  assert_int_equal(px_utf8_cut(fox, 1), 1);
  assert_int_equal(px_utf8_cut(fox, 0), 0);
}

static void test_ascii__classes_do_not_depend_on_the_locale(void **state)
{
  (void)state;
  for (int byte = 0; byte < 256; byte++) {
    bool digit = byte >= '0' && byte <= '9';
    bool alpha = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
    assert_int_equal(px_ascii_is_digit((char)byte), digit);
    assert_int_equal(px_ascii_is_alnum((char)byte), digit || alpha);
    assert_int_equal(px_ascii_is_space((char)byte), byte == ' ' || (byte >= 9 && byte <= 13));
  }
  assert_int_equal(px_ascii_lower('Z'), 'z');
  assert_int_equal(px_ascii_lower('['), '[');
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_compare__is_ascii_and_null_equals_only_null),
      cmocka_unit_test(test_compare__knows_starts_ends_and_finds),
      cmocka_unit_test(test_parse__takes_whole_integers_up_to_their_limits),
      cmocka_unit_test(test_parse__refuses_everything_else_and_leaves_the_target),
      cmocka_unit_test(test_doubles__survive_text_with_a_point),
      cmocka_unit_test(test_doubles__survive_a_locale_with_a_decimal_comma),
      cmocka_unit_test(test_doubles__are_finite_decimal_and_whole),
      cmocka_unit_test(test_hex__goes_both_ways_and_refuses_what_is_not_hex),
      cmocka_unit_test(test_utf8__is_checked_by_the_unicode_table),
      cmocka_unit_test(test_utf8__cut_never_splits_a_sequence),
      cmocka_unit_test(test_ascii__classes_do_not_depend_on_the_locale),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
