/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "base/mem.h"
#include "support/journal.h"

static void fill(journal_kit *kit)
{
  char generation[PX_UUID_TEXT], attempt[PX_UUID_TEXT];
  tell(kit, "INSERT INTO budget (scope, name, period, cap_micros) VALUES ('all', '', 'total', 100000), "
            "('provider', 'pixazo', 'day', 100000), ('principal', '', 'month', 100000), ('provider', 'other', 'day', 0)");
  make_done(kit, generation, "done");
  plan(kit, generation, "planned");
  plan(kit, generation, "sent");
  (void)begin_attempt(kit, generation, attempt, 5);
  plan(kit, generation, "refused");
  (void)begin_attempt(kit, generation, attempt, 5);
  fail_attempt(kit, generation, attempt, PIXAZO_CLASS_REFUSED, PIXAZO_CHARGE_NOT_CHARGED, 400, true);
}

static void test_check__has_nothing_to_say_about_a_good_database(void **state)
{
  journal_kit *kit = *state;
  char *report = NULL;
  fill(kit);
  MUST(pixazo_repository_check(kit->repository, &report, error));
  assert_string_equal("{\"schema\":1,\"problems\":[],\"count\":0}", report);
  px_free(report);
}

static void test_check__names_each_kind_of_damage(void **state)
{
  (void)state;
  static const struct {
    const char *damage;
    const char *kind;
  } cases[] = {
      {"DELETE FROM ledger WHERE attempt = 1", "attempt without a ledger row"},
      {"PRAGMA foreign_keys = OFF; INSERT INTO ledger SELECT 999, principal, provider, day, 3, 0, 0, currency, 0, 0, 1, 1 "
       "FROM "
       "ledger WHERE attempt = 1",
       "ledger row without an attempt"},
      {"UPDATE ledger SET state = 1 WHERE state = 2", "sending attempt whose ledger row"},
      {"UPDATE generation SET state = 5 WHERE state = 3", "state that does not follow"},
      {"UPDATE image SET state = 4", "state that does not follow"},
      {"UPDATE generation SET worker = NULL WHERE state = 1", "open generation without a worker"},
      {"UPDATE generation SET worker = 1 WHERE state = 3", "ended generation with a worker"},
      {"UPDATE generation SET attempts = 7 WHERE state = 3", "number of attempts"},
      {"UPDATE generation SET attempts = 7, uuid = CAST(X'FF00FE' AS TEXT) WHERE state = 3", "number of attempts"},
      {"UPDATE generation SET attempts = 7, uuid = X'' WHERE state = 3", "number of attempts"},
      {"UPDATE budget SET used_micros = used_micros + 1 WHERE period = 'total'", "budget that counts other than"},
      {"UPDATE budget SET used_micros = used_micros - 1 WHERE period = 'day'", "budget that counts other than"},
      {"UPDATE stat_day SET done = done + 1", "statistics of ended generations"},
      {"UPDATE stat_day SET cost_micros = cost_micros + 1", "statistics of cost"},
      {"UPDATE image SET store_key = NULL, remote_url = NULL", "recorded picture without key"},
      {"UPDATE attempt SET state = 2, generation = (SELECT min(generation) FROM attempt), n = 5 WHERE state = 4",
       "more than one open attempt"},
  };
  for (size_t i = 0; i < PX_ARRAY_SIZE(cases); i++) {
    void *fresh = NULL;
    char *report = NULL;
    assert_int_equal(0, journal_kit_setup(&fresh));
    fill(fresh);
    tell(fresh, cases[i].damage);
    MUST_FAIL(PIXAZO_E_CORRUPT, pixazo_repository_check(((journal_kit *)fresh)->repository, &report, error));
    assert_non_null(report);
    if (!strstr(report, cases[i].kind))
      fail_msg("%s: %s", cases[i].damage, report);
    px_free(report);
    assert_int_equal(0, journal_kit_teardown(&fresh));
  }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, journal_kit_setup, journal_kit_teardown)
  const struct CMUnitTest tests[] = {
      TEST(test_check__has_nothing_to_say_about_a_good_database),
      cmocka_unit_test(test_check__names_each_kind_of_damage),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
