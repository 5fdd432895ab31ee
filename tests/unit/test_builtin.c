/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <string.h>

#include "client/builtin.h"
#include "client/definition.h"

static void test_builtin__every_definition_is_right_and_named_as_its_file(void **state)
{
  (void)state;
  assert_true(px_builtin_count() >= 3);
  for (size_t i = 0; i < px_builtin_count(); i++) {
    const px_builtin *row = px_builtin_at(i);
    pixazo_provider *made = NULL;
    pixazo_error *error = NULL;
    assert_ok(pixazo_provider_new(row->json, &made, &error), error);
    assert_string_equal(pixazo_provider_name(made), row->name);
    for (size_t j = 0; j < made->row.model_count; j++)
      assert_true(px_model_unbilled(&made->row, &made->row.models[j]));
    (void)pixazo_provider_unref(made);
  }
}

static void test_builtin__is_found_by_its_whole_name(void **state)
{
  (void)state;
  assert_non_null(px_builtin_find("a1111/x", 5));
  assert_null(px_builtin_find("a1111", 4));
  assert_null(px_builtin_find("a11112", 6));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_builtin__every_definition_is_right_and_named_as_its_file),
      cmocka_unit_test(test_builtin__is_found_by_its_whole_name),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
