/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <string.h>

#include "client/script.h"

static px_script *read_good(const char *json)
{
  px_script *script = NULL;
  pixazo_error *error = NULL;
  assert_ok(px_script_new(json, &script, &error), error);
  return script;
}

static void expect_refused(const char *json, const char *words)
{
  px_script *script = NULL;
  pixazo_error *error = NULL;
  assert_status(px_script_new(json, &script, &error), PIXAZO_E_ARGUMENT);
  assert_null(script);
  if (!strstr(pixazo_error_message(error), words))
    fail_msg("\"%s\" is not in: %s", words, pixazo_error_message(error));
  pixazo_error_free(error);
}

static void test_script__calls_follow_one_another_and_then_go_well(void **state)
{
  (void)state;
  px_script_step step;
  px_script *script =
      read_good("[{\"class\":\"refused\",\"http_status\":503,\"retry_after_ms\":20},{\"cut\":100,\"delay_ms\":5}]");
  px_script_at(script, 0, &step);
  assert_int_equal(step.attempt_class, PIXAZO_CLASS_REFUSED);
  assert_int_equal(step.http_status, 503);
  assert_int_equal(step.retry_after_ms, 20);
  px_script_at(script, 1, &step);
  assert_int_equal(step.cut, 100);
  assert_int_equal(step.delay_ms, 5);
  px_script_at(script, 2, &step);
  assert_int_equal(step.attempt_class, PIXAZO_CLASS_NONE);
  assert_int_equal(step.cut, -1);
  assert_int_equal(step.keep, -1);
  px_script_free(script);
}

static void test_script__may_begin_again_and_name_a_price(void **state)
{
  (void)state;
  px_script_step step;
  px_script *script =
      read_good("{\"repeat\":true,\"price_micros\":40000,\"calls\":[{},{\"class\":\"lost\",\"message\":\"m\"}]}");
  px_script_at(script, 1001, &step);
  assert_int_equal(step.attempt_class, PIXAZO_CLASS_LOST);
  assert_string_equal(step.message, "m");
  assert_int_equal(px_script_price(script), 40000);
  px_script_free(script);
  script = read_good("{\"repeat\":true,\"calls\":[]}");
  px_script_at(script, 5, &step);
  assert_int_equal(step.attempt_class, PIXAZO_CLASS_NONE);
  px_script_free(script);
}

static void test_script__mistakes_are_named(void **state)
{
  (void)state;
  expect_refused("", "offline_script");
  expect_refused("7", "array of calls");
  expect_refused("{}", "calls");
  expect_refused("[7]", "calls[0]");
  expect_refused("[{},{\"class\":\"broken\"}]", "calls[1]: class");
  expect_refused("[{\"status\":500}]", "status");
  expect_refused("[{\"http_status\":1000}]", "http_status");
  expect_refused("[{\"cut\":-5}]", "cut");
  expect_refused("{\"calls\":[],\"loop\":true}", "loop");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_script__calls_follow_one_another_and_then_go_well),
      cmocka_unit_test(test_script__may_begin_again_and_name_a_price),
      cmocka_unit_test(test_script__mistakes_are_named),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
