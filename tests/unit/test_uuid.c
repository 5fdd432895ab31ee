/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <string.h>

#include "base/mem.h"
#include "base/uuid.h"
#include "support/fake_clock.h"

static void test_uuid__carries_the_time_the_version_and_the_variant(void **state)
{
  (void)state;
  fake_clock fake;
  fake_clock_init(&fake, 1645557742000000, 3);
  char text[PX_UUID_TEXT];
  px_uuid_new(&fake.clock, text);
  assert_true(px_uuid_valid(text));
  assert_memory_equal(text, "017f22e2-79b0-7000-", 19);
  assert_non_null(strchr("89ab", text[19]));
}

static void test_uuid__sorts_by_creation_to_the_microsecond(void **state)
{
  (void)state;
  fake_clock fake;
  fake_clock_init(&fake, 1790000000999990, 9);
  char before[PX_UUID_TEXT];
  px_uuid_new(&fake.clock, before);
  for (int i = 0; i < 1100; i++) {
    char text[PX_UUID_TEXT];
    fake_clock_advance(&fake, 1);
    px_uuid_new(&fake.clock, text);
    assert_true(strcmp(before, text) < 0);
    memcpy(before, text, sizeof before);
  }
}

static void test_uuid__two_of_the_same_instant_differ(void **state)
{
  (void)state;
  fake_clock fake;
  fake_clock_init(&fake, 1790000000000000, 9);
  char a[PX_UUID_TEXT];
  char b[PX_UUID_TEXT];
  px_uuid_new(&fake.clock, a);
  px_uuid_new(&fake.clock, b);
  assert_string_not_equal(a, b);
}

static void test_uuid__validity_is_lower_case_with_dashes_in_place(void **state)
{
  (void)state;
  assert_true(px_uuid_valid("01890a5d-ac96-774b-bcce-b302099a8057"));
  static const char *const bad[] = {"", "01890A5D-AC96-774B-BCCE-B302099A8057", "01890a5dac96774bbcceb302099a8057",
                                    "01890a5d-ac96-774b-bcce-b302099a805", "01890a5d-ac96-774b-bcce-b302099a80577",
                                    "01890a5d-ac96-774b-bcce-b302099a805g", "01890a5d-ac96-774b-bccea-302099a8057"};
  for (size_t i = 0; i < PX_ARRAY_SIZE(bad); i++)
    assert_false(px_uuid_valid(bad[i]));
  assert_false(px_uuid_valid(NULL));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_uuid__carries_the_time_the_version_and_the_variant),
      cmocka_unit_test(test_uuid__sorts_by_creation_to_the_microsecond),
      cmocka_unit_test(test_uuid__two_of_the_same_instant_differ),
      cmocka_unit_test(test_uuid__validity_is_lower_case_with_dashes_in_place),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
