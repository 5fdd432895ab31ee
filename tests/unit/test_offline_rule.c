/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "studio/config.h"
#include "studio/offline_rule.h"

static bool wanted_with(const char *key, const char *value)
{
  px_cleanup(px_config_scoped) pixazo_config *config = NULL;
  assert_status(pixazo_config_new(&config, NULL), PIXAZO_OK);
  if (key)
    assert_status(pixazo_config_set(config, key, value, NULL), PIXAZO_OK);
  return px_offline_wanted(config);
}

static void test_offline__only_when_nothing_names_a_provider(void **state)
{
  (void)state;
  assert_true(wanted_with(NULL, NULL));
  assert_true(wanted_with("width", "640"));
  assert_true(wanted_with("preset", "pixazo-mcp"));
}

static void test_offline__whatever_points_to_a_service_ends_it(void **state)
{
  (void)state;
  assert_false(wanted_with("api_key", "fake-key-of-a-test"));
  assert_false(wanted_with("provider", "pixazo"));
  assert_false(wanted_with("model", "sdxl"));
  assert_false(wanted_with("base_url", "https://gateway.example"));
}

static void test_offline__its_own_models_name_it(void **state)
{
  (void)state;
  assert_true(wanted_with("model", "offline/paint"));
}

static void test_note__says_why(void **state)
{
  (void)state;
  px_cleanup(px_config_scoped) pixazo_config *config = NULL;
  assert_status(pixazo_config_new(&config, NULL), PIXAZO_OK);
  assert_non_null(strstr(px_offline_note(config), "no provider is configured"));
  assert_status(pixazo_config_set(config, "provider", "offline", NULL), PIXAZO_OK);
  assert_non_null(strstr(px_offline_note(config), "as asked for"));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_offline__only_when_nothing_names_a_provider),
      cmocka_unit_test(test_offline__whatever_points_to_a_service_ends_it),
      cmocka_unit_test(test_offline__its_own_models_name_it),
      cmocka_unit_test(test_note__says_why),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
