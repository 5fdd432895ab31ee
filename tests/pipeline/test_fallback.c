/* SPDX-License-Identifier: MIT */
/* Who is asked when the first one cannot deliver, and that nothing is paid twice on the way. */
#include <string.h>
#include <unistd.h>

#include "kit.h"
#include "support/gateway.h"
#include "support/testing.h"

#define TURBO "/sdxlTurbo/v2/getData"
#define FLUX "/flux-1-schnell/v1/getData"
#define LIGHTNING "/sdxl_lightning/getImage/v1/getSDXLImage"

static gateway server;
static kit k;

static int start_server(void **state)
{
  (void)state;
  gateway_start(&server, (const char *const[]){NULL});
  return 0;
}

static int stop_server(void **state)
{
  (void)state;
  gateway_stop(&server);
  return 0;
}

static int setup(void **state)
{
  (void)state;
  kit_prepare(&k);
  kit_ask(&k, "pixazo", server.base);
  k.client_options.model = "sdxl-turbo"; /* its price is not known, so doubt stays doubt */
  k.client_options.fallback = "pixazo/flux-schnell,pixazo/sdxl-lightning";
  k.client_options.retry_delay_ms = 1;
  k.client_options.max_retries = 1;
  k.client_options.breaker_failures = PIXAZO_NO_RETRY;
  return 0;
}

static int teardown(void **state)
{
  (void)state;
  kit_remove(&k);
  return 0;
}

/* One generation under these rules; its end is the status. The record is the caller's. */
static pixazo_status generate(const char *rules, const char *json, pixazo_generation **record)
{
  gateway_script(&server, rules);
  gateway_reset(&server);
  char *id = kit_add(&k, json);
  pixazo_error *error = NULL;
  pixazo_status status = pixazo_pipeline_wait(k.pipeline, id, 20000, NULL, NULL, NULL);
  assert_ok(pixazo_repository_find(k.repository, id, record, &error), error);
  pixazo_free(id);
  return status;
}

static void expect_posts(int64_t turbo, int64_t flux, int64_t lightning)
{
  assert_int_equal(gateway_posts(&server, TURBO), turbo);
  assert_int_equal(gateway_posts(&server, FLUX), flux);
  assert_int_equal(gateway_posts(&server, LIGHTNING), lightning);
}

static void test_fallback__the_next_one_delivers_and_the_record_says_why(void **state)
{
  (void)state;
  pixazo_generation *record = NULL;
  kit_open(&k);
  assert_status(generate("[{\"path\":\"" TURBO "\",\"status\":429,\"body\":{\"message\":\"slow down\"}}]",
                         "{\"prompt\":\"p\",\"seed\":5}", &record),
                PIXAZO_OK);
  expect_posts(2, 1, 0); /* one retry of its own comes first */
  assert_string_equal(pixazo_generation_model(record), "flux-schnell");
  assert_int_equal(pixazo_generation_attempts(record), 3);
  assert_int_equal(pixazo_generation_image_count(record), 1);
  const char *route = pixazo_generation_route_json(record);
  if (!strstr(route, "\"model\":\"sdxl-turbo\",\"why\":\"the provider refused the call") || !strstr(route, "429"))
    fail_msg("%s", route);
  assert_non_null(strstr(pixazo_generation_effective_json(record), "\"model\":\"flux-schnell\""));
  pixazo_generation_free(record);
}

static void test_fallback__what_may_have_been_paid_stops_it(void **state)
{
  (void)state;
  pixazo_generation *record = NULL;
  kit_open(&k);
  assert_status(generate("[{\"path\":\"" TURBO "\",\"answer\":\"bad-gateway\"}]", "{\"prompt\":\"p\"}", &record),
                PIXAZO_E_AMBIGUOUS);
  expect_posts(1, 0, 0);
  assert_int_equal(pixazo_generation_state(record), PIXAZO_GENERATION_AMBIGUOUS);
  pixazo_generation_free(record);
  assert_status(generate("[{\"path\":\"" TURBO "\",\"answer\":\"half-json\"}]", "{\"prompt\":\"p\"}", &record),
                PIXAZO_E_PROVIDER);
  expect_posts(1, 0, 0);
  pixazo_generation_free(record);
}

static void test_fallback__a_doubt_travels_only_when_that_is_wanted(void **state)
{
  (void)state;
  pixazo_generation *record = NULL;
  k.client_options.on_ambiguous = PIXAZO_AMBIGUOUS_FALLBACK;
  kit_open(&k);
  assert_status(generate("[{\"path\":\"" TURBO "\",\"answer\":\"bad-gateway\"}]", "{\"prompt\":\"p\"}", &record), PIXAZO_OK);
  expect_posts(1, 1, 0);
  assert_int_equal(pixazo_generation_state(record), PIXAZO_GENERATION_DONE);
  assert_int_equal(pixazo_generation_confidence(record), PIXAZO_CONFIDENCE_UNKNOWN); /* the first may be billed */
  pixazo_generation_free(record);
}

static void test_fallback__a_refused_request_and_a_block_travel_only_when_that_is_wanted(void **state)
{
  (void)state;
  static const char refused[] = "[{\"path\":\"" TURBO "\",\"answer\":\"bad-request\"}]";
  static const char blocked[] =
      "[{\"path\":\"" TURBO "\",\"status\":400,\"body\":{\"message\":\"content policy violation\"}}]";
  pixazo_generation *record = NULL;
  kit_open(&k);
  assert_status(generate(refused, "{\"prompt\":\"p\"}", &record), PIXAZO_E_PROVIDER);
  expect_posts(1, 0, 0);
  pixazo_generation_free(record);
  assert_status(generate(blocked, "{\"prompt\":\"p\"}", &record), PIXAZO_E_REJECTED);
  expect_posts(1, 0, 0);
  pixazo_generation_free(record);
  kit_close(&k);
  k.client_options.fallback_rejected = k.client_options.fallback_blocked = 1;
  kit_open(&k);
  assert_status(generate(refused, "{\"prompt\":\"p\"}", &record), PIXAZO_OK);
  expect_posts(1, 1, 0);
  pixazo_generation_free(record);
  assert_status(generate(blocked, "{\"prompt\":\"p\"}", &record), PIXAZO_OK);
  expect_posts(1, 1, 0);
  pixazo_generation_free(record);
}

static void test_fallback__the_whole_chain_is_walked_and_the_last_word_is_told(void **state)
{
  (void)state;
  pixazo_generation *record = NULL;
  k.client_options.max_retries = PIXAZO_NO_RETRY;
  kit_open(&k);
  assert_status(generate("[{\"method\":\"POST\",\"answer\":\"rate-limited-silent\"}]", "{\"prompt\":\"p\"}", &record),
                PIXAZO_E_THROTTLED);
  expect_posts(1, 1, 1);
  assert_int_equal(pixazo_generation_state(record), PIXAZO_GENERATION_FAILED);
  assert_string_equal(pixazo_generation_model(record), "sdxl-lightning");
  assert_int_equal(pixazo_generation_attempts(record), 3);
  pixazo_generation_free(record);
}

/* The first one is free and refuses, the second one costs 0.039: what it may cost is asked anew, and the third one is free. */
static void test_fallback__each_target_passes_the_budgets_again(void **state)
{
  (void)state;
  static const char refuse[] = "[{\"path\":\"" TURBO "\",\"answer\":\"bad-key\"}]";
  static const char google[] = "/v1beta/models/gemini-2.5-flash-image:generateContent";
  static const char *const budgets[] = {"{\"scope\":\"all\",\"cap_micros\":50000,\"allow_unknown_price\":true}",
                                        "{\"scope\":\"provider\",\"name\":\"google\",\"period\":\"day\",\"cap_micros\":50000}"};
  for (size_t i = 0; i < sizeof budgets / sizeof *budgets; i++) {
    pixazo_account account = PIXAZO_ACCOUNT_INIT;
    const pixazo_account *accounts[] = {&account};
    pixazo_generation *record = NULL;
    char *costs = NULL;
    account.provider = "google";
    account.api_key = "test-key-not-real-0000";
    account.base_url = server.base;
    k.client_options.accounts = accounts;
    k.client_options.account_count = 1;
    k.client_options.fallback = "google/gemini-2.5-flash-image,pixazo/flux-schnell";
    kit_open(&k);
    assert_status(pixazo_repository_set_budget(k.repository, budgets[i], NULL), PIXAZO_OK);
    for (int round = 0; round < 2; round++) {
      assert_status(generate(refuse, "{\"prompt\":\"p\"}", &record), PIXAZO_OK);
      expect_posts(1, round, 0);
      assert_int_equal(gateway_posts(&server, google), 1 - round);
      assert_int_equal(pixazo_generation_cost_micros(record), round == 0 ? 39000 : 0);
      bool denied = strstr(pixazo_generation_route_json(record), "39000") || strstr(pixazo_generation_route_json(record), "0.039 are used");
      assert_int_equal(denied, round == 1);
      pixazo_generation_free(record);
    }
    assert_status(pixazo_repository_costs(k.repository, "provider", 0, &costs, NULL), PIXAZO_OK);
    assert_non_null(strstr(costs, "{\"provider\":\"google\",\"currency\":\"USD\",\"settled_micros\":39000,\"open_micros\":0,"
                                  "\"reserved_micros\":0,\"calls\":1,"));
    pixazo_free(costs);
    if (i == 0) {
      kit_remove(&k);
      (void)setup(NULL);
    }
  }
}

/* The one call that would have shown whether there is credit again finds no budget: it shows nothing, and bars nobody. */
static void test_fallback__a_probe_that_a_budget_kept_back_bars_nobody(void **state)
{
  (void)state;
  static const char budget[] = "{\"cap_micros\":0}";
  static const char empty[] = "[{\"path\":\"" TURBO "\",\"times\":1,\"status\":402,\"headers\":{\"Retry-After-Ms\":\"1\"},"
                              "\"body\":{\"message\":\"no balance\"}}]";
  pixazo_generation *record = NULL;
  k.client_options.fallback = NULL;
  kit_open(&k);
  assert_status(generate(empty, "{\"prompt\":\"p\"}", &record), PIXAZO_E_QUOTA);
  pixazo_generation_free(record);
  (void)usleep(20000);
  assert_status(pixazo_repository_set_budget(k.repository, budget, NULL), PIXAZO_OK);
  assert_status(generate("[]", "{\"prompt\":\"p\"}", &record), PIXAZO_E_BUDGET);
  pixazo_generation_free(record);
  assert_status(pixazo_repository_remove_budget(k.repository, "{\"period\":\"total\"}", NULL), PIXAZO_OK);
  assert_status(generate("[]", "{\"prompt\":\"p\"}", &record), PIXAZO_OK);
  expect_posts(1, 0, 0);
  pixazo_generation_free(record);
}

static void test_fallback__parts_of_a_request_travel_one_by_one(void **state)
{
  (void)state;
  pixazo_generation *record = NULL;
  kit_open(&k);
  char *id = NULL;
  gateway_script(&server, "[{\"path\":\"" TURBO "\",\"nth\":2,\"answer\":\"bad-key\"}]");
  gateway_reset(&server);
  id = kit_add(&k, "{\"prompt\":\"p\",\"count\":3}");
  record = kit_wait(&k, id);
  assert_int_equal(pixazo_generation_image_count(record), 3);
  expect_posts(3, 1, 0);
  pixazo_generation_free(record);
  pixazo_free(id);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_fallback__the_next_one_delivers_and_the_record_says_why, setup, teardown),
      cmocka_unit_test_setup_teardown(test_fallback__what_may_have_been_paid_stops_it, setup, teardown),
      cmocka_unit_test_setup_teardown(test_fallback__a_doubt_travels_only_when_that_is_wanted, setup, teardown),
      cmocka_unit_test_setup_teardown(test_fallback__a_refused_request_and_a_block_travel_only_when_that_is_wanted, setup,
                                      teardown),
      cmocka_unit_test_setup_teardown(test_fallback__the_whole_chain_is_walked_and_the_last_word_is_told, setup, teardown),
      cmocka_unit_test_setup_teardown(test_fallback__each_target_passes_the_budgets_again, setup, teardown),
      cmocka_unit_test_setup_teardown(test_fallback__a_probe_that_a_budget_kept_back_bars_nobody, setup, teardown),
      cmocka_unit_test_setup_teardown(test_fallback__parts_of_a_request_travel_one_by_one, setup, teardown),
  };
  return cmocka_run_group_tests_name("fallback", tests, start_server, stop_server);
}
