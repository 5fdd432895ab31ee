/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "repository/search.h"
#include "support/journal.h"

static int64_t count(journal_kit *kit, const char *text)
{
  pixazo_query *query = NULL;
  int64_t number = -1;
  MUST(pixazo_query_new(&query, error));
  MUST(pixazo_query_set_string(query, "text", text, error));
  MUST(pixazo_repository_count(kit->repository, query, &number, error));
  pixazo_query_free(query);
  return number;
}

static void add_as_old_tool(journal_kit *kit)
{
  tell(kit, "INSERT INTO generations (timestamp, prompt, status) VALUES ('2026-01-01T00:00:00', 'an old owl', 'EXCEPTION')");
}

static void test_search__rows_of_the_old_tool_are_brought_in_when_someone_searches(void **state)
{
  journal_kit *kit = *state;
  char generation[PX_UUID_TEXT];
  plan(kit, generation, "a new owl");
  add_as_old_tool(kit);
  assert_int_equal(1, ask(kit, "SELECT count(*) FROM search_pending"));
  assert_int_equal(2, count(kit, "owl"));
  assert_int_equal(0, ask(kit, "SELECT count(*) FROM search_pending"));
  assert_int_equal(2, count(kit, "owl"));
  MUST(px_search_catch_up(kit->repository, error));
}

static void test_search__a_database_without_the_index_is_searched_row_by_row(void **state)
{
  journal_kit *kit = *state;
  char generation[PX_UUID_TEXT];
  plan(kit, generation, "a first owl");
  tell(kit, "DROP TABLE generation_search");
  journal_kit_reopen(kit);
  assert_false(kit->repository->search);
  plan(kit, generation, "a second owl");
  add_as_old_tool(kit);
  assert_int_equal(3, count(kit, "owl"));
}

static void add(journal_kit *kit, const char *prompt)
{
  char uuid[PX_UUID_TEXT], existing[PX_UUID_TEXT];
  px_uuid_new(px_clock_system(), uuid);
  px_journal_new row = {.uuid = uuid, .prompt = prompt, .provider = "p", .model = "m"};
  MUST(px_journal_add(kit->journal, &row, existing, error));
}

static void test_search__what_was_undone_is_not_found(void **state)
{
  journal_kit *kit = *state;
  MUST(px_journal_begin(kit->journal, error));
  add(kit, "a ghost");
  px_journal_rollback(kit->journal);
  assert_int_equal(0, count(kit, "ghost"));
}

static void plan_two(journal_kit *kit)
{
  MUST(px_journal_begin(kit->journal, error));
  add(kit, "a red owl");
  add(kit, "a blue owl");
  MUST(px_journal_commit(kit->journal, error));
}

static void test_search__all_that_one_transaction_planned_is_found(void **state)
{
  journal_kit *kit = *state;
  char generation[PX_UUID_TEXT];
  plan(kit, generation, "an owl of another transaction");
  plan_two(kit);
  assert_int_equal(3, count(kit, "owl"));
  assert_int_equal(1, count(kit, "blue"));
  assert_int_equal(3, ask(kit, "SELECT count(*) FROM generation_search WHERE generation_search MATCH 'owl'"));
  assert_int_equal(0, ask(kit, "SELECT count(*) FROM search_pending"));
}

static void test_search__what_the_index_does_not_take_is_planned_and_brought_in_later(void **state)
{
  journal_kit *kit = *state;
  tell(kit, "ALTER TABLE generation_search RENAME TO away");
  plan_two(kit);
  assert_int_equal(2, ask(kit, "SELECT count(*) FROM search_pending"));
  assert_int_equal(2, ask(kit, "SELECT count(*) FROM generation"));
  tell(kit, "ALTER TABLE away RENAME TO generation_search");
  assert_int_equal(2, count(kit, "owl"));
  assert_int_equal(0, ask(kit, "SELECT count(*) FROM search_pending"));
}

static char *image_of(journal_kit *kit, const char *generation)
{
  pixazo_generation *found = NULL;
  MUST(pixazo_repository_find(kit->repository, generation, &found, error));
  char *uuid = strdup(pixazo_generation_image_uuid(found, 0));
  pixazo_generation_free(found);
  return uuid;
}

static void call_it(journal_kit *kit, const char *image, const char *text)
{
  char json[128];
  (void)snprintf(json, sizeof json, "{\"alt_text\":\"%s\"}", text);
  MUST(pixazo_repository_update(kit->repository, image, json, error));
}

static void find_by_captions(journal_kit *kit)
{
  char generation[PX_UUID_TEXT];
  make_done(kit, generation, "wisdom");
  char *image = image_of(kit, generation);
  assert_int_equal(0, count(kit, "barn owl"));
  call_it(kit, image, "a barn owl");
  assert_int_equal(1, count(kit, "barn owl"));
  assert_int_equal(1, count(kit, "wisdom owl")); /* words of both */
  call_it(kit, image, "a snowy owl");
  assert_int_equal(0, count(kit, "barn"));
  assert_int_equal(1, count(kit, "snowy"));
  MUST(pixazo_repository_update(kit->repository, image, "{\"alt_text\":null}", error));
  assert_int_equal(0, count(kit, "owl"));
  assert_int_equal(1, count(kit, "wisdom"));
  free(image);
}

static void test_search__pictures_are_found_by_what_somebody_called_them(void **state)
{
  journal_kit *kit = *state;
  find_by_captions(kit);
  tell(kit, "INSERT INTO generation_search (generation_search, rank) VALUES ('integrity-check', 1)"); /* fails where they differ */
}

static void test_search__so_they_are_without_the_index(void **state)
{
  journal_kit *kit = *state;
  tell(kit, "DROP TABLE generation_search");
  journal_kit_reopen(kit);
  find_by_captions(kit);
}

static void test_search__a_removed_picture_is_not_found_by_its_name(void **state)
{
  journal_kit *kit = *state;
  char generation[PX_UUID_TEXT], attempt[PX_UUID_TEXT], images[2][PX_UUID_TEXT];
  plan(kit, generation, "wisdom");
  (void)begin_attempt(kit, generation, attempt, 70);
  accept_attempt(kit, generation, attempt, images, 2);
  for (int i = 0; i < 2; i++)
    MUST(record_image(kit->journal, generation, images[i], PIXAZO_IMAGE_RECORDED, error));
  call_it(kit, images[0], "a barn owl");
  call_it(kit, images[1], "a snowy owl");
  assert_int_equal(1, count(kit, "barn snowy"));
  MUST(pixazo_repository_remove(kit->repository, images[0], error));
  assert_int_equal(0, count(kit, "barn"));
  assert_int_equal(1, count(kit, "snowy"));
  MUST(pixazo_repository_restore(kit->repository, images[0], error));
  assert_int_equal(1, count(kit, "barn"));
  tell(kit, "INSERT INTO generation_search (generation_search, rank) VALUES ('integrity-check', 1)");
}

static void test_search__a_row_that_is_not_indexed_yet_comes_in_with_its_names(void **state)
{
  journal_kit *kit = *state;
  add_as_old_tool(kit);
  tell(kit, "INSERT INTO image (uuid, generation, attempt, position, state, updated_us) SELECT "
            "'01900000-0000-7000-8000-000000000001', g.id, a.id, 9, 2, 1 FROM generation g JOIN attempt a ON a.generation = g.id");
  call_it(kit, "01900000-0000-7000-8000-000000000001", "an eagle");
  assert_int_equal(1, count(kit, "eagle"));
  tell(kit, "INSERT INTO generation_search (generation_search, rank) VALUES ('integrity-check', 1)");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, journal_kit_setup, journal_kit_teardown)
  const struct CMUnitTest tests[] = {
      TEST(test_search__rows_of_the_old_tool_are_brought_in_when_someone_searches),
      TEST(test_search__a_database_without_the_index_is_searched_row_by_row),
      TEST(test_search__what_was_undone_is_not_found),
      TEST(test_search__all_that_one_transaction_planned_is_found),
      TEST(test_search__what_the_index_does_not_take_is_planned_and_brought_in_later),
      TEST(test_search__pictures_are_found_by_what_somebody_called_them),
      TEST(test_search__so_they_are_without_the_index),
      TEST(test_search__a_removed_picture_is_not_found_by_its_name),
      TEST(test_search__a_row_that_is_not_indexed_yet_comes_in_with_its_names),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
