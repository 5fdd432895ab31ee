/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <pthread.h>
#include <stdio.h>

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
      cmocka_unit_test(test_gate_local__many_threads_pass_at_once),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
