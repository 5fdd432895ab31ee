/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "export/recipe.h"
#include "image/codec.h"

static void done(pixazo_recipe **recipes, size_t count)
{
  for (size_t i = 0; i < count; i++)
    pixazo_recipe_free(recipes[i]);
}

static void test_matrix__has_every_size_in_every_format(void **state)
{
  (void)state;
  static const char json[] =
      "{\"name\":\"hero\",\"fit\":\"cover\",\"gravity\":\"smart\",\"quality\":82,"
      "\"sizes\":[{\"width\":480},{\"width\":960,\"height\":540,\"quality\":70},{\"height\":270},{},"
      "{\"name\":\"icon\",\"width\":64,\"height\":64,\"fit\":\"fill\"}],\"formats\":[\"webp\",\"jpeg\"]}";
  static const char *const names[] = {"hero-480-webp",  "hero-480-jpeg",  "hero-960x540-webp", "hero-960x540-jpeg",
                                      "hero-x270-webp", "hero-x270-jpeg", "hero-full-webp",    "hero-full-jpeg",
                                      "hero-icon-webp", "hero-icon-jpeg"};
  pixazo_recipe *made[PIXAZO_RECIPES_MAX];
  size_t count = 0;
  px_autoerror error = NULL;
  assert_ok(pixazo_recipe_new_matrix(json, made, PX_ARRAY_SIZE(made), &count, &error), error);
  assert_int_equal(count, PX_ARRAY_SIZE(names));
  for (size_t i = 0; i < count; i++) {
    assert_string_equal(made[i]->name, names[i]);
    assert_int_equal(made[i]->format, i % 2 ? PX_FORMAT_JPEG : PX_FORMAT_WEBP);
    assert_int_equal(made[i]->quality, i / 2 == 1 ? 70 : 82);
    assert_int_equal(made[i]->fit, i / 2 == 4 ? PX_FIT_FILL : PX_FIT_COVER);
    assert_int_equal(made[i]->gravity, PX_GRAVITY_SMART);
  }
  assert_int_equal(made[2]->width, 960);
  assert_int_equal(made[2]->height, 540);
  done(made, count);
}

static void test_matrix__may_start_from_a_named_recipe(void **state)
{
  (void)state;
  pixazo_recipe *made[1] = {NULL};
  size_t count = 0;
  assert_status(pixazo_recipe_new_matrix("{\"recipe\":\"web\",\"sizes\":[{\"width\":9}],\"formats\":[\"png\"]}", made, 1,
                                         &count, NULL),
                PIXAZO_OK);
  assert_string_equal(made[0]->name, "web-9-png");
  assert_int_equal(made[0]->height, 0);
  assert_int_equal(made[0]->enlarge, 0);
  done(made, count);
}

typedef struct refusal {
  const char *json, *word;
  pixazo_status status;
} refusal;

static void test_matrix__says_what_is_wrong_and_makes_nothing(void **state)
{
  (void)state;
  static const refusal cases[] = {
      {"{\"formats\":[\"png\"]}", "sizes", PIXAZO_E_ARGUMENT},
      {"{\"sizes\":[],\"formats\":[\"png\"]}", "sizes", PIXAZO_E_ARGUMENT},
      {"{\"sizes\":[{}]}", "formats", PIXAZO_E_ARGUMENT},
      {"{\"sizes\":[{}],\"formats\":\"png\"}", "formats", PIXAZO_E_ARGUMENT},
      {"{\"sizes\":[256],\"formats\":[\"png\"]}", "sizes", PIXAZO_E_ARGUMENT},
      {"{\"sizes\":[{}],\"formats\":[1]}", "format", PIXAZO_E_ARGUMENT},
      {"{\"sizes\":[{}],\"formats\":[\"gif\"]}", "gif", PIXAZO_E_ARGUMENT},
      {"{\"sizes\":[{\"wide\":1}],\"formats\":[\"png\"]}", "wide", PIXAZO_E_ARGUMENT},
      {"{\"sizes\":[{\"width\":7},{\"width\":7}],\"formats\":[\"png\"]}", "7-png", PIXAZO_E_ARGUMENT},
      {"{\"sizes\":[{},{\"width\":7},{\"width\":8}],\"formats\":[\"png\"]}", "3 recipes", PIXAZO_E_LIMIT},
      {"{\"recipe\":\"none\",\"sizes\":[{}],\"formats\":[\"png\"]}", "none", PIXAZO_E_UNSUPPORTED},
      {"[1", "JSON", PIXAZO_E_ARGUMENT},
      {"[]", "object", PIXAZO_E_ARGUMENT},
  };
  for (size_t i = 0; i < PX_ARRAY_SIZE(cases); i++) {
    pixazo_recipe *made[2] = {NULL, NULL};
    size_t count = 77;
    px_autoerror error = NULL;
    assert_status(pixazo_recipe_new_matrix(cases[i].json, made, 2, &count, &error), cases[i].status);
    if (!strstr(pixazo_error_message(error), cases[i].word))
      fail_msg("\"%s\" does not name %s", pixazo_error_message(error), cases[i].word);
    assert_null(made[0]);
    assert_int_equal(count, 77);
  }
}

static void test_matrix__is_bounded(void **state)
{
  (void)state;
  char json[4096] = "{\"formats\":[\"png\"],\"sizes\":[{}";
  pixazo_recipe *made[PIXAZO_RECIPES_MAX];
  size_t count = 0;
  for (int i = 1; i <= PIXAZO_RECIPES_MAX; i++)
    (void)snprintf(json + strlen(json), sizeof json - strlen(json), ",{\"width\":%d}", i);
  (void)snprintf(json + strlen(json), sizeof json - strlen(json), "]}");
  assert_status(pixazo_recipe_new_matrix(json, made, SIZE_MAX, &count, NULL), PIXAZO_E_LIMIT);
  assert_status(pixazo_recipe_new_matrix(NULL, made, 1, &count, NULL), PIXAZO_E_ARGUMENT);
  assert_status(pixazo_recipe_new_matrix("{}", NULL, 1, &count, NULL), PIXAZO_E_ARGUMENT);
  assert_status(pixazo_recipe_new_matrix("{}", made, 1, NULL, NULL), PIXAZO_E_ARGUMENT);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_matrix__has_every_size_in_every_format),
      cmocka_unit_test(test_matrix__may_start_from_a_named_recipe),
      cmocka_unit_test(test_matrix__says_what_is_wrong_and_makes_nothing),
      cmocka_unit_test(test_matrix__is_bounded),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
