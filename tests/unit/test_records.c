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
#include "support/journal.h"

static void test_records__a_picture_has_a_local_path_only_when_it_is_here(void **state)
{
  journal_kit *kit = *state;
  char generation[PX_UUID_TEXT], attempt[PX_UUID_TEXT], image[1][PX_UUID_TEXT], expected[512];
  pixazo_generation *found = NULL;
  plan(kit, generation, "x");
  (void)begin_attempt(kit, generation, attempt, 1);
  accept_attempt(kit, generation, attempt, image, 1);
  MUST(pixazo_repository_find(kit->repository, generation, &found, error));
  assert_string_equal("", pixazo_generation_image_path(found, 0));
  assert_string_equal("https://cdn.example/picture.png?signature=fake-signature", pixazo_generation_image_url(found, 0));
  assert_int_equal(PIXAZO_IMAGE_EXPECTED, pixazo_generation_image_state(found, 0));
  pixazo_generation_free(found);
  MUST(record_image(kit->journal, generation, image[0], PIXAZO_IMAGE_RECORDED, error));
  MUST(pixazo_repository_find(kit->repository, generation, &found, error));
  (void)snprintf(expected, sizeof expected, "%s/originals/2026/11/%s.png", kit->directory, image[0]);
  assert_string_equal(expected, pixazo_generation_image_path(found, 0));
  assert_string_equal("", pixazo_generation_image_url(found, 0));
  assert_string_equal("image/png", pixazo_generation_image_content_type(found, 0));
  assert_int_equal(1000, pixazo_generation_image_bytes(found, 0));
  assert_int_equal(40000, pixazo_generation_cost_micros(found));
  assert_int_equal(PIXAZO_CONFIDENCE_ESTIMATED, pixazo_generation_confidence(found));
  assert_int_equal(PIXAZO_CLASS_ACCEPTED, pixazo_generation_class(found));
  assert_int_equal(200, pixazo_generation_http_status(found));
  assert_int_equal(1, pixazo_generation_attempts(found));
  pixazo_generation_free(found);
}

static void test_records__pictures_come_in_the_order_of_the_call(void **state)
{
  journal_kit *kit = *state;
  char generation[PX_UUID_TEXT], attempt[PX_UUID_TEXT], images[4][PX_UUID_TEXT];
  pixazo_generation *found = NULL;
  plan(kit, generation, "x");
  (void)begin_attempt(kit, generation, attempt, 1);
  accept_attempt(kit, generation, attempt, images, 4);
  MUST(pixazo_repository_find(kit->repository, generation, &found, error));
  assert_int_equal(4, pixazo_generation_image_count(found));
  for (size_t i = 0; i < 4; i++)
    assert_string_equal(images[i], pixazo_generation_image_uuid(found, i));
  pixazo_generation_free(found);
}

static void test_records__a_row_with_wrong_types_is_read_without_harm(void **state)
{
  journal_kit *kit = *state;
  char generation[PX_UUID_TEXT];
  pixazo_generation *found = NULL;
  make_done(kit, generation, "x");
  tell(kit,
       "UPDATE generation SET prompt = x'00ff', state = 'text', created_us = 1.5, message = 7; "
       "UPDATE image SET sha256 = 'longer than any hash of that kind could ever be, so it must be cut when it is copied "
       "into its place', width = 'x', store_key = 5");
  MUST(pixazo_repository_find(kit->repository, generation, &found, error));
  assert_string_equal("", pixazo_generation_prompt(found));
  assert_int_equal(0, pixazo_generation_state(found));
  assert_int_equal(64, strlen(pixazo_generation_image_sha256(found, 0)));
  pixazo_generation_free(found);
}

static void test_records__an_id_finds_a_generation_or_the_one_of_a_picture(void **state)
{
  journal_kit *kit = *state;
  char generation[PX_UUID_TEXT];
  px_db_link *link = NULL;
  int64_t id = 0, picture = -1;
  make_done(kit, generation, "x");
  char *image = ask_text(kit, "SELECT uuid FROM image");
  MUST(px_db_begin_read(kit->repository->db, &link, error));
  MUST(px_record_id(link, generation, &id, &picture, error));
  assert_int_equal(1, id);
  assert_int_equal(0, picture);
  id = 0;
  MUST(px_record_id(link, image, &id, &picture, error));
  assert_int_equal(1, id);
  assert_int_equal(1, picture);
  MUST_FAIL(PIXAZO_E_ARGUMENT, px_record_id(link, "'; --", &id, &picture, error));
  pixazo_generation *found = NULL;
  MUST_FAIL(PIXAZO_E_NOT_FOUND, px_record_load(kit->repository, link, 99, &found, error));
  const char *names[] = {generation, image};
  for (size_t i = 0; i < 2; i++) {
    MUST(px_record_find(kit->repository, link, names[i], &found, error));
    assert_string_equal(found->uuid, generation);
    assert_int_equal(found->image_count, 1);
    pixazo_generation_free(found);
  }
  found = NULL;
  MUST_FAIL(PIXAZO_E_ARGUMENT, px_record_find(kit->repository, link, "'; --", &found, error));
  MUST_FAIL(PIXAZO_E_NOT_FOUND,
            px_record_find(kit->repository, link, "01a1fe1f-cf17-785a-963d-5fe930d0fcd6", &found, error));
  assert_null(found);
  px_db_end(&link);
  free(image);
}

static void test_records__every_call_is_told_with_its_charge(void **state)
{
  journal_kit *kit = *state;
  char generation[PX_UUID_TEXT], attempts[2][PX_UUID_TEXT], image[1][PX_UUID_TEXT];
  pixazo_generation *found = NULL;
  plan(kit, generation, "x");
  kit->now_us += 250000;
  (void)begin_attempt(kit, generation, attempts[0], 70);
  px_journal_answer refusal = {.facts = {.attempt = attempts[0],
                                         .generation = generation,
                                         .attempt_class = PIXAZO_CLASS_BLOCKED,
                                         .http_status = 400,
                                         .provider_code = "moderation_blocked",
                                         .request_id = "req-1",
                                         .message = "no",
                                         .safety_json = "{\"stage\":\"input\"}",
                                         .charge = PIXAZO_CHARGE_NOT_CHARGED}};
  MUST(answer_attempt(kit->journal, &refusal, error));
  kit->now_us += 1000000;
  (void)begin_attempt(kit, generation, attempts[1], 70);
  kit->now_us += 30000;
  accept_attempt(kit, generation, attempts[1], image, 1);
  MUST(record_image(kit->journal, generation, image[0], PIXAZO_IMAGE_RECORDED, error));
  MUST(pixazo_repository_find(kit->repository, generation, &found, error));
  assert_int_equal(2, found->call_count);
  const px_call_record *first = &found->calls[0], *second = &found->calls[1];
  assert_string_equal(attempts[0], first->uuid);
  assert_int_equal(PIXAZO_CLASS_BLOCKED, first->attempt_class);
  assert_int_equal(PIXAZO_CHARGE_NOT_CHARGED, first->charge);
  assert_int_equal(0, first->cost_micros);
  assert_string_equal("moderation_blocked", first->provider_code);
  assert_string_equal("req-1", first->request_id);
  assert_string_equal("no", first->message);
  assert_int_equal(2, second->n);
  assert_int_equal(PIXAZO_CHARGE_CHARGED, second->charge);
  assert_int_equal(40000, second->cost_micros);
  assert_int_equal(30000, second->answered_us - second->sent_us);
  assert_string_equal("{\"stage\":\"input\"}", pixazo_generation_safety_json(found));
  assert_int_equal(250000, pixazo_generation_queued_us(found));
  assert_int_equal(second->sent_us, pixazo_generation_sent_us(found));
  assert_int_equal(second->answered_us, pixazo_generation_answered_us(found));
  assert_int_equal(kit->now_us, pixazo_generation_ended_us(found));
  pixazo_generation_free(found);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, journal_kit_setup, journal_kit_teardown)
  const struct CMUnitTest tests[] = {
      TEST(test_records__a_picture_has_a_local_path_only_when_it_is_here),
      TEST(test_records__pictures_come_in_the_order_of_the_call),
      TEST(test_records__a_row_with_wrong_types_is_read_without_harm),
      TEST(test_records__every_call_is_told_with_its_charge),
      TEST(test_records__an_id_finds_a_generation_or_the_one_of_a_picture),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
