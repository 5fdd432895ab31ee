/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "base/mem.h"
#include "support/journal.h"
#include "json/json.h"

static px_json *stats(journal_kit *kit)
{
  char *text = NULL;
  px_json *root = NULL;
  MUST(pixazo_repository_stats(kit->repository, &text, error));
  MUST(px_json_parse(text, strlen(text), NULL, &root, error));
  px_free(text);
  return root;
}

static int64_t number(const px_json *root, const char *path)
{
  int64_t value = -1;
  MUST(px_json_get_int64(root, path, &value, error));
  return value;
}

static void test_report__of_an_empty_repository_is_empty(void **state)
{
  journal_kit *kit = *state;
  char *text = NULL;
  MUST(pixazo_repository_stats(kit->repository, &text, error));
  assert_string_equal("{\"schema\":1,\"models\":[],\"ledger\":[]}", text);
  px_free(text);
}

static void test_report__counts_states_pictures_money_and_time(void **state)
{
  journal_kit *kit = *state;
  char generation[PX_UUID_TEXT], attempt[PX_UUID_TEXT];
  make_done(kit, generation, "one");
  kit->now_us += INT64_C(86400000000);
  make_done(kit, generation, "two, a day later");
  plan(kit, generation, "planned");
  plan(kit, generation, "sent");
  (void)begin_attempt(kit, generation, attempt, 300);
  plan(kit, generation, "unknown");
  (void)begin_attempt(kit, generation, attempt, 200);
  fail_attempt(kit, generation, attempt, PIXAZO_CLASS_AMBIGUOUS, PIXAZO_CHARGE_UNKNOWN, 0, true);
  px_json *root = stats(kit);
  assert_int_equal(1, px_json_size(px_json_find(root, "models")));
  assert_int_equal(2, number(root, "models[0].generations.done"));
  assert_int_equal(1, number(root, "models[0].generations.planned"));
  assert_int_equal(1, number(root, "models[0].generations.active"));
  assert_int_equal(1, number(root, "models[0].generations.ambiguous"));
  assert_int_equal(0, number(root, "models[0].generations.failed"));
  assert_int_equal(4, number(root, "models[0].attempts"));
  assert_int_equal(2, number(root, "models[0].pictures"));
  assert_int_equal(2000, number(root, "models[0].bytes"));
  assert_int_equal(80000, number(root, "models[0].cost_micros"));
  assert_int_equal(2000000, number(root, "models[0].mean_time_us"));
  assert_int_equal(80000, number(root, "ledger[0].settled_micros"));
  assert_int_equal(200, number(root, "ledger[0].open_micros"));
  assert_int_equal(300, number(root, "ledger[0].reserved_micros"));
  assert_int_equal(2, ask(kit, "SELECT count(DISTINCT day) FROM stat_day"));
  px_json_free(root);
}

static void test_report__reads_days_and_not_pictures(void **state)
{
  journal_kit *kit = *state;
  char generation[PX_UUID_TEXT];
  for (int i = 0; i < 20; i++)
    make_done(kit, generation, "x");
  assert_int_equal(1, ask(kit, "SELECT count(*) FROM stat_day"));
}

static void test_report__shards_add_up(void **state)
{
  journal_kit *kit = *state;
  char generation[PX_UUID_TEXT];
  for (int i = 0; i < 6; i++) {
    make_done(kit, generation, "x");
    journal_kit_reopen(kit); /* another worker, another shard */
  }
  px_json *root = stats(kit);
  assert_int_equal(6, number(root, "models[0].generations.done"));
  px_json_free(root);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, journal_kit_setup, journal_kit_teardown)
  const struct CMUnitTest tests[] = {
      TEST(test_report__of_an_empty_repository_is_empty),
      TEST(test_report__counts_states_pictures_money_and_time),
      TEST(test_report__reads_days_and_not_pictures),
      TEST(test_report__shards_add_up),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
