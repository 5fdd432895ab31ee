/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/metrics.h"

static pixazo_metrics *metrics_new(void)
{
  pixazo_metrics *metrics = NULL;
  assert_status(pixazo_metrics_new(&metrics, NULL), PIXAZO_OK);
  return metrics;
}

static void test_series__is_one_for_each_model(void **state)
{
  (void)state;
  pixazo_metrics *metrics = metrics_new();
  px_series *first = px_metrics_series(metrics, "pixazo", "sdxl");
  assert_ptr_equal(px_metrics_series(metrics, "pixazo", "sdxl"), first);
  assert_ptr_not_equal(px_metrics_series(metrics, "pixazo", "flux-schnell"), first);
  assert_ptr_not_equal(px_metrics_series(metrics, "offline", "sdxl"), first);
  assert_string_equal(first->provider, "pixazo");
  assert_string_equal(first->model, "sdxl");
  (void)pixazo_metrics_unref(metrics);
}

static void test_series__behind_the_last_are_counted_together(void **state)
{
  (void)state;
  pixazo_metrics *metrics = metrics_new();
  char model[32];
  for (int i = 0; i < 300; i++) {
    (void)snprintf(model, sizeof model, "model-%d", i);
    px_series_attempt(px_metrics_series(metrics, "pixazo", model), PIXAZO_CLASS_ACCEPTED);
  }
  assert_int_equal(metrics->count, 256);
  assert_int_equal(metrics->other->attempts[PIXAZO_CLASS_ACCEPTED], 300 - 256);
  assert_true(px_series_is_used(metrics->other));
  (void)pixazo_metrics_unref(metrics);
}

static void test_counts__take_no_number_that_is_not_theirs(void **state)
{
  (void)state;
  pixazo_metrics *metrics = metrics_new();
  px_series *series = px_metrics_series(metrics, "p", "m");
  px_series_attempt(series, -1);
  px_series_attempt(series, PX_METRIC_CLASSES);
  px_series_generation(series, PX_METRIC_STATES);
  px_series_picture(series, 0, 5);
  px_series_cost(series, "USD", PX_METRIC_CONFIDENCES, 5);
  px_series_cost(series, "USD", 0, -5);
  assert_false(px_series_is_used(series));
  assert_null(series->costs);
  px_series_attempt(NULL, PIXAZO_CLASS_ACCEPTED);
  px_series_gauge(NULL, PX_GAUGE_WAITING, 1);
  px_series_time(NULL, PX_TIME_QUEUE, 1);
  px_series_cost(NULL, "USD", 0, 1);
  assert_null(px_metrics_series(NULL, "p", "m"));
  (void)pixazo_metrics_unref(metrics);
}

static void test_time__falls_into_the_first_bucket_that_holds_it(void **state)
{
  (void)state;
  pixazo_metrics *metrics = metrics_new();
  px_series *series = px_metrics_series(metrics, "p", "m");
  px_histogram *time = &series->times[PX_TIME_QUEUE];
  px_series_time(series, PX_TIME_QUEUE, -3);
  px_series_time(series, PX_TIME_QUEUE, 10000);
  px_series_time(series, PX_TIME_QUEUE, 10001);
  px_series_time(series, PX_TIME_QUEUE, INT64_C(1000000000));
  assert_int_equal(time->buckets[0], 2);
  assert_int_equal(time->buckets[1], 1);
  assert_int_equal(time->buckets[PX_TIME_BOUNDS], 1);
  assert_int_equal(time->sum_us, 1000020001);
  for (size_t i = 1; i < PX_TIME_BOUNDS; i++)
    assert_true(px_time_bounds_us[i] > px_time_bounds_us[i - 1]);
  (void)pixazo_metrics_unref(metrics);
}

static void test_call__costs_only_what_was_or_may_be_charged(void **state)
{
  (void)state;
  static const struct {
    int32_t charge;
    int64_t wanted;
  } rows[] = {{PIXAZO_CHARGE_NONE, 0}, {PIXAZO_CHARGE_NOT_CHARGED, 0}, {PIXAZO_CHARGE_CHARGED, 7}, {PIXAZO_CHARGE_UNKNOWN, 14}};
  pixazo_metrics *metrics = metrics_new();
  px_series *series = px_metrics_series(metrics, "p", "m");
  for (size_t i = 0; i < 4; i++) {
    px_measured_call call = {.attempt_class = PIXAZO_CLASS_AMBIGUOUS, .charge = rows[i].charge, .confidence = 1, .cost_micros = 7};
    px_series_call(series, &call);
    const px_cost_series *cost = series->costs;
    assert_int_equal(cost ? cost->micros[1] : 0, rows[i].wanted);
    assert_int_equal(series->attempts[PIXAZO_CLASS_AMBIGUOUS], i + 1);
  }
  const px_cost_series *dollars = series->costs;
  assert_string_equal(dollars->currency, "USD");
  (void)pixazo_metrics_unref(metrics);
}

static void test_call__that_was_not_sent_has_no_duration(void **state)
{
  (void)state;
  pixazo_metrics *metrics = metrics_new();
  px_series *series = px_metrics_series(metrics, "p", "m");
  px_measured_call call = {.attempt_class = PIXAZO_CLASS_NOT_SENT, .duration_us = 5};
  px_series_call(series, &call);
  assert_int_equal(series->times[PX_TIME_PROVIDER].buckets[0], 0);
  call.attempt_class = PIXAZO_CLASS_REFUSED;
  px_series_call(series, &call);
  assert_int_equal(series->times[PX_TIME_PROVIDER].buckets[0], 1);
  (void)pixazo_metrics_unref(metrics);
}

enum { THREADS = 4, ROUNDS = 2000 };

static void *count_much(void *argument)
{
  pixazo_metrics *metrics = argument;
  char model[16];
  for (int i = 0; i < ROUNDS; i++) {
    (void)snprintf(model, sizeof model, "m%d", i % 8);
    px_series *series = px_metrics_series(metrics, "p", model);
    px_series_count(series, PX_COUNT_ADDED);
    px_series_cost(series, i % 2 ? "EUR" : "USD", 0, 1);
  }
  return NULL;
}

static void test_counting__loses_nothing_between_threads(void **state)
{
  (void)state;
  pixazo_metrics *metrics = metrics_new();
  pthread_t threads[THREADS];
  int64_t added = 0;
  int64_t paid = 0;
  for (int i = 0; i < THREADS; i++)
    assert_int_equal(pthread_create(&threads[i], NULL, count_much, metrics), 0);
  for (int i = 0; i < THREADS; i++)
    (void)pthread_join(threads[i], NULL);
  for (px_series *series = metrics->series; series; series = series->next) {
    added += series->counts[PX_COUNT_ADDED];
    for (const px_cost_series *cost = series->costs; cost; cost = cost->next)
      paid += cost->micros[0];
  }
  assert_int_equal(metrics->count, 8);
  assert_int_equal(added, THREADS * ROUNDS);
  assert_int_equal(paid, THREADS * ROUNDS);
  (void)pixazo_metrics_unref(metrics);
}

static void test_references__are_counted(void **state)
{
  (void)state;
  pixazo_metrics *metrics = metrics_new();
  assert_ptr_equal(pixazo_metrics_ref(metrics), metrics);
  assert_null(pixazo_metrics_unref(metrics));
  assert_non_null(px_metrics_series(metrics, "p", "m"));
  assert_null(pixazo_metrics_unref(metrics));
  assert_null(pixazo_metrics_unref(NULL));
  assert_null(pixazo_metrics_ref(NULL));
  assert_status(pixazo_metrics_new(NULL, NULL), PIXAZO_E_ARGUMENT);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_series__is_one_for_each_model),
      cmocka_unit_test(test_series__behind_the_last_are_counted_together),
      cmocka_unit_test(test_counts__take_no_number_that_is_not_theirs),
      cmocka_unit_test(test_time__falls_into_the_first_bucket_that_holds_it),
      cmocka_unit_test(test_call__costs_only_what_was_or_may_be_charged),
      cmocka_unit_test(test_call__that_was_not_sent_has_no_duration),
      cmocka_unit_test(test_counting__loses_nothing_between_threads),
      cmocka_unit_test(test_references__are_counted),
  };
  return cmocka_run_group_tests_name("metrics", tests, NULL, NULL);
}
