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
#include "repository/query.h"
#include "support/journal.h"

enum { ROWS = 10000, LIMIT = 500 };

static void add_many(journal_kit *kit, int count)
{
  MUST(px_journal_begin(kit->journal, error));
  for (int i = 0; i < count; i++) {
    char uuid[PX_UUID_TEXT], existing[PX_UUID_TEXT], prompt[32];
    (void)snprintf(prompt, sizeof prompt, "fox %d", i);
    px_uuid_new(px_clock_system(), uuid);
    px_journal_new row = {.uuid = uuid, .prompt = prompt, .provider = "p", .model = "m"};
    MUST(px_journal_add(kit->journal, &row, existing, error));
  }
  MUST(px_journal_commit(kit->journal, error));
}

static int number_of(const pixazo_generation *generation)
{
  return atoi(pixazo_generation_prompt(generation) + 4);
}

/* Walks all pages while rows are added in front: each of the first `rows` once, newest first. */
static void walk(journal_kit *kit, const char *json, int rows)
{
  pixazo_query *query = NULL;
  int expected = rows - 1;
  MUST(pixazo_query_new_from_json(json, &query, error));
  MUST(pixazo_query_set_int(query, "limit", LIMIT, error));
  for (bool more = true; more;) {
    pixazo_page *page = NULL;
    MUST(pixazo_repository_list(kit->repository, query, &page, error));
    for (size_t i = 0; i < pixazo_page_count(page); i++)
      assert_int_equal(expected--, number_of(pixazo_page_get(page, i)));
    more = *pixazo_page_cursor(page) != '\0';
    MUST(pixazo_query_set_string(query, "cursor", pixazo_page_cursor(page), error));
    pixazo_page_free(page);
    if (expected > rows - 3 * LIMIT)
      add_many(kit, 5);
  }
  assert_int_equal(-1, expected);
  pixazo_query_free(query);
}

static void test_page__cursors_walk_every_row_once_while_rows_are_added(void **state)
{
  journal_kit *kit = *state;
  add_many(kit, ROWS);
  walk(kit, "{}", ROWS);
}

static void test_page__cursors_walk_search_results_too(void **state)
{
  journal_kit *kit = *state;
  add_many(kit, ROWS / 5);
  walk(kit, "{\"text\":\"fox\"}", ROWS / 5);
}

static void test_page__page_and_offset_name_the_same_rows(void **state)
{
  journal_kit *kit = *state;
  pixazo_page *by_page = NULL, *by_offset = NULL, *beyond = NULL;
  pixazo_query *query = NULL;
  add_many(kit, 50);
  MUST(pixazo_query_new_from_json("{\"limit\":7,\"page\":3}", &query, error));
  MUST(pixazo_repository_list(kit->repository, query, &by_page, error));
  pixazo_query_free(query);
  MUST(pixazo_query_new_from_json("{\"limit\":7,\"offset\":14}", &query, error));
  MUST(pixazo_repository_list(kit->repository, query, &by_offset, error));
  pixazo_query_free(query);
  for (size_t i = 0; i < 7; i++) {
    assert_int_equal(49 - 14 - (int)i, number_of(pixazo_page_get(by_page, i)));
    assert_string_equal(pixazo_generation_uuid(pixazo_page_get(by_page, i)),
                        pixazo_generation_uuid(pixazo_page_get(by_offset, i)));
  }
  MUST(pixazo_query_new_from_json("{\"limit\":7,\"page\":99}", &query, error));
  MUST(pixazo_repository_list(kit->repository, query, &beyond, error));
  assert_int_equal(0, pixazo_page_count(beyond));
  assert_string_equal("", pixazo_page_cursor(beyond));
  assert_null(pixazo_page_get(beyond, 0));
  pixazo_query_free(query);
  pixazo_page_free(by_page);
  pixazo_page_free(by_offset);
  pixazo_page_free(beyond);
}

static void test_page__without_a_query_gives_the_newest_twenty(void **state)
{
  journal_kit *kit = *state;
  pixazo_page *page = NULL;
  MUST(pixazo_repository_list(kit->repository, NULL, &page, error));
  assert_int_equal(0, pixazo_page_count(page));
  pixazo_page_free(page);
  add_many(kit, 20);
  MUST(pixazo_repository_list(kit->repository, NULL, &page, error));
  assert_int_equal(20, pixazo_page_count(page));
  assert_string_equal("", pixazo_page_cursor(page));
  pixazo_page_free(page);
  add_many(kit, 1);
  MUST(pixazo_repository_list(kit->repository, NULL, &page, error));
  assert_int_equal(20, pixazo_page_count(page));
  assert_string_not_equal("", pixazo_page_cursor(page));
  pixazo_page_free(page);
}

static void test_page__the_clock_may_go_back(void **state)
{
  journal_kit *kit = *state;
  char first[PX_UUID_TEXT], second[PX_UUID_TEXT];
  pixazo_page *page = NULL;
  plan(kit, first, "fox 1");
  kit->now_us -= 1000000;
  plan(kit, second, "fox 2");
  MUST(pixazo_repository_list(kit->repository, NULL, &page, error));
  assert_string_equal(second, pixazo_generation_uuid(pixazo_page_get(page, 0)));
  pixazo_page_free(page);
}

static void test_page__a_bad_cursor_is_an_argument_error(void **state)
{
  journal_kit *kit = *state;
  pixazo_query *query = NULL;
  pixazo_page *page = NULL;
  MUST(pixazo_query_new_from_json("{\"cursor\":\"nonsense\"}", &query, error));
  MUST_FAIL(PIXAZO_E_ARGUMENT, pixazo_repository_list(kit->repository, query, &page, error));
  assert_null(page);
  pixazo_query_free(query);
  pixazo_page_free(NULL);
  assert_int_equal(0, pixazo_page_count(NULL));
  assert_string_equal("", pixazo_page_cursor(NULL));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, journal_kit_setup, journal_kit_teardown)
  const struct CMUnitTest tests[] = {
      TEST(test_page__cursors_walk_every_row_once_while_rows_are_added),
      TEST(test_page__cursors_walk_search_results_too),
      TEST(test_page__page_and_offset_name_the_same_rows),
      TEST(test_page__without_a_query_gives_the_newest_twenty),
      TEST(test_page__the_clock_may_go_back),
      TEST(test_page__a_bad_cursor_is_an_argument_error),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
