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

static px_journal_answer answer_of(const char *generation, const char *attempt, int32_t attempt_class, int32_t charge)
{
  return (px_journal_answer){.facts = {.attempt = attempt,
                                       .generation = generation,
                                       .attempt_class = attempt_class,
                                       .message = attempt_class == PIXAZO_CLASS_ACCEPTED ? NULL : "it failed",
                                       .currency = "USD",
                                       .cost_micros = 700,
                                       .confidence = PIXAZO_CONFIDENCE_BILLED,
                                       .charge = charge},
                             .final = true};
}

/* Planned and sent for at most 1000 micro-units. */
static void send_one(journal_kit *kit, char generation[PX_UUID_TEXT], char attempt[PX_UUID_TEXT])
{
  plan(kit, generation, "x");
  assert_int_equal(PX_GATE_GO, begin_attempt(kit, generation, attempt, 1000));
}

static void test_journal_end__the_ledger_leaves_reserved_once_and_by_the_charge(void **state)
{
  journal_kit *kit = *state;
  static const struct {
    int32_t attempt_class, charge;
    int64_t ledger, amount, cost, confidence;
  } cases[] = {
      {PIXAZO_CLASS_ACCEPTED, PIXAZO_CHARGE_CHARGED, 2, 700, 700, PIXAZO_CONFIDENCE_BILLED},
      {PIXAZO_CLASS_REFUSED, PIXAZO_CHARGE_NOT_CHARGED, 3, 0, 0, PIXAZO_CONFIDENCE_BILLED},
      {PIXAZO_CLASS_NOT_SENT, PIXAZO_CHARGE_NOT_CHARGED, 3, 0, 0, PIXAZO_CONFIDENCE_BILLED},
      {PIXAZO_CLASS_AMBIGUOUS, PIXAZO_CHARGE_UNKNOWN, 4, 1000, 1000, PIXAZO_CONFIDENCE_UPPER_BOUND},
      {PIXAZO_CLASS_LOST, PIXAZO_CHARGE_UNKNOWN, 4, 1000, 1000, PIXAZO_CONFIDENCE_UPPER_BOUND},
  };
  for (size_t i = 0; i < PX_ARRAY_SIZE(cases); i++) {
    char generation[PX_UUID_TEXT], attempt[PX_UUID_TEXT];
    pixazo_generation *found = NULL;
    send_one(kit, generation, attempt);
    px_journal_answer answer = answer_of(generation, attempt, cases[i].attempt_class, cases[i].charge);
    MUST(answer_attempt(kit->journal, &answer, error));
    assert_int_equal(cases[i].ledger, ask(kit, "SELECT state FROM ledger ORDER BY attempt DESC LIMIT 1"));
    assert_int_equal(cases[i].amount, ask(kit, "SELECT amount_micros FROM ledger ORDER BY attempt DESC LIMIT 1"));
    MUST(pixazo_repository_find(kit->repository, generation, &found, error));
    assert_int_equal(cases[i].cost, pixazo_generation_cost_micros(found));
    assert_int_equal(cases[i].confidence, pixazo_generation_confidence(found));
    pixazo_generation_free(found);
  }
}

static void test_journal_end__a_late_answer_resolves_what_was_ambiguous(void **state)
{
  journal_kit *kit = *state;
  char generation[PX_UUID_TEXT], attempt[PX_UUID_TEXT], image[1][PX_UUID_TEXT];
  send_one(kit, generation, attempt);
  fail_attempt(kit, generation, attempt, PIXAZO_CLASS_AMBIGUOUS, PIXAZO_CHARGE_UNKNOWN, 0, true);
  assert_int_equal(PIXAZO_GENERATION_AMBIGUOUS, state_of(kit, generation));
  assert_int_equal(1, ask(kit, "SELECT sum(ambiguous) FROM stat_day"));
  accept_attempt(kit, generation, attempt, image, 1);
  assert_int_equal(PIXAZO_GENERATION_ACTIVE, state_of(kit, generation));
  MUST(record_image(kit->journal, generation, image[0], PIXAZO_IMAGE_RECORDED, error));
  assert_int_equal(PIXAZO_GENERATION_DONE, state_of(kit, generation));
  assert_int_equal(0, ask(kit, "SELECT sum(ambiguous) FROM stat_day"));
  assert_int_equal(1, ask(kit, "SELECT sum(done) FROM stat_day"));
  assert_int_equal(2, ask(kit, "SELECT state FROM ledger"));
  assert_int_equal(40000, ask(kit, "SELECT sum(cost_micros) FROM stat_day"));
}

static void test_journal_end__a_late_answer_brings_back_what_was_abandoned(void **state)
{
  journal_kit *kit = *state;
  char generation[PX_UUID_TEXT], attempt[PX_UUID_TEXT], image[1][PX_UUID_TEXT];
  send_one(kit, generation, attempt);
  fail_attempt(kit, generation, attempt, PIXAZO_CLASS_AMBIGUOUS, PIXAZO_CHARGE_UNKNOWN, 0, true);
  end_generation(kit, generation, PIXAZO_GENERATION_ABANDONED);
  assert_int_equal(4, ask(kit, "SELECT state FROM ledger"));
  accept_attempt(kit, generation, attempt, image, 1);
  MUST(record_image(kit->journal, generation, image[0], PIXAZO_IMAGE_RECORDED, error));
  assert_int_equal(PIXAZO_GENERATION_DONE, state_of(kit, generation));
}

static void test_journal_end__what_is_settled_is_not_answered_again(void **state)
{
  journal_kit *kit = *state;
  char generation[PX_UUID_TEXT], attempt[PX_UUID_TEXT], image[1][PX_UUID_TEXT];
  send_one(kit, generation, attempt);
  accept_attempt(kit, generation, attempt, image, 1);
  px_journal_answer again = answer_of(generation, attempt, PIXAZO_CLASS_ACCEPTED, PIXAZO_CHARGE_CHARGED);
  MUST_FAIL(PIXAZO_E_CONFLICT, answer_attempt(kit->journal, &again, error));
  px_journal_answer unknown = answer_of(generation, generation, PIXAZO_CLASS_ACCEPTED, PIXAZO_CHARGE_CHARGED);
  MUST_FAIL(PIXAZO_E_NOT_FOUND, answer_attempt(kit->journal, &unknown, error));
  assert_int_equal(40000, ask(kit, "SELECT amount_micros FROM ledger"));
}

static void test_journal_end__a_queue_names_its_pictures_later_and_again_with_fresh_links(void **state)
{
  journal_kit *kit = *state;
  char generation[PX_UUID_TEXT], attempt[PX_UUID_TEXT], uuid[PX_UUID_TEXT], other[PX_UUID_TEXT];
  send_one(kit, generation, attempt);
  px_journal_answer submitted = answer_of(generation, attempt, PIXAZO_CLASS_ACCEPTED, PIXAZO_CHARGE_CHARGED);
  submitted.facts.remote_id = "job-1";
  submitted.facts.poll_url = "https://api.example/job-1";
  MUST(answer_attempt(kit->journal, &submitted, error));
  assert_int_equal(PIXAZO_GENERATION_ACTIVE, state_of(kit, generation));
  px_uuid_new(px_clock_system(), uuid);
  px_uuid_new(px_clock_system(), other);
  px_journal_image picture = {.uuid = uuid, .remote_url = "https://cdn.example/1?old", .key = "k", .index = 0};
  px_journal_answer later = answer_of(generation, attempt, PIXAZO_CLASS_ACCEPTED, PIXAZO_CHARGE_NONE);
  later.later = true;
  later.images = &picture;
  later.image_count = 1;
  MUST(answer_attempt(kit->journal, &later, error));
  picture.uuid = other;
  picture.remote_url = "https://cdn.example/1?fresh";
  MUST(answer_attempt(kit->journal, &later, error));
  assert_int_equal(1, ask(kit, "SELECT count(*) FROM image"));
  pixazo_generation *found = NULL;
  MUST(pixazo_repository_find(kit->repository, generation, &found, error));
  assert_string_equal(uuid, pixazo_generation_image_uuid(found, 0));
  assert_string_equal("https://cdn.example/1?fresh", pixazo_generation_image_url(found, 0));
  pixazo_generation_free(found);
  assert_int_equal(1, ask(kit, "SELECT remote_id = 'job-1' AND poll_url IS NOT NULL FROM attempt"));
}

static void test_journal_end__a_queue_may_fail_what_it_accepted_and_give_the_money_back(void **state)
{
  journal_kit *kit = *state;
  char generation[PX_UUID_TEXT], attempt[PX_UUID_TEXT];
  send_one(kit, generation, attempt);
  px_journal_answer submitted = answer_of(generation, attempt, PIXAZO_CLASS_ACCEPTED, PIXAZO_CHARGE_CHARGED);
  MUST(answer_attempt(kit->journal, &submitted, error));
  assert_int_equal(700, ask(kit, "SELECT sum(cost_micros) FROM stat_day"));
  px_journal_answer failed = answer_of(generation, attempt, PIXAZO_CLASS_FAILED, PIXAZO_CHARGE_NOT_CHARGED);
  failed.later = true;
  failed.final = false;
  MUST(answer_attempt(kit->journal, &failed, error));
  assert_int_equal(PIXAZO_GENERATION_PLANNED, state_of(kit, generation));
  assert_int_equal(3, ask(kit, "SELECT state FROM ledger"));
  assert_int_equal(0, ask(kit, "SELECT sum(cost_micros) FROM stat_day"));
  assert_int_equal(PX_GATE_GO, begin_attempt(kit, generation, attempt, 1000));
}

static void test_journal_end__a_queue_may_leave_it_open_whether_it_charged(void **state)
{
  journal_kit *kit = *state;
  char *report = NULL;
  char generation[PX_UUID_TEXT], attempt[PX_UUID_TEXT];
  send_one(kit, generation, attempt);
  px_journal_answer submitted = answer_of(generation, attempt, PIXAZO_CLASS_ACCEPTED, PIXAZO_CHARGE_CHARGED);
  MUST(answer_attempt(kit->journal, &submitted, error));
  px_journal_answer failed = answer_of(generation, attempt, PIXAZO_CLASS_AMBIGUOUS, PIXAZO_CHARGE_UNKNOWN);
  failed.later = true;
  MUST(answer_attempt(kit->journal, &failed, error));
  assert_int_equal(PIXAZO_GENERATION_AMBIGUOUS, state_of(kit, generation));
  assert_int_equal(4, ask(kit, "SELECT state FROM ledger"));
  assert_int_equal(700, ask(kit, "SELECT amount_micros FROM ledger")); /* what it took, not what had been reserved */
  assert_int_equal(PIXAZO_CONFIDENCE_UPPER_BOUND, ask(kit, "SELECT confidence FROM ledger"));
  assert_int_equal(0, ask(kit, "SELECT sum(cost_micros) FROM stat_day")); /* in doubt is not spent */
  MUST(pixazo_repository_check(kit->repository, &report, error));
  px_free(report);
  px_journal_answer late = answer_of(generation, attempt, PIXAZO_CLASS_FAILED, PIXAZO_CHARGE_NOT_CHARGED);
  late.later = true;
  MUST(answer_attempt(kit->journal, &late, error));
  assert_int_equal(PIXAZO_GENERATION_FAILED, state_of(kit, generation));
  assert_int_equal(3, ask(kit, "SELECT state FROM ledger"));
}

static void test_journal_end__a_wait_leaves_the_generation_planned_until_then(void **state)
{
  journal_kit *kit = *state;
  char generation[PX_UUID_TEXT], attempt[PX_UUID_TEXT];
  send_one(kit, generation, attempt);
  px_journal_answer answer = answer_of(generation, attempt, PIXAZO_CLASS_REFUSED, PIXAZO_CHARGE_NOT_CHARGED);
  answer.final = false;
  answer.not_before_us = kit->now_us + 900;
  MUST(answer_attempt(kit->journal, &answer, error));
  assert_int_equal(PIXAZO_GENERATION_PLANNED, state_of(kit, generation));
  assert_int_equal(kit->now_us + 900, ask(kit, "SELECT not_before_us FROM generation"));
  (void)begin_attempt(kit, generation, attempt, 1000);
  assert_int_equal(0, ask(kit, "SELECT not_before_us FROM generation"));
}

static void test_journal_end__the_answer_and_the_links_query_go_once_the_picture_is_here(void **state)
{
  journal_kit *kit = *state;
  char generation[PX_UUID_TEXT], attempt[PX_UUID_TEXT], images[2][PX_UUID_TEXT];
  send_one(kit, generation, attempt);
  accept_attempt(kit, generation, attempt, images, 2);
  assert_int_equal(20, ask(kit, "SELECT length(answer) FROM attempt"));
  MUST(record_image(kit->journal, generation, images[0], PIXAZO_IMAGE_RECORDED, error));
  assert_int_equal(20, ask(kit, "SELECT length(answer) FROM attempt"));
  assert_int_equal(1, ask(kit, "SELECT count(*) FROM image WHERE remote_url LIKE '%fake-signature%'"));
  MUST(record_image(kit->journal, generation, images[1], PIXAZO_IMAGE_RECORDED, error));
  assert_int_equal(1, ask(kit, "SELECT answer IS NULL FROM attempt"));
  assert_int_equal(0, ask(kit, "SELECT count(*) FROM image WHERE remote_url LIKE '%fake-signature%'"));
  assert_int_equal(2, ask(kit, "SELECT count(*) FROM image WHERE remote_url = 'https://cdn.example/picture.png'"));
}

static void test_journal_end__a_picture_is_recorded_once_with_its_renditions(void **state)
{
  journal_kit *kit = *state;
  char generation[PX_UUID_TEXT], attempt[PX_UUID_TEXT], image[1][PX_UUID_TEXT];
  send_one(kit, generation, attempt);
  accept_attempt(kit, generation, attempt, image, 1);
  px_rendition_record rendition = {.name = (char[]){"fit-256"},
                                   .key = (char[]){"renditions/a.webp"},
                                   .content_type = (char[]){"image/webp"},
                                   .sha256 = "00",
                                   .width = 256,
                                   .height = 192,
                                   .bytes = 900,
                                   .duration_us = 5};
  px_journal_facts facts = {.image = image[0],
                            .generation = generation,
                            .state = PIXAZO_IMAGE_RECORDED,
                            .key = "originals/a.png",
                            .sha256 = "11",
                            .content_type = "image/png",
                            .outcome_json = "{\"delivered\":1}",
                            .width = 1024,
                            .height = 768,
                            .has_alpha = 1,
                            .bytes = 5000,
                            .generation_us = 3,
                            .renditions = &rendition,
                            .rendition_count = 1};
  MUST(px_journal_begin(kit->journal, error));
  MUST(px_journal_recorded(kit->journal, &facts, error));
  MUST_FAIL(PIXAZO_E_CONFLICT, px_journal_recorded(kit->journal, &facts, error));
  MUST(px_journal_commit(kit->journal, error));
  pixazo_generation *found = NULL;
  MUST(pixazo_repository_find(kit->repository, image[0], &found, error));
  assert_string_equal(generation, pixazo_generation_uuid(found));
  assert_string_equal("{\"delivered\":1}", pixazo_generation_outcome_json(found));
  assert_int_equal(1024, pixazo_generation_image_width(found, 0));
  assert_string_equal("originals/a.png", pixazo_generation_image_key(found, 0));
  assert_string_equal("", pixazo_generation_image_url(found, 0));
  assert_int_equal(1, pixazo_generation_rendition_count(found, 0));
  assert_string_equal("fit-256", pixazo_generation_rendition_name(found, 0, 0));
  assert_int_equal(900, pixazo_generation_rendition_bytes(found, 0, 0));
  assert_non_null(strstr(pixazo_generation_rendition_path(found, 0, 0), "/renditions/a.webp"));
  pixazo_generation_free(found);
}

static void test_journal_end__a_picture_that_is_not_here_yet_says_why_until_it_is(void **state)
{
  journal_kit *kit = *state;
  char generation[PX_UUID_TEXT], attempt[PX_UUID_TEXT], image[2][PX_UUID_TEXT];
  send_one(kit, generation, attempt);
  accept_attempt(kit, generation, attempt, image, 2);
  MUST(record_image(kit->journal, generation, image[0], PIXAZO_IMAGE_EXPECTED, error));
  assert_int_equal(state_of(kit, generation), PIXAZO_GENERATION_ACTIVE);
  assert_int_equal(ask(kit, "SELECT count(*) FROM image WHERE state = 1 AND reason = 'no good'"), 1);
  assert_int_equal(ask(kit, "SELECT count(*) FROM generation WHERE message = 'no good'"), 1);
  MUST(record_image(kit->journal, generation, image[1], PIXAZO_IMAGE_RECORDED, error));
  assert_int_equal(ask(kit, "SELECT count(*) FROM generation WHERE message = 'no good'"), 1); /* it is of the other one */
  MUST(record_image(kit->journal, generation, image[0], PIXAZO_IMAGE_RECORDED, error));
  assert_int_equal(state_of(kit, generation), PIXAZO_GENERATION_DONE);
  assert_int_equal(ask(kit, "SELECT count(*) FROM image WHERE reason IS NULL"), 2);
  assert_int_equal(ask(kit, "SELECT count(*) FROM generation WHERE message IS NULL"), 1);
  MUST_FAIL(PIXAZO_E_CONFLICT, record_image(kit->journal, generation, image[0], PIXAZO_IMAGE_EXPECTED, error));
}

static void test_journal_end__a_recorded_picture_needs_its_facts(void **state)
{
  journal_kit *kit = *state;
  char generation[PX_UUID_TEXT], attempt[PX_UUID_TEXT], image[1][PX_UUID_TEXT];
  send_one(kit, generation, attempt);
  accept_attempt(kit, generation, attempt, image, 1);
  px_journal_facts facts = {.image = image[0], .generation = generation, .state = PIXAZO_IMAGE_RECORDED};
  MUST(px_journal_begin(kit->journal, error));
  MUST_FAIL(PIXAZO_E_ARGUMENT, px_journal_recorded(kit->journal, &facts, error));
  facts.state = PIXAZO_IMAGE_EXPECTED;
  MUST_FAIL(PIXAZO_E_CONFLICT, px_journal_recorded(kit->journal, &facts, error));
  facts.image = generation;
  MUST_FAIL(PIXAZO_E_NOT_FOUND, px_journal_recorded(kit->journal, &facts, error));
  px_journal_rollback(kit->journal);
}

static void test_journal_end__partial_and_failed_follow_from_the_pictures(void **state)
{
  journal_kit *kit = *state;
  char generation[PX_UUID_TEXT], attempt[PX_UUID_TEXT], images[2][PX_UUID_TEXT];
  send_one(kit, generation, attempt);
  accept_attempt(kit, generation, attempt, images, 2);
  MUST(record_image(kit->journal, generation, images[0], PIXAZO_IMAGE_QUARANTINED, error));
  assert_int_equal(PIXAZO_GENERATION_ACTIVE, state_of(kit, generation));
  MUST(record_image(kit->journal, generation, images[1], PIXAZO_IMAGE_RECORDED, error));
  assert_int_equal(PIXAZO_GENERATION_PARTIAL, state_of(kit, generation));
  pixazo_generation *found = NULL;
  MUST(pixazo_repository_find(kit->repository, generation, &found, error));
  assert_string_equal("no good", pixazo_generation_image_reason(found, 0));
  pixazo_generation_free(found);
  send_one(kit, generation, attempt);
  accept_attempt(kit, generation, attempt, images, 1);
  MUST(record_image(kit->journal, generation, images[0], PIXAZO_IMAGE_LOST, error));
  assert_int_equal(PIXAZO_GENERATION_FAILED, state_of(kit, generation));
}

static void test_journal_end__another_worker_cannot_answer_or_record(void **state)
{
  journal_kit *kit = *state;
  char generation[PX_UUID_TEXT], attempt[PX_UUID_TEXT], image[1][PX_UUID_TEXT];
  send_one(kit, generation, attempt);
  px_journal *other = journal_kit_another(kit);
  px_journal_answer answer = answer_of(generation, attempt, PIXAZO_CLASS_FAILED, PIXAZO_CHARGE_NOT_CHARGED);
  MUST_FAIL(PIXAZO_E_CONFLICT, answer_attempt(other, &answer, error));
  accept_attempt(kit, generation, attempt, image, 1);
  MUST_FAIL(PIXAZO_E_CONFLICT, record_image(other, generation, image[0], PIXAZO_IMAGE_LOST, error));
  MUST(px_journal_begin(other, error));
  MUST_FAIL(PIXAZO_E_CONFLICT, px_journal_end(other, generation, PIXAZO_GENERATION_ABANDONED, "x", error));
  px_journal_rollback(other);
  px_journal_close(other);
  assert_int_equal(PIXAZO_GENERATION_ACTIVE, state_of(kit, generation));
}

static void test_journal_end__what_the_program_said_about_a_picture_is_kept_with_it(void **state)
{
  journal_kit *kit = *state;
  char generation[PX_UUID_TEXT], attempt[PX_UUID_TEXT], images[2][PX_UUID_TEXT];
  send_one(kit, generation, attempt);
  accept_attempt(kit, generation, attempt, images, 2);
  MUST(record_image(kit->journal, generation, images[0], PIXAZO_IMAGE_RECORDED, error));
  px_journal_facts facts = {.image = images[1],
                            .generation = generation,
                            .state = PIXAZO_IMAGE_QUARANTINED,
                            .reason = "withheld",
                            .alt_text = "a barn owl",
                            .safety_json = "{\"stage\":\"output\"}"};
  MUST(px_journal_begin(kit->journal, error));
  MUST(px_journal_recorded(kit->journal, &facts, error));
  MUST(px_journal_commit(kit->journal, error));
  pixazo_generation *found = NULL;
  MUST(pixazo_repository_find(kit->repository, generation, &found, error));
  assert_string_equal("", pixazo_generation_image_safety_json(found, 0));
  assert_string_equal("{\"stage\":\"output\"}", pixazo_generation_image_safety_json(found, 1));
  assert_string_equal("{\"stage\":\"output\"}", pixazo_generation_safety_json(found));
  assert_string_equal("a barn owl", pixazo_generation_image_alt_text(found, 1));
  assert_int_equal(PIXAZO_GENERATION_PARTIAL, pixazo_generation_state(found));
  pixazo_generation_free(found);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, journal_kit_setup, journal_kit_teardown)
  const struct CMUnitTest tests[] = {
      TEST(test_journal_end__the_ledger_leaves_reserved_once_and_by_the_charge),
      TEST(test_journal_end__a_late_answer_resolves_what_was_ambiguous),
      TEST(test_journal_end__a_late_answer_brings_back_what_was_abandoned),
      TEST(test_journal_end__what_is_settled_is_not_answered_again),
      TEST(test_journal_end__a_queue_names_its_pictures_later_and_again_with_fresh_links),
      TEST(test_journal_end__a_queue_may_fail_what_it_accepted_and_give_the_money_back),
      TEST(test_journal_end__a_queue_may_leave_it_open_whether_it_charged),
      TEST(test_journal_end__a_wait_leaves_the_generation_planned_until_then),
      TEST(test_journal_end__the_answer_and_the_links_query_go_once_the_picture_is_here),
      TEST(test_journal_end__a_picture_is_recorded_once_with_its_renditions),
      TEST(test_journal_end__a_picture_that_is_not_here_yet_says_why_until_it_is),
      TEST(test_journal_end__a_recorded_picture_needs_its_facts),
      TEST(test_journal_end__partial_and_failed_follow_from_the_pictures),
      TEST(test_journal_end__another_worker_cannot_answer_or_record),
      TEST(test_journal_end__what_the_program_said_about_a_picture_is_kept_with_it),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
