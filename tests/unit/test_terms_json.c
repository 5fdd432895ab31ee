/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include "base/mem.h"
#include "json/terms_json.h"

static void test_terms_json__a_budget_has_defaults_for_all_but_its_cap(void **state)
{
  (void)state;
  px_budget_terms terms;
  assert_status(px_budget_terms_read("{\"cap_micros\": 5000000}", &terms, NULL), PIXAZO_OK);
  assert_string_equal("all", terms.scope);
  assert_string_equal("", terms.name);
  assert_string_equal("total", terms.period);
  assert_string_equal("USD", terms.currency);
  assert_int_equal(5000000, terms.cap_micros);
  assert_false(terms.allow_unknown_price);
}

static void test_terms_json__a_budget_is_read_whole(void **state)
{
  (void)state;
  px_budget_terms terms;
  assert_status(px_budget_terms_read("{\"schema\":1,\"scope\":\"provider\",\"name\":\"pixazo\",\"period\":\"day\","
                                     "\"currency\":\"EUR\",\"cap_micros\":0,\"allow_unknown_price\":true}",
                                     &terms, NULL),
                PIXAZO_OK);
  assert_string_equal("provider", terms.scope);
  assert_string_equal("pixazo", terms.name);
  assert_string_equal("day", terms.period);
  assert_string_equal("EUR", terms.currency);
  assert_int_equal(0, terms.cap_micros);
  assert_true(terms.allow_unknown_price);
}

static void assert_refused(pixazo_status (*read)(const char *, px_budget_terms *, pixazo_error **), const char *json,
                           const char *word)
{
  pixazo_error *error = NULL;
  px_budget_terms terms = {.cap_micros = 77};
  assert_status(read(json, &terms, &error), PIXAZO_E_ARGUMENT);
  if (!strstr(pixazo_error_message(error), word))
    fail_msg("\"%s\" does not say %s", pixazo_error_message(error), word);
  assert_int_equal(77, terms.cap_micros);
  pixazo_error_free(error);
}

static void test_terms_json__what_is_wrong_with_a_budget_is_named(void **state)
{
  (void)state;
  static const struct {
    const char *json;
    const char *word;
  } bad[] = {{"{}", "cap_micros"},
             {"[]", "object"},
             {"nonsense", "budget"},
             {"{\"cap_micros\":-1}", "cap_micros"},
             {"{\"cap_micros\":1.5}", "cap_micros"},
             {"{\"cap_micros\":\"5\"}", "cap_micros"},
             {"{\"cap_micros\":1,\"cap\":1}", "\"cap\""},
             {"{\"cap_micros\":1,\"scope period\":1}", "scope period"},
             {"{\"cap_micros\":1,\"scope\":\"world\"}", "scope"},
             {"{\"cap_micros\":1,\"scope\":3}", "scope"},
             {"{\"cap_micros\":1,\"scope\":\"all\",\"name\":\"x\"}", "name"},
             {"{\"cap_micros\":1,\"scope\":\"provider\"}", "name"},
             {"{\"cap_micros\":1,\"period\":\"week\"}", "day month total"},
             {"{\"cap_micros\":1,\"currency\":\"usd\"}", "currency"},
             {"{\"cap_micros\":1,\"allow_unknown_price\":1}", "allow_unknown_price"}};
  for (size_t i = 0; i < PX_ARRAY_SIZE(bad); i++)
    assert_refused(px_budget_terms_read, bad[i].json, bad[i].word);
  assert_refused(px_budget_terms_run, "{\"cap_micros\":1,\"scope\":\"all\"}", "scope");
  assert_refused(px_budget_terms_run, "{\"cap_micros\":1,\"period\":\"day\"}", "period");
  assert_refused(px_budget_terms_run, "{\"cap_micros\":1,\"name\":\"x\"}", "name");
  assert_refused(px_budget_terms_find, "{\"period\":\"week\"}", "period");
}

static void test_terms_json__an_item_of_a_list_finds_its_budget(void **state)
{
  (void)state;
  px_budget_terms terms;
  assert_status(px_budget_terms_find("{\"scope\":\"principal\",\"name\":\"\",\"period\":\"month\",\"left_micros\":3}", &terms,
                                     NULL),
                PIXAZO_OK);
  assert_string_equal("principal", terms.scope);
  assert_string_equal("month", terms.period);
}

static void test_terms_json__a_quota_tells_all_each_and_one_apart(void **state)
{
  (void)state;
  px_quota_terms terms;
  assert_status(px_quota_terms_read("{\"provider\":\"*\",\"principal\":\"bob\",\"requests\":50,\"slots\":2}", &terms, NULL),
                PIXAZO_OK);
  assert_string_equal("*", terms.provider);
  assert_string_equal("=bob", terms.principal);
  assert_int_equal(50, terms.requests);
  assert_int_equal(INT64_C(3600000000), terms.window_us);
  assert_int_equal(50, terms.burst);
  assert_int_equal(2, terms.slots);
  assert_int_equal(-1, terms.max_wait_us);
  assert_status(px_quota_terms_read("{\"principal\":\"\",\"slots\":1,\"max_wait_ms\":0}", &terms, NULL), PIXAZO_OK);
  assert_string_equal("", terms.provider);
  assert_string_equal("=", terms.principal); /* the default principal */
  assert_int_equal(0, terms.requests);
  assert_int_equal(0, terms.window_us);
  assert_int_equal(0, terms.max_wait_us);
  assert_status(px_quota_terms_find("{\"provider\":\"pixazo\",\"slots\":9}", &terms, NULL), PIXAZO_OK);
  assert_string_equal("=pixazo", terms.provider);
}

static void test_terms_json__a_burst_is_never_more_than_the_requests(void **state)
{
  (void)state;
  px_quota_terms terms;
  assert_status(px_quota_terms_read("{\"requests\":5,\"window_ms\":1000,\"burst\":9}", &terms, NULL), PIXAZO_OK);
  assert_int_equal(5, terms.burst);
  assert_status(px_quota_terms_read("{\"requests\":5,\"window_ms\":1000,\"burst\":1}", &terms, NULL), PIXAZO_OK);
  assert_int_equal(1, terms.burst);
}

static void test_terms_json__a_quota_of_nothing_is_refused(void **state)
{
  (void)state;
  static const char *const bad[] = {"{}",
                                    "{\"requests\":0}",
                                    "{\"slots\":0}",
                                    "{\"window_ms\":1000}",
                                    "{\"requests\":1,\"window_ms\":0}",
                                    "{\"requests\":1,\"max_wait_ms\":-1}",
                                    "{\"requests\":1,\"rate\":2}",
                                    "{\"requests\":1,\"provider\":5}"};
  px_quota_terms terms;
  for (size_t i = 0; i < PX_ARRAY_SIZE(bad); i++)
    assert_status(px_quota_terms_read(bad[i], &terms, NULL), PIXAZO_E_ARGUMENT);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_terms_json__a_budget_has_defaults_for_all_but_its_cap),
      cmocka_unit_test(test_terms_json__a_budget_is_read_whole),
      cmocka_unit_test(test_terms_json__what_is_wrong_with_a_budget_is_named),
      cmocka_unit_test(test_terms_json__an_item_of_a_list_finds_its_budget),
      cmocka_unit_test(test_terms_json__a_quota_tells_all_each_and_one_apart),
      cmocka_unit_test(test_terms_json__a_burst_is_never_more_than_the_requests),
      cmocka_unit_test(test_terms_json__a_quota_of_nothing_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
