/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <string.h>

#include <pixazo/memory.h>

#include "base/error.h"
#include "base/mem.h"
#include "export/recipe.h"

static void expect_text(const char *json, const char *wanted)
{
  pixazo_recipe *recipe = NULL;
  char *text = NULL;
  px_autoerror error = NULL;
  assert_ok(pixazo_recipe_new_from_json(json, &recipe, &error), error);
  assert_ok(pixazo_recipe_to_json(recipe, &text, &error), error);
  assert_string_equal(text, wanted);
  pixazo_free(text);
  pixazo_recipe_free(recipe);
}

static void test_recipe_json__prints_every_key_and_reads_it_back(void **state)
{
  (void)state;
  static const char all[] =
      "{\"schema\":1,\"name\":\"x\",\"format\":\"jpeg\",\"quality\":70,\"level\":3,\"width\":10,\"height\":20,"
      "\"fit\":\"cover\",\"gravity\":\"focus\",\"focus_x\":1,\"focus_y\":999,\"enlarge\":0,\"background\":\"#0a0b0c\","
      "\"alpha\":\"flatten\",\"metadata\":\"full\",\"filter\":\"lanczos3\",\"linear\":1,\"rotate\":90,\"flip\":"
      "\"vertical\",\"reencode\":\"auto\",\"effort\":\"normal\",\"max_bytes\":0}";
  expect_text(all, all);
}

static void test_recipe_json__an_empty_object_is_all_defaults(void **state)
{
  (void)state;
  static const char defaults[] =
      "{\"schema\":1,\"name\":\"\",\"format\":\"same\",\"level\":9,\"width\":0,\"height\":0,\"fit\":\"inside\","
      "\"gravity\":\"centre\",\"focus_x\":500,\"focus_y\":500,\"enlarge\":1,\"background\":\"#ffffff\",\"alpha\":\"auto\","
      "\"metadata\":\"provenance\",\"filter\":\"lanczos3\",\"linear\":0,\"rotate\":0,"
      "\"flip\":\"none\",\"reencode\":\"auto\",\"effort\":\"normal\",\"max_bytes\":0}";
  expect_text("{}", defaults);
  expect_text("{\"quality\":null,\"enlarge\":true}", defaults);
}

static void test_recipe_json__a_named_recipe_may_be_changed_whatever_the_order(void **state)
{
  (void)state;
  expect_text("{\"width\":64,\"recipe\":\"fit-256\",\"name\":\"tiny\"}",
              "{\"schema\":1,\"name\":\"tiny\",\"format\":\"jpeg\",\"level\":9,\"width\":64,\"height\":256,"
              "\"fit\":\"inside\",\"gravity\":\"centre\",\"focus_x\":500,\"focus_y\":500,\"enlarge\":0,"
              "\"background\":\"#ffffff\",\"alpha\":\"flatten\",\"metadata\":\"provenance\",\"filter\":\"lanczos3\","
              "\"linear\":0,\"rotate\":0,"
      "\"flip\":\"none\",\"reencode\":\"auto\",\"effort\":\"normal\",\"max_bytes\":0}");
}

static void test_recipe_json__wrong_documents_are_refused(void **state)
{
  (void)state;
  static const struct {
    const char *json;
    pixazo_status status;
    const char *word;
  } wrong[] = {
      {"{", PIXAZO_E_ARGUMENT, "JSON"},
      {"[]", PIXAZO_E_ARGUMENT, "object"},
      {"{\"schema\":2}", PIXAZO_E_ARGUMENT, "schema"},
      {"{\"size\":3}", PIXAZO_E_ARGUMENT, "size"},
      {"{\"quality\":85.5}", PIXAZO_E_ARGUMENT, "quality"},
      {"{\"quality\":\"85\"}", PIXAZO_E_ARGUMENT, "0-100"},
      {"{\"width\":[1]}", PIXAZO_E_ARGUMENT, "width"},
      {"{\"level\":true}", PIXAZO_OK, NULL}, /* true reads as 1 */
      {"{\"recipe\":\"smart-301\"}", PIXAZO_E_UNSUPPORTED, "smart-301"},
  };
  for (size_t i = 0; i < PX_ARRAY_SIZE(wrong); i++) {
    pixazo_recipe *recipe = NULL;
    px_autoerror error = NULL;
    assert_status(pixazo_recipe_new_from_json(wrong[i].json, &recipe, &error), wrong[i].status);
    assert_int_equal(recipe == NULL, wrong[i].status != PIXAZO_OK);
    if (wrong[i].word && !strstr(pixazo_error_message(error), wrong[i].word))
      fail_msg("%s: %s", wrong[i].json, pixazo_error_message(error));
    pixazo_recipe_free(recipe);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_recipe_json__prints_every_key_and_reads_it_back),
      cmocka_unit_test(test_recipe_json__an_empty_object_is_all_defaults),
      cmocka_unit_test(test_recipe_json__a_named_recipe_may_be_changed_whatever_the_order),
      cmocka_unit_test(test_recipe_json__wrong_documents_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
