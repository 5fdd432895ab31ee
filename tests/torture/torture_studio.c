/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <stdlib.h>
#include <string.h>

#include <pixazo/studio.h>

#include "base/error.h"
#include "base/mem.h"
#include "studio/config.h"
#include "studio/recipes.h"
#include "support/tmpdir.h"
#include "support/torture.h"

static const char settings[] = "{\"width\": 640, \"renditions\": [\"png\", \"fit-256\"], \"preset\": \"dev\","
                               " \"limits_json\": {\"pixazo/sdxl\": {\"steps\": {\"max\": 10}}}}";

static pixazo_status settings_become_renditions(void *user_data, pixazo_error **error)
{
  (void)user_data;
  px_cleanup(px_config_scoped) pixazo_config *config = NULL;
  px_cleanup(px_config_scoped) pixazo_config *copy = NULL;
  px_auto(px_recipes) recipes = {{NULL}, 0};
  px_autofree char *json = NULL;
  PX_TRY(pixazo_config_new(&config, error));
  PX_TRY(pixazo_config_load_json(config, settings, error));
  PX_TRY(pixazo_config_set(config, "api_key", "fake-key-of-a-test", error));
  PX_TRY(px_config_copy(config, &copy, error));
  PX_TRY(px_recipes_from_config(copy, &recipes, error));
  PX_TRY(pixazo_config_to_json(copy, &json, error));
  assert_int_equal(recipes.count, 2);
  return PIXAZO_OK;
}

static void test_torture__settings_become_renditions(void **state)
{
  (void)state;
  assert_true(torture_run("settings", settings_become_renditions, NULL, 1) >= 20);
}

static pixazo_status fill_and_copy(pixazo_config *config, pixazo_request *request, pixazo_error **error)
{
  pixazo_request *copy = NULL;
  PX_TRY(pixazo_config_apply(config, request, error));
  PX_TRY(pixazo_request_new_copy(request, &copy, error));
  pixazo_request_free(copy);
  return PIXAZO_OK;
}

static pixazo_status a_request_is_filled(void *user_data, pixazo_error **error)
{
  (void)user_data;
  px_cleanup(px_config_scoped) pixazo_config *config = NULL;
  pixazo_request *request = NULL;
  PX_TRY(pixazo_config_new(&config, error));
  PX_TRY(pixazo_config_load_preset(config, "pixazo-mcp", error));
  PX_TRY(pixazo_request_new("a fox", &request, error));
  pixazo_status status = fill_and_copy(config, request, error);
  pixazo_request_free(request);
  return status;
}

static void test_torture__a_request_is_filled_from_the_settings(void **state)
{
  (void)state;
  assert_true(torture_run("request", a_request_is_filled, NULL, 1) >= 20);
}

static pixazo_status the_doctor_looks(void *user_data, pixazo_error **error)
{
  px_autofree char *report = NULL;
  return pixazo_studio_doctor(user_data, NULL, &report, error);
}

static void test_torture__the_doctor_looks(void **state)
{
  (void)setenv("HOME", *state, 1);
  assert_true(torture_run("doctor", the_doctor_looks, *state, 1) >= 10);
}

int main(void)
{
  torture_install();
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_torture__settings_become_renditions),
      cmocka_unit_test(test_torture__a_request_is_filled_from_the_settings),
      cmocka_unit_test_setup_teardown(test_torture__the_doctor_looks, tmpdir_setup, tmpdir_teardown),
  };
  return torture_report(cmocka_run_group_tests(tests, NULL, NULL));
}
