/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <string.h>

#include "client/limits.h"

static void expect_refused(const char *json, const char *words)
{
  px_limits limits = {NULL, 0};
  pixazo_error *error = NULL;
  assert_status(px_limits_read(&limits, NULL, json, &error), PIXAZO_E_ARGUMENT);
  assert_status(pixazo_error_status(error), PIXAZO_E_ARGUMENT);
  assert_null(limits.items);
  if (!strstr(pixazo_error_message(error), words))
    fail_msg("\"%s\" is not in: %s", words, pixazo_error_message(error));
  pixazo_error_free(error);
}

static void test_limits__an_override_replaces_only_what_it_names(void **state)
{
  (void)state;
  px_limits limits = {NULL, 0};
  pixazo_error *error = NULL;
  const px_model *sdxl = px_model_find(&px_provider_pixazo, "sdxl");
  const px_model *turbo = px_model_find(&px_provider_pixazo, "sdxl-turbo");
  assert_ok(
      px_limits_read(&limits, NULL, "{\"pixazo/sdxl\":{\"steps\":{\"max\":50},\"guidance\":{\"min\":2,\"default\":9.5}}}", &error),
      error);
  const px_param *steps = px_limits_find(&limits, sdxl, PX_FIELD_STEPS);
  assert_true(steps->maximum == 50 && steps->minimum == 1 && steps->fallback == 20);
  assert_string_equal(steps->wire, "num_steps");
  const px_param *guidance = px_limits_find(&limits, sdxl, PX_FIELD_GUIDANCE);
  assert_true(guidance->minimum == 2 && guidance->maximum == 20 && guidance->fallback == 9.5);
  assert_true(px_limits_find(&limits, turbo, PX_FIELD_STEPS) == &turbo->params[PX_FIELD_STEPS]);
  px_limits_done(&limits);
}

static void test_limits__a_narrower_range_takes_the_default_along(void **state)
{
  (void)state;
  px_limits limits = {NULL, 0};
  const px_model *sdxl = px_model_find(&px_provider_pixazo, "sdxl");
  assert_status(px_limits_read(&limits, NULL, "{\"sdxl\":{\"steps\":{\"max\":10}}}", NULL), PIXAZO_OK);
  assert_true(px_limits_find(&limits, sdxl, PX_FIELD_STEPS)->fallback == 10);
  px_limits_done(&limits);
}

static void test_limits__mistakes_are_named(void **state)
{
  (void)state;
  expect_refused("{", "limits_json");
  expect_refused("[]", "want a JSON object");
  expect_refused("{\"pixazo/none\":{}}", "pixazo/sdxl");
  expect_refused("{\"pixazo/sdxl\":5}", "object of parameters");
  expect_refused("{\"pixazo/flux-schnell\":{\"guidance\":{\"max\":5}}}", "does not take it");
  expect_refused("{\"pixazo/sdxl\":{\"prompt\":{\"max\":5}}}", "not a number");
  expect_refused("{\"pixazo/sdxl\":{\"steps\":{\"maximum\":5}}}", "maximum");
  expect_refused("{\"pixazo/sdxl\":{\"steps\":{\"max\":\"5\"}}}", "max");
  expect_refused("{\"pixazo/sdxl\":{\"steps\":{\"min\":30}}}", "order");
  expect_refused("{\"pixazo/sdxl\":{\"steps\":{\"default\":99}}}", "order");
  expect_refused("{\"pixazo/sdxl\":{\"steps\":{\"max\":1e300,\"default\":1e300}}}", "whole");
  expect_refused("{\"pixazo/sdxl\":{\"steps\":{\"min\":1.5,\"max\":1.75}}}", "whole");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_limits__an_override_replaces_only_what_it_names),
      cmocka_unit_test(test_limits__a_narrower_range_takes_the_default_along),
      cmocka_unit_test(test_limits__mistakes_are_named),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
