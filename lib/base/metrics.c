/* SPDX-License-Identifier: MIT */
#include "base/metrics.h"

#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/str.h"

enum { SERIES_MAX = 256, CURRENCIES_MAX = 8 };

/* Those which OpenTelemetry advises for calls of generative models, and two more for slow queues. */
const int64_t px_time_bounds_us[PX_TIME_BOUNDS] = {10000,   20000,   40000,    80000,    160000,   320000,   640000,    1280000,
                                                   2560000, 5120000, 10240000, 20480000, 40960000, 81920000, 163840000, 327680000};

const px_metric_name px_count_names[PX_COUNTS] = {
    [PX_COUNT_ADDED] = {"generations_added", "Generations that were added."},
    [PX_COUNT_RETRIES] = {"retries", "Paid calls that are tried again after a failure."},
    [PX_COUNT_POLLS] = {"polls", "Questions to the queue of a provider."},
    [PX_COUNT_WAITS] = {"gate_waits", "Calls that a rate limit or a slot made wait."},
    [PX_COUNT_DENIED] = {"budget_denials", "Calls that a budget did not allow."},
    [PX_COUNT_REPLAYED] = {"replayed", "Generations that were answered by an earlier equal one."},
    [PX_COUNT_JOINED] = {"joined", "Generations that waited for an equal one in flight."},
    [PX_COUNT_BYTES] = {"picture_bytes", "Bytes of the recorded originals."},
};

const px_metric_name px_gauge_names[PX_GAUGES] = {
    [PX_GAUGE_WAITING] = {"generations_waiting", "Generations that wait for their paid call."},
    [PX_GAUGE_IN_FLIGHT] = {"calls_in_flight", "Paid calls that are not answered yet."},
};

const px_metric_name px_time_names[PX_TIMES] = {
    [PX_TIME_QUEUE] = {"queue_wait", "From ready to sent."},
    [PX_TIME_PROVIDER] = {"provider", "From sent to the whole answer, the provider's own queue included."},
    [PX_TIME_DOWNLOAD] = {"download", "One picture from its link."},
    [PX_TIME_PROCESSING] = {"processing", "One picture from its bytes to its place in the store, with its renditions."},
    [PX_TIME_GENERATION] = {"generation", "From added to ended."},
};

static px_series *new_series(pixazo_metrics *metrics, const char *provider, const char *model)
{
  size_t head = strlen(provider) + 1;
  size_t tail = strlen(model) + 1;
  px_series *series = px_calloc(1, sizeof *series + head + tail);
  if (!series)
    return NULL;
  memcpy(series->text, provider, head);
  memcpy(series->text + head, model, tail);
  series->provider = series->text;
  series->model = series->text + head;
  series->metrics = metrics;
  return series;
}

static void free_series(px_series *series)
{
  px_cost_series *cost = series ? atomic_load(&series->costs) : NULL;
  while (cost) {
    px_cost_series *next = cost->next;
    px_free(cost);
    cost = next;
  }
  px_free(series);
}

pixazo_status pixazo_metrics_new(pixazo_metrics **out, pixazo_error **error)
{
  PX_REQUIRE(out, error, "out is NULL");
  pixazo_metrics *metrics = px_calloc(1, sizeof *metrics);
  if (!metrics)
    return px_fail_nomem(error);
  metrics->other = new_series(metrics, "other", "other");
  if (!metrics->other) {
    px_free(metrics);
    return px_fail_nomem(error);
  }
  atomic_init(&metrics->references, 1);
  atomic_init(&metrics->series, NULL);
  (void)pthread_mutex_init(&metrics->growing, NULL);
  *out = metrics;
  return PIXAZO_OK;
}

pixazo_metrics *pixazo_metrics_ref(pixazo_metrics *metrics)
{
  if (metrics)
    atomic_fetch_add_explicit(&metrics->references, 1, memory_order_relaxed);
  return metrics;
}

pixazo_metrics *pixazo_metrics_unref(pixazo_metrics *metrics)
{
  if (!metrics || atomic_fetch_sub_explicit(&metrics->references, 1, memory_order_acq_rel) != 1)
    return NULL;
  px_series *series = atomic_load(&metrics->series);
  while (series) {
    px_series *next = series->next;
    free_series(series);
    series = next;
  }
  free_series(metrics->other);
  (void)pthread_mutex_destroy(&metrics->growing);
  px_free(metrics);
  return NULL;
}

static px_series *find_series(pixazo_metrics *metrics, const char *provider, const char *model)
{
  px_series *series = atomic_load_explicit(&metrics->series, memory_order_acquire);
  while (series && (strcmp(series->provider, provider) != 0 || strcmp(series->model, model) != 0))
    series = series->next;
  return series;
}

static px_series *add_series(pixazo_metrics *metrics, const char *provider, const char *model)
{
  px_series *made = metrics->count < SERIES_MAX ? new_series(metrics, provider, model) : NULL;
  if (!made)
    return metrics->other;
  made->next = atomic_load_explicit(&metrics->series, memory_order_relaxed);
  atomic_store_explicit(&metrics->series, made, memory_order_release);
  metrics->count++;
  return made;
}

px_series *px_metrics_series(pixazo_metrics *metrics, const char *provider, const char *model)
{
  if (!metrics)
    return NULL;
  px_series *found = find_series(metrics, provider, model);
  if (found)
    return found;
  (void)pthread_mutex_lock(&metrics->growing);
  found = find_series(metrics, provider, model); /* another thread may have been faster */
  if (!found)
    found = add_series(metrics, provider, model);
  (void)pthread_mutex_unlock(&metrics->growing);
  return found;
}

static void add(px_number *number, int64_t amount)
{
  atomic_fetch_add_explicit(number, amount, memory_order_relaxed);
}

void px_series_attempt(px_series *series, int32_t attempt_class)
{
  if (series && attempt_class > 0 && attempt_class < PX_METRIC_CLASSES)
    add(&series->attempts[attempt_class], 1);
}

void px_series_generation(px_series *series, int32_t state)
{
  if (series && state > 0 && state < PX_METRIC_STATES)
    add(&series->generations[state], 1);
}

void px_series_picture(px_series *series, int32_t state, int64_t bytes)
{
  if (!series || state <= 0 || state >= PX_METRIC_PICTURES)
    return;
  add(&series->pictures[state], 1);
  if (bytes > 0)
    add(&series->counts[PX_COUNT_BYTES], bytes);
}

void px_series_count(px_series *series, px_count count)
{
  if (series)
    add(&series->counts[count], 1);
}

void px_series_gauge(px_series *series, px_gauge gauge, int64_t change)
{
  if (series)
    add(&series->gauges[gauge], change);
}

void px_series_time(px_series *series, px_time time, int64_t duration_us)
{
  int64_t duration = duration_us > 0 ? duration_us : 0;
  size_t bucket = 0;
  if (!series)
    return;
  while (bucket < PX_TIME_BOUNDS && duration > px_time_bounds_us[bucket])
    bucket++;
  add(&series->times[time].sum_us, duration);
  add(&series->times[time].buckets[bucket], 1);
}

static px_cost_series *find_cost(px_series *series, const char *currency, size_t *count)
{
  px_cost_series *cost = atomic_load_explicit(&series->costs, memory_order_acquire);
  for (*count = 0; cost && strcmp(cost->currency, currency) != 0; cost = cost->next)
    ++*count;
  return cost;
}

static px_cost_series *add_cost(px_series *series, const char *currency)
{
  size_t size = strlen(currency) + 1;
  px_cost_series *made = px_calloc(1, sizeof *made + size);
  if (!made)
    return NULL;
  memcpy(made->currency, currency, size);
  made->next = atomic_load_explicit(&series->costs, memory_order_relaxed);
  atomic_store_explicit(&series->costs, made, memory_order_release);
  return made;
}

static px_cost_series *cost_of(px_series *series, const char *currency)
{
  size_t count = 0;
  px_cost_series *found = find_cost(series, currency, &count);
  if (found)
    return found;
  (void)pthread_mutex_lock(&series->metrics->growing);
  found = find_cost(series, currency, &count);
  if (!found && count < CURRENCIES_MAX)
    found = add_cost(series, currency);
  (void)pthread_mutex_unlock(&series->metrics->growing);
  return found;
}

void px_series_cost(px_series *series, const char *currency, int32_t confidence, int64_t micros)
{
  if (!series || micros <= 0 || confidence < 0 || confidence >= PX_METRIC_CONFIDENCES)
    return;
  px_cost_series *cost = cost_of(series, px_str_empty(currency) ? "USD" : currency);
  if (cost)
    add(&cost->micros[confidence], micros);
}

void px_metrics_alert(pixazo_metrics *metrics, int32_t alert)
{
  if (metrics && alert > 0 && alert < PX_METRIC_ALERTS)
    add(&metrics->alerts[alert], 1);
}

const char *px_alert_name(int32_t alert)
{
  static const char *const names[PX_METRIC_ALERTS] = {"unknown", "failures", "slow", "budget", "journal", "space"};
  return alert > 0 && alert < PX_METRIC_ALERTS ? names[alert] : names[0];
}

void px_series_call(px_series *series, const px_measured_call *call)
{
  px_series_attempt(series, call->attempt_class);
  if (call->charge == PIXAZO_CHARGE_CHARGED || call->charge == PIXAZO_CHARGE_UNKNOWN)
    px_series_cost(series, call->currency, call->confidence, call->cost_micros);
  if (call->attempt_class != PIXAZO_CLASS_NOT_SENT && call->duration_us > 0)
    px_series_time(series, PX_TIME_PROVIDER, call->duration_us);
}

bool px_series_is_used(const px_series *series)
{
  for (size_t i = 0; i < PX_COUNTS; i++) {
    if (atomic_load(&series->counts[i]) != 0)
      return true;
  }
  for (size_t i = 0; i < PX_METRIC_CLASSES; i++) {
    if (atomic_load(&series->attempts[i]) != 0)
      return true;
  }
  return false;
}
