/* SPDX-License-Identifier: MIT */
/* What waits for the program, and how it is told. */
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "pipeline/stepped.h"
#include "support/testing.h"

static px_job *entered(stepped *s)
{
  pixazo_error *error = NULL;
  px_job *job = stepped_job(s);
  assert_ok(px_jobs_enter(s->kit.pipeline, &job, 1, &error), error);
  return job;
}

static pixazo_event *next(stepped *s)
{
  pixazo_event *event = NULL;
  pixazo_error *error = NULL;
  assert_ok(pixazo_pipeline_next_event(s->kit.pipeline, 0, &event, &error), error);
  return event;
}

static void expect_none(stepped *s)
{
  pixazo_event *event = NULL;
  pixazo_error *error = NULL;
  assert_status(pixazo_pipeline_next_event(s->kit.pipeline, 0, &event, &error), PIXAZO_E_AGAIN);
  assert_null(event);
  assert_null(error);
}

static void test_progress__coalesces_while_it_waits(void **state)
{
  stepped *s = *state;
  kit_open(&s->kit);
  px_job *job = entered(s);
  expect_none(s); /* from now on somebody listens */
  px_event_progress(job, PIXAZO_STAGE_PROCESSING, 1, 10);
  px_event_progress(job, PIXAZO_STAGE_DOWNLOADING, 5, 20);
  pixazo_event *event = next(s);
  assert_int_equal(pixazo_event_kind(event), PIXAZO_EVENT_PROGRESS);
  assert_int_equal(pixazo_event_stage(event), PIXAZO_STAGE_DOWNLOADING);
  assert_int_equal(pixazo_event_bytes_done(event), 5);
  assert_int_equal(pixazo_event_bytes_total(event), 20);
  expect_none(s);
  px_event_progress(job, PIXAZO_STAGE_DOWNLOADING, 6, 20); /* the one that was taken stays as it was */
  assert_int_equal(pixazo_event_bytes_done(event), 5);
  pixazo_event_free(event);
  event = next(s);
  assert_int_equal(pixazo_event_bytes_done(event), 6);
  pixazo_event_free(event);
  px_job_end(job, PIXAZO_GENERATION_DONE, NULL);
}

static void test_progress__is_not_kept_while_nobody_listens(void **state)
{
  stepped *s = *state;
  kit_open(&s->kit);
  px_job *job = entered(s);
  px_event_progress(job, PIXAZO_STAGE_PROCESSING, 1, 10);
  assert_int_equal(s->kit.pipeline->synced.event_count, 0);
  px_job_end(job, PIXAZO_GENERATION_DONE, NULL);
  assert_int_equal(s->kit.pipeline->synced.event_count, 1);
}

static int32_t refuse(const pixazo_progress *progress, void *user_data)
{
  assert_true(progress->bytes_done > 0);
  ++*(int *)user_data;
  return 1;
}

static void test_progress__a_hook_that_said_stop_is_not_asked_again(void **state)
{
  stepped *s = *state;
  int asked = 0;
  s->kit.pipeline_options.on_progress = refuse;
  s->kit.pipeline_options.on_progress_data = &asked;
  kit_open(&s->kit);
  px_job *job = entered(s);
  px_event_progress(job, PIXAZO_STAGE_DOWNLOADING, 1, 10);
  assert_int_equal(asked, 0);
  expect_none(s); /* runs the hook; from now on somebody listens */
  assert_int_equal(asked, 1);
  assert_true(atomic_load(&job->soft_cancelled));
  px_event_progress(job, PIXAZO_STAGE_PROCESSING, 2, 10); /* what is paid is still finished */
  pixazo_event_free(next(s));
  assert_int_equal(asked, 1);
  px_job_end(job, PIXAZO_GENERATION_DONE, NULL);
}

static void report_partial(px_job *job, const char *bytes, int32_t index)
{
  pixazo_blob *picture = NULL;
  assert_status(pixazo_blob_new(bytes, strlen(bytes), &picture, NULL), PIXAZO_OK);
  px_event_report(job, &(px_report){.partial = picture, .partial_index = index});
  (void)pixazo_blob_unref(picture);
}

static void expect_partial(const pixazo_event *event, const char *bytes, int32_t index)
{
  pixazo_blob *picture = pixazo_event_partial(event);
  assert_int_equal(pixazo_event_kind(event), PIXAZO_EVENT_PARTIAL);
  assert_int_equal(pixazo_event_partial_index(event), index);
  assert_int_equal(pixazo_blob_size(picture), strlen(bytes));
  assert_memory_equal(pixazo_blob_data(picture), bytes, strlen(bytes));
}

static void test_partial__a_later_one_replaces_one_that_waits(void **state)
{
  stepped *s = *state;
  kit_open(&s->kit);
  px_job *job = entered(s);
  px_job *another = entered(s);
  expect_none(s); /* from now on somebody listens */
  report_partial(job, "first", 0);
  report_partial(another, "of the other", 0);
  report_partial(job, "second", 1);
  pixazo_event *event = next(s);
  expect_partial(event, "second", 1);
  assert_string_equal(pixazo_event_generation(event), job->uuid);
  report_partial(job, "third", 2); /* the one that was taken stays as it was */
  expect_partial(event, "second", 1);
  pixazo_event_free(event);
  event = next(s);
  expect_partial(event, "of the other", 0);
  pixazo_event_free(event);
  event = next(s);
  expect_partial(event, "third", 2);
  pixazo_event_free(event);
  expect_none(s);
  px_job_end(job, PIXAZO_GENERATION_DONE, NULL);
  px_job_end(another, PIXAZO_GENERATION_DONE, NULL);
}

static void test_partial__is_not_kept_while_nobody_looks(void **state)
{
  stepped *s = *state;
  kit_open(&s->kit);
  px_job *job = entered(s);
  report_partial(job, "unseen", 0);
  assert_int_equal(s->kit.pipeline->synced.event_count, 0);
  assert_null(job->synced.shown);
  px_job_end(job, PIXAZO_GENERATION_DONE, NULL);
}

static void test_partial__costs_no_memory_once_its_generation_has_ended(void **state)
{
  stepped *s = *state;
  kit_open(&s->kit);
  px_job *job = entered(s);
  expect_none(s); /* from now on somebody listens */
  report_partial(job, "too late", 3);
  px_job_end(job, PIXAZO_GENERATION_DONE, NULL);
  pixazo_event *event = next(s);
  assert_int_equal(pixazo_event_kind(event), PIXAZO_EVENT_PROGRESS);
  assert_null(pixazo_event_partial(event));
  assert_int_equal(pixazo_event_partial_index(event), 0);
  pixazo_event_free(event);
  event = next(s);
  assert_int_equal(pixazo_event_kind(event), PIXAZO_EVENT_ENDED);
  pixazo_event_free(event);
}

typedef struct looking {
  char told[256];
  int32_t answer; /* to a partial picture */
} looking;

static int32_t look(const pixazo_progress *progress, void *user_data)
{
  looking *self = user_data;
  size_t used = strlen(self->told);
  assert_true((progress->partial != NULL) == (progress->stage == PIXAZO_STAGE_PARTIAL));
  (void)snprintf(self->told + used, sizeof self->told - used, "%d:%d:%.*s:%d/%d;", (int)progress->stage,
                 (int)progress->partial_index, (int)pixazo_blob_size(progress->partial),
                 progress->partial ? (const char *)pixazo_blob_data(progress->partial) : "", (int)progress->work_done,
                 (int)progress->work_total);
  return progress->partial ? self->answer : 0;
}

static px_job *looked_at(stepped *s, looking *heard)
{
  s->kit.pipeline_options.on_progress = look;
  s->kit.pipeline_options.on_progress_data = heard;
  kit_open(&s->kit);
  px_job *job = entered(s);
  px_event_progress(job, PIXAZO_STAGE_GENERATING, 0, 0);
  expect_none(s); /* runs the hook; from now on somebody listens */
  heard->told[0] = '\0';
  return job;
}

static void test_partial__the_hook_sees_the_newest(void **state)
{
  stepped *s = *state;
  looking heard = {.answer = 0};
  px_job *job = looked_at(s, &heard);
  report_partial(job, "a", 0);
  report_partial(job, "b", 1);
  pixazo_event_free(next(s));
  assert_string_equal(heard.told, "5:1:b:0/0;2:0::0/0;");
  report_partial(job, "c", 2);
  px_job_end(job, PIXAZO_GENERATION_DONE, NULL); /* the hook still runs, without what is outdated */
  pixazo_event_free(next(s));
  assert_string_equal(heard.told, "5:1:b:0/0;2:0::0/0;2:0::0/0;");
}

static void test_partial__a_hook_that_stops_is_shown_nothing_more(void **state)
{
  stepped *s = *state;
  looking heard = {.answer = 1};
  px_job *job = looked_at(s, &heard);
  report_partial(job, "a", 0);
  pixazo_event_free(next(s));
  assert_string_equal(heard.told, "5:0:a:0/0;");
  assert_true(atomic_load(&job->soft_cancelled));
  report_partial(job, "b", 1);
  assert_null(job->synced.shown);
  pixazo_event *event = next(s);
  expect_partial(event, "b", 1); /* who reads events is another */
  pixazo_event_free(event);
  assert_string_equal(heard.told, "5:0:a:0/0;");
  px_job_end(job, PIXAZO_GENERATION_DONE, NULL);
}

static void test_progress__tells_the_work_of_the_provider(void **state)
{
  stepped *s = *state;
  looking heard = {.answer = 0};
  px_job *job = looked_at(s, &heard);
  px_event_report(job, &(px_report){.work_done = 8, .work_total = 20});
  pixazo_event *event = next(s);
  assert_int_equal(pixazo_event_kind(event), PIXAZO_EVENT_PROGRESS);
  assert_int_equal(pixazo_event_stage(event), PIXAZO_STAGE_GENERATING);
  assert_int_equal(pixazo_event_work_done(event), 8);
  assert_int_equal(pixazo_event_work_total(event), 20);
  assert_string_equal(heard.told, "2:0::8/20;");
  pixazo_event_free(event);
  px_event_progress(job, PIXAZO_STAGE_GENERATING, 5, 10);
  event = next(s);
  assert_int_equal(pixazo_event_work_total(event), 0);
  assert_int_equal(pixazo_event_bytes_done(event), 5);
  pixazo_event_free(event);
  px_job_end(job, PIXAZO_GENERATION_DONE, NULL);
}

static void test_descriptor__is_readable_only_while_something_waits(void **state)
{
  stepped *s = *state;
  kit_open(&s->kit);
  struct pollfd fd = {.fd = pixazo_pipeline_fd(s->kit.pipeline), .events = POLLIN};
  assert_int_equal(poll(&fd, 1, 0), 0);
  px_job *job = entered(s);
  px_event_post(job, PIXAZO_EVENT_PLANNED, "", NULL);
  px_event_post(job, PIXAZO_EVENT_STARTED, "", NULL);
  assert_int_equal(poll(&fd, 1, 0), 1);
  pixazo_event *planned = next(s);
  assert_int_equal(poll(&fd, 1, 0), 1);
  pixazo_event *started = next(s);
  assert_int_equal(poll(&fd, 1, 0), 0);
  assert_int_equal(pixazo_event_kind(planned), PIXAZO_EVENT_PLANNED);
  assert_int_equal(pixazo_event_kind(started), PIXAZO_EVENT_STARTED);
  assert_string_equal(pixazo_event_generation(started), job->uuid);
  pixazo_event_free(planned);
  pixazo_event_free(started);
  px_job_end(job, PIXAZO_GENERATION_DONE, NULL);
  assert_int_equal(poll(&fd, 1, 0), 1);
}

static void test_descriptor__asked_for_late_tells_what_waits_already(void **state)
{
  stepped *s = *state;
  kit_open(&s->kit);
  px_job *job = entered(s);
  px_event_post(job, PIXAZO_EVENT_PLANNED, "", NULL);
  struct pollfd fd = {.fd = pixazo_pipeline_fd(s->kit.pipeline), .events = POLLIN};
  assert_int_equal(poll(&fd, 1, 0), 1);
  pixazo_event_free(next(s));
  assert_int_equal(poll(&fd, 1, 0), 0);
  px_job_end(job, PIXAZO_GENERATION_DONE, NULL);
}

static void test_events__wrong_arguments_are_refused(void **state)
{
  stepped *s = *state;
  pixazo_error *error = NULL;
  kit_open(&s->kit);
  assert_status(pixazo_pipeline_next_event(s->kit.pipeline, 0, NULL, &error), PIXAZO_E_ARGUMENT);
  pixazo_error_free(error);
  assert_int_equal(pixazo_pipeline_fd(NULL), -1);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_progress__coalesces_while_it_waits, stepped_setup, stepped_teardown),
      cmocka_unit_test_setup_teardown(test_progress__is_not_kept_while_nobody_listens, stepped_setup, stepped_teardown),
      cmocka_unit_test_setup_teardown(test_progress__a_hook_that_said_stop_is_not_asked_again, stepped_setup, stepped_teardown),
      cmocka_unit_test_setup_teardown(test_partial__a_later_one_replaces_one_that_waits, stepped_setup, stepped_teardown),
      cmocka_unit_test_setup_teardown(test_partial__is_not_kept_while_nobody_looks, stepped_setup, stepped_teardown),
      cmocka_unit_test_setup_teardown(test_partial__costs_no_memory_once_its_generation_has_ended, stepped_setup, stepped_teardown),
      cmocka_unit_test_setup_teardown(test_partial__the_hook_sees_the_newest, stepped_setup, stepped_teardown),
      cmocka_unit_test_setup_teardown(test_partial__a_hook_that_stops_is_shown_nothing_more, stepped_setup, stepped_teardown),
      cmocka_unit_test_setup_teardown(test_progress__tells_the_work_of_the_provider, stepped_setup, stepped_teardown),
      cmocka_unit_test_setup_teardown(test_descriptor__is_readable_only_while_something_waits, stepped_setup,
                                      stepped_teardown),
      cmocka_unit_test_setup_teardown(test_descriptor__asked_for_late_tells_what_waits_already, stepped_setup,
                                      stepped_teardown),
      cmocka_unit_test_setup_teardown(test_events__wrong_arguments_are_refused, stepped_setup, stepped_teardown),
  };
  return cmocka_run_group_tests_name("events", tests, NULL, NULL);
}
