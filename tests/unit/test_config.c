/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <string.h>

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

static void put(pixazo_config *config, const char *key, px_config_layer layer, const char *value)
{
  assert_status(px_config_put(config, key, layer, value, NULL), PIXAZO_OK);
}

static void test_config__starts_with_defaults(void **state)
{
  assert_string_equal(pixazo_config_get(*state, "provider"), "pixazo");
  assert_string_equal(pixazo_config_source(*state, "provider"), "default");
  assert_null(pixazo_config_get(*state, "width"));
  assert_null(pixazo_config_get(*state, "no such key"));
  assert_string_equal(pixazo_config_source(*state, "no such key"), "");
  assert_null(pixazo_config_get(NULL, "width"));
}

static void test_config__the_highest_layer_wins_and_is_named(void **state)
{
  static const struct {
    px_config_layer layer;
    const char *value;
    const char *name;
  } steps[] = {{PX_LAYER_PRESET, "1", "preset"},
               {PX_LAYER_KEY_FILE, "2", "key file"},
               {PX_LAYER_FILE, "3", "file"},
               {PX_LAYER_ENV, "4", "env"},
               {PX_LAYER_SET, "5", "set"}};
  for (size_t i = 0; i < PX_ARRAY_SIZE(steps); i++) {
    put(*state, "steps", steps[i].layer, steps[i].value);
    assert_string_equal(pixazo_config_get(*state, "steps"), steps[i].value);
    assert_string_equal(pixazo_config_source(*state, "steps"), steps[i].name);
  }
  assert_status(pixazo_config_set(*state, "steps", NULL, NULL), PIXAZO_OK);
  assert_string_equal(pixazo_config_get(*state, "steps"), "4");
}

static void test_set__takes_spaces_away_and_refuses_what_is_out_of_range(void **state)
{
  px_autoerror error = NULL;
  assert_status(pixazo_config_set(*state, "width", " 640 ", NULL), PIXAZO_OK);
  assert_string_equal(pixazo_config_get(*state, "width"), "640");
  assert_status(pixazo_config_set(*state, "width", "0", &error), PIXAZO_E_ARGUMENT);
  assert_string_equal(pixazo_error_message(error), "width=\"0\": want a whole number from 1 to 65535");
  assert_string_equal(pixazo_config_get(*state, "width"), "640");
}

static void test_set__names_the_nearest_key(void **state)
{
  px_autoerror error = NULL;
  assert_status(pixazo_config_set(*state, "modell", "x", &error), PIXAZO_E_ARGUMENT);
  assert_non_null(strstr(pixazo_error_message(error), "did you mean \"model\"?"));
}

static void test_set__a_bad_secret_is_never_shown(void **state)
{
  px_autoerror error = NULL;
  assert_status(pixazo_config_set(*state, "api_key", "sk-fake\x01secret", &error), PIXAZO_E_ARGUMENT);
  assert_null(strstr(pixazo_error_message(error), "sk-fake"));
  assert_non_null(strstr(pixazo_error_message(error), "api_key (not shown)"));
}

static void test_preset__sets_defaults_below_everything_else(void **state)
{
  put(*state, "width", PX_LAYER_FILE, "300");
  assert_status(pixazo_config_load_preset(*state, "pixazo-mcp", NULL), PIXAZO_OK);
  assert_string_equal(pixazo_config_get(*state, "width"), "300");
  assert_string_equal(pixazo_config_get(*state, "height"), "1024");
  assert_string_equal(pixazo_config_get(*state, "guidance_floor"), "7");
  assert_string_equal(pixazo_config_get(*state, "steps"), "20");
  assert_string_equal(pixazo_config_get(*state, "seed"), "-1");
  assert_string_equal(pixazo_config_source(*state, "height"), "preset");
  assert_string_equal(pixazo_config_get(*state, "preset"), "pixazo-mcp");
}

static void test_preset__another_one_leaves_nothing_of_the_first(void **state)
{
  assert_status(pixazo_config_load_preset(*state, "pixazo-mcp", NULL), PIXAZO_OK);
  assert_status(pixazo_config_load_preset(*state, "dev", NULL), PIXAZO_OK);
  assert_string_equal(pixazo_config_get(*state, "width"), "512");
  assert_string_equal(pixazo_config_get(*state, "steps"), "15");
  assert_string_equal(pixazo_config_get(*state, "guidance_floor"), "0");
  assert_status(pixazo_config_load_preset(*state, "prod", NULL), PIXAZO_OK);
  assert_string_equal(pixazo_config_get(*state, "guidance"), "8");
  assert_string_equal(pixazo_config_get(*state, "steps"), "25");
  assert_status(pixazo_config_load_preset(*state, "default", NULL), PIXAZO_OK);
  assert_null(pixazo_config_get(*state, "width"));
}

static void test_preset__of_the_tool_of_before_has_no_floor_and_one_seed(void **state)
{
  assert_status(pixazo_config_load_preset(*state, "pixazo-mcp-s2", NULL), PIXAZO_OK);
  assert_string_equal(pixazo_config_get(*state, "guidance"), "5");
  assert_string_equal(pixazo_config_get(*state, "guidance_floor"), "0");
  assert_string_equal(pixazo_config_get(*state, "seed"), "42");
  assert_string_equal(pixazo_config_get(*state, "key_template"), "generated/default/{uuid}.{ext}");
}

static void test_preset__the_key_from_elsewhere_wins(void **state)
{
  put(*state, "preset", PX_LAYER_ENV, "dev");
  assert_status(pixazo_config_load_preset(*state, "prod", NULL), PIXAZO_OK);
  assert_string_equal(pixazo_config_get(*state, "width"), "512");
  assert_status(pixazo_config_set(*state, "preset", "prod", NULL), PIXAZO_OK);
  assert_string_equal(pixazo_config_get(*state, "width"), "1024");
}

static void test_preset__unknown_lists_those_there_are(void **state)
{
  px_autoerror error = NULL;
  assert_status(pixazo_config_load_preset(*state, "fast", &error), PIXAZO_E_NOT_FOUND);
  assert_non_null(strstr(pixazo_error_message(error), "default,pixazo-mcp,pixazo-mcp-s2,playground,dev,prod"));
}

static void test_copy__is_the_same_and_its_own(void **state)
{
  px_cleanup(px_config_scoped) pixazo_config *copy = NULL;
  put(*state, "api_key", PX_LAYER_KEY_FILE, "fake-key-of-a-test");
  put(*state, "width", PX_LAYER_ENV, "77");
  assert_status(px_config_copy(*state, &copy, NULL), PIXAZO_OK);
  put(*state, "width", PX_LAYER_ENV, "78");
  assert_string_equal(pixazo_config_get(copy, "width"), "77");
  assert_string_equal(pixazo_config_source(copy, "api_key"), "key file");
}

static void test_to_json__shows_sources_and_hides_secrets(void **state)
{
  px_autofree char *json = NULL;
  put(*state, "api_key", PX_LAYER_ENV, "fake-key-of-a-test");
  assert_status(pixazo_config_to_json(*state, &json, NULL), PIXAZO_OK);
  assert_null(strstr(json, "fake-key-of-a-test"));
  assert_non_null(strstr(json, "{\"key\":\"api_key\",\"value\":\"(set)\",\"source\":\"env\""));
  assert_non_null(strstr(json, "\"variable\":\"PIXAZO_DEFAULT_NUM_STEPS\""));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_config__starts_with_defaults, make, drop),
      cmocka_unit_test_setup_teardown(test_config__the_highest_layer_wins_and_is_named, make, drop),
      cmocka_unit_test_setup_teardown(test_set__takes_spaces_away_and_refuses_what_is_out_of_range, make, drop),
      cmocka_unit_test_setup_teardown(test_set__names_the_nearest_key, make, drop),
      cmocka_unit_test_setup_teardown(test_set__a_bad_secret_is_never_shown, make, drop),
      cmocka_unit_test_setup_teardown(test_preset__sets_defaults_below_everything_else, make, drop),
      cmocka_unit_test_setup_teardown(test_preset__another_one_leaves_nothing_of_the_first, make, drop),
      cmocka_unit_test_setup_teardown(test_preset__of_the_tool_of_before_has_no_floor_and_one_seed, make, drop),
      cmocka_unit_test_setup_teardown(test_preset__the_key_from_elsewhere_wins, make, drop),
      cmocka_unit_test_setup_teardown(test_preset__unknown_lists_those_there_are, make, drop),
      cmocka_unit_test_setup_teardown(test_copy__is_the_same_and_its_own, make, drop),
      cmocka_unit_test_setup_teardown(test_to_json__shows_sources_and_hides_secrets, make, drop),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
