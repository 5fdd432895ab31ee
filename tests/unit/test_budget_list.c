/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <stdio.h>
#include <string.h>

#include "support/journal.h"

typedef struct seen {
  int count;
  int64_t used[4];
  int64_t period[4];
  char text[160];
} seen;

static void note(void *user, const px_journal_budget *budget)
{
  seen *self = user;
  self->used[self->count] = budget->used_micros;
  self->period[self->count++] = budget->period_id;
  (void)snprintf(self->text, sizeof self->text, "%s %s %s %s %lld", budget->scope, budget->name, budget->period, budget->currency,
                 (long long)budget->cap_micros);
}

static seen look(journal_kit *kit)
{
  seen self = {0};
  MUST(px_journal_budgets(kit->journal, note, &self, error));
  return self;
}

static void test_budgets__are_told_with_what_is_used(void **state)
{
  journal_kit *kit = *state;
  char generation[PX_UUID_TEXT], attempt[PX_UUID_TEXT];
  assert_int_equal(look(kit).count, 0);
  tell(kit, "INSERT INTO budget (scope, name, period, cap_micros) VALUES ('all', '', 'total', 1000)");
  tell(kit, "INSERT INTO budget (scope, name, period, cap_micros) VALUES ('provider', 'pixazo', 'day', 500)");
  plan(kit, generation, "x");
  assert_int_equal(PX_GATE_GO, begin_attempt(kit, generation, attempt, 70));
  seen found = look(kit);
  assert_int_equal(found.count, 2);
  assert_int_equal(found.used[0], 70);
  assert_int_equal(found.used[1], 70);
  assert_string_equal(found.text, "provider pixazo day USD 500");
}

static void test_budgets__of_a_new_period_are_unused(void **state)
{
  journal_kit *kit = *state;
  char generation[PX_UUID_TEXT], attempt[PX_UUID_TEXT];
  tell(kit, "INSERT INTO budget (scope, name, period, cap_micros) VALUES ('all', '', 'day', 1000)");
  tell(kit, "INSERT INTO budget (scope, name, period, cap_micros) VALUES ('all', '', 'month', 1000)");
  plan(kit, generation, "x");
  (void)begin_attempt(kit, generation, attempt, 70);
  seen today = look(kit);
  assert_int_equal(today.used[0], 70);
  assert_int_equal(today.used[1], 70);
  kit->now_us += INT64_C(86400) * 1000000;
  seen tomorrow = look(kit);
  assert_int_equal(tomorrow.used[0], 0);
  assert_int_equal(tomorrow.period[0], today.period[0] + 1);
  kit->now_us += INT64_C(31) * 86400 * 1000000;
  assert_int_equal(look(kit).used[1], 0);
  assert_true(look(kit).period[1] > today.period[1]);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_budgets__are_told_with_what_is_used, journal_kit_setup, journal_kit_teardown),
      cmocka_unit_test_setup_teardown(test_budgets__of_a_new_period_are_unused, journal_kit_setup, journal_kit_teardown),
  };
  return cmocka_run_group_tests_name("budget_list", tests, NULL, NULL);
}
