/* SPDX-License-Identifier: MIT */
/* Adding, waiting, cancelling: what is let in. */
#include "base/error.h"
#include "pipeline/stepped.h"
#include "support/testing.h"

static const char unknown_id[] = "00000000-0000-7000-8000-000000000000";
static const char keyed[] = "{\"prompt\":\"once\",\"width\":16,\"height\":16,\"idempotency_key\":\"k1\"}";

/* The call must fail with the status, and say why. */
#define expect_refusal(call, wanted) \
  do {                               \
    pixazo_error *error = NULL;      \
    assert_status((call), (wanted)); \
    assert_non_null(error);          \
    pixazo_error_free(error);        \
  } while (0)

static void test_door__wrong_arguments_are_refused(void **state)
{
  stepped *s = *state;
  kit_open(&s->kit);
  pixazo_pipeline *p = s->kit.pipeline;
  pixazo_request *request = NULL;
  pixazo_error *failure = NULL;
  char *id = NULL;
  assert_ok(pixazo_request_new("x", &request, &failure), failure);
  expect_refusal(pixazo_pipeline_add(NULL, request, NULL, &id, &error), PIXAZO_E_ARGUMENT);
  expect_refusal(pixazo_pipeline_add(p, NULL, NULL, &id, &error), PIXAZO_E_ARGUMENT);
  expect_refusal(pixazo_pipeline_add(p, request, "not-a-uuid", &id, &error), PIXAZO_E_ARGUMENT);
  assert_null(id);
  expect_refusal(pixazo_pipeline_wait(NULL, unknown_id, 0, NULL, NULL, &error), PIXAZO_E_ARGUMENT);
  expect_refusal(pixazo_pipeline_wait(p, "42", 0, NULL, NULL, &error), PIXAZO_E_ARGUMENT);
  expect_refusal(pixazo_pipeline_wait(p, NULL, 0, NULL, NULL, &error), PIXAZO_E_ARGUMENT);
  expect_refusal(pixazo_pipeline_cancel(p, "42", PIXAZO_CANCEL_SOFT, &error), PIXAZO_E_ARGUMENT);
  assert_int_equal(pixazo_pipeline_open_count(p), 0);
  pixazo_request_free(request);
}

static void test_door__an_unknown_generation_is_not_found(void **state)
{
  stepped *s = *state;
  kit_open(&s->kit);
  expect_refusal(pixazo_pipeline_wait(s->kit.pipeline, unknown_id, 0, NULL, NULL, &error), PIXAZO_E_NOT_FOUND);
  expect_refusal(pixazo_pipeline_cancel(s->kit.pipeline, unknown_id, PIXAZO_CANCEL_SOFT, &error), PIXAZO_E_NOT_FOUND);
}

static void test_wait__without_time_says_again_and_changes_nothing(void **state)
{
  stepped *s = *state;
  pixazo_error *error = NULL;
  pixazo_generation *record = NULL;
  kit_open(&s->kit);
  char *id = kit_add(&s->kit, "{\"prompt\":\"a\",\"width\":16,\"height\":16}");
  assert_status(pixazo_pipeline_wait(s->kit.pipeline, id, 0, NULL, &record, &error), PIXAZO_E_AGAIN);
  assert_null(record);
  assert_null(error);
  pixazo_generation_free(kit_wait(&s->kit, id));
  pixazo_free(id);
}

static void test_add__finds_the_generation_of_a_key_that_is_open_or_recorded(void **state)
{
  stepped *s = *state;
  kit_open(&s->kit);
  char *first = kit_add(&s->kit, keyed);
  char *open = kit_add(&s->kit, keyed);
  assert_string_equal(open, first);
  assert_int_equal(pixazo_pipeline_open_count(s->kit.pipeline), 1);
  px_pipeline_pump(s->kit.pipeline);
  char *recorded = kit_add(&s->kit, keyed);
  assert_string_equal(recorded, first);
  assert_int_equal(pixazo_pipeline_open_count(s->kit.pipeline), 0);
  pixazo_free(first);
  pixazo_free(open);
  pixazo_free(recorded);
}

static void test_add__an_id_that_lost_the_race_for_its_key_stands_for_the_winner(void **state)
{
  stepped *s = *state;
  pixazo_error *error = NULL;
  pixazo_generation *record = NULL;
  kit_open(&s->kit);
  pixazo_pipeline *winner = s->kit.pipeline;
  s->kit.pipeline = NULL;
  kit_open(&s->kit); /* another one over the same handles */
  char *late = kit_add(&s->kit, keyed);
  pixazo_pipeline *loser = s->kit.pipeline;
  s->kit.pipeline = winner;
  char *early = kit_add(&s->kit, keyed);
  assert_string_not_equal(late, early);
  px_pipeline_pump(winner);
  assert_ok(pixazo_pipeline_wait(loser, late, 1000, NULL, &record, &error), error);
  assert_string_equal(pixazo_generation_uuid(record), early);
  assert_int_equal(pixazo_generation_attempts(record), 1);
  pixazo_generation_free(record);
  pixazo_pipeline_free(loser);
  pixazo_free(late);
  pixazo_free(early);
  assert_int_equal(kit_files(&s->kit, "originals"), 1);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_door__wrong_arguments_are_refused, stepped_setup, stepped_teardown),
      cmocka_unit_test_setup_teardown(test_door__an_unknown_generation_is_not_found, stepped_setup, stepped_teardown),
      cmocka_unit_test_setup_teardown(test_wait__without_time_says_again_and_changes_nothing, stepped_setup,
                                      stepped_teardown),
      cmocka_unit_test_setup_teardown(test_add__finds_the_generation_of_a_key_that_is_open_or_recorded, stepped_setup,
                                      stepped_teardown),
      cmocka_unit_test_setup_teardown(test_add__an_id_that_lost_the_race_for_its_key_stands_for_the_winner, stepped_setup,
                                      stepped_teardown),
  };
  return cmocka_run_group_tests_name("door", tests, NULL, NULL);
}
