/* SPDX-License-Identifier: MIT */
/* What a program decides: to give a generation up, or to try it again. */
#include <stdlib.h>
#include <string.h>

#include "pipeline/stepped.h"
#include "support/testing.h"

static const char small[] = "{\"prompt\":\"small\",\"width\":16,\"height\":16,\"seed\":1}";
static const char keyed[] = "{\"prompt\":\"small\",\"width\":16,\"height\":16,\"seed\":1,\"idempotency_key\":\"k\"}";

static void test_abandon__ends_what_a_closed_pipeline_left_planned(void **state)
{
  stepped *s = *state;
  pixazo_error *error = NULL;
  kit_open(&s->kit);
  char *id = kit_add(&s->kit, small);
  char *other = kit_add(&s->kit, "{\"prompt\":\"other\",\"width\":16,\"height\":16}");
  kit_close(&s->kit);
  kit_open(&s->kit);
  assert_ok(pixazo_pipeline_abandon(s->kit.pipeline, id, &error), error);
  stepped_resume(s, PIXAZO_RESUME_CONTINUE, "\"resumed\":1,\"done\":1"); /* the other one is as it was */
  pixazo_generation *record = NULL;
  assert_ok(pixazo_repository_find(s->kit.repository, id, &record, &error), error);
  assert_int_equal(pixazo_generation_state(record), PIXAZO_GENERATION_ABANDONED);
  assert_int_equal(pixazo_generation_attempts(record), 0);
  pixazo_generation_free(record);
  pixazo_free(other);
  pixazo_free(id);
}

static void test_abandon__leaves_what_is_paid_to_resume(void **state)
{
  stepped *s = *state;
  pixazo_error *error = NULL;
  stepped_die(s, small, stepped_is_answered);
  kit_open(&s->kit);
  pixazo_generation *record = stepped_record(s);
  assert_status(pixazo_pipeline_abandon(s->kit.pipeline, pixazo_generation_uuid(record), &error), PIXAZO_E_CONFLICT);
  pixazo_error_free(error);
  stepped_resume(s, PIXAZO_RESUME_PAID, "\"resumed\":1,\"done\":1");
  pixazo_generation_free(record);
}

static void test_abandon__ends_what_is_planned_and_refuses_what_is_open(void **state)
{
  stepped *s = *state;
  pixazo_error *error = NULL;
  kit_open(&s->kit);
  char *id = kit_add(&s->kit, small);
  assert_status(pixazo_pipeline_abandon(s->kit.pipeline, id, &error), PIXAZO_E_STATE);
  pixazo_error_free(error);
  error = NULL;
  kit_close(&s->kit);
  kit_open(&s->kit);
  stepped_resume(s, PIXAZO_RESUME_PAID, "\"planned\":1"); /* takes it over from the closed one */
  assert_ok(pixazo_pipeline_abandon(s->kit.pipeline, id, &error), error);
  stepped_resume(s, PIXAZO_RESUME_CONTINUE, "\"resumed\":0");
  pixazo_generation *record = stepped_record(s);
  assert_int_equal(pixazo_generation_state(record), PIXAZO_GENERATION_ABANDONED);
  pixazo_generation_free(record);
  pixazo_free(id);
}

static pixazo_generation *find(stepped *s, const char *id)
{
  pixazo_error *error = NULL;
  pixazo_generation *record = NULL;
  assert_ok(pixazo_repository_find(s->kit.repository, id, &record, &error), error);
  return record;
}

static void expect_state(stepped *s, const char *id, int32_t wanted)
{
  pixazo_generation *record = find(s, id);
  assert_int_equal(pixazo_generation_state(record), wanted);
  pixazo_generation_free(record);
}

/* Adds a request that ends so; its id. */
static char *fail_one(stepped *s, const char *script, const char *json, pixazo_status wanted)
{
  pixazo_error *error = NULL;
  s->kit.client_options.offline_script = script;
  s->kit.client_options.max_retries = PIXAZO_NO_RETRY;
  kit_open(&s->kit);
  char *id = kit_add(&s->kit, json);
  assert_status(pixazo_pipeline_wait(s->kit.pipeline, id, 1000, NULL, NULL, &error), wanted);
  pixazo_error_free(error);
  return id;
}

static char *retry(stepped *s, const char *id)
{
  pixazo_error *error = NULL;
  char *again = NULL;
  assert_ok(pixazo_pipeline_retry(s->kit.pipeline, id, &again, &error), error);
  assert_string_not_equal(again, id);
  return again;
}

static void refuse_retry(stepped *s, const char *id, pixazo_status wanted)
{
  pixazo_error *error = NULL;
  char *again = NULL;
  assert_status(pixazo_pipeline_retry(s->kit.pipeline, id, &again, &error), wanted);
  assert_null(again);
  pixazo_error_free(error);
}

/* Of the only budget. */
static bool budget_says(stepped *s, const char *member)
{
  char *text = NULL;
  pixazo_error *error = NULL;
  assert_ok(pixazo_repository_budgets(s->kit.repository, &text, &error), error);
  bool says = strstr(text, member) != NULL;
  pixazo_free(text);
  return says;
}

static const char doubt_then_good[] = "{\"price_micros\":30,\"calls\":[{\"class\":\"ambiguous\"},{}]}";

static void test_retry__of_what_is_in_doubt_abandons_it_and_its_bound_goes_on_counting(void **state)
{
  stepped *s = *state;
  char *id = fail_one(s, doubt_then_good, small, PIXAZO_E_AMBIGUOUS);
  assert_int_equal(pixazo_repository_set_budget(s->kit.repository, "{\"cap_micros\":60}", NULL), PIXAZO_OK);
  char *again = retry(s, id);
  pixazo_generation *record = kit_wait(&s->kit, again);
  assert_string_equal(record->parent, id);
  assert_string_equal(record->relation, "retry_of");
  pixazo_generation *old = find(s, id);
  assert_int_equal(pixazo_generation_state(old), PIXAZO_GENERATION_ABANDONED);
  assert_non_null(strstr(pixazo_generation_message(old), again));
  assert_string_equal(pixazo_generation_effective_json(record), pixazo_generation_effective_json(old));
  assert_true(budget_says(s, "\"used_micros\":60,\"settled_micros\":30,\"open_micros\":30"));
  refuse_retry(s, id, PIXAZO_E_STATE); /* it was given up */
  refuse_retry(s, again, PIXAZO_E_STATE); /* it is done */
  pixazo_generation_free(old);
  pixazo_generation_free(record);
  pixazo_free(again);
  pixazo_free(id);
}

static void test_retry__that_the_budget_forbids_stays_planned_and_can_be_tried_again(void **state)
{
  stepped *s = *state;
  pixazo_error *error = NULL;
  char *id = fail_one(s, doubt_then_good, small, PIXAZO_E_AMBIGUOUS);
  assert_int_equal(pixazo_repository_set_budget(s->kit.repository, "{\"cap_micros\":59}", NULL), PIXAZO_OK);
  char *again = retry(s, id);
  assert_status(pixazo_pipeline_wait(s->kit.pipeline, again, 1000, NULL, NULL, &error), PIXAZO_E_BUDGET);
  pixazo_error_free(error);
  expect_state(s, again, PIXAZO_GENERATION_PLANNED);
  assert_int_equal(pixazo_repository_set_budget(s->kit.repository, "{\"cap_micros\":60}", NULL), PIXAZO_OK);
  char *third = retry(s, again);
  pixazo_generation_free(kit_wait(&s->kit, third));
  expect_state(s, again, PIXAZO_GENERATION_ABANDONED);
  expect_state(s, id, PIXAZO_GENERATION_ABANDONED);
  pixazo_free(third);
  pixazo_free(again);
  pixazo_free(id);
}

static void test_retry__of_what_failed_leaves_its_record_as_it_is_and_is_made_once(void **state)
{
  stepped *s = *state;
  char *id = fail_one(s, "[{\"class\":\"failed\"},{\"class\":\"blocked\"},{}]", small, PIXAZO_E_PROVIDER);
  char *again = retry(s, id);
  refuse_retry(s, id, PIXAZO_E_EXISTS); /* that try is on its way */
  px_pipeline_pump(s->kit.pipeline);
  expect_state(s, again, PIXAZO_GENERATION_BLOCKED);
  char *third = retry(s, id); /* the try has failed, so another is no double */
  pixazo_generation_free(kit_wait(&s->kit, third));
  expect_state(s, id, PIXAZO_GENERATION_FAILED);
  refuse_retry(s, id, PIXAZO_E_EXISTS);
  pixazo_free(third);
  pixazo_free(again);
  pixazo_free(id);
}

static void test_retry__takes_the_idempotency_key_over(void **state)
{
  stepped *s = *state;
  char *id = fail_one(s, doubt_then_good, keyed, PIXAZO_E_AMBIGUOUS);
  char *again = retry(s, id);
  pixazo_generation_free(kit_wait(&s->kit, again));
  char *same = kit_add(&s->kit, keyed);
  assert_string_equal(same, again); /* and nothing is sent */
  pixazo_free(same);
  pixazo_free(again);
  pixazo_free(id);
}

static void test_retry__of_what_was_cancelled_or_left_planned_sends_it(void **state)
{
  stepped *s = *state;
  pixazo_error *error = NULL;
  kit_open(&s->kit);
  char *cancelled = kit_add(&s->kit, small);
  assert_ok(pixazo_pipeline_cancel(s->kit.pipeline, cancelled, PIXAZO_CANCEL_SOFT, &error), error);
  px_pipeline_pump(s->kit.pipeline);
  char *planned = kit_add(&s->kit, "{\"prompt\":\"other\",\"width\":16,\"height\":16}");
  refuse_retry(s, planned, PIXAZO_E_STATE); /* it is worked on */
  kit_close(&s->kit);
  kit_open(&s->kit);
  char *first = retry(s, cancelled), *second = retry(s, planned);
  pixazo_generation_free(kit_wait(&s->kit, first));
  pixazo_generation_free(kit_wait(&s->kit, second));
  expect_state(s, cancelled, PIXAZO_GENERATION_CANCELLED);
  expect_state(s, planned, PIXAZO_GENERATION_ABANDONED);
  refuse_retry(s, "01980000-0000-7000-8000-000000000000", PIXAZO_E_NOT_FOUND);
  refuse_retry(s, "nonsense", PIXAZO_E_ARGUMENT);
  pixazo_free(first);
  pixazo_free(second);
  pixazo_free(cancelled);
  pixazo_free(planned);
}

int main(void)
{
#define STEPPED(name) cmocka_unit_test_setup_teardown(name, stepped_setup, stepped_teardown)
  const struct CMUnitTest tests[] = {
      STEPPED(test_abandon__ends_what_a_closed_pipeline_left_planned),
      STEPPED(test_abandon__leaves_what_is_paid_to_resume),
      STEPPED(test_abandon__ends_what_is_planned_and_refuses_what_is_open),
      STEPPED(test_retry__of_what_is_in_doubt_abandons_it_and_its_bound_goes_on_counting),
      STEPPED(test_retry__that_the_budget_forbids_stays_planned_and_can_be_tried_again),
      STEPPED(test_retry__of_what_failed_leaves_its_record_as_it_is_and_is_made_once),
      STEPPED(test_retry__takes_the_idempotency_key_over),
      STEPPED(test_retry__of_what_was_cancelled_or_left_planned_sends_it),
  };
  return cmocka_run_group_tests_name("decide", tests, NULL, NULL);
}
