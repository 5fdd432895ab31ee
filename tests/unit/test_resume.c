/* SPDX-License-Identifier: MIT */
/* Going on with what a dead process left. */
#include "pipeline/stepped.h"
#include "support/testing.h"

static const char small[] = "{\"prompt\":\"small\",\"width\":16,\"height\":16,\"seed\":1}";

static void test_resume__unknown_flags_are_refused(void **state)
{
  stepped *s = *state;
  pixazo_error *error = NULL;
  char *report = NULL;
  kit_open(&s->kit);
  assert_status(pixazo_pipeline_resume(s->kit.pipeline, 2, NULL, &report, &error), PIXAZO_E_ARGUMENT);
  assert_null(report);
  pixazo_error_free(error);
}

static void test_resume__reports_nothing_where_nothing_is_left(void **state)
{
  stepped *s = *state;
  kit_open(&s->kit);
  stepped_resume(s, PIXAZO_RESUME_CONTINUE,
                 "{\"schema\":1,\"resumed\":0,\"done\":0,\"partial\":0,\"failed\":0,\"ambiguous\":0,\"lost\":0,"
                 "\"unfinished\":0,\"planned\":0,\"elsewhere\":0}");
}

static void test_resume__finishes_what_was_paid_and_a_second_one_changes_nothing(void **state)
{
  stepped *s = *state;
  stepped_die(s, small, stepped_is_answered);
  kit_open(&s->kit);
  stepped_resume(s, PIXAZO_RESUME_PAID, "\"resumed\":1,\"done\":1,\"partial\":0,\"failed\":0");
  pixazo_generation *first = stepped_record(s);
  stepped_resume(s, PIXAZO_RESUME_CONTINUE, "\"resumed\":0,\"done\":0");
  pixazo_generation *second = stepped_record(s);
  assert_int_equal(pixazo_generation_state(second), PIXAZO_GENERATION_DONE);
  assert_int_equal(pixazo_generation_attempts(second), 1);
  assert_string_equal(pixazo_generation_image_path(second, 0), pixazo_generation_image_path(first, 0));
  assert_int_equal(kit_files(&s->kit, "originals"), 1);
  pixazo_generation_free(first);
  pixazo_generation_free(second);
}

static void test_resume__sends_what_was_planned_only_when_told(void **state)
{
  stepped *s = *state;
  kit_open(&s->kit);
  pixazo_free(kit_add(&s->kit, small));
  kit_close(&s->kit);
  kit_open(&s->kit);
  stepped_resume(s, PIXAZO_RESUME_PAID, "\"planned\":1");
  assert_int_equal(kit_files(&s->kit, "originals"), 0);
  stepped_resume(s, PIXAZO_RESUME_CONTINUE, "\"resumed\":1,\"done\":1");
  assert_int_equal(kit_files(&s->kit, "originals"), 1);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_resume__unknown_flags_are_refused, stepped_setup, stepped_teardown),
      cmocka_unit_test_setup_teardown(test_resume__reports_nothing_where_nothing_is_left, stepped_setup, stepped_teardown),
      cmocka_unit_test_setup_teardown(test_resume__finishes_what_was_paid_and_a_second_one_changes_nothing, stepped_setup,
                                      stepped_teardown),
      cmocka_unit_test_setup_teardown(test_resume__sends_what_was_planned_only_when_told, stepped_setup, stepped_teardown),
  };
  return cmocka_run_group_tests_name("resume", tests, NULL, NULL);
}
