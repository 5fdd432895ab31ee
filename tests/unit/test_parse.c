/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include "image/png/parse.h"
#include "support/tokens.h"

static void test_parse__tokens_say_what_stands_there(void **state)
{
  static const px_effort efforts[] = {{0, 16, false}, {1, 3, false}, {4, 20, false}, {50, 258, false}};
  (void)state;
  tokens_try(efforts, sizeof efforts / sizeof *efforts);
}

static void test_parse__repeats_are_taken_and_more_effort_takes_no_more_room(void **state)
{
  (void)state;
  tokens_compare(&(px_effort){1, 16, false}, &(px_effort){60, 64, false});
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_parse__tokens_say_what_stands_there),
      cmocka_unit_test(test_parse__repeats_are_taken_and_more_effort_takes_no_more_room),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
