/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <pthread.h>
#include <string.h>

#include "base/mem.h"
#include "repository/budget.h"
#include "support/journal.h"

static const int64_t DAY_US = INT64_C(86400000000);

/* A call of the default principal to pixazo; how it went. */
static int32_t call(journal_kit *kit, int64_t price, char generation[PX_UUID_TEXT], char attempt[PX_UUID_TEXT])
{
  plan(kit, generation, "x");
  return begin_attempt(kit, generation, attempt, price);
}

static int32_t call_only(journal_kit *kit, int64_t price)
{
  char generation[PX_UUID_TEXT], attempt[PX_UUID_TEXT];
  return call(kit, price, generation, attempt);
}

static void settle(journal_kit *kit, const char *generation, const char *attempt, int32_t charge, int64_t cost)
{
  px_journal_answer answer = {
      .facts = {.attempt = attempt,
                .generation = generation,
                .attempt_class = charge == PIXAZO_CHARGE_CHARGED ? PIXAZO_CLASS_ACCEPTED : PIXAZO_CLASS_AMBIGUOUS,
                .message = charge == PIXAZO_CHARGE_CHARGED ? NULL : "x",
                .currency = "USD",
                .cost_micros = cost,
                .confidence = PIXAZO_CONFIDENCE_BILLED,
                .charge = charge},
      .final = true};
  MUST(answer_attempt(kit->journal, &answer, error));
}

static void test_budget__counts_reserved_open_and_settled(void **state)
{
  journal_kit *kit = *state;
  char generation[PX_UUID_TEXT], attempt[PX_UUID_TEXT];
  tell(kit, "INSERT INTO budget (scope, period, cap_micros) VALUES ('all', 'total', 100)");
  assert_int_equal(PX_GATE_GO, call(kit, 60, generation, attempt));
  assert_int_equal(PX_GATE_DENIED, call_only(kit, 41));
  assert_int_equal(PX_GATE_GO, call_only(kit, 40));
  assert_int_equal(PX_GATE_DENIED, call_only(kit, 1));
  settle(kit, generation, attempt, PIXAZO_CHARGE_CHARGED, 10); /* 50 come free */
  assert_int_equal(PX_GATE_DENIED, call_only(kit, 51));
  assert_int_equal(PX_GATE_GO, call(kit, 50, generation, attempt));
  settle(kit, generation, attempt, PIXAZO_CHARGE_UNKNOWN, 0); /* stays at its upper bound */
  assert_int_equal(PX_GATE_DENIED, call_only(kit, 1));
  settle(kit, generation, attempt, PIXAZO_CHARGE_CHARGED, 20);
  assert_int_equal(PX_GATE_GO, call_only(kit, 30));
}

static void test_budget__a_costly_answer_is_settled_flagged_and_stops_the_rest(void **state)
{
  journal_kit *kit = *state;
  char generation[PX_UUID_TEXT], attempt[PX_UUID_TEXT];
  tell(kit, "INSERT INTO budget (scope, period, cap_micros) VALUES ('all', 'total', 100)");
  assert_int_equal(PX_GATE_GO, call(kit, 60, generation, attempt));
  settle(kit, generation, attempt, PIXAZO_CHARGE_CHARGED, 150);
  assert_int_equal(1, ask(kit, "SELECT over FROM ledger"));
  assert_int_equal(150, ask(kit, "SELECT used_micros FROM budget"));
  assert_int_equal(PX_GATE_DENIED, call_only(kit, 0));
}

static void test_budget__an_unknown_price_stops_only_where_a_budget_applies(void **state)
{
  journal_kit *kit = *state;
  char generation[PX_UUID_TEXT], attempt[PX_UUID_TEXT];
  px_gate_verdict verdict = {0};
  tell(kit, "INSERT INTO budget (scope, name, period, cap_micros) VALUES ('principal', 'bob', 'total', 100)");
  assert_int_equal(PX_GATE_GO, call_only(kit, -1));
  tell(kit, "INSERT INTO budget (scope, name, period, cap_micros) VALUES ('provider', 'pixazo', 'total', 100)");
  plan(kit, generation, "x");
  MUST(begin_attempt_as(kit->journal, generation, attempt, -1, &verdict, error));
  assert_int_equal(PX_GATE_DENIED, verdict.verdict);
  assert_int_equal(PIXAZO_E_BUDGET, pixazo_error_status(verdict.error));
  assert_non_null(strstr(pixazo_error_message(verdict.error), "not known"));
  pixazo_error_free(verdict.error);
}

static void test_budget__another_currency_counts_as_an_unknown_price(void **state)
{
  journal_kit *kit = *state;
  tell(kit, "INSERT INTO budget (scope, period, currency, cap_micros) VALUES ('all', 'total', 'EUR', 1000000)");
  assert_int_equal(PX_GATE_DENIED, call_only(kit, 1));
}

static void test_budget__nothing_is_nothing_in_any_currency(void **state)
{
  journal_kit *kit = *state;
  char *json = NULL;
  tell(kit, "INSERT INTO budget (scope, period, currency, cap_micros) VALUES ('all', 'total', 'EUR', 1000000)");
  assert_int_equal(PX_GATE_GO, call_only(kit, 0));
  MUST(pixazo_repository_budgets(kit->repository, &json, error));
  assert_non_null(strstr(json, "\"unknown_price_calls\":0"));
  px_free(json);
}

static void test_budget__a_day_and_a_month_begin_anew(void **state)
{
  journal_kit *kit = *state;
  tell(kit, "INSERT INTO budget (scope, period, cap_micros) VALUES ('all', 'day', 100), ('all', 'month', 150)");
  assert_int_equal(PX_GATE_GO, call_only(kit, 100)); /* 18 November */
  assert_int_equal(PX_GATE_DENIED, call_only(kit, 1));
  kit->now_us += DAY_US;
  assert_int_equal(PX_GATE_DENIED, call_only(kit, 51)); /* the month has 50 left */
  assert_int_equal(PX_GATE_GO, call_only(kit, 50));
  assert_int_equal(PX_GATE_DENIED, call_only(kit, 1));
  kit->now_us += 12 * DAY_US; /* 1 December */
  assert_int_equal(PX_GATE_GO, call_only(kit, 100));
  assert_int_equal(PX_GATE_DENIED, call_only(kit, 1));
  kit->now_us -= 13 * DAY_US; /* a clock that goes back finds what it spent then */
  assert_int_equal(PX_GATE_DENIED, call_only(kit, 1));
}

static void test_budget__a_charge_belongs_to_the_day_it_was_sent(void **state)
{
  journal_kit *kit = *state;
  char generation[PX_UUID_TEXT], attempt[PX_UUID_TEXT];
  tell(kit, "INSERT INTO budget (scope, period, cap_micros) VALUES ('all', 'day', 100)");
  assert_int_equal(PX_GATE_GO, call(kit, 100, generation, attempt));
  kit->now_us += DAY_US;
  assert_int_equal(PX_GATE_GO, call_only(kit, 90));
  settle(kit, generation, attempt, PIXAZO_CHARGE_CHARGED, 100);
  assert_int_equal(90, ask(kit, "SELECT used_micros FROM budget"));
  assert_int_equal(PX_GATE_GO, call_only(kit, 10));
  assert_int_equal(PX_GATE_DENIED, call_only(kit, 1));
}

static void test_budget__a_row_put_there_later_counts_what_was_spent_before(void **state)
{
  journal_kit *kit = *state;
  assert_int_equal(PX_GATE_GO, call_only(kit, 80));
  tell(kit, "INSERT INTO budget (scope, name, period, cap_micros) VALUES ('provider', 'pixazo', 'month', 100)");
  assert_int_equal(PX_GATE_DENIED, call_only(kit, 21));
  assert_int_equal(PX_GATE_GO, call_only(kit, 20));
  assert_int_equal(100, ask(kit, "SELECT used_micros FROM budget"));
}

static void test_budget__scopes_count_their_own(void **state)
{
  journal_kit *kit = *state;
  tell(kit, "INSERT INTO budget (scope, name, period, cap_micros) VALUES ('principal', '', 'total', 50), "
            "('principal', 'bob', 'total', 0), ('provider', 'other', 'total', 0)");
  assert_int_equal(PX_GATE_GO, call_only(kit, 50));
  assert_int_equal(PX_GATE_DENIED, call_only(kit, 1));
}

static void test_budget__huge_prices_do_not_overflow(void **state)
{
  journal_kit *kit = *state;
  tell(kit, "INSERT INTO budget (scope, period, cap_micros) VALUES ('all', 'total', 9223372036854775807)");
  assert_int_equal(PX_GATE_GO, call_only(kit, INT64_C(1000000000000000)));
  tell(kit, "UPDATE budget SET used_micros = 9223372036854775802");
  assert_int_equal(PX_GATE_DENIED, call_only(kit, 100));
  assert_int_equal(PX_GATE_GO, call_only(kit, 5));
}

static void test_budget__an_unknown_price_passes_uncounted_where_it_is_allowed(void **state)
{
  journal_kit *kit = *state;
  tell(kit, "INSERT INTO budget (scope, period, cap_micros, allow_unknown) VALUES ('all', 'total', 100, 1)");
  assert_int_equal(PX_GATE_GO, call_only(kit, -1));
  assert_int_equal(PX_GATE_GO, call_only(kit, 100));
  assert_int_equal(PX_GATE_DENIED, call_only(kit, 1));
  assert_int_equal(PX_GATE_GO, call_only(kit, -1));
  tell(kit, "UPDATE budget SET cap_micros = 99"); /* what is over its cap lets nothing pass any more */
  assert_int_equal(PX_GATE_DENIED, call_only(kit, -1));
}

static void test_budget__says_what_is_used_what_a_call_may_cost_and_what_to_do(void **state)
{
  journal_kit *kit = *state;
  char generation[PX_UUID_TEXT], attempt[PX_UUID_TEXT];
  px_gate_verdict verdict = {0};
  tell(kit, "INSERT INTO budget (scope, name, period, cap_micros) VALUES ('provider', 'pixazo', 'day', 5000000)");
  assert_int_equal(PX_GATE_GO, call_only(kit, 4980000));
  plan(kit, generation, "x");
  MUST(begin_attempt_as(kit->journal, generation, attempt, 45000, &verdict, error));
  assert_string_equal("the day budget of provider pixazo allows 5.00 USD until 2026-11-19 UTC: 4.98 are used and one call to "
                      "pixazo/sdxl may cost 0.045; nothing was sent",
                      pixazo_error_message(verdict.error));
  assert_non_null(strstr(pixazo_error_hint(verdict.error), "raise the budget"));
  pixazo_error_free(verdict.error);
}

static px_journal *run_with(journal_kit *kit, int64_t cap)
{
  px_journal *journal = NULL;
  px_budget_terms terms = {.currency = "USD", .cap_micros = cap};
  px_journal_options options = {
      .repository = kit->repository, .spool = kit->spool, .clock = &kit->clock, .budget = &terms};
  MUST(px_journal_open(&options, &journal, error));
  return journal;
}

/* Planned and sent by one journal. */
static int32_t call_of(px_journal *journal, int64_t price, char generation[PX_UUID_TEXT], char attempt[PX_UUID_TEXT])
{
  px_gate_verdict verdict = {0};
  char existing[PX_UUID_TEXT];
  px_uuid_new(px_clock_system(), generation);
  px_journal_new row = {.uuid = generation, .prompt = "x", .provider = "pixazo", .model = "sdxl"};
  MUST(px_journal_begin(journal, error));
  MUST(px_journal_add(journal, &row, existing, error));
  MUST(px_journal_commit(journal, error));
  MUST(begin_attempt_as(journal, generation, attempt, price, &verdict, error));
  pixazo_error_free(verdict.error);
  return verdict.verdict;
}

static void test_budget__of_a_run_counts_that_run_alone_and_goes_with_it(void **state)
{
  journal_kit *kit = *state;
  char generation[PX_UUID_TEXT], attempt[PX_UUID_TEXT], second[PX_UUID_TEXT];
  px_journal *run = run_with(kit, 100);
  assert_int_equal(PX_GATE_GO, call_only(kit, 1000)); /* another run */
  assert_int_equal(PX_GATE_GO, call_of(run, 60, generation, attempt));
  assert_int_equal(PX_GATE_DENIED, call_of(run, 41, second, second));
  px_journal_answer answer = {.facts = {.attempt = attempt,
                                        .generation = generation,
                                        .attempt_class = PIXAZO_CLASS_EMPTY,
                                        .message = "x",
                                        .currency = "USD",
                                        .cost_micros = 10,
                                        .confidence = PIXAZO_CONFIDENCE_BILLED,
                                        .charge = PIXAZO_CHARGE_CHARGED},
                              .final = true};
  MUST(answer_attempt(run, &answer, error));
  assert_int_equal(10, ask(kit, "SELECT used_micros FROM budget"));
  tell(kit, "UPDATE budget SET period_id = NULL"); /* added up anew it is the same */
  assert_int_equal(PX_GATE_DENIED, call_of(run, 91, generation, attempt));
  assert_int_equal(PX_GATE_GO, call_of(run, 90, generation, attempt));
  assert_int_equal(100, ask(kit, "SELECT used_micros FROM budget"));
  assert_int_equal(1, ask(kit, "SELECT count(*) FROM budget WHERE scope = 'run'"));
  px_journal_close(run); /* with open work: somebody takes it over */
  assert_int_equal(1, ask(kit, "SELECT count(*) FROM budget WHERE scope = 'run'"));
  MUST(px_journal_take_over(kit->journal, NULL, error));
  assert_int_equal(0, ask(kit, "SELECT count(*) FROM budget WHERE scope = 'run'"));
  px_journal_close(run_with(kit, 5));
  assert_int_equal(0, ask(kit, "SELECT count(*) FROM budget WHERE scope = 'run'"));
}

/* Threads share one repository through gates of their own. */
static void *spend(void *argument)
{
  pixazo_repository *repository = argument;
  pixazo_gate *gate = NULL;
  if (pixazo_repository_gate(repository, &gate, NULL) != PIXAZO_OK)
    return NULL;
  for (int i = 0; i < 20; i++) {
    char generation[PX_UUID_TEXT], attempt[PX_UUID_TEXT];
    px_uuid_new(px_clock_system(), generation);
    px_uuid_new(px_clock_system(), attempt);
    px_gate_attempt row = {.attempt = attempt,
                           .generation = generation,
                           .principal = "",
                           .provider = "pixazo",
                           .model = "m",
                           .prompt = "x",
                           .currency = "USD",
                           .upper_bound_micros = 7,
                           .price_known = true,
                           .n = 1};
    px_gate_verdict verdict = {0};
    if (gate->ops->begin(gate->self, &row, 1, &verdict, NULL) != PIXAZO_OK)
      continue;
    pixazo_error_free(verdict.error);
    if (verdict.verdict != PX_GATE_GO)
      continue;
    px_gate_answer answer = {.attempt = attempt,
                             .generation = generation,
                             .attempt_class = PIXAZO_CLASS_ACCEPTED,
                             .currency = "USD",
                             .cost_micros = i % 2 ? 7 : 5,
                             .confidence = PIXAZO_CONFIDENCE_BILLED,
                             .charge = i % 3 ? PIXAZO_CHARGE_CHARGED : PIXAZO_CHARGE_UNKNOWN};
    (void)gate->ops->answered(gate->self, &answer, 1, NULL);
  }
  (void)pixazo_gate_unref(gate);
  return NULL;
}

static void test_budget__is_never_exceeded_by_threads(void **state)
{
  journal_kit *kit = *state;
  pthread_t threads[4];
  tell(kit, "INSERT INTO budget (scope, period, cap_micros) VALUES ('all', 'total', 150)");
  for (size_t i = 0; i < PX_ARRAY_SIZE(threads); i++)
    assert_int_equal(0, pthread_create(&threads[i], NULL, spend, kit->repository));
  for (size_t i = 0; i < PX_ARRAY_SIZE(threads); i++)
    (void)pthread_join(threads[i], NULL);
  int64_t spent = ask(kit, "SELECT sum(amount_micros) FROM ledger");
  assert_true(spent <= 150);
  assert_true(spent > 150 - 7);
  assert_int_equal(spent, ask(kit, "SELECT used_micros FROM budget"));
}

static void test_budget__a_call_without_a_currency_counts_in_dollars(void **state)
{
  (void)state;
  assert_string_equal("USD", px_currency(NULL));
  assert_string_equal("USD", px_currency(""));
  assert_string_equal("EUR", px_currency("EUR"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, journal_kit_setup, journal_kit_teardown)
  const struct CMUnitTest tests[] = {
      TEST(test_budget__counts_reserved_open_and_settled),
      TEST(test_budget__a_costly_answer_is_settled_flagged_and_stops_the_rest),
      TEST(test_budget__an_unknown_price_stops_only_where_a_budget_applies),
      TEST(test_budget__another_currency_counts_as_an_unknown_price),
      TEST(test_budget__nothing_is_nothing_in_any_currency),
      TEST(test_budget__a_day_and_a_month_begin_anew),
      TEST(test_budget__a_charge_belongs_to_the_day_it_was_sent),
      TEST(test_budget__a_row_put_there_later_counts_what_was_spent_before),
      TEST(test_budget__scopes_count_their_own),
      TEST(test_budget__huge_prices_do_not_overflow),
      TEST(test_budget__an_unknown_price_passes_uncounted_where_it_is_allowed),
      TEST(test_budget__says_what_is_used_what_a_call_may_cost_and_what_to_do),
      TEST(test_budget__of_a_run_counts_that_run_alone_and_goes_with_it),
      TEST(test_budget__is_never_exceeded_by_threads),
      cmocka_unit_test(test_budget__a_call_without_a_currency_counts_in_dollars),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
