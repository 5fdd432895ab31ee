/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <math.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <pixazo/memory.h>

#include "client/handle.h"
#include "support/client_kit.h"

static void expect_refused(const pixazo_client_options *options, pixazo_status wanted, const char *words)
{
  pixazo_client *client = NULL;
  pixazo_error *error = NULL;
  assert_status(pixazo_client_new(options, &client, &error), wanted);
  assert_null(client);
  if (!strstr(pixazo_error_message(error), words))
    fail_msg("\"%s\" is not in: %s", words, pixazo_error_message(error));
  pixazo_error_free(error);
}

static pixazo_client_options with_key(void)
{
  pixazo_client_options options = PIXAZO_CLIENT_OPTIONS_INIT;
  options.api_key = kit_key;
  return options;
}

static void test_client__without_a_key_is_an_error_and_never_offline(void **state)
{
  (void)state;
  pixazo_client *client = NULL;
  pixazo_error *error = NULL;
  assert_status(pixazo_client_new(NULL, &client, &error), PIXAZO_E_AUTH);
  assert_null(client);
  assert_non_null(strstr(pixazo_error_hint(error), "api_key"));
  pixazo_error_free(error);
  pixazo_client_options empty = PIXAZO_CLIENT_OPTIONS_INIT;
  empty.api_key = "";
  expect_refused(&empty, PIXAZO_E_AUTH, "pixazo needs an API key");
}

static void test_client__a_key_that_could_begin_a_header_is_refused_and_not_quoted(void **state)
{
  (void)state;
  static const char *const keys[] = {"abc-canary\r\nX-Evil: 1", "abc-canary\n", " abc-canary", "abc-canary\x7f",
                                     "abc-canary\xC3\xA9"};
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
    pixazo_client_options options = PIXAZO_CLIENT_OPTIONS_INIT;
    pixazo_client *client = NULL;
    pixazo_error *error = NULL;
    options.api_key = keys[i];
    assert_status(pixazo_client_new(&options, &client, &error), PIXAZO_E_ARGUMENT);
    assert_null(strstr(pixazo_error_message(error), "canary"));
    pixazo_error_free(error);
  }
}

static void test_client__a_base_url_is_scheme_host_and_path_only(void **state)
{
  (void)state;
  static const char *const bad[] = {"https://user:pw@gateway.test",
                                    "https://gateway.test/?a=b",
                                    "https://gateway.test/#x",
                                    "ftp://gateway.test",
                                    "gateway.test",
                                    "https://"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    pixazo_client_options options = with_key();
    options.base_url = bad[i];
    expect_refused(&options, PIXAZO_E_ARGUMENT, "base_url");
  }
  pixazo_client_options options = with_key();
  pixazo_client *client = NULL;
  options.base_url = "https://gateway.test:8443/api///";
  assert_status(pixazo_client_new(&options, &client, NULL), PIXAZO_OK);
  assert_string_equal(client->accounts.items[0].base_url, "https://gateway.test:8443/api");
  (void)pixazo_client_unref(client);
}

static void test_client__wrong_options_are_named(void **state)
{
  (void)state;
  pixazo_client_options options = with_key();
  options.provider = "acme";
  expect_refused(&options, PIXAZO_E_ARGUMENT, "acme");
  options = with_key();
  options.model = "nothing";
  expect_refused(&options, PIXAZO_E_ARGUMENT, "nothing");
  options = with_key();
  options.provider = "offline";
  options.model = "pixazo/sdxl";
  expect_refused(&options, PIXAZO_E_ARGUMENT, "offline");
  options = with_key();
  options.limits_json = "{\"pixazo/sdxl\":{\"steps\":{\"max\":\"x\"}}}";
  expect_refused(&options, PIXAZO_E_ARGUMENT, "limits_json");
  options = with_key();
  options.offline_script = "{}";
  expect_refused(&options, PIXAZO_E_ARGUMENT, "offline_script");
  options = with_key();
  options.guidance_floor = NAN;
  expect_refused(&options, PIXAZO_E_ARGUMENT, "guidance_floor");
  options = with_key();
  options.on_ambiguous = 7;
  expect_refused(&options, PIXAZO_E_ARGUMENT, "on_ambiguous");
  options = with_key();
  options.struct_size = 4;
  expect_refused(&options, PIXAZO_E_ABI, "struct_size");
}

static void test_client__defaults_are_filled_in_and_texts_forgotten(void **state)
{
  (void)state;
  pixazo_client *client = kit_client(NULL, NULL);
  assert_string_equal(pixazo_client_provider(client), "pixazo");
  assert_string_equal(client->accounts.items[0].model_name, "sdxl");
  assert_string_equal(client->accounts.items[0].base_url, "https://gateway.pixazo.ai");
  assert_int_equal(client->options.max_retries, 2);
  assert_int_equal(client->options.max_fetch_retries, 5);
  assert_int_equal(client->options.stall_timeout_ms, 60000);
  assert_true(client->options.max_download_bytes == UINT64_C(64) << 20);
  assert_null(client->options.api_key);
  (void)pixazo_client_unref(client);
  pixazo_client_options options = with_key();
  options.model = "offline/pattern";
  options.max_retries = PIXAZO_NO_RETRY;
  assert_status(pixazo_client_new(&options, &client, NULL), PIXAZO_OK);
  assert_string_equal(pixazo_client_provider(client), "offline");
  assert_int_equal(client->options.max_retries, 0);
  assert_null(client->accounts.items[0].base_url);
  (void)pixazo_client_unref(client);
}

static void test_client__is_counted_and_null_is_allowed(void **state)
{
  (void)state;
  pixazo_client *client = kit_client("offline", NULL);
  assert_ptr_equal(pixazo_client_ref(client), client);
  assert_null(pixazo_client_unref(client));
  assert_string_equal(pixazo_client_provider(client), "offline");
  assert_null(pixazo_client_unref(client));
  assert_null(pixazo_client_ref(NULL));
  assert_null(pixazo_client_unref(NULL));
  assert_string_equal(pixazo_client_provider(NULL), "");
}

static void test_client__the_log_never_shows_the_key(void **state)
{
  (void)state;
  pixazo_log *log = NULL;
  pixazo_client *client = NULL;
  pixazo_client_options options = with_key();
  assert_status(pixazo_log_new(PIXAZO_LOG_TRACE, NULL, NULL, &log, NULL), PIXAZO_OK);
  options.log = log;
  options.model = "offline/pattern";
  assert_status(pixazo_client_new(&options, &client, NULL), PIXAZO_OK);
  pixazo_request *request = NULL;
  char *estimate = NULL;
  char *line = NULL;
  assert_status(pixazo_request_new("p", &request, NULL), PIXAZO_OK);
  assert_status(pixazo_request_set_string(request, "sampler", kit_key, NULL), PIXAZO_OK);
  assert_status(pixazo_client_estimate(client, request, &estimate, NULL), PIXAZO_OK);
  assert_status(pixazo_log_next(log, NULL, &line), PIXAZO_OK);
  assert_non_null(strstr(line, "sampler"));
  assert_null(strstr(line, kit_key));
  pixazo_free(line);
  pixazo_free(estimate);
  pixazo_request_free(request);
  (void)pixazo_client_unref(client);
  (void)pixazo_log_unref(log);
}

static int use_in_child(pixazo_client *client)
{
  pixazo_request *request = NULL;
  pixazo_generation *out = NULL;
  if (pixazo_request_new("p", &request, NULL) != PIXAZO_OK)
    return 1;
  pixazo_status status = pixazo_client_generate(client, request, NULL, &out, NULL);
  pixazo_request_free(request);
  return status == PIXAZO_E_STATE ? 0 : 2;
}

static void test_client__a_forked_child_may_not_use_it(void **state)
{
  (void)state;
  pixazo_client *client = kit_client("offline", NULL);
  int result = 0;
  pid_t child = fork();
  if (child == 0)
    _exit(use_in_child(client));
  assert_true(child > 0);
  assert_int_equal(waitpid(child, &result, 0), child);
  assert_int_equal(result, 0);
  (void)pixazo_client_unref(client);
}

static void test_client__missing_arguments_are_errors(void **state)
{
  (void)state;
  pixazo_client *client = kit_client("offline", NULL);
  pixazo_request *request = NULL;
  pixazo_generation *record = NULL;
  pixazo_blob *blob = NULL;
  char *text = NULL;
  assert_status(pixazo_request_new("p", &request, NULL), PIXAZO_OK);
  assert_status(pixazo_client_new(NULL, NULL, NULL), PIXAZO_E_ARGUMENT);
  assert_status(pixazo_client_generate(NULL, request, NULL, &record, NULL), PIXAZO_E_ARGUMENT);
  assert_status(pixazo_client_generate(client, NULL, NULL, &record, NULL), PIXAZO_E_ARGUMENT);
  assert_status(pixazo_client_generate(client, request, NULL, NULL, NULL), PIXAZO_E_ARGUMENT);
  assert_status(pixazo_client_fetch(client, NULL, NULL, &blob, NULL), PIXAZO_E_ARGUMENT);
  assert_status(pixazo_client_fetch_file(client, "https://x.test/a", NULL, NULL, NULL), PIXAZO_E_ARGUMENT);
  assert_status(pixazo_client_estimate(client, request, NULL, NULL), PIXAZO_E_ARGUMENT);
  assert_status(pixazo_client_estimate(NULL, request, &text, NULL), PIXAZO_E_ARGUMENT);
  assert_status(pixazo_providers_to_json(NULL, NULL), PIXAZO_E_ARGUMENT);
  pixazo_request_free(request);
  (void)pixazo_client_unref(client);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_client__without_a_key_is_an_error_and_never_offline),
      cmocka_unit_test(test_client__a_key_that_could_begin_a_header_is_refused_and_not_quoted),
      cmocka_unit_test(test_client__a_base_url_is_scheme_host_and_path_only),
      cmocka_unit_test(test_client__wrong_options_are_named),
      cmocka_unit_test(test_client__defaults_are_filled_in_and_texts_forgotten),
      cmocka_unit_test(test_client__is_counted_and_null_is_allowed),
      cmocka_unit_test(test_client__the_log_never_shows_the_key),
      cmocka_unit_test(test_client__a_forked_child_may_not_use_it),
      cmocka_unit_test(test_client__missing_arguments_are_errors),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
