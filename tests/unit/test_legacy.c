/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "support/journal.h"
#include "support/tmpdir.h"

static const char OLD_TABLE[] =
    "CREATE TABLE generations (id INTEGER PRIMARY KEY, timestamp TEXT NOT NULL, prompt TEXT NOT NULL, parameters_json TEXT, "
    "image_url TEXT, status TEXT NOT NULL);";
static const char OLD_ROWS[] =
    "INSERT INTO generations VALUES (3, '2025-08-01T10:00:00.123456', 'a red fox', '{\"prompt\": \"a red fox\", \"THEME\": "
    "\"x\"}', '/data/pixazo_00.png', 'SUCCESS');"
    "INSERT INTO generations VALUES (7, '2025-08-02T10:00:00', 'a grey wolf', NULL, NULL, 'HTTP_401');"
    "INSERT INTO generations VALUES (9, 'not a time', 'an owl', 'not json', 'https://cdn.example/o.png', "
    "'DOWNLOAD_FAILED');";

static int setup(void **state)
{
  journal_kit *kit = calloc(1, sizeof *kit);
  if (!kit)
    return 1;
  kit->directory = tmpdir_make();
  kit->path = tmpdir_path(kit->directory, "metadata.db");
  tell(kit, OLD_TABLE);
  tell(kit, OLD_ROWS);
  *state = kit;
  return 0;
}

static int teardown(void **state)
{
  journal_kit *kit = *state;
  (void)pixazo_repository_unref(kit->repository);
  tmpdir_remove(kit->directory);
  free(kit->path);
  free(kit);
  return 0;
}

static pixazo_status open_old(journal_kit *kit, int32_t convert, pixazo_error **error)
{
  pixazo_repository_options options = PIXAZO_REPOSITORY_OPTIONS_INIT;
  options.path = kit->path;
  options.convert_legacy = convert;
  return pixazo_repository_new(&options, &kit->repository, error);
}

/* Name of the copy; free() it; NULL when there is none. */
static char *find_copy(journal_kit *kit)
{
  char *found = NULL;
  DIR *directory = opendir(kit->directory);
  assert_non_null(directory);
  for (struct dirent *entry = readdir(directory); entry; entry = readdir(directory)) {
    if (px_str_starts(entry->d_name, "metadata.db.before-pixazo-"))
      found = tmpdir_path(kit->directory, entry->d_name);
  }
  (void)closedir(directory);
  return found;
}

static void test_legacy__is_refused_untouched_unless_the_caller_wants_it(void **state)
{
  journal_kit *kit = *state;
  void *before = NULL, *after = NULL;
  size_t size = 0, size_after = 0;
  MUST(px_file_read(kit->path, 1 << 20, &before, &size, error));
  pixazo_error *why = NULL;
  assert_int_equal(PIXAZO_E_EXISTS, open_old(kit, 0, &why));
  assert_non_null(strstr(pixazo_error_message(why), "Pixazo MCP tool"));
  assert_non_null(strstr(pixazo_error_hint(why), "convert_legacy"));
  pixazo_error_free(why);
  MUST(px_file_read(kit->path, 1 << 20, &after, &size_after, error));
  assert_int_equal(size, size_after);
  assert_memory_equal(before, after, size);
  assert_null(find_copy(kit));
  px_free(before);
  px_free(after);
}

static void test_legacy__keeps_row_ids_texts_and_a_copy(void **state)
{
  journal_kit *kit = *state;
  MUST(open_old(kit, 1, error));
  assert_int_equal(1, ask(kit, "SELECT group_concat(id) = '3,7,9' FROM (SELECT id FROM generations ORDER BY id)"));
  char *all = ask_text(
      kit, "SELECT group_concat(id || '|' || timestamp || '|' || prompt || '|' || coalesce(parameters_json, "
           "'-') || '|' || coalesce(image_url, '-') || '|' || status, ';') FROM (SELECT * FROM generations ORDER BY id)");
  assert_string_equal(
      "3|2025-08-01T10:00:00.123456|a red fox|{\"prompt\": \"a red fox\", \"THEME\": "
      "\"x\"}|/data/pixazo_00.png|SUCCESS;7|2025-08-02T10:00:00|a grey wolf|-|-|HTTP_401;9|not a time|an owl|not "
      "json|https://cdn.example/o.png|DOWNLOAD_FAILED",
      all);
  free(all);
  char *copy = find_copy(kit);
  assert_non_null(copy);
  struct stat facts;
  assert_int_equal(0, stat(copy, &facts));
  assert_int_equal(0600, facts.st_mode & 0777);
  journal_kit old = {.path = copy};
  assert_int_equal(3, ask(&old, "SELECT count(*) FROM generations"));
  assert_int_equal(1, ask(&old, "SELECT type = 'table' FROM sqlite_schema WHERE name = 'generations'"));
  free(copy);
}

static void test_legacy__rows_can_be_found_searched_and_shown(void **state)
{
  journal_kit *kit = *state;
  pixazo_query *query = NULL;
  pixazo_page *page = NULL;
  MUST(open_old(kit, 1, error));
  MUST(pixazo_query_new(&query, error));
  MUST(pixazo_query_set_string(query, "text", "red fo", error));
  MUST(pixazo_repository_list(kit->repository, query, &page, error));
  assert_int_equal(1, pixazo_page_count(page));
  const pixazo_generation *fox = pixazo_page_get(page, 0);
  assert_string_equal("a red fox", pixazo_generation_prompt(fox));
  assert_int_equal(PIXAZO_GENERATION_DONE, pixazo_generation_state(fox));
  assert_string_equal("/data/pixazo_00.png", pixazo_generation_image_path(fox, 0));
  assert_true(px_uuid_valid(pixazo_generation_uuid(fox)));
  assert_int_equal(INT64_C(1754042400123000), pixazo_generation_created_us(fox));
  pixazo_generation *again = NULL;
  MUST(pixazo_repository_find(kit->repository, pixazo_generation_uuid(fox), &again, error));
  pixazo_generation_free(again);
  pixazo_page_free(page);
  pixazo_query_free(query);
}

static void test_legacy__the_old_tool_goes_on_writing_and_new_rows_follow_its_ids(void **state)
{
  journal_kit *kit = *state;
  MUST(open_old(kit, 1, error));
  tell(kit, "INSERT INTO generations (timestamp, prompt, parameters_json, image_url, status) "
            "VALUES ('2026-01-01T00:00:00', 'a new owl', '{}', '/data/x.png', 'SUCCESS')");
  assert_int_equal(10, ask(kit, "SELECT id FROM generations WHERE prompt = 'a new owl'"));
  int64_t count = 0;
  pixazo_query *query = NULL;
  MUST(pixazo_query_new_from_json("{\"text\":\"owl\"}", &query, error));
  MUST(pixazo_repository_count(kit->repository, query, &count, error));
  assert_int_equal(2, count);
  pixazo_query_free(query);
  char *report = NULL;
  MUST(pixazo_repository_check(kit->repository, &report, error));
  px_free(report);
}

static void test_legacy__is_converted_once(void **state)
{
  journal_kit *kit = *state;
  MUST(open_old(kit, 1, error));
  kit->repository = pixazo_repository_unref(kit->repository);
  char *copy = find_copy(kit);
  assert_non_null(copy);
  assert_int_equal(0, remove(copy));
  free(copy);
  MUST(open_old(kit, 1, error));
  assert_null(find_copy(kit));
  assert_int_equal(3, ask(kit, "SELECT count(*) FROM generations"));
}

static void test_legacy__a_table_of_the_same_name_with_other_columns_is_not_it(void **state)
{
  journal_kit *kit = *state;
  tell(kit, "ALTER TABLE generations ADD COLUMN extra TEXT");
  MUST_FAIL(PIXAZO_E_EXISTS, open_old(kit, 1, error));
  assert_int_equal(3, ask(kit, "SELECT count(*) FROM generations"));
  assert_null(find_copy(kit));
}

static void test_legacy__a_conversion_that_cannot_finish_changes_nothing(void **state)
{
  journal_kit *kit = *state;
  tell(kit, "CREATE TABLE image (of_somebody_else TEXT)");
  pixazo_status status = open_old(kit, 1, NULL);
  assert_int_not_equal(PIXAZO_OK, status);
  assert_int_equal(3, ask(kit, "SELECT count(*) FROM generations"));
  assert_int_equal(1, ask(kit, "SELECT type = 'table' FROM sqlite_schema WHERE name = 'generations'"));
  assert_int_equal(0, ask(kit, "PRAGMA user_version"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
  const struct CMUnitTest tests[] = {
      TEST(test_legacy__is_refused_untouched_unless_the_caller_wants_it),
      TEST(test_legacy__keeps_row_ids_texts_and_a_copy),
      TEST(test_legacy__rows_can_be_found_searched_and_shown),
      TEST(test_legacy__the_old_tool_goes_on_writing_and_new_rows_follow_its_ids),
      TEST(test_legacy__is_converted_once),
      TEST(test_legacy__a_table_of_the_same_name_with_other_columns_is_not_it),
      TEST(test_legacy__a_conversion_that_cannot_finish_changes_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
