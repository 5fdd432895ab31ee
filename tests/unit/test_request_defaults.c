/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <pixazo/memory.h>
#include <pixazo/request.h>

#include "client/request.h"

static pixazo_request *make(const char *json)
{
  pixazo_request *request = NULL;
  pixazo_error *error = NULL;
  assert_ok(pixazo_request_new_from_json(json, &request, &error), error);
  return request;
}

static void test_defaults__fill_only_what_is_open(void **state)
{
  (void)state;
  pixazo_request *request = make("{\"prompt\":\"a fox\",\"steps\":4}");
  const char *defaults = "{\"prompt\":\"nothing\",\"num_steps\":20,\"width\":512,\"metadata\":{\"a\":1}}";
  assert_status(pixazo_request_set_defaults(request, defaults, NULL), PIXAZO_OK);
  assert_string_equal(px_request_text(request, PX_FIELD_PROMPT), "a fox");
  assert_string_equal(px_request_text(request, PX_FIELD_STEPS), "4");
  assert_string_equal(px_request_text(request, PX_FIELD_WIDTH), "512");
  assert_string_equal(px_request_text(request, PX_FIELD_METADATA), "{\"a\":1}");
  assert_null(px_request_text(request, PX_FIELD_HEIGHT));
  pixazo_request_free(request);
}

static void test_defaults__what_was_asked_for_stays_word_for_word(void **state)
{
  static const char asked[] = "{ \"prompt\": \"a fox\",  \"num_steps\": 4 }";
  char *text = NULL;
  (void)state;
  pixazo_request *request = make(asked);
  assert_status(pixazo_request_set_defaults(request, "{\"prompt\":\"x\",\"width\":512}", NULL), PIXAZO_OK);
  assert_string_equal(request->verbatim, asked);
  pixazo_request_free(request);

  assert_status(pixazo_request_new("a hare", &request, NULL), PIXAZO_OK);
  assert_status(pixazo_request_to_json(request, &text, NULL), PIXAZO_OK);
  assert_status(pixazo_request_set_defaults(request, "{\"prompt\":\"x\",\"width\":512}", NULL), PIXAZO_OK);
  assert_string_equal(request->verbatim, text);
  pixazo_free(text);
  pixazo_request_free(request);
}

static void test_defaults__that_are_refused_change_nothing(void **state)
{
  (void)state;
  pixazo_request *request = make("{\"prompt\":\"a fox\"}");
  assert_status(pixazo_request_set_defaults(request, "{\"width\":512,\"height\":\"tall\"}", NULL), PIXAZO_E_ARGUMENT);
  assert_null(px_request_text(request, PX_FIELD_WIDTH));
  assert_status(pixazo_request_set_defaults(request, NULL, NULL), PIXAZO_E_ARGUMENT);
  assert_status(pixazo_request_set_defaults(NULL, "{}", NULL), PIXAZO_E_ARGUMENT);
  pixazo_request_free(request);
}

static void test_copy__is_whole_and_a_life_of_its_own(void **state)
{
  static const char asked[] = "{\"prompt\":\"a fox\",\"seed\":7,\"provider_options\":{\"q\":1}}";
  pixazo_request *copy = NULL;
  (void)state;
  pixazo_request *request = make(asked);
  assert_status(pixazo_request_new_copy(request, &copy, NULL), PIXAZO_OK);
  assert_status(pixazo_request_set_int(request, "seed", 8, NULL), PIXAZO_OK);
  pixazo_request_free(request);
  assert_string_equal(px_request_text(copy, PX_FIELD_SEED), "7");
  assert_string_equal(px_request_text(copy, PX_FIELD_PROVIDER_OPTIONS), "{\"q\":1}");
  assert_string_equal(copy->verbatim, asked);
  pixazo_request_free(copy);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_defaults__fill_only_what_is_open),
      cmocka_unit_test(test_defaults__what_was_asked_for_stays_word_for_word),
      cmocka_unit_test(test_defaults__that_are_refused_change_nothing),
      cmocka_unit_test(test_copy__is_whole_and_a_life_of_its_own),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
