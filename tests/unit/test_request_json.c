/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <stdlib.h>
#include <string.h>

#include <pixazo/memory.h>

#include "client/request.h"

static pixazo_request *read_good(const char *json)
{
  pixazo_request *request = NULL;
  pixazo_error *error = NULL;
  assert_ok(pixazo_request_new_from_json(json, &request, &error), error);
  return request;
}

static pixazo_error *read_bad(const char *json, pixazo_status wanted)
{
  pixazo_request *request = NULL;
  pixazo_error *error = NULL;
  assert_status(pixazo_request_new_from_json(json, &request, &error), wanted);
  assert_null(request);
  assert_non_null(error);
  return error;
}

static void test_request_json__is_kept_verbatim_until_it_is_changed(void **state)
{
  (void)state;
  static const char json[] = "{ \"prompt\" : \"p\",\n  \"num_steps\": 20.0, \"THEME\": {\"a\": 1e2} }";
  pixazo_request *request = read_good(json);
  char *text = NULL;
  assert_status(pixazo_request_to_json(request, &text, NULL), PIXAZO_OK);
  assert_string_equal(text, json);
  pixazo_free(text);
  assert_status(pixazo_request_set_int(request, "seed", 5, NULL), PIXAZO_OK);
  assert_status(pixazo_request_to_json(request, &text, NULL), PIXAZO_OK);
  assert_string_equal(text, "{\"schema\":1,\"prompt\":\"p\",\"steps\":20,\"seed\":5,\"metadata\":{\"THEME\":{\"a\":1e2}}}");
  pixazo_free(text);
  pixazo_request_free(request);
}

static void test_request_json__unknown_members_join_the_metadata(void **state)
{
  (void)state;
  pixazo_request *request = read_good(
      "{\"schema\":1,\"prompt\":\"p\",\"THEME\":\"night\",\"metadata\":{\"a\":1,\"user\":\"x\"},\"user\":\"other\"}");
  assert_string_equal(px_request_text(request, PX_FIELD_METADATA), "{\"a\":1,\"user\":\"x\",\"THEME\":\"night\"}");
  pixazo_request_free(request);
}

static void test_request_json__no_metadata_is_none(void **state)
{
  (void)state;
  pixazo_request *request = read_good("{\"prompt\":\"p\",\"seed\":null}");
  assert_null(px_request_text(request, PX_FIELD_METADATA));
  assert_null(px_request_text(request, PX_FIELD_SEED));
  pixazo_request_free(request);
}

static void test_request_json__all_members_at_fault_are_named_at_once(void **state)
{
  (void)state;
  pixazo_error *error = read_bad("{\"prompt\":7,\"width\":\"wide\",\"steps\":2.5,\"guidance_scale\":-1,\"n\":0,"
                                 "\"metadata\":[],\"seed\":5}",
                                 PIXAZO_E_ARGUMENT);
  static const char *const names[] = {"prompt: want a string, got number",
                                      "width: want an integer, got string",
                                      "steps: want an integer",
                                      "guidance_scale: must be between",
                                      "n: must be between",
                                      "metadata: want an object"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    if (!strstr(pixazo_error_message(error), names[i]))
      fail_msg("\"%s\" is not in: %s", names[i], pixazo_error_message(error));
  }
  assert_null(strstr(pixazo_error_message(error), "seed"));
  pixazo_error_free(error);
}

static void test_request_json__one_parameter_under_two_names_is_refused(void **state)
{
  (void)state;
  pixazo_error *error = read_bad("{\"prompt\":\"p\",\"steps\":5,\"num_steps\":6}", PIXAZO_E_ARGUMENT);
  assert_non_null(strstr(pixazo_error_message(error), "num_steps"));
  pixazo_error_free(error);
}

static void test_request_json__other_texts_are_told_apart(void **state)
{
  (void)state;
  pixazo_error *error = read_bad("{\"prompt\":\"a\",}", PIXAZO_E_ARGUMENT);
  assert_non_null(strstr(pixazo_error_message(error), "request: not valid JSON at byte 14"));
  assert_non_null(strstr(pixazo_error_hint(error), "correct the JSON"));
  pixazo_error_free(error);
  pixazo_error_free(read_bad("[]", PIXAZO_E_ARGUMENT));
  pixazo_error_free(read_bad("{\"schema\":2}", PIXAZO_E_ARGUMENT));
  char *huge = malloc(PX_REQUEST_JSON_MAX + 16);
  memset(huge, ' ', PX_REQUEST_JSON_MAX + 15);
  huge[PX_REQUEST_JSON_MAX + 15] = '\0';
  memcpy(huge, "{}", 2);
  pixazo_error_free(read_bad(huge, PIXAZO_E_LIMIT));
  free(huge);
}

static void test_request_json__integers_are_exact(void **state)
{
  (void)state;
  pixazo_request *request = read_good("{\"prompt\":\"p\",\"seed\":9007199254740991}");
  int64_t seed = 0;
  assert_true(px_request_integer(request, PX_FIELD_SEED, &seed));
  assert_true(seed == INT64_C(9007199254740991));
  pixazo_request_free(request);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_request_json__is_kept_verbatim_until_it_is_changed),
      cmocka_unit_test(test_request_json__unknown_members_join_the_metadata),
      cmocka_unit_test(test_request_json__no_metadata_is_none),
      cmocka_unit_test(test_request_json__all_members_at_fault_are_named_at_once),
      cmocka_unit_test(test_request_json__one_parameter_under_two_names_is_refused),
      cmocka_unit_test(test_request_json__other_texts_are_told_apart),
      cmocka_unit_test(test_request_json__integers_are_exact),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
