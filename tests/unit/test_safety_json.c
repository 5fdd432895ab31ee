/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include "base/mem.h"
#include "json/safety_json.h"

static void test_safety__has_all_members_in_one_order(void **state)
{
  (void)state;
  px_autofree char *json = NULL;
  px_autofree char *bare = NULL;
  pixazo_error *error = NULL;
  px_safety safety = {"program", "output", "[\"violence\"]", "a \"word\"", "", "charged"};
  assert_ok(px_safety_write(&safety, &json, &error), error);
  assert_string_equal(json, "{\"source\":\"program\",\"stage\":\"output\",\"categories\":[\"violence\"],"
                            "\"text\":\"a \\\"word\\\"\",\"code\":\"\",\"charge\":\"charged\"}");
  safety.categories_json = NULL;
  assert_ok(px_safety_write(&safety, &bare, &error), error);
  assert_non_null(strstr(bare, "\"categories\":[],"));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_safety__has_all_members_in_one_order),
  };
  return cmocka_run_group_tests_name("safety_json", tests, NULL, NULL);
}
