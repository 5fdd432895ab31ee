/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "client/account.h"

static const char key[] = "test-key-not-real-0000";

static void expect_model(const char *name, const char *provider, const char *model)
{
  px_target found;
  assert_status(px_target_resolve(NULL, name, &px_provider_pixazo, &found, NULL), PIXAZO_OK);
  assert_string_equal(found.provider->name, provider);
  assert_string_equal(found.model->name, model);
  assert_string_equal(found.name, model);
}

static void test_account__names_are_resolved_at_the_first_slash(void **state)
{
  (void)state;
  expect_model("sdxl", "pixazo", "sdxl");
  expect_model("pixazo/flux-schnell", "pixazo", "flux-schnell");
  expect_model("offline/pattern", "offline", "pattern");
  expect_model("offline", "offline", "pattern");
  expect_model("pixazo", "pixazo", "sdxl");
  px_target found = {0};
  assert_status(px_target_resolve(NULL, "pixazo/a/b", &px_provider_pixazo, &found, NULL), PIXAZO_E_ARGUMENT);
  assert_status(px_target_resolve(NULL, "/sdxl", &px_provider_pixazo, &found, NULL), PIXAZO_E_ARGUMENT);
  assert_status(px_target_resolve(NULL, "pixazo/", &px_provider_pixazo, &found, NULL), PIXAZO_E_ARGUMENT);
  assert_null(found.provider);
}

static pixazo_status make(px_accounts *accounts, const pixazo_client_options *options, const char *words)
{
  px_autoerror error = NULL;
  pixazo_status status = px_accounts_make(accounts, options, &error);
  if (words && !strstr(pixazo_error_message(error), words))
    fail_msg("\"%s\" is not in: %s", words, pixazo_error_message(error));
  return status;
}

static void test_account__each_provider_has_its_own_key_address_and_headers(void **state)
{
  (void)state;
  pixazo_account second = PIXAZO_ACCOUNT_INIT;
  second.provider = "offline";
  second.headers = "X-One: 1\nX-Two: 2\n";
  const pixazo_account *given[] = {&second};
  pixazo_client_options options = PIXAZO_CLIENT_OPTIONS_INIT;
  options.api_key = key;
  options.model = "flux-schnell";
  options.accounts = given;
  options.account_count = 1;
  px_accounts made = {0};
  assert_status(make(&made, &options, NULL), PIXAZO_OK);
  const px_account *own = &made.items[0];
  assert_string_equal(own->secret_header, "Ocp-Apim-Subscription-Key: test-key-not-real-0000");
  assert_string_equal(own->model_name, "flux-schnell");
  const px_account *other = px_account_find(&made, &px_provider_offline);
  assert_int_equal(other->header_count, 2);
  assert_string_equal(other->headers, "X-One: 1");
  assert_string_equal(other->headers + strlen("X-One: 1") + 1, "X-Two: 2");
  assert_null(other->secret_header);
  px_target found;
  assert_status(px_target_provider(&made, "pixazo", &found, NULL), PIXAZO_OK);
  assert_string_equal(found.name, "flux-schnell");
  assert_ptr_equal(found.account, own);
  px_accounts_done(&made);
}

static void test_account__mistakes_are_named(void **state)
{
  (void)state;
  pixazo_account second = PIXAZO_ACCOUNT_INIT;
  const pixazo_account *given[] = {&second};
  pixazo_client_options options = PIXAZO_CLIENT_OPTIONS_INIT;
  px_accounts made = {0};
  options.api_key = key;
  options.accounts = given;
  options.account_count = 1;
  second.provider = "nobody";
  assert_status(make(&made, &options, "account 1: there is no provider \"nobody\"; known: pixazo"), PIXAZO_E_ARGUMENT);
  second.provider = "pixazo";
  assert_status(make(&made, &options, "has an account already"), PIXAZO_E_ARGUMENT);
  second.provider = "offline";
  second.headers = "no colon here";
  assert_status(make(&made, &options, "Name: value"), PIXAZO_E_ARGUMENT);
  second.headers = "a: 1\nb: 2\nc: 3\nd: 4\ne: 5\nf: 6\ng: 7\nh: 8\ni: 9";
  assert_status(make(&made, &options, "at most 8"), PIXAZO_E_ARGUMENT);
  second.headers = "X-Fine: 1\nProxy-Authorization: Basic c2VjcmV0";
  assert_status(make(&made, &options, "account 1: headers: \"Proxy-Authorization\" holds a key"), PIXAZO_E_ARGUMENT);
  second.headers = "Host: elsewhere.test";
  assert_status(make(&made, &options, "\"Host\" is written by the library"), PIXAZO_E_ARGUMENT);
  second.headers = NULL;
  second.api_key = "two\nlines";
  assert_status(make(&made, &options, "character 4"), PIXAZO_E_ARGUMENT);
  options.account_count = 65;
  assert_status(make(&made, &options, "more than 64"), PIXAZO_E_ARGUMENT);
  assert_null(made.items);
}

static void test_account__without_a_key_the_name_is_known_and_access_is_not(void **state)
{
  (void)state;
  pixazo_client_options options = PIXAZO_CLIENT_OPTIONS_INIT;
  options.provider = "offline";
  px_accounts made = {0};
  px_target found;
  assert_status(make(&made, &options, NULL), PIXAZO_OK);
  assert_status(px_target_resolve(&made, "pixazo/sdxl", NULL, &found, NULL), PIXAZO_OK);
  assert_status(px_target_access(&found, NULL), PIXAZO_E_AUTH);
  assert_status(px_target_resolve(&made, "offline", NULL, &found, NULL), PIXAZO_OK);
  assert_status(px_target_access(&found, NULL), PIXAZO_OK);
  px_accounts_done(&made);
}

static void test_account__the_clients_own_provider_may_stand_among_the_accounts(void **state)
{
  (void)state;
  pixazo_account own = PIXAZO_ACCOUNT_INIT;
  own.provider = "openai";
  own.api_key = key;
  own.base_url = "https://example.test/v1/";
  own.model = "gpt-image-1.5";
  own.headers = "OpenAI-Project: p";
  const pixazo_account *given[] = {&own};
  pixazo_client_options options = PIXAZO_CLIENT_OPTIONS_INIT;
  options.provider = "openai";
  options.accounts = given;
  options.account_count = 1;
  px_accounts made = {0};
  assert_status(make(&made, &options, NULL), PIXAZO_OK);
  assert_string_equal(made.items[0].secret_header, "Authorization: Bearer test-key-not-real-0000");
  assert_string_equal(made.items[0].base_url, "https://example.test/v1");
  assert_string_equal(made.items[0].model_name, "gpt-image-1.5");
  assert_int_equal(made.items[0].header_count, 1);
  px_accounts_done(&made);
  options.model = "gpt-image-2";
  assert_status(make(&made, &options, NULL), PIXAZO_OK);
  assert_string_equal(made.items[0].model_name, "gpt-image-2");
  px_accounts_done(&made);
  options.api_key = key;
  assert_status(make(&made, &options, "has an account already"), PIXAZO_E_ARGUMENT);
}

static void test_account__a_key_may_come_later(void **state)
{
  (void)state;
  pixazo_account later = PIXAZO_ACCOUNT_INIT;
  later.provider = "openai";
  const pixazo_account *given[] = {&later};
  pixazo_client_options options = PIXAZO_CLIENT_OPTIONS_INIT;
  px_accounts made = {0};
  px_target found;
  px_autoerror error = NULL;
  options.provider = "offline";
  options.accounts = given;
  options.account_count = 1;
  assert_status(make(&made, &options, "provider openai needs an API key"), PIXAZO_E_AUTH);
  later.key_later = 1;
  assert_status(make(&made, &options, NULL), PIXAZO_OK);
  assert_status(px_target_resolve(&made, "openai/gpt-image-2", NULL, &found, NULL), PIXAZO_OK);
  assert_status(px_target_access(&found, &error), PIXAZO_E_AUTH);
  assert_non_null(strstr(pixazo_error_hint(error), "OPENAI_API_KEY"));
  px_accounts_done(&made);
  options.provider = "openai"; /* the client's own */
  assert_status(make(&made, &options, "provider openai needs an API key"), PIXAZO_E_AUTH);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_account__the_clients_own_provider_may_stand_among_the_accounts),
      cmocka_unit_test(test_account__names_are_resolved_at_the_first_slash),
      cmocka_unit_test(test_account__each_provider_has_its_own_key_address_and_headers),
      cmocka_unit_test(test_account__mistakes_are_named),
      cmocka_unit_test(test_account__without_a_key_the_name_is_known_and_access_is_not),
      cmocka_unit_test(test_account__a_key_may_come_later),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
