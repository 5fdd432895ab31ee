/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include <pixazo/memory.h>

#include "base/mem.h"
#include "support/journal.h"

static void test_journal_begin__keeps_every_text_as_it_was_given(void **state)
{
  journal_kit *kit = *state;
  char generation[PX_UUID_TEXT], batch[PX_UUID_TEXT];
  px_uuid_new(px_clock_system(), batch);
  px_journal_new row = {.batch = batch,
                        .principal = "alice",
                        .idempotency_key = "order-1",
                        .parent = "01900000-0000-7000-8000-000000000000",
                        .relation = "retry_of",
                        .request_json = "{ \"prompt\" :  \"a fox\" }",
                        .metadata_json = "{\"THEME\":\"x\"}",
                        .effective_json = "{\"seed\":7}",
                        .outcome_json = "{}",
                        .prompt = "a \"fox\" – ÄÖ",
                        .provider = "pixazo",
                        .model = "sdxl",
                        .images = 3};
  plan_row(kit, generation, &row);
  pixazo_generation *found = NULL;
  MUST(pixazo_repository_find(kit->repository, generation, &found, error));
  assert_string_equal(row.request_json, pixazo_generation_request_json(found));
  assert_string_equal(row.metadata_json, pixazo_generation_metadata_json(found));
  assert_string_equal(row.effective_json, pixazo_generation_effective_json(found));
  assert_string_equal(row.outcome_json, pixazo_generation_outcome_json(found));
  assert_string_equal(row.prompt, pixazo_generation_prompt(found));
  assert_string_equal(batch, pixazo_generation_batch(found));
  assert_string_equal("alice", pixazo_generation_principal(found));
  assert_string_equal("order-1", pixazo_generation_idempotency_key(found));
  assert_int_equal(kit->now_us, pixazo_generation_created_us(found));
  assert_int_equal(1, ask(kit, "SELECT relation = 'retry_of' AND parent IS NOT NULL AND images = 3 FROM generation"));
  pixazo_generation_free(found);
}

static void test_journal_begin__an_idempotency_key_is_used_once_per_principal(void **state)
{
  journal_kit *kit = *state;
  char first[PX_UUID_TEXT], other[PX_UUID_TEXT], again[PX_UUID_TEXT], existing[PX_UUID_TEXT] = "";
  px_journal_new row = {.principal = "alice", .idempotency_key = "k", .provider = "p", .model = "m", .prompt = "x"};
  plan_row(kit, first, &row);
  row.principal = "bob";
  plan_row(kit, other, &row);
  row.principal = "alice";
  px_uuid_new(px_clock_system(), again);
  row.uuid = again;
  MUST(px_journal_begin(kit->journal, error));
  MUST_FAIL(PIXAZO_E_EXISTS, px_journal_add(kit->journal, &row, existing, error));
  assert_string_equal(first, existing);
  row.idempotency_key = "another";
  MUST(px_journal_add(kit->journal, &row, existing, error));
  MUST(px_journal_commit(kit->journal, error));
  assert_int_equal(3, ask(kit, "SELECT count(*) FROM generation"));
  pixazo_generation *found = NULL;
  MUST(pixazo_repository_find_key(kit->repository, "bob", "k", &found, error));
  assert_string_equal(other, pixazo_generation_uuid(found));
  pixazo_generation_free(found);
  MUST_FAIL(PIXAZO_E_NOT_FOUND, pixazo_repository_find_key(kit->repository, "carol", "k", &found, error));
}

/* Nobody may be told of a generation that cannot be named, and none may be made in its place. */
static void test_journal_begin__a_key_of_a_row_without_a_uuid_is_damage(void **state)
{
  journal_kit *kit = *state;
  char first[PX_UUID_TEXT], again[PX_UUID_TEXT], existing[PX_UUID_TEXT] = "";
  px_journal_new row = {.idempotency_key = "k", .provider = "p", .model = "m", .prompt = "x"};
  plan_row(kit, first, &row);
  tell(kit, "UPDATE generation SET uuid = x'00'");
  px_uuid_new(px_clock_system(), again);
  row.uuid = again;
  MUST(px_journal_begin(kit->journal, error));
  MUST_FAIL(PIXAZO_E_CORRUPT, px_journal_add(kit->journal, &row, existing, error));
  px_journal_rollback(kit->journal);
  MUST_FAIL(PIXAZO_E_CORRUPT, px_journal_find_key(kit->repository, NULL, "k", existing, error));
  assert_string_equal("", existing);
}

static void test_journal_begin__many_are_tried_again_in_one_transaction(void **state)
{
  enum { MANY = 20 }; /* each counts: more than the statistics keep for taking back */
  journal_kit *kit = *state;
  char old[MANY][PX_UUID_TEXT], again[PX_UUID_TEXT];
  for (size_t i = 0; i < MANY; i++)
    plan(kit, old[i], "x");
  MUST(px_journal_begin(kit->journal, error));
  for (size_t i = 0; i < MANY; i++) {
    px_uuid_new(px_clock_system(), again);
    px_journal_new row = {
        .uuid = again, .parent = old[i], .relation = "retry_of", .provider = "p", .model = "m", .prompt = "x"};
    MUST(px_journal_retry(kit->journal, old[i], &row, error));
  }
  MUST(px_journal_commit(kit->journal, error));
  assert_int_equal(MANY, ask(kit, "SELECT sum(abandoned) FROM stat_day"));
}

static void test_journal_begin__an_empty_key_is_none(void **state)
{
  journal_kit *kit = *state;
  char generation[PX_UUID_TEXT];
  px_journal_new row = {.idempotency_key = "", .provider = "p", .model = "m", .prompt = "x"};
  plan_row(kit, generation, &row);
  plan_row(kit, generation, &row);
  assert_int_equal(2, ask(kit, "SELECT count(*) FROM generation WHERE idempotency_key IS NULL"));
}

static void test_journal_begin__refuses_rows_without_names(void **state)
{
  journal_kit *kit = *state;
  char existing[PX_UUID_TEXT], uuid[PX_UUID_TEXT];
  px_uuid_new(px_clock_system(), uuid);
  const px_journal_new rows[] = {{.uuid = "x", .provider = "p", .model = "m"},
                                 {.uuid = uuid, .model = "m"},
                                 {.uuid = uuid, .provider = "p", .model = ""}};
  MUST(px_journal_begin(kit->journal, error));
  for (size_t i = 0; i < PX_ARRAY_SIZE(rows); i++)
    MUST_FAIL(PIXAZO_E_ARGUMENT, px_journal_add(kit->journal, &rows[i], existing, error));
  px_journal_rollback(kit->journal);
}

static void assert_denied(journal_kit *kit, const char *generation, pixazo_status expected)
{
  char attempt[PX_UUID_TEXT];
  px_gate_verdict verdict = {0};
  MUST(begin_attempt_as(kit->journal, generation, attempt, 1, &verdict, error));
  assert_int_equal(PX_GATE_DENIED, verdict.verdict);
  assert_int_equal(expected, pixazo_error_status(verdict.error));
  pixazo_error_free(verdict.error);
}

static void test_journal_begin__no_second_attempt_while_one_is_open_or_accepted(void **state)
{
  journal_kit *kit = *state;
  char generation[PX_UUID_TEXT], attempt[PX_UUID_TEXT], image[1][PX_UUID_TEXT];
  plan(kit, generation, "x");
  (void)begin_attempt(kit, generation, attempt, 1);
  assert_denied(kit, generation, PIXAZO_E_CONFLICT);
  accept_attempt(kit, generation, attempt, image, 1);
  assert_denied(kit, generation, PIXAZO_E_CONFLICT);
  MUST(record_image(kit->journal, generation, image[0], PIXAZO_IMAGE_LOST, error));
  assert_denied(kit, generation, PIXAZO_E_CONFLICT);
  assert_int_equal(1, ask(kit, "SELECT count(*) FROM attempt"));
  assert_int_equal(1, ask(kit, "SELECT count(*) FROM ledger"));
}

static void test_journal_begin__an_attempt_begins_again_after_one_that_is_not_final(void **state)
{
  journal_kit *kit = *state;
  char generation[PX_UUID_TEXT], attempt[PX_UUID_TEXT];
  plan(kit, generation, "x");
  (void)begin_attempt(kit, generation, attempt, 1);
  fail_attempt(kit, generation, attempt, PIXAZO_CLASS_REFUSED, PIXAZO_CHARGE_NOT_CHARGED, 429, false);
  assert_int_equal(PIXAZO_GENERATION_PLANNED, state_of(kit, generation));
  assert_int_equal(PX_GATE_GO, begin_attempt(kit, generation, attempt, 1));
  assert_int_equal(2, ask(kit, "SELECT max(n) FROM attempt"));
  fail_attempt(kit, generation, attempt, PIXAZO_CLASS_FAILED, PIXAZO_CHARGE_NOT_CHARGED, 500, true);
  assert_int_equal(PIXAZO_GENERATION_FAILED, state_of(kit, generation));
  assert_denied(kit, generation, PIXAZO_E_CONFLICT);
}

static void test_journal_begin__another_workers_generation_is_not_sent(void **state)
{
  journal_kit *kit = *state;
  char generation[PX_UUID_TEXT], attempt[PX_UUID_TEXT];
  px_gate_verdict verdict = {0};
  plan(kit, generation, "x");
  px_journal *other = journal_kit_another(kit);
  MUST(begin_attempt_as(other, generation, attempt, 1, &verdict, error));
  assert_int_equal(PX_GATE_DENIED, verdict.verdict);
  assert_int_equal(PIXAZO_E_CONFLICT, pixazo_error_status(verdict.error));
  pixazo_error_free(verdict.error);
  px_journal_close(other);
  assert_denied(kit, "01900000-0000-7000-8000-000000000000", PIXAZO_E_NOT_FOUND);
}

static void test_journal_begin__one_transaction_serves_many_and_denies_one(void **state)
{
  journal_kit *kit = *state;
  enum { COUNT = 3 };
  char generations[COUNT][PX_UUID_TEXT], attempts[COUNT][PX_UUID_TEXT];
  px_gate_attempt rows[COUNT];
  px_gate_verdict verdicts[COUNT];
  for (int i = 0; i < COUNT; i++) {
    plan(kit, generations[i], "x");
    px_uuid_new(px_clock_system(), attempts[i]);
    rows[i] = (px_gate_attempt){.attempt = attempts[i],
                                .generation = generations[i],
                                .provider = "p2",
                                .model = "m2",
                                .effective_json = "{\"seed\":9}",
                                .price_known = true};
  }
  end_generation(kit, generations[1], PIXAZO_GENERATION_CANCELLED);
  MUST(px_journal_begin(kit->journal, error));
  MUST(px_journal_send(kit->journal, rows, COUNT, verdicts, error));
  MUST(px_journal_commit(kit->journal, error));
  assert_int_equal(PX_GATE_GO, verdicts[0].verdict);
  assert_int_equal(PX_GATE_DENIED, verdicts[1].verdict);
  assert_int_equal(PX_GATE_GO, verdicts[2].verdict);
  pixazo_error_free(verdicts[1].error);
  assert_int_equal(2, ask(kit, "SELECT count(*) FROM generation WHERE provider = 'p2' AND effective_json = '{\"seed\":9}'"));
}

static void test_journal_begin__ends_only_what_may_end(void **state)
{
  journal_kit *kit = *state;
  char generation[PX_UUID_TEXT], attempt[PX_UUID_TEXT], image[1][PX_UUID_TEXT];
  plan(kit, generation, "x");
  (void)begin_attempt(kit, generation, attempt, 1);
  MUST(px_journal_begin(kit->journal, error));
  MUST_FAIL(PIXAZO_E_STATE, px_journal_end(kit->journal, generation, PIXAZO_GENERATION_ABANDONED, "x", error));
  MUST_FAIL(PIXAZO_E_STATE, px_journal_end(kit->journal, generation, PIXAZO_GENERATION_CANCELLED, "x", error));
  MUST_FAIL(PIXAZO_E_NOT_FOUND, px_journal_end(kit->journal, "nothing", PIXAZO_GENERATION_CANCELLED, "x", error));
  px_journal_rollback(kit->journal);
  accept_attempt(kit, generation, attempt, image, 1);
  end_generation(kit, generation, PIXAZO_GENERATION_ABANDONED);
  end_generation(kit, generation, PIXAZO_GENERATION_ABANDONED); /* again changes nothing */
  assert_int_equal(PIXAZO_GENERATION_ABANDONED, state_of(kit, generation));
  assert_int_equal(PIXAZO_IMAGE_LOST, ask(kit, "SELECT state FROM image"));
  assert_int_equal(1, ask(kit, "SELECT sum(abandoned) FROM stat_day"));
  MUST(px_journal_begin(kit->journal, error));
  MUST_FAIL(PIXAZO_E_STATE, px_journal_end(kit->journal, generation, PIXAZO_GENERATION_FAILED, "x", error));
  px_journal_rollback(kit->journal);
}

static void test_journal_begin__cancelled_and_failed_keep_their_message(void **state)
{
  journal_kit *kit = *state;
  static const int32_t endings[] = {PIXAZO_GENERATION_CANCELLED, PIXAZO_GENERATION_FAILED};
  for (size_t i = 0; i < PX_ARRAY_SIZE(endings); i++) {
    char generation[PX_UUID_TEXT];
    pixazo_generation *found = NULL;
    plan(kit, generation, "x");
    end_generation(kit, generation, endings[i]);
    MUST(pixazo_repository_find(kit->repository, generation, &found, error));
    assert_int_equal(endings[i], pixazo_generation_state(found));
    assert_string_equal("ended by a test", pixazo_generation_message(found));
    pixazo_generation_free(found);
  }
}

static void test_journal_begin__a_denial_by_a_budget_stands_in_the_row_until_it_is_sent(void **state)
{
  journal_kit *kit = *state;
  char generation[PX_UUID_TEXT], attempt[PX_UUID_TEXT];
  plan(kit, generation, "x");
  (void)begin_attempt(kit, generation, attempt, 1);
  fail_attempt(kit, generation, attempt, PIXAZO_CLASS_REFUSED, PIXAZO_CHARGE_NOT_CHARGED, 429, false);
  MUST(pixazo_repository_set_budget(kit->repository, "{\"period\":\"day\",\"cap_micros\":0}", error));
  assert_denied(kit, generation, PIXAZO_E_BUDGET);
  char *message = ask_text(kit, "SELECT message FROM generation");
  assert_non_null(message);
  assert_non_null(strstr(message, "the day budget allows 0.00 USD"));
  free(message);
  assert_int_equal(state_of(kit, generation), PIXAZO_GENERATION_PLANNED);
  assert_int_equal(ask(kit, "SELECT count(*) FROM attempt"), 1);
  MUST(pixazo_repository_set_budget(kit->repository, "{\"period\":\"day\",\"cap_micros\":100}", error));
  assert_int_equal(begin_attempt(kit, generation, attempt, 1), PX_GATE_GO);
  assert_int_equal(ask(kit, "SELECT count(*) FROM generation WHERE message IS NULL"), 1);
}

static int32_t block(journal_kit *kit, const char *generation, const char *safety)
{
  int32_t state = -1;
  MUST(px_journal_begin(kit->journal, error));
  MUST(px_journal_block(kit->journal, generation, "no owls", safety, &state, error));
  MUST(px_journal_commit(kit->journal, error));
  return state;
}

static void expect_whole(journal_kit *kit)
{
  char *report = NULL;
  MUST(pixazo_repository_check(kit->repository, &report, error));
  pixazo_free(report);
}

static void test_journal_begin__what_the_program_blocks_says_so_and_costs_nothing(void **state)
{
  journal_kit *kit = *state;
  char generation[PX_UUID_TEXT], other[PX_UUID_TEXT];
  pixazo_generation *found = NULL;
  plan(kit, generation, "an owl");
  assert_int_equal(PIXAZO_GENERATION_BLOCKED, block(kit, generation, "{\"stage\":\"input\"}"));
  MUST(pixazo_repository_find(kit->repository, generation, &found, error));
  assert_int_equal(PIXAZO_GENERATION_BLOCKED, pixazo_generation_state(found));
  assert_int_equal(0, pixazo_generation_attempts(found));
  assert_string_equal("no owls", pixazo_generation_message(found));
  assert_string_equal("{\"stage\":\"input\"}", pixazo_generation_safety_json(found));
  pixazo_generation_free(found);
  assert_int_equal(0, ask(kit, "SELECT count(*) FROM ledger"));
  assert_int_equal(1, ask(kit, "SELECT sum(blocked) FROM stat_day"));
  expect_whole(kit);
  MUST(px_journal_begin(kit->journal, error));
  int32_t now = 0;
  MUST_FAIL(PIXAZO_E_STATE, px_journal_block(kit->journal, generation, "x", NULL, &now, error));
  px_uuid_new(px_clock_system(), other);
  MUST_FAIL(PIXAZO_E_NOT_FOUND, px_journal_block(kit->journal, other, "x", NULL, &now, error));
  px_journal_rollback(kit->journal);
}

static void test_journal_begin__what_may_have_been_paid_stays_in_doubt_when_it_is_blocked(void **state)
{
  journal_kit *kit = *state;
  char generation[PX_UUID_TEXT], attempt[PX_UUID_TEXT];
  plan(kit, generation, "an owl");
  (void)begin_attempt(kit, generation, attempt, 70);
  fail_attempt(kit, generation, attempt, PIXAZO_CLASS_AMBIGUOUS, PIXAZO_CHARGE_UNKNOWN, 0, false);
  assert_int_equal(PIXAZO_GENERATION_PLANNED, state_of(kit, generation));
  assert_int_equal(PIXAZO_GENERATION_AMBIGUOUS, block(kit, generation, "{}"));
  assert_int_equal(PIXAZO_GENERATION_AMBIGUOUS, state_of(kit, generation));
  expect_whole(kit);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, journal_kit_setup, journal_kit_teardown)
  const struct CMUnitTest tests[] = {
      TEST(test_journal_begin__keeps_every_text_as_it_was_given),
      TEST(test_journal_begin__an_idempotency_key_is_used_once_per_principal),
      TEST(test_journal_begin__many_are_tried_again_in_one_transaction),
      TEST(test_journal_begin__a_key_of_a_row_without_a_uuid_is_damage),
      TEST(test_journal_begin__an_empty_key_is_none),
      TEST(test_journal_begin__refuses_rows_without_names),
      TEST(test_journal_begin__no_second_attempt_while_one_is_open_or_accepted),
      TEST(test_journal_begin__an_attempt_begins_again_after_one_that_is_not_final),
      TEST(test_journal_begin__another_workers_generation_is_not_sent),
      TEST(test_journal_begin__one_transaction_serves_many_and_denies_one),
      TEST(test_journal_begin__ends_only_what_may_end),
      TEST(test_journal_begin__cancelled_and_failed_keep_their_message),
      TEST(test_journal_begin__a_denial_by_a_budget_stands_in_the_row_until_it_is_sent),
      TEST(test_journal_begin__what_the_program_blocks_says_so_and_costs_nothing),
      TEST(test_journal_begin__what_may_have_been_paid_stays_in_doubt_when_it_is_blocked),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
