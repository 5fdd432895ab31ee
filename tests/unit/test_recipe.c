/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <stdio.h>
#include <string.h>

#include <pixazo/memory.h>

#include "base/error.h"
#include "base/mem.h"
#include "export/recipe.h"
#include "image/codec.h"
#include "image/orient.h"

static int make(void **state)
{
  pixazo_recipe *recipe = NULL;
  assert_status(pixazo_recipe_new(&recipe, NULL), PIXAZO_OK);
  *state = recipe;
  return 0;
}

static int drop(void **state)
{
  pixazo_recipe_free(*state);
  return 0;
}

static void test_recipe__starts_with_the_documented_defaults(void **state)
{
  const pixazo_recipe *recipe = *state;
  assert_string_equal(recipe->name, "");
  assert_int_equal(recipe->format, PX_FORMAT_NONE);
  assert_int_equal(recipe->quality, -1);
  assert_int_equal(recipe->level, 9);
  assert_int_equal(recipe->fit, PX_FIT_INSIDE);
  assert_int_equal(recipe->enlarge, 1);
  assert_int_equal(recipe->alpha, PX_ALPHA_AUTO);
  assert_int_equal(recipe->metadata, PX_METADATA_PROVENANCE);
  assert_int_equal(recipe->gravity, PX_GRAVITY_CENTRE);
  assert_int_equal(recipe->focus_x, 500);
  assert_int_equal(recipe->focus_y, 500);
  assert_int_equal(recipe->rotate + recipe->flip + recipe->linear, 0);
  assert_memory_equal(&recipe->background, "\xff\xff\xff", 3);
}

static void test_recipe__takes_every_documented_value(void **state)
{
  pixazo_recipe *recipe = *state;
  static const char *const texts[][2] = {{"name", "my-recipe_1.0"}, {"format", "webp"},        {"fit", "contain"},
                                         {"gravity", "centre"},     {"alpha", "keep"},         {"metadata", "none"},
                                         {"filter", "lanczos3"},    {"background", "#12aBff"}, {"gravity", "smart"},
                                         {"flip", "vertical"},      {"fit", "contain"}};
  for (size_t i = 0; i < PX_ARRAY_SIZE(texts); i++)
    assert_status(pixazo_recipe_set_string(recipe, texts[i][0], texts[i][1], NULL), PIXAZO_OK);
  assert_status(pixazo_recipe_set_int(recipe, "quality", 0, NULL), PIXAZO_OK);
  assert_status(pixazo_recipe_set_int(recipe, "level", 0, NULL), PIXAZO_OK);
  assert_status(pixazo_recipe_set_int(recipe, "width", 65535, NULL), PIXAZO_OK);
  assert_status(pixazo_recipe_set_int(recipe, "height", 1, NULL), PIXAZO_OK);
  assert_status(pixazo_recipe_set_int(recipe, "enlarge", 0, NULL), PIXAZO_OK);
  assert_status(pixazo_recipe_set_int(recipe, "rotate", 270, NULL), PIXAZO_OK);
  assert_status(pixazo_recipe_set_int(recipe, "focus_x", 1000, NULL), PIXAZO_OK);
  assert_int_equal(recipe->rotate, 270);
  assert_int_equal(recipe->gravity, PX_GRAVITY_SMART);
  assert_int_equal(recipe->flip, PX_FLIP_VERTICAL);
  assert_int_equal(recipe->format, PX_FORMAT_WEBP);
  assert_int_equal(recipe->fit, PX_FIT_CONTAIN);
  assert_int_equal(recipe->metadata, PX_METADATA_NONE);
  assert_int_equal(recipe->width, 65535);
  assert_memory_equal(&recipe->background, "\x12\xab\xff", 3);
}

static void expect_refusal(pixazo_status status, pixazo_error **error, const char *const words[3])
{
  assert_status(status, PIXAZO_E_ARGUMENT);
  for (int i = 0; i < 3; i++) {
    if (!strstr(pixazo_error_message(*error), words[i]))
      fail_msg("\"%s\" does not name %s", pixazo_error_message(*error), words[i]);
  }
  pixazo_error_free(*error);
  *error = NULL;
}

static void test_recipe__a_refusal_names_key_value_and_what_is_allowed(void **state)
{
  pixazo_recipe *recipe = *state;
  pixazo_error *e = NULL;
  expect_refusal(pixazo_recipe_set_int(recipe, "quality", 101, &e), &e, (const char *[]){"quality", "101", "0-100"});
  expect_refusal(pixazo_recipe_set_int(recipe, "level", -1, &e), &e, (const char *[]){"level", "-1", "0-9"});
  expect_refusal(pixazo_recipe_set_string(recipe, "fit", "crop", &e), &e, (const char *[]){"fit", "\"crop\"", "cover"});
  expect_refusal(pixazo_recipe_set_string(recipe, "background", "white", &e), &e,
                 (const char *[]){"background", "white", "#rrggbb"});
  expect_refusal(pixazo_recipe_set_string(recipe, "width", "100", &e), &e, (const char *[]){"width", "100", "0-65535"});
  expect_refusal(pixazo_recipe_set_int(recipe, "format", 1, &e), &e, (const char *[]){"format", "1", "webp"});
  expect_refusal(pixazo_recipe_set_string(recipe, "size", "1", &e), &e, (const char *[]){"size", "width", "filter"});
  expect_refusal(pixazo_recipe_set_int(recipe, "rotate", 45, &e), &e, (const char *[]){"rotate", "45", "multiple of 90"});
  expect_refusal(pixazo_recipe_set_string(recipe, "name", "a/b", &e), &e, (const char *[]){"name", "a/b", "a-z"});
}

static void test_recipe__policies_are_names_or_lists(void **state)
{
  pixazo_recipe *recipe = *state;
  static const struct {
    const char *given, *written;
    int32_t bits;
  } cases[] = {
      {"full", "full", 31},
      {"none", "none", 0},
      {"provenance", "provenance", PX_METADATA_ICC | PX_METADATA_FACTS},
      {"exif", "exif", PX_METADATA_EXIF},
      {"text,exif", "exif,text", PX_METADATA_EXIF | PX_METADATA_TEXT},
      {"icc,provenance", "provenance", PX_METADATA_PROVENANCE},
      {"exif,xmp,icc,text,provenance", "full", PX_METADATA_FULL},
  };
  static const char *const wrong[] = {"", ",", "exif,", ",exif", "exif,exif", "exif,none", "exif, xmp", "EXIF"};
  for (size_t i = 0; i < PX_ARRAY_SIZE(cases); i++) {
    char *json = NULL;
    char wanted[80];
    assert_status(pixazo_recipe_set_string(recipe, "metadata", cases[i].given, NULL), PIXAZO_OK);
    assert_int_equal(recipe->metadata, cases[i].bits);
    assert_status(pixazo_recipe_to_json(recipe, &json, NULL), PIXAZO_OK);
    (void)snprintf(wanted, sizeof wanted, "\"metadata\":\"%s\"", cases[i].written);
    assert_non_null(strstr(json, wanted));
    pixazo_free(json);
  }
  for (size_t i = 0; i < PX_ARRAY_SIZE(wrong); i++)
    assert_status(pixazo_recipe_set_string(recipe, "metadata", wrong[i], NULL), PIXAZO_E_ARGUMENT);
}

static void test_recipe__a_refused_value_changes_nothing(void **state)
{
  pixazo_recipe *recipe = *state;
  const pixazo_recipe before = *recipe;
  assert_status(pixazo_recipe_set_string(recipe, "background", "#12345g", NULL), PIXAZO_E_ARGUMENT);
  assert_status(pixazo_recipe_set_string(recipe, "format", "PNG", NULL), PIXAZO_E_ARGUMENT);
  assert_status(pixazo_recipe_set_int(recipe, "width", INT64_MAX, NULL), PIXAZO_E_ARGUMENT);
  assert_memory_equal(recipe, &before, sizeof before);
}

static void test_recipe__names_of_sixty_four_characters_fit(void **state)
{
  pixazo_recipe *recipe = *state;
  char name[66];
  memset(name, 'n', sizeof name);
  name[65] = '\0';
  assert_status(pixazo_recipe_set_string(recipe, "name", name, NULL), PIXAZO_E_ARGUMENT);
  name[64] = '\0';
  assert_status(pixazo_recipe_set_string(recipe, "name", name, NULL), PIXAZO_OK);
  assert_string_equal(recipe->name, name);
}

static void test_recipe__named_ones_exist_and_others_are_listed(void **state)
{
  (void)state;
  pixazo_recipe *recipe = NULL;
  px_autoerror error = NULL;
  assert_status(pixazo_recipe_new_named("fit-256", &recipe, NULL), PIXAZO_OK);
  assert_string_equal(recipe->name, "fit-256");
  assert_int_equal(recipe->format, PX_FORMAT_JPEG);
  assert_int_equal(recipe->width, 256);
  assert_int_equal(recipe->enlarge, 0);
  pixazo_recipe_free(recipe);
  recipe = NULL;
  assert_status(pixazo_recipe_new_named("smart-300", &recipe, NULL), PIXAZO_OK);
  assert_int_equal(recipe->width, 300);
  assert_int_equal(recipe->height, 300);
  assert_int_equal(recipe->quality, 70);
  assert_int_equal(recipe->fit, PX_FIT_COVER);
  assert_int_equal(recipe->gravity, PX_GRAVITY_SMART);
  pixazo_recipe_free(recipe);
  recipe = NULL;
  assert_status(pixazo_recipe_new_named("smart-301", &recipe, &error), PIXAZO_E_UNSUPPORTED);
  assert_non_null(strstr(pixazo_error_message(error), "fit-256"));
  assert_non_null(strstr(pixazo_error_message(error), "smart-300"));
  assert_non_null(strstr(pixazo_error_message(error), "web"));
  assert_null(recipe);
}

static void test_recipe__rotation_and_flip_are_one_orientation(void **state)
{
  pixazo_recipe *recipe = *state;
  static const char *const flips[] = {"none", "horizontal", "vertical"};
  /* Pixels abc/def as they are seen: rotated clockwise, then flipped. See test_orient.c. */
  static const char *const wanted[3][4] = {{"abcdef", "daebfc", "fedcba", "cfbead"},
                                           {"cbafed", "adbecf", "defabc", "fcebda"},
                                           {"defabc", "fcebda", "cbafed", "adbecf"}};
  for (int i = 0; i < 12; i++) {
    px_auto(px_pixmap) source = PX_PIXMAP_INIT;
    px_auto(px_pixmap) out = PX_PIXMAP_INIT;
    assert_status(px_pixmap_make(&source, 3, 2, 3, NULL), PIXAZO_OK);
    for (int k = 0; k < 6; k++)
      memset(source.data + 3 * k, 'a' + k, 3);
    assert_status(pixazo_recipe_set_int(recipe, "rotate", i % 4 * 90, NULL), PIXAZO_OK);
    assert_status(pixazo_recipe_set_string(recipe, "flip", flips[i / 4], NULL), PIXAZO_OK);
    assert_status(px_orient(&source, px_recipe_orientation(recipe), &out, NULL), PIXAZO_OK);
    for (int k = 0; k < 6; k++)
      assert_int_equal(out.data[3 * k], wanted[i / 4][i % 4][k]);
  }
}

static void test_recipe__missing_arguments_are_refused(void **state)
{
  assert_status(pixazo_recipe_new(NULL, NULL), PIXAZO_E_ARGUMENT);
  assert_status(pixazo_recipe_set_int(NULL, "level", 1, NULL), PIXAZO_E_ARGUMENT);
  assert_status(pixazo_recipe_set_int(*state, NULL, 1, NULL), PIXAZO_E_ARGUMENT);
  assert_status(pixazo_recipe_set_string(*state, "fit", NULL, NULL), PIXAZO_E_ARGUMENT);
  pixazo_recipe_free(NULL);
}

#define WITH_RECIPE(test) cmocka_unit_test_setup_teardown(test, make, drop)

int main(void)
{
  const struct CMUnitTest tests[] = {
      WITH_RECIPE(test_recipe__starts_with_the_documented_defaults),
      WITH_RECIPE(test_recipe__takes_every_documented_value),
      WITH_RECIPE(test_recipe__a_refusal_names_key_value_and_what_is_allowed),
      WITH_RECIPE(test_recipe__policies_are_names_or_lists),
      WITH_RECIPE(test_recipe__a_refused_value_changes_nothing),
      WITH_RECIPE(test_recipe__names_of_sixty_four_characters_fit),
      WITH_RECIPE(test_recipe__named_ones_exist_and_others_are_listed),
      WITH_RECIPE(test_recipe__rotation_and_flip_are_one_orientation),
      WITH_RECIPE(test_recipe__missing_arguments_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
