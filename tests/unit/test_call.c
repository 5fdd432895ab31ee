/* SPDX-License-Identifier: MIT */
/* One paid call, and what a killed process leaves of it. */
#include "pipeline/stepped.h"
#include "support/testing.h"

static const char small[] = "{\"prompt\":\"small\",\"width\":16,\"height\":16,\"seed\":1}";

static void expect_recorded(stepped *s, int attempts)
{
  pixazo_generation *record = stepped_record(s);
  assert_int_equal(pixazo_generation_state(record), PIXAZO_GENERATION_DONE);
  assert_int_equal(pixazo_generation_image_state(record, 0), PIXAZO_IMAGE_RECORDED);
  assert_int_equal(pixazo_generation_attempts(record), attempts);
  pixazo_generation_free(record);
  assert_int_equal(kit_files(&s->kit, "originals"), 1);
}

static void test_answer__a_small_one_stands_in_its_row_too(void **state)
{
  stepped *s = *state;
  stepped_die(s, small, stepped_is_answered);
  assert_int_equal(stepped_unspool(s, ".part") + stepped_unspool(s, ".answer"), 1);
  kit_open(&s->kit);
  stepped_resume(s, PIXAZO_RESUME_PAID, "\"done\":1");
  expect_recorded(s, 1);
}

static void test_answer__that_repeats_the_key_is_sealed_in_the_spool(void **state)
{
  stepped *s = *state;
  s->kit.client_options.api_key = "offline"; /* every answer file of this provider names it */
  stepped_die(s, small, stepped_is_answered);
  kit_open(&s->kit);
  stepped_resume(s, PIXAZO_RESUME_PAID, "\"done\":1");
  expect_recorded(s, 1);
}

static void test_answer__that_repeats_the_key_has_no_copy_in_its_row(void **state)
{
  stepped *s = *state;
  s->kit.client_options.api_key = "offline";
  stepped_die(s, small, stepped_is_answered);
  assert_int_equal(stepped_unspool(s, ".part"), 0);
  assert_int_equal(stepped_unspool(s, ".answer"), 1);
  kit_open(&s->kit);
  stepped_resume(s, PIXAZO_RESUME_PAID, "");
  pixazo_generation *record = stepped_record(s);
  assert_int_not_equal(pixazo_generation_state(record), PIXAZO_GENERATION_DONE);
  pixazo_generation_free(record);
}

static void test_call__cut_off_before_its_answer_is_not_repeated(void **state)
{
  stepped *s = *state;
  stepped_die(s, small, stepped_is_sent);
  kit_open(&s->kit);
  stepped_resume(s, PIXAZO_RESUME_CONTINUE, "\"failed\":1");
  pixazo_generation *record = stepped_record(s);
  assert_int_equal(pixazo_generation_state(record), PIXAZO_GENERATION_FAILED);
  assert_int_equal(pixazo_generation_attempts(record), 1);
  pixazo_generation_free(record);
  assert_int_equal(kit_files(&s->kit, "originals"), 0);
}

static void test_call__is_withheld_when_the_process_slept_before_it(void **state)
{
  stepped *s = *state;
  pixazo_error *error = NULL;
  kit_open(&s->kit);
  char *id = kit_add(&s->kit, small);
  stepped_until(s, id, stepped_is_sent);
  s->clock.alive_us += PX_ASLEEP_US + 1;
  assert_status(pixazo_pipeline_wait(s->kit.pipeline, id, 1000, NULL, NULL, &error), PIXAZO_E_STATE);
  assert_int_equal(pixazo_error_class(error), PIXAZO_CLASS_NOT_SENT);
  pixazo_error_free(error);
  assert_int_equal(kit_files(&s->kit, "originals"), 0);
  assert_int_equal(stepped_unspool(s, ".part"), 0);
  pixazo_free(id);
}

static bool is_sent_and_told(const px_job *job)
{
  if (!stepped_is_sent(job))
    return false;
  assert_int_equal(job->synced.last.stage, PIXAZO_STAGE_GENERATING);
  return true;
}

static void test_call__tells_that_it_is_sent_before_anything_is_answered(void **state)
{
  stepped *s = *state;
  kit_open(&s->kit);
  char *id = kit_add(&s->kit, small);
  stepped_until(s, id, is_sent_and_told);
  pixazo_free(id);
}

static void test_call__gives_its_slot_back_and_leaves_no_answer(void **state)
{
  stepped *s = *state;
  kit_open(&s->kit);
  char *id = kit_add(&s->kit, small);
  stepped_until(s, id, stepped_is_sent);
  assert_int_equal(s->kit.pipeline->synced.in_flight, 1);
  assert_int_equal(stepped_unspool(s, ".answer"), 0);
  px_pipeline_pump(s->kit.pipeline);
  assert_int_equal(s->kit.pipeline->synced.in_flight, 0);
  assert_int_equal(stepped_unspool(s, ".part") + stepped_unspool(s, ".answer"), 0);
  expect_recorded(s, 1);
  pixazo_free(id);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_answer__a_small_one_stands_in_its_row_too, stepped_setup, stepped_teardown),
      cmocka_unit_test_setup_teardown(test_answer__that_repeats_the_key_is_sealed_in_the_spool, stepped_setup,
                                      stepped_teardown),
      cmocka_unit_test_setup_teardown(test_answer__that_repeats_the_key_has_no_copy_in_its_row, stepped_setup,
                                      stepped_teardown),
      cmocka_unit_test_setup_teardown(test_call__cut_off_before_its_answer_is_not_repeated, stepped_setup, stepped_teardown),
      cmocka_unit_test_setup_teardown(test_call__is_withheld_when_the_process_slept_before_it, stepped_setup,
                                      stepped_teardown),
      cmocka_unit_test_setup_teardown(test_call__tells_that_it_is_sent_before_anything_is_answered, stepped_setup,
                                      stepped_teardown),
      cmocka_unit_test_setup_teardown(test_call__gives_its_slot_back_and_leaves_no_answer, stepped_setup, stepped_teardown),
  };
  return cmocka_run_group_tests_name("call", tests, NULL, NULL);
}
