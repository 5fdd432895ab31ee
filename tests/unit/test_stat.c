/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "repository/stat.h"
#include "support/journal.h"

static const px_stat_key monday = {1, "p", "m", "USD"};
static const px_stat_key tuesday = {2, "p", "m", "USD"};

static void test_stat__gathers_by_key(void **state)
{
  (void)state;
  px_stats stats = {0};
  px_stat_key others[] = {{1, "q", "m", "USD"}, {1, "p", "n", "USD"}, {1, "p", "m", "EUR"}};
  MUST(px_stats_add(&stats, &monday, PX_STAT_DONE, 1, error));
  MUST(px_stats_add(&stats, &monday, PX_STAT_DONE, 2, error));
  MUST(px_stats_add(&stats, &tuesday, PX_STAT_DONE, 5, error));
  for (size_t i = 0; i < 3; i++)
    MUST(px_stats_add(&stats, &others[i], PX_STAT_BYTES, 1, error));
  assert_int_equal(5, stats.count);
  assert_int_equal(3, stats.rows[0].numbers[PX_STAT_DONE]);
  assert_int_equal(5, stats.rows[1].numbers[PX_STAT_DONE]);
  px_stats_clear(&stats);
  assert_int_equal(0, stats.count);
}

static void test_stat__takes_back_what_came_after_the_mark(void **state)
{
  (void)state;
  px_stats stats = {0};
  MUST(px_stats_add(&stats, &monday, PX_STAT_COST, 10, error));
  px_stats_mark(&stats);
  MUST(px_stats_add(&stats, &monday, PX_STAT_COST, 7, error));
  MUST(px_stats_add(&stats, &tuesday, PX_STAT_PICTURES, 1, error));
  px_stats_undo(&stats);
  assert_int_equal(10, stats.rows[0].numbers[PX_STAT_COST]);
  assert_int_equal(0, stats.rows[1].numbers[PX_STAT_PICTURES]);
  px_stats_undo(&stats);
  assert_int_equal(10, stats.rows[0].numbers[PX_STAT_COST]);
  px_stats_clear(&stats);
}

static void test_stat__writes_sums_into_the_rows_of_its_shard(void **state)
{
  journal_kit *kit = *state;
  for (int round = 0; round < 2; round++) {
    px_stats stats = {0};
    px_db_link *link = NULL;
    for (px_stat_field field = PX_STAT_DONE; field < PX_STAT_FIELDS; field++) {
      px_stats_mark(&stats);
      MUST(px_stats_add(&stats, &monday, field, 100 + (int64_t)field, error));
    }
    MUST(px_db_begin_write(kit->repository->db, &link, error));
    MUST(px_stats_write(&stats, link, 3, error));
    assert_int_equal(0, stats.count);
    MUST(px_db_commit(&link, error));
  }
  assert_int_equal(1, ask(kit, "SELECT count(*) FROM stat_day WHERE shard = 3"));
  assert_int_equal(1,
                   ask(kit, "SELECT done = 200 AND partial = 202 AND failed = 204 AND blocked = 206 AND ambiguous = 208 AND "
                            "cancelled = 210 AND abandoned = 212 AND attempts = 214 AND pictures = 216 AND bytes = 218 AND "
                            "cost_micros = 220 AND time_us = 222 AND timed = 224 FROM stat_day"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, journal_kit_setup, journal_kit_teardown)
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_stat__gathers_by_key),
      cmocka_unit_test(test_stat__takes_back_what_came_after_the_mark),
      TEST(test_stat__writes_sums_into_the_rows_of_its_shard),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
