/* SPDX-License-Identifier: MIT */
/* What is told when something goes wrong as a whole: once, and again after it went back. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "base/error.h"
#include "pipeline/stepped.h"
#include "support/testing.h"
#include "support/tmpdir.h"

typedef struct told {
  int32_t kind;
  int64_t value;
  int64_t threshold;
  char subject[64];
} told;

/* The alerts among the waiting events; how many. */
static int take_alerts(stepped *s, told *out)
{
  pixazo_event *event = NULL;
  int count = 0;
  while (pixazo_pipeline_next_event(s->kit.pipeline, 0, &event, NULL) == PIXAZO_OK) {
    if (pixazo_event_kind(event) == PIXAZO_EVENT_ALERT) {
      *out = (told){.kind = pixazo_event_alert(event), .value = pixazo_event_value(event), .threshold = pixazo_event_threshold(event)};
      (void)snprintf(out->subject, sizeof out->subject, "%s", pixazo_event_subject(event));
      assert_string_equal(pixazo_event_generation(event), "");
      assert_true(strlen(pixazo_event_message(event)) > 0);
      count++;
    } else {
      assert_int_equal(pixazo_event_alert(event), 0);
      assert_string_equal(pixazo_event_message(event), "");
    }
    pixazo_event_free(event);
  }
  return count;
}

/* A call of that class that took so long. */
static void answer(stepped *s, int32_t attempt_class, int64_t took_us)
{
  px_job *job = stepped_job(s);
  px_outcome outcome = {.attempt_class = attempt_class};
  job->outcome = &outcome;
  job->item_count = attempt_class == PIXAZO_CLASS_ACCEPTED;
  job->sent_us = 1000;
  job->answered_us = 1000 + took_us;
  px_watch_answer(job);
  job->outcome = NULL;
  job->item_count = 0;
  px_job_free(job);
}

static void answers(stepped *s, int good, int failed)
{
  for (int i = 0; i < good; i++)
    answer(s, PIXAZO_CLASS_ACCEPTED, 1000);
  for (int i = 0; i < failed; i++)
    answer(s, PIXAZO_CLASS_FAILED, 1000);
}

static void test_failures__are_told_above_a_fifth_and_once(void **state)
{
  stepped *s = *state;
  told last;
  kit_open(&s->kit);
  answers(s, 20, 5); /* exactly a fifth */
  assert_int_equal(take_alerts(s, &last), 0);
  answers(s, 0, 1);
  assert_int_equal(take_alerts(s, &last), 1);
  assert_int_equal(last.kind, PIXAZO_ALERT_FAILURES);
  assert_int_equal(last.threshold, 20);
  assert_int_equal(last.value, 23);
  assert_string_equal(last.subject, "offline");
  answers(s, 0, 10);
  assert_int_equal(take_alerts(s, &last), 0);
}

static void test_failures__are_told_again_after_they_went_back(void **state)
{
  stepped *s = *state;
  told last;
  kit_open(&s->kit);
  answers(s, 15, 5);
  assert_int_equal(take_alerts(s, &last), 1);
  answers(s, 15, 0); /* 5 of 35: below the threshold, above half of it */
  answers(s, 0, 5);
  assert_int_equal(take_alerts(s, &last), 0);
  answers(s, 65, 0); /* 10 of 105 */
  answers(s, 0, 20);
  assert_int_equal(take_alerts(s, &last), 1);
}

static void test_failures__of_the_past_are_forgotten(void **state)
{
  stepped *s = *state;
  told last;
  s->kit.pipeline_options.alert_window_ms = 60000;
  kit_open(&s->kit);
  answers(s, 15, 5);
  assert_int_equal(take_alerts(s, &last), 1);
  fake_clock_advance(&s->clock, 61000000);
  answers(s, 15, 3); /* too few to say anything: all is well again */
  answers(s, 0, 2);
  assert_int_equal(take_alerts(s, &last), 1);
}

static void test_failures__need_enough_calls(void **state)
{
  stepped *s = *state;
  told last;
  s->kit.pipeline_options.alert_min_calls = 4;
  s->kit.pipeline_options.alert_failure_percent = 50;
  kit_open(&s->kit);
  answers(s, 0, 3);
  assert_int_equal(take_alerts(s, &last), 0);
  answers(s, 0, 1);
  assert_int_equal(take_alerts(s, &last), 1);
  assert_int_equal(last.threshold, 50);
}

static void test_failures__of_content_policy_and_of_cancelling_do_not_count(void **state)
{
  stepped *s = *state;
  told last;
  kit_open(&s->kit);
  for (int i = 0; i < 30; i++)
    answer(s, PIXAZO_CLASS_BLOCKED, 1000);
  px_job *job = stepped_job(s);
  px_outcome outcome = {.attempt_class = PIXAZO_CLASS_NOT_SENT};
  job->outcome = &outcome;
  atomic_store(&job->soft_cancelled, true);
  for (int i = 0; i < 30; i++)
    px_watch_answer(job);
  job->outcome = NULL;
  px_job_free(job);
  assert_int_equal(take_alerts(s, &last), 0);
}

static void test_alerts__can_be_switched_off(void **state)
{
  stepped *s = *state;
  told last;
  s->kit.pipeline_options.alert_failure_percent = PIXAZO_NO_ALERT;
  s->kit.pipeline_options.alert_slow_ms = PIXAZO_NO_ALERT;
  kit_open(&s->kit);
  answers(s, 0, 50);
  answer(s, PIXAZO_CLASS_ACCEPTED, INT64_MAX / 2);
  assert_int_equal(take_alerts(s, &last), 0);
}

static void test_slow__is_told_when_more_than_one_in_twenty_is(void **state)
{
  stepped *s = *state;
  told last;
  s->kit.pipeline_options.alert_slow_ms = 500;
  kit_open(&s->kit);
  answers(s, 38, 0);
  answer(s, PIXAZO_CLASS_ACCEPTED, 500001);
  answer(s, PIXAZO_CLASS_ACCEPTED, 500001);
  assert_int_equal(take_alerts(s, &last), 0); /* 2 of 40 */
  answer(s, PIXAZO_CLASS_ACCEPTED, 500000);
  assert_int_equal(take_alerts(s, &last), 0); /* exactly as long as allowed */
  answer(s, PIXAZO_CLASS_ACCEPTED, 500001);
  assert_int_equal(take_alerts(s, &last), 1);
  assert_int_equal(last.kind, PIXAZO_ALERT_SLOW);
  assert_int_equal(last.threshold, 500);
}

static void tell_database(stepped *s, const char *sql)
{
  sqlite3 *connection = NULL;
  char *path = tmpdir_path(s->kit.directory, "pixazo.db");
  assert_int_equal(sqlite3_open(path, &connection), SQLITE_OK);
  assert_int_equal(sqlite3_exec(connection, sql, NULL, NULL, NULL), SQLITE_OK);
  (void)sqlite3_close(connection);
  free(path);
}

static void tick(stepped *s)
{
  fake_clock_advance(&s->clock, 6000000);
  px_pipeline_pump(s->kit.pipeline);
}

static void add_and_finish(stepped *s)
{
  pixazo_free(kit_add(&s->kit, "{\"prompt\":\"dear\",\"width\":16,\"height\":16}"));
  px_pipeline_pump(s->kit.pipeline);
}

static void test_budget__is_told_near_its_end_and_at_it(void **state)
{
  stepped *s = *state;
  told last;
  s->kit.client_options.offline_script = "{\"price_micros\":40,\"calls\":[]}";
  kit_open(&s->kit);
  tell_database(s, "INSERT INTO budget (scope, name, period, cap_micros) VALUES ('all', '', 'day', 100)");
  add_and_finish(s);
  tick(s);
  assert_int_equal(take_alerts(s, &last), 0); /* 40 of 100 */
  add_and_finish(s);
  tick(s);
  assert_int_equal(take_alerts(s, &last), 1);
  assert_int_equal(last.kind, PIXAZO_ALERT_BUDGET);
  assert_int_equal(last.value, 80);
  assert_int_equal(last.threshold, 80);
  assert_string_equal(last.subject, "all/day");
  tick(s);
  assert_int_equal(take_alerts(s, &last), 0);
  add_and_finish(s); /* 120 would be too much: denied at once */
  assert_int_equal(take_alerts(s, &last), 1);
  assert_int_equal(last.threshold, 100);
  add_and_finish(s);
  tick(s);
  assert_int_equal(take_alerts(s, &last), 0);
  fake_clock_advance(&s->clock, INT64_C(86400) * 1000000); /* a new day, a new budget */
  add_and_finish(s);
  add_and_finish(s);
  tick(s);
  assert_int_equal(take_alerts(s, &last), 1);
  assert_int_equal(last.threshold, 80);
}

/* What was spent before it was set, or set anew, counts: so it does when a call is refused for it. */
static void test_budget__that_was_set_anew_is_told_when_it_refuses(void **state)
{
  stepped *s = *state;
  told last;
  s->kit.client_options.offline_script = "{\"price_micros\":40,\"calls\":[]}";
  kit_open(&s->kit);
  add_and_finish(s);
  add_and_finish(s);
  assert_ok(pixazo_repository_set_budget(s->kit.repository, "{\"period\":\"day\",\"cap_micros\":100}", NULL), NULL);
  tick(s);
  assert_int_equal(take_alerts(s, &last), 0);
  add_and_finish(s);
  assert_int_equal(take_alerts(s, &last), 1);
  assert_int_equal(last.kind, PIXAZO_ALERT_BUDGET);
  assert_int_equal(last.value, 80);
  assert_int_equal(last.threshold, 100);
}

static void test_budget__of_another_provider_is_not_called_full(void **state)
{
  stepped *s = *state;
  told last;
  s->kit.client_options.offline_script = "{\"price_micros\":40,\"calls\":[]}";
  kit_open(&s->kit);
  tell_database(s, "INSERT INTO budget (scope, name, period, cap_micros) VALUES ('provider', 'pixazo', 'day', 30)");
  tell_database(s, "INSERT INTO budget (scope, name, period, cap_micros) VALUES ('provider', 'offline', 'day', 30)");
  add_and_finish(s);
  assert_int_equal(take_alerts(s, &last), 1);
  assert_string_equal(last.subject, "provider:offline/day");
  assert_int_equal(last.value, 0);
}

static void test_trouble__is_told_once_until_it_is_over(void **state)
{
  stepped *s = *state;
  told last;
  pixazo_error *error = NULL;
  kit_open(&s->kit);
  (void)px_fail(&error, PIXAZO_E_IO, "no space");
  px_watch_trouble(s->kit.pipeline, PIXAZO_ALERT_JOURNAL, error);
  px_watch_trouble(s->kit.pipeline, PIXAZO_ALERT_JOURNAL, error);
  assert_int_equal(take_alerts(s, &last), 1);
  assert_int_equal(last.kind, PIXAZO_ALERT_JOURNAL);
  px_watch_trouble(s->kit.pipeline, PIXAZO_ALERT_SPACE, error);
  assert_int_equal(take_alerts(s, &last), 1);
  assert_int_equal(last.kind, PIXAZO_ALERT_SPACE);
  px_watch_trouble(s->kit.pipeline, PIXAZO_ALERT_JOURNAL, NULL);
  px_watch_trouble(s->kit.pipeline, PIXAZO_ALERT_JOURNAL, error);
  assert_int_equal(take_alerts(s, &last), 1);
  pixazo_error_free(error);
}

static void count_alert(const pixazo_alert *alert, void *user_data)
{
  told *out = user_data;
  assert_int_equal(alert->struct_size, sizeof *alert);
  out->kind = alert->kind;
  out->value++;
}

static void test_hook__runs_on_a_thread_of_the_program(void **state)
{
  stepped *s = *state;
  told heard = {0};
  told last;
  s->kit.pipeline_options.on_alert = count_alert;
  s->kit.pipeline_options.on_alert_data = &heard;
  kit_open(&s->kit);
  answers(s, 0, 20);
  assert_int_equal(heard.value, 0); /* nobody is inside a call */
  assert_int_equal(take_alerts(s, &last), 1);
  assert_int_equal(heard.value, 1);
  assert_int_equal(heard.kind, PIXAZO_ALERT_FAILURES);
  s->kit.pipeline_options.on_alert = NULL;
}

static void test_hook__hears_what_was_left_when_the_pipeline_goes(void **state)
{
  stepped *s = *state;
  told heard = {0};
  s->kit.pipeline_options.on_alert = count_alert;
  s->kit.pipeline_options.on_alert_data = &heard;
  kit_open(&s->kit);
  answers(s, 0, 20);
  kit_close(&s->kit);
  assert_int_equal(heard.value, 1);
}

static void test_json__of_an_alert_names_no_generation(void **state)
{
  stepped *s = *state;
  pixazo_error *error = NULL;
  pixazo_event *event = NULL;
  char *json = NULL;
  kit_open(&s->kit);
  answers(s, 0, 20);
  assert_ok(pixazo_pipeline_next_event(s->kit.pipeline, 0, &event, &error), error);
  assert_ok(pixazo_event_to_json(event, &json, &error), error);
  assert_string_equal(json, "{\"schema\":1,\"event\":\"alert\",\"alert\":\"failures\",\"subject\":\"offline\",\"message\":"
                            "\"offline: 20 of the last 20 calls failed (100 %)\",\"value\":100,\"threshold\":20}");
  pixazo_free(json);
  pixazo_event_free(event);
}

static void test_options__over_a_hundred_percent_are_refused(void **state)
{
  stepped *s = *state;
  pixazo_pipeline *none = NULL;
  kit_open(&s->kit);
  s->kit.pipeline_options.spool = s->kit.directory;
  s->kit.pipeline_options.alert_budget_percent = 101;
  assert_status(px_pipeline_new(&s->kit.pipeline_options, s->kit.clock, true, &none, NULL), PIXAZO_E_ARGUMENT);
  assert_null(none);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, stepped_setup, stepped_teardown)
  const struct CMUnitTest tests[] = {
      TEST(test_failures__are_told_above_a_fifth_and_once),
      TEST(test_failures__are_told_again_after_they_went_back),
      TEST(test_failures__of_the_past_are_forgotten),
      TEST(test_failures__need_enough_calls),
      TEST(test_failures__of_content_policy_and_of_cancelling_do_not_count),
      TEST(test_alerts__can_be_switched_off),
      TEST(test_slow__is_told_when_more_than_one_in_twenty_is),
      TEST(test_budget__is_told_near_its_end_and_at_it),
      TEST(test_budget__that_was_set_anew_is_told_when_it_refuses),
      TEST(test_budget__of_another_provider_is_not_called_full),
      TEST(test_trouble__is_told_once_until_it_is_over),
      TEST(test_hook__runs_on_a_thread_of_the_program),
      TEST(test_hook__hears_what_was_left_when_the_pipeline_goes),
      TEST(test_json__of_an_alert_names_no_generation),
      TEST(test_options__over_a_hundred_percent_are_refused),
  };
  return cmocka_run_group_tests_name("alert", tests, NULL, NULL);
}
