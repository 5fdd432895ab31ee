/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "db/db.h"
#include "db/driver.h"
#include "support/journal.h"
#include "support/tmpdir.h"

static int open_db(void **state)
{
  static px_db *db;
  char *directory = tmpdir_make();
  char *path = tmpdir_path(directory, "a.db");
  px_db_options options = {path, 100};
  MUST(px_db_open(&options, &db, error));
  *state = &db;
  free(path);
  free(directory);
  return 0;
}

static int close_db(void **state)
{
  px_db *db = *(px_db **)*state;
  char *directory = strdup(px_db_name(db));
  assert_non_null(directory);
  *strrchr(directory, '/') = '\0';
  px_db_close(db);
  tmpdir_remove(directory);
  return 0;
}

static void test_dialect__every_word_expands_with_its_arguments(void **state)
{
  px_db *db = *(px_db **)*state;
  for (const px_db_word *word = px_db_sqlite_words; word->name; word++) {
    px_auto(px_buf) text = PX_BUF_INIT(256);
    px_auto(px_buf) out = PX_BUF_INIT(4096);
    assert_true(px_buf_printf(&text, "{%s:first:second}", word->name));
    MUST(px_db_expand(db, px_buf_text(&text), &out, error));
    assert_true(out.size > 0);
    assert_null(strchr(px_buf_text(&out), '@'));
    assert_int_equal(strstr(word->text, "@1") != NULL, strstr(px_buf_text(&out), "first") != NULL);
    assert_int_equal(strstr(word->text, "@2") != NULL, strstr(px_buf_text(&out), "second") != NULL);
  }
}

static void test_dialect__no_word_is_there_twice(void **state)
{
  (void)state;
  for (const px_db_word *word = px_db_sqlite_words; word->name; word++) {
    for (const px_db_word *other = word + 1; other->name; other++)
      assert_string_not_equal(word->name, other->name);
  }
}

static int64_t number(px_db_link *link, const char *text, const char *value)
{
  px_auto(px_buf) sql = PX_BUF_INIT(4096);
  int64_t result = -1;
  MUST(px_db_expand_on(link, text, &sql, error));
  if (value)
    MUST(px_db_number(link, px_buf_text(&sql), PX_BIND(px_db_text(value)), &result, error));
  else
    MUST(px_db_number(link, px_buf_text(&sql), PX_BIND_NONE, &result, error));
  return result;
}

static void test_dialect__tables_and_views_are_made_and_found(void **state)
{
  px_db_link *link = NULL;
  MUST(px_db_begin_write(*(px_db **)*state, &link, error));
  assert_int_equal(number(link, "{has_table}", "t"), 0);
  MUST(px_db_run_expanded(link, "CREATE TABLE t (id {id}, b {bytes})", error));
  MUST(px_db_run_expanded(link, "CREATE TABLE k (name TEXT PRIMARY KEY) {keyed}", error));
  MUST(px_db_run_expanded(link, "CREATE VIEW v AS SELECT id, b FROM t", error));
  MUST(px_db_run_expanded(link, "{on_insert_instead:v} INSERT INTO t (b) VALUES (new.b); {end_trigger}", error));
  MUST(px_db_run_expanded(link, "INSERT INTO v (b) VALUES ('x')", error));
  assert_int_equal(number(link, "{has_table}", "t"), 1);
  assert_int_equal(number(link, "SELECT count(*) FROM ({columns})", "t"), 2);
  assert_int_equal(number(link, "SELECT count(*) FROM ({quick_check}) WHERE quick_check = 'ok'", NULL), 1);
  assert_int_equal(number(link, "SELECT count(*) FROM t", NULL), 1);
  px_db_end(&link);
}

static void test_dialect__json_and_text_that_is_none(void **state)
{
  px_db_link *link = NULL;
  MUST(px_db_begin_read(*(px_db **)*state, &link, error));
  assert_int_equal(number(link, "SELECT {json:j:n} FROM (SELECT ? AS j)", "{\"n\":42}"), 42);
  assert_int_equal(number(link, "SELECT {json:j:n} IS NULL FROM (SELECT ? AS j)", "{\"m\":1}"), 1);
  assert_int_equal(number(link, "SELECT {json:j:n} IS NULL FROM (SELECT ? AS j)", "no JSON"), 1);
  assert_int_equal(number(link, "SELECT '100%' {like}", "100\\%"), 1);
  assert_int_equal(number(link, "SELECT '1000' {like}", "100\\%"), 0);
  assert_true(number(link, "SELECT {now_us}", NULL) > INT64_C(1700000000000000));
  px_db_end(&link);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_db, close_db)
  const struct CMUnitTest tests[] = {
      TEST(test_dialect__every_word_expands_with_its_arguments),
      TEST(test_dialect__no_word_is_there_twice),
      TEST(test_dialect__tables_and_views_are_made_and_found),
      TEST(test_dialect__json_and_text_that_is_none),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
