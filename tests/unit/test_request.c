/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <pixazo/memory.h>
#include <pixazo/request.h>

#include "base/mem.h"
#include "client/request.h"

static pixazo_request *make(const char *prompt)
{
  pixazo_request *request = NULL;
  assert_status(pixazo_request_new(prompt, &request, NULL), PIXAZO_OK);
  return request;
}

static void expect_json(const pixazo_request *request, const char *wanted)
{
  char *text = NULL;
  assert_status(pixazo_request_to_json(request, &text, NULL), PIXAZO_OK);
  assert_string_equal(text, wanted);
  pixazo_free(text);
}

static void test_request__is_built_piece_by_piece(void **state)
{
  (void)state;
  pixazo_request *request = make("a \"fox\"");
  assert_status(pixazo_request_set_string(request, "negativePrompt", "rain", NULL), PIXAZO_OK);
  assert_status(pixazo_request_set_int(request, "num_steps", 20, NULL), PIXAZO_OK);
  assert_status(pixazo_request_set_double(request, "cfgScale", 7.5, NULL), PIXAZO_OK);
  assert_status(pixazo_request_set_int(request, "seed", -1, NULL), PIXAZO_OK);
  assert_status(pixazo_request_set_json(request, "metadata", "{\"THEME\":[1]}", NULL), PIXAZO_OK);
  expect_json(request,
              "{\"schema\":1,\"prompt\":\"a \\\"fox\\\"\",\"negative_prompt\":\"rain\",\"steps\":20,\"guidance\":7.5,"
              "\"seed\":-1,\"metadata\":{\"THEME\":[1]}}");
  assert_string_equal(pixazo_request_get_string(request, "prompt"), "a \"fox\"");
  assert_null(pixazo_request_get_string(request, "steps"));
  assert_null(pixazo_request_get_string(request, "nothing"));
  pixazo_request_free(request);
}

static void test_request__every_alias_means_the_same(void **state)
{
  (void)state;
  for (px_field field = 0; field < PX_FIELDS; field++) {
    const px_field_row *row = px_field_row_of(field);
    px_field found = PX_FIELDS;
    assert_true(px_field_find(row->name, &found));
    assert_int_equal(found, field);
    for (size_t i = 0; i < PX_ARRAY_SIZE(row->aliases) && row->aliases[i]; i++) {
      assert_true(px_field_find(row->aliases[i], &found));
      assert_int_equal(found, field);
    }
  }
}

static void test_request__null_removes_a_parameter(void **state)
{
  (void)state;
  pixazo_request *request = make("p");
  assert_status(pixazo_request_set_string(request, "sampler", "euler", NULL), PIXAZO_OK);
  assert_status(pixazo_request_set_string(request, "sampler", NULL, NULL), PIXAZO_OK);
  expect_json(request, "{\"schema\":1,\"prompt\":\"p\"}");
  pixazo_request_free(request);
}

static void test_request__an_integer_will_do_for_a_number_but_not_the_other_way(void **state)
{
  (void)state;
  pixazo_request *request = make("p");
  assert_status(pixazo_request_set_int(request, "guidance", 7, NULL), PIXAZO_OK);
  assert_status(pixazo_request_set_double(request, "steps", 7.0, NULL), PIXAZO_E_ARGUMENT);
  assert_status(pixazo_request_set_int(request, "prompt", 7, NULL), PIXAZO_E_ARGUMENT);
  expect_json(request, "{\"schema\":1,\"prompt\":\"p\",\"guidance\":7}");
  pixazo_request_free(request);
}

static void test_request__what_cannot_be_is_refused_and_changes_nothing(void **state)
{
  (void)state;
  pixazo_request *request = make("p");
  char *long_text = calloc(1, 40000);
  memset(long_text, 'a', 39999);
  assert_status(pixazo_request_set_int(request, "width", 0, NULL), PIXAZO_E_ARGUMENT);
  assert_status(pixazo_request_set_int(request, "seed", -2, NULL), PIXAZO_E_ARGUMENT);
  assert_status(pixazo_request_set_int(request, "count", 100000, NULL), PIXAZO_E_ARGUMENT);
  assert_status(pixazo_request_set_double(request, "guidance", NAN, NULL), PIXAZO_E_ARGUMENT);
  assert_status(pixazo_request_set_double(request, "guidance", INFINITY, NULL), PIXAZO_E_ARGUMENT);
  assert_status(pixazo_request_set_string(request, "prompt", "\xFF", NULL), PIXAZO_E_ARGUMENT);
  assert_status(pixazo_request_set_string(request, "prompt", long_text, NULL), PIXAZO_E_ARGUMENT);
  assert_status(pixazo_request_set_string(request, "THEME", "x", NULL), PIXAZO_E_ARGUMENT);
  assert_status(pixazo_request_set_json(request, "metadata", "[1]", NULL), PIXAZO_E_ARGUMENT);
  assert_status(pixazo_request_set_json(request, "metadata", "{", NULL), PIXAZO_E_ARGUMENT);
  expect_json(request, "{\"schema\":1,\"prompt\":\"p\"}");
  pixazo_request *untouched = NULL;
  assert_status(pixazo_request_new(long_text, &untouched, NULL), PIXAZO_E_ARGUMENT);
  assert_null(untouched);
  free(long_text);
  pixazo_request_free(request);
}

static void test_request__a_missing_argument_is_an_error(void **state)
{
  (void)state;
  pixazo_request *request = make(NULL);
  assert_null(pixazo_request_get_string(request, "prompt"));
  assert_status(pixazo_request_new("p", NULL, NULL), PIXAZO_E_ARGUMENT);
  assert_status(pixazo_request_new_from_json(NULL, &request, NULL), PIXAZO_E_ARGUMENT);
  assert_status(pixazo_request_set_string(NULL, "prompt", "x", NULL), PIXAZO_E_ARGUMENT);
  assert_status(pixazo_request_set_int(request, NULL, 1, NULL), PIXAZO_E_ARGUMENT);
  assert_status(pixazo_request_to_json(request, NULL, NULL), PIXAZO_E_ARGUMENT);
  pixazo_request_free(request);
  pixazo_request_free(NULL);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_request__is_built_piece_by_piece),
      cmocka_unit_test(test_request__every_alias_means_the_same),
      cmocka_unit_test(test_request__null_removes_a_parameter),
      cmocka_unit_test(test_request__an_integer_will_do_for_a_number_but_not_the_other_way),
      cmocka_unit_test(test_request__what_cannot_be_is_refused_and_changes_nothing),
      cmocka_unit_test(test_request__a_missing_argument_is_an_error),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
