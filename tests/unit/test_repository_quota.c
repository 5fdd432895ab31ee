/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "support/journal.h"

static void set(journal_kit *kit, const char *json)
{
  MUST(pixazo_repository_set_quota(kit->repository, json, error));
}

/* One call of a principal to a provider. */
static px_gate_verdict call_since(journal_kit *kit, const char *provider, const char *principal, int64_t since_us)
{
  char generation[PX_UUID_TEXT], attempt[PX_UUID_TEXT];
  px_gate_verdict verdict = {0};
  px_journal_new row = {.prompt = "x", .principal = principal, .provider = provider, .model = "m"};
  plan_row(kit, generation, &row);
  px_uuid_new(px_clock_system(), attempt);
  px_gate_attempt asked = {.attempt = attempt,
                           .generation = generation,
                           .principal = principal,
                           .provider = provider,
                           .model = "m",
                           .currency = "USD",
                           .price_known = true,
                           .waiting_since_us = since_us,
                           .n = 1};
  MUST(px_journal_begin(kit->journal, error));
  MUST(px_journal_send(kit->journal, &asked, 1, &verdict, error));
  MUST(px_journal_commit(kit->journal, error));
  return verdict;
}

static int32_t call(journal_kit *kit, const char *provider, const char *principal)
{
  px_gate_verdict verdict = call_since(kit, provider, principal, 0);
  pixazo_error_free(verdict.error);
  return verdict.verdict;
}

static void test_quota__a_burst_passes_and_then_one_call_per_interval(void **state)
{
  journal_kit *kit = *state;
  set(kit, "{\"provider\":\"pixazo\",\"requests\":2,\"window_ms\":2}");
  assert_int_equal(PX_GATE_GO, call(kit, "pixazo", ""));
  assert_int_equal(PX_GATE_GO, call(kit, "pixazo", ""));
  px_gate_verdict third = call_since(kit, "pixazo", "", 0);
  assert_int_equal(PX_GATE_WAIT, third.verdict);
  assert_int_equal(kit->now_us + 1000, third.wait_until_us);
  assert_int_equal(PX_GATE_GO, call(kit, "other", ""));
  kit->now_us = third.wait_until_us;
  assert_int_equal(PX_GATE_GO, call(kit, "pixazo", ""));
  assert_int_equal(PX_GATE_WAIT, call(kit, "pixazo", ""));
  assert_int_equal(4, ask(kit, "SELECT count(*) FROM ledger"));
}

static void test_quota__of_each_principal_counts_them_apart(void **state)
{
  journal_kit *kit = *state;
  set(kit, "{\"principal\":\"*\",\"requests\":1}");
  assert_int_equal(PX_GATE_GO, call(kit, "pixazo", "ann"));
  assert_int_equal(PX_GATE_WAIT, call(kit, "other", "ann")); /* all providers together */
  assert_int_equal(PX_GATE_GO, call(kit, "pixazo", "bob"));
  assert_int_equal(PX_GATE_GO, call(kit, "pixazo", ""));
  assert_int_equal(PX_GATE_WAIT, call(kit, "pixazo", ""));
}

static void test_quota__of_each_principal_at_each_provider_counts_pairs(void **state)
{
  journal_kit *kit = *state;
  set(kit, "{\"provider\":\"*\",\"principal\":\"*\",\"requests\":1}");
  assert_int_equal(PX_GATE_GO, call(kit, "pixazo", "ann"));
  assert_int_equal(PX_GATE_GO, call(kit, "other", "ann"));
  assert_int_equal(PX_GATE_WAIT, call(kit, "pixazo", "ann"));
  assert_int_equal(PX_GATE_WAIT, call(kit, "other", "ann"));
  assert_int_equal(PX_GATE_GO, call(kit, "other", "bob"));
}

static void test_quota__of_one_principal_is_nobody_elses(void **state)
{
  journal_kit *kit = *state;
  set(kit, "{\"principal\":\"ann\",\"requests\":1}");
  assert_int_equal(PX_GATE_GO, call(kit, "pixazo", "ann"));
  assert_int_equal(PX_GATE_WAIT, call(kit, "pixazo", "ann"));
  assert_int_equal(PX_GATE_GO, call(kit, "pixazo", "bob"));
  assert_int_equal(PX_GATE_GO, call(kit, "pixazo", "bob"));
}

static void test_quota__all_that_apply_must_agree(void **state)
{
  journal_kit *kit = *state;
  set(kit, "{\"requests\":3}");
  set(kit, "{\"provider\":\"pixazo\",\"requests\":1,\"window_ms\":1000}");
  assert_int_equal(PX_GATE_GO, call(kit, "pixazo", ""));
  assert_int_equal(PX_GATE_WAIT, call(kit, "pixazo", "")); /* takes nothing from the other */
  assert_int_equal(PX_GATE_GO, call(kit, "other", ""));
  assert_int_equal(PX_GATE_GO, call(kit, "other", ""));
  px_gate_verdict last = call_since(kit, "pixazo", "", 0);
  assert_int_equal(kit->now_us + INT64_C(1200000000), last.wait_until_us); /* the longer wait */
}

static void test_quota__slots_are_free_again_when_a_call_was_answered(void **state)
{
  journal_kit *kit = *state;
  char generation[PX_UUID_TEXT], attempt[PX_UUID_TEXT];
  set(kit, "{\"provider\":\"pixazo\",\"slots\":1}");
  plan(kit, generation, "x");
  assert_int_equal(PX_GATE_GO, begin_attempt(kit, generation, attempt, 1));
  px_gate_verdict waiting = call_since(kit, "pixazo", "", 0);
  assert_int_equal(PX_GATE_WAIT, waiting.verdict);
  assert_true(waiting.wait_until_us > kit->now_us);
  assert_int_equal(PX_GATE_GO, call(kit, "other", ""));
  fail_attempt(kit, generation, attempt, PIXAZO_CLASS_REFUSED, PIXAZO_CHARGE_NOT_CHARGED, 400, true);
  assert_int_equal(PX_GATE_GO, call(kit, "pixazo", ""));
}

static void test_quota__slots_of_each_principal_are_its_own(void **state)
{
  journal_kit *kit = *state;
  set(kit, "{\"principal\":\"*\",\"slots\":1}");
  assert_int_equal(PX_GATE_GO, call(kit, "pixazo", "ann"));
  assert_int_equal(PX_GATE_WAIT, call(kit, "other", "ann"));
  assert_int_equal(PX_GATE_GO, call(kit, "pixazo", "bob"));
}

static void test_quota__a_wait_that_is_bounded_fails_and_says_when_to_come_back(void **state)
{
  journal_kit *kit = *state;
  set(kit, "{\"requests\":1,\"window_ms\":10000,\"max_wait_ms\":4000}");
  assert_int_equal(PX_GATE_GO, call(kit, "pixazo", ""));
  px_gate_verdict denied = call_since(kit, "pixazo", "", 0);
  assert_int_equal(PX_GATE_DENIED, denied.verdict);
  assert_int_equal(PIXAZO_E_THROTTLED, pixazo_error_status(denied.error));
  assert_int_equal(10000, pixazo_error_retry_after_ms(denied.error));
  pixazo_error_free(denied.error);
  kit->now_us += 6000000;
  assert_int_equal(PX_GATE_WAIT, call(kit, "pixazo", ""));
  denied = call_since(kit, "pixazo", "", kit->now_us - 1); /* has waited already */
  assert_int_equal(PX_GATE_DENIED, denied.verdict);
  pixazo_error_free(denied.error);
}

static void test_quota__a_clock_that_goes_back_does_not_lock_anybody_out(void **state)
{
  journal_kit *kit = *state;
  set(kit, "{\"requests\":2,\"window_ms\":2000}");
  assert_int_equal(PX_GATE_GO, call(kit, "pixazo", ""));
  kit->now_us -= INT64_C(86400000000);
  px_gate_verdict first = call_since(kit, "pixazo", "", 0);
  assert_int_equal(PX_GATE_WAIT, first.verdict);
  assert_int_equal(kit->now_us + 1000000, first.wait_until_us);
  kit->now_us = first.wait_until_us;
  assert_int_equal(PX_GATE_GO, call(kit, "pixazo", ""));
}

/* A process that makes calls to pixazo and hangs until it is killed. */
static pid_t start_sender(journal_kit *kit, bool gate)
{
  int ends[2];
  char byte = 0;
  assert_int_equal(0, pipe(ends));
  pid_t child = fork();
  if (child == 0) {
    journal_kit mine = *kit;
    pixazo_repository_options options = PIXAZO_REPOSITORY_OPTIONS_INIT;
    pixazo_gate *own = NULL;
    options.path = kit->path;
    if (pixazo_repository_new(&options, &mine.repository, NULL) != PIXAZO_OK)
      _exit(1);
    if (gate) {
      char generation[PX_UUID_TEXT], attempt[PX_UUID_TEXT];
      px_gate_verdict verdict = {0};
      px_uuid_new(px_clock_system(), generation);
      px_uuid_new(px_clock_system(), attempt);
      px_gate_attempt row = {.attempt = attempt, .generation = generation, .provider = "pixazo", .model = "m",
                             .price_known = true};
      if (pixazo_repository_gate(mine.repository, &own, NULL) != PIXAZO_OK ||
          own->ops->begin(own->self, &row, 1, &verdict, NULL) != PIXAZO_OK)
        _exit(1);
    } else {
      mine.journal = journal_kit_another(&mine);
      (void)call(&mine, "pixazo", "");
    }
    if (write(ends[1], "x", 1) != 1)
      _exit(1);
    for (;;)
      (void)pause();
  }
  (void)close(ends[1]);
  assert_int_equal(1, read(ends[0], &byte, 1));
  (void)close(ends[0]);
  return child;
}

static void kill_sender(pid_t child)
{
  int result = 0;
  assert_int_equal(0, kill(child, SIGKILL));
  assert_int_equal(child, waitpid(child, &result, 0));
}

static void test_quota__a_killed_sender_holds_no_slot(void **state)
{
  journal_kit *kit = *state;
  for (int gate = 0; gate < 2; gate++) {
    set(kit, gate ? "{\"slots\":2}" : "{\"slots\":1}");
    pid_t child = start_sender(kit, gate == 1);
    assert_int_equal(PX_GATE_WAIT, call(kit, "pixazo", ""));
    tell(kit, "UPDATE worker SET heartbeat_us = 1"); /* it lives: its lock says so */
    assert_int_equal(PX_GATE_WAIT, call(kit, "pixazo", ""));
    kill_sender(child);
    assert_int_equal(PX_GATE_GO, call(kit, "pixazo", ""));
    assert_int_equal(PX_GATE_WAIT, call(kit, "pixazo", ""));
    assert_int_equal(2 * gate + 2, ask(kit, "SELECT count(*) FROM ledger WHERE state = 1")); /* its bound still counts */
  }
}

static void test_quota__a_sender_whose_lock_cannot_be_seen_counts_until_it_is_silent(void **state)
{
  journal_kit *kit = *state;
  set(kit, "{\"slots\":1}");
  pid_t child = start_sender(kit, false);
  tell(kit, "UPDATE worker SET place = '/nowhere/at/all' WHERE id = (SELECT max(id) FROM worker)");
  assert_int_equal(PX_GATE_WAIT, call(kit, "pixazo", ""));
  tell(kit, "UPDATE worker SET heartbeat_us = heartbeat_us - 61000000");
  assert_int_equal(PX_GATE_GO, call(kit, "pixazo", ""));
  kill_sender(child);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, journal_kit_setup, journal_kit_teardown)
  const struct CMUnitTest tests[] = {
      TEST(test_quota__a_burst_passes_and_then_one_call_per_interval),
      TEST(test_quota__of_each_principal_counts_them_apart),
      TEST(test_quota__of_each_principal_at_each_provider_counts_pairs),
      TEST(test_quota__of_one_principal_is_nobody_elses),
      TEST(test_quota__all_that_apply_must_agree),
      TEST(test_quota__slots_are_free_again_when_a_call_was_answered),
      TEST(test_quota__slots_of_each_principal_are_its_own),
      TEST(test_quota__a_wait_that_is_bounded_fails_and_says_when_to_come_back),
      TEST(test_quota__a_clock_that_goes_back_does_not_lock_anybody_out),
      TEST(test_quota__a_killed_sender_holds_no_slot),
      TEST(test_quota__a_sender_whose_lock_cannot_be_seen_counts_until_it_is_silent),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
