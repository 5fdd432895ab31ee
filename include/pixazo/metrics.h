/* SPDX-License-Identifier: MIT */
/**
 * @file metrics.h
 * Counters, gauges and durations of everything a client and its pipelines do.
 *
 * A client has metrics from the start (pixazo_client_metrics()); several clients count together when they are given the
 * same object in their options. Counting takes no lock and never fails: what finds no memory, and every model behind the
 * 256th, is counted under provider and model "other". docs/observability.md lists all names; they are stable.
 */
#ifndef PIXAZO_METRICS_H
#define PIXAZO_METRICS_H

#include <pixazo/api.h>
#include <pixazo/error.h>

PIXAZO_BEGIN_DECLS

/** Metrics; counted; any thread. */
typedef struct pixazo_metrics pixazo_metrics;

/**
 * Makes metrics that count from zero.
 * @param[out] out owned, pixazo_metrics_unref
 * @return PIXAZO_OK, PIXAZO_E_ARGUMENT, PIXAZO_E_NOMEM. @since 0.1
 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status pixazo_metrics_new(pixazo_metrics **out, pixazo_error **error);

/** One more reference; returns @p metrics. @since 0.1 */
PIXAZO_API pixazo_metrics *pixazo_metrics_ref(pixazo_metrics *metrics);

/** Drops one reference; NULL is allowed; always returns NULL. @since 0.1 */
PIXAZO_API pixazo_metrics *pixazo_metrics_unref(pixazo_metrics *metrics);

/**
 * The metrics in the text exposition format of Prometheus, version 0.0.4: answer a scrape with it and the content type
 * "text/plain; version=0.0.4; charset=utf-8".
 * @param[out] out owned, pixazo_free
 * @return PIXAZO_OK, PIXAZO_E_ARGUMENT, PIXAZO_E_NOMEM, PIXAZO_E_LIMIT (over 16 MiB). @since 0.1
 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status pixazo_metrics_text(const pixazo_metrics *metrics, char **out, pixazo_error **error);

/**
 * The same numbers as one JSON object with "schema": 1: "bounds_us" (upper bounds of the buckets of all durations) and
 * "series", one object per provider and model.
 * @param[out] out owned, pixazo_free
 * @return as pixazo_metrics_text(). @since 0.1
 */
PIXAZO_API PIXAZO_MUST_CHECK pixazo_status
pixazo_metrics_to_json(const pixazo_metrics *metrics, char **out, pixazo_error **error);

PIXAZO_END_DECLS

#endif
