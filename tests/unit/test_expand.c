/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>

#include "base/mem.h"
#include "db/db.h"
#include "support/journal.h"
#include "support/tmpdir.h"

static px_db *open_in(const char *directory)
{
  px_db *db = NULL;
  char *path = tmpdir_path(directory, "a.db");
  px_db_options options = {path, 100};
  MUST(px_db_open(&options, &db, error));
  free(path);
  return db;
}

static void assert_expands(px_db *db, const char *expected, const char *text)
{
  px_auto(px_buf) out = PX_BUF_INIT(4096);
  MUST(px_db_expand(db, text, &out, error));
  assert_string_equal(expected, px_buf_text(&out));
}

static void test_expand__replaces_words_and_their_arguments(void **state)
{
  px_db *db = open_in(*state);
  assert_expands(db, "SELECT 1", "SELECT 1");
  assert_expands(db, "CREATE TABLE t (id INTEGER PRIMARY KEY, b BLOB)", "CREATE TABLE t (id {id}, b {bytes})");
  assert_expands(db, "SELECT substr(i.type, instr(i.type, '/') + 1)", "SELECT {after_slash:i.type}");
  assert_expands(db, "CASE WHEN json_valid(j) THEN json_extract(j, '$.key') END", "{json:j:key}");
  assert_expands(db, "", "");
  px_db_close(db);
}

static void test_expand__refuses_words_the_dialect_lacks(void **state)
{
  px_db *db = open_in(*state);
  px_auto(px_buf) out = PX_BUF_INIT(4096);
  MUST_FAIL(PIXAZO_E_INTERNAL, px_db_expand(db, "{nonsense}", &out, error));
  MUST_FAIL(PIXAZO_E_INTERNAL, px_db_expand(db, "{}", &out, error));
  px_db_close(db);
}

static void test_expand__times_go_there_and_back(void **state)
{
  px_db *db = open_in(*state);
  px_auto(px_buf) sql = PX_BUF_INIT(4096);
  px_db_link *link = NULL;
  px_db_rows *rows = NULL;
  MUST(px_db_expand(db,
                    "SELECT {iso:1795000000123456}, {micros:a}, {micros:b}, {micros:c} > 1000000000000000 "
                    "FROM (SELECT '2026-11-20T10:00:00.5' AS a, '2026-11-20T10:00:00Z' AS b, 'yesterday' AS c)",
                    &sql, error));
  MUST(px_db_begin_read(db, &link, error));
  MUST(px_db_first(link, px_buf_text(&sql), PX_BIND_NONE, &rows, error));
  assert_string_equal("2026-11-18T11:06:40.123456Z", px_db_get_text(rows, 0));
  assert_int_equal(INT64_C(1795168800500000), px_db_get_int(rows, 1));
  assert_int_equal(INT64_C(1795168800000000), px_db_get_int(rows, 2));
  assert_int_equal(1, px_db_get_int(rows, 3));
  px_db_rows_done(&rows);
  px_db_end(&link);
  px_db_close(db);
}

static void test_expand__uuids_of_statements_are_valid_and_differ(void **state)
{
  px_db *db = open_in(*state);
  px_auto(px_buf) sql = PX_BUF_INIT(4096);
  px_db_link *link = NULL;
  px_db_rows *rows = NULL;
  MUST(px_db_expand(db, "SELECT {uuid}, {uuid}", &sql, error));
  MUST(px_db_begin_read(db, &link, error));
  MUST(px_db_first(link, px_buf_text(&sql), PX_BIND_NONE, &rows, error));
  assert_true(px_uuid_valid(px_db_get_text(rows, 0)));
  assert_int_equal('7', px_db_get_text(rows, 0)[14]);
  assert_string_not_equal(px_db_get_text(rows, 0), px_db_get_text(rows, 1));
  px_db_rows_done(&rows);
  px_db_end(&link);
  px_db_close(db);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, tmpdir_setup, tmpdir_teardown)
  const struct CMUnitTest tests[] = {
      TEST(test_expand__replaces_words_and_their_arguments),
      TEST(test_expand__refuses_words_the_dialect_lacks),
      TEST(test_expand__times_go_there_and_back),
      TEST(test_expand__uuids_of_statements_are_valid_and_differ),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
