/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "client/plan.h"
#include "support/client_kit.h"

static char *body_of(const char *provider, const char *request)
{
  pixazo_client_options options = PIXAZO_CLIENT_OPTIONS_INIT;
  pixazo_client *client = NULL;
  px_autoerror error = NULL;
  options.provider = provider;
  options.api_key = "a-key";
  options.allow_hosts = "127.0.0.1";
  assert_ok(pixazo_client_new(&options, &client, &error), error);
  px_plan *plan = kit_plan(client, request);
  assert_string_equal(plan->path, "/images/generations");
  char *text = px_steal(&plan->body.pieces[0].text);
  px_plan_unref(plan);
  (void)pixazo_client_unref(client);
  return text;
}

static void test_openai_like__each_server_gets_its_own_names(void **state)
{
#define ALL "\"prompt\":\"p\",\"negative_prompt\":\"n\",\"seed\":7,\"width\":640,\"height\":512,\"count\":2"
  static const char *const rows[][3] = {
      {"together", "{" ALL ",\"steps\":4}",
       "{\"prompt\":\"p\",\"negative_prompt\":\"n\",\"model\":\"black-forest-labs/FLUX.1-schnell\",\"width\":640,\"height\":512,"
       "\"steps\":4,\"seed\":7,\"n\":2,\"response_format\":\"base64\"}"},
      {"localai", "{" ALL ",\"steps\":9,\"model\":\"localai/flux\"}",
       "{\"prompt\":\"p|n\",\"model\":\"flux\",\"step\":9,\"n\":2,\"size\":\"640x512\",\"response_format\":\"b64_json\"}"},
      {"localai", "{\"prompt\":\"p\"}", "{\"prompt\":\"p\",\"model\":\"stablediffusion\",\"n\":1,\"size\":\"512x512\","
                                        "\"response_format\":\"b64_json\"}"},
      {"vllm", "{" ALL ",\"guidance\":3.5}",
       "{\"prompt\":\"p\",\"negative_prompt\":\"n\",\"guidance_scale\":3.5,\"seed\":7,\"n\":2,\"size\":\"640x512\"}"},
      {"vllm", "{" ALL ",\"steps\":30,\"model\":\"Qwen-Image\"}",
       "{\"prompt\":\"p\",\"negative_prompt\":\"n\",\"model\":\"Qwen-Image\",\"num_inference_steps\":30,\"seed\":7,\"n\":2,"
       "\"size\":\"640x512\"}"},
      {"sdcpp", "{" ALL ",\"format\":\"jpeg\"}",
       "{\"prompt\":\"p<sd_cpp_extra_args>{\\\"seed\\\":7}</sd_cpp_extra_args>\",\"n\":2,\"output_format\":\"jpeg\","
       "\"size\":\"640x512\"}"},
  };
  (void)state;
  for (size_t i = 0; i < PX_ARRAY_SIZE(rows); i++) {
    px_autofree char *body = body_of(rows[i][0], rows[i][1]);
    if (strcmp(body, rows[i][2]) != 0)
      fail_msg("%s:\n%s\nnot\n%s", rows[i][0], body, rows[i][2]);
  }
}

static void test_openai_like__a_server_of_ones_own_bills_nothing(void **state)
{
  static const char *const own[] = {"localai", "vllm", "sdcpp"};
  (void)state;
  for (size_t i = 0; i < PX_ARRAY_SIZE(own); i++) {
    const px_provider *provider = px_provider_find(own[i]);
    assert_true(px_model_unbilled(provider, &provider->models[0]));
    assert_null(provider->key_hint);
  }
  assert_false(px_model_unbilled(&px_provider_together, &px_provider_together.models[0]));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_openai_like__each_server_gets_its_own_names),
      cmocka_unit_test(test_openai_like__a_server_of_ones_own_bills_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
