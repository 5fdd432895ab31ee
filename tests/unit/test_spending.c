/* SPDX-License-Identifier: MIT */
/* The settings about money, as a studio's database and gate have them. */
#include "support/testing.h"

#include <stdlib.h>
#include <string.h>

#include <pixazo/memory.h>
#include <pixazo/studio.h>

#include "studio/spending.h"
#include "support/tmpdir.h"

typedef struct kit {
  char *directory;
  pixazo_config *config;
  pixazo_repository *repository;
} kit;

static int set_up(void **state)
{
  kit *k = calloc(1, sizeof *k);
  if (!k)
    return -1;
  k->directory = tmpdir_make();
  char *path = tmpdir_path(k->directory, "pixazo.db");
  pixazo_repository_options options = PIXAZO_REPOSITORY_OPTIONS_INIT;
  options.path = path;
  pixazo_error *error = NULL;
  assert_ok(pixazo_repository_new(&options, &k->repository, &error), error);
  assert_ok(pixazo_config_new(&k->config, &error), error);
  free(path);
  *state = k;
  return 0;
}

static int tear_down(void **state)
{
  kit *k = *state;
  (void)pixazo_repository_unref(k->repository);
  pixazo_config_free(k->config);
  tmpdir_remove(k->directory);
  free(k);
  return 0;
}

static void set(kit *k, const char *key, const char *value)
{
  pixazo_error *error = NULL;
  assert_ok(pixazo_config_set(k->config, key, value, &error), error);
}

static void expect_list(pixazo_status (*list)(pixazo_repository *, char **, pixazo_error **), kit *k, const char *wanted)
{
  char *text = NULL;
  pixazo_error *error = NULL;
  assert_ok(list(k->repository, &text, &error), error);
  if (!strstr(text, wanted))
    fail_msg("%s is not in %s", wanted, text);
  pixazo_free(text);
}

static void test_spending__what_is_not_set_stays_as_it_is(void **state)
{
  kit *k = *state;
  pixazo_error *error = NULL;
  assert_ok(pixazo_repository_set_budget(k->repository, "{\"period\":\"day\",\"cap_micros\":7}", &error), error);
  assert_ok(px_spending_apply(k->config, k->repository, &error), error);
  expect_list(pixazo_repository_budgets, k, "\"cap_micros\":7");
  expect_list(pixazo_repository_quotas, k, "\"quotas\":[]");
}

static void test_spending__budgets_are_written_exactly(void **state)
{
  kit *k = *state;
  pixazo_error *error = NULL;
  set(k, "budget_day", "2.50");
  set(k, "budget_month", "0.000001");
  set(k, "budget_currency", "EUR");
  set(k, "allow_unknown_price", "1");
  assert_ok(px_spending_apply(k->config, k->repository, &error), error);
  expect_list(pixazo_repository_budgets, k,
              "\"period\":\"day\",\"currency\":\"EUR\",\"cap_micros\":2500000,\"allow_unknown_price\":true");
  expect_list(pixazo_repository_budgets, k, "\"period\":\"month\",\"currency\":\"EUR\",\"cap_micros\":1,");
}

static void test_spending__the_playground_has_fifty_calls_an_hour_and_two_at_once(void **state)
{
  kit *k = *state;
  pixazo_error *error = NULL;
  set(k, "preset", "playground");
  assert_ok(px_spending_apply(k->config, k->repository, &error), error);
  expect_list(pixazo_repository_quotas, k,
              "{\"provider\":\"*\",\"principal\":\"*\",\"requests\":50,\"window_ms\":3600000,\"burst\":50,\"slots\":2}");
  assert_string_equal(pixazo_config_get(k->config, "generation_timeout_ms"), "120000");
  /* plain http only to a host that is named: where the inference proxy of the playground is, or one in its place */
  assert_string_equal(pixazo_config_get(k->config, "allow_hosts"), "localhost:8001");
  set(k, "allow_hosts", "gpu-box");
  assert_string_equal(pixazo_config_get(k->config, "allow_hosts"), "gpu-box");
  set(k, "quota_slots", "9");
  set(k, "quota_wait_ms", "0");
  assert_ok(px_spending_apply(k->config, k->repository, &error), error);
  expect_list(pixazo_repository_quotas, k, "\"slots\":9,\"max_wait_ms\":0}]");
}

static void test_spending__a_gate_gets_the_budget_of_the_run(void **state)
{
  kit *k = *state;
  pixazo_error *error = NULL;
  pixazo_gate *gate = NULL;
  assert_ok(pixazo_repository_gate(k->repository, &gate, &error), error);
  assert_ok(px_spending_limit_gate(k->config, gate, &error), error);
  expect_list(pixazo_repository_budgets, k, "\"budgets\":[]");
  set(k, "budget_run", "1");
  assert_ok(px_spending_limit_gate(k->config, gate, &error), error);
  expect_list(pixazo_repository_budgets, k, "\"scope\":\"run\"");
  (void)pixazo_gate_unref(gate);
}

static void test_spending__a_studio_applies_it_on_opening(void **state)
{
  kit *k = *state;
  pixazo_error *error = NULL;
  pixazo_studio *studio = NULL;
  pixazo_generation *record = NULL;
  char *directory = tmpdir_path(k->directory, "art");
  set(k, "provider", "offline");
  set(k, "offline_script", "{\"price_micros\":1500000,\"calls\":[]}");
  set(k, "budget_day", "2");
  set(k, "renditions", "none");
  set(k, "width", "16");
  set(k, "height", "16");
  pixazo_studio_options options = PIXAZO_STUDIO_OPTIONS_INIT;
  options.config = k->config;
  assert_ok(pixazo_studio_open(directory, &options, &studio, &error), error);
  assert_ok(pixazo_studio_generate_prompt(studio, "a fox", &record, &error), error);
  pixazo_generation_free(record);
  assert_status(pixazo_studio_generate_prompt(studio, "an owl", &record, &error), PIXAZO_E_BUDGET);
  assert_non_null(strstr(pixazo_error_message(error), "the day budget allows 2.00 USD until "));
  pixazo_error_free(error);
  pixazo_studio_close(studio);
  free(directory);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_spending__what_is_not_set_stays_as_it_is, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_spending__budgets_are_written_exactly, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_spending__the_playground_has_fifty_calls_an_hour_and_two_at_once, set_up,
                                      tear_down),
      cmocka_unit_test_setup_teardown(test_spending__a_gate_gets_the_budget_of_the_run, set_up, tear_down),
      cmocka_unit_test_setup_teardown(test_spending__a_studio_applies_it_on_opening, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
