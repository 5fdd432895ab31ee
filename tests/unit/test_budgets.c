/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "base/mem.h"
#include "json/json.h"
#include "support/journal.h"

static void set(journal_kit *kit, const char *json)
{
  MUST(pixazo_repository_set_budget(kit->repository, json, error));
}

/* A number of the only budget. */
static int64_t number_of(journal_kit *kit, const char *path)
{
  char *text = NULL;
  px_json *root = NULL;
  int64_t number = -1;
  MUST(pixazo_repository_budgets(kit->repository, &text, error));
  MUST(px_json_parse(text, strlen(text), NULL, &root, error));
  MUST(px_json_may_int64(root, path, &number, error));
  px_json_free(root);
  px_free(text);
  return number;
}

static int32_t call(journal_kit *kit, int64_t price, char generation[PX_UUID_TEXT], char attempt[PX_UUID_TEXT])
{
  plan(kit, generation, "x");
  return begin_attempt(kit, generation, attempt, price);
}

static void answer(journal_kit *kit, const char *generation, const char *attempt, int32_t charge, int64_t cost)
{
  px_journal_answer row = {
      .facts = {.attempt = attempt,
                .generation = generation,
                .attempt_class = charge == PIXAZO_CHARGE_CHARGED ? PIXAZO_CLASS_EMPTY : PIXAZO_CLASS_AMBIGUOUS,
                .message = "x",
                .currency = "USD",
                .cost_micros = cost,
                .confidence = PIXAZO_CONFIDENCE_BILLED,
                .charge = charge},
      .final = true};
  MUST(answer_attempt(kit->journal, &row, error));
}

static void test_budgets__the_list_tells_settled_open_and_reserved_apart(void **state)
{
  journal_kit *kit = *state;
  char generation[PX_UUID_TEXT], attempt[PX_UUID_TEXT];
  assert_int_equal(PX_GATE_GO, call(kit, 10, generation, attempt)); /* before there was a budget */
  answer(kit, generation, attempt, PIXAZO_CHARGE_CHARGED, 7);
  set(kit, "{\"cap_micros\":100,\"allow_unknown_price\":true}");
  assert_int_equal(PX_GATE_GO, call(kit, 20, generation, attempt));
  answer(kit, generation, attempt, PIXAZO_CHARGE_UNKNOWN, 0);
  assert_int_equal(PX_GATE_GO, call(kit, 30, generation, attempt));
  assert_int_equal(PX_GATE_GO, call(kit, -1, generation, attempt));
  assert_int_equal(100, number_of(kit, "budgets[0].cap_micros"));
  assert_int_equal(57, number_of(kit, "budgets[0].used_micros"));
  assert_int_equal(7, number_of(kit, "budgets[0].settled_micros"));
  assert_int_equal(20, number_of(kit, "budgets[0].open_micros"));
  assert_int_equal(30, number_of(kit, "budgets[0].reserved_micros"));
  assert_int_equal(43, number_of(kit, "budgets[0].left_micros"));
  assert_int_equal(1, number_of(kit, "budgets[0].unknown_price_calls"));
  assert_int_equal(0, number_of(kit, "budgets[0].over_bound_calls"));
  assert_int_equal(-1, number_of(kit, "budgets[0].period_end_us"));
  assert_int_equal(PX_GATE_DENIED, call(kit, 44, generation, attempt));
  assert_int_equal(PX_GATE_GO, call(kit, 43, generation, attempt));
}

static void test_budgets__what_cost_more_than_its_bound_is_listed_and_leaves_nothing(void **state)
{
  journal_kit *kit = *state;
  char generation[PX_UUID_TEXT], attempt[PX_UUID_TEXT];
  set(kit, "{\"cap_micros\":100}");
  assert_int_equal(PX_GATE_GO, call(kit, 90, generation, attempt));
  answer(kit, generation, attempt, PIXAZO_CHARGE_CHARGED, 150);
  assert_int_equal(150, number_of(kit, "budgets[0].used_micros"));
  assert_int_equal(0, number_of(kit, "budgets[0].left_micros"));
  assert_int_equal(1, number_of(kit, "budgets[0].over_bound_calls"));
  assert_int_equal(PX_GATE_DENIED, call(kit, 0, generation, attempt));
}

static void test_budgets__setting_one_again_changes_its_cap_and_keeps_its_count(void **state)
{
  journal_kit *kit = *state;
  char generation[PX_UUID_TEXT], attempt[PX_UUID_TEXT];
  set(kit, "{\"scope\":\"provider\",\"name\":\"pixazo\",\"period\":\"month\",\"cap_micros\":50}");
  assert_int_equal(PX_GATE_GO, call(kit, 50, generation, attempt));
  set(kit, "{\"scope\":\"provider\",\"name\":\"pixazo\",\"period\":\"month\",\"cap_micros\":60}");
  assert_int_equal(1, ask(kit, "SELECT count(*) FROM budget"));
  assert_int_equal(PX_GATE_DENIED, call(kit, 11, generation, attempt));
  assert_int_equal(PX_GATE_GO, call(kit, 10, generation, attempt));
}

static void test_budgets__a_period_has_its_ends(void **state)
{
  journal_kit *kit = *state;
  set(kit, "{\"period\":\"day\",\"cap_micros\":1}");
  int64_t begin = number_of(kit, "budgets[0].period_begin_us"), end = number_of(kit, "budgets[0].period_end_us");
  assert_int_equal(INT64_C(86400000000), end - begin);
  assert_int_equal(0, begin % INT64_C(86400000000));
}

static void test_budgets__one_that_is_removed_counts_no_more(void **state)
{
  journal_kit *kit = *state;
  char generation[PX_UUID_TEXT], attempt[PX_UUID_TEXT];
  set(kit, "{\"cap_micros\":0}");
  assert_int_equal(PX_GATE_DENIED, call(kit, 1, generation, attempt));
  MUST_FAIL(PIXAZO_E_NOT_FOUND, pixazo_repository_remove_budget(kit->repository, "{\"period\":\"day\"}", error));
  MUST(pixazo_repository_remove_budget(kit->repository, "{\"scope\":\"all\",\"used_micros\":0}", error));
  assert_int_equal(PX_GATE_GO, call(kit, 1, generation, attempt));
}

static void test_budgets__of_a_run_are_not_the_repositorys(void **state)
{
  journal_kit *kit = *state;
  pixazo_gate *gate = NULL;
  MUST_FAIL(PIXAZO_E_ARGUMENT,
            pixazo_repository_set_budget(kit->repository, "{\"scope\":\"run\",\"name\":\"x\",\"cap_micros\":1}", error));
  MUST_FAIL(PIXAZO_E_ARGUMENT,
            pixazo_repository_remove_budget(kit->repository, "{\"scope\":\"run\",\"name\":\"x\"}", error));
  MUST(pixazo_repository_gate(kit->repository, &gate, error));
  MUST(pixazo_gate_set_budget(gate, "{\"cap_micros\":9}", error));
  MUST(pixazo_gate_set_budget(gate, "{\"cap_micros\":8,\"currency\":\"EUR\"}", error));
  assert_int_equal(8, number_of(kit, "budgets[0].cap_micros"));
  assert_int_equal(1, ask(kit, "SELECT count(*) FROM budget"));
  MUST_FAIL(PIXAZO_E_UNSUPPORTED, pixazo_gate_set_quota(gate, "{\"slots\":1}", error));
  MUST(pixazo_gate_set_budget(gate, NULL, error));
  assert_int_equal(0, ask(kit, "SELECT count(*) FROM budget"));
  (void)pixazo_gate_unref(gate);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, journal_kit_setup, journal_kit_teardown)
  const struct CMUnitTest tests[] = {
      TEST(test_budgets__the_list_tells_settled_open_and_reserved_apart),
      TEST(test_budgets__what_cost_more_than_its_bound_is_listed_and_leaves_nothing),
      TEST(test_budgets__setting_one_again_changes_its_cap_and_keeps_its_count),
      TEST(test_budgets__a_period_has_its_ends),
      TEST(test_budgets__one_that_is_removed_counts_no_more),
      TEST(test_budgets__of_a_run_are_not_the_repositorys),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
