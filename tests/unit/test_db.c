/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "db/db.h"
#include "support/journal.h"
#include "support/tmpdir.h"

static px_db *open_in(const char *directory, const char *name)
{
  px_db *db = NULL;
  char *path = tmpdir_path(directory, name);
  px_db_options options = {path, 200};
  px_db_schema schema = {77, NULL, 0, NULL, NULL};
  MUST(px_db_open(&options, &db, error));
  MUST(px_db_migrate(db, &schema, error));
  free(path);
  return db;
}

static void write_sql(px_db *db, const char *sql)
{
  px_db_link *link = NULL;
  MUST(px_db_begin_write(db, &link, error));
  MUST(px_db_run(link, sql, PX_BIND_NONE, NULL, error));
  MUST(px_db_commit(&link, error));
}

static int64_t read_number(px_db *db, const char *sql)
{
  px_db_link *link = NULL;
  int64_t number = -1;
  MUST(px_db_begin_read(db, &link, error));
  MUST(px_db_number(link, sql, PX_BIND_NONE, &number, error));
  px_db_end(&link);
  return number;
}

static void test_db__keeps_what_was_committed_and_forgets_the_rest(void **state)
{
  px_db *db = open_in(*state, "a.db");
  write_sql(db, "CREATE TABLE t (n INTEGER)");
  write_sql(db, "INSERT INTO t VALUES (1)");
  px_db_link *link = NULL;
  MUST(px_db_begin_write(db, &link, error));
  MUST(px_db_run(link, "INSERT INTO t VALUES (2)", PX_BIND_NONE, NULL, error));
  px_db_end(&link);
  assert_null(link);
  assert_int_equal(1, read_number(db, "SELECT count(*) FROM t"));
  px_db_close(db);
  db = open_in(*state, "a.db");
  assert_int_equal(1, read_number(db, "SELECT n FROM t"));
  px_db_close(db);
}

static void test_db__undoes_a_part_alone(void **state)
{
  px_db *db = open_in(*state, "a.db");
  write_sql(db, "CREATE TABLE t (n INTEGER)");
  px_db_link *link = NULL;
  MUST(px_db_begin_write(db, &link, error));
  MUST(px_db_savepoint(link, error));
  MUST(px_db_run(link, "INSERT INTO t VALUES (1)", PX_BIND_NONE, NULL, error));
  MUST(px_db_savepoint_end(link, PIXAZO_OK, error));
  MUST(px_db_savepoint(link, error));
  MUST(px_db_run(link, "INSERT INTO t VALUES (2)", PX_BIND_NONE, NULL, error));
  assert_int_equal(PIXAZO_E_IO, px_db_savepoint_end(link, PIXAZO_E_IO, NULL));
  MUST(px_db_run(link, "INSERT INTO t VALUES (4)", PX_BIND_NONE, NULL, error));
  MUST(px_db_commit(&link, error));
  assert_int_equal(5, read_number(db, "SELECT sum(n) FROM t"));
  px_db_close(db);
}

static void test_db__makes_files_that_only_the_owner_reads_whatever_the_umask(void **state)
{
  mode_t before = umask(0);
  char *inside = tmpdir_path(*state, "deep");
  px_db *db = open_in(inside, "a.db");
  write_sql(db, "CREATE TABLE t (n INTEGER)");
  static const char *const names[] = {"a.db", "a.db-wal", "a.db-shm"};
  for (size_t i = 0; i < PX_ARRAY_SIZE(names); i++) {
    struct stat facts;
    char *path = tmpdir_path(inside, names[i]);
    assert_int_equal(0, stat(path, &facts));
    assert_int_equal(0600, facts.st_mode & 0777);
    free(path);
  }
  (void)umask(before);
  px_db_close(db);
  free(inside);
}

static void test_db__refuses_a_file_that_is_a_link_but_not_a_directory_that_is_one(void **state)
{
  px_db *db = open_in(*state, "real.db");
  px_db_close(db);
  char *real = tmpdir_path(*state, "real.db"), *link = tmpdir_path(*state, "link.db"),
       *folder = tmpdir_path(*state, "folder");
  assert_int_equal(0, symlink(real, link));
  assert_int_equal(0, symlink(*state, folder));
  px_db_options options = {link, 100};
  MUST_FAIL(PIXAZO_E_IO, px_db_open(&options, &db, error));
  db = open_in(folder, "real.db");
  px_db_close(db);
  free(real);
  free(link);
  free(folder);
}

static void test_db__a_thread_cannot_begin_twice(void **state)
{
  px_db *db = open_in(*state, "a.db");
  px_db_link *link = NULL, *second = NULL;
  MUST(px_db_begin_write(db, &link, error));
  MUST_FAIL(PIXAZO_E_STATE, px_db_begin_write(db, &second, error));
  assert_null(second);
  px_db_end(&link);
  px_db_close(db);
}

static void test_db__waits_for_another_connection_and_then_says_busy(void **state)
{
  px_db *one = open_in(*state, "a.db"), *two = open_in(*state, "a.db");
  px_db_link *link = NULL, *other = NULL;
  MUST(px_db_begin_write(one, &link, error));
  MUST_FAIL(PIXAZO_E_BUSY, px_db_begin_write(two, &other, error));
  MUST(px_db_commit(&link, error));
  MUST(px_db_begin_write(two, &other, error));
  px_db_end(&other);
  px_db_close(one);
  px_db_close(two);
}

static void test_db__a_forked_child_is_refused_and_the_parent_unharmed(void **state)
{
  px_db *db = open_in(*state, "a.db");
  write_sql(db, "CREATE TABLE t (n INTEGER)");
  pid_t child = fork();
  if (child == 0) {
    px_db_link *link = NULL;
    bool refused =
        px_db_begin_write(db, &link, NULL) == PIXAZO_E_STATE && px_db_begin_read(db, &link, NULL) == PIXAZO_E_STATE;
    px_db_close(db);
    _exit(refused ? 0 : 1);
  }
  int result = -1;
  assert_int_equal(child, waitpid(child, &result, 0));
  assert_int_equal(0, result);
  write_sql(db, "INSERT INTO t VALUES (1)");
  px_db_close(db);
}

typedef struct writing {
  px_db *db;
  int rounds;
} writing;

static void *write_and_read(void *argument)
{
  writing *job = argument;
  for (int i = 0; i < job->rounds; i++) {
    px_db_link *link = NULL;
    if (px_db_begin_write(job->db, &link, NULL) == PIXAZO_OK) {
      (void)px_db_run(link, "UPDATE t SET n = n + 1", PX_BIND_NONE, NULL, NULL);
      (void)px_db_commit(&link, NULL);
    }
    int64_t number = 0;
    if (px_db_begin_read(job->db, &link, NULL) == PIXAZO_OK)
      (void)px_db_number(link, "SELECT n FROM t", PX_BIND_NONE, &number, NULL);
    px_db_end(&link);
  }
  return NULL;
}

static void test_db__threads_write_in_turn_and_more_readers_than_connections_wait(void **state)
{
  px_db *db = open_in(*state, "a.db");
  write_sql(db, "CREATE TABLE t (n INTEGER)");
  write_sql(db, "INSERT INTO t VALUES (0)");
  pthread_t threads[8];
  writing job = {db, 20};
  for (size_t i = 0; i < PX_ARRAY_SIZE(threads); i++)
    assert_int_equal(0, pthread_create(&threads[i], NULL, write_and_read, &job));
  for (size_t i = 0; i < PX_ARRAY_SIZE(threads); i++)
    (void)pthread_join(threads[i], NULL);
  assert_int_equal(160, read_number(db, "SELECT n FROM t"));
  px_db_close(db);
}

static void test_db__a_reader_sees_one_snapshot_while_others_write(void **state)
{
  px_db *db = open_in(*state, "a.db");
  write_sql(db, "CREATE TABLE t (n INTEGER)");
  write_sql(db, "INSERT INTO t VALUES (1)");
  px_db_link *link = NULL;
  int64_t before = 0, after = 0;
  MUST(px_db_begin_read(db, &link, error));
  MUST(px_db_number(link, "SELECT count(*) FROM t", PX_BIND_NONE, &before, error));
  write_sql(db, "INSERT INTO t VALUES (2)");
  MUST(px_db_number(link, "SELECT count(*) FROM t", PX_BIND_NONE, &after, error));
  assert_int_equal(before, after);
  MUST_FAIL(PIXAZO_E_IO, px_db_run(link, "INSERT INTO t VALUES (3)", PX_BIND_NONE, NULL, error));
  px_db_end(&link);
  px_db_close(db);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, tmpdir_setup, tmpdir_teardown)
  const struct CMUnitTest tests[] = {
      TEST(test_db__keeps_what_was_committed_and_forgets_the_rest),
      TEST(test_db__undoes_a_part_alone),
      TEST(test_db__makes_files_that_only_the_owner_reads_whatever_the_umask),
      TEST(test_db__refuses_a_file_that_is_a_link_but_not_a_directory_that_is_one),
      TEST(test_db__a_thread_cannot_begin_twice),
      TEST(test_db__waits_for_another_connection_and_then_says_busy),
      TEST(test_db__a_forked_child_is_refused_and_the_parent_unharmed),
      TEST(test_db__threads_write_in_turn_and_more_readers_than_connections_wait),
      TEST(test_db__a_reader_sees_one_snapshot_while_others_write),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
