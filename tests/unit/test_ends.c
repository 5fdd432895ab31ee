/* SPDX-License-Identifier: MIT */
/* Waits that come when the generation is over say the same as those that came in time. */
#include <stdio.h>
#include <string.h>

#include "pipeline/stepped.h"
#include "support/testing.h"

static const char fox[] = "{\"prompt\":\"fox\",\"width\":16,\"height\":16}";

static void open_kit(stepped *s, const char *script, int64_t budget_micros)
{
  s->kit.client_options.offline_script = script;
  s->kit.client_options.max_retries = PIXAZO_NO_RETRY;
  s->kit.pipeline_options.budget_micros = budget_micros;
  kit_open(&s->kit);
}

/* What a wait says now; the error is the caller's. */
static pixazo_error *wait_late(stepped *s, const char *id, pixazo_status wanted)
{
  pixazo_error *error = NULL;
  assert_status(pixazo_pipeline_wait(s->kit.pipeline, id, 0, NULL, NULL, &error), wanted);
  return error;
}

static void expect_late(stepped *s, const char *id, pixazo_status wanted, const char *text)
{
  pixazo_error *error = wait_late(s, id, wanted);
  if (!strstr(pixazo_error_message(error), text))
    fail_msg("no \"%s\" in \"%s\"", text, pixazo_error_message(error));
  pixazo_error_free(error);
}

static void test_ends__what_a_budget_denied_says_so_when_it_is_over(void **state)
{
  stepped *s = *state;
  open_kit(s, "{\"price_micros\":30,\"calls\":[]}", 20);
  char *id = kit_add(&s->kit, fox);
  px_pipeline_pump(s->kit.pipeline);
  assert_int_equal(pixazo_pipeline_open_count(s->kit.pipeline), 0);
  expect_late(s, id, PIXAZO_E_BUDGET, "of this run");
  expect_late(s, id, PIXAZO_E_BUDGET, "of this run"); /* as often as it is asked */
  pixazo_free(id);
}

static void test_ends__the_whole_error_is_there_with_its_charge(void **state)
{
  stepped *s = *state;
  open_kit(s, "[{\"class\":\"blocked\"}]", 0);
  char *id = kit_add(&s->kit, fox);
  px_pipeline_pump(s->kit.pipeline);
  pixazo_error *error = wait_late(s, id, PIXAZO_E_REJECTED);
  assert_int_equal(pixazo_error_class(error), PIXAZO_CLASS_BLOCKED);
  assert_string_equal(pixazo_error_generation(error), id);
  pixazo_error_free(error);
  pixazo_free(id);
}

static void test_ends__one_of_the_parts_speaks_for_all(void **state)
{
  stepped *s = *state;
  open_kit(s, "{\"calls\":[{},{\"class\":\"blocked\"},{}]}", 0);
  char *id = kit_add(&s->kit, "{\"prompt\":\"foxes\",\"width\":16,\"height\":16,\"n\":12}");
  px_pipeline_pump(s->kit.pipeline);
  pixazo_generation *record = NULL;
  pixazo_error *error = NULL;
  assert_ok(pixazo_pipeline_wait(s->kit.pipeline, id, 0, NULL, &record, &error), error);
  assert_int_equal(pixazo_generation_state(record), PIXAZO_GENERATION_PARTIAL); /* what came counts more than what did not */
  pixazo_generation_free(record);
  pixazo_free(id);
}

/* Two of three parts are paid and here: who asked for three gets them, and hears why there is no third. */
static void test_ends__what_a_budget_kept_back_hides_nothing_that_came(void **state)
{
  stepped *s = *state;
  open_kit(s, "{\"price_micros\":30,\"calls\":[]}", 70);
  char *id = kit_add(&s->kit, "{\"prompt\":\"foxes\",\"width\":16,\"height\":16,\"n\":3}");
  px_pipeline_pump(s->kit.pipeline);
  for (int round = 0; round < 2; round++) {
    pixazo_generation *record = NULL;
    pixazo_error *error = NULL;
    assert_ok(pixazo_pipeline_wait(s->kit.pipeline, id, 0, NULL, &record, &error), error);
    assert_int_equal(pixazo_generation_state(record), PIXAZO_GENERATION_PARTIAL);
    assert_int_equal(pixazo_generation_image_count(record), 2);
    assert_int_equal(pixazo_generation_cost_micros(record), 60);
    assert_non_null(strstr(pixazo_generation_message(record), "the total budget of this run allows"));
    pixazo_generation_free(record);
  }
  pixazo_free(id);
}

static void test_ends__older_ones_are_told_by_their_records(void **state)
{
  stepped *s = *state;
  open_kit(s, "{\"price_micros\":30,\"calls\":[]}", 20);
  char *first = kit_add(&s->kit, fox);
  for (size_t i = 0; i < PX_ENDS_KEPT; i++) {
    px_pipeline_pump(s->kit.pipeline);
    pixazo_free(kit_add(&s->kit, fox));
  }
  px_pipeline_pump(s->kit.pipeline);
  expect_late(s, first, PIXAZO_E_STATE, "is planned");
  pixazo_free(first);
}

static void test_ends__of_one_that_went_on_since_is_forgotten(void **state)
{
  stepped *s = *state;
  open_kit(s, "{\"price_micros\":30,\"calls\":[]}", 20);
  pixazo_error *error = NULL;
  char *id = kit_add(&s->kit, fox);
  px_pipeline_pump(s->kit.pipeline);
  assert_ok(pixazo_pipeline_abandon(s->kit.pipeline, id, &error), error);
  expect_late(s, id, PIXAZO_E_STATE, "is abandoned");
  pixazo_free(id);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, stepped_setup, stepped_teardown)
  const struct CMUnitTest tests[] = {
      TEST(test_ends__what_a_budget_denied_says_so_when_it_is_over),
      TEST(test_ends__the_whole_error_is_there_with_its_charge),
      TEST(test_ends__one_of_the_parts_speaks_for_all),
      TEST(test_ends__what_a_budget_kept_back_hides_nothing_that_came),
      TEST(test_ends__older_ones_are_told_by_their_records),
      TEST(test_ends__of_one_that_went_on_since_is_forgotten),
  };
  return cmocka_run_group_tests_name("ends", tests, NULL, NULL);
}
