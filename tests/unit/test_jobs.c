/* SPDX-License-Identifier: MIT */
/* The table of open jobs, and when a group leaves it. */
#include <string.h>

#include "base/error.h"
#include "pipeline/stepped.h"
#include "support/testing.h"

static void enter(stepped *s, px_job **jobs, size_t count)
{
  pixazo_error *error = NULL;
  for (size_t i = 0; i < count; i++)
    jobs[i] = stepped_job(s);
  assert_ok(px_jobs_enter(s->kit.pipeline, jobs, count, &error), error);
}

static px_job *find(stepped *s, const char *uuid)
{
  (void)pthread_mutex_lock(&s->kit.pipeline->synced.lock);
  px_job *job = px_jobs_find(s->kit.pipeline, uuid);
  (void)pthread_mutex_unlock(&s->kit.pipeline->synced.lock);
  return job;
}

static void test_jobs__are_found_by_id_once_entered(void **state)
{
  stepped *s = *state;
  px_job *jobs[2];
  kit_open(&s->kit);
  enter(s, jobs, 2);
  assert_ptr_equal(find(s, jobs[0]->uuid), jobs[0]);
  assert_ptr_equal(find(s, jobs[1]->uuid), jobs[1]);
  assert_false(px_jobs_has(s->kit.pipeline, "00000000-0000-7000-8000-000000000000"));
  assert_int_equal(pixazo_pipeline_open_count(s->kit.pipeline), 2);
  assert_ptr_equal(jobs[1]->group->first, jobs[0]);
  px_job_end(jobs[0], PIXAZO_GENERATION_DONE, NULL);
  px_job_end(jobs[1], PIXAZO_GENERATION_DONE, NULL);
}

static void test_jobs__a_group_stays_until_its_last_job_has_ended(void **state)
{
  stepped *s = *state;
  px_job *jobs[2];
  char first[PX_UUID_TEXT];
  kit_open(&s->kit);
  enter(s, jobs, 2);
  memcpy(first, jobs[0]->uuid, sizeof first);
  px_job_end(jobs[0], PIXAZO_GENERATION_DONE, NULL);
  assert_true(px_jobs_has(s->kit.pipeline, first));
  assert_int_equal(pixazo_pipeline_open_count(s->kit.pipeline), 1);
  px_job_end(jobs[1], PIXAZO_GENERATION_DONE, NULL);
  assert_false(px_jobs_has(s->kit.pipeline, first));
  assert_int_equal(pixazo_pipeline_open_count(s->kit.pipeline), 0);
}

static void test_jobs__a_visit_keeps_an_ended_job(void **state)
{
  stepped *s = *state;
  px_job *job;
  pixazo_error *error = NULL;
  char uuid[PX_UUID_TEXT];
  kit_open(&s->kit);
  enter(s, &job, 1);
  memcpy(uuid, job->uuid, sizeof uuid);
  job->synced.visits = 1;
  (void)px_fail(&error, PIXAZO_E_PROVIDER, "broken");
  px_job_end(job, PIXAZO_GENERATION_FAILED, error);
  pixazo_error_free(error);
  assert_ptr_equal(find(s, uuid), job);
  assert_true(job->synced.ended);
  assert_int_equal(job->synced.state, PIXAZO_GENERATION_FAILED);
  assert_string_equal(pixazo_error_generation(job->synced.error), uuid);
  px_job_unvisit(job);
  assert_false(px_jobs_has(s->kit.pipeline, uuid));
}

static void test_jobs__none_enters_a_closing_pipeline(void **state)
{
  stepped *s = *state;
  pixazo_error *error = NULL;
  kit_open(&s->kit);
  px_job *job = stepped_job(s);
  s->kit.pipeline->synced.closing = true;
  assert_true(px_job_stopping(job));
  assert_status(px_jobs_enter(s->kit.pipeline, &job, 1, &error), PIXAZO_E_STATE);
  assert_int_equal(pixazo_pipeline_open_count(s->kit.pipeline), 0);
  pixazo_error_free(error);
  px_job_free(job);
}

static void test_cancel__only_now_cuts_what_is_on_the_wire(void **state)
{
  stepped *s = *state;
  px_job *job;
  kit_open(&s->kit);
  enter(s, &job, 1);
  assert_false(px_job_stopping(job));
  px_job_cancel(job, PIXAZO_CANCEL_SOFT);
  assert_true(px_job_stopping(job));
  assert_int_equal(pixazo_cancel_get(job->unsent), PIXAZO_CANCEL_SOFT);
  assert_int_equal(pixazo_cancel_get(job->token), 0);
  px_job_cancel(job, PIXAZO_CANCEL_NOW);
  assert_int_equal(pixazo_cancel_get(job->token), PIXAZO_CANCEL_NOW);
  px_job_end(job, PIXAZO_GENERATION_CANCELLED, NULL);
}

static void test_may_pass__tells_a_state_of_the_machine_from_a_verdict(void **state)
{
  (void)state;
  assert_true(px_may_pass(PIXAZO_E_IO));
  assert_true(px_may_pass(PIXAZO_E_BUSY));
  assert_true(px_may_pass(PIXAZO_E_NOMEM));
  assert_false(px_may_pass(PIXAZO_OK));
  assert_false(px_may_pass(PIXAZO_E_CORRUPT));
  assert_false(px_may_pass(PIXAZO_E_NOT_FOUND));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_jobs__are_found_by_id_once_entered, stepped_setup, stepped_teardown),
      cmocka_unit_test_setup_teardown(test_jobs__a_group_stays_until_its_last_job_has_ended, stepped_setup,
                                      stepped_teardown),
      cmocka_unit_test_setup_teardown(test_jobs__a_visit_keeps_an_ended_job, stepped_setup, stepped_teardown),
      cmocka_unit_test_setup_teardown(test_jobs__none_enters_a_closing_pipeline, stepped_setup, stepped_teardown),
      cmocka_unit_test_setup_teardown(test_cancel__only_now_cuts_what_is_on_the_wire, stepped_setup, stepped_teardown),
      cmocka_unit_test_setup_teardown(test_may_pass__tells_a_state_of_the_machine_from_a_verdict, stepped_setup,
                                      stepped_teardown),
  };
  return cmocka_run_group_tests_name("jobs", tests, NULL, NULL);
}
