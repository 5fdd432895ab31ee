/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pixazo/memory.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"
#include "studio/config_accounts.h"
#include "support/tmpdir.h"

/* Settings as "name=value" with blanks between. */
static pixazo_config *settings(const char *text)
{
  pixazo_config *config = NULL;
  px_autofree char *copy = px_strdup(text);
  assert_non_null(copy);
  assert_status(pixazo_config_new(&config, NULL), PIXAZO_OK);
  char *rest = NULL;
  for (char *word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
    px_autoerror error = NULL;
    char *equals = strchr(word, '=');
    assert_non_null(equals);
    *equals = '\0';
    assert_ok(pixazo_config_set(config, word, equals + 1, &error), error);
  }
  return config;
}

/* "provider key address headers;" of each account behind those of the options. */
static void expect(const char *given, const char *wanted)
{
  px_cleanup(px_config_scoped) pixazo_config *config = settings(given);
  px_auto(px_config_accounts) accounts = {.count = 0};
  px_auto(px_buf) found = PX_BUF_INIT(4096);
  px_autoerror error = NULL;
  pixazo_client_options options = PIXAZO_CLIENT_OPTIONS_INIT;
  assert_ok(px_config_client(config, &options, &accounts, &error), error);
  (void)px_buf_printf(&found, "%s %s %s;", options.provider ? options.provider : "-", options.api_key ? options.api_key : "-",
                      options.base_url ? options.base_url : "-");
  for (size_t i = 0; i < options.account_count; i++) {
    const pixazo_account *account = options.accounts[i];
    (void)px_buf_printf(&found, " %s %s %s %s;", account->provider, account->api_key ? account->api_key : "-",
                        account->base_url ? account->base_url : "-", account->headers ? account->headers : "-");
  }
  if (strcmp(px_buf_text(&found), wanted) != 0)
    fail_msg("%s:\n%s\nnot\n%s", given, px_buf_text(&found), wanted);
}

static void test_accounts__each_provider_gets_its_own_key(void **state)
{
  (void)state;
  expect("", "pixazo - -;");
  expect("api_key=P", "pixazo P -;");
  expect("api_key=P openai_api_key=O", "pixazo P -; openai O - -;");
  expect("openai_api_key=O openai_organization=org openai_project=proj",
         "pixazo - -; openai O - OpenAI-Organization: org\nOpenAI-Project: proj;");
  expect("localai_base_url=http://127.0.0.1:9/v1", "pixazo - -; localai - http://127.0.0.1:9/v1 -;");
}

static void test_accounts__an_address_without_the_key_it_needs_is_no_account(void **state)
{
  (void)state;
  expect("openai_base_url=https://a.test/v1 openai_project=p", "pixazo - -;");
}

static void test_accounts__pixazos_key_never_goes_to_another_provider(void **state)
{
  (void)state;
  expect("provider=openai api_key=P openai_api_key=O", "openai - -; openai O - -; pixazo P - -;");
  expect("provider=openai api_key=P base_url=https://p.test openai_api_key=O", "openai - -; openai O - -; pixazo P https://p.test -;");
  expect("provider=openai base_url=https://o.test openai_api_key=O", "openai - -; openai O https://o.test -;");
  expect("provider=openai api_key=O", "openai O -;"); /* it has no other */
}

static void test_accounts__a_key_goes_where_the_address_beside_it_says(void **state)
{
  (void)state;
  expect("provider=localai api_key=L localai_base_url=https://l.test/v1", "localai - -; localai L https://l.test/v1 -;");
  expect("provider=openai api_key=O openai_base_url=https://o.test/v1", "openai - -; openai O https://o.test/v1 -;");
  expect("model=openai/m api_key=O openai_project=p", "- - -; openai O - OpenAI-Project: p;");
}

static void test_accounts__what_is_pixazos_by_its_name_serves_nobody_else(void **state)
{
  static const char *const others[] = {"provider=openai", "provider=together", "provider=offline", "model=together/some/model",
                                       "provider=openai openai_api_key=O"};
  static const px_config_layer layers[] = {PX_LAYER_KEY_FILE, PX_LAYER_ENV};
  (void)state;
  for (size_t i = 0; i < PX_ARRAY_SIZE(others) * 2; i++) {
    px_cleanup(px_config_scoped) pixazo_config *config = settings(others[i / 2]);
    px_auto(px_config_accounts) accounts = {.count = 0};
    pixazo_client_options options = PIXAZO_CLIENT_OPTIONS_INIT;
    assert_status(px_config_put(config, "api_key", layers[i % 2], "P", NULL), PIXAZO_OK);
    assert_status(px_config_put(config, "base_url", PX_LAYER_ENV, "https://p.test", NULL), PIXAZO_OK);
    assert_status(px_config_client(config, &options, &accounts, NULL), PIXAZO_OK);
    assert_null(options.api_key);
    assert_null(options.base_url);
    for (size_t k = 0; k < options.account_count; k++) {
      bool own = px_str_equal(options.accounts[k]->provider, "pixazo");
      assert_true(own == px_str_equal(options.accounts[k]->api_key, "P"));
      assert_true(own == px_str_equal(options.accounts[k]->base_url, "https://p.test"));
    }
  }
}

static void test_accounts__pixazos_own_names_are_its_own(void **state)
{
  static const char *const same[] = {"", "provider=pixazo", "model=flux-schnell", "model=pixazo/sdxl"};
  (void)state;
  for (size_t i = 0; i < PX_ARRAY_SIZE(same); i++) {
    px_cleanup(px_config_scoped) pixazo_config *config = settings(same[i]);
    px_auto(px_config_accounts) accounts = {.count = 0};
    pixazo_client_options options = PIXAZO_CLIENT_OPTIONS_INIT;
    assert_status(px_config_put(config, "api_key", PX_LAYER_ENV, "P", NULL), PIXAZO_OK);
    assert_status(px_config_client(config, &options, &accounts, NULL), PIXAZO_OK);
    assert_string_equal(options.api_key, "P");
  }
}

static void test_accounts__a_model_names_its_provider(void **state)
{
  (void)state;
  expect("model=openai/gpt-image-2 openai_api_key=O api_key=P", "- - -; openai O - -; pixazo P - -;");
  expect("model=openai/gpt-image-2 provider=pixazo openai_api_key=O", "pixazo - -; openai O - -;");
}

static void test_accounts__a_client_can_be_made_of_them(void **state)
{
  px_cleanup(px_config_scoped) pixazo_config *config = settings("model=openai/gpt-image-1.5 openai_api_key=O api_key=P");
  pixazo_client *client = NULL;
  px_autoerror error = NULL;
  (void)state;
  assert_ok(pixazo_client_new_from_config(config, &client, &error), error);
  assert_string_equal(pixazo_client_provider(client), "openai");
  (void)pixazo_client_unref(client);
}

static char *write_definition(const char *directory, const char *name)
{
  char file[80];
  (void)snprintf(file, sizeof file, "%s.json", name);
  char *path = tmpdir_path(directory, file);
  FILE *stream = fopen(path, "w");
  assert_non_null(stream);
  (void)fprintf(stream,
                "{\"schema\":1,\"name\":\"%s\",\"base_url\":\"https://images.example\",\"auth\":{\"header\":\"X-Pass\","
                "\"required\":true},\"models\":[{\"name\":\"one\",\"path\":\"/v1\",\"parameters\":{\"prompt\":\"text\"}}]}",
                name);
  assert_int_equal(fclose(stream), 0);
  return path;
}

static void test_accounts__a_definition_has_an_account_with_its_own_key_and_address(void **state)
{
  char *mine = write_definition(*state, "my-sd");
  char given[1024];
  (void)snprintf(given, sizeof given, "provider_files=%s my_sd.api_key=M my-sd.base_url=https://m.test api_key=P", mine);
  expect(given, "pixazo P -; my-sd M https://m.test -;");
  (void)snprintf(given, sizeof given, "provider_files=%s", mine);
  expect(given, "pixazo - -; my-sd - - -;");
  (void)snprintf(given, sizeof given, "provider_files=%s provider=my-sd api_key=M", mine);
  expect(given, "my-sd - -; my-sd M - -;");
  (void)snprintf(given, sizeof given, "provider_files=%s provider=my-sd api_key=P my-sd.api_key=M", mine);
  expect(given, "my-sd - -; my-sd M - -; pixazo P - -;");
  free(mine);
}

static void test_accounts__every_provider_of_the_library_has_settings_by_name(void **state)
{
  (void)state;
  expect("openai.api_key=O openai.project=p", "pixazo - -; openai O - OpenAI-Project: p;");
  expect("sdcpp-queue.base_url=https://q.test", "pixazo - -; sdcpp-queue - https://q.test -;");
  expect("together.base_url=https://t.test", "pixazo - -; together - https://t.test -;");
}

static pixazo_status gather(const pixazo_config *config, pixazo_error **error)
{
  px_auto(px_config_accounts) accounts = {.count = 0};
  pixazo_client_options options = PIXAZO_CLIENT_OPTIONS_INIT;
  return px_config_client(config, &options, &accounts, error);
}

static void test_accounts__a_setting_of_a_provider_that_there_is_not_is_an_error(void **state)
{
  static const px_config_layer quiet[] = {PX_LAYER_ENV, PX_LAYER_KEY_FILE};
  px_cleanup(px_config_scoped) pixazo_config *config = settings("");
  px_autoerror error = NULL;
  (void)state;
  for (size_t i = 0; i < PX_ARRAY_SIZE(quiet); i++)
    assert_status(px_config_put(config, "nobody.api_key", quiet[i], "N", NULL), PIXAZO_OK);
  assert_ok(gather(config, &error), error); /* a shell serves many programs */
  assert_status(px_config_put(config, "nobody.api_key", PX_LAYER_FILE, "N", NULL), PIXAZO_OK);
  assert_ok(gather(config, &error), error); /* the environment is what counts */
  assert_status(px_config_put(config, "nobody.model", PX_LAYER_FILE, "N", NULL), PIXAZO_OK);
  assert_status(gather(config, &error), PIXAZO_E_ARGUMENT);
  assert_non_null(strstr(pixazo_error_message(error), "nobody.model: there is no provider \"nobody\"; provider_files"));
}

static void test_accounts__two_providers_never_share_a_key(void **state)
{
  char *one = write_definition(*state, "my-sd");
  char *two = write_definition(*state, "my.sd");
  char given[2048];
  px_autoerror error = NULL;
  (void)snprintf(given, sizeof given, "provider_files=%s,%s", one, two);
  px_cleanup(px_config_scoped) pixazo_config *config = settings(given);
  assert_ok(gather(config, &error), error); /* as long as there is none */
  assert_status(px_config_put(config, "my_sd.api_key", PX_LAYER_ENV, "M", NULL), PIXAZO_OK);
  assert_status(gather(config, &error), PIXAZO_E_ARGUMENT);
  assert_non_null(strstr(pixazo_error_message(error), "providers \"my-sd\" and \"my.sd\" would share it"));
  free(one);
  free(two);
}

static void test_accounts__a_definition_without_its_key_fails_when_it_is_asked_for(void **state)
{
  char *mine = write_definition(*state, "my-sd");
  char given[1024];
  px_autoerror error = NULL;
  pixazo_client *client = NULL;
  pixazo_request *request = NULL;
  char *plan = NULL;
  (void)snprintf(given, sizeof given, "provider_files=%s provider=offline", mine);
  px_cleanup(px_config_scoped) pixazo_config *config = settings(given);
  assert_ok(pixazo_client_new_from_config(config, &client, &error), error);
  assert_status(pixazo_request_new("p", &request, NULL), PIXAZO_OK);
  assert_status(pixazo_request_set_string(request, "model", "my-sd/one", NULL), PIXAZO_OK);
  assert_status(pixazo_client_estimate(client, request, &plan, &error), PIXAZO_E_AUTH);
  assert_non_null(strstr(pixazo_error_message(error), "provider my-sd needs an API key"));
  assert_non_null(strstr(pixazo_error_hint(error), "PIXAZO_KEY_NAME"));
  (void)pixazo_client_unref(client);
  client = NULL;
  assert_status(pixazo_config_set(config, "my-sd.api_key", "M", NULL), PIXAZO_OK);
  assert_ok(pixazo_client_new_from_config(config, &client, &error), error);
  assert_ok(pixazo_client_estimate(client, request, &plan, &error), error);
  pixazo_free(plan);
  pixazo_request_free(request);
  (void)pixazo_client_unref(client);
  client = NULL;
  assert_status(pixazo_config_set(config, "my-sd.api_key", NULL, NULL), PIXAZO_OK);
  assert_status(pixazo_config_set(config, "provider", "my-sd", NULL), PIXAZO_OK);
  assert_status(pixazo_client_new_from_config(config, &client, NULL), PIXAZO_E_AUTH); /* its own needs it at once */
  free(mine);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_accounts__each_provider_gets_its_own_key),
      cmocka_unit_test(test_accounts__an_address_without_the_key_it_needs_is_no_account),
      cmocka_unit_test(test_accounts__pixazos_key_never_goes_to_another_provider),
      cmocka_unit_test(test_accounts__a_key_goes_where_the_address_beside_it_says),
      cmocka_unit_test(test_accounts__what_is_pixazos_by_its_name_serves_nobody_else),
      cmocka_unit_test(test_accounts__pixazos_own_names_are_its_own),
      cmocka_unit_test(test_accounts__a_model_names_its_provider),
      cmocka_unit_test(test_accounts__a_client_can_be_made_of_them),
      cmocka_unit_test_setup_teardown(test_accounts__a_definition_has_an_account_with_its_own_key_and_address, tmpdir_setup,
                                      tmpdir_teardown),
      cmocka_unit_test(test_accounts__every_provider_of_the_library_has_settings_by_name),
      cmocka_unit_test(test_accounts__a_setting_of_a_provider_that_there_is_not_is_an_error),
      cmocka_unit_test_setup_teardown(test_accounts__two_providers_never_share_a_key, tmpdir_setup, tmpdir_teardown),
      cmocka_unit_test_setup_teardown(test_accounts__a_definition_without_its_key_fails_when_it_is_asked_for, tmpdir_setup,
                                      tmpdir_teardown),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
