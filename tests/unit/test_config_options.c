/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <string.h>

#include <pixazo/pipeline.h>

#include "base/error.h"
#include "base/mem.h"
#include "studio/config.h"

static int make(void **state)
{
  pixazo_config *config = NULL;
  if (pixazo_config_new(&config, NULL) != PIXAZO_OK)
    return -1;
  *state = config;
  return 0;
}

static int drop(void **state)
{
  pixazo_config_free(*state);
  return 0;
}

static void set(pixazo_config *config, const char *key, const char *value)
{
  px_autoerror error = NULL;
  assert_ok(pixazo_config_set(config, key, value, &error), error);
}

static void test_fill__defaults_are_those_of_the_headers(void **state)
{
  pixazo_client_options options;
  pixazo_client_options_init(&options, sizeof options);
  px_config_fill(*state, PX_CONFIG_CLIENT, &options);
  assert_string_equal(options.provider, "pixazo");
  assert_null(options.model);
  assert_int_equal(options.connect_timeout_ms, 10000);
  assert_int_equal(options.generation_timeout_ms, 0);
  assert_int_equal(options.stall_timeout_ms, 60000);
  assert_int_equal(options.max_retries, 2);
  assert_int_equal(options.max_fetch_retries, 5);
  assert_int_equal(options.max_download_bytes, 64u << 20);
  assert_int_equal(options.max_answer_bytes, 96u << 20);
  assert_int_equal(options.on_ambiguous, PIXAZO_AMBIGUOUS_STOP);
}

static void test_fill__each_form_arrives(void **state)
{
  pixazo_client_options client;
  pixazo_pipeline_options pipeline;
  pixazo_store_local_options store;
  set(*state, "max_retries", "0");
  set(*state, "on_ambiguous", "retry");
  set(*state, "guidance_floor", "7.5");
  set(*state, "max_download_bytes", "5000000000");
  set(*state, "file_mode", "0600");
  set(*state, "concurrency", "200");
  set(*state, "budget_run", "0.000123");
  set(*state, "replay", "seeded");
  set(*state, "alert_failure_percent", "35");
  set(*state, "alert_slow_ms", "0");
  pixazo_client_options_init(&client, sizeof client);
  pixazo_pipeline_options_init(&pipeline, sizeof pipeline);
  pixazo_store_local_options_init(&store, sizeof store);
  px_config_fill(*state, PX_CONFIG_CLIENT, &client);
  px_config_fill(*state, PX_CONFIG_PIPELINE, &pipeline);
  px_config_fill(*state, PX_CONFIG_STORE, &store);
  assert_int_equal(client.max_retries, PIXAZO_NO_RETRY);
  assert_int_equal(client.on_ambiguous, PIXAZO_AMBIGUOUS_RETRY);
  assert_true(client.guidance_floor > 7.4 && client.guidance_floor < 7.6);
  assert_true(client.max_download_bytes == 5000000000u);
  assert_int_equal(store.file_mode, 0600);
  assert_int_equal(pipeline.concurrency, 200);
  assert_int_equal(pipeline.budget_micros, 123);
  assert_string_equal(pipeline.budget_currency, "USD");
  assert_int_equal(pipeline.replay, PIXAZO_REPLAY_SEEDED);
  assert_int_equal(pipeline.alert_failure_percent, 35);
  assert_int_equal(pipeline.alert_slow_ms, PIXAZO_NO_ALERT);
  assert_int_equal(pipeline.alert_budget_percent, 80);
  assert_int_equal(pipeline.alert_min_calls, 20);
  assert_int_equal(pipeline.alert_window_ms, 600000);
  assert_int_equal(pipeline.struct_size, sizeof pipeline);
}

static void test_apply__fills_what_is_open_and_keeps_what_was_asked(void **state)
{
  px_autofree char *before = NULL;
  px_autofree char *after = NULL;
  px_autoerror error = NULL;
  pixazo_request *request = NULL;
  static const char json[] = "{\"prompt\": \"a fox\",  \"num_steps\": 12, \"THEME\": \"red\"}";
  set(*state, "sampler", "Euler");
  assert_ok(pixazo_request_new_from_json(json, &request, &error), error);
  assert_ok(pixazo_request_to_json(request, &before, &error), error);
  assert_ok(pixazo_config_apply(*state, request, &error), error);
  assert_ok(pixazo_request_to_json(request, &after, &error), error);
  assert_string_equal(before, json);
  assert_string_equal(after, json);
  assert_string_equal(pixazo_request_get_string(request, "sampler"), "Euler");
  pixazo_request_free(request);
}

static void test_apply__what_the_request_says_wins(void **state)
{
  pixazo_request *request = NULL;
  px_autofree char *json = NULL;
  set(*state, "sampler", "Euler");
  assert_status(pixazo_request_new("a fox", &request, NULL), PIXAZO_OK);
  assert_status(pixazo_request_set_string(request, "sampler", "DDIM", NULL), PIXAZO_OK);
  assert_status(pixazo_config_apply(*state, request, NULL), PIXAZO_OK);
  assert_string_equal(pixazo_request_get_string(request, "sampler"), "DDIM");
  assert_status(pixazo_request_to_json(request, &json, NULL), PIXAZO_OK);
  assert_string_equal(json, "{\"schema\":1,\"prompt\":\"a fox\",\"sampler\":\"DDIM\"}");
  pixazo_request_free(request);
}

static void test_request_copy__has_the_same_text_and_parameters(void **state)
{
  (void)state;
  pixazo_request *request = NULL;
  pixazo_request *copy = NULL;
  px_autofree char *json = NULL;
  assert_status(pixazo_request_new_from_json("{\"prompt\": \"x\" }", &request, NULL), PIXAZO_OK);
  assert_status(pixazo_request_set_defaults(request, "{\"idempotency_key\": \"k\"}", NULL), PIXAZO_OK);
  assert_status(pixazo_request_new_copy(request, &copy, NULL), PIXAZO_OK);
  pixazo_request_free(request);
  assert_status(pixazo_request_to_json(copy, &json, NULL), PIXAZO_OK);
  assert_string_equal(json, "{\"prompt\": \"x\" }");
  assert_string_equal(pixazo_request_get_string(copy, "idempotency_key"), "k");
  pixazo_request_free(copy);
}

static void test_from_config__says_which_setting_is_missing(void **state)
{
  px_autoerror error = NULL;
  pixazo_repository *repository = NULL;
  pixazo_store *store = NULL;
  assert_status(pixazo_repository_new_from_config(*state, &repository, &error), PIXAZO_E_ARGUMENT);
  assert_non_null(strstr(pixazo_error_message(error), "\"database\""));
  assert_status(pixazo_store_new_from_config(*state, &store, NULL), PIXAZO_E_ARGUMENT);
}

static void test_from_config__a_provider_without_its_key_is_refused(void **state)
{
  pixazo_client *client = NULL;
  assert_status(pixazo_client_new_from_config(*state, &client, NULL), PIXAZO_E_AUTH);
  set(*state, "provider", "offline");
  assert_status(pixazo_client_new_from_config(*state, &client, NULL), PIXAZO_OK);
  pixazo_client_unref(client);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_fill__defaults_are_those_of_the_headers, make, drop),
      cmocka_unit_test_setup_teardown(test_fill__each_form_arrives, make, drop),
      cmocka_unit_test_setup_teardown(test_apply__fills_what_is_open_and_keeps_what_was_asked, make, drop),
      cmocka_unit_test_setup_teardown(test_apply__what_the_request_says_wins, make, drop),
      cmocka_unit_test_setup_teardown(test_request_copy__has_the_same_text_and_parameters, make, drop),
      cmocka_unit_test_setup_teardown(test_from_config__says_which_setting_is_missing, make, drop),
      cmocka_unit_test_setup_teardown(test_from_config__a_provider_without_its_key_is_refused, make, drop),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
