/* SPDX-License-Identifier: MIT */
#include "support/testing.h"

#include <string.h>

#include <pixazo/memory.h>
#include <pixazo/record.h>

#include "base/metrics.h"
#include "json/json.h"

static void expect_number(const px_json *root, const char *path, int64_t wanted)
{
  int64_t value = -1;
  if (px_json_may_int64(root, path, &value, NULL) != PIXAZO_OK || value != wanted)
    fail_msg("%s is %lld, not %lld", path, (long long)value, (long long)wanted);
}

static void test_json__holds_what_was_counted(void **state)
{
  (void)state;
  pixazo_metrics *metrics = NULL;
  pixazo_error *error = NULL;
  px_json *root = NULL;
  char *json = NULL;
  assert_ok(pixazo_metrics_new(&metrics, &error), error);
  px_series *series = px_metrics_series(metrics, "pixazo", "sd\"xl");
  px_series_attempt(series, PIXAZO_CLASS_REFUSED);
  px_series_generation(series, PIXAZO_GENERATION_DONE);
  px_series_picture(series, PIXAZO_IMAGE_RECORDED, 99);
  px_series_count(series, PX_COUNT_POLLS);
  px_series_gauge(series, PX_GAUGE_WAITING, 4);
  px_series_cost(series, "USD", PIXAZO_CONFIDENCE_BILLED, 39000);
  px_series_time(series, PX_TIME_GENERATION, 15000);
  assert_ok(pixazo_metrics_to_json(metrics, &json, &error), error);
  assert_ok(px_json_parse(json, strlen(json), NULL, &root, &error), error);
  expect_number(root, "schema", 1);
  expect_number(root, "bounds_us[0]", 10000);
  expect_number(root, "series[0].attempts.refused", 1);
  expect_number(root, "series[0].attempts.accepted", 0);
  expect_number(root, "series[0].generations.done", 1);
  expect_number(root, "series[0].pictures.recorded", 1);
  expect_number(root, "series[0].picture_bytes", 99);
  expect_number(root, "series[0].polls", 1);
  expect_number(root, "series[0].generations_waiting", 4);
  expect_number(root, "series[0].costs[0].micros", 39000);
  expect_number(root, "series[0].times.generation.count", 1);
  expect_number(root, "series[0].times.generation.sum_us", 15000);
  expect_number(root, "series[0].times.generation.buckets[1]", 1);
  assert_string_equal(px_json_text(px_json_find(root, "series[0].model")), "sd\"xl");
  assert_null(px_json_find(root, "series[1]"));
  px_json_done(&root);
  pixazo_free(json);
  (void)pixazo_metrics_unref(metrics);
}

static void test_json__refuses_what_is_missing(void **state)
{
  (void)state;
  char *json = NULL;
  assert_status(pixazo_metrics_to_json(NULL, &json, NULL), PIXAZO_E_ARGUMENT);
  assert_null(json);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_json__holds_what_was_counted),
      cmocka_unit_test(test_json__refuses_what_is_missing),
  };
  return cmocka_run_group_tests_name("metrics_json", tests, NULL, NULL);
}
