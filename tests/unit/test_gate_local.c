/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "client/gate_local.h"

static px_gate_counts counts_of(const pixazo_gate *gate)
{
  px_gate_counts counts;
  px_gate_local_counts(gate, &counts);
  return counts;
}

static void test_gate_local__holds_the_bound_until_the_answer_and_keeps_what_was_spent(void **state)
{
  (void)state;
  pixazo_gate *gate = NULL;
  px_gate_verdict verdicts[2] = {{0}};
  assert_status(px_gate_local_new(&gate, NULL), PIXAZO_OK);
  const px_gate_attempt attempts[2] = {{.attempt = "a", .upper_bound_micros = 500, .price_known = true},
                                       {.attempt = "b", .upper_bound_micros = 70, .price_known = true}};
  assert_status(gate->ops->begin(gate->self, attempts, 2, verdicts, NULL), PIXAZO_OK);
  assert_int_equal(verdicts[0].verdict, PX_GATE_GO);
  assert_int_equal(verdicts[1].verdict, PX_GATE_GO);
  assert_int_equal(counts_of(gate).open_micros, 570);
  const px_gate_answer paid = {.attempt = "a", .cost_micros = 400, .charge = PIXAZO_CHARGE_CHARGED, .confidence = 2};
  const px_gate_answer refused = {.attempt = "b", .charge = PIXAZO_CHARGE_NOT_CHARGED};
  assert_status(gate->ops->answered(gate->self, &paid, 1, NULL), PIXAZO_OK);
  assert_status(gate->ops->answered(gate->self, &paid, 1, NULL), PIXAZO_OK);
  assert_status(gate->ops->answered(gate->self, &refused, 1, NULL), PIXAZO_OK);
  px_gate_counts counts = counts_of(gate);
  assert_int_equal(counts.begun, 2);
  assert_int_equal(counts.answered, 2);
  assert_int_equal(counts.open_micros, 0);
  assert_int_equal(counts.spent_micros, 400);
  assert_int_equal(counts.unknown_price, 0);
  (void)pixazo_gate_unref(gate);
}

static void test_gate_local__an_unknown_price_is_counted_as_such(void **state)
{
  (void)state;
  pixazo_gate *gate = NULL;
  px_gate_verdict verdict = {0};
  const px_gate_attempt attempt = {.attempt = "a", .upper_bound_micros = 99};
  const px_gate_answer answer = {.attempt = "a", .charge = PIXAZO_CHARGE_UNKNOWN};
  assert_status(px_gate_local_new(&gate, NULL), PIXAZO_OK);
  assert_status(gate->ops->begin(gate->self, &attempt, 1, &verdict, NULL), PIXAZO_OK);
  assert_int_equal(counts_of(gate).open_micros, 0);
  assert_status(gate->ops->answered(gate->self, &answer, 1, NULL), PIXAZO_OK);
  assert_int_equal(counts_of(gate).unknown_price, 1);
  (void)pixazo_gate_unref(gate);
}

static px_gate_verdict pass(pixazo_gate *gate, const char *attempt, const char *principal, int64_t bound)
{
  px_gate_verdict verdict = {0};
  const px_gate_attempt asked = {.attempt = attempt,
                                 .provider = "pixazo",
                                 .model = "m",
                                 .principal = principal,
                                 .upper_bound_micros = bound,
                                 .price_known = bound >= 0};
  assert_status(gate->ops->begin(gate->self, &asked, 1, &verdict, NULL), PIXAZO_OK);
  return verdict;
}

static int32_t verdict_of(pixazo_gate *gate, const char *attempt, const char *principal, int64_t bound)
{
  px_gate_verdict verdict = pass(gate, attempt, principal, bound);
  pixazo_error_free(verdict.error);
  return verdict.verdict;
}

static void settle(pixazo_gate *gate, const char *attempt, int32_t charge, int64_t cost, const char *currency)
{
  const px_gate_answer answer = {
      .attempt = attempt, .cost_micros = cost, .charge = charge, .confidence = 4, .currency = currency};
  assert_status(gate->ops->answered(gate->self, &answer, 1, NULL), PIXAZO_OK);
}

static void test_gate_local__a_budget_holds_for_what_is_open_and_what_was_spent(void **state)
{
  (void)state;
  pixazo_gate *gate = NULL;
  assert_status(pixazo_gate_new(&gate, NULL), PIXAZO_OK);
  assert_int_equal(verdict_of(gate, "before", "", 10), PX_GATE_GO);
  assert_status(pixazo_gate_set_budget(gate, "{\"cap_micros\":100}", NULL), PIXAZO_OK);
  assert_int_equal(verdict_of(gate, "a", "", 50), PX_GATE_GO);
  px_gate_verdict denied = pass(gate, "b", "", 41);
  assert_int_equal(denied.verdict, PX_GATE_DENIED);
  assert_status(pixazo_error_status(denied.error), PIXAZO_E_BUDGET);
  assert_non_null(strstr(pixazo_error_message(denied.error), "0.0001 USD: 0.00006 are used"));
  pixazo_error_free(denied.error);
  assert_int_equal(verdict_of(gate, "b", "", -1), PX_GATE_DENIED);
  settle(gate, "a", PIXAZO_CHARGE_CHARGED, 20, "USD");
  assert_int_equal(verdict_of(gate, "c", "", 70), PX_GATE_GO);
  settle(gate, "c", PIXAZO_CHARGE_UNKNOWN, 0, NULL); /* stays at its bound */
  assert_int_equal(verdict_of(gate, "d", "", 1), PX_GATE_DENIED);
  const px_gate_attempt euro = {
      .attempt = "euro", .provider = "p", .model = "m", .currency = "EUR", .upper_bound_micros = 5, .price_known = true};
  px_gate_verdict foreign = {0};
  assert_status(gate->ops->begin(gate->self, &euro, 1, &foreign, NULL), PIXAZO_OK);
  assert_int_equal(foreign.verdict, PX_GATE_DENIED); /* its price in dollars is not known */
  pixazo_error_free(foreign.error);
  px_gate_attempt free_euro = euro;
  free_euro.attempt = "free euro";
  free_euro.upper_bound_micros = 0;
  assert_status(gate->ops->begin(gate->self, &free_euro, 1, &foreign, NULL), PIXAZO_OK);
  assert_int_equal(foreign.verdict, PX_GATE_GO); /* nothing is nothing in any currency */
  settle(gate, "before", PIXAZO_CHARGE_NOT_CHARGED, 0, NULL);
  assert_int_equal(verdict_of(gate, "e", "", 10), PX_GATE_GO);
  assert_status(pixazo_gate_set_budget(gate, "{\"cap_micros\":100,\"allow_unknown_price\":true}", NULL), PIXAZO_OK);
  assert_int_equal(verdict_of(gate, "f", "", -1), PX_GATE_GO);
  assert_status(gate->ops->begin(gate->self, &euro, 1, &foreign, NULL), PIXAZO_OK);
  assert_int_equal(foreign.verdict, PX_GATE_GO);
  assert_int_equal(verdict_of(gate, "h", "", 1), PX_GATE_DENIED);
  settle(gate, "euro", PIXAZO_CHARGE_CHARGED, 1, "USD"); /* charged in dollars after all */
  assert_int_equal(verdict_of(gate, "h", "", 0), PX_GATE_DENIED);
  assert_status(pixazo_gate_set_budget(gate, NULL, NULL), PIXAZO_OK);
  assert_int_equal(verdict_of(gate, "g", "", 1000), PX_GATE_GO);
  assert_status(pixazo_gate_set_budget(gate, "{\"scope\":\"all\",\"cap_micros\":1}", NULL), PIXAZO_E_ARGUMENT);
  (void)pixazo_gate_unref(gate);
}

static void test_gate_local__a_costlier_answer_stops_what_comes_after_it(void **state)
{
  (void)state;
  pixazo_gate *gate = NULL;
  assert_status(pixazo_gate_new(&gate, NULL), PIXAZO_OK);
  assert_status(pixazo_gate_set_budget(gate, "{\"cap_micros\":100}", NULL), PIXAZO_OK);
  assert_int_equal(verdict_of(gate, "a", "", 50), PX_GATE_GO);
  settle(gate, "a", PIXAZO_CHARGE_CHARGED, 150, NULL);
  assert_int_equal(verdict_of(gate, "b", "", 0), PX_GATE_DENIED);
  (void)pixazo_gate_unref(gate);
}

static int64_t now_us = INT64_C(1795000000000000);

static int64_t read_clock(void *self)
{
  (void)self;
  return now_us;
}

static void test_gate_local__quotas_hold_for_each_or_for_all(void **state)
{
  (void)state;
  const px_clock clock = {read_clock, read_clock, read_clock, NULL, NULL};
  pixazo_gate *gate = NULL;
  assert_status(px_gate_local_on(&clock, &gate, NULL), PIXAZO_OK);
  assert_status(pixazo_gate_set_quota(gate, "{\"principal\":\"*\",\"requests\":1,\"window_ms\":1000}", NULL), PIXAZO_OK);
  assert_status(pixazo_gate_set_quota(gate, "{\"slots\":9}", NULL), PIXAZO_OK);
  assert_status(pixazo_gate_set_quota(gate, "{\"slots\":3}", NULL), PIXAZO_OK); /* in its place */
  assert_status(pixazo_gate_set_quota(gate, "{\"provider\":\"other\",\"requests\":1}", NULL), PIXAZO_OK);
  assert_int_equal(verdict_of(gate, "a", "ann", 1), PX_GATE_GO);
  px_gate_verdict waiting = pass(gate, "b", "ann", 1);
  assert_int_equal(waiting.verdict, PX_GATE_WAIT);
  assert_int_equal(waiting.wait_until_us, now_us + 1000000);
  assert_int_equal(verdict_of(gate, "c", "bob", 1), PX_GATE_GO);
  now_us += 1000000;
  assert_int_equal(verdict_of(gate, "d", "ann", 1), PX_GATE_GO);
  assert_int_equal(verdict_of(gate, "e", NULL, 1), PX_GATE_WAIT); /* all three slots are taken */
  settle(gate, "a", PIXAZO_CHARGE_NOT_CHARGED, 0, NULL);
  assert_int_equal(verdict_of(gate, "e", NULL, 1), PX_GATE_GO);
  assert_status(pixazo_gate_set_quota(gate, "{\"slots\":3,\"max_wait_ms\":0}", NULL), PIXAZO_OK);
  px_gate_verdict denied = pass(gate, "f", "cid", 1);
  assert_int_equal(denied.verdict, PX_GATE_DENIED);
  assert_status(pixazo_error_status(denied.error), PIXAZO_E_THROTTLED);
  pixazo_error_free(denied.error);
  assert_status(pixazo_gate_set_quota(gate, "{\"slots\":0}", NULL), PIXAZO_E_ARGUMENT);
  (void)pixazo_gate_unref(gate);
}

static void *pass_often(void *argument)
{
  pixazo_gate *gate = argument;
  for (int i = 0; i < 200; i++) {
    char name[PX_UUID_TEXT];
    px_gate_verdict verdict = {0};
    (void)snprintf(name, sizeof name, "%lx-%d", (unsigned long)pthread_self(), i);
    const px_gate_attempt attempt = {.attempt = name, .upper_bound_micros = 1, .price_known = true};
    const px_gate_answer answer = {.attempt = name, .cost_micros = 1, .charge = PIXAZO_CHARGE_CHARGED, .confidence = 4};
    if (gate->ops->begin(gate->self, &attempt, 1, &verdict, NULL) != PIXAZO_OK)
      return gate;
    (void)gate->ops->answered(gate->self, &answer, 1, NULL);
  }
  return NULL;
}

static void test_gate_local__many_threads_pass_at_once(void **state)
{
  (void)state;
  pixazo_gate *gate = NULL;
  pthread_t threads[4];
  void *result = NULL;
  assert_status(px_gate_local_new(&gate, NULL), PIXAZO_OK);
  for (int i = 0; i < 4; i++)
    assert_int_equal(pthread_create(&threads[i], NULL, pass_often, gate), 0);
  for (int i = 0; i < 4; i++) {
    assert_int_equal(pthread_join(threads[i], &result), 0);
    assert_null(result);
  }
  assert_int_equal(counts_of(gate).spent_micros, 800);
  assert_int_equal(counts_of(gate).open_micros, 0);
  (void)pixazo_gate_unref(gate);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_gate_local__holds_the_bound_until_the_answer_and_keeps_what_was_spent),
      cmocka_unit_test(test_gate_local__an_unknown_price_is_counted_as_such),
      cmocka_unit_test(test_gate_local__a_budget_holds_for_what_is_open_and_what_was_spent),
      cmocka_unit_test(test_gate_local__a_costlier_answer_stops_what_comes_after_it),
      cmocka_unit_test(test_gate_local__quotas_hold_for_each_or_for_all),
      cmocka_unit_test(test_gate_local__many_threads_pass_at_once),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
