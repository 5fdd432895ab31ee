/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <string.h>

#include "base/mem.h"
#include "client/plan.h"
#include "support/client_kit.h"
#include "support/fake_clock.h"

typedef struct planned {
  px_plan **plans;
  size_t count;
} planned;

static pixazo_status plan(pixazo_client *client, const char *json, planned *out, pixazo_error **error)
{
  pixazo_request *request = NULL;
  assert_ok(pixazo_request_new_from_json(json, &request, error), *error);
  pixazo_status status = px_client_plan(client, request, &out->plans, &out->count, error);
  pixazo_request_free(request);
  return status;
}

static void planned_done(planned *self)
{
  for (size_t i = 0; i < self->count; i++)
    px_plan_unref(self->plans[i]);
  px_free(self->plans);
}

static void plan_good(pixazo_client *client, const char *json, planned *out)
{
  pixazo_error *error = NULL;
  assert_ok(plan(client, json, out, &error), error);
}

static void expect_refused(pixazo_client *client, const char *json, pixazo_status wanted, const char *words)
{
  planned made = {NULL, 0};
  pixazo_error *error = NULL;
  assert_status(plan(client, json, &made, &error), wanted);
  assert_null(made.plans);
  if (!strstr(pixazo_error_message(error), words))
    fail_msg("\"%s\" is not in: %s", words, pixazo_error_message(error));
  pixazo_error_free(error);
}

static void test_plan__metadata_is_kept_and_never_sent(void **state)
{
  pixazo_client *client = *state;
  planned made;
  plan_good(client, "{\"prompt\":\"p\",\"seed\":5,\"THEME\":\"canary-theme\",\"metadata\":{\"user\":\"canary-user\"}}",
            &made);
  const px_plan_facts *facts = px_plan_get(made.plans[0]);
  assert_string_equal(facts->metadata_json, "{\"user\":\"canary-user\",\"THEME\":\"canary-theme\"}");
  assert_non_null(strstr(facts->request_json, "canary-theme"));
  assert_null(strstr(made.plans[0]->body.pieces[0].text, "canary"));
  assert_null(strstr(made.plans[0]->body.pieces[0].text, "THEME"));
  assert_null(strstr(facts->effective_json, "canary"));
  planned_done(&made);
}

static void test_plan__bodies_speak_each_models_dialect(void **state)
{
  static const char *const cases[][2] = {
      {"{\"model\":\"sdxl\",\"prompt\":\"p\",\"negative_prompt\":\"n\",\"seed\":40,\"guidance\":5}",
       "{\"prompt\":\"p\",\"negative_prompt\":\"n\",\"width\":1024,\"height\":1024,\"num_steps\":20,\"guidance_scale\":5,"
       "\"seed\":40}"},
      {"{\"model\":\"sdxl-lightning\",\"prompt\":\"p\",\"negative_prompt\":\"n\",\"seed\":40,\"cfgScale\":6.5}",
       "{\"prompt\":\"p\",\"negativePrompt\":\"n\",\"width\":1024,\"height\":1024,\"num_steps\":20,\"guidance\":6.5,"
       "\"seed\":40}"},
      {"{\"model\":\"sdxl-turbo\",\"prompt\":\"p\",\"seed\":40}",
       "{\"prompt\":\"p\",\"width\":768,\"height\":768,\"num_inference_steps\":50,\"guidance_scale\":7.5}"},
      {"{\"model\":\"flux-schnell\",\"prompt\":\"p\",\"negative_prompt\":\"n\",\"guidance\":5,\"seed\":15,\"width\":512,"
       "\"height\":512}",
       "{\"prompt\":\"p\",\"width\":512,\"height\":512,\"num_steps\":4,\"seed\":15}"},
      {"{\"model\":\"gpt-image-2\",\"prompt\":\"p\",\"n\":3}",
       "{\"prompt\":\"p\",\"num_images\":3,\"quality\":\"high\",\"output_format\":\"png\",\"background\":\"auto\","
       "\"image_size\":\"1024x1024\"}"},
      {"{\"model\":\"gpt-image-1.5\",\"prompt\":\"p\",\"quality\":\"low\",\"format\":\"gif\",\"aspect_ratio\":\"2:3\"}",
       "{\"prompt\":\"p\",\"num_images\":1,\"quality\":\"low\",\"output_format\":\"png\",\"background\":\"auto\","
       "\"image_size\":\"1024x1536\"}"},
      {"{\"model\":\"sd3\",\"prompt\":\"p\",\"aspect_ratio\":\"16:9\",\"steps\":50,\"seed\":1}",
       "{\"prompt\":\"p\",\"steps\":28,\"cfg\":3.5,\"aspect_ratio\":\"16:9\"}"},
      {"{\"model\":\"sd3.5-large\",\"prompt\":\"p\",\"format\":\"jpg\"}",
       "{\"prompt\":\"p\",\"steps\":40,\"cfg\":4.5,\"output_format\":\"jpg\",\"aspect_ratio\":\"1:1\"}"},
      {"{\"model\":\"sd-inpainting\",\"prompt\":\"p\",\"provider_options\":{\"imageUrl\":\"https://a/\"}}",
       "{\"prompt\":\"p\",\"imageUrl\":\"https://a/\"}"},
      {"{\"model\":\"flux-2-klein-4b\",\"prompt\":\"p\"}", "{\"prompt\":\"p\",\"width\":1024,\"height\":1024}"},
  };
  for (size_t i = 0; i < PX_ARRAY_SIZE(cases); i++) {
    px_plan *made = kit_plan(*state, cases[i][0]);
    assert_string_equal(made->body.pieces[0].text, cases[i][1]);
    px_plan_unref(made);
  }
}

static void test_plan__provider_options_go_into_the_body_and_win(void **state)
{
  px_plan *made = kit_plan(*state, "{\"model\":\"gpt-image-2\",\"prompt\":\"p\",\"provider_options\":{\"quality\":\"low\","
                                   "\"image_size\":\"9x9\",\"new\":[1]}}");
  assert_string_equal(made->body.pieces[0].text, "{\"prompt\":\"p\",\"num_images\":1,\"output_format\":\"png\",\"background\":\"auto\","
                                  "\"quality\":\"low\",\"image_size\":\"9x9\",\"new\":[1]}");
  px_plan_unref(made);
}

static void test_plan__a_count_is_split_into_calls_that_differ(void **state)
{
  planned made;
  plan_good(*state, "{\"prompt\":\"p\",\"count\":3,\"seed\":4294967295,\"idempotency_key\":\"k\"}", &made);
  assert_int_equal(made.count, 3);
  static const char *const seeds[] = {"\"seed\":4294967295,", "\"seed\":0,", "\"seed\":1,"};
  static const char *const keys[] = {"k", "k#2", "k#3"};
  for (size_t i = 0; i < 3; i++) {
    const px_plan_facts *facts = px_plan_get(made.plans[i]);
    assert_int_equal(facts->images, 1);
    assert_non_null(strstr(facts->effective_json, seeds[i]));
    assert_string_equal(facts->idempotency_key, keys[i]);
  }
  planned_done(&made);
  plan_good(*state, "{\"prompt\":\"p\",\"model\":\"gpt-image-2\",\"count\":23}", &made);
  assert_int_equal(made.count, 3);
  assert_int_equal(px_plan_get(made.plans[0])->images, 10);
  assert_int_equal(px_plan_get(made.plans[2])->images, 3);
  assert_non_null(strstr(made.plans[2]->body.pieces[0].text, "\"num_images\":3"));
  planned_done(&made);
}

static void test_plan__facts_tell_price_and_place(void **state)
{
  px_plan *free_one = kit_plan(*state, "{\"prompt\":\"p\"}");
  assert_true(px_plan_get(free_one)->price_known);
  assert_true(px_plan_get(free_one)->unbilled);
  assert_int_equal(px_plan_get(free_one)->upper_bound_micros, 0);
  assert_false(px_plan_get(free_one)->in_process);
  assert_int_equal(px_plan_get(free_one)->total_ms, 300000);
  assert_int_equal(px_plan_get(free_one)->poll_interval_ms, 5000);
  assert_string_equal(px_plan_get(free_one)->principal, "");
  assert_null(px_plan_get(free_one)->idempotency_key);
  px_plan *unknown = kit_plan(*state, "{\"prompt\":\"p\",\"model\":\"pixazo/sdxl-turbo\",\"principal\":\"ann\"}");
  assert_false(px_plan_get(unknown)->price_known);
  assert_false(px_plan_get(unknown)->unbilled);
  assert_string_equal(px_plan_get(unknown)->principal, "ann");
  px_plan *offline = kit_plan(*state, "{\"prompt\":\"p\",\"model\":\"offline\"}");
  assert_true(px_plan_get(offline)->in_process);
  assert_true(px_plan_get(offline)->unbilled);
  assert_int_equal(offline->body.count, 0);
  assert_true(px_plan_get(offline)->answer_max > 1024 * 1024 * 3);
  px_plan_unref(free_one);
  px_plan_unref(unknown);
  px_plan_unref(offline);
}

static void test_plan__wishes_that_cannot_be_are_refused_with_what_is_known(void **state)
{
  expect_refused(*state, "{}", PIXAZO_E_ARGUMENT, "a prompt is required");
  expect_refused(*state, "{\"prompt\":\"\"}", PIXAZO_E_ARGUMENT, "a prompt is required");
  expect_refused(*state, "{\"prompt\":\"p\",\"model\":\"sd9\"}", PIXAZO_E_ARGUMENT, "pixazo/flux-schnell");
  expect_refused(*state, "{\"prompt\":\"p\",\"model\":\"acme/sdxl\"}", PIXAZO_E_ARGUMENT, "known: pixazo, offline");
  expect_refused(*state, "{\"prompt\":\"p\",\"provider\":\"acme\"}", PIXAZO_E_ARGUMENT, "acme");
  expect_refused(*state, "{\"prompt\":\"p\",\"provider\":\"offline\",\"model\":\"pixazo/sdxl\"}", PIXAZO_E_ARGUMENT,
                 "offline");
}

static void test_plan__a_key_of_one_provider_is_not_good_for_another(void **state)
{
  (void)state;
  pixazo_client *client = kit_client("offline", NULL);
  expect_refused(client, "{\"prompt\":\"p\",\"model\":\"pixazo/sdxl\"}", PIXAZO_E_AUTH, "API key");
  (void)pixazo_client_unref(client);
}

static void test_plan__a_random_seed_is_drawn_recorded_and_sent(void **state)
{
  pixazo_client *client = *state;
  fake_clock clock;
  fake_clock_init(&clock, 1000000, 42);
  client->clock = &clock.clock;
  px_plan *first = kit_plan(client, "{\"prompt\":\"p\",\"seed\":-1}");
  px_plan *second = kit_plan(client, "{\"prompt\":\"p\"}");
  fake_clock_init(&clock, 1000000, 42);
  px_plan *same = kit_plan(client, "{\"prompt\":\"p\",\"seed\":-1}");
  assert_null(strstr(first->body.pieces[0].text, "-1"));
  assert_non_null(strstr(first->body.pieces[0].text, "\"seed\":"));
  assert_string_not_equal(first->body.pieces[0].text, second->body.pieces[0].text);
  assert_string_equal(first->body.pieces[0].text, same->body.pieces[0].text);
  assert_string_equal(strstr(first->effective_json, "\"seed\":"), strstr(same->effective_json, "\"seed\":"));
  px_plan_unref(first);
  px_plan_unref(second);
  px_plan_unref(same);
  client->clock = px_clock_system();
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
      cmocka_unit_test(test_plan__metadata_is_kept_and_never_sent),
      cmocka_unit_test(test_plan__bodies_speak_each_models_dialect),
      cmocka_unit_test(test_plan__provider_options_go_into_the_body_and_win),
      cmocka_unit_test(test_plan__a_count_is_split_into_calls_that_differ),
      cmocka_unit_test(test_plan__facts_tell_price_and_place),
      cmocka_unit_test(test_plan__wishes_that_cannot_be_are_refused_with_what_is_known),
      cmocka_unit_test(test_plan__a_key_of_one_provider_is_not_good_for_another),
      cmocka_unit_test(test_plan__a_random_seed_is_drawn_recorded_and_sent),
  };
  return cmocka_run_group_tests(tests, setup, teardown);
}
