/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "db/db.h"
#include "support/journal.h"
#include "support/tmpdir.h"

static pixazo_status make_one(void *self, px_db_link *link, pixazo_error **error)
{
  (void)self;
  return px_db_run(link, "CREATE TABLE one (n INTEGER)", PX_BIND_NONE, NULL, error);
}

/* Kills the process in the middle when the test asks for it. */
static pixazo_status make_two(void *self, px_db_link *link, pixazo_error **error)
{
  pixazo_status status = px_db_run(link, "CREATE TABLE two (n INTEGER)", PX_BIND_NONE, NULL, error);
  if (self)
    (void)raise(SIGKILL);
  return status;
}

static pixazo_status (*const steps[])(void *, px_db_link *, pixazo_error **) = {make_one, make_two};

static pixazo_status open_as(const char *directory, int32_t application, size_t count, void *self, pixazo_error **error)
{
  px_db *db = NULL;
  char *path = tmpdir_path(directory, "a.db");
  px_db_options options = {path, 200};
  px_db_schema schema = {application, steps, count, NULL, self};
  pixazo_status status = px_db_open(&options, &db, error);
  if (status == PIXAZO_OK)
    status = px_db_migrate(db, &schema, error);
  px_db_close(db);
  free(path);
  return status;
}

static int64_t tables(char *directory)
{
  journal_kit kit = {.path = tmpdir_path(directory, "a.db")};
  int64_t count = ask(&kit, "SELECT count(*) FROM sqlite_schema WHERE type = 'table'");
  free(kit.path);
  return count;
}

static void test_migrate__goes_through_the_steps_that_are_missing(void **state)
{
  MUST(open_as(*state, 77, 1, NULL, error));
  assert_int_equal(1, tables(*state));
  MUST(open_as(*state, 77, 2, NULL, error));
  assert_int_equal(2, tables(*state));
  MUST(open_as(*state, 77, 2, NULL, error));
  assert_int_equal(2, tables(*state));
}

static void test_migrate__killed_in_the_middle_leaves_the_old_version(void **state)
{
  MUST(open_as(*state, 77, 1, NULL, error));
  pid_t child = fork();
  if (child == 0) {
    (void)open_as(*state, 77, 2, *state, NULL);
    _exit(0);
  }
  int result = 0;
  assert_int_equal(child, waitpid(child, &result, 0));
  assert_true(WIFSIGNALED(result));
  assert_int_equal(1, tables(*state));
  MUST(open_as(*state, 77, 2, NULL, error));
  assert_int_equal(2, tables(*state));
}

static void test_migrate__killed_while_the_file_is_new_leaves_one_that_can_be_made(void **state)
{
  pid_t child = fork();
  if (child == 0) {
    (void)open_as(*state, 77, 2, *state, NULL);
    _exit(0);
  }
  int result = 0;
  assert_int_equal(child, waitpid(child, &result, 0));
  assert_true(WIFSIGNALED(result));
  assert_int_equal(0, tables(*state));
  MUST(open_as(*state, 77, 2, NULL, error));
  assert_int_equal(2, tables(*state));
}

/* The file before and after a call that must not touch it. */
static void assert_untouched(char *directory, pixazo_status expected, int32_t application, size_t count)
{
  void *before = NULL, *after = NULL;
  size_t size_before = 0, size_after = 0;
  char *path = tmpdir_path(directory, "a.db");
  MUST(px_file_read(path, 1 << 20, &before, &size_before, error));
  MUST_FAIL(expected, open_as(directory, application, count, NULL, error));
  MUST(px_file_read(path, 1 << 20, &after, &size_after, error));
  assert_int_equal(size_before, size_after);
  assert_memory_equal(before, after, size_before);
  px_free(before);
  px_free(after);
  free(path);
}

static void test_migrate__refuses_a_newer_schema_and_does_not_touch_it(void **state)
{
  MUST(open_as(*state, 77, 2, NULL, error));
  assert_untouched(*state, PIXAZO_E_UNSUPPORTED, 77, 1);
}

static void test_migrate__refuses_a_newer_schema_whose_last_writes_are_still_in_the_wal(void **state)
{
  MUST(open_as(*state, 77, 2, NULL, error));
  journal_kit kit = {.path = tmpdir_path(*state, "a.db")};
  pid_t child = fork();
  if (child == 0) {
    tell(&kit, "PRAGMA user_version = 9; INSERT INTO one VALUES (1);");
    _exit(0);
  }
  int result = 0;
  assert_int_equal(child, waitpid(child, &result, 0));
  assert_untouched(*state, PIXAZO_E_UNSUPPORTED, 77, 2);
  assert_int_equal(1, ask(&kit, "SELECT count(*) FROM one"));
  free(kit.path);
}

static void test_migrate__refuses_databases_of_other_programs_and_does_not_touch_them(void **state)
{
  MUST(open_as(*state, 78, 2, NULL, error));
  assert_untouched(*state, PIXAZO_E_EXISTS, 77, 2);
}

static void test_migrate__refuses_tables_without_an_application_id(void **state)
{
  journal_kit kit = {.path = tmpdir_path(*state, "a.db")};
  tell(&kit, "CREATE TABLE theirs (n INTEGER)");
  assert_untouched(*state, PIXAZO_E_EXISTS, 77, 2);
  free(kit.path);
}

static void test_migrate__two_processes_may_make_the_same_file(void **state)
{
  enum { PROCESSES = 4 };
  pid_t children[PROCESSES];
  for (int i = 0; i < PROCESSES; i++) {
    children[i] = fork();
    if (children[i] == 0) {
      px_db *db = NULL;
      char *path = tmpdir_path(*state, "a.db");
      px_db_options options = {path, 5000};
      px_db_schema schema = {77, steps, 2, NULL, NULL};
      bool good = px_db_open(&options, &db, NULL) == PIXAZO_OK && px_db_migrate(db, &schema, NULL) == PIXAZO_OK;
      _exit(good ? 0 : 1);
    }
  }
  for (int i = 0; i < PROCESSES; i++) {
    int result = -1;
    assert_int_equal(children[i], waitpid(children[i], &result, 0));
    assert_int_equal(0, result);
  }
  assert_int_equal(2, tables(*state));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, tmpdir_setup, tmpdir_teardown)
  const struct CMUnitTest tests[] = {
      TEST(test_migrate__goes_through_the_steps_that_are_missing),
      TEST(test_migrate__killed_in_the_middle_leaves_the_old_version),
      TEST(test_migrate__killed_while_the_file_is_new_leaves_one_that_can_be_made),
      TEST(test_migrate__refuses_a_newer_schema_and_does_not_touch_it),
      TEST(test_migrate__refuses_a_newer_schema_whose_last_writes_are_still_in_the_wal),
      TEST(test_migrate__refuses_databases_of_other_programs_and_does_not_touch_them),
      TEST(test_migrate__refuses_tables_without_an_application_id),
      TEST(test_migrate__two_processes_may_make_the_same_file),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
