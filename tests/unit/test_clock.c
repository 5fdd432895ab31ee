/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "support/fake_clock.h"

static const int64_t SECOND = 1000000;

static void test_date__known_instants_read_as_their_dates(void **state)
{
  (void)state;
  static const struct {
    int64_t seconds;
    const char *text;
  } instants[] = {
      {0, "1970-01-01T00:00:00.000000Z"},           {951782400, "2000-02-29T00:00:00.000000Z"},
      {951868800, "2000-03-01T00:00:00.000000Z"},   {4107542400, "2100-03-01T00:00:00.000000Z"},
      {4107542399, "2100-02-28T23:59:59.000000Z"},  {1709164800, "2024-02-29T00:00:00.000000Z"},
      {2147483647, "2038-01-19T03:14:07.000000Z"},  {2147483648, "2038-01-19T03:14:08.000000Z"},
      {4294967296, "2106-02-07T06:28:16.000000Z"},  {-1, "1969-12-31T23:59:59.000000Z"},
      {-86400, "1969-12-31T00:00:00.000000Z"},      {-2203891200, "1900-03-01T00:00:00.000000Z"},
      {253402300799, "9999-12-31T23:59:59.000000Z"}, {1735689599, "2024-12-31T23:59:59.000000Z"},
  };
  for (size_t i = 0; i < PX_ARRAY_SIZE(instants); i++) {
    char text[32];
    px_date date;
    px_format_time(instants[i].seconds * SECOND, text, sizeof text);
    assert_string_equal(text, instants[i].text);
    px_date_of(instants[i].seconds * SECOND, &date);
    assert_true(px_time_of(&date) == instants[i].seconds * SECOND);
  }
}

static void test_date__microseconds_count_upwards_before_1970_too(void **state)
{
  (void)state;
  px_date date;
  px_date_of(-1, &date);
  assert_int_equal(date.year, 1969);
  assert_int_equal(date.second, 59);
  assert_int_equal(date.microsecond, 999999);
  assert_true(px_time_of(&date) == -1);
  char text[32];
  px_format_time(1234567, text, sizeof text);
  assert_string_equal(text, "1970-01-01T00:00:01.234567Z");
}

static void test_date__every_day_of_a_thousand_years_follows_the_last(void **state)
{
  (void)state;
  static const int32_t lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  px_date expected = {1600, 1, 1, 12, 0, 0, 0};
  int64_t instant = px_time_of(&expected);
  while (expected.year < 2600) {
    px_date date;
    px_date_of(instant, &date);
    assert_memory_equal(&date, &expected, sizeof date);
    bool leap = (expected.year % 4 == 0 && expected.year % 100 != 0) || expected.year % 400 == 0;
    if (++expected.day > lengths[expected.month - 1] + (leap && expected.month == 2)) {
      expected.day = 1;
      if (++expected.month > 12) {
        expected.month = 1;
        expected.year++;
      }
    }
    instant += 86400 * SECOND;
  }
}

static void test_day__is_floored_on_both_sides_of_1970(void **state)
{
  (void)state;
  int64_t day = 86400 * SECOND;
  assert_true(px_day_of(0) == 0);
  assert_true(px_day_of(day - 1) == 0);
  assert_true(px_day_of(day) == 1);
  assert_true(px_day_of(-1) == -1);
  assert_true(px_day_of(-day) == -1);
  assert_true(px_day_of(-day - 1) == -2);
}

static void test_system_clock__moves_forward(void **state)
{
  (void)state;
  const px_clock *clock = px_clock_system();
  int64_t mono = px_mono_us(clock);
  int64_t alive = px_alive_us(clock);
  assert_true(px_wall_us(clock) > 1600000000 * SECOND);
  assert_true(px_mono_us(clock) >= mono);
  assert_true(px_alive_us(clock) >= alive && alive >= mono);
}

static void test_random__fills_all_bytes_and_differs(void **state)
{
  (void)state;
  unsigned char a[64] = {0};
  unsigned char b[64] = {0};
  px_random(px_clock_system(), a, sizeof a);
  px_random(px_clock_system(), b, sizeof b);
  assert_memory_not_equal(a, b, sizeof a);
  assert_memory_not_equal(a + 56, "\0\0\0\0\0\0\0", 8);
}

static void test_random_below__stays_below_and_reaches_every_value(void **state)
{
  (void)state;
  fake_clock fake;
  fake_clock_init(&fake, 0, 7);
  unsigned seen[5] = {0};
  for (int i = 0; i < 1000; i++) {
    uint64_t value = px_random_below(&fake.clock, 5);
    assert_true(value < 5);
    seen[value]++;
  }
  for (size_t i = 0; i < 5; i++)
    assert_in_range(seen[i], 140, 260);
  assert_int_equal(px_random_below(&fake.clock, 1), 0);
  assert_true(px_random_below(&fake.clock, UINT64_MAX) < UINT64_MAX);
}

static void test_fake_clock__moves_only_when_told(void **state)
{
  (void)state;
  fake_clock fake;
  fake_clock_init(&fake, 5 * SECOND, 1);
  int64_t mono = px_mono_us(&fake.clock);
  fake_clock_advance(&fake, 3);
  assert_true(px_wall_us(&fake.clock) == 5 * SECOND + 3);
  assert_true(px_mono_us(&fake.clock) == mono + 3);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_date__known_instants_read_as_their_dates),
      cmocka_unit_test(test_date__microseconds_count_upwards_before_1970_too),
      cmocka_unit_test(test_date__every_day_of_a_thousand_years_follows_the_last),
      cmocka_unit_test(test_day__is_floored_on_both_sides_of_1970),
      cmocka_unit_test(test_system_clock__moves_forward),
      cmocka_unit_test(test_random__fills_all_bytes_and_differs),
      cmocka_unit_test(test_random_below__stays_below_and_reaches_every_value),
      cmocka_unit_test(test_fake_clock__moves_only_when_told),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
