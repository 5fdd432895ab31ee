/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/gate.h"
#include "base/mem.h"
#include "support/journal.h"

static px_gate_attempt attempt_of(const char *generation, char attempt[PX_UUID_TEXT])
{
  px_uuid_new(px_clock_system(), attempt);
  return (px_gate_attempt){.attempt = attempt,
                           .generation = generation,
                           .principal = "alice",
                           .provider = "pixazo",
                           .model = "sdxl",
                           .prompt = "a fox",
                           .request_json = "{}",
                           .currency = "USD",
                           .upper_bound_micros = 100,
                           .price_known = true,
                           .n = 1};
}

static int32_t begin(pixazo_gate *gate, const px_gate_attempt *attempt, pixazo_status *why)
{
  px_gate_verdict verdict;
  MUST(gate->ops->begin(gate->self, attempt, 1, &verdict, error));
  if (why)
    *why = pixazo_error_status(verdict.error);
  pixazo_error_free(verdict.error);
  return verdict.verdict;
}

static void answered(pixazo_gate *gate, const px_gate_attempt *attempt, int32_t attempt_class, int32_t charge)
{
  px_gate_answer answer = {.attempt = attempt->attempt,
                           .generation = attempt->generation,
                           .attempt_class = attempt_class,
                           .message = attempt_class == PIXAZO_CLASS_ACCEPTED ? NULL : "no",
                           .currency = "USD",
                           .cost_micros = 60,
                           .confidence = PIXAZO_CONFIDENCE_BILLED,
                           .charge = charge};
  MUST(gate->ops->answered(gate->self, &answer, 1, error));
}

static void test_repository_gate__makes_the_row_and_settles_the_charge(void **state)
{
  journal_kit *kit = *state;
  pixazo_gate *gate = NULL;
  char generation[PX_UUID_TEXT], uuid[PX_UUID_TEXT];
  MUST(pixazo_repository_gate(kit->repository, &gate, error));
  px_uuid_new(px_clock_system(), generation);
  px_gate_attempt attempt = attempt_of(generation, uuid);
  assert_int_equal(PX_GATE_GO, begin(gate, &attempt, NULL));
  assert_int_equal(PIXAZO_GENERATION_ACTIVE, state_of(kit, generation));
  answered(gate, &attempt, PIXAZO_CLASS_ACCEPTED, PIXAZO_CHARGE_CHARGED);
  assert_int_equal(PIXAZO_GENERATION_DONE, state_of(kit, generation));
  assert_int_equal(60, ask(kit, "SELECT amount_micros FROM ledger WHERE state = 2 AND principal = 'alice'"));
  pixazo_gate_unref(gate);
  assert_int_equal(1, ask(kit, "SELECT count(*) FROM worker"));
  char *report = NULL;
  MUST(pixazo_repository_check(kit->repository, &report, error));
  px_free(report);
}

static void test_repository_gate__lets_a_retry_begin_but_nothing_after_success(void **state)
{
  journal_kit *kit = *state;
  pixazo_gate *gate = NULL;
  pixazo_status why = PIXAZO_OK;
  char generation[PX_UUID_TEXT], uuid[PX_UUID_TEXT];
  MUST(pixazo_repository_gate(kit->repository, &gate, error));
  px_uuid_new(px_clock_system(), generation);
  px_gate_attempt attempt = attempt_of(generation, uuid);
  (void)begin(gate, &attempt, NULL);
  answered(gate, &attempt, PIXAZO_CLASS_REFUSED, PIXAZO_CHARGE_NOT_CHARGED);
  assert_int_equal(PIXAZO_GENERATION_FAILED, state_of(kit, generation));
  attempt = attempt_of(generation, uuid);
  assert_int_equal(PX_GATE_GO, begin(gate, &attempt, NULL));
  answered(gate, &attempt, PIXAZO_CLASS_ACCEPTED, PIXAZO_CHARGE_CHARGED);
  attempt = attempt_of(generation, uuid);
  assert_int_equal(PX_GATE_DENIED, begin(gate, &attempt, &why));
  assert_int_equal(PIXAZO_E_CONFLICT, why);
  assert_int_equal(2, ask(kit, "SELECT count(*) FROM ledger"));
  assert_int_equal(0, ask(kit, "SELECT sum(failed) FROM stat_day"));
  assert_int_equal(1, ask(kit, "SELECT sum(done) FROM stat_day"));
  pixazo_gate_unref(gate);
}

static void test_repository_gate__ends_what_the_client_left_open(void **state)
{
  journal_kit *kit = *state;
  pixazo_gate *gate = NULL;
  char sent[PX_UUID_TEXT], denied[PX_UUID_TEXT], first[PX_UUID_TEXT], second[PX_UUID_TEXT];
  MUST(pixazo_repository_gate(kit->repository, &gate, error));
  px_uuid_new(px_clock_system(), sent);
  px_uuid_new(px_clock_system(), denied);
  px_gate_attempt attempt = attempt_of(sent, first);
  (void)begin(gate, &attempt, NULL);
  tell(kit, "INSERT INTO budget (scope, period, cap_micros) VALUES ('all', 'total', 100)");
  attempt = attempt_of(denied, second);
  assert_int_equal(PX_GATE_DENIED, begin(gate, &attempt, NULL));
  pixazo_gate_unref(gate);
  assert_int_equal(PIXAZO_GENERATION_AMBIGUOUS, state_of(kit, sent));
  assert_int_equal(PIXAZO_GENERATION_CANCELLED, state_of(kit, denied));
  assert_int_equal(4, ask(kit, "SELECT state FROM ledger"));
}

static void test_repository_gate__of_a_killed_client_is_settled_by_the_next_worker(void **state)
{
  journal_kit *kit = *state;
  int ends[2];
  char generation[PX_UUID_TEXT];
  assert_int_equal(0, pipe(ends));
  pid_t child = fork();
  if (child == 0) {
    pixazo_repository_options options = PIXAZO_REPOSITORY_OPTIONS_INIT;
    pixazo_repository *repository = NULL;
    pixazo_gate *gate = NULL;
    char uuid[PX_UUID_TEXT], mine[PX_UUID_TEXT];
    options.path = kit->path;
    if (pixazo_repository_new(&options, &repository, NULL) != PIXAZO_OK ||
        pixazo_repository_gate(repository, &gate, NULL) != PIXAZO_OK)
      _exit(1);
    px_uuid_new(px_clock_system(), mine);
    px_gate_attempt attempt = attempt_of(mine, uuid);
    px_gate_verdict verdict;
    if (gate->ops->begin(gate->self, &attempt, 1, &verdict, NULL) != PIXAZO_OK || write(ends[1], mine, sizeof mine) < 0)
      _exit(1);
    for (;;)
      (void)pause();
  }
  (void)close(ends[1]);
  assert_int_equal(sizeof generation, read(ends[0], generation, sizeof generation));
  (void)close(ends[0]);
  size_t elsewhere = 0;
  MUST(px_journal_take_over(kit->journal, &elsewhere, error));
  assert_int_equal(1, elsewhere);
  assert_int_equal(PIXAZO_GENERATION_ACTIVE, state_of(kit, generation));
  assert_int_equal(0, kill(child, SIGKILL));
  assert_int_equal(child, waitpid(child, NULL, 0));
  MUST(px_journal_take_over(kit->journal, &elsewhere, error));
  assert_int_equal(0, elsewhere);
  assert_int_equal(PIXAZO_GENERATION_AMBIGUOUS, state_of(kit, generation));
  assert_int_equal(1, ask(kit, "SELECT count(*) FROM worker"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, journal_kit_setup, journal_kit_teardown)
  const struct CMUnitTest tests[] = {
      TEST(test_repository_gate__makes_the_row_and_settles_the_charge),
      TEST(test_repository_gate__lets_a_retry_begin_but_nothing_after_success),
      TEST(test_repository_gate__ends_what_the_client_left_open),
      TEST(test_repository_gate__of_a_killed_client_is_settled_by_the_next_worker),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
