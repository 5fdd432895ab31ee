/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "repository/query.h"
#include "support/journal.h"

static void test_query__goes_to_json_and_back(void **state)
{
  (void)state;
  static const char text[] =
      "{\"schema\":1,\"state\":\"done,partial\",\"provider\":\"pixazo\",\"principal\":\"\",\"text\":\"red "
      "\\\"fox\\\"\",\"since_us\":-5,\"limit\":7,\"page\":3}";
  pixazo_query *query = NULL;
  char *again = NULL;
  MUST(pixazo_query_new_from_json(text, &query, error));
  MUST(pixazo_query_to_json(query, &again, error));
  assert_string_equal(text, again);
  px_free(again);
  pixazo_query_free(query);
}

static void test_query__refuses_bad_documents(void **state)
{
  (void)state;
  static const struct {
    const char *json;
    pixazo_status expected;
  } cases[] = {
      {"{", PIXAZO_E_ARGUMENT},
      {"[]", PIXAZO_E_ARGUMENT},
      {"{\"nonsense\":1}", PIXAZO_E_ARGUMENT},
      {"{\"nonsense\":\"x\"}", PIXAZO_E_ARGUMENT},
      {"{\"limit\":0}", PIXAZO_E_ARGUMENT},
      {"{\"limit\":1001}", PIXAZO_E_ARGUMENT},
      {"{\"limit\":1.5}", PIXAZO_E_ARGUMENT},
      {"{\"limit\":\"7\"}", PIXAZO_E_ARGUMENT},
      {"{\"page\":0}", PIXAZO_E_ARGUMENT},
      {"{\"offset\":-1}", PIXAZO_E_ARGUMENT},
      {"{\"state\":\"finished\"}", PIXAZO_E_ARGUMENT},
      {"{\"state\":\"done,\"}", PIXAZO_E_ARGUMENT},
      {"{\"state\":\"\"}", PIXAZO_E_ARGUMENT},
      {"{\"state\":[\"done\"]}", PIXAZO_E_ARGUMENT},
      {"{\"batch\":\"x\"}", PIXAZO_E_ARGUMENT},
      {"{\"since_us\":true}", PIXAZO_E_ARGUMENT},
  };
  for (size_t i = 0; i < PX_ARRAY_SIZE(cases); i++) {
    pixazo_query *query = NULL;
    pixazo_error *why = NULL;
    if (pixazo_query_new_from_json(cases[i].json, &query, &why) != cases[i].expected)
      fail_msg("%s", cases[i].json);
    assert_null(query);
    assert_non_null(why);
    pixazo_error_free(why);
  }
}

static void test_query__null_removes_a_filter(void **state)
{
  (void)state;
  pixazo_query *query = NULL;
  char *text = NULL;
  MUST(pixazo_query_new(&query, error));
  MUST(pixazo_query_set_string(query, "model", "sdxl", error));
  MUST(pixazo_query_set_string(query, "model", NULL, error));
  MUST(pixazo_query_to_json(query, &text, error));
  assert_string_equal("{\"schema\":1}", text);
  px_free(text);
  pixazo_query_free(query);
}

static void test_query__setters_refuse_what_json_refuses(void **state)
{
  (void)state;
  pixazo_query *query = NULL;
  char *huge = calloc(1, 5000);
  assert_non_null(huge);
  memset(huge, 'x', 4999);
  MUST(pixazo_query_new(&query, error));
  MUST_FAIL(PIXAZO_E_ARGUMENT, pixazo_query_set_string(query, "limit", "7", error));
  MUST_FAIL(PIXAZO_E_ARGUMENT, pixazo_query_set_int(query, "model", 7, error));
  MUST_FAIL(PIXAZO_E_ARGUMENT, pixazo_query_set_string(query, "text", huge, error));
  MUST_FAIL(PIXAZO_E_ARGUMENT, pixazo_query_set_string(query, "model", "\xC3", error));
  MUST_FAIL(PIXAZO_E_ARGUMENT, pixazo_query_set_string(NULL, "model", "x", error));
  MUST_FAIL(PIXAZO_E_ARGUMENT, pixazo_query_set_string(query, NULL, "x", error));
  MUST_FAIL(PIXAZO_E_ARGUMENT, pixazo_query_new(NULL, error));
  pixazo_query_free(query);
  pixazo_query_free(NULL);
  free(huge);
}

static void test_query__ways_of_paging_exclude_one_another(void **state)
{
  (void)state;
  pixazo_query query = {0};
  int64_t limit = 0, offset = -1;
  MUST(px_query_paging(&query, &limit, &offset, error));
  assert_int_equal(20, limit);
  assert_int_equal(0, offset);
  MUST(pixazo_query_set_int(&query, "page", 3, error));
  MUST(px_query_paging(&query, &limit, &offset, error));
  assert_int_equal(40, offset);
  MUST(pixazo_query_set_int(&query, "offset", 5, error));
  MUST_FAIL(PIXAZO_E_ARGUMENT, px_query_paging(&query, &limit, &offset, error));
}

static void test_query__a_mark_depends_on_the_filters_alone(void **state)
{
  (void)state;
  char first[9], second[9], third[9];
  pixazo_query *query = NULL;
  MUST(pixazo_query_new_from_json("{\"model\":\"a\"}", &query, error));
  MUST(px_query_mark(query, first, error));
  MUST(pixazo_query_set_int(query, "limit", 5, error));
  MUST(pixazo_query_set_string(query, "cursor", "x", error));
  MUST(px_query_mark(query, second, error));
  assert_string_equal(first, second);
  MUST(pixazo_query_set_string(query, "model", "b", error));
  MUST(px_query_mark(query, third, error));
  assert_string_not_equal(first, third);
  pixazo_query_free(query);
}

static void test_query__knows_states_by_name(void **state)
{
  (void)state;
  assert_int_equal(PIXAZO_GENERATION_DONE, px_query_state_number("done", 4));
  assert_int_equal(0, px_query_state_number("done", 3));
  assert_int_equal(0, px_query_state_number("unknown", 7));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_query__goes_to_json_and_back),
      cmocka_unit_test(test_query__refuses_bad_documents),
      cmocka_unit_test(test_query__null_removes_a_filter),
      cmocka_unit_test(test_query__setters_refuse_what_json_refuses),
      cmocka_unit_test(test_query__ways_of_paging_exclude_one_another),
      cmocka_unit_test(test_query__a_mark_depends_on_the_filters_alone),
      cmocka_unit_test(test_query__knows_states_by_name),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
