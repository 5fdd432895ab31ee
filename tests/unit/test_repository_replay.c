/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <string.h>

#include <pixazo/memory.h>

#include "support/journal.h"

static void plan_with_key(journal_kit *kit, char generation[PX_UUID_TEXT], const char *key, const char *principal)
{
  px_journal_new row = {.prompt = "x", .provider = "pixazo", .model = "sdxl", .images = 2, .replay_key = key, .principal = principal};
  plan_row(kit, generation, &row);
}

/* Done with two pictures. */
static void make_source(journal_kit *kit, char generation[PX_UUID_TEXT], char (*images)[PX_UUID_TEXT])
{
  char attempt[PX_UUID_TEXT];
  plan_with_key(kit, generation, "key", NULL);
  (void)begin_attempt(kit, generation, attempt, 70);
  accept_attempt(kit, generation, attempt, images, 2);
  for (int i = 0; i < 2; i++)
    MUST(record_image(kit->journal, generation, images[i], PIXAZO_IMAGE_RECORDED, error));
}

static pixazo_status replay(journal_kit *kit, const char *generation, const char *source)
{
  MUST(px_journal_begin(kit->journal, error));
  pixazo_status status = px_journal_replay(kit->journal, generation, source, NULL);
  MUST(px_journal_commit(kit->journal, error));
  return status;
}

static void check_database(journal_kit *kit)
{
  char *report = NULL;
  pixazo_error *error = NULL;
  pixazo_status status = pixazo_repository_check(kit->repository, &report, &error);
  if (status != PIXAZO_OK)
    fail_msg("%s: %s", pixazo_error_message(error), report ? report : "");
  pixazo_free(report);
}

static pixazo_status find(journal_kit *kit, const char *principal, const char *key, const char *model, pixazo_generation **out,
                          pixazo_error **error)
{
  px_journal_new row = {.principal = principal, .provider = "pixazo", .model = model, .replay_key = key};
  return px_journal_find_replay(kit->repository, &row, out, error);
}

static void test_find__gives_the_newest_that_is_done(void **state)
{
  journal_kit *kit = *state;
  char generation[PX_UUID_TEXT], images[2][PX_UUID_TEXT];
  pixazo_generation *found = NULL;
  plan_with_key(kit, generation, "key", NULL);
  MUST_FAIL(PIXAZO_E_NOT_FOUND, find(kit, "", "key", "sdxl", &found, error));
  make_source(kit, generation, images);
  make_source(kit, generation, images);
  MUST_FAIL(PIXAZO_E_NOT_FOUND, find(kit, "", "other", "sdxl", &found, error));
  MUST_FAIL(PIXAZO_E_NOT_FOUND, find(kit, "somebody", "key", "sdxl", &found, error));
  MUST_FAIL(PIXAZO_E_NOT_FOUND, find(kit, "", "key", "another", &found, error)); /* it stood in for the one of the key */
  MUST(find(kit, "", "key", "sdxl", &found, error));
  assert_string_equal(generation, pixazo_generation_uuid(found));
  pixazo_generation_free(found);
  MUST(pixazo_repository_remove(kit->repository, generation, error));
  MUST(find(kit, "", "key", "sdxl", &found, error)); /* the one before it */
  assert_string_not_equal(generation, pixazo_generation_uuid(found));
  pixazo_generation_free(found);
}

static void test_replay__has_the_pictures_and_costs_nothing(void **state)
{
  journal_kit *kit = *state;
  char source[PX_UUID_TEXT], copy[PX_UUID_TEXT], images[2][PX_UUID_TEXT];
  pixazo_generation *found = NULL;
  char *json = NULL;
  make_source(kit, source, images);
  plan_with_key(kit, copy, "key", NULL);
  assert_status(replay(kit, copy, source), PIXAZO_OK);
  MUST(pixazo_repository_find(kit->repository, copy, &found, error));
  assert_int_equal(PIXAZO_GENERATION_DONE, pixazo_generation_state(found));
  assert_string_equal(source, pixazo_generation_replayed_from(found));
  assert_int_equal(0, pixazo_generation_cost_micros(found));
  assert_int_equal(PIXAZO_CONFIDENCE_BILLED, pixazo_generation_confidence(found));
  assert_int_equal(0, pixazo_generation_attempts(found));
  assert_int_equal(2, pixazo_generation_image_count(found));
  for (size_t i = 0; i < 2; i++) {
    assert_string_not_equal(images[i], pixazo_generation_image_uuid(found, i));
    assert_int_equal(PIXAZO_IMAGE_RECORDED, pixazo_generation_image_state(found, i));
    assert_non_null(strstr(pixazo_generation_image_key(found, i), images[i])); /* the very file */
    assert_int_equal(1000, pixazo_generation_image_bytes(found, i));
  }
  MUST(pixazo_generation_to_json(found, &json, error));
  assert_non_null(strstr(json, source));
  assert_non_null(strstr(json, "\"calls\":[]"));
  pixazo_free(json);
  pixazo_generation_free(found);
  assert_int_equal(40000, ask(kit, "SELECT sum(amount_micros) FROM ledger"));
  MUST(pixazo_repository_costs(kit->repository, "day", 0, &json, error));
  assert_non_null(strstr(json, "\"settled_micros\":40000,\"open_micros\":0,\"reserved_micros\":0,\"calls\":1,"));
  pixazo_free(json);
  check_database(kit);
}

static void test_replay__is_found_by_the_names_of_its_pictures(void **state)
{
  journal_kit *kit = *state;
  char source[PX_UUID_TEXT], copy[PX_UUID_TEXT], plain[PX_UUID_TEXT], images[2][PX_UUID_TEXT];
  make_source(kit, source, images);
  plan_with_key(kit, plain, "key", NULL);
  assert_status(replay(kit, plain, source), PIXAZO_OK);
  assert_int_equal(0, ask(kit, "SELECT count(captions) FROM generation"));
  MUST(pixazo_repository_update(kit->repository, images[0], "{\"alt_text\":\"an owl\"}", error));
  plan_with_key(kit, copy, "key", NULL);
  assert_status(replay(kit, copy, source), PIXAZO_OK);
  assert_int_equal(2, ask(kit, "SELECT count(*) FROM generation WHERE captions LIKE '%an owl%'"));
  check_database(kit);
}

static void test_replay__keeps_the_files_when_the_first_one_goes(void **state)
{
  journal_kit *kit = *state;
  char source[PX_UUID_TEXT], copy[PX_UUID_TEXT], images[2][PX_UUID_TEXT];
  char *keys = NULL;
  make_source(kit, source, images);
  plan_with_key(kit, copy, "key", NULL);
  assert_status(replay(kit, copy, source), PIXAZO_OK);
  MUST(pixazo_repository_remove(kit->repository, source, error));
  MUST(pixazo_repository_purge(kit->repository, INT64_MAX / 2, 0, &keys, error));
  assert_string_equal(keys, "[]");
  pixazo_free(keys);
}

static void test_replay__of_what_is_not_whole_writes_nothing(void **state)
{
  journal_kit *kit = *state;
  char source[PX_UUID_TEXT], copy[PX_UUID_TEXT], open[PX_UUID_TEXT], images[2][PX_UUID_TEXT];
  make_source(kit, source, images);
  plan_with_key(kit, copy, "key", NULL);
  plan_with_key(kit, open, "key", NULL);
  assert_status(replay(kit, copy, open), PIXAZO_E_NOT_FOUND);
  assert_status(replay(kit, copy, copy), PIXAZO_E_NOT_FOUND);
  MUST(pixazo_repository_remove(kit->repository, images[0], error));
  assert_status(replay(kit, copy, source), PIXAZO_E_NOT_FOUND);
  assert_int_equal(PIXAZO_GENERATION_PLANNED, state_of(kit, copy));
  assert_int_equal(2, ask(kit, "SELECT count(*) FROM image"));
  assert_int_equal(1, ask(kit, "SELECT count(*) FROM attempt"));
  check_database(kit);
}

static void test_replay__is_not_for_what_was_sent_or_for_another_principal(void **state)
{
  journal_kit *kit = *state;
  char source[PX_UUID_TEXT], sent[PX_UUID_TEXT], theirs[PX_UUID_TEXT], attempt[PX_UUID_TEXT], images[2][PX_UUID_TEXT];
  make_source(kit, source, images);
  plan_with_key(kit, sent, "key", NULL);
  (void)begin_attempt(kit, sent, attempt, 70);
  assert_status(replay(kit, sent, source), PIXAZO_E_CONFLICT);
  plan_with_key(kit, theirs, "key", "somebody");
  assert_status(replay(kit, theirs, source), PIXAZO_E_NOT_FOUND);
}

static pixazo_status replay_newest(journal_kit *kit, const char *generation, const char *gone)
{
  MUST(px_journal_begin(kit->journal, error));
  pixazo_status status = px_journal_replay_newest(kit->journal, generation, gone, NULL);
  MUST(px_journal_commit(kit->journal, error));
  return status;
}

static void test_newest__is_found_by_the_key_of_the_row(void **state)
{
  journal_kit *kit = *state;
  char older[PX_UUID_TEXT], newer[PX_UUID_TEXT], copy[PX_UUID_TEXT], images[2][PX_UUID_TEXT];
  pixazo_generation *found = NULL;
  make_source(kit, older, images);
  make_source(kit, newer, images);
  plan_with_key(kit, copy, "other", NULL);
  assert_status(replay_newest(kit, copy, ""), PIXAZO_E_NOT_FOUND);
  plan_with_key(kit, copy, NULL, NULL);
  assert_status(replay_newest(kit, copy, ""), PIXAZO_E_NOT_FOUND);
  plan_with_key(kit, copy, "key", NULL);
  assert_status(replay_newest(kit, copy, newer), PIXAZO_E_NOT_FOUND); /* nobody looked at the older one's files */
  assert_status(replay_newest(kit, copy, ""), PIXAZO_OK);
  MUST(pixazo_repository_find(kit->repository, copy, &found, error));
  assert_string_equal(newer, pixazo_generation_replayed_from(found));
  pixazo_generation_free(found);
}

static void test_replay__ends_a_generation_that_tried_in_vain(void **state)
{
  journal_kit *kit = *state;
  char source[PX_UUID_TEXT], tried[PX_UUID_TEXT], attempt[PX_UUID_TEXT], images[2][PX_UUID_TEXT];
  pixazo_generation *found = NULL;
  make_source(kit, source, images);
  plan_with_key(kit, tried, "key", NULL);
  (void)begin_attempt(kit, tried, attempt, 70);
  px_journal_answer answer = {.facts = {.attempt = attempt,
                                        .generation = tried,
                                        .attempt_class = PIXAZO_CLASS_NOT_SENT,
                                        .message = "nobody there",
                                        .currency = "USD",
                                        .charge = PIXAZO_CHARGE_NOT_CHARGED}};
  MUST(px_journal_begin(kit->journal, error));
  MUST(px_journal_answered(kit->journal, &answer, error));
  MUST(px_journal_commit(kit->journal, error));
  assert_int_equal(PIXAZO_GENERATION_PLANNED, state_of(kit, tried));
  assert_status(replay_newest(kit, tried, ""), PIXAZO_OK);
  MUST(pixazo_repository_find(kit->repository, tried, &found, error));
  assert_int_equal(PIXAZO_GENERATION_DONE, pixazo_generation_state(found));
  assert_int_equal(1, pixazo_generation_attempts(found));
  assert_int_equal(0, pixazo_generation_cost_micros(found));
  assert_string_equal("", pixazo_generation_message(found));
  pixazo_generation_free(found);
  check_database(kit);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, journal_kit_setup, journal_kit_teardown)
  const struct CMUnitTest tests[] = {
      TEST(test_find__gives_the_newest_that_is_done),
      TEST(test_replay__has_the_pictures_and_costs_nothing),
      TEST(test_replay__is_found_by_the_names_of_its_pictures),
      TEST(test_replay__keeps_the_files_when_the_first_one_goes),
      TEST(test_replay__of_what_is_not_whole_writes_nothing),
      TEST(test_replay__is_not_for_what_was_sent_or_for_another_principal),
      TEST(test_newest__is_found_by_the_key_of_the_row),
      TEST(test_replay__ends_a_generation_that_tried_in_vain),
  };
  return cmocka_run_group_tests_name("repository_replay", tests, NULL, NULL);
}
