/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "studio/config.h"
#include "studio/recipes.h"

static pixazo_status recipes_of(const char *names, const char *quality, px_recipes *recipes, pixazo_error **error)
{
  px_cleanup(px_config_scoped) pixazo_config *config = NULL;
  PX_TRY(pixazo_config_new(&config, error));
  if (names)
    PX_TRY(pixazo_config_set(config, "renditions", names, error));
  if (quality)
    PX_TRY(pixazo_config_set(config, "jpeg_quality", quality, error));
  return px_recipes_from_config(config, recipes, error);
}

static void test_recipes__by_default_three_formats_and_a_thumbnail(void **state)
{
  (void)state;
  px_auto(px_recipes) recipes = {{NULL}, 0};
  px_autoerror error = NULL;
  static const char *const names[] = {"\"png\"", "\"jpeg\"", "\"webp\"", "\"fit-256\""};
  assert_ok(recipes_of(NULL, NULL, &recipes, &error), error);
  assert_int_equal(recipes.count, PX_ARRAY_SIZE(names));
  for (size_t i = 0; i < recipes.count; i++) {
    px_autofree char *json = NULL;
    assert_status(pixazo_recipe_to_json(recipes.items[i], &json, NULL), PIXAZO_OK);
    assert_non_null(strstr(json, names[i]));
  }
}

static void test_recipes__the_quality_of_the_settings_is_used(void **state)
{
  (void)state;
  px_auto(px_recipes) recipes = {{NULL}, 0};
  px_autofree char *json = NULL;
  px_autoerror error = NULL;
  assert_ok(recipes_of(" jpeg ", "61", &recipes, &error), error);
  assert_int_equal(recipes.count, 1);
  assert_status(pixazo_recipe_to_json(recipes.items[0], &json, NULL), PIXAZO_OK);
  assert_non_null(strstr(json, "\"quality\":61"));
}

static void test_recipes__none_is_none(void **state)
{
  (void)state;
  px_auto(px_recipes) recipes = {{NULL}, 0};
  assert_status(recipes_of("none", NULL, &recipes, NULL), PIXAZO_OK);
  assert_int_equal(recipes.count, 0);
}

static void test_recipes__an_unknown_name_is_refused_by_name(void **state)
{
  (void)state;
  px_auto(px_recipes) recipes = {{NULL}, 0};
  px_autoerror error = NULL;
  assert_status(recipes_of("png,huge", NULL, &recipes, &error), PIXAZO_E_UNSUPPORTED);
  assert_non_null(strstr(pixazo_error_message(error), "renditions"));
  assert_non_null(strstr(pixazo_error_message(error), "huge"));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_recipes__by_default_three_formats_and_a_thumbnail),
      cmocka_unit_test(test_recipes__the_quality_of_the_settings_is_used),
      cmocka_unit_test(test_recipes__none_is_none),
      cmocka_unit_test(test_recipes__an_unknown_name_is_refused_by_name),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
