/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/mem.h"
#include "support/journal.h"

static void test_quotas__are_listed_as_they_were_set(void **state)
{
  journal_kit *kit = *state;
  char *text = NULL;
  MUST(pixazo_repository_set_quota(kit->repository, "{\"provider\":\"*\",\"principal\":\"*\",\"requests\":50,\"slots\":2}",
                                   error));
  MUST(pixazo_repository_set_quota(kit->repository, "{\"provider\":\"pixazo\",\"slots\":9,\"max_wait_ms\":0}", error));
  MUST(pixazo_repository_set_quota(kit->repository, "{\"principal\":\"\",\"slots\":1}", error));
  MUST(pixazo_repository_quotas(kit->repository, &text, error));
  assert_string_equal(text, "{\"schema\":1,\"quotas\":[{\"provider\":\"*\",\"principal\":\"*\",\"requests\":50,"
                            "\"window_ms\":3600000,\"burst\":50,\"slots\":2},{\"provider\":\"pixazo\",\"slots\":9,"
                            "\"max_wait_ms\":0},{\"principal\":\"\",\"slots\":1}]}");
  px_free(text);
}

static void test_quotas__setting_one_again_replaces_it(void **state)
{
  journal_kit *kit = *state;
  MUST(pixazo_repository_set_quota(kit->repository, "{\"requests\":50,\"slots\":2}", error));
  MUST(pixazo_repository_set_quota(kit->repository, "{\"slots\":3}", error));
  assert_int_equal(1, ask(kit, "SELECT count(*) FROM quota"));
  assert_int_equal(0, ask(kit, "SELECT requests FROM quota"));
  assert_int_equal(3, ask(kit, "SELECT slots FROM quota"));
}

static void test_quotas__one_that_is_removed_takes_its_buckets_along(void **state)
{
  journal_kit *kit = *state;
  char generation[PX_UUID_TEXT], attempt[PX_UUID_TEXT];
  MUST(pixazo_repository_set_quota(kit->repository, "{\"provider\":\"pixazo\",\"requests\":1}", error));
  plan(kit, generation, "x");
  assert_int_equal(PX_GATE_GO, begin_attempt(kit, generation, attempt, 1));
  assert_int_equal(1, ask(kit, "SELECT count(*) FROM bucket"));
  MUST_FAIL(PIXAZO_E_NOT_FOUND, pixazo_repository_remove_quota(kit->repository, "{}", error));
  MUST_FAIL(PIXAZO_E_ARGUMENT, pixazo_repository_remove_quota(kit->repository, "[]", error));
  MUST(pixazo_repository_remove_quota(kit->repository, "{\"provider\":\"pixazo\",\"slots\":4}", error));
  assert_int_equal(0, ask(kit, "SELECT count(*) FROM bucket"));
  assert_int_equal(0, ask(kit, "SELECT count(*) FROM quota"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, journal_kit_setup, journal_kit_teardown)
  const struct CMUnitTest tests[] = {
      TEST(test_quotas__are_listed_as_they_were_set),
      TEST(test_quotas__setting_one_again_replaces_it),
      TEST(test_quotas__one_that_is_removed_takes_its_buckets_along),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
