/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <string.h>

#include "base/mem.h"
#include "client/plan.h"
#include "support/client_kit.h"

typedef struct expected {
  const char *request;
  const char *model;
  px_field field;
  px_parameter_state state;
  double sent; /* -1: nothing */
} expected;

static void expect(pixazo_client *client, const expected *wanted)
{
  pixazo_request *request = NULL;
  px_settings settings;
  const px_model *model = px_model_find(&px_provider_pixazo, wanted->model);
  assert_status(pixazo_request_new_from_json(wanted->request, &request, NULL), PIXAZO_OK);
  px_settings_make(&settings, client, request, model);
  const px_setting *found = &settings.items[wanted->field];
  if (found->state != wanted->state || found->sent != (wanted->sent >= 0) ||
      (found->sent && (found->value < wanted->sent || found->value > wanted->sent)))
    fail_msg("%s: %s %s, %g sent", wanted->request, px_field_row_of(wanted->field)->name,
             px_parameter_state_name(found->state), found->sent ? found->value : -1.0);
  pixazo_request_free(request);
}

static void test_settings__limits_clamp_and_tell(void **state)
{
  static const expected cases[] = {
      {"{\"steps\":50}", "sdxl", PX_FIELD_STEPS, PX_CLAMPED, 20},
      {"{\"steps\":20}", "sdxl", PX_FIELD_STEPS, PX_HONOURED, 20},
      {"{}", "sdxl", PX_FIELD_STEPS, PX_HONOURED, 20},
      {"{\"steps\":50}", "flux-schnell", PX_FIELD_STEPS, PX_CLAMPED, 8},
      {"{}", "flux-schnell", PX_FIELD_STEPS, PX_HONOURED, 4},
      {"{\"width\":100}", "sdxl", PX_FIELD_WIDTH, PX_CLAMPED, 256},
      {"{\"width\":4096}", "sdxl", PX_FIELD_WIDTH, PX_CLAMPED, 2048},
      {"{\"guidance\":0.5}", "sdxl", PX_FIELD_GUIDANCE, PX_CLAMPED, 1},
      {"{\"guidance\":7.5}", "sdxl", PX_FIELD_GUIDANCE, PX_HONOURED, 7.5},
      {"{\"guidance\":7.5}", "flux-schnell", PX_FIELD_GUIDANCE, PX_DROPPED, -1},
      {"{}", "flux-schnell", PX_FIELD_GUIDANCE, PX_HONOURED, -1},
      {"{\"seed\":7}", "sdxl-turbo", PX_FIELD_SEED, PX_DROPPED, -1},
      {"{\"seed\":-1}", "sdxl-turbo", PX_FIELD_SEED, PX_HONOURED, -1},
      {"{\"seed\":5000000000}", "sdxl", PX_FIELD_SEED, PX_CLAMPED, 4294967295.0},
      {"{\"sampler\":\"euler\"}", "sdxl", PX_FIELD_SAMPLER, PX_DROPPED, -1},
      {"{\"negative_prompt\":\"x\"}", "flux-schnell", PX_FIELD_NEGATIVE_PROMPT, PX_DROPPED, -1},
  };
  for (size_t i = 0; i < PX_ARRAY_SIZE(cases); i++)
    expect(*state, &cases[i]);
}

static void test_settings__a_list_of_sizes_takes_the_nearest_shape(void **state)
{
  static const expected cases[] = {
      {"{\"width\":1920,\"height\":1080}", "gpt-image-2", PX_FIELD_WIDTH, PX_SUBSTITUTED, 1536},
      {"{\"width\":1920,\"height\":1080}", "gpt-image-2", PX_FIELD_HEIGHT, PX_SUBSTITUTED, 1024},
      {"{\"width\":300,\"height\":500}", "gpt-image-2", PX_FIELD_HEIGHT, PX_SUBSTITUTED, 1536},
      {"{\"width\":512,\"height\":512}", "gpt-image-2", PX_FIELD_WIDTH, PX_SUBSTITUTED, 1024},
      {"{\"width\":1536,\"height\":1024}", "gpt-image-2", PX_FIELD_WIDTH, PX_HONOURED, 1536},
      {"{}", "gpt-image-2", PX_FIELD_HEIGHT, PX_HONOURED, 1024},
  };
  for (size_t i = 0; i < PX_ARRAY_SIZE(cases); i++)
    expect(*state, &cases[i]);
}

static void test_settings__a_ratio_becomes_a_size_that_the_model_can_make(void **state)
{
  static const expected cases[] = {
      {"{\"aspect_ratio\":\"16:9\"}", "sdxl", PX_FIELD_WIDTH, PX_HONOURED, 1368},
      {"{\"aspect_ratio\":\"16:9\"}", "sdxl", PX_FIELD_HEIGHT, PX_HONOURED, 768},
      {"{\"aspect_ratio\":\"9:16\"}", "sdxl", PX_FIELD_WIDTH, PX_HONOURED, 768},
      {"{\"aspect_ratio\":\"1:4\"}", "sdxl", PX_FIELD_HEIGHT, PX_HONOURED, 2048},
      {"{\"aspect_ratio\":\"3:1\"}", "flux-schnell", PX_FIELD_WIDTH, PX_HONOURED, 1776},
      {"{\"aspect_ratio\":\"3:1\"}", "flux-schnell", PX_FIELD_HEIGHT, PX_HONOURED, 592},
      {"{\"aspect_ratio\":\"3:2\",\"width\":600}", "sdxl", PX_FIELD_HEIGHT, PX_HONOURED, 400},
      {"{\"width\":1001}", "sdxl", PX_FIELD_WIDTH, PX_CLAMPED, 1000},
      {"{\"aspect_ratio\":\"16:9\"}", "gpt-image-2", PX_FIELD_WIDTH, PX_HONOURED, 1536},
      {"{\"aspect_ratio\":\"21:9\"}", "sd3", PX_FIELD_HEIGHT, PX_HONOURED, 640},
  };
  for (size_t i = 0; i < PX_ARRAY_SIZE(cases); i++)
    expect(*state, &cases[i]);
}

static void test_settings__a_guidance_floor_raises_what_is_below(void **state)
{
  static const expected cases[] = {
      {"{\"guidance\":5}", "sdxl", PX_FIELD_GUIDANCE, PX_CLAMPED, 8},
      {"{\"guidance\":9}", "sdxl", PX_FIELD_GUIDANCE, PX_HONOURED, 9},
      {"{}", "sdxl", PX_FIELD_GUIDANCE, PX_CLAMPED, 8},
  };
  pixazo_client *client = *state;
  client->options.guidance_floor = 8;
  for (size_t i = 0; i < PX_ARRAY_SIZE(cases); i++)
    expect(client, &cases[i]);
  client->options.guidance_floor = 100;
  const expected above_the_ceiling = {"{\"guidance\":5}", "sdxl", PX_FIELD_GUIDANCE, PX_CLAMPED, 20};
  expect(client, &above_the_ceiling);
  client->options.guidance_floor = 0;
}

static void test_settings__the_report_shows_asked_and_sent(void **state)
{
  px_plan *plan = kit_plan(*state, "{\"prompt\":\"p\",\"steps\":50,\"sampler\":\"euler\",\"seed\":3,\"guidance\":6.50}");
  static const char *const parts[] = {
      "{\"name\":\"steps\",\"requested\":50,\"sent\":20,\"delivered\":null,\"state\":\"clamped\"}",
      "{\"name\":\"sampler\",\"requested\":\"euler\",\"sent\":null,\"delivered\":null,\"state\":\"dropped\"}",
      "{\"name\":\"seed\",\"requested\":3,\"sent\":3,\"delivered\":null,\"state\":\"honoured\"}",
      "{\"name\":\"guidance\",\"requested\":6.5,\"sent\":6.5,\"delivered\":null,\"state\":\"honoured\"}",
      "{\"name\":\"width\",\"requested\":null,\"sent\":1024,\"delivered\":null,\"state\":\"honoured\"}",
  };
  for (size_t i = 0; i < PX_ARRAY_SIZE(parts); i++) {
    if (!strstr(px_plan_get(plan)->outcome_json, parts[i]))
      fail_msg("%s is not in %s", parts[i], px_plan_get(plan)->outcome_json);
  }
  px_plan_unref(plan);
}

static void test_settings__any_seed_is_no_wish_where_there_is_none(void **state)
{
  px_plan *plan = kit_plan(*state, "{\"prompt\":\"p\",\"model\":\"sdxl-turbo\",\"seed\":-1}");
  if (strstr(px_plan_get(plan)->outcome_json, "\"seed\""))
    fail_msg("a seed is in %s", px_plan_get(plan)->outcome_json);
  px_plan_unref(plan);
}

static int setup(void **state)
{
  *state = kit_client(NULL, NULL);
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
      cmocka_unit_test(test_settings__limits_clamp_and_tell),
      cmocka_unit_test(test_settings__a_list_of_sizes_takes_the_nearest_shape),
      cmocka_unit_test(test_settings__a_ratio_becomes_a_size_that_the_model_can_make),
      cmocka_unit_test(test_settings__a_guidance_floor_raises_what_is_below),
      cmocka_unit_test(test_settings__the_report_shows_asked_and_sent),
      cmocka_unit_test(test_settings__any_seed_is_no_wish_where_there_is_none),
  };
  return cmocka_run_group_tests(tests, setup, teardown);
}
