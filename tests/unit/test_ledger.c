/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/mem.h"
#include "support/journal.h"

static px_gate_verdict call(journal_kit *kit, char generation[PX_UUID_TEXT], char attempt[PX_UUID_TEXT])
{
  px_gate_verdict verdict = {0};
  plan(kit, generation, "x");
  MUST(begin_attempt_as(kit->journal, generation, attempt, 10, &verdict, error));
  assert_null(verdict.error);
  return verdict;
}

static void test_ledger__a_row_knows_principal_provider_and_day(void **state)
{
  journal_kit *kit = *state;
  char generation[PX_UUID_TEXT], attempt[PX_UUID_TEXT];
  (void)call(kit, generation, attempt);
  assert_int_equal(kit->now_us / INT64_C(86400000000), ask(kit, "SELECT day FROM ledger"));
  assert_int_equal(1, ask(kit, "SELECT provider = 'pixazo' AND principal = '' AND currency = 'USD' AND amount_micros = 10 "
                               "AND upper_bound_micros = 10 AND state = 1 FROM ledger"));
}

static void test_ledger__who_asked_is_who_pays(void **state)
{
  journal_kit *kit = *state;
  char generation[PX_UUID_TEXT], attempt[PX_UUID_TEXT];
  px_journal_new row = {.prompt = "x", .principal = "alice", .provider = "pixazo", .model = "sdxl"};
  tell(kit, "INSERT INTO budget (scope, name, period, cap_micros) VALUES ('principal', 'alice', 'total', 10)");
  plan_row(kit, generation, &row);
  assert_int_equal(PX_GATE_GO, begin_attempt(kit, generation, attempt, 10));
  assert_int_equal(1, ask(kit, "SELECT principal = 'alice' FROM ledger"));
  assert_int_equal(10, ask(kit, "SELECT used_micros FROM budget"));
}

static void test_ledger__an_unknown_price_never_reads_as_zero(void **state)
{
  journal_kit *kit = *state;
  char generation[PX_UUID_TEXT], attempt[PX_UUID_TEXT];
  pixazo_generation *found = NULL;
  plan(kit, generation, "x");
  assert_int_equal(PX_GATE_GO, begin_attempt(kit, generation, attempt, -1));
  fail_attempt(kit, generation, attempt, PIXAZO_CLASS_AMBIGUOUS, PIXAZO_CHARGE_UNKNOWN, 0, true);
  MUST(pixazo_repository_find(kit->repository, generation, &found, error));
  assert_int_equal(PIXAZO_CONFIDENCE_UNKNOWN, pixazo_generation_confidence(found));
  pixazo_generation_free(found);
}

static void test_ledger__a_charge_in_another_currency_moves_the_row_there(void **state)
{
  journal_kit *kit = *state;
  char generation[PX_UUID_TEXT], attempt[PX_UUID_TEXT];
  pixazo_generation *found = NULL;
  (void)call(kit, generation, attempt);
  px_journal_answer answer = {.facts = {.attempt = attempt,
                                        .generation = generation,
                                        .attempt_class = PIXAZO_CLASS_ACCEPTED,
                                        .currency = "EUR",
                                        .cost_micros = 9,
                                        .confidence = PIXAZO_CONFIDENCE_BILLED,
                                        .charge = PIXAZO_CHARGE_CHARGED}};
  MUST(answer_attempt(kit->journal, &answer, error));
  assert_int_equal(9, ask(kit, "SELECT amount_micros FROM ledger WHERE currency = 'EUR'"));
  assert_int_equal(9, ask(kit, "SELECT sum(cost_micros) FROM stat_day WHERE currency = 'EUR'"));
  MUST(pixazo_repository_find(kit->repository, generation, &found, error));
  assert_string_equal("EUR", pixazo_generation_currency(found));
  pixazo_generation_free(found);
}

static void settle_for(journal_kit *kit, const char *generation, const char *attempt, int64_t cost)
{
  px_journal_answer answer = {.facts = {.attempt = attempt,
                                        .generation = generation,
                                        .attempt_class = PIXAZO_CLASS_EMPTY,
                                        .message = "nothing came",
                                        .currency = "USD",
                                        .cost_micros = cost,
                                        .confidence = PIXAZO_CONFIDENCE_BILLED,
                                        .charge = PIXAZO_CHARGE_CHARGED}};
  MUST(answer_attempt(kit->journal, &answer, error));
}

static void test_ledger__a_cost_no_call_can_have_does_not_spoil_the_sums(void **state)
{
  journal_kit *kit = *state;
  static const int64_t costs[] = {INT64_MAX, INT64_MAX, INT64_MIN};
  char generation[PX_UUID_TEXT], attempt[PX_UUID_TEXT];
  char *report = NULL;
  for (size_t i = 0; i < 3; i++) {
    (void)call(kit, generation, attempt);
    settle_for(kit, generation, attempt, costs[i]);
  }
  assert_int_equal(2 * INT64_C(1000000000000000), ask(kit, "SELECT sum(amount_micros) FROM ledger"));
  MUST(pixazo_repository_check(kit->repository, &report, error));
  px_free(report);
}

static void test_ledger__an_attempt_at_a_price_no_call_can_have_is_denied(void **state)
{
  journal_kit *kit = *state;
  char generation[PX_UUID_TEXT], attempt[PX_UUID_TEXT];
  plan(kit, generation, "x");
  assert_int_equal(PX_GATE_DENIED, begin_attempt(kit, generation, attempt, INT64_MAX));
  assert_int_equal(0, ask(kit, "SELECT count(*) FROM ledger"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, journal_kit_setup, journal_kit_teardown)
  const struct CMUnitTest tests[] = {
      TEST(test_ledger__a_row_knows_principal_provider_and_day),
      TEST(test_ledger__who_asked_is_who_pays),
      TEST(test_ledger__an_unknown_price_never_reads_as_zero),
      TEST(test_ledger__a_charge_in_another_currency_moves_the_row_there),
      TEST(test_ledger__a_cost_no_call_can_have_does_not_spoil_the_sums),
      TEST(test_ledger__an_attempt_at_a_price_no_call_can_have_is_denied),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
