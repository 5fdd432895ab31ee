/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <string.h>

#include <pixazo/memory.h>
#include <pixazo/record.h>
#include <pixazo/version.h>

#include "base/metrics.h"
#include "support/exposition.h"

static int make(void **state)
{
  pixazo_metrics *metrics = NULL;
  assert_status(pixazo_metrics_new(&metrics, NULL), PIXAZO_OK);
  *state = metrics;
  return 0;
}

static int drop(void **state)
{
  (void)pixazo_metrics_unref(*state);
  return 0;
}

static char *text_of(const pixazo_metrics *metrics)
{
  char *text = NULL;
  pixazo_error *error = NULL;
  assert_ok(pixazo_metrics_text(metrics, &text, &error), error);
  exposition_check(text);
  return text;
}

static void test_text__follows_the_grammar_when_nothing_was_counted(void **state)
{
  char *text = text_of(*state);
  assert_null(strstr(text, "provider="));
  assert_true(exposition_get(text, "pixazo_build_info{version=\"" PIXAZO_VERSION_STRING "\"}") > 0);
  pixazo_free(text);
}

static void test_text__escapes_what_a_label_cannot_hold(void **state)
{
  px_series_count(px_metrics_series(*state, "a\\b", "say \"hi\"\nto caf\xC3\xA9"), PX_COUNT_ADDED);
  char *text = text_of(*state);
  assert_true(exposition_get(text, "pixazo_generations_added_total{provider=\"a\\\\b\",model=\"say \\\"hi\\\"\\nto caf\xC3\xA9\"}") > 0);
  pixazo_free(text);
}

static void test_text__shows_every_number(void **state)
{
  px_series *series = px_metrics_series(*state, "p", "m");
  for (int32_t i = 1; i < PX_METRIC_CLASSES; i++)
    px_series_attempt(series, i);
  px_series_attempt(series, PIXAZO_CLASS_LOST);
  px_series_generation(series, PIXAZO_GENERATION_BLOCKED);
  px_series_picture(series, PIXAZO_IMAGE_QUARANTINED, 0);
  px_series_picture(series, PIXAZO_IMAGE_RECORDED, 1234);
  px_series_gauge(series, PX_GAUGE_IN_FLIGHT, 3);
  px_series_gauge(series, PX_GAUGE_IN_FLIGHT, -1);
  px_series_cost(series, "USD", PIXAZO_CONFIDENCE_METERED, 39000);
  px_series_cost(series, "EUR", PIXAZO_CONFIDENCE_BILLED, INT64_C(12000000));
  px_series_time(series, PX_TIME_DOWNLOAD, 1500000);
  char *text = text_of(*state);
  assert_float_equal(exposition_get(text, "pixazo_attempts_total{provider=\"p\",model=\"m\",class=\"lost\"}"), 2, 0);
  assert_float_equal(exposition_get(text, "pixazo_attempts_total{provider=\"p\",model=\"m\",class=\"accepted\"}"), 1, 0);
  assert_float_equal(exposition_get(text, "pixazo_generations_total{provider=\"p\",model=\"m\",state=\"blocked\"}"), 1, 0);
  assert_float_equal(exposition_get(text, "pixazo_pictures_total{provider=\"p\",model=\"m\",state=\"quarantined\"}"), 1, 0);
  assert_float_equal(exposition_get(text, "pixazo_picture_bytes_total{provider=\"p\",model=\"m\"}"), 1234, 0);
  assert_float_equal(exposition_get(text, "pixazo_calls_in_flight{provider=\"p\",model=\"m\"}"), 2, 0);
  assert_non_null(strstr(text, "pixazo_cost_total{provider=\"p\",model=\"m\",currency=\"USD\",confidence=\"metered\"} 0.039000\n"));
  assert_non_null(strstr(text, "pixazo_cost_total{provider=\"p\",model=\"m\",currency=\"EUR\",confidence=\"billed\"} 12.000000\n"));
  assert_non_null(strstr(text, "pixazo_download_seconds_sum{provider=\"p\",model=\"m\"} 1.500000\n"));
  assert_float_equal(exposition_get(text, "pixazo_download_seconds_bucket{provider=\"p\",model=\"m\",le=\"1.28\"}"), 0, 0);
  assert_float_equal(exposition_get(text, "pixazo_download_seconds_bucket{provider=\"p\",model=\"m\",le=\"2.56\"}"), 1, 0);
  assert_float_equal(exposition_get(text, "pixazo_download_seconds_count{provider=\"p\",model=\"m\"}"), 1, 0);
  pixazo_free(text);
}

static void test_text__shows_the_rest_once_it_was_used(void **state)
{
  pixazo_metrics *metrics = *state;
  px_series_attempt(metrics->other, PIXAZO_CLASS_FAILED);
  char *text = text_of(metrics);
  assert_float_equal(exposition_get(text, "pixazo_attempts_total{provider=\"other\",model=\"other\",class=\"failed\"}"), 1, 0);
  pixazo_free(text);
}

static void test_text__refuses_what_is_missing(void **state)
{
  char *text = NULL;
  assert_status(pixazo_metrics_text(NULL, &text, NULL), PIXAZO_E_ARGUMENT);
  assert_status(pixazo_metrics_text(*state, NULL, NULL), PIXAZO_E_ARGUMENT);
  assert_null(text);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_text__follows_the_grammar_when_nothing_was_counted, make, drop),
      cmocka_unit_test_setup_teardown(test_text__escapes_what_a_label_cannot_hold, make, drop),
      cmocka_unit_test_setup_teardown(test_text__shows_every_number, make, drop),
      cmocka_unit_test_setup_teardown(test_text__shows_the_rest_once_it_was_used, make, drop),
      cmocka_unit_test_setup_teardown(test_text__refuses_what_is_missing, make, drop),
  };
  return cmocka_run_group_tests_name("metrics_text", tests, NULL, NULL);
}
