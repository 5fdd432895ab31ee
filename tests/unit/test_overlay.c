/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "client/builtin.h"
#include "client/overlay.h"

static pixazo_status overlay(const px_provider *base, pixazo_provider *definition, const char *json, pixazo_provider **out,
                             pixazo_error **error)
{
  px_cleanup(px_json_done) px_json *root = NULL;
  assert_status(px_json_parse(json, strlen(json), NULL, &root, NULL), PIXAZO_OK);
  px_place top = {0};
  px_place place = {&top, "it", 0, root};
  return px_overlay_new(base, definition, &place, out, error);
}

static void test_overlay__a_row_of_the_library_keeps_what_is_not_said(void **state)
{
  (void)state;
  pixazo_provider *made = NULL;
  pixazo_error *error = NULL;
  assert_ok(overlay(&px_provider_pixazo, NULL,
                    "[{\"name\":\"sdxl\",\"parameters\":{\"steps\":{\"max\":50}}},{\"name\":\"new\",\"path\":\"/new/v1\",\"parameters\":"
                    "{\"prompt\":\"prompt\"},\"price\":{\"micros_per_picture\":40000,\"source\":\"s\",\"date\":\"2026-11-20\"}}]",
                    &made, &error),
            error);
  const px_model *sdxl = px_model_find(&made->row, "sdxl");
  assert_true(sdxl->params[PX_FIELD_STEPS].maximum > 49 && sdxl->params[PX_FIELD_STEPS].minimum < 2);
  assert_string_equal(sdxl->params[PX_FIELD_STEPS].wire, "num_steps");
  assert_true(sdxl->price.known && sdxl->price.micros == 0);
  assert_true(px_model_find(&made->row, "new")->price.micros == 40000);
  assert_int_equal(made->row.model_count, px_provider_pixazo.model_count + 1);
  assert_true(px_model_find(&px_provider_pixazo, "sdxl")->params[PX_FIELD_STEPS].maximum < 21);
  assert_ptr_equal(made->row.ops.poll, px_provider_pixazo.ops.poll);
  (void)pixazo_provider_unref(made);
  assert_ok(overlay(&px_provider_pixazo, NULL, "[{\"name\":\"sdxl\",\"parameters\":{\"steps\":{\"max\":7}}}]", &made, &error), error);
  assert_true(px_model_find(&made->row, "sdxl")->params[PX_FIELD_STEPS].fallback < 7.5);
  (void)pixazo_provider_unref(made);
}

static void test_overlay__a_definition_keeps_its_rules_and_its_other_model(void **state)
{
  (void)state;
  pixazo_provider *base = NULL;
  pixazo_provider *made = NULL;
  pixazo_error *error = NULL;
  assert_ok(pixazo_provider_new(px_builtin_find("a1111", 5)->json, &base, &error), error);
  assert_ok(overlay(&base->row, base, "[{\"name\":\"loaded\",\"pictures_per_call\":8}]", &made, &error), error);
  assert_int_equal(made->row.models[0].pictures_per_call, 8);
  assert_int_equal(made->row.other->pictures_per_call, 4);
  assert_string_equal(made->rules[0].sent_as, "");
  assert_ptr_equal(made->rules[0].body, base->rules[0].body);
  assert_ptr_equal(made->rules[1].edit_body, base->rules[1].edit_body);
  assert_ptr_equal(made->row.self, made);
  (void)pixazo_provider_unref(base);
  assert_string_equal(made->answer.embedded, "info");
  (void)pixazo_provider_unref(made);
}

static void test_overlay__mistakes_are_named_with_their_path(void **state)
{
  (void)state;
  static const char *const rows[][2] = {
      {"{}", "it: want a list, got object"},
      {"[5]", "it[0]: want an object, got number"},
      {"[{}]", "it[0].name: missing"},
      {"[{\"name\":5}]", "it[0].name: want a string, got number"},
      {"[{\"name\":\"new\"}]", "it[0].parameters.prompt: missing"},
      {"[{\"name\":\"sdxl\",\"stepz\":1}]", "it[0].stepz: is not known here"},
      {"[{\"name\":\"sdxl\",\"parameters\":{\"steps\":{\"default\":99}}}]", "it[0].parameters.steps: min, default and max"},
      {"[{\"name\":\"sdxl\",\"body\":{\"p\":\"{{prompt}}\"}}]", "it[0].body: this provider builds its bodies itself"},
      {"[{\"name\":\"sdxl\",\"sent_as\":\"x\"}]", "it[0].sent_as: this provider builds its bodies itself"},
      {"[{\"name\":\"sdxl\",\"price\":{\"micros_per_picture\":1}}]", "it[0].price.source: missing"},
  };
  for (size_t i = 0; i < PX_ARRAY_SIZE(rows); i++) {
    px_autoerror error = NULL;
    pixazo_provider *made = NULL;
    assert_status(overlay(&px_provider_pixazo, NULL, rows[i][0], &made, &error), PIXAZO_E_ARGUMENT);
    assert_null(made);
    if (strncmp(pixazo_error_message(error), rows[i][1], strlen(rows[i][1])) != 0)
      fail_msg("%s: %s", rows[i][0], pixazo_error_message(error));
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_overlay__a_row_of_the_library_keeps_what_is_not_said),
      cmocka_unit_test(test_overlay__a_definition_keeps_its_rules_and_its_other_model),
      cmocka_unit_test(test_overlay__mistakes_are_named_with_their_path),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
