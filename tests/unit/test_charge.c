/* SPDX-License-Identifier: MIT */
/* Each row of the charge rules, for each kind of provider row. */
#include "support/testing.h"

#include "client/charge.h"

static const px_billing silent = {.rule = "says nothing about errors"};
static const px_billing honest = {
    .rule = "errors are free", .errors_unbilled = true, .empty_unbilled = true, .blocked = PX_BILLED_NO};
static const px_billing blocks_cost = {.rule = "blocked prompts cost", .blocked = PX_BILLED_YES};

static px_charge_case sent(int32_t http_status, const px_billing *billing)
{
  return (px_charge_case){.body_asked = true,
                          .head_complete = http_status != 0,
                          .http_status = http_status,
                          .author = PX_AUTHOR_PROVIDER,
                          .whole = true,
                          .billing = billing};
}

static void expect(px_charge_case facts, int32_t attempt_class, int32_t charge)
{
  px_charge_verdict found = px_charge_decide(&facts);
  if (found.attempt_class != attempt_class || found.charge != charge)
    fail_msg("HTTP %d: %s with charge %d, not %s with %d", facts.http_status, pixazo_class_name(found.attempt_class),
             found.charge, pixazo_class_name(attempt_class), charge);
}

static void test_charge__nothing_was_sent_when_the_body_was_never_asked_for(void **state)
{
  (void)state;
  px_charge_case facts = {.billing = &silent};
  expect(facts, PIXAZO_CLASS_NOT_SENT, PIXAZO_CHARGE_NOT_CHARGED);
  facts.head_complete = true;
  facts.http_status = 503;
  expect(facts, PIXAZO_CLASS_NOT_SENT, PIXAZO_CHARGE_NOT_CHARGED);
  facts.http_status = 408;
  expect(facts, PIXAZO_CLASS_NOT_SENT, PIXAZO_CHARGE_NOT_CHARGED);
}

static void test_charge__a_refusal_is_free(void **state)
{
  (void)state;
  static const int32_t statuses[] = {301, 307, 400, 401, 402, 403, 404, 409, 413, 422, 425, 429, 529};
  for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
    expect(sent(statuses[i], &silent), PIXAZO_CLASS_REFUSED, PIXAZO_CHARGE_NOT_CHARGED);
    px_charge_case cut = sent(statuses[i], &silent);
    cut.whole = false;
    expect(cut, PIXAZO_CLASS_REFUSED, PIXAZO_CHARGE_NOT_CHARGED);
  }
}

static void test_charge__overload_is_a_refusal_only_where_it_says_so(void **state)
{
  (void)state;
  px_charge_case waits = sent(503, &silent);
  waits.retry_after = true;
  expect(waits, PIXAZO_CLASS_REFUSED, PIXAZO_CHARGE_NOT_CHARGED);
  px_charge_case says = sent(503, &silent);
  says.overload = true;
  expect(says, PIXAZO_CLASS_REFUSED, PIXAZO_CHARGE_NOT_CHARGED);
  says.author = PX_AUTHOR_FOREIGN;
  expect(says, PIXAZO_CLASS_AMBIGUOUS, PIXAZO_CHARGE_UNKNOWN);
  expect(sent(503, &silent), PIXAZO_CLASS_AMBIGUOUS, PIXAZO_CHARGE_UNKNOWN);
}

static void test_charge__a_block_costs_what_the_row_says(void **state)
{
  (void)state;
  px_charge_case as_error = sent(400, &silent);
  as_error.policy = true;
  expect(as_error, PIXAZO_CLASS_BLOCKED, PIXAZO_CHARGE_NOT_CHARGED);
  px_charge_case as_success = sent(200, &silent);
  as_success.policy = true;
  expect(as_success, PIXAZO_CLASS_BLOCKED, PIXAZO_CHARGE_UNKNOWN);
  as_success.billing = &honest;
  expect(as_success, PIXAZO_CLASS_BLOCKED, PIXAZO_CHARGE_NOT_CHARGED);
  as_success.billing = &blocks_cost;
  expect(as_success, PIXAZO_CLASS_BLOCKED, PIXAZO_CHARGE_CHARGED);
  as_error.author = PX_AUTHOR_FOREIGN;
  expect(as_error, PIXAZO_CLASS_REFUSED, PIXAZO_CHARGE_NOT_CHARGED);
}

static void test_charge__a_failure_in_own_words_is_free_only_where_the_row_states_it(void **state)
{
  (void)state;
  expect(sent(500, &honest), PIXAZO_CLASS_FAILED, PIXAZO_CHARGE_NOT_CHARGED);
  expect(sent(500, &silent), PIXAZO_CLASS_AMBIGUOUS, PIXAZO_CHARGE_UNKNOWN);
  px_charge_case cut = sent(500, &honest);
  cut.whole = false;
  expect(cut, PIXAZO_CLASS_AMBIGUOUS, PIXAZO_CHARGE_UNKNOWN);
  px_charge_case queue = sent(200, &honest);
  queue.queue_failed = true;
  expect(queue, PIXAZO_CLASS_FAILED, PIXAZO_CHARGE_NOT_CHARGED);
  queue.billing = &silent;
  expect(queue, PIXAZO_CLASS_AMBIGUOUS, PIXAZO_CHARGE_UNKNOWN);
}

static void test_charge__machines_on_the_way_know_nothing(void **state)
{
  (void)state;
  static const int32_t statuses[] = {408, 502, 504, 520, 524, 527};
  for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++)
    expect(sent(statuses[i], &honest), PIXAZO_CLASS_AMBIGUOUS, PIXAZO_CHARGE_UNKNOWN);
  px_charge_case foreign = sent(500, &honest);
  foreign.author = PX_AUTHOR_FOREIGN;
  expect(foreign, PIXAZO_CLASS_AMBIGUOUS, PIXAZO_CHARGE_UNKNOWN);
  foreign.author = PX_AUTHOR_NOBODY;
  expect(foreign, PIXAZO_CLASS_AMBIGUOUS, PIXAZO_CHARGE_UNKNOWN);
  expect(sent(0, &honest), PIXAZO_CLASS_AMBIGUOUS, PIXAZO_CHARGE_UNKNOWN);
  expect(sent(700, &honest), PIXAZO_CLASS_AMBIGUOUS, PIXAZO_CHARGE_UNKNOWN);
  expect(sent(199, &honest), PIXAZO_CLASS_AMBIGUOUS, PIXAZO_CHARGE_UNKNOWN);
}

static void test_charge__an_empty_success_costs_what_the_row_says(void **state)
{
  (void)state;
  expect(sent(200, &silent), PIXAZO_CLASS_EMPTY, PIXAZO_CHARGE_UNKNOWN);
  expect(sent(204, &honest), PIXAZO_CLASS_EMPTY, PIXAZO_CHARGE_NOT_CHARGED);
}

static void test_charge__a_cut_or_unreadable_success_is_lost_and_paid(void **state)
{
  (void)state;
  px_charge_case cut = sent(200, &honest);
  cut.whole = false;
  cut.pictures = 1;
  expect(cut, PIXAZO_CLASS_LOST, PIXAZO_CHARGE_CHARGED);
  px_charge_case page = sent(200, &honest);
  page.unreadable = true;
  page.author = PX_AUTHOR_FOREIGN;
  expect(page, PIXAZO_CLASS_LOST, PIXAZO_CHARGE_CHARGED);
}

static void test_charge__pictures_and_ids_are_accepted(void **state)
{
  (void)state;
  px_charge_case pictures = sent(200, &silent);
  pictures.pictures = 2;
  expect(pictures, PIXAZO_CLASS_ACCEPTED, PIXAZO_CHARGE_CHARGED);
  px_charge_case queue = sent(202, &silent);
  queue.accepted_id = true;
  expect(queue, PIXAZO_CLASS_ACCEPTED, PIXAZO_CHARGE_CHARGED);
}

/* The whole table once more where nothing is billed: nothing is charged, and no doubt stops anybody. */
static void test_charge__where_nothing_is_billed_doubt_is_only_failure(void **state)
{
  (void)state;
  for (int32_t http_status = 0; http_status < 600; http_status++) {
    px_charge_case facts = sent(http_status, &silent);
    facts.unbilled = true;
    px_charge_verdict found = px_charge_decide(&facts);
    assert_int_equal(found.charge, PIXAZO_CHARGE_NOT_CHARGED);
    assert_int_not_equal(found.attempt_class, PIXAZO_CLASS_AMBIGUOUS);
    assert_int_not_equal(found.attempt_class, PIXAZO_CLASS_EMPTY);
    assert_int_not_equal(found.attempt_class, PIXAZO_CLASS_LOST);
  }
  px_charge_case refused = sent(429, &silent);
  refused.unbilled = true;
  expect(refused, PIXAZO_CLASS_REFUSED, PIXAZO_CHARGE_NOT_CHARGED);
}

/* The built-in rows: a change of what they claim must be seen here. */
static void test_charge__built_in_rows_claim_no_more_than_they_can_show(void **state)
{
  (void)state;
  const px_billing *pixazo = &px_provider_pixazo.billing;
  assert_false(pixazo->none);
  assert_false(pixazo->errors_unbilled);
  assert_false(pixazo->empty_unbilled);
  assert_int_equal(pixazo->blocked, PX_BILLED_UNKNOWN);
  expect(sent(500, pixazo), PIXAZO_CLASS_AMBIGUOUS, PIXAZO_CHARGE_UNKNOWN);
  expect(sent(200, pixazo), PIXAZO_CLASS_EMPTY, PIXAZO_CHARGE_UNKNOWN);
  const px_billing *offline = &px_provider_offline.billing;
  assert_true(offline->none);
  expect(sent(500, offline), PIXAZO_CLASS_FAILED, PIXAZO_CHARGE_NOT_CHARGED);
  for (size_t i = 0; i < px_provider_count(); i++) {
    assert_non_null(px_provider_at(i)->billing.rule);
    assert_non_null(px_provider_at(i)->billing.source);
    assert_non_null(px_provider_at(i)->billing.date);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_charge__nothing_was_sent_when_the_body_was_never_asked_for),
      cmocka_unit_test(test_charge__a_refusal_is_free),
      cmocka_unit_test(test_charge__overload_is_a_refusal_only_where_it_says_so),
      cmocka_unit_test(test_charge__a_block_costs_what_the_row_says),
      cmocka_unit_test(test_charge__a_failure_in_own_words_is_free_only_where_the_row_states_it),
      cmocka_unit_test(test_charge__machines_on_the_way_know_nothing),
      cmocka_unit_test(test_charge__an_empty_success_costs_what_the_row_says),
      cmocka_unit_test(test_charge__a_cut_or_unreadable_success_is_lost_and_paid),
      cmocka_unit_test(test_charge__pictures_and_ids_are_accepted),
      cmocka_unit_test(test_charge__where_nothing_is_billed_doubt_is_only_failure),
      cmocka_unit_test(test_charge__built_in_rows_claim_no_more_than_they_can_show),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
