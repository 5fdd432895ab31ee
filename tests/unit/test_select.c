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

static int64_t count(journal_kit *kit, const char *json)
{
  pixazo_query *query = NULL;
  int64_t number = -1;
  MUST(pixazo_query_new_from_json(json, &query, error));
  MUST(pixazo_repository_count(kit->repository, query, &number, error));
  pixazo_query_free(query);
  return number;
}

static void fill(journal_kit *kit)
{
  char generation[PX_UUID_TEXT];
  static const char *const prompts[] = {"a red fox", "a red house", "ein grüner Fuchs", "100% pure_gold \"quoted\" 'single'",
                                        "back\\slash and (brackets) AND OR NOT NEAR"};
  for (size_t i = 0; i < PX_ARRAY_SIZE(prompts); i++) {
    px_journal_new row = {.prompt = prompts[i],
                          .provider = i < 2 ? "pixazo" : "offline",
                          .model = i == 0 ? "sdxl" : "m",
                          .principal = i == 1 ? "bob" : ""};
    plan_row(kit, generation, &row);
    kit->now_us += 1000;
  }
}

static void test_select__filters_by_each_key(void **state)
{
  journal_kit *kit = *state;
  char generation[PX_UUID_TEXT], json[256];
  int64_t start = kit->now_us;
  fill(kit);
  make_done(kit, generation, "a blue bird");
  char *image = ask_text(kit, "SELECT uuid FROM image");
  MUST(pixazo_repository_update(kit->repository, image, "{\"post_id\":\"p1\",\"prompt_id\":\"q1\"}", error));
  free(image);
  assert_int_equal(6, count(kit, "{}"));
  assert_int_equal(1, count(kit, "{\"state\":\"done\"}"));
  assert_int_equal(5, count(kit, "{\"state\":\"planned\"}"));
  assert_int_equal(6, count(kit, "{\"state\":\"planned,done\"}"));
  assert_int_equal(0, count(kit, "{\"state\":\"failed\"}"));
  assert_int_equal(3, count(kit, "{\"provider\":\"pixazo\"}"));
  assert_int_equal(2, count(kit, "{\"provider\":\"pixazo\",\"model\":\"sdxl\"}"));
  assert_int_equal(1, count(kit, "{\"principal\":\"bob\"}"));
  assert_int_equal(5, count(kit, "{\"principal\":\"\"}"));
  assert_int_equal(1, count(kit, "{\"post_id\":\"p1\"}"));
  assert_int_equal(1, count(kit, "{\"prompt_id\":\"q1\"}"));
  assert_int_equal(0, count(kit, "{\"prompt_id\":\"p1\"}"));
  (void)snprintf(json, sizeof json, "{\"since_us\":%lld,\"until_us\":%lld}", (long long)start + 1000,
                 (long long)start + 3000);
  assert_int_equal(2, count(kit, json));
  (void)snprintf(json, sizeof json, "{\"batch\":\"%s\"}", generation);
  assert_int_equal(0, count(kit, json));
}

static void test_select__what_was_lost_is_told_from_other_failures(void **state)
{
  journal_kit *kit = *state;
  fill(kit);
  tell(kit, "UPDATE generation SET state = 5 WHERE id <= 3");
  tell(kit, "UPDATE generation SET class = 7 WHERE id IN (2, 4)");
  assert_int_equal(3, count(kit, "{\"state\":\"failed\"}"));
  assert_int_equal(1, count(kit, "{\"state\":\"lost\"}"));
  assert_int_equal(3, count(kit, "{\"state\":\"planned,lost\"}"));
  assert_int_equal(0, count(kit, "{\"state\":\"lost\",\"model\":\"sdxl\"}"));
}

static void test_select__a_batch_is_found_by_its_uuid(void **state)
{
  journal_kit *kit = *state;
  char generation[PX_UUID_TEXT], batch[PX_UUID_TEXT], json[128];
  px_uuid_new(px_clock_system(), batch);
  px_journal_new row = {.prompt = "x", .provider = "p", .model = "m", .batch = batch};
  plan_row(kit, generation, &row);
  plan_row(kit, generation, &row);
  plan(kit, generation, "outside");
  (void)snprintf(json, sizeof json, "{\"batch\":\"%s\"}", batch);
  assert_int_equal(2, count(kit, json));
  assert_int_equal(1, ask(kit, "SELECT count(*) FROM batch"));
}

static void search_as_expected(journal_kit *kit)
{
  assert_int_equal(2, count(kit, "{\"text\":\"red\"}"));
  assert_int_equal(1, count(kit, "{\"text\":\"red fox\"}"));
  assert_int_equal(1, count(kit, "{\"text\":\"FOX red\"}"));
  assert_int_equal(1, count(kit, "{\"text\":\"hou\"}"));
  assert_int_equal(0, count(kit, "{\"text\":\"redder\"}"));
  assert_int_equal(1, count(kit, "{\"text\":\"Fuchs\"}"));
  assert_int_equal(1, count(kit, "{\"text\":\"red\",\"model\":\"sdxl\"}"));
  assert_int_equal(5, count(kit, "{\"text\":\"   \"}"));
}

static void test_select__finds_words_by_index_and_by_reading(void **state)
{
  journal_kit *kit = *state;
  fill(kit);
  assert_true(kit->repository->search);
  search_as_expected(kit);
  assert_int_equal(1, count(kit, "{\"text\":\"gruner\"}")); /* the index knows letters without their dots */
  kit->repository->search = false;
  search_as_expected(kit);
  assert_int_equal(1, count(kit, "{\"text\":\"100%\"}"));
  assert_int_equal(0, count(kit, "{\"text\":\"1_0%\"}"));
  assert_int_equal(1, count(kit, "{\"text\":\"back\\\\slash\"}"));
}

static void test_select__hostile_text_is_only_text(void **state)
{
  journal_kit *kit = *state;
  static const char *const hostile[] = {"\"",
                                        "\"\"",
                                        "'",
                                        "''",
                                        "\\",
                                        "%",
                                        "_",
                                        "*",
                                        "**",
                                        "(",
                                        ")",
                                        "((",
                                        "^",
                                        ":",
                                        "prompt:fox",
                                        "prompt : red",
                                        "{prompt}: red",
                                        "- red",
                                        "-red",
                                        "red OR fox",
                                        "red AND",
                                        "AND",
                                        "OR",
                                        "NOT",
                                        "NOT red",
                                        "NEAR(red fox)",
                                        "NEAR",
                                        "red NEAR/2 fox",
                                        "\"red",
                                        "red\"",
                                        "\"red fox\"",
                                        "red*",
                                        "*red",
                                        "red + fox",
                                        "+",
                                        "{",
                                        "}",
                                        "[",
                                        "]",
                                        ";",
                                        "--",
                                        "/*",
                                        "'; DROP TABLE generation; --",
                                        "\" OR 1=1",
                                        "rank:x",
                                        "generation_search",
                                        "\x01",
                                        "\x7F",
                                        "a\tb\nc",
                                        "\xF0\x9F\xA6\x8A",
                                        "{id}",
                                        "{nonsense}",
                                        "?",
                                        "?1",
                                        "@1"};
  fill(kit);
  for (int search = 1; search >= 0; search--) {
    kit->repository->search = search;
    for (size_t i = 0; i < PX_ARRAY_SIZE(hostile); i++) {
      pixazo_query *query = NULL;
      int64_t number = -1;
      MUST(pixazo_query_new(&query, error));
      MUST(pixazo_query_set_string(query, "text", hostile[i], error));
      pixazo_error *why = NULL;
      if (pixazo_repository_count(kit->repository, query, &number, &why) != PIXAZO_OK)
        fail_msg("%s: %s", hostile[i], pixazo_error_message(why));
      assert_true(number >= 0 && number <= 5);
      static const char *const keys[] = {"provider", "model", "principal", "post_id", "prompt_id"};
      for (size_t k = 0; k < PX_ARRAY_SIZE(keys); k++) {
        pixazo_query *other = NULL;
        MUST(pixazo_query_new(&other, error));
        MUST(pixazo_query_set_string(other, keys[k], hostile[i], error));
        MUST(pixazo_repository_count(kit->repository, other, &number, error));
        assert_int_equal(0, number);
        pixazo_query_free(other);
      }
      pixazo_query_free(query);
    }
  }
  assert_int_equal(5, ask(kit, "SELECT count(*) FROM generation"));
}

static void test_select__many_words_are_refused_or_searched_but_never_break(void **state)
{
  journal_kit *kit = *state;
  char text[4001];
  fill(kit);
  for (size_t i = 0; i < sizeof text - 1; i++)
    text[i] = i % 2 ? ' ' : 'a';
  text[sizeof text - 1] = '\0';
  for (int search = 1; search >= 0; search--) {
    pixazo_query *query = NULL;
    int64_t number = 0;
    kit->repository->search = search;
    MUST(pixazo_query_new(&query, error));
    MUST(pixazo_query_set_string(query, "text", text, error));
    pixazo_status status = pixazo_repository_count(kit->repository, query, &number, NULL);
    assert_true(status == PIXAZO_OK || status == PIXAZO_E_ARGUMENT);
    pixazo_query_free(query);
  }
}

static void test_select__a_cursor_is_checked(void **state)
{
  (void)state;
  pixazo_query *query = NULL;
  char cursor[PX_CURSOR_SIZE];
  int64_t id = 0;
  MUST(pixazo_query_new_from_json("{\"model\":\"a\"}", &query, error));
  MUST(px_cursor_make(query, INT64_C(123456789012), cursor, error));
  MUST(pixazo_query_set_string(query, "cursor", cursor, error));
  MUST(px_cursor_read(query, &id, error));
  assert_int_equal(INT64_C(123456789012), id);
  for (size_t i = 0; i < strlen(cursor); i++) {
    char changed[PX_CURSOR_SIZE];
    (void)snprintf(changed, sizeof changed, "%s", cursor);
    changed[i] = 'x';
    MUST(pixazo_query_set_string(query, "cursor", changed, error));
    MUST_FAIL(PIXAZO_E_ARGUMENT, px_cursor_read(query, &id, error));
    changed[i] = '\0';
    MUST(pixazo_query_set_string(query, "cursor", changed, error));
    if (i > 0)
      MUST_FAIL(PIXAZO_E_ARGUMENT, px_cursor_read(query, &id, error));
  }
  MUST(pixazo_query_set_string(query, "cursor", cursor, error));
  MUST(pixazo_query_set_string(query, "model", "b", error));
  MUST_FAIL(PIXAZO_E_ARGUMENT, px_cursor_read(query, &id, error));
  pixazo_query_free(query);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, journal_kit_setup, journal_kit_teardown)
  const struct CMUnitTest tests[] = {
      TEST(test_select__filters_by_each_key),
      TEST(test_select__what_was_lost_is_told_from_other_failures),
      TEST(test_select__a_batch_is_found_by_its_uuid),
      TEST(test_select__finds_words_by_index_and_by_reading),
      TEST(test_select__hostile_text_is_only_text),
      TEST(test_select__many_words_are_refused_or_searched_but_never_break),
      cmocka_unit_test(test_select__a_cursor_is_checked),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
