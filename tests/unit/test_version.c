/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <stdio.h>

#include <pixazo/version.h>

static void test_version__number_and_text_say_the_same(void **state)
{
  (void)state;
  char text[32];
  uint32_t number = pixazo_version_number();
  (void)snprintf(text, sizeof text, "%u.%u.%u", number / 1000000, number / 1000 % 1000, number % 1000);
  assert_string_equal(text, pixazo_version());
  assert_string_equal(text, PIXAZO_VERSION_STRING);
}

static void test_supports__names_what_is_built_in_and_nothing_else(void **state)
{
  (void)state;
  assert_int_equal(pixazo_supports("png"), 1);
  assert_int_equal(pixazo_supports("sqlite"), 1);
  assert_int_equal(pixazo_supports("offline"), 1);
  assert_int_equal(pixazo_supports("pn"), 0);
  assert_int_equal(pixazo_supports("PNG"), 0);
  assert_int_equal(pixazo_supports(""), 0);
  assert_int_equal(pixazo_supports(NULL), 0);
#ifdef PIXAZO_FAILPOINTS
  assert_int_equal(pixazo_supports("failpoints"), 1);
#else
  assert_int_equal(pixazo_supports("failpoints"), 0);
#endif
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_version__number_and_text_say_the_same),
      cmocka_unit_test(test_supports__names_what_is_built_in_and_nothing_else),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
