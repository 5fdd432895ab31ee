/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "client/plan.h"
#include "support/client_kit.h"

static pixazo_client *client_with(const char *model, const char *fallback)
{
  pixazo_client_options options = PIXAZO_CLIENT_OPTIONS_INIT;
  pixazo_client *client = NULL;
  px_autoerror error = NULL;
  options.api_key = kit_key;
  options.model = model;
  options.fallback = fallback;
  options.breaker_failures = 2;
  assert_ok(pixazo_client_new(&options, &client, &error), error);
  return client;
}

/* What follows a reply when no try is left for its provider. */
static px_plan *after(pixazo_client *client, const px_plan *plan, const kit_reply *reply, int32_t *action)
{
  uint32_t delay_ms = 0;
  px_outcome *outcome = kit_judge(client, plan, reply);
  px_call_end end = {.outcome = outcome, .retries_done = 2};
  px_client_note(client, plan, outcome);
  px_plan *other = px_client_follow(client, plan, &end, action, &delay_ms);
  px_outcome_free(outcome);
  return other;
}

static const kit_reply unreadable = {.status = 200, .body = "{", .cut = true};
static const kit_reply throttled = {.status = 429, .body = "{\"message\":\"slow down\"}"};
static const kit_reply no_credit = {.status = 402, .body = "{\"message\":\"no credit\"}"};
static const kit_reply bad_request = {.status = 400, .body = "{\"message\":\"bad\"}"};

static void test_routing__the_next_one_gets_the_same_request_in_its_own_words(void **state)
{
  (void)state;
  pixazo_client *client = client_with("sdxl", "pixazo/flux-schnell,pixazo/sdxl-lightning");
  px_plan *plan = kit_plan(client, "{\"prompt\":\"p\",\"seed\":77,\"steps\":20,\"idempotency_key\":\"k\"}");
  assert_true(px_plan_get(plan)->has_next);
  assert_null(px_plan_get(plan)->route_json);
  int32_t action;
  px_plan *other = after(client, plan, &throttled, &action);
  assert_int_equal(action, PX_ROUTE_NEXT);
  const px_plan_facts *facts = px_plan_get(other);
  assert_string_equal(facts->model, "flux-schnell");
  assert_string_equal(facts->idempotency_key, "k");
  assert_string_equal(facts->request_json, px_plan_get(plan)->request_json);
  assert_non_null(strstr(facts->effective_json, "\"seed\":77"));
  assert_non_null(strstr(facts->outcome_json, "\"name\":\"steps\",\"requested\":20,\"sent\":8"));
  assert_non_null(strstr(facts->route_json, "{\"provider\":\"pixazo\",\"model\":\"sdxl\",\"why\":\"the provider refused"));
  px_plan *last = after(client, other, &throttled, &action);
  assert_string_equal(px_plan_get(last)->model, "sdxl-lightning");
  assert_false(px_plan_get(last)->has_next);
  assert_null(after(client, last, &throttled, &action));
  assert_int_equal(action, PX_ROUTE_STOP);
  px_plan_unref(plan);
  px_plan_unref(other);
  px_plan_unref(last);
  (void)pixazo_client_unref(client);
}

static void expect_end(const char *model, const kit_reply *reply)
{
  pixazo_client *client = client_with(model, "pixazo/flux-schnell");
  px_plan *plan = kit_plan(client, "{\"prompt\":\"p\"}");
  int32_t action;
  assert_null(after(client, plan, reply, &action));
  assert_int_equal(action, PX_ROUTE_STOP);
  px_plan_unref(plan);
  (void)pixazo_client_unref(client);
}

static void test_routing__money_and_mistakes_do_not_travel(void **state)
{
  (void)state;
  expect_end("sdxl-turbo", &unreadable);
  expect_end("sdxl-turbo", &bad_request);
}

static void test_routing__without_credit_the_provider_is_passed_over(void **state)
{
  (void)state;
  pixazo_client *client = client_with("sdxl", "pixazo/flux-schnell");
  px_plan *plan = kit_plan(client, "{\"prompt\":\"p\"}");
  int32_t action;
  assert_null(px_client_closed(client, plan, true));
  assert_null(after(client, plan, &no_credit, &action)); /* the other model is of the same account */
  px_autoerror why = px_client_closed(client, plan, true);
  assert_status(pixazo_error_status(why), PIXAZO_E_QUOTA);
  assert_int_equal(pixazo_error_charge(why), PIXAZO_CHARGE_NOT_CHARGED);
  px_autofree char *told = NULL;
  assert_status(pixazo_client_health(client, &told, NULL), PIXAZO_OK);
  assert_non_null(strstr(told, "\"provider\":\"pixazo\",\"has_key\":true,\"state\":\"paused\""));
  assert_status(pixazo_client_reopen(client, "nobody", NULL), PIXAZO_E_ARGUMENT);
  assert_status(pixazo_client_reopen(client, "pixazo", NULL), PIXAZO_OK);
  assert_null(px_client_closed(client, plan, true));
  px_plan_unref(plan);
  (void)pixazo_client_unref(client);
}

static void expect_refused(const char *fallback, const char *words)
{
  pixazo_client_options options = PIXAZO_CLIENT_OPTIONS_INIT;
  pixazo_client *client = NULL;
  px_autoerror error = NULL;
  options.api_key = kit_key;
  options.fallback = fallback;
  assert_status(pixazo_client_new(&options, &client, &error), PIXAZO_E_ARGUMENT);
  if (!strstr(pixazo_error_message(error), words))
    fail_msg("\"%s\" is not in: %s", words, pixazo_error_message(error));
}

static void test_routing__a_chain_names_what_there_is(void **state)
{
  (void)state;
  expect_refused("nobody", "fallback: there is no provider \"nobody\"");
  expect_refused("pixazo/none", "fallback: there is no model \"none\"");
  expect_refused("pixazo,offline", "test pictures");
  expect_refused("pixazo,pixazo,pixazo,pixazo,pixazo,pixazo,pixazo,pixazo,pixazo,pixazo,pixazo,pixazo,pixazo,pixazo,pixazo,"
                 "pixazo,pixazo",
                 "more than 16");
}

static void test_routing__somebody_must_have_a_key(void **state)
{
  (void)state;
  pixazo_client_options options = PIXAZO_CLIENT_OPTIONS_INIT;
  pixazo_client *client = NULL;
  px_autoerror error = NULL;
  options.fallback = "pixazo/flux-schnell";
  assert_status(pixazo_client_new(&options, &client, &error), PIXAZO_E_AUTH);
  assert_non_null(strstr(pixazo_error_message(error), "nor for any in fallback"));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_routing__the_next_one_gets_the_same_request_in_its_own_words),
      cmocka_unit_test(test_routing__money_and_mistakes_do_not_travel),
      cmocka_unit_test(test_routing__without_credit_the_provider_is_passed_over),
      cmocka_unit_test(test_routing__a_chain_names_what_there_is),
      cmocka_unit_test(test_routing__somebody_must_have_a_key),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
