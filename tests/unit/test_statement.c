/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "db/db.h"
#include "support/journal.h"
#include "support/tmpdir.h"

typedef struct fixture {
  char *directory;
  px_db *db;
  px_db_link *link;
} fixture;

static int setup(void **state)
{
  fixture *kit = calloc(1, sizeof *kit);
  if (!kit)
    return 1;
  kit->directory = tmpdir_make();
  char *path = tmpdir_path(kit->directory, "a.db");
  px_db_options options = {path, 200};
  MUST(px_db_open(&options, &kit->db, error));
  free(path);
  MUST(px_db_begin_write(kit->db, &kit->link, error));
  *state = kit;
  return 0;
}

static int teardown(void **state)
{
  fixture *kit = *state;
  px_db_end(&kit->link);
  px_db_close(kit->db);
  tmpdir_remove(kit->directory);
  free(kit);
  return 0;
}

static void test_statement__binds_and_reads_every_kind_of_value(void **state)
{
  fixture *kit = *state;
  px_db_rows *rows = NULL;
  bool row = false;
  size_t size = 0;
  MUST(px_db_query(
      kit->link, "SELECT ?, ?, ?, ?, ?",
      PX_BIND(px_db_int(INT64_MIN), px_db_text("Füchse \"'"), px_db_bytes("a\0b", 3), px_db_null(), px_db_text("")), &rows,
      error));
  MUST(px_db_step(rows, &row, error));
  assert_true(row);
  assert_true(px_db_get_int(rows, 0) == INT64_MIN);
  assert_string_equal("Füchse \"'", px_db_get_text(rows, 1));
  assert_memory_equal("a\0b", px_db_get_bytes(rows, 2, &size), 3);
  assert_int_equal(3, size);
  assert_null(px_db_get_text(rows, 3));
  assert_true(px_db_is_null(rows, 3));
  assert_string_equal("", px_db_get_text(rows, 4));
  assert_false(px_db_is_null(rows, 4));
  assert_int_equal(0, px_db_get_int(rows, 1));
  assert_null(px_db_get_text(rows, 0));
  MUST(px_db_step(rows, &row, error));
  assert_false(row);
  px_db_rows_done(&rows);
  assert_null(rows);
}

static void test_statement__null_pointers_bind_null(void **state)
{
  fixture *kit = *state;
  int64_t nulls = 0;
  MUST(px_db_number(kit->link, "SELECT (? IS NULL) + (? IS NULL)", PX_BIND(px_db_text(NULL), px_db_bytes(NULL, 3)), &nulls,
                    error));
  assert_int_equal(2, nulls);
}

static void test_statement__no_row_leaves_the_number_and_gives_no_rows(void **state)
{
  fixture *kit = *state;
  int64_t number = 42;
  px_db_rows *rows = NULL;
  MUST(px_db_number(kit->link, "SELECT 1 WHERE 0", PX_BIND_NONE, &number, error));
  assert_int_equal(42, number);
  MUST(px_db_first(kit->link, "SELECT 1 WHERE 0", PX_BIND_NONE, &rows, error));
  assert_null(rows);
}

static void test_statement__the_same_text_may_run_inside_itself(void **state)
{
  fixture *kit = *state;
  static const char sql[] = "SELECT 1 UNION ALL SELECT 2";
  px_db_rows *outer = NULL, *inner = NULL;
  bool row = false;
  MUST(px_db_query(kit->link, sql, PX_BIND_NONE, &outer, error));
  MUST(px_db_step(outer, &row, error));
  MUST(px_db_query(kit->link, sql, PX_BIND_NONE, &inner, error));
  MUST(px_db_step(inner, &row, error));
  MUST(px_db_step(inner, &row, error));
  assert_int_equal(2, px_db_get_int(inner, 0));
  assert_int_equal(1, px_db_get_int(outer, 0));
  px_db_rows_done(&inner);
  px_db_rows_done(&outer);
}

static void test_statement__values_of_an_earlier_run_are_forgotten(void **state)
{
  fixture *kit = *state;
  int64_t given = 0;
  MUST(px_db_number(kit->link, "SELECT ? IS NULL", PX_BIND(px_db_int(1)), &given, error));
  assert_int_equal(0, given);
  MUST(px_db_number(kit->link, "SELECT ? IS NULL", PX_BIND_NONE, &given, error));
  assert_int_equal(1, given);
}

static void test_statement__more_texts_than_the_cache_holds_still_work(void **state)
{
  fixture *kit = *state;
  for (int round = 0; round < 2; round++) {
    for (int i = 0; i < 300; i++) {
      char sql[32];
      int64_t number = -1;
      (void)snprintf(sql, sizeof sql, "SELECT %d", i);
      MUST(px_db_number(kit->link, sql, PX_BIND_NONE, &number, error));
      assert_int_equal(i, number);
    }
  }
}

static void test_statement__failures_have_their_status(void **state)
{
  fixture *kit = *state;
  px_db_rows *rows = NULL;
  MUST(px_db_run(kit->link, "CREATE TABLE t (n INTEGER UNIQUE)", PX_BIND_NONE, NULL, error));
  MUST(px_db_run(kit->link, "INSERT INTO t VALUES (1)", PX_BIND_NONE, NULL, error));
  MUST_FAIL(PIXAZO_E_CONFLICT, px_db_run(kit->link, "INSERT INTO t VALUES (1)", PX_BIND_NONE, NULL, error));
  MUST_FAIL(PIXAZO_E_CORRUPT, px_db_query(kit->link, "SELECT n FROM gone", PX_BIND_NONE, &rows, error));
  assert_null(rows);
  MUST_FAIL(PIXAZO_E_INTERNAL, px_db_run(kit->link, "SELECT 1", PX_BIND(px_db_int(1)), NULL, error));
}

static void test_statement__tells_how_many_rows_changed(void **state)
{
  fixture *kit = *state;
  int64_t changed = -1;
  MUST(px_db_run(kit->link, "CREATE TABLE t (n INTEGER)", PX_BIND_NONE, NULL, error));
  MUST(px_db_run(kit->link, "INSERT INTO t VALUES (1), (2), (3)", PX_BIND_NONE, &changed, error));
  assert_int_equal(3, changed);
  MUST(px_db_run(kit->link, "DELETE FROM t WHERE n > ?", PX_BIND(px_db_int(1)), &changed, error));
  assert_int_equal(2, changed);
  MUST(px_db_run(kit->link, "DELETE FROM t WHERE n > ?", PX_BIND(px_db_int(1)), &changed, error));
  assert_int_equal(0, changed);
}

static void test_statement__an_insert_gives_the_id_of_its_row_and_0_for_none(void **state)
{
  fixture *kit = *state;
  int64_t id = -1;
  MUST(px_db_run(kit->link, "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT UNIQUE)", PX_BIND_NONE, NULL, error));
  MUST(px_db_insert(kit->link, "INSERT INTO t (name) VALUES (?)", PX_BIND(px_db_text("a")), &id, error));
  assert_int_equal(1, id);
  MUST(px_db_insert(kit->link, "INSERT INTO t (id, name) VALUES (7, ?)", PX_BIND(px_db_text("b")), &id, error));
  assert_int_equal(7, id);
  MUST(px_db_insert(kit->link, "INSERT INTO t (name) VALUES (?) ON CONFLICT DO NOTHING", PX_BIND(px_db_text("a")), &id, error));
  assert_int_equal(0, id);
  id = 3;
  MUST_FAIL(PIXAZO_E_CONFLICT, px_db_insert(kit->link, "INSERT INTO t (name) VALUES (?)", PX_BIND(px_db_text("a")), &id, error));
  assert_int_equal(3, id);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
  const struct CMUnitTest tests[] = {
      TEST(test_statement__binds_and_reads_every_kind_of_value),
      TEST(test_statement__null_pointers_bind_null),
      TEST(test_statement__no_row_leaves_the_number_and_gives_no_rows),
      TEST(test_statement__the_same_text_may_run_inside_itself),
      TEST(test_statement__values_of_an_earlier_run_are_forgotten),
      TEST(test_statement__more_texts_than_the_cache_holds_still_work),
      TEST(test_statement__failures_have_their_status),
      TEST(test_statement__tells_how_many_rows_changed),
      TEST(test_statement__an_insert_gives_the_id_of_its_row_and_0_for_none),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
