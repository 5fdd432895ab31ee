/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <string.h>

#include "image/png/probe.h"
#include "support/kinds.h"

enum { SIZE = 24 << 10 };

static unsigned char bytes[2 * SIZE];

static bool repeats(size_t at)
{
  static px_probe probe;
  if (at == 0)
    memset(&probe, 0, sizeof probe);
  return px_probe_repeats(&probe, bytes, at, SIZE);
}

static void fill_with_noise(unsigned values)
{
  uint32_t seed = 6;
  for (size_t i = 0; i < SIZE; i++)
    bytes[i] = (unsigned char)(disorder(&seed) % values);
}

static void test_probe__noise_has_no_repeats_even_where_values_are_few(void **state)
{
  (void)state;
  for (unsigned values = 5; values <= 256; values += 7) {
    fill_with_noise(values);
    assert_false(repeats(0));
  }
}

static void test_probe__what_repeats_is_seen(void **state)
{
  (void)state;
  for (size_t period = 16; period < 8000; period = period * 3 + 1) {
    fill_with_noise(256);
    for (size_t i = period; i < SIZE; i++)
      bytes[i] = bytes[i - period];
    assert_true(repeats(0));
  }
}

static void test_probe__runs_are_no_repeats(void **state)
{
  (void)state;
  memset(bytes, 0, SIZE);
  assert_false(repeats(0));
}

static void test_probe__repeats_of_what_was_shown_before_are_seen(void **state)
{
  (void)state;
  fill_with_noise(256);
  memcpy(bytes + SIZE, bytes, SIZE);
  assert_false(repeats(0));
  assert_true(repeats(SIZE));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_probe__noise_has_no_repeats_even_where_values_are_few),
      cmocka_unit_test(test_probe__what_repeats_is_seen),
      cmocka_unit_test(test_probe__runs_are_no_repeats),
      cmocka_unit_test(test_probe__repeats_of_what_was_shown_before_are_seen),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
