/* SPDX-License-Identifier: MIT */
/* Metrics as JSON. */
#include <pixazo/record.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/metrics.h"
#include "json/writer.h"

enum { JSON_MAX = 16 << 20 };

static int64_t get(const px_number *number)
{
  return atomic_load_explicit(number, memory_order_relaxed);
}

static void put_enumerated(px_json_writer *w, const char *key, const px_number *numbers, size_t count,
                           const char *(*name_of)(int32_t))
{
  px_json_put_begin_object(w, key);
  for (size_t i = 1; i < count; i++)
    px_json_put_int64(w, name_of((int32_t)i), get(&numbers[i]));
  px_json_put_end_object(w);
}

static void put_costs(px_json_writer *w, const px_series *series)
{
  px_json_put_begin_array(w, "costs");
  for (const px_cost_series *cost = atomic_load_explicit(&series->costs, memory_order_acquire); cost; cost = cost->next) {
    for (size_t i = 0; i < PX_METRIC_CONFIDENCES; i++) {
      if (get(&cost->micros[i]) == 0)
        continue;
      px_json_put_begin_object(w, NULL);
      px_json_put_string(w, "currency", cost->currency);
      px_json_put_string(w, "confidence", pixazo_confidence_name((int32_t)i));
      px_json_put_int64(w, "micros", get(&cost->micros[i]));
      px_json_put_end_object(w);
    }
  }
  px_json_put_end_array(w);
}

static void put_time(px_json_writer *w, const char *key, const px_histogram *time)
{
  int64_t count = 0;
  px_json_put_begin_object(w, key);
  px_json_put_int64(w, "sum_us", get(&time->sum_us));
  px_json_put_begin_array(w, "buckets");
  for (size_t i = 0; i <= PX_TIME_BOUNDS; i++) {
    int64_t bucket = get(&time->buckets[i]);
    count += bucket;
    px_json_put_int64(w, NULL, bucket);
  }
  px_json_put_end_array(w);
  px_json_put_int64(w, "count", count);
  px_json_put_end_object(w);
}

static void put_series(px_json_writer *w, const px_series *series)
{
  px_json_put_begin_object(w, NULL);
  px_json_put_string(w, "provider", series->provider);
  px_json_put_string(w, "model", series->model);
  put_enumerated(w, "attempts", series->attempts, PX_METRIC_CLASSES, pixazo_class_name);
  put_enumerated(w, "generations", series->generations, PX_METRIC_STATES, pixazo_generation_state_name);
  put_enumerated(w, "pictures", series->pictures, PX_METRIC_PICTURES, pixazo_image_state_name);
  put_costs(w, series);
  for (size_t i = 0; i < PX_COUNTS; i++)
    px_json_put_int64(w, px_count_names[i].name, get(&series->counts[i]));
  for (size_t i = 0; i < PX_GAUGES; i++)
    px_json_put_int64(w, px_gauge_names[i].name, get(&series->gauges[i]));
  px_json_put_begin_object(w, "times");
  for (size_t i = 0; i < PX_TIMES; i++)
    put_time(w, px_time_names[i].name, &series->times[i]);
  px_json_put_end_object(w);
  px_json_put_end_object(w);
}

pixazo_status pixazo_metrics_to_json(const pixazo_metrics *metrics, char **out, pixazo_error **error)
{
  PX_REQUIRE(metrics && out, error, "metrics or out is NULL");
  px_auto(px_json_writer) w = PX_JSON_WRITER_INIT(JSON_MAX);
  px_json_put_begin_object(&w, NULL);
  px_json_put_int64(&w, "schema", 1);
  px_json_put_begin_array(&w, "bounds_us");
  for (size_t i = 0; i < PX_TIME_BOUNDS; i++)
    px_json_put_int64(&w, NULL, px_time_bounds_us[i]);
  px_json_put_end_array(&w);
  px_json_put_begin_object(&w, "alerts");
  for (int32_t i = 1; i < PX_METRIC_ALERTS; i++)
    px_json_put_int64(&w, px_alert_name(i), get(&metrics->alerts[i]));
  px_json_put_end_object(&w);
  px_json_put_begin_array(&w, "series");
  for (const px_series *series = atomic_load_explicit(&metrics->series, memory_order_acquire); series; series = series->next)
    put_series(&w, series);
  if (px_series_is_used(metrics->other))
    put_series(&w, metrics->other);
  px_json_put_end_array(&w);
  px_json_put_end_object(&w);
  return px_json_writer_finish(&w, out, error);
}
