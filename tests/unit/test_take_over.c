/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "support/journal.h"
#include "support/tmpdir.h"

typedef struct left {
  char planned[PX_UUID_TEXT];
  char sending[PX_UUID_TEXT];
  char accepted[PX_UUID_TEXT];
  char done[PX_UUID_TEXT];
} left;

/* Work in every state, then the process goes without a word, as after kill -9. */
static void leave_work(journal_kit *mine, left *rows)
{
  char attempt[PX_UUID_TEXT], image[1][PX_UUID_TEXT];
  plan(mine, rows->planned, "planned");
  plan(mine, rows->sending, "sending");
  (void)begin_attempt(mine, rows->sending, attempt, 1000);
  plan(mine, rows->accepted, "accepted");
  (void)begin_attempt(mine, rows->accepted, attempt, 1000);
  accept_attempt(mine, rows->accepted, attempt, image, 1);
  make_done(mine, rows->done, "done");
}

/* Runs `leave_work` in a process of its own; it writes what it made to a pipe and then hangs until killed. */
static pid_t start_worker(journal_kit *kit, const char *spool, left *rows)
{
  int ends[2];
  assert_int_equal(0, pipe(ends));
  pid_t child = fork();
  if (child == 0) {
    journal_kit mine = *kit;
    pixazo_repository_options options = PIXAZO_REPOSITORY_OPTIONS_INIT;
    options.path = kit->path;
    if (pixazo_repository_new(&options, &mine.repository, NULL) != PIXAZO_OK)
      _exit(1);
    px_journal_options journal = {.repository = mine.repository, .spool = spool};
    if (px_journal_open(&journal, &mine.journal, NULL) != PIXAZO_OK)
      _exit(1);
    left made;
    leave_work(&mine, &made);
    if (write(ends[1], &made, sizeof made) != (ssize_t)sizeof made)
      _exit(1);
    for (;;)
      (void)pause();
  }
  (void)close(ends[1]);
  assert_int_equal(sizeof *rows, read(ends[0], rows, sizeof *rows));
  (void)close(ends[0]);
  return child;
}

static void kill_worker(pid_t child)
{
  int result = 0;
  assert_int_equal(0, kill(child, SIGKILL));
  assert_int_equal(child, waitpid(child, &result, 0));
}

static size_t count_work(journal_kit *kit)
{
  char after[PX_UUID_TEXT] = "";
  px_journal_work work;
  size_t count = 0;
  while (px_journal_next_work(kit->journal, after, &work, NULL) == PIXAZO_OK) {
    px_journal_work_done(&work);
    count++;
  }
  return count;
}

static void test_take_over__leaves_a_live_worker_alone_and_takes_from_a_killed_one(void **state)
{
  journal_kit *kit = *state;
  left rows;
  size_t elsewhere = 0;
  pid_t child = start_worker(kit, kit->spool, &rows);
  MUST(px_journal_take_over(kit->journal, &elsewhere, error));
  assert_int_equal(3, elsewhere);
  assert_int_equal(0, count_work(kit));
  kill_worker(child);
  MUST(px_journal_take_over(kit->journal, &elsewhere, error));
  assert_int_equal(0, elsewhere);
  assert_int_equal(3, count_work(kit));
  assert_int_equal(1, ask(kit, "SELECT count(*) FROM worker"));
  char *token = ask_text(kit, "SELECT DISTINCT token FROM generation WHERE token IS NOT NULL");
  assert_string_equal(px_journal_worker(kit->journal), token);
  free(token);
}

static void test_take_over__leaves_a_stopped_worker_alone(void **state)
{
  journal_kit *kit = *state;
  left rows;
  size_t elsewhere = 0;
  pid_t child = start_worker(kit, kit->spool, &rows);
  assert_int_equal(0, kill(child, SIGSTOP));
  tell(kit, "UPDATE worker SET heartbeat_us = 1"); /* the lock is what counts */
  MUST(px_journal_take_over(kit->journal, &elsewhere, error));
  assert_int_equal(3, elsewhere);
  assert_int_equal(0, count_work(kit));
  kill_worker(child);
}

/* Everything in the database that take-over could change. */
static char *snapshot(journal_kit *kit)
{
  return ask_text(kit, "SELECT (SELECT group_concat(uuid || state || coalesce(token, '-')) FROM generation) || "
                       "(SELECT group_concat(uuid || state) FROM attempt) || (SELECT group_concat(uuid) FROM worker) || "
                       "(SELECT group_concat(attempt || state || amount_micros) FROM ledger)");
}

static void test_take_over__a_second_time_changes_nothing(void **state)
{
  journal_kit *kit = *state;
  left rows;
  size_t elsewhere = 0;
  kill_worker(start_worker(kit, kit->spool, &rows));
  MUST(px_journal_take_over(kit->journal, &elsewhere, error));
  char *before = snapshot(kit);
  MUST(px_journal_take_over(kit->journal, &elsewhere, error));
  char *after = snapshot(kit);
  assert_string_equal(before, after);
  assert_int_equal(3, count_work(kit));
  free(before);
  free(after);
}

static void test_take_over__gives_each_piece_of_work_with_what_is_known(void **state)
{
  journal_kit *kit = *state;
  left rows;
  char after[PX_UUID_TEXT] = "";
  px_journal_work work;
  kill_worker(start_worker(kit, kit->spool, &rows));
  MUST(px_journal_take_over(kit->journal, NULL, error));

  MUST(px_journal_next_work(kit->journal, after, &work, error));
  assert_string_equal(rows.planned, pixazo_generation_uuid(work.record));
  assert_string_equal("", work.attempt);
  assert_int_equal(0, work.attempt_state);
  px_journal_work_done(&work);

  MUST(px_journal_next_work(kit->journal, after, &work, error));
  assert_string_equal(rows.sending, pixazo_generation_uuid(work.record));
  assert_true(px_uuid_valid(work.attempt));
  assert_int_equal(PX_ATTEMPT_SENDING, work.attempt_state);
  assert_int_equal(1, work.n);
  assert_true(work.sent_us > 0);
  assert_null(work.answer);
  px_journal_work_done(&work);

  MUST(px_journal_next_work(kit->journal, after, &work, error));
  assert_string_equal(rows.accepted, pixazo_generation_uuid(work.record));
  assert_int_equal(PX_ATTEMPT_ACCEPTED, work.attempt_state);
  assert_int_equal(20, work.answer_size);
  assert_memory_equal("{\"imageUrl\":\"https:/", work.answer, 20);
  assert_int_equal(1, pixazo_generation_image_count(work.record));
  px_journal_work_done(&work);

  assert_int_equal(PIXAZO_E_NOT_FOUND, px_journal_next_work(kit->journal, after, &work, NULL));
}

static void test_take_over__the_new_owner_finishes_what_the_dead_one_began(void **state)
{
  journal_kit *kit = *state;
  left rows;
  kill_worker(start_worker(kit, kit->spool, &rows));
  MUST(px_journal_take_over(kit->journal, NULL, error));
  char *image = ask_text(kit, "SELECT uuid FROM image WHERE state = 1");
  MUST(record_image(kit->journal, rows.accepted, image, PIXAZO_IMAGE_RECORDED, error));
  free(image);
  char *attempt = ask_text(kit, "SELECT uuid FROM attempt WHERE state = 1");
  fail_attempt(kit, rows.sending, attempt, PIXAZO_CLASS_AMBIGUOUS, PIXAZO_CHARGE_UNKNOWN, 0, true);
  free(attempt);
  end_generation(kit, rows.planned, PIXAZO_GENERATION_CANCELLED);
  assert_int_equal(PIXAZO_GENERATION_DONE, state_of(kit, rows.accepted));
  assert_int_equal(PIXAZO_GENERATION_AMBIGUOUS, state_of(kit, rows.sending));
  char *report = NULL;
  MUST(pixazo_repository_check(kit->repository, &report, error));
  px_free(report);
}

static void test_take_over__of_another_spool_waits_for_silence_and_leaves_what_only_that_spool_has(void **state)
{
  journal_kit *kit = *state;
  left rows;
  size_t elsewhere = 0;
  char *spool = tmpdir_path(kit->directory, "another-spool");
  kill_worker(start_worker(kit, spool, &rows));
  MUST(px_journal_take_over(kit->journal, &elsewhere, error));
  assert_int_equal(3, elsewhere);
  tell(kit, "UPDATE worker SET heartbeat_us = heartbeat_us - 61000000");
  MUST(px_journal_take_over(kit->journal, &elsewhere, error));
  assert_int_equal(1, elsewhere); /* `sending`: its answer may lie in that spool */
  assert_int_equal(2, count_work(kit));
  assert_int_equal(2, ask(kit, "SELECT count(*) FROM worker"));
  free(spool);
}

static void test_take_over__works_in_a_directory_that_was_moved(void **state)
{
  journal_kit *kit = *state;
  left rows;
  size_t elsewhere = 0;
  char *old = tmpdir_path(kit->directory, "old-spool");
  kill_worker(start_worker(kit, old, &rows));
  px_journal_close(kit->journal);
  char *moved = tmpdir_path(kit->directory, "moved-spool");
  assert_int_equal(0, rename(old, moved));
  px_journal_options options = {.repository = kit->repository, .spool = moved, .clock = &kit->clock};
  MUST(px_journal_open(&options, &kit->journal, error));
  MUST(px_journal_take_over(kit->journal, &elsewhere, error));
  assert_int_equal(0, elsewhere);
  assert_int_equal(3, count_work(kit));
  free(old);
  free(moved);
}

static void test_take_over__of_two_at_once_one_gets_the_work(void **state)
{
  journal_kit *kit = *state;
  left rows;
  kill_worker(start_worker(kit, kit->spool, &rows));
  pid_t children[2];
  for (int i = 0; i < 2; i++) {
    children[i] = fork();
    if (children[i] == 0) {
      journal_kit mine = *kit;
      pixazo_repository_options options = PIXAZO_REPOSITORY_OPTIONS_INIT;
      options.path = kit->path;
      if (pixazo_repository_new(&options, &mine.repository, NULL) != PIXAZO_OK)
        _exit(99);
      mine.journal = journal_kit_another(&mine);
      bool good = px_journal_take_over(mine.journal, NULL, NULL) == PIXAZO_OK;
      _exit(good ? (int)count_work(&mine) : 99);
    }
  }
  int sum = 0;
  for (int i = 0; i < 2; i++) {
    int result = 0;
    assert_int_equal(children[i], waitpid(children[i], &result, 0));
    sum += WEXITSTATUS(result);
  }
  /* The first may have gone, and with it its lock, before the second looked. */
  assert_true(sum == 3 || sum == 6);
  assert_int_equal(1, ask(kit, "SELECT count(DISTINCT token) FROM generation WHERE token IS NOT NULL"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, journal_kit_setup, journal_kit_teardown)
  const struct CMUnitTest tests[] = {
      TEST(test_take_over__leaves_a_live_worker_alone_and_takes_from_a_killed_one),
      TEST(test_take_over__leaves_a_stopped_worker_alone),
      TEST(test_take_over__a_second_time_changes_nothing),
      TEST(test_take_over__gives_each_piece_of_work_with_what_is_known),
      TEST(test_take_over__the_new_owner_finishes_what_the_dead_one_began),
      TEST(test_take_over__of_another_spool_waits_for_silence_and_leaves_what_only_that_spool_has),
      TEST(test_take_over__works_in_a_directory_that_was_moved),
      TEST(test_take_over__of_two_at_once_one_gets_the_work),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
