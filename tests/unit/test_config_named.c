/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <stdio.h>
#include <string.h>

#include <pixazo/client.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"
#include "studio/config_named.h"

static void expect_name(const char *given, const char *wanted)
{
  char name[PX_NAMED_SIZE] = "";
  bool good = px_config_named_name(given, name);
  if (good != (wanted != NULL) || (good && wanted && strcmp(name, wanted) != 0))
    fail_msg("%s: %s", given, good ? name : "refused");
}

static void test_named__a_name_is_a_provider_a_point_and_one_of_three_words(void **state)
{
  (void)state;
  expect_name("mine.api_key", "mine.api_key");
  expect_name("My-Sd.v2.base_url", "my_sd_v2.base_url");
  expect_name("my_sd.model", "my_sd.model");
  expect_name("mine.apikey", NULL);
  expect_name("mine", NULL);
  expect_name(".api_key", NULL);
  expect_name("a b.api_key", NULL);
  expect_name("a/b.api_key", NULL);
  expect_name("width", NULL);
  expect_name("", NULL);
  expect_name("pixazo.api_key", NULL); /* that one is api_key */
  expect_name("offline.model", NULL);
}

static void test_named__the_longest_name_fits_and_one_more_is_refused(void **state)
{
  (void)state;
  for (size_t length = 50; length < 70; length++) {
    char given[96];
    char name[PX_NAMED_SIZE];
    memset(given, 'a', length);
    memcpy(given + length - 8, ".api_key", 9);
    bool good = px_config_named_name(given, name);
    assert_int_equal(good, length < PX_NAMED_SIZE);
    if (good)
      assert_string_equal(name, given);
  }
}

static void test_named__variables_say_which_setting_they_are(void **state)
{
  char name[PX_NAMED_SIZE];
  char variable[256];
  (void)state;
  assert_true(px_config_named_variable("PIXAZO_KEY_MY_SD", name));
  assert_string_equal(name, "my_sd.api_key");
  assert_true(px_config_named_variable("PIXAZO_URL_A1", name));
  assert_string_equal(name, "a1.base_url");
  assert_false(px_config_named_variable("PIXAZO_KEY_", name));
  assert_false(px_config_named_variable("PIXAZO_KEY_PIXAZO", name));
  assert_false(px_config_named_variable("PIXAZO_MODEL", name));
  assert_false(px_config_named_variable("PIXAZO_URL", name));
  (void)snprintf(variable, sizeof variable, "PIXAZO_KEY_%0200d", 1);
  assert_false(px_config_named_variable(variable, name));
}

static void test_named__a_provider_is_meant_whatever_stands_between_its_words(void **state)
{
  (void)state;
  assert_true(px_config_named_means("my_sd", "my-sd"));
  assert_true(px_config_named_means("my_sd", "my.sd"));
  assert_true(px_config_named_means("my_sd", "my_sd"));
  assert_false(px_config_named_means("my_sd", "mysd"));
  assert_false(px_config_named_means("my_sd", ""));
}

static void test_named__a_row_says_what_the_table_would(void **state)
{
  px_config_named *list = NULL;
  (void)state;
  px_config_named *made = px_config_named_get(&list, "my_sd.api_key");
  assert_non_null(made);
  assert_ptr_equal(px_config_named_get(&list, "my_sd.api_key"), made);
  assert_string_equal(made->key.name, "my_sd.api_key");
  assert_string_equal(made->key.variable, "PIXAZO_KEY_MY_SD");
  assert_string_equal(made->key.account, "my_sd");
  assert_true(made->key.secret);
  assert_int_equal(made->key.offset, offsetof(pixazo_account, api_key));
  assert_null(px_config_named_get(&list, "my_sd.model")->key.variable);
  assert_false(px_config_named_get(&list, "my_sd.base_url")->key.secret);
  px_config_named_free(&list);
  assert_null(list);
}

static void test_named__the_highest_layer_wins_and_copies_have_all(void **state)
{
  px_config_named *list = NULL;
  px_config_named *copy = NULL;
  px_config_layer layer = PX_LAYERS;
  (void)state;
  assert_status(px_config_named_put(&list, "b.model", PX_LAYER_FILE, "low", NULL), PIXAZO_OK);
  assert_status(px_config_named_put(&list, "b.model", PX_LAYER_SET, "high", NULL), PIXAZO_OK);
  assert_status(px_config_named_put(&list, "a.model", PX_LAYER_ENV, "other", NULL), PIXAZO_OK);
  assert_status(px_config_named_copy(list, &copy, NULL), PIXAZO_OK);
  px_config_named_free(&list);
  assert_string_equal(copy->name, "a.model"); /* sorted */
  assert_string_equal(px_config_named_value(px_config_named_find(copy, "b.model"), &layer), "high");
  assert_int_equal(layer, PX_LAYER_SET);
  assert_status(px_config_named_put(&copy, "b.model", PX_LAYER_SET, NULL, NULL), PIXAZO_OK);
  assert_string_equal(px_config_named_value(px_config_named_find(copy, "b.model"), &layer), "low");
  assert_status(px_config_named_put(&copy, "c.model", PX_LAYER_SET, NULL, NULL), PIXAZO_OK);
  assert_null(px_config_named_find(copy, "c.model"));
  assert_null(px_config_named_value(NULL, NULL));
  px_config_named_free(&copy);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_named__a_name_is_a_provider_a_point_and_one_of_three_words),
      cmocka_unit_test(test_named__the_longest_name_fits_and_one_more_is_refused),
      cmocka_unit_test(test_named__variables_say_which_setting_they_are),
      cmocka_unit_test(test_named__a_provider_is_meant_whatever_stands_between_its_words),
      cmocka_unit_test(test_named__a_row_says_what_the_table_would),
      cmocka_unit_test(test_named__the_highest_layer_wins_and_copies_have_all),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
