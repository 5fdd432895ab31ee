/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "base/mem.h"
#include "support/journal.h"

static const int64_t DAY_US = INT64_C(86400000000);

static void expect(journal_kit *kit, const char *by, int64_t since_us, const char *wanted)
{
  char *text = NULL;
  MUST(pixazo_repository_costs(kit->repository, by, since_us, &text, error));
  if (!strstr(text, wanted))
    fail_msg("%s is not in %s", wanted, text);
  px_free(text);
}

static void spend(journal_kit *kit, const char *principal, int64_t price, int32_t charge)
{
  char generation[PX_UUID_TEXT], attempt[PX_UUID_TEXT];
  px_journal_new row = {.prompt = "x", .principal = principal, .provider = "pixazo", .model = "sdxl"};
  plan_row(kit, generation, &row);
  assert_int_equal(PX_GATE_GO, begin_attempt(kit, generation, attempt, price));
  if (charge == PIXAZO_CHARGE_NONE)
    return;
  px_journal_answer answer = {
      .facts = {.attempt = attempt,
                .generation = generation,
                .attempt_class = charge == PIXAZO_CHARGE_CHARGED ? PIXAZO_CLASS_EMPTY : PIXAZO_CLASS_AMBIGUOUS,
                .message = "x",
                .currency = "USD",
                .cost_micros = price,
                .confidence = PIXAZO_CONFIDENCE_BILLED,
                .charge = charge},
      .final = true};
  MUST(answer_attempt(kit->journal, &answer, error));
}

static void test_costs__are_added_up_by_each_key(void **state)
{
  journal_kit *kit = *state;
  expect(kit, NULL, 0, "{\"schema\":1,\"by\":\"day\",\"costs\":[]}");
  spend(kit, "ann", 10, PIXAZO_CHARGE_CHARGED); /* 18 November */
  spend(kit, "bob", 20, PIXAZO_CHARGE_UNKNOWN);
  kit->now_us += DAY_US;
  spend(kit, "ann", 40, PIXAZO_CHARGE_NONE);
  spend(kit, "", -1, PIXAZO_CHARGE_NONE);
  kit->now_us += 20 * DAY_US;
  spend(kit, "", 5, PIXAZO_CHARGE_CHARGED);
  expect(kit, "day", 0,
         "\"costs\":[{\"day\":\"2026-11-18\",\"currency\":\"USD\",\"settled_micros\":10,\"open_micros\":20,"
         "\"reserved_micros\":0,\"calls\":2,\"unknown_price_calls\":0},{\"day\":\"2026-11-19\",\"currency\":\"USD\","
         "\"settled_micros\":0,\"open_micros\":0,\"reserved_micros\":40,\"calls\":2,\"unknown_price_calls\":1},"
         "{\"day\":\"2026-12-09\"");
  expect(kit, "month", 0,
         "\"costs\":[{\"month\":\"2026-11\",\"currency\":\"USD\",\"settled_micros\":10,\"open_micros\":20,"
         "\"reserved_micros\":40,\"calls\":4,\"unknown_price_calls\":1},{\"month\":\"2026-12\",\"currency\":\"USD\","
         "\"settled_micros\":5,");
  expect(kit, "principal", 0, "{\"principal\":\"ann\",\"currency\":\"USD\",\"settled_micros\":10,\"open_micros\":0,"
                              "\"reserved_micros\":40,\"calls\":2");
  expect(kit, "provider", 0, "\"costs\":[{\"provider\":\"pixazo\",\"currency\":\"USD\",\"settled_micros\":15,");
  expect(kit, "model", kit->now_us, "\"costs\":[{\"model\":\"pixazo/sdxl\",\"currency\":\"USD\",\"settled_micros\":5,"
                                    "\"open_micros\":0,\"reserved_micros\":0,\"calls\":1,\"unknown_price_calls\":0}]");
}

static void test_costs__by_something_else_is_refused(void **state)
{
  journal_kit *kit = *state;
  char *text = NULL;
  MUST_FAIL(PIXAZO_E_ARGUMENT, pixazo_repository_costs(kit->repository, "week", 0, &text, error));
  assert_null(text);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, journal_kit_setup, journal_kit_teardown)
  const struct CMUnitTest tests[] = {
      TEST(test_costs__are_added_up_by_each_key),
      TEST(test_costs__by_something_else_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
