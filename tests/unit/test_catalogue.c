/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "client/catalogue.h"

static const char own[] = "{\"schema\":1,\"name\":\"mine\",\"base_url\":\"https://a.example\",\"headers\":{\"X-A\":\"1\"},\"models\":["
                          "{\"name\":\"one\",\"path\":\"/\",\"parameters\":{\"prompt\":\"p\"}}]}";

static pixazo_status make(px_accounts *accounts, const pixazo_client_options *options, const char *words)
{
  px_autoerror error = NULL;
  pixazo_status status = px_accounts_make(accounts, options, &error);
  if (words && !strstr(pixazo_error_message(error), words))
    fail_msg("\"%s\" is not in: %s", words, pixazo_error_message(error));
  return status;
}

static void test_catalogue__built_in_definitions_are_known_where_they_are_named(void **state)
{
  (void)state;
  pixazo_client_options options = PIXAZO_CLIENT_OPTIONS_INIT;
  px_accounts made = {0};
  px_target found;
  px_autoerror error = NULL;
  options.provider = "inference";
  options.fallback = "a1111/some.safetensors, offline";
  assert_status(make(&made, &options, NULL), PIXAZO_OK);
  assert_string_equal(made.items[0].base_url, "http://localhost:8001");
  assert_string_equal(made.items[0].model_name, "sdxl");
  assert_status(px_target_resolve(&made, "a1111", NULL, &found, NULL), PIXAZO_OK);
  assert_status(px_target_access(&found, NULL), PIXAZO_OK);
  assert_status(px_target_resolve(&made, "sdcpp-queue", NULL, &found, &error), PIXAZO_E_AUTH);
  assert_non_null(strstr(pixazo_error_message(error), "is reached through an account"));
  px_accounts_done(&made);
  options = (pixazo_client_options)PIXAZO_CLIENT_OPTIONS_INIT;
  options.model = "a1111/loaded";
  options.api_key = "user:password";
  assert_status(make(&made, &options, NULL), PIXAZO_OK);
  assert_string_equal(made.items[0].secret_header, "Authorization: Basic dXNlcjpwYXNzd29yZA==");
  px_accounts_done(&made);
}

static void test_catalogue__one_s_own_definition_is_known_by_its_name(void **state)
{
  (void)state;
  pixazo_provider *mine = NULL;
  pixazo_client_options options = PIXAZO_CLIENT_OPTIONS_INIT;
  pixazo_account account = PIXAZO_ACCOUNT_INIT;
  const pixazo_account *accounts[] = {&account, &account};
  px_accounts made = {0};
  assert_status(pixazo_provider_new(own, &mine, NULL), PIXAZO_OK);
  options.provider = "offline";
  options.accounts = accounts;
  options.account_count = 1;
  account.definition = mine;
  account.headers = "X-B: 2";
  assert_status(make(&made, &options, NULL), PIXAZO_OK);
  const px_account *found = px_account_find(&made, &mine->row);
  assert_int_equal(found->header_count, 2);
  assert_string_equal(found->headers, "X-A: 1");
  px_accounts_done(&made);
  account.provider = "other";
  assert_status(make(&made, &options, "account 1: provider \"other\" is not what the definition calls itself: mine"),
                PIXAZO_E_ARGUMENT);
  account.provider = NULL;
  options.account_count = 2;
  assert_status(make(&made, &options, "account 2: provider mine has an account already"), PIXAZO_E_ARGUMENT);
  (void)pixazo_provider_unref(mine);
}

static void test_catalogue__changes_reach_every_way_to_a_model(void **state)
{
  (void)state;
  pixazo_client_options options = PIXAZO_CLIENT_OPTIONS_INIT;
  px_accounts made = {0};
  px_target found;
  options.api_key = "test-key-not-real-0000";
  options.model = "brand-new";
  options.models_json =
      "{\"pixazo\":[{\"name\":\"sdxl\",\"parameters\":{\"steps\":{\"max\":50}}},{\"name\":\"brand-new\",\"path\":\"/x\",\"parameters\":"
      "{\"prompt\":\"p\"}}],\"inference\":[{\"name\":\"sdxl\",\"pictures_per_call\":2}]}";
  assert_status(make(&made, &options, NULL), PIXAZO_OK);
  assert_string_equal(made.items[0].model_name, "brand-new");
  assert_status(px_target_resolve(&made, "sdxl", &px_provider_pixazo, &found, NULL), PIXAZO_OK);
  assert_true(found.model->params[PX_FIELD_STEPS].maximum > 49);
  assert_ptr_equal(found.account, &made.items[0]);
  assert_status(px_target_resolve(&made, "inference", NULL, &found, NULL), PIXAZO_OK);
  assert_int_equal(found.model->pictures_per_call, 2);
  px_accounts_done(&made);
}

static void test_catalogue__wrong_changes_are_named(void **state)
{
  (void)state;
  static const char *const rows[][2] = {
      {"[]", "models_json: want an object, got array"},
      {"{", "models_json"},
      {"{\"nobody\":[]}", "models_json: nobody: there is no such provider"},
      {"{\"pixazo\":{}}", "models_json: pixazo: want a list"},
      {"{\"pixazo\":[{\"name\":\"sdxl\",\"prise\":{}}]}", "models_json: pixazo[0].prise: is not known"},
  };
  for (size_t i = 0; i < PX_ARRAY_SIZE(rows); i++) {
    pixazo_client_options options = PIXAZO_CLIENT_OPTIONS_INIT;
    px_accounts made = {0};
    options.provider = "offline";
    options.models_json = rows[i][0];
    assert_status(make(&made, &options, rows[i][1]), PIXAZO_E_ARGUMENT);
    assert_null(made.items);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_catalogue__built_in_definitions_are_known_where_they_are_named),
      cmocka_unit_test(test_catalogue__one_s_own_definition_is_known_by_its_name),
      cmocka_unit_test(test_catalogue__changes_reach_every_way_to_a_model),
      cmocka_unit_test(test_catalogue__wrong_changes_are_named),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
