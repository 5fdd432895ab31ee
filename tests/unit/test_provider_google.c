/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "client/plan.h"
#include "support/client_kit.h"

static void expect_body(pixazo_client *client, const char *request, const char *path, const char *wanted)
{
  px_plan *plan = kit_plan(client, request);
  assert_string_equal(plan->path, path);
  assert_int_equal(plan->body.count, 1);
  assert_string_equal(plan->body.pieces[0].text, wanted);
  px_plan_unref(plan);
}

static void test_google__a_size_is_asked_for_as_shape_and_grade(void **state)
{
  static const char flash[] = "/v1beta/models/gemini-3.1-flash-image:generateContent";
  expect_body(*state, "{\"prompt\":\"p\",\"seed\":5}", flash,
              "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"p\"}]}],\"generationConfig\":{\"responseModalities\":"
              "[\"IMAGE\"],\"imageConfig\":{\"aspectRatio\":\"1:1\",\"imageSize\":\"1K\"},\"seed\":5}}");
  expect_body(*state, "{\"prompt\":\"p\",\"seed\":5,\"width\":5504,\"height\":3072,\"negative_prompt\":\"fog\"}", flash,
              "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"p\\n\\nAvoid: fog\"}]}],\"generationConfig\":{"
              "\"responseModalities\":[\"IMAGE\"],\"imageConfig\":{\"aspectRatio\":\"16:9\",\"imageSize\":\"4K\"},\"seed\":5}}");
  expect_body(*state, "{\"prompt\":\"p\",\"seed\":5,\"width\":512,\"height\":512}", flash,
              "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"p\"}]}],\"generationConfig\":{\"responseModalities\":"
              "[\"IMAGE\"],\"imageConfig\":{\"aspectRatio\":\"1:1\",\"imageSize\":\"512\"},\"seed\":5}}");
  expect_body(*state, "{\"prompt\":\"p\",\"seed\":5,\"aspect_ratio\":\"3:2\",\"model\":\"gemini-2.5-flash-image\"}",
              "/v1beta/models/gemini-2.5-flash-image:generateContent",
              "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"p\"}]}],\"generationConfig\":{\"responseModalities\":"
              "[\"IMAGE\"],\"imageConfig\":{\"aspectRatio\":\"3:2\"},\"seed\":5}}");
}

static void test_google__an_unknown_model_goes_into_the_address_escaped(void **state)
{
  px_plan *plan = kit_plan(*state, "{\"prompt\":\"p\",\"model\":\"google/gemini-9/../x?y\"}");
  assert_string_equal(plan->path, "/v1beta/models/gemini-9%2F..%2Fx%3Fy:generateContent");
  assert_false(px_plan_get(plan)->price_known);
  px_plan_unref(plan);
}

static void test_google__the_callers_configuration_is_merged_and_wins(void **state)
{
  expect_body(*state,
              "{\"prompt\":\"p\",\"seed\":5,\"provider_options\":{\"safetySettings\":[],\"generationConfig\":{\"seed\":9,"
              "\"responseModalities\":[\"TEXT\",\"IMAGE\"],\"temperature\":0.5}}}",
              "/v1beta/models/gemini-3.1-flash-image:generateContent",
              "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"p\"}]}],\"generationConfig\":{\"imageConfig\":{"
              "\"aspectRatio\":\"1:1\",\"imageSize\":\"1K\"},\"seed\":9,\"responseModalities\":[\"TEXT\",\"IMAGE\"],"
              "\"temperature\":0.5},\"safetySettings\":[]}");
}

static int64_t bound(pixazo_client *client, const char *request)
{
  px_plan *plan = kit_plan(client, request);
  int64_t micros = px_plan_get(plan)->upper_bound_micros;
  px_plan_unref(plan);
  return micros;
}

static void test_google__the_grade_decides_the_price(void **state)
{
  assert_int_equal(bound(*state, "{\"prompt\":\"p\",\"width\":512,\"height\":512}"), 45000);
  assert_int_equal(bound(*state, "{\"prompt\":\"p\"}"), 67000);
  assert_int_equal(bound(*state, "{\"prompt\":\"p\",\"width\":2048,\"height\":2048}"), 101000);
  assert_int_equal(bound(*state, "{\"prompt\":\"p\",\"width\":8192,\"height\":1024}"), 101000);
  assert_int_equal(bound(*state, "{\"prompt\":\"p\",\"width\":4096,\"height\":4096}"), 151000);
  assert_int_equal(bound(*state, "{\"prompt\":\"p\",\"model\":\"gemini-3-pro-image\",\"width\":2048,\"height\":2048}"), 134000);
  assert_int_equal(bound(*state, "{\"prompt\":\"p\",\"model\":\"gemini-3-pro-image\",\"width\":4096,\"height\":4096}"), 240000);
}

static int setup(void **state)
{
  *state = kit_client("google", NULL);
  return 0;
}

static int teardown(void **state)
{
  (void)pixazo_client_unref(*state);
  return 0;
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_google__a_size_is_asked_for_as_shape_and_grade),
      cmocka_unit_test(test_google__an_unknown_model_goes_into_the_address_escaped),
      cmocka_unit_test(test_google__the_callers_configuration_is_merged_and_wins),
      cmocka_unit_test(test_google__the_grade_decides_the_price),
  };
  return cmocka_run_group_tests(tests, setup, teardown);
}
