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
#include "repository/schema.h"
#include "support/journal.h"
#include "support/tmpdir.h"

static void test_schema__has_every_table_and_view(void **state)
{
  journal_kit *kit = *state;
  static const char *const tables[] = {"setting", "worker", "batch",  "generation", "attempt", "image",   "rendition",
                                       "tag",     "ledger", "budget", "bucket",     "quota",   "stat_day"};
  for (size_t i = 0; i < PX_ARRAY_SIZE(tables); i++) {
    char sql[128];
    (void)snprintf(sql, sizeof sql, "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = '%s'", tables[i]);
    assert_int_equal(1, ask(kit, sql));
  }
  assert_int_equal(2, ask(kit, "SELECT count(*) FROM sqlite_schema WHERE type = 'view'"));
  assert_int_equal(1, ask(kit, "SELECT count(*) FROM sqlite_schema WHERE type = 'trigger'"));
  assert_int_equal(1, ask(kit, "PRAGMA user_version"));
  assert_int_equal(PX_SCHEMA_APPLICATION, ask(kit, "PRAGMA application_id"));
}

static void test_schema__finds_work_and_pages_without_reading_whole_tables(void **state)
{
  journal_kit *kit = *state;
  static const char *const lookups[] = {
      "SELECT 1 FROM generation WHERE uuid = 'x'",
      "SELECT 1 FROM generation WHERE principal = 'x' AND idempotency_key = 'y'",
      "SELECT 1 FROM generation WHERE worker = 1 AND token = 'x' AND state <= 2 AND id > 5 ORDER BY id LIMIT 1",
      "SELECT 1 FROM generation WHERE state = 7 ORDER BY id DESC LIMIT 20",
      "SELECT 1 FROM generation WHERE provider = 'x' AND model = 'y' ORDER BY id DESC LIMIT 20",
      "SELECT 1 FROM attempt WHERE uuid = 'x'",
      "SELECT 1 FROM attempt WHERE generation = 1 ORDER BY n",
      "SELECT count(*) FROM attempt WHERE state = 1 AND provider = 'x'",
      "SELECT 1 FROM image WHERE uuid = 'x'",
      "SELECT 1 FROM image WHERE generation = 1",
      "SELECT 1 FROM image WHERE store_key = 'x'",
      "SELECT 1 FROM image WHERE post_id = 'x'",
      "SELECT 1 FROM image WHERE prompt_id = 'x'",
      "SELECT 1 FROM rendition WHERE image = 1",
      "SELECT 1 FROM ledger WHERE state IN (1, 4)",
  };
  for (size_t i = 0; i < PX_ARRAY_SIZE(lookups); i++) {
    char sql[512];
    (void)snprintf(sql, sizeof sql, "EXPLAIN QUERY PLAN %s", lookups[i]);
    px_db_link *link = NULL;
    px_db_rows *rows = NULL;
    bool row = false;
    MUST(px_db_begin_read(kit->repository->db, &link, error));
    MUST(px_db_query(link, sql, PX_BIND_NONE, &rows, error));
    MUST(px_db_step(rows, &row, error));
    while (row) {
      const char *detail = px_db_get_text(rows, 3);
      if (strncmp(detail, "SCAN", 4) == 0 || strstr(detail, "TEMP B-TREE"))
        fail_msg("%s: %s", lookups[i], detail);
      MUST(px_db_step(rows, &row, error));
    }
    px_db_rows_done(&rows);
    px_db_end(&link);
  }
}

static void test_schema__killed_while_it_is_made_can_be_made_again(void **state)
{
  (void)state;
  char *directory = tmpdir_make(), *path = tmpdir_path(directory, "a.db");
  for (int round = 0; round < 12; round++) {
    pid_t child = fork();
    if (child == 0) {
      pixazo_repository_options options = PIXAZO_REPOSITORY_OPTIONS_INIT;
      pixazo_repository *repository = NULL;
      options.path = path;
      /* A time of this process's own: somewhere in between. */
      (void)ualarm((useconds_t)(1000 + 1500 * round), 0);
      _exit(pixazo_repository_new(&options, &repository, NULL) == PIXAZO_OK ? 0 : 1);
    }
    (void)waitpid(child, NULL, 0);
    journal_kit kit = {.path = path};
    int64_t version = ask(&kit, "PRAGMA user_version");
    int64_t tables = ask(&kit, "SELECT count(*) FROM sqlite_schema");
    assert_true(version == 1 ? tables > 30 : tables == 0);
  }
  pixazo_repository_options options = PIXAZO_REPOSITORY_OPTIONS_INIT;
  pixazo_repository *repository = NULL;
  options.path = path;
  MUST(pixazo_repository_new(&options, &repository, error));
  (void)pixazo_repository_unref(repository);
  free(path);
  tmpdir_remove(directory);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, journal_kit_setup, journal_kit_teardown)
  const struct CMUnitTest tests[] = {
      TEST(test_schema__has_every_table_and_view),
      TEST(test_schema__finds_work_and_pages_without_reading_whole_tables),
      cmocka_unit_test(test_schema__killed_while_it_is_made_can_be_made_again),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
