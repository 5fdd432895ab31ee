/* SPDX-License-Identifier: MIT */
/* Numbers that only grow, numbers that go up and down, and durations in buckets: one series per provider and model.
 * Adding is one relaxed atomic operation and never fails; a series never goes before its metrics do. */
#ifndef PX_BASE_METRICS_H
#define PX_BASE_METRICS_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pixazo/metrics.h>

/* Arrays are indexed by PIXAZO_CLASS_*, PIXAZO_GENERATION_*, PIXAZO_IMAGE_* and PIXAZO_CONFIDENCE_*. */
enum { PX_METRIC_CLASSES = 9, PX_METRIC_STATES = 10, PX_METRIC_PICTURES = 5, PX_METRIC_CONFIDENCES = 5, PX_METRIC_ALERTS = 6 };

typedef enum px_count {
  PX_COUNT_ADDED,
  PX_COUNT_RETRIES,
  PX_COUNT_POLLS,
  PX_COUNT_WAITS,  /* the gate said: later */
  PX_COUNT_DENIED, /* the gate said: no budget */
  PX_COUNT_REPLAYED,
  PX_COUNT_JOINED,
  PX_COUNT_BYTES,
  PX_COUNTS
} px_count;

typedef enum px_gauge { PX_GAUGE_WAITING, PX_GAUGE_IN_FLIGHT, PX_GAUGES } px_gauge;

typedef enum px_time {
  PX_TIME_QUEUE,
  PX_TIME_PROVIDER,
  PX_TIME_DOWNLOAD,
  PX_TIME_PROCESSING,
  PX_TIME_GENERATION,
  PX_TIMES
} px_time;

enum { PX_TIME_BOUNDS = 16 };
extern const int64_t px_time_bounds_us[PX_TIME_BOUNDS];

typedef _Atomic int64_t px_number;

typedef struct px_histogram {
  px_number buckets[PX_TIME_BOUNDS + 1]; /* not cumulative; the last one has no bound */
  px_number sum_us;
} px_histogram;

/* What was paid in one currency, by confidence. */
typedef struct px_cost_series {
  struct px_cost_series *next;
  px_number micros[PX_METRIC_CONFIDENCES];
  char currency[];
} px_cost_series;

typedef struct px_series {
  struct px_series *next;
  const char *provider;
  const char *model;
  px_number attempts[PX_METRIC_CLASSES];
  px_number generations[PX_METRIC_STATES];
  px_number pictures[PX_METRIC_PICTURES];
  px_number counts[PX_COUNTS];
  px_number gauges[PX_GAUGES];
  px_histogram times[PX_TIMES];
  _Atomic(px_cost_series *) costs;
  struct pixazo_metrics *metrics;
  char text[]; /* provider and model */
} px_series;

struct pixazo_metrics {
  atomic_uint references;
  _Atomic(px_series *) series; /* newest first; only ever grows at the head */
  px_series *other;
  px_number alerts[PX_METRIC_ALERTS];
  pthread_mutex_t growing; /* taken to add a series or a currency, never to count */
  size_t count;            /* under it */
};

/* Finds or makes the series; NULL only for NULL. */
px_series *px_metrics_series(pixazo_metrics *metrics, const char *provider, const char *model);

/* All of these take NULL and ignore numbers that are not of their kind. */
void px_series_attempt(px_series *series, int32_t attempt_class);
void px_series_generation(px_series *series, int32_t state);
void px_series_picture(px_series *series, int32_t state, int64_t bytes);
void px_series_count(px_series *series, px_count count);
void px_series_gauge(px_series *series, px_gauge gauge, int64_t change);
void px_series_time(px_series *series, px_time time, int64_t duration_us); /* negative counts as 0 */
void px_series_cost(px_series *series, const char *currency, int32_t confidence, int64_t micros);
/* One call whose outcome is known: its class, and what it cost where something was or may be charged. */
typedef struct px_measured_call {
  int32_t attempt_class;
  int32_t charge;
  int32_t confidence;
  const char *currency;
  int64_t cost_micros;
  int64_t duration_us; /* 0: not known */
} px_measured_call;
void px_series_call(px_series *series, const px_measured_call *call);
void px_metrics_alert(pixazo_metrics *metrics, int32_t alert); /* PIXAZO_ALERT_* */
/* Whether anything was ever counted in it. */
bool px_series_is_used(const px_series *series);

/* What both forms of output call things. */
typedef struct px_metric_name {
  const char *name; /* in JSON; with pixazo_ before it and _total or _seconds behind it in text */
  const char *help;
} px_metric_name;
extern const px_metric_name px_count_names[PX_COUNTS];
extern const px_metric_name px_gauge_names[PX_GAUGES];
extern const px_metric_name px_time_names[PX_TIMES];
/* "failures" and so on; "unknown". */
const char *px_alert_name(int32_t alert);

#endif
