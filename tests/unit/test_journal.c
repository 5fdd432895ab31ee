/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "support/journal.h"
#include "support/tmpdir.h"

static void test_journal__takes_a_picture_from_plan_to_record(void **state)
{
  journal_kit *kit = *state;
  char generation[PX_UUID_TEXT], attempt[PX_UUID_TEXT], image[1][PX_UUID_TEXT];
  plan(kit, generation, "a red fox");
  assert_int_equal(PIXAZO_GENERATION_PLANNED, state_of(kit, generation));
  assert_int_equal(PX_GATE_GO, begin_attempt(kit, generation, attempt, 50000));
  assert_int_equal(PIXAZO_GENERATION_ACTIVE, state_of(kit, generation));
  assert_int_equal(1, ask(kit, "SELECT state FROM ledger"));
  accept_attempt(kit, generation, attempt, image, 1);
  assert_int_equal(PIXAZO_GENERATION_ACTIVE, state_of(kit, generation));
  assert_int_equal(2, ask(kit, "SELECT state FROM ledger"));
  MUST(record_image(kit->journal, generation, image[0], PIXAZO_IMAGE_RECORDED, error));
  assert_int_equal(PIXAZO_GENERATION_DONE, state_of(kit, generation));
}

static void test_journal__writes_outside_of_a_transaction_are_refused(void **state)
{
  journal_kit *kit = *state;
  char existing[PX_UUID_TEXT];
  px_journal_new row = {.uuid = "01900000-0000-7000-8000-000000000000", .provider = "p", .model = "m"};
  px_journal_answer answer = {0};
  px_journal_facts facts = {0};
  px_gate_verdict verdict;
  MUST_FAIL(PIXAZO_E_STATE, px_journal_add(kit->journal, &row, existing, error));
  MUST_FAIL(PIXAZO_E_STATE, px_journal_send(kit->journal, NULL, 0, &verdict, error));
  MUST_FAIL(PIXAZO_E_STATE, px_journal_answered(kit->journal, &answer, error));
  MUST_FAIL(PIXAZO_E_STATE, px_journal_recorded(kit->journal, &facts, error));
  MUST_FAIL(PIXAZO_E_STATE, px_journal_end(kit->journal, row.uuid, PIXAZO_GENERATION_CANCELLED, NULL, error));
  MUST_FAIL(PIXAZO_E_STATE, px_journal_commit(kit->journal, error));
}

static void test_journal__a_rollback_forgets_rows_and_statistics(void **state)
{
  journal_kit *kit = *state;
  char generation[PX_UUID_TEXT], existing[PX_UUID_TEXT];
  plan(kit, generation, "kept");
  px_journal_new row = {.uuid = "01900000-0000-7000-8000-000000000000", .provider = "p", .model = "m"};
  MUST(px_journal_begin(kit->journal, error));
  MUST(px_journal_add(kit->journal, &row, existing, error));
  MUST(px_journal_end(kit->journal, generation, PIXAZO_GENERATION_CANCELLED, NULL, error));
  px_journal_rollback(kit->journal);
  MUST(px_journal_begin(kit->journal, error));
  MUST(px_journal_commit(kit->journal, error));
  assert_int_equal(1, ask(kit, "SELECT count(*) FROM generation"));
  assert_int_equal(PIXAZO_GENERATION_PLANNED, state_of(kit, generation));
  assert_int_equal(0, ask(kit, "SELECT count(*) FROM stat_day"));
}

static void test_journal__a_failed_write_leaves_the_transaction_usable_and_its_rows_untouched(void **state)
{
  journal_kit *kit = *state;
  char first[PX_UUID_TEXT], second[PX_UUID_TEXT], attempt[PX_UUID_TEXT], images[2][PX_UUID_TEXT];
  plan(kit, first, "one");
  plan(kit, second, "two");
  (void)begin_attempt(kit, first, attempt, 10);
  px_uuid_new(px_clock_system(), images[0]);
  /* The second picture has the place of the first: the whole answer must not count. */
  px_journal_image rows[2] = {{.uuid = images[0], .key = "a", .index = 0}, {.uuid = images[0], .key = "b", .index = 0}};
  px_journal_answer answer = {.facts = {.attempt = attempt,
                                        .generation = first,
                                        .attempt_class = PIXAZO_CLASS_ACCEPTED,
                                        .cost_micros = 7,
                                        .confidence = PIXAZO_CONFIDENCE_BILLED,
                                        .charge = PIXAZO_CHARGE_CHARGED},
                              .images = rows,
                              .image_count = 2,
                              .final = true};
  MUST(px_journal_begin(kit->journal, error));
  MUST_FAIL(PIXAZO_E_CONFLICT, px_journal_answered(kit->journal, &answer, error));
  MUST(px_journal_end(kit->journal, second, PIXAZO_GENERATION_CANCELLED, NULL, error));
  MUST(px_journal_commit(kit->journal, error));
  assert_int_equal(PIXAZO_GENERATION_CANCELLED, state_of(kit, second));
  assert_int_equal(1, ask(kit, "SELECT state FROM attempt"));
  assert_int_equal(1, ask(kit, "SELECT state FROM ledger"));
  assert_int_equal(0, ask(kit, "SELECT count(*) FROM image"));
  assert_int_equal(0, ask(kit, "SELECT sum(cost_micros) FROM stat_day"));
  answer.image_count = 1;
  MUST(answer_attempt(kit->journal, &answer, error));
  assert_int_equal(7, ask(kit, "SELECT sum(cost_micros) FROM stat_day"));
}

static void test_journal__is_a_worker_as_long_as_it_is_open(void **state)
{
  journal_kit *kit = *state;
  struct stat facts;
  char name[PX_UUID_TEXT + 8];
  px_journal *other = journal_kit_another(kit);
  (void)snprintf(name, sizeof name, "%s.lock", px_journal_worker(other));
  char *path = tmpdir_path(kit->spool, name);
  assert_int_equal(2, ask(kit, "SELECT count(*) FROM worker"));
  assert_int_equal(0, stat(path, &facts));
  assert_int_equal(0600, facts.st_mode & 0777);
  px_journal_close(other);
  assert_int_equal(1, ask(kit, "SELECT count(*) FROM worker"));
  assert_int_equal(-1, stat(path, &facts));
  free(path);
}

static void test_journal__the_row_of_a_worker_with_work_stays(void **state)
{
  journal_kit *kit = *state;
  char generation[PX_UUID_TEXT];
  plan(kit, generation, "left");
  px_journal_close(kit->journal);
  kit->journal = NULL;
  assert_int_equal(1, ask(kit, "SELECT count(*) FROM worker"));
}

static void test_journal__a_heartbeat_moves_the_time_of_its_row(void **state)
{
  journal_kit *kit = *state;
  tell(kit, "UPDATE worker SET heartbeat_us = 5");
  MUST(px_journal_heartbeat(kit->journal, error));
  assert_true(ask(kit, "SELECT heartbeat_us FROM worker") > 1000000);
  tell(kit, "DELETE FROM worker");
  MUST_FAIL(PIXAZO_E_CONFLICT, px_journal_heartbeat(kit->journal, error));
}

static void test_journal__two_processes_write_at_once(void **state)
{
  journal_kit *kit = *state;
  enum { ROUNDS = 25 };
  pid_t child = fork();
  if (child == 0) {
    /* A new handle: the inherited one belongs to the parent. */
    journal_kit mine = *kit;
    pixazo_repository_options options = PIXAZO_REPOSITORY_OPTIONS_INIT;
    options.path = kit->path;
    if (pixazo_repository_new(&options, &mine.repository, NULL) != PIXAZO_OK)
      _exit(1);
    mine.journal = journal_kit_another(&mine);
    for (int i = 0; i < ROUNDS; i++) {
      char generation[PX_UUID_TEXT];
      make_done(&mine, generation, "child");
    }
    px_journal_close(mine.journal);
    _exit(0);
  }
  for (int i = 0; i < ROUNDS; i++) {
    char generation[PX_UUID_TEXT];
    make_done(kit, generation, "parent");
  }
  int result = -1;
  assert_int_equal(child, waitpid(child, &result, 0));
  assert_int_equal(0, result);
  assert_int_equal(2 * ROUNDS, ask(kit, "SELECT count(*) FROM generation WHERE state = 3"));
  assert_int_equal(2 * ROUNDS, ask(kit, "SELECT sum(done) FROM stat_day"));
  char *report = NULL;
  MUST(pixazo_repository_check(kit->repository, &report, error));
  px_free(report);
}

static void test_journal__a_forked_child_cannot_write(void **state)
{
  journal_kit *kit = *state;
  pid_t child = fork();
  if (child == 0)
    _exit(px_journal_begin(kit->journal, NULL) == PIXAZO_E_STATE ? 0 : 1);
  int result = -1;
  assert_int_equal(child, waitpid(child, &result, 0));
  assert_int_equal(0, result);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, journal_kit_setup, journal_kit_teardown)
  const struct CMUnitTest tests[] = {
      TEST(test_journal__takes_a_picture_from_plan_to_record),
      TEST(test_journal__writes_outside_of_a_transaction_are_refused),
      TEST(test_journal__a_rollback_forgets_rows_and_statistics),
      TEST(test_journal__a_failed_write_leaves_the_transaction_usable_and_its_rows_untouched),
      TEST(test_journal__is_a_worker_as_long_as_it_is_open),
      TEST(test_journal__the_row_of_a_worker_with_work_stays),
      TEST(test_journal__a_heartbeat_moves_the_time_of_its_row),
      TEST(test_journal__two_processes_write_at_once),
      TEST(test_journal__a_forked_child_cannot_write),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
