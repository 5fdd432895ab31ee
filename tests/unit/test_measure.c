/* SPDX-License-Identifier: MIT */
/* Each number of the metrics against a run that is known call by call. */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "pipeline/stepped.h"
#include "support/exposition.h"
#include "support/testing.h"

static char *text_of(const stepped *s)
{
  char *text = NULL;
  pixazo_error *error = NULL;
  assert_ok(pixazo_metrics_text(pixazo_client_metrics(s->kit.client), &text, &error), error);
  exposition_check(text);
  return text;
}

/* `labels` stand behind provider and model. */
static void expect(const char *text, const char *name, const char *labels, double wanted)
{
  char sample[256];
  (void)snprintf(sample, sizeof sample, "pixazo_%s{provider=\"offline\",model=\"pattern\"%s}", name, labels);
  double value = exposition_get(text, sample);
  if (value < wanted || value > wanted)
    fail_msg("%s is %f, not %f", sample, value, wanted);
}

static void add(stepped *s)
{
  pixazo_free(kit_add(&s->kit, "{\"prompt\":\"counted\",\"width\":16,\"height\":16}"));
}

/* Works off everything, however long it has to wait. */
static void finish(stepped *s)
{
  px_pipeline_pump(s->kit.pipeline);
  while (pixazo_pipeline_open_count(s->kit.pipeline) > 0) {
    fake_clock_advance(&s->clock, 1000000);
    px_pipeline_pump(s->kit.pipeline);
  }
}

static void test_metrics__agree_with_a_scripted_run(void **state)
{
  stepped *s = *state;
  s->kit.client_options.offline_script = "{\"price_micros\":40000,\"calls\":[{},{\"class\":\"failed\"},{},{\"class\":\"blocked\"},"
                                         "{\"class\":\"ambiguous\"},{\"class\":\"lost\"},{\"keep\":100},{}]}";
  s->kit.client_options.retry_delay_ms = 1000;
  kit_open(&s->kit);
  for (int i = 0; i < 7; i++) {
    add(s);
    finish(s); /* one after the other: call n follows entry n */
  }
  char *text = text_of(s);
  expect(text, "generations_added_total", "", 7);
  expect(text, "attempts_total", ",class=\"accepted\"", 4);
  expect(text, "attempts_total", ",class=\"failed\"", 1);
  expect(text, "attempts_total", ",class=\"blocked\"", 1);
  expect(text, "attempts_total", ",class=\"ambiguous\"", 1);
  expect(text, "attempts_total", ",class=\"lost\"", 1);
  expect(text, "attempts_total", ",class=\"refused\"", 0);
  expect(text, "generations_total", ",state=\"done\"", 3);
  expect(text, "generations_total", ",state=\"blocked\"", 1);
  expect(text, "generations_total", ",state=\"ambiguous\"", 1);
  expect(text, "generations_total", ",state=\"failed\"", 2); /* the lost one, and the one in quarantine */
  expect(text, "pictures_total", ",state=\"recorded\"", 3);
  expect(text, "pictures_total", ",state=\"quarantined\"", 1);
  expect(text, "retries_total", "", 1);
  expect(text, "polls_total", "", 0);
  expect(text, "generations_waiting", "", 0);
  expect(text, "calls_in_flight", "", 0);
  expect(text, "queue_wait_seconds_count", "", 8);
  expect(text, "processing_seconds_count", "", 3);
  expect(text, "download_seconds_count", "", 0);
  expect(text, "generation_seconds_count", "", 7);
  expect(text, "cost_total", ",currency=\"USD\",confidence=\"billed\"", 4 * 0.04);
  expect(text, "cost_total", ",currency=\"USD\",confidence=\"upper_bound\"", 2 * 0.04); /* ambiguous, lost */
  pixazo_free(text);
}

static void test_gauges__follow_a_generation(void **state)
{
  stepped *s = *state;
  s->kit.pipeline_options.concurrency = 1;
  kit_open(&s->kit);
  add(s);
  add(s);
  pixazo_pipeline *pipeline = s->kit.pipeline;
  assert_true(px_pipeline_step(pipeline, false)); /* T1 of both, T2 of none or the first */
  while (pipeline->synced.in_flight == 0)
    assert_true(px_pipeline_step(pipeline, false));
  char *text = text_of(s);
  expect(text, "generations_waiting", "", 1);
  expect(text, "calls_in_flight", "", 1);
  pixazo_free(text);
  finish(s);
  text = text_of(s);
  expect(text, "generations_waiting", "", 0);
  expect(text, "calls_in_flight", "", 0);
  pixazo_free(text);
}

static void test_queue_wait__is_the_time_without_a_call(void **state)
{
  stepped *s = *state;
  kit_open(&s->kit);
  px_job *job = stepped_job(s);
  px_measure_phase(job, PX_PHASE_WAITING);
  fake_clock_advance(&s->clock, 700000);
  px_measure_phase(job, PX_PHASE_WAITING);
  fake_clock_advance(&s->clock, 50000);
  px_measure_phase(job, PX_PHASE_IN_FLIGHT);
  px_measure_phase(job, PX_PHASE_NONE);
  assert_int_equal(job->series->times[PX_TIME_QUEUE].sum_us, 750000);
  assert_int_equal(job->series->gauges[PX_GAUGE_WAITING], 0);
  assert_int_equal(job->series->gauges[PX_GAUGE_IN_FLIGHT], 0);
  px_job_free(job);
}

static void test_verdicts__of_the_gate_are_counted(void **state)
{
  stepped *s = *state;
  kit_open(&s->kit);
  px_job *job = stepped_job(s);
  pixazo_error *denied = NULL;
  (void)px_fail(&denied, PIXAZO_E_BUDGET, "no");
  px_measure_verdict(job, &(px_gate_verdict){.verdict = PX_GATE_WAIT, .wait_until_us = 1});
  job->waiting_since_us = 1; /* it waits already: another look counts nothing */
  px_measure_verdict(job, &(px_gate_verdict){.verdict = PX_GATE_WAIT, .wait_until_us = 1});
  px_measure_verdict(job, &(px_gate_verdict){.verdict = PX_GATE_DENIED, .error = denied});
  assert_int_equal(job->series->counts[PX_COUNT_WAITS], 1);
  assert_int_equal(job->series->counts[PX_COUNT_DENIED], 1);
  pixazo_error_free(denied);
  px_job_free(job);
}

static void test_times__of_each_picture_are_recorded(void **state)
{
  stepped *s = *state;
  kit_open(&s->kit);
  char *id = kit_add(&s->kit, "{\"prompt\":\"timed\",\"width\":16,\"height\":16}");
  stepped_until(s, id, stepped_is_answered);
  while (s->kit.pipeline->synced.ops == NULL) { /* T4 waits */
    if (!px_crew_step(s->kit.pipeline->workers))
      assert_true(px_crew_step(s->kit.pipeline->files));
    fake_clock_advance(&s->clock, 2000);
  }
  finish(s);
  pixazo_generation *record = kit_wait(&s->kit, id);
  int64_t processing = pixazo_generation_image_processing_us(record, 0);
  assert_true(processing > 0 && processing % 2000 == 0);
  assert_int_equal(pixazo_generation_image_download_us(record, 0), 0); /* it came inside the answer */
  assert_true(pixazo_generation_ended_us(record) >= pixazo_generation_answered_us(record) + processing);
  pixazo_generation_free(record);
  pixazo_free(id);
}

static void test_log__times_each_step(void **state)
{
  stepped *s = *state;
  static const char *const wanted[] = {"sent after ", "call 1 accepted, HTTP 200, request ", " bytes stored as originals/"};
  pixazo_log *log = NULL;
  char *line = NULL;
  size_t found = 0;
  assert_status(pixazo_log_new(PIXAZO_LOG_DEBUG, NULL, NULL, &log, NULL), PIXAZO_OK);
  s->kit.pipeline_options.log = log;
  kit_open(&s->kit);
  add(s);
  finish(s);
  while (pixazo_log_next(log, NULL, &line) == PIXAZO_OK) {
    if (found < 3 && strstr(line, wanted[found]))
      found++;
    pixazo_free(line);
  }
  assert_int_equal(found, 3); /* in this order */
  kit_close(&s->kit);
  (void)pixazo_log_unref(log);
}

static void test_end__of_what_was_never_recorded_is_not_counted(void **state)
{
  stepped *s = *state;
  kit_open(&s->kit);
  px_job *job = stepped_job(s);
  px_measure_end(job, PIXAZO_GENERATION_FAILED);
  assert_int_equal(job->series->generations[PIXAZO_GENERATION_FAILED], 0);
  job->counted = true;
  px_measure_end(job, PIXAZO_GENERATION_FAILED);
  assert_int_equal(job->series->generations[PIXAZO_GENERATION_FAILED], 1);
  px_job_free(job);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_metrics__agree_with_a_scripted_run, stepped_setup, stepped_teardown),
      cmocka_unit_test_setup_teardown(test_gauges__follow_a_generation, stepped_setup, stepped_teardown),
      cmocka_unit_test_setup_teardown(test_queue_wait__is_the_time_without_a_call, stepped_setup, stepped_teardown),
      cmocka_unit_test_setup_teardown(test_verdicts__of_the_gate_are_counted, stepped_setup, stepped_teardown),
      cmocka_unit_test_setup_teardown(test_times__of_each_picture_are_recorded, stepped_setup, stepped_teardown),
      cmocka_unit_test_setup_teardown(test_log__times_each_step, stepped_setup, stepped_teardown),
      cmocka_unit_test_setup_teardown(test_end__of_what_was_never_recorded_is_not_counted, stepped_setup, stepped_teardown),
  };
  return cmocka_run_group_tests_name("measure", tests, NULL, NULL);
}
