/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "support/journal.h"

static const int64_t FAR = INT64_C(4000000000000000);

static int64_t listed(journal_kit *kit)
{
  int64_t count = -1;
  MUST(pixazo_repository_count(kit->repository, NULL, &count, error));
  return count;
}

static char *image_of(journal_kit *kit, const char *generation)
{
  pixazo_generation *found = NULL;
  MUST(pixazo_repository_find(kit->repository, generation, &found, error));
  char *uuid = strdup(pixazo_generation_image_uuid(found, 0));
  pixazo_generation_free(found);
  return uuid;
}

static void test_edit__changes_the_members_that_are_named_and_no_other(void **state)
{
  journal_kit *kit = *state;
  char generation[PX_UUID_TEXT];
  make_done(kit, generation, "x");
  char *image = image_of(kit, generation);
  MUST(pixazo_repository_update(kit->repository, image,
                                "{\"rating\":5,\"starred\":1,\"post_id\":\"p\",\"prompt_id\":\"q\",\"alt_text\":\"fox\"}",
                                error));
  MUST(pixazo_repository_update(kit->repository, image, "{\"rating\":2,\"starred\":false,\"post_id\":null}", error));
  assert_int_equal(1,
                   ask(kit, "SELECT rating = 2 AND starred = 0 AND post_id IS NULL AND prompt_id = 'q' AND alt_text = 'fox' "
                            "FROM image"));
  MUST(pixazo_repository_update(kit->repository, image, "{}", error));
  free(image);
}

static void test_edit__refuses_other_members_and_values(void **state)
{
  journal_kit *kit = *state;
  char generation[PX_UUID_TEXT];
  make_done(kit, generation, "x");
  char *image = image_of(kit, generation);
  static const char *const bad[] = {"{\"rating\":6}",
                                    "{\"rating\":-1}",
                                    "{\"rating\":\"5\"}",
                                    "{\"starred\":2}",
                                    "{\"post_id\":7}",
                                    "{\"sha256\":\"00\"}",
                                    "[]",
                                    "{\"rating\":2.5}"};
  for (size_t i = 0; i < PX_ARRAY_SIZE(bad); i++)
    MUST_FAIL(PIXAZO_E_ARGUMENT, pixazo_repository_update(kit->repository, image, bad[i], error));
  MUST_FAIL(PIXAZO_E_ARGUMENT, pixazo_repository_update(kit->repository, image, "{", error));
  MUST_FAIL(PIXAZO_E_NOT_FOUND, pixazo_repository_update(kit->repository, generation, "{\"rating\":1}", error));
  MUST_FAIL(PIXAZO_E_ARGUMENT, pixazo_repository_update(kit->repository, "x", "{\"rating\":1}", error));
  assert_int_equal(1, ask(kit, "SELECT rating = 0 AND starred = 0 FROM image"));
  free(image);
}

static void test_edit__removing_hides_and_restoring_shows(void **state)
{
  journal_kit *kit = *state;
  char generation[PX_UUID_TEXT];
  make_done(kit, generation, "x");
  MUST(pixazo_repository_remove(kit->repository, generation, error));
  MUST(pixazo_repository_remove(kit->repository, generation, error));
  assert_int_equal(0, listed(kit));
  assert_int_equal(1, ask(kit, "SELECT count(*) FROM ledger"));
  assert_int_equal(0, ask(kit, "SELECT count(*) FROM generated_images"));
  MUST(pixazo_repository_restore(kit->repository, generation, error));
  assert_int_equal(1, listed(kit));
  assert_int_equal(1, ask(kit, "SELECT count(*) FROM generated_images"));
}

static void test_edit__one_picture_can_be_removed_alone(void **state)
{
  journal_kit *kit = *state;
  char generation[PX_UUID_TEXT], attempt[PX_UUID_TEXT], images[2][PX_UUID_TEXT];
  pixazo_generation *found = NULL;
  plan(kit, generation, "x");
  (void)begin_attempt(kit, generation, attempt, 1);
  accept_attempt(kit, generation, attempt, images, 2);
  MUST_FAIL(PIXAZO_E_STATE, pixazo_repository_remove(kit->repository, generation, error));
  MUST_FAIL(PIXAZO_E_STATE, pixazo_repository_remove(kit->repository, images[0], error));
  MUST(record_image(kit->journal, generation, images[0], PIXAZO_IMAGE_RECORDED, error));
  MUST(record_image(kit->journal, generation, images[1], PIXAZO_IMAGE_RECORDED, error));
  MUST(pixazo_repository_remove(kit->repository, images[0], error));
  assert_int_equal(1, listed(kit));
  MUST(pixazo_repository_find(kit->repository, generation, &found, error));
  assert_int_equal(1, pixazo_generation_image_count(found));
  assert_string_equal(images[1], pixazo_generation_image_uuid(found, 0));
  pixazo_generation_free(found);
}

static void test_edit__purging_takes_two_calls_and_exactly_the_pictures_of_the_first(void **state)
{
  journal_kit *kit = *state;
  char first[PX_UUID_TEXT], second[PX_UUID_TEXT];
  char *keys = NULL, *expected = NULL;
  make_done(kit, first, "x");
  make_done(kit, second, "y");
  MUST(pixazo_repository_purge(kit->repository, FAR, 0, &keys, error));
  assert_string_equal("[]", keys);
  px_free(keys);
  MUST(pixazo_repository_remove(kit->repository, first, error));
  MUST(pixazo_repository_purge(kit->repository, FAR, 0, &keys, error));
  expected = ask_text(kit, "SELECT '[\"' || store_key || '\"]' FROM image WHERE deleted_us > 0");
  assert_string_equal(expected, keys);
  px_free(keys);
  free(expected);
  MUST_FAIL(PIXAZO_E_STATE, pixazo_repository_restore(kit->repository, first, error));
  MUST(pixazo_repository_remove(kit->repository, second, error)); /* marked in between: not of this purge */
  MUST(pixazo_repository_purge(kit->repository, FAR, 1, NULL, error));
  assert_int_equal(1, ask(kit, "SELECT count(*) FROM image"));
  assert_int_equal(2, ask(kit, "SELECT count(*) FROM ledger"));
  MUST_FAIL(PIXAZO_E_STATE, pixazo_repository_restore(kit->repository, first, error));
  MUST(pixazo_repository_restore(kit->repository, second, error));
  assert_int_equal(1, listed(kit));
  char *report = NULL;
  MUST(pixazo_repository_check(kit->repository, &report, error));
  px_free(report);
  assert_int_equal(2, ask(kit, "SELECT count(*) FROM generations WHERE status = 'SUCCESS'"));
}

static void test_edit__a_key_that_another_picture_names_is_not_given_away(void **state)
{
  journal_kit *kit = *state;
  char first[PX_UUID_TEXT], second[PX_UUID_TEXT];
  char *keys = NULL;
  make_done(kit, first, "x");
  make_done(kit, second, "y");
  tell(kit, "UPDATE image SET store_key = 'originals/same.png'");
  tell(kit,
       "INSERT INTO rendition (image, name, store_key, created_us) SELECT id, 'fit', 'renditions/' || id, 1 FROM image");
  MUST(pixazo_repository_remove(kit->repository, first, error));
  MUST(pixazo_repository_purge(kit->repository, FAR, 0, &keys, error));
  assert_string_equal("[\"renditions/1\"]", keys);
  px_free(keys);
  MUST(pixazo_repository_purge(kit->repository, FAR, 1, &keys, error));
  px_free(keys);
  MUST(pixazo_repository_remove(kit->repository, second, error));
  MUST(pixazo_repository_purge(kit->repository, FAR, 0, &keys, error));
  assert_string_equal("[\"originals/same.png\",\"renditions/2\"]", keys);
  px_free(keys);
}

static void test_edit__purging_spares_what_was_marked_later(void **state)
{
  journal_kit *kit = *state;
  char generation[PX_UUID_TEXT];
  char *keys = NULL;
  make_done(kit, generation, "x");
  MUST(pixazo_repository_remove(kit->repository, generation, error));
  MUST(pixazo_repository_purge(kit->repository, 1000, 0, &keys, error));
  assert_string_equal("[]", keys);
  px_free(keys);
  MUST_FAIL(PIXAZO_E_ARGUMENT, pixazo_repository_purge(kit->repository, 0, 0, &keys, error));
  MUST_FAIL(PIXAZO_E_ARGUMENT, pixazo_repository_purge(kit->repository, 5, 2, &keys, error));
  MUST_FAIL(PIXAZO_E_ARGUMENT, pixazo_repository_purge(kit->repository, 5, 0, NULL, error));
}

static void test_edit__unknown_ids_are_not_found(void **state)
{
  journal_kit *kit = *state;
  static const char unknown[] = "01900000-0000-7000-8000-000000000000";
  MUST_FAIL(PIXAZO_E_NOT_FOUND, pixazo_repository_remove(kit->repository, unknown, error));
  MUST_FAIL(PIXAZO_E_NOT_FOUND, pixazo_repository_restore(kit->repository, unknown, error));
  MUST_FAIL(PIXAZO_E_ARGUMENT, pixazo_repository_remove(kit->repository, "x", error));
  MUST_FAIL(PIXAZO_E_ARGUMENT, pixazo_repository_remove(NULL, unknown, error));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, journal_kit_setup, journal_kit_teardown)
  const struct CMUnitTest tests[] = {
      TEST(test_edit__changes_the_members_that_are_named_and_no_other),
      TEST(test_edit__refuses_other_members_and_values),
      TEST(test_edit__removing_hides_and_restoring_shows),
      TEST(test_edit__one_picture_can_be_removed_alone),
      TEST(test_edit__purging_takes_two_calls_and_exactly_the_pictures_of_the_first),
      TEST(test_edit__a_key_that_another_picture_names_is_not_given_away),
      TEST(test_edit__purging_spares_what_was_marked_later),
      TEST(test_edit__unknown_ids_are_not_found),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
