/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/mem.h"
#include "repository/writing.h"
#include "support/journal.h"

static void test_standing__adds_up_what_all_attempts_cost(void **state)
{
  journal_kit *kit = *state;
  char generation[PX_UUID_TEXT], attempt[PX_UUID_TEXT], image[1][PX_UUID_TEXT];
  pixazo_generation *found = NULL;
  plan(kit, generation, "x");
  (void)begin_attempt(kit, generation, attempt, 500);
  fail_attempt(kit, generation, attempt, PIXAZO_CLASS_REFUSED, PIXAZO_CHARGE_NOT_CHARGED, 429, false);
  (void)begin_attempt(kit, generation, attempt, 500);
  fail_attempt(kit, generation, attempt, PIXAZO_CLASS_AMBIGUOUS, PIXAZO_CHARGE_UNKNOWN, 0, false);
  (void)begin_attempt(kit, generation, attempt, 50000);
  accept_attempt(kit, generation, attempt, image, 1);
  MUST(pixazo_repository_find(kit->repository, generation, &found, error));
  assert_int_equal(40500, pixazo_generation_cost_micros(found));
  assert_int_equal(PIXAZO_CONFIDENCE_UPPER_BOUND, pixazo_generation_confidence(found));
  assert_int_equal(3, pixazo_generation_attempts(found));
  pixazo_generation_free(found);
}

static void test_standing__reads_counts_of_attempts_and_pictures(void **state)
{
  journal_kit *kit = *state;
  char generation[PX_UUID_TEXT], attempt[PX_UUID_TEXT], images[3][PX_UUID_TEXT];
  px_standing standing = {0};
  plan(kit, generation, "x");
  (void)begin_attempt(kit, generation, attempt, 1);
  fail_attempt(kit, generation, attempt, PIXAZO_CLASS_REFUSED, PIXAZO_CHARGE_NOT_CHARGED, 429, false);
  (void)begin_attempt(kit, generation, attempt, 1);
  accept_attempt(kit, generation, attempt, images, 3);
  MUST(record_image(kit->journal, generation, images[0], PIXAZO_IMAGE_RECORDED, error));
  MUST(px_journal_begin(kit->journal, error));
  MUST(px_standing_read(kit->journal->link, 1, &standing, error));
  px_journal_rollback(kit->journal);
  assert_int_equal(1, standing.attempts[PX_ATTEMPT_REFUSED]);
  assert_int_equal(1, standing.attempts[PX_ATTEMPT_ACCEPTED]);
  assert_int_equal(PX_ATTEMPT_ACCEPTED, standing.last_attempt);
  assert_int_equal(2, standing.images[PIXAZO_IMAGE_EXPECTED]);
  assert_int_equal(1, standing.images[PIXAZO_IMAGE_RECORDED]);
}

static void test_standing__an_ended_generation_belongs_to_nobody(void **state)
{
  journal_kit *kit = *state;
  char generation[PX_UUID_TEXT];
  make_done(kit, generation, "x");
  assert_int_equal(1, ask(kit, "SELECT worker IS NULL AND token IS NULL AND ended_us > 0 FROM generation"));
}

static void test_standing__a_write_after_the_row_was_taken_away_is_refused(void **state)
{
  journal_kit *kit = *state;
  char generation[PX_UUID_TEXT], attempt[PX_UUID_TEXT];
  px_auto(px_generation_row) row = {0};
  plan(kit, generation, "x");
  (void)begin_attempt(kit, generation, attempt, 1);
  MUST(px_journal_begin(kit->journal, error));
  MUST(px_generation_read(kit->journal, generation, &row, error));
  MUST(px_db_run(kit->journal->link, "UPDATE generation SET token = 'another'", PX_BIND_NONE, NULL, error));
  MUST_FAIL(PIXAZO_E_CONFLICT, px_generation_write(kit->journal, &row, error));
  px_generation_row_done(&row);
  MUST(px_generation_read(kit->journal, generation, &row, error));
  MUST_FAIL(PIXAZO_E_CONFLICT, px_generation_require_mine(&row, error));
  px_generation_row_done(&row);
  MUST_FAIL(PIXAZO_E_NOT_FOUND, px_generation_read(kit->journal, "nobody", &row, error));
  px_journal_rollback(kit->journal);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, journal_kit_setup, journal_kit_teardown)
  const struct CMUnitTest tests[] = {
      TEST(test_standing__adds_up_what_all_attempts_cost),
      TEST(test_standing__reads_counts_of_attempts_and_pictures),
      TEST(test_standing__an_ended_generation_belongs_to_nobody),
      TEST(test_standing__a_write_after_the_row_was_taken_away_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
