/* SPDX-License-Identifier: MIT */
/* Metrics in the text format of Prometheus: all lines of one name together, a help and a type line before them. */
#include <stdio.h>

#include <pixazo/record.h>
#include <pixazo/version.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/mem.h"
#include "base/metrics.h"

enum { TEXT_MAX = 16 << 20, NAME_MAX_SIZE = 64 };

/* One name of the text: what its samples are called, and where a series keeps them. */
typedef struct metric {
  const px_metric_name *what;
  const char *suffix;
  const char *type;
  void (*put)(px_buf *out, const char *name, const px_series *series, size_t index);
  size_t index;
} metric;

/* Numbers by the value of an enumeration. */
typedef struct enumerated {
  const px_number *numbers;
  size_t count;
  const char *label;
  const char *(*name_of)(int32_t);
} enumerated;

static void put_label_value(px_buf *out, const char *value)
{
  for (; *value; value++) {
    if (*value == '\n')
      (void)px_buf_add_text(out, "\\n");
    else if (*value == '"' || *value == '\\')
      (void)px_buf_printf(out, "\\%c", *value);
    else
      (void)px_buf_add_char(out, *value);
  }
}

static void put_label(px_buf *out, const char *name, const char *value)
{
  (void)px_buf_printf(out, ",%s=\"", name);
  put_label_value(out, value);
  (void)px_buf_add_char(out, '"');
}

/* Up to the closing brace, which further labels come before. */
static void put_start(px_buf *out, const char *name, const char *suffix, const px_series *series)
{
  (void)px_buf_printf(out, "%s%s{provider=\"", name, suffix);
  put_label_value(out, series->provider);
  (void)px_buf_add_char(out, '"');
  put_label(out, "model", series->model);
}

static void put_end(px_buf *out, int64_t value)
{
  (void)px_buf_printf(out, "} %lld\n", (long long)value);
}

/* Exact: millionths as a decimal fraction. */
static void put_end_micros(px_buf *out, int64_t micros)
{
  (void)px_buf_printf(out, "} %lld.%06lld\n", (long long)(micros / 1000000), (long long)(micros % 1000000));
}

static int64_t get(const px_number *number)
{
  return atomic_load_explicit(number, memory_order_relaxed);
}

static void put_metric(px_buf *out, const pixazo_metrics *metrics, const metric *self)
{
  char name[NAME_MAX_SIZE];
  (void)snprintf(name, sizeof name, "pixazo_%s%s", self->what->name, self->suffix);
  (void)px_buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, self->what->help, name, self->type);
  for (const px_series *series = atomic_load_explicit(&metrics->series, memory_order_acquire); series; series = series->next)
    self->put(out, name, series, self->index);
  if (px_series_is_used(metrics->other))
    self->put(out, name, metrics->other, self->index);
}

/* One line for each name of an enumeration, zeros too: a series that appears late looks like a jump. */
static void put_enumerated(px_buf *out, const char *name, const px_series *series, const enumerated *self)
{
  for (size_t i = 1; i < self->count; i++) {
    put_start(out, name, "", series);
    put_label(out, self->label, self->name_of((int32_t)i));
    put_end(out, get(&self->numbers[i]));
  }
}

static void put_attempts(px_buf *out, const char *name, const px_series *series, size_t index)
{
  (void)index;
  put_enumerated(out, name, series, &(enumerated){series->attempts, PX_METRIC_CLASSES, "class", pixazo_class_name});
}

static void put_generations(px_buf *out, const char *name, const px_series *series, size_t index)
{
  (void)index;
  put_enumerated(out, name, series, &(enumerated){series->generations, PX_METRIC_STATES, "state", pixazo_generation_state_name});
}

static void put_pictures(px_buf *out, const char *name, const px_series *series, size_t index)
{
  (void)index;
  put_enumerated(out, name, series, &(enumerated){series->pictures, PX_METRIC_PICTURES, "state", pixazo_image_state_name});
}

static void put_count(px_buf *out, const char *name, const px_series *series, size_t index)
{
  put_start(out, name, "", series);
  put_end(out, get(&series->counts[index]));
}

static void put_gauge(px_buf *out, const char *name, const px_series *series, size_t index)
{
  put_start(out, name, "", series);
  put_end(out, get(&series->gauges[index]));
}

static void put_costs(px_buf *out, const char *name, const px_series *series, size_t index)
{
  (void)index;
  for (const px_cost_series *cost = atomic_load_explicit(&series->costs, memory_order_acquire); cost; cost = cost->next) {
    for (size_t i = 0; i < PX_METRIC_CONFIDENCES; i++) {
      int64_t micros = get(&cost->micros[i]);
      if (micros == 0)
        continue;
      put_start(out, name, "", series);
      put_label(out, "currency", cost->currency);
      put_label(out, "confidence", pixazo_confidence_name((int32_t)i));
      put_end_micros(out, micros);
    }
  }
}

/* The count is the sum of what was read of the buckets, so that the lines agree although others go on counting. */
static void put_time(px_buf *out, const char *name, const px_series *series, size_t index)
{
  const px_histogram *time = &series->times[index];
  int64_t count = 0;
  int64_t sum_us = get(&time->sum_us);
  for (size_t i = 0; i <= PX_TIME_BOUNDS; i++) {
    count += get(&time->buckets[i]);
    put_start(out, name, "_bucket", series);
    if (i < PX_TIME_BOUNDS)
      (void)px_buf_printf(out, ",le=\"%lld.%02lld\"", (long long)(px_time_bounds_us[i] / 1000000),
                          (long long)(px_time_bounds_us[i] % 1000000 / 10000));
    else
      put_label(out, "le", "+Inf");
    put_end(out, count);
  }
  put_start(out, name, "_sum", series);
  put_end_micros(out, sum_us);
  put_start(out, name, "_count", series);
  put_end(out, count);
}

/* Of the process as a whole: no model is to blame. */
static void put_alerts(px_buf *out, const pixazo_metrics *metrics)
{
  (void)px_buf_add_text(out, "# HELP pixazo_alerts_total Alerts that were raised.\n# TYPE pixazo_alerts_total counter\n");
  for (int32_t i = 1; i < PX_METRIC_ALERTS; i++)
    (void)px_buf_printf(out, "pixazo_alerts_total{alert=\"%s\"} %lld\n", px_alert_name(i), (long long)get(&metrics->alerts[i]));
}

static void put_all(px_buf *out, const pixazo_metrics *metrics)
{
  static const px_metric_name attempts = {"attempts", "Paid calls by what became of them, counted once that is known."};
  static const px_metric_name generations = {"generations", "Generations by the state in which they were let go of."};
  static const px_metric_name pictures = {"pictures", "Pictures of accepted calls by what became of them."};
  static const px_metric_name costs = {"cost", "Cost of the counted calls, in units of the currency."};
  (void)px_buf_add_text(out, "# HELP pixazo_build_info The library that counts.\n# TYPE pixazo_build_info gauge\n"
                             "pixazo_build_info{version=\"" PIXAZO_VERSION_STRING "\"} 1\n");
  put_alerts(out, metrics);
  put_metric(out, metrics, &(metric){&attempts, "_total", "counter", put_attempts, 0});
  put_metric(out, metrics, &(metric){&generations, "_total", "counter", put_generations, 0});
  put_metric(out, metrics, &(metric){&pictures, "_total", "counter", put_pictures, 0});
  put_metric(out, metrics, &(metric){&costs, "_total", "counter", put_costs, 0});
  for (size_t i = 0; i < PX_COUNTS; i++)
    put_metric(out, metrics, &(metric){&px_count_names[i], "_total", "counter", put_count, i});
  for (size_t i = 0; i < PX_GAUGES; i++)
    put_metric(out, metrics, &(metric){&px_gauge_names[i], "", "gauge", put_gauge, i});
  for (size_t i = 0; i < PX_TIMES; i++)
    put_metric(out, metrics, &(metric){&px_time_names[i], "_seconds", "histogram", put_time, i});
}

pixazo_status pixazo_metrics_text(const pixazo_metrics *metrics, char **out, pixazo_error **error)
{
  PX_REQUIRE(metrics && out, error, "metrics or out is NULL");
  px_auto(px_buf) text = PX_BUF_INIT(TEXT_MAX);
  put_all(&text, metrics);
  if (text.over)
    return px_fail(error, PIXAZO_E_LIMIT, "the metrics have more than %d bytes", (int)TEXT_MAX);
  char *made = px_buf_steal(&text);
  if (!made)
    return px_fail_nomem(error);
  *out = made;
  return PIXAZO_OK;
}
